//! What our presence is worth: when Finesse may sign the agent out, and signing in again where it did.

use super::{EntryKind, ForcedLogout, Keeper, Timer};
use crate::effect::Effect;
use crate::recovery::{Reading, Side, StateName, Stop};
use crate::time::{Duration, WallTime};

impl Keeper {
    /// When Finesse may sign the agent out for our absence.
    pub(super) fn forced_logout(&self) -> Option<ForcedLogout> {
        self.presence.clock.current(self.now.wall).map(|window| ForcedLogout {
            side: window.side,
            earliest: window.earliest,
            latest: window.latest,
        })
    }

    /// After every input: are we seen, and what follows if not.
    pub(super) fn watch_presence(&mut self) {
        let now = self.now.wall;
        let up = self.line.as_ref().is_some_and(|line| line.session.is_up());
        if matches!(self.recovery.stopped(), Some(Stop::Closed | Stop::Conflict)) {
            self.presence.clock.forget();
        } else if !up || self.recovery.suspect() {
            self.presence.clock.absent();
        }
        self.presence.clock.calls(self.resync.on_a_call(), now);
        let logout = self.forced_logout();
        if logout.is_some()
            && self.presence.awaits_touch()
            && !core::mem::replace(&mut self.awaits_touch, true)
        {
            self.effects.push_back(Effect::AwaitTouch);
        }
        match self.presence.clock.over_at(now) {
            Some(at) => {
                let wait = Duration::from_millis(at.as_millis().saturating_sub(now.as_millis()) + 1);
                self.timers.set(Timer::ForcedLogout, self.now.instant + wait);
            }
            None => self.timers.clear(Timer::ForcedLogout),
        }
        // an answer that is merely overdue is in the status, and not worth a line
        if logout != self.noted && !(up && self.recovery.suspect() && self.noted.is_none()) {
            self.note_forced_logout(logout);
        }
    }

    fn note_forced_logout(&mut self, logout: Option<ForcedLogout>) {
        let noted = core::mem::replace(&mut self.noted, logout);
        let Some(ForcedLogout { side, earliest, latest }) = logout.or(noted) else { return };
        let mut text = String::from("no forced logout to come any more");
        if logout.is_some() {
            text = String::from_iter(["may force the logout from ", &earliest.to_string(), " to "]);
            match latest {
                Some(latest) => text.push_str(&latest.to_string()),
                None => text.push_str("180 s after the call"),
            }
        }
        self.note(Some(side), EntryKind::Presence, text);
    }

    /// We are about to leave the side we are on. Where that is for the other one, a side in service may act at once.
    pub(super) fn leave_presence(&mut self) {
        let moving = self.recovery.state() == StateName::Moving;
        let here = self.presence.clock.here().map(|(side, _)| side);
        let in_service = |side: Side| matches!(self.recovery.last_reading(side), Some(Reading::In { .. }));
        self.presence.clock.left(moving && here.is_some_and(in_service), self.now.wall);
    }

    /// What a later keeper should know of.
    pub(super) fn missing_when_gone(&self) -> Vec<(Side, u64, u64, Option<u64>)> {
        let mut clock = self.presence.clock.clone();
        clock.absent();
        let millis = |at: WallTime| at.as_millis();
        clock
            .kept()
            .map(|it| (it.side, millis(it.gone), millis(it.earliest), it.latest.map(millis)))
            .collect()
    }

    /// Someone is there.
    pub(super) fn on_touched(&mut self) {
        self.awaits_touch = false;
        self.presence.touched(self.now.wall);
    }
}
