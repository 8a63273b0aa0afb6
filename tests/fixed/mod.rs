//! The retry loop that everybody writes first: on a loss, try here; if that fails, ask the other side and go there; after a
//! fixed time, again. Against the same simulated pair, and with the same logins as ours.
#![allow(unreachable_pub, reason = "the test's own room")]

use finesse_simulator as simulator;
use simulator::{FaultSpec, Input, Output, Side, World};
use std::collections::{BTreeMap, BTreeSet};

/// So long the sign-ins at the beginning are spread, in ms.
const BEGINNING: u64 = 30_000;

struct Agent {
    name: String,
    side: Side,
    socket: u64,
}

/// Agents of a site that try again every so many milliseconds.
pub struct Fixed {
    pub world: World,
    pub reads: Vec<(u64, Side)>,
    pub opened: Vec<(u64, Side)>,
    agents: Vec<Agent>,
    every: u64,
    now: u64,
    next: u64,
    sockets: BTreeMap<u64, usize>,
    requests: BTreeMap<u64, usize>,
    due: BTreeSet<(u64, usize)>,
}

impl Fixed {
    pub fn new(config: simulator::Config, names: Vec<String>, every: u64) -> Self {
        let spread = BEGINNING / names.len() as u64;
        let due = (0..names.len()).map(|n| (n as u64 * spread, n)).collect();
        let agents = names.into_iter().map(|name| Agent { name, side: Side::A, socket: 0 }).collect();
        Self {
            world: World::new(config, 7),
            reads: Vec::new(),
            opened: Vec::new(),
            agents,
            every,
            now: 0,
            next: 0,
            sockets: BTreeMap::new(),
            requests: BTreeMap::new(),
            due,
        }
    }

    pub fn fault(&mut self, spec: &FaultSpec) {
        self.world.add_fault(spec, self.now).unwrap();
        self.hear();
    }

    pub fn run(&mut self, until: u64) {
        loop {
            let client = self.due.first().map(|(at, _)| *at);
            let next = self.world.poll_timeout().into_iter().chain(client).min();
            let Some(at) = next.filter(|at| *at <= until) else { break };
            self.now = self.now.max(at);
            self.world.handle_timeout(self.now);
            self.hear();
            while let Some((_, agent)) = self.due.pop_first_if(self.now) {
                self.attempt(agent);
                self.hear();
            }
        }
        self.now = until;
    }

    /// Opens a socket where the agent was last.
    fn attempt(&mut self, agent: usize) {
        let socket = self.number();
        let Agent { name, side, .. } = &self.agents[agent];
        let (side, client) = (*side, name.clone());
        self.opened.push((self.now, side));
        self.sockets.insert(socket, agent);
        self.agents[agent].socket = socket;
        let protocol = Some("xmpp".to_owned());
        self.world.handle_input(Input::SocketOpen { socket, side, client, protocol }, self.now);
    }

    /// No socket: the other side is asked whether it serves.
    fn ask_other(&mut self, agent: usize) {
        let request = self.number();
        let (side, client) = (self.agents[agent].side.other(), self.agents[agent].name.clone());
        self.reads.push((self.now, side));
        self.requests.insert(request, agent);
        let (method, path) = ("GET".to_owned(), "/finesse/api/SystemInfo".to_owned());
        let (headers, body) = (Vec::new(), String::new());
        self.world
            .handle_input(Input::Request { request, side, client, method, path, headers, body }, self.now);
    }

    /// Everything up to the presence, in one go: the quickest login there is.
    fn log_in(&mut self, socket: u64) {
        let Some(agent) = self.sockets.get(&socket) else { return };
        let name = &self.agents[*agent].name;
        let secret = crate::harness::base64_of(&format!("\0{name}\0pw-{name}"));
        let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x' version='1.0'/>".to_owned();
        let auth =
            format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
        let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>";
        let presence = "<presence><priority>0</priority></presence>";
        for text in [open.clone(), auth, open, bind.to_owned(), presence.to_owned()] {
            self.world.handle_input(Input::SocketText { socket, text }, self.now);
        }
    }

    fn hear(&mut self) {
        while let Some(output) = self.world.poll_output() {
            match output {
                Output::SocketAccepted { socket } => self.log_in(socket),
                Output::SocketClosed { socket, .. } => {
                    if let Some(agent) = self.sockets.remove(&socket) {
                        self.ask_other(agent);
                    }
                }
                Output::Response { request, body, .. } => {
                    if let Some(agent) = self.requests.remove(&request) {
                        if body.contains("<status>IN_SERVICE</status>") {
                            self.agents[agent].side = self.agents[agent].side.other();
                        }
                        self.due.insert((self.now + self.every, agent));
                    }
                }
                Output::RequestFailed { request } => {
                    if let Some(agent) = self.requests.remove(&request) {
                        self.due.insert((self.now + self.every, agent));
                    }
                }
                Output::SocketText { .. } => {}
            }
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

trait PopDue {
    fn pop_first_if(&mut self, now: u64) -> Option<(u64, usize)>;
}

impl PopDue for BTreeSet<(u64, usize)> {
    fn pop_first_if(&mut self, now: u64) -> Option<(u64, usize)> {
        self.first().filter(|(at, _)| *at <= now)?;
        self.pop_first()
    }
}
