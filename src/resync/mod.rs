//! What changed while we were away: what to read, what it differs in, what to tell.
//!
//! The agent and their calls are read after every gap, then one by one what else is followed (`kind` lists what can be
//! read), and compared with what was last told; the differences go out as ordinary notifications marked `synthetic`:
//! calls that ended, calls that began, changed calls, the agent, then the others. What arrives on a node while it is read
//! is held until then, so that it is neither lost nor told twice nor overtaken by an older read. What began and ended
//! within the gap leaves no trace on the server, and cannot be told.
//!
//! A node alone is read when it was newly subscribed, and when something that came there leaves a doubt.

mod kind;
mod picture;

use crate::finesse::update::Notification;
use crate::finesse::{FinesseError, node};
use crate::limits;
use crate::shapes::object::Object;
use crate::time::Instant;
use kind::Kind;
use picture::{Picture, Read};

/// What to tell the application.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// This.
    Notification(Box<Notification>),
    /// Nothing; why, for the timeline.
    Note(String),
}

/// What came of a read, or of both reads that begin a resync.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What to tell, in order.
    pub told: Vec<Told>,
    /// How many synthetic notifications are among it.
    pub changes: usize,
    /// Too much arrived meanwhile: read once more.
    pub again: bool,
    /// Media in which the agent works with other settings than before; these are as the agent had them.
    pub forgotten: Vec<Object>,
}

/// A read that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The agent.
    User,
    /// The agent's calls.
    Dialogs,
    /// What is at this path.
    Object(String),
}

/// A notification that waits for a read.
#[derive(Clone, Debug)]
struct Held {
    notification: Notification,
    stored: bool,
    at: Instant,
    /// It came while the node was read.
    waited: bool,
}

/// The last known objects, and reads under way.
#[derive(Clone, Debug)]
pub struct Resync {
    agent: String,
    /// The agent's calls, the agent, and what else is followed.
    pictures: Vec<Picture>,
    held: Vec<Held>,
    overflow: bool,
}

/// Where the agent's own are.
const DIALOGS: usize = 0;
const USER: usize = 1;
const OWN: usize = 2;

impl Resync {
    /// Nothing is known yet of this agent.
    #[must_use]
    pub fn new(agent: &str) -> Self {
        let own = [node::dialogs(agent), node::user(agent)];
        // an id that makes no path is refused by the configuration
        let pictures = own.iter().zip(Kind::OWN).map(|(node, kind)| Picture::new(node, kind)).collect();
        Self { agent: node::user(agent), pictures, held: Vec::new(), overflow: false }
    }

    /// Whether a node can be read.
    #[must_use]
    pub fn can_follow(&self, node: &str) -> bool {
        self.place(node).is_some() || (Kind::of(node).is_some() && self.pictures.len() < limits::KNOWN_NODES)
    }

    /// A node was subscribed: it is to be read, and again after every gap. False if it cannot be.
    pub fn follow(&mut self, node: &str) -> bool {
        let place = self.place(node).or_else(|| self.add(node));
        let Some(picture) = place.and_then(|place| self.pictures.get_mut(place)) else { return false };
        if !core::mem::replace(&mut picture.asked, true) && !picture.is_reading() {
            picture.read = Read::Due;
        }
        true
    }

    /// A node is subscribed no more.
    pub fn unfollow(&mut self, node: &str) {
        if let Some(place) = self.place(node).filter(|place| *place >= OWN) {
            let picture = self.pictures.remove(place);
            self.held.retain(|held| !same(&held.notification.node, &picture.node));
        }
    }

    /// The reads of the agent and the calls are on their way, after a gap or for another reason; all else is due.
    /// `time` is what it is now on the server, if that is known.
    pub fn begin(&mut self, gap: bool, time: Option<u64>) {
        for (place, picture) in self.pictures.iter_mut().enumerate() {
            picture.read = Read::Due;
            picture.after_gap |= gap;
            if place < OWN {
                picture.ask(time);
            }
        }
    }

