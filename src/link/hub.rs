//! The connection of a gadget's container, through its hub: nothing is opened here. Cisco's desktop holds the one XMPP
//! session, says on a topic how it is, publishes what comes, and takes requests for nodes ("Finesse notifications" in the
//! developer guide; `finesse.info.*` and `finesse.api.*` of its JavaScript library).
//!
//! What a container says of its connection is a word; the same one may come again and again. It stands from `connected` or
//! `recovered` on, and the container says `connected` only once it has seen `finesse`; by every other known word it does
//! not. Nobody says what was published meanwhile, so a gadget reads again after that.

use super::LinkEvent;
use crate::effect::{Answer, Effect, Number};
use crate::limits;
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::xml;
use crate::xml::Element;
use crate::xmpp::framing::Inbound;
use crate::xmpp::jid::Jid;
use crate::xmpp::pubsub::Item;
use crate::xmpp::stanza::{Presence, PresenceKind};
use std::collections::VecDeque;

/// How the container's connection is.
const CONNECTION: &str = "finesse.info.connection";
/// Presences that came to the agent.
const PRESENCE: &str = "finesse.info.presence";
/// What gadgets ask for: ours, and those of others.
const REQUESTS: &str = "finesse.info.requests";
/// Answers, by `invokeID`.
const RESPONSES: &str = "finesse.info.responses.";

const INFO: &str = "ConnectionInfoReq";
const SUBSCRIBE: &str = "SubscribeNodeReq";
const UNSUBSCRIBE: &str = "UnsubscribeNodeReq";

/// The container asks its server, whose own answer has this long; then it is asked once more, and has twice as long.
const ANSWER: Duration = Duration::from_secs(10);
/// At most.
const ANSWER_MAX: Duration = Duration::from_secs(160);
/// So it is said where none comes.
const SILENT: &str = "no answer from the container";

/// The words by which a container's connection does not stand.
const DOWN: [&str; 8] = [
    "connecting",
    "disconnected",
    "disconnecting",
    "reconnecting",
    "unloading",
    "conflict",
    "unauthorized",
    "failing",
];

/// What was asked for.
#[derive(Clone, Debug)]
struct Asked {
    request: &'static str,
    node: String,
    patience: Duration,
    due: Option<Instant>,
}

/// One gadget's use of its container's connection.
#[derive(Clone, Debug)]
pub struct HubLink {
    hub: Number,
    /// What tells our requests from those of other gadgets.
    name: String,
    /// The container's last word that counted.
    word: String,
    stands: bool,
    connected: bool,
    gone: bool,
    last_id: u32,
    /// Nodes that are subscribed for the agent anyway.
    own: Vec<String>,
    /// Nodes by their topics.
    topics: Map<String, String>,
    /// Nodes that the container is to subscribe.
    nodes: Map<String, ()>,
    asked: Map<String, Asked>,
    effects: VecDeque<Effect>,
    events: VecDeque<LinkEvent>,
}

impl HubLink {
    /// Listens, and asks how the connection is. `own` are the nodes that are subscribed for the agent anyway; `name` is used by
    /// no other gadget.
    #[must_use]
    pub fn new(hub: Number, name: String, own: Vec<String>) -> Self {
        let mut link = Self {
            hub,
            name,
            word: String::new(),
            stands: false,
            connected: false,
            gone: false,
            last_id: 0,
            own: Vec::new(),
            topics: Map::new(),
            nodes: Map::new(),
            asked: Map::new(),
            effects: VecDeque::new(),
            events: VecDeque::new(),
        };
        for topic in [CONNECTION, PRESENCE, REQUESTS] {
            link.effects.push_back(Effect::ListenToHub { hub, topic: topic.to_owned() });
        }
        own.iter().for_each(|node| link.listen(node));
        link.own = own;
        link.probe();
        link
    }

    /// Takes what the hub says if it is said to this link, and tells whether it was.
    pub fn handle(&mut self, answer: &Answer) -> bool {
        let Answer::HubSaid { hub, topic, text } = answer else { return false };
        if *hub != self.hub || self.gone {
            return *hub == self.hub;
        }
        let Some(text) = text else {
            self.events.push_back(LinkEvent::Unreadable(
                "the hub published what is too large or no text".to_owned(),
            ));
            return true;
        };
        if let Some(node) = self.topics.get(topic) {
            self.events.push_back(LinkEvent::Published(published(node, text)));
        } else if let Some(id) = topic.strip_prefix(RESPONSES) {
            self.on_response(id, text);
        } else {
            match topic.as_str() {
                CONNECTION => self.on_word(text),
                PRESENCE => self.on_presence(text),
                REQUESTS => self.on_request(text),
                _ => {}
            }
        }
        true
    }

