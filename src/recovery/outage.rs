//! One time out of service, and whose fault it most likely was.
//!
//! What is seen changes while things break and heal: the web app is gone a moment before Tomcat does not answer, and while a
//! network comes back one server answers before the other. So the cause of an outage is what was seen longest.

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
    /// What was seen until now is weighed.
    fn weigh(&mut self, now: Instant) {
        let (reason, side, since) = self.seen;
        let held = now.since(since);
        if !matches!(reason, Reason::Starting | Reason::ConnectionLost) && held >= self.held {
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
            Some(reason) => reason,
        };
        Some(if told == Reason::Unreachable { Reason::Unknown } else { told })
    }

    /// Notes what is seen after each step.
    pub(super) fn weigh(&mut self, now: Instant) {
        let (reason, here) = (self.reason(), self.here());
        match (reason, self.outage.as_mut().filter(|outage| outage.until.is_none())) {
            (Some(reason), Some(outage)) if outage.seen.0 != reason => {
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
