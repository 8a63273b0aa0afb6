//! Is the other end still there? XMPP pings (XEP-0199), and the retransmission time of RFC 6298.
//!
//! Only an answer to a ping of ours proves the way up; whatever arrives unasked proves only the way down. A ping goes
//! out every 1.5 to 8 s: 8 ms for each agent of the site, so that a side gets at most 125 pings a second from 1,000
//! agents, while on a small site the time of a fault is known well enough to move 22 s after it, and never before 20.

use crate::time::{Duration, Instant, millis};

/// Pings of the whole site are this far apart.
const PER_AGENT: Duration = Duration::from_millis(8);
/// No more often than this.
const INTERVAL_MIN: Duration = Duration::from_millis(1_500);
/// Finesse expects a ping every 20 s; two may be lost.
const INTERVAL_MAX: Duration = Duration::from_secs(8);
/// The shortest time a ping is given: servers pause for garbage collection.
const ANSWER_MIN: Duration = Duration::from_secs(3);
/// The longest.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// A ping after waking up has this long.
const WAKE_ANSWER: Duration = Duration::from_secs(5);
/// Without any answer, from anything, for this long the link is lost.
const SILENCE: Duration = Duration::from_secs(20);
/// A deadline that is noticed this much late proves nothing, once: in a hidden tab every one is.
const LATE: Duration = Duration::from_secs(2);

/// What an overdue answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet: ping once more.
    PingAgain,
    /// For the first time: ping again, and have the host read. With the time the unanswered ping was sent.
    Doubtful(Instant),
    /// The link is dead.
    Dead,
}

/// One session's pings.
#[derive(Clone, Debug)]
pub(super) struct Keepalive {
    interval: Duration,
    /// Pings sent and not answered, oldest first.
    outstanding: Vec<(String, Instant)>,
    unanswered: u32,
    last_answer: Instant,
    host_answered: bool,
    waking: bool,
    /// An answer was missed late; the next one missed counts.
    late: bool,
    round_trip: Option<(u64, u64)>,
}

/// So many pings can be under way at most: one every 3 s for 20 s, and some for wake-ups.
const OUTSTANDING: usize = 16;

impl Keepalive {
    pub(super) fn new(agents: u32, now: Instant) -> Self {
        Self {
            interval: (PER_AGENT * agents).clamp(INTERVAL_MIN, INTERVAL_MAX),
            outstanding: Vec::new(),
            unanswered: 0,
            last_answer: now,
            host_answered: false,
            waking: false,
            late: false,
            round_trip: None,
        }
    }

    /// When the next ping is due after one was answered.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// A ping was sent; gives the time by which it should be answered.
    pub(super) fn sent(&mut self, id: String, now: Instant) -> Instant {
        if self.outstanding.len() >= OUTSTANDING {
            self.outstanding.remove(0);
        }
        self.outstanding.push((id, now));
        let at = now + if self.waking { WAKE_ANSWER } else { self.answer_time() };
        let silence = self.last_answer + SILENCE;
        if self.unanswered > 0 && silence > now { at.min(silence) } else { at }
    }

    /// The next ping is for a wake-up.
    pub(super) fn wake(&mut self) {
        self.waking = true;
    }

    /// An answer came: is it to a ping of ours? If so all doubt is gone.
    pub(super) fn answered(&mut self, id: &str, now: Instant) -> bool {
        let Some((_, sent)) = self.outstanding.iter().find(|(known, _)| known == id) else { return false };
        let trip = millis(now.since(*sent));
        self.round_trip = Some(match self.round_trip {
            None => (trip, trip / 2),
            Some((mean, deviation)) => ((7 * mean + trip) / 8, (3 * deviation + mean.abs_diff(trip)) / 4),
        });
        self.outstanding.clear();
        (self.unanswered, self.host_answered, self.waking, self.late) = (0, false, false, false);
        self.last_answer = now;
        true
    }

    /// The host answered something else, asked at `began`: later than the ping in doubt, or it tells nothing. Tells
    /// whether that decides.
    pub(super) fn host_answered(&mut self, began: Instant) -> bool {
        self.host_answered |=
            self.unanswered > 0 && self.outstanding.first().is_some_and(|(_, sent)| began >= *sent);
        self.host_answered && self.unanswered >= 2
    }

    /// An answer that was due at `due` has not come by `now`.
    pub(super) fn overdue(&mut self, due: Instant, now: Instant) -> Verdict {
        if now.since(due) > LATE && !core::mem::replace(&mut self.late, true) {
            return Verdict::PingAgain;
        }
        if self.waking {
            return Verdict::Dead;
        }
        self.unanswered = self.unanswered.saturating_add(1);
        if (self.unanswered >= 2 && self.host_answered) || now >= self.last_answer + SILENCE {
            return Verdict::Dead;
        }
        match self.outstanding.first() {
            Some((_, sent)) if self.unanswered == 1 => Verdict::Doubtful(*sent),
            _ => Verdict::PingAgain,
        }
    }

    /// When the last answer came.
    pub(super) fn last_answer(&self) -> Instant {
        self.last_answer
    }

    fn answer_time(&self) -> Duration {
        let (mean, deviation) = self.round_trip.unwrap_or_default();
        Duration::from_millis(mean + 4 * deviation).clamp(ANSWER_MIN, ANSWER_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn an_answering_host_shows_a_dead_link_within_two_pings() {
        let mut pings = Keepalive::new(1_000, at(0));
        assert_eq!(pings.interval(), Duration::from_secs(8));
        assert_eq!(pings.sent("1".into(), at(8_000)), at(11_000));
        assert_eq!(pings.overdue(at(11_000), at(11_000)), Verdict::Doubtful(at(8_000)));
        let due = pings.sent("2".into(), at(11_000));
        assert_eq!(due, at(14_000));
        assert!(!pings.host_answered(at(7_999)), "asked before the ping in doubt");
        assert_eq!(pings.clone().overdue(due, due), Verdict::PingAgain);
        assert!(!pings.host_answered(at(11_000)));
        assert_eq!(pings.overdue(due, due), Verdict::Dead);
    }

    #[test]
    fn a_silent_host_gets_twenty_seconds_since_the_last_answer() {
        let mut pings = Keepalive::new(1_000, at(0));
        let mut due = pings.sent("1".into(), at(8_000));
        loop {
            match pings.overdue(due, due) {
                Verdict::Dead => break,
                _ => due = pings.sent("more".into(), due),
            }
        }
        assert_eq!(due, at(20_000));
    }

    #[test]
    fn lateness_proves_nothing_and_any_answer_ends_the_doubt() {
        let mut pings = Keepalive::new(1, at(0));
        let due = pings.sent("1".into(), at(1_500));
        assert_eq!(pings.overdue(due, at(90_000)), Verdict::PingAgain);
        pings.sent("2".into(), at(90_000));
        assert!(!pings.answered("x", at(90_100)));
        assert!(pings.answered("1", at(90_100)));
        pings.wake();
        let due = pings.sent("3".into(), at(100_000));
        assert_eq!((due, pings.overdue(due, due)), (at(105_000), Verdict::Dead));
    }

    #[test]
    fn where_every_deadline_is_late_the_second_one_counts() {
        let mut pings = Keepalive::new(1, at(0));
        let due = pings.sent("1".into(), at(1_500));
        assert_eq!(pings.overdue(due, at(60_000)), Verdict::PingAgain);
        let due = pings.sent("2".into(), at(60_000));
        assert_eq!(pings.overdue(due, at(120_000)), Verdict::Dead);
    }
}
