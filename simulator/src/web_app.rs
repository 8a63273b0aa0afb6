//! Finesse's web app on one side: whether it runs, what it last told about itself, and whom it sees.
//!
//! Forced logout (facts 5) is decided here, from the presence that `finesse` sees: some time after an agent's presence
//! went away the logout is sent, if the side is in service then; where it has to wait for a call (`Cti::logout_waits`),
//! when that ends.

use crate::config::Config;

/// How an agent looks to `finesse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Not since the web app started.
    Never,
    Present,
    /// Went away; the logout is due then.
    Leaving {
        due: u64,
    },
    /// Went away, and the logout waits for the end of a call.
    OnCall,
    /// Went away, and the matter is closed.
    Gone,
}

/// What has to be done about an agent who is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Nothing,
    ForceLogout,
    /// When the call ends.
    AfterCall,
}

/// Whether the web app runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Stopped,
    Starting,
    Running,
}

pub(crate) struct WebApp {
    pub(crate) phase: Phase,
    /// Counts starts, so that what was meant for an earlier one is recognised.
    pub(crate) run: u64,
    /// Whether `finesse` is signed in to the notification service.
    pub(crate) joined: bool,
    /// Counts sign-ins of `finesse`, for the same reason.
    pub(crate) join: u64,
    /// What the last SystemInfo notice said, or would have.
    pub(crate) told: Option<bool>,
    seen: Vec<Seen>,
    grace_ms: u64,
}

impl WebApp {
    /// One that has been running for long.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            phase: Phase::Running,
            run: 0,
            joined: !config.external_service,
            join: 0,
            told: Some(true),
            seen: vec![Seen::Never; config.agents.len()],
            grace_ms: config.grace_ms,
        }
    }

    /// Stopped: what it knew is forgotten.
    pub(crate) fn stop(&mut self) {
        self.phase = Phase::Stopped;
        self.joined = false;
        self.told = None;
        self.seen.fill(Seen::Never);
    }

    pub(crate) fn start(&mut self) {
        self.phase = Phase::Starting;
        self.run += 1;
    }

    /// An agent came or went. Gives when to look again.
    pub(crate) fn presence(&mut self, agent: usize, available: bool, now: u64) -> Option<u64> {
        let grace = self.grace_ms;
        let seen = self.seen.get_mut(agent)?;
        if available {
            *seen = Seen::Present;
            return None;
        }
        if *seen != Seen::Present {
            return None;
        }
        *seen = Seen::Leaving { due: now + grace };
        Some(now + grace)
    }

    /// `finesse` is signed in again: whoever was there before and does not come back in time is gone. Gives when to
    /// look again, and after whom.
    pub(crate) fn rejoined(&mut self, now: u64) -> Vec<(usize, u64)> {
        let due = now + self.grace_ms;
        let mut watched = Vec::new();
        for (agent, seen) in self.seen.iter_mut().enumerate() {
            if matches!(seen, Seen::Present | Seen::Leaving { .. }) {
                *seen = Seen::Leaving { due };
                watched.push((agent, due));
            }
        }
        watched
    }

    /// The time is up for an agent, perhaps.
    pub(crate) fn grace_over(&mut self, agent: usize, now: u64, in_service: bool, waits: bool) -> Verdict {
        let Some(seen) = self.seen.get_mut(agent) else { return Verdict::Nothing };
        match *seen {
            // Without the notification service nobody's absence can be seen; the next sign-in decides anew.
            Seen::Leaving { due } if due <= now && self.joined => {
                *seen = if in_service && waits { Seen::OnCall } else { Seen::Gone };
                match (in_service, waits) {
                    (false, _) => Verdict::Nothing,
                    (true, false) => Verdict::ForceLogout,
                    (true, true) => Verdict::AfterCall,
                }
            }
            _ => Verdict::Nothing,
        }
    }

    /// A forced logout that a desktop has asked for waits for the end of a call.
    pub(crate) fn wait_for_call(&mut self, agent: usize) {
        if let Some(seen) = self.seen.get_mut(agent) {
            *seen = Seen::OnCall;
        }
    }

    /// Whether `finesse` sees the agent's presence.
    pub(crate) fn sees(&self, agent: usize) -> bool {
        self.seen.get(agent) == Some(&Seen::Present)
    }

    /// The agent's last call ended.
    pub(crate) fn calls_ended(&mut self, agent: usize, in_service: bool) -> Verdict {
        match self.seen.get_mut(agent) {
            Some(seen @ Seen::OnCall) if in_service => {
                *seen = Seen::Gone;
                Verdict::ForceLogout
            }
            _ => Verdict::Nothing,
        }
    }
}
