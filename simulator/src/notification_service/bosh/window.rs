//! XEP-0124 9 to 14: the requests of one session, which of them are open, what waits for the next one, and what is kept
//! to be given again. As Openfire 4.2 does it, where that is not as the specification says:
//!
//! - Only answers with something in them are kept, the newest three. Whoever asks for an empty one again is told
//!   `item-not-found`, and the session is over.
//! - What an answered request carried is carried out again when it comes again; the answer is the kept one.
//! - What a request carried that overtook another is carried out at once; answered is in the order of the numbers.
//! - An open request that comes again is answered empty on both ways.

use std::collections::VecDeque;

use crate::ns;

/// So many requests may be open at once; and so far may a number be ahead of the last answered one.
pub(super) const REQUESTS: usize = 2;
/// Empty requests must be so far apart, in seconds, while another one is open.
pub(super) const POLLING_S: u64 = 5;
/// The same in milliseconds.
pub(crate) const HASTE_MS: u64 = POLLING_S * 1_000;
/// The longest pause in seconds.
pub(super) const MAX_PAUSE_S: u64 = 300;
/// A session without a request ends after so many seconds, at the next of the service's looks around.
const INACTIVITY_S: u64 = 30;
/// The same for one that does not hold requests.
const POLLING_INACTIVITY_S: u64 = 60;
/// The service looks around so often.
const LOOK_MS: u64 = 30_000;

pub(super) struct Window {
    wait_ms: u64,
    hold: usize,
    inactivity_s: u64,
    /// The number of the last answered request of which all before it were answered, too.
    last: u64,
    /// In the order of their numbers.
    open: Vec<Open>,
    pending: Vec<String>,
    kept: VecDeque<(u64, Vec<String>)>,
    last_poll: Option<u64>,
    last_empty: bool,
    active: u64,
    answers: VecDeque<(u64, String)>,
}

/// A request that is not answered yet.
struct Open {
    rid: u64,
    request: u64,
}

/// Why a session is over (XEP-0124 17.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breach {
    /// Answered again already, and then refused: Openfire stumbles over its own feet.
    BadRequest,
    ItemNotFound,
    PolicyViolation,
}

/// What a request found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It waits for something to be said.
    Open,
    /// It is answered.
    Answered,
}

impl Window {
    /// After the answer to the creation, which had this number.
    pub(super) fn new(rid: u64, wait_s: u64, hold: usize, now: u64) -> Self {
        let mut window = Self {
            wait_ms: wait_s.saturating_mul(1_000),
            hold,
            inactivity_s: 0,
            last: rid,
            open: Vec::new(),
            pending: Vec::new(),
            kept: VecDeque::new(),
            last_poll: None,
            last_empty: false,
            active: now,
            answers: VecDeque::new(),
        };
        window.resume();
        window
    }

    /// A request came. What is answered by that is in [`poll_answer`](Self::poll_answer).
    pub(super) fn enter(&mut self, rid: u64, request: u64, empty: bool, now: u64) -> Result<Found, Breach> {
        self.active = now;
        let again = self.answer_again(rid, request)?;
        if let Err(breach) = self.check_activity(empty, now) {
            self.answers.retain(|(other, _)| *other != request);
            return Err(if again { Breach::BadRequest } else { breach });
        }
        if again {
            self.release(rid, true);
        } else if self.polls() || !self.pending.is_empty() && rid == self.last + 1 {
            let pending = std::mem::take(&mut self.pending);
            self.answer(Open { rid, request }, pending);
            self.last = rid;
        } else {
            let at = self.open.partition_point(|it| it.rid < rid);
            self.open.insert(at, Open { rid, request });
            self.release(rid, false);
        }
        Ok(if self.open.iter().any(|it| it.request == request) { Found::Open } else { Found::Answered })
    }

    /// Something is said to the client: on the open request whose turn it is, or on the next that comes.
    pub(super) fn deliver(&mut self, text: String) {
        match self.take_next() {
            Some(open) => {
                self.last = open.rid;
                self.answer(open, vec![text]);
            }
            None => self.pending.push(text),
        }
    }

    /// Takes a request for an answer of its own, which is not kept; none when it is answered already.
    pub(super) fn claim(&mut self, request: u64, now: u64) -> bool {
        let Some(at) = self.open.iter().position(|it| it.request == request) else { return false };
        self.last = self.open.remove(at).rid;
        self.active = now;
        true
    }

    /// A request has been open for as long as it may. One before whose turn it is leaves the turn where it was.
    pub(super) fn wait_over(&mut self, request: u64, now: u64) {
        let Some(at) = self.open.iter().position(|it| it.request == request) else { return };
        let body = self.empty("");
        let open = self.open.remove(at);
        if open.rid == self.last + 1 {
            self.last = open.rid;
        }
        self.last_empty = true;
        self.active = now;
        self.answers.push_back((open.request, body));
    }

    /// XEP-0124 10.2: everything is answered, and the client may be silent for so long.
    pub(super) fn pause(&mut self, seconds: u64) {
        while let Some(first) = self.open.first() {
            let (rid, request) = (first.rid, first.request);
            let body = self.empty("");
            self.answers.push_back((request, body));
            self.open.remove(0);
            self.last = rid;
        }
        self.inactivity_s = seconds;
    }

