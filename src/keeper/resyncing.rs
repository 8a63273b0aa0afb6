//! After every gap: read what may have changed, and tell the difference. And what comes by itself meanwhile.

use super::credentials::Question;
use super::timeline::quote;
use super::{Asked, EntryKind, Event, Keeper, Timer, Transport};
use crate::effect::Response;
use crate::finesse::api_error::ApiError;
use crate::finesse::dialog::Dialog;
use crate::finesse::media::Media;
use crate::finesse::system_info::SystemInfo;
use crate::finesse::team::{Team, TeamUser};
use crate::finesse::update::{self, Data, Notification};
use crate::finesse::user::User;
use crate::finesse::{self, node, rest};
use crate::recovery::{Side, Signal, StateName};
use crate::resync::{Outcome, Told, Wanted};
use crate::shapes::is_same_word;
use crate::shapes::object::Object;
use crate::time::{Duration, millis};
use crate::xmpp::pubsub::Item;

/// What could not be read is made good by a resync this often at most: no server makes us read without end.
const REREAD: Duration = Duration::from_secs(60);
/// All agents may have got the same nonsense: their rereads are spread by so much for each agent of the site.
const PER_AGENT: Duration = Duration::from_millis(15);
/// Beside the two reads that begin a resync each has its turn within so much for each agent of the site: 200 a second.
const PER_READ: Duration = Duration::from_millis(5);
/// A doubt is cleared up when nothing more is to be expected of what raised it.
const QUIET: Duration = Duration::from_millis(500);
/// And this often at most.
const DOUBT: Duration = Duration::from_secs(10);
/// The answer to a sign-in comes within this time.
const ALREADY: Duration = Duration::from_secs(60);

impl Keeper {
    pub(super) fn begin_resync(&mut self) {
        let Some(line) = self.line_up() else {
            return self.signal(Signal::ResyncFailed);
        };
        if self.resync.has_begun() || self.question.as_ref().is_some_and(Question::is_awaited) {
            return;
        }
        if self.refused || self.is_token_over() {
            // REST refused what XMPP had accepted: a token may be renewed, a password typed again
            return self.ask_credentials(line.side);
        }
        self.release_resync(); // of a node alone
        self.resync.begin(self.gap_since.is_some(), self.server_time());
        self.read(&Wanted::User);
        // while credentials are in doubt one read is refused, and not two: the fifth refusal locks the agent out
        if self.recovery.accepted() && !self.recovery.refused_lately(self.now.instant) {
            self.read(&Wanted::Dialogs);
        }
    }

    /// What it is now on the server that serves us, as far as its last SystemInfo tells.
    fn server_time(&self) -> Option<u64> {
        let record = self.sides.get(self.line.as_ref()?.side);
        let (told, at) = record.server_time.zip(record.read_at)?;
        Some(told + self.now.wall.as_millis().saturating_sub(at.as_millis()))
    }

    fn read(&mut self, wanted: &Wanted) {
        let Some(line) = &self.line else { return };
        let (base, user) = (&self.sides.get(line.side).rest, &self.config.user);
        let (asked, request) = match wanted {
            Wanted::User => (Asked::User, rest::user(base, user, &line.authorization)),
            Wanted::Dialogs => (Asked::Dialogs, rest::dialogs(base, user, &line.authorization)),
            Wanted::Object(path) if path == node::SYSTEM_INFO => {
                (Asked::Object, rest::system_info(base, self.now.wall.as_millis()))
            }
            Wanted::Object(path) => (Asked::Object, rest::object(base, path, &line.authorization)),
        };
        if asked == Asked::User {
            self.read_began = self.now.instant;
        }
        self.send_request(asked, request);
    }

    /// Plans the next read beside those that begin a resync: each in its turn, so that a site stays below its rate;
    /// for a doubt when all is quiet, and seldom.
    pub(super) fn plan_reads(&mut self) {
        let now = self.now.instant;
        let at = if self.resync.is_due() {
            now + self.rng.between(Duration::ZERO, PER_READ * self.config.expected_agents)
        } else if self.resync.is_doubtful() {
            (now + QUIET).max(self.doubt_not_before)
        } else {
            return;
        };
        if self.recovery.state() == StateName::InService {
            self.timers.set_earliest(Timer::ReadMore, at);
        }
    }