    /// The next read that is due, and from now on under way.
    pub fn next(&mut self, time: Option<u64>) -> Option<Wanted> {
        let first = |wanted: Read| self.pictures.iter().position(|picture| picture.read == wanted);
        let place = first(Read::Due).or_else(|| first(Read::Doubtful))?;
        let picture = self.pictures.get_mut(place)?;
        picture.ask(time);
        Some(match place {
            DIALOGS => Wanted::Dialogs,
            USER => Wanted::User,
            _ => Wanted::Object(picture.kind.path(&picture.node).to_owned()),
        })
    }

    /// Whether the reads that begin a resync are on their way.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.pictures.iter().take(OWN).all(Picture::is_reading)
    }

    /// Whether reads are on their way.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.pictures.iter().any(Picture::is_reading)
    }

    /// Whether a read is due.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.pictures.iter().any(|picture| picture.read == Read::Due)
    }

    /// Whether a read is due when all is quiet.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.pictures.iter().any(|picture| picture.read == Read::Doubtful)
    }

    /// The agent was signed in to media again: what came of it is read.
    pub fn doubt_media(&mut self) {
        self.pictures.iter_mut().filter(|picture| picture.kind.is_media()).for_each(Picture::doubt);
    }

    /// What is read and told elsewhere, and told again here only if it differs.
    pub fn learn(&mut self, notification: &Notification) {
        if let Some(place) = self.place(&notification.node)
            && let Some(picture) = self.pictures.get_mut(place)
        {
            picture
                .kind
                .objects(&notification.data)
                .iter()
                .flatten()
                .for_each(|object| picture.learn(object));
        }
    }

    /// The reads are given up; what was held is found by the next ones.
    pub fn abandon(&mut self) {
        self.held.clear();
        self.give_up();
    }

    /// The reads failed, and are due again; what was held is told as it came.
    pub fn fail(&mut self) -> Vec<Told> {
        self.give_up();
        core::mem::take(&mut self.held).into_iter().map(|held| self.take(held)).collect()
    }

    fn give_up(&mut self) {
        self.overflow = false;
        for picture in self.pictures.iter_mut().filter(|picture| picture.is_reading()) {
            picture.read = Read::Due;
        }
    }

    /// The server refuses to give what is being read: it stays as it is known. Gives the node when that is first seen.
    pub fn refuse(&mut self) -> (Vec<Told>, Option<String>) {
        let mut node = None;
        for picture in self.pictures.iter_mut().filter(|picture| picture.is_reading()) {
            picture.read = Read::No;
            if !core::mem::replace(&mut picture.refused, true) {
                node = Some(picture.node.clone());
            }
        }
        let held = core::mem::take(&mut self.held);
        (held.into_iter().map(|held| self.take(held)).collect(), node)
    }

    /// Whether the agent has calls.
    #[must_use]
    pub fn on_a_call(&self) -> bool {
        self.pictures.first().is_some_and(|calls| !calls.is_empty())
    }

    /// What was asked for came. Gives the outcome if nothing else is under way.
    ///
    /// # Errors
    ///
    /// If it cannot be understood.
    pub fn on_read(&mut self, what: &Wanted, body: &str) -> Result<Option<Outcome>, FinesseError> {
        let place = match what {
            Wanted::Dialogs => Some(DIALOGS),
            Wanted::User => Some(USER),
            Wanted::Object(_) => self.pictures.iter().position(Picture::is_reading),
        };
        let picture = place.and_then(|place| self.pictures.get_mut(place));
        let Some(picture) = picture.filter(|picture| picture.read == Read::UnderWay) else { return Ok(None) };
        let (team, objects) = picture.kind.read(body)?;
        picture.read = Read::Done(team, objects);
        picture.refused = false;
        Ok(self.finish())
    }

    /// A notification arrived; `stored` if the server had kept it for us.
    pub fn on_notification(&mut self, notification: Notification, stored: bool, now: Instant) -> Vec<Told> {
        // what the server subscribes an agent to by itself is followed once something came
        let place = self.place(&notification.node).or_else(|| {
            let (agent, rest) = notification.node.split_at_checked(self.agent.len())?;
            if same(agent, &self.agent) && rest.starts_with('/') {
                self.add(&notification.node)
            } else {
                None
            }
        });
        let Some(picture) = place.and_then(|place| self.pictures.get(place)) else {
            return vec![Told::Notification(Box::new(notification))];
        };
        if picture.kind.objects(&notification.data).is_none() {
            return vec![Told::Notification(Box::new(notification))];
        }
        let held = Held { notification, stored, at: now, waited: picture.is_reading() };
        if !picture.is_reading() {
            return vec![self.take(held)];
        }
        if self.held.len() < limits::HELD_NOTIFICATIONS {
            self.held.push(held);
        } else {
            self.overflow = true;
        }
        Vec::new()
    }

    fn place(&self, node: &str) -> Option<usize> {
        self.pictures.iter().position(|picture| same(&picture.node, node))
    }

    fn add(&mut self, node: &str) -> Option<usize> {
        let kind = Kind::of(node).filter(|_| self.pictures.len() < limits::KNOWN_NODES)?;
        self.pictures.push(Picture::new(node, kind));
        Some(self.pictures.len() - 1)
    }

    fn finish(&mut self) -> Option<Outcome> {
        if self.pictures.iter().any(|picture| picture.read == Read::UnderWay) {
            return None;
        }
        let again = core::mem::take(&mut self.overflow);
        let mut outcome = Outcome { told: Vec::new(), changes: 0, again, forgotten: Vec::new() };
        let held = core::mem::take(&mut self.held);
        let mut superseded = vec![false; held.len()];
        for place in 0..self.pictures.len() {
            let room = self.room(place);
            let Some(picture) = self.pictures.get_mut(place).filter(|picture| picture.is_reading()) else {
                continue;
            };
            outcome.forgotten.append(&mut picture.compare(room, &mut outcome.told));
            let (places, about): (Vec<usize>, Vec<&Notification>) = held
                .iter()
                .enumerate()
                .filter(|(_, held)| same(&held.notification.node, &picture.node))
                .map(|(place, held)| (place, &held.notification))
                .unzip();
            for (place, verdict) in places.into_iter().zip(picture.superseded(&about)) {
                superseded.get_mut(place).into_iter().for_each(|it| *it = verdict);
            }
        }
        outcome.changes = outcome.told.len();
        for (held, superseded) in held.into_iter().zip(superseded) {
            outcome.told.push(if superseded {
                Told::Note(["passed over: read already (", &held.notification.source, ")"].concat())
            } else {
                self.take(held)
            });
        }
        Some(outcome)
    }

    /// Takes a notification into the known picture, or says why it is passed over.
    fn take(&mut self, held: Held) -> Told {
        let place = self.place(&held.notification.node);
        let since =
            if place == Some(DIALOGS) { self.pictures.get(USER).and_then(Picture::changed_at) } else { None };
        let room = self.room(place.unwrap_or_default());
        let picture = place.and_then(|place| self.pictures.get_mut(place));
        let objects = picture.as_ref().and_then(|picture| picture.kind.objects(&held.notification.data));
        match picture.zip(objects) {
            Some((picture, objects)) => picture.take(held, objects, since, room),
            None => Told::Notification(Box::new(held.notification)),
        }
    }

    /// What the objects of a node may take.
    fn room(&self, place: usize) -> usize {
        let others = self.pictures.iter().enumerate().skip(OWN).filter(|(other, _)| *other != place);
        let taken: usize = others.map(|(_, picture)| picture.bytes()).sum();
        limits::KNOWN_BYTES.saturating_sub(if place < OWN { 0 } else { taken })
    }
}

/// Servers may write an agent's id in another letter case than the agent did.
fn same(node: &str, other: &str) -> bool {
    crate::shapes::is_same_word(node, other)
}

#[cfg(test)]
mod tests;
