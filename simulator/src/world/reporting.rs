//! What the world remembers, and the report of how it stands.

use std::collections::VecDeque;

use super::World;
use super::link::LinkId;
use crate::config::Side;
use crate::control::Manner;
use crate::notification_service::Key;
use crate::report::{
    AgentReport, ChangeReport, Counts, DialogReport, EndingReport, ForcedLogout, MediumReport, RefusalReport,
    Report, RequestReport, SessionReport, SideReport, TaskReport, WishReport,
};

/// The newest of what happened, and how often it did.
pub(super) struct Records {
    limit: usize,
    requests: VecDeque<RequestReport>,
    refusals: VecDeque<RefusalReport>,
    wishes: VecDeque<WishReport>,
    changes: VecDeque<ChangeReport>,
    forced_logouts: VecDeque<ForcedLogout>,
    endings: VecDeque<EndingReport>,
    pub(super) counts: Counts,
}

impl Records {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            requests: VecDeque::new(),
            refusals: VecDeque::new(),
            wishes: VecDeque::new(),
            changes: VecDeque::new(),
            forced_logouts: VecDeque::new(),
            endings: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    pub(super) fn requested(&mut self, request: RequestReport) {
        self.counts.requests += 1;
        keep(&mut self.requests, request, self.limit);
    }

    pub(super) fn refused(&mut self, refusal: RefusalReport) {
        self.counts.refusals += 1;
        keep(&mut self.refusals, refusal, self.limit);
    }

    pub(super) fn forced(&mut self, logout: ForcedLogout) {
        self.counts.forced_logouts += 1;
        keep(&mut self.forced_logouts, logout, self.limit);
    }

    pub(super) fn wished(&mut self, wish: WishReport) {
        keep(&mut self.wishes, wish, self.limit);
    }

    pub(super) fn changed(&mut self, change: ChangeReport) {
        keep(&mut self.changes, change, self.limit);
    }

    pub(super) fn ended(&mut self, ending: EndingReport) {
        keep(&mut self.endings, ending, self.limit);
    }
}

fn keep<T>(list: &mut VecDeque<T>, item: T, limit: usize) {
    list.push_back(item);
    if list.len() > limit {
        list.pop_front();
    }
}

impl World {
    /// The whole truth, at a time that is not before the last input.
    #[must_use]
    pub fn report(&self, now: u64) -> Report {
        Report {
            now,
            time: self.config.epoch_ms + now,
            sides: self.sides().map(|side| self.side_report(side)).collect(),
            agents: (0..self.config.agents.len()).filter_map(|agent| self.agent_report(agent)).collect(),
            sessions: self.sides().flat_map(|side| self.session_reports(side)).collect(),
            endings: self.records.endings.iter().cloned().collect(),
            faults: self.faults.report(),
            requests: self.records.requests.iter().cloned().collect(),
            refusals: self.records.refusals.iter().cloned().collect(),
            wishes: self.records.wishes.iter().cloned().collect(),
            changes: self.records.changes.iter().cloned().collect(),
            forced_logouts: self.records.forced_logouts.iter().cloned().collect(),
            counts: self.records.counts,
        }
    }

    /// One agent, as CTI knows it.
    #[must_use]
    pub fn agent(&self, id: &str) -> Option<AgentReport> {
        self.accounts.find(id).and_then(|agent| self.agent_report(agent))
    }

    /// The newest changes of agents, calls, media and tasks, oldest first.
    pub fn changes(&self) -> impl Iterator<Item = &ChangeReport> {
        self.records.changes.iter()
    }

    /// The newest forced logouts, oldest first.
    pub fn forced_logouts(&self) -> impl Iterator<Item = &ForcedLogout> {
        self.records.forced_logouts.iter()
    }

    /// The newest refusals of credentials, oldest first.
    pub fn refusals(&self) -> impl Iterator<Item = &RefusalReport> {
        self.records.refusals.iter()
    }

    /// How often what happened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.records.counts
    }

    fn sides(&self) -> impl Iterator<Item = Side> {
        let count = if self.config.single_node { 1 } else { 2 };
        Side::BOTH.into_iter().take(count)
    }

    fn side_report(&self, side: Side) -> SideReport {
        let node = self.node(side);
        let answers = node.condition.app_up() && !node.condition.silent;
        let reads = if !answers || self.slow_start(side) == Some(Manner::Unavailable) {
            "none"
        } else if self.in_service(side) {
            "in"
        } else {
            "out"
        };
        let sockets = self
            .links
            .iter()
            .filter(|(id, link)| matches!(id, LinkId::Socket(_)) && link.side == side && link.accepted)
            .count();
        let condition = &node.condition;
        SideReport {
            side,
            reads,
            notification_service: condition.service_up() && !condition.frozen && !condition.login_refused,
            finesse: node.app.joined,
            sockets,
        }
    }

    fn agent_report(&self, index: usize) -> Option<AgentReport> {
        let agent = self.cti.agent(index)?;
        let dialogs = agent.dialogs.iter().map(|dialog| DialogReport {
            id: dialog.id.to_string(),
            state: dialog.state(),
            participant: dialog.part.name(),
        });
        let media = agent.media.iter().map(|medium| MediumReport {
            id: medium.id.clone(),
            state: medium.state.name(),
            max_dialog_limit: Side::BOTH.map(|side| medium.settings(side).limit),
        });
        let tasks = agent.tasks.iter().map(|task| TaskReport {
            id: task.id.clone(),
            medium: task.medium.clone(),
            state: task.state.name(),
        });
        Some(AgentReport {
            id: agent.id.clone(),
            state: agent.state.name(),
            reason_code: agent.reason,
            state_change_time: self.config.epoch_ms + agent.since,
            extension: agent.extension.clone(),
            present_on: self.sides().filter(|side| self.is_present(*side, index)).collect(),
            locked: self.accounts.locked(index, self.now),
            dialogs: dialogs.collect(),
            media: media.collect(),
            tasks: tasks.collect(),
        })
    }

    pub(super) fn is_present(&self, side: Side, agent: usize) -> bool {
        let node = self.node(side);
        if self.config.external_service { node.app.sees(agent) } else { node.service.is_present(agent) }
    }

    fn session_reports(&self, side: Side) -> impl Iterator<Item = SessionReport> {
        self.node(side).service.sessions().filter_map(move |(key, session)| {
            let (agent, resource) = session.bound()?;
            let socket = match key {
                Key::Socket(socket) => Some(socket),
                Key::Bosh(_) | Key::Phantom(_) => None,
            };
            let link = socket.and_then(|socket| self.links.get(&LinkId::Socket(socket)));
            let client = match link {
                Some(link) => Some(link.client.as_str()),
                None => self.node(side).service.client_of(key),
            };
            Some(SessionReport {
                side,
                agent: self.cti.agent(agent).map(|agent| agent.id.clone()).unwrap_or_default(),
                resource: resource.to_owned(),
                socket,
                client: client.unwrap_or_default().to_owned(),
                transport: if matches!(key, Key::Bosh(_)) { "bosh" } else { "websocket" },
                since: session.since(),
                available: session.available(),
                heard: session.heard(),
            })
        })
    }
}
