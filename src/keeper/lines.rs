//! Sessions come and go: the current one, the one that may yet answer, and streams that are only asked for.

use super::timeline::quote;
use super::{EntryKind, Keeper, Timer};
use crate::effect::{Answer, Credentials, CredentialsReason, Effect, Number};
use crate::finesse::node;
use crate::finesse::rest::Authorization;
use crate::link::LinkEvent;
use crate::link::websocket::WebSocketLink;
use crate::recovery::{AttemptFailure, Loss, Side, Signal, StateName};
use crate::session::{self, End, Session};
use crate::time::{Duration, millis};
use crate::xmpp::framing::Inbound;

/// A session and what belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) side: Side,
    pub(super) session: Session,
    pub(super) authorization: Authorization,
    token: bool,
    was_up: bool,
}

/// Credentials were asked for; the session begins when they come.
#[derive(Clone, Debug)]
pub(super) struct Question {
    number: Number,
    side: Side,
}

/// A stream without a login: does the service give its features?
#[derive(Clone, Debug)]
pub(super) struct StreamCheck {
    number: Number,
    side: Side,
    link: WebSocketLink,
}

/// The application's provider has this long.
const PROVIDER: Duration = Duration::from_secs(30);
/// Once a new session is answered, the old one has this long to answer too.
const HOLD: Duration = Duration::from_secs(1);
/// A stream without a login must have come by then.
const STREAM_CHECK: Duration = Duration::from_secs(5);
/// Our own ghost holds the resource: so long before the forced logout may come another one is taken.
const GHOST: Duration = Duration::from_secs(20);

impl Line {
    /// Whether it logged in with a token, which can be renewed.
    pub(super) fn token(&self) -> bool {
        self.token
    }
}

impl Keeper {
    /// A session begins with the question for credentials.
    pub(super) fn ask_credentials(&mut self, side: Side) {
        let reason = match (self.refused, self.ever_up) {
            (true, _) => CredentialsReason::Refused,
            (false, true) => CredentialsReason::Reconnect,
            (false, false) => CredentialsReason::Connect,
        };
        self.drop_question();
        let number = self.number();
        self.question = Some(Question { number, side });
        self.timers.set(Timer::Credentials, self.now.instant + PROVIDER);
        self.effects.push_back(Effect::AskCredentials { number, reason, side: side.index() });
    }

    pub(super) fn on_credentials(&mut self, number: Number, credentials: &Credentials) {
        match self.question.take_if(|question| question.number == number) {
            Some(question) => {
                self.timers.clear(Timer::Credentials);
                let Some(line) = self.line.as_mut().filter(|line| line.session.is_up()) else {
                    return self.begin_session(question.side, credentials);
                };
                line.authorization = Authorization::new(&self.config.user, credentials);
                line.token = matches!(credentials, Credentials::Token(_));
                self.refused = false;
                self.begin_resync();
            }
            None => self.note(None, EntryKind::Note, format!("late credentials {number} dropped")),
        }
    }

    /// The provider failed or was silent: a failed attempt, and no refusal.
    pub(super) fn on_no_credentials(&mut self, number: Option<Number>) {
        if self.question.as_ref().is_some_and(|asked| number.is_none_or(|number| asked.number == number)) {
            self.drop_question();
            self.fail(
                "no-credentials",
                "the credentials provider gave none",
                "sign in again, or look at the provider",
                None,
            );
            if self.line.as_ref().is_some_and(|line| line.session.is_up()) {
                return self.on_resync_failure("REST refused the credentials, and no others came");
            }
            self.signal(Signal::AttemptFailed(AttemptFailure::NoCredentials));
        }
    }

    pub(super) fn drop_question(&mut self) {
        if let Some(question) = self.question.take() {
            self.timers.clear(Timer::Credentials);
            self.effects.push_back(Effect::DropQuestion { number: question.number });
        }
    }

