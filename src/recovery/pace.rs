//! Pace: a server that comes back must not be met by all its agents in the same second.
//!
//! Two rates hold for a side and for the whole site: 65 logins a second, and some 250 reads, after the first 800, which come
//! at 500 a second. Every agent draws its own moments from windows as wide as the site needs; nobody coordinates. One draw for
//! each loss, the agent's place in the queue, orders what leads to a move: whoever is to go early reads both sides
//! early, so that each has its proof when its turn comes and nobody has to catch up. `tests/fleet.rs` measures it for
//! 2,000 agents in every kind of outage.

use crate::rng::Rng;
use crate::time::{Duration, millis};

/// How a side fails, as far as the wait for a move depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fails {
    /// Reads say so, or are refused.
    Reads,
    /// Nothing answers.
    Silent,
    /// Another check fails.
    Other,
}

/// Draws moments for one agent of a site.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    agents: u64,
    rng: Rng,
}

/// Logins a second that one side takes well (2,000 agents in 31 s; Cisco's own desktop takes 70–80 s for them).
const LOGINS_PER_SECOND: u64 = 65;
/// Tries come every half window on average, and so twice as often as this: when a service is back, its logins do.
const TRIES_PER_SECOND: u64 = 50;
/// Reads a second of a side; more come with moves and logins.
const READS_PER_SECOND: u64 = 125;
/// So many agents are first of all, 500 a second; the others 200.
const FIRST: u64 = 800;
/// Moves a second from a side that is silent, over the time that the pings of a large site do not spread by themselves.
const SILENT_PER_SECOND: u64 = 52;
/// What they do.
const PINGS: u64 = 10_000;
/// The shortest time between two tries of one keeper, in milliseconds.
const TRY_MIN: u64 = 500;
/// Tries within this time of the loss keep the quick pace.
const QUICK: Duration = Duration::from_secs(30);
/// The widest window of slow tries.
const SLOW_MAX: u64 = 30_000;
/// In service, the own side is read this often (± 50 %): a missed notice is found.
const OWN_IN_SERVICE: Duration = Duration::from_secs(120);
/// In service, the alternate is read this often (± 50 %): a hole in the safety net is found before it matters.
const ALTERNATE_IN_SERVICE: Duration = Duration::from_secs(300);

impl Pace {
    pub(crate) fn new(agents: u32, rng: Rng) -> Self {
        Self { agents: u64::from(agents), rng }
    }

    /// How long it takes to serve all at this rate, in milliseconds.
    fn all(&self, per_second: u64) -> u64 {
        self.agents * 1_000 / per_second
    }

    /// The same for those before us in the queue.
    fn before(&self, place: u32, per_second: u64) -> u64 {
        self.all(per_second) * u64::from(place) / 1_000
    }

    fn draw(&mut self, low: u64, high: u64) -> Duration {
        self.rng.between(Duration::from_millis(low), Duration::from_millis(high))
    }

    /// An agent's place in the queue of all that have lost the same, in thousandths.
    pub(crate) fn place(&mut self) -> u32 {
        self.draw(0, 999).subsec_millis()
    }

    /// Until the first read of the own side after a loss.
    pub(crate) fn first_read(&self, place: u32) -> Duration {
        let before = self.before(place, 1_000);
        Duration::from_millis(before * 2 + before.saturating_sub(FIRST) * 3)
    }

    /// Until the first read of the alternate after a loss. All have been read when the first agents move there.
    pub(crate) fn first_of_alternate(&self, place: u32) -> Duration {
        Duration::from_millis(self.before(place, 235))
    }

    /// Until a move, from the moment at which it can first be proven that it is needed: in order of place, whenever this
    /// agent came to read first. A silence is noticed by pings, whose own spread is worth some of the wait.
    pub(crate) fn move_turn(&self, place: u32, on_a_call: bool, fails: Fails) -> Duration {
        let window = match fails {
            Fails::Silent => self.all(SILENT_PER_SECOND).saturating_sub(PINGS),
            _ => self.all(LOGINS_PER_SECOND),
        };
        let turn = Duration::from_millis(calls_first(window, on_a_call) * u64::from(place) / 1_000);
        if fails == Fails::Reads { turn.saturating_sub(self.first_read(place)) } else { turn }
    }

