//! The network between clients and servers: delay, loss of a way, resets.

use super::link::{Down, Errand, Link, LinkId, Passage, Up};
use super::service::ToService;
use super::{Due, World};
use crate::config::Side;
use crate::control::{FaultSpec, Garbage, Manner};
use crate::io::Output;
use crate::nonsense;
use crate::notification_service::Key;

impl World {
    /// A client sends something.
    pub(super) fn send_up(&mut self, id: LinkId, up: Up) {
        let Some((lost, delay)) = self.way(id) else { return };
        let now = self.now;
        let Some(link) = self.links.get_mut(&id) else { return };
        match link.up.send(up, lost, delay, now) {
            Passage::Now(up) => self.reach_server(id, up),
            Passage::Later(at, up) => self.agenda.enter(at, Due::Up(id, up)),
            Passage::Held => {}
        }
    }

    /// A server sends something.
    pub(super) fn send_down(&mut self, id: LinkId, down: Down) {
        let Some((lost, delay)) = self.way(id) else { return };
        let now = self.now;
        let Some(link) = self.links.get_mut(&id) else { return };
        match link.down.send(down, lost, delay, now) {
            Passage::Now(down) => self.reach_client(id, down),
            Passage::Later(at, down) => self.agenda.enter(at, Due::Down(id, down)),
            Passage::Held => {}
        }
    }

    pub(super) fn up_arrived(&mut self, id: LinkId, up: Up) {
        let Some((lost, _)) = self.way(id) else { return };
        if let Some(up) = self.links.get_mut(&id).and_then(|link| link.up.arrive(up, lost)) {
            self.reach_server(id, up);
        }
    }

    pub(super) fn down_arrived(&mut self, id: LinkId, down: Down) {
        let Some((lost, _)) = self.way(id) else { return };
        if let Some(down) = self.links.get_mut(&id).and_then(|link| link.down.arrive(down, lost)) {
            self.reach_client(id, down);
        }
    }

    /// A client closed its socket. The server hears of it when that gets through, if it ever heard of the socket.
    pub(super) fn client_left(&mut self, id: LinkId) {
        let Some(link) = self.links.get_mut(&id) else { return };
        if link.arrived && !link.dead {
            link.gone = true;
            link.down.held.clear();
            self.send_up(id, Up::Closed);
        } else {
            self.links.remove(&id);
        }
    }