    /// Reads the next node. While other reads are on their way it waits for them.
    pub(super) fn read_more(&mut self) {
        let up = self.line_up().is_some();
        let well = up && !self.refused && self.recovery.state() == StateName::InService;
        if !well || self.resync.is_reading() {
            return;
        }
        if self.is_token_over() {
            return self.renew(); // and read then
        }
        self.doubt_not_before = self.now.instant + DOUBT;
        if let Some(wanted) = self.resync.next(self.server_time()) {
            self.read(&wanted);
        }
    }

    pub(super) fn on_resync_response(&mut self, asked: Asked, response: &Response) {
        let wanted = match asked {
            Asked::User => Wanted::User,
            Asked::Dialogs => Wanted::Dialogs,
            Asked::Media => return self.on_media_signed_in(response.status),
            _ => Wanted::Object(String::new()),
        };
        let whole = self.resync.has_begun();
        match response.status {
            200 => match self.resync.on_read(&wanted, &response.body) {
                Ok(Some(outcome)) => self.on_read_outcome(outcome, whole),
                Ok(None) if asked == Asked::User => self.read_dialogs(),
                Ok(None) => {}
                Err(error) => {
                    self.on_resync_failure(&format!("a read could not be understood: {error}"));
                }
            },
            400..=499 if asked == Asked::Object && may_not(response) => self.on_read_denied(response.status),
            401 => self.on_resync_refused(),
            status => self.on_resync_failure(&format!("a read was answered {status}")),
        }
    }

    /// The calls are read after the agent where they were not read beside it.
    fn read_dialogs(&mut self) {
        if !self.requests.iter().any(|(_, asked)| *asked == Asked::Dialogs) {
            self.read(&Wanted::Dialogs);
        }
    }

    fn on_read_outcome(&mut self, outcome: Outcome, whole: bool) {
        self.tell(outcome.told);
        self.recovery.set_on_a_call(self.resync.on_a_call());
        if whole && let Some(user) = self.resync.user() {
            self.asks.on_read(user, self.read_began, self.now.instant);
        }
        if whole {
            self.resync_failing = false;
            let gap = self.gap_since.take().map_or(0, |since| millis(self.now.instant.since(since)));
            let (longest, _) = *self.untold.get_or_insert((gap, 0));
            self.untold = self.untold.map(|(_, changes)| (longest.max(gap), changes));
        }
        if let Some((_, changes)) = &mut self.untold {
            *changes += outcome.changes;
        }
        self.sign_in_to_media(outcome.forgotten);
        self.tell_resynced();
        match (whole, outcome.again) {
            (true, true) => self.signal(Signal::ResyncFailed),
            (true, false) => self.signal(Signal::ResyncDone),
            (false, true) => self.plan_reread(),
            (false, false) => {}
        }
        self.plan_reads();
    }

    /// Tells the end of a resync, once everything that is followed was read.
    fn tell_resynced(&mut self) {
        if self.resync.is_due() || self.resync.is_reading() {
            return;
        }
        if let Some((gap, changes)) = self.untold.take() {
            let text = format!("resynced: gap {gap} ms, {changes} changes");
            self.note(self.recovery.side(), EntryKind::Resync, text);
            self.emit(Event::Resynced { gap, changes });
        }
    }

    /// The server has it not, or not for this agent. That fails nothing, and is told once.
    fn on_read_denied(&mut self, status: u16) {
        let (told, node) = self.resync.refuse();
        self.tell(told);
        if let Some(node) = node {
            self.fail_to_follow(&format!("the server answered {status}"), node);
        }
        self.tell_resynced();
        self.plan_reads();
    }

    /// A node was subscribed.
    pub(super) fn on_subscribed(&mut self, node: &str) {
        if self.resync.follow(node) {
            self.plan_reads();
        }
    }

    /// A node is subscribed no more, or could not be.
    pub(super) fn unfollow(&mut self, node: &str) {
        if self.resync.unfollow(node) {
            self.abort_all(&|asked| *asked == Asked::Object);
            let held = self.resync.fail();
            self.tell(held);
            self.tell_resynced();
            self.plan_reads();
        }
    }

    pub(super) fn fail_to_follow(&mut self, why: &str, node: String) {
        self.fail("not-reread", why, "after a gap read by yourself what this node is about", Some(node));
    }

