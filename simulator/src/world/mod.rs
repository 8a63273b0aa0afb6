//! The front door: two servers, one CTI, and a clock from outside.
//!
//! What clients send travels over links (`link`, `network`) to a node's notification service (`service`) or web app
//! (`requests`, for the service `bosh`). The CTI's news are published by every side that is well (`publishing`). Faults change a side's
//! condition, and the change has its consequences (`outages`).

mod bosh;
mod link;
mod network;
mod outages;
mod publishing;
mod reporting;
mod requests;
mod service;
mod wire;

use std::collections::{BTreeMap, VecDeque};

use crate::accounts::Accounts;
use crate::agenda::Agenda;
use crate::config::{Config, Side};
use crate::control::{AgentSpec, AgentStep, CallSpec, ControlError, Fault, FaultSpec};
use crate::cti::{Command, Cti};
use crate::faults::{Condition, Faults};
use crate::io::{Input, Output};
use crate::notification_service::{Key, NotificationService};
use crate::report::FaultReport;
use crate::rest::HttpRequest;
use crate::rng::Rng;
use crate::web_app::WebApp;
use link::{Down, Errand, Link, LinkId, Up};
pub use outages::Passage;
use reporting::Records;
use service::ToService;
pub use service::{ServiceCommand, ServiceSignal};
use wire::Wire;

/// The pair. Feed inputs, then drain [`poll_output`](Self::poll_output), then wait for
/// [`poll_timeout`](Self::poll_timeout). Times are simulated milliseconds from 0 and never go back; a call that comes
/// late does what was due before at the time at which it was due.
pub struct World {
    config: Config,
    now: u64,
    rng: Rng,
    agenda: Agenda<Due>,
    links: BTreeMap<LinkId, Link>,
    outputs: VecDeque<Output>,
    commands: VecDeque<ServiceCommand>,
    accounts: Accounts,
    cti: Cti,
    nodes: [Node; 2],
    faults: Faults,
    next_fault: u64,
    /// When the figures of the queue are next looked at.
    figures_at: u64,
    /// Notifications invented so far.
    bursts: u64,
    impostors: BTreeMap<u64, Vec<(Side, Key)>>,
    records: Records,
    wire: Wire,
}

/// One server.
struct Node {
    service: NotificationService,
    app: WebApp,
    condition: Condition,
    /// What reached the notification service while it was frozen.
    inbox: VecDeque<ToService>,
    cti_lost_at: Option<u64>,
    maintenance_since: Option<u64>,
    /// What was last told of the queue.
    figures: String,
}

/// What happens later.
enum Due {
    Up(LinkId, Up),
    Down(LinkId, Down),
    /// A request leaves late.
    Leave(LinkId, Up),
    /// A proxy may have lost patience with a request.
    CutOff(u64),
    /// A request may have been held for as long as it may.
    Waited(Side, Key, u64),
    /// A session may have been silent for too long.
    Silence(Side, Key),
    /// An agent may have been away for too long.
    Grace(Side, usize),
    /// A fault heals by itself.
    Heal(u64),
    /// The web app has started, in its so-manieth run.
    Started(Side, u64),
    /// `finesse` signs in, for the so-manieth time.
    Join(Side, u64),
    /// CTI carries out what a side asked for.
    Cti(Side, Box<Command>),
    /// The figures of the queue may have changed.
    Figures,
    /// Notifications to an agent that were kept back may come now.
    Deliver(Side, usize),
}

