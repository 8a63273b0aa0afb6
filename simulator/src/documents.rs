//! Finesse's documents: SystemInfo, User, Dialog, the Update envelope and errors, with all fields that clients ask for
//! (facts 1.2, 3.4, 3.5, 11).

use std::fmt::Write;

use crate::config::{Config, Deployment, Side};
use crate::cti::{Agent, CtiError, Dialog, State, system_reason};
use crate::tasks::{Medium, Task};
use crate::xml::{escape, field, stamp};

/// What a SystemInfo document says beyond the configuration.
pub(crate) struct Status {
    pub(crate) now: u64,
    /// The time of day at simulated time 0, by the side's clock.
    pub(crate) epoch: u64,
    pub(crate) in_service: bool,
    /// When CTI last answered a heartbeat, and whether it still does.
    pub(crate) heartbeat: u64,
    pub(crate) heartbeat_well: bool,
    /// Since when maintenance goes on.
    pub(crate) maintenance: Option<u64>,
    /// The fault `garbage` of kind `foreign-host`.
    pub(crate) foreign: bool,
}

/// A host that is nobody's.
const FOREIGN: &str = "finesse.attacker.example";

/// SystemInfo, as 12.6(2) gives it; `root` is `SystemInfo` in REST and `systemInfo` in notifications.
pub(crate) fn system_info(config: &Config, side: Side, status: &Status, root: &str) -> String {
    let express = config.deployment == Deployment::Uccx;
    let mut out = format!("<{root}>");
    field(&mut out, "currentTimestamp", &stamp(status.epoch + status.now));
    field(&mut out, "deploymentType", if express { "UCCX" } else { "UCCE" });
    field(&mut out, "lastCTIHeartbeatStatus", if status.heartbeat_well { "success" } else { "failure" });
    field(&mut out, "lastSuccessCTIHeartbeatTime", &(status.epoch + status.heartbeat).to_string());
    field(&mut out, "ctiVersion", "24");
    field(&mut out, "ctiHeartbeatInterval", "2");
    if !config.before_12_6 {
        maintenance(&mut out, status);
    }
    field(&mut out, "license", if express { "PREMIUM" } else { "" });
    if !express {
        field(&mut out, "peripheralId", "5000");
    }
    let host = |own: &str| if status.foreign { FOREIGN.to_owned() } else { own.to_owned() };
    let port = |port| (!config.before_12_6).then_some(port);
    node(&mut out, "primaryNode", &host(&config.host_a), port(config.port_a));
    if !config.single_node {
        node(&mut out, "secondaryNode", &host(&config.host_b), port(config.port_b));
    }
    field(&mut out, "status", if status.in_service { "IN_SERVICE" } else { "OUT_OF_SERVICE" });
    field(&mut out, "statusReason", "");
    field(&mut out, "systemAuthMode", "NON_SSO");
    field(&mut out, "timezoneOffset", "0");
    field(&mut out, "uri", "/finesse/api/SystemInfo");
    let domain = host(config.domain(side));
    field(&mut out, "xmppDomain", &domain);
    field(&mut out, "xmppPubSubDomain", &format!("pubsub.{domain}"));
    // Writing into a String cannot fail.
    let _ = write!(
        out,
        "<ctiServers><ctiServer><host>pg-a</host><connectedDuration>{}</connectedDuration><active>{}</active></ctiServer></ctiServers></{root}>",
        status.heartbeat / 1_000,
        status.heartbeat_well
    );
    out
}

fn maintenance(out: &mut String, status: &Status) {
    field(out, "ctiMMode", "");
    field(out, "ctiTimeInMMode", "-1");
    field(out, "finesseMMode", if status.maintenance.is_some() { "IN_PROGRESS" } else { "" });
    let seconds = status.maintenance.map(|since| (status.now.saturating_sub(since) / 1_000).to_string());
    field(out, "finesseTimeInMMode", seconds.as_deref().unwrap_or("-1"));
}

/// A node, with its ports where the version tells them.
fn node(out: &mut String, name: &str, host: &str, port: Option<u16>) {
    let ports = port.map(|port| {
        format!("<httpsPort>{port}</httpsPort><xmppPort>5222</xmppPort><xmppSecurePort>5223</xmppSecurePort>")
    });
    // Writing into a String cannot fail.
    let _ = write!(out, "<{name}><host>{}</host>{}</{name}>", escape(host), ports.unwrap_or_default());
}

