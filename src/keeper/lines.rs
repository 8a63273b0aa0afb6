//! Sessions come and go: the current one, and the one that may yet answer.

use super::timeline::quote;
use super::transport::Way;
use super::{EntryKind, Keeper, Timer};
use crate::effect::{Answer, Credentials};
use crate::finesse::node;
use crate::finesse::rest::Authorization;
use crate::link::Closure;
use crate::recovery::{AttemptFailure, Loss, Side, Signal, Standstill, StateName};
use crate::session::{self, End, Session};
use crate::time::{Duration, Instant, millis};

/// A session and what belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) side: Side,
    pub(super) way: Way,
    /// How another way failed in the same attempt.
    pub(super) first_way_failed: Option<String>,
    pub(super) session: Session,
    pub(super) authorization: Authorization,
    pub(super) credentials: Credentials,
    was_up: bool,
}

/// Once a new session is answered, the old one may answer by itself for so long; then what hangs in it is made again.
const HURRY: Duration = Duration::from_millis(400);
/// Once a new session is answered, the old one has this long to answer too.
const HOLD: Duration = Duration::from_secs(1);
/// Over BOSH a server that has forgotten us says so, and up to two requests are to be made again before we are heard.
const HOLD_BOSH: Duration = Duration::from_secs(3);
/// Our own ghost holds the resource: so long before the forced logout may come another one is taken.
const GHOST: Duration = Duration::from_secs(20);

impl Keeper {
    pub(super) fn begin_session(
        &mut self,
        side: Side,
        way: Way,
        credentials: &Credentials,
        first_way_failed: Option<String>,
    ) {
        let hub = (way == Way::Hub).then(String::new); // whose container knows the domain
        let Some(domain) = self.sides.get(side).domain.clone().or(hub) else {
            return self.signal(Signal::AttemptFailed(AttemptFailure::NoStream));
        };
        let (link, quick, patience) = self.new_link(side, way, &domain);
        let record = self.sides.get(side);
        let setup = session::Setup {
            user: self.config.user.to_ascii_lowercase(),
            pubsub: record.pubsub.clone().unwrap_or_else(|| format!("pubsub.{domain}")),
            domain,
            resource: self.resource.clone(),
            credentials: credentials.clone(),
            quick,
            hold: self.former.is_some(),
            patience,
            nodes: self.subscriptions.keys().cloned().collect(),
            leftover: record.subids.clone(),
            agents: self.config.expected_agents,
        };
        if self.failed_as.is_none() {
            self.note(Some(side), EntryKind::Link, format!("connecting{}", way.suffix()));
        }
        self.line = Some(Line {
            side,
            way,
            first_way_failed,
            session: Session::new(setup, link, self.now.instant),
            authorization: Authorization::new(&self.config.user, credentials),
            credentials: credentials.clone(),
            was_up: false,
        });
    }

