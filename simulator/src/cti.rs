//! The CTI behind both sides: agent states and calls, as Unified CCE or CCX would hold them. It knows nothing of
//! servers; what changed comes out as [`News`], and each side that is well publishes it.

use std::collections::VecDeque;

use crate::config::{Config, Deployment, Load, Side};
use crate::control::{AgentStep, CallStep, ControlError};
use crate::tasks::{Medium, MediumState, MediumWish, Settings, Task, TaskState};

/// The reason code of a forced logout on CCX: Connection Failure (Cisco's administration guide, Manage Reasons).
const CONNECTION_FAILURE: u32 = 255;
/// The same on CCE: logged out by a System Failure (LOAD 1), or Not Ready by a Connection Failure (LOAD 0).
const SYSTEM_FAILURE: u32 = 50_002;

/// The codes that the system gives itself: code, label for a logout, label for Not Ready, and the id that a database may
/// have for it (the administration guide, Manage Reasons). Everything else is the administrator's.
const SYSTEM_REASONS: &[(u32, &str, &str, u32)] = &[
    (33, "Supervisor", "Supervisor", 11),
    (255, "Connection Failure", "", 16),
    (999, "Supervisor", "Supervisor", 12),
    (20_001, "", "Starting Force Logout", 13),
    (20_002, "Force Logout", "", 14),
    (20_003, "", "Agent Logout Request", 15),
    (32_767, "", "Call Not Answered", 17),
    (50_001, "System Disconnect", "", 18),
    (50_002, "System Failure", "Connection Failure", 19),
    (50_003, "Device Error", "", 20),
    (50_004, "Inactivity Timeout", "", 21),
    (50_005, "", "Non ACD Busy", 22),
    (50_006, "", "Offhook", 23),
    (50_010, "", "Call Overlap", 24),
    (50_020, "Queue Change", "", 25),
    (50_030, "Device Conflict", "", 26),
    (50_040, "Mobile Agent Call Failure", "", 27),
    (50_041, "", "Mobile Call Not Answered", 28),
    (50_042, "Mobile Agent Disconnect", "", 29),
    (65_533, "", "Extension Modified", 30),
    (65_534, "", "System Reset", 31),
    (65_535, "", "System Reinitialized", 32),
];

/// Label and id of a code of the system in this state.
pub(crate) fn system_reason(state: State, code: u32) -> Option<(&'static str, u32)> {
    let (_, logout, not_ready, id) = SYSTEM_REASONS.iter().find(|(known, ..)| *known == code)?;
    Some((if state == State::Logout { logout } else { not_ready }, *id))
}

/// An agent's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Logout,
    NotReady,
    Ready,
    Reserved,
    Talking,
    Hold,
    Work,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Logout => "LOGOUT",
            Self::NotReady => "NOT_READY",
            Self::Ready => "READY",
            Self::Reserved => "RESERVED",
            Self::Talking => "TALKING",
            Self::Hold => "HOLD",
            Self::Work => "WORK",
        }
    }
}

/// The agent's part in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Alerting,
    Active,
    Held,
    Dropped,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Alerting => "ALERTING",
            Self::Active => "ACTIVE",
            Self::Held => "HELD",
            Self::Dropped => "DROPPED",
        }
    }

    /// What the agent may do in it.
    pub(crate) fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Alerting => &["ANSWER"],
            Self::Active => &["HOLD", "DROP", "UPDATE_CALL_DATA", "CONSULT_CALL"],
            Self::Held => &["RETRIEVE", "DROP", "UPDATE_CALL_DATA", "TRANSFER", "CONFERENCE"],
            Self::Dropped => &[],
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    pub(crate) id: u64,
    pub(crate) part: Part,
    pub(crate) began: u64,
    pub(crate) since: u64,
}

