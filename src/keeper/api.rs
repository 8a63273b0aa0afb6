//! What goes into a keeper and what comes out of it, beside the effects.

use super::timeline::Entry;
use super::transport::Way;
use crate::effect::Answer;
use crate::finesse::update::Notification;
use crate::recovery::{PageEvent, Reason, Side, StateName};
use crate::time::{Duration, WallTime};

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The world answered an effect.
    Answer(Answer),
    /// The page's life.
    Page(PageEvent),
    /// The application wants something.
    Command(Command),
}

/// What an application can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Begin. Nothing happens before it.
    Start,
    /// Receive what is published on a node; counted.
    Subscribe(String),
    /// One `Subscribe` less; the last one unsubscribes.
    Unsubscribe(String),
    /// Leave the `Stopped` state.
    Resume,
    /// Go to the other side, as for maintenance.
    Move,
    /// The same at a moment of the next so long, and not during a call.
    MoveWithin(Duration),
    /// Say goodbye and stop for good.
    Close,
}

/// Something became true, for the application.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// `status` changed.
    StatusChanged(Box<Status>),
    /// A notification, as it came or as a resync found it.
    Notified(Box<Notification>),
    /// The connection will go to another side, as it was asked to.
    Moving {
        /// The side that will serve.
        to: Side,
        /// When.
        at: WallTime,
    },
    /// The connection now lives on another side.
    Moved {
        /// The side that was left.
        from: Side,
        /// The side that serves.
        to: Side,
    },
    /// What changed while we were away has been told.
    Resynced {
        /// How long we were away, in milliseconds.
        gap: u64,
        /// How many synthetic notifications it took.
        changes: usize,
    },
    /// Something the application should know, and did not ask for.
    Failed(Failure),
    /// A line was added to the timeline.
    Logged(Entry),
}

/// A failure that ended nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A stable word, such as `bad-notification`.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What a person or program can do.
    pub next_step: &'static str,
    /// The node it came on, if it is about a notification.
    pub node: Option<String>,
}

/// The whole state, as an application shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What we are doing.
    pub state: StateName,
    /// Where, once that is known.
    pub side: Option<Side>,
    /// The kind of connection that stands.
    pub transport: Option<Way>,
    /// Since when.
    pub since: WallTime,
    /// Why we are not in service.
    pub reason: Option<Reason>,
    /// Cisco's name of the service that failed, where one can be named.
    pub service: Option<&'static str>,
    /// An answer is overdue; nothing is decided yet.
    pub suspect: bool,
    /// When Finesse may sign the agent out for our absence.
    pub forced_logout: Option<ForcedLogout>,
    /// When the next attempt is due.
    pub next_try_at: Option<WallTime>,
    /// Each side's health, the home side first.
    pub sides: Vec<SideHealth>,
}

/// The window in which Finesse may sign the agent out (Cisco: desktop presence and forced logout).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForcedLogout {
    /// Not before.
    pub earliest: WallTime,
    /// Not after, unless a call holds it up.
    pub latest: WallTime,
}

/// What is known of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideHealth {
    /// Its REST address.
    pub host: String,
    /// What the last read said: `unknown`, `in`, `out`, `unreachable`, `unclear`.
    pub reading: &'static str,
    /// When that read ended.
    pub read_at: Option<WallTime>,
    /// More about it, in words.
    pub detail: String,
    /// Presence of `finesse` there: `unknown`, `present`, `absent`.
    pub finesse: &'static str,
    /// Whether our XMPP session is there.
    pub connected: bool,
    /// False where a certificate, CORS or a permission hides the side from us.
    pub usable: bool,
}
