//! Stanzas in and out over something that can break.
//!
//! A link owns one connection from its first byte to its last and is never used again: a new attempt is a new link.

pub mod websocket;

use crate::xmpp::framing::Inbound;

/// What a link has to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkEvent {
    /// The connection stands; nothing has been said on it.
    Connected,
    /// Something of XMPP came.
    Received(Box<Inbound>),
    /// Something came that cannot be read; it was passed over.
    Unreadable(String),
    /// The connection is gone.
    Closed {
        /// The WebSocket close code, or 1006.
        code: u16,
    },
}
