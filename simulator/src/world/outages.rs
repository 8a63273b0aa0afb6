//! What follows when something breaks or heals: the difference between two conditions of a side.

use super::service::{ServiceCommand, ToService};
use super::{Due, World};
use crate::config::Side;
use crate::control::{Fault, Manner};
use crate::faults::Condition;
use crate::web_app::Phase;

/// How bytes fare on the way to a real notification service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// They pass.
    Pass,
    /// They wait, in order.
    Hold,
    /// The connection is reset or refused.
    Refuse,
}

impl World {
    /// How the bytes of a client fare now on the way to the notification service of a side. Only of use where that is a
    /// real one; the simulated ones are played in here.
    #[must_use]
    pub fn passage(&self, side: Side, client: &str) -> Passage {
        let condition = &self.node(side).condition;
        if condition.node == Some(Manner::Refused) || condition.node.is_none() && condition.service_down {
            Passage::Refuse
        } else if condition.node.is_some() || condition.frozen || self.lost(side, client) {
            Passage::Hold
        } else {
            Passage::Pass
        }
    }

    pub(super) fn heal_now(&mut self, id: u64) -> bool {
        let Some(healed) = self.faults.remove(id) else { return false };
        if healed.spec.fault == Fault::Conflict {
            self.dismiss_impostors(id);
        }
        self.refresh();
        true
    }

    /// Adds the faults up again, and lets the differences take effect.
    pub(super) fn refresh(&mut self) {
        for (id, until) in self.faults.begin_slow_starts(&self.config, self.now) {
            self.agenda.enter(until, Due::Heal(id));
        }
        self.faults.refuse(&mut self.accounts);
        for side in Side::BOTH {
            let agents = self.config.agents.iter();
            let deliveries = agents.map(|agent| self.faults.delivery(side, agent)).collect();
            let epoch = self.epoch(side);
            let service = &mut self.node_mut(side).service;
            service.set_deliveries(deliveries);
            service.epoch_ms = epoch;
        }
        for side in Side::BOTH {
            let new = self.faults.condition(side, &self.config);
            let old = std::mem::replace(&mut self.node_mut(side).condition, new.clone());
            if old != new {
                self.change(side, &old, &new);
            }
        }
        self.release();
    }

    fn change(&mut self, side: Side, old: &Condition, new: &Condition) {
        self.change_machine(side, old, new);
        if old.service_up() && !new.service_up() {
            self.stop_service(side, new);
        }
        if old.app_up() && !new.app_up() {
            self.stop_app(side, new);
        }
        let service = &mut self.node_mut(side).service;
        service.login_refused = new.login_refused;
        service.presence_missing = new.presence_missing;
        service.ghosts = new.ghosts;
        if old.frozen && !new.frozen {
            self.thaw(side);
        }
        if !old.app_up() && new.app_up() {
            self.start_app(side);
        }
        if new.service_up() && new.app_up() && !(old.service_up() && old.app_up()) {
            self.rejoin(side, !old.service_up());
        }
        if old.presence_missing
            && !new.presence_missing
            && !old.untold
            && self.node(side).service.has_finesse()
        {
            self.node_mut(side).service.tell_finesse();
            self.drain_service(side);
        }
        self.note_cti_and_maintenance(side, old, new);
        self.tell_status(side);
    }

    fn change_machine(&mut self, side: Side, old: &Condition, new: &Condition) {
        if old.node == Some(Manner::Silent) && new.node != Some(Manner::Silent) {
            self.reset_dead_links(side);
        }
        match (old.node, new.node) {
            (None, Some(Manner::Silent)) => self.bury_links(side),
            (None, Some(_)) => self.reset_links(side, true),
            _ => {}
        }
    }

    fn stop_service(&mut self, side: Side, new: &Condition) {
        let node = self.node_mut(side);
        node.inbox.clear();
        node.service.stop();
        if !self.config.external_service {
            self.node_mut(side).app.joined = false;
        }
        if new.node.is_none() {
            self.reset_links(side, false);
        }
    }

    fn stop_app(&mut self, side: Side, new: &Condition) {
        self.node_mut(side).app.stop();
        self.cti.forget_settings(side);
        if self.config.external_service {
            self.commands.push_back(ServiceCommand::Show { side, available: false });
        } else if new.service_up() {
            self.reach_service(side, ToService::Finesse(false));
        }
    }

    fn start_app(&mut self, side: Side) {
        let app = &mut self.node_mut(side).app;
        app.start();
        let due = Due::Started(side, app.run);
        self.agenda.enter(self.now + self.config.start_ms, due);
        if self.config.external_service {
            self.commands.push_back(ServiceCommand::Show { side, available: true });
        }
    }

    /// `finesse` signs in: at once when it was the web app that was away, a little later when it was the service.
    fn rejoin(&mut self, side: Side, service_was_away: bool) {
        if self.config.external_service {
            return;
        }
        let wait = if service_was_away { self.config.rejoin_ms } else { 0 };
        let app = &mut self.node_mut(side).app;
        app.join += 1;
        let due = Due::Join(side, app.join);
        if wait == 0 {
            return self.fire(due);
        }
        self.agenda.enter(self.now + wait, due);
    }

    /// The web app has started.
    pub(super) fn started(&mut self, side: Side, run: u64) {
        let app = &mut self.node_mut(side).app;
        if app.phase == Phase::Starting && app.run == run {
            app.phase = Phase::Running;
            self.tell_status(side);
        }
    }

    fn note_cti_and_maintenance(&mut self, side: Side, old: &Condition, new: &Condition) {
        let now = self.now;
        let node = self.node_mut(side);
        if old.cti_lost != new.cti_lost {
            node.cti_lost_at = new.cti_lost.then_some(now);
        }
        if old.maintenance != new.maintenance {
            node.maintenance_since = new.maintenance.then_some(now);
            if node.app.told.is_some() {
                self.publish_system_info(side);
            }
        }
    }
}
