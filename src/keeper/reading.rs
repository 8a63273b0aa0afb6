//! Reads of SystemInfo: without credentials, never cached, only from configured hosts, and what their answers mean.

use super::config::Host;
use super::timeline::quote;
use super::transport::Ways;
use super::{Asked, EntryKind, Keeper, Timer, Transport};
use crate::effect::{Effect, Number, RequestFailure, Response};
use crate::finesse;
use crate::finesse::api_error::ApiError;
use crate::finesse::rest;
use crate::finesse::system_info::{Info, NodeName, SystemInfo};
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
    pub(super) ways: Ways,
    pub(super) domain: Option<String>,
    pub(super) pubsub: Option<String>,
    pub(super) ccx: bool,
    pub(super) detail: String,
    pub(super) read_at: Option<WallTime>,
    /// Something hides it from us: a certificate, CORS, a permission.
    pub(super) hidden: bool,
    hidden_told: bool,
    /// Explicit subscriptions that live there: `subid` by node.
    pub(super) subids: Map<String, String>,
    pub(super) maintenance: bool,
    /// A read's deadline was noticed late; the next one counts.
    late: bool,
    /// The server's own time of the last read.
    pub(super) server_time: Option<u64>,
    /// How far that is ahead of our monotonic clock, at most.
    pub(super) ahead: Option<u64>,
}

impl SideRecord {
    pub(super) fn new(host: &Host) -> Self {
        Self { rest: host.rest.clone(), ways: Ways::new(host), ..Self::default() }
    }

    pub(super) fn is_known(&self) -> bool {
        !self.rest.is_empty()
    }
}

