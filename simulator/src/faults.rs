//! The faults that last, and what they add up to: one [`Condition`] for each side.

use crate::accounts::{Accounts, Refused};
use crate::config::{Config, Side};
use crate::control::{Fault, FaultSpec, Garbage, Manner, Reads};
use crate::report::FaultReport;

/// What `latency` adds when it does not say.
const LATENCY_MS: u64 = 400;
/// How late `bosh-request-reordered` makes a request when it does not say.
const REORDER_MS: u64 = 50;
/// After how long `bosh-wait-cut` answers when it does not say.
const WAIT_CUT_MS: u64 = 10_000;

/// How wrong `clock-skew` makes a clock when it does not say.
const SKEW_MS: u64 = 600_000;
/// How late `notifications-late` makes a notification when it does not say: so late one came from a real server.
const LATE_MS: u64 = 43_000;

/// A fault that lasts.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    pub(crate) id: u64,
    pub(crate) since: u64,
    pub(crate) until: Option<u64>,
    pub(crate) spec: FaultSpec,
    /// False for a `slow-start` that waits for another fault to heal.
    pub(crate) begun: bool,
}

#[derive(Default)]
pub(crate) struct Faults {
    active: Vec<Active>,
}

/// What is broken on one side, for everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) node: Option<Manner>,
    pub(crate) silent: bool,
    pub(crate) service_down: bool,
    pub(crate) frozen: bool,
    pub(crate) reads_out: bool,
    pub(crate) tomcat: Option<Manner>,
    pub(crate) web_app_down: bool,
    pub(crate) cti_lost: bool,
    pub(crate) maintenance: bool,
    pub(crate) slow_start: Option<Manner>,
    pub(crate) login_refused: bool,
    pub(crate) presence_missing: bool,
    pub(crate) untold: bool,
    pub(crate) ghosts: bool,
}

/// How the notifications to one agent fare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) swapped: bool,
    /// Every second one is so late.
    pub(crate) late: Option<u64>,
    pub(crate) stamped: bool,
}

impl Condition {
    pub(crate) fn service_up(&self) -> bool {
        self.node.is_none() && !self.service_down
    }

    pub(crate) fn app_up(&self) -> bool {
        self.node.is_none() && self.tomcat.is_none() && !self.web_app_down
    }

    /// Whether a slow start has to wait for something else to heal.
    fn broken(&self) -> bool {
        !self.service_up() || !self.app_up() || self.frozen || self.cti_lost
    }
}

