//! Stanzas in and out over something that can break.
//!
//! A link owns one connection from its first byte to its last and is never used again: a new attempt is a new link.

pub mod bosh;
pub mod hub;
pub mod websocket;

use crate::effect::{Answer, Effect};
use crate::time::{Duration, Instant};
use crate::xml::Element;
use crate::xmpp::framing::Inbound;
use crate::xmpp::pubsub::Item;
use bosh::BoshLink;
use core::fmt;
use hub::HubLink;
use websocket::WebSocketLink;

/// What a link has to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkEvent {
    /// The connection stands; nothing has been said on it.
    Connected,
    /// Something of XMPP came.
    Received(Box<Inbound>),
    /// Something came that cannot be read; it was passed over.
    Unreadable(String),
    /// Nothing gets through for now; it is tried again.
    Interrupted,
    /// After an interruption something got through.
    Through,
    /// Something may have come that will never be told.
    Missed,
    /// A container says by this word that its connection does not stand; `Through` tells when it does again.
    Standstill(String),
    /// A container has answered a subscription.
    Subscribed {
        /// Of this node.
        node: String,
        /// Why not, in its words.
        refusal: Option<String>,
    },
    /// A container has published this.
    Published(Item),
    /// For the timeline.
    Noted(String),
    /// The connection is gone.
    Closed(Closure),
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closure {
    /// The WebSocket's close code; 1006 is the network or the host, without a word.
    Socket(u16),
    /// An HTTP status that ends a BOSH session, or gives none.
    Http(u16),
    /// The BOSH service ended the session, for this reason or none (XEP-0124 section 17.2).
    Terminated(String),
    /// HTTP requests got no answer.
    Unanswered,
}

impl fmt::Display for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(code) => write!(f, "the socket closed ({code})"),
            Self::Http(status) => write!(f, "BOSH answered {status}"),
            Self::Terminated(condition) => write!(f, "the BOSH session was ended: {condition}"),
            Self::Unanswered => f.write_str("BOSH requests get no answer"),
        }
    }
}

/// A connection of any kind.
#[derive(Clone, Debug)]
pub enum Link {
    /// XMPP over WebSocket.
    WebSocket(WebSocketLink),
    /// XMPP over HTTP.
    Bosh(Box<BoshLink>),
    /// That of a gadget's container.
    Hub(Box<HubLink>),
}

impl Link {
    /// Takes an answer if it is about this connection, and tells whether it was.
    pub fn handle(&mut self, answer: &Answer, now: Instant) -> bool {
        match self {
            Self::WebSocket(link) => link.handle(answer),
            Self::Bosh(link) => link.handle(answer, now),
            Self::Hub(link) => link.handle(answer),
        }
    }

    /// A deadline may have passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::WebSocket(_) => {}
            Self::Bosh(link) => link.handle_timeout(now),
            Self::Hub(link) => link.handle_timeout(now),
        }
    }

    /// When to call [`Self::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::WebSocket(_) => None,
            Self::Bosh(link) => link.poll_timeout(),
            Self::Hub(link) => link.poll_timeout(),
        }
    }

    /// Opens a stream, or opens it again after SASL.
    pub fn open_stream(&mut self, to: &str) {
        match self {
            Self::WebSocket(link) => link.open_stream(to),
            Self::Bosh(link) => link.open_stream(to),
            Self::Hub(_) => {} // the container has
        }
    }

    /// Sends one element.
    pub fn send(&mut self, element: Element) {
        match self {
            Self::WebSocket(link) => link.send(&element),
            Self::Bosh(link) => link.send(element),
            Self::Hub(_) => {} // only the container can
        }
    }

    /// Answers are expected that do not come with those of what was sent: asks for them at once.
    pub fn expect(&mut self, expecting: bool) {
        if let Self::Bosh(link) = self {
            link.expect(expecting);
        }
    }

    /// What has failed is made again at once, where the kind of link allows it.
    pub fn retry(&mut self, now: Instant) {
        if let Self::Bosh(link) = self {
            link.retry(now);
        }
    }

    /// What hangs since before then is made again on new connections, where the kind of link allows it.
    pub fn hurry(&mut self, before: Instant, now: Instant) {
        if let Self::Bosh(link) = self {
            link.hurry(before, now);
        }
    }

    /// Tells the server that nothing will come for a while, where the kind of link allows it; gives how long it allowed.
    pub fn pause(&mut self, time: Duration) -> Option<Duration> {
        match self {
            Self::WebSocket(_) | Self::Hub(_) => None,
            Self::Bosh(link) => link.pause(time),
        }
    }

    /// Closes the stream and the connection; what was sent before goes out first. No answer is waited for.
    pub fn close(&mut self) {
        match self {
            Self::WebSocket(link) => link.close(),
            Self::Bosh(link) => link.close(),
            Self::Hub(link) => link.leave(),
        }
    }

    /// Drops the connection without a word.
    pub fn abandon(&mut self) {
        match self {
            Self::WebSocket(link) => link.drop_socket(),
            Self::Bosh(link) => link.abandon(),
            Self::Hub(link) => link.leave(),
        }
    }

    /// What to do next.
    pub fn poll_effect(&mut self, now: Instant) -> Option<Effect> {
        match self {
            Self::WebSocket(link) => link.poll_effect(),
            Self::Bosh(link) => link.poll_effect(now),
            Self::Hub(link) => link.poll_effect(now),
        }
    }

    /// What has happened.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        match self {
            Self::WebSocket(link) => link.poll_event(),
            Self::Bosh(link) => link.poll_event(),
            Self::Hub(link) => link.poll_event(),
        }
    }

    /// Whether all that belongs to a login can be sent at once, before anything is answered.
    #[must_use]
    pub fn is_duplex(&self) -> bool {
        matches!(self, Self::WebSocket(_))
    }
}
