//! Decides which side and when. Knows only signals and time.
//!
//! Signals go in by [`Recovery::handle`], actions come out by [`Recovery::poll_action`]. The rules are Cisco's (high
//! availability chapter of the Web Services developer guide: SystemInfo in service, XMPP up, `finesse` present, in this
//! order) with the delays that keep an agent from being moved or signed out needlessly:
//!
//! - a lost session is made again where it was as long as that side may come back: leaving it is what starts the forced
//!   logout;
//! - the alternate is watched in every state; a move needs proof that this side is out ([`evidence`]) and that the other
//!   is in;
//! - silence is counted from the first unanswered ping, not from the last answer, so that a silence under 20 s never
//!   moves anyone; pings of small sites are frequent enough (`session::keepalive`) to keep the move quick all the same.
//!
//! - a gadget's session is its container's: it is joined at once, whatever a read says, and waited for while the
//!   container says that it does not stand; then all is read again.
//!
//! What each state does on each signal (printed by `tests/recovery_table.rs`, which fails when the two differ):
#![doc = include_str!("table.md")]

pub mod evidence;
mod moving;
mod outage;
mod pace;
mod reads;
mod reason;
mod signals;
mod state;

pub use evidence::Reading;
pub use outage::Outage;
pub use reason::Reason;
pub(crate) use state::Pair;
pub use state::{
    Action, AttemptFailure, Loss, PageEvent, Side, Signal, Standstill, StateName, Stop, WaitingFor,
};

use crate::rng::Rng;
use crate::time::{Duration, Instant};
use crate::timers::Timers;
use evidence::Evidence;
use moving::StreamProbe;
use pace::Pace;
use state::State;
use std::collections::VecDeque;

/// Every deadline of recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// The next read of a side.
    Read(Side),
    /// The next attempt to make a session.
    Attempt,
    /// Settling has taken too long.
    Settle,
    /// The next try of a resync.
    Resync,
    /// A move that had to wait may be possible now.
    Move,
    /// A move has taken too long.
    MoveLimit,
}

impl Timer {
    const fn reason(self) -> &'static str {
        match self {
            Self::Read(_) => "read SystemInfo",
            Self::Attempt => "try to connect",
            Self::Settle => "give up settling",
            Self::Resync => "resync",
            Self::Move => "reconsider a move",
            Self::MoveLimit => "give up a move",
        }
    }
}

/// `finesse` must be seen, and the side read in, this long after our own presence.
const SETTLE: Duration = Duration::from_secs(10);
/// Wake-ups bring a try forward at most this often.
const WAKE: Duration = Duration::from_secs(5);
/// A refused password is tried once more, not before this.
const PASSWORD_PAUSE: Duration = Duration::from_secs(60);
/// The window in which refusals are counted: the fifth in it locks the agent out for five minutes.
const REFUSAL_WINDOW: Duration = Duration::from_secs(300);
/// So many refusals in the window stop everything.
const REFUSALS: usize = 3;

/// A loss, from its first sign until everything is well again.
#[derive(Clone, Debug)]
struct LossRecord {
    since: Instant,
    /// Others lost it too: what follows waits for its turn.
    shared: bool,
    attempts: u32,
    /// Our turn to log in here, drawn when the side first reads in.
    turn: Option<Instant>,
    /// Our place in the queue of those who may have to move.
    place: u32,
}

/// What the machine is set up with.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// There is an alternate.
    pub alternate: bool,
    /// Agents that share the pair.
    pub agents: u32,
    /// The side to look at first.
    pub preferred: Side,
    /// Never moves by itself.
    pub stays: bool,
    /// The session is a container's: never ours to make.
    pub shared: bool,
}

