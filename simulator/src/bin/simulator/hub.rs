//! One world and the clock: everything native speaks to the world through the hub.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use finesse_simulator::{
    AgentSpec, CallSpec, Config, ControlError, Fault, FaultReport, FaultSpec, Input, Manner, Output, Passage,
    Report, ServiceCommand, ServiceSignal, Side, World,
};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::LOOPBACK;
use crate::options::Options;

/// What the world sends on a socket.
pub(crate) enum Frame {
    Accepted,
    Text(String),
    Closed(u16),
}

/// The world's answer to a request.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

#[derive(Clone)]
pub(crate) struct Hub(Rc<Inner>);

struct Inner {
    state: RefCell<State>,
    config: Config,
    start: Instant,
    scale: u64,
    /// Something was told to the world: the next deadline may have changed.
    changed: watch::Sender<u64>,
}

struct State {
    world: World,
    next: u64,
    sockets: BTreeMap<u64, mpsc::UnboundedSender<Frame>>,
    requests: BTreeMap<u64, oneshot::Sender<Reply>>,
    tunnels: BTreeMap<u64, (Side, String, Rc<Notify>)>,
    bridges: BTreeMap<Side, Bridge>,
}

/// What waits for `finesse` at a real notification service.
struct Bridge {
    commands: mpsc::UnboundedSender<ServiceCommand>,
    shown: bool,
}

impl Hub {
    pub(crate) fn new(options: &Options) -> Self {
        let state = State {
            world: World::new(options.config.clone(), options.seed),
            next: 1,
            sockets: BTreeMap::new(),
            requests: BTreeMap::new(),
            tunnels: BTreeMap::new(),
            bridges: BTreeMap::new(),
        };
        Self(Rc::new(Inner {
            state: RefCell::new(state),
            config: options.config.clone(),
            start: Instant::now(),
            scale: options.time_scale,
            changed: watch::Sender::new(0),
        }))
    }

    /// Wakes the world when it asks to be woken.
    pub(crate) async fn keep_time(self) {
        let mut changed = self.0.changed.subscribe();
        loop {
            let due = self.0.state.borrow().world.poll_timeout();
            tokio::select! {
                () = self.wait_for(due) => self.with(|world, now| world.handle_timeout(now)),
                _ = changed.changed() => {}
            }
        }
    }

    /// Opens a socket to the world.
    pub(crate) fn open(
        &self,
        side: Side,
        client: String,
        protocol: Option<String>,
    ) -> (u64, mpsc::UnboundedReceiver<Frame>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let socket = self.number();
        self.0.state.borrow_mut().sockets.insert(socket, sender);
        self.input(Input::SocketOpen { socket, side, client, protocol });
        (socket, receiver)
    }

    pub(crate) fn text(&self, socket: u64, text: String) {
        self.input(Input::SocketText { socket, text });
    }

    pub(crate) fn closed(&self, socket: u64) {
        if self.0.state.borrow_mut().sockets.remove(&socket).is_some() {
            self.input(Input::SocketClosed { socket });
        }
    }

    /// Sends a request to the world. The receiver fails when the connection is refused or reset.
    pub(crate) fn request(&self, make: impl FnOnce(u64) -> Input) -> (u64, oneshot::Receiver<Reply>) {
        let (sender, receiver) = oneshot::channel();
        let request = self.number();
        self.0.state.borrow_mut().requests.insert(request, sender);
        self.input(make(request));
        (request, receiver)
    }

    pub(crate) fn aborted(&self, request: u64) {
        if self.0.state.borrow_mut().requests.remove(&request).is_some() {
            self.input(Input::RequestAborted { request });
        }
    }

    pub(crate) fn add_fault(&self, spec: &FaultSpec) -> Result<u64, ControlError> {
        if spec.fault == Fault::SocketCut {
            let state = self.0.state.borrow();
            let concerned = state.tunnels.values().filter(|(side, client, _)| {
                spec.concerns(*side) && spec.agent.as_ref().is_none_or(|agent| agent == client)
            });
            concerned.for_each(|(_, _, cut)| cut.notify_one());
        }
        self.with(|world, now| world.add_fault(spec, now))
    }

    pub(crate) fn heal(&self, id: u64) -> bool {
        self.with(|world, now| world.heal(id, now))
    }

    pub(crate) fn heal_all(&self) {
        self.with(World::heal_all);
    }

    pub(crate) fn faults(&self) -> Vec<FaultReport> {
        self.0.state.borrow().world.faults()
    }

    pub(crate) fn call(&self, spec: &CallSpec) -> Result<(), ControlError> {
        self.with(|world, now| world.call(spec, now))
    }

    pub(crate) fn put_agent(&self, spec: &AgentSpec) -> Result<(), ControlError> {
        self.with(|world, now| world.put_agent(spec, now))
    }

    pub(crate) fn burst(&self, agent: &str, count: u32) -> Result<(), ControlError> {
        self.with(|world, now| world.burst(agent, count, now))
    }

    pub(crate) fn issue_token(&self, agent: &str, life_ms: u64) -> Result<String, ControlError> {
        self.with(|world, now| world.issue_token(agent, life_ms, now))
    }

    pub(crate) fn report(&self) -> Report {
        self.with(|world, now| {
            world.handle_timeout(now);
            world.report(now)
        })
    }

    /// The base URL of a side.
    pub(crate) fn host(&self, side: Side) -> Option<String> {
        self.at(side, LOOPBACK)
    }

    /// The same by the name that SystemInfo has for it; browsers take `*.localhost` for this machine.
    pub(crate) fn named_host(&self, side: Side) -> Option<String> {
        let config = &self.0.config;
        self.at(side, if side == Side::A { &config.host_a } else { &config.host_b })
    }