    /// A request that is no pause ends one.
    pub(super) fn resume(&mut self) {
        self.inactivity_s = if self.polls() { POLLING_INACTIVITY_S } else { INACTIVITY_S };
    }

    /// The session ends: open requests are answered, with what there is.
    pub(super) fn close(&mut self) {
        if !self.pending.is_empty()
            && let Some(open) = self.take_next()
        {
            self.last = open.rid;
            let pending = std::mem::take(&mut self.pending);
            self.answer(open, pending);
        }
        let body = self.empty("");
        for open in std::mem::take(&mut self.open) {
            self.answers.push_back((open.request, body.clone()));
        }
    }

    /// The next answer: to which request, and its body.
    pub(super) fn poll_answer(&mut self) -> Option<(u64, String)> {
        self.answers.pop_front()
    }

    /// When to look for the first time whether the client is gone.
    pub(super) fn first_look(now: u64) -> u64 {
        (now / LOOK_MS + 1) * LOOK_MS
    }

    /// Whether the client is gone; else when to look again.
    pub(super) fn look(&mut self, now: u64) -> Option<u64> {
        if !self.open.is_empty() {
            self.active = now;
        }
        let gone = now > self.active + self.inactivity_s * 1_000;
        (!gone).then(|| Self::first_look(now))
    }

    /// The last of the requests that came without a gap.
    pub(super) fn acknowledged(&self) -> u64 {
        self.open.iter().fold(self.last, |ack, it| if it.rid == ack + 1 { it.rid } else { ack })
    }

    /// An empty body with these attributes.
    pub(super) fn empty(&self, attributes: &str) -> String {
        format!(r#"<body xmlns="{}"{attributes} ack="{}"/>"#, ns::HTTP_BIND, self.acknowledged())
    }

    /// The oldest open request, to be answered with something else.
    pub(super) fn take_any(&mut self) -> Option<u64> {
        if self.open.is_empty() { None } else { Some(self.open.remove(0).request) }
    }

    pub(super) fn wait_ms(&self) -> u64 {
        self.wait_ms
    }

    pub(super) fn inactivity_s(&self) -> u64 {
        self.inactivity_s
    }

    /// XEP-0124 12: a client whose requests are never held.
    fn polls(&self) -> bool {
        self.wait_ms == 0 || self.hold == 0
    }

    /// XEP-0124 14.3: answers a number that came before; false for a new one.
    fn answer_again(&mut self, rid: u64, request: u64) -> Result<bool, Breach> {
        if rid <= self.last {
            let kept = self.kept.iter().find(|(other, _)| *other == rid).ok_or(Breach::ItemNotFound)?;
            self.answers.push_back((request, self.body(&kept.1)));
            return Ok(true);
        }
        if rid > self.last + REQUESTS as u64 {
            return Err(Breach::ItemNotFound);
        }
        let Some(at) = self.open.iter().position(|it| it.rid == rid) else { return Ok(false) };
        let old = self.open.remove(at);
        if rid == self.last + 1 {
            self.last = rid;
        }
        self.answer(old, vec![String::new()]);
        let body = self.empty("");
        self.answers.push_back((request, body));
        Ok(true)
    }

    /// XEP-0124 11: too many requests at once, or empty ones too soon.
    fn check_activity(&mut self, empty: bool, now: u64) -> Result<(), Breach> {
        let mut too_much = self.open.len() >= REQUESTS;
        if !too_much && empty {
            let soon = self.last_poll.is_some_and(|at| now < at + HASTE_MS);
            too_much = soon && if self.polls() { self.last_empty } else { self.open.len() + 1 >= REQUESTS };
            self.last_poll = Some(now);
        }
        self.last_empty = false;
        if too_much { Err(Breach::PolicyViolation) } else { Ok(()) }
    }

    /// XEP-0124 10: more than `hold` are open, and the oldest are answered empty; all, when an older number came later.
    fn release(&mut self, rid: u64, answered: bool) {
        let newest = self.open.last().is_none_or(|it| it.rid <= rid);
        let excess = if newest {
            self.open.len().saturating_sub(self.hold)
        } else {
            self.open.len() + usize::from(answered)
        };
        for _ in 0..excess {
            let body = self.empty("");
            let Some(open) = self.take_next() else { return };
            self.last = open.rid;
            if open.rid == rid {
                self.answer(open, vec![String::new()]);
            } else {
                self.answers.push_back((open.request, body));
            }
        }
    }

    /// Takes the open request whose turn it is.
    fn take_next(&mut self) -> Option<Open> {
        let at = self.open.iter().position(|it| it.rid == self.last + 1)?;
        Some(self.open.remove(at))
    }

    /// Answers and keeps the answer.
    fn answer(&mut self, open: Open, texts: Vec<String>) {
        self.last_empty = texts.is_empty();
        self.answers.push_back((open.request, self.body(&texts)));
        if self.kept.len() > REQUESTS {
            self.kept.pop_front();
        }
        self.kept.push_back((open.rid, texts));
    }

    fn body(&self, texts: &[String]) -> String {
        format!("<body xmlns='{}' ack='{}'>{}</body>", ns::HTTP_BIND, self.acknowledged(), texts.concat())
    }
}
