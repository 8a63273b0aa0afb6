//! Keepers and a simulated Finesse pair in one simulated time: the same inputs at the same times, byte for byte.
#![allow(dead_code, unreachable_pub, reason = "each test uses its own part")]

pub mod draw;
mod hearing;
pub mod hub;
mod lives;
pub mod plain;

use finesse_keeper::effect::{Answer, Credentials, Effect, Number, Request, RequestFailure, Response};
use finesse_keeper::keeper::{Command, Config, Host, Input, Keeper, Transport};
use finesse_keeper::presence::Policy;
use finesse_keeper::recovery::{PageEvent, StateName};
use finesse_keeper::requests::{Ask, Outcome};
use finesse_keeper::secret::Secret;
use finesse_keeper::time::{Duration, Instant, Now, WallTime};
use finesse_simulator as simulator;
use simulator::{Side, World};
use std::collections::{BTreeMap, BTreeSet};

/// Midnight of 2026-01-01: timelines then read as time since the beginning.
pub const EPOCH: u64 = 1_767_225_600_000;

/// What a keeper's monotonic clock reads at the beginning: what was before a reload lies after its start.
const START: u64 = 3_600_000;

/// One agent's application: a keeper, and what a program would show.
pub struct Client {
    pub agent: String,
    pub keeper: Keeper,
    config: Config,
    pub password: String,
    /// Gives tokens that are good for so many seconds, in place of the password; 0: it does not say how long.
    pub token: Option<u64>,
    pub questions: u32,
    /// Why credentials were asked for, one word each.
    pub reasons: Vec<&'static str>,
    /// Timers fire this much late.
    pub late: u64,
    pub frozen: bool,
    armed: Option<u64>,
    sockets: BTreeMap<u32, u64>,
    requests: BTreeMap<u32, u64>,
    /// What was told, in the application's own words.
    pub heard: Vec<(u64, String)>,
    pub log: Vec<String>,
    pub user_state: Option<String>,
    pub dialogs: BTreeMap<String, String>,
    /// What else is shown: states by path below `/finesse/api/`, of a medium with its limit of tasks.
    pub others: BTreeMap<String, String>,
    /// Every change that was told, oldest first.
    pub told: Vec<Change>,
    /// When its application began.
    pub began: u64,
    /// When it went in and out of service.
    pub service: Vec<(u64, bool)>,
    pub moved: Vec<u64>,
    pub asked: Vec<Asked>,
    /// The `requestId`s that went out.
    pub sent: Vec<String>,
}

/// What the application asked for, and what it was told of it.
pub struct Asked {
    pub number: u32,
    pub at: u64,
    pub ask: Ask,
    /// When, the `requestId`, and the outcome.
    pub settled: Option<(u64, String, Outcome)>,
}

impl Asked {
    /// The outcome in a word or two.
    pub fn word(&self) -> String {
        match &self.settled {
            None => "open".to_owned(),
            Some((_, _, Outcome::Applied(how))) => format!("applied ({})", how.as_str()),
            Some((_, _, outcome)) => outcome.as_str().to_owned(),
        }
    }
}

/// A change that was told.
#[derive(Clone, Debug)]
pub struct Change {
    pub at: u64,
    /// The path below `/finesse/api/` of the node, and of the object.
    pub node: String,
    pub object: String,
    pub event: String,
    pub state: String,
    pub synthetic: bool,
}

/// The pair, the clients, and the time.
pub struct Harness {
    pub world: World,
    pub clients: Vec<Client>,
    pub now: u64,
    next: u64,
    steps: u32,
    sockets: BTreeMap<u64, (usize, u32)>,
    /// By the world's number: whose, which, and the largest body that may come.
    requests: BTreeMap<u64, (usize, u32, usize)>,
    /// Sides whose answers the browser hides (CORS), and those whose certificate it does not accept.
    pub hidden: Vec<Side>,
    pub untrusted: Vec<Side>,
    /// Requests to hidden sides, and whether an opaque answer will do.
    opaque: BTreeMap<u64, bool>,
    due: BTreeSet<(u64, usize)>,
    /// What the clients that are added do about a forced logout.
    pub resume: Policy,
    pub foreign: Vec<String>,
    pub secrets_seen: Vec<String>,
    /// Too many to look through all that is told.
    pub crowd: bool,
    /// When SystemInfo was read, and where, whether or not anyone heard; not the repeat that can only tell whether
    /// anything is there.
    pub reads: Vec<(u64, Side)>,
    /// When a WebSocket was opened, or should have been.
    pub opened: Vec<(u64, Side)>,
    /// What a container's gadgets share.
    pub hub: hub::Hub,
}

