//! Requests to `/http-bind/`: not the web app answers them but the notification service. And what proxies on the way
//! do to them.

use super::link::{Down, Errand, Link, LinkId, Up};
use super::service::ToService;
use super::wire::Sent;
use super::{Due, World};
use crate::config::Side;
use crate::control::{FaultSpec, Manner};
use crate::cors;
use crate::notification_service::{Answer, Key};
use crate::rest::{HttpRequest, Reply};

/// What is answered to methods other than POST.
pub(super) fn refusal(method: &str) -> Option<Reply> {
    match method {
        "POST" => None,
        "OPTIONS" => Some(Reply::empty(200)),
        "GET" | "HEAD" => Some(error(404)),
        _ => Some(error(405)),
    }
}

/// An answer as HTTP carries it.
pub(super) fn reply(answer: Answer) -> Reply {
    match answer {
        Answer::Error(status) => error(status),
        Answer::Body(body) => {
            let headers = vec![("Content-Type".into(), "text/xml; charset=UTF-8".into())];
            Reply { status: 200, headers, body }
        }
    }
}

fn error(status: u16) -> Reply {
    Reply::html(status, &format!("Error {status}"))
}

impl World {
    /// How WebSockets of a client are kept from opening now, by the fault `websocket-blocked`. The world plays it where
    /// the notification service is simulated; what a proxy answers then is for a server around it to say.
    #[must_use]
    pub fn websocket_blocked(&self, side: Side, client: &str) -> Option<Manner> {
        self.faults.blocks_sockets(side, client)
    }

    /// A client sends a request; by the fault `bosh-request-reordered`, late.
    pub(super) fn send_bosh(&mut self, id: LinkId, side: Side, client: String, request: Box<HttpRequest>) {
        let sent = Sent::read(&request);
        let key = sent.as_ref().and_then(|sent| sent.key);
        if let Some(sent) = &sent {
            self.watch(sent);
        }
        let odd = sent.is_some_and(|sent| sent.rid % 2 == 1);
        let late = if odd { self.faults.bosh_lateness(side, &client) } else { 0 };
        self.links.insert(id, Link::new(side, client, Errand::Stream(key), None));
        let up = Up::Request(request);
        if late == 0 { self.send_up(id, up) } else { self.agenda.enter(self.now + late, Due::Leave(id, up)) }
    }

    /// A request reached the notification service's port.
    pub(super) fn take_bosh(&mut self, number: u64, request: Box<HttpRequest>) {
        let id = LinkId::Request(number);
        let Some(link) = self.links.get(&id) else { return };
        let (side, client) = (link.side, link.client.clone());
        if self.faults.unheard(side, &client) {
            return;
        }
        match self.faults.blocks_bosh(side, &client) {
            Some(Manner::Silent) => return,
            Some(_) => return self.send_down(id, Down::Failed),
            None => {}
        }
        let condition = &self.node(side).condition;
        match self.faults.bosh_error(side, &client) {
            Some(status) if condition.node.is_none() => return self.respond(number, error(status)),
            _ if !condition.service_up() || self.config.external_service => {
                return self.send_down(id, Down::Failed);
            }
            _ => {}
        }
        self.time_request(number);
        self.reach_service(side, ToService::Request { number, client, request });
    }

    /// The notification service answers a request, if anyone still waits for that.
    pub(super) fn answer_bosh(&mut self, number: u64, reply: Reply) {
        let id = LinkId::Request(number);
        let Some(link) = self.links.get(&id) else { return };
        if self.faults.loses_bosh_answers(link.side, &link.client) {
            return self.send_down(id, Down::Failed);
        }
        self.respond(number, reply);
    }

    /// Something on the way answers a request, or the service one that is no POST.
    pub(super) fn respond(&mut self, number: u64, mut reply: Reply) {
        let id = LinkId::Request(number);
        let Some(link) = self.links.get(&id) else { return };
        if !self.faults.forbids_pages(link.side, &link.client) {
            cors::allow_bosh(&mut reply);
        }
        self.send_down(id, Down::Response(Box::new(reply)));
    }

    /// The fault `bosh-wait-cut` begins: the requests that are open then are timed, too.
    pub(super) fn time_held_requests(&mut self) {
        let requests = self.links.iter().filter(|(_, link)| link.arrived).map(|(id, _)| *id);
        for id in requests.collect::<Vec<_>>() {
            if let LinkId::Request(number) = id {
                self.time_request(number);
            }
        }
    }

    /// A proxy may have lost patience with a request. The service does not hear of that.
    pub(super) fn lose_patience(&mut self, number: u64) {
        let Some(link) = self.links.get(&LinkId::Request(number)) else { return };
        if self.faults.bosh_patience(link.side, &link.client).is_some() {
            self.respond(number, error(504));
        }
    }

    /// The fault `bosh-session-lost`.
    pub(super) fn lose_bosh(&mut self, spec: &FaultSpec) {
        for (side, key, _) in self.chosen_bosh(spec) {
            self.node_mut(side).service.forget(key);
            self.drain_service(side);
        }
    }

    /// The fault `over-activity`.
    pub(super) fn throw_out(&mut self, spec: &FaultSpec) {
        for (side, key, _) in self.chosen_bosh(spec) {
            self.node_mut(side).service.doom(key);
            self.drain_service(side);
        }
    }

    /// The sessions over BOSH that a fault is about, with the id of whoever is in them.
    pub(super) fn chosen_bosh(&self, spec: &FaultSpec) -> Vec<(Side, Key, String)> {
        let mut chosen = Vec::new();
        for side in Side::BOTH.into_iter().filter(|side| spec.concerns(*side)) {
            for (key, _) in self.node(side).service.sessions() {
                let Some(client) = self.node(side).service.client_of(key) else { continue };
                let name = self.agent_in(side, key).unwrap_or(client);
                if spec.agent.as_deref().is_none_or(|wanted| wanted == name || wanted == client) {
                    chosen.push((side, key, name.to_owned()));
                }
            }
        }
        chosen
    }

    fn time_request(&mut self, number: u64) {
        let Some(link) = self.links.get(&LinkId::Request(number)) else { return };
        let patience = self.faults.bosh_patience(link.side, &link.client);
        if let (Some(ms), Errand::Stream(_)) = (patience, link.errand) {
            self.agenda.enter(self.now + ms, Due::CutOff(number));
        }
    }
}
