//! What the web apps publish: the CTI's news and their own state; and the forced logouts they send.

use super::service::{ServiceCommand, ToService};
use super::{Due, World};
use crate::config::{Deployment, Side};
use crate::control::{Garbage, Manner};
use crate::cti::{Agent, Command, News, State, Wish};
use crate::documents::{self, Status};
use crate::report::{ChangeReport, ForcedLogout, WishReport};
use crate::tasks::MediumState;
use crate::web_app::{Phase, Verdict};

/// CTI is asked for a sign of life so often.
const HEARTBEAT_MS: u64 = 2_000;

const TEAM: &str = "/finesse/api/Team/1/Users";
const QUEUE: &str = "/finesse/api/Queue/10";

/// So often the figures of a queue are told, if they changed.
const FIGURES_MS: u64 = 10_000;

/// What `finesse` publishes.
struct Item {
    node: String,
    payload: String,
}

impl World {
    /// Whether the web app of a side carries out ordinary requests.
    pub(super) fn in_service(&self, side: Side) -> bool {
        let node = self.node(side);
        let condition = &node.condition;
        let service_well = !condition.reads_out || !condition.service_down && !condition.frozen;
        node.app.phase == Phase::Running
            && condition.app_up()
            && !condition.cti_lost
            && condition.slow_start.is_none()
            && service_well
    }

    /// Publishes a SystemInfo notice if the side's state is not what was last told.
    pub(super) fn tell_status(&mut self, side: Side) {
        let well = self.in_service(side);
        let app = &mut self.node_mut(side).app;
        if app.phase != Phase::Running || app.told == Some(well) || app.told.is_none() && !well {
            return;
        }
        if !app.joined {
            // An end of service is not told and remembered as told; its return waits until it can be told.
            app.told = app.told.map(|told| told && well);
            return;
        }
        app.told = Some(well);
        self.publish_system_info(side);
        if well {
            self.publish_everything(side);
        }
    }

    pub(super) fn publish_system_info(&mut self, side: Side) {
        let data = documents::system_info(&self.config, side, &self.status(side, ""), "systemInfo");
        let source = "/finesse/api/SystemInfo";
        let payload = documents::update("PUT", source, "", &data);
        self.publish(side, source.to_owned(), payload);
    }

    /// The time of day at simulated time 0, by a side's clock.
    pub(super) fn epoch(&self, side: Side) -> u64 {
        self.faults.clock(side, self.config.epoch_ms)
    }

    /// What SystemInfo says now, to a client.
    pub(super) fn status(&self, side: Side, client: &str) -> Status {
        let node = self.node(side);
        let last = node.cti_lost_at.unwrap_or(self.now);
        Status {
            now: self.now,
            epoch: self.epoch(side),
            in_service: self.in_service(side),
            heartbeat: last - last % HEARTBEAT_MS,
            heartbeat_well: node.cti_lost_at.is_none(),
            maintenance: node.maintenance_since,
            foreign: self.garbles(side, client, Garbage::ForeignHost),
        }
    }

    /// Publishes what CTI tells, on every side that is well.
    pub(super) fn spread_news(&mut self) {
        while let Some(news) = self.cti.poll_news() {
            if let News::CallsEnded { agent } = news {
                self.calls_ended(agent);
                continue;
            }
            self.plan_figures(&news);
            self.record_wish(&news);
            self.record_change(&news);
            for side in Side::BOTH {
                if self.in_service(side) {
                    for Item { node, payload } in self.items(&news, side) {
                        self.publish(side, node, payload);
                    }
                }
            }
        }
    }

    fn record_wish(&mut self, news: &News) {
        let (request, error) = match news {
            News::User { request, .. } | News::Dialogs { request, .. } | News::Dialog { request, .. } => {
                (request, None)
            }
            News::Failed { request, error, .. } => (request, Some(error.message)),
            _ => return,
        };
        if !request.is_empty() {
            self.records.wished(WishReport { at: self.now, request: request.clone(), error });
        }
    }