/// The recovery machine.
#[derive(Clone, Debug)]
pub struct Recovery {
    state: State,
    sides: Pair<Evidence>,
    alternate: bool,
    preferred: Side,
    /// Where the last session was up.
    served: Option<Side>,
    loss: Option<LossRecord>,
    cause: Reason,
    outage: Option<Outage>,
    suspect: bool,
    /// When the first ping was sent that is overdue.
    doubted: Option<Instant>,
    slept: Option<Instant>,
    finesse: Option<bool>,
    on_a_call: bool,
    accepted: bool,
    was_in_service: bool,
    /// How the last attempt failed.
    failed: Option<AttemptFailure>,
    offline: bool,
    refused_since_accepted: u32,
    refusals: Vec<Instant>,
    not_before: Option<Instant>,
    moves: VecDeque<Instant>,
    /// A loss before a reload or before the page was left: its pace goes on.
    lost_before: Option<Instant>,
    /// Never moves by itself.
    stays: bool,
    /// The session is a container's.
    shared: bool,
    /// Why it does not stand, as the container says.
    standstill: Option<Standstill>,
    /// The application wants to move; the other side is being read.
    move_asked: bool,
    probe: Option<StreamProbe>,
    probe_not_before: Option<Instant>,
    woken: Option<Instant>,
    reading: Pair<bool>,
    pace: Pace,
    timers: Timers<Timer>,
    actions: VecDeque<Action>,
}

/// Two refusals are further apart, even where a page is loaded again at once.
const SAME_REFUSAL: Duration = Duration::from_millis(100);
/// More than stop everything.
const KNOWN_REFUSALS: usize = 16;

impl Recovery {
    /// A machine at rest; `Signal::Start` sets it going.
    #[must_use]
    pub fn new(setup: Setup, rng: Rng) -> Self {
        Self {
            state: State::Idle,
            sides: Pair::default(),
            alternate: setup.alternate,
            preferred: setup.preferred,
            served: None,
            loss: None,
            cause: Reason::Starting,
            outage: None,
            suspect: false,
            doubted: None,
            slept: None,
            finesse: None,
            on_a_call: false,
            accepted: false,
            was_in_service: false,
            failed: None,
            offline: false,
            refused_since_accepted: 0,
            refusals: Vec::new(),
            not_before: None,
            moves: VecDeque::new(),
            lost_before: None,
            stays: setup.stays,
            shared: setup.shared,
            standstill: None,
            move_asked: false,
            probe: None,
            probe_not_before: None,
            woken: None,
            reading: Pair::default(),
            pace: Pace::new(setup.agents, rng),
            timers: Timers::default(),
            actions: VecDeque::new(),
        }
    }

    /// Something happened.
    pub fn handle(&mut self, signal: Signal, now: Instant) {
        self.on_signal(signal, now);
        self.settle_down(now);
        self.weigh(now);
    }

