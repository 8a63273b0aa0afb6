//! HTTP requests as a side answers them in its present condition.

use super::World;
use super::link::{Down, LinkId};
use crate::config::{Deployment, Side};
use crate::control::{Garbage, Manner};
use crate::cors;
use crate::documents;
use crate::report::{RefusalReport, RequestReport};
use crate::rest::{self, HttpRequest, Office, Outcome, Reply};

/// What becomes of a request.
enum Fate {
    Answered(Outcome),
    Refused,
    Unanswered,
}

impl World {
    pub(super) fn answer_request(&mut self, id: LinkId, request: &HttpRequest) {
        let Some(link) = self.links.get(&id) else { return };
        let (side, client) = (link.side, link.client.clone());
        let fate = self.fate(side, &client, request);
        let readable = !self.faults.forbids_pages(side, &client);
        self.record(side, client, request, &fate);
        match fate {
            Fate::Answered(outcome) => {
                if let Some(agent) = outcome.refused {
                    self.records.refused(RefusalReport { at: self.now, side, agent, over: "rest" });
                }
                if let Some(command) = outcome.command {
                    self.ask_cti(side, command);
                }
                let mut reply = outcome.reply;
                if readable {
                    cors::allow(request, &mut reply);
                }
                self.send_down(id, Down::Response(Box::new(reply)));
            }
            Fate::Refused => self.send_down(id, Down::Failed),
            Fate::Unanswered => {}
        }
    }

    fn fate(&mut self, side: Side, client: &str, request: &HttpRequest) -> Fate {
        let condition = &self.node(side).condition;
        if condition.node.is_some() {
            return Fate::Refused;
        }
        let reply = match condition.tomcat {
            Some(Manner::Timeout) => return Fate::Unanswered,
            _ if self.faults.unheard(side, client) => return Fate::Unanswered,
            Some(Manner::BadGateway) => Reply::html(502, "502 Bad Gateway"),
            Some(Manner::Unavailable) => Reply::html(503, "503 Service Temporarily Unavailable"),
            Some(_) => return Fate::Refused,
            None if self.garbles(side, client, Garbage::Html) => Reply::html(200, "Welcome"),
            None if condition.web_app_down => Reply::html(404, "HTTP Status 404 \u{2013} Not Found"),
            None if request.method == "OPTIONS" => cors::preflight(request),
            None => return Fate::Answered(self.consult(side, client, request)),
        };
        Fate::Answered(reply.into())
    }

    /// The web app runs, in service or not.
    fn consult(&mut self, side: Side, client: &str, request: &HttpRequest) -> Outcome {
        if self.slow_start(side) == Some(Manner::Unavailable) {
            return Reply::out_of_service().into();
        }
        if request.is_system_info() {
            let status = self.status(side, client);
            return Reply::xml(200, documents::system_info(&self.config, side, &status, "SystemInfo")).into();
        }
        if !self.in_service(side) {
            return Reply::out_of_service().into();
        }
        let (epoch_ms, now) = (self.epoch(side), self.now);
        let routes = self.config.deployment == Deployment::Ucce;
        let mut office = Office { side, accounts: &mut self.accounts, cti: &self.cti, routes, epoch_ms, now };
        rest::answer(request, &mut office)
    }

    fn record(&mut self, side: Side, client: String, request: &HttpRequest, fate: &Fate) {
        let status = match fate {
            Fate::Answered(outcome) => outcome.reply.status,
            Fate::Refused | Fate::Unanswered => 0,
        };
        self.records.counts.reads += u64::from(request.is_system_info());
        self.records.requested(RequestReport {
            at: self.now,
            side,
            client,
            method: request.method.clone(),
            path: request.path.clone(),
            status,
            credentials: request.header("Authorization").is_some(),
        });
    }
}
