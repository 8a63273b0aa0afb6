//! Requests under way, and what became of each: sign-in, states, and whatever else an application asks Finesse for.
//!
//! Finesse answers a change with 202 before anything has happened ("Cisco Finesse desktop APIs": requests are
//! asynchronous). What settles it is looked for in this order:
//!
//! 1. a notification that bears its `requestId`: carried out, or `apiErrors`, refused. Cisco calls the `requestId` best
//!    effort, and has it for no task routing;
//! 2. for the agent's own state, that state: in a notification whose `stateChangeTime` is not before the request, on the
//!    server's clock, or in a read made after it;
//! 3. where nothing of that comes, a read once nothing of it can be under way any more: the state asked for, the very
//!    state of before (same `stateChangeTime`: not carried out), or another one (unknown). What is not the agent's own state
//!    cannot be compared: unknown.
//!
//! A failure changes nothing in this but the time: what was lost is looked for in the resync. Nothing is sent twice, and for
//! one object there is one change at a time (Finesse does the next only once CTI has confirmed the one before; and what is
//! lost on the way might come in after a later one). What waits for its turn when the service is lost is given back unsent.
//!
//! The contract is that of every room: one input, then [`Requests::poll_action`] until it is empty, one timer. The list is
//! the table of deadlines: each request has its own.

mod ask;
mod outcome;

pub use ask::{Ask, SignIn};
pub use outcome::{How, Outcome};

use crate::effect::{Method, Response};
use crate::finesse::api_error::ApiError;
use crate::finesse::update::{Data, Notification};
use crate::finesse::{self, node, user};
use crate::rng::Rng;
use crate::secret::Secret;
use crate::shapes::object::Object;
use crate::time::{Duration, Instant};
use crate::xml::{Tokens, is_blank};
use ask::{is_sound, moment, object};
use std::collections::VecDeque;

/// Numbers from here on are the keeper's own; an application's are below.
pub const OWN: u32 = 1 << 31;

/// So many at once. An agent has a handful; a program that asks for more without waiting has lost its way.
const LIMIT: usize = 100;
/// Once the exchange is over CTI confirms within a second, or is found dead after three missed heartbeats of 5 s, and
/// Finesse says so. What has not happened by then does not.
const LINGER: Duration = Duration::from_secs(20);
/// What waits, for its turn or for its outcome, waits this long; Cisco's own library notes the same and never gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Do this.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send [`Requests::wire`] of this one; answered by [`Requests::on_responded`] or [`Requests::on_unanswered`].
    Send(u32),
    /// Give up the exchange of this one.
    Abort(u32),
    /// Read the agent; answered by [`Requests::on_read`], as any read of the agent is.
    Look,
    /// Tell what became of one.
    Settled {
        /// Which.
        number: u32,
        /// The `requestId` it went out with; empty if it did not, or is a read.
        id: String,
        /// What became of it.
        outcome: Outcome,
    },
    /// For the timeline.
    Note(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Waits for its turn.
    Queued,
    /// On its way, and not answered yet.
    Sent,
    /// The exchange is over: answered, or not.
    Over { answered: bool },
}

#[derive(Clone, Debug)]
struct Request {
    number: u32,
    ask: Ask,
    path: String,
    stage: Stage,
    id: String,
    sent: Instant,
    /// The same on the server's clock, or later.
    sent_there: Option<u64>,
    /// What the agent was when it went out.
    before: String,
    /// The state asked for was seen.
    met: bool,
    /// The service has been lost since, and is not back yet; and ever.
    lost: bool,
    gap: bool,
    /// Nothing of it is under way any more.
    quiet: Instant,
    /// The agent is being read for its sake.
    looked: bool,
    limit: Instant,
}

/// The requests of one agent.
#[derive(Clone, Debug)]
pub struct Requests {
    agent: String,
    rng: Rng,
    open: bool,
    /// How far the server's clock is ahead of our monotonic one, at most.
    ahead: Option<i64>,
    /// What the agent was when last heard of.
    known: String,
    list: Vec<Request>,
    actions: VecDeque<Action>,
}

impl Requests {
    /// None yet.
    #[must_use]
    pub fn new(agent: &str, rng: Rng) -> Self {
        Self {
            agent: agent.to_owned(),
            rng,
            open: false,
            ahead: None,
            known: String::new(),
            list: Vec::new(),
            actions: VecDeque::new(),
        }
    }

    /// Asks for something. It is settled once, in any case; out of service at once.
    pub fn ask(&mut self, number: u32, mut ask: Ask, now: Instant) {
        let path = ask.take_path(&self.agent);
        let refusal = if !is_sound(&path) {
            Outcome::BadPath
        } else if !self.open {
            Outcome::NotConnected
        } else if self.list.len() >= LIMIT {
            Outcome::TooMany
        } else {
            self.list.push(Request {
                number,
                ask,
                path,
                stage: Stage::Queued,
                id: String::new(),
                sent: now,
                sent_there: None,
                before: String::new(),
                met: false,
                lost: false,
                gap: false,
                quiet: now,
                looked: false,
                limit: now + PATIENCE,
            });
            return self.advance(now);
        };
        self.note(&ask, &path, &refusal);
        self.actions.push_back(Action::Settled { number, id: String::new(), outcome: refusal });
    }

