//! WebSocket or BOSH: which way to a side's notification service is tried, and what is remembered of it. A gadget has
//! neither: its way is its container's hub.
//!
//! Some proxies refuse a WebSocket, strip its upgrade or swallow it. So with `transport: 'auto'` BOSH is tried where a
//! WebSocket did not come about *while SystemInfo reads in service*; both are one login attempt. Only a way that has
//! logged in is remembered, and a side whose WebSocket once did needs three failures in a row to be tried over BOSH:
//! a service that is starting is no proxy; and should BOSH be answered then, the service may have come back meanwhile, so
//! the WebSocket is asked once more before anyone logs in. While BOSH serves, a WebSocket is asked for a stream now and then, without a
//! login: where it gets one, the next connection takes it. The connection that stands is not touched for it.

use super::config::{Host, Transport, default_bosh, default_websocket};
use super::{EntryKind, Keeper, Timer};
use crate::effect::split_scheme;
use crate::finesse::node;
use crate::finesse::system_info::{Info, SystemInfo};
use crate::link::Link;
use crate::link::bosh::BoshLink;
use crate::link::hub::HubLink;
use crate::link::websocket::WebSocketLink;
use crate::recovery::{Reading, Side};
use crate::session::CONNECT;
use crate::time::Duration;

/// Where a WebSocket was never seen to work, it has so long before BOSH is tried.
const UNPROVEN: Duration = Duration::from_secs(2);
/// Failures in a row of a WebSocket that had worked, until BOSH is tried.
const FAILURES: u32 = 3;
/// So often a WebSocket is asked for while BOSH serves.
const BETTER: Duration = Duration::from_secs(600);

/// One of the ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// XMPP over WebSocket (RFC 7395).
    WebSocket,
    /// XMPP over HTTP (XEP-0206).
    Bosh,
    /// The connection of a gadget's container.
    Hub,
}

impl Way {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Bosh => "bosh",
            Self::Hub => "hub",
        }
    }

    /// The way of this name, of those that are remembered.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::WebSocket, Self::Bosh].into_iter().find(|way| way.as_str() == name)
    }

    /// As a timeline's entry ends: a WebSocket goes without saying.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::WebSocket => "",
            Self::Bosh => " over BOSH",
            Self::Hub => " through the container",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::WebSocket => Self::Bosh,
            Self::Bosh => Self::WebSocket,
            Self::Hub => Self::Hub,
        }
    }
}

/// Whether a server takes a login in fewer flights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Quick {
    #[default]
    Untried,
    /// Its last session did, or would have.
    Taken,
    Refused,
}

/// What is known of the ways to one side.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    websocket: String,
    bosh: String,
    /// The application has named these addresses; SystemInfo does not change them.
    given: (bool, bool),
    /// The way that last logged in.
    pub(super) proven: Option<Way>,
    websocket_failures: u32,
    /// Since it last logged in here, a WebSocket was asked once more because BOSH was answered.
    asked_again: bool,
    quick: (Quick, Quick),
}

impl Ways {
    pub(super) fn new(host: &Host) -> Self {
        Self {
            websocket: host.websocket.clone().unwrap_or_else(|| default_websocket(&host.rest)),
            bosh: host.bosh.clone().unwrap_or_else(|| default_bosh(&host.rest)),
            given: (host.websocket.is_some(), host.bosh.is_some()),
            ..Self::default()
        }
    }

    /// A WebSocket is sent all at once only to a server that was seen to be such a one; over BOSH its features tell.
    fn may_be_quick(&self, way: Way) -> bool {
        match way {
            Way::WebSocket => self.quick.0 == Quick::Taken,
            Way::Bosh => self.quick.1 != Quick::Refused,
            Way::Hub => false,
        }
    }

    fn quick(&mut self, way: Way) -> &mut Quick {
        match way {
            Way::WebSocket => &mut self.quick.0,
            _ => &mut self.quick.1,
        }
    }

    pub(super) fn refuse_quick(&mut self, way: Way) {
        *self.quick(way) = Quick::Refused;
    }

