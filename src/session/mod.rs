//! One XMPP session on one link: login, keepalive, presence of `finesse`, subscriptions. A gadget's is its container's:
//! there is nothing to log in to and nothing to keep alive, only to hear.
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
use crate::link::{Closure, Link, LinkEvent};
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
    /// Send in two flights, if the link and the server can.
    pub quick: bool,
    /// Wait for [`Session::proceed`] once the stream is open.
    pub hold: bool,
    /// The connection must stand within this.
    pub patience: Duration,
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
    /// The container says by this word that its connection does not stand.
    Standstill(String),
    /// It stands again.
    StandsAgain,
    /// The link is taken for dead, for this reason; it still listens.
    Dead(&'static str),
    /// A frame could not be read, and why; what it told is lost.
    Unreadable(String),
    /// Something may have come that will never be told.
    Missed,
    /// Noted and passed over.
    Noted(String),
    /// It is over.
    Ended(End),
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The connection is gone.
    Closed(Closure),
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
    /// The connection must stand.
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
            Self::Socket => "connection to open",
            Self::Login => "login to complete",
            Self::Ping => "ping",
            Self::Answer => "ping answer overdue",
        }
    }
}

/// A connection that does not stand by then is given up.
pub const CONNECT: Duration = Duration::from_secs(5);
/// A login that is not complete by then is given up.
const LOGIN: Duration = Duration::from_secs(10);

/// Why a link is taken for dead.
const UNANSWERED: &str = "pings unanswered";

