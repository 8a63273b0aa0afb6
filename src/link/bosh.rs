//! XMPP over HTTP (XEP-0124, XEP-0206): requests that the server holds until it has something to say.
//!
//! - Request ids have no hole: a request that fails is made again, byte for byte, and nothing new goes out before it is
//!   through. The server answers it from its memory, so that a glitch shorter than `inactivity` loses nothing, tells
//!   nothing twice, and costs no presence.
//! - At most two requests are under way, of the six that a browser allows a host: one that is held and one that
//!   carries. The next empty one goes out when the last is answered; no timer drives it.
//! - Data is taken from whichever answer brings it, in the order of the requests: an answer that overtook the one before
//!   waits for it, though not for one that the server seems to have forgotten.
//! - All deadlines are the link's own; whether the other end lives, the session's pings tell, on the second request.

use super::{Closure, LinkEvent};
use crate::effect::{Answer, Effect, Method, Number, Numbers, Request, RequestFailure, split_scheme};
use crate::limits;
use crate::secret::Secret;
use crate::time::{Duration, Instant};
use crate::xml::Element;
use crate::xmpp::bosh::{self, Act, Grant, Verdict};
use crate::xmpp::ns;
use std::collections::VecDeque;

/// The longest that we let an answer be held. Cisco's clients ask for the same; proxies cut what is held for a minute.
const WAIT: Duration = Duration::from_secs(30);
/// An answer that is due has this much longer, then the request is made again.
const DUE: Duration = Duration::from_secs(10);
/// Two at once, whatever more a server allows.
const REQUESTS: u64 = 2;
/// An answer waits so long for the one before it, if that request has not failed: less than a ping has.
const PATIENCE: Duration = Duration::from_secs(2);
/// A request under way has so long before another is made again beside it.
const AHEAD: Duration = Duration::from_secs(1);
/// A failed request is made again after this, and after longer the more often it fails.
const RETRY: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// Those who lost the same server at the same time do not return within the same millisecond.
const SPREAD: u64 = 256;
/// So much longer than `inactivity` the server may still know us: it looks only now and then.
const LENIENCE: Duration = Duration::from_secs(5);
/// The longest pause that is asked for.
const PAUSE: Duration = Duration::from_secs(20);
/// Before the end of a pause a request goes out.
const PAUSE_MARGIN: Duration = Duration::from_secs(5);
/// Browsers let no more outlive a page (Fetch: 64 KiB under way at once).
const GOODBYE_BYTES: usize = 60_000;
/// A request follows another under way no sooner than this.
const SPACING: Duration = Duration::from_millis(20);
/// Where several answers are expected, the second request leaves so much later than the first: one that comes too early
/// takes the first answer, and the first request goes home empty.
const EXPECTED: Duration = Duration::from_millis(10);

/// One BOSH session.
#[derive(Clone, Debug)]
pub struct BoshLink {
    url: String,
    to: String,
    numbers: Numbers,
    /// Of the next new request.
    rid: u64,
    /// None until the session stands.
    grant: Option<Grant>,
    /// What is not done with, in the order of their ids.
    flights: Vec<Flight>,
    outbox: Vec<Element>,
    /// How often a stream was opened: the first comes with the session.
    streams: u32,
    restart: bool,
    pausing: Option<Duration>,
    resting_until: Instant,
    /// Something was sent on the session: from then on one request is always under way.
    spoken: bool,
    expecting: bool,
    redirected: bool,
    /// The server does not give an empty answer again.
    forgetful: bool,
    last_poll: Option<Instant>,
    /// The last answer was empty and nothing else under way.
    hushed: bool,
    /// The shortest time in which anything was answered.
    round_trip: Duration,
    failing_since: Option<Instant>,
    retry_at: Instant,
    interrupted: bool,
    gone: bool,
    effects: VecDeque<Effect>,
    events: VecDeque<LinkEvent>,
}

/// A request that is not done with.
#[derive(Clone, Debug)]
struct Flight {
    number: Number,
    body: Secret,
    /// Carries nothing.
    poll: bool,
    /// Carries credentials: never sent again; see [`quirk_carries_out_again`].
    once: bool,
    attempts: u32,
    /// When it was first made.
    begun: Instant,
    /// When it was last made.
    sent: Instant,
    /// When it first failed.
    failed: Option<Instant>,
    state: Flying,
}

/// How a request stands.
#[derive(Clone, Debug)]
enum Flying {
    UnderWay,
    Failed,
    /// The answer waits for the one before, since then.
    Answered(bosh::Answer, Instant),
}

/// What goes out next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Again(usize),
    Carry,
    Poll,
}

impl Flight {
    const fn is_under_way(&self) -> bool {
        matches!(self.state, Flying::UnderWay)
    }
}

