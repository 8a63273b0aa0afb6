//! Reads of SystemInfo: without credentials, never cached, only from configured hosts, and what their answers mean.

use super::config::{Host, default_websocket};
use super::timeline::quote;
use super::{Asked, EntryKind, Keeper, Timer};
use crate::effect::{Effect, Number, RequestFailure, Response};
use crate::finesse::api_error;
use crate::finesse::rest;
use crate::finesse::system_info::{NodeAddress, SystemInfo};
use crate::map::Map;
use crate::recovery::{Reading, Side, Signal};
use crate::time::{Duration, Instant, WallTime};

/// A read that is not answered by then is silent.
const READ: Duration = Duration::from_secs(3);
/// Any other request has this long.
const REQUEST: Duration = Duration::from_secs(10);
/// A deadline that is noticed this much late proves nothing: the read is made again, once.
const LATE: Duration = Duration::from_secs(2);

/// What is known of one server beside what recovery knows.
#[derive(Clone, Debug, Default)]
pub(super) struct SideRecord {
    pub(super) rest: String,
    pub(super) websocket: String,
    pub(super) domain: Option<String>,
    pub(super) pubsub: Option<String>,
    pub(super) ccx: bool,
    pub(super) detail: String,
    pub(super) read_at: Option<WallTime>,
    /// Something hides it from us: a certificate, CORS, a permission.
    pub(super) hidden: bool,
    /// Its last session took all flights: the next may be quick.
    pub(super) quick: bool,
    /// Explicit subscriptions that live there: `subid` by node.
    pub(super) subids: Map<String, String>,
    maintenance: bool,
    /// A read's deadline was noticed late; the next one counts.
    late: bool,
    /// The server's own time of the last read.
    pub(super) server_time: Option<u64>,
}

impl SideRecord {
    pub(super) fn new(host: &Host) -> Self {
        let websocket = host.websocket.clone().unwrap_or_else(|| default_websocket(&host.rest));
        Self { rest: host.rest.clone(), websocket, ..Self::default() }
    }

    pub(super) fn is_known(&self) -> bool {
        !self.rest.is_empty()
    }
}

impl Keeper {
    /// Reads SystemInfo of a side, instead of a read under way.
    pub(super) fn read_system_info(&mut self, side: Side) {
        let under_way =
            |asked: &Asked| matches!(asked, Asked::SystemInfo { side: other, .. } if *other == side);
        let old: Vec<Number> =
            self.requests.iter().filter(|(_, asked)| under_way(asked)).map(|(n, _)| *n).collect();
        for number in old {
            self.abort(number);
        }
        let began = self.now.instant;
        let number = self.send_system_info(side, began, false);
        self.timers.set(Timer::Request(number), began + READ);
    }

    fn send_system_info(&mut self, side: Side, began: Instant, opaque: bool) -> Number {
        let number = self.number();
        let mut request = rest::system_info(&self.sides.get(side).rest, self.now.wall.as_millis());
        request.opaque = opaque;
        self.requests.insert(number, Asked::SystemInfo { side, began, opaque });
        self.effects.push_back(Effect::SendRequest { number, request });
        number
    }

    /// Sends a request of the resync.
    pub(super) fn send_request(&mut self, asked: Asked, request: crate::effect::Request) {
        let number = self.number();
        self.requests.insert(number, asked);
        self.timers.set(Timer::Request(number), self.now.instant + REQUEST);
        self.effects.push_back(Effect::SendRequest { number, request });
    }

    pub(super) fn abort(&mut self, number: Number) {
        self.requests.remove(&number);
        self.timers.clear(Timer::Request(number));
        self.effects.push_back(Effect::AbortRequest { number });
    }

    fn take_request(&mut self, number: Number) -> Option<Asked> {
        let asked = self.requests.remove(&number);
        self.timers.clear(Timer::Request(number));
        if asked.is_none() {
            self.note(None, EntryKind::Note, format!("answer to superseded request {number} dropped"));
        }
        asked
    }

