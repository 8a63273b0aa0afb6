//! Where the agent is seen, what Finesse makes of it when the agent is not, and whether that may be undone.
//!
//! The [`clock`] tells when Finesse may sign the agent out for our absence. When it did, and nobody wanted it, the agent may
//! be signed in again: if the code says so, and if it came while it was ours to come ([`Presence::on_user`]). Only 255,
//! 50001 and 50002 say so, on CCX only 255; whatever a supervisor, a device or inactivity did stays as it is.
//!
//! With LOAD 0 the same forced logout makes an agent of CCE Not Ready (50002, Connection Failure) and leaves them signed in.
//! That is told and undone like the other form, with nothing to sign in to; it is worth telling only of an agent who was
//! doing something else, and worth undoing only where READY may be given back.
//!
//! `READY` is given back only to an agent who chose it here and whom nobody changed since, after a gap of at most 180 s
//! without sleep, not out of wrap-up, and to somebody: a person has touched the page since the gap began. Calls would ring
//! at an empty chair otherwise. Finesse itself makes whoever signs in Not Ready.

mod clock;
mod course;

pub use clock::{Clock, Window};
pub use course::{End, Step, Why};

use crate::finesse::reason;
use crate::finesse::user::{self, ReasonCode, User};
use crate::shapes::object::Object;
use crate::time::{Now, WallTime};
use course::Course;

/// After a longer gap, in milliseconds, nobody knows that the agent is still there.
const GAP: u64 = 180_000;
/// The one code of a forced logout on CCX.
const CCX: i64 = 255;
/// A supervisor's code on CCX; on CCE an administrator may have given it another meaning.
const SUPERVISOR_CCX: i64 = 33;
const SUPERVISOR: i64 = 999;
/// From here on codes are the system's.
const SYSTEM: i64 = 20_000;

/// What the application wants done about a forced logout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Sign in again when the application says so.
    #[default]
    Ask,
    /// Sign in again at once.
    Always,
    /// Leave it.
    Never,
}

/// Who signed the agent out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Finesse or CTI, since the way to the agent was lost.
    Connection,
    /// A supervisor.
    Supervisor,
    /// The system, for another reason.
    System,
}

impl By {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Supervisor => "supervisor",
            Self::System => "system",
        }
    }

    /// Who gives a code with a logout; nothing for an agent's own.
    fn of(code: i64, ccx: bool) -> Option<Self> {
        match code {
            SUPERVISOR => Some(Self::Supervisor),
            SUPERVISOR_CCX if ccx => Some(Self::Supervisor),
            code if reason::is_connection_failure(code) => Some(Self::Connection),
            SYSTEM.. => Some(Self::System),
            _ => None,
        }
    }
}

/// The agent was signed out, or made Not Ready in its stead, and did not ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Who did it.
    pub by: By,
    /// The reason's code.
    pub code: i64,
    /// It came for our absence, and may be undone.
    pub resumable: bool,
    /// The agent is still signed in, Not Ready.
    pub not_ready: bool,
    /// When, on our clock.
    pub at: WallTime,
}

/// What an agent does, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Out,
    NotReady,
    Ready,
    WrapUp,
    /// On a call, on the way to one, or whatever else comes by itself and goes.
    Busy,
}

impl Stand {
    fn of(user: &Object) -> Self {
        match user.text(User::STATE) {
            "LOGOUT" => Self::Out,
            "NOT_READY" => Self::NotReady,
            "READY" => Self::Ready,
            state if state.starts_with("WORK") => Self::WrapUp,
            _ => Self::Busy,
        }
    }
}

/// The server that told something.
#[derive(Clone, Copy, Debug)]
pub struct Teller {
    /// How far its clock is ahead of our monotonic one, in milliseconds; none if that is not known.
    pub ahead: Option<u64>,
    /// It is of CCX.
    pub ccx: bool,
}

/// One agent's presence.
#[derive(Clone, Debug)]
pub struct Presence<S> {
    policy: Policy,
    /// When Finesse may sign the agent out.
    pub clock: Clock<S>,
    stand: Option<Stand>,
    /// `READY` is what was last chosen here, and nobody else changed it since.
    chose_ready: bool,
    /// The agent as last seen signed in: with which telephone, device, number.
    signed_in: Option<Object>,
    /// The last one that was told: its code and its time.
    told: (i64, u64),
    touched: Option<WallTime>,
    course: Course,
    /// Since when our presence is gone once more, while a logout is being undone; and whether the machine slept then.
    gone_again: Option<(WallTime, bool)>,
}

