//! What changed while we were away: what it differs in, what to tell.
//!
//! The agent and their calls are read after every gap and compared with what was last told; the differences go out as
//! ordinary notifications marked `synthetic`: calls that ended, calls that began, changed calls, then the agent. What
//! arrives while reading is held until then, so that it is neither lost nor told twice nor overtaken by an older read.
//! A call that began and ended within the gap leaves no trace on the server, and cannot be told.

use crate::finesse::dialog::{self, Dialog};
use crate::finesse::update::{Data, EventKind, Notification};
use crate::finesse::{node, user};
use crate::limits;
use crate::map::Map;
use crate::shapes::object::Object;

/// What to tell the application.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// This.
    Notification(Box<Notification>),
    /// Nothing; why, for the timeline.
    Note(String),
}

/// A finished resync.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What to tell, in order.
    pub told: Vec<Told>,
    /// How many synthetic notifications are among it.
    pub changes: usize,
    /// Too much arrived meanwhile: read once more.
    pub again: bool,
}

/// The last known objects, and a read under way.
#[derive(Clone, Debug, Default)]
pub struct Resync {
    agent: String,
    user: Option<Object>,
    dialogs: Map<String, Object>,
    complete: bool,
    reading: Option<Reading>,
}

#[derive(Clone, Debug, Default)]
struct Reading {
    user: Option<Object>,
    dialogs: Option<Vec<Object>>,
    held: Vec<(Notification, bool)>,
    overflow: bool,
}

impl Resync {
    /// Nothing is known yet of this agent.
    #[must_use]
    pub fn new(agent: &str) -> Self {
        Self { agent: agent.to_owned(), ..Self::default() }
    }

    /// The reads are on their way.
    pub fn begin(&mut self) {
        self.reading = Some(Reading::default());
    }

    /// Whether reads are on their way.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// The reads are given up; what was held is found by the next ones.
    pub fn abandon(&mut self) {
        self.reading = None;
    }

    /// Whether the agent has calls.
    #[must_use]
    pub fn on_a_call(&self) -> bool {
        !self.dialogs.is_empty()
    }

    /// The agent as last told.
    #[must_use]
    pub const fn user(&self) -> Option<&Object> {
        self.user.as_ref()
    }

    /// The agent was read. Gives the outcome if that was the last read.
    pub fn on_user(&mut self, user: Object) -> Option<Outcome> {
        self.reading.as_mut()?.user = Some(user);
        self.finish()
    }

    /// The calls were read. Gives the outcome if that was the last read.
    pub fn on_dialogs(&mut self, dialogs: Vec<Object>) -> Option<Outcome> {
        self.reading.as_mut()?.dialogs = Some(dialogs);
        self.finish()
    }

    /// A notification arrived; `stored` if the server had kept it for us.
    pub fn on_notification(&mut self, notification: Notification, stored: bool) -> Vec<Told> {
        let own = [node::user(&self.agent), node::dialogs(&self.agent)];
        let read = matches!(notification.data, Data::User(_) | Data::Dialog(_) | Data::Dialogs(_));
        if !read || !own.iter().any(|own| own.eq_ignore_ascii_case(&notification.node)) {
            // what is not read, as other agents and other media, can neither be compared nor found again
            return vec![Told::Notification(Box::new(notification))];
        }
        if let Some(reading) = self.reading.as_mut() {
            if reading.held.len() < limits::HELD_NOTIFICATIONS {
                reading.held.push((notification, stored));
            } else {
                reading.overflow = true;
            }
            return Vec::new();
        }
        vec![self.take(notification, stored)]
    }

    fn finish(&mut self) -> Option<Outcome> {
        let done = self.reading.take_if(|reading| reading.user.is_some() && reading.dialogs.is_some())?;
        let (user, dialogs) = done.user.zip(done.dialogs)?;
        let mut told = self.compare_dialogs(dialogs);
        if self.user.as_ref() != Some(&user) {
            let source = node::user(&self.agent);
            told.push(synthetic(EventKind::Put, source.clone(), source, Data::User(user.clone())));
            self.user = Some(user);
        }
        self.complete = true;
        let changes = told.len();
        for (notification, stored) in done.held {
            told.push(self.take(notification, stored));
        }
        Some(Outcome { told, changes, again: done.overflow })
    }

    fn compare_dialogs(&mut self, read: Vec<Object>) -> Vec<Told> {
        let calls = node::dialogs(&self.agent);
        let list = |event, dialog: &Object| {
            synthetic(event, calls.clone(), calls.clone(), Data::Dialogs(vec![dialog.clone()]))
        };
        let known = core::mem::take(&mut self.dialogs);
        self.dialogs = read
            .into_iter()
            .take(limits::DIALOGS)
            .map(|dialog| (dialog::key(&dialog).to_owned(), dialog))
            .collect();
        let (mut told, mut changed) = (Vec::new(), Vec::new());
        for (id, dialog) in known.iter() {
            if !self.dialogs.contains_key(id) {
                told.push(list(EventKind::Delete, dialog));
            }
        }
        for (id, dialog) in self.dialogs.iter() {
            match known.get(id) {
                None => told.push(list(EventKind::Post, dialog)),
                Some(old) if old == dialog => {}
                Some(_) => {
                    let source = dialog.text(Dialog::URI).to_owned();
                    let data = Data::Dialog(dialog.clone());
                    changed.push(synthetic(EventKind::Put, calls.clone(), source, data));
                }
            }
        }
        told.append(&mut changed);
        told
    }