    /// What goes over the wire for one: method, path, `requestId` (empty for a read), XML.
    #[must_use]
    pub fn wire(&self, number: u32) -> Option<(Method, &str, &str, Option<Secret>)> {
        let (_, it) = self.find(number)?;
        Some((it.ask.method(), &it.path, &it.id, it.ask.body()))
    }

    /// The caller waits no longer. What was sent stays sent.
    pub fn give_up(&mut self, number: u32, now: Instant) {
        if let Some(at) = self.place(number) {
            let sent = self.list.get(at).is_some_and(|it| it.stage != Stage::Queued);
            self.end(at, Outcome::Aborted { sent }, now);
        }
    }

    /// The keeper closes: nothing more will be seen.
    pub fn close(&mut self, now: Instant) {
        self.open = false;
        while let Some(first) = self.list.first() {
            let queued = first.stage == Stage::Queued;
            self.end(0, if queued { Outcome::NotConnected } else { Outcome::Unknown }, now);
        }
    }

    /// Whether a side is in service, and how far its clock is ahead of our monotonic one at most.
    pub fn set_service(&mut self, open: bool, ahead: Option<i64>, now: Instant) {
        let was = core::mem::replace(&mut self.open, open);
        self.ahead = ahead;
        if open && !was {
            self.back(now);
        }
        if open {
            return;
        }
        for it in &mut self.list {
            (it.lost, it.gap) = (true, true);
        }
        while let Some(at) = self.list.iter().position(|it| it.stage == Stage::Queued) {
            self.end(at, Outcome::NotConnected, now);
        }
    }

    /// The server answered. Tells whether it refused the credentials.
    pub fn on_responded(&mut self, number: u32, response: &Response, now: Instant) -> bool {
        let errors = finesse::parse_list("ApiErrors", ApiError::SHAPE, &response.body).unwrap_or_default();
        let refuses = response.status == 401 && outcome::is_for_credentials(&errors);
        let Some((at, it)) = self.find(number) else { return refuses };
        let read = it.ask.method() == Method::Get;
        let (status, body) = (response.status, &response.body);
        let done = !it.ask.is_seen() && status != 202 && (is_blank(body) || Tokens::read(body).is_ok());
        match status {
            200..300 if read || done => {
                self.end(at, Outcome::Answered { status, body: body.clone() }, now);
            }
            200..300 => self.over(at, true, now),
            _ if read || status / 100 == 4 || !errors.is_empty() => {
                self.end(at, Outcome::Refused { status: Some(status), errors }, now);
            }
            // a proxy speaks, and does not know what became of it either
            _ => self.over(at, true, now),
        }
        refuses
    }

    /// No answer came, and none will.
    pub fn on_unanswered(&mut self, number: u32, now: Instant) {
        match self.find(number) {
            Some((at, it)) if it.ask.method() == Method::Get => self.end(at, Outcome::NotApplied, now),
            Some((at, _)) => self.over(at, false, now),
            None => {}
        }
    }

    /// Something was published.
    pub fn on_notification(&mut self, notification: &Notification, now: Instant) {
        let id = &notification.request_id;
        if !id.is_empty()
            && let Some(at) = self.list.iter().position(|it| it.id == *id)
        {
            let outcome = match &notification.data {
                Data::ApiErrors(errors) => Outcome::Refused { status: None, errors: errors.clone() },
                _ => Outcome::Applied(How::Notification),
            };
            self.end(at, outcome, now);
        }
        let Data::User(user) = &notification.data else { return };
        if !node::user(&self.agent).eq_ignore_ascii_case(&notification.node) {
            return;
        }
        self.known = moment(user);
        let changed = user::state_changed_at(user);
        for it in &mut self.list {
            // news from before it went out may come after it
            it.met |= changed.zip(it.sent_there).is_some_and(|(changed, sent)| changed >= sent)
                && it.ask.is_met(user);
        }
        self.settle_met(now);
    }

    /// The agent was read; the read began then.
    pub fn on_read(&mut self, user: &Object, began: Instant, now: Instant) {
        self.known = moment(user);
        if !self.open {
            self.back(began);
        }
        let mut at = 0;
        while let Some(it) = self.list.get(at) {
            let over = matches!(it.stage, Stage::Over { .. }) && it.ask.is_seen() && began >= it.sent;
            let (met, changed, quiet) = (it.ask.is_met(user), it.before != self.known, began >= it.quiet);
            let how = if it.gap { How::Resync } else { How::State };
            // where it was so before, what is on its way may still come, after a later request
            let outcome = if met && (changed || quiet) {
                Outcome::Applied(how)
            } else if !changed && it.ask.is_decided(user) {
                Outcome::NotApplied
            } else {
                Outcome::Unknown
            };
            if over && (quiet || outcome == Outcome::Applied(how)) {
                self.end(at, outcome, now);
                at = 0; // the end of one is the beginning of another
            } else {
                at += 1;
            }
        }
    }

