//! What each signal does, state by state.

use super::state::{Missing, State};
use super::{
    Action, AttemptFailure, Loss, LossRecord, PASSWORD_PAUSE, PageEvent, REFUSAL_WINDOW, REFUSALS, Reading,
    Recovery, SETTLE, Side, Signal, Standstill, Stop, Timer, WAKE, WaitingFor,
};
use crate::time::{Duration, Instant};

impl Recovery {
    pub(super) fn on_signal(&mut self, signal: Signal, now: Instant) {
        if matches!(self.state, State::Stopped { .. }) {
            return self.on_signal_when_stopped(&signal, now);
        }
        match signal {
            Signal::Start if self.state == State::Idle => self.locate(now),
            Signal::Start | Signal::Resume => {}
            Signal::Read { side, reading, began, retry_after } => {
                self.on_read(side, reading, began, retry_after, now)
            }
            Signal::SessionUp { finesse } => self.on_session_up(finesse, now),
            Signal::SessionRevived { finesse, disturbed } => self.on_session_revived(finesse, disturbed, now),
            Signal::AttemptFailed(failure) => self.on_attempt_failed(failure, now),
            Signal::SessionLost(loss) => self.on_session_lost(loss, now),
            Signal::Suspect(since) => self.on_suspect(since, now),
            Signal::Alive => self.on_alive(now),
            Signal::Finesse(present) => self.on_finesse(present, now),
            Signal::Notice { in_service } => self.on_notice(in_service, now),
            Signal::Stream { side, given } => self.on_stream(side, given, now),
            Signal::Standstill(why) => self.on_standstill(why, now),
            Signal::StandsAgain => self.on_stands_again(now),
            Signal::ResyncDone => self.on_resync_done(),
            Signal::ResyncFailed => self.on_resync_failed(now),
            Signal::Conflict => self.stop(Stop::Conflict),
            Signal::CredentialsRefused { token } => self.on_credentials_refused(token, now),
            Signal::Page(event) => self.on_page(event, now),
            Signal::Slept(_) => {
                self.slept = Some(now);
                self.wake(now);
            }
            Signal::Move => self.on_move_asked(now),
            Signal::Close => self.leave(Stop::Closed),
        }
    }

    fn on_signal_when_stopped(&mut self, signal: &Signal, now: Instant) {
        let State::Stopped { side, stop } = self.state else { return };
        match signal {
            Signal::Close if stop != Stop::Closed => self.leave(Stop::Closed),
            Signal::Resume if stop != Stop::Closed => self.locate(now),
            Signal::Page(PageEvent::PageShow) if stop == Stop::PageLeft => {
                self.preferred = side.unwrap_or(self.preferred);
                self.locate(now);
            }
            _ => {}
        }
    }

    /// Reads both sides and takes the preferred one if it is in.
    fn locate(&mut self, now: Instant) {
        for side in Side::BOTH {
            let evidence = self.sides.get_mut(side);
            evidence.forget_failures();
            evidence.reading = None; // old news: a side must read in now
            *self.reading.get_mut(side) = false;
        }
        self.refused_since_accepted = 0;
        self.failed = None;
        self.suspect = false;
        self.loss = None;
        self.enter(State::Locating);
        self.begin_loss(false, now);
    }

    /// A loss begins, or turns out to be shared.
    pub(super) fn begin_loss(&mut self, shared: bool, now: Instant) {
        let here = self.here();
        match &mut self.loss {
            Some(loss) => loss.shared |= shared,
            None => {
                // a reload in an outage is no new beginning: others may have done the same
                let (since, attempts) = self.lost_before.take().map_or((now, 0), |since| (since, 1));
                let place = self.pace.place();
                self.loss = Some(LossRecord { since, shared, attempts, turn: None, place });
                self.sides.get_mut(here.other()).forget_service();
                self.read_soon(now);
            }
        }
    }

    /// Everything is well: the next loss is a new one.
    fn end_loss(&mut self) {
        self.loss = None;
        self.suspect = false;
        self.doubted = None;
        for side in Side::BOTH {
            self.timers.clear(Timer::Read(side));
        }
    }

