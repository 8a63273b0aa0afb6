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
/// Back for no longer than this is not back: what came in the first gap may not have been read yet.
const MOMENT: Duration = Duration::from_secs(30);
/// What has not happened.
const NEVER: WallTime = WallTime::from_millis(u64::MAX);

/// The time in which a side may sign the agent out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<S> {
    /// That side.
    pub side: S,
    /// Our presence was last known to be there.
    pub gone: WallTime,
    /// Not before.
    pub earliest: WallTime,
    /// Not after; never while a call holds it up.
    latest: WallTime,
    /// Our presence was there again.
    back: WallTime,
    /// Our presence was anywhere again.
    anywhere: WallTime,
    /// The machine slept before that.
    pub(super) slept: bool,
}

impl<S> Window<S> {
    /// Whether a forced logout of this time may be this side's.
    fn covers(&self, at: WallTime) -> bool {
        let end = if self.is_held() { NEVER } else { self.latest.min(self.back) };
        at + SLACK >= self.earliest && at <= end + SLACK
    }

    /// How long the agent was nowhere, in milliseconds.
    pub(super) fn gap(&self, now: WallTime) -> u64 {
        self.anywhere.min(now).as_millis().saturating_sub(self.gone.as_millis())
    }

    /// Not after; none while a call holds it up.
    #[must_use]
    pub fn latest(&self) -> Option<WallTime> {
        (!self.is_held()).then_some(self.latest)
    }

    /// A call holds it up. Our presence may be back by then: the logout may have been sent before that.
    fn is_held(&self) -> bool {
        self.latest == NEVER
    }

    fn is_open(&self) -> bool {
        self.back == NEVER
    }
}

/// When each side may sign the agent out.
#[derive(Clone, Debug)]
pub struct Clock<S> {
    /// Where our presence was last known to be, and when.
    here: Option<(S, WallTime)>,
    present: bool,
    on_a_call: bool,
    /// One of each side at most.
    windows: [Option<Window<S>>; 2],
}

impl<S> Default for Clock<S> {
    fn default() -> Self {
        Self { here: None, present: false, on_a_call: false, windows: [None, None] }
    }
}

impl<S: Copy + PartialEq> Clock<S> {
    /// Our presence is known to be on this side: its window ends, unless a logout may be waiting for a call.
    pub fn seen(&mut self, side: S, now: WallTime) {
        (self.here, self.present) = (Some((side, now)), true);
        for slot in &mut self.windows {
            let Some(window) = slot else { continue };
            window.anywhere = window.anywhere.min(now);
            if window.side == side {
                window.back = window.back.min(now);
                // what ended before the first moment was none
                if window.back < window.earliest {
                    *slot = None;
                }
            }
        }
    }

    /// Our presence is not known to be anywhere. Tells whether that is new.
    pub fn absent(&mut self) -> bool {
        let Some((side, gone)) = self.here.filter(|_| core::mem::replace(&mut self.present, false)) else {
            return false;
        };
        let mut window = Window {
            side,
            gone,
            earliest: gone + GRACE,
            latest: if self.on_a_call { NEVER } else { gone + LATEST },
            back: NEVER,
            anywhere: NEVER,
            slept: false,
        };
        if let Some(before) = self.of(side) {
            if before.is_open() {
                return true;
            }
            let still = before.back <= before.latest + SLACK || before.anywhere == before.back;
            if before.back + MOMENT >= gone && still {
                (window.gone, window.earliest, window.slept) = (before.gone, before.earliest, before.slept);
            }
            *before = window;
        } else if let Some(slot) = self.windows.iter_mut().find(|slot| slot.is_none()) {
            *slot = Some(window);
        }
        true
    }

    /// We leave by ourselves; `at_once` if that is for the other side while this one is in service.
    pub fn left(&mut self, at_once: bool, now: WallTime) {
        if let Some((_, seen)) = self.here.as_mut().filter(|_| self.present) {
            *seen = now;
        }
        self.absent();
        if at_once
            && let Some((side, _)) = self.here
            && let Some(window) = self.of(side)
        {
            window.earliest = window.earliest.min(now);
        }
    }

