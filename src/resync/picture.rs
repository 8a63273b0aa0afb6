//! What is known of one node, and what is news there.

use super::kind::{self, Form, Kind};
use super::{Held, Told};
use crate::finesse::media::{self, Media};
use crate::finesse::update::{Data, EventKind, Notification};
use crate::finesse::{dialog, team};
use crate::limits;
use crate::map::{Map, Set};
use crate::shapes::object::Object;
use crate::time::{Duration, Instant};
use std::collections::VecDeque;

/// Newer Openfires deliver two notifications of one object in any order if they come within this time.
const SWAPPED: Duration = Duration::from_millis(10);
/// Calls that ended are remembered, so that what comes late does not bring them back.
const ENDED: usize = 100;

const OLDER: &str = "older than what is known";
const KNOWN: &str = "known already";
const ENDED_ALREADY: &str = "its end was told already";
const ENDED_AWAY: &str = "it ended while we were away";
const UNPROVEN: &str = "stored, and nothing in it says that it is newer";
/// The only one that may be wrong, as it looks at another object's time.
const UNSURE: &str = "from before the agent's state, and unknown: it is read again";

/// How a read of the node stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Read {
    /// None is wanted.
    #[default]
    No,
    /// One is wanted.
    Due,
    /// One is wanted when all is quiet: what came may not be the last word.
    Doubtful,
    /// One is on its way.
    UnderWay,
    /// It came; what was asked for with it has not.
    Done(Option<Object>, Vec<Object>),
}

#[derive(Clone, Debug)]
struct Known {
    object: Object,
    /// When a notification told it; none where a read did.
    heard: Option<Instant>,
}

#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) node: String,
    pub(super) kind: &'static Kind,
    /// The application subscribed to it; else it is the agent's own, and something came.
    pub(super) asked: bool,
    pub(super) read: Read,
    /// What the server said when it refused to give it was told.
    pub(super) refused: bool,
    /// The read is for a gap, and not for a doubt.
    pub(super) after_gap: bool,
    /// It was read.
    complete: bool,
    /// The server's time when it was last asked.
    read_at: Option<u64>,
    objects: Map<String, Known>,
    bytes: usize,
    /// Calls that ended, with their last change.
    ended: VecDeque<(String, Option<u64>)>,
}

impl Picture {
    pub(super) fn new(node: &str, kind: &'static Kind) -> Self {
        Self {
            node: node.to_owned(),
            kind,
            asked: false,
            read: Read::No,
            refused: false,
            after_gap: false,
            complete: false,
            read_at: None,
            objects: Map::new(),
            bytes: 0,
            ended: VecDeque::new(),
        }
    }

    /// Of one object alone: since when it is as it is.
    pub(super) fn changed_at(&self) -> Option<u64> {
        self.objects.get("").and_then(|known| kind::changed_at(&known.object))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// What the known objects take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(self.read, Read::UnderWay | Read::Done(..))
    }

    /// A read is on its way.
    pub(super) fn ask(&mut self, time: Option<u64>) {
        self.read = Read::UnderWay;
        self.read_at = time;
    }

    /// Takes what was read, and tells what differs: what ended, what began, what changed. Gives media whose settings are
    /// not any more what the agent signed in with.
    pub(super) fn compare(&mut self, room: usize, told: &mut Vec<Told>) -> Vec<Object> {
        let Read::Done(team, read) = core::mem::take(&mut self.read) else { return Vec::new() };
        let kind = self.kind;
        let known = core::mem::take(&mut self.objects);
        self.bytes = 0;
        let (mut began, mut changed, mut forgotten) = (Vec::new(), Vec::new(), Vec::new());
        for object in read {
            match known.get(kind.key(&object)) {
                None => began.push(object.clone()),
                Some(old) if kind.form == Form::System && kind.is_older(&object, &old.object) => {
                    self.insert(old.object.clone(), None, room);
                    continue;
                }
                Some(old) if kind.is_same(&object, &old.object) => {}
                Some(old) => {
                    if self.after_gap && self.asked && kind.is_media() && lost_settings(&old.object, &object)
                    {
                        forgotten.push(old.object.clone());
                    }
                    changed.push(object.clone());
                }
            }
            self.insert(object, None, room);
        }
        let mut gone = Vec::new();
        for (key, old) in known.iter() {
            if !self.objects.contains_key(key) {
                gone.push(old.object.clone());
                self.bury(&old.object);
            }
        }
        (self.complete, self.after_gap) = (true, false);
        let listed = matches!(kind.form, Form::Calls | Form::Queues);
        let beginning = if listed { EventKind::Post } else { EventKind::Put };
        if kind.form == Form::Queues {
            changed.clear();
        }
        for (event, objects) in [(EventKind::Delete, gone), (beginning, began), (EventKind::Put, changed)] {
            kind.tell(&event, &self.node, team.as_ref(), objects, told);
        }
        forgotten
    }