    fn begin_session(&mut self, side: Side, credentials: &Credentials) {
        let socket = self.number();
        let record = self.sides.get(side);
        let (Some(domain), url) = (record.domain.clone(), record.websocket.clone()) else {
            return self.signal(Signal::AttemptFailed(AttemptFailure::NoStream));
        };
        let setup = session::Setup {
            user: self.config.user.to_ascii_lowercase(),
            pubsub: record.pubsub.clone().unwrap_or_else(|| format!("pubsub.{domain}")),
            domain,
            resource: self.resource.clone(),
            credentials: credentials.clone(),
            quick: record.quick,
            hold: self.former.is_some(),
            nodes: self.subscriptions.keys().cloned().collect(),
            leftover: record.subids.clone(),
            agents: self.config.expected_agents,
        };
        if self.failed_as.is_none() {
            self.note(Some(side), EntryKind::Link, "connecting");
        }
        let link = WebSocketLink::new(socket, &url);
        self.line = Some(Line {
            side,
            session: Session::new(setup, link, self.now.instant),
            authorization: Authorization::new(&self.config.user, credentials),
            token: matches!(credentials, Credentials::Token(_)),
            was_up: false,
        });
    }

    pub(super) fn on_socket(&mut self, answer: &Answer) {
        let now = self.now.instant;
        let ours = [&mut self.line, &mut self.former]
            .into_iter()
            .flatten()
            .any(|line| line.session.handle(answer, now));
        if !ours {
            self.on_check_socket(answer);
        }
    }

    /// What the sessions have to say, and what they want sent.
    pub(super) fn drain_lines(&mut self) {
        while let Some(event) = self.line.as_mut().and_then(|line| line.session.poll_event()) {
            self.on_session_event(event);
        }
        while let Some(event) = self.former.as_mut().and_then(|line| line.session.poll_event()) {
            self.on_former_event(event);
        }
        for line in [&mut self.line, &mut self.former].into_iter().flatten() {
            while let Some(effect) = line.session.poll_effect() {
                self.effects.push_back(effect);
            }
        }
    }

    fn on_session_event(&mut self, event: session::Event) {
        let Some(side) = self.line.as_ref().map(|line| line.side) else { return };
        match event {
            session::Event::Opened => self.on_opened(),
            session::Event::Up => self.on_up(side),
            session::Event::Finesse(present) => {
                self.note(
                    Some(side),
                    EntryKind::Presence,
                    if present { "finesse present" } else { "finesse gone" },
                );
                self.signal(Signal::Finesse(present));
            }
            session::Event::Item(item, stamp) => self.on_item(side, &item, stamp.is_some()),
            session::Event::Subscribed { node, subid } => {
                if let Some(subid) = subid {
                    self.sides.get_mut(side).subids.insert(node, subid);
                }
            }
            session::Event::SubscriptionFailed { node, condition } => {
                let message = format!("the server refused the subscription: {}", quote(&condition));
                self.fail("subscription-failed", &message, "check the node and the agent's role", Some(node));
            }
            session::Event::Doubtful(since) => {
                let ago = millis(self.now.instant.since(since));
                self.note(Some(side), EntryKind::Link, format!("no answer to a ping for {ago} ms"));
                self.signal(Signal::Suspect(since));
            }
            session::Event::Answered => {
                self.last_answer = Some(self.now);
                self.signal(Signal::Alive);
            }
            session::Event::Dead => self.on_dead(side),
            session::Event::Unreadable(why) => self.on_unreadable("bad-frame", &why, None),
            session::Event::Noted(text) => self.note(Some(side), EntryKind::Note, quote(&text)),
            session::Event::Ended(end) => self.on_ended(side, end),
        }
    }

    /// The new session is answered. An old one has a last chance; without one there is nothing to wait for.
    fn on_opened(&mut self) {
        if self.former.is_some() {
            self.timers.set(Timer::Hold, self.now.instant + HOLD);
        } else if let Some(line) = &mut self.line {
            line.session.proceed();
        }
    }

    fn on_up(&mut self, side: Side) {
        let Some(line) = &mut self.line else { return };
        line.was_up = true;
        let finesse = line.session.finesse();
        let record = self.sides.get_mut(side);
        record.quick = true;
        record.subids.retain(|node, _| self.subscriptions.contains_key(node));
        (self.refused, self.ever_up) = (false, true);
        self.last_answer = Some(self.now);
        self.failed_as = None;
        self.note(Some(side), EntryKind::Link, "connected, present and subscribed");
        self.abandon_resync();
        self.signal(Signal::SessionUp { finesse });
    }

