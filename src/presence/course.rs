//! Signing in again, step by step: offered, wanted, signed in, and Ready or not.
//!
//! Each step is one request whose outcome the caller tells. A sign-in that was lost on the way is asked for again, three
//! times in all, whenever there is a side in service; one that Finesse refuses is given up at once.

use crate::time::WallTime;

/// Sign-ins that are tried, in all.
const TRIES: u8 = 3;

/// Ask Finesse for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sign the agent in, as last seen.
    SignIn,
    /// Make the agent Ready.
    Ready,
}

/// Why an agent is left Not Ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Ready is not what was last chosen here, or somebody changed it since.
    NotChosenHere,
    /// The gap was longer than 180 s.
    AwayTooLong,
    /// The machine slept in it.
    Slept,
    /// It would have ended the wrap-up.
    WrapUp,
    /// Nobody has touched the page since.
    Untouched,
    /// Somebody else changed the agent meanwhile.
    Changed,
    /// Finesse refused it.
    Refused,
}

impl Why {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotChosenHere => "not-chosen-here",
            Self::AwayTooLong => "away-too-long",
            Self::Slept => "slept",
            Self::WrapUp => "wrap-up",
            Self::Untouched => "untouched",
            Self::Changed => "changed",
            Self::Refused => "refused",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Ready again.
    Ready,
    /// Not Ready.
    NotReady(Why),
    /// Still signed out.
    Failed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// There is nothing to undo.
    #[default]
    Idle,
    /// It may be undone, if the application says so.
    Offered,
    /// It is to be undone.
    Wanted,
    /// A sign-in is under way.
    SigningIn,
    /// Signed in: Ready is next.
    SignedIn,
    /// Ready is under way.
    Readying,
}

/// One forced logout, on its way to be undone.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    stage: Stage,
    /// The agent is still signed in.
    not_ready: bool,
    /// Since when a touch of the page counts.
    gone: WallTime,
    why: Option<Why>,
    tries: u8,
    end: Option<End>,
}

impl Course {
    /// It may be undone; `why` it will not end in Ready, if that is known by now.
    pub(super) fn offered(not_ready: bool, gone: WallTime, why: Option<Why>) -> Self {
        Self { stage: Stage::Offered, not_ready, gone, why, ..Self::default() }
    }

    pub(super) fn is_offered(&self) -> bool {
        self.stage == Stage::Offered
    }

    pub(super) fn accept(&mut self) -> bool {
        let offered = self.is_offered();
        if offered {
            self.stage = Stage::Wanted;
        }
        offered
    }

    /// It will not end in Ready after all.
    pub(super) fn forgo(&mut self, why: Why) {
        self.why.get_or_insert(why);
    }

    /// The agent was seen: as the logout left them, or not; Ready, or not; by someone else's doing.
    pub(super) fn seen(&mut self, out: bool, not_ready: bool, ready: bool, by_other: bool) {
        let as_left = if self.not_ready { not_ready } else { out };
        match self.stage {
            Stage::Offered if !as_left => self.stage = Stage::Idle,
            // our own sign-in, whose answer was lost
            Stage::Wanted if !as_left && self.tries > 0 && !by_other => self.stage = Stage::SignedIn,
            Stage::Wanted if !as_left => self.finish(End::NotReady(Why::Changed)),
            Stage::SignedIn if ready => self.finish(End::Ready),
            Stage::SignedIn if out => self.stage = Stage::Idle,
            _ => {}
        }
    }

    pub(super) fn next_step(&mut self, touched: Option<WallTime>) -> Option<Step> {
        match self.stage {
            Stage::Wanted if !self.not_ready => {
                self.tries += 1;
                self.stage = Stage::SigningIn;
                Some(Step::SignIn)
            }
            Stage::Wanted | Stage::SignedIn => {
                let why = self.why.or((touched < Some(self.gone)).then_some(Why::Untouched));
                if let Some(why) = why {
                    self.finish(End::NotReady(why));
                    return None;
                }
                self.stage = Stage::Readying;
                Some(Step::Ready)
            }
            _ => None,
        }
    }

    /// The step was not sent, and is to be done yet.
    pub(super) fn unsent(&mut self) {
        match self.stage {
            Stage::SigningIn => {
                self.tries -= 1;
                self.stage = Stage::Wanted;
            }
            Stage::Readying => self.stage = Stage::SignedIn,
            _ => {}
        }
    }

    /// The step is settled. Whether it came true; if not, whether it may be tried again.
    pub(super) fn settled(&mut self, done: bool, again: bool) {
        match self.stage {
            Stage::SigningIn if done => self.stage = Stage::SignedIn,
            Stage::SigningIn if again && self.tries < TRIES => self.stage = Stage::Wanted,
            Stage::SigningIn => self.finish(End::Failed),
            Stage::Readying => self.finish(if done { End::Ready } else { End::NotReady(Why::Refused) }),
            _ => {}
        }
    }

    pub(super) fn poll_end(&mut self) -> Option<End> {
        self.end.take()
    }

    fn finish(&mut self, end: End) {
        *self = Self { end: Some(end), ..Self::default() };
    }
}
