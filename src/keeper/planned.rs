//! A move that the application asks for ahead of time, as for maintenance (Cisco: maintenance mode).
//!
//! A site is told at once that a side will be serviced. Each keeper goes at a moment of its own, says so 15 s ahead, as
//! Finesse tells its gadgets, and not during a call.

use super::{EntryKind, Event, Keeper, Timer};
use crate::recovery::{Side, Signal, StateName};
use crate::time::{Duration, Instant};

/// A move that is to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    from: Side,
    /// Until then it is tried again where it could not be made.
    until: Instant,
}

/// A move is announced so long ahead.
const AHEAD: Duration = Duration::from_secs(15);
/// After a call, or a failure, all must have been well for a moment.
const LATER: Duration = Duration::from_secs(5);
/// A move that could not be made is tried again after this.
const AGAIN: Duration = Duration::from_secs(60);

impl Keeper {
    /// Leaves this side at a random moment of the next `time`.
    pub(super) fn plan_move(&mut self, time: Duration) {
        let now = self.now.instant;
        self.drop_plan();
        let Some(from) = self.recovery.side().filter(|side| self.sides.get(side.other()).is_known()) else {
            return self.signal(Signal::Move); // says why it cannot be
        };
        self.plan = Some(Plan { from, until: now + time });
        let at = now + self.rng.between(Duration::ZERO, time.saturating_sub(AHEAD));
        self.timers.set(Timer::Announce, at);
        let text = String::from_iter(["will move from ", from.as_str(), " when its moment has come"]);
        self.note(Some(from), EntryKind::Move, text);
    }

    pub(super) fn drop_plan(&mut self) {
        self.plan = None;
        self.timers.clear(Timer::Announce);
        self.timers.clear(Timer::Move);
    }

    /// Whether the planned move can be made now. Another way to the other side, or a stop, is the end of the plan.
    fn can_move(&mut self) -> bool {
        let elsewhere = self.plan.is_none_or(|plan| self.recovery.side() != Some(plan.from));
        let late = self.plan.is_some_and(|plan| plan.until + AGAIN < self.now.instant);
        if elsewhere || late || self.recovery.stopped().is_some() {
            self.drop_plan();
            return false;
        }
        let can = self.recovery.state() == StateName::InService && !self.resync.on_a_call();
        if !can {
            self.timers.set(Timer::Announce, self.now.instant + LATER);
        }
        can
    }

    pub(super) fn announce_move(&mut self) {
        if let Some(plan) = self.plan
            && self.can_move()
        {
            let to = plan.from.other();
            self.note(Some(plan.from), EntryKind::Move, "moving in 15 s");
            self.emit(Event::Moving { to, at: self.now.wall + AHEAD });
            self.timers.set(Timer::Move, self.now.instant + AHEAD);
        }
    }

    pub(super) fn move_as_planned(&mut self) {
        if self.can_move() {
            self.signal(Signal::Move);
            let again = self.now.instant + AGAIN;
            if self.plan.is_some_and(|plan| plan.until > again) {
                self.timers.set(Timer::Announce, again);
            } else {
                self.drop_plan();
            }
        }
    }
}
