//! The front door: routes between recovery, session and resync, and speaks with the world and the application.
//!
//! The contract, the same at every layer that has state:
//!
//! 1. one input: [`Keeper::handle_input`] (something happened) or [`Keeper::handle_timeout`] (a deadline may have
//!    passed; early, late and needless calls are harmless);
//! 2. then drain [`Keeper::poll_effect`] (do this) and [`Keeper::poll_event`] (this became true), and arm one timer for
//!    [`Keeper::poll_timeout`];
//! 3. only then the next input.
//!
//! Nothing here reads a clock, opens a socket or draws a number that the seed does not decide: the same inputs at the
//! same times give the same effects, events and timeline, byte for byte.

mod api;
mod checks;
pub mod config;
mod credentials;
mod explain;
mod lines;
mod planned;
mod presence;
mod reading;
mod requesting;
mod resyncing;
mod snapshot;
mod status;
mod timeline;
mod transport;

pub use api::{Command, Event, Failure, ForcedLogout, Input, SideHealth, Status};
pub use config::{Config, ConfigError, Host, Transport};
pub use snapshot::Snapshot;
pub use timeline::{Entry, EntryKind};
pub use transport::Way;

use crate::effect::{Answer, Effect, Number, Numbers};
use crate::limits;
use crate::map::Map;
use crate::presence::Presence;
use crate::recovery::{self, Action, PageEvent, Pair, Recovery, Side, Signal};
use crate::requests::Requests;
use crate::resync::Resync;
use crate::rng::Rng;
use crate::time::{Clock, Instant, Now};
use crate::timers::Timers;
use checks::StreamCheck;
use credentials::{Held, Question};
use lines::Line;
use planned::Plan;
use reading::SideRecord;
use std::collections::VecDeque;
use timeline::{Timeline, quote};

/// Every deadline of the keeper itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// A request must have been answered.
    Request(Number),
    /// A stream asked for without a login must have come.
    StreamCheck(Number),
    /// The application's provider must have answered.
    Credentials,
    /// A token's life nears its end.
    Renew,
    /// The old session had its last chance to answer.
    Hold,
    /// What hangs in the old session is made again.
    Hurry,
    /// Something came that could not be read: what it told is read again.
    Reread,
    /// The next node has its turn to be read.
    ReadMore,
    /// The move that was asked for is announced.
    Announce,
    /// It has been announced.
    Move,
    /// BOSH serves, and a WebSocket may get through by now.
    BetterWay,
}

impl Timer {
    const fn reason(self) -> &'static str {
        match self {
            Self::Request(_) => "request to be answered",
            Self::StreamCheck(_) => "stream to open",
            Self::Credentials => "credentials to be given",
            Self::Renew => "renew the token",
            Self::Hold => "old session's last chance",
            Self::Hurry => "old session to be hurried",
            Self::Reread => "read again",
            Self::ReadMore => "read what is subscribed",
            Self::Announce => "announce the move",
            Self::Move => "move",
            Self::BetterWay => "look for a WebSocket",
        }
    }
}

/// What names requests draws from a generator of its own, and shifts nobody's draws.
const ASKS: u64 = 0x7265_7175_6573_7473;

/// What a request under way was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// SystemInfo of a side; when the read began, and whether this is its opaque repeat.
    SystemInfo { side: Side, began: Instant, opaque: bool },
    /// The agent.
    User,
    /// The agent's calls.
    Dialogs,
    /// What the application asked for, by its number.
    Any(u32),
    /// What another node is about.
    Object,
    /// To be signed in to a medium again.
    Media,
}