impl BoshLink {
    /// Asks for a session. `rid` is random, and far below 2^53.
    #[must_use]
    pub fn new(numbers: Numbers, rid: u32, url: &str, to: &str, now: Instant) -> Self {
        let mut link = Self {
            url: url.to_owned(),
            to: to.to_owned(),
            numbers,
            rid: rid.into(),
            grant: None,
            flights: Vec::new(),
            outbox: Vec::new(),
            streams: 0,
            restart: false,
            pausing: None,
            resting_until: now,
            spoken: false,
            expecting: false,
            redirected: false,
            forgetful: false,
            last_poll: None,
            hushed: false,
            round_trip: Duration::MAX,
            failing_since: None,
            retry_at: now,
            interrupted: false,
            gone: false,
            effects: VecDeque::new(),
            events: VecDeque::new(),
        };
        link.create(now);
        link
    }

    /// Takes an answer if it is about a request of this link, and tells whether it was.
    pub fn handle(&mut self, answer: &Answer, now: Instant) -> bool {
        let (Answer::Responded { number, .. }
        | Answer::RespondedOpaquely { number }
        | Answer::RequestFailed { number, .. }) = answer
        else {
            return false;
        };
        let ours = |flight: &Flight| flight.number == *number && flight.is_under_way();
        let Some(index) = self.flights.iter().position(ours) else { return false };
        match answer {
            Answer::Responded { response, .. } => match response.status {
                200 => self.on_body(index, &response.body, now),
                408 | 429 | 500..=599 if self.grant.is_some() => self.fail(index, now),
                status => self.end(Closure::Http(status)),
            },
            Answer::RequestFailed { failure: RequestFailure::TooLarge, .. } => {
                let text = format!("a body of more than {} bytes refused", limits::BOSH_BODY_BYTES);
                self.events.push_back(LinkEvent::Unreadable(text));
                self.end(Closure::Unanswered);
            }
            _ => self.fail(index, now),
        }
        true
    }

