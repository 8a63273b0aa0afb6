//! Pace: a server that comes back must not be met by all its agents in the same second.
//!
//! Two rates hold for a side and for the whole site: 65 logins a second, and some 200 reads after the first of each
//! agent, which comes at once (1,000 a second). Every agent draws its own moment from a window as wide as the site
//! needs. The windows are drawn by each keeper alone; nobody coordinates.

use crate::rng::Rng;
use crate::time::Duration;

/// Draws moments for one agent of a site.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    agents: u64,
    rng: Rng,
}

/// Logins a second that one side takes well (2,000 agents in 31 s; Cisco's own desktop takes 70–80 s for them).
const LOGINS_PER_SECOND: u64 = 65;
/// The shortest time between two tries of one keeper.
const TRY_MIN: Duration = Duration::from_millis(500);
/// Tries within this time of the loss keep the quick pace.
const QUICK: Duration = Duration::from_secs(30);
/// The widest window of slow tries.
const SLOW_MAX: Duration = Duration::from_secs(30);
/// In service, the own side is read this often (± 50 %): a missed notice is found.
const OWN_IN_SERVICE: Duration = Duration::from_secs(120);
/// In service, the alternate is read this often (± 50 %): a hole in the safety net is found before it matters.
const ALTERNATE_IN_SERVICE: Duration = Duration::from_secs(300);

impl Pace {
    pub(crate) fn new(agents: u32, rng: Rng) -> Self {
        Self { agents: u64::from(agents), rng }
    }

    fn window(&self, per_second: u64) -> Duration {
        Duration::from_millis(self.agents.saturating_mul(1_000) / per_second)
    }

    /// Until the first read of the own side after a loss, and the first connection attempt.
    pub(crate) fn first(&mut self) -> Duration {
        let window = self.window(1_000);
        self.rng.between(Duration::ZERO, window)
    }

    /// Until the first read of the alternate after a loss.
    pub(crate) fn first_of_alternate(&mut self) -> Duration {
        let window = self.window(200);
        self.rng.between(Duration::ZERO, window)
    }

    /// How much further apart than on a small site answers of the two sides may lie and still be of one moment: they are
    /// asked for so seldom.
    pub(crate) fn slack(&self) -> Duration {
        self.window(200).saturating_sub(super::evidence::NEAR)
    }

    /// Until the next read of either side while out of service.
    pub(crate) fn next_read(&mut self) -> Duration {
        let window = self.window(100);
        self.rng.between(TRY_MIN, TRY_MIN + window)
    }

    /// Until the next read of the own side in service.
    pub(crate) fn own_in_service(&mut self) -> Duration {
        self.rng.between(OWN_IN_SERVICE / 2, OWN_IN_SERVICE * 3 / 2)
    }

    /// Until the next read of the alternate in service.
    pub(crate) fn alternate_in_service(&mut self) -> Duration {
        self.rng.between(ALTERNATE_IN_SERVICE / 2, ALTERNATE_IN_SERVICE * 3 / 2)
    }

    /// An agent's turn after a loss that others share; agents on a call are served in the first half.
    pub(crate) fn turn(&mut self, on_a_call: bool) -> Duration {
        let window = self.window(LOGINS_PER_SECOND);
        self.rng.between(Duration::ZERO, if on_a_call { window / 2 } else { window })
    }

    /// Until the next connection attempt, `lost_for` after the loss: quick for 30 s, then doubling.
    pub(crate) fn next_attempt(&mut self, lost_for: Duration) -> Duration {
        let window = self.window(LOGINS_PER_SECOND);
        if lost_for < QUICK {
            return self.rng.between(TRY_MIN, TRY_MIN + window);
        }
        let slow = ((lost_for - QUICK) / 2).clamp(TRY_MIN + window, SLOW_MAX.max(TRY_MIN + window));
        self.rng.between(slow / 2, slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_agent_hardly_waits_and_a_thousand_spread_out() {
        let mut one = Pace::new(1, Rng::new(1));
        assert!(one.first() <= Duration::from_millis(1));
        assert!(one.next_attempt(Duration::ZERO) <= Duration::from_millis(515));
        let mut site = Pace::new(1_000, Rng::new(1));
        let turns: Vec<_> = (0..1_000).map(|_| site.turn(false)).collect();
        assert!(turns.iter().all(|turn| *turn <= Duration::from_millis(15_384)));
        assert!(turns.iter().any(|turn| *turn > Duration::from_secs(14)));
    }

    #[test]
    fn attempts_slow_down_to_half_a_minute() {
        let mut one = Pace::new(1, Rng::new(1));
        let late = one.next_attempt(Duration::from_secs(3_600));
        assert!(late >= Duration::from_secs(15) && late <= Duration::from_secs(30));
    }
}