    /// The agent has calls, or has none.
    pub fn calls(&mut self, on_a_call: bool, now: WallTime) {
        if core::mem::replace(&mut self.on_a_call, on_a_call) == on_a_call {
            return;
        }
        for window in self.windows.iter_mut().flatten() {
            if on_a_call {
                if window.is_open() && now <= window.latest {
                    window.latest = NEVER;
                }
            } else if window.is_held() {
                window.latest = if window.is_open() { now + LATEST } else { now };
                window.back = window.back.max(window.latest);
            }
        }
    }

    /// The machine slept.
    pub fn slept(&mut self) {
        for window in self.windows.iter_mut().flatten() {
            window.slept |= window.anywhere == NEVER;
        }
    }

    /// Nobody waits for us any more: the application closed, or another session of the agent is present.
    pub fn forget(&mut self) {
        (self.here, self.present) = (None, false);
        self.windows = [None, None];
    }

    /// The window that the agent should know of: the one that begins first of those that are not over.
    #[must_use]
    pub fn current(&self, now: WallTime) -> Option<&Window<S>> {
        let mut first: Option<&Window<S>> = None;
        for window in self.windows.iter().flatten() {
            if self.is_on(window, now) && first.is_none_or(|first| window.earliest < first.earliest) {
                first = Some(window);
            }
        }
        first
    }

    /// Takes out the window in which a forced logout of this time falls, on our clock: it has come. Of two it is the one with
    /// the longer gap, which is the least that may be undone.
    pub(super) fn take(&mut self, at: WallTime, now: WallTime) -> Option<Window<S>> {
        let mut taken: Option<&mut Option<Window<S>>> = None;
        let mut longest = 0;
        for slot in &mut self.windows {
            if let Some(window) = slot
                && window.covers(at)
                && (taken.is_none() || window.gap(now) > longest)
            {
                longest = window.gap(now);
                taken = Some(slot);
            }
        }
        taken?.take()
    }

    /// Where our presence was last known to be.
    #[must_use]
    pub const fn here(&self) -> Option<(S, WallTime)> {
        self.here
    }

    /// The windows that are open, as a snapshot keeps them: side, earliest, latest.
    pub fn kept(&self) -> impl Iterator<Item = &Window<S>> {
        self.windows.iter().flatten().filter(|window| window.is_open())
    }

    /// Goes on with a window of an earlier life.
    pub fn restore(&mut self, side: S, gone: WallTime, earliest: WallTime, latest: Option<WallTime>) {
        self.here = Some((side, gone));
        self.on_a_call |= latest.is_none(); // until it is known whether it still lives
        if let Some(slot) = self.windows.iter_mut().find(|slot| slot.is_none()) {
            let (latest, back, anywhere) = (latest.unwrap_or(NEVER), NEVER, NEVER);
            *slot = Some(Window { side, gone, earliest, latest, back, anywhere, slept: false });
        }
    }

    /// Once we are on another side it is over at `latest`; while we are nowhere, who knows.
    fn is_on(&self, window: &Window<S>, now: WallTime) -> bool {
        let over = if window.is_open() { self.present && now > window.latest } else { !window.is_held() };
        !over
    }