impl Dialog {
    pub(crate) fn state(&self) -> &'static str {
        match self.part {
            Part::Held => "ACTIVE",
            part => part.name(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) state: State,
    pub(crate) reason: Option<u32>,
    pub(crate) since: u64,
    pub(crate) extension: String,
    pub(crate) dialogs: Vec<Dialog>,
    /// CCX: the agent will be logged out when the call ends.
    pub(crate) logout_pending: bool,
    pub(crate) media: Vec<Medium>,
    pub(crate) tasks: Vec<Task>,
    /// May see the others.
    pub(crate) supervises: bool,
    /// The state to return to when the last call ends.
    after_call: State,
    /// The same, where the agent asked for it during the call.
    pub(crate) pending: Option<State>,
}

impl Agent {
    pub(crate) fn is_signed_in(&self) -> bool {
        self.state != State::Logout
    }
}

/// What changed.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// The agent.
    User { agent: usize, request: String },
    /// A call came (`POST`) or went (`DELETE`).
    Dialogs { agent: usize, event: &'static str, dialog: Dialog, request: String },
    /// A call changed.
    Dialog { agent: usize, dialog: Dialog, request: String },
    /// The agent in a medium.
    Medium { agent: usize, medium: String },
    /// A task came (`POST`) or went (`DELETE`).
    Tasks { agent: usize, event: &'static str, task: Task },
    /// A task changed.
    Task { agent: usize, task: Task },
    /// A request about a medium failed.
    MediumFailed { agent: usize, medium: String, error: CtiError },
    /// A request failed. `dialog` is the call it was about.
    Failed { agent: usize, dialog: Option<u64>, error: CtiError, request: String },
    /// The agent has no more calls.
    CallsEnded { agent: usize },
}

/// Why CTI refused: type, message and data of Finesse's error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CtiError {
    pub(crate) kind: &'static str,
    pub(crate) message: &'static str,
    pub(crate) data: &'static str,
}

const INVALID_STATE: CtiError =
    CtiError { kind: "Invalid State", message: "CF_INVALID_AGENT_WORKMODE", data: "265" };
const NO_SUCH_CALL: CtiError =
    CtiError { kind: "Call Operation Failure", message: "CF_INVALID_CALL_STATE", data: "35" };

const SIGNED_IN_ALREADY: CtiError = CtiError {
    kind: "Agent already logged into MRD",
    message: "E_ARM_STAT_AGENT_ALREADY_LOGGED_IN",
    data: "1",
};
const INVALID_MEDIUM_STATE: CtiError =
    CtiError { kind: "Invalid State", message: "E_ARM_STAT_AGENT_INVALID_STATE", data: "2" };

/// A request that CTI is to carry out.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    State { agent: usize, state: Wish, reason: Option<u32>, request: String },
    Dialog { agent: usize, dialog: u64, action: Action, request: String },
    Medium { agent: usize, medium: String, wish: MediumWish },
    Task { agent: usize, task: String, action: String },
}

/// The state an agent asks for.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    Login { extension: String },
    Ready,
    NotReady,
    Logout,
}

/// What an agent does with a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Answer,
    Drop,
    Hold,
    Retrieve,
}

pub(crate) struct Cti {
    deployment: Deployment,
    load: Load,
    agents: Vec<Agent>,
    news: VecDeque<News>,
    next_dialog: u64,
    next_task: u64,
}

impl Cti {
    pub(crate) fn new(config: &Config) -> Self {
        let state = if config.signed_in { State::NotReady } else { State::Logout };
        let media: Vec<Medium> = match config.deployment {
            Deployment::Ucce => config.media.iter().map(|(id, name)| Medium::new(id, name)).collect(),
            Deployment::Uccx => Vec::new(),
        };
        let agents = config.agents.iter().enumerate().map(|(index, id)| Agent {
            id: id.clone(),
            state,
            reason: None,
            since: 0,
            extension: if config.signed_in { (2_001 + index).to_string() } else { String::new() },
            dialogs: Vec::new(),
            logout_pending: false,
            media: media.clone(),
            tasks: Vec::new(),
            supervises: config.supervisors.contains(id),
            after_call: state,
            pending: None,
        });
        Self {
            deployment: config.deployment,
            load: config.load,
            agents: agents.collect(),
            news: VecDeque::new(),
            next_dialog: 16_777_216,
            next_task: 1,
        }
    }

    pub(crate) fn poll_news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    pub(crate) fn agent(&self, agent: usize) -> Option<&Agent> {
        self.agents.get(agent)
    }

    pub(crate) fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// Whether this call is the agent's.
    pub(crate) fn has_call(&self, agent: usize, dialog: u64) -> bool {
        self.agent(agent).is_some_and(|agent| agent.dialogs.iter().any(|it| it.id == dialog))
    }

