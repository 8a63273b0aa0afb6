//! One time out of service, and whose fault it most likely was.
//!
//! What is seen changes while things break and heal: the web app is gone a moment before Tomcat does not answer, and while a
//! network comes back one server answers before the other. So the cause of an outage is what was seen longest.

use super::state::State;
use super::{Reason, Recovery, Side};
use crate::time::{Duration, Instant};

/// From leaving service until it is back, or until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since when.
    pub since: Instant,
    /// Until when; none while it lasts.
    pub until: Option<Instant>,
    /// What was seen longest; none where nothing told.
    pub cause: Option<Reason>,
    /// Which side that was about.
    pub side: Side,
    held: Duration,
    /// What is seen now, of which side, and since when.
    seen: (Reason, Side, Instant),
}

/// A loss so soon after a sleep came of it, where nothing else tells.
const SLEEP: Duration = Duration::from_secs(20);

impl Outage {
    /// The side that a cause is about: what is seen now, or what was seen longest.
    #[must_use]
    pub fn about(&self, cause: Reason) -> Side {
        if self.seen.0 == cause { self.seen.1 } else { self.side }
    }

    /// What was seen until now is weighed.
    fn weigh(&mut self, now: Instant) {
        let (reason, side, since) = self.seen;
        let held = now.since(since);
        // a container says that it fails, and not why: whatever tells more outweighs it
        let longer = match (reason, self.cause) {
            (Reason::Container, Some(known)) if known != Reason::Container => false,
            (_, Some(Reason::Container)) if reason != Reason::Container => true,
            _ => held >= self.held,
        };
        if !matches!(reason, Reason::Starting | Reason::ConnectionLost) && longer {
            (self.cause, self.side, self.held) = (Some(reason), side, held);
        }
    }
}

impl Recovery {
    /// The present outage, or the last one.
    #[must_use]
    pub fn outage(&self) -> Option<&Outage> {
        self.outage.as_ref()
    }

    /// Whose fault it most likely is that we are out of service, or last were.
    #[must_use]
    pub fn cause(&self) -> Option<Reason> {
        let outage = self.outage.as_ref()?;
        let told = match self.reason() {
            None | Some(Reason::ConnectionLost) => outage.cause.unwrap_or(Reason::Unknown),
            Some(Reason::Starting) => outage.cause?,
            Some(Reason::Container) => outage.cause.unwrap_or(Reason::Container),
            Some(reason) => reason,
        };
        Some(if told == Reason::Unreachable { Reason::Unknown } else { told })
    }

    /// Notes what is seen after each step.
    pub(super) fn weigh(&mut self, now: Instant) {
        let reason = self.reason();
        // while settling it is still said what came before, and of which side
        let settling = matches!(self.state, State::Settling { .. });
        let here = self.outage.filter(|_| settling).map_or(self.here(), |outage| outage.seen.1);
        match (reason, self.outage.as_mut().filter(|outage| outage.until.is_none())) {
            (Some(reason), Some(outage)) if (outage.seen.0, outage.seen.1) != (reason, here) => {
                outage.weigh(now);
                outage.seen = (reason, here, now);
            }
            (Some(reason), None) => {
                let slept = self.slept.is_some_and(|at| at + SLEEP > now);
                self.outage = Some(Outage {
                    since: self.doubted.unwrap_or(now),
                    until: None,
                    cause: slept.then_some(Reason::Slept),
                    side: here,
                    held: Duration::ZERO,
                    seen: (reason, here, now),
                });
            }
            (None, Some(outage)) => {
                outage.weigh(now);
                outage.until = Some(now);
                if outage.seen.0 == Reason::Starting && outage.cause.is_none() {
                    self.outage = None; // a start without trouble
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Loss, Reading, Setup, Signal};
    use super::*;
    use crate::rng::Rng;

    const IN: Reading = Reading::In { cti: None, heartbeat: None };

    struct Case(Recovery, Instant);

    impl Case {
        fn in_service() -> Self {
            let setup = Setup { alternate: true, agents: 1, preferred: Side::A, stays: false, shared: false };
            let mut case = Self(Recovery::new(setup, Rng::new(1)), Instant::from_millis(100_000));
            case.signal(Signal::Start);
            case.back();
            case
        }

        fn signal(&mut self, signal: Signal) {
            self.0.handle(signal, self.1);
        }

        fn read(&mut self, side: Side, reading: Reading) {
            self.signal(Signal::Read { side, reading, began: self.1, retry_after: None });
        }

        fn wait(&mut self, millis: u64) {
            self.1 = self.1 + Duration::from_millis(millis);
            self.0.handle_timeout(self.1);
        }

        /// A reads in, and everything follows.
        fn back(&mut self) {
            self.read(Side::A, IN);
            self.wait(10);
            self.signal(Signal::SessionUp { finesse: true });
            self.read(Side::A, IN);
            self.signal(Signal::ResyncDone);
            assert_eq!(self.0.reason(), None);
        }
    }

    #[test]
    fn a_start_without_trouble_is_no_outage() {
        let case = Case::in_service();
        assert_eq!((case.0.outage(), case.0.cause()), (None, None));
    }

    #[test]
    fn what_was_seen_longest_outlives_what_flickers_while_it_heals() {
        let mut case = Case::in_service();
        case.read(Side::B, IN); // so near to the loss that the reads of A would count for a move
        case.wait(500);
        let doubted = case.1;
        case.wait(2_000);
        case.signal(Signal::Suspect(doubted));
        case.read(Side::A, Reading::Silent);
        case.signal(Signal::SessionLost(Loss::Dead));
        for side in Side::BOTH {
            case.read(side, Reading::Silent);
        }
        assert_eq!(case.0.cause(), Some(Reason::OwnNetwork));
        case.wait(9_000);
        case.read(Side::B, IN);
        for _ in 0..2 {
            case.read(Side::A, Reading::Silent);
            case.wait(100);
        }
        assert_eq!(case.0.cause(), Some(Reason::Node), "as far as can be seen now");
        case.back();
        assert_eq!(case.0.cause(), Some(Reason::OwnNetwork));
        assert_eq!(case.0.outage().map(|outage| outage.since), Some(doubted), "from the first sign");
    }

    #[test]
    fn a_loss_right_after_a_sleep_came_of_it() {
        for (awake, cause) in [(0, Reason::Slept), (30_000, Reason::Unknown)] {
            let mut case = Case::in_service();
            case.signal(Signal::Slept(Duration::from_secs(3_600)));
            case.wait(awake);
            case.signal(Signal::SessionLost(Loss::Closed));
            case.back();
            assert_eq!(case.0.cause(), Some(cause));
        }
    }
}
