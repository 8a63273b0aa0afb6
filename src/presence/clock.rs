//! The forced-logout clock: when Finesse may sign the agent out for our absence (Cisco: desktop presence and forced logout).
//!
//! Each side sees our presence by itself. One that no longer does waits 60 s, and where nothing told it that we are gone it
//! takes up to 120 s to notice; then, if it is in service, it forces the logout, wherever the agent is by then. So time is
//! counted from the last answered ping on that side, and ends when our presence is known to be back *there*:
//!
//! | what happened | earliest | latest |
//! |---|---|---|
//! | crash, lost network, closed or reloaded page | 60 s | 180 s |
//! | we left a side that is still in service, for the other one | at once | 180 s |
//! | the same with a call | the same | 180 s after the last call has ended |
//!
//! A call counts if it lives while the logout may come: a side that has waited for it long enough sends the logout when it
//! ends. Times are readings of our own wall clock.

use crate::time::{Duration, WallTime};

/// Finesse waits at least this long after it saw an agent go.
const GRACE: Duration = Duration::from_secs(60);
/// Up to 120 s to notice, and the 60 s.
const LATEST: Duration = Duration::from_secs(180);
/// A server's clock is known to within the time of a read of it, and CTI takes a moment.
const SLACK: Duration = Duration::from_secs(5);
/// Windows that are remembered.
const WINDOWS: usize = 8;

/// The time in which a side may sign the agent out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<S> {
    /// That side.
    pub side: S,
    /// Our presence was last known to be there.
    pub gone: WallTime,
    /// Not before.
    pub earliest: WallTime,
    /// Not after; none while a call holds it up.
    pub latest: Option<WallTime>,
    /// Our presence was there again.
    back: Option<WallTime>,
    /// Our presence was anywhere again.
    pub(super) anywhere: Option<WallTime>,
    /// The machine slept before that.
    pub(super) slept: bool,
}

impl<S> Window<S> {
    /// Whether a forced logout of this time may be this side's.
    fn covers(&self, at: WallTime) -> bool {
        let end = match (self.latest, self.back) {
            (Some(latest), Some(back)) => Some(latest.min(back)),
            (latest, _) => latest,
        };
        at + SLACK >= self.earliest && end.is_none_or(|end| at <= end + SLACK)
    }

    /// Our presence is back, but the logout may have been sent before, and waits for the end of a call.
    fn waits_for_call(&self) -> bool {
        self.back.is_some() && self.latest.is_none()
    }
}

/// When each side may sign the agent out.
#[derive(Clone, Debug)]
pub struct Clock<S> {
    /// Where our presence was last known to be, and when.
    here: Option<(S, WallTime)>,
    present: bool,
    on_a_call: bool,
    windows: Vec<Window<S>>,
}

impl<S> Default for Clock<S> {
    fn default() -> Self {
        Self { here: None, present: false, on_a_call: false, windows: Vec::new() }
    }
}

impl<S: Copy + PartialEq> Clock<S> {
    /// Our presence is known to be on this side: its window ends, unless a logout may be waiting for a call.
    pub fn seen(&mut self, side: S, now: WallTime) {
        (self.here, self.present) = (Some((side, now)), true);
        for window in &mut self.windows {
            window.anywhere.get_or_insert(now);
            if window.side == side {
                window.back.get_or_insert(now);
            }
        }
        // what ended before the first moment was none
        self.windows.retain(|window| window.back.is_none_or(|back| back >= window.earliest));
    }

    /// Our presence is not known to be anywhere. Tells whether that is new.
    pub fn absent(&mut self) -> bool {
        let Some((side, gone)) = self.here.filter(|_| core::mem::replace(&mut self.present, false)) else {
            return false;
        };
        if self.open(side).is_none() {
            if self.windows.len() >= WINDOWS {
                self.windows.remove(0);
            }
            let latest = (!self.on_a_call).then_some(gone + LATEST);
            let (back, anywhere) = (None, None);
            self.windows.push(Window {
                side,
                gone,
                earliest: gone + GRACE,
                latest,
                back,
                anywhere,
                slept: false,
            });
        }
        true
    }