    fn record_change(&mut self, news: &News) {
        let (object, event, state) = match news {
            News::User { agent, .. } => {
                let Some(agent) = self.cti.agent(*agent) else { return };
                (format!("User/{}", agent.id), "PUT", agent.state.name())
            }
            News::Dialogs { event, dialog, .. } => (format!("Dialog/{}", dialog.id), *event, dialog.state()),
            News::Dialog { dialog, .. } => (format!("Dialog/{}", dialog.id), "PUT", dialog.state()),
            News::Medium { agent, medium } => {
                let Some(agent) = self.cti.agent(*agent) else { return };
                let state = agent.media.iter().find(|it| it.id == *medium).map(|it| it.state.name());
                (format!("User/{}/Media/{medium}", agent.id), "PUT", state.unwrap_or_default())
            }
            News::Tasks { event, task, .. } => (format!("Dialog/{}", task.id), *event, task.state.name()),
            News::Task { task, .. } => (format!("Dialog/{}", task.id), "PUT", task.state.name()),
            News::Failed { .. } | News::MediumFailed { .. } | News::CallsEnded { .. } => return,
        };
        let agent = match news {
            News::User { agent, .. } => self.cti.agent(*agent),
            _ => None,
        };
        let pending = agent.and_then(|agent| agent.pending).map(State::name);
        let reason_code = agent.and_then(|agent| agent.reason);
        self.records.changed(ChangeReport { at: self.now, object, event, state, pending, reason_code });
    }

    /// After a gap: every agent and call as it is now.
    fn publish_everything(&mut self, side: Side) {
        let mut items = Vec::new();
        for (index, agent) in self.cti.agents().iter().enumerate().filter(|(_, it)| it.is_signed_in()) {
            items.extend(self.items(&News::User { agent: index, request: String::new() }, side));
            for dialog in &agent.dialogs {
                let news = News::Dialog { agent: index, dialog: dialog.clone(), request: String::new() };
                items.extend(self.items(&news, side));
            }
            for medium in agent.media.iter().filter(|medium| medium.state != MediumState::Logout) {
                items.extend(self.items(&News::Medium { agent: index, medium: medium.id.clone() }, side));
            }
            for task in &agent.tasks {
                items.extend(self.items(&News::Task { agent: index, task: task.clone() }, side));
            }
        }
        for Item { node, payload } in items {
            self.publish(side, node, payload);
        }
    }

    fn items(&self, news: &News, side: Side) -> Vec<Item> {
        let (News::User { agent, .. }
        | News::Dialogs { agent, .. }
        | News::Dialog { agent, .. }
        | News::Failed { agent, .. }
        | News::Medium { agent, .. }
        | News::Tasks { agent, .. }
        | News::Task { agent, .. }
        | News::MediumFailed { agent, .. }
        | News::CallsEnded { agent }) = *news;
        let Some(agent) = self.cti.agent(agent) else { return Vec::new() };
        let epoch = self.epoch(side);
        let user = format!("/finesse/api/User/{}", agent.id);
        let dialogs = format!("{user}/Dialogs");
        let nameless = self.faults.hides_request_ids();
        let name = |request: &String| if nameless { String::new() } else { request.clone() };
        match news {
            News::User { request, .. } => {
                let payload =
                    documents::update("PUT", &user, &name(request), &documents::user(agent, epoch, "user"));
                let member = documents::update("PUT", &user, "", &documents::member(agent, epoch, "user"));
                let mut items = vec![Item { node: user, payload }];
                if self.config.external_service
                    || Side::BOTH.iter().any(|side| self.node(*side).service.has_listeners(TEAM))
                {
                    items.push(Item { node: TEAM.into(), payload: member });
                }
                items
            }
            News::Dialogs { event, dialog, request, .. } => {
                let data =
                    format!("<dialogs>{}</dialogs>", documents::dialog(agent, dialog, epoch, "Dialog"));
                let payload = documents::update(event, &dialogs, &name(request), &data);
                vec![Item { node: dialogs, payload }]
            }
            News::Dialog { dialog, request, .. } => {
                let source = format!("/finesse/api/Dialog/{}", dialog.id);
                let data = documents::dialog(agent, dialog, epoch, "dialog");
                vec![Item {
                    node: dialogs,
                    payload: documents::update("PUT", &source, &name(request), &data),
                }]
            }
            News::Failed { dialog, error, request, .. } => {
                let (node, source) = match dialog {
                    Some(id) => (dialogs, format!("/finesse/api/Dialog/{id}")),
                    None => (user.clone(), user),
                };
                let data = documents::notified_error(error);
                vec![Item { node, payload: documents::update("PUT", &source, &name(request), &data) }]
            }
            News::CallsEnded { .. } => Vec::new(),
            _ => self.items_of_media(agent, news, side),
        }
    }