impl World {
    /// A pair in full health at simulated time 0.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let node = |side| Node {
            service: NotificationService::new(&config, side),
            app: WebApp::new(&config),
            condition: Condition::default(),
            inbox: VecDeque::new(),
            cti_lost_at: None,
            maintenance_since: None,
            figures: String::new(),
        };
        let nodes = Side::BOTH.map(node);
        let mut world = Self {
            now: 0,
            rng: Rng::new(seed),
            agenda: Agenda::new(),
            links: BTreeMap::new(),
            outputs: VecDeque::new(),
            commands: VecDeque::new(),
            accounts: Accounts::new(&config.agents, config.lock_ms),
            cti: Cti::new(&config),
            nodes,
            faults: Faults::default(),
            next_fault: 1,
            figures_at: 0,
            bursts: 0,
            impostors: BTreeMap::new(),
            records: Records::new(config.record_limit),
            wire: Wire::default(),
            config,
        };
        world.refresh();
        world
    }

    /// Something reached the network.
    pub fn handle_input(&mut self, input: Input, now: u64) {
        self.advance(now);
        match input {
            Input::SocketOpen { socket, side, client, protocol } => {
                let id = LinkId::Socket(socket);
                let errand = Errand::Stream(Some(Key::Socket(socket)));
                self.links.insert(id, Link::new(side, client, errand, protocol));
                self.send_up(id, Up::Open);
            }
            Input::SocketText { socket, text } => self.send_up(LinkId::Socket(socket), Up::Text(text)),
            Input::SocketClosed { socket } => self.client_left(LinkId::Socket(socket)),
            Input::Request { request, side, client, method, path, headers, body } => {
                let id = LinkId::Request(request);
                let request = Box::new(HttpRequest { method, path, headers, body });
                if request.is_bosh() {
                    return self.send_bosh(id, side, client, request);
                }
                self.links.insert(id, Link::new(side, client, Errand::Rest, None));
                self.send_up(id, Up::Request(request));
            }
            Input::RequestAborted { request } => {
                self.links.remove(&LinkId::Request(request));
            }
        }
    }

    /// Time went on.
    pub fn handle_timeout(&mut self, now: u64) {
        self.advance(now);
    }

    /// What clients see next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<u64> {
        self.agenda.first()
    }

    /// Breaks something. Gives the fault's number, also for those that are over at once.
    ///
    /// # Errors
    /// When the specification makes no sense for this pair.
    pub fn add_fault(&mut self, spec: &FaultSpec, now: u64) -> Result<u64, ControlError> {
        spec.check()?;
        if self.config.single_node && spec.side == Some(Side::B) {
            return Err(ControlError::SingleNode);
        }
        let agent = spec.agent.as_deref().and_then(|id| self.accounts.find(id));
        if let (Fault::Conflict | Fault::PasswordRefused | Fault::TokenExpired, Some(id), None) =
            (spec.fault, &spec.agent, agent)
        {
            return Err(ControlError::UnknownAgent(id.clone()));
        }
        self.advance(now);
        let id = self.next_fault;
        self.next_fault += 1;
        match spec.fault {
            Fault::SocketCut => self.cut_sockets(spec),
            Fault::BoshSessionLost => self.lose_bosh(spec),
            Fault::OverActivity => self.throw_out(spec),
            Fault::TokenExpired => self.accounts.expire(agent, self.now),
            Fault::Oversized => self.send_nonsense(spec),
            Fault::Garbage if spec.kind.is_some_and(|kind| !kind.lasts()) => self.send_nonsense(spec),
            fault => {
                self.faults.add(id, spec.clone(), self.now);
                if let (Some(ms), true) = (spec.lasts, fault != Fault::SlowStart) {
                    self.agenda.enter(self.now + ms, Due::Heal(id));
                }
                if let (Fault::Conflict, Some(agent)) = (fault, agent) {
                    self.impersonate(id, spec, agent);
                }
                if fault == Fault::BoshWaitCut {
                    self.time_held_requests();
                }
                self.refresh();
            }
        }
        Ok(id)
    }

    /// Heals one fault; false when there is no such fault.
    pub fn heal(&mut self, id: u64, now: u64) -> bool {
        self.advance(now);
        self.heal_now(id)
    }

    /// Heals everything.
    pub fn heal_all(&mut self, now: u64) {
        self.advance(now);
        for id in self.faults.ids() {
            self.heal_now(id);
        }
    }

    /// What is broken.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultReport> {
        self.faults.report()
    }

    /// Moves a call on.
    ///
    /// # Errors
    /// When there is no such agent, or the agent's call cannot do that.
    pub fn call(&mut self, spec: &CallSpec, now: u64) -> Result<(), ControlError> {
        self.advance(now);
        let agent =
            self.accounts.find(&spec.agent).ok_or_else(|| ControlError::UnknownAgent(spec.agent.clone()))?;
        self.cti.step(agent, spec.step, self.now)?;
        self.spread_news();
        Ok(())
    }

    /// Someone else does something to an agent.
    ///
    /// # Errors
    /// When there is no such agent, or the agent is in no state for that.
    pub fn put_agent(&mut self, spec: &AgentSpec, now: u64) -> Result<(), ControlError> {
        self.advance(now);
        let agent =
            self.accounts.find(&spec.agent).ok_or_else(|| ControlError::UnknownAgent(spec.agent.clone()))?;
        if spec.step == AgentStep::ForcedLogout {
            self.desktop_forces_logout(agent);
            return Ok(());
        }
        self.cti.put(agent, spec.step, spec.code, self.now)?;
        self.spread_news();
        Ok(())
    }

    /// Gives an agent a new token that is good for so many milliseconds, as an identity service would.
    ///
    /// # Errors
    /// When there is no such agent.
    pub fn issue_token(&mut self, agent: &str, life_ms: u64, now: u64) -> Result<String, ControlError> {
        self.advance(now);
        let token = self.accounts.issue(agent, life_ms, self.now);
        token.ok_or_else(|| ControlError::UnknownAgent(agent.to_owned()))
    }

    /// Publishes so many notifications about an agent's calls at once, on both sides, numbered on in `requestId` from
    /// `burst-0`.
    ///
    /// # Errors
    /// When there is no such agent.
    pub fn burst(&mut self, agent: &str, count: u32, now: u64) -> Result<(), ControlError> {
        self.advance(now);
        let index = self.accounts.find(agent).ok_or_else(|| ControlError::UnknownAgent(agent.to_owned()))?;
        for _ in 0..count {
            self.cti.invent_news(index, format!("burst-{}", self.bursts), self.now);
            self.bursts += 1;
        }
        self.spread_news();
        Ok(())
    }

    /// Does what was due, each thing at its time.
    fn advance(&mut self, now: u64) {
        while let Some((at, due)) = self.agenda.take_due(now) {
            self.now = self.now.max(at);
            self.fire(due);
        }
        self.now = self.now.max(now);
    }

    fn fire(&mut self, due: Due) {
        match due {
            Due::Up(id, up) => self.up_arrived(id, up),
            Due::Down(id, down) => self.down_arrived(id, down),
            Due::Leave(id, up) => self.send_up(id, up),
            Due::CutOff(number) => self.lose_patience(number),
            Due::Waited(side, key, request) => self.reach_service(side, ToService::Waited { key, request }),
            Due::Silence(side, key) => self.check_silence(side, key),
            Due::Grace(side, agent) => self.grace_over(side, agent),
            Due::Heal(id) => {
                self.heal_now(id);
            }
            Due::Started(side, run) => self.started(side, run),
            Due::Join(side, join) => {
                if self.node(side).app.join == join {
                    self.join(side);
                }
            }
            Due::Cti(side, command) => self.carry_out(side, *command),
            Due::Figures => self.publish_figures(),
            Due::Deliver(side, agent) => self.reach_service(side, ToService::Deliver { agent }),
        }
    }

    fn node(&self, side: Side) -> &Node {
        let [a, b] = &self.nodes;
        if side == Side::A { a } else { b }
    }

    fn node_mut(&mut self, side: Side) -> &mut Node {
        let [a, b] = &mut self.nodes;
        if side == Side::A { a } else { b }
    }
}