    /// Carries out what the web app of a side asks for.
    pub(crate) fn handle(&mut self, command: Command, side: Side, now: u64) {
        match command {
            Command::Medium { agent, medium, wish } => self.wish_for_medium(agent, medium, wish, side, now),
            Command::Task { agent, task, action } => {
                self.act_on_task(agent, &task, &action, now);
            }
            Command::State { agent, state, reason, request } => self.wish(agent, state, reason, request, now),
            Command::Dialog { agent, dialog, action, request } => {
                let (from, to) = match action {
                    Action::Answer => (&[Part::Alerting][..], Part::Active),
                    Action::Drop => (&[Part::Active, Part::Held][..], Part::Dropped),
                    Action::Hold => (&[Part::Active][..], Part::Held),
                    Action::Retrieve => (&[Part::Held][..], Part::Active),
                };
                if !self.change(agent, dialog, from, to, &request, now) {
                    self.news.push_back(News::Failed {
                        agent,
                        dialog: Some(dialog),
                        error: NO_SUCH_CALL,
                        request,
                    });
                }
            }
        }
    }

    /// The customer, or the agent's phone, does something.
    pub(crate) fn step(&mut self, agent: usize, step: CallStep, now: u64) -> Result<(), ControlError> {
        let it = self.agents.get(agent).ok_or(ControlError::Call("there is no such agent"))?;
        let call = it.dialogs.last().map(|dialog| dialog.id);
        let task = it.tasks.last().map(|task| task.id.clone());
        let action = match step {
            CallStep::Offer => return self.offer(agent, now),
            CallStep::Accept => "ACCEPT",
            CallStep::Start => "START",
            CallStep::Close => "CLOSE",
            _ => "",
        };
        if !action.is_empty() {
            let done = task.is_some_and(|task| self.act_on_task(agent, &task, action, now));
            return if done {
                Ok(())
            } else {
                Err(ControlError::Call("the agent has no task in that state"))
            };
        }
        match (step, call) {
            (CallStep::Ring, Some(_)) => Err(ControlError::Call("the agent already has a call")),
            (CallStep::Ring, None) if it.state == State::Logout => {
                Err(ControlError::Call("the agent is logged out"))
            }
            (CallStep::Ring, None) => {
                self.ring(agent, now);
                Ok(())
            }
            (_, None) => Err(ControlError::Call("the agent has no call")),
            (CallStep::Answer, Some(id)) => self
                .change(agent, id, &[Part::Alerting], Part::Active, "", now)
                .then_some(())
                .ok_or(ControlError::Call("the call does not ring")),
            (_, Some(id)) => {
                self.change(agent, id, &[Part::Alerting, Part::Active, Part::Held], Part::Dropped, "", now);
                Ok(())
            }
        }
    }

    /// A side forgets what agents chose when they signed in to media.
    pub(crate) fn forget_settings(&mut self, side: Side) {
        for medium in self.agents.iter_mut().flat_map(|agent| &mut agent.media) {
            medium.set(side, Settings::default());
        }
    }

    fn wish_for_medium(&mut self, agent: usize, medium: String, wish: MediumWish, side: Side, now: u64) {
        let signs_in = matches!(wish, MediumWish::Login(_));
        let Some(it) = self.agents.get_mut(agent) else { return };
        let Some(found) = it.media.iter_mut().find(|it| it.id == medium) else { return };
        if !found.wish(wish, side, now) {
            let error = if signs_in { SIGNED_IN_ALREADY } else { INVALID_MEDIUM_STATE };
            self.news.push_back(News::MediumFailed { agent, medium, error });
            return;
        }
        self.news.push_back(News::Medium { agent, medium });
    }

    /// A task is offered in the first medium that is ready.
    fn offer(&mut self, agent: usize, now: u64) -> Result<(), ControlError> {
        let none = ControlError::Call("the agent is ready in no medium");
        let it = self.agents.get_mut(agent).ok_or(none.clone())?;
        let medium = it.media.iter_mut().find(|medium| medium.state == MediumState::Ready).ok_or(none)?;
        medium.enter(MediumState::Reserved, now);
        let id = format!("151635_{}_1", self.next_task);
        self.next_task += 1;
        let task = Task { id, medium: medium.id.clone(), state: TaskState::Offered, began: now, since: now };
        it.tasks.push(task.clone());
        self.news.push_back(News::Medium { agent, medium: task.medium.clone() });
        self.news.push_back(News::Tasks { agent, event: "POST", task });
        Ok(())
    }