    /// A deadline may have passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        let is_overdue = |link: &Self, flight: &Flight| flight.is_under_way() && now >= link.due(flight);
        while let Some(index) = self.flights.iter().position(|flight| is_overdue(self, flight)) {
            self.abort(index, now);
            self.fail(index, now);
        }
        while let Some((index, _)) = self.waiting().filter(|(_, until)| now >= *until) {
            self.ask_again_before(index, now);
        }
    }

    /// The server has answered a request, and the one before it seems lost on its way: that is made again while the
    /// server still knows its answer; or passed over, where it may not be asked for.
    fn ask_again_before(&mut self, index: usize, now: Instant) {
        for before in (0..index).rev() {
            self.abort(before, now);
            if self.forgetful && self.flights.get(before).is_some_and(|flight| flight.poll) {
                self.flights.remove(before);
                self.events.push_back(LinkEvent::Missed);
            }
        }
        self.retry_at = now;
        let answered = |flight: &Flight| matches!(flight.state, Flying::Answered(..));
        if let Some(index) = self.flights.iter().position(answered) {
            self.take(index, now);
        }
    }

    /// The first answer that waits for one before it, and how long: for a request that has failed, until that is through.
    fn waiting(&self) -> Option<(usize, Instant)> {
        let mut latest = Instant::default();
        for (index, flight) in self.flights.iter().enumerate() {
            match flight.state {
                Flying::UnderWay if flight.attempts == 1 => latest = latest.max(flight.sent),
                Flying::UnderWay | Flying::Failed => return None,
                Flying::Answered(_, since) => {
                    return Some((index, latest.max(since) + PATIENCE));
                }
            }
        }
        None
    }

    /// When to call [`Self::handle_timeout`] and [`Self::poll_effect`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let under_way = self.flights.iter().filter(|flight| flight.is_under_way());
        let due = under_way.map(|flight| self.due(flight));
        let waiting = self.waiting().map(|(_, until)| until);
        due.chain(waiting).chain(self.next_step().map(|(at, _)| at)).min()
    }

    /// Opens the stream anew after SASL; the first comes with the session.
    pub fn open_stream(&mut self, to: &str) {
        self.streams += 1;
        if self.streams > 1 {
            to.clone_into(&mut self.to);
            self.restart = true;
        }
    }

    /// Sends one element, together with whatever else is sent before the effects are taken.
    pub fn send(&mut self, element: Element) {
        if !self.gone {
            self.outbox.push(element);
        }
    }

    /// While answers are expected, a second request asks for them soon after the one that carries. Only for servers that
    /// take a login in one body: they put in order what overtakes.
    pub fn expect(&mut self, expecting: bool) {
        self.expecting = expecting;
    }

    /// What has failed is made again at once.
    pub fn retry(&mut self, now: Instant) {
        self.retry_at = self.retry_at.min(now);
    }

    /// What hangs since before then is given up and made again: the browser takes new connections for it.
    pub fn hurry(&mut self, before: Instant, now: Instant) {
        if self.grant.is_none() {
            return;
        }
        for index in 0..self.flights.len() {
            let Some(flight) = self.flights.get(index).filter(|flight| flight.sent < before) else {
                continue;
            };
            if flight.once {
                return self.end(Closure::Unanswered);
            }
            self.abort(index, now);
        }
        self.retry(now);
    }

    /// No request will come for so long (XEP-0124 section 10), as far as the server allows it.
    pub fn pause(&mut self, time: Duration) -> Option<Duration> {
        let granted = time.min(PAUSE).min(self.grant.as_ref()?.max_pause);
        self.pausing = Some(granted).filter(|granted| !granted.is_zero());
        self.pausing
    }

    /// Ends the session (XEP-0124 section 13); what was sent before goes along, if a goodbye can carry it.
    pub fn close(&mut self) {
        if let Some(grant) = self.grant.as_ref().filter(|_| !self.gone) {
            let end = |stanzas: &[Element]| bosh::request(self.rid, &grant.sid, Act::Terminate, stanzas);
            let last = self.outbox.as_slice().get(self.outbox.len().saturating_sub(1)..).unwrap_or_default();
            let body = Some(end(&self.outbox)).filter(|body| body.len() <= GOODBYE_BYTES);
            let request = self.request(Secret::new(body.unwrap_or_else(|| end(last))));
            self.drop_requests(); // first: it would be a third request
            self.effects.push_back(Effect::SendGoodbye { request });
        }
        self.drop_requests();
    }

    /// Gives the session up: as a socket that closes tells the server, so must we, for it would keep the agent's presence.
    pub fn abandon(&mut self) {
        self.outbox = Vec::new();
        self.close();
    }

    fn drop_requests(&mut self) {
        for index in 0..self.flights.len() {
            self.abort(index, Instant::default());
        }
        self.gone = true;
        self.flights = Vec::new();
    }

    /// What to do next.
    pub fn poll_effect(&mut self, now: Instant) -> Option<Effect> {
        while let Some((_, step)) = self.next_step().filter(|(at, _)| *at <= now) {
            self.perform(step, now);
        }
        self.effects.pop_front()
    }

    /// What has happened.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        self.events.pop_front()
    }

    fn create(&mut self, now: Instant) {
        let body = Secret::new(bosh::create(self.rid, &self.to, WAIT));
        self.launch(body, false, false, now);
    }

    /// What is to go out, and when.
    fn next_step(&self) -> Option<(Instant, Step)> {
        let grant = self.grant.as_ref().filter(|_| !self.gone)?;
        if let Some(step) = self.next_again(grant) {
            return Some(step);
        }
        let mut under_way = self.flights.iter().filter(|flight| flight.is_under_way());
        let (first, second) = (under_way.next(), under_way.next());
        if second.is_some() || (first.is_some() && grant.requests.min(REQUESTS) < 2) {
            return None;
        }
        let space = quirk_overtaking_request_sticks(self.round_trip);
        let spaced = first.map_or_else(Instant::default, |flight| flight.sent + space);
        if !self.outbox.is_empty() || self.restart || self.pausing.is_some() {
            return Some((spaced, Step::Carry));
        }
        let earliest = match first {
            Some(flight) => self.poll_allowed(grant).max(flight.sent + EXPECTED),
            None if self.hushed => self.poll_allowed(grant),
            None => Instant::default(),
        };
        let wanted = first.map_or(self.spoken, |flight| self.expecting && !flight.poll);
        wanted.then_some((earliest.max(self.resting_until), Step::Poll))
    }

    /// When an empty request may follow the last one, where that was in vain or another one is under way.
    fn poll_allowed(&self, grant: &Grant) -> Instant {
        self.last_poll.map_or_else(Instant::default, |last| last + grant.polling)
    }

    /// An empty request has failed that the next one released, and its server may not be asked for it again. What fails
    /// sooner than a round trip after the next one left failed by itself.
    fn first_was_released(&self) -> bool {
        let [first, second] = self.flights.as_slice() else { return false };
        let late = first.failed.is_some_and(|failed| failed.since(second.begun) >= self.round_trip);
        self.forgetful && first.poll && late && matches!(first.state, Flying::Failed)
    }

    /// What failed goes out again, the oldest first, and nothing new before it.
    fn next_again(&self, grant: &Grant) -> Option<(Instant, Step)> {
        let is_failed = |flight: &Flight| matches!(flight.state, Flying::Failed);
        if self.first_was_released() && self.flights.get(1).is_some_and(is_failed) {
            return Some((self.retry_at, Step::Again(1)));
        }
        let index = self.flights.iter().position(is_failed)?;
        let mut at = self.retry_at;
        for (other, flight) in self.flights.iter().enumerate().filter(|(_, flight)| flight.is_under_way()) {
            let poll = other > index && self.flights.get(index).is_some_and(|flight| flight.poll);
            at = at.max(if poll { self.poll_allowed(grant) } else { at }).max(flight.sent + AHEAD);
        }
        Some((at, Step::Again(index)))
    }

    fn perform(&mut self, step: Step, now: Instant) {
        let Some(sid) = self.grant.as_ref().map(|grant| grant.sid.clone()) else { return };
        let poll = step == Step::Poll;
        if let Step::Again(index) = step {
            return self.launch_again(index, now);
        }
        let stanzas = core::mem::take(&mut self.outbox);
        let (restart, pausing) = (core::mem::take(&mut self.restart), self.pausing.take());
        let act = match (restart, pausing) {
            (true, _) => Act::Restart { to: &self.to },
            (false, Some(time)) => Act::Pause(time),
            (false, None) => Act::Carry,
        };
        let once = stanzas.iter().any(quirk_carries_out_again);
        let body = Secret::new(bosh::request(self.rid, &sid, act, &stanzas));
        self.resting_until = pausing.map_or(now, |time| now + time.saturating_sub(PAUSE_MARGIN));
        if poll {
            self.last_poll = Some(now);
        }
        self.spoken = true;
        self.hushed = false;
        self.launch(body, poll, once, now);
    }

    fn launch(&mut self, body: Secret, poll: bool, once: bool, now: Instant) {
        self.rid += 1;
        let number = self.numbers.take();
        self.effects.push_back(Effect::SendRequest { number, request: self.request(body.clone()) });
        self.flights.push(Flight {
            number,
            body,
            poll,
            once,
            attempts: 1,
            begun: now,
            sent: now,
            failed: None,
            state: Flying::UnderWay,
        });
    }

    fn launch_again(&mut self, index: usize, now: Instant) {
        let number = self.numbers.take();
        let Some(flight) = self.flights.get_mut(index) else { return };
        flight.number = number;
        flight.attempts = flight.attempts.saturating_add(1);
        flight.sent = now;
        flight.state = Flying::UnderWay;
        if flight.poll {
            self.last_poll = Some(now);
        }
        let body = flight.body.clone();
        self.effects.push_back(Effect::SendRequest { number, request: self.request(body) });
    }

    fn request(&self, body: Secret) -> Request {
        Request {
            method: Method::Post,
            url: self.url.clone(),
            headers: vec![("Content-Type", Secret::new(bosh::MEDIA_TYPE))],
            body: Some(body),
            opaque: false,
            max_body: limits::BOSH_BODY_BYTES,
        }
    }

    fn due(&self, flight: &Flight) -> Instant {
        let wait = self.grant.as_ref().map_or(Duration::ZERO, |grant| grant.wait.min(WAIT));
        flight.sent + wait + DUE
    }

    /// Gives up what is under way: it counts as failed.
    fn abort(&mut self, index: usize, now: Instant) {
        let under_way = |flight: &&mut Flight| flight.is_under_way();
        if let Some(flight) = self.flights.get_mut(index).filter(under_way) {
            flight.state = Flying::Failed;
            flight.failed.get_or_insert(now);
            self.effects.push_back(Effect::AbortRequest { number: flight.number });
        }
    }

    fn fail(&mut self, index: usize, now: Instant) {
        let Some(grant) = &self.grant else { return self.end(Closure::Unanswered) };
        if self.flights.get(index).is_some_and(|flight| flight.once) {
            return self.end(Closure::Unanswered);
        }
        let since = *self.failing_since.get_or_insert(now);
        if now.since(since) > grant.inactivity + LENIENCE {
            return self.end(Closure::Unanswered);
        }
        let Some(flight) = self.flights.get_mut(index) else { return };
        flight.state = Flying::Failed;
        flight.failed.get_or_insert(now);
        let times = usize::try_from(flight.attempts).unwrap_or(usize::MAX);
        let pause = RETRY.get(times - 1).or(RETRY.last()).copied().unwrap_or_default();
        self.retry_at = now + pause + Duration::from_millis(self.rid % SPREAD);
        if times > 1 && !core::mem::replace(&mut self.interrupted, true) {
            self.events.push_back(LinkEvent::Interrupted);
        }
    }

    fn on_body(&mut self, index: usize, text: &str, now: Instant) {
        let Some(flight) = self.flights.get_mut(index) else { return };
        let answer = match bosh::Answer::parse(text) {
            Ok(answer) => answer,
            Err(error) => {
                if flight.attempts == 1 {
                    self.events.push_back(LinkEvent::Unreadable(error.to_string()));
                }
                return self.fail(index, now); // something on the way said this; the server may not even know of us
            }
        };
        if answer.verdict == Verdict::Retry {
            return self.fail(index, now);
        }
        self.round_trip = self.round_trip.min(now.since(flight.sent));
        self.failing_since = None;
        if core::mem::take(&mut self.interrupted) {
            self.events.push_back(LinkEvent::Through);
        }
        flight.state = Flying::Answered(answer, now);
        self.pass_over_what_is_forgotten();
        while self.flights.first().is_some_and(|flight| matches!(flight.state, Flying::Answered(..))) {
            self.take(0, now);
        }
    }

    /// An empty request was held when the next one released it, and the answers to both were lost: its own was empty in
    /// all likelihood, and asking for an empty one once more would end the session. Had it been something that came up
    /// before, it would be lost: so that is said.
    fn pass_over_what_is_forgotten(&mut self) {
        let answered = |flight: &Flight| flight.attempts > 1 && matches!(flight.state, Flying::Answered(..));
        if self.first_was_released() && self.flights.get(1).is_some_and(answered) {
            self.flights.remove(0);
            self.events.push_back(LinkEvent::Missed);
        }
    }

    /// An answer's turn has come.
    fn take(&mut self, index: usize, now: Instant) {
        let Flying::Answered(answer, _) = self.flights.remove(index).state else { return };
        if self.grant.is_none() && !self.on_created(&answer, now) {
            return;
        }
        self.hushed = answer.inbound.is_empty() && self.flights.is_empty();
        for inbound in answer.inbound {
            self.events.push_back(match inbound {
                Ok(inbound) => LinkEvent::Received(Box::new(inbound)),
                Err(error) => LinkEvent::Unreadable(error.to_string()),
            });
        }
        match answer.verdict {
            Verdict::Continue | Verdict::Retry => {}
            Verdict::Terminated(condition) => self.end(Closure::Terminated(condition)),
        }
    }

    /// The request for a session was answered; tells whether the answer is to be taken further.
    fn on_created(&mut self, answer: &bosh::Answer, now: Instant) -> bool {
        let elsewhere = answer.uri.as_deref().filter(|uri| origin(uri) == origin(&self.url));
        if let Some(uri) = elsewhere.filter(|_| !self.redirected) {
            // the same host: nothing secret has been said yet, and nothing will be said to another
            uri.clone_into(&mut self.url);
            self.redirected = true;
            self.create(now);
            return false;
        }
        self.grant = answer.grant();
        self.forgetful = answer.quirk_forgets_empty_answers();
        if self.grant.is_some() && answer.verdict == Verdict::Continue {
            self.events.push_back(LinkEvent::Connected);
        } else if answer.verdict == Verdict::Continue {
            self.end(Closure::Unanswered);
        }
        true
    }

    fn end(&mut self, closure: Closure) {
        if !self.gone {
            self.drop_requests();
            self.events.push_back(LinkEvent::Closed(closure));
        }
    }
}

