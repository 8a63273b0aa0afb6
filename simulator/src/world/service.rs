//! Traffic with the notification services: the simulated ones, or real ones outside.

use super::link::{Down, LinkId};
use super::{Due, World, bosh};
use crate::config::Side;
use crate::control::{FaultSpec, Manner};
use crate::notification_service::{Desk, Event, Key, Posted};
use crate::report::{EndingReport, RefusalReport};
use crate::rest::HttpRequest;
use crate::web_app::{Phase, Verdict};

/// What reaches a notification service.
pub(super) enum ToService {
    Open { socket: u64 },
    Text { socket: u64, text: String },
    Closed { socket: u64 },
    Request { number: u64, client: String, request: Box<HttpRequest> },
    Waited { key: Key, request: u64 },
    Publish { node: String, payload: String },
    Finesse(bool),
    Deliver { agent: usize },
}

/// What `finesse` is to do at a real notification service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceCommand {
    /// Send presence: available or not.
    Show {
        /// At which side.
        side: Side,
        /// Which presence.
        available: bool,
    },
    /// Publish an item.
    Publish {
        /// At which side.
        side: Side,
        /// The node.
        node: String,
        /// The payload, before escaping.
        payload: String,
    },
}

/// What `finesse` sees of a real notification service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceSignal {
    /// It is signed in and has sent its presence. Agents' presences follow.
    Joined {
        /// At which side.
        side: Side,
    },
    /// The connection is lost.
    Lost {
        /// At which side.
        side: Side,
    },
    /// An agent came or went.
    Presence {
        /// At which side.
        side: Side,
        /// The agent's id.
        agent: String,
        /// Whether any resource is available.
        available: bool,
    },
}

impl World {
    /// What `finesse` is to do next at the real notification services (with `external_service`).
    pub fn poll_service_command(&mut self) -> Option<ServiceCommand> {
        self.commands.pop_front()
    }

    /// `finesse` saw something at a real notification service (with `external_service`).
    pub fn handle_service(&mut self, signal: ServiceSignal, now: u64) {
        self.advance(now);
        match signal {
            ServiceSignal::Joined { side } if self.node(side).app.phase != Phase::Stopped => self.join(side),
            ServiceSignal::Joined { .. } => {}
            ServiceSignal::Lost { side } => self.node_mut(side).app.joined = false,
            ServiceSignal::Presence { side, agent, available } => {
                if let Some(agent) = self.accounts.find(&agent) {
                    self.presence_seen(side, agent, available);
                }
            }
        }
    }

