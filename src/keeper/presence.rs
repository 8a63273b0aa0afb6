//! What our presence is worth: when Finesse may sign the agent out, and signing in again where it did.

use super::{EntryKind, Event, ForcedLogout, Keeper, Transport};
use crate::effect::Effect;
use crate::finesse::node;
use crate::finesse::update::{Data, Notification};
use crate::finesse::user::{MobileAgent, User};
use crate::presence::{End, Step, Teller};
use crate::recovery::{Reading, Side, StateName, Stop};
use crate::requests::{Ask, OWN, Outcome, SignIn};
use crate::shapes::is_same_word;
use crate::shapes::object::Object;
use crate::time::WallTime;

impl Keeper {
    /// When Finesse may sign the agent out for our absence.
    pub(super) fn forced_logout(&self) -> Option<ForcedLogout> {
        self.presence.window(self.now.wall).map(|window| ForcedLogout {
            side: window.side,
            earliest: window.earliest,
            latest: window.latest(),
        })
    }

    /// After every input: are we seen, and what follows if not. That a side's time is over matters only while there is a
    /// session elsewhere, whose pings wake us often enough to see it.
    pub(super) fn watch_presence(&mut self) {
        let up = self.line_up().is_some();
        let shared = self.config.transport == Transport::Hub; // the desktop is what Finesse sees
        if shared || matches!(self.recovery.stopped(), Some(Stop::Closed | Stop::Conflict)) {
            self.presence.clock.forget();
        } else if !up || self.recovery.suspect() {
            self.presence.absent(self.now.wall);
        }
        self.presence.clock.calls(self.resync.on_a_call(), self.now.wall);
        let logout = self.forced_logout();
        if logout.is_some()
            && self.presence.awaits_touch()
            && !core::mem::replace(&mut self.awaits_touch, true)
        {
            self.effects.push_back(Effect::AwaitTouch);
        }
        // an answer that is merely overdue is in the status, and not worth a line
        if logout != self.noted && !(up && self.recovery.suspect() && self.noted.is_none()) {
            self.note_forced_logout(logout);
        }
    }

    fn note_forced_logout(&mut self, logout: Option<ForcedLogout>) {
        let noted = core::mem::replace(&mut self.noted, logout);
        let Some(ForcedLogout { side, earliest, latest }) = logout.or(noted) else { return };
        let mut text = String::from("no forced logout to come");
        if logout.is_some() {
            text = String::from_iter(["may force the logout from ", &earliest.to_string(), " to "]);
            match latest {
                Some(latest) => text.push_str(&latest.to_string()),
                None => text.push_str("180 s after the call"),
            }
        }
        self.note(Some(side), EntryKind::Presence, text);
    }

    /// We are about to leave the side we are on. Where that is for the other one, a side in service may act at once.
    pub(super) fn leave_presence(&mut self) {
        let moving = self.recovery.state() == StateName::Moving;
        let here = self.presence.clock.here().map(|(side, _)| side);
        let in_service = |side: Side| matches!(self.recovery.last_reading(side), Some(Reading::In { .. }));
        self.presence.clock.left(moving && here.is_some_and(in_service), self.now.wall);
    }

    /// What a later keeper should know of.
    pub(super) fn missing_when_gone(&self) -> Vec<(Side, u64, u64, Option<u64>)> {
        let mut clock = self.presence.clock.clone();
        clock.absent();
        let millis = |at: WallTime| at.as_millis();
        clock
            .kept()
            .map(|it| (it.side, millis(it.gone), millis(it.earliest), it.latest().map(millis)))
            .collect()
    }

    /// Someone is there.
    pub(super) fn on_touched(&mut self) {
        self.awaits_touch = false;
        self.presence.touched(self.now.wall);
    }