/// How far the session has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The connection is being made.
    Opening,
    /// `<open/>` is sent; features are awaited. After SASL once more.
    Greeting { authenticated: bool },
    /// The stream is open; the owner decides when to go on.
    Held,
    /// `<auth/>` is sent.
    Authenticating,
    /// Bind is sent.
    Binding,
    /// Present; these answers are awaited. Bind's too, where all this was sent before it: then it must come first.
    Establishing { jid: Jid, pending: Set<String>, bound: bool },
    /// Everything stands.
    Up { jid: Jid },
    /// The container's session was seen to stand; what it says since is told.
    Shared,
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
    link: Link,
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
    /// Begins: the link is new.
    #[must_use]
    pub fn new(setup: Setup, link: Link, now: Instant) -> Self {
        let mut timers = Timers::default();
        if !matches!(link, Link::Hub(_)) {
            timers.set(Timer::Socket, now + setup.patience);
        }
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
        let ours = self.link.handle(answer, now);
        self.drain_link(now);
        ours
    }

    fn drain_link(&mut self, now: Instant) {
        while let Some(event) = self.link.poll_event() {
            match event {
                LinkEvent::Connected if matches!(self.link, Link::Hub(_)) => self.on_shared(),
                LinkEvent::Connected => self.on_connected(now),
                LinkEvent::Received(inbound) => self.on_inbound(*inbound, now),
                LinkEvent::Unreadable(why) => self.events.push_back(Event::Unreadable(why)),
                LinkEvent::Missed => self.events.push_back(Event::Missed),
                LinkEvent::Interrupted if self.is_up() => {
                    self.ping(now); // goes out when something gets through, and its answer shows that all is well
                    self.declare_dead("requests fail");
                }
                LinkEvent::Through if self.state == State::Shared => {
                    self.see_finesse();
                    if core::mem::take(&mut self.dead) {
                        self.events.push_back(Event::StandsAgain);
                    }
                }
                LinkEvent::Standstill(word) => {
                    self.dead = self.state == State::Shared;
                    self.events.push_back(Event::Standstill(word));
                }
                LinkEvent::Subscribed { node, refusal: None } => {
                    self.events.push_back(Event::Subscribed { node, subid: None });
                }
                LinkEvent::Subscribed { node, refusal: Some(condition) } => {
                    self.events.push_back(Event::SubscriptionFailed { node, condition });
                }
                LinkEvent::Published(item) => self.events.push_back(Event::Item(item, None)),
                LinkEvent::Noted(text) => self.events.push_back(Event::Noted(text)),
                LinkEvent::Through if self.dead => self.ping(now),
                LinkEvent::Interrupted | LinkEvent::Through => {}
                LinkEvent::Closed(Closure::Terminated(condition)) if condition != "remote-stream-error" => {
                    self.on_stream_error(condition);
                }
                LinkEvent::Closed(closure) => self.on_closed(closure),
            }
        }
    }

    /// The container's session stands; it says so only where `finesse` is there.
    fn on_shared(&mut self) {
        self.state = State::Shared;
        self.see_finesse();
        for node in self.setup.nodes.clone() {
            self.subscribe(&node);
        }
        self.events.push_back(Event::Up);
    }

    /// The container has seen `finesse`, and does not say by which resource.
    fn see_finesse(&mut self) {
        if self.finesse.is_empty() {
            self.finesse.insert(String::new(), ());
            self.events.push_back(Event::Finesse(true));
        }
    }

    fn on_closed(&mut self, closure: Closure) {
        let objects = closure == Closure::Http(400);
        self.end(if objects && self.quick_is_under_way() { End::QuickRefused } else { End::Closed(closure) });
    }

    /// Something was sent before the answer came that it hangs on.
    fn quick_is_under_way(&self) -> bool {
        self.setup.quick
            && !matches!(self.state, State::Opening | State::Held | State::Up { .. } | State::Ended)
    }

    /// A deadline may have passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.link.handle_timeout(now);
        self.drain_link(now);
        while let Some((timer, due)) = self.timers.pop(now) {
            match timer {
                Timer::Socket | Timer::Login => self.end(End::TimedOut(timer.reason())),
                Timer::Ping => self.ping(now),
                Timer::Answer => self.on_answer_overdue(due, now),
            }
        }
    }

    /// When to call [`Self::handle_timeout`], and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        let own = self.timers.next().map(|(at, timer)| (at, timer.reason()));
        own.into_iter().chain(self.link.poll_timeout().map(|at| (at, "request of the link"))).min()
    }

    /// What to do next.
    pub fn poll_effect(&mut self, now: Instant) -> Option<Effect> {
        self.link.poll_effect(now)
    }

    /// What became true.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether it is bound, present and subscribed.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. } | State::Shared)
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

    /// Pings now, with 5 s to answer: something woke us. A container is asked for its word.
    pub fn probe(&mut self, now: Instant) {
        if let Link::Hub(link) = &mut self.link {
            link.probe();
        } else if self.is_up() && !self.dead {
            self.keepalive.wake();
            self.ping(now);
        }
    }

    /// Another link has shown that the server answers: what has failed is made again at once, where the link can.
    pub fn retry(&mut self, now: Instant) {
        self.link.retry(now);
    }

    /// What hangs since before then is made again too, on new connections.
    pub fn hurry(&mut self, before: Instant, now: Instant) {
        self.link.hurry(before, now);
    }

    /// The host answered a read that was sent at `began`.
    pub fn host_answered(&mut self, began: Instant) {
        if self.is_up() && !self.dead && self.keepalive.host_answered(began) {
            self.declare_dead(UNANSWERED);
        }
    }

    /// Subscribes a node (XEP-0060 6.1), with the full JID: other sessions of the agent are not bothered.
    pub fn subscribe(&mut self, node: &str) {
        if !self.setup.nodes.iter().any(|known| known == node) {
            self.setup.nodes.push(node.to_owned());
        }
        if let Link::Hub(link) = &mut self.link {
            return link.subscribe(node);
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
            self.link.send(pubsub::subscribe(&id, &self.setup.pubsub, node, &jid));
            self.asked.insert(id, node.to_owned());
        }
    }

    /// Unsubscribes a node (XEP-0060 6.2).
    pub fn unsubscribe(&mut self, node: &str) {
        self.setup.nodes.retain(|known| known != node);
        if let Link::Hub(link) = &mut self.link {
            return link.unsubscribe(node);
        }
        let State::Up { jid } = &self.state else { return };
        let jid = jid.clone();
        if let Some(subscription) = self.subscriptions.remove(node) {
            self.give_back(node, &jid, subscription.subid.as_deref());
        }
    }

    fn give_back(&mut self, node: &str, jid: &Jid, subid: Option<&str>) {
        let id = self.next_id();
        self.link.send(pubsub::unsubscribe(&id, &self.setup.pubsub, node, jid, subid));
    }

    /// Says goodbye: explicit subscriptions outlive a session, so they are given back first.
    pub fn leave(&mut self) {
        if self.is_up() {
            for node in self.setup.nodes.clone() {
                self.unsubscribe(&node);
            }
            self.link.send(stanza::unavailable());
        }
        if self.state != State::Opening {
            self.link.close();
        }
        self.abandon();
    }

    /// Drops the link without a word.
    pub fn abandon(&mut self) {
        self.link.abandon();
        self.timers.clear_all();
        self.state = State::Ended;
    }

    fn ping(&mut self, now: Instant) {
        let id = self.next_id();
        self.link.send(ping::request(&id, &self.setup.domain));
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
            Verdict::Dead => self.declare_dead(UNANSWERED),
        }
    }

    fn declare_dead(&mut self, why: &'static str) {
        self.dead = true;
        self.timers.clear_all();
        self.events.push_back(Event::Dead(why));
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
            self.link.abandon();
            self.state = State::Ended;
            self.events.push_back(Event::Ended(end));
        }
    }

    fn send(&mut self, element: Element) {
        self.link.send(element);
    }

    fn next_id(&mut self) -> String {
        self.last_id = self.last_id.wrapping_add(1);
        format!("fk{}", self.last_id)
    }
}