/// A User; `root` is `User` in REST and `user` in notifications.
pub(crate) fn user(agent: &Agent, epoch_ms: u64, root: &str) -> String {
    let uri = format!("/finesse/api/User/{}", agent.id);
    let mut out = format!("<{root}>");
    field(&mut out, "dialogs", &format!("{uri}/Dialogs"));
    field(&mut out, "extension", &agent.extension);
    field(&mut out, "firstName", "Agent");
    field(&mut out, "lastName", &agent.id);
    field(&mut out, "loginId", &agent.id);
    field(&mut out, "loginName", &agent.id);
    field(&mut out, "mediaType", "1");
    let pending = if agent.logout_pending { Some(State::Logout) } else { agent.pending };
    field(&mut out, "pendingState", pending.map_or("", State::name));
    if let Some(code) = agent.reason {
        reason(&mut out, agent.state, code);
    } else {
        field(&mut out, "reasonCodeId", "-1");
    }
    let supervisor = if agent.supervises { "<role>Supervisor</role>" } else { "" };
    // Writing into a String cannot fail.
    let _ = write!(out, "<roles><role>Agent</role>{supervisor}</roles>");
    out.push_str(
        "<settings><deviceSelection/><wrapUpOnIncoming>OPTIONAL</wrapUpOnIncoming><wrapUpOnOutgoing>NOT_ALLOWED</wrapUpOnOutgoing></settings>",
    );
    field(&mut out, "state", agent.state.name());
    field(&mut out, "stateChangeTime", &stamp(epoch_ms + agent.since));
    field(&mut out, "teamId", "1");
    field(&mut out, "teamName", "Default");
    field(&mut out, "uri", &uri);
    field(&mut out, "wrapUpTimer", "30");
    // Writing into a String cannot fail.
    let _ = write!(out, "</{root}>");
    out
}

/// What a team tells of an agent; REST gives more of it than notifications do.
pub(crate) fn member(agent: &Agent, epoch_ms: u64, root: &str) -> String {
    let uri = format!("/finesse/api/User/{}", agent.id);
    let mut out = format!("<{root}>");
    if root == "User" {
        field(&mut out, "dialogs", &format!("{uri}/Dialogs"));
        field(&mut out, "extension", &agent.extension);
    }
    field(&mut out, "firstName", "Agent");
    field(&mut out, "lastName", &agent.id);
    field(&mut out, "loginId", &agent.id);
    field(&mut out, "pendingState", "");
    if let Some(code) = agent.reason {
        reason(&mut out, agent.state, code);
    }
    field(&mut out, "state", agent.state.name());
    field(&mut out, "stateChangeTime", &stamp(epoch_ms + agent.since));
    field(&mut out, "uri", &uri);
    // Writing into a String cannot fail.
    let _ = write!(out, "</{root}>");
    out
}

/// The team of all agents.
pub(crate) fn team(agents: &[Agent], epoch_ms: u64) -> String {
    let members: String = agents.iter().map(|agent| member(agent, epoch_ms, "User")).collect();
    format!(
        "<Team><uri>/finesse/api/Team/1</uri><id>1</id><name>Default</name><users>{members}</users></Team>"
    )
}

/// The queue of all agents.
pub(crate) fn queue(agents: &[Agent]) -> String {
    let count = |states: &[State]| agents.iter().filter(|agent| states.contains(&agent.state)).count();
    let signed_in = agents.iter().filter(|agent| agent.is_signed_in()).count();
    let mut out = String::from("<Queue><uri>/finesse/api/Queue/10</uri><name>Sales</name><statistics>");
    for (name, figure) in [
        ("callsInQueue", 0),
        ("agentsReady", count(&[State::Ready])),
        ("agentsNotReady", count(&[State::NotReady])),
        ("agentsBusyOther", 0),
        ("agentsLoggedOn", signed_in),
        ("agentsTalkingInbound", count(&[State::Talking, State::Hold])),
        ("agentsTalkingOutbound", 0),
        ("agentsTalkingInternal", 0),
        ("agentsWrapUpNotReady", 0),
        ("agentsWrapUpReady", 0),
    ] {
        field(&mut out, name, &figure.to_string());
    }
    out.push_str("<startTimeOfLongestCallInQueue></startTimeOfLongestCallInQueue></statistics></Queue>");
    out
}

/// An agent in a medium, as a side knows it.
pub(crate) fn medium(agent: &Agent, medium: &Medium, side: Side, epoch_ms: u64) -> String {
    let settings = medium.settings(side);
    let mut out = String::from("<Media>");
    field(&mut out, "uri", &format!("/finesse/api/User/{}/Media/{}", agent.id, medium.id));
    field(&mut out, "description", "");
    field(&mut out, "dialogLogoutAction", &settings.logout);
    field(&mut out, "id", &medium.id);
    field(&mut out, "interruptAction", &settings.interrupt);
    field(&mut out, "interruptible", "true");
    field(&mut out, "maxDialogLimit", &settings.limit.to_string());
    field(&mut out, "mrdId", &medium.id);
    field(&mut out, "name", &medium.name);
    field(&mut out, "reasonCodeId", "-1");
    field(&mut out, "routable", "true");
    field(&mut out, "state", medium.state.name());
    field(&mut out, "stateChangeTime", &stamp(epoch_ms + medium.since));
    out.push_str("</Media>");
    out
}

