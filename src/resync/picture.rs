//! What is known of one node, and what is news there.

use super::kind::{self, Form, Found, Kind, Mark};
use super::{Held, Told};
use crate::finesse::media::{self, Media};
use crate::finesse::update::{Data, EventKind};
use crate::finesse::{dialog, node, team};
use crate::limits;
use crate::shapes::object::Object;
use crate::time::{Duration, Instant};

/// Newer Openfires deliver two notifications of one object in any order if they come within this time.
const SWAPPED: Duration = Duration::from_millis(10);
/// Calls that ended are remembered, so that what comes late does not bring them back.
const ENDED: usize = 100;

/// How a read of the node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// None is wanted.
    No,
    /// One is wanted.
    Due,
    /// One is wanted when all is quiet: what came may not be the last word.
    Doubtful,
    /// One is on its way.
    UnderWay,
    /// It came; what was asked for with it has not.
    Done,
}

/// Why an object is no news.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Older,
    Known,
    Ended,
    /// Stored, and nothing in it says that it is newer.
    Unproven,
    /// From before the agent's state, and unknown: it may be wrong, as it looks at another object's time.
    Unsure,
}

impl Why {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Older => "older than what is known",
            Self::Known => "known already",
            Self::Ended => "it has ended",
            Self::Unproven => "stored, and not shown to be newer",
            Self::Unsure => "from before the agent's state",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) node: String,
    pub(super) kind: &'static Kind,
    /// The application subscribed to it; else it is the agent's own, and something came.
    pub(super) asked: bool,
    pub(super) read: Read,
    /// What came of it.
    pub(super) came: Vec<Object>,
    /// The server refused to give it, and that was told.
    pub(super) refused: bool,
    /// The read is for a gap, and not for a doubt.
    pub(super) after_gap: bool,
    /// It was read.
    complete: bool,
    /// The server's time when it was last asked.
    read_at: Option<u64>,
    known: Vec<Object>,
    /// When a notification told each, if it was none that a read told, and its share of the document that it came in.
    heard: Vec<(Option<Instant>, usize)>,
    /// What that takes.
    pub(super) bytes: usize,
    /// Calls that ended, with their last change.
    ended: Vec<(String, Option<u64>)>,
}