    /// A deadline may have passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(at) = self.list.iter().position(|it| it.limit <= now) {
            let queued = self.list.get(at).is_some_and(|it| it.stage == Stage::Queued);
            self.end(at, if queued { Outcome::NotApplied } else { Outcome::Unknown }, now);
        }
        while let Some(at) = self.list.iter().position(|it| self.is_due(it, now)) {
            let Some(it) = self.list.get_mut(at) else { return };
            if it.ask.is_seen() {
                it.looked = true;
                self.actions.push_back(Action::Look);
            } else {
                self.end(at, Outcome::Unknown, now);
            }
        }
    }

    /// What to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Self::handle_timeout`], and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        let waits = |it: &Request| self.open && matches!(it.stage, Stage::Over { .. }) && !it.looked;
        let due = |it: &Request| if waits(it) { it.limit.min(it.quiet) } else { it.limit };
        self.list.iter().map(due).min().map(|at| (at, "request to be settled"))
    }

    fn is_due(&self, it: &Request, now: Instant) -> bool {
        self.open && matches!(it.stage, Stage::Over { .. }) && !it.looked && it.quiet <= now
    }

    /// The way is back. TCP sends again what was not acknowledged, after twice the time each time (RFC 6298, 5.5): what
    /// went out into the gap, and was not answered, may still come within as long again as the gap lasted.
    fn back(&mut self, at: Instant) {
        for it in &mut self.list {
            let lost = core::mem::take(&mut it.lost);
            if lost && it.stage != (Stage::Over { answered: true }) {
                it.quiet = it.quiet.max(at + at.since(it.sent));
                it.looked = false;
            }
        }
    }

    /// The exchange is over; the outcome is not seen yet.
    fn over(&mut self, at: usize, answered: bool, now: Instant) {
        if let Some(it) = self.list.get_mut(at) {
            it.stage = Stage::Over { answered };
            it.quiet = it.quiet.max(now + LINGER);
            self.actions.push_back(Action::Note(line(
                &it.ask,
                &it.path,
                if answered { "accepted" } else { "not answered" },
            )));
        }
        self.settle_met(now);
    }

    /// Ends what is over and was seen to be so.
    fn settle_met(&mut self, now: Instant) {
        let met = |it: &Request| it.met && matches!(it.stage, Stage::Over { .. });
        while let Some(at) = self.list.iter().position(met) {
            self.end(at, Outcome::Applied(How::State), now);
        }
    }

    fn end(&mut self, at: usize, outcome: Outcome, now: Instant) {
        let it = self.list.remove(at);
        if it.stage == Stage::Sent && matches!(outcome, Outcome::Aborted { .. } | Outcome::Unknown) {
            self.actions.push_back(Action::Abort(it.number));
        }
        self.note(&it.ask, &it.path, &outcome);
        self.actions.push_back(Action::Settled { number: it.number, id: it.id, outcome });
        self.advance(now);
    }

    fn note(&mut self, ask: &Ask, path: &str, outcome: &Outcome) {
        let mut text = line(ask, path, "");
        outcome.write(&mut text);
        self.actions.push_back(Action::Note(text));
    }

    /// Sends what has its turn.
    fn advance(&mut self, now: Instant) {
        for at in 0..self.list.len() {
            let Some(it) = self.list.get(at).filter(|it| self.open && it.stage == Stage::Queued) else {
                continue;
            };
            let changes = |it: &Request| it.ask.method() != Method::Get;
            let in_the_way = |other: &Request| changes(other) && object(&other.path) == object(&it.path);
            if changes(it) && self.list.iter().take(at).any(in_the_way) {
                continue;
            }
            let id = if changes(it) { id(&mut self.rng) } else { String::new() };
            let Some(it) = self.list.get_mut(at) else { continue };
            (it.stage, it.id, it.sent, it.limit) = (Stage::Sent, id, now, now + PATIENCE);
            it.before.clone_from(&self.known);
            it.sent_there = self.ahead.and_then(|ahead| now.as_millis().checked_add_signed(ahead));
            self.actions.push_back(Action::Note(line(&it.ask, &it.path, "sent")));
            self.actions.push_back(Action::Send(it.number));
        }
    }

    fn place(&self, number: u32) -> Option<usize> {
        self.list.iter().position(|it| it.number == number)
    }

    fn find(&self, number: u32) -> Option<(usize, &Request)> {
        let at = self.place(number)?;
        Some((at, self.list.get(at)?))
    }
}

/// A line of the timeline: no query and no body, which may tell of customers.
fn line(ask: &Ask, path: &str, what: &str) -> String {
    let mut line = ask.label().to_owned();
    line.push(' ');
    line.push_str(object(path));
    line.push_str(": ");
    line.push_str(what);
    line
}

/// A `requestId` in the form of a UUID, as Cisco's own library sends.
fn id(rng: &mut Rng) -> String {
    let mut id = format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64());
    [20, 16, 12, 8].into_iter().for_each(|at| id.insert(at, '-'));
    id
}
