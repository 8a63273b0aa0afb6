//! The other server: when to go there, and how often.

use super::evidence::Proof;
use super::state::State;
use super::{Action, Recovery, Side, Timer};
use crate::time::{Duration, Instant};

/// Between two moves, doubled for each further one within `MOVES_WINDOW`.
const MOVE_GAP: Duration = Duration::from_secs(60);
/// The largest gap.
const MOVE_GAP_MAX: Duration = Duration::from_secs(480);
/// Moves within this time count.
const MOVES_WINDOW: Duration = Duration::from_secs(600);
/// A move that has not come to a session after this time goes back to reconnecting.
const MOVE_LIMIT: Duration = Duration::from_secs(30);
/// So do this many failed attempts.
const MOVE_ATTEMPTS: u32 = 3;

/// Both sides were asked for a stream: the last proof before a move for a service that gives none.
#[derive(Clone, Debug, Default)]
pub(super) struct StreamProbe {
    here: Option<bool>,
    there: Option<bool>,
}

impl Recovery {
    /// Moves if this side is proven out, the other is ready and it is our turn.
    pub(super) fn consider_move(&mut self, now: Instant) {
        let here = self.here();
        if !self.alternate || self.stays || self.probe.is_some() {
            return;
        }
        let Some((proof, proven)) = self.sides.get(here).out(self.xmpp()) else { return };
        let there = self.sides.get(here.other());
        let Some(clear) = there.in_since().filter(|_| there.ready()) else { return };
        let turn = self.turn_to_move(proof, proven);
        let probe = self.probe_not_before.filter(|_| proof == Proof::Stream);
        let at = Some(turn).max(self.move_allowed_at()).max(probe).unwrap_or(now);
        if at > now {
            return self.timers.set(Timer::Move, at);
        }
        match proof {
            Proof::Stream => {
                self.probe = Some(StreamProbe::default());
                self.timers.clear(Timer::Attempt); // an attempt now would only blur the proof
                self.act(Action::ProbeStream(here));
                self.act(Action::ProbeStream(here.other()));
            }
            // our turn has come, and the other one is known to be well: has this one failed since? If it has, it counts
            // once the other one has answered beside it
            Proof::Reads | Proof::Presence if !self.sides.get(here).failed_since(proof, turn.max(clear)) => {
                let read = self.sides.get(here).reading.is_some_and(|(_, at)| at >= turn.max(clear));
                self.read_at(if read { here.other() } else { here }, now);
            }
            _ => self.begin_move(here, now),
        }
    }

    pub(super) fn on_stream(&mut self, side: Side, given: bool, now: Instant) {
        let State::Reconnecting { side: here } = self.state else { return };
        let Some(probe) = &mut self.probe else { return };
        self.sides.get_mut(side).stream_asked(given);
        if side == here {
            probe.here = Some(given);
        } else {
            probe.there = Some(given);
        }
        match (probe.here, probe.there) {
            (Some(true), _) => {
                self.probe = None;
                self.sides.get_mut(here).stream_given();
                // many learn it so, and others try by themselves
                let soon = now + self.pace.turn(self.on_a_call) / 3;
                let at = self.attempt_not_before().unwrap_or(soon).max(soon);
                self.timers.set_earliest(Timer::Attempt, at);
            }
            (Some(false), Some(true)) => {
                self.probe = None;
                self.begin_move(here, now);
            }
            (Some(false), Some(false)) => {
                self.probe = None;
                let lost_for = self.loss.as_ref().map_or(Duration::ZERO, |loss| now.since(loss.since));
                self.probe_not_before = Some(now + self.pace.next_attempt(lost_for));
                self.plan_attempt(now);
            }
            _ => {}
        }
    }

    fn begin_move(&mut self, from: Side, now: Instant) {
        let to = from.other();
        self.moves.push_back(now);
        self.act(Action::Leave);
        self.finesse = None;
        self.enter(State::Moving { from, to, attempts: 0 });
        self.timers.set(Timer::MoveLimit, now + MOVE_LIMIT);
        self.act(Action::Connect(to));
    }

    /// The application asks for it. What the other side said minutes ago is no reason to leave: it is read first.
    pub(super) fn on_move_asked(&mut self, now: Instant) {
        self.move_asked = self.alternate;
        if !self.alternate {
            return self.move_at_will(now);
        }
        self.read_now(self.here().other());
    }

    /// The application asked for it: this side need not be out, the other must be in.
    pub(super) fn move_at_will(&mut self, now: Instant) {
        let here = self.here();
        let allowed = self.move_allowed_at().is_none_or(|at| at <= now);
        if !self.alternate || !self.xmpp() || !self.sides.get(here.other()).reads_in() || !allowed {
            return self.act(Action::Note(if self.shared {
                "the desktop around this gadget moves by itself"
            } else {
                "cannot move now: the other side does not read in, or a move was just made"
            }));
        }
        self.begin_loss(false, now);
        self.cause = super::Reason::Moved;
        self.begin_move(here, now);
        self.cause = super::Reason::Moved;
    }

    pub(super) fn on_move_attempt_failed(&mut self, now: Instant) {
        let State::Moving { from, to, attempts } = self.state else { return };
        let attempts = attempts.saturating_add(1);
        if attempts >= MOVE_ATTEMPTS {
            return self.give_up_move(from, to, now);
        }
        self.state = State::Moving { from, to, attempts };
        let wait = self.pace.next_attempt(Duration::ZERO);
        self.timers.set(Timer::Attempt, now + wait);
    }

    pub(super) fn on_move_limit(&mut self, now: Instant) {
        if let State::Moving { from, to, .. } = self.state {
            self.act(Action::Abandon);
            self.give_up_move(from, to, now);
        }
    }

    /// Back to whichever side is whole, the old one first.
    fn give_up_move(&mut self, from: Side, to: Side, now: Instant) {
        let to_is_in = self.sides.get(to).reads_in() && !self.sides.get(from).reads_in();
        self.act(Action::Note("the move failed: back to trying"));
        self.reconnect(if to_is_in { to } else { from }, now);
    }

    /// When the next move may be made, if not already.
    pub(super) fn move_allowed_at(&mut self) -> Option<Instant> {
        let pause = self.refusal_pause();
        let Some(last) = self.moves.back().copied() else { return pause };
        while self.moves.front().is_some_and(|at| *at + MOVES_WINDOW < last) {
            self.moves.pop_front();
        }
        let mut gap = MOVE_GAP;
        for _ in 1..self.moves.len() {
            gap = (gap * 2).min(MOVE_GAP_MAX);
        }
        pause.max(Some(last + gap))
    }
}