    /// Takes an answer if it is about a link, and tells whether it was.
    pub(super) fn on_link_answer(&mut self, answer: &Answer) -> bool {
        let now = self.now.instant;
        let ours = [&mut self.line, &mut self.former]
            .into_iter()
            .flatten()
            .any(|line| line.session.handle(answer, now));
        ours || self.on_check_answer(answer)
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
            while let Some(effect) = line.session.poll_effect(self.now.instant) {
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
                self.on_subscribed(&node);
                if let Some(subid) = subid {
                    self.sides.get_mut(side).subids.insert(node, subid);
                }
            }
            session::Event::SubscriptionFailed { node, condition } => {
                self.unfollow(&node);
                let message = format!("not subscribed: {}", quote(&condition));
                self.fail("subscription-failed", &message, "check the node and the agent's role", Some(node));
            }
            session::Event::Doubtful(since) => {
                let ago = millis(self.now.instant.since(since));
                self.note(Some(side), EntryKind::Link, format!("no answer to a ping for {ago} ms"));
                self.signal(Signal::Suspect(since));
            }
            session::Event::Answered => {
                self.presence.clock.seen(side, self.now.wall);
                self.signal(Signal::Alive);
            }
            session::Event::Standstill(word) => {
                self.note(Some(side), EntryKind::Link, format!("the container says {word}"));
                self.signal(Signal::Standstill(match word.as_str() {
                    "conflict" => Standstill::Conflict,
                    "unauthorized" => Standstill::Refused,
                    _ => Standstill::Failing,
                }));
            }
            session::Event::StandsAgain => {
                self.note(Some(side), EntryKind::Link, "the container's connection stands again");
                self.signal(Signal::StandsAgain);
            }
            session::Event::Dead(why) => self.on_dead(side, why),
            session::Event::Unreadable(why) => self.on_unreadable("bad-frame", &why, None),
            session::Event::Missed => {
                self.note(Some(side), EntryKind::Note, "an answer may be lost: what it told is read again");
                self.plan_reread();
            }
            session::Event::Noted(text) => self.note(Some(side), EntryKind::Note, quote(&text)),
            session::Event::Ended(end) => self.on_ended(side, end),
        }
    }

    /// The new session is answered. An old one has a last chance; without one there is nothing to wait for.
    fn on_opened(&mut self) {
        let now = self.now.instant;
        if let Some(former) = &mut self.former {
            former.session.retry(now);
            self.timers.set(Timer::Hurry, now + HURRY);
            self.timers.set(Timer::Hold, now + if former.way == Way::Bosh { HOLD_BOSH } else { HOLD });
        } else if self.is_websocket_due() {
            self.ask_websocket_again();
        } else if let Some(line) = &mut self.line {
            line.session.proceed();
        }
    }

    /// Nobody has logged in over BOSH yet.
    fn ask_websocket_again(&mut self) {
        let Some(mut line) = self.line.take() else { return };
        line.session.abandon();
        self.take_effects(&mut line);
        self.note(Some(line.side), EntryKind::Link, "BOSH is answered: the WebSocket is asked once more");
        self.begin_again(line.side, Way::WebSocket, &line.credentials, None);
    }

    /// The same attempt goes on. A token that is known to be good no more is not shown.
    fn begin_again(&mut self, side: Side, way: Way, credentials: &Credentials, failed: Option<String>) {
        if self.is_token_over() {
            return self.ask_credentials(side);
        }
        self.begin_session(side, way, credentials, failed);
    }

    fn on_up(&mut self, side: Side) {
        let Some(line) = &mut self.line else { return };
        line.was_up = true;
        line.first_way_failed = None;
        let (finesse, way) = (line.session.finesse(), line.way);
        let record = self.sides.get_mut(side);
        record.subids.retain(|node, _| self.subscriptions.contains_key(node));
        (self.refused, self.ever_up) = (false, true);
        self.presence.clock.seen(side, self.now.wall);
        self.failed_as = None;
        self.prove_way(side, way);
        self.note(Some(side), EntryKind::Link, format!("connected, present and subscribed{}", way.suffix()));
        self.abandon_resync();
        self.signal(Signal::SessionUp { finesse });
    }

    /// The session is taken for dead. It is kept: if it answers before a new one does, it goes on.
    fn on_dead(&mut self, side: Side, why: &str) {
        self.note(Some(side), EntryKind::Link, format!("{why}: the link is taken for dead"));
        self.doubted_gap = self.gap_since.is_none();
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
                self.timers.clear(Timer::Hurry);
                self.drop_question();
                self.abandon_line();
                self.line = self.former.take();
                if self.doubted_gap {
                    self.gap_since = None;
                }
                self.presence.clock.seen(side, self.now.wall);
                let finesse = self.line.as_ref().is_some_and(|line| line.session.finesse());
                let disturbed = self.disturbed;
                self.signal(Signal::SessionRevived { finesse, disturbed });
            }
            session::Event::Finesse(_) | session::Event::Unreadable(_) | session::Event::Missed => {
                self.disturbed = true;
            }
            session::Event::Item(item, stamp) => {
                self.disturbed |= item.node == node::SYSTEM_INFO;
                self.on_item(side, &item, stamp.is_some());
            }
            session::Event::Ended(end) => {
                self.note(
                    Some(side),
                    EntryKind::Note,
                    format!("the old session is gone: {}", describe(&end)),
                );
                self.drop_former();
            }
            _ => {}
        }
    }

    /// The server has answered a new session: what hangs in the old one since before hangs on connections that are dead.
    pub(super) fn hurry_former(&mut self, due: Instant) {
        if let Some(former) = &mut self.former {
            former.session.hurry(due - HURRY, self.now.instant);
        }
    }

    /// The old session has had its chance: the new one goes on.
    pub(super) fn drop_former(&mut self) {
        self.timers.clear(Timer::Hold);
        self.timers.clear(Timer::Hurry);
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
        let mut how = describe(&end);
        if end == End::QuickRefused {
            self.note(Some(side), EntryKind::Link, format!("no session: {how}"));
            self.sides.get_mut(side).ways.refuse_quick(line.way);
            return self.begin_again(side, line.way, &line.credentials, line.first_way_failed);
        }
        let no_stream = !line.was_up && !line.session.stream_seen() && end != End::BindConflict;
        let first = line.first_way_failed.is_none();
        if no_stream && let Some(way) = self.second_way(side, line.way, first) {
            if self.failed_as.is_none() {
                let text = format!("no session{}: {how}; the other way is tried", line.way.suffix());
                self.note(Some(side), EntryKind::Link, text);
            }
            return self.begin_again(side, way, &line.credentials, Some(how));
        }
        if let Some(first) = &line.first_way_failed {
            how = format!("{first}; {how}");
        }
        if line.was_up {
            self.gap_since.get_or_insert(self.now.instant);
            self.note(Some(side), EntryKind::Link, how);
        } else if self.failed_as.as_ref().is_none_or(|failed| *failed != (side, how.clone())) {
            // the same failure again and again is told once
            self.note(Some(side), EntryKind::Link, format!("no session: {how}"));
            self.failed_as = Some((side, how));
        }
        if end == End::BindConflict
            && self
                .forced_logout()
                .filter(|logout| logout.side == side)
                .is_none_or(|logout| self.now.wall + GHOST >= logout.earliest)
        {
            let base = self.config.resource.as_deref().unwrap_or("keeper");
            self.resource = format!("{base}-{:08x}", self.rng.next_u64() >> 32);
        }
        if let End::Refused(_) = end {
            self.on_refused();
        }
        let failure = match end {
            End::BindConflict => AttemptFailure::Ghost,
            _ if line.session.stream_seen() => AttemptFailure::Login,
            End::Closed(Closure::Http(_)) => AttemptFailure::Gateway,
            _ => AttemptFailure::NoStream,
        };
        self.signal(match end {
            End::Conflict => Signal::Conflict,
            End::Refused(_) => Signal::CredentialsRefused { token: line.token() },
            End::StreamEnded(condition) if line.was_up && condition == "system-shutdown" => {
                Signal::SessionLost(Loss::Shutdown)
            }
            _ if line.was_up => Signal::SessionLost(Loss::Closed),
            _ => Signal::AttemptFailed(failure),
        });
    }

    /// Drops every session, with or without goodbye.
    pub(super) fn drop_lines(&mut self, goodbye: bool) {
        if goodbye {
            self.leave_presence();
        }
        self.drop_question();
        self.timers.clear(Timer::Hold);
        self.timers.clear(Timer::Hurry);
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
        while let Some(effect) = line.session.poll_effect(self.now.instant) {
            self.effects.push_back(effect);
        }
    }

    pub(super) fn probe(&mut self) {
        let now = self.now.instant;
        if let Some(line) = &mut self.line {
            line.session.probe(now);
        }
    }
}

fn describe(end: &End) -> String {
    match end {
        End::Closed(closure) => closure.to_string(),
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
