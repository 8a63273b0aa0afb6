//! The vocabulary of control: one for pages, files, tests and the control API.
//!
//! A fault is data: what, where, how long. It heals by itself after `for` milliseconds, or when it is told to. Faults
//! may overlap; what is broken is broken until the last of them is healed.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::config::Side;

/// What breaks, and what a client then sees. Where `side` may be left out it means both sides; where `agent` may be
/// left out it means everyone there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The open sockets of `agent` (or of everyone) on `side` are reset once: close code 1006. A new one works at
    /// once. Open requests to `/http-bind/` are reset, too, but their sessions live on. Over at once; `for` has no
    /// meaning.
    SocketCut,
    /// The network of the client behind `/as/AGENT` is lost, to one side or both. Nothing passes, sockets stay open, new
    /// connects and requests hang. What TCP held comes after healing, in order. `as` `timeout`: requests alone hang, to
    /// `/http-bind/` as to the web app.
    /// Needs `agent`.
    NetworkLost,
    /// The network to a side is lost, for everyone: as `network-lost`.
    SideSilent,
    /// The notification service is stopped: sockets are reset, new ones refused (1006). REST lives; `reads` says what
    /// SystemInfo reads meanwhile (`in` by default, or `out`). Healed, it accepts at once, and `finesse` signs in half
    /// a second later. Nodes, subscriptions and stored notifications survive; sessions over BOSH do not.
    NotificationServiceDown,
    /// The notification service is frozen (SIGSTOP): sockets stay, nothing on them is answered, new ones hang. All that
    /// was sent meanwhile is answered after healing. REST lives; `reads` as above.
    NotificationServiceFrozen,
    /// Tomcat is stopped: REST answers as `as` says (`refused` by default, `timeout`, `502`, `503`), and the presence
    /// of `finesse` is unavailable. Sockets stay open and new ones open. Healed, `finesse` is available at once, reads
    /// are 503 while the web app starts, then comes the IN_SERVICE notice.
    TomcatDown,
    /// The web app is stopped: REST answers 404 with HTML, the presence of `finesse` is unavailable. Heals as
    /// `tomcat-down`.
    WebAppDown,
    /// CTI is lost: an OUT_OF_SERVICE notice, SystemInfo reads OUT_OF_SERVICE with a failed heartbeat, all else in REST
    /// is 503, state changes are not published. Healed: an IN_SERVICE notice, then the states as they are.
    CtiLost,
    /// The machine is gone, with all that is on it. `as` `refused` (default): sockets reset, all connects refused. `as`
    /// `silent`: sockets stay, nothing passes; when the machine is back, old sockets are reset.
    NodeDown,
    /// SystemInfo reads finesseMMode IN_PROGRESS, and a notice says so. All else works.
    Maintenance,
    /// The round trip to `side`, or of the client behind `/as/AGENT`, takes `ms` more (default 400).
    Latency,
    /// Nonsense of the kind that `kind` names. Needs `kind`. The kinds that are frames come once, on every open socket
    /// that `side` and `agent` choose, and as they are in a `<body/>` of every session over BOSH; `html` and
    /// `foreign-host` last until healed.
    Garbage,
    /// A frame of 10 MB comes once, on every open socket that `side` and `agent` choose, or in a `<body/>` over BOSH.
    Oversized,
    /// Someone signs in with the same full JID as each session of `agent`: it gets the stream error `conflict`. The
    /// other one stays until healed, or until someone takes the JID back. Needs `agent`. `as` `ghost`: the sockets break
    /// and the service does not notice; the dead sessions keep their JIDs until healed, and `bind` answers `conflict`.
    Conflict,
    /// The password and the tokens of `agent` (or of everyone) are wrong: SASL `not-authorized`, REST 401. The fifth
    /// refusal in a row locks the agent out of both sides for five minutes.
    PasswordRefused,
    /// The tokens that `agent` (or everyone) was given so far have expired: refused as above, on both sides. Those that
    /// are given later are good, and open sessions go on. Over at once; `for` has no meaning.
    TokenExpired,
    /// The web app takes `for` milliseconds to start: reads are 503 (`as` `503`, default) or OUT_OF_SERVICE (`as`
    /// `out`). While another fault of the side lasts it waits, and begins when that is healed; else it begins at once.
    SlowStart,
    /// Signing in to the notification service fails with `temporary-auth-failure`, while SystemInfo reads IN_SERVICE.
    LoginRefused,
    /// New sessions are not told the presence of `finesse`, while SystemInfo reads IN_SERVICE. Healed, they are told,
    /// unless `as` is `untold`: then only newer sessions are.
    PresenceMissing,
    /// No WebSocket opens, of the client behind `/as/AGENT` or of anyone; open ones stay. `as` `refused` (default):
    /// 1006 at once. `as` `stripped`: a proxy takes the upgrade out and the server answers 200, which the client sees
    /// as 1006. `as` `silent`: it never opens.
    WebsocketBlocked,
    /// The service forgets the sessions over BOSH of `agent` (or of everyone) without a word: a held request comes back
    /// empty, the next one gets 404, the agent is unavailable. Over at once; `for` has no meaning.
    BoshSessionLost,
    /// No request to `/http-bind/` gets through, of the client behind `/as/AGENT` or of anyone. `as` `refused` (default):
    /// reset at once. `as` `silent`: never answered.
    BoshBlocked,
    /// A proxy answers every request to `/http-bind/` with an error, `as` `502` (default), `503` or `500`. The service
    /// does not see them.
    BoshError,
    /// Every answer of `/http-bind/` is lost on the way: the request is reset once the service has answered it. Asked
    /// again, the service gives the answer again, if there was anything in it.
    BoshResponseLost,
    /// Every second request to `/http-bind/` (those with an odd `rid`) is `ms` late (default 50), so that the next may
    /// overtake it.
    BoshRequestReordered,
    /// A proxy answers 504 to every request to `/http-bind/` that is held for longer than `ms` (default 10,000). The
    /// service does not hear of that, and answers into the void.
    BoshWaitCut,
    /// The service takes the sessions over BOSH of `agent` (or of everyone) for impatient: a held request, or else the
    /// next, is answered `terminate` with `policy-violation`, and the session is over. Over at once; `for` has no
    /// meaning.
    OverActivity,
    /// Notifications of both sides bear no `requestId`, as those of task routing never do.
    RequestIdsLost,
    /// Of two notifications of one node that come to `agent` (or to anyone) within 10 ms the later one comes first, as
    /// from newer Openfires. One alone is 10 ms late.
    NotificationsSwapped,
    /// Every second notification to `agent` (or to anyone) comes `ms` late (default 43,000), after newer ones and into
    /// whatever session there is then. `as` `stored`: it comes with a stamp. Those kept back when it is healed still
    /// come in their time.
    NotificationsLate,
    /// Pages may not read what is answered, the web app's nor the notification service's: `utils finesse cors disable`, or
    /// an origin that is not on the list. Of the client behind `/as/AGENT`, or of anyone.
    CorsDisabled,
    /// The clock of `side` is `ms` ahead (default 600,000), in SystemInfo and in whatever else it tells a time. `as`
    /// `behind`: as much behind.
    ClockSkew,
}

