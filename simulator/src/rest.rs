//! Finesse's REST API of one side, as far as an agent's desktop needs it to recover and to work (facts 7, 11).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::accounts::Accounts;
use crate::config::Side;
use crate::cors;
use crate::cti::{Action, Command, Cti, Wish};
use crate::documents::{self, rest_error};
use crate::tasks::{MediumWish, Settings};
use crate::xml;

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl HttpRequest {
    /// The first header of this name, in whatever case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// The path without its query.
    pub(crate) fn resource(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// Whether it is for the notification service.
    pub(crate) fn is_bosh(&self) -> bool {
        matches!(self.resource(), "/http-bind" | "/http-bind/")
    }

    pub(crate) fn is_system_info(&self) -> bool {
        self.method == "GET" && self.resource() == "/finesse/api/SystemInfo"
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn xml(status: u16, body: String) -> Self {
        let prolog = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
        Self {
            status,
            headers: vec![("Content-Type".into(), "application/xml;charset=UTF-8".into())],
            body: format!("{prolog}{body}"),
        }
    }

    pub(crate) fn html(status: u16, title: &str) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), "text/html;charset=utf-8".into())],
            body: format!(
                "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
            ),
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn error(status: u16, kind: &str, message: &str, data: &str) -> Self {
        Self::xml(status, rest_error(kind, message, data))
    }

    /// Facts 1.3: what every API answers while the server is out of service or starting.
    pub(crate) fn out_of_service() -> Self {
        Self::error(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE", "")
    }
}

/// What an answer is made from.
pub(crate) struct Office<'a> {
    pub(crate) side: Side,
    pub(crate) accounts: &'a mut Accounts,
    pub(crate) cti: &'a Cti,
    /// Queues and media are routed here: CCE.
    pub(crate) routes: bool,
    pub(crate) epoch_ms: u64,
    pub(crate) now: u64,
}

/// An answer, and what follows from the request.
pub(crate) struct Outcome {
    pub(crate) reply: Reply,
    /// For CTI.
    pub(crate) command: Option<Command>,
    /// Whose credentials were refused.
    pub(crate) refused: Option<String>,
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self { reply, command: None, refused: None }
    }
}

impl Outcome {
    fn accepted(command: Command) -> Self {
        Self { reply: Reply::empty(202), command: Some(command), refused: None }
    }
}

/// Answers a request to a web app in service.
pub(crate) fn answer(request: &HttpRequest, office: &mut Office<'_>) -> Outcome {
    if request.method == "OPTIONS" {
        return cors::preflight(request).into();
    }
    let Some(resource) = request.resource().strip_prefix("/finesse/api/") else {
        return Reply::html(404, "HTTP Status 404").into();
    };
    let (caller, name) = match sign_in(request, office) {
        Ok(caller) => caller,
        Err(outcome) => return *outcome,
    };
    let parts: Vec<String> = resource.split('/').map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (request.method.as_str(), parts.as_slice()) {
        (_, ["User", id, ..]) if office.accounts.find(id).is_none() => {
            Reply::error(404, "User Not Found", "UNKNOWN_USER", id).into()
        }
        ("GET", ["User", id] | ["User", id, "Dialogs"])
            if office.cti.agent(caller).is_some_and(|it| it.supervises) =>
        {
            let agent = office.accounts.find(id).unwrap_or(caller);
            if parts.len() == 2 { get_user(agent, office) } else { get_dialogs(agent, office).into() }
        }
        (_, ["User", id, ..]) if office.accounts.find(id) != Some(caller) => Reply::error(
            401,
            "Invalid Authorization User Specified",
            "The user specified in the authentication credentials and the uri don't match",
            &name,
        )
        .into(),
        ("GET", ["User", _]) => get_user(caller, office),
        ("PUT", ["User", _]) => put_user(request, caller),
        ("GET", ["User", _, "Dialogs"]) => get_dialogs(caller, office).into(),
        ("GET", ["User", _, "Dialogs", "Media"]) => get_tasks(caller, office).into(),
        ("GET", ["User", _, "Media"]) => get_media(caller, None, office),
        ("GET", ["User", _, "Media", id]) => get_media(caller, Some(id), office),
        ("PUT", ["User", _, "Media", id]) => put_medium(request, id, caller, office),
        ("GET", ["User", _, "Queues"]) if office.routes => {
            let queue = documents::queue(office.cti.agents());
            Reply::xml(200, format!("<Queues>{queue}</Queues>")).into()
        }
        ("GET", ["Queue", "10"]) if office.routes => {
            Reply::xml(200, documents::queue(office.cti.agents())).into()
        }
        ("GET", ["Team", "1"]) => {
            Reply::xml(200, documents::team(office.cti.agents(), office.epoch_ms)).into()
        }
        ("GET", ["Dialog", id]) => get_dialog(id, caller, office),
        ("PUT", ["Dialog", id]) => put_dialog(request, id, caller, office),
        _ => not_found(),
    }
}