    /// Moves a task on, if that can be done now.
    fn act_on_task(&mut self, agent: usize, id: &str, action: &str, now: u64) -> bool {
        let Some(it) = self.agents.get_mut(agent) else { return false };
        let Some(task) = it.tasks.iter_mut().find(|task| task.id == id) else { return false };
        let medium = task.medium.clone();
        let Some(state) = task.state.after(action) else {
            self.news.push_back(News::MediumFailed { agent, medium, error: INVALID_MEDIUM_STATE });
            return false;
        };
        (task.state, task.since) = (state, now);
        let task = task.clone();
        let over = state == TaskState::Closed;
        it.tasks.retain(|it| it.state != TaskState::Closed);
        if let Some(medium) = it.media.iter_mut().find(|it| it.id == medium) {
            medium.enter(if over { MediumState::Ready } else { MediumState::Active }, now);
        }
        self.news.push_back(News::Task { agent, task: task.clone() });
        if over {
            self.news.push_back(News::Tasks { agent, event: "DELETE", task });
        }
        self.news.push_back(News::Medium { agent, medium });
        true
    }

    /// News of a call that is nobody's, to be heard by this agent.
    pub(crate) fn invent_news(&mut self, agent: usize, request: String, now: u64) {
        let dialog = Dialog { id: 1, part: Part::Active, began: now, since: now };
        self.news.push_back(News::Dialog { agent, dialog, request });
    }

    /// Whether a forced logout waits for the end of a call: with LOAD 1 only where the agent is connected `elsewhere`.
    pub(crate) fn logout_waits(&self, agent: usize, elsewhere: bool) -> bool {
        let busy = self.agent(agent).is_some_and(|agent| !agent.dialogs.is_empty());
        busy && (elsewhere || self.deployment == Deployment::Uccx || self.load == Load::NotReady)
    }

    /// A forced logout waits for the end of a call, or no longer does. CCX shows it.
    pub(crate) fn set_logout_pending(&mut self, agent: usize, pending: bool) {
        let Some(it) = self.agents.get_mut(agent).filter(|_| self.deployment == Deployment::Uccx) else {
            return;
        };
        if std::mem::replace(&mut it.logout_pending, pending) != pending {
            self.news.push_back(News::User { agent, request: String::new() });
        }
    }

    /// Finesse says that the agent's desktop is gone. True when that changed anything.
    pub(crate) fn force_logout(&mut self, agent: usize, now: u64) -> bool {
        let (state, code) = match (self.deployment, self.load) {
            (Deployment::Uccx, _) => (State::Logout, CONNECTION_FAILURE),
            (Deployment::Ucce, Load::Logout) => (State::Logout, SYSTEM_FAILURE),
            (Deployment::Ucce, Load::NotReady) => (State::NotReady, SYSTEM_FAILURE),
        };
        match self.agents.get(agent) {
            None => false,
            Some(it) if it.state == State::Logout || (it.state, it.reason) == (state, Some(code)) => false,
            Some(_) => {
                self.set(agent, state, Some(code), "", now);
                true
            }
        }
    }

    /// Someone else changes the agent's state.
    pub(crate) fn put(
        &mut self,
        agent: usize,
        step: AgentStep,
        code: Option<u32>,
        now: u64,
    ) -> Result<(), ControlError> {
        let it = self.agents.get(agent).ok_or(ControlError::Agent("there is no such agent"))?;
        let state = match step {
            AgentStep::Logout => State::Logout,
            _ if it.state == State::Logout => return Err(ControlError::Agent("the agent is logged out")),
            _ if !it.dialogs.is_empty() => return Err(ControlError::Agent("the agent has a call")),
            AgentStep::NotReady | AgentStep::ForcedLogout => State::NotReady,
            AgentStep::Ready => State::Ready,
            AgentStep::Work => State::Work,
        };
        self.set(agent, state, code, "", now);
        Ok(())
    }

