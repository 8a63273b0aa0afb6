//! After every gap: read what may have changed, and tell the difference. And what comes by itself meanwhile.

use super::credentials::Question;
use super::timeline::quote;
use super::{Asked, EntryKind, Event, Keeper, Timer};
use crate::effect::Response;
use crate::finesse::dialog::Dialog;
use crate::finesse::system_info::SystemInfo;
use crate::finesse::team::{Team, TeamUser};
use crate::finesse::update::{self, Data, Notification};
use crate::finesse::user::User;
use crate::finesse::{self, rest};
use crate::recovery::{Side, Signal, StateName};
use crate::resync::Told;
use crate::time::{Duration, millis};
use crate::xmpp::pubsub::Item;

/// What could not be read is made good by a resync this often at most: no server makes us read without end.
const REREAD: Duration = Duration::from_secs(60);
/// All agents may have got the same nonsense: their rereads are spread by so much for each agent of the site.
const PER_AGENT: Duration = Duration::from_millis(15);

impl Keeper {
    pub(super) fn begin_resync(&mut self) {
        let Some(line) = self.line.as_ref().filter(|line| line.session.is_up()) else {
            return self.signal(Signal::ResyncFailed);
        };
        if self.resync.is_reading() || self.question.as_ref().is_some_and(Question::is_awaited) {
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
        // while credentials are in doubt one read is refused, and not two: the fifth refusal locks the agent out
        let count = if self.recovery.refused_lately(self.now.instant) { 1 } else { requests.len() };
        for (asked, request) in requests.into_iter().take(count) {
            self.send_request(asked, request);
        }
    }

    pub(super) fn on_resync_response(&mut self, asked: Asked, response: &Response) {
        let told = match (response.status, asked) {
            (200, Asked::User) => {
                finesse::parse(User::SHAPE, &response.body).map(|user| self.resync.on_user(user))
            }
            (200, Asked::Dialogs) => finesse::parse_list("Dialogs", Dialog::SHAPE, &response.body)
                .map(|calls| self.resync.on_dialogs(calls)),
            (401, _) => return self.on_resync_refused(),
            (status, _) => return self.on_resync_failure(&format!("a read was answered {status}")),
        };
        match told {
            Ok(Some(outcome)) => {
                let changes = outcome.changes;
                self.tell(outcome.told);
                self.finish_resync(changes, outcome.again);
            }
            Ok(None) if asked == Asked::User => self.read_dialogs(),
            Ok(None) => {}
            Err(error) => {
                self.on_resync_failure(&format!("a read could not be understood: {error}"));
            }
        }
    }

    /// The calls are read after the agent where they were not read beside it.
    fn read_dialogs(&mut self) {
        let Some(line) = self.line.as_ref() else { return };
        if !self.requests.iter().any(|(_, asked)| *asked == Asked::Dialogs) {
            let base = &self.sides.get(line.side).rest;
            let request = rest::dialogs(base, &self.config.user, &line.authorization);
            self.send_request(Asked::Dialogs, request);
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
        self.on_refused();
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
        if self.recovery.state() == StateName::InService {
            self.plan_reread();
        }
    }

    /// Something that cannot be read is lost; what it told is read again soon.
    pub(super) fn on_unreadable(&mut self, code: &'static str, why: &str, node: Option<String>) {
        self.fail(code, why, "nothing: what it told is read again", node);
        self.plan_reread();
    }

    pub(super) fn plan_reread(&mut self) {
        let wait = self.rng.between(Duration::ZERO, PER_AGENT * self.config.expected_agents);
        let at = (self.now.instant + wait).max(self.reread_not_before);
        self.timers.set_earliest(Timer::Reread, at);
    }

    /// Where no session is in use, or a resync is due for another reason, that one finds it; so does one that is kept.
    pub(super) fn reread(&mut self) {
        let state = self.recovery.state();
        if !self.refused && matches!(state, StateName::Settling | StateName::InService) {
            self.reread_not_before = self.now.instant + REREAD;
            self.abandon_resync();
            self.begin_resync();
        } else {
            self.disturbed = true;
        }
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
                let node = Some(quote(&item.node));
                return self.on_unreadable("bad-notification", &error.to_string(), node);
            }
        };
        if let Data::SystemInfo(info) = &notification.data {
            let read = self.sides.get(side).server_time;
            if stored || info.server_time().zip(read).is_some_and(|(told, read)| told < read) {
                return self.note(Some(side), EntryKind::Note, "an old SystemInfo notice passed over");
            }
            let in_service = info.is_in_service();
            self.tell_maintenance(side, info);
            let text = info.object().text(SystemInfo::STATUS).to_owned();
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
            Data::User(user) => String::from_iter([" ", user.text(User::STATE)]),
            Data::Dialog(call) => String::from_iter([" ", call.text(Dialog::STATE)]),
            Data::Team(team) => match team.field(Team::USERS).items().next() {
                Some(agent) => String::from_iter([" ", agent.field(TeamUser::STATE).text()]),
                None => String::new(),
            },
            _ => String::new(),
        };
        let text = format!("{} {}{what}{synthetic}", notification.event.as_str(), notification.source);
        self.note(self.recovery.side(), EntryKind::Notification, text);
    }
}
