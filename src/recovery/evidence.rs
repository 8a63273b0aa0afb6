//! What has been seen of one side, and what it proves.
//!
//! A side is *out* only when one check has kept failing, at least three times, over a time that depends on how it
//! fails. An unreachable read counts only if another host answered within 5 s of it: otherwise the network is ours.

use crate::time::{Duration, Instant};
use std::collections::VecDeque;

/// What one read of SystemInfo said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Parsed, IN_SERVICE.
    In {
        /// `lastCTIHeartbeatStatus`, where given: is it `success`?
        cti: Option<bool>,
        /// `lastSuccessCTIHeartbeatTime`, where given.
        heartbeat: Option<u64>,
    },
    /// Finesse answers and says that it is not in service (any other status, or its own 503).
    Out {
        /// `lastCTIHeartbeatStatus` says `failure`.
        cti_lost: bool,
    },
    /// Something in front of Finesse answers that Finesse does not: 502, 504, 503 without Finesse's document.
    Gateway,
    /// A network error at once.
    Refused,
    /// No answer in time.
    Silent,
    /// Something answered, and it was no SystemInfo: never *in*. It counts against the side only while no session is up,
    /// or `finesse` is missing.
    Unclear,
}

impl Reading {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In { .. } => "in",
            Self::Out { .. } | Self::Gateway => "out",
            Self::Refused | Self::Silent => "unreachable",
            Self::Unclear => "unclear",
        }
    }

    /// Whether the side reads in service.
    #[must_use]
    pub const fn is_in(self) -> bool {
        matches!(self, Self::In { .. })
    }

    /// Whether a host answered at all: it proves our own network.
    #[must_use]
    pub const fn answered(self) -> bool {
        !matches!(self, Self::Refused | Self::Silent)
    }
}

/// How near in time another host must have answered for an unreachable read to count.
const NEAR: Duration = Duration::from_secs(5);
/// A check must have failed so often before it proves anything.
const TIMES: u32 = 3;
/// XMPP is gone and reads fail at once: the machine answers, its services do not.
const REFUSED: Duration = Duration::from_secs(8);
/// Login or presence fail while the side reads in.
const CHECK: Duration = Duration::from_secs(15);
/// Silence, whose way may heal; or *out*: both nodes share one CTI server, the other may only be slower to notice.
pub(super) const SILENT: Duration = Duration::from_secs(20);
/// The alternate must have read in twice, this far apart.
pub(super) const TWICE: Duration = Duration::from_secs(5);

/// A check that has failed without a success in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    since: Instant,
    last: Instant,
    times: u32,
}

impl Run {
    fn add(run: &mut Option<Self>, since: Instant, at: Instant) {
        let run = run.get_or_insert(Self { since, last: at, times: 0 });
        run.times = run.times.saturating_add(1);
        run.last = run.last.max(at);
    }

    /// Kept failing for `long`, which ended then; the last failure must lie behind it: the check has failed once more.
    fn proves(run: Option<Self>, long: Duration) -> Option<Instant> {
        run.filter(|run| run.times >= TIMES && run.last.since(run.since) >= long).map(|run| run.since + long)
    }
}

/// Two or more reads in service, without another one between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InRun {
    since: Instant,
    last: Instant,
    first_beat: Option<u64>,
    last_beat: Option<u64>,
    cti: Option<bool>,
}

/// Which check proves a side to be out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Reads of SystemInfo.
    Reads,
    /// Connection attempts that got no stream, while the side reads in.
    Stream,
    /// Logins refused for now, while the side reads in.
    Login,
    /// Presence of `finesse`.
    Presence,
}

/// Everything seen of one side.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// The last read, and when it ended.
    pub(super) reading: Option<(Reading, Instant)>,
    /// When the host last answered anything.
    answered: Option<Instant>,
    reads: Option<Run>,
    logins: Option<Run>,
    /// The last failed attempt had come as far as a stream with features.
    login_stage: bool,
    presence: Option<Run>,
    /// After a missing presence a new login was made, and it was not told either.
    pub(super) logged_in_again: bool,
    in_run: Option<InRun>,
    /// Unreachable checks that do not count yet: when they began, and when they ended.
    pending: VecDeque<(Instant, Instant)>,
}

/// More pending checks than this are not kept; they are older than `NEAR` by then.
const PENDING: usize = 32;