    pub(super) fn on_responded(&mut self, number: Number, response: &Response) {
        match self.take_request(number) {
            Some(Asked::SystemInfo { side, began, .. }) => {
                let retry_after = response.retry_after.map(|seconds| Duration::from_secs(seconds.into()));
                let reading = self.judge(side, response);
                self.tell_reading(side, reading, began, retry_after);
            }
            Some(asked) => self.on_resync_response(asked, response),
            None => {}
        }
    }

    pub(super) fn on_responded_opaquely(&mut self, number: Number) {
        if let Some(Asked::SystemInfo { side, began, .. }) = self.take_request(number) {
            self.hide(side);
            self.describe(side, "answers, but something hides it from us (certificate, CORS or permission)");
            self.tell_reading(side, Reading::Unclear, began, None);
        }
    }

    pub(super) fn on_request_failed(&mut self, number: Number, failure: RequestFailure) {
        match self.take_request(number) {
            Some(Asked::SystemInfo { side, began, .. }) if failure == RequestFailure::TooLarge => {
                self.describe(side, "answers with too much");
                self.tell_reading(side, Reading::Unclear, began, None);
            }
            Some(Asked::SystemInfo { side, began, opaque: false }) => {
                // a browser calls everything a network error: an opaque answer tells a hidden host from a dead one
                let repeat = self.send_system_info(side, began, true);
                self.timers.set(Timer::Request(repeat), began + READ);
            }
            Some(Asked::SystemInfo { side, began, opaque: true }) => {
                self.describe(side, "does not answer (network error)");
                self.tell_reading(side, Reading::Refused, began, None);
            }
            Some(_) => self.on_resync_failure(),
            None => {}
        }
    }

    pub(super) fn on_request_timeout(&mut self, number: Number, due: Instant) {
        let Some(asked) = self.requests.get(&number).copied() else { return };
        self.abort(number);
        match asked {
            Asked::SystemInfo { side, .. }
                if self.now.instant.since(due) > LATE
                    && !core::mem::replace(&mut self.sides.get_mut(side).late, true) =>
            {
                self.read_system_info(side)
            }
            Asked::SystemInfo { side, began, .. } => {
                self.describe(side, "does not answer (silent for 3 s)");
                self.tell_reading(side, Reading::Silent, began, None);
            }
            _ => self.on_resync_failure(),
        }
    }

    fn tell_reading(&mut self, side: Side, reading: Reading, began: Instant, retry_after: Option<Duration>) {
        let record = self.sides.get_mut(side);
        record.read_at = Some(self.now.wall);
        record.late &= !reading.answered();
        let detail = record.detail.clone();
        if self.recovery.last_reading(side).map(Reading::as_str) != Some(reading.as_str()) {
            self.note(Some(side), EntryKind::Read, format!("{}: {detail}", reading.as_str()));
        }
        if reading.answered()
            && let Some(line) = self.line.as_mut().filter(|line| line.side == side)
        {
            line.session.host_answered(began);
        }
        self.drain_lines();
        self.signal(Signal::Read { side, reading, began, retry_after });
    }

    fn judge(&mut self, side: Side, response: &Response) -> Reading {
        match response.status {
            200 => match SystemInfo::parse(&response.body) {
                Ok(info) => self.take_system_info(side, &info),
                Err(error) => {
                    self.describe(side, &format!("answers with something else than SystemInfo: {error}"));
                    Reading::Unclear
                }
            },
            503 if api_error::parse(&response.body).is_ok_and(|errors| !errors.is_empty()) => {
                self.describe(side, "Finesse says that it is out of service (503)");
                Reading::Out { cti_lost: false }
            }
            status @ 502..=504 => {
                self.describe(side, &format!("something in front of Finesse answers {status}"));
                Reading::Gateway
            }
            status => {
                self.describe(side, &format!("answers {status}"));
                Reading::Unclear
            }
        }
    }

