//! Credentials: the application is asked whenever some are needed. A password is kept for the session that it opened; a
//! token whose life is known is used as long as it lasts, and renewed before it ends, session or not.
//!
//! A new token is used for REST at once. The XMPP session stays as it is: nothing tells it (Cisco: single sign-on), and
//! the next one gets the new token.

use super::lines::Line;
use super::transport::Way;
use super::{EntryKind, Keeper, Timer};
use crate::effect::{Credentials, CredentialsReason, Effect, Number};
use crate::finesse::rest::Authorization;
use crate::recovery::{AttemptFailure, Side, Signal};
use crate::time::{Duration, Instant};

/// Credentials were asked for.
#[derive(Clone, Debug)]
pub(super) struct Question {
    number: Number,
    /// Where a session waits for them; none where a token is only renewed.
    side: Option<Side>,
}

/// A token that can be used without asking.
#[derive(Clone, Debug)]
pub(super) struct Held {
    credentials: Credentials,
    until: Instant,
}

/// The application's provider has this long.
const PROVIDER: Duration = Duration::from_secs(30);
/// A token is renewed no sooner than this, however short its life; and so long after it could not be.
const RENEW_MIN: Duration = Duration::from_secs(10);

impl Question {
    /// Whether something waits for the answer.
    pub(super) const fn is_awaited(&self) -> bool {
        self.side.is_some()
    }
}

impl Keeper {
    /// A session begins with credentials: a token that is still good, or what the application gives.
    pub(super) fn ask_credentials(&mut self, side: Side) {
        self.drop_question();
        if let Some(held) = self.held.as_ref().filter(|held| self.now.instant < held.until) {
            let credentials = held.credentials.clone();
            return self.use_credentials(side, &credentials);
        }
        if let Some(renewal) = &mut self.question {
            renewal.side = Some(side);
            return;
        }
        let reason = match (self.refused, self.ever_up) {
            (true, _) if self.token && self.recovery.was_refused() => CredentialsReason::Refresh,
            (true, _) => CredentialsReason::Refused,
            (false, true) => CredentialsReason::Reconnect,
            (false, false) => CredentialsReason::Connect,
        };
        self.ask(Some(side), reason);
    }

    fn ask(&mut self, side: Option<Side>, reason: CredentialsReason) {
        let number = self.number();
        self.question = Some(Question { number, side });
        self.timers.set(Timer::Credentials, self.now.instant + PROVIDER);
        let side = side.or(self.recovery.side()).unwrap_or(Side::A).index();
        self.effects.push_back(Effect::AskCredentials { number, reason, side });
    }

    /// A token is renewed before its life ends. A question under way brings a new one as well.
    pub(super) fn renew(&mut self) {
        if self.question.is_none() && self.recovery.stopped().is_none() {
            self.note(None, EntryKind::Note, "a new token is asked for before the old one expires");
            self.ask(None, CredentialsReason::Refresh);
        }
    }

    pub(super) fn on_credentials(
        &mut self,
        number: Number,
        credentials: &Credentials,
        life: Option<Duration>,
    ) {
        let Some(question) = self.question.take_if(|question| question.number == number) else {
            return self.note(None, EntryKind::Note, format!("late credentials {number} dropped"));
        };
        self.timers.clear(Timer::Credentials);
        self.timers.clear(Timer::Renew);
        self.token = matches!(credentials, Credentials::Token(_));
        // one that is over at once would be asked for without end
        let life = life.filter(|life| self.token && *life >= RENEW_MIN);
        self.held = life.map(|life| {
            let now = self.now.instant;
            self.timers.set(Timer::Renew, now + (life * 3 / 4).max(RENEW_MIN));
            Held { credentials: credentials.clone(), until: now + life }
        });
        match question.side {
            Some(side) => self.use_credentials(side, credentials),
            None => {
                self.give_lines(credentials);
                if self.timers.get(Timer::ReadMore).is_none() {
                    self.read_more();
                }
            }
        }
    }

    fn use_credentials(&mut self, side: Side, credentials: &Credentials) {
        if self.held.is_some() && self.timers.get(Timer::Renew).is_none() {
            self.timers.set(Timer::Renew, self.now.instant + RENEW_MIN);
        }
        if self.line_up().is_some() {
            self.give_lines(credentials);
            self.refused = false;
            return self.begin_resync();
        }
        let way = self.ways(side).first().copied().unwrap_or(Way::WebSocket);
        self.begin_session(side, way, credentials, None);
    }

    /// The token is known to be good no more, and no other has come yet: to show it would only count as a refusal.
    pub(super) fn is_token_over(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.until <= self.now.instant)
    }

    /// What sessions there are ask REST with these from now on.
    fn give_lines(&mut self, credentials: &Credentials) {
        let user = &self.config.user;
        for line in [&mut self.line, &mut self.former].into_iter().flatten() {
            line.authorization = Authorization::new(user, credentials);
            line.credentials = credentials.clone();
        }
    }

    /// The provider failed or was silent: a failed attempt, and no refusal.
    pub(super) fn on_no_credentials(&mut self, number: Option<Number>) {
        let asked = |question: &mut Question| number.is_none_or(|number| question.number == number);
        let Some(question) = self.question.take_if(asked) else { return };
        self.end_question(&question);
        self.fail(
            "no-credentials",
            "the credentials provider gave none",
            "sign in again, or look at the provider",
            None,
        );
        if question.side.is_none() {
            return self.timers.set(Timer::Renew, self.now.instant + PROVIDER);
        }
        if self.line_up().is_some() {
            return self.on_resync_failure("REST refused the credentials, and no others came");
        }
        self.signal(Signal::AttemptFailed(AttemptFailure::NoCredentials));
    }

    /// Nothing waits for credentials any more. A token is renewed all the same.
    pub(super) fn drop_question(&mut self) {
        if let Some(question) = self.question.take_if(|question| question.is_awaited()) {
            self.end_question(&question);
        }
    }

    fn end_question(&mut self, question: &Question) {
        self.timers.clear(Timer::Credentials);
        self.effects.push_back(Effect::DropQuestion { number: question.number });
    }

    /// The server refused what was given.
    pub(super) fn on_refused(&mut self) {
        self.refused = true;
        self.held = None;
        self.timers.clear(Timer::Renew);
    }
}

impl Line {
    /// Whether it logged in with a token, which can be renewed.
    pub(super) const fn token(&self) -> bool {
        matches!(self.credentials, Credentials::Token(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::{Config, Host};

    #[test]
    fn a_silent_provider_is_told_that_nobody_waits_any_more() {
        let hosts = vec![Host { rest: "https://a".into(), ..Host::default() }];
        let mut keeper = Keeper::new(Config { hosts, user: "1001".into(), ..Config::default() }).unwrap();
        keeper.ask_credentials(Side::A);
        keeper.on_no_credentials(None);
        assert!(matches!(keeper.effects.pop_back(), Some(Effect::DropQuestion { .. })));
        assert!(keeper.question.is_none());
    }
}
