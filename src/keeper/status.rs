//! The whole state, as an application shows it.

use super::{EntryKind, Event, Keeper, SideHealth, Status};
use crate::recovery::{Reading, Side, StateName};
use crate::time::{Instant, WallTime, millis};

/// The same moment on the other clock, in milliseconds: each clock is cut to whole ones by itself.
const JITTER: u64 = 2;

impl Keeper {
    /// The whole state.
    #[must_use]
    pub fn status(&self) -> Status {
        let reason = self.recovery.reason();
        let side = self.recovery.side();
        let ccx = self.sides.get(side.unwrap_or(Side::A)).ccx;
        let known = |side: &Side| self.sides.get(*side).is_known();
        Status {
            state: self.recovery.state(),
            side,
            transport: self.line_up().map(|line| line.way),
            since: self.told.as_ref().map_or(self.now.wall, |told| told.since),
            reason,
            service: reason.and_then(|reason| reason.service(ccx)),
            cause: self.cause(),
            suspect: self.recovery.suspect(),
            forced_logout: self.forced_logout(),
            next_try_at: self.recovery.next_try(self.now.instant).map(|at| self.wall(at)),
            sides: Side::BOTH.into_iter().filter(known).map(|side| self.health(side)).collect(),
        }
    }

    fn health(&self, side: Side) -> SideHealth {
        let record = self.sides.get(side);
        let session = self.line_up().filter(|line| line.side == side);
        let finesse = match session.map(|line| line.session.finesse()) {
            None => "unknown",
            Some(true) => "present",
            Some(false) => "absent",
        };
        SideHealth {
            host: record.rest.clone(),
            reading: self.recovery.last_reading(side).map_or("unknown", Reading::as_str),
            read_at: record.read_at,
            detail: record.detail.clone(),
            finesse,
            connected: session.is_some(),
            usable: !record.hidden,
        }
    }

    fn wall(&self, at: Instant) -> WallTime {
        WallTime::from_millis(self.now.wall.as_millis().saturating_add(millis(at.since(self.now.instant))))
    }

    /// Tells the application, if anything but the time has changed.
    pub(super) fn tell_status(&mut self) {
        self.watch_presence();
        let mut status = self.status();
        let told = self.told.take();
        if let Some((told, next)) = told.as_ref().and_then(|told| told.next_try_at).zip(status.next_try_at)
            && told.as_millis().abs_diff(next.as_millis()) <= JITTER
        {
            status.next_try_at = Some(told);
        }
        let same_state =
            told.as_ref().is_some_and(|told| (told.state, told.side) == (status.state, status.side));
        let same_reason = told.as_ref().is_some_and(|told| told.reason == status.reason);
        let trying = |state| matches!(state, StateName::Connecting | StateName::Reconnecting);
        let again = self.failed_as.is_some()
            && told
                .as_ref()
                .is_some_and(|told| trying(told.state) && trying(status.state) && told.side == status.side);
        if !same_state && !again {
            status.since = self.now.wall;
        }
        if told.as_ref().is_some_and(|told| told.state == StateName::InService)
            && status.state != StateName::InService
        {
            self.gap_since.get_or_insert(self.now.instant);
        }
        if told.as_ref() == Some(&status) {
            self.told = told;
            return;
        }
        if (!same_state && !again) || (!same_reason && status.state != StateName::InService) {
            let reason = status.reason.map(|reason| format!(": {}", reason.as_str())).unwrap_or_default();
            self.note(status.side, EntryKind::State, format!("{}{reason}", status.state.as_str()));
        }
        self.told = Some(status.clone());
        if self.started || same_state {
            self.emit(Event::StatusChanged(Box::new(status)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{Answer, Effect, RequestFailure};
    use crate::keeper::{Command, Config, Host, Input};
    use crate::time::Now;

    fn at(instant: u64, wall: u64) -> Now {
        Now { instant: Instant::from_millis(instant), wall: WallTime::from_millis(wall) }
    }

    /// How many changes of the status are told.
    fn changes(keeper: &mut Keeper) -> usize {
        core::iter::from_fn(|| keeper.poll_event()).filter(|it| matches!(it, Event::StatusChanged(_))).count()
    }

    #[test]
    fn clocks_that_are_cut_to_milliseconds_tell_nothing_new() {
        let hosts = vec![Host { rest: "https://a".into(), ..Host::default() }];
        let config = Config { hosts, user: "1001".into(), ..Config::default() };
        let mut keeper = Keeper::new(config).unwrap();
        keeper.handle_input(Input::Command(Command::Start), at(0, 9_000));
        keeper.handle_input(Input::Answer(Answer::LeaseGranted), at(0, 9_000));
        for millis in 0..3_000 {
            keeper.handle_timeout(at(millis, 9_000 + millis));
            while let Some(effect) = keeper.poll_effect() {
                if let Effect::SendRequest { number, .. } = effect {
                    let failed = Answer::RequestFailed { number, failure: RequestFailure::Network };
                    keeper.handle_input(Input::Answer(failed), at(millis, 9_000 + millis));
                }
            }
            changes(&mut keeper);
            assert!(millis < 2_000 || keeper.status().next_try_at.is_some());
            keeper.handle_timeout(at(millis, 9_001 + millis));
            assert_eq!(changes(&mut keeper), 0, "after {millis} ms");
        }
    }
}