    fn items_of_media(&self, agent: &Agent, news: &News, side: Side) -> Vec<Item> {
        let epoch = self.epoch(side);
        let user = format!("/finesse/api/User/{}", agent.id);
        let (all, tasks) = (format!("{user}/Media"), format!("{user}/Dialogs/Media"));
        match news {
            News::Medium { medium, .. } => {
                let Some(found) = agent.media.iter().find(|it| it.id == *medium) else { return Vec::new() };
                let source = format!("{all}/{medium}");
                let data = documents::medium(agent, found, side, epoch);
                let payload = documents::update("PUT", &source, "", &data);
                vec![Item { node: all, payload: payload.clone() }, Item { node: source, payload }]
            }
            News::MediumFailed { medium, error, .. } => {
                let data = documents::notified_media_error(error, medium);
                let payload = documents::update("PUT", &format!("{all}/{medium}"), "", &data);
                vec![Item { node: all, payload }]
            }
            News::Tasks { event, task, .. } => {
                let data = format!("<dialogs>{}</dialogs>", documents::task(agent, task, epoch, "Dialog"));
                let source = format!("{all}/{}/Dialogs", task.medium);
                vec![Item { node: tasks, payload: documents::update(event, &source, "", &data) }]
            }
            News::Task { task, .. } => {
                let source = format!("/finesse/api/Dialog/{}", task.id);
                let data = documents::task(agent, task, epoch, "dialog");
                vec![Item { node: tasks, payload: documents::update("PUT", &source, "", &data) }]
            }
            _ => Vec::new(),
        }
    }

    /// The figures of the queue follow from the agents' states, and are told every ten seconds if they changed.
    fn plan_figures(&mut self, news: &News) {
        let heard = Side::BOTH.iter().any(|side| self.node(*side).service.has_listeners(QUEUE));
        let wanted = heard || self.config.external_service;
        if matches!(news, News::User { .. }) && wanted && self.config.deployment == Deployment::Ucce {
            let next = self.now - self.now % FIGURES_MS + FIGURES_MS;
            if core::mem::replace(&mut self.figures_at, next) < next {
                self.agenda.enter(next, Due::Figures);
            }
        }
    }

    pub(super) fn publish_figures(&mut self) {
        let data = documents::queue(self.cti.agents());
        for side in Side::BOTH.into_iter().filter(|side| self.in_service(*side)).collect::<Vec<_>>() {
            if self.node(side).figures != data {
                self.node_mut(side).figures.clone_from(&data);
                self.publish(side, QUEUE.into(), documents::update("PUT", QUEUE, "", &data));
            }
        }
    }

    fn publish(&mut self, side: Side, node: String, payload: String) {
        if !self.node(side).app.joined {
            return;
        }
        self.records.counts.publications += 1;
        if self.config.external_service {
            self.commands.push_back(ServiceCommand::Publish { side, node, payload });
        } else {
            self.reach_service(side, ToService::Publish { node, payload });
        }
    }

    /// CTI carries out what a side asked for, if it still hears that side.
    pub(super) fn carry_out(&mut self, side: Side, command: Command) {
        if !self.in_service(side) {
            return;
        }
        if let Command::State { agent, state: Wish::Login { .. }, .. } = &command {
            let agent = *agent;
            for side in Side::BOTH {
                self.node_mut(side).service.renew_subscriptions(agent);
            }
        }
        self.cti.handle(command, side, self.now);
        self.spread_news();
    }

    /// Gives CTI time to confirm.
    pub(super) fn ask_cti(&mut self, side: Side, command: Command) {
        self.agenda.enter(self.now + self.config.cti_ms, Due::Cti(side, Box::new(command)));
    }

    pub(super) fn force_logout(&mut self, side: Side, agent: usize) {
        if self.cti.force_logout(agent, self.now) {
            let id = self.cti.agent(agent).map(|agent| agent.id.clone()).unwrap_or_default();
            self.records.forced(ForcedLogout { at: self.now, side, agent: id });
            self.spread_news();
        }
    }

    /// A forced logout waits for the end of the agent's call, or no longer does.
    pub(super) fn logout_pending(&mut self, agent: usize, pending: bool) {
        self.cti.set_logout_pending(agent, pending);
        self.spread_news();
    }

    /// A desktop of the agent asks for the forced logout: whichever side is in service passes it on.
    pub(super) fn desktop_forces_logout(&mut self, agent: usize) {
        let Some(side) = Side::BOTH.into_iter().find(|side| self.in_service(*side)) else { return };
        if self.cti.logout_waits(agent, false) {
            self.node_mut(side).app.wait_for_call(agent);
            self.logout_pending(agent, true);
        } else {
            self.force_logout(side, agent);
        }
    }

    fn calls_ended(&mut self, agent: usize) {
        for side in Side::BOTH {
            let in_service = self.in_service(side);
            if self.node_mut(side).app.calls_ended(agent, in_service) == Verdict::ForceLogout {
                self.force_logout(side, agent);
            }
        }
    }

    /// How a slow start looks in SystemInfo, if one goes on.
    pub(super) fn slow_start(&self, side: Side) -> Option<Manner> {
        let node = self.node(side);
        match node.app.phase {
            Phase::Starting => Some(node.condition.slow_start.unwrap_or(Manner::Unavailable)),
            _ => node.condition.slow_start,
        }
    }
}
