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
use crate::finesse::{self, FinesseError, node, user};
use crate::rng::Rng;
use crate::secret::Secret;
use crate::shapes::is_same_word;
use crate::shapes::object::Object;
use crate::time::{Duration, Instant};
use crate::xml::is_blank;
use ask::{is_sound, moment, object};

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

impl Request {
    /// A line of the timeline: no query and no body, which may tell of customers.
    fn line(&self, what: &str) -> String {
        let mut line = self.ask.label().to_owned();
        for part in [" ", object(&self.path), ": ", what] {
            line.push_str(part);
        }
        line
    }
}

/// The requests of one agent.
#[derive(Clone, Debug)]
pub struct Requests {
    agent: String,
    rng: Rng,
    open: bool,
    /// How far the server's clock is ahead of our monotonic one, at most.
    ahead: Option<u64>,
    /// What the agent was when last heard of.
    known: String,
    list: Vec<Request>,
    actions: Vec<Action>,
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
            actions: Vec::new(),
        }
    }

    /// Asks for something. It is settled once, in any case; out of service at once.
    pub fn ask(&mut self, number: u32, mut ask: Ask, now: Instant) {
        let path = ask.take_path(&self.agent);
        let refusal = if !is_sound(&path) {
            Some(Outcome::BadPath)
        } else if !self.open {
            Some(Outcome::NotConnected)
        } else if self.list.len() >= LIMIT {
            Some(Outcome::TooMany)
        } else {
            None
        };
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
        match refusal {
            Some(refusal) => self.end(self.list.len() - 1, refusal, now),
            None => self.advance(now),
        }
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
    pub fn set_service(&mut self, open: bool, ahead: Option<u64>, now: Instant) {
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

    /// Whether what is asked for now goes out.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// What was to be sent cannot be, and is not.
    pub fn on_unsent(&mut self, number: u32, now: Instant) {
        if let Some(at) = self.place(number) {
            self.end(at, Outcome::NotConnected, now);
        }
    }

    /// The server answered. Tells whether it refused the credentials.
    pub fn on_responded(&mut self, number: u32, response: &Response, now: Instant) -> bool {
        let (status, body) = (response.status, &response.body);
        let read = finesse::parse_list("ApiErrors", ApiError::SHAPE, body);
        // a page of HTML with 200 is nothing that Finesse says
        let plain = is_blank(body) || !matches!(read, Err(FinesseError::Xml(_)));
        let errors = read.unwrap_or_default();
        let refuses = response.status == 401 && outcome::is_for_credentials(&errors);
        let Some((at, it)) = self.find(number) else { return refuses };
        let read = it.ask.method() == Method::Get;
        let done = !it.ask.is_seen() && status != 202 && plain;
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
        if !is_same_word(&notification.node, &node::user(&self.agent)) {
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
        while let Some(at) = self.list.iter().position(|it| self.waits(it) && it.quiet <= now) {
            let Some(it) = self.list.get_mut(at) else { return };
            if it.ask.is_seen() {
                it.looked = true;
                self.actions.push(Action::Look);
            } else {
                self.end(at, Outcome::Unknown, now);
            }
        }
    }

    /// What to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        (!self.actions.is_empty()).then(|| self.actions.remove(0))
    }

    /// When to call [`Self::handle_timeout`], and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        let due = |it: &Request| if self.waits(it) { it.limit.min(it.quiet) } else { it.limit };
        self.list.iter().map(due).min().map(|at| (at, "request to be settled"))
    }

    /// Whether a read is to be made for one, once it is quiet.
    fn waits(&self, it: &Request) -> bool {
        self.open && matches!(it.stage, Stage::Over { .. }) && !it.looked
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
            self.actions.push(Action::Note(it.line(if answered { "accepted" } else { "not answered" })));
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
            self.actions.push(Action::Abort(it.number));
        }
        let mut text = it.line("");
        outcome.write(&mut text);
        self.actions.push(Action::Note(text));
        self.actions.push(Action::Settled { number: it.number, id: it.id, outcome });
        self.advance(now);
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
            it.sent_there = self.ahead.map(|ahead| now.as_millis().saturating_add(ahead));
            self.actions.push(Action::Note(it.line("sent")));
            self.actions.push(Action::Send(it.number));
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

/// A `requestId` in the form of a UUID, as Cisco's own library sends.
fn id(rng: &mut Rng) -> String {
    let mut id = String::new();
    for at in 0..32 {
        if matches!(at, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        id.push(char::from_digit((rng.next_u64() & 15) as u32, 16).unwrap_or_default());
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finesse::user::User;

    /// How far the server's clock is ahead.
    const AHEAD: u64 = 1_767_225_600_000;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn requests() -> Requests {
        let mut requests = Requests::new("1001", Rng::new(1));
        requests.set_service(true, Some(AHEAD), at(0));
        requests
    }

    fn state(state: &str) -> Ask {
        Ask::State { state: state.into(), reason: None }
    }

    fn put(path: &str) -> Ask {
        Ask::Any { method: Method::Put, path: path.into(), body: None }
    }

    fn answer(status: u16, body: &str) -> Response {
        Response { status, body: body.into(), retry_after: None }
    }

    /// An agent, changed so many milliseconds after 2026 began.
    fn user(state: &str, changed: u64) -> String {
        let time = finesse::time::format(AHEAD + changed);
        format!("<User><state>{state}</state><stateChangeTime>{time}</stateChangeTime></User>")
    }

    fn read(requests: &mut Requests, xml: &str, began: u64) {
        let user = finesse::parse(User::SHAPE, xml).unwrap();
        requests.on_read(&user, at(began), at(began));
    }

    fn notify(requests: &mut Requests, id: &str, data: &str, now: u64) {
        let update =
            format!("<Update><event>PUT</event><requestId>{id}</requestId><data>{data}</data></Update>");
        let notification = Notification::parse(&update, "/finesse/api/User/1001").unwrap();
        requests.on_notification(&notification, at(now));
    }

    /// What is to be sent, and what is told, since the last time.
    fn done(requests: &mut Requests) -> Vec<String> {
        core::iter::from_fn(|| requests.poll_action())
            .filter_map(|action| match action {
                Action::Send(number) => Some(format!("send {number}")),
                Action::Abort(number) => Some(format!("abort {number}")),
                Action::Look => Some("look".to_owned()),
                Action::Settled { number, outcome, .. } => Some(format!("{number} {}", outcome.as_str())),
                Action::Note(_) => None,
            })
            .collect()
    }

    fn id_of(requests: &Requests, number: u32) -> String {
        requests.wire(number).unwrap().2.to_owned()
    }

    #[test]
    fn one_change_at_a_time_for_an_object_and_reads_at_any_time() {
        let mut requests = requests();
        let dialog = "/finesse/api/Dialog/7";
        let read = Ask::Any { method: Method::Get, path: dialog.into(), body: None };
        let others = [put(&format!("{dialog}?x=1")), put("/finesse/api/Dialog/8"), read, state("READY")];
        for (number, ask) in (1..).zip([put(dialog)].into_iter().chain(others)) {
            requests.ask(number, ask, at(0));
        }
        assert_eq!(done(&mut requests), ["send 1", "send 3", "send 4", "send 5"]);
        assert!(id_of(&requests, 4).is_empty() && id_of(&requests, 2).is_empty());
        requests.on_responded(1, &answer(202, ""), at(5));
        assert!(done(&mut requests).is_empty(), "202 is not the outcome");
        let id = id_of(&requests, 1);
        assert_eq!((id.len(), id.matches('-').count()), (36, 4));
        notify(&mut requests, &id, "", 6);
        assert_eq!(done(&mut requests), ["1 applied", "send 2"]);
        requests.set_service(false, None, at(7));
        assert!(done(&mut requests).is_empty(), "what was sent waits for the resync");
        requests.ask(6, put(dialog), at(8));
        assert_eq!(done(&mut requests), ["6 not-connected"]);
    }

    #[test]
    fn what_waits_goes_back_unsent_and_no_more_than_a_hundred_wait() {
        let mut requests = requests();
        (1..=101).for_each(|number| requests.ask(number, state("READY"), at(0)));
        assert_eq!(done(&mut requests), ["send 1", "101 too-many"]);
        requests.handle_timeout(at(119_999));
        assert!(done(&mut requests).is_empty());
        requests.set_service(false, None, at(119_999));
        let told = done(&mut requests);
        assert!(told.len() == 99 && told.iter().all(|told| told.ends_with("not-connected")), "{told:?}");
        requests.handle_timeout(at(120_000));
        assert_eq!(done(&mut requests), ["abort 1", "1 unknown"], "even out of service");
        assert_eq!(requests.poll_timeout(), None);
    }

    #[test]
    fn a_state_counts_only_if_it_is_no_older_than_the_request() {
        let mut requests = requests();
        requests.ask(1, state("READY"), at(1_000));
        requests.on_responded(1, &answer(202, ""), at(1_100));
        notify(&mut requests, "", &user("READY", 900), 1_200);
        notify(&mut requests, "of-another", &user("NOT_READY", 1_300), 1_300);
        assert_eq!(done(&mut requests), ["send 1"]);
        notify(&mut requests, "", &user("READY", 1_400), 1_400);
        assert_eq!(done(&mut requests), ["1 applied"]);
    }

    #[test]
    fn a_state_that_comes_before_the_answer_counts_once_that_is_there() {
        let mut requests = requests();
        requests.ask(1, state("READY"), at(1_000));
        notify(&mut requests, "", &user("READY", 1_050), 1_050);
        assert_eq!(done(&mut requests), ["send 1"]);
        requests.on_responded(1, &answer(202, ""), at(1_100));
        assert_eq!(done(&mut requests), ["1 applied"]);
    }

    #[test]
    fn not_applied_is_said_only_when_nothing_can_be_under_way() {
        let mut requests = requests();
        read(&mut requests, &user("NOT_READY", 0), 500);
        requests.ask(1, state("READY"), at(1_000));
        requests.on_unanswered(1, at(11_000));
        requests.set_service(false, None, at(15_000));
        read(&mut requests, &user("NOT_READY", 0), 41_000);
        requests.set_service(true, Some(AHEAD), at(41_000));
        assert_eq!(done(&mut requests), ["send 1"], "the same may come after as long again");
        assert_eq!(requests.poll_timeout(), Some((at(81_000), "request to be settled")));
        requests.handle_timeout(at(81_000));
        assert_eq!(done(&mut requests), ["look"]);
        read(&mut requests, &user("NOT_READY", 0), 81_000);
        assert_eq!(done(&mut requests), ["1 not-applied"]);
    }

    #[test]
    fn a_state_that_was_so_before_proves_nothing_while_the_request_may_still_come() {
        for (now, told) in [("READY", "1 applied"), ("TALKING", "1 unknown")] {
            let mut requests = requests();
            read(&mut requests, &user("READY", 0), 500);
            requests.ask(1, state("READY"), at(1_000));
            requests.on_unanswered(1, at(1_100));
            read(&mut requests, &user("READY", 0), 2_000);
            assert_eq!(done(&mut requests), ["send 1"]);
            let changed = if now == "READY" { 0 } else { 3_000 };
            read(&mut requests, &user(now, changed), 21_100);
            assert_eq!(done(&mut requests), [told]);
        }
    }

    #[test]
    fn finesse_says_no_in_three_ways() {
        let error = "<apiErrors><apiError><errorType>Invalid State</errorType></apiError></apiErrors>";
        let mut requests = requests();
        requests.ask(1, state("READY"), at(0));
        let id = id_of(&requests, 1);
        notify(&mut requests, &id, error, 10);
        requests.ask(2, state("READY"), at(20));
        assert!(
            !requests.on_responded(2, &answer(401, error), at(30)),
            "they are not allowed this, and are good"
        );
        requests.ask(3, state("READY"), at(40));
        assert!(requests.on_responded(3, &answer(401, ""), at(50)), "the credentials are refused");
        requests.ask(4, state("READY"), at(60));
        requests.on_responded(4, &answer(503, error), at(70));
        let expected =
            ["send 1", "1 refused", "send 2", "2 refused", "send 3", "3 refused", "send 4", "4 refused"];
        assert_eq!(done(&mut requests), expected);
        requests.ask(5, state("READY"), at(80));
        requests.on_responded(5, &answer(503, "<!DOCTYPE html><p>"), at(90));
        assert_eq!(done(&mut requests), ["send 5"], "a proxy does not know what became of it");
    }

    #[test]
    fn what_is_answered_at_once_is_no_page_of_a_proxy() {
        let mut requests = requests();
        for (number, body) in [(1, ""), (2, "<TeamMessage/>"), (3, "<!DOCTYPE html><p>Welcome")] {
            requests.ask(number, put(&format!("/finesse/api/X/{number}")), at(0));
            requests.on_responded(number, &answer(200, body), at(1));
        }
        assert_eq!(done(&mut requests), ["send 1", "1 answered", "send 2", "2 answered", "send 3"]);
        requests.handle_timeout(at(20_001));
        assert_eq!(done(&mut requests), ["3 unknown"]);
    }

    #[test]
    fn who_gives_up_is_told_whether_it_was_sent_and_closing_leaves_nothing_open() {
        let mut requests = requests();
        (1..=4).for_each(|number| requests.ask(number, state("READY"), at(0)));
        requests.give_up(3, at(1));
        requests.give_up(1, at(1));
        assert_eq!(done(&mut requests), ["send 1", "3 aborted", "abort 1", "1 aborted", "send 2"]);
        requests.close(at(2));
        assert_eq!(done(&mut requests), ["abort 2", "2 unknown", "4 not-connected"]);
    }
}
