//! After every gap: read what may have changed, and tell the difference. And what comes by itself meanwhile.

use super::timeline::quote;
use super::{Asked, EntryKind, Event, Keeper};
use crate::effect::Response;
use crate::finesse::update::{self, Data, Notification};
use crate::finesse::{dialog, rest, user};
use crate::recovery::{Side, Signal};
use crate::resync::Told;
use crate::time::millis;
use crate::xmpp::pubsub::Item;

impl Keeper {
    pub(super) fn begin_resync(&mut self) {
        let Some(line) = self.line.as_ref().filter(|line| line.session.is_up()) else {
            return self.signal(Signal::ResyncFailed);
        };
        if self.resync.is_reading() || self.question.is_some() {
            return;
        }
        if self.refused {
            // REST refused what XMPP had accepted: a token may be renewed, a password typed again
            return self.ask_credentials(line.side);
        }
        let (base, user) = (&self.sides.get(line.side).rest, &self.config.user);
        let requests = [
            (Asked::User, rest::user(base, user, &line.authorization)),
            (Asked::Dialogs, rest::dialogs(base, user, &line.authorization)),
        ];
        self.resync.begin();
        for (asked, request) in requests {
            self.send_request(asked, request);
        }
    }

    pub(super) fn on_resync_response(&mut self, asked: Asked, response: &Response) {
        let told = match (response.status, asked) {
            (200, Asked::User) => user::User::parse(&response.body).map(|user| self.resync.on_user(user)),
            (200, Asked::Dialogs) => {
                dialog::parse_list(&response.body).map(|calls| self.resync.on_dialogs(calls))
            }
            (401, _) => return self.on_resync_refused(),
            (status, _) => return self.on_resync_failure(&format!("a read was answered {status}")),
        };
        match told {
            Ok(Some(outcome)) => {
                let changes = outcome.changes;
                self.tell(outcome.told);
                self.finish_resync(changes, outcome.again);
            }
            Ok(None) => {}
            Err(error) => {
                self.on_resync_failure(&quote(&format!("a read could not be understood: {error}")));
            }
        }
    }

    fn finish_resync(&mut self, changes: usize, again: bool) {
        let gap = self.gap_since.take().map_or(0, |since| millis(self.now.instant.since(since)));
        self.note(
            self.recovery.side(),
            EntryKind::Resync,
            format!("resynced: gap {gap} ms, {changes} changes"),
        );
        self.emit(Event::Resynced { gap, changes });
        self.resync_failing = false;
        self.recovery.set_on_a_call(self.resync.on_a_call());
        if again {
            return self.signal(Signal::ResyncFailed);
        }
        self.signal(Signal::ResyncDone);
    }

    fn on_resync_refused(&mut self) {
        let token = self.line.as_ref().is_some_and(|line| line.token());
        self.abandon_resync();
        self.refused = true;
        self.note(self.recovery.side(), EntryKind::Resync, "REST refused the credentials (401)");
        self.signal(Signal::CredentialsRefused { token });
    }

    /// Told once: it is tried again at recovery's pace, and may go on failing for long.
    pub(super) fn on_resync_failure(&mut self, why: &str) {
        self.abandon_resync();
        if !core::mem::replace(&mut self.resync_failing, true) {
            self.fail("resync-failed", why, "look at the server; it is tried again", None);
        }
        self.signal(Signal::ResyncFailed);
    }

    /// Gives up a resync with all that was asked for it: a late answer must not pass for one of the next.
    pub(super) fn abandon_resync(&mut self) {
        self.resync.abandon();
        self.drop_question();
        self.abort_all(&|asked| matches!(asked, Asked::User | Asked::Dialogs));
    }

    /// A published item: decode it, and tell it unless it is old news.
    pub(super) fn on_item(&mut self, side: Side, item: &Item, stored: bool) {
        let notification = match update::from_item(item) {
            Ok(notification) => notification,
            Err(error) => {
                let message =
                    format!("a notification could not be understood: {}", quote(&error.to_string()));
                return self.fail(
                    "bad-notification",
                    &message,
                    "nothing: the next one is delivered",
                    Some(quote(&item.node)),
                );
            }
        };
        if let Data::SystemInfo(info) = &notification.data {
            let read = self.sides.get(side).server_time;
            if stored || info.server_time().zip(read).is_some_and(|(told, read)| told < read) {
                return self.note(Some(side), EntryKind::Note, "an old SystemInfo notice passed over");
            }
            let in_service = info.status.is_in_service();
            let text = info.status.as_str().to_owned();
            self.note(Some(side), EntryKind::Notice, text);
            self.emit(Event::Notified(Box::new(notification)));
            return self.signal(Signal::Notice { in_service });
        }
        let told = self.resync.on_notification(notification, stored);
        self.tell(told);
        self.recovery.set_on_a_call(self.resync.on_a_call());
    }

    fn tell(&mut self, told: Vec<Told>) {
        for told in told {
            match told {
                Told::Notification(notification) => {
                    self.note_notification(&notification);
                    self.emit(Event::Notified(notification));
                }
                Told::Note(text) => self.note(self.recovery.side(), EntryKind::Note, text),
            }
        }
    }

    fn note_notification(&mut self, notification: &Notification) {
        let synthetic = if notification.synthetic { " (found by resync)" } else { "" };
        let what = match &notification.data {
            Data::User(user) => Some(user.state.as_str().to_owned()),
            Data::Dialog(call) => Some(call.state.as_str().to_owned()),
            _ => None,
        };
        let what = what.map_or(String::new(), |what| format!(" {}", quote(&what)));
        let text =
            format!("{} {}{what}{synthetic}", notification.event.as_str(), quote(&notification.source));
        self.note(self.recovery.side(), EntryKind::Notification, text);
    }
}