impl Harness {
    pub fn new(config: simulator::Config, seed: u64) -> Self {
        Self {
            world: World::new(simulator::Config { epoch_ms: EPOCH, ..config }, seed),
            clients: Vec::new(),
            now: 0,
            next: 0,
            steps: 0,
            sockets: BTreeMap::new(),
            requests: BTreeMap::new(),
            hidden: Vec::new(),
            untrusted: Vec::new(),
            opaque: BTreeMap::new(),
            due: BTreeSet::new(),
            resume: Policy::default(),
            foreign: Vec::new(),
            secrets_seen: Vec::new(),
            crowd: false,
            reads: Vec::new(),
            opened: Vec::new(),
            hub: hub::Hub::default(),
        }
    }

    /// Adds an agent's client with the usual configuration; `start` sets it going.
    pub fn add(&mut self, agent: &str, expected_agents: u32, hosts: &[&str], seed: u64) -> usize {
        self.add_over(Transport::Auto, agent, expected_agents, hosts, seed)
    }

    /// The same, over this transport.
    pub fn add_over(
        &mut self,
        transport: Transport,
        agent: &str,
        expected_agents: u32,
        hosts: &[&str],
        seed: u64,
    ) -> usize {
        let host = |side: &&str| Host { rest: format!("http://{side}.test/as/{agent}"), ..Host::default() };
        let config = Config {
            hosts: hosts.iter().map(host).collect(),
            user: agent.to_owned(),
            transport,
            expected_agents,
            resume: self.resume,
            seed,
            ..Config::default()
        };
        self.add_with(agent, config)
    }

    pub fn add_with(&mut self, agent: &str, config: Config) -> usize {
        self.clients.push(Client {
            agent: agent.to_owned(),
            keeper: Keeper::new(config.clone()).unwrap(),
            config,
            password: format!("pw-{agent}"),
            token: None,
            questions: 0,
            reasons: Vec::new(),
            late: 0,
            frozen: false,
            armed: None,
            sockets: BTreeMap::new(),
            requests: BTreeMap::new(),
            heard: Vec::new(),
            log: Vec::new(),
            user_state: None,
            dialogs: BTreeMap::new(),
            others: BTreeMap::new(),
            told: Vec::new(),
            began: 0,
            service: Vec::new(),
            moved: Vec::new(),
            asked: Vec::new(),
            sent: Vec::new(),
        });
        self.clients.len() - 1
    }

    pub fn start(&mut self, client: usize) {
        self.command(client, Command::Start);
    }

    pub fn command(&mut self, client: usize, command: Command) {
        self.input(client, Input::Command(command));
    }

    pub fn page(&mut self, client: usize, event: PageEvent) {
        self.input(client, Input::Page(event));
    }

    pub fn touch(&mut self, client: usize) {
        self.input(client, Input::Touched);
    }

    /// A supervisor, the system or another desktop does something to an agent.
    pub fn other(&mut self, agent: &str, step: simulator::AgentStep, code: Option<u32>) -> bool {
        let spec = simulator::AgentSpec { agent: agent.to_owned(), step, code };
        let done = self.world.put_agent(&spec, self.now).is_ok();
        self.pump();
        done
    }

    pub fn fault(&mut self, spec: &simulator::FaultSpec) -> u64 {
        let id = self.world.add_fault(spec, self.now).unwrap();
        self.pump();
        id
    }

    pub fn heal_all(&mut self) {
        self.world.heal_all(self.now);
        self.pump();
    }

    pub fn call(&mut self, agent: &str, step: simulator::CallStep) -> bool {
        let done = self.world.call(&simulator::CallSpec { agent: agent.to_owned(), step }, self.now).is_ok();
        self.pump();
        done
    }

