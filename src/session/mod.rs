//! One XMPP session on one link: login, keepalive, presence of `finesse`, subscriptions.
//!
//! Login waits for every answer (WebSocket + 5 round trips), or sends two flights where the server's last session
//! allowed it: `<open/>`, `<auth/>`, `<open/>`, bind; and after bind's answer all the rest. Newer Openfires refuse what
//! comes before bind's answer. Every state in which we wait has a deadline.
//!
//! A session that pings have declared dead still listens: a server's pause must cost nobody their presence, so the
//! owner keeps it until a new one is answered, and takes it back if it answers first.

mod inbound;
mod keepalive;
mod login;

use crate::effect::{Answer, Credentials, Effect};
use crate::link::LinkEvent;
use crate::link::websocket::WebSocketLink;
use crate::map::{Map, Set};
use crate::time::{Duration, Instant};
use crate::timers::Timers;
use crate::xml::Element;
use crate::xmpp::jid::Jid;
use crate::xmpp::{ping, pubsub, stanza};
use keepalive::{Keepalive, Verdict};
use std::collections::VecDeque;

/// What a session is made with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The agent's id: the local part of the JID.
    pub user: String,
    /// `xmppDomain` of SystemInfo.
    pub domain: String,
    /// `xmppPubSubDomain` of SystemInfo.
    pub pubsub: String,
    /// The resource to bind.
    pub resource: String,
    /// What to log in with.
    pub credentials: Credentials,
    /// Send in two flights.
    pub quick: bool,
    /// Wait for [`Session::proceed`] once the stream is open.
    pub hold: bool,
    /// Nodes to subscribe.
    pub nodes: Vec<String>,
    /// `subid`s by node that an earlier session of this address left on the server when it broke. Subscriptions
    /// outlive a session: subscribed again, they would pile up, and no later unsubscription would end them.
    pub leftover: Map<String, String>,
    /// Agents that share the site: sets the pace of pings.
    pub agents: u32,
}

/// What became true.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The server answered `<open/>`; a held session now waits for [`Session::proceed`].
    Opened,
    /// Bound, present and subscribed.
    Up,
    /// `finesse` came or went.
    Finesse(bool),
    /// A published item, and the stamp of `<delay/>` if it was stored.
    Item(pubsub::Item, Option<String>),
    /// A node is subscribed.
    Subscribed {
        /// The node.
        node: String,
        /// What the server calls this one.
        subid: Option<String>,
    },
    /// A node could not be subscribed.
    SubscriptionFailed {
        /// The node.
        node: String,
        /// The server's condition.
        condition: String,
    },
    /// A ping sent at this time is overdue.
    Doubtful(Instant),
    /// A ping was answered after all.
    Answered,
    /// Pings declared the link dead; it still listens.
    Dead,
    /// A frame could not be read, and why; what it told is lost.
    Unreadable(String),
    /// Noted and passed over.
    Noted(String),
    /// It is over.
    Ended(End),
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The socket closed, with this code.
    Closed(u16),
    /// A deadline passed, waiting for this.
    TimedOut(&'static str),
    /// The server ended the stream, with this condition (`system-shutdown`, …) or none.
    StreamEnded(String),
    /// Someone signed in with the same full JID.
    Conflict,
    /// Our own ghost holds the resource.
    BindConflict,
    /// Credentials refused, with SASL's condition.
    Refused(String),
    /// Login failed for now.
    Temporary(String),
    /// The two flights were not taken: try the patient way.
    QuickRefused,
}

/// Every deadline of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// The socket must open.
    Socket,
    /// Login must be complete.
    Login,
    /// The next ping.
    Ping,
    /// A ping should have been answered.
    Answer,
}

impl Timer {
    const fn reason(self) -> &'static str {
        match self {
            Self::Socket => "socket to open",
            Self::Login => "login to complete",
            Self::Ping => "ping",
            Self::Answer => "ping answer overdue",
        }
    }
}

/// A socket that has not opened by then is given up.
const SOCKET: Duration = Duration::from_secs(5);
/// So is a login.
const LOGIN: Duration = Duration::from_secs(10);

/// How far the session has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The socket is opening.
    Opening,
    /// `<open/>` is sent; features are awaited. After SASL once more.
    Greeting { authenticated: bool },
    /// The stream is open; the owner decides when to go on.
    Held,
    /// `<auth/>` is sent.
    Authenticating,
    /// Bind is sent.
    Binding,
    /// Present; these answers are awaited.
    Establishing { jid: Jid, pending: Set<String> },
    /// Everything stands.
    Up { jid: Jid },
    /// Over.
    Ended,
}

/// One subscription of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Subscription {
    subid: Option<String>,
}

/// One session.
#[derive(Clone, Debug)]
pub struct Session {
    setup: Setup,
    link: WebSocketLink,
    state: State,
    session_offered: bool,
    /// The stream gave its features at least once.
    stream_seen: bool,
    keepalive: Keepalive,
    dead: bool,
    finesse: Set<String>,
    subscriptions: Map<String, Subscription>,
    /// Iqs about a node, by id.
    asked: Map<String, String>,
    last_id: u32,
    timers: Timers<Timer>,
    events: VecDeque<Event>,
}

impl Session {
    /// Begins: the link is new and opens its socket.
    #[must_use]
    pub fn new(setup: Setup, link: WebSocketLink, now: Instant) -> Self {
        let mut timers = Timers::default();
        timers.set(Timer::Socket, now + SOCKET);
        Self {
            keepalive: Keepalive::new(setup.agents, now),
            setup,
            link,
            state: State::Opening,
            session_offered: false,
            stream_seen: false,
            dead: false,
            finesse: Set::new(),
            subscriptions: Map::new(),
            asked: Map::new(),
            last_id: 0,
            timers,
            events: VecDeque::new(),
        }
    }