    /// Pings declared the session dead. It is kept: if it answers before a new one does, it goes on.
    fn on_dead(&mut self, side: Side) {
        self.note(Some(side), EntryKind::Link, "pings unanswered: the link is taken for dead");
        self.gap_since.get_or_insert(self.now.instant);
        // a resync that was still to come is still to come if it goes on
        self.disturbed = self.recovery.state() != StateName::InService;
        self.drop_question();
        if let Some(mut former) = core::mem::replace(&mut self.former, self.line.take()) {
            former.session.abandon();
        }
        self.signal(Signal::SessionLost(Loss::Dead));
    }

    fn on_former_event(&mut self, event: session::Event) {
        let Some(side) = self.former.as_ref().map(|line| line.side) else { return };
        match event {
            session::Event::Answered => {
                self.note(Some(side), EntryKind::Link, "the old session answers: it goes on");
                self.timers.clear(Timer::Hold);
                self.drop_question();
                self.abandon_line();
                self.line = self.former.take();
                self.gap_since = None;
                self.last_answer = Some(self.now);
                let finesse = self.line.as_ref().is_some_and(|line| line.session.finesse());
                let disturbed = self.disturbed;
                self.signal(Signal::SessionRevived { finesse, disturbed });
            }
            session::Event::Finesse(_) | session::Event::Unreadable(_) => self.disturbed = true,
            session::Event::Item(item, stamp) => {
                self.disturbed |= item.node == node::SYSTEM_INFO;
                self.on_item(side, &item, stamp.is_some());
            }
            session::Event::Ended(_) => {
                self.note(Some(side), EntryKind::Note, "the old session is gone");
                self.drop_former();
            }
            _ => {}
        }
    }

    /// The old session has had its chance: the new one goes on.
    pub(super) fn drop_former(&mut self) {
        self.timers.clear(Timer::Hold);
        if let Some(mut former) = self.former.take() {
            former.session.abandon();
            self.take_effects(&mut former);
        }
        if let Some(line) = &mut self.line {
            line.session.proceed();
        }
    }

    fn on_ended(&mut self, side: Side, end: End) {
        let Some(mut line) = self.line.take() else { return };
        self.take_effects(&mut line);
        self.abandon_resync();
        let how = describe(&end);
        if line.was_up {
            self.gap_since.get_or_insert(self.now.instant);
            self.note(Some(side), EntryKind::Link, how);
        } else if self.failed_as.as_ref().is_none_or(|failed| *failed != (side, how.clone())) {
            // the same failure again and again is told once
            self.note(Some(side), EntryKind::Link, format!("no session: {how}"));
            self.failed_as = Some((side, how));
        }
        if end == End::QuickRefused {
            self.sides.get_mut(side).quick = false;
            return self.ask_credentials(side);
        }
        if end == End::BindConflict
            && self.forced_logout().is_none_or(|logout| self.now.wall + GHOST >= logout.earliest)
        {
            let base = self.config.resource.as_deref().unwrap_or("keeper");
            self.resource = format!("{base}-{:08x}", self.rng.next_u64() >> 32);
        }
        if let End::Refused(_) = end {
            self.refused = true;
        }
        let failure = match end {
            End::BindConflict => AttemptFailure::Ghost,
            _ if line.session.stream_seen() => AttemptFailure::Login,
            _ => AttemptFailure::NoStream,
        };
        self.signal(match end {
            End::Conflict => Signal::Conflict,
            End::Refused(_) => Signal::CredentialsRefused { token: line.token },
            End::StreamEnded(condition) if line.was_up && condition == "system-shutdown" => {
                Signal::SessionLost(Loss::Shutdown)
            }
            _ if line.was_up => Signal::SessionLost(Loss::Closed),
            _ => Signal::AttemptFailed(failure),
        });
    }

