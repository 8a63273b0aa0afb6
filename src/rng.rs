//! Randomness as a parameter: one seed, one run.

use core::time::Duration;

/// A small seeded generator (splitmix64): spreads agents in time, makes ids. Not for secrets.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that will always give the same numbers for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A duration drawn evenly from `low` to `high`, in whole milliseconds; `low` where `high` is not above it.
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let span = u64::try_from(high.saturating_sub(low).as_millis()).unwrap_or(u64::MAX - 1);
        low + Duration::from_millis(if span == 0 { 0 } else { self.next_u64() % (span + 1) })
    }

    /// A generator of its own for a room, so that one room's draws do not shift another's.
    pub fn fork(&mut self) -> Self {
        Self(self.next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_numbers_within_bounds() {
        let (mut a, mut b) = (Rng::new(7), Rng::new(7));
        let (low, high) = (Duration::from_millis(500), Duration::from_millis(700));
        for _ in 0..1_000 {
            let drawn = a.between(low, high);
            assert_eq!(drawn, b.between(low, high));
            assert!(low <= drawn && drawn <= high);
        }
        assert_eq!(a.between(high, low), high);
    }
}