    /// Of what was held while it was read, in order, whether the read knew each already: something later in it is what
    /// was read.
    pub(super) fn superseded(&self, held: &[&Notification]) -> Vec<bool> {
        let mut settled: Set<String> = Set::new();
        let mut verdicts: Vec<bool> = held
            .iter()
            .rev()
            .map(|notification| {
                let objects = self.kind.objects(&notification.data).unwrap_or_default();
                let mut all = true;
                for object in &objects {
                    let key = self.kind.key(object);
                    if settled.contains_key(key) {
                        continue;
                    }
                    all = false;
                    let is_read = match self.objects.get(key) {
                        Some(known) => {
                            notification.event != EventKind::Delete
                                && self.kind.is_same(object, &known.object)
                        }
                        None => notification.event == EventKind::Delete && self.grave(key).is_some(),
                    };
                    if is_read {
                        settled.insert(key.to_owned(), ());
                    }
                }
                all
            })
            .collect();
        verdicts.reverse();
        verdicts
    }

    /// Takes a notification into the picture, or says why it is passed over. What is no news of it is left out.
    /// `since` is the time of the agent's state, where these are the agent's calls.
    pub(super) fn take(&mut self, held: Held, objects: Vec<Object>, since: Option<u64>, room: usize) -> Told {
        let Held { mut notification, stored, at, waited } = held;
        let ends = notification.event == EventKind::Delete;
        let count = objects.len();
        let (mut news, mut passed_over) = (Vec::new(), KNOWN);
        for object in objects {
            match self.judge(&object, &notification, stored, since) {
                None => news.push(object),
                Some(why) => {
                    passed_over = why;
                    // what was stored is older than a read that began later; one that ended earlier may not know it
                    let since_read = stored && !waited && !ends && matches!(why, ENDED_AWAY | UNPROVEN);
                    if why == UNSURE || since_read {
                        self.doubt();
                    }
                    if ends {
                        self.bury(&object);
                    }
                }
            }
        }
        if news.is_empty() {
            return Told::Note(format!("passed over: {passed_over} ({})", notification.source));
        }
        for object in &news {
            if ends {
                self.remove(object);
            } else {
                self.quirk_swapped(object, at);
                self.insert(object.clone(), Some(at), room);
            }
        }
        if news.len() < count {
            match &mut notification.data {
                Data::Dialogs(list) | Data::Queues(list) => *list = news,
                Data::Team(team) => *team = team::of_agents(team, &news),
                _ => {}
            }
        }
        Told::Notification(Box::new(notification))
    }