    /// "Failure handling for task routing clients": what an agent chose at sign-in only the server knows that was signed in
    /// to. Signing in again sets it, and changes no state.
    fn sign_in_to_media(&mut self, media: Vec<Object>) {
        if self.config.transport == Transport::Hub {
            return; // the desktop's own affair
        }
        let own = node::user(&self.config.user) + "/Media/";
        for media in media {
            let uri = media.text(Media::URI);
            let ours = uri.get(..own.len()).is_some_and(|start| is_same_word(start, &own));
            let Some(line) = self.line.as_ref().filter(|_| ours) else { continue };
            let base = &self.sides.get(line.side).rest;
            let request = rest::sign_in_to_media(base, &media, &line.authorization);
            let text = quote(&["signing in again, as the server forgot the settings: ", uri].concat());
            self.note(self.recovery.side(), EntryKind::Resync, text);
            self.send_request(Asked::Media, request);
            self.media_signed_in = Some(self.now.instant);
        }
    }

    fn on_media_signed_in(&mut self, status: u16) {
        if (200..300).contains(&status) {
            self.resync.doubt_media();
            self.doubt_not_before = self.now.instant;
            return self.plan_reads();
        }
        self.on_media_failure(&format!("signing in to a medium again was answered {status}"));
    }

    fn on_media_failure(&mut self, why: &str) {
        self.fail("media-settings-lost", why, "sign in to the medium again", None);
    }

    /// A request of a resync was not answered, or not with anything.
    pub(super) fn on_unanswered(&mut self, asked: Asked, why: &str) {
        if asked == Asked::Media {
            return self.on_media_failure("signing in to a medium again was not answered");
        }
        self.on_resync_failure(why);
    }

    /// Finesse refuses to sign in an agent who is signed in to the medium, and has set what we asked for all the same.
    fn quirk_already_signed_in(&self, notification: &Notification) -> bool {
        let recent = self.media_signed_in.is_some_and(|at| self.now.instant.since(at) < ALREADY);
        let Data::ApiErrors(errors) = &notification.data else { return false };
        let message = errors.first().map_or("", |error| error.text(ApiError::ERROR_MESSAGE));
        recent && message == "E_ARM_STAT_AGENT_ALREADY_LOGGED_IN"
    }

    pub(super) fn on_resync_refused(&mut self) {
        let token = self.line.as_ref().is_some_and(|line| line.token());
        self.abandon_resync();
        self.on_refused();
        self.note(self.recovery.side(), EntryKind::Resync, "REST refused the credentials (401)");
        self.signal(Signal::CredentialsRefused { token });
    }

    /// Told once: it is tried again at recovery's pace, and may go on failing for long.
    pub(super) fn on_resync_failure(&mut self, why: &str) {
        self.release_resync();
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
            self.release_resync();
            self.begin_resync();
        } else {
            self.disturbed = true;
        }
    }

    /// Gives up a resync for another one; what it held back is told as it came.
    fn release_resync(&mut self) {
        let held = self.resync.fail();
        self.abandon_resync();
        self.tell(held);
    }

    /// Gives up a resync with all that was asked for it: a late answer must not pass for one of the next.
    pub(super) fn abandon_resync(&mut self) {
        self.resync.abandon();
        self.drop_question();
        self.abort_all(&|asked| !matches!(asked, Asked::SystemInfo { .. } | Asked::Any(_) | Asked::Media));
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
            self.tell_maintenance(side, info);
            let in_service = info.is_in_service();
            let text = info.object().text(SystemInfo::STATUS).to_owned();
            self.note(Some(side), EntryKind::Notice, text);
            self.resync.learn(&notification);
            self.emit(Event::Notified(Box::new(notification)));
            return self.signal(Signal::Notice { in_service });
        }
        self.asks.on_notification(&notification, self.now.instant);
        if self.quirk_already_signed_in(&notification) {
            return self.note(Some(side), EntryKind::Note, "signed in to the medium already, as expected");
        }
        let told = self.resync.on_notification(notification, stored, self.now.instant);
        self.tell(told);
        self.recovery.set_on_a_call(self.resync.on_a_call());
        if self.resync.is_doubtful() && self.timers.get(Timer::ReadMore).is_none() {
            self.plan_reads();
        }
    }

    fn tell(&mut self, told: Vec<Told>) {
        for told in told {
            match told {
                Told::Notification(notification) => {
                    self.note_notification(&notification);
                    self.on_told(&notification);
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

/// Whether Finesse itself says that this agent cannot have it: by errors of its own, and not for doubt of who asks.
fn may_not(response: &Response) -> bool {
    let errors = finesse::parse_list("ApiErrors", ApiError::SHAPE, &response.body).unwrap_or_default();
    let first = errors.first().map_or("", |error| error.text(ApiError::ERROR_TYPE));
    // "Invalid Authorization User Specified", "Invalid Supervisor"
    !errors.is_empty() && (response.status != 401 || first.starts_with("Invalid "))
}