impl Evidence {
    /// A read begun at `began` has ended. `other` is when another host last answered.
    pub(super) fn read(&mut self, reading: Reading, began: Instant, now: Instant, other: Option<Instant>) {
        if reading.is_in() && self.failed_last() {
            self.logins = None; // they failed with all the rest
        }
        self.reading = Some((reading, now));
        if reading.answered() {
            self.answered = Some(now);
            self.pending.clear();
        }
        match reading {
            Reading::In { cti, heartbeat } => {
                self.reads = None;
                let run = self.in_run.get_or_insert(InRun {
                    since: now,
                    last: now,
                    first_beat: heartbeat,
                    last_beat: heartbeat,
                    cti,
                });
                (run.last, run.last_beat, run.cti) = (now, heartbeat, cti);
            }
            Reading::Out { .. } | Reading::Gateway | Reading::Unclear => {
                self.in_run = None;
                Run::add(&mut self.reads, now, now);
            }
            Reading::Refused => self.unreachable(now, now, other),
            Reading::Silent => self.unreachable(began, now, other),
        }
    }

    /// A check begun at `began` got no answer until `now`.
    pub(super) fn unreachable(&mut self, began: Instant, now: Instant, other: Option<Instant>) {
        self.in_run = None;
        if other.is_some_and(|other| other + NEAR >= began) {
            Run::add(&mut self.reads, began, now);
        } else {
            if self.pending.len() >= PENDING {
                self.pending.pop_front();
            }
            self.pending.push_back((began, now));
        }
    }

    /// Another host answered: what was unreachable just before it was not our own network.
    pub(super) fn another_answered(&mut self, now: Instant) {
        let pending = core::mem::take(&mut self.pending);
        for (began, ended) in pending.into_iter().filter(|(began, _)| *began + NEAR >= now) {
            Run::add(&mut self.reads, began, ended);
        }
    }

    /// A ping was answered after all. Where the last read said in service, pings alone had failed since.
    pub(super) fn ping_answered(&mut self) {
        if self.reads_in() {
            self.reads = None;
            self.pending.clear();
        }
    }

    /// When the host last answered a read.
    pub(super) fn last_answer(&self) -> Option<Instant> {
        self.answered
    }

    /// A connection attempt failed; `stream` tells whether the service had answered with its features.
    pub(super) fn login_failed(&mut self, now: Instant, stream: bool) {
        self.login_stage = stream;
        if self.reads_in() {
            Run::add(&mut self.logins, now, now);
        }
    }

    /// The service gave a stream when asked for one: it lives.
    pub(super) fn stream_given(&mut self) {
        self.logins = None;
    }

    /// A session is up.
    pub(super) fn logged_in(&mut self) {
        self.logins = None;
    }

    /// `finesse` is there.
    pub(super) fn presence_seen(&mut self) {
        self.presence = None;
        self.logged_in_again = false;
    }

    /// `finesse` is not there, found at `now`.
    pub(super) fn presence_missing(&mut self, now: Instant) {
        Run::add(&mut self.presence, now, now);
    }

    /// Whether the presence has been missing, while the side reads in, for so long that only a new login can tell.
    pub(super) fn presence_due_for_login(&self) -> bool {
        self.reads_in() && !self.logged_in_again && Run::proves(self.presence, CHECK).is_some()
    }

    /// Attempts to make a session have failed while the side read in.
    pub(super) fn gives_no_session(&self) -> bool {
        self.logins.is_some()
    }

    /// The last read said in service.
    pub(super) fn reads_in(&self) -> bool {
        self.reading.is_some_and(|(reading, _)| reading.is_in())
    }

    /// The last read did not say in service.
    pub(super) fn failed_last(&self) -> bool {
        self.reading.is_some_and(|(reading, _)| !reading.is_in())
    }

    /// At least two reads in a row were not in service, counted or not.
    pub(super) fn failed_twice(&self) -> bool {
        !self.reads_in() && self.reads.map_or(0, |run| run.times as usize) + self.pending.len() >= 2
    }

    /// Whether this side is out, by which check, and since when that can be said. `xmpp` tells whether a session is up
    /// there.
    pub(super) fn out(&self, xmpp: bool) -> Option<(Proof, Instant)> {
        let read_counts = !(xmpp && self.presence.is_none() && self.unclear());
        if let Some(at) = Run::proves(self.reads, self.reads_prove_after(xmpp)).filter(|_| read_counts) {
            return Some((Proof::Reads, at));
        }
        if let Some(run) = self.logins.filter(|_| !xmpp && self.reads_in()) {
            // a stream that is asked for at the end is one more check, and the last
            if !self.login_stage && run.times + 1 >= TIMES {
                return Some((Proof::Stream, run.since + CHECK));
            }
            return Run::proves(self.logins, CHECK).map(|at| (Proof::Login, at));
        }
        let presence = if self.reads_in() { self.logged_in_again.then_some(CHECK) } else { Some(SILENT) };
        let at = presence.and_then(|long| Run::proves(self.presence, long)).filter(|_| xmpp)?;
        Some((Proof::Presence, at))
    }

    fn reads_prove_after(&self, xmpp: bool) -> Duration {
        let quick = !xmpp && matches!(self.reading, Some((Reading::Refused | Reading::Gateway, _)));
        if quick { REFUSED } else { SILENT }
    }