/// A task, which is a dialog with its agent.
pub(crate) fn task(agent: &Agent, task: &Task, epoch_ms: u64, root: &str) -> String {
    let (id, medium, state) = (&task.id, &task.medium, task.state.name());
    let (began, since) = (stamp(epoch_ms + task.began), stamp(epoch_ms + task.since));
    let mut actions = String::new();
    for action in task.state.actions() {
        field(&mut actions, "action", action);
    }
    let name = agent.media.iter().find(|it| it.id == *medium).map(|it| escape(&it.name)).unwrap_or_default();
    format!(
        "<{root}><id>{id}</id><mediaProperties><mediaId>{medium}</mediaId><queueName>Chats</queueName></mediaProperties><mediaType>{name}</mediaType><participants><Participant><actions>{actions}</actions><mediaAddress>{}</mediaAddress><startTime>{began}</startTime><state>{state}</state><stateChangeTime>{since}</stateChangeTime></Participant></participants><state>{state}</state><uri>/finesse/api/Dialog/{id}</uri></{root}>",
        escape(&agent.id)
    )
}

/// A reason: codes of the system are their own; what agents choose is named by its database id.
fn reason(out: &mut String, state: State, code: u32) {
    let known = system_reason(state, code);
    let ((label, id), system) = (known.unwrap_or(("Reason", code)), known.is_some());
    let category = if state == State::Logout { "LOGOUT" } else { "NOT_READY" };
    // Writing into a String cannot fail.
    let _ = write!(
        out,
        "<ReasonCode><category>{category}</category><code>{code}</code><forAll>true</forAll><id>{id}</id><label>{label}</label><systemCode>{system}</systemCode><uri>/finesse/api/ReasonCode/{id}</uri></ReasonCode><reasonCodeId>{id}</reasonCodeId>"
    );
}

/// A Dialog with two participants, the agent and the customer.
pub(crate) fn dialog(agent: &Agent, dialog: &Dialog, epoch_ms: u64, root: &str) -> String {
    let (id, extension) = (dialog.id, escape(&agent.extension));
    let (began, since) = (stamp(epoch_ms + dialog.began), stamp(epoch_ms + dialog.since));
    let mut actions = String::new();
    for action in dialog.part.actions() {
        field(&mut actions, "action", action);
    }
    let mut variables = String::new();
    for number in 1..=10 {
        // Writing into a String cannot fail.
        let _ = write!(
            variables,
            "<CallVariable><name>callVariable{number}</name><value>{}</value></CallVariable>",
            if number == 1 { "Ren\u{e9}e &amp; S\u{f6}hne" } else { "" }
        );
    }
    let caller = if dialog.part.name() == "HELD" { "ACTIVE" } else { dialog.part.name() };
    format!(
        "<{root}><associatedDialogUri></associatedDialogUri><fromAddress>5551000</fromAddress><id>{id}</id><secondaryId></secondaryId><mediaProperties><mediaId>1</mediaId><DNIS>8000</DNIS><callType>ACD_IN</callType><dialedNumber>8000</dialedNumber><outboundClassification></outboundClassification><queueNumber>5022</queueNumber><queueName>Sales</queueName><callKeyCallId>{id}</callKeyCallId><callKeySequenceNum>0</callKeySequenceNum><callKeyPrefix>154217</callKeyPrefix><callvariables>{variables}</callvariables></mediaProperties><mediaType>Voice</mediaType><participants><Participant><actions>{actions}</actions><mediaAddress>{extension}</mediaAddress><mediaAddressType>AGENT_DEVICE</mediaAddressType><startTime>{began}</startTime><state>{}</state><stateCause></stateCause><stateChangeTime>{since}</stateChangeTime></Participant><Participant><actions/><mediaAddress>5551000</mediaAddress><mediaAddressType></mediaAddressType><startTime>{began}</startTime><state>{caller}</state><stateCause></stateCause><stateChangeTime>{since}</stateChangeTime></Participant></participants><state>{}</state><toAddress>{extension}</toAddress><uri>/finesse/api/Dialog/{id}</uri></{root}>",
        dialog.part.name(),
        dialog.state()
    )
}

/// The envelope of every notification.
pub(crate) fn update(event: &str, source: &str, request: &str, data: &str) -> String {
    format!(
        "<Update><data>{data}</data><event>{event}</event><requestId>{}</requestId><source>{}</source></Update>",
        escape(request),
        escape(source)
    )
}

/// An error in a notification: lower-case names.
pub(crate) fn notified_error(error: &CtiError) -> String {
    format!(
        "<apiErrors><apiError><errorData>{}</errorData><errorMessage>{}</errorMessage><errorType>{}</errorType></apiError></apiErrors>",
        error.data, error.message, error.kind
    )
}

/// The same of a medium.
pub(crate) fn notified_media_error(error: &CtiError, medium: &str) -> String {
    let named = format!("</errorData><errorMedia>{}</errorMedia>", escape(medium));
    notified_error(error).replace("</errorData>", &named)
}

/// An error in a REST answer: upper-case names.
pub(crate) fn rest_error(kind: &str, message: &str, data: &str) -> String {
    format!(
        "<ApiErrors><ApiError><ErrorType>{kind}</ErrorType><ErrorMessage>{}</ErrorMessage><ErrorData>{}</ErrorData></ApiError></ApiErrors>",
        escape(message),
        escape(data)
    )
}
