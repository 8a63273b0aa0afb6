//! To and from plain JavaScript objects. Our own fields are camelCase, times are milliseconds since the epoch;
//! Finesse's objects keep Finesse's names.

use super::tape::js;
use crate::effect::{Effect, Method, Request};
use crate::finesse::FinesseError;
use crate::finesse::system_info::Info;
use crate::finesse::update::Notification;
use crate::finesse::value::Value;
use crate::keeper::{
    Config, ConfigError, Entry, Event, Failure, ForcedLogout, Host, Input, SideHealth, Status, Transport, Way,
};
use crate::limits;
use crate::presence::{Policy, SignedOut};
use crate::recovery::{PageEvent, Side};
use crate::requests::{Ask, Outcome, SignIn};
use crate::secret::Secret;
use crate::time::WallTime;
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

fn part(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    part(object, name).as_string()
}

/// Reads what Finesse is asked for, if anything; the package's JavaScript has checked its types.
pub(super) fn ask(what: &JsValue) -> Option<Ask> {
    if let Some(extension) = text(what, "extension") {
        let mobile = text(what, "mode").zip(text(what, "dialNumber"));
        let active_device = text(what, "activeDeviceId");
        return Some(Ask::SignIn(SignIn { extension, active_device, mobile }));
    }
    if let Some(state) = text(what, "state") {
        return Some(Ask::State { state, reason: text(what, "reasonCode") });
    }
    let method = match text(what, "method").as_deref() {
        Some("PUT") => Method::Put,
        Some("POST") => Method::Post,
        Some("DELETE") => Method::Delete,
        _ => Method::Get,
    };
    Some(Ask::Any { method, path: text(what, "path")?, body: text(what, "body").map(Secret::new) })
}

/// Reads the options, whose types the package's JavaScript has checked.
pub(super) fn config(options: &JsValue, seed: u64) -> Config {
    let host = |host: JsValue| Host {
        rest: text(&host, "rest").unwrap_or_default(),
        websocket: text(&host, "websocket"),
        bosh: text(&host, "bosh"),
    };
    let agents = part(options, "expectedAgents").as_f64();
    Config {
        hosts: part(options, "hosts").dyn_into::<Array>().unwrap_or_default().iter().map(host).collect(),
        user: text(options, "user").unwrap_or_default(),
        transport: match text(options, "transport").as_deref() {
            Some("websocket") => Transport::WebSocket,
            Some("bosh") => Transport::Bosh,
            Some("hub") => Transport::Hub,
            _ => Transport::Auto,
        },
        resource: text(options, "resource"),
        expected_agents: agents.map_or(Config::default().expected_agents, saturated),
        home: if text(options, "home").as_deref() == Some("B") { Side::B } else { Side::A },
        stays: text(options, "move").as_deref() == Some("never"),
        trust_alternate: part(options, "trustAlternate").is_truthy(),
        resume: match text(options, "resume").as_deref() {
            Some("always") => Policy::Always,
            Some("never") => Policy::Never,
            _ => Policy::Ask,
        },
        seed,
    }
}

/// The nearest `u32`; the core refuses what is out of its own range.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
const fn saturated(number: f64) -> u32 {
    number as u32
}

/// What a configuration error becomes: thrown, and made a `KeeperError` by the package's JavaScript.
pub(super) fn config_error(error: &ConfigError) -> JsValue {
    js(&Value::Object(vec![
        ("code", "config".into()),
        ("field", error.field.into()),
        ("message", format!("`{}` cannot be used.", error.field).as_str().into()),
        ("nextStep", error.next_step.into()),
    ]))
}

/// What a text that could not be read becomes: thrown, and made a `KeeperError`.
pub(super) fn parse_error(error: &FinesseError) -> JsValue {
    js(&Value::Object(vec![
        ("code", "bad-text".into()),
        ("message", error.to_string().as_str().into()),
        ("nextStep", "give the text as Finesse sent it, whole".into()),
    ]))
}

/// A notification by itself.
pub(super) fn notification(notification: &Notification) -> JsValue {
    js(&notification.value())
}

/// SystemInfo by itself.
pub(super) fn system_info(info: &Info) -> JsValue {
    js(&Value::View(info.object().view()))
}