    /// Until the first connection attempt.
    pub(crate) fn first(&mut self) -> Duration {
        self.draw(0, self.all(1_000))
    }

    /// How much further apart than on a small site answers of the two sides may lie and still be of one moment: they are
    /// asked for so seldom.
    pub(crate) fn slack(&self) -> Duration {
        Duration::from_millis(self.all(READS_PER_SECOND))
    }

    /// Until the next read of either side while out of service. What began evenly is to stay so.
    pub(crate) fn next_read(&mut self) -> Duration {
        let window = self.all(READS_PER_SECOND);
        self.draw(TRY_MIN.max(window / 2), TRY_MIN + window * 3 / 2)
    }

    /// Until the next read of the own side in service.
    pub(crate) fn own_in_service(&mut self) -> Duration {
        self.rng.between(OWN_IN_SERVICE / 2, OWN_IN_SERVICE * 3 / 2)
    }

    /// Until the next read of the alternate in service.
    pub(crate) fn alternate_in_service(&mut self) -> Duration {
        self.rng.between(ALTERNATE_IN_SERVICE / 2, ALTERNATE_IN_SERVICE * 3 / 2)
    }

    /// An agent's turn after a loss that others share; agents on a call are served in the first three quarters: were the
    /// time shorter, a site where most of them talk would knock too hard.
    pub(crate) fn turn(&mut self, on_a_call: bool) -> Duration {
        self.draw(0, calls_first(self.all(LOGINS_PER_SECOND), on_a_call))
    }

    /// Until the second connection attempt. It comes before our turn to move, for which it may be needed.
    pub(crate) fn second_attempt(&mut self, place: u32, lost_for: Duration) -> Duration {
        if lost_for < QUICK {
            return Duration::from_millis(TRY_MIN + self.before(place, TRIES_PER_SECOND));
        }
        self.next_attempt(lost_for)
    }

    /// Until the next connection attempt, `lost_for` after the loss: quick for 30 s, then doubling.
    pub(crate) fn next_attempt(&mut self, lost_for: Duration) -> Duration {
        let quick = TRY_MIN + self.all(TRIES_PER_SECOND);
        if lost_for < QUICK {
            return self.draw(TRY_MIN, quick);
        }
        let slow = (millis(lost_for - QUICK) / 2).clamp(quick, SLOW_MAX.max(quick));
        self.draw(slow / 2, slow)
    }
}

/// The time in which agents on a call are served, of a time for all.
const fn calls_first(window: u64, on_a_call: bool) -> u64 {
    if on_a_call { window * 3 / 4 } else { window }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_agent_hardly_waits_and_a_thousand_spread_out() {
        let mut one = Pace::new(1, Rng::new(1));
        assert!(one.first() <= Duration::from_millis(1));
        assert!(one.next_attempt(Duration::ZERO) <= Duration::from_millis(520));
        let mut site = Pace::new(1_000, Rng::new(1));
        let turns: Vec<_> = (0..1_000).map(|_| site.turn(false)).collect();
        assert!(turns.iter().all(|turn| *turn <= Duration::from_millis(15_384)));
        assert!(turns.iter().any(|turn| *turn > Duration::from_secs(14)));
        let last = [false, true].map(|talks| site.move_turn(999, talks, Fails::Other));
        assert!(last[1] < last[0] && last[0] < Duration::from_millis(15_384));
        assert_eq!(one.move_turn(999, false, Fails::Silent), Duration::ZERO);
    }

    #[test]
    fn attempts_slow_down_to_half_a_minute() {
        let mut one = Pace::new(1, Rng::new(1));
        let late = one.next_attempt(Duration::from_secs(3_600));
        assert!(late >= Duration::from_secs(15) && late <= Duration::from_secs(30));
    }
}