    /// When the check that fails will have proven this side out, if it goes on, and whether it has failed more than once.
    pub(super) fn will_prove(&self, xmpp: bool) -> Option<(Proof, Instant, bool)> {
        let logins = self.logins.map(|run| (Proof::Stream, run.since + CHECK, run.times > 1));
        self.reads
            .map(|run| (Proof::Reads, run.since + self.reads_prove_after(xmpp), run.times > 1))
            .or(logins)
    }

    /// The last read was not answered.
    pub(super) fn silent(&self) -> bool {
        matches!(self.reading, Some((Reading::Silent, _)))
    }

    fn unclear(&self) -> bool {
        matches!(self.reading, Some((Reading::Unclear, _)))
    }

    /// Whether the check that proves it has failed since then.
    pub(super) fn failed_since(&self, proof: Proof, at: Instant) -> bool {
        let run = match proof {
            Proof::Reads => self.reads,
            Proof::Stream | Proof::Login => self.logins,
            Proof::Presence => self.presence,
        };
        run.is_some_and(|run| run.last >= at)
    }

    /// When the side first read in, if it has done so since the last `forget`.
    pub(super) fn in_since(&self) -> Option<Instant> {
        self.in_run.map(|run| run.since)
    }

    /// Whether one can move here: read in twice, at least 5 s apart, and CTI well where it is told.
    pub(super) fn ready(&self) -> bool {
        self.in_run.is_some_and(|run| {
            let beats = match (run.first_beat, run.last_beat) {
                (Some(first), Some(last)) => last > first,
                _ => true,
            };
            run.last.since(run.since) >= TWICE && run.cti != Some(false) && beats
        })
    }

    /// A loss begins: what the alternate said before it does not count for moving.
    pub(super) fn forget_service(&mut self) {
        self.in_run = None;
    }

    /// A new beginning: nothing seen before counts.
    pub(super) fn forget_failures(&mut self) {
        (self.reads, self.logins, self.presence) = (None, None, None);
        self.logged_in_again = false;
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN: Reading = Reading::In { cti: None, heartbeat: None };

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1_000)
    }

    fn proof(side: &Evidence, xmpp: bool) -> Option<Proof> {
        side.out(xmpp).map(|(proof, _)| proof)
    }

    #[test]
    fn refusals_prove_after_eight_seconds_only_if_another_host_answers() {
        let mut alone = Evidence::default();
        let mut seen = Evidence::default();
        for second in 0..=8 {
            alone.read(Reading::Refused, at(second), at(second), None);
            seen.read(Reading::Refused, at(second), at(second), Some(at(second)));
        }
        assert_eq!(proof(&alone, false), None);
        assert_eq!(proof(&seen, false), Some(Proof::Reads));
        assert_eq!(proof(&seen, true), None, "with XMPP up it takes 20 s");
        alone.another_answered(at(9));
        assert_eq!(proof(&alone, false), None, "only the last five seconds count");
    }

    #[test]
    fn a_doubt_that_ended_counts_no_more() {
        let mut side = Evidence::default();
        side.read(IN, at(0), at(0), None);
        side.unreachable(at(10), at(13), Some(at(13)));
        side.ping_answered();
        for second in [60, 61, 62] {
            side.read(Reading::Refused, at(second), at(second), Some(at(second)));
        }
        assert_eq!(proof(&side, false), None);
        side.ping_answered();
        side.read(Reading::Refused, at(68), at(68), Some(at(68)));
        assert_eq!(proof(&side, false), Some(Proof::Reads), "reads that fail are their own evidence");
    }

    #[test]
    fn one_good_read_ends_a_run() {
        let mut side = Evidence::default();
        for second in 0..30 {
            side.read(Reading::Out { cti_lost: true }, at(second), at(second), None);
        }
        assert_eq!(proof(&side, true), Some(Proof::Reads));
        side.read(IN, at(30), at(30), None);
        assert_eq!(proof(&side, true), None);
    }

    #[test]
    fn the_alternate_is_ready_after_two_reads_with_an_advancing_heartbeat() {
        let beat = |heartbeat| Reading::In { cti: Some(true), heartbeat: Some(heartbeat) };
        let mut side = Evidence::default();
        side.read(beat(1), at(0), at(0), None);
        side.read(beat(1), at(6), at(6), None);
        assert!(!side.ready());
        side.read(beat(2), at(7), at(7), None);
        assert!(side.ready());
        side.forget_service();
        assert!(!side.ready());
    }

    #[test]
    fn a_missing_presence_first_asks_for_a_new_login() {
        let mut side = Evidence::default();
        side.read(IN, at(0), at(0), None);
        for second in [0, 5, 10, 15] {
            side.presence_missing(at(second));
        }
        assert!(side.presence_due_for_login());
        assert_eq!(proof(&side, true), None);
        side.logged_in_again = true;
        assert_eq!(proof(&side, true), Some(Proof::Presence));
    }
}