/// What happened to the page, by the word of `pkg/src/host.js`.
pub(super) fn page_event(word: &str) -> Option<Input> {
    Some(Input::Page(match word {
        "touched" => return Some(Input::Touched),
        "hidden" => PageEvent::Hidden,
        "visible" => PageEvent::Visible,
        "freeze" => PageEvent::Frozen,
        "resume" => PageEvent::Resumed,
        "pagehide" => PageEvent::PageHide,
        "pageshow" => PageEvent::PageShow,
        "online" => PageEvent::Online,
        "offline" => PageEvent::Offline,
        _ => return None,
    }))
}

/// An effect: `do` says what, `number` to what, and the rest has the names of [`Effect`]'s fields.
pub(super) fn effect(effect: &Effect) -> JsValue {
    let (act, number, with) = match effect {
        Effect::AcquireLease => ("acquireLease", None, vec![]),
        Effect::AwaitTouch => ("awaitTouch", None, vec![]),
        Effect::OpenSocket { socket, url, protocol } => {
            let max_frame = (limits::FRAME_BYTES as u64).into();
            let with =
                vec![("url", url.as_str().into()), ("protocol", (*protocol).into()), ("maxFrame", max_frame)];
            ("openSocket", Some(socket), with)
        }
        Effect::SendText { socket, text } => ("sendText", Some(socket), vec![("text", text.expose().into())]),
        Effect::CloseSocket { socket } => ("closeSocket", Some(socket), vec![]),
        Effect::ListenToHub { hub, topic } => {
            ("listenToHub", Some(hub), vec![("topic", topic.as_str().into())])
        }
        Effect::ForgetTopic { hub, topic } => {
            ("forgetTopic", Some(hub), vec![("topic", topic.as_str().into())])
        }
        Effect::AskHub { hub, id, request, node } => {
            let with =
                vec![("id", id.as_str().into()), ("type", (*request).into()), ("node", node.as_str().into())];
            ("askHub", Some(hub), with)
        }
        Effect::LeaveHub { hub } => ("leaveHub", Some(hub), vec![]),
        Effect::SendRequest { number, request } => ("sendRequest", Some(number), request_members(request)),
        Effect::SendGoodbye { request } => ("sendGoodbye", None, request_members(request)),
        Effect::AbortRequest { number } => ("abortRequest", Some(number), vec![]),
        Effect::AskCredentials { number, reason, side } => {
            let side = if *side == 0 { Side::A } else { Side::B };
            let with = vec![("reason", reason.as_str().into()), ("side", side.as_str().into())];
            ("askCredentials", Some(number), with)
        }
        Effect::DropQuestion { number } => ("dropQuestion", Some(number), vec![]),
    };
    let number = number.map(|number| u64::from(number.0));
    let mut members = vec![("do", act.into()), ("number", number.into())];
    members.extend(with);
    js(&Value::Object(members))
}

fn request_members(request: &Request) -> Vec<(&'static str, Value<'_>)> {
    let headers = request.headers.iter().map(|(name, value)| (*name, value.expose().into()));
    vec![
        ("method", request.method.as_str().into()),
        ("url", request.url.as_str().into()),
        ("headers", Value::Object(headers.collect())),
        ("body", request.body.as_ref().map(Secret::expose).into()),
        ("opaque", request.opaque.into()),
        ("maxBody", (request.max_body as u64).into()),
    ]
}

/// An event: its name and its detail.
pub(super) fn event(event: &Event) -> JsValue {
    let (name, detail) = match event {
        Event::StatusChanged(now) => ("status", status_value(now)),
        Event::Notified(notification) => ("notification", notification.value()),
        Event::SignedOut(out) => ("signedout", signed_out_value(out)),
        Event::SignedIn(why) => {
            let why = why.map(|why| why.as_str());
            ("signedin", Value::Object(vec![("ready", why.is_none().into()), ("why", why.into())]))
        }
        Event::Moving { to, at } => ("moving", moving_value(*to, *at)),
        Event::Moved { from, to } => ("moved", moved_value(*from, *to)),
        Event::Resynced { gap, changes } => ("resynced", resynced_value(*gap, *changes)),
        Event::Failed(failure) => ("error", failure_value(failure)),
        Event::Settled { number, id, outcome } => ("settled", settled_value(*number, id, outcome)),
        Event::Logged(entry) => ("log", entry_value(entry)),
    };
    js(&Value::List(vec![name.into(), detail]))
}