    /// A WebSocket handshake reached the notification service's port.
    pub(super) fn accept(&mut self, id: LinkId) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let LinkId::Socket(socket) = id else { return };
        let (side, offered) = (link.side, link.protocol.as_deref().unwrap_or_default());
        let speaks_xmpp = offered.split(',').any(|name| name.trim() == "xmpp");
        match self.faults.blocks_sockets(side, &link.client) {
            Some(Manner::Silent) => return,
            Some(_) => return self.send_down(id, Down::Closed(1006)),
            None => {}
        }
        if !speaks_xmpp || self.config.external_service || !self.node(side).condition.service_up() {
            return self.send_down(id, Down::Closed(1006));
        }
        self.reach_service(side, ToService::Open { socket });
    }

    /// Something reaches a notification service: it is dealt with, or waits while the service is frozen.
    pub(super) fn reach_service(&mut self, side: Side, what: ToService) {
        let node = self.node_mut(side);
        if node.condition.frozen {
            node.inbox.push_back(what);
        } else {
            self.deal_with(side, what);
        }
    }

    /// Deals with all that came while the service was frozen.
    pub(super) fn thaw(&mut self, side: Side) {
        for what in std::mem::take(&mut self.node_mut(side).inbox) {
            self.deal_with(side, what);
        }
    }

    fn deal_with(&mut self, side: Side, what: ToService) {
        let now = self.now;
        let [a, b] = &mut self.nodes;
        let node = if side == Side::A { a } else { b };
        let mut desk = Desk { accounts: &mut self.accounts, rng: &mut self.rng, now };
        match what {
            ToService::Open { socket } => {
                let id = LinkId::Socket(socket);
                let Some(link) = self.links.get_mut(&id) else { return };
                link.accepted = true;
                node.service.open(socket, &mut desk);
                self.records.counts.sockets += 1;
                self.agenda.enter(now + self.config.silence_ms, Due::Silence(side, Key::Socket(socket)));
                self.send_down(id, Down::Accepted);
            }
            ToService::Text { socket, text } => node.service.frame(side, socket, &text, &mut desk),
            ToService::Closed { socket } => node.service.closed(socket),
            ToService::Request { number, client, request } => {
                let posted = Posted { request: number, client: &client, body: &request.body };
                match bosh::refusal(&request.method) {
                    None => node.service.posted(side, &posted, &mut desk),
                    Some(reply) => self.respond(number, reply),
                }
            }
            ToService::Waited { key, request } => node.service.wait_over(key, request, now),
            ToService::Publish { node: name, payload } => node.service.publish(&name, &payload, &mut desk),
            ToService::Finesse(here) => node.service.set_finesse(here),
            ToService::Deliver { agent } => node.service.deliver_late(agent, now),
        }
        self.drain_service(side);
    }

    /// Carries out what a service wants.
    pub(super) fn drain_service(&mut self, side: Side) {
        while let Some(event) = self.node_mut(side).service.poll_event() {
            match event {
                Event::Send { socket, text } => self.send_down(LinkId::Socket(socket), Down::Text(text)),
                Event::Close { socket, code } => self.send_down(LinkId::Socket(socket), Down::Closed(code)),
                Event::Answer { request, answer } => self.answer_bosh(request, bosh::reply(answer)),
                Event::Held { key, request, until } => {
                    self.agenda.enter(until, Due::Waited(side, key, request));
                }
                Event::Created { key, look } => {
                    self.records.counts.bosh.sessions += 1;
                    self.agenda.enter(look, Due::Silence(side, key));
                }
                Event::KeptBack { agent, until } => self.agenda.enter(until, Due::Deliver(side, agent)),
                Event::BrokenOff => self.records.counts.bosh.broken_off += 1,
                Event::Presence { agent, available } => self.presence_seen(side, agent, available),
                Event::LoginTried => self.records.counts.logins += 1,
                Event::Refused { agent, .. } => {
                    let refusal = RefusalReport { at: self.now, side, agent, over: "xmpp" };
                    self.records.refused(refusal);
                }
                Event::Ended { agent, goodbye } => {
                    let agent = self.cti.agent(agent).map(|agent| agent.id.clone()).unwrap_or_default();
                    self.records.ended(EndingReport { at: self.now, side, agent, goodbye });
                }
            }
        }
    }

    /// `finesse` sees an agent come or go, if it is signed in itself.
    fn presence_seen(&mut self, side: Side, agent: usize, available: bool) {
        let now = self.now;
        let app = &mut self.node_mut(side).app;
        if !app.joined {
            return;
        }
        if let Some(due) = app.presence(agent, available, now) {
            self.agenda.enter(due, Due::Grace(side, agent));
        }
        if available {
            self.logout_pending(agent, false);
        }
    }

    /// `finesse` signs in, shows itself and learns who is there.
    pub(super) fn join(&mut self, side: Side) {
        let now = self.now;
        let [a, b] = &mut self.nodes;
        let node = if side == Side::A { a } else { b };
        node.app.joined = true;
        for (agent, due) in node.app.rejoined(now) {
            if !node.service.is_present(agent) {
                self.agenda.enter(due, Due::Grace(side, agent));
            }
        }
        for agent in 0..self.config.agents.len() {
            if node.service.is_present(agent) {
                node.app.presence(agent, true, now);
            }
        }
        if !self.config.external_service {
            self.reach_service(side, ToService::Finesse(true));
        }
        self.tell_status(side);
    }

    pub(super) fn check_silence(&mut self, side: Side, key: Key) {
        let now = self.now;
        let node = self.node_mut(side);
        // A frozen service has no clock; what waits in its inbox is heard first.
        let next =
            if node.condition.frozen { Some(now + 5_000) } else { node.service.check_silence(key, now) };
        if let Some(at) = next {
            self.agenda.enter(at, Due::Silence(side, key));
        }
        self.drain_service(side);
    }

    /// An agent's grace is over, perhaps.
    pub(super) fn grace_over(&mut self, side: Side, agent: usize) {
        let (now, in_service) = (self.now, self.in_service(side));
        let waits = self.cti.logout_waits(agent, self.is_present(side.other(), agent));
        match self.node_mut(side).app.grace_over(agent, now, in_service, waits) {
            Verdict::Nothing => {}
            Verdict::ForceLogout => self.force_logout(side, agent),
            Verdict::AfterCall => self.logout_pending(agent, true),
        }
    }

    /// The fault `conflict`: someone else takes the agent's full JIDs.
    pub(super) fn impersonate(&mut self, fault: u64, spec: &FaultSpec, agent: usize) {
        let now = self.now;
        let ghost = spec.manner == Some(Manner::Ghost);
        let mut impostors: Vec<(Side, Key)> = Vec::new();
        for side in Side::BOTH.into_iter().filter(|side| spec.concerns(*side)) {
            let keys = self.node_mut(side).service.take_over(agent, ghost, now);
            impostors.extend(keys.into_iter().map(|key| (side, key)));
            self.drain_service(side);
        }
        self.impostors.insert(fault, impostors);
        if ghost {
            self.cut_sockets(spec);
        }
    }

    pub(super) fn dismiss_impostors(&mut self, fault: u64) {
        for (side, key) in self.impostors.remove(&fault).unwrap_or_default() {
            self.node_mut(side).service.remove(key);
            self.drain_service(side);
        }
    }
}