/// Keeps one agent connected.
#[derive(Clone, Debug)]
pub struct Keeper {
    config: Config,
    resource: String,
    clock: Clock,
    now: Now,
    rng: Rng,
    numbers: Numbers,
    started: bool,
    recovery: Recovery,
    sides: Pair<SideRecord>,
    line: Option<Line>,
    former: Option<Line>,
    question: Option<Question>,
    held: Option<Held>,
    /// The last credentials were a token.
    token: bool,
    checks: Vec<StreamCheck>,
    requests: Map<Number, Asked>,
    resync: Resync,
    /// When the last resync began to read.
    read_began: Instant,
    asks: Requests,
    refused: bool,
    /// The last resync failed, and that was told.
    resync_failing: bool,
    reread_not_before: Instant,
    doubt_not_before: Instant,
    /// A resync that is not all read: its gap in milliseconds, and its changes so far.
    untold: Option<(u64, usize)>,
    /// When the agent was last signed in to a medium again.
    media_signed_in: Option<Instant>,
    plan: Option<Plan>,
    /// How the last attempt failed, as the timeline has it.
    failed_as: Option<(Side, String)>,
    /// The service behind a session in doubt changed.
    disturbed: bool,
    ever_up: bool,
    gap_since: Option<Instant>,
    /// The gap began with a session in doubt, and with nothing else.
    doubted_gap: bool,
    presence: Presence<Side>,
    /// The forced logout that the timeline last told of.
    noted: Option<ForcedLogout>,
    /// The page says when it is touched.
    awaits_touch: bool,
    /// The request by which the application last asked for Ready.
    ready_asked: Option<u32>,
    subscriptions: Map<String, u32>,
    timers: Timers<Timer>,
    timeline: Timeline,
    effects: VecDeque<Effect>,
    events: VecDeque<Event>,
    told: Option<Status>,
}

