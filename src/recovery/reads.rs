//! When each side is read, and when the next attempt is due.

use super::evidence::Proof;
use super::pace::Fails;
use super::state::State;
use super::{Action, REFUSAL_WINDOW, REFUSALS, Recovery, Side, Timer};
use crate::time::{Duration, Instant};

/// `Retry-After` is obeyed up to this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
/// Between two reads of a side.
const READ_MIN: Duration = Duration::from_millis(500);
/// The last read but one before a move comes so long before the last.
const LAST_BUT_ONE: Duration = Duration::from_secs(1);
/// So long it takes to find that a read is not answered.
const SILENCE: Duration = Duration::from_secs(3);

impl Recovery {
    /// Sends a read, instead of one under way.
    pub(super) fn read_now(&mut self, side: Side) {
        if self.known(side) {
            self.timers.clear(Timer::Read(side));
            *self.reading.get_mut(side) = true;
            self.act(Action::Read(side));
            if self.shared {
                self.act(Action::Probe); // a container's word may have been missed, and is said once
            }
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
        let place = self.place();
        self.read_at(here, now + self.pace.first_read(place));
        self.read_at(here.other(), now + self.pace.first_of_alternate(place));
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
            true if !own && self.sides.get(side).reading.is_none() => {
                let place = self.pace.place();
                self.pace.first_of_alternate(place)
            }
            true if !own => self.pace.alternate_in_service(),
            _ => self.pace.next_read(),
        };
        let at = if healthy { now + wait } else { self.in_time_to_move(side, now + wait, now) };
        let asked = now + retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
        self.timers.set(Timer::Read(side), at.max(asked));
    }

    /// Our place in the queue, while something is lost.
    fn place(&mut self) -> u32 {
        match &self.loss {
            Some(loss) => loss.place,
            None => self.pace.place(),
        }
    }

    /// Our turn to move, if this side can first be proven out at `proven`.
    pub(super) fn turn_to_move(&self, proof: Proof, proven: Instant) -> Instant {
        let place = self.loss.as_ref().map_or(0, |loss| loss.place);
        let fails = match proof {
            Proof::Reads if self.sides.get(self.here()).silent() => Fails::Silent,
            Proof::Reads => Fails::Reads,
            _ => Fails::Other,
        };
        proven + self.pace.move_turn(place, self.on_a_call, fails)
    }

    /// The next read comes no later than a move needs it: of this side when it is our turn, of the other one before that.
    fn in_time_to_move(&mut self, side: Side, at: Instant, now: Instant) -> Instant {
        let here = self.here();
        let Some((proof, proven, again)) = self.sides.get(here).will_prove(self.xmpp()) else { return at };
        let turn = self.turn_to_move(proof, proven);
        if side != here {
            let evidence = self.sides.get(side);
            let early = at.min((turn - READ_MIN).max(now + super::evidence::TWICE));
            return if evidence.reads_in() && !evidence.ready() { early } else { at };
        }
        if proof != Proof::Reads {
            return at;
        }
        let takes = if self.sides.get(here).silent() { SILENCE } else { Duration::ZERO };
        let due = turn - takes;
        if due <= now || at + takes <= due || !self.alternate {
            return at;
        }
        if again {
            return due;
        }
        // it takes three failures
        (due - LAST_BUT_ONE).max(now + due.since(now) / 2).max(now + READ_MIN)
    }

    /// What was found of the other side may make the next read of this one due earlier.
    pub(super) fn hurry_read(&mut self, now: Instant) {
        let here = self.here();
        if let Some(at) = self.timers.get(Timer::Read(here)).filter(|_| self.loss.is_some()) {
            let at = self.in_time_to_move(here, at, now);
            self.timers.set(Timer::Read(here), at);
        }
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
        let wait = match loss.attempts {
            0 => first,
            1 => self.pace.second_attempt(loss.place, now.since(loss.since)),
            _ => self.pace.next_attempt(now.since(loss.since)),
        };
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