    fn on_read(
        &mut self,
        side: Side,
        reading: Reading,
        began: Instant,
        retry_after: Option<Duration>,
        now: Instant,
    ) {
        *self.reading.get_mut(side) = false;
        if side == self.here() && reading.is_in() && self.sides.get(side).failed_last() {
            // what was tried before it was back says nothing of it
            self.loss.iter_mut().for_each(|loss| loss.attempts = 0);
        }
        let slack = self.pace.slack();
        let other = self.sides.get(side.other()).last_answer().map(|at| at + slack);
        self.sides.get_mut(side).read(reading, began, now, other);
        if reading.answered() {
            self.sides.get_mut(side.other()).another_answered(now - slack);
        }
        if self.xmpp() && side == self.here() && self.finesse == Some(false) {
            self.sides.get_mut(side).presence_missing(now);
        }
        if side == self.here()
            && matches!(reading, Reading::Out { .. } | Reading::Gateway)
            && let Some(loss) = &mut self.loss
        {
            loss.shared = true;
        }
        self.plan_read(side, retry_after, now);
        if side != self.here() {
            self.hurry_read(now);
        }
        self.act(Action::Changed);
        if side != self.here() && core::mem::take(&mut self.move_asked) {
            return self.move_at_will(now);
        }
        if side != self.here() || !self.xmpp() {
            return;
        }
        match reading {
            Reading::In { .. } => self.on_service_seen(Some(began), now),
            Reading::Out { .. } | Reading::Gateway => self.wait_for(WaitingFor::Notice, now),
            Reading::Refused | Reading::Silent | Reading::Unclear | Reading::Hidden => {
                if let State::Waiting { in_seen, .. } = &mut self.state {
                    *in_seen = false; // what was seen before is old news
                }
            }
        }
    }

    /// A read or a notice said that this side is in service.
    fn on_service_seen(&mut self, began: Option<Instant>, now: Instant) {
        match &mut self.state {
            State::Settling { since, missing, .. } if began.is_none_or(|began| began >= *since) => {
                missing.read = false;
                if missing.resync && self.timers.get(Timer::Resync).is_none() {
                    self.timers.set(Timer::Resync, now);
                }
            }
            State::Waiting { in_seen, .. } => *in_seen = true,
            _ => {}
        }
    }

    fn on_session_up(&mut self, finesse: bool, now: Instant) {
        let (State::Connecting { side } | State::Reconnecting { side } | State::Moving { to: side, .. }) =
            self.state
        else {
            return;
        };
        self.failed = None;
        if !self.shared {
            self.credentials_accepted(); // a container's session proves nothing of ours
        }
        self.finesse = Some(finesse);
        self.standstill = None;
        let reads_in = self.sides.get(side).reads_in();
        if let Some(from) = self.served.replace(side).filter(|from| *from != side) {
            self.preferred = side;
            if let Some(last) = self.moves.back_mut() {
                *last = now; // the gap to the next move counts from its end
            }
            self.act(Action::Moved { from, to: side });
        }
        let missing = Missing { read: true, presence: !finesse, resync: true };
        self.settle(side, missing, reads_in.then_some(now), now);
        self.sides.get_mut(side).logged_in();
        self.on_finesse(finesse, now);
    }

    /// A session is there; asks for all that is missing, each under its deadline.
    fn settle(&mut self, side: Side, missing: Missing, resync_at: Option<Instant>, now: Instant) {
        self.suspect = false;
        self.enter(State::Settling { side, since: now, missing });
        if missing.read {
            self.read_now(side);
        }
        if let Some(at) = resync_at {
            self.timers.set(Timer::Resync, at);
        }
        self.timers.set(Timer::Settle, now + SETTLE);
    }

    /// Without the service the alternate is considered too. A resync may take longer: it waits for its turn.
    fn on_settle_limit(&mut self, now: Instant) {
        match self.state {
            State::Settling { missing, .. } if missing.presence => self.wait_for(WaitingFor::Presence, now),
            State::Settling { missing, .. } if missing.read => self.wait_for(WaitingFor::Notice, now),
            _ => {}
        }
    }