/// Openfire 4.2 gives the answer of a request again that comes again, and carries out what it holds once more. That may
/// be done to all but a login: five wrong ones lock an agent out.
fn quirk_carries_out_again(stanza: &Element) -> bool {
    stanza.ns == ns::SASL
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = split_scheme(url)?;
    Some((scheme, rest.split('/').next()?))
}

/// XEP-0124 section 11 has servers put in order what overtakes. But ejabberd 23.01 answers a request that was overtaken
/// by the next one empty, and the next one never; and Openfire 4.2 forgets what it said to the next one, should that be
/// lost. So a request leaves only when the one before it should have arrived.
fn quirk_overtaking_request_sticks(round_trip: Duration) -> Duration {
    round_trip.clamp(SPACING, AHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::Response;
    use crate::xml;
    use crate::xmpp::stanza;

    const URL: &str = "https://a/http-bind/";
    const GRANT: &str = "sid='s' wait='30' requests='2' inactivity='30' polling='5' hold='1' maxpause='120'";

    /// A link and what it has under way: the number and the body of each request.
    struct Bench {
        link: BoshLink,
        now: Instant,
        sent: Vec<(Number, String)>,
        goodbye: Option<String>,
    }

    impl Bench {
        fn new() -> Self {
            let now = Instant::from_millis(1_000);
            let mut bench = Self {
                link: BoshLink::new(Numbers::default(), 100, URL, "d", now),
                now,
                sent: Vec::new(),
                goodbye: None,
            };
            bench.drain();
            bench
        }

        /// With a session, and the first poll of it held.
        fn established() -> Self {
            let mut bench = Self::new();
            bench.answer(0, GRANT, "");
            assert_eq!(bench.link.poll_event(), Some(LinkEvent::Connected));
            bench.link.send(stanza::presence(0));
            bench.drain();
            bench.answer(0, "", "<presence/>");
            assert!(matches!(bench.link.poll_event(), Some(LinkEvent::Received(_))));
            assert_eq!(bench.ids(), [102]);
            bench
        }

        fn drain(&mut self) {
            while let Some(effect) = self.link.poll_effect(self.now) {
                match effect {
                    Effect::SendRequest { number, request } => {
                        assert_eq!(
                            (request.method, request.url.as_str()),
                            (Method::Post, self.link.url.as_str())
                        );
                        self.sent.push((number, request.body.unwrap().expose().to_owned()));
                    }
                    Effect::AbortRequest { number } => self.sent.retain(|(other, _)| *other != number),
                    Effect::SendGoodbye { request } => {
                        self.goodbye = request.body.map(|body| body.expose().to_owned())
                    }
                    other => panic!("{other:?}"),
                }
                assert!(self.sent.len() <= 2, "{:?}", self.sent);
            }
        }

        /// The ids under way.
        fn ids(&self) -> Vec<u64> {
            let rid = |(_, body): &(Number, String)| {
                xml::parse(body).unwrap().attribute("rid").unwrap().parse().unwrap()
            };
            self.sent.iter().map(rid).collect()
        }

        fn respond(&mut self, index: usize, status: u16, body: &str) {
            let (number, _) = self.sent.remove(index);
            let response = Response { status, body: body.to_owned(), retry_after: None };
            assert!(self.link.handle(&Answer::Responded { number, response }, self.now));
            self.drain();
        }

        fn answer(&mut self, index: usize, attributes: &str, inside: &str) {
            let body =
                format!("<body xmlns='http://jabber.org/protocol/httpbind' {attributes}>{inside}</body>");
            self.respond(index, 200, &body);
        }

        fn lose(&mut self, index: usize) {
            let (number, _) = self.sent.remove(index);
            self.link.handle(&Answer::RequestFailed { number, failure: RequestFailure::Network }, self.now);
            self.drain();
        }

        /// Time passes, and every deadline in it is kept.
        fn wait(&mut self, millis: u64) {
            let end = self.now + Duration::from_millis(millis);
            while let Some(at) = self.link.poll_timeout().filter(|at| *at <= end) {
                assert!(
                    at > self.now || self.link.next_step().is_none_or(|(step, _)| step > self.now),
                    "time stands still"
                );
                self.now = self.now.max(at);
                self.link.handle_timeout(self.now);
                self.drain();
            }
            self.now = end;
        }

        fn events(&mut self) -> Vec<LinkEvent> {
            core::iter::from_fn(|| self.link.poll_event()).collect()
        }
    }

    fn is_presence(event: &LinkEvent) -> bool {
        matches!(event, LinkEvent::Received(_))
    }

    #[test]
    fn what_fails_is_made_again_byte_for_byte_and_nothing_goes_before_it() {
        let mut bench = Bench::established();
        let body = bench.sent[0].1.clone();
        bench.lose(0);
        bench.link.send(stanza::unavailable());
        bench.drain();
        assert_eq!(bench.ids(), [0; 0], "not at once, and no other before it");
        bench.wait(600);
        assert_eq!(bench.sent[0].1, body);
        assert_eq!(bench.events(), []);
        bench.lose(0);
        assert_eq!(bench.events(), [LinkEvent::Interrupted]);
        bench.wait(1_000);
        bench.respond(0, 502, "<html/>");
        assert_eq!(bench.events(), [], "told once");
        bench.wait(2_000);
        assert_eq!(bench.sent[0].1, body);
        bench.answer(0, "", "<presence/>");
        let events = bench.events();
        assert!(events[0] == LinkEvent::Through && is_presence(&events[1]), "{events:?}");
        assert_eq!(bench.ids(), [103], "what waited goes out");
    }

    #[test]
    fn credentials_are_sent_once() {
        let mut bench = Bench::new();
        bench.answer(0, GRANT, "");
        bench.link.send(crate::xmpp::sasl::plain("1001", &Secret::new("pw")));
        bench.drain();
        bench.lose(0);
        assert_eq!(bench.events().pop(), Some(LinkEvent::Closed(Closure::Unanswered)));
    }

    #[test]
    fn what_gets_no_answer_for_longer_than_the_server_keeps_us_is_over() {
        let mut bench = Bench::established();
        let mut tries = 0;
        while !bench.link.gone {
            bench.lose(0);
            bench.wait(3_000);
            tries += 1;
        }
        assert_eq!(bench.events().pop(), Some(LinkEvent::Closed(Closure::Unanswered)));
        assert!((10..20).contains(&tries), "{tries} tries in 35 s");
    }

    #[test]
    fn silence_past_the_deadline_is_a_failure() {
        let mut bench = Bench::established();
        bench.wait(39_000);
        assert_eq!(bench.ids(), [102]);
        bench.wait(2_000);
        assert_eq!((bench.ids(), bench.link.flights[0].attempts), (vec![102], 2));
    }

    #[test]
    fn an_answer_waits_for_the_one_before_but_not_for_long() {
        let mut bench = Bench::established();
        bench.wait(100);
        bench.link.send(stanza::presence(0));
        bench.drain();
        assert_eq!(bench.ids(), [102, 103]);
        bench.answer(1, "", "<presence from='b'/>");
        assert_eq!(bench.events(), []);
        bench.answer(0, "", "<presence from='a'/>");
        let order: Vec<_> =
            bench.events().iter().map(|event| format!("{event:?}").contains("\"a\"")).collect();
        assert_eq!((order, bench.ids()), (vec![true, false], vec![104]));
        bench.wait(100);
        bench.link.send(stanza::presence(0));
        bench.drain();
        bench.answer(1, "", "<presence from='b'/>");
        bench.wait(crate::time::millis(PATIENCE));
        assert!(bench.events().iter().all(is_presence));
    }

    #[test]
    fn a_request_under_way_gets_a_head_start() {
        let mut bench = Bench::established();
        bench.link.send(stanza::presence(0));
        bench.drain();
        assert_eq!(bench.ids(), [102]);
        bench.wait(20);
        assert_eq!(bench.ids(), [102, 103]);
        bench.link.send(stanza::presence(0));
        bench.wait(5_000);
        assert_eq!(bench.ids(), [102, 103], "never a third");
    }

    #[test]
    fn two_empty_requests_keep_their_distance() {
        let mut bench = Bench::established();
        bench.wait(1_000);
        bench.answer(0, "", "");
        assert_eq!(bench.ids(), [0; 0]);
        bench.wait(3_900);
        assert_eq!(bench.ids(), [0; 0]);
        bench.wait(200);
        assert_eq!(bench.ids(), [103]);
        bench.answer(0, "", "<presence/>");
        assert_eq!(bench.ids(), [104], "an answer that said something is followed at once");
    }

    #[test]
    fn ends_are_told_apart() {
        for (status, closure) in
            [(404, Closure::Http(404)), (403, Closure::Http(403)), (400, Closure::Http(400))]
        {
            let mut bench = Bench::established();
            bench.respond(0, status, "<html/>");
            assert_eq!(bench.events(), [LinkEvent::Closed(closure)]);
        }
        for condition in
            ["policy-violation", "item-not-found", "remote-connection-failed", "system-shutdown", ""]
        {
            let mut bench = Bench::established();
            bench.answer(0, &format!("type='terminate' condition='{condition}'"), "<presence/>");
            let events = bench.events();
            assert!(is_presence(&events[0]), "what came with the end is not lost to it");
            assert_eq!(events[1], LinkEvent::Closed(Closure::Terminated(condition.into())));
            assert_eq!(bench.link.poll_timeout(), None);
        }
        let mut refused = Bench::new();
        refused.lose(0);
        assert_eq!(refused.events(), [LinkEvent::Closed(Closure::Unanswered)]);
        let mut gateway = Bench::new();
        gateway.respond(0, 502, "");
        assert_eq!(gateway.events(), [LinkEvent::Closed(Closure::Http(502))]);
    }

    #[test]
    fn a_session_follows_to_the_same_host_only() {
        let elsewhere = |uri: &str| {
            let mut bench = Bench::new();
            let inside = format!("<uri>{uri}</uri>");
            bench.sent.truncate(1);
            let (number, _) = bench.sent.remove(0);
            let body = format!(
                "<body xmlns='http://jabber.org/protocol/httpbind' type='terminate' condition='see-other-uri'>{inside}</body>"
            );
            bench.link.handle(
                &Answer::Responded { number, response: Response { status: 200, body, retry_after: None } },
                bench.now,
            );
            bench.drain();
            (bench.link.url.clone(), bench.ids(), bench.events())
        };
        assert_eq!(elsewhere("https://a/other/"), ("https://a/other/".to_owned(), vec![101], vec![]));
        let (url, ids, events) = elsewhere("https://b/http-bind/");
        assert_eq!((url.as_str(), ids), (URL, vec![]));
        assert_eq!(events, [LinkEvent::Closed(Closure::Terminated("see-other-uri".into()))]);
    }

    #[test]
    fn a_hurry_makes_again_what_hangs() {
        let mut bench = Bench::established();
        let (number, body) = bench.sent[0].clone();
        let sent = bench.now;
        bench.wait(500);
        bench.link.hurry(sent, bench.now);
        bench.drain();
        assert_eq!(bench.sent, [(number, body.clone())], "it was not hanging yet");
        bench.link.hurry(bench.now, bench.now);
        bench.drain();
        assert_eq!((bench.sent.len(), &bench.sent[0].1), (1, &body));
        assert_ne!(bench.sent[0].0, number, "anew");
    }

    #[test]
    fn what_failed_is_made_again_when_there_is_a_reason() {
        let mut bench = Bench::established();
        let body = bench.sent[0].1.clone();
        bench.lose(0);
        bench.link.retry(bench.now);
        bench.drain();
        assert_eq!(bench.sent[0].1, body);
    }

    #[test]
    fn a_recoverable_error_has_its_request_made_again() {
        let mut bench = Bench::established();
        let body = bench.sent[0].1.clone();
        bench.answer(0, "type='error'", "");
        bench.wait(600);
        assert_eq!(bench.sent[0].1, body);
        let mut refused = Bench::new();
        refused.answer(0, "type='error'", "");
        assert_eq!(refused.events(), [LinkEvent::Closed(Closure::Unanswered)]);
    }

    #[test]
    fn an_answer_lost_without_a_word_is_asked_for_while_the_server_knows_it() {
        let mut bench = Bench::established();
        bench.wait(100);
        bench.link.send(stanza::presence(0));
        bench.drain();
        bench.answer(1, "", "<presence from='b'/>");
        bench.wait(2_100);
        assert!(bench.events().iter().any(is_presence));
        assert_eq!(bench.ids(), [102], "again, on a new connection");
        bench.answer(0, "", "<presence from='a'/>");
        assert_eq!(bench.ids(), [104]);
    }

    #[test]
    fn a_server_that_forgets_empty_answers_is_not_asked_for_one() {
        let mut bench = Bench::new();
        bench.answer(0, &format!("{GRANT} ack='100'"), "");
        bench.link.send(stanza::presence(0));
        bench.drain();
        bench.answer(0, "", "<presence/>");
        bench.events();
        bench.wait(100);
        bench.link.send(stanza::presence(0));
        bench.drain();
        assert_eq!(bench.ids(), [102, 103]);
        bench.wait(50);
        bench.lose(0);
        bench.lose(0);
        bench.wait(600);
        assert_eq!(bench.ids(), [103], "the one that carries");
        bench.answer(0, "", "<presence/>");
        let events = bench.events();
        assert!(events[0] == LinkEvent::Missed && is_presence(&events[1]), "{events:?}");
        assert_eq!(bench.ids(), [104]);
    }

    #[test]
    fn what_no_server_of_ours_can_have_said_leaves_no_hole() {
        let mut bench = Bench::established();
        bench.respond(0, 200, "<html>");
        assert!(matches!(bench.events()[..], [LinkEvent::Unreadable(_)]));
        bench.wait(600);
        assert_eq!(bench.ids(), [102]);
        bench.respond(0, 200, "<html>");
        bench.wait(1_000);
        assert_eq!(bench.ids(), [102], "still the same");
        assert_eq!(bench.events(), [LinkEvent::Interrupted], "said once");
    }

    #[test]
    fn a_pause_is_what_the_server_grants_and_ends_in_time() {
        let mut bench = Bench::established();
        bench.wait(100);
        assert_eq!(bench.link.pause(Duration::from_secs(60)), Some(PAUSE));
        bench.drain();
        assert!(bench.sent[1].1.contains("pause=\"20\""));
        bench.answer(0, "", "");
        bench.answer(0, "", "");
        bench.wait(14_000);
        assert_eq!(bench.ids(), [0; 0]);
        bench.wait(1_100);
        assert_eq!(bench.ids(), [104]);
    }

    #[test]
    fn the_goodbye_takes_along_what_was_not_sent_yet() {
        let mut bench = Bench::established();
        bench.link.send(stanza::unavailable());
        bench.link.close();
        bench.drain();
        let goodbye = bench.goodbye.clone().unwrap();
        assert!(
            goodbye.contains("type=\"terminate\"")
                && goodbye.contains("unavailable")
                && goodbye.contains("rid=\"103\"")
        );
        assert_eq!(bench.ids(), [0; 0]);
        assert!(!bench.link.handle(
            &Answer::RequestFailed { number: Number(9), failure: RequestFailure::Network },
            bench.now
        ));
    }
}