    fn at(&self, side: Side, host: &str) -> Option<String> {
        let config = &self.0.config;
        let port = match side {
            Side::A => config.port_a,
            Side::B if config.single_node => return None,
            Side::B => config.port_b,
        };
        Some(format!("{}://{host}:{port}", if config.tls { "https" } else { "http" }))
    }

    pub(crate) fn agents(&self) -> &[String] {
        &self.0.config.agents
    }

    pub(crate) fn time_scale(&self) -> u64 {
        self.0.scale
    }

    pub(crate) async fn sleep_until(&self, at: u64) {
        self.wait_for(Some(at)).await;
    }

    /// Enters a connection to a real notification service; it is to end when notified.
    pub(crate) fn enter_tunnel(&self, side: Side, client: &str) -> (u64, Rc<Notify>) {
        let (number, cut) = (self.number(), Rc::new(Notify::new()));
        self.0.state.borrow_mut().tunnels.insert(number, (side, client.to_owned(), Rc::clone(&cut)));
        (number, cut)
    }

    pub(crate) fn leave_tunnel(&self, number: u64) {
        self.0.state.borrow_mut().tunnels.remove(&number);
    }

    pub(crate) fn passage(&self, side: Side, client: &str) -> Passage {
        self.0.state.borrow().world.passage(side, client)
    }

    pub(crate) fn websocket_blocked(&self, side: Side, client: &str) -> Option<Manner> {
        self.0.state.borrow().world.websocket_blocked(side, client)
    }

    /// Waits until bytes may pass; false when the connection is to be reset.
    pub(crate) async fn may_pass(&self, side: Side, client: &str) -> bool {
        let mut changed = self.0.changed.subscribe();
        loop {
            match self.passage(side, client) {
                Passage::Pass => return true,
                Passage::Refuse => return false,
                Passage::Hold => drop(changed.changed().await),
            }
        }
    }

    /// Waits until the connection is to be reset.
    pub(crate) async fn refused(&self, side: Side, client: &str) {
        let mut changed = self.0.changed.subscribe();
        while self.passage(side, client) != Passage::Refuse {
            // The sender lives as long as the hub.
            let _ = changed.changed().await;
        }
    }

    /// What `finesse` has to do at the real notification service of a side, from now on.
    pub(crate) fn bridge(&self, side: Side) -> mpsc::UnboundedReceiver<ServiceCommand> {
        let (commands, receiver) = mpsc::unbounded_channel();
        self.0.state.borrow_mut().bridges.insert(side, Bridge { commands, shown: true });
        receiver
    }

    /// Whether `finesse` should be available at a side.
    pub(crate) fn shown(&self, side: Side) -> bool {
        self.0.state.borrow().bridges.get(&side).is_some_and(|bridge| bridge.shown)
    }

    pub(crate) fn signal(&self, signal: ServiceSignal) {
        self.with(|world, now| world.handle_service(signal, now));
    }

    fn input(&self, input: Input) {
        self.with(|world, now| world.handle_input(input, now));
    }

    fn number(&self) -> u64 {
        let mut state = self.0.state.borrow_mut();
        state.next += 1;
        state.next
    }

    fn now(&self) -> u64 {
        let elapsed = self.0.start.elapsed().as_millis();
        u64::try_from(elapsed).unwrap_or(u64::MAX).saturating_mul(self.0.scale)
    }

    /// Waits until a simulated time, for ever if there is none.
    async fn wait_for(&self, due: Option<u64>) {
        match due {
            Some(due) => {
                let real = Duration::from_micros(due.saturating_mul(1_000).div_ceil(self.0.scale));
                tokio::time::sleep_until(self.0.start + real).await;
            }
            None => std::future::pending().await,
        }
    }

    /// Tells the world something and delivers what comes of it.
    fn with<T>(&self, tell: impl FnOnce(&mut World, u64) -> T) -> T {
        let now = self.now();
        let mut state = self.0.state.borrow_mut();
        let told = tell(&mut state.world, now);
        while let Some(output) = state.world.poll_output() {
            state.deliver(output);
        }
        while let Some(command) = state.world.poll_service_command() {
            state.command(command);
        }
        drop(state);
        self.0.changed.send_modify(|count| *count += 1);
        told
    }
}

impl State {
    /// Whoever is no longer there misses nothing: the world hears of that in a moment.
    fn deliver(&mut self, output: Output) {
        let frame = |state: &Self, socket: u64, frame: Frame| {
            if let Some(sender) = state.sockets.get(&socket) {
                let _ = sender.send(frame);
            }
        };
        match output {
            Output::SocketAccepted { socket } => frame(self, socket, Frame::Accepted),
            Output::SocketText { socket, text } => frame(self, socket, Frame::Text(text)),
            Output::SocketClosed { socket, code } => {
                frame(self, socket, Frame::Closed(code));
                self.sockets.remove(&socket);
            }
            Output::Response { request, status, headers, body } => {
                if let Some(sender) = self.requests.remove(&request) {
                    let _ = sender.send(Reply { status, headers, body });
                }
            }
            Output::RequestFailed { request } => drop(self.requests.remove(&request)),
        }
    }

    fn command(&mut self, command: ServiceCommand) {
        let (ServiceCommand::Show { side, .. } | ServiceCommand::Publish { side, .. }) = command;
        if let Some(bridge) = self.bridges.get_mut(&side) {
            if let ServiceCommand::Show { available, .. } = command {
                bridge.shown = available;
            }
            let _ = bridge.commands.send(command);
        }
    }
}
