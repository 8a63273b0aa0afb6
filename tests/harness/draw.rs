//! Random choices of a test, the same for the same seed.

use finesse_keeper::rng::Rng;
use finesse_keeper::time::Duration;
use finesse_simulator::Manner;

/// Draws what comes next.
pub struct Draw(Rng);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }

    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        let (least, most) = (Duration::from_millis(least), Duration::from_millis(most));
        u64::try_from(self.0.between(least, most).as_millis()).unwrap()
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.between(0, bound - 1)
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    /// How a Tomcat that is down meets requests.
    pub fn tomcat(&mut self) -> Manner {
        self.one(&[Manner::Refused, Manner::Timeout, Manner::BadGateway, Manner::Unavailable])
    }
}
