//! The notification service of one side: XMPP over WebSocket and BOSH as Openfire 4.2 answers it, with Finesse's nodes.
//!
//! Sessions and presence are here. What carries them is in `websocket` and `bosh`; what they say is read in `stream`, iq requests
//! are answered in `iq`, nodes kept in `pubsub`.

mod bosh;
mod iq;
mod pubsub;
mod stanza;
mod stream;
mod websocket;

use std::collections::{BTreeMap, VecDeque};

use crate::accounts::Accounts;
use crate::config::{Config, Side};
use crate::faults::Delivery;
use crate::rng::Rng;
use bosh::Binding;
pub(crate) use bosh::{Answer, HASTE_MS, Posted, key_of};
use pubsub::{Nodes, Parcel, Stored};

/// A session is named by its socket, by the number that is its `sid`, or by a number of its own when the fault
/// `conflict` put it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Socket(u64),
    Bosh(u64),
    Phantom(u64),
}

/// What the service needs for a moment from the world around it.
pub(crate) struct Desk<'a> {
    pub(crate) accounts: &'a mut Accounts,
    pub(crate) rng: &'a mut Rng,
    pub(crate) now: u64,
}

/// What the service does to the world around it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Send a frame.
    Send { socket: u64, text: String },
    /// Close a socket.
    Close { socket: u64, code: u16 },
    /// Answer a request.
    Answer { request: u64, answer: Answer },
    /// A request is held, until then at most.
    Held { key: Key, request: u64, until: u64 },
    /// A session without a socket began; look after it then.
    Created { key: Key, look: u64 },
    /// A session was ended for what its client did.
    BrokenOff,
    /// A notification is kept back until then.
    KeptBack { agent: usize, until: u64 },
    /// `finesse` is told that an agent came or went.
    Presence { agent: usize, available: bool },
    /// Someone tried to sign in.
    LoginTried,
    /// Credentials were refused.
    Refused { agent: String },
    /// A session is over.
    Ended { agent: usize, goodbye: bool },
}

/// How far a stream has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing yet.
    Fresh,
    /// `<open/>` was answered; nobody is signed in.
    Open,
    /// Signed in, the stream not yet restarted.
    Authenticated { agent: usize },
    /// Restarted, without a resource.
    Restarted { agent: usize },
    /// Has its full JID.
    Bound { agent: usize, resource: String },
}

pub(crate) struct Session {
    stream: String,
    phase: Phase,
    /// The priority of its presence, when it is available.
    available: Option<i64>,
    /// Whether it closed its stream itself.
    closed: bool,
    since: u64,
    heard: u64,
}

impl Session {
    fn new(stream: String, phase: Phase, now: u64) -> Self {
        Self { stream, phase, available: None, closed: false, since: now, heard: now }
    }

    /// The agent and resource, once bound.
    pub(crate) fn bound(&self) -> Option<(usize, &str)> {
        match &self.phase {
            Phase::Bound { agent, resource } => Some((*agent, resource)),
            _ => None,
        }
    }

    pub(crate) fn available(&self) -> bool {
        self.available.is_some()
    }

    pub(crate) fn since(&self) -> u64 {
        self.since
    }

    pub(crate) fn heard(&self) -> u64 {
        self.heard
    }
}

/// What the service knows of one agent.
#[derive(Default)]
struct Resident {
    sessions: Vec<Key>,
    stored: VecDeque<Stored>,
    delivery: Delivery,
    /// Notifications that are late, or wait for one to overtake them.
    kept_back: Vec<Parcel>,
    /// How many might have been late.
    counted: u64,
    present: bool,
    /// Lost its automatic subscriptions (facts 12.3), until it signs in to Finesse again.
    deaf: bool,
}

pub(crate) struct NotificationService {
    domain: String,
    /// The time of day at simulated time 0, by its clock.
    pub(crate) epoch_ms: u64,
    silence_ms: u64,
    agents: Vec<String>,
    sessions: BTreeMap<Key, Session>,
    /// What carries the sessions without a socket.
    bindings: BTreeMap<u64, Binding>,
    residents: Vec<Resident>,
    nodes: Nodes,
    finesse: bool,
    next_phantom: u64,
    events: VecDeque<Event>,
    /// The fault `login-refused`.
    pub(crate) login_refused: bool,
    /// The fault `presence-missing`.
    pub(crate) presence_missing: bool,
    /// The fault `conflict` as `ghost`.
    pub(crate) ghosts: bool,
}

