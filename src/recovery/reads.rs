//! When each side is read, and when the next attempt is due.

use super::state::State;
use super::{Action, REFUSAL_WINDOW, REFUSALS, Recovery, Side, Timer};
use crate::time::{Duration, Instant};

/// `Retry-After` is obeyed up to this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
/// Between two reads of a side.
const READ_MIN: Duration = Duration::from_millis(500);
/// A silent side's decisive read is sent this long before it can prove anything: it may take 3 s.
const DECISIVE: Duration = Duration::from_secs(17);

impl Recovery {
    /// Sends a read, instead of one under way.
    pub(super) fn read_now(&mut self, side: Side) {
        if self.known(side) {
            self.timers.clear(Timer::Read(side));
            *self.reading.get_mut(side) = true;
            self.act(Action::Read(side));
        }
    }

    /// The next read of a side comes no later than `at`, unless one is under way.
    pub(super) fn read_at(&mut self, side: Side, at: Instant) {
        if self.known(side) && !*self.reading.get(side) {
            self.timers.set_earliest(Timer::Read(side), at);
        }
    }

    /// Both sides are read soon: the first reads after a loss.
    pub(super) fn read_soon(&mut self, now: Instant) {
        let here = self.here();
        let (own, alternate) = (self.pace.first(), self.pace.first_of_alternate());
        self.read_at(here, now + own);
        self.read_at(here.other(), now + alternate);
    }

    /// Plans the next read of a side after one has ended.
    pub(super) fn plan_read(&mut self, side: Side, retry_after: Option<Duration>, now: Instant) {
        if !self.known(side) {
            return;
        }
        let healthy = matches!(self.state, State::InService { .. }) && !self.suspect;
        let own = side == self.here();
        let wait = match healthy {
            true if own && self.sides.get(side).reads_in() => self.pace.own_in_service(),
            true if !own && self.sides.get(side).reading.is_none() => self.pace.first_of_alternate(),
            true if !own => self.pace.alternate_in_service(),
            _ => self.pace.next_read(),
        };
        let at = if healthy { now + wait } else { self.in_time_to_prove(side, now + wait, now) };
        let asked = now + retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
        self.timers.set(Timer::Read(side), at.max(asked));
    }

    /// A side that fails is read when its failure can first prove something, if the next read would come later.
    fn in_time_to_prove(&mut self, side: Side, mut at: Instant, now: Instant) -> Instant {
        if let Some(since) = self.sides.get(side).silent_since() {
            let decisive = since + DECISIVE;
            if now < decisive && at + (super::evidence::SILENT - DECISIVE) > decisive {
                at = decisive;
            }
        }
        if let Some(until) = self.sides.get(side).refused_until() {
            at = at.min(until.max(now + READ_MIN) + self.pace.first_of_alternate());
        }
        at
    }

    fn known(&self, side: Side) -> bool {
        side == Side::A || self.alternate || side == self.here()
    }

    /// Plans the next attempt to make a session on a side that reads in; forgets it on one that does not.
    pub(super) fn plan_attempt(&mut self, now: Instant) {
        let State::Reconnecting { side } = self.state else { return };
        if !self.sides.get(side).reads_in() {
            return self.timers.clear(Timer::Attempt);
        }
        if self.timers.get(Timer::Attempt).is_some() || self.probe.is_some() {
            return;
        }
        let first = self.pace.first();
        self.draw_turn(now);
        let Some(loss) = &self.loss else { return };
        let (attempts, lost_for) = (loss.attempts, now.since(loss.since));
        let wait = if attempts == 0 { first } else { self.pace.next_attempt(lost_for) };
        let at = self.attempt_not_before().unwrap_or(now).max(now + wait);
        self.timers.set(Timer::Attempt, at);
    }

    /// The turn to log in after a loss that others share is drawn once, from the moment the way is clear.
    pub(super) fn draw_turn(&mut self, now: Instant) {
        let turn = self.pace.turn(self.on_a_call);
        if let Some(loss) = &mut self.loss
            && loss.shared
            && loss.turn.is_none()
        {
            loss.turn = Some(now + turn);
        }
    }

    /// Our turn, or the pause after a refusal.
    pub(super) fn attempt_not_before(&self) -> Option<Instant> {
        self.refusal_pause().max(self.loss.as_ref().and_then(|loss| loss.turn))
    }

    /// Whether the next attempt waits for nothing but that.
    pub(super) fn held_back(&self) -> bool {
        let attempt = self.timers.get(Timer::Attempt);
        attempt.is_some() && attempt == self.refusal_pause()
    }

    /// Until then another login would follow a refusal too soon, or might be one too many.
    pub(super) fn refusal_pause(&self) -> Option<Instant> {
        self.not_before.max(self.refusals.iter().rev().nth(REFUSALS - 1).map(|at| *at + REFUSAL_WINDOW))
    }
}
