//! The whole truth about a world, as `GET /simulator/world` gives it. Times are simulated milliseconds.

use serde::Serialize;

use crate::config::Side;
use crate::control::FaultSpec;

/// The state of everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it was made.
    pub now: u64,
    /// The same as the servers' time of day, in milliseconds since 1970.
    pub time: u64,
    /// The servers.
    pub sides: Vec<SideReport>,
    /// The agents, as CTI knows them.
    pub agents: Vec<AgentReport>,
    /// Who is connected where.
    pub sessions: Vec<SessionReport>,
    /// The newest sessions that ended, oldest first; not those that a service took with it when it stopped.
    pub endings: Vec<EndingReport>,
    /// What is broken now.
    pub faults: Vec<FaultReport>,
    /// The newest requests that reached a web app, oldest first.
    pub requests: Vec<RequestReport>,
    /// The newest sign-ins and requests that were refused for their credentials, oldest first.
    pub refusals: Vec<RefusalReport>,
    /// What CTI made of the newest requests that bear a `requestId`, oldest first.
    pub wishes: Vec<WishReport>,
    /// The newest changes of agents, oldest first.
    pub changes: Vec<ChangeReport>,
    /// The newest forced logouts, oldest first.
    pub forced_logouts: Vec<ForcedLogout>,
    /// How often what happened since the beginning.
    pub counts: Counts,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SideReport {
    /// Which.
    pub side: Side,
    /// What SystemInfo would read now: `in`, `out` or `none` (no answer, or none that says it).
    pub reads: &'static str,
    /// Whether the notification service accepts sign-ins.
    pub notification_service: bool,
    /// Whether `finesse` is signed in to it.
    pub finesse: bool,
    /// Open sockets, signed in or not.
    pub sockets: usize,
}

/// One agent, as CTI knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentReport {
    /// The id.
    pub id: String,
    /// `LOGOUT`, `NOT_READY`, …
    pub state: &'static str,
    /// The reason code of that state.
    pub reason_code: Option<u32>,
    /// When it began, in milliseconds since 1970.
    pub state_change_time: u64,
    /// Where the agent signed in; empty when logged out.
    pub extension: String,
    /// The sides that see the agent's presence.
    pub present_on: Vec<Side>,
    /// Whether wrong passwords have locked the agent out.
    pub locked: bool,
    /// The agent's calls.
    pub dialogs: Vec<DialogReport>,
    /// The agent in media beside voice.
    pub media: Vec<MediumReport>,
    /// The agent's tasks.
    pub tasks: Vec<TaskReport>,
}

/// An agent in one medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MediumReport {
    /// The id of the media routing domain.
    pub id: String,
    /// `LOGOUT`, `NOT_READY`, …
    pub state: &'static str,
    /// Tasks at the same time, as each side has it.
    pub max_dialog_limit: [u32; 2],
}

/// One task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskReport {
    /// The id.
    pub id: String,
    /// The id of its medium.
    pub medium: String,
    /// `OFFERED`, `ACTIVE`, …
    pub state: &'static str,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DialogReport {
    /// The id.
    pub id: String,
    /// `ALERTING`, `ACTIVE`, …
    pub state: &'static str,
    /// The agent's own state in it: `ALERTING`, `ACTIVE`, `HELD`, …
    pub participant: &'static str,
}

/// One XMPP session of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionReport {
    /// Where.
    pub side: Side,
    /// Whose.
    pub agent: String,
    /// Its resource.
    pub resource: String,
    /// What carries it: `websocket` or `bosh`.
    pub transport: &'static str,
    /// Its socket; none over BOSH, or when the fault `conflict` put it there.
    pub socket: Option<u64>,
    /// The client prefix of the socket, or of the request that made the session.
    pub client: String,
    /// Since when.
    pub since: u64,
    /// Whether it sent its presence.
    pub available: bool,
    /// When it last sent anything.
    pub heard: u64,
}

/// How an XMPP session of an agent ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndingReport {
    /// When.
    pub at: u64,
    /// Where.
    pub side: Side,
    /// Whose.
    pub agent: String,
    /// Whether it took its presence back and closed its stream.
    pub goodbye: bool,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultReport {
    /// Its number.
    pub id: u64,
    /// Since when.
    pub since: u64,
    /// Until when, where that is settled.
    pub until: Option<u64>,
    /// What it is.
    #[serde(flatten)]
    pub spec: FaultSpec,
}

/// One request that reached a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestReport {
    /// When.
    pub at: u64,
    /// Where.
    pub side: Side,
    /// From whom.
    pub client: String,
    /// `GET`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// What was answered; 0 when the connection was refused or never answered.
    pub status: u16,
    /// Whether credentials came with it.
    pub credentials: bool,
}

/// One refusal of credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalReport {
    /// When.
    pub at: u64,
    /// Where.
    pub side: Side,
    /// Whose, as the client said.
    pub agent: String,
    /// `rest` or `xmpp`.
    pub over: &'static str,
}

/// What CTI made of one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WishReport {
    /// When.
    pub at: u64,
    /// Its `requestId`.
    pub request: String,
    /// Why it was refused; none where it was carried out.
    pub error: Option<&'static str>,
}

/// One forced logout that was sent to CTI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForcedLogout {
    /// When.
    pub at: u64,
    /// By which side.
    pub side: Side,
    /// Whom.
    pub agent: String,
}

/// One change that CTI told of, as every side that was well published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeReport {
    /// When.
    pub at: u64,
    /// Of what: a path below `/finesse/api/`.
    pub object: String,
    /// `POST`, `PUT`, `DELETE`.
    pub event: &'static str,
    /// Its state then.
    pub state: &'static str,
    /// Of an agent: the state asked for after the call.
    pub pending: Option<&'static str>,
    /// Of an agent: the reason.
    pub reason_code: Option<u32>,
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Requests that reached a web app.
    pub requests: u64,
    /// SystemInfo reads among them.
    pub reads: u64,
    /// Sockets accepted.
    pub sockets: u64,
    /// XMPP sign-ins tried.
    pub logins: u64,
    /// Credentials refused.
    pub refusals: u64,
    /// Notifications published, by each side.
    pub publications: u64,
    /// Forced logouts sent.
    pub forced_logouts: u64,
    /// What went over BOSH.
    pub bosh: BoshCounts,
}

/// What went over BOSH. A good client never does any of the last three; they are counted where requests leave it, so
/// that no fault on the way is blamed on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BoshCounts {
    /// Requests sent by clients, whatever became of them.
    pub requests: u64,
    /// Sessions created.
    pub sessions: u64,
    /// Sessions that the service ended with a `terminate` of its own.
    pub broken_off: u64,
    /// Requests while two others of the session were open.
    pub crowds: u64,
    /// Empty requests less than five seconds after another empty one, while a request of the session was open.
    pub hasty: u64,
    /// Requests whose `rid` left a number out.
    pub holes: u64,
}