    /// Lets through what was held on ways that are back: first what servers had sent.
    pub(super) fn release(&mut self) {
        let waiting: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, link)| !link.up.held.is_empty() || !link.down.held.is_empty())
            .filter(|(_, link)| !self.lost(link.side, &link.client))
            .map(|(id, _)| *id)
            .collect();
        for id in &waiting {
            let Some(link) = self.links.get_mut(id) else { continue };
            for down in std::mem::take(&mut link.down.held) {
                self.reach_client(*id, down);
            }
        }
        for id in waiting {
            let Some(link) = self.links.get_mut(&id) else { continue };
            for up in std::mem::take(&mut link.up.held) {
                self.reach_server(id, up);
            }
        }
    }

    /// Resets what runs to a side: to its notification service, and if all of it is gone to its web app too.
    pub(super) fn reset_links(&mut self, side: Side, all: bool) {
        let chosen = |link: &Link| {
            link.side == side && link.arrived && (all || matches!(link.errand, Errand::Stream(_)))
        };
        let ids: Vec<LinkId> =
            self.links.iter().filter(|(_, link)| chosen(link)).map(|(id, _)| *id).collect();
        for id in ids {
            self.reset(id);
        }
    }

    /// The machine is gone without a word: what ran to it hears nothing more.
    pub(super) fn bury_links(&mut self, side: Side) {
        self.links.retain(|_, link| link.side != side || !link.gone);
        for link in self.links.values_mut().filter(|link| link.side == side && link.arrived) {
            link.dead = true;
            link.up.held.clear();
            link.down.held.clear();
        }
    }

    /// The machine is back and knows nothing of what ran to it before.
    pub(super) fn reset_dead_links(&mut self, side: Side) {
        let ids: Vec<LinkId> =
            self.links.iter().filter(|(_, link)| link.side == side && link.dead).map(|(id, _)| *id).collect();
        for id in ids {
            if let Some(link) = self.links.get_mut(&id) {
                link.dead = false;
            }
            self.reset(id);
        }
    }

    /// The fault `socket-cut`.
    pub(super) fn cut_sockets(&mut self, spec: &FaultSpec) {
        for (side, id, _) in self.chosen_links(spec) {
            // A session over BOSH does not hear of it, and lives on.
            if let LinkId::Socket(socket) = id {
                self.reach_service(side, ToService::Closed { socket });
            }
            self.reset(id);
        }
    }

    /// The faults `garbage`, where it is a frame, and `oversized`.
    pub(super) fn send_nonsense(&mut self, spec: &FaultSpec) {
        for (side, link, id) in self.chosen_links(spec) {
            if let (LinkId::Socket(_), Some(text)) = (link, self.nonsense(spec, side, &id)) {
                self.send_down(link, Down::Text(text));
            }
        }
        for (side, key, id) in self.chosen_bosh(spec) {
            if let Some(text) = self.nonsense(spec, side, &id) {
                self.node_mut(side).service.say(key, text);
                self.drain_service(side);
            }
        }
    }

    fn nonsense(&self, spec: &FaultSpec, side: Side, id: &str) -> Option<String> {
        let domain = self.config.domain(side);
        match spec.kind {
            Some(kind) => nonsense::frame(kind, domain, id),
            None => Some(nonsense::oversized(domain, id)),
        }
    }

    /// Whether the way between a client and a side is lost.
    pub(super) fn lost(&self, side: Side, client: &str) -> bool {
        self.node(side).condition.silent || self.faults.cut_off(side, client)
    }

    /// Whether this kind of nonsense is on for a client.
    pub(super) fn garbles(&self, side: Side, client: &str, kind: Garbage) -> bool {
        self.faults.garbles(side, client, kind)
    }

    /// Whether the link's way is lost, and how long one direction takes.
    fn way(&self, id: LinkId) -> Option<(bool, u64)> {
        let link = self.links.get(&id)?;
        let round = self.config.rtt_ms + self.faults.latency(link.side, &link.client);
        Some((self.lost(link.side, &link.client), round / 2))
    }

    fn reach_server(&mut self, id: LinkId, up: Up) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let side = link.side;
        link.arrived = true;
        let [a, b] = &self.nodes;
        let node = if side == Side::A { a } else { b };
        link.dead |= node.condition.node == Some(Manner::Silent);
        if link.dead {
            return;
        }
        match (id, up) {
            (_, Up::Open) => self.accept(id),
            (LinkId::Socket(socket), Up::Text(text)) => {
                self.reach_service(side, ToService::Text { socket, text });
            }
            (LinkId::Socket(socket), Up::Closed) => {
                self.links.remove(&id);
                self.reach_service(side, ToService::Closed { socket });
            }
            (LinkId::Request(number), Up::Request(request)) if request.is_bosh() => {
                self.take_bosh(number, request);
            }
            (_, Up::Request(request)) => self.answer_request(id, &request),
            (LinkId::Request(_), _) => {}
        }
    }

    fn reach_client(&mut self, id: LinkId, down: Down) {
        let Some(link) = self.links.get(&id) else { return };
        let (gone, dead) = (link.gone, link.dead);
        if dead {
            return;
        }
        if matches!(down, Down::Closed(_) | Down::Response(_) | Down::Failed) {
            self.links.remove(&id);
        }
        if gone {
            return;
        }
        let output = match (id, down) {
            (LinkId::Socket(socket), Down::Accepted) => Output::SocketAccepted { socket },
            (LinkId::Socket(socket), Down::Text(text)) => Output::SocketText { socket, text },
            (LinkId::Socket(socket), Down::Closed(code)) => Output::SocketClosed { socket, code },
            (LinkId::Request(request), Down::Response(reply)) => {
                Output::Response { request, status: reply.status, headers: reply.headers, body: reply.body }
            }
            (LinkId::Request(request), Down::Failed) => Output::RequestFailed { request },
            _ => return,
        };
        self.outputs.push_back(output);
    }

    fn reset(&mut self, id: LinkId) {
        match id {
            LinkId::Socket(_) => self.send_down(id, Down::Closed(1006)),
            LinkId::Request(_) => self.send_down(id, Down::Failed),
        }
    }

    /// The accepted sockets and open requests to the notification service that a fault is about, with the id of whoever
    /// is on them.
    fn chosen_links(&self, spec: &FaultSpec) -> Vec<(Side, LinkId, String)> {
        let mut chosen = Vec::new();
        for (id, link) in &self.links {
            let Errand::Stream(key) = link.errand else { continue };
            let open = if matches!(id, LinkId::Socket(_)) { link.accepted } else { link.arrived };
            if !open || link.gone || !spec.concerns(link.side) {
                continue;
            }
            let name = key.and_then(|key| self.agent_in(link.side, key)).unwrap_or(&link.client);
            if spec.agent.as_deref().is_none_or(|wanted| wanted == name || wanted == link.client) {
                chosen.push((link.side, *id, name.to_owned()));
            }
        }
        chosen
    }

    /// The id of the agent who is signed in to a session.
    pub(super) fn agent_in(&self, side: Side, key: Key) -> Option<&str> {
        let (agent, _) = self.node(side).service.session(key)?.bound()?;
        self.cti.agent(agent).map(|agent| agent.id.as_str())
    }
}