impl<S: Copy + PartialEq> Presence<S> {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            clock: Clock::default(),
            stand: None,
            chose_ready: false,
            signed_in: None,
            told: (0, 0),
            touched: None,
            course: Course::default(),
            gone_again: None,
        }
    }

    /// The application had the agent's state changed through us.
    pub fn chose(&mut self, ready: bool) {
        self.chose_ready = ready;
    }

    /// Someone touched the page.
    pub fn touched(&mut self, now: WallTime) {
        self.touched = Some(now);
    }

    /// The time in which the agent may be signed out, if one is known and there is anyone to sign out.
    #[must_use]
    pub fn window(&self, now: WallTime) -> Option<&Window<S>> {
        self.clock.current(now).filter(|_| self.stand != Some(Stand::Out))
    }

    /// Whether a touch of the page may matter.
    #[must_use]
    pub const fn awaits_touch(&self) -> bool {
        self.chose_ready
    }

    /// What was last told of the agent. Gives a sign-out that the agent did not ask for, once.
    pub fn on_user(&mut self, user: &Object, teller: Teller, now: Now) -> Option<SignedOut> {
        let stand = Stand::of(user);
        let before = self.stand.replace(stand);
        let chose_ready = self.chose_ready;
        self.chose_ready &= match stand {
            Stand::Out | Stand::NotReady => false,
            // by itself after a call; anyone else's choice is not ours
            Stand::Ready => !matches!(before, None | Some(Stand::NotReady | Stand::Out)),
            Stand::WrapUp | Stand::Busy => true,
        };
        if stand != Stand::Out {
            self.signed_in = Some(user.clone());
        }
        let given = user.field(User::REASON_CODE).field(ReasonCode::CODE).number();
        let by = given.and_then(|code| By::of(code, teller.ccx));
        let by_other = matches!(by, Some(By::Supervisor | By::System));
        self.course.seen(stand == Stand::Out, stand == Stand::NotReady, stand == Stand::Ready, by_other);
        let changed = user::state_changed_at(user);
        // signed in meanwhile, and out again: that is another sign-out, whose doing it may be
        let again = (stand, before) == (Stand::Out, Some(Stand::Out))
            && changed.is_some_and(|changed| self.told.1 > 0 && changed > self.told.1);
        if again {
            self.course = Course::default();
        }
        let not_ready = match stand {
            Stand::Out => false,
            Stand::NotReady if before != Some(Stand::Out) => true,
            _ => return None,
        };
        let (code, by) = given.zip(by)?;
        let ours = by == By::Connection && (!teller.ccx || code == CCX && !not_ready);
        let news = again || before.is_some_and(|before| before != stand);
        if !news && (!ours || not_ready) || self.told == (code, changed.unwrap_or_default()) {
            return None;
        }
        // what is known of the server's clock is on our monotonic one, what the application is told on the wall
        let at = changed.zip(teller.ahead).map(|(at, ahead)| {
            let at = at.wrapping_sub(ahead);
            let ago = now.instant.as_millis().wrapping_sub(at);
            WallTime::from_millis(now.wall.as_millis().wrapping_sub(ago))
        });
        let now = now.wall;
        let window = at.filter(|_| ours).and_then(|at| self.clock.take(at, now));
        if window.is_none() && (not_ready || !news) {
            return None;
        }
        self.told = (code, changed.unwrap_or_default());
        self.course = Course::default();
        let mut resumable = false;
        if let Some(window) = window.filter(|_| self.policy != Policy::Never) {
            let why =
                if chose_ready { why_not_ready(&window, before, now) } else { Some(Why::NotChosenHere) };
            resumable = if not_ready { why.is_none() } else { self.signed_in.is_some() };
            if resumable {
                self.course = Course::offered(not_ready, window.gone, why);
            }
        }
        if self.policy == Policy::Always {
            self.course.accept();
        }
        Some(SignedOut { by, code, resumable, not_ready, at: at.unwrap_or(now) })
    }

    /// A forced logout waits to be undone, if the application wants it.
    #[must_use]
    pub fn may_undo(&self) -> bool {
        self.course.is_offered()
    }

    /// The application wants the agent signed in again. Tells whether there is anything to undo.
    pub fn accept(&mut self) -> bool {
        self.course.accept()
    }

    /// What to ask Finesse for next, once in service.
    pub fn next_step(&mut self, now: WallTime) -> Option<Step> {
        if let Some((since, slept)) = self.gone_again.take() {
            let long = now.as_millis().saturating_sub(since.as_millis()) > GAP;
            match (slept, long) {
                (true, _) => self.course.forgo(Why::Slept),
                (false, true) => self.course.forgo(Why::AwayTooLong),
                _ => {}
            }
        }
        self.course.next_step(self.touched)
    }

    /// Our presence is not known to be anywhere.
    pub fn absent(&mut self, now: WallTime) {
        if self.clock.absent() {
            self.gone_again = Some((now, false));
        }
    }

    /// The machine slept.
    pub fn slept(&mut self) {
        self.clock.slept();
        self.gone_again = self.gone_again.map(|(since, _)| (since, true));
    }

    /// What was asked for was not sent.
    pub fn unsent(&mut self) {
        self.course.unsent();
    }

    /// What was asked for is settled: whether it came true; if not, whether it may be tried again.
    pub fn settled(&mut self, done: bool, again: bool) {
        self.course.settled(done, again);
    }

    /// How it ended, once.
    pub fn poll_end(&mut self) -> Option<End> {
        let end = self.course.poll_end();
        self.chose_ready |= end == Some(End::Ready);
        end
    }

    /// The agent as last seen signed in.
    #[must_use]
    pub const fn signed_in(&self) -> Option<&Object> {
        self.signed_in.as_ref()
    }
}

/// Why an agent who chose Ready here is not made so again.
fn why_not_ready<S>(window: &Window<S>, before: Option<Stand>, now: WallTime) -> Option<Why> {
    if before == Some(Stand::WrapUp) {
        return Some(Why::WrapUp);
    }
    if window.slept {
        return Some(Why::Slept);
    }
    (window.gap(now) > GAP).then_some(Why::AwayTooLong)
}

#[cfg(test)]
mod tests;
