//! To and from plain JavaScript objects. Our own fields are camelCase, times are milliseconds since the epoch;
//! Finesse's objects keep Finesse's names.

use crate::keeper::{Config, ConfigError, Entry, Event, Failure, Host, SideHealth, Status};
use crate::time::WallTime;
use js_sys::{Array, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};

/// Reads the options, whose types the package's JavaScript has checked.
pub(super) fn config(options: &JsValue, seed: u64) -> Config {
    let part =
        |object: &JsValue, name: &str| Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let text = |object: &JsValue, name: &str| part(object, name).as_string();
    let host = |host: JsValue| Host {
        rest: text(&host, "rest").unwrap_or_default(),
        websocket: text(&host, "websocket"),
    };
    let agents = part(options, "expectedAgents").as_f64();
    Config {
        hosts: part(options, "hosts").dyn_into::<Array>().unwrap_or_default().iter().map(host).collect(),
        user: text(options, "user").unwrap_or_default(),
        resource: text(options, "resource"),
        expected_agents: agents.map_or(Config::default().expected_agents, saturated),
        trust_alternate: part(options, "trustAlternate").is_truthy(),
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
    plain(&ConfigErrorView {
        code: "config",
        field: error.field,
        message: error.to_string(),
        next_step: error.next_step,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigErrorView<'a> {
    code: &'a str,
    field: &'a str,
    message: String,
    next_step: &'a str,
}

/// An event: its name and its detail.
pub(super) fn event(event: &Event) -> (&'static str, JsValue) {
    match event {
        Event::StatusChanged(now) => ("status", status(now)),
        Event::Notified(notification) => ("notification", plain(notification)),
        Event::Moved { from, to } => ("moved", plain(&MovedView { from: from.as_str(), to: to.as_str() })),
        Event::Resynced { gap, changes } => {
            ("resynced", plain(&ResyncedView { gap: *gap, changes: *changes }))
        }
        Event::Failed(failure) => ("error", plain(&FailureView::new(failure))),
        Event::Logged(entry) => ("log", plain(&EntryView::new(entry))),
    }
}

/// The state.
pub(super) fn status(status: &Status) -> JsValue {
    plain(&StatusView::new(status))
}

/// The timeline.
pub(super) fn timeline<'a>(entries: impl Iterator<Item = &'a Entry>) -> JsValue {
    plain(&entries.map(EntryView::new).collect::<Vec<_>>())
}

/// What we hand over serialises by construction (text keys, no failing implementations); should it ever not, the
/// application sees `null` rather than a dead module.
fn plain<T: Serialize>(value: &T) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusView<'a> {
    state: &'a str,
    side: Option<&'a str>,
    since: u64,
    reason: Option<&'a str>,
    service: Option<&'a str>,
    suspect: bool,
    forced_logout: Option<ForcedLogoutView>,
    next_try_at: Option<u64>,
    sides: Vec<SideView<'a>>,
}

impl<'a> StatusView<'a> {
    fn new(status: &'a Status) -> Self {
        Self {
            state: status.state.as_str(),
            side: status.side.map(|side| side.as_str()),
            since: status.since.as_millis(),
            reason: status.reason.map(|reason| reason.as_str()),
            service: status.service,
            suspect: status.suspect,
            forced_logout: status.forced_logout.map(|window| ForcedLogoutView {
                earliest: window.earliest.as_millis(),
                latest: window.latest.as_millis(),
            }),
            next_try_at: status.next_try_at.map(WallTime::as_millis),
            sides: status.sides.iter().map(SideView::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct ForcedLogoutView {
    earliest: u64,
    latest: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SideView<'a> {
    host: &'a str,
    reading: &'a str,
    read_at: Option<u64>,
    detail: &'a str,
    finesse: &'a str,
    connected: bool,
    usable: bool,
}

impl<'a> SideView<'a> {
    fn new(side: &'a SideHealth) -> Self {
        Self {
            host: &side.host,
            reading: side.reading,
            read_at: side.read_at.map(WallTime::as_millis),
            detail: &side.detail,
            finesse: side.finesse,
            connected: side.connected,
            usable: side.usable,
        }
    }
}

#[derive(Serialize)]
struct EntryView<'a> {
    at: u64,
    side: Option<&'a str>,
    kind: &'a str,
    text: &'a str,
}

impl<'a> EntryView<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            at: entry.at.as_millis(),
            side: entry.side.map(|side| side.as_str()),
            kind: entry.kind.as_str(),
            text: &entry.text,
        }
    }
}

#[derive(Serialize)]
struct MovedView<'a> {
    from: &'a str,
    to: &'a str,
}

#[derive(Serialize)]
struct ResyncedView {
    gap: u64,
    changes: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureView<'a> {
    code: &'a str,
    message: &'a str,
    next_step: &'a str,
    node: Option<&'a str>,
}

impl<'a> FailureView<'a> {
    fn new(failure: &'a Failure) -> Self {
        Self {
            code: failure.code,
            message: &failure.message,
            next_step: failure.next_step,
            node: failure.node.as_deref(),
        }
    }
}