    /// Takes an answer if it is about this session's link, and tells whether it was.
    pub fn handle(&mut self, answer: &Answer, now: Instant) -> bool {
        let ours = self.link.handle(answer);
        while let Some(event) = self.link.poll_event() {
            match event {
                LinkEvent::Connected => self.on_connected(now),
                LinkEvent::Received(inbound) => self.on_inbound(*inbound, now),
                LinkEvent::Unreadable(why) => self.events.push_back(Event::Unreadable(why)),
                LinkEvent::Closed { code } => self.end(End::Closed(code)),
            }
        }
        ours
    }

    /// A deadline may have passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((timer, due)) = self.timers.pop(now) {
            match timer {
                Timer::Socket | Timer::Login => {
                    self.link.drop_socket();
                    self.end(End::TimedOut(timer.reason()));
                }
                Timer::Ping => self.ping(now),
                Timer::Answer => self.on_answer_overdue(due, now),
            }
        }
    }

    /// When to call [`Self::handle_timeout`], and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        self.timers.next().map(|(at, timer)| (at, timer.reason()))
    }

    /// What to do next.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.link.poll_effect()
    }

    /// What became true.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether it is bound, present and subscribed.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    /// Whether the service has given its features on this session.
    #[must_use]
    pub fn stream_seen(&self) -> bool {
        self.stream_seen
    }

    /// Whether `finesse` is there.
    #[must_use]
    pub fn finesse(&self) -> bool {
        !self.finesse.is_empty()
    }

    /// When a ping was last answered.
    #[must_use]
    pub fn last_answer(&self) -> Instant {
        self.keepalive.last_answer()
    }

    /// Pings now, with 5 s to answer: something woke us.
    pub fn probe(&mut self, now: Instant) {
        if self.is_up() && !self.dead {
            self.keepalive.wake();
            self.ping(now);
        }
    }

    /// The host answered a read that was sent at `began`.
    pub fn host_answered(&mut self, began: Instant) {
        if self.is_up() && !self.dead && self.keepalive.host_answered(began) {
            self.declare_dead();
        }
    }

    /// Subscribes a node (XEP-0060 6.1), with the full JID: other sessions of the agent are not bothered.
    pub fn subscribe(&mut self, node: &str) {
        if !self.setup.nodes.iter().any(|known| known == node) {
            self.setup.nodes.push(node.to_owned());
        }
        if self.asked.iter().any(|(_, asked)| asked == node) {
            return; // its answer will do
        }
        if let State::Up { jid } | State::Establishing { jid, .. } = &self.state {
            let jid = jid.clone();
            if let Some(subid) = self.setup.leftover.remove(node) {
                self.give_back(node, &jid, Some(&subid));
            }
            let id = self.next_id();
            self.link.send(&pubsub::subscribe(&id, &self.setup.pubsub, node, &jid));
            self.asked.insert(id, node.to_owned());
        }
    }

    /// Unsubscribes a node (XEP-0060 6.2).
    pub fn unsubscribe(&mut self, node: &str) {
        self.setup.nodes.retain(|known| known != node);
        let State::Up { jid } = &self.state else { return };
        let jid = jid.clone();
        if let Some(subscription) = self.subscriptions.remove(node) {
            self.give_back(node, &jid, subscription.subid.as_deref());
        }
    }

    fn give_back(&mut self, node: &str, jid: &Jid, subid: Option<&str>) {
        let id = self.next_id();
        self.link.send(&pubsub::unsubscribe(&id, &self.setup.pubsub, node, jid, subid));
    }

    /// Says goodbye: explicit subscriptions outlive a session, so they are given back first.
    pub fn leave(&mut self) {
        if self.is_up() {
            for node in self.setup.nodes.clone() {
                self.unsubscribe(&node);
            }
            self.link.send(&stanza::unavailable());
        }
        if self.state != State::Opening {
            self.link.close();
        }
        self.abandon();
    }

    /// Drops the link without a word.
    pub fn abandon(&mut self) {
        self.link.drop_socket();
        self.timers.clear_all();
        self.state = State::Ended;
    }

    fn ping(&mut self, now: Instant) {
        let id = self.next_id();
        self.link.send(&ping::request(&id, &self.setup.domain));
        let due = self.keepalive.sent(id, now);
        self.timers.clear(Timer::Ping);
        self.timers.set(Timer::Answer, due);
    }

    fn on_answer_overdue(&mut self, due: Instant, now: Instant) {
        match self.keepalive.overdue(due, now) {
            Verdict::PingAgain => self.ping(now),
            Verdict::Doubtful(since) => {
                self.events.push_back(Event::Doubtful(since));
                self.ping(now);
            }
            Verdict::Dead => self.declare_dead(),
        }
    }

    fn declare_dead(&mut self) {
        self.dead = true;
        self.timers.clear_all();
        self.events.push_back(Event::Dead);
    }

    fn on_ping_answered(&mut self, now: Instant) {
        self.timers.clear(Timer::Answer);
        self.timers.set(Timer::Ping, now + self.keepalive.interval());
        self.dead = false;
        self.events.push_back(Event::Answered);
    }

    fn end(&mut self, end: End) {
        if self.state != State::Ended {
            self.timers.clear_all();
            self.link.drop_socket();
            self.state = State::Ended;
            self.events.push_back(Event::Ended(end));
        }
    }

    fn send(&mut self, element: &Element) {
        self.link.send(element);
    }

    fn next_id(&mut self) -> String {
        self.last_id = self.last_id.wrapping_add(1);
        format!("fk{}", self.last_id)
    }
}