/// The manner in which something is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// Connections are refused or reset.
    Refused,
    /// Connections are accepted and never answered.
    Timeout,
    /// A proxy in front answers 502 with HTML.
    #[serde(rename = "502")]
    BadGateway,
    /// 503.
    #[serde(rename = "503")]
    Unavailable,
    /// 500.
    #[serde(rename = "500")]
    ServerError,
    /// A proxy passes the request on without its upgrade.
    Stripped,
    /// Nothing answers, nothing is refused.
    Silent,
    /// SystemInfo reads OUT_OF_SERVICE.
    Out,
    /// Old sessions are not told that it healed.
    Untold,
    /// With the time at which it was kept back.
    Stored,
    /// Sessions outlive their sockets, and newcomers are refused.
    Ghost,
    /// Late, not early.
    Behind,
}

/// Kinds of nonsense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Garbage {
    /// A frame: a stanza cut in half.
    HalfStanza,
    /// A frame: a DOCTYPE with an entity that grows.
    Doctype,
    /// A frame: 10,000 nested elements.
    Nested,
    /// A frame: a NUL character in a message.
    Nul,
    /// A frame: no XML at all.
    NotXml,
    /// A frame: a good notification about an object that nobody knows.
    UnknownObject,
    /// A frame: a notification whose payload is not an `Update`.
    BadUpdate,
    /// REST answers everything with 200 and HTML.
    Html,
    /// SystemInfo names a foreign host as its nodes and XMPP domain.
    ForeignHost,
}

impl Garbage {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::HalfStanza,
        Self::Doctype,
        Self::Nested,
        Self::Nul,
        Self::NotXml,
        Self::UnknownObject,
        Self::BadUpdate,
        Self::Html,
        Self::ForeignHost,
    ];

    /// Whether it lasts until healed; the others come once.
    #[must_use]
    pub fn lasts(self) -> bool {
        matches!(self, Self::Html | Self::ForeignHost)
    }
}

/// What SystemInfo reads while the notification service is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// IN_SERVICE.
    In,
    /// OUT_OF_SERVICE.
    Out,
}

/// One fault, as `POST /simulator/faults` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// What breaks.
    pub fault: Fault,
    /// Where; both sides if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// For whom; everyone if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// For how many milliseconds; until healed if left out.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<u64>,
    /// In which manner: `tomcat-down`, `node-down`, `slow-start`, `presence-missing`, `conflict`,
    /// `network-lost`, `websocket-blocked`, `bosh-blocked`, `bosh-error`, `notifications-late`, `clock-skew`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub manner: Option<Manner>,
    /// Which nonsense: `garbage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Garbage>,
    /// How many milliseconds more: `latency`, `bosh-request-reordered`, `notifications-late`, `clock-skew`; after how many:
    /// `bosh-wait-cut`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// What SystemInfo reads: `notification-service-down`, `notification-service-frozen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<Reads>,
}