    /// An agent's own request, past the keeper: as an application does it.
    pub fn put_state(&mut self, agent: &str, side: Side, state: &str) {
        let body = format!("<User><state>{state}</state><extension>{agent}</extension></User>");
        self.put(agent, side, &format!("User/{agent}"), body);
    }

    /// The same for a medium; `LOGIN` with five tasks at a time.
    pub fn put_medium(&mut self, agent: &str, side: Side, medium: &str, state: &str) {
        let chosen = "<maxDialogLimit>5</maxDialogLimit><interruptAction>ACCEPT</interruptAction>";
        let body = format!("<Media><state>{state}</state>{chosen}</Media>");
        self.put(agent, side, &format!("User/{agent}/Media/{medium}"), body);
    }

    fn put(&mut self, agent: &str, side: Side, path: &str, body: String) {
        self.next += 1;
        let authorization = base64_of(&format!("{agent}:pw-{agent}"));
        self.world.handle_input(
            simulator::Input::Request {
                request: self.next,
                side,
                client: String::new(),
                method: "PUT".to_owned(),
                path: format!("/finesse/api/{path}"),
                headers: vec![("Authorization".to_owned(), format!("Basic {authorization}"))],
                body,
            },
            self.now,
        );
        self.pump();
    }

    /// The application asks for something through its keeper.
    pub fn ask(&mut self, client: usize, ask: Ask) -> u32 {
        let number = u32::try_from(self.clients[client].asked.len()).unwrap() + 1;
        let asked = Asked { number, at: self.now, ask: ask.clone(), settled: None };
        self.clients[client].asked.push(asked);
        self.command(client, Command::Ask(number, ask));
        number
    }