    fn on_session_revived(&mut self, finesse: bool, disturbed: bool, now: Instant) {
        let (State::Connecting { side } | State::Reconnecting { side }) = self.state else { return };
        self.finesse = Some(finesse);
        let unsure = disturbed || !self.was_in_service;
        let resync_at = unsure.then(|| now + self.pace.turn(self.on_a_call));
        self.settle(side, Missing { read: unsure, presence: !finesse, resync: unsure }, resync_at, now);
        self.sides.get_mut(side).logged_in();
        self.on_finesse(finesse, now);
    }

    fn on_attempt_failed(&mut self, failure: AttemptFailure, now: Instant) {
        let side = match self.state {
            State::Connecting { side } => side,
            State::Moving { to, .. } => to,
            _ => return,
        };
        self.failed = Some(failure);
        if !matches!(failure, AttemptFailure::Ghost | AttemptFailure::NoCredentials) {
            self.sides.get_mut(side).login_failed(now, failure == AttemptFailure::Login);
        }
        self.begin_loss(false, now);
        if let Some(loss) = &mut self.loss {
            loss.attempts = loss.attempts.saturating_add(1);
        }
        if matches!(self.state, State::Moving { .. }) {
            return self.on_move_attempt_failed(now);
        }
        self.reconnect(side, now);
    }

    /// No session here; tries when the side reads in.
    pub(super) fn reconnect(&mut self, side: Side, now: Instant) {
        self.enter(State::Reconnecting { side });
        self.plan_attempt(now);
    }

    fn on_session_lost(&mut self, loss: Loss, now: Instant) {
        let (side, waiting) = match self.state {
            State::Settling { side, .. } | State::InService { side } => (side, false),
            State::Waiting { side, .. } => (side, true),
            _ => return,
        };
        self.suspect = false;
        self.finesse = None;
        self.begin_loss(waiting || loss == Loss::Shutdown, now);
        self.reconnect(side, now);
    }

    fn on_suspect(&mut self, since: Instant, now: Instant) {
        if !self.xmpp() {
            return;
        }
        let here = self.here();
        let other = self.sides.get(here.other()).last_answer().map(|at| at + self.pace.slack());
        self.sides.get_mut(here).unreachable(since, now, other);
        self.suspect = true;
        self.doubted.get_or_insert(since);
        self.begin_loss(false, now);
        self.act(Action::Changed);
    }

    fn on_alive(&mut self, now: Instant) {
        if !self.suspect {
            return;
        }
        self.suspect = false;
        self.doubted = None;
        let here = self.here();
        self.sides.get_mut(here).ping_answered();
        if matches!(self.state, State::InService { .. }) {
            self.end_loss();
            for side in Side::BOTH {
                self.plan_read(side, None, now);
            }
        }
        self.act(Action::Changed);
    }

    fn on_finesse(&mut self, present: bool, now: Instant) {
        let (State::Settling { side, .. } | State::InService { side } | State::Waiting { side, .. }) =
            self.state
        else {
            return;
        };
        let gone = self.finesse == Some(true) && !present;
        self.finesse = Some(present);
        if present {
            self.sides.get_mut(side).presence_seen();
            if let State::Settling { missing, .. } = &mut self.state {
                missing.presence = false;
            }
            return;
        }
        self.sides.get_mut(side).presence_missing(now);
        if gone || matches!(self.state, State::InService { .. }) {
            self.wait_for(WaitingFor::Presence, now);
        }
    }

    fn on_notice(&mut self, in_service: bool, now: Instant) {
        if !self.xmpp() {
            return;
        }
        if in_service {
            self.on_service_seen(None, now);
        } else {
            self.wait_for(WaitingFor::Notice, now);
        }
    }

    /// XMPP is up and the service is not. A missing presence outweighs a notice: it must come first.
    pub(super) fn wait_for(&mut self, reason: WaitingFor, now: Instant) {
        let side = match &mut self.state {
            State::Waiting { reason: known, in_seen, .. } => {
                *in_seen = false;
                if reason == WaitingFor::Container || *known == WaitingFor::Notice {
                    *known = reason;
                }
                return self.act(Action::Changed);
            }
            State::Settling { side, .. } | State::InService { side } => *side,
            _ => return,
        };
        self.enter(State::Waiting { side, reason, in_seen: false });
        self.begin_loss(true, now);
    }