    /// A request may be overdue.
    pub fn handle_timeout(&mut self, now: Instant) {
        let late = |(id, asked): (&String, &Asked)| asked.due.filter(|due| *due <= now).map(|_| id.clone());
        let late: Vec<String> = self.asked.iter().filter_map(late).collect();
        for id in late {
            let Some(Asked { request, node, patience, .. }) = self.take_asked(&id) else { continue };
            if request != SUBSCRIBE || !self.stands {
                self.events.push_back(LinkEvent::Noted(format!("{SILENT} to {request}")));
                continue;
            }
            if patience == ANSWER {
                let refusal = Some(SILENT.to_owned());
                self.events.push_back(LinkEvent::Subscribed { node: node.clone(), refusal });
            }
            self.ask(SUBSCRIBE, &node, (patience * 2).min(ANSWER_MAX));
        }
    }

    /// When a request will be.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.asked.iter().filter_map(|(_, asked)| asked.due).min()
    }

    /// What is published on a node is wanted. A container without a connection is asked once it has one.
    pub fn subscribe(&mut self, node: &str) {
        if self.is_own(node) {
            return self.events.push_back(LinkEvent::Subscribed { node: node.to_owned(), refusal: None });
        }
        self.listen(node);
        self.nodes.insert(node.to_owned(), ());
        self.ask_for(node);
    }

    /// It is wanted no more.
    pub fn unsubscribe(&mut self, node: &str) {
        if self.nodes.remove(node).is_none() {
            return;
        }
        let topic = topic(node);
        self.topics.remove(&topic);
        self.forget(topic);
        if self.stands {
            self.ask(UNSUBSCRIBE, node, ANSWER);
        }
    }

    /// Asks how the connection is: its last word may have been missed.
    pub fn probe(&mut self) {
        if !self.asked.iter().any(|(_, asked)| asked.request == INFO) {
            self.ask(INFO, "", ANSWER);
        }
    }

    /// Hears nothing any more.
    pub fn leave(&mut self) {
        if !core::mem::replace(&mut self.gone, true) {
            self.asked = Map::new();
            self.effects.push_back(Effect::LeaveHub { hub: self.hub });
        }
    }

    /// What to do next. The time for an answer runs from here on.
    pub fn poll_effect(&mut self, now: Instant) -> Option<Effect> {
        let effect = self.effects.pop_front()?;
        if let Effect::AskHub { id, .. } = &effect
            && let Some(asked) = self.asked.get_mut(id)
        {
            asked.due = Some(now + asked.patience);
        }
        Some(effect)
    }

    /// What has happened.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        self.events.pop_front()
    }

    fn listen(&mut self, node: &str) {
        let topic = topic(node);
        if self.topics.insert(topic.clone(), node.to_owned()).is_none() {
            self.effects.push_back(Effect::ListenToHub { hub: self.hub, topic });
        }
    }

    fn is_own(&self, node: &str) -> bool {
        self.own.iter().any(|own| own == node)
    }

    fn forget(&mut self, topic: String) {
        self.effects.push_back(Effect::ForgetTopic { hub: self.hub, topic });
    }

    /// What is under way for a node is enough.
    fn ask_for(&mut self, node: &str) {
        if self.stands
            && !self.asked.iter().any(|(_, asked)| asked.request == SUBSCRIBE && asked.node == node)
        {
            self.ask(SUBSCRIBE, node, ANSWER);
        }
    }

    /// Waits no longer for answers to these.
    fn drop_asked(&mut self, of: impl Fn(&Asked) -> bool) {
        let of = |(id, asked): (&String, &Asked)| of(asked).then(|| id.clone());
        let ids: Vec<String> = self.asked.iter().filter_map(of).collect();
        for id in ids {
            self.take_asked(&id);
        }
    }

    fn take_asked(&mut self, id: &str) -> Option<Asked> {
        let asked = self.asked.remove(id)?;
        self.forget([RESPONSES, id].concat());
        Some(asked)
    }

    fn ask(&mut self, request: &'static str, node: &str, patience: Duration) {
        self.last_id = self.last_id.wrapping_add(1);
        let id = format!("{}-{}", self.name, self.last_id);
        let node = node.to_owned();
        self.asked.insert(id.clone(), Asked { request, node: node.clone(), patience, due: None });
        self.effects.push_back(Effect::AskHub { hub: self.hub, id, request, node });
    }

    /// An answer without a word is success; the question how the connection is has its word for an answer, which Cisco's
    /// library gives on the topic of the connection, to all.
    fn on_response(&mut self, id: &str, text: &str) {
        let Some(Asked { request, node, .. }) = self.take_asked(id) else { return };
        match request {
            INFO => self.on_word(text),
            // one that does not stand is asked again when it does
            SUBSCRIBE if self.stands && self.nodes.contains_key(&node) => {
                let refusal = (!text.is_empty()).then(|| text.to_owned());
                self.events.push_back(LinkEvent::Subscribed { node, refusal });
            }
            _ => {}
        }
    }

    fn on_word(&mut self, word: &str) {
        self.drop_asked(|asked| asked.request == INFO);
        let stands = matches!(word, "connected" | "recovered");
        if !stands && !DOWN.contains(&word) {
            // by `loaded` no connection begins or ends
            if word != "loaded" {
                self.events.push_back(LinkEvent::Noted(format!("unknown word of the container: {word}")));
            }
            return;
        }
        let before = core::mem::replace(&mut self.word, word.to_owned());
        if stands == self.stands {
            if stands {
                self.events.push_back(LinkEvent::Through); // and it has seen `finesse`
            } else if before != word {
                self.events.push_back(LinkEvent::Standstill(word.to_owned()));
            }
            if word == "recovered" && before != word {
                self.events.push_back(LinkEvent::Missed); // that it was failing was not heard
            }
            return;
        }
        self.stands = stands;
        self.drop_asked(|asked| asked.request != INFO); // of the connection before
        self.events.push_back(if !stands {
            LinkEvent::Standstill(word.to_owned())
        } else if core::mem::replace(&mut self.connected, true) {
            LinkEvent::Through
        } else {
            LinkEvent::Connected
        });
        if stands {
            let nodes: Vec<String> = self.nodes.keys().cloned().collect();
            for node in nodes {
                self.ask_for(&node);
            }
        }
    }

    /// As XML, its parts as elements or, as in the stanza itself, as attributes.
    fn on_presence(&mut self, text: &str) {
        let parsed = xml::parse(text).ok();
        let Some(presence) = parsed.filter(|element| element.name == "presence") else {
            return self
                .events
                .push_back(LinkEvent::Noted("a presence that cannot be read passed over".to_owned()));
        };
        let part = |name: &str| match presence.elements().find(|child| child.name == name) {
            Some(child) => child.text(),
            None => presence.attribute(name).unwrap_or_default().to_owned(),
        };
        let kind = match part("type").trim() {
            "" | "available" => PresenceKind::Available,
            "unavailable" => PresenceKind::Unavailable,
            other => PresenceKind::Other(other.to_owned()),
        };
        let from = Jid::parse(part("from").trim());
        let presence = Presence { from, to: None, kind };
        self.events.push_back(LinkEvent::Received(Box::new(Inbound::Presence(presence))));
    }

    /// A container need not count: what another gadget unsubscribes it may have ended for all. Then it is asked again, and
    /// what was published meanwhile is read.
    fn on_request(&mut self, text: &str) {
        let Some(node) = text.strip_prefix(UNSUBSCRIBE).map(str::trim) else { return };
        if self.nodes.contains_key(node) && self.stands && self.asked.len() < limits::SUBSCRIPTIONS {
            self.ask(SUBSCRIBE, node, ANSWER); // whatever is under way was asked for before
            self.events.push_back(LinkEvent::Missed);
        }
    }
}

/// A node as a hub names it.
fn topic(node: &str) -> String {
    node.trim_start_matches('/').replace('/', ".")
}

/// `content` of what a container publishes, as if it had come in a stanza.
fn published(node: &str, text: &str) -> Item {
    let payload = Some(Element::new("notification", "").with_text(text));
    Item { node: node.to_owned(), id: String::new(), payload }
}