impl FaultSpec {
    /// This fault, on both sides, for everyone, until healed.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { fault, side: None, agent: None, lasts: None, manner: None, kind: None, ms: None, reads: None }
    }

    /// On one side.
    #[must_use]
    pub fn on(self, side: Side) -> Self {
        Self { side: Some(side), ..self }
    }

    /// For one agent.
    #[must_use]
    pub fn of(self, agent: &str) -> Self {
        Self { agent: Some(agent.into()), ..self }
    }

    /// For so many milliseconds.
    #[must_use]
    pub fn lasting(self, ms: u64) -> Self {
        Self { lasts: Some(ms), ..self }
    }

    /// In this manner.
    #[must_use]
    pub fn by(self, manner: Manner) -> Self {
        Self { manner: Some(manner), ..self }
    }

    /// With this nonsense.
    #[must_use]
    pub fn with(self, kind: Garbage) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Whether it concerns this side.
    #[must_use]
    pub fn concerns(&self, side: Side) -> bool {
        self.side.is_none_or(|named| named == side)
    }

    /// Whether what is asked makes sense.
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        let missing = |what| Err(ControlError::Missing { fault: self.fault, what });
        match self.fault {
            Fault::NetworkLost | Fault::Conflict if self.agent.is_none() => return missing("agent"),
            Fault::Garbage if self.kind.is_none() => return missing("kind"),
            _ => {}
        }
        let allowed: &[Manner] = match self.fault {
            Fault::TomcatDown => &[Manner::Refused, Manner::Timeout, Manner::BadGateway, Manner::Unavailable],
            Fault::NodeDown => &[Manner::Refused, Manner::Silent],
            Fault::SlowStart => &[Manner::Unavailable, Manner::Out],
            Fault::PresenceMissing => &[Manner::Untold],
            Fault::Conflict => &[Manner::Ghost],
            Fault::NetworkLost => &[Manner::Timeout],
            Fault::NotificationsLate => &[Manner::Stored],
            Fault::WebsocketBlocked => &[Manner::Refused, Manner::Stripped, Manner::Silent],
            Fault::BoshBlocked => &[Manner::Refused, Manner::Silent],
            Fault::ClockSkew => &[Manner::Behind],
            Fault::BoshError => &[Manner::BadGateway, Manner::Unavailable, Manner::ServerError],
            _ => &[],
        };
        match self.manner {
            Some(manner) if !allowed.contains(&manner) => {
                Err(ControlError::Manner { fault: self.fault, manner })
            }
            _ => Ok(()),
        }
    }
}

/// What to do with an agent's call or task, as `POST /simulator/calls` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// Whose call or task.
    pub agent: String,
    /// What happens.
    #[serde(rename = "do")]
    pub step: CallStep,
}

/// What happens to a call, or to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallStep {
    /// A customer calls the agent.
    Ring,
    /// The agent answers at the phone.
    Answer,
    /// The customer hangs up.
    End,
    /// A task is offered to the agent, in the first medium in which the agent is ready.
    Offer,
    /// The agent takes the task.
    Accept,
    /// The agent begins with it.
    Start,
    /// The agent ends it.
    Close,
}

/// What someone else does to an agent, as `POST /simulator/agents` takes it: a supervisor, the system, another desktop of
/// the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSpec {
    /// To whom.
    pub agent: String,
    /// What happens.
    #[serde(rename = "do")]
    pub step: AgentStep,
    /// With which reason code of the system (999 the supervisor, 50004 inactivity, …); none if left out. A forced logout
    /// has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
}

/// What happens to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentStep {
    /// Logged out.
    Logout,
    /// Made Not Ready.
    NotReady,
    /// Made Ready.
    Ready,
    /// Put into wrap-up.
    Work,
    /// Another desktop of the agent sends the forced logout, as when its SSO refresh token has expired.
    ForcedLogout,
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlError {
    /// The fault needs a field that was not given.
    Missing {
        /// This fault.
        fault: Fault,
        /// This field.
        what: &'static str,
    },
    /// The fault has no such manner.
    Manner {
        /// This fault.
        fault: Fault,
        /// What was asked.
        manner: Manner,
    },
    /// There is no such agent.
    UnknownAgent(String),
    /// The call cannot do that now.
    Call(&'static str),
    /// The agent cannot be put into that state now.
    Agent(&'static str),
    /// The pair has one node only.
    SingleNode,
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { fault, what } => write!(f, "{fault:?} needs \"{what}\""),
            Self::Manner { fault, manner } => write!(f, "{fault:?} cannot be played as {manner:?}"),
            Self::UnknownAgent(id) => write!(f, "there is no agent {id}"),
            Self::Call(why) | Self::Agent(why) => f.write_str(why),
            Self::SingleNode => f.write_str("this pair has no side B"),
        }
    }
}

impl std::error::Error for ControlError {}
