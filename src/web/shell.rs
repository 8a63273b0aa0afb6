//! One input, then effects, events and the deadline; only then the next input.

use super::page::Page;
use super::question::Questions;
use super::request::Requests;
use super::socket::Sockets;
use super::{Sink, clock, convert};
use crate::effect::{Answer, Effect};
use crate::keeper::{Command, Event, Input, Keeper};
use crate::limits;
use crate::time::Instant;
use core::cell::{Cell, RefCell};
use core::fmt;
use gloo_timers::callback::Timeout;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsValue;

/// A keeper and everything that acts for it. All callbacks from the browser hold it weakly.
pub(super) struct Shell {
    me: Weak<Shell>,
    keeper: RefCell<Keeper>,
    steps: RefCell<VecDeque<Step>>,
    life: Cell<Life>,
    alarm: RefCell<Option<Alarm>>,
    sockets: Sockets,
    requests: Requests,
    questions: Questions,
    page: Page,
    tell: RefCell<Option<js_sys::Function>>,
}

/// Something for the keeper to take in.
enum Step {
    Input(Input),
    Timeout,
}

/// Whether steps are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Not begun: steps wait.
    New,
    /// Steps are taken at once.
    Idle,
    /// A step is being taken: further ones wait.
    Busy,
    /// Over: steps are dropped.
    Detached,
}

/// The one timer, and what it was set for.
struct Alarm {
    at: Instant,
    _timeout: Timeout,
}

impl Shell {
    /// A shell around `keeper` that does nothing before [`Shell::start`].
    pub(super) fn new(keeper: Keeper, credentials: js_sys::Function, tell: js_sys::Function) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| {
            let sink: Sink = Rc::new({
                let me = me.clone();
                move |input| {
                    if let Some(shell) = me.upgrade() {
                        shell.feed(input);
                    }
                }
            });
            Self {
                me: me.clone(),
                keeper: RefCell::new(keeper),
                steps: RefCell::default(),
                life: Cell::new(Life::New),
                alarm: RefCell::default(),
                sockets: Sockets::new(sink.clone()),
                requests: Requests::new(sink.clone()),
                questions: Questions::new(credentials, sink.clone()),
                page: Page::new(sink),
                tell: RefCell::new(Some(tell)),
            }
        })
    }

    /// Begins, with whatever was asked for before.
    pub(super) fn start(&self) {
        if self.life.get() == Life::New {
            self.steps.borrow_mut().push_front(Step::Input(Input::Command(Command::Start)));
            self.page.attach();
            self.life.set(Life::Idle);
            self.run();
        }
    }

    /// Takes in one input, now or after the one that is being taken in.
    pub(super) fn feed(&self, input: Input) {
        self.push(Step::Input(input));
        self.run();
    }

    /// Reads the keeper.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Keeper) -> T) -> T {
        read(&self.keeper.borrow())
    }

    /// Stops for good and lets go of everything.
    pub(super) fn detach(&self) {
        self.life.set(Life::Detached);
        self.steps.borrow_mut().clear();
        self.alarm.borrow_mut().take();
        self.sockets.clear();
        self.requests.clear();
        self.questions.clear();
        self.page.detach();
        self.tell.borrow_mut().take();
    }

    fn push(&self, step: Step) {
        let mut steps = self.steps.borrow_mut();
        // Only a callback that calls in without end can fill the queue; what it says last is lost.
        if self.life.get() != Life::Detached && steps.len() < limits::QUEUE {
            steps.push_back(step);
        }
    }

    fn run(&self) {
        if self.life.get() != Life::Idle {
            return;
        }
        self.life.set(Life::Busy);
        loop {
            let step = self.steps.borrow_mut().pop_front();
            let Some(step) = step else { break };
            self.take(step);
            self.drain();
        }
        if self.life.get() == Life::Busy {
            self.life.set(Life::Idle);
            self.arm();
        }
    }

    fn take(&self, step: Step) {
        let now = clock::now();
        let mut keeper = self.keeper.borrow_mut();
        match step {
            Step::Input(input) => keeper.handle_input(input, now),
            Step::Timeout => keeper.handle_timeout(now),
        }
    }

    /// Effects first: a goodbye must leave before the application hears of it and may close the page.
    fn drain(&self) {
        loop {
            let effect = self.keeper.borrow_mut().poll_effect();
            let Some(effect) = effect else { break };
            self.perform(effect);
        }
        loop {
            let event = self.keeper.borrow_mut().poll_event();
            let Some(event) = event else { break };
            self.tell(&event);
        }
    }

    fn perform(&self, effect: Effect) {
        match effect {
            // One keeper in one page holds its own link.
            Effect::AcquireLease => self.push(Step::Input(Input::Answer(Answer::LeaseGranted))),
            Effect::OpenSocket { socket, url, protocol } => self.sockets.open(socket, &url, protocol),
            Effect::SendText { socket, text } => self.sockets.send(socket, &text),
            Effect::CloseSocket { socket } => self.sockets.close(socket),
            Effect::SendRequest { number, request } => self.requests.send(number, &request),
            Effect::AbortRequest { number } => self.requests.abort(number),
            Effect::AskCredentials { number, reason, side } => self.questions.ask(number, reason, side),
            Effect::DropQuestion { number } => self.questions.drop(number),
        }
    }

    fn tell(&self, event: &Event) {
        let tell = self.tell.borrow().clone();
        if let Some(tell) = tell {
            let (kind, detail) = convert::event(event);
            // The package's own function: it keeps what an application throws away from us.
            let _ = tell.call2(&JsValue::NULL, &kind.into(), &detail);
        }
    }

    fn arm(&self) {
        let next = self.keeper.borrow().poll_timeout();
        let mut alarm = self.alarm.borrow_mut();
        match next {
            None => *alarm = None,
            Some((at, _)) if alarm.as_ref().is_some_and(|alarm| alarm.at == at) => {}
            Some((at, _)) => *alarm = Some(self.alarm_at(at)),
        }
    }

    fn alarm_at(&self, at: Instant) -> Alarm {
        /// What `setTimeout` can count to; a needless wake-up after 24 days is harmless.
        const LONGEST: u32 = i32::MAX as u32;
        let wait = u32::try_from(at.since(clock::now().instant).as_millis()).unwrap_or(LONGEST).min(LONGEST);
        let me = self.me.clone();
        let timeout = Timeout::new(wait, move || {
            if let Some(shell) = me.upgrade() {
                shell.alarm.borrow_mut().take();
                shell.push(Step::Timeout);
                shell.run();
            }
        });
        Alarm { at, _timeout: timeout }
    }
}

impl fmt::Debug for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell").finish_non_exhaustive()
    }
}