    /// We leave by ourselves; `at_once` if that is for the other side while this one is in service.
    pub fn left(&mut self, at_once: bool, now: WallTime) {
        if let Some((_, seen)) = self.here.as_mut().filter(|_| self.present) {
            *seen = now;
        }
        self.absent();
        let Some((side, _)) = self.here else { return };
        if let Some(window) = self.open(side).filter(|_| at_once) {
            window.earliest = window.earliest.min(now);
        }
    }

    /// The agent has calls, or has none.
    pub fn calls(&mut self, on_a_call: bool, now: WallTime) {
        if core::mem::replace(&mut self.on_a_call, on_a_call) == on_a_call {
            return;
        }
        for window in &mut self.windows {
            match window.latest {
                Some(latest) if on_a_call && window.back.is_none() && now <= latest => window.latest = None,
                None if !on_a_call && window.back.is_some() => {
                    window.latest = Some(now);
                    window.back = Some(now);
                }
                None if !on_a_call => window.latest = Some(now + LATEST),
                _ => {}
            }
        }
    }

    /// The machine slept.
    pub fn slept(&mut self) {
        for window in &mut self.windows {
            window.slept |= window.anywhere.is_none();
        }
    }

    /// Nobody waits for us any more: the application closed, or another session of the agent is present.
    pub fn forget(&mut self) {
        (self.here, self.present) = (None, false);
        self.windows.clear();
    }

    /// The window that the agent should know of: the one that begins first of those that are not over.
    #[must_use]
    pub fn current(&self, now: WallTime) -> Option<&Window<S>> {
        self.windows.iter().filter(|window| self.is_on(window, now)).min_by_key(|window| window.earliest)
    }

    /// When this side may first sign the agent out.
    #[must_use]
    pub fn earliest(&self, side: S) -> Option<WallTime> {
        let open = |window: &&Window<S>| window.side == side && window.back.is_none();
        self.windows.iter().find(open).map(|window| window.earliest)
    }

    /// When [`Self::current`] changes by the mere passing of time.
    #[must_use]
    pub fn over_at(&self, now: WallTime) -> Option<WallTime> {
        let ends = |window: &Window<S>| window.latest.filter(|latest| self.present && *latest >= now);
        self.windows.iter().filter(|window| self.is_on(window, now)).filter_map(ends).min()
    }

    /// The window in which a forced logout of this time falls, on our clock.
    pub(super) fn covering(&self, at: WallTime) -> Option<&Window<S>> {
        self.windows.iter().rev().find(|window| window.covers(at))
    }

    /// Where our presence was last known to be.
    #[must_use]
    pub const fn here(&self) -> Option<(S, WallTime)> {
        self.here
    }

    /// The windows that are open, as a snapshot keeps them: side, earliest, latest.
    pub fn kept(&self) -> impl Iterator<Item = &Window<S>> {
        self.windows.iter().filter(|window| window.back.is_none())
    }

    /// Goes on with a window of an earlier life.
    pub fn restore(&mut self, side: S, gone: WallTime, earliest: WallTime, latest: Option<WallTime>) {
        self.here = Some((side, gone));
        if self.windows.len() < WINDOWS {
            let (back, anywhere) = (None, None);
            self.windows.push(Window { side, gone, earliest, latest, back, anywhere, slept: false });
        }
    }

    /// Once we are on another side it is over at `latest`; while we are nowhere, who knows.
    fn is_on(&self, window: &Window<S>, now: WallTime) -> bool {
        let open =
            window.back.is_none() && (!self.present || window.latest.is_none_or(|latest| now <= latest));
        open || window.waits_for_call()
    }

    fn open(&mut self, side: S) -> Option<&mut Window<S>> {
        self.windows.iter_mut().find(|window| window.side == side && window.back.is_none())
    }
}
