//! What the server says.

use super::{End, Event, Session, State, Subscription};
use crate::time::Instant;
use crate::xml::Element;
use crate::xmpp::framing::Inbound;
use crate::xmpp::jid::Jid;
use crate::xmpp::stanza::{self, Iq, IqKind, Message, Presence, PresenceKind};
use crate::xmpp::{ns, pubsub};

/// Resources of `finesse` that are kept apart; the web app has one.
const FINESSE_RESOURCES: usize = 16;

impl Session {
    pub(super) fn on_inbound(&mut self, inbound: Inbound, now: Instant) {
        if self.state == State::Ended {
            return;
        }
        match inbound {
            Inbound::Open { .. } => {}
            Inbound::Features(features) => self.on_features(&features),
            Inbound::SaslSuccess => self.on_authenticated(now),
            Inbound::SaslFailure(failure) => self.on_auth_failed(&failure),
            Inbound::SaslChallenge => {
                self.end(End::Temporary("PLAIN was answered with a challenge".to_owned()))
            }
            Inbound::StreamError(error) => self.on_stream_error(error.condition),
            Inbound::Close => self.end(End::StreamEnded(String::new())),
            Inbound::Iq(iq) => self.on_iq(iq, now),
            Inbound::Message(message) => self.on_message(message),
            Inbound::Presence(presence) => self.on_presence(presence),
            Inbound::Unknown(element) => {
                self.events
                    .push_back(Event::Noted(format!("unknown element <{}> passed over", element.name)));
            }
        }
    }

    pub(super) fn on_stream_error(&mut self, condition: String) {
        self.end(match condition.as_str() {
            "conflict" => End::Conflict,
            "system-shutdown" => End::StreamEnded(condition),
            _ if self.quick_is_under_way() => End::QuickRefused,
            _ => End::StreamEnded(condition),
        });
    }

    fn on_iq(&mut self, iq: Iq, now: Instant) {
        if matches!(iq.kind, IqKind::Get | IqKind::Set) {
            return self.on_request(&iq);
        }
        if self.awaits_bind() {
            return self.on_bound(&iq, now);
        }
        if !self.was_asked(iq.from.as_ref()) {
            let text = "an answer from someone who was not asked".to_owned();
            return self.events.push_back(Event::Noted(text));
        }
        let id = iq.id.clone();
        if self.keepalive.answered(&id, now) && self.is_up() {
            return self.on_ping_answered(now);
        }
        if let Some(node) = self.asked.remove(&id) {
            self.on_subscription_answered(node, &iq);
        }
        self.on_established(&id, now);
    }

    /// Whether a stanza may be an answer to us: the server's, our account's or the pubsub service's (RFC 6120 sections
    /// 8.1.2.1 and 8.2.3). Our ids are easy to guess.
    fn was_asked(&self, from: Option<&Jid>) -> bool {
        let (Some(from), State::Up { jid } | State::Establishing { jid, .. }) = (from, &self.state) else {
            return true;
        };
        let is_service = from.domain == jid.domain || from.domain.eq_ignore_ascii_case(&self.setup.pubsub);
        (&from.local, &from.domain) == (&jid.local, &jid.domain) || (from.local.is_none() && is_service)
    }

    fn awaits_bind(&self) -> bool {
        match self.state {
            State::Binding | State::Establishing { bound: false, .. } => true,
            State::Establishing { .. } | State::Up { .. } => false,
            _ => self.setup.quick,
        }
    }

    /// A request to us: pings and roster pushes are served, the rest is refused (RFC 6120 section 8.2.3).
    fn on_request(&mut self, iq: &Iq) {
        let served = iq.payload.as_ref().is_some_and(|payload| {
            (payload.is("ping", ns::PING) && iq.kind == IqKind::Get)
                || (payload.is("query", ns::ROSTER) && iq.kind == IqKind::Set)
        });
        let answer = if served { result(iq) } else { stanza::service_unavailable(iq) };
        self.send(answer);
    }