impl NotificationService {
    pub(crate) fn new(config: &Config, side: Side) -> Self {
        Self {
            domain: config.domain(side).to_owned(),
            epoch_ms: config.epoch_ms,
            silence_ms: config.silence_ms,
            agents: config.agents.clone(),
            sessions: BTreeMap::new(),
            bindings: BTreeMap::new(),
            residents: config.agents.iter().map(|_| Resident::default()).collect(),
            nodes: Nodes::new(config),
            finesse: true,
            next_phantom: 0,
            events: VecDeque::new(),
            login_refused: false,
            presence_missing: false,
            ghosts: false,
        }
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The service was stopped, without a word to anyone. What the database holds survives.
    pub(crate) fn stop(&mut self) {
        self.sessions.clear();
        self.bindings.clear();
        self.finesse = false;
        for resident in &mut self.residents {
            resident.sessions.clear();
            resident.kept_back.clear();
            resident.present = false;
        }
    }

    /// How the notifications to each agent fare.
    pub(crate) fn set_deliveries(&mut self, deliveries: Vec<Delivery>) {
        for (resident, delivery) in self.residents.iter_mut().zip(deliveries) {
            resident.delivery = delivery;
        }
    }

    /// `finesse` came or went; everyone available is told.
    pub(crate) fn set_finesse(&mut self, here: bool) {
        if self.finesse == here {
            return;
        }
        self.finesse = here;
        self.tell_finesse();
    }

    /// Tells everyone available the presence of `finesse`.
    pub(crate) fn tell_finesse(&mut self) {
        if self.presence_missing && self.finesse {
            return;
        }
        let keys: Vec<Key> =
            self.sessions.iter().filter(|(_, session)| session.available()).map(|(key, _)| *key).collect();
        for key in keys {
            self.send_finesse(key);
        }
    }

    /// Whether a session has been silent for too long, and is thrown out; else when to ask again.
    pub(crate) fn check_silence(&mut self, key: Key, now: u64) -> Option<u64> {
        if let Key::Bosh(session) = key {
            return self.look_after(session, now);
        }
        let heard = self.sessions.get(&key)?.heard;
        if now < heard + self.silence_ms {
            return Some(heard + self.silence_ms);
        }
        self.end(key);
        None
    }

    /// Someone else signs in with the full JID of each session of this agent, or its `ghost` takes its place without a
    /// word; gives the impostors.
    pub(crate) fn take_over(&mut self, agent: usize, ghost: bool, now: u64) -> Vec<Key> {
        let keys: Vec<Key> = self.residents.get(agent).map(|it| it.sessions.clone()).unwrap_or_default();
        let mut impostors = Vec::new();
        for key in keys {
            let Some(phase) = self.sessions.get(&key).map(|session| session.phase.clone()) else { continue };
            if ghost {
                self.remove(key);
            } else {
                self.conflict(key);
            }
            let impostor = Key::Phantom(self.next_phantom);
            self.next_phantom += 1;
            let session = Session { available: Some(0), ..Session::new(String::new(), phase, now) };
            self.sessions.insert(impostor, session);
            self.enter(agent, impostor);
            self.note_presence(agent);
            impostors.push(impostor);
        }
        impostors
    }

    /// A session ends: an impostor leaves, or a socket is gone.
    pub(crate) fn remove(&mut self, key: Key) {
        if let Key::Bosh(session) = key {
            self.bindings.remove(&session);
        }
        let Some(session) = self.sessions.remove(&key) else { return };
        if let Some((agent, _)) = session.bound() {
            if let Some(resident) = self.residents.get_mut(agent) {
                resident.sessions.retain(|other| *other != key);
            }
            self.note_presence(agent);
            let goodbye = session.closed && !session.available();
            self.events.push_back(Event::Ended { agent, goodbye });
        }
    }

    /// The agent signed in to Finesse, which renews the automatic subscriptions.
    pub(crate) fn renew_subscriptions(&mut self, agent: usize) {
        if let Some(resident) = self.residents.get_mut(agent) {
            resident.deaf = false;
        }
    }

    pub(crate) fn session(&self, key: Key) -> Option<&Session> {
        self.sessions.get(&key)
    }

    pub(crate) fn sessions(&self) -> impl Iterator<Item = (Key, &Session)> {
        self.sessions.iter().map(|(key, session)| (*key, session))
    }

    pub(crate) fn is_present(&self, agent: usize) -> bool {
        self.residents.get(agent).is_some_and(|resident| resident.present)
    }

    pub(crate) fn has_finesse(&self) -> bool {
        self.finesse
    }

    fn enter(&mut self, agent: usize, key: Key) {
        if let Some(resident) = self.residents.get_mut(agent) {
            resident.sessions.push(key);
        }
    }

    /// The session of a full JID.
    fn at(&self, agent: usize, resource: &str) -> Option<Key> {
        let resident = self.residents.get(agent)?;
        resident.sessions.iter().copied().find(|key| {
            self.sessions.get(key).and_then(Session::bound).is_some_and(|(_, bound)| bound == resource)
        })
    }

    /// `finesse` is told when the agent's last presence goes or the first comes.
    fn note_presence(&mut self, agent: usize) {
        let sessions = &self.sessions;
        let Some(resident) = self.residents.get_mut(agent) else { return };
        let available = resident.sessions.iter().any(|key| sessions.get(key).is_some_and(Session::available));
        if available != resident.present {
            resident.present = available;
            self.events.push_back(Event::Presence { agent, available });
        }
    }

    /// Ends a session whose full JID someone else took.
    fn conflict(&mut self, key: Key) {
        self.send(key, stanza::stream_error("conflict"));
        self.end(key);
    }

    /// Ends a session in the manner of what carries it.
    fn end(&mut self, key: Key) {
        match key {
            Key::Socket(socket) => self.close_socket(socket),
            Key::Bosh(session) => self.close_bosh(session),
            Key::Phantom(_) => {}
        }
        self.remove(key);
    }

    /// Sends an element by what carries the session. Nobody listens behind a phantom.
    fn send(&mut self, key: Key, text: String) {
        match key {
            Key::Socket(socket) => self.events.push_back(Event::Send { socket, text }),
            Key::Bosh(session) => self.send_bosh(session, text),
            Key::Phantom(_) => {}
        }
    }

    /// Tells one session the presence of `finesse`.
    fn send_finesse(&mut self, key: Key) {
        let Some((agent, resource)) = self.session(key).and_then(Session::bound) else { return };
        let bare = self.bare(agent);
        let text = if self.finesse {
            stanza::presence(&self.domain, &format!("{bare}/{resource}"), true)
        } else {
            stanza::presence(&self.domain, &bare, false)
        };
        self.send(key, text);
    }

    fn id(&self, agent: usize) -> &str {
        self.agents.get(agent).map_or("", String::as_str)
    }

    fn bare(&self, agent: usize) -> String {
        format!("{}@{}", self.id(agent), self.domain)
    }
}