    fn on_standstill(&mut self, why: Standstill, now: Instant) {
        // a conflict is followed by other words, and ends with none of them
        if self.standstill.is_none() || why != Standstill::Failing {
            self.standstill = Some(why);
        }
        self.act(Action::Changed);
        self.wait_for(WaitingFor::Container, now);
    }

    /// What was read before is old news; all gadgets of all agents read now, each in its turn.
    fn on_stands_again(&mut self, now: Instant) {
        self.standstill = None;
        self.finesse = Some(true);
        if let State::Waiting { side, .. } = self.state {
            let missing = Missing { read: true, presence: false, resync: true };
            let turn = self.pace.turn(self.on_a_call);
            self.settle(side, missing, Some(now + turn), now);
        }
    }

    fn credentials_accepted(&mut self) {
        self.accepted = true;
        self.refused_since_accepted = 0;
        self.not_before = None;
    }

    fn on_resync_done(&mut self) {
        self.credentials_accepted();
        if let State::Settling { missing, .. } = &mut self.state {
            missing.resync = false;
        }
    }

    fn on_resync_failed(&mut self, now: Instant) {
        if let State::Settling { side, since, missing } = self.state
            && missing.resync
        {
            let wait = self.pace.next_attempt(now.since(since));
            self.timers.set(Timer::Resync, now + wait);
            self.read_at(side, now + wait);
        }
    }

    fn on_credentials_refused(&mut self, token: bool, now: Instant) {
        self.refusals.retain(|at| *at + REFUSAL_WINDOW > now);
        self.refusals.push(now);
        self.refused_since_accepted = self.refused_since_accepted.saturating_add(1);
        let side = self.side();
        // what was accepted before a reload is still worth renewing; a password was typed again since
        let accepted = self.accepted && (token || self.served.is_some());
        if !accepted || self.refused_since_accepted > 1 || self.refusals.len() >= REFUSALS {
            return self.leave(Stop::CredentialsRefused);
        }
        let pause = if token { self.pace.next_read() } else { PASSWORD_PAUSE };
        if self.xmpp() {
            // REST refused what XMPP had accepted: the session can go on, and the resync is tried again
            return self.timers.set(Timer::Resync, now + pause);
        }
        self.act(Action::Abandon);
        self.begin_loss(false, now);
        self.not_before = Some(now + pause);
        self.reconnect(side.unwrap_or(self.preferred), now);
    }

    fn on_page(&mut self, event: PageEvent, now: Instant) {
        match event {
            PageEvent::Visible | PageEvent::Resumed => self.wake(now),
            PageEvent::Online => {
                self.offline = false;
                self.wake(now);
            }
            PageEvent::Offline => {
                self.offline = true;
                self.act(Action::Changed);
            }
            PageEvent::PageHide => self.leave(Stop::PageLeft),
            PageEvent::Hidden | PageEvent::Frozen | PageEvent::PageShow => {}
        }
    }

    /// Something woke us: probe what there is, bring the next try forward, reset nothing.
    fn wake(&mut self, now: Instant) {
        if self.woken.is_some_and(|woken| woken + WAKE > now) || self.state == State::Idle {
            return;
        }
        self.woken = Some(now);
        if self.xmpp() || self.shared {
            self.act(Action::Probe);
        }
        if matches!(self.state, State::InService { .. }) {
            return;
        }
        self.read_soon(now);
        if self.timers.get(Timer::Attempt).is_some() {
            let at = self.attempt_not_before().unwrap_or(now).max(now);
            self.timers.set_earliest(Timer::Attempt, at);
        }
    }

    fn stop(&mut self, stop: Stop) {
        let side = self.side();
        if stop == Stop::PageLeft {
            self.lost_before = self.lost_since();
        }
        self.timers.clear_all();
        self.move_asked = false;
        self.loss = None;
        self.suspect = false;
        self.finesse = None;
        self.enter(State::Stopped { side, stop });
    }