impl Picture {
    pub(super) fn new(node: String, kind: &'static Kind) -> Self {
        Self {
            node,
            kind,
            asked: false,
            read: Read::No,
            came: Vec::new(),
            refused: false,
            after_gap: false,
            complete: false,
            read_at: None,
            known: Vec::new(),
            heard: Vec::new(),
            bytes: 0,
            ended: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(self.read, Read::UnderWay | Read::Done)
    }

    /// Of one object alone: that one, as last told.
    pub(super) fn only(&self) -> Option<&Object> {
        self.known.first()
    }

    /// Of one object alone: since when it is as it is.
    pub(super) fn changed_at(&self) -> Option<u64> {
        self.known.first().and_then(kind::changed_at)
    }

    /// A read is on its way.
    pub(super) fn ask(&mut self, time: Option<u64>) {
        self.read = Read::UnderWay;
        self.read_at = time;
    }

    /// It is to be read when all is quiet.
    pub(super) fn doubt(&mut self) {
        if self.read == Read::No {
            self.read = Read::Doubtful;
        }
    }

    /// Takes what was read, and tells what differs: what ended, what began, what changed. Adds media whose settings are
    /// not any more what the agent signed in with.
    pub(super) fn compare(&mut self, room: usize, told: &mut Vec<Told>, forgotten: &mut Vec<Object>) {
        self.read = Read::No;
        let kind = self.kind;
        let read = core::mem::take(&mut self.came);
        let before = core::mem::take(&mut self.known);
        (self.bytes, self.heard) = (0, Vec::new());
        let (gone, marks) = (kind.marks(&before, &read), kind.marks(&read, &before));
        if self.after_gap && self.asked && kind.is_media() {
            for old in &before {
                let now = kind.find(&read, kind.key(old)).and_then(|at| read.get(at));
                if now.is_some_and(|now| lost_settings(old, now)) {
                    forgotten.push(old.clone());
                }
            }
        }
        let node = core::mem::take(&mut self.node);
        let listed = matches!(kind.form, Form::Calls | Form::Queues);
        let mut found = Found { node: &node, objects: &before, marks: &gone };
        kind.tell(&found, EventKind::Delete, Mark::Alone, told);
        (found.objects, found.marks) = (&read, &marks);
        kind.tell(&found, if listed { EventKind::Post } else { EventKind::Put }, Mark::Alone, told);
        if kind.form != Form::Queues {
            kind.tell(&found, EventKind::Put, Mark::Changed, told);
        }
        for (old, mark) in before.iter().zip(gone) {
            if mark == Mark::Alone {
                self.bury(old);
            }
        }
        let share = read.len();
        for object in read {
            self.insert(object, None, share, room);
        }
        self.node = node;
        (self.complete, self.after_gap) = (true, false);
    }

    /// Whether all that a notification tells was known to the read, since something that came later is what was read.
    /// Asked of the latest first; remembers in `settled` which objects that is so of.
    pub(super) fn knew(&self, held: &Held, settled: &mut Vec<String>) -> bool {
        let mut all = true;
        let ends = held.notification.event == EventKind::Delete;
        for object in self.kind.objects(&held.notification.data).unwrap_or_default() {
            let key = self.kind.key(&object);
            if settled.iter().any(|it| it == key) {
                continue;
            }
            all = false;
            if match self.get(key) {
                Some(known) => !ends && self.kind.is_same(&object, known),
                None => ends && self.grave(key).is_some(),
            } {
                settled.push(key.to_owned());
            }
        }
        all
    }

    /// Takes a notification into the picture, or says why it is passed over. What is no news of it is left out. `since` is
    /// the time of the agent's state, where these are the agent's calls.
    pub(super) fn take(&mut self, held: Held, objects: Vec<Object>, since: Option<u64>, room: usize) -> Told {
        let count = objects.len();
        if count == 0 {
            // as a team of which no agent is told: there is nothing that it could repeat
            return Told::Notification(Box::new(held.notification));
        }
        let ends = held.notification.event == EventKind::Delete;
        let (mut news, mut passed_over) = (Vec::new(), Why::Known);
        for object in objects {
            let Some(why) = self.judge(&object, &held, since) else {
                news.push(object);
                continue;
            };
            passed_over = why;
            // what was stored is older than a read that began later; one that ended earlier may not know it
            if why == Why::Unsure || why == Why::Unproven && !held.waited && !ends {
                self.doubt();
            }
            if ends {
                self.bury(&object);
            }
        }
        let mut notification = held.notification;
        if news.is_empty() {
            return super::passed_over(passed_over.as_str(), &notification);
        }
        for object in &news {
            if ends {
                self.forget(self.kind.key(object));
                self.bury(object);
            } else {
                self.quirk_swapped(object, held.at);
                self.insert(object.clone(), Some(held.at), count, room);
            }
        }
        if news.len() < count
            && let Some(team) = node::team(&self.node).and_then(|team| team::of_agents(team, &news))
        {
            notification.data = Data::Team(team);
        }
        Told::Notification(Box::new(notification))
    }

    /// Why an object is no news. Servers keep notifications for those who are away and bring them after newer ones,
    /// with and without a stamp: only an object's own times tell. Told already is told.
    fn judge(&self, object: &Object, held: &Held, since: Option<u64>) -> Option<Why> {
        let event = &held.notification.event;
        let key = self.kind.key(object);
        if let Some(known) = self.get(key) {
            if *event == EventKind::Delete {
                return None;
            }
            if self.kind.is_older(object, known) {
                return Some(Why::Older);
            }
            // what answers a request is waited for
            if self.kind.is_same(object, known) && (held.stored || held.notification.request_id.is_empty()) {
                return Some(Why::Known);
            }
            let unproven = held.stored && self.complete && !self.kind.is_older(known, object);
            return unproven.then_some(Why::Unproven);
        }
        let grave = self.grave(key);
        if self.kind.form != Form::Calls || !self.complete && grave.is_none() {
            return None;
        }
        if *event == EventKind::Delete {
            return Some(Why::Ended);
        }
        if held.stored {
            return Some(Why::Unproven);
        }
        let changed = dialog::changed_at(object);
        let begins = *event == EventKind::Post;
        if let Some(grave) = grave {
            // a call may come back under its number, as when it was transferred
            return (!begins || changed <= grave).then_some(Why::Ended);
        }
        // what begins changes the agent's state, before or with it
        let before = since.map(|since| since.saturating_sub(begins.into()));
        (changed.is_some() && changed <= before).then_some(Why::Unsure)
    }

    /// Two notifications of one object came at nearly the same time, and its own times do not tell their order: newer
    /// Openfires may have swapped them. Nor do they where both have the same time.
    fn quirk_swapped(&mut self, object: &Object, now: Instant) {
        let kind = self.kind;
        let place = kind.find(&self.known, kind.key(object));
        let doubtful = match place.and_then(|at| Some((self.known.get(at)?, self.heard.get(at)?))) {
            Some((known, (heard, _))) => {
                let soon = heard.is_some_and(|heard| now.since(heard) <= SWAPPED);
                let time = kind::changed_at(object);
                let same_time = time.is_some() && time == kind::changed_at(known);
                (soon || same_time) && known != object && !kind.is_older(known, object)
            }
            // what began before the last read and was not there is late, if the clocks are right
            None => {
                let changed = dialog::changed_at(object);
                kind.form == Form::Calls && changed.is_some() && changed < self.read_at
            }
        };
        if doubtful && self.complete {
            self.doubt();
        }
    }

    /// Remembers an object, one of so many of its document, as long as there is room.
    pub(super) fn insert(&mut self, object: Object, heard: Option<Instant>, share: usize, room: usize) {
        self.forget(self.kind.key(&object));
        let bytes = object.bytes() / share.max(1);
        if self.known.len() < limits::LIST_OBJECTS && self.bytes + bytes <= room {
            self.bytes += bytes;
            self.known.push(object);
            self.heard.push((heard, bytes));
        }
    }

    fn get(&self, key: &str) -> Option<&Object> {
        self.kind.find(&self.known, key).and_then(|at| self.known.get(at))
    }

    fn forget(&mut self, key: &str) {
        if let Some(at) = self.kind.find(&self.known, key) {
            self.known.swap_remove(at);
            self.bytes -= self.heard.swap_remove(at).1;
        }
    }

    /// The last change of a call that ended.
    fn grave(&self, key: &str) -> Option<Option<u64>> {
        self.ended.iter().rev().find(|(ended, _)| ended == key).map(|(_, changed)| *changed)
    }

    fn bury(&mut self, object: &Object) {
        if self.kind.form == Form::Calls {
            if self.ended.len() == ENDED {
                self.ended.remove(0);
            }
            self.ended.push((self.kind.key(object).to_owned(), dialog::changed_at(object)));
        }
    }
}

/// Whether an agent who is signed in to a medium works there with other settings than before.
fn lost_settings(known: &Object, read: &Object) -> bool {
    let signed_in = |media: &Object| !matches!(media.text(Media::STATE), "" | "LOGOUT");
    let settings = media::settings(known);
    signed_in(known) && signed_in(read) && settings.is_some() && settings != media::settings(read)
}