    fn of(&mut self, side: S) -> Option<&mut Window<S>> {
        self.windows.iter_mut().flatten().find(|window| window.side == side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> WallTime {
        WallTime::from_millis(seconds * 1_000)
    }

    fn times(clock: &Clock<char>, now: u64) -> Option<(char, u64, Option<u64>)> {
        let seconds = |at: WallTime| at.as_millis() / 1_000;
        clock.current(at(now)).map(|it| (it.side, seconds(it.earliest), it.latest().map(seconds)))
    }

    fn lost(side: char, now: u64) -> Clock<char> {
        let mut clock = Clock::default();
        clock.seen(side, at(now));
        assert!(clock.absent() && !clock.absent(), "new once");
        clock
    }

    #[test]
    fn from_the_last_answer_until_presence_is_back_there() {
        let mut clock = lost('a', 10);
        assert_eq!(times(&clock, 900), Some(('a', 70, Some(190))), "nowhere: who knows");
        clock.seen('a', at(69));
        assert_eq!(times(&clock, 69), None);
        assert!(clock.take(at(69), at(69)).is_none(), "back before anything could be forced");
        let mut clock = lost('a', 10);
        clock.seen('a', at(100));
        assert_eq!(times(&clock, 100), None);
        assert!(
            clock.clone().take(at(64), at(100)).is_none() && clock.clone().take(at(106), at(100)).is_none()
        );
        assert!(clock.take(at(80), at(100)).is_some() && clock.take(at(80), at(100)).is_none(), "once");
    }

    #[test]
    fn the_side_that_was_left_keeps_its_time() {
        for (at_once, earliest) in [(true, 18), (false, 78)] {
            let mut clock = Clock::default();
            clock.seen('a', at(10));
            clock.left(at_once, at(18));
            clock.seen('b', at(20));
            assert_eq!(times(&clock, 198), Some(('a', earliest, Some(198))));
            assert_eq!(times(&clock, 199), None);
            clock.seen('b', at(150));
            clock.absent();
            assert_eq!(times(&clock, 160), Some(('a', earliest, Some(198))), "the one that begins first");
            clock.seen('a', at(170));
            clock.seen('b', at(171));
            assert_eq!(times(&clock, 171), None, "back on both");
        }
    }

    #[test]
    fn a_side_that_was_lost_before_it_was_left_was_gone_since_then() {
        let mut clock = lost('a', 10);
        clock.left(true, at(30));
        assert_eq!(times(&clock, 30), Some(('a', 30, Some(190))));
    }

    #[test]
    fn calls_hold_it_up_until_180_s_after_their_end() {
        let mut clock = Clock::default();
        clock.calls(true, at(0));
        clock.seen('a', at(10));
        clock.left(true, at(10));
        clock.seen('b', at(11));
        assert_eq!(times(&clock, 9_000), Some(('a', 10, None)));
        clock.calls(false, at(9_000));
        assert_eq!(times(&clock, 9_000), Some(('a', 10, Some(9_180))));
        clock.calls(true, at(9_100));
        assert_eq!(times(&clock, 9_100), Some(('a', 10, None)), "another call");
        clock.calls(false, at(9_200));
        clock.calls(true, at(9_381));
        assert_eq!(times(&clock, 9_381), None, "too late to hold anything up");
    }

    #[test]
    fn a_logout_that_waits_for_a_call_may_come_after_we_are_back() {
        for (back, waits) in [(69, false), (100, true)] {
            let mut clock = Clock::default();
            clock.calls(true, at(0));
            clock.seen('a', at(10));
            clock.absent();
            clock.seen('a', at(back));
            assert_eq!(times(&clock, 500).is_some(), waits);
            clock.calls(false, at(500));
            assert_eq!(times(&clock, 500), None);
            assert!(clock.clone().take(at(506), at(510)).is_none());
            assert_eq!(clock.take(at(501), at(510)).is_some(), waits);
        }
    }

    #[test]
    fn of_two_sides_the_longer_gap_is_taken() {
        let mut clock = Clock::default();
        clock.seen('a', at(0));
        clock.left(true, at(0));
        clock.seen('b', at(1));
        clock.absent();
        clock.seen('a', at(170));
        clock.seen('b', at(171));
        assert_eq!(clock.take(at(100), at(171)).map(|it| it.gap(at(171))), Some(169_000));
    }

    #[test]
    fn what_is_forgotten_is_over_and_what_is_restored_goes_on() {
        let mut clock = lost('a', 10);
        clock.forget();
        assert!(!clock.absent());
        assert_eq!(times(&clock, 20), None);
        clock.restore('a', at(10), at(70), Some(at(190)));
        assert_eq!(times(&clock, 20), Some(('a', 70, Some(190))));
        assert_eq!(clock.kept().count(), 1);
    }

    #[test]
    fn a_moments_return_does_not_end_it() {
        for (again, ends) in [(130, false), (131, true)] {
            let mut clock = lost('a', 10);
            clock.seen('a', at(100));
            clock.seen('a', at(again));
            clock.absent();
            let first = if ends { again + 60 } else { 70 };
            assert_eq!(times(&clock, again), Some(('a', first, Some(again + 180))));
        }
    }
}
