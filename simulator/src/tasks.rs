//! Task routing (CCE): an agent in media beside voice, and the tasks that come there ("Media", "Dialog APIs for nonvoice
//! tasks").

use crate::config::Side;

/// What an agent chooses when signing in to a medium. Only the side that was signed in to knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) limit: u32,
    pub(crate) interrupt: String,
    pub(crate) logout: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit: 1, interrupt: "IGNORE".into(), logout: "CLOSE".into() }
    }
}

/// An agent's state in a medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediumState {
    Logout,
    NotReady,
    Ready,
    Reserved,
    Active,
}

impl MediumState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Logout => "LOGOUT",
            Self::NotReady => "NOT_READY",
            Self::Ready => "READY",
            Self::Reserved => "RESERVED",
            Self::Active => "ACTIVE",
        }
    }
}

/// An agent in one medium.
#[derive(Clone, Debug)]
pub(crate) struct Medium {
    /// The id of the media routing domain.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) state: MediumState,
    pub(crate) since: u64,
    settings: [Settings; 2],
}

impl Medium {
    pub(crate) fn new(id: &str, name: &str) -> Self {
        let settings = [Settings::default(), Settings::default()];
        Self { id: id.into(), name: name.into(), state: MediumState::Logout, since: 0, settings }
    }

    pub(crate) fn settings(&self, side: Side) -> &Settings {
        let [a, b] = &self.settings;
        if side == Side::A { a } else { b }
    }

    pub(crate) fn set(&mut self, side: Side, settings: Settings) {
        let [a, b] = &mut self.settings;
        *(if side == Side::A { a } else { b }) = settings;
    }

    /// Carries out a wish; false where it makes no sense now.
    pub(crate) fn wish(&mut self, wish: MediumWish, side: Side, now: u64) -> bool {
        use MediumState::{Logout, NotReady, Ready};
        let state = match (wish, self.state) {
            (MediumWish::Login(settings), state) => {
                self.set(side, settings);
                if state != Logout {
                    return false;
                }
                NotReady
            }
            (MediumWish::Ready, NotReady | Ready) => Ready,
            (MediumWish::NotReady, NotReady | Ready) => NotReady,
            (MediumWish::Logout, NotReady | Ready) => Logout,
            _ => return false,
        };
        self.enter(state, now);
        true
    }

    pub(crate) fn enter(&mut self, state: MediumState, now: u64) {
        if self.state != state {
            (self.state, self.since) = (state, now);
        }
    }
}

/// What an agent asks for in a medium.
#[derive(Clone, Debug)]
pub(crate) enum MediumWish {
    Login(Settings),
    Ready,
    NotReady,
    Logout,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskState {
    Offered,
    Accepted,
    Active,
    Paused,
    WrappingUp,
    Closed,
}

impl TaskState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Offered => "OFFERED",
            Self::Accepted => "ACCEPTED",
            Self::Active => "ACTIVE",
            Self::Paused => "PAUSED",
            Self::WrappingUp => "WRAPPING_UP",
            Self::Closed => "CLOSED",
        }
    }

    /// What the agent may do in it.
    pub(crate) fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Offered => &["ACCEPT"],
            Self::Accepted => &["START", "CLOSE"],
            Self::Active => &["PAUSE", "WRAP_UP", "CLOSE"],
            Self::Paused => &["RESUME", "CLOSE"],
            Self::WrappingUp => &["CLOSE"],
            Self::Closed => &[],
        }
    }

    /// What it becomes by an action, if that can be done now.
    pub(crate) fn after(self, action: &str) -> Option<Self> {
        self.actions().contains(&action).then_some(match action {
            "ACCEPT" => Self::Accepted,
            "START" | "RESUME" => Self::Active,
            "PAUSE" => Self::Paused,
            "WRAP_UP" => Self::WrappingUp,
            _ => Self::Closed,
        })
    }
}

/// A task of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    /// The id of its medium.
    pub(crate) medium: String,
    pub(crate) state: TaskState,
    pub(crate) began: u64,
    pub(crate) since: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_again_sets_the_side_and_keeps_the_state() {
        let mut medium = Medium::new("5001", "Chat");
        let settings = Settings { limit: 5, ..Settings::default() };
        assert!(medium.wish(MediumWish::Login(settings.clone()), Side::A, 1));
        assert!(medium.wish(MediumWish::Ready, Side::A, 2));
        assert_eq!((medium.settings(Side::A), medium.settings(Side::B).limit), (&settings, 1));
        assert!(!medium.wish(MediumWish::Login(settings.clone()), Side::B, 3));
        assert_eq!(
            (medium.settings(Side::B), medium.state, medium.since),
            (&settings, MediumState::Ready, 2)
        );
    }

    #[test]
    fn a_task_takes_one_step_after_the_other() {
        assert_eq!(TaskState::Offered.after("START"), None);
        let steps = ["ACCEPT", "START", "PAUSE", "RESUME", "WRAP_UP", "CLOSE"];
        let end = steps.iter().try_fold(TaskState::Offered, |state, step| state.after(step));
        assert_eq!(end, Some(TaskState::Closed));
    }
}