impl Faults {
    pub(crate) fn add(&mut self, id: u64, spec: FaultSpec, now: u64) {
        let waits = spec.fault == Fault::SlowStart;
        let until = if waits { None } else { spec.lasts.map(|ms| now + ms) };
        self.active.push(Active { id, since: now, until, spec, begun: !waits });
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Active> {
        let index = self.active.iter().position(|it| it.id == id)?;
        Some(self.active.remove(index))
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.active.iter().map(|it| it.id).collect()
    }

    pub(crate) fn report(&self) -> Vec<FaultReport> {
        let report =
            |it: &Active| FaultReport { id: it.id, since: it.since, until: it.until, spec: it.spec.clone() };
        self.active.iter().map(report).collect()
    }

    /// Whether the network of a client to a side is lost, beyond what is lost for everyone.
    pub(crate) fn cut_off(&self, side: Side, client: &str) -> bool {
        self.loses(side, client, None)
    }

    /// Whether the requests of a client to a side are lost, and nothing else.
    pub(crate) fn unheard(&self, side: Side, client: &str) -> bool {
        self.loses(side, client, Some(Manner::Timeout))
    }

    fn loses(&self, side: Side, client: &str, manner: Option<Manner>) -> bool {
        let mut lost = self.of(side, Fault::NetworkLost);
        lost.any(|it| it.agent.as_deref() == Some(client) && it.manner == manner)
    }

    /// What is added to the round trip of a client.
    pub(crate) fn latency(&self, side: Side, client: &str) -> u64 {
        self.on(side, client, Fault::Latency).map(|it| it.ms.unwrap_or(LATENCY_MS)).sum()
    }

    /// Whether a client gets this lasting kind of nonsense.
    pub(crate) fn garbles(&self, side: Side, client: &str, kind: Garbage) -> bool {
        self.on(side, client, Fault::Garbage).any(|it| it.kind == Some(kind))
    }

    /// How WebSockets of a client are kept from opening.
    pub(crate) fn blocks_sockets(&self, side: Side, client: &str) -> Option<Manner> {
        self.on(side, client, Fault::WebsocketBlocked).map(|it| it.manner.unwrap_or(Manner::Refused)).next()
    }

    /// How requests of a client to `/http-bind/` are kept from arriving.
    pub(crate) fn blocks_bosh(&self, side: Side, client: &str) -> Option<Manner> {
        self.on(side, client, Fault::BoshBlocked).map(|it| it.manner.unwrap_or(Manner::Refused)).next()
    }

    /// Whether pages may not read what is answered to a client.
    pub(crate) fn forbids_pages(&self, side: Side, client: &str) -> bool {
        self.on(side, client, Fault::CorsDisabled).next().is_some()
    }

    /// What a side's clock shows for this time.
    pub(crate) fn clock(&self, side: Side, time: u64) -> u64 {
        self.of(side, Fault::ClockSkew).fold(time, |time, it| match (it.manner, it.ms.unwrap_or(SKEW_MS)) {
            (Some(Manner::Behind), ms) => time.saturating_sub(ms),
            (_, ms) => time.saturating_add(ms),
        })
    }

    /// What a proxy answers to the requests of a client to `/http-bind/`.
    pub(crate) fn bosh_error(&self, side: Side, client: &str) -> Option<u16> {
        let status = |it: &FaultSpec| match it.manner {
            Some(Manner::ServerError) => 500,
            Some(Manner::Unavailable) => 503,
            _ => 502,
        };
        self.on(side, client, Fault::BoshError).map(status).next()
    }

    /// Whether the answers to those are lost.
    pub(crate) fn loses_bosh_answers(&self, side: Side, client: &str) -> bool {
        self.on(side, client, Fault::BoshResponseLost).next().is_some()
    }

    /// How late every second one of those is.
    pub(crate) fn bosh_lateness(&self, side: Side, client: &str) -> u64 {
        let late = self.on(side, client, Fault::BoshRequestReordered);
        late.map(|it| it.ms.unwrap_or(REORDER_MS)).max().unwrap_or(0)
    }

    /// After how long a proxy answers those itself.
    pub(crate) fn bosh_patience(&self, side: Side, client: &str) -> Option<u64> {
        self.on(side, client, Fault::BoshWaitCut).map(|it| it.ms.unwrap_or(WAIT_CUT_MS)).min()
    }

    /// Whether notifications bear no `requestId`.
    pub(crate) fn hides_request_ids(&self) -> bool {
        self.active.iter().any(|it| it.spec.fault == Fault::RequestIdsLost)
    }

    /// How the notifications to an agent fare.
    pub(crate) fn delivery(&self, side: Side, agent: &str) -> Delivery {
        let late = self.on(side, agent, Fault::NotificationsLate).next();
        Delivery {
            swapped: self.on(side, agent, Fault::NotificationsSwapped).next().is_some(),
            late: late.map(|it| it.ms.unwrap_or(LATE_MS)),
            stamped: late.is_some_and(|it| it.manner == Some(Manner::Stored)),
        }
    }

    /// What everything adds up to on a side.
    pub(crate) fn condition(&self, side: Side, config: &Config) -> Condition {
        let mut sum = Condition::default();
        if config.single_node && side == Side::B {
            sum.node = Some(Manner::Refused);
        }
        for it in self.active.iter().filter(|it| it.spec.concerns(side)) {
            let manner = |usual| Some(it.spec.manner.unwrap_or(usual));
            match it.spec.fault {
                Fault::NodeDown => sum.node = sum.node.or(manner(Manner::Refused)),
                Fault::SideSilent => sum.silent = true,
                Fault::NotificationServiceDown => sum.service_down = true,
                Fault::NotificationServiceFrozen => sum.frozen = true,
                Fault::TomcatDown => sum.tomcat = sum.tomcat.or(manner(Manner::Refused)),
                Fault::WebAppDown => sum.web_app_down = true,
                Fault::CtiLost => sum.cti_lost = true,
                Fault::Maintenance => sum.maintenance = true,
                Fault::LoginRefused => sum.login_refused = true,
                Fault::Conflict => sum.ghosts |= it.spec.manner == Some(Manner::Ghost),
                Fault::SlowStart if it.begun => sum.slow_start = manner(Manner::Unavailable),
                Fault::PresenceMissing => {
                    sum.presence_missing = true;
                    sum.untold |= it.spec.manner == Some(Manner::Untold);
                }
                _ => {}
            }
            sum.reads_out |= it.spec.reads == Some(Reads::Out);
        }
        sum
    }

    /// Lets slow starts begin whose side has nothing else broken; gives their numbers and when they end.
    pub(crate) fn begin_slow_starts(&mut self, config: &Config, now: u64) -> Vec<(u64, u64)> {
        let broken = Side::BOTH.map(|side| self.condition(side, config).broken());
        let [a, b] = broken;
        let mut begun = Vec::new();
        for it in self.active.iter_mut().filter(|it| !it.begun) {
            let waits = match it.spec.side {
                Some(Side::A) => a,
                Some(Side::B) => b,
                None => a || b && !config.single_node,
            };
            if !waits {
                it.begun = true;
                it.until = it.spec.lasts.map(|ms| now + ms);
                begun.extend(it.until.map(|until| (it.id, until)));
            }
        }
        begun
    }

    /// Tells the accounts whose credentials are refused where.
    pub(crate) fn refuse(&self, accounts: &mut Accounts) {
        for side in Side::BOTH {
            let mut refused = Refused::default();
            for it in self.of(side, Fault::PasswordRefused) {
                match &it.agent {
                    None => refused.everyone = true,
                    Some(id) => refused.agents.extend(accounts.find(id)),
                }
            }
            accounts.set_refused(side, refused);
        }
    }

    /// The faults of this kind that concern a client.
    fn on(&self, side: Side, client: &str, fault: Fault) -> impl Iterator<Item = &FaultSpec> {
        self.of(side, fault).filter(move |it| it.agent.as_deref().is_none_or(|agent| agent == client))
    }

    fn of(&self, side: Side, fault: Fault) -> impl Iterator<Item = &FaultSpec> {
        let chosen = move |it: &&Active| it.spec.fault == fault && it.spec.concerns(side);
        self.active.iter().filter(chosen).map(|it| &it.spec)
    }
}