    /// Takes a notification into the known picture, or says why it is passed over.
    fn take(&mut self, notification: Notification, stored: bool) -> Told {
        if let Some(why) = self.old_news(&notification, stored) {
            return Told::Note(format!("passed over: {why} ({})", notification.source));
        }
        match (&notification.data, &notification.event) {
            (Data::User(user), EventKind::Put) => self.user = Some(user.clone()),
            (Data::Dialogs(dialogs), EventKind::Delete) => {
                for dialog in dialogs {
                    self.dialogs.remove(dialog::key(dialog));
                }
            }
            (Data::Dialogs(dialogs), _) => {
                for dialog in dialogs {
                    self.keep(dialog);
                }
            }
            (Data::Dialog(dialog), EventKind::Put | EventKind::Post) => self.keep(dialog),
            (Data::Dialog(dialog), EventKind::Delete) => {
                self.dialogs.remove(dialog::key(dialog));
            }
            _ => {}
        }
        Told::Notification(Box::new(notification))
    }

    fn keep(&mut self, dialog: &Object) {
        if self.dialogs.contains_key(dialog::key(dialog)) || self.dialogs.len() < limits::DIALOGS {
            self.dialogs.insert(dialog::key(dialog).to_owned(), dialog.clone());
        }
    }

    /// Servers keep notifications for those who are away and bring them after newer ones, with and without a stamp:
    /// only an object's own times tell. Told already is told.
    fn old_news(&self, notification: &Notification, stored: bool) -> Option<&'static str> {
        match &notification.data {
            Data::User(user) => {
                let own = self.user.as_ref()?;
                if older(user::state_changed_at(user), user::state_changed_at(own)) {
                    return Some("older than what is known");
                }
                (stored && user == own).then_some("known already")
            }
            Data::Dialog(dialog) => self.old_dialog(dialog, &notification.event, stored),
            Data::Dialogs(dialogs) => {
                let first = dialogs.first()?;
                let all = dialogs
                    .iter()
                    .all(|dialog| self.old_dialog(dialog, &notification.event, stored).is_some());
                all.then(|| self.old_dialog(first, &notification.event, stored)).flatten()
            }
            _ => None,
        }
    }

    fn old_dialog(&self, dialog: &Object, event: &EventKind, stored: bool) -> Option<&'static str> {
        match self.dialogs.get(dialog::key(dialog)) {
            Some(_) if *event == EventKind::Delete => None,
            Some(known) if stored && known == dialog => Some("known already"),
            Some(known) if dialog::is_older(dialog, known) => Some("older than what is known"),
            Some(_) => None,
            None if *event == EventKind::Delete && self.complete => Some("its end was told already"),
            None if stored && self.complete => Some("it ended while we were away"),
            None => None,
        }
    }
}

/// Whether a time lies before another one, where both are given.
fn older(time: Option<u64>, known: Option<u64>) -> bool {
    time.zip(known).is_some_and(|(time, known)| time < known)
}

fn synthetic(event: EventKind, node: String, source: String, data: Data) -> Told {
    Told::Notification(Box::new(Notification {
        event,
        source,
        node,
        request_id: String::new(),
        data,
        synthetic: true,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: &str = "/finesse/api/User/1001/Dialogs";

    /// A call with participants, each a number and the time of its last change.
    fn call(ends: &[(&str, &str)]) -> String {
        let end = |(number, time): &(&str, &str)| {
            format!(
                "<Participant><mediaAddress>{number}</mediaAddress>\
                 <stateChangeTime>2026-01-01T00:00:{time}Z</stateChangeTime></Participant>"
            )
        };
        let ends: String = ends.iter().map(end).collect();
        format!("<Dialog><id>7</id><state>ACTIVE</state><participants>{ends}</participants></Dialog>")
    }

    /// Whether a notification is told.
    fn told(resync: &mut Resync, node: &str, event: &str, data: &str) -> bool {
        let update = format!("<Update><event>{event}</event><data>{data}</data></Update>");
        let notification = Notification::parse(&update, node).unwrap();
        matches!(resync.on_notification(notification, false)[..], [Told::Notification(_)])
    }

    #[test]
    fn only_the_own_nodes_make_the_picture() {
        let mut resync = Resync::new("1001");
        resync.begin();
        resync.on_user(crate::finesse::parse(user::User::SHAPE, "<User/>").unwrap());
        let calls = format!("<Dialogs>{}</Dialogs>", call(&[]));
        let others = ["/finesse/api/User/1001/Dialogs/Media", "/finesse/api/User/1002/Dialogs"];
        assert!(others.iter().all(|node| told(&mut resync, node, "POST", &calls)), "held for nothing");
        resync.on_dialogs(Vec::new());
        for node in others {
            assert!(told(&mut resync, node, "POST", &calls));
            assert!(!resync.on_a_call());
            assert!(told(&mut resync, node, "DELETE", &calls), "{node}: its end was swallowed");
        }
        assert!(told(&mut resync, CALLS, "POST", &calls));
        assert!(resync.on_a_call());
    }

    #[test]
    fn a_call_that_loses_a_participant_is_no_old_news() {
        let mut resync = Resync::new("1001");
        let (three, two) =
            (call(&[("1", "01"), ("2", "02"), ("3", "09")]), call(&[("1", "01"), ("2", "02")]));
        for data in [&three, &two, &two, &three] {
            assert!(told(&mut resync, CALLS, "PUT", data), "{data}");
        }
        assert!(!told(&mut resync, CALLS, "PUT", &call(&[("3", "08")])), "older than what is known");
    }
}