    fn leave(&mut self, stop: Stop) {
        self.act(Action::Leave);
        self.stop(stop);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, now: Instant) {
        match timer {
            Timer::Read(side) => self.read_now(side),
            Timer::Attempt => self.attempt(now),
            Timer::Settle => self.on_settle_limit(now),
            Timer::Resync => self.act(Action::Resync),
            Timer::Move => {}
            Timer::MoveLimit => self.on_move_limit(now),
        }
    }

    fn attempt(&mut self, now: Instant) {
        match self.state {
            State::Reconnecting { side } if self.sides.get(side).reads_in() => {
                self.connect(side);
            }
            State::Moving { to, .. } => self.act(Action::Connect(to)),
            _ => self.plan_attempt(now),
        }
    }

    fn connect(&mut self, side: Side) {
        self.enter(State::Connecting { side });
        self.finesse = None;
        self.act(Action::Connect(side));
    }

    /// What all that is known by now leads to.
    pub(super) fn settle_down(&mut self, now: Instant) {
        match self.state {
            State::Locating => self.choose(now),
            State::Settling { side, missing, .. } if missing.nothing() => self.serve(side, now),
            State::Waiting { reason: WaitingFor::Container, .. } => {}
            State::Waiting { side, in_seen: true, .. } if self.finesse == Some(true) => {
                self.whole_again(side, now)
            }
            State::Waiting { side, .. } if !self.shared && self.sides.get(side).presence_due_for_login() => {
                self.log_in_again(side, now)
            }
            State::Waiting { .. } => self.consider_move(now),
            State::Reconnecting { .. } => {
                self.plan_attempt(now);
                self.consider_move(now);
            }
            _ => {}
        }
    }

    fn serve(&mut self, side: Side, now: Instant) {
        self.was_in_service = true;
        self.preferred = side;
        self.sides.get_mut(side).forget_failures();
        self.enter(State::InService { side });
        if let (1.., Some(refused)) = (self.refused_since_accepted, self.refusals.last()) {
            // a session goes on in which REST had refused a read: that is still to be tried again
            self.timers.set(Timer::Resync, *refused + PASSWORD_PAUSE);
        }
        self.end_loss();
        for side in Side::BOTH {
            self.plan_read(side, None, now);
        }
    }

    /// All agents of this side see this at once: the resync waits for its turn.
    fn whole_again(&mut self, side: Side, now: Instant) {
        let missing = Missing { read: false, presence: false, resync: true };
        let turn = self.pace.turn(self.on_a_call);
        self.settle(side, missing, Some(now + turn), now);
    }

    /// Only a new session is told of a presence that we missed. Until it is our turn we stay, and stay present.
    fn log_in_again(&mut self, side: Side, now: Instant) {
        self.draw_turn(now);
        if let Some(at) = self.attempt_not_before().filter(|at| *at > now) {
            return self.timers.set(Timer::Attempt, at);
        }
        self.sides.get_mut(side).logged_in_again = true;
        self.act(Action::Note("in service without presence of finesse for 15 s: logging in again"));
        self.act(Action::Leave);
        self.finesse = None;
        self.begin_loss(true, now);
        self.enter(State::Connecting { side });
        self.act(Action::Connect(side));
    }

    /// The preferred side if it is in; the other one if the preferred one has failed twice.
    fn choose(&mut self, now: Instant) {
        let preferred = self.preferred;
        let other = preferred.other();
        if self.shared && self.refusal_pause().is_none_or(|at| at <= now) {
            self.connect(preferred);
        } else if self.sides.get(preferred).reads_in() {
            self.reconnect(preferred, now);
        } else if self.alternate
            && !self.stays
            && self.sides.get(other).reads_in()
            && self.sides.get(preferred).failed_twice()
            && self.move_allowed_at().is_none_or(|at| at <= now)
        {
            if self.served.is_some() {
                self.moves.push_back(now);
            }
            self.preferred = other;
            self.reconnect(other, now);
        }
    }
}