    /// What is told of the agent may be a forced logout.
    pub(super) fn on_told(&mut self, notification: &Notification) {
        let Data::User(agent) = &notification.data else { return };
        if !is_same_word(&notification.node, &node::user(&self.config.user)) {
            return;
        }
        let side = self.line.as_ref().map(|line| line.side).or(self.recovery.side());
        let record = side.map(|side| self.sides.get(side));
        let teller = Teller {
            ahead: record.and_then(|record| record.ahead),
            ccx: record.is_some_and(|record| record.ccx),
        };
        let Some(out) = self.presence.on_user(agent, teller, self.now) else { return };
        let text = String::from_iter([
            if out.not_ready { "made Not Ready by " } else { "signed out by " },
            out.by.as_str(),
            ", code ",
            &out.code.unsigned_abs().to_string(),
            if out.resumable { ": may be undone" } else { ": stays so" },
        ]);
        self.note(side, EntryKind::Presence, text);
        self.emit(Event::SignedOut(out));
    }

    /// The application asks for a state: only a Ready that came true is given back later.
    pub(super) fn note_choice(&mut self, number: u32, ask: &Ask) {
        if let Ask::State { state, .. } = ask {
            self.presence.chose(false);
            self.ready_asked = (state == "READY").then_some(number);
        }
    }

    pub(super) fn on_choice_settled(&mut self, number: u32, outcome: &Outcome) {
        if self.ready_asked == Some(number) && matches!(outcome, Outcome::Applied(_)) {
            self.presence.chose(true);
        }
    }

    pub(super) fn sign_in_again(&mut self) {
        if !self.presence.accept() {
            self.note(self.recovery.side(), EntryKind::Presence, "there is no forced logout to undo");
        }
    }

    /// The next step of undoing a forced logout, or its end. Tells whether there was one.
    pub(super) fn undo_logout(&mut self) -> bool {
        let step = if self.asks.is_open() { self.presence.next_step(self.now.wall) } else { None };
        if let Some(end) = self.presence.poll_end() {
            self.tell_end(end);
            return true;
        }
        let Some(step) = step else { return false };
        let ask = match step {
            Step::SignIn => Ask::SignIn(self.presence.signed_in().map(as_before).unwrap_or_default()),
            Step::Ready => Ask::State { state: "READY".to_owned(), reason: None },
        };
        let number = OWN | self.number().0;
        self.asks.ask(number, ask, self.now.instant);
        true
    }

    /// What was refused stays so; what was lost on the way may be tried again.
    pub(super) fn on_step_settled(&mut self, outcome: &Outcome) {
        if *outcome == Outcome::NotConnected {
            return self.presence.unsent();
        }
        let done = matches!(outcome, Outcome::Applied(_));
        self.presence.settled(done, !matches!(outcome, Outcome::Refused { .. }));
    }

    fn tell_end(&mut self, end: End) {
        let (text, why) = match end {
            End::Ready => ("Ready", None),
            End::NotReady(why) => (why.as_str(), Some(why)),
            End::Failed => {
                let message = "Finesse did not sign the agent in again";
                return self.fail("sign-in-failed", message, "sign in by hand", None);
            }
        };
        let text = String::from_iter([if why.is_none() { "undone: " } else { "undone, Not Ready: " }, text]);
        self.note(self.recovery.side(), EntryKind::Presence, text);
        self.emit(Event::SignedIn(why));
    }
}

/// How the agent was signed in.
fn as_before(agent: &Object) -> SignIn {
    let mobile = agent.field(User::MOBILE_AGENT);
    let mode = mobile.field(MobileAgent::MODE).text();
    let number = mobile.field(MobileAgent::DIAL_NUMBER).text();
    SignIn {
        extension: agent.text(User::EXTENSION).to_owned(),
        active_device: Some(agent.text(User::ACTIVE_DEVICE_ID).to_owned()).filter(|id| !id.is_empty()),
        mobile: (!mode.is_empty()).then(|| (mode.to_owned(), number.to_owned())),
    }
}