    fn take_system_info(&mut self, side: Side, info: &SystemInfo) -> Reading {
        let cti = info.last_cti_heartbeat_status.as_deref().filter(|status| !status.is_empty());
        let cti = cti.map(|status| status.eq_ignore_ascii_case("success"));
        let record = self.sides.get_mut(side);
        record.hidden = false;
        if !info.xmpp_domain.is_empty() {
            record.domain = Some(info.xmpp_domain.clone());
            record.pubsub = Some(info.xmpp_pub_sub_domain.clone()).filter(|domain| !domain.is_empty());
        }
        record.ccx = info.deployment_type.eq_ignore_ascii_case("UCCX");
        record.server_time = info.server_time();
        self.tell_maintenance(side, info);
        self.learn_alternate(side, info);
        if info.status.is_in_service() {
            let has_domain = self.sides.get(side).domain.is_some();
            self.describe(side, if has_domain { "in service" } else { "names no XMPP domain" });
            return if has_domain {
                Reading::In { cti, heartbeat: info.last_success_cti_heartbeat_time }
            } else {
                Reading::Unclear
            };
        }
        let reason = quote(&info.status_reason);
        self.describe(side, &format!("says {} {reason}", info.status.as_str()));
        Reading::Out { cti_lost: cti == Some(false) }
    }

    /// Maintenance mode is told; moving for it is the application's choice.
    fn tell_maintenance(&mut self, side: Side, info: &SystemInfo) {
        let active =
            info.finesse_m_mode.as_deref().is_some_and(|mode| matches!(mode, "IN_PROGRESS" | "INITIATING"));
        let before = core::mem::replace(&mut self.sides.get_mut(side).maintenance, active);
        if active && !before {
            let message = format!("side {} is in maintenance mode", side.as_str());
            self.fail("maintenance", &message, "call move() within the hour, when it suits", None);
        }
    }

    /// A single configured host names its alternate; it is used only where the application trusts it.
    fn learn_alternate(&mut self, side: Side, info: &SystemInfo) {
        if self.sides.get(Side::B).is_known() {
            return;
        }
        let own = self.sides.get(side).rest.clone();
        let address = |node: &NodeAddress| alternate_url(&own, node);
        let nodes = [&info.primary_node, &info.secondary_node].into_iter().flatten();
        let Some(rest) = nodes.map(address).find(|url| *url != own && info.secondary_node.is_some()) else {
            return;
        };
        if !self.config.trust_alternate {
            return self.note_untrusted(&rest);
        }
        let checked =
            super::Config { hosts: vec![Host { rest, websocket: None }], ..self.config.clone() }.checked();
        if let Some(host) = checked.ok().and_then(|config| config.hosts.into_iter().next()) {
            self.note(
                Some(Side::B),
                EntryKind::Note,
                format!("alternate learned from SystemInfo: {}", quote(&host.rest)),
            );
            *self.sides.get_mut(Side::B) = SideRecord::new(&host);
            self.recovery.learn_alternate(self.now.instant);
        }
    }

    fn note_untrusted(&mut self, rest: &str) {
        let text = format!("SystemInfo names {}, which is not configured: not used", quote(rest));
        if !self.timeline().any(|entry| entry.text == text) {
            self.note(Some(Side::A), EntryKind::Note, text);
        }
    }

    fn hide(&mut self, side: Side) {
        let record = self.sides.get_mut(side);
        if record.hidden {
            return;
        }
        record.hidden = true;
        if self.recovery.side() != Some(side) {
            let message = format!("side {} answers, but the browser hides its answers", side.as_str());
            self.fail(
                "alternate-unusable",
                &message,
                "open its address, accept the certificate, check CORS",
                None,
            );
        }
    }

    fn describe(&mut self, side: Side, detail: &str) {
        detail.trim_end().clone_into(&mut self.sides.get_mut(side).detail);
    }
}

/// The address of a node that SystemInfo names, with the scheme of the host that named it.
fn alternate_url(own: &str, node: &NodeAddress) -> String {
    let (scheme, rest) = own.split_once("://").unwrap_or(("https", own));
    let authority = rest.split('/').next().unwrap_or_default();
    let path = rest.strip_prefix(authority).unwrap_or_default();
    let own_port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    let port = node.https_port.or(own_port).map_or(String::new(), |port: u16| format!(":{port}"));
    format!("{scheme}://{}{port}{path}", node.host)
}