/// What became of a request. The package's JavaScript makes an error of it, or none.
fn settled_value<'a>(number: u32, id: &'a str, outcome: &'a Outcome) -> Value<'a> {
    let how = if let Outcome::Applied(how) = outcome { Some(how.as_str()) } else { None };
    let body = if let Outcome::Answered { body, .. } = outcome { Some(body.as_str()) } else { None };
    let errors = outcome.errors().iter().map(|error| Value::View(error.view()));
    Value::Object(vec![
        ("number", u64::from(number).into()),
        ("requestId", id.into()),
        ("outcome", outcome.as_str().into()),
        ("how", how.into()),
        ("status", outcome.status().map(u64::from).into()),
        ("body", body.into()),
        ("apiErrors", Value::List(errors.collect())),
    ])
}

/// The state.
pub(super) fn status(status: &Status) -> JsValue {
    js(&status_value(status))
}

/// The timeline.
pub(super) fn timeline<'a>(entries: impl Iterator<Item = &'a Entry>) -> JsValue {
    js(&Value::List(entries.map(entry_value).collect()))
}

fn status_value(status: &Status) -> Value<'_> {
    Value::Object(vec![
        ("state", status.state.as_str().into()),
        ("side", status.side.map(|side| side.as_str()).into()),
        ("transport", status.transport.map(Way::as_str).into()),
        ("since", status.since.as_millis().into()),
        ("reason", status.reason.map(|reason| reason.as_str()).into()),
        ("service", status.service.into()),
        ("cause", status.cause.map(|cause| cause.as_str()).into()),
        ("suspect", status.suspect.into()),
        ("forcedLogout", status.forced_logout.map(forced_logout_value).into()),
        ("nextTryAt", status.next_try_at.map(WallTime::as_millis).into()),
        ("sides", Value::List(status.sides.iter().map(side_value).collect())),
    ])
}

fn forced_logout_value(window: ForcedLogout) -> Value<'static> {
    Value::Object(vec![
        ("side", window.side.as_str().into()),
        ("earliest", window.earliest.as_millis().into()),
        ("latest", window.latest.map(WallTime::as_millis).into()),
    ])
}

fn side_value(side: &SideHealth) -> Value<'_> {
    Value::Object(vec![
        ("host", side.host.as_str().into()),
        ("reading", side.reading.into()),
        ("readAt", side.read_at.map(WallTime::as_millis).into()),
        ("detail", side.detail.as_str().into()),
        ("finesse", side.finesse.into()),
        ("connected", side.connected.into()),
        ("usable", side.usable.into()),
    ])
}

fn entry_value(entry: &Entry) -> Value<'_> {
    Value::Object(vec![
        ("at", entry.at.as_millis().into()),
        ("side", entry.side.map(|side| side.as_str()).into()),
        ("kind", entry.kind.as_str().into()),
        ("text", entry.text.as_str().into()),
    ])
}

fn moving_value(to: Side, at: WallTime) -> Value<'static> {
    Value::Object(vec![("to", to.as_str().into()), ("at", at.as_millis().into())])
}

fn moved_value(from: Side, to: Side) -> Value<'static> {
    Value::Object(vec![("from", from.as_str().into()), ("to", to.as_str().into())])
}

fn signed_out_value(out: &SignedOut) -> Value<'static> {
    Value::Object(vec![
        ("by", out.by.as_str().into()),
        ("code", out.code.unsigned_abs().into()),
        ("state", if out.not_ready { "NOT_READY" } else { "LOGOUT" }.into()),
        ("resumable", out.resumable.into()),
        ("at", out.at.as_millis().into()),
    ])
}

fn resynced_value(gap: u64, changes: usize) -> Value<'static> {
    Value::Object(vec![("gap", gap.into()), ("changes", (changes as u64).into())])
}

fn failure_value(failure: &Failure) -> Value<'_> {
    Value::Object(vec![
        ("code", failure.code.into()),
        ("message", failure.message.as_str().into()),
        ("nextStep", failure.next_step.into()),
        ("node", failure.node.as_deref().into()),
    ])
}