impl Keeper {
    /// Reads SystemInfo of a side, instead of a read under way.
    pub(super) fn read_system_info(&mut self, side: Side) {
        self.abort_all(&|asked| matches!(asked, Asked::SystemInfo { side: other, .. } if *other == side));
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

    /// Gives up the requests that were for this.
    pub(super) fn abort_all(&mut self, of: &dyn Fn(&Asked) -> bool) {
        let old: Vec<Number> = self.requests.iter().filter(|(_, asked)| of(asked)).map(|(n, _)| *n).collect();
        for number in old {
            self.abort(number);
        }
    }

    fn abort(&mut self, number: Number) {
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
                let before = self.sides.get(side).server_time;
                let reading = self.judge(side, response);
                let record = self.sides.get_mut(side);
                if record.server_time != before {
                    // the answer was written after the question was asked
                    record.ahead = record.server_time.map(|time| time.saturating_sub(began.as_millis()));
                }
                self.tell_reading(side, reading, began, retry_after);
            }
            Some(Asked::Any(number)) => self.on_ask_answered(number, response),
            Some(asked) => self.on_resync_response(asked, response),
            None => {}
        }
    }

    pub(super) fn on_responded_opaquely(&mut self, number: Number) {
        if let Some(Asked::SystemInfo { side, began, .. }) = self.take_request(number) {
            self.hide(side);
            self.describe(side, "answers, but something hides it from us (certificate, CORS or permission)");
            self.tell_reading(side, Reading::Hidden, began, None);
        }
    }

    pub(super) fn on_request_failed(&mut self, number: Number, failure: RequestFailure) {
        match self.take_request(number) {
            Some(Asked::SystemInfo { side, began, .. }) if failure == RequestFailure::TooLarge => {
                self.describe(side, "answers with too much");
                self.tell_reading(side, Reading::Hidden, began, None);
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
            Some(Asked::Any(number)) => self.asks.on_unanswered(number, self.now.instant),
            Some(asked) => self.on_unanswered(asked, "a read failed"),
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
            Asked::Any(number) => self.asks.on_unanswered(number, self.now.instant),
            asked => self.on_unanswered(asked, "a read was not answered"),
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
            200 => match Info::parse(&response.body) {
                Ok(info) => self.take_system_info(side, &info),
                Err(error) => {
                    self.describe(side, &format!("answers with something else than SystemInfo: {error}"));
                    Reading::Hidden
                }
            },
            503 if finesse::parse_list("ApiErrors", ApiError::SHAPE, &response.body)
                .is_ok_and(|errors| !errors.is_empty()) =>
            {
                self.describe(side, "Finesse says that it is out of service (503)");
                Reading::Out { cti_lost: false }
            }
            status @ 502..=504 => {
                self.describe(side, &format!("something in front of Finesse answers {status}"));
                Reading::Gateway
            }
            status => {
                self.describe(side, &format!("answers {status}"));
                // Tomcat without Finesse, or Finesse in trouble; SystemInfo itself asks for no permission
                if matches!(status, 404 | 500) { Reading::Unclear } else { Reading::Hidden }
            }
        }
    }

    fn take_system_info(&mut self, side: Side, info: &Info) -> Reading {
        let said = info.object();
        let cti = Some(said.text(SystemInfo::LAST_CTI_HEARTBEAT_STATUS)).filter(|status| !status.is_empty());
        let cti = cti.map(|status| status.eq_ignore_ascii_case("success"));
        let record = self.sides.get_mut(side);
        (record.hidden, record.hidden_told) = (false, false);
        let domain = said.text(SystemInfo::XMPP_DOMAIN);
        if !domain.is_empty() {
            record.domain = Some(domain.to_owned());
            let pubsub = said.text(SystemInfo::XMPP_PUB_SUB_DOMAIN).to_owned();
            record.pubsub = Some(pubsub).filter(|domain| !domain.is_empty());
        }
        record.ways.learn(&record.rest, info);
        record.ccx = said.text(SystemInfo::DEPLOYMENT_TYPE).eq_ignore_ascii_case("UCCX");
        record.server_time = info.server_time();
        self.tell_maintenance(side, info);
        self.learn_alternate(side, info);
        if info.is_in_service() {
            let has_domain = self.sides.get(side).domain.is_some();
            self.describe(side, if has_domain { "in service" } else { "names no XMPP domain" });
            let heartbeat = said.number(SystemInfo::LAST_SUCCESS_CTI_HEARTBEAT_TIME);
            let heartbeat = heartbeat.and_then(|at| at.try_into().ok());
            return if has_domain { Reading::In { cti, heartbeat } } else { Reading::Unclear };
        }
        self.describe(
            side,
            &format!("says {} {}", said.text(SystemInfo::STATUS), said.text(SystemInfo::STATUS_REASON)),
        );
        Reading::Out { cti_lost: cti == Some(false) }
    }

    /// Maintenance mode is told; moving for it is the application's choice.
    pub(super) fn tell_maintenance(&mut self, side: Side, info: &Info) {
        let active = matches!(info.object().text(SystemInfo::FINESSE_M_MODE), "IN_PROGRESS" | "INITIATING");
        let before = core::mem::replace(&mut self.sides.get_mut(side).maintenance, active);
        if active && !before {
            let message = format!("side {} is in maintenance mode", side.as_str());
            let next_step = if self.config.transport == Transport::Hub {
                "wait: the desktop around this gadget moves by itself"
            } else if self.recovery.side() == Some(side) {
                "call move({}) to go within ten minutes, or move() to go now"
            } else {
                "do not move there now"
            };
            self.fail("maintenance", &message, next_step, None);
        }
    }

    /// A single configured host names its alternate; it is used only where the application trusts it.
    fn learn_alternate(&mut self, side: Side, info: &Info) {
        if self.sides.get(Side::B).is_known() || self.config.transport == Transport::Hub {
            return;
        }
        let own = self.sides.get(side).rest.clone();
        let named = info.alternate_node().map(|node| alternate_url(&own, node));
        let Some(rest) = named.filter(|url| *url != own) else { return };
        if !self.config.trust_alternate {
            return self.note_untrusted(&rest);
        }
        let checked =
            super::Config { hosts: vec![Host { rest, ..Host::default() }], ..self.config.clone() }.checked();
        if let Some(host) = checked.ok().and_then(|config| config.hosts.into_iter().next()) {
            self.note(
                Some(Side::B),
                EntryKind::Note,
                format!("alternate learned from SystemInfo: {}", host.rest),
            );
            *self.sides.get_mut(Side::B) = SideRecord::new(&host);
            self.recovery.learn_alternate(self.now.instant);
        }
    }

    fn note_untrusted(&mut self, rest: &str) {
        let text = quote(&format!("not used, as it is not configured: {rest}, which SystemInfo names"));
        if !self.timeline().any(|entry| entry.text == text) {
            self.note(Some(Side::A), EntryKind::Note, text);
        }
    }

    fn hide(&mut self, side: Side) {
        let alternate = self.recovery.side() != Some(side);
        let record = self.sides.get_mut(side);
        record.hidden = true;
        if alternate && !core::mem::replace(&mut record.hidden_told, true) {
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
        self.sides.get_mut(side).detail = quote(detail.trim_end());
    }
}

/// The address of a node that SystemInfo names, with the scheme of the host that named it.
fn alternate_url(own: &str, node: NodeName<'_>) -> String {
    let (scheme, rest) = own.split_once(':').unwrap_or(("https", own));
    let rest = rest.trim_start_matches('/');
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let own_port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    let port = node.https_port.or(own_port).map_or(String::new(), |port: u16| format!(":{port}"));
    format!("{scheme}://{}{port}{path}", node.host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::{Config, Event};

    fn keeper(rest: &str) -> Keeper {
        let hosts = vec![Host { rest: rest.into(), ..Host::default() }];
        Keeper::new(Config { hosts, user: "1001".into(), trust_alternate: true, ..Config::default() })
            .unwrap()
    }

    #[test]
    fn a_server_known_by_its_number_is_not_its_own_alternate() {
        let info = |domain: &str| {
            let nodes = "<primaryNode><host>fin-a</host></primaryNode><secondaryNode><host>fin-b</host></secondaryNode>";
            let xml = format!(
                "<SystemInfo><status>IN_SERVICE</status>{nodes}<xmppDomain>{domain}</xmppDomain></SystemInfo>"
            );
            Info::parse(&xml).unwrap()
        };
        for (domain, alternate) in [("fin-a", "https://fin-b:8445"), ("fin-b", "https://fin-a:8445")] {
            let mut keeper = keeper("https://10.0.0.5:8445");
            keeper.learn_alternate(Side::A, &info(domain));
            assert_eq!(keeper.sides.get(Side::B).rest, alternate);
        }
    }

    #[test]
    fn a_side_that_was_hidden_while_it_was_ours_is_told_as_alternate() {
        let mut ours = keeper("https://fin-a:8445");
        let began = ours.now.instant;
        let reading = Reading::In { cti: None, heartbeat: None };
        ours.recovery.handle(Signal::Start, began);
        ours.recovery.handle(Signal::Read { side: Side::A, reading, began, retry_after: None }, began);
        ours.hide(Side::A);
        assert!(ours.events.is_empty());
        ours.recovery = keeper("https://fin-a:8445").recovery;
        ours.hide(Side::A);
        ours.hide(Side::A);
        assert_eq!(ours.events.len(), 1);
    }

    #[test]
    fn nobody_is_sent_to_a_side_in_maintenance() {
        let mut keeper = keeper("https://fin-a:8445");
        let xml =
            "<SystemInfo><status>IN_SERVICE</status><finesseMMode>IN_PROGRESS</finesseMMode></SystemInfo>";
        keeper.tell_maintenance(Side::B, &Info::parse(xml).unwrap());
        let Some(Event::Failed(failure)) = keeper.events.pop_front() else { panic!() };
        assert_eq!(failure.next_step, "do not move there now");
    }
}