    fn wish(&mut self, agent: usize, wish: Wish, reason: Option<u32>, request: String, now: u64) {
        let Some(it) = self.agents.get_mut(agent) else { return };
        let (busy, state) = (!it.dialogs.is_empty(), it.state);
        match (wish, state) {
            (Wish::Login { extension }, State::Logout) => {
                it.extension = extension;
                self.set(agent, State::NotReady, None, &request, now);
                // a call that outlived the logout is the agent's again
                if let Some(part) = self.agents.get(agent).and_then(|it| it.dialogs.last()).map(|it| it.part)
                {
                    self.set_for_call(agent, part, now);
                }
            }
            // Signing in again keeps the state, and is confirmed.
            (Wish::Login { .. }, _) => self.news.push_back(News::User { agent, request }),
            (Wish::Ready, State::NotReady | State::Ready | State::Work) => {
                self.set(agent, State::Ready, None, &request, now);
            }
            (Wish::NotReady, State::NotReady | State::Ready | State::Work) => {
                self.set(agent, State::NotReady, reason, &request, now);
            }
            (Wish::Logout, State::NotReady) => self.set(agent, State::Logout, reason, &request, now),
            (Wish::Ready, _) if busy && state != State::Logout => {
                (it.after_call, it.pending) = (State::Ready, Some(State::Ready));
                self.news.push_back(News::User { agent, request });
            }
            (Wish::NotReady, _) if busy && state != State::Logout => {
                (it.after_call, it.pending) = (State::NotReady, Some(State::NotReady));
                self.news.push_back(News::User { agent, request });
            }
            _ => self.news.push_back(News::Failed { agent, dialog: None, error: INVALID_STATE, request }),
        }
    }

    fn set(&mut self, agent: usize, state: State, reason: Option<u32>, request: &str, now: u64) {
        let Some(it) = self.agents.get_mut(agent) else { return };
        if it.state != state || it.reason != reason {
            it.since = now;
        }
        (it.state, it.reason) = (state, reason);
        it.logout_pending &= state != State::Logout;
        if matches!(state, State::NotReady | State::Ready | State::Logout) {
            (it.after_call, it.pending) = (state, None);
        }
        if state == State::Logout {
            it.extension.clear();
        }
        self.news.push_back(News::User { agent, request: request.to_owned() });
    }

    /// A state that follows from a call; the one after it is remembered.
    fn set_for_call(&mut self, agent: usize, part: Part, now: u64) {
        let Some(it) = self.agents.get_mut(agent) else { return };
        if it.state == State::Logout {
            return;
        }
        let state = match part {
            Part::Alerting => State::Reserved,
            Part::Active => State::Talking,
            Part::Held if self.deployment == Deployment::Uccx => State::Talking,
            Part::Held => State::Hold,
            Part::Dropped if it.dialogs.is_empty() => it.after_call,
            Part::Dropped => it.state,
        };
        if part == Part::Dropped && it.dialogs.is_empty() {
            it.pending = None;
        }
        if it.state != state {
            (it.state, it.reason, it.since) = (state, None, now);
            self.news.push_back(News::User { agent, request: String::new() });
        }
    }

    fn ring(&mut self, agent: usize, now: u64) {
        let Some(it) = self.agents.get_mut(agent) else { return };
        let dialog = Dialog { id: self.next_dialog, part: Part::Alerting, began: now, since: now };
        self.next_dialog += 1;
        it.dialogs.push(dialog.clone());
        self.set_for_call(agent, Part::Alerting, now);
        self.news.push_back(News::Dialogs { agent, event: "POST", dialog, request: String::new() });
    }

    /// Moves a call on, if it is in one of these states.
    fn change(&mut self, agent: usize, id: u64, from: &[Part], to: Part, request: &str, now: u64) -> bool {
        let Some(it) = self.agents.get_mut(agent) else { return false };
        let Some(dialog) = it.dialogs.iter_mut().find(|it| it.id == id && from.contains(&it.part)) else {
            return false;
        };
        (dialog.part, dialog.since) = (to, now);
        let dialog = dialog.clone();
        let ended = to == Part::Dropped;
        if ended {
            it.dialogs.retain(|it| it.id != id);
        }
        let calls_ended = it.dialogs.is_empty();
        self.news.push_back(News::Dialog { agent, dialog: dialog.clone(), request: request.to_owned() });
        self.set_for_call(agent, to, now);
        if ended {
            self.news.push_back(News::Dialogs { agent, event: "DELETE", dialog, request: String::new() });
        }
        if ended && calls_ended {
            self.news.push_back(News::CallsEnded { agent });
        }
        true
    }
}