    /// Drops every session, with or without goodbye.
    pub(super) fn drop_lines(&mut self, goodbye: bool) {
        self.drop_question();
        self.timers.clear(Timer::Hold);
        self.abandon_resync();
        if let Some(mut former) = self.former.take() {
            former.session.abandon();
            self.take_effects(&mut former);
        }
        if goodbye && let Some(line) = &mut self.line {
            line.session.leave();
            self.sides.get_mut(line.side).subids.clear();
        }
        if self.line.as_ref().is_some_and(|line| line.was_up) {
            self.gap_since.get_or_insert(self.now.instant);
        }
        self.abandon_line();
    }

    fn abandon_line(&mut self) {
        if let Some(mut line) = self.line.take() {
            line.session.abandon();
            self.take_effects(&mut line);
        }
    }

    fn take_effects(&mut self, line: &mut Line) {
        while let Some(effect) = line.session.poll_effect() {
            self.effects.push_back(effect);
        }
    }

    pub(super) fn probe(&mut self) {
        let now = self.now.instant;
        if let Some(line) = &mut self.line {
            line.session.probe(now);
        }
    }

    /// Asks a side for a stream, without logging in.
    pub(super) fn check_stream(&mut self, side: Side) {
        let number = self.number();
        let link = WebSocketLink::new(number, &self.sides.get(side).websocket);
        self.timers.set(Timer::StreamCheck(number), self.now.instant + STREAM_CHECK);
        self.checks.push(StreamCheck { number, side, link });
        self.drain_checks();
    }

    fn on_check_socket(&mut self, answer: &Answer) {
        let mut done = Vec::new();
        for check in &mut self.checks {
            if !check.link.handle(answer) {
                continue;
            }
            let domain = self.sides.get(check.side).domain.clone().unwrap_or_default();
            while let Some(event) = check.link.poll_event() {
                match event {
                    LinkEvent::Connected => check.link.open_stream(&domain),
                    LinkEvent::Received(inbound) if matches!(*inbound, Inbound::Features(_)) => {
                        done.push((check.number, true));
                    }
                    LinkEvent::Closed { .. } => done.push((check.number, false)),
                    LinkEvent::Received(_) | LinkEvent::Unreadable(_) => {}
                }
            }
        }
        self.drain_checks();
        for (number, given) in done {
            self.on_stream_checked(number, given);
        }
    }

    pub(super) fn on_stream_checked(&mut self, number: Number, given: bool) {
        let Some(index) = self.checks.iter().position(|check| check.number == number) else { return };
        let mut check = self.checks.remove(index);
        self.timers.clear(Timer::StreamCheck(number));
        check.link.close();
        while let Some(effect) = check.link.poll_effect() {
            self.effects.push_back(effect);
        }
        let text = if given { "gives a stream" } else { "gives no stream" };
        self.note(Some(check.side), EntryKind::Link, text);
        self.signal(Signal::Stream { side: check.side, given });
    }

    fn drain_checks(&mut self) {
        for check in &mut self.checks {
            while let Some(effect) = check.link.poll_effect() {
                self.effects.push_back(effect);
            }
        }
    }
}

fn describe(end: &End) -> String {
    match end {
        End::Closed(code) => format!("the socket closed ({code})"),
        End::TimedOut(what) => format!("timed out: {what}"),
        End::StreamEnded(condition) if condition.is_empty() => "the server closed the stream".to_owned(),
        End::StreamEnded(condition) => format!("the server ended the stream: {}", quote(condition)),
        End::Conflict => "signed in elsewhere with the same address (conflict)".to_owned(),
        End::BindConflict => "bind refused: our own ghost holds the resource".to_owned(),
        End::Refused(condition) => format!("credentials refused: {}", quote(condition)),
        End::Temporary(why) => format!("login failed for now: {}", quote(why)),
        End::QuickRefused => "the quick login was not taken: the patient way follows".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::{Config, Host};

    #[test]
    fn a_silent_provider_is_told_that_nobody_waits_any_more() {
        let hosts = vec![Host { rest: "https://a".into(), websocket: None }];
        let mut keeper = Keeper::new(Config { hosts, user: "1001".into(), ..Config::default() }).unwrap();
        keeper.ask_credentials(Side::A);
        keeper.on_no_credentials(None);
        assert!(matches!(keeper.effects.pop_back(), Some(Effect::DropQuestion { .. })));
        assert!(keeper.question.is_none());
    }
}