    /// What the world made of a request: carried out, refused, or nothing.
    pub fn world_made_of(&self, id: &str) -> &'static str {
        let report = self.world.report(self.now);
        match report.wishes.iter().find(|wish| !id.is_empty() && wish.request == id) {
            Some(wish) => wish.error.unwrap_or("carried out"),
            None => "not carried out",
        }
    }

    pub fn state(&self, client: usize) -> StateName {
        self.clients[client].keeper.status().state
    }

    pub fn side(&self, client: usize) -> &'static str {
        self.clients[client].keeper.status().side.map_or("-", |side| side.as_str())
    }

    /// Runs until `until`, or until `goal` holds. Tells whether it does.
    pub fn run_to(&mut self, until: u64, mut goal: impl FnMut(&Self) -> bool) -> bool {
        self.pump();
        loop {
            if goal(self) {
                return true;
            }
            let world = self.world.poll_timeout();
            let client = self.due.first().map(|(at, _)| *at);
            let Some(next) = world.into_iter().chain(client).min().filter(|at| *at <= until) else { break };
            self.steps = if next > self.now { 0 } else { self.steps + 1 };
            assert!(self.steps < 20_000, "time stands still at {} ms:\n{}", self.now, self.last_words());
            self.now = self.now.max(next);
            if world.is_some_and(|at| at <= self.now) {
                self.world.handle_timeout(self.now);
                self.pump();
            }
            while let Some((at, index)) = self.due.first().copied().filter(|(at, _)| *at <= self.now) {
                self.due.remove(&(at, index));
                self.clients[index].armed = None;
                let now = self.reading();
                self.clients[index].keeper.handle_timeout(now);
                self.drain(index);
                self.pump();
            }
        }
        self.now = self.now.max(until);
        goal(self)
    }

    /// The end of every client's timeline.
    fn last_words(&self) -> String {
        let tail = |client: &Client| {
            let due = client.keeper.poll_timeout();
            format!("{due:?}\n{}", client.log[client.log.len().saturating_sub(20)..].join("\n"))
        };
        self.clients.iter().map(tail).collect()
    }

    pub fn run(&mut self, until: u64) {
        self.run_to(until, |_| false);
    }

    pub fn reading(&self) -> Now {
        let instant = Instant::from_millis(START + self.now);
        Now { instant, wall: WallTime::from_millis(EPOCH + self.now) }
    }

    pub fn input(&mut self, index: usize, input: Input) {
        let now = self.reading();
        self.clients[index].keeper.handle_input(input, now);
        self.drain(index);
        self.pump();
    }

    /// What the world has for the clients, until it has no more.
    fn pump(&mut self) {
        for round in 0.. {
            assert!(
                round < 100_000,
                "the world and its clients find no end at {} ms:\n{}",
                self.now,
                self.last_words()
            );
            let Some(output) = self.world.poll_output() else {
                if self.pump_hub() {
                    continue;
                }
                break;
            };
            let Some((index, answer)) = self.answer(output) else { continue };
            let now = self.reading();
            self.clients[index].keeper.handle_input(Input::Answer(answer), now);
            self.drain(index);
        }
    }

    fn answer(&mut self, output: simulator::Output) -> Option<(usize, Answer)> {
        use simulator::Output;
        Some(match output {
            Output::SocketAccepted { socket } => {
                let (index, number) = *self.sockets.get(&socket)?;
                (index, Answer::SocketOpened { socket: Number(number) })
            }
            Output::SocketText { socket, text } => {
                let (index, number) = *self.sockets.get(&socket)?;
                let socket = Number(number);
                if text.len() > finesse_keeper::limits::FRAME_BYTES {
                    (index, Answer::SocketFrameRefused { socket, bytes: text.len() })
                } else {
                    (index, Answer::SocketText { socket, text })
                }
            }
            Output::SocketClosed { socket, code } => {
                let (index, number) = self.sockets.remove(&socket)?;
                self.clients[index].sockets.remove(&number);
                (index, Answer::SocketClosed { socket: Number(number), code })
            }
            Output::Response { request, status, body, .. } => {
                let (index, number, max_body) = self.requests.remove(&request)?;
                self.clients[index].requests.remove(&number);
                let number = Number(number);
                if let Some(opaque) = self.opaque.remove(&request) {
                    let failed = Answer::RequestFailed { number, failure: RequestFailure::Network };
                    (index, if opaque { Answer::RespondedOpaquely { number } } else { failed })
                } else if body.len() > max_body {
                    (index, Answer::RequestFailed { number, failure: RequestFailure::TooLarge })
                } else {
                    (
                        index,
                        Answer::Responded { number, response: Response { status, body, retry_after: None } },
                    )
                }
            }
            Output::RequestFailed { request } => {
                let (index, number, _) = self.requests.remove(&request)?;
                self.clients[index].requests.remove(&number);
                (index, Answer::RequestFailed { number: Number(number), failure: RequestFailure::Network })
            }
        })
    }

    /// What a keeper wants, until it wants no more.
    fn drain(&mut self, index: usize) {
        for round in 0.. {
            assert!(round < 100_000, "a keeper wants no end of things:\n{}", self.last_words());
            if let Some(effect) = self.clients[index].keeper.poll_effect() {
                self.perform(index, effect);
            } else if let Some(event) = self.clients[index].keeper.poll_event() {
                self.hear(index, event);
            } else {
                break;
            }
        }
        let due = self.clients[index].keeper.poll_timeout();
        let at = due
            .map(|(at, _)| (at.as_millis().saturating_sub(START) + self.clients[index].late).max(self.now));
        if let Some(armed) = std::mem::replace(&mut self.clients[index].armed, at) {
            self.due.remove(&(armed, index));
        }
        if let Some(at) = at.filter(|_| !self.clients[index].frozen) {
            self.due.insert((at, index));
        }
    }

    fn perform(&mut self, index: usize, effect: Effect) {
        use simulator::Input as To;
        self.next += 1;
        let id = self.next;
        let input = match effect {
            Effect::AcquireLease => return self.feed(index, Answer::LeaseGranted),
            Effect::AskCredentials { number, reason, .. } => {
                let client = &mut self.clients[index];
                client.questions += 1;
                client.reasons.push(reason.as_str());
                return self.give_credentials(index, number);
            }
            Effect::DropQuestion { .. } | Effect::AwaitTouch => return,
            Effect::ListenToHub { .. }
            | Effect::ForgetTopic { .. }
            | Effect::AskHub { .. }
            | Effect::LeaveHub { .. } => return self.perform_on_hub(index, effect),
            Effect::OpenSocket { socket, url, protocol } => {
                let Some((side, client, _)) = self.locate(&url) else { return };
                if self.untrusted.contains(&side) {
                    return self.feed(index, Answer::SocketClosed { socket, code: 1006 });
                }
                self.sockets.insert(id, (index, socket.0));
                self.clients[index].sockets.insert(socket.0, id);
                self.opened.push((self.now, side));
                To::SocketOpen { socket: id, side, client, protocol: Some(protocol.to_owned()) }
            }
            Effect::SendText { socket, text } => {
                let Some(id) = self.clients[index].sockets.get(&socket.0) else { return };
                To::SocketText { socket: *id, text: text.expose().to_owned() }
            }
            Effect::CloseSocket { socket } => {
                let Some(id) = self.clients[index].sockets.remove(&socket.0) else { return };
                self.sockets.remove(&id);
                To::SocketClosed { socket: id }
            }
            Effect::SendRequest { number, request } => {
                if let Some((_, name)) = request.headers.iter().find(|(name, _)| *name == "requestId") {
                    let name = name.expose().to_owned();
                    assert!(!self.clients[index].sent.contains(&name), "{name} was sent twice");
                    self.clients[index].sent.push(name);
                }
                let Some((side, client, path)) = self.locate(&request.url) else { return };
                if self.untrusted.contains(&side) {
                    let failure = RequestFailure::Network;
                    return self.feed(index, Answer::RequestFailed { number, failure });
                }
                if self.hidden.contains(&side) {
                    self.opaque.insert(id, request.opaque);
                }
                if path.contains("/SystemInfo") && !request.opaque {
                    self.reads.push((self.now, side));
                }
                self.requests.insert(id, (index, number.0, request.max_body));
                self.clients[index].requests.insert(number.0, id);
                request_of(id, side, client, path, request)
            }
            Effect::SendGoodbye { request } => {
                let Some((side, client, path)) = self.locate(&request.url) else { return };
                request_of(id, side, client, path, request)
            }
            Effect::AbortRequest { number } => {
                let Some(id) = self.clients[index].requests.remove(&number.0) else { return };
                self.requests.remove(&id);
                To::RequestAborted { request: id }
            }
        };
        self.world.handle_input(input, self.now);
    }

    fn give_credentials(&mut self, index: usize, number: Number) {
        let client = &self.clients[index];
        let (credentials, life) = match client.token {
            Some(seconds) => {
                let life = if seconds == 0 { u64::MAX / 2 } else { seconds * 1_000 };
                let token = self.world.issue_token(&client.agent, life, self.now).unwrap();
                (Credentials::Token(Secret::new(token)), Some(Duration::from_secs(seconds)))
            }
            None => (Credentials::Password(Secret::new(client.password.clone())), None),
        };
        let life = life.filter(|life| !life.is_zero());
        self.feed(index, Answer::CredentialsGiven { number, credentials, life });
    }

    fn feed(&mut self, index: usize, answer: Answer) {
        let now = self.reading();
        self.clients[index].keeper.handle_input(Input::Answer(answer), now);
    }

    fn locate(&mut self, url: &str) -> Option<(Side, String, String)> {
        let (_, rest) = url.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        let side = match host.split(':').next()? {
            "a.test" => Side::A,
            "b.test" => Side::B,
            _ => {
                self.foreign.push(url.to_owned());
                return None;
            }
        };
        let (client, path) = match path.strip_prefix("as/").and_then(|rest| rest.split_once('/')) {
            Some((client, path)) => (client.to_owned(), path),
            None => (String::new(), path),
        };
        Some((side, client, format!("/{path}")))
    }
}

fn request_of(request: u64, side: Side, client: String, path: String, asked: Request) -> simulator::Input {
    let header = |(name, value): &(&str, Secret)| ((*name).to_owned(), value.expose().to_owned());
    simulator::Input::Request {
        request,
        side,
        client,
        method: asked.method.as_str().to_owned(),
        path,
        headers: asked.headers.iter().map(header).collect(),
        body: asked.body.unwrap_or_default().expose().to_owned(),
    }
}

pub fn base64_of(text: &str) -> String {
    use base64ct::Encoding as _;
    base64ct::Base64::encode_string(text.as_bytes())
}