    /// A way has logged in.
    pub(super) fn prove(&mut self, way: Way) {
        if way == Way::Hub {
            return; // another page has none
        }
        self.proven = Some(way);
        self.websocket_failures = 0;
        self.asked_again = false;
        if *self.quick(way) == Quick::Untried {
            *self.quick(way) = Quick::Taken;
        }
    }

    /// Learns where the notification service listens, by what the server says of itself.
    pub(super) fn learn(&mut self, rest: &str, info: &Info) {
        let Some(base) = service_base(rest, info) else { return };
        if !self.given.0 {
            self.websocket = default_websocket(&base);
        }
        if !self.given.1 {
            self.bosh = default_bosh(&base);
        }
    }
}

/// Finesse 12.6 serves the notification service on the port of REST, which it names (behind a reverse proxy each node
/// has its own); before, it was on 7443, or 7071 without TLS (Cisco: managing notifications in third-party
/// applications). Only ports that are Finesse's own say so. `xmppSecurePort` is for XMPP over TCP, which no browser speaks.
fn service_base(rest: &str, info: &Info) -> Option<String> {
    let (scheme, authority) = split_scheme(rest).filter(|(_, authority)| !authority.contains('/'))?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, if scheme == "https" { 443 } else { 80 }),
    };
    let own = info.nodes().find(|node| node.host.eq_ignore_ascii_case(host));
    let named = own.and_then(|node| node.https_port).filter(|_| scheme == "https");
    let modes = [SystemInfo::FINESSE_M_MODE, SystemInfo::CTI_M_MODE];
    let old = modes.iter().all(|mode| info.object().field(*mode).is_absent()) && named.is_none();
    let port: u16 = match (named, scheme, port) {
        (Some(named), ..) => named,
        (None, "https", 8443 | 8445) if old => 7443,
        (None, "http", 80 | 8082) if old => 7071,
        _ => return None,
    };
    Some(format!("{scheme}://{host}:{port}"))
}

impl Keeper {
    /// The ways that may be tried, the first one first: what has logged in here, or else on the other side.
    pub(super) fn ways(&self, side: Side) -> Vec<Way> {
        let proven = |side| self.sides.get(side).ways.proven;
        match self.config.transport {
            Transport::WebSocket => vec![Way::WebSocket],
            Transport::Bosh => vec![Way::Bosh],
            Transport::Hub => vec![Way::Hub],
            Transport::Auto => {
                let first = proven(side).or(proven(side.other())).unwrap_or(Way::WebSocket);
                vec![first, first.other()]
            }
        }
    }

    /// A new link to a side, and whether the login over it may be quick, and how long the connection may take.
    pub(super) fn new_link(&mut self, side: Side, way: Way, domain: &str) -> (Link, bool, Duration) {
        let ways = &self.sides.get(side).ways;
        let link = match way {
            Way::WebSocket => Link::WebSocket(WebSocketLink::new(self.numbers.take(), &ways.websocket)),
            Way::Bosh => {
                let rid = u32::try_from(self.rng.next_u64() >> 32).unwrap_or_default();
                let numbers = self.numbers.clone();
                Link::Bosh(Box::new(BoshLink::new(numbers, rid, &ways.bosh, domain, self.now.instant)))
            }
            Way::Hub => {
                let user = &self.config.user;
                let own =
                    [node::user(user), node::dialogs(user), node::media(user), node::SYSTEM_INFO.into()];
                let name = format!("keeper-{:08x}", self.rng.next_u64() >> 32);
                Link::Hub(Box::new(HubLink::new(self.numbers.take(), name, own.into())))
            }
        };
        let unproven = self.config.transport == Transport::Auto && ways.proven.is_none();
        let patience = if way == Way::WebSocket && unproven { UNPROVEN } else { CONNECT };
        (link, ways.may_be_quick(way), patience)
    }

