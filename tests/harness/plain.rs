//! A client as plain as those that people write, over WebSocket: it pings every 10 s as Cisco's own does, takes two
//! unanswered pings or a closed socket for a loss, and then does what its policy says.

use super::{EPOCH, base64_of};
use finesse_simulator as simulator;
use simulator::{CallSpec, CallStep, FaultSpec, Input, Output, Side, World};

/// What to do about a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// To the other node, at once, whatever was lost: the session, the service, `finesse`.
    Other,
    /// To the same node, every second.
    Same,
}

/// Where it stands, and until when something must have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// To connect then.
    Lost(u64),
    /// The login must have come through by then.
    Connecting(u64),
    /// Up; the next ping, and how many are unanswered.
    Up(u64, u32),
}

/// Between two pings.
const PING: u64 = 10_000;
/// A login must not take longer.
const LOGIN: u64 = 5_000;
/// Between two tries, beyond the first.
const RETRY: u64 = 1_000;
const AGENT: &str = "1001";

/// The world, the client and the time.
pub struct Plain {
    pub world: World,
    pub now: u64,
    pub side: Side,
    pub moves: usize,
    policy: Policy,
    phase: Phase,
    /// Where it was last up.
    served: Option<Side>,
    socket: u64,
    next: u64,
}

impl Plain {
    pub fn new(config: simulator::Config, seed: u64, policy: Policy) -> Self {
        let world = World::new(simulator::Config { epoch_ms: EPOCH, ..config }, seed);
        let phase = Phase::Lost(0);
        Self { world, now: 0, side: Side::A, moves: 0, policy, phase, served: None, socket: 0, next: 0 }
    }

    pub fn run(&mut self, until: u64) {
        loop {
            self.hear();
            let (Phase::Lost(at) | Phase::Connecting(at) | Phase::Up(at, _)) = self.phase;
            let next = self.world.poll_timeout().map_or(at, |world| world.min(at));
            if next > until {
                break;
            }
            self.now = self.now.max(next);
            self.world.handle_timeout(self.now);
            self.hear();
            let (Phase::Lost(at) | Phase::Connecting(at) | Phase::Up(at, _)) = self.phase;
            if at <= self.now {
                self.act();
            }
        }
        self.now = self.now.max(until);
    }

    pub fn fault(&mut self, spec: &FaultSpec) {
        self.world.add_fault(spec, self.now).unwrap();
    }

    pub fn call(&mut self, step: CallStep) {
        // an agent who was signed out has no calls
        let _ = self.world.call(&CallSpec { agent: AGENT.to_owned(), step }, self.now);
    }

    /// Signs in over REST, at the node it is on: Finesse keeps the state of who is signed in.
    pub fn sign_in(&mut self) {
        self.next += 1;
        let basic = base64_of(&format!("{AGENT}:pw-{AGENT}"));
        let request = Input::Request {
            request: self.next,
            side: self.side,
            client: AGENT.to_owned(),
            method: "PUT".to_owned(),
            path: format!("/finesse/api/User/{AGENT}"),
            headers: vec![("Authorization".to_owned(), format!("Basic {basic}"))],
            body: "<User><state>LOGIN</state><extension>2001</extension></User>".to_owned(),
        };
        self.world.handle_input(request, self.now);
    }

    /// What its time has come for.
    fn act(&mut self) {
        match self.phase {
            Phase::Lost(_) => self.connect(),
            Phase::Connecting(_) => self.lose(RETRY),
            Phase::Up(_, unanswered) if unanswered >= 2 => self.lose(0),
            Phase::Up(_, unanswered) => {
                self.phase = Phase::Up(self.now + PING, unanswered + 1);
                self.send("<iq type='get' id='p' to='x'><ping xmlns='urn:xmpp:ping'/></iq>");
            }
        }
    }

    fn connect(&mut self) {
        self.next += 1;
        self.socket = self.next;
        let (socket, side) = (self.socket, self.side);
        let (client, protocol) = (AGENT.to_owned(), Some("xmpp".to_owned()));
        self.world.handle_input(Input::SocketOpen { socket, side, client, protocol }, self.now);
        self.phase = Phase::Connecting(self.now + LOGIN);
    }

    /// The session is over, or what stands behind it is.
    fn lose(&mut self, wait: u64) {
        self.world.handle_input(Input::SocketClosed { socket: self.socket }, self.now);
        self.socket = 0;
        if self.policy == Policy::Other {
            self.side = self.side.other();
        }
        self.phase = Phase::Lost(self.now + wait);
    }

    fn send(&mut self, text: &str) {
        let input = Input::SocketText { socket: self.socket, text: text.to_owned() };
        self.world.handle_input(input, self.now);
    }

    fn hear(&mut self) {
        while let Some(output) = self.world.poll_output() {
            match output {
                Output::SocketAccepted { socket } if socket == self.socket => self.log_in(),
                Output::SocketText { socket, text } if socket == self.socket => self.read(&text),
                Output::SocketClosed { socket, .. } if socket == self.socket => {
                    self.lose(if matches!(self.phase, Phase::Up(..)) { 0 } else { RETRY });
                }
                _ => {}
            }
        }
    }

    /// All at once: the service takes it in turn.
    fn log_in(&mut self) {
        let auth = base64_of(&format!("\0{AGENT}\0pw-{AGENT}"));
        let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x' version='1.0'/>";
        let bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>plain</resource></bind>";
        self.send(open);
        self.send(&format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{auth}</auth>"));
        self.send(open);
        self.send(&format!("<iq type='set' id='b'>{bind}</iq>"));
        self.send("<presence><priority>0</priority></presence>");
    }

    fn read(&mut self, text: &str) {
        let lost = text.contains("OUT_OF_SERVICE")
            || text.starts_with("<presence") && text.contains("unavailable") && text.contains("finesse@");
        match self.phase {
            Phase::Connecting(_) if text.contains("<jid>") => {
                self.phase = Phase::Up(self.now + PING, 0);
                if self.served.replace(self.side).is_some_and(|served| served != self.side) {
                    self.moves += 1;
                    self.sign_in(); // as Cisco's desktop does
                }
            }
            Phase::Up(at, _) if text.contains("id='p'") || text.contains("id=\"p\"") => {
                self.phase = Phase::Up(at, 0);
            }
            Phase::Up(..) if lost && self.policy == Policy::Other => self.lose(0),
            _ => {}
        }
    }
}