    /// A deadline may have passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((timer, _)) = self.timers.pop(now) {
            self.on_timer(timer, now);
            self.settle_down(now);
        }
        self.weigh(now);
    }

    /// What to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Self::handle_timeout`], and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        self.timers.next().map(|(at, timer)| (at, timer.reason()))
    }

    /// There is an alternate now: SystemInfo named it.
    pub fn learn_alternate(&mut self, now: Instant) {
        if !self.alternate {
            self.alternate = true;
            self.timers.set_earliest(Timer::Read(self.here().other()), now);
        }
    }

    /// Whether the agent is on a call: then their turn comes earlier.
    pub fn set_on_a_call(&mut self, on_a_call: bool) {
        self.on_a_call = on_a_call;
    }

    /// The moves that count for the next one, as times on the machine's clock (for a snapshot).
    #[must_use]
    pub fn moves(&self) -> Vec<Instant> {
        self.moves.iter().copied().collect()
    }

    /// The refusals that count for the next one (for a snapshot).
    #[must_use]
    pub fn refusals(&self, now: Instant) -> Vec<Instant> {
        self.refusals.iter().copied().filter(|at| *at + REFUSAL_WINDOW > now).collect()
    }

    /// Takes up an earlier life: its side, its moves, and the pace of a loss that it did not see the end of.
    pub fn remember(
        &mut self,
        side: Option<Side>,
        accepted: bool,
        moves: Vec<Instant>,
        lost: Option<Instant>,
    ) {
        self.preferred = side.unwrap_or(self.preferred);
        self.accepted = accepted;
        self.moves = moves.into();
        self.lost_before = lost;
    }

    /// Takes refusals of an earlier life, or of another tab, into the budget.
    pub fn remember_refusals(&mut self, refusals: &[Instant]) {
        for at in refusals {
            // it has been to a wall clock and back, by which it is another by some
            let known = |known: &Instant| known.since(*at).max(at.since(*known)) < SAME_REFUSAL;
            if !self.refusals.iter().any(known) && self.refusals.len() < KNOWN_REFUSALS {
                let place = self.refusals.iter().take_while(|known| *known < at).count();
                self.refusals.insert(place, *at);
            }
        }
    }

    /// Whether credentials were accepted, and not refused since.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.accepted && !self.was_refused()
    }

    /// Whether they were refused since they were last accepted.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.refused_since_accepted > 0
    }

    /// Whether any refusal still counts.
    #[must_use]
    pub fn refused_lately(&self, now: Instant) -> bool {
        self.refusals.last().is_some_and(|at| *at + REFUSAL_WINDOW > now)
    }

    /// Since when something is lost that others may have lost too, or that trying has not brought back (for a snapshot).
    #[must_use]
    pub fn lost_since(&self) -> Option<Instant> {
        let slow = self.loss.as_ref().filter(|loss| loss.shared || loss.attempts > 0);
        slow.map(|loss| loss.since).or(self.lost_before)
    }

    /// The name of the state.
    #[must_use]
    pub fn state(&self) -> StateName {
        match self.state {
            State::Idle | State::Locating => StateName::Locating,
            State::Connecting { .. } => StateName::Connecting,
            State::Settling { .. } => StateName::Settling,
            State::InService { .. } => StateName::InService,
            State::Waiting { .. } => StateName::Waiting,
            State::Reconnecting { .. } => StateName::Reconnecting,
            State::Moving { .. } => StateName::Moving,
            State::Stopped { .. } => StateName::Stopped,
        }
    }

    /// The side that serves or will serve next, once chosen.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        match self.state {
            State::Idle | State::Locating => None,
            State::Stopped { side, .. } => side,
            State::Moving { to, .. } => Some(to),
            State::Connecting { side }
            | State::Settling { side, .. }
            | State::InService { side }
            | State::Waiting { side, .. }
            | State::Reconnecting { side } => Some(side),
        }
    }

    /// Whether a ping is overdue.
    #[must_use]
    pub fn suspect(&self) -> bool {
        self.suspect
    }

    /// When the next read or attempt is due, while out of service. Stopped for refused credentials: until when even
    /// right ones have to wait.
    #[must_use]
    pub fn next_try(&self, now: Instant) -> Option<Instant> {
        match self.state {
            State::InService { .. } => return None,
            State::Stopped { stop: Stop::CredentialsRefused, .. } => {
                return self.refusal_pause().filter(|at| *at > now);
            }
            State::Stopped { .. } => return None,
            _ => {}
        }
        if self.held_back() {
            return self.refusal_pause();
        }
        [Timer::Attempt, Timer::Read(self.here())]
            .into_iter()
            .filter_map(|timer| self.timers.get(timer))
            .min()
    }

    /// The last reading of a side.
    #[must_use]
    pub fn last_reading(&self, side: Side) -> Option<Reading> {
        self.sides.get(side).reading.map(|(reading, _)| reading)
    }

    /// Why nothing is tried any more, if so.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        match self.state {
            State::Stopped { stop, .. } => Some(stop),
            _ => None,
        }
    }

    /// The side that recovery is about: while moving it is the one that is left.
    #[must_use]
    pub fn here(&self) -> Side {
        match self.state {
            State::Moving { from, .. } => from,
            _ => self.side().unwrap_or(self.preferred),
        }
    }

    /// A session is up, as far as this machine knows.
    fn xmpp(&self) -> bool {
        matches!(self.state, State::Settling { .. } | State::InService { .. } | State::Waiting { .. })
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    fn enter(&mut self, state: State) {
        if let Some(reason) = self.reason() {
            self.cause = reason;
        }
        for timer in [Timer::Attempt, Timer::Settle, Timer::Resync, Timer::Move, Timer::MoveLimit] {
            self.timers.clear(timer);
        }
        self.probe = None;
        self.state = state;
        self.act(Action::Changed);
    }
}
