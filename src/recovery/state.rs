//! The states of the machine, the words for them, and the signals and actions that connect it to the house.

use super::evidence::Reading;
use crate::time::{Duration, Instant};

/// A server of the pair: A is the home side, the first one configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The home side.
    A,
    /// The alternate.
    B,
}

impl Side {
    /// Both, the home side first.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// `A` or `B`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    /// 0 for A, 1 for B: the place in the configuration.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// One thing for each side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pair<T>([T; 2]);

impl<T> Pair<T> {
    pub(crate) fn get(&self, side: Side) -> &T {
        let [a, b] = &self.0;
        if side == Side::A { a } else { b }
    }

    pub(crate) fn get_mut(&mut self, side: Side) -> &mut T {
        let [a, b] = &mut self.0;
        if side == Side::A { a } else { b }
    }
}

/// Why the machine waits with XMPP up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// The IN_SERVICE notice (or read) after an OUT_OF_SERVICE one.
    Notice,
    /// The presence of `finesse`, and that it is in service.
    Presence,
    /// A container's word that its connection stands, which outweighs the others.
    Container,
}

/// Why nothing is tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Signed in elsewhere with the same full JID.
    Conflict,
    /// Credentials refused (rule 7).
    CredentialsRefused,
    /// The page was left; it may come back from the back/forward cache.
    PageLeft,
    /// The application closed.
    Closed,
}

/// What the machine is doing. A state owns what is known only in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Before `Start`.
    Idle,
    /// Reading both sides until one reads in.
    Locating,
    /// Making a session.
    Connecting { side: Side },
    /// A session is up; some things are still missing.
    Settling { side: Side, since: Instant, missing: Missing },
    /// Everything is well.
    InService { side: Side },
    /// XMPP is up, the service behind it is not.
    Waiting { side: Side, reason: WaitingFor, in_seen: bool },
    /// No session; this side is read until one can be made.
    Reconnecting { side: Side },
    /// Making a session on the other side.
    Moving { from: Side, to: Side, attempts: u32 },
    /// Nothing is tried until the application says so.
    Stopped { side: Option<Side>, stop: Stop },
}

/// What keeps a settling session from being in service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// A read in service, made after our presence was sent.
    pub(super) read: bool,
    /// Presence of `finesse`.
    pub(super) presence: bool,
    /// The resync.
    pub(super) resync: bool,
}

impl Missing {
    pub(super) const fn nothing(self) -> bool {
        !self.read && !self.presence && !self.resync
    }
}

/// The name of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateName {
    /// Looking for a side in service.
    Locating,
    /// Making a session.
    Connecting,
    /// A session is up, completing.
    Settling,
    /// Everything is well.
    InService,
    /// XMPP is up, the service is not.
    Waiting,
    /// Reading and trying on this side.
    Reconnecting,
    /// On the way to the other side.
    Moving,
    /// Only the application can start again.
    Stopped,
}

impl StateName {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Locating => "locating",
            Self::Connecting => "connecting",
            Self::Settling => "settling",
            Self::InService => "in-service",
            Self::Waiting => "waiting",
            Self::Reconnecting => "reconnecting",
            Self::Moving => "moving",
            Self::Stopped => "stopped",
        }
    }
}

/// How a session that was up ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The socket closed, or the stream ended, without a reason that concerns others.
    Closed,
    /// Pings went unanswered.
    Dead,
    /// The server said goodbye (`system-shutdown`): everybody's loss.
    Shutdown,
}

/// How an attempt to make a session failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptFailure {
    /// No stream: refused, silent, or broken off before its features.
    NoStream,
    /// No stream: something answered in the service's place, a proxy or what stands in front of it.
    Gateway,
    /// A stream was given, and login failed for now (temporary-auth-failure, a stream error, a deadline).
    Login,
    /// Our own ghost holds the resource: the service lives, nobody is to blame.
    Ghost,
    /// The application's provider gave nothing: nobody's service is to blame.
    NoCredentials,
}

/// The page's life, and what the browser says about the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEvent {
    /// `visibilitychange`: not seen any more.
    Hidden,
    /// `visibilitychange`: seen again.
    Visible,
    /// `freeze`.
    Frozen,
    /// `resume`.
    Resumed,
    /// `pagehide`: left, perhaps for the back/forward cache.
    PageHide,
    /// `pageshow` from the back/forward cache.
    PageShow,
    /// `online`: a hint.
    Online,
    /// `offline`: a hint.
    Offline,
}

/// Why the connection of a gadget's container does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standstill {
    /// Its server or the way there fails, or it is on its way to another one.
    Failing,
    /// The agent signed in elsewhere.
    Conflict,
    /// The agent's credentials were refused.
    Refused,
}

/// Something happened that recovery has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The link may be used.
    Start,
    /// A read of SystemInfo ended.
    Read {
        /// Of this side.
        side: Side,
        /// What it said.
        reading: Reading,
        /// When it was sent.
        began: Instant,
        /// `Retry-After`, where shown.
        retry_after: Option<Duration>,
    },
    /// The session is bound, present and subscribed.
    SessionUp {
        /// Whether `finesse` has been seen there.
        finesse: bool,
    },
    /// The old session answered before the new one did: it lives after all.
    SessionRevived {
        /// Whether `finesse` is there.
        finesse: bool,
        /// The service behind it changed while it was in doubt: something may have been missed.
        disturbed: bool,
    },
    /// The attempt to make a session failed.
    AttemptFailed(AttemptFailure),
    /// The session that was up is gone.
    SessionLost(Loss),
    /// A ping is overdue; it was sent at this time.
    Suspect(Instant),
    /// A ping was answered after all.
    Alive,
    /// Presence of `finesse` on the current session.
    Finesse(bool),
    /// A SystemInfo notification on the current session.
    Notice {
        /// Its status says IN_SERVICE.
        in_service: bool,
    },
    /// A stream without a login was asked for; did the service give its features?
    Stream {
        /// By this side.
        side: Side,
        /// It did.
        given: bool,
    },
    /// A gadget's container says that its connection does not stand, for this reason.
    Standstill(Standstill),
    /// It stands again, and has seen `finesse`.
    StandsAgain,
    /// Everything was read and told.
    ResyncDone,
    /// Something could not be read.
    ResyncFailed,
    /// Signed in elsewhere with the same full JID.
    Conflict,
    /// Credentials refused, over XMPP or REST; a token can be renewed.
    CredentialsRefused {
        /// They were a token.
        token: bool,
    },
    /// The page's life.
    Page(PageEvent),
    /// The machine slept.
    Slept(Duration),
    /// The application: leave `Stopped`.
    Resume,
    /// The application: go to the other side.
    Move,
    /// The application: stop for good.
    Close,
}

/// Do this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read SystemInfo of this side; supersedes a read under way.
    Read(Side),
    /// Make a session on this side.
    Connect(Side),
    /// Say goodbye on the session and drop it.
    Leave,
    /// Drop whatever there is of a session, without a word.
    Abandon,
    /// Ping now; 5 s to answer.
    Probe,
    /// Ask this side for a stream, without logging in.
    ProbeStream(Side),
    /// Read what may have changed.
    Resync,
    /// The session now lives on another side.
    Moved {
        /// The side that was left.
        from: Side,
        /// The side that serves.
        to: Side,
    },
    /// The state or its reason may have changed.
    Changed,
    /// For the timeline.
    Note(&'static str),
}
