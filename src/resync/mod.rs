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
    /// What was read knows it.
    known: bool,
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
        let [calls, user] = Kind::OWN;
        let pictures = vec![Picture::new(node::dialogs(agent), calls), Picture::new(node::user(agent), user)];
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

    /// A node is subscribed no more. Tells whether it was being read.
    pub fn unfollow(&mut self, node: &str) -> bool {
        let Some(place) = self.place(node).filter(|place| *place >= OWN) else { return false };
        self.pictures.remove(place).is_reading()
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
        let place = self.find(Read::Due).or_else(|| self.find(Read::Doubtful))?;
        let picture = self.pictures.get_mut(place)?;
        picture.ask(time);
        Some(match place {
            DIALOGS => Wanted::Dialogs,
            USER => Wanted::User,
            _ => Wanted::Object(picture.kind.path(&picture.node).to_owned()),
        })
    }

    /// The agent as last told.
    #[must_use]
    pub fn user(&self) -> Option<&Object> {
        self.pictures.get(USER)?.only()
    }

    /// Whether the reads that begin a resync are on their way.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.pictures.iter().take(OWN).all(Picture::is_reading)
    }

    /// Whether reads are on their way.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.find(Read::UnderWay).is_some()
    }

    /// Whether a read is due.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.find(Read::Due).is_some()
    }

    /// Whether a read is due when all is quiet.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.find(Read::Doubtful).is_some()
    }

    fn find(&self, read: Read) -> Option<usize> {
        self.pictures.iter().position(|picture| picture.read == read)
    }

    /// The agent was signed in to media again: what came of it is read.
    pub fn doubt_media(&mut self) {
        for picture in &mut self.pictures {
            if picture.kind.is_media() {
                picture.doubt();
            }
        }
    }

    /// What is read and told elsewhere, and told again here only if it differs.
    pub fn learn(&mut self, notification: &Notification) {
        let place = self.place(&notification.node);
        if let Some(picture) = place.and_then(|place| self.pictures.get_mut(place)) {
            for object in notification.data.objects() {
                picture.insert(object.clone(), None, 1, limits::KNOWN_BYTES);
            }
        }
    }

    /// The reads are given up; what was held is found by the next ones.
    pub fn abandon(&mut self) {
        self.held.clear();
        self.give_up(Read::Due);
    }

    /// The reads failed, and are due again; what was held is told as it came.
    pub fn fail(&mut self) -> Vec<Told> {
        self.give_up(Read::Due);
        self.release()
    }

    /// The server refuses to give what is being read: it stays as it is known. Gives the node when that is first seen.
    pub fn refuse(&mut self) -> (Vec<Told>, Option<String>) {
        let place = self.find(Read::UnderWay);
        self.give_up(Read::No);
        let mut node = None;
        if let Some(picture) = place.and_then(|place| self.pictures.get_mut(place))
            && !core::mem::replace(&mut picture.refused, true)
        {
            node = Some(picture.node.clone());
        }
        (self.release(), node)
    }

    fn give_up(&mut self, read: Read) {
        self.overflow = false;
        for picture in &mut self.pictures {
            if picture.is_reading() {
                picture.read = read;
            }
        }
    }

    fn release(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        for held in core::mem::take(&mut self.held) {
            told.push(self.take(held));
        }
        told
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
            Wanted::Dialogs => DIALOGS,
            Wanted::User => USER,
            Wanted::Object(_) => self.find(Read::UnderWay).unwrap_or(usize::MAX),
        };
        let picture = self.pictures.get_mut(place);
        let Some(picture) = picture.filter(|picture| picture.read == Read::UnderWay) else { return Ok(None) };
        picture.came = picture.kind.read(body)?;
        picture.read = Read::Done;
        picture.refused = false;
        Ok(if self.is_reading() { None } else { Some(self.finish()) })
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
        let picture = place.and_then(|place| self.pictures.get(place));
        let waited = picture.is_some_and(|picture| {
            picture.is_reading() && picture.kind.objects(&notification.data).is_some()
        });
        let held = Held { notification, stored, at: now, waited, known: false };
        if !waited {
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
        self.pictures.push(Picture::new(node.to_owned(), kind));
        Some(self.pictures.len() - 1)
    }

    fn finish(&mut self) -> Outcome {
        let again = core::mem::take(&mut self.overflow);
        let mut outcome = Outcome { told: Vec::new(), changes: 0, again, forgotten: Vec::new() };
        for place in 0..self.pictures.len() {
            let room = self.room(place);
            let Some(picture) = self.pictures.get_mut(place).filter(|picture| picture.is_reading()) else {
                continue;
            };
            picture.compare(room, &mut outcome.told, &mut outcome.forgotten);
            let mut settled = Vec::new();
            for held in self.held.iter_mut().rev() {
                if same(&held.notification.node, &picture.node) {
                    held.known = picture.knew(held, &mut settled);
                }
            }
        }
        outcome.changes = outcome.told.len();
        outcome.told.append(&mut self.release());
        outcome
    }

    /// Takes a notification into the known picture, or says why it is passed over.
    fn take(&mut self, held: Held) -> Told {
        if held.known {
            return passed_over("read already", &held.notification);
        }
        let place = self.place(&held.notification.node).unwrap_or(usize::MAX);
        let agent = self.pictures.get(USER).filter(|_| place == DIALOGS);
        let since = agent.and_then(Picture::changed_at);
        let room = self.room(place);
        if let Some(picture) = self.pictures.get_mut(place)
            && let Some(objects) = picture.kind.objects(&held.notification.data)
        {
            return picture.take(held, objects, since, room);
        }
        Told::Notification(Box::new(held.notification))
    }

    /// What the objects of a node may take.
    fn room(&self, place: usize) -> usize {
        let mut room = limits::KNOWN_BYTES;
        for (other, picture) in self.pictures.iter().enumerate().skip(OWN) {
            if place >= OWN && other != place {
                room = room.saturating_sub(picture.bytes);
            }
        }
        room
    }
}

/// Servers may write an agent's id in another letter case than the agent did.
fn same(node: &str, other: &str) -> bool {
    crate::shapes::is_same_word(node, other)
}

fn passed_over(why: &str, notification: &Notification) -> Told {
    Told::Note(["passed over: ", why, " (", &notification.source, ")"].concat())
}

#[cfg(test)]
mod tests;