    /// Why an object is no news. Servers keep notifications for those who are away and bring them after newer ones,
    /// with and without a stamp: only an object's own times tell. Told already is told.
    fn judge(
        &self,
        object: &Object,
        notification: &Notification,
        stored: bool,
        since: Option<u64>,
    ) -> Option<&'static str> {
        let ends = notification.event == EventKind::Delete;
        let key = self.kind.key(object);
        let Some(known) = self.objects.get(key).map(|known| &known.object) else {
            return self.judge_unknown(object, &notification.event, stored, since);
        };
        if ends {
            return None;
        }
        if self.kind.is_older(object, known) {
            return Some(OLDER);
        }
        // what answers a request is waited for
        if self.kind.is_same(object, known) && (stored || notification.request_id.is_empty()) {
            return Some(KNOWN);
        }
        (stored && self.complete && !self.kind.is_older(known, object)).then_some(UNPROVEN)
    }

    fn judge_unknown(
        &self,
        object: &Object,
        event: &EventKind,
        stored: bool,
        since: Option<u64>,
    ) -> Option<&'static str> {
        let grave = self.grave(self.kind.key(object));
        if self.kind.form != Form::Calls || !self.complete && grave.is_none() {
            return None;
        }
        if stored {
            return Some(ENDED_AWAY);
        }
        if *event == EventKind::Delete {
            return Some(ENDED_ALREADY);
        }
        if let Some(grave) = grave {
            // a call may come back under its number, as when it was transferred
            let again = *event == EventKind::Post && dialog::changed_at(object) > grave;
            return (!again).then_some(ENDED_ALREADY);
        }
        // what begins changes the agent's state, before or with it
        let begins = u64::from(*event == EventKind::Post);
        let changed = dialog::changed_at(object);
        changed.zip(since).is_some_and(|(changed, since)| changed + begins <= since).then_some(UNSURE)
    }

    /// Two notifications of one object came at nearly the same time, and its own times do not tell their order: newer
    /// Openfires may have swapped them.
    fn quirk_swapped(&mut self, object: &Object, now: Instant) {
        let key = self.kind.key(object);
        let Some(known) = self.objects.get(key) else {
            // what began before the last read and was not there is late, if the clocks are right
            let changed = dialog::changed_at(object).zip(self.read_at);
            if self.kind.form == Form::Calls && changed.is_some_and(|(changed, read)| changed < read) {
                self.doubt();
            }
            return;
        };
        let soon = known.heard.is_some_and(|heard| now.since(heard) <= SWAPPED);
        let ordered = known.object == *object || self.kind.is_older(&known.object, object);
        if self.complete && soon && !ordered {
            self.doubt();
        }
    }

    /// It is to be read when all is quiet.
    pub(super) fn doubt(&mut self) {
        if self.read == Read::No {
            self.read = Read::Doubtful;
        }
    }

    /// It is told elsewhere.
    pub(super) fn learn(&mut self, object: &Object) {
        self.insert(object.clone(), None, usize::MAX);
    }

    /// Remembers an object, as long as there is room.
    fn insert(&mut self, object: Object, heard: Option<Instant>, room: usize) {
        let key = self.kind.key(&object).to_owned();
        self.forget(&key);
        if self.objects.len() < limits::LIST_OBJECTS && self.bytes + object.bytes() <= room {
            self.bytes += object.bytes();
            self.objects.insert(key, Known { object, heard });
        }
    }

    fn remove(&mut self, object: &Object) {
        self.forget(self.kind.key(object));
        self.bury(object);
    }

    fn forget(&mut self, key: &str) {
        if let Some(known) = self.objects.remove(key) {
            self.bytes -= known.object.bytes();
        }
    }

    /// The last change of a call that ended.
    fn grave(&self, key: &str) -> Option<Option<u64>> {
        self.ended.iter().rev().find(|(ended, _)| ended == key).map(|(_, changed)| *changed)
    }

    fn bury(&mut self, object: &Object) {
        if self.kind.form == Form::Calls {
            self.ended.push_back((self.kind.key(object).to_owned(), dialog::changed_at(object)));
            if self.ended.len() > ENDED {
                self.ended.pop_front();
            }
        }
    }
}

/// Whether an agent who is signed in to a medium works there with other settings than before.
fn lost_settings(known: &Object, read: &Object) -> bool {
    let signed_in = |media: &Object| !matches!(media.text(Media::STATE), "" | "LOGOUT");
    signed_in(known)
        && signed_in(read)
        && media::SETTINGS.iter().any(|place| {
            let was = known.field(*place);
            !was.is_absent() && !was.is_same(read.field(*place))
        })
}