impl Keeper {
    /// A keeper at rest; `Command::Start` sets it going.
    ///
    /// # Errors
    /// Where the configuration cannot be used.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let config = config.checked()?;
        let mut rng = Rng::new(config.seed);
        let setup = recovery::Setup {
            alternate: config.hosts.len() > 1,
            agents: config.expected_agents,
            preferred: config.home,
            stays: config.stays,
            shared: config.transport == Transport::Hub,
        };
        let resource =
            config.resource.clone().unwrap_or_else(|| format!("keeper-{:08x}", rng.next_u64() >> 32));
        let presence = Presence::new(config.resume);
        let asks = Rng::new(config.seed ^ ASKS);
        let mut sides = Pair::default();
        for (side, host) in Side::BOTH.into_iter().zip(&config.hosts) {
            *sides.get_mut(side) = SideRecord::new(host);
        }
        Ok(Self {
            resource,
            clock: Clock::default(),
            now: Now::default(),
            recovery: Recovery::new(setup, rng.fork()),
            rng,
            numbers: Numbers::default(),
            started: false,
            sides,
            line: None,
            former: None,
            question: None,
            held: None,
            token: false,
            checks: Vec::new(),
            requests: Map::new(),
            resync: Resync::new(&config.user),
            read_began: Instant::default(),
            asks: Requests::new(&config.user, asks),
            config,
            refused: false,
            resync_failing: false,
            reread_not_before: Instant::default(),
            doubt_not_before: Instant::default(),
            untold: None,
            media_signed_in: None,
            plan: None,
            failed_as: None,
            disturbed: false,
            ever_up: false,
            gap_since: None,
            doubted_gap: false,
            presence,
            noted: None,
            awaits_touch: false,
            ready_asked: None,
            subscriptions: Map::new(),
            timers: Timers::default(),
            timeline: Timeline::default(),
            effects: VecDeque::new(),
            events: VecDeque::new(),
            told: None,
        })
    }

    /// Something happened. `now` holds raw readings of both clocks.
    pub fn handle_input(&mut self, input: Input, now: Now) {
        self.observe(now);
        match input {
            Input::Answer(answer) => self.on_answer(&answer),
            Input::Page(event) => self.on_page(event),
            Input::Touched => self.on_touched(),
            Input::Command(command) => self.on_command(command),
        }
        self.drain();
    }

    /// A deadline may have passed.
    pub fn handle_timeout(&mut self, now: Now) {
        self.observe(now);
        let at = self.now.instant;
        while let Some((timer, due)) = self.timers.pop(at) {
            self.on_timer(timer, due);
        }
        for line in [&mut self.line, &mut self.former].into_iter().flatten() {
            line.session.handle_timeout(at);
        }
        self.drain_lines();
        self.recovery.handle_timeout(at);
        self.asks.handle_timeout(at);
        self.drain();
    }

    /// What to do next.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// What became true.
    pub fn poll_event(&mut self) -> Option<Event> {
        if let Some(entry) = self.timeline.take() {
            return Some(Event::Logged(entry));
        }
        self.events.pop_front()
    }

    /// When to call [`Self::handle_timeout`], on the raw monotonic clock, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        let own = self.timers.next().map(|(at, timer)| (at, timer.reason()));
        let lines = [&self.line, &self.former].into_iter().flatten();
        let sessions = lines.filter_map(|line| line.session.poll_timeout());
        let next =
            sessions.chain(own).chain(self.recovery.poll_timeout()).chain(self.asks.poll_timeout()).min()?;
        Some((self.clock.raw(next.0), next.1))
    }

    /// What has happened, oldest first; bounded, and free of secrets.
    pub fn timeline(&self) -> impl Iterator<Item = &Entry> {
        self.timeline.entries()
    }

    fn observe(&mut self, raw: Now) {
        let (now, slept) = self.clock.observe(raw);
        self.now = now;
        if let Some(slept) = slept
            && self.started
        {
            self.note(None, EntryKind::Page, format!("slept for {} s", slept.as_secs()));
            self.presence.slept();
            self.recovery.handle(Signal::Slept(slept), now.instant);
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Start if !self.started => {
                self.started = true;
                self.effects.push_back(Effect::AcquireLease);
            }
            Command::Start => {}
            Command::Subscribe(node) => self.subscribe(node),
            Command::Unsubscribe(node) => self.unsubscribe(&node),
            Command::Resume => self.signal(Signal::Resume),
            Command::Move => {
                self.drop_plan();
                self.signal(Signal::Move);
            }
            Command::MoveWithin(time) => self.plan_move(time),
            Command::Close => {
                self.held = None;
                self.asks.close(self.now.instant);
                self.signal(Signal::Close);
            }
            Command::Ask(number, ask) => {
                self.note_choice(number, &ask);
                self.asks.ask(number, ask, self.now.instant);
            }
            Command::SignInAgain => self.sign_in_again(),
            Command::GiveUp(number) => self.asks.give_up(number, self.now.instant),
        }
    }

    fn subscribe(&mut self, node: String) {
        if !config::node_is_sound(&node) || self.subscriptions.len() >= limits::SUBSCRIPTIONS {
            return self.fail(
                "bad-node",
                "this node cannot be subscribed",
                "give a path under /finesse/api/",
                Some(node),
            );
        }
        if !self.resync.can_follow(&node) && !self.subscriptions.contains_key(&node) {
            self.fail_to_follow("it is not known how to read it", node.clone());
        }
        let count = self.subscriptions.get(&node).map_or(1, |count| count.saturating_add(1));
        self.subscriptions.insert(node.clone(), count);
        if count == 1
            && let Some(line) = &mut self.line
        {
            line.session.subscribe(&node);
        }
    }

    fn unsubscribe(&mut self, node: &str) {
        let Some(count) = self.subscriptions.get_mut(node) else { return };
        *count -= 1;
        if *count == 0 {
            self.subscriptions.remove(node);
            self.unfollow(node);
            if let Some(line) = &mut self.line {
                if line.session.is_up() {
                    self.sides.get_mut(line.side).subids.remove(node);
                }
                line.session.unsubscribe(node);
            }
        }
    }

    fn on_page(&mut self, event: PageEvent) {
        if !self.started {
            return;
        }
        let text = match event {
            PageEvent::Hidden => "hidden",
            PageEvent::Visible => "visible",
            PageEvent::Frozen => "frozen",
            PageEvent::Resumed => "resumed",
            PageEvent::PageHide => "left",
            PageEvent::PageShow => "shown again",
            PageEvent::Online => "browser says online",
            PageEvent::Offline => "browser says offline",
        };
        self.note(None, EntryKind::Page, text);
        self.signal(Signal::Page(event));
    }

    fn on_answer(&mut self, answer: &Answer) {
        match answer {
            Answer::LeaseGranted => self.signal(Signal::Start),
            Answer::HubSaid { .. }
            | Answer::SocketOpened { .. }
            | Answer::SocketText { .. }
            | Answer::SocketFrameRefused { .. }
            | Answer::SocketClosed { .. } => {
                self.on_link_answer(answer);
            }
            Answer::Responded { .. } | Answer::RespondedOpaquely { .. } | Answer::RequestFailed { .. }
                if self.on_link_answer(answer) => {}
            Answer::Responded { number, response } => self.on_responded(*number, response),
            Answer::RespondedOpaquely { number } => self.on_responded_opaquely(*number),
            Answer::RequestFailed { number, failure } => self.on_request_failed(*number, *failure),
            Answer::CredentialsGiven { number, credentials, life } => {
                self.on_credentials(*number, credentials, *life);
            }
            Answer::CredentialsFailed { number } => self.on_no_credentials(Some(*number)),
        }
    }

    fn on_timer(&mut self, timer: Timer, due: Instant) {
        match timer {
            Timer::Request(number) => self.on_request_timeout(number, due),
            Timer::StreamCheck(number) => self.on_stream_checked(number, false),
            Timer::Credentials => self.on_no_credentials(None),
            Timer::Renew => self.renew(),
            Timer::Hold => self.drop_former(),
            Timer::Hurry => self.hurry_former(due),
            Timer::Reread => self.reread(),
            Timer::ReadMore => self.read_more(),
            Timer::Announce => self.announce_move(),
            Timer::Move => self.move_as_planned(),
            Timer::BetterWay => self.look_for_a_better_way(),
        }
    }

    /// Everything that one input set going, until all is quiet.
    fn drain(&mut self) {
        loop {
            self.drain_lines();
            if let Some(action) = self.recovery.poll_action() {
                self.perform(action);
            } else if !self.drain_asks() && !self.undo_logout() {
                break;
            }
        }
        self.tell_status();
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Read(side) => self.read_system_info(side),
            Action::Connect(side) => self.ask_credentials(side),
            Action::Leave => self.drop_lines(true),
            Action::Abandon => self.drop_lines(false),
            Action::Probe => self.probe(),
            Action::ProbeStream(side) => self.check_stream(side),
            Action::Resync => self.begin_resync(),
            Action::Moved { from, to } => {
                self.note(
                    Some(to),
                    EntryKind::Move,
                    format!("moved from {} to {}", from.as_str(), to.as_str()),
                );
                self.emit(Event::Moved { from, to });
            }
            Action::Changed => self.plan_reads(),
            Action::Note(text) => self.note(self.recovery.side(), EntryKind::Note, text),
        }
    }

    fn signal(&mut self, signal: Signal) {
        self.recovery.handle(signal, self.now.instant);
    }

    fn note(&mut self, side: Option<Side>, kind: EntryKind, text: impl Into<String>) {
        self.timeline.add(self.now.wall, side, kind, text);
    }

    fn fail(&mut self, code: &'static str, message: &str, next_step: &'static str, node: Option<String>) {
        self.note(self.recovery.side(), EntryKind::Error, format!("{code}: {message}"));
        self.emit(Event::Failed(Failure { code, message: quote(message), next_step, node }));
    }

    /// Queues an event. Past the cap one error stands for all that is lost. A status is never lost, one input makes one;
    /// nor is what a caller waits for.
    fn emit(&mut self, event: Event) {
        if self.events.len() == limits::QUEUE {
            self.events.push_back(Event::Failed(Failure {
                code: "overflow",
                message: "too much came at once, and some of it is not told".to_owned(),
                next_step: "read again what you show",
                node: None,
            }));
        }
        let kept = matches!(event, Event::StatusChanged(_) | Event::Settled { .. });
        if self.events.len() < limits::QUEUE || kept {
            self.events.push_back(event);
        }
    }

    /// The line, while its XMPP session is up.
    fn line_up(&self) -> Option<&Line> {
        self.line.as_ref().filter(|line| line.session.is_up())
    }

    fn number(&mut self) -> Number {
        self.numbers.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overflow_is_told_once_and_no_status_is_lost() {
        let hosts = vec![Host { rest: "https://a".into(), ..Host::default() }];
        let mut keeper = Keeper::new(Config { hosts, user: "1001".into(), ..Config::default() }).unwrap();
        for _ in 0..limits::QUEUE + 9 {
            keeper.emit(Event::Resynced { gap: 0, changes: 0 });
        }
        keeper.emit(Event::StatusChanged(Box::new(keeper.status())));
        assert_eq!(keeper.events.len(), limits::QUEUE + 2);
        assert!(matches!(keeper.events.pop_back(), Some(Event::StatusChanged(_))));
        assert!(matches!(keeper.events.pop_back(), Some(Event::Failed(Failure { code: "overflow", .. }))));
    }
}
