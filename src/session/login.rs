//! The way up: open, SASL PLAIN, open again, bind, and the last flight (RFC 7395, RFC 6120 sections 6 and 7).
//!
//! A quick login sends what it can before it is asked for. A WebSocket takes all up to bind at once. A BOSH session must
//! stand first; if its features have bind in them already, the server wants no new stream after SASL, as Openfire: then
//! SASL and bind go in one request, and all the rest in the next, for which the success of SASL alone is awaited: bind
//! was dealt with before it was told. Should any answer come before bind's, the server was slower than that, and the
//! patient way follows.

use super::{End, Event, LOGIN, Session, Setup, State, Timer};
use crate::effect::Credentials;
use crate::map::Set;
use crate::time::Instant;
use crate::xmpp::jid::Jid;
use crate::xmpp::sasl::Failure;
use crate::xmpp::stanza::{Iq, IqKind};
use crate::xmpp::stream::StreamFeatures;
use crate::xmpp::{bind, roster, sasl, session, stanza};

impl Session {
    pub(super) fn on_connected(&mut self, now: Instant) {
        self.timers.clear(Timer::Socket);
        self.timers.set(Timer::Login, now + LOGIN);
        self.state = State::Greeting { authenticated: false };
        self.open_stream();
        self.setup.quick &= !self.setup.hold || !self.link.is_duplex();
        if self.is_ahead() {
            self.send_auth();
            self.open_stream();
            self.send_bind();
        }
    }

    /// Everything up to bind was sent with the first flight.
    fn is_ahead(&self) -> bool {
        self.setup.quick && self.link.is_duplex()
    }

    /// A held session goes on.
    pub fn proceed(&mut self) {
        self.setup.hold = false;
        if self.state == State::Held {
            self.authenticate();
        }
    }

    pub(super) fn on_features(&mut self, features: &StreamFeatures) {
        self.stream_seen = true;
        match self.state {
            State::Greeting { authenticated: false } => {
                if !features.mechanisms.iter().any(|mechanism| mechanism == "PLAIN") {
                    return self.end(End::Temporary("the server does not offer SASL PLAIN".to_owned()));
                }
                self.setup.quick &= features.bind || self.link.is_duplex();
                self.session_offered = features.session;
                self.events.push_back(Event::Opened);
                if self.setup.hold {
                    self.state = State::Held;
                } else {
                    self.authenticate();
                }
            }
            State::Greeting { authenticated: true } => {
                self.session_offered = features.session;
                if !self.setup.quick {
                    self.send_bind();
                }
                self.state = State::Binding;
            }
            _ => {}
        }
    }

    fn authenticate(&mut self) {
        if !self.is_ahead() {
            self.send_auth();
            if self.setup.quick {
                self.send_bind();
            }
        }
        self.state = State::Authenticating;
    }

    pub(super) fn on_authenticated(&mut self, now: Instant) {
        if self.state != State::Authenticating {
            return;
        }
        if self.setup.quick && !self.is_ahead() {
            let Setup { user, domain, resource, .. } = &self.setup;
            return match Jid::parse(&format!("{user}@{domain}/{resource}")) {
                Some(jid) => self.establish(jid, false, now),
                None => self.end(End::QuickRefused),
            };
        }
        if !self.setup.quick {
            self.open_stream();
        }
        self.state = State::Greeting { authenticated: true };
    }

    pub(super) fn on_auth_failed(&mut self, failure: &Failure) {
        self.end(if failure.is_temporary() {
            End::Temporary(failure.condition.clone())
        } else {
            End::Refused(failure.condition.clone())
        });
    }

    pub(super) fn on_bound(&mut self, iq: &Iq, now: Instant) {
        if iq.kind == IqKind::Result
            && let Some(jid) = bind::jid(iq)
        {
            return match &mut self.state {
                State::Establishing { jid: expected, bound, .. } if *expected == jid => *bound = true,
                State::Establishing { .. } => self.end(End::QuickRefused),
                _ => self.establish(jid, true, now),
            };
        }
        let condition = iq.error.as_ref().map(|error| error.condition.clone()).unwrap_or_default();
        self.end(match condition.as_str() {
            "conflict" => End::BindConflict,
            _ if self.setup.quick => End::QuickRefused,
            _ => End::Temporary(format!("bind was answered with {condition}")),
        });
    }

    /// The last flight: session where offered, roster, presence, subscriptions, and the first ping to close it.
    fn establish(&mut self, jid: Jid, bound: bool, now: Instant) {
        if !jid.domain.eq_ignore_ascii_case(&self.setup.domain) {
            // SystemInfo may be wrong about the domain; the server that bound us is not
            self.events.push_back(Event::Noted(format!(
                "bound in another domain than SystemInfo names: {}",
                jid.domain
            )));
            self.setup.pubsub = format!("pubsub.{}", jid.domain);
            self.setup.domain.clone_from(&jid.domain);
        }
        self.link.expect(!bound);
        self.state = State::Establishing { jid: jid.clone(), pending: Set::new(), bound };
        if self.session_offered {
            let id = self.next_id();
            self.send(session::request(&id));
        }
        let id = self.next_id();
        self.send(roster::request(&id));
        self.send(stanza::presence(0));
        for node in self.setup.nodes.clone() {
            self.subscribe(&node);
        }
        for (node, subid) in core::mem::take(&mut self.setup.leftover).iter() {
            self.give_back(node, &jid, Some(subid));
        }
        self.ping(now);
        let first_ping = format!("fk{}", self.last_id);
        // presence is processed before the ping is answered: the stream keeps its order (RFC 6120 section 10.1)
        if let State::Establishing { pending, .. } = &mut self.state {
            *pending = self.asked.keys().cloned().chain([first_ping]).map(|id| (id, ())).collect();
        }
        self.timers.clear(Timer::Answer);
    }

    /// An awaited answer has come; with the last one the session is up.
    pub(super) fn on_established(&mut self, id: &str, now: Instant) {
        let State::Establishing { jid, pending, .. } = &mut self.state else { return };
        pending.remove(id);
        if pending.is_empty() {
            self.state = State::Up { jid: jid.clone() };
            self.timers.clear(Timer::Login);
            self.link.expect(false);
            self.timers.set(Timer::Ping, now + self.keepalive.interval());
            self.events.push_back(Event::Up);
        }
    }

    fn open_stream(&mut self) {
        let domain = self.setup.domain.clone();
        self.link.open_stream(&domain);
    }

    fn send_auth(&mut self) {
        let (Credentials::Password(secret) | Credentials::Token(secret)) = &self.setup.credentials;
        let auth = sasl::plain(&self.setup.user, secret);
        self.send(auth);
    }

    fn send_bind(&mut self) {
        let id = self.next_id();
        let bind = bind::request(&id, &self.setup.resource);
        self.send(bind);
    }
}