fn not_found() -> Outcome {
    Reply::error(404, "Not Found", "NOT_FOUND", "").into()
}

/// Basic `id:password` or Bearer with a token; gives the agent and the id as written.
fn sign_in(request: &HttpRequest, office: &mut Office<'_>) -> Result<(usize, String), Box<Outcome>> {
    let given = request.header("Authorization").and_then(|header| credentials(header, office.accounts));
    let refusal = |id: Option<String>| {
        let reply = Reply::error(401, "Authorization Failure", "HTTP Status 401 (Authentication Failed)", "");
        let mut outcome = Outcome::from(reply);
        outcome.refused = id;
        Box::new(outcome)
    };
    let (id, secret) = given.ok_or_else(|| refusal(None))?;
    match office.accounts.check(office.side, &id, &secret, office.now) {
        Some(agent) => Ok((agent, id)),
        None => Err(refusal(Some(id))),
    }
}

fn credentials(header: &str, accounts: &Accounts) -> Option<(String, String)> {
    let (scheme, value) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("Bearer") {
        return Some((accounts.owner(value)?.to_owned(), value.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

fn put_user(request: &HttpRequest, agent: usize) -> Outcome {
    let Some(document) = xml::read(&request.body) else {
        return Reply::error(400, "Invalid Input", "The body is not XML", "").into();
    };
    let user = document.root_element();
    let state = match xml::child_text(user, "state") {
        Some("LOGIN") => match xml::child_text(user, "extension") {
            Some(extension) => Wish::Login { extension: extension.to_owned() },
            None => return Reply::error(400, "Parameter Missing", "extension", "").into(),
        },
        Some("READY") => Wish::Ready,
        Some("NOT_READY") => Wish::NotReady,
        Some("LOGOUT") => Wish::Logout,
        Some(other) => return Reply::error(400, "Invalid Input", "state", other).into(),
        None => return Reply::error(400, "Parameter Missing", "state", "").into(),
    };
    let reason = xml::child_text(user, "reasonCodeId").and_then(|text| text.parse().ok());
    Outcome::accepted(Command::State { agent, state, reason, request: request_id(request) })
}

/// The requester's own name for the request, returned in its notification.
fn request_id(request: &HttpRequest) -> String {
    request.header("requestId").unwrap_or_default().to_owned()
}

fn get_user(agent: usize, office: &Office<'_>) -> Outcome {
    match office.cti.agent(agent) {
        Some(agent) => Reply::xml(200, documents::user(agent, office.epoch_ms, "User")).into(),
        None => not_found(),
    }
}

/// One medium, or all.
fn get_media(caller: usize, id: Option<&str>, office: &Office<'_>) -> Outcome {
    let Some(agent) = office.cti.agent(caller) else { return not_found() };
    let chosen = agent.media.iter().filter(|medium| id.is_none_or(|id| id == medium.id));
    let media: Vec<String> =
        chosen.map(|medium| documents::medium(agent, medium, office.side, office.epoch_ms)).collect();
    match (id, media.as_slice()) {
        (None, []) if !office.routes => not_found(),
        (None, all) => Reply::xml(200, format!("<MediaList>{}</MediaList>", all.concat())).into(),
        (Some(_), [medium]) => Reply::xml(200, medium.clone()).into(),
        (Some(_), _) => not_found(),
    }
}

fn put_medium(request: &HttpRequest, id: &str, agent: usize, office: &Office<'_>) -> Outcome {
    if !office.cti.agent(agent).is_some_and(|agent| agent.media.iter().any(|medium| medium.id == id)) {
        return not_found();
    }
    let Some(document) = xml::read(&request.body) else {
        return Reply::error(400, "Invalid Input", "The body is not XML", "").into();
    };
    let medium = document.root_element();
    let text = |name: &str| xml::child_text(medium, name).unwrap_or_default().to_owned();
    let wish = match text("state").as_str() {
        "LOGIN" => match text("maxDialogLimit").parse() {
            Ok(limit @ 1..=10) if matches!(text("interruptAction").as_str(), "ACCEPT" | "IGNORE") => {
                let logout = if text("dialogLogoutAction") == "TRANSFER" { "TRANSFER" } else { "CLOSE" };
                MediumWish::Login(Settings {
                    limit,
                    interrupt: text("interruptAction"),
                    logout: logout.into(),
                })
            }
            _ => return Reply::error(400, "Parameter Missing", "maxDialogLimit, interruptAction", "").into(),
        },
        "READY" => MediumWish::Ready,
        "NOT_READY" => MediumWish::NotReady,
        "LOGOUT" => MediumWish::Logout,
        other => return Reply::error(400, "Invalid Input", "state", other).into(),
    };
    Outcome::accepted(Command::Medium { agent, medium: id.to_owned(), wish })
}

fn get_tasks(caller: usize, office: &Office<'_>) -> Reply {
    let tasks = office.cti.agent(caller).map(|agent| {
        agent
            .tasks
            .iter()
            .map(|task| documents::task(agent, task, office.epoch_ms, "Dialog"))
            .collect::<String>()
    });
    Reply::xml(200, format!("<Dialogs>{}</Dialogs>", tasks.unwrap_or_default()))
}

fn get_dialogs(caller: usize, office: &Office<'_>) -> Reply {
    let mut out = String::from("<Dialogs>");
    if let Some(agent) = office.cti.agent(caller) {
        for dialog in &agent.dialogs {
            out.push_str(&documents::dialog(agent, dialog, office.epoch_ms, "Dialog"));
        }
    }
    out.push_str("</Dialogs>");
    Reply::xml(200, out)
}

fn get_dialog(id: &str, caller: usize, office: &Office<'_>) -> Outcome {
    let found = office.cti.agent(caller).and_then(|agent| {
        let dialog = agent.dialogs.iter().find(|it| it.id.to_string() == id)?;
        Some(documents::dialog(agent, dialog, office.epoch_ms, "Dialog"))
    });
    found.map_or_else(not_found, |body| Reply::xml(200, body).into())
}

fn put_dialog(request: &HttpRequest, id: &str, agent: usize, office: &Office<'_>) -> Outcome {
    let Some(document) = xml::read(&request.body) else {
        return Reply::error(400, "Invalid Input", "The body is not XML", "").into();
    };
    let asked = xml::child_text(document.root_element(), "requestedAction");
    if office.cti.agent(agent).is_some_and(|agent| agent.tasks.iter().any(|task| task.id == id)) {
        let action = asked.unwrap_or_default().to_owned();
        return Outcome::accepted(Command::Task { agent, task: id.to_owned(), action });
    }
    let action = match asked {
        Some("ANSWER") => Action::Answer,
        Some("DROP") => Action::Drop,
        Some("HOLD") => Action::Hold,
        Some("RETRIEVE") => Action::Retrieve,
        Some(other) => return Reply::error(400, "Invalid Input", "requestedAction", other).into(),
        None => return Reply::error(400, "Parameter Missing", "requestedAction", "").into(),
    };
    match id.parse() {
        Ok(dialog) if office.cti.has_call(agent, dialog) => {
            Outcome::accepted(Command::Dialog { agent, dialog, action, request: request_id(request) })
        }
        _ => not_found(),
    }
}

/// Percent-decoding of a path segment.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                bytes.push(hex(high).unwrap_or(0) * 16 + hex(low).unwrap_or(0));
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_once() {
        assert_eq!(decode("a%20b%2Fc%"), "a b/c%");
        assert_eq!(decode("1001"), "1001");
    }
}