    /// The way to try now that this one gave no stream, if it was the first of its attempt.
    pub(super) fn second_way(&mut self, side: Side, way: Way, first: bool) -> Option<Way> {
        let ways = &mut self.sides.get_mut(side).ways;
        if way == Way::WebSocket {
            ways.websocket_failures = ways.websocket_failures.saturating_add(1);
        }
        let starting = ways.proven == Some(Way::WebSocket) && ways.websocket_failures < FAILURES;
        let reads_in = self.recovery.last_reading(side).is_some_and(Reading::is_in);
        (self.config.transport == Transport::Auto && first && !starting && reads_in).then(|| way.other())
    }

    /// BOSH is answered where a WebSocket had worked and did not come about just now: whether the WebSocket is to be asked
    /// once more.
    pub(super) fn is_websocket_due(&mut self) -> bool {
        let Some(line) = &self.line else { return false };
        if line.way != Way::Bosh || line.first_way_failed.is_none() {
            return false;
        }
        let ways = &mut self.sides.get_mut(line.side).ways;
        ways.proven == Some(Way::WebSocket) && !core::mem::replace(&mut ways.asked_again, true)
    }

    /// A session is up over this way.
    pub(super) fn prove_way(&mut self, side: Side, way: Way) {
        self.sides.get_mut(side).ways.prove(way);
        if way == Way::Bosh && self.config.transport == Transport::Auto {
            self.timers.set(Timer::BetterWay, self.now.instant + BETTER);
        } else {
            self.timers.clear(Timer::BetterWay);
        }
    }

    /// BOSH serves: does a WebSocket get through by now?
    pub(super) fn look_for_a_better_way(&mut self) {
        let Some(side) = self.line.as_ref().filter(|line| line.way == Way::Bosh).map(|line| line.side) else {
            return;
        };
        self.timers.set(Timer::BetterWay, self.now.instant + BETTER);
        self.open_check(side, &[Way::WebSocket], true);
    }

    /// A WebSocket gets through again.
    pub(super) fn take_better_way(&mut self, side: Side) {
        self.timers.clear(Timer::BetterWay);
        let note = "a WebSocket gets through: the next connection takes it";
        self.note(Some(side), EntryKind::Link, note);
        for side in Side::BOTH {
            self.sides.get_mut(side).ways.proven = None; // what was in the way was in the way to both
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_where_its_version_has_it() {
        let info = |more: &str| {
            Info::parse(&format!("<SystemInfo><status>IN_SERVICE</status>{more}</SystemInfo>")).unwrap()
        };
        let named = "<primaryNode><host>FIN-A</host><httpsPort>8553</httpsPort></primaryNode>";
        for (rest, more, expected) in [
            ("https://fin-a:8445", "", Some("https://fin-a:7443")),
            ("http://fin-a:8082", "", Some("http://fin-a:7071")),
            ("https://fin-a:8445", "<finesseMMode/>", None),
            ("https://fin-a", named, Some("https://fin-a:8553")),
            ("https://fin-b:8445", named, Some("https://fin-b:7443")),
            ("https://fin-a:9000", "", None),
            ("https://proxy:8445/fin-a", "", None),
        ] {
            assert_eq!(service_base(rest, &info(more)).as_deref(), expected, "{rest} {more}");
        }
    }

    #[test]
    fn what_the_application_names_stays() {
        let host = Host { rest: "https://a:8445".into(), websocket: Some("wss://p/ws/".into()), bosh: None };
        let mut ways = Ways::new(&host);
        ways.learn(
            "https://a:8445",
            &Info::parse("<SystemInfo><status>IN_SERVICE</status></SystemInfo>").unwrap(),
        );
        assert_eq!(
            (ways.websocket.as_str(), ways.bosh.as_str()),
            ("wss://p/ws/", "https://a:7443/http-bind/")
        );
    }

    #[test]
    fn a_refused_quick_login_is_remembered() {
        let mut ways = Ways::default();
        assert!(!ways.may_be_quick(Way::WebSocket) && ways.may_be_quick(Way::Bosh));
        ways.prove(Way::WebSocket);
        assert!(ways.may_be_quick(Way::WebSocket));
        ways.refuse_quick(Way::WebSocket);
        ways.prove(Way::WebSocket);
        assert!(!ways.may_be_quick(Way::WebSocket));
    }
}