    fn on_subscription_answered(&mut self, node: String, iq: &Iq) {
        match &iq.error {
            Some(error) => {
                let condition = error.condition.clone();
                self.events.push_back(Event::SubscriptionFailed { node, condition });
            }
            None => {
                let subid = pubsub::subscription(iq).and_then(|subscription| subscription.subid);
                if let State::Up { jid } | State::Establishing { jid, .. } = &self.state
                    && !self.setup.nodes.contains(&node)
                {
                    let jid = jid.clone();
                    return self.give_back(&node, &jid, subid.as_deref());
                }
                self.events.push_back(Event::Subscribed { node: node.clone(), subid: subid.clone() });
                self.subscriptions.insert(node, Subscription { subid });
            }
        }
    }

    /// Messages are never answered: an error of type `cancel` makes Openfire drop all of the agent's subscriptions.
    fn on_message(&mut self, message: Message) {
        let from = message.from.as_ref().map(Jid::to_string);
        let delay = message.delay.clone();
        let Some(items) = pubsub::items(message) else { return };
        if !from.is_some_and(|from| from.eq_ignore_ascii_case(&self.setup.pubsub)) {
            return self
                .events
                .push_back(Event::Noted("items from someone else than the pubsub service".to_owned()));
        }
        for item in items {
            self.events.push_back(Event::Item(item, delay.clone()));
        }
    }

    /// Presence of `finesse`, whatever its domain and resource: the agent's roster has one.
    fn on_presence(&mut self, presence: Presence) {
        let Some(from) = presence
            .from
            .filter(|from| from.local.as_deref().is_some_and(|local| local.eq_ignore_ascii_case("finesse")))
        else {
            return;
        };
        let before = self.finesse();
        self.finesse.remove(""); // by which resource a container had seen it is known now
        match presence.kind {
            PresenceKind::Available if self.finesse.len() < FINESSE_RESOURCES => {
                self.finesse.insert(from.to_string(), ());
            }
            PresenceKind::Available => {}
            PresenceKind::Unavailable if from.resource.is_none() => self.finesse.clear(),
            PresenceKind::Unavailable => {
                self.finesse.remove(&from.to_string());
            }
            PresenceKind::Other(_) => {}
        }
        if self.finesse() != before {
            self.events.push_back(Event::Finesse(self.finesse()));
        }
    }
}

/// An empty result.
fn result(request: &Iq) -> Element {
    let (id, to) = (request.id.clone(), request.from.clone());
    Iq { id, from: None, to, kind: IqKind::Result, payload: None, error: None }.to_element()
}

#[cfg(test)]
mod tests {
    use super::super::Setup;
    use super::*;
    use crate::effect::{Credentials, Number};
    use crate::link::Link;
    use crate::link::websocket::WebSocketLink;
    use crate::map::Map;
    use crate::secret::Secret;
    use crate::session::CONNECT;

    #[test]
    fn only_those_who_were_asked_can_answer() {
        let setup = Setup {
            user: "1001".into(),
            domain: "Fin.test".into(),
            pubsub: "pubsub.Fin.test".into(),
            resource: "r".into(),
            credentials: Credentials::Token(Secret::new("t")),
            quick: false,
            hold: false,
            patience: CONNECT,
            nodes: vec!["node".into()],
            leftover: Map::new(),
            agents: 1,
        };
        let now = Instant::from_millis(0);
        let mut session =
            Session::new(setup, Link::WebSocket(WebSocketLink::new(Number(1), "wss://fin.test")), now);
        session.state = State::Up { jid: Jid::parse("1001@fin.test/r").unwrap() };
        for (from, answers) in [
            ("1002@fin.test/r", false),
            ("fin.example", false),
            ("1001@pubsub.fin.test", false),
            ("pubsub.fin.test", true),
            ("fin.test", true),
            ("1001@fin.test", true),
            ("1001@fin.test/r", true),
            ("", true),
        ] {
            session.asked.insert("fk1".into(), "node".into());
            let (from, kind) = (Jid::parse(from), IqKind::Result);
            let iq = Iq { id: "fk1".into(), from: from.clone(), to: None, kind, payload: None, error: None };
            session.on_iq(iq, now);
            let answered = matches!(session.events.pop_front(), Some(Event::Subscribed { .. }));
            assert_eq!(answered, answers, "{from:?}");
        }
    }
}
