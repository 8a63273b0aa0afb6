//! XMPP over WebSocket (RFC 7395): one stanza in each text frame, `<open/>` and `<close/>` instead of a stream header.

use super::{Closure, LinkEvent};
use crate::effect::{Answer, Effect, Number};
use crate::secret::Secret;
use crate::xml::Element;
use crate::xmpp::framing::{self, Inbound};
use std::collections::VecDeque;

/// One WebSocket.
#[derive(Clone, Debug)]
pub struct WebSocketLink {
    socket: Number,
    gone: bool,
    effects: VecDeque<Effect>,
    events: VecDeque<LinkEvent>,
}

impl WebSocketLink {
    /// Opens a socket.
    #[must_use]
    pub fn new(socket: Number, url: &str) -> Self {
        let open = Effect::OpenSocket { socket, url: url.to_owned(), protocol: framing::PROTOCOL };
        Self { socket, gone: false, effects: VecDeque::from([open]), events: VecDeque::new() }
    }

    /// Takes an answer if it is about this socket, and tells whether it was.
    pub fn handle(&mut self, answer: &Answer) -> bool {
        let (Answer::SocketOpened { socket }
        | Answer::SocketText { socket, .. }
        | Answer::SocketFrameRefused { socket, .. }
        | Answer::SocketClosed { socket, .. }) = answer
        else {
            return false;
        };
        if *socket != self.socket || self.gone {
            return *socket == self.socket;
        }
        self.events.push_back(match answer {
            Answer::SocketText { text, .. } => match Inbound::parse(text) {
                Ok(inbound) => LinkEvent::Received(Box::new(inbound)),
                Err(error) if error.is_blank() => return true,
                Err(error) => LinkEvent::Unreadable(error.to_string()),
            },
            Answer::SocketFrameRefused { bytes, .. } => {
                LinkEvent::Unreadable(format!("frame of {bytes} bytes refused"))
            }
            Answer::SocketClosed { code, .. } => {
                self.gone = true;
                LinkEvent::Closed(Closure::Socket(*code))
            }
            _ => LinkEvent::Connected,
        });
        true
    }

    /// Opens a stream, or opens it again after SASL (RFC 7395 section 3.4, 3.7).
    pub fn open_stream(&mut self, to: &str) {
        self.send(&framing::open(to));
    }

    /// Sends one element.
    pub fn send(&mut self, element: &Element) {
        if !self.gone {
            let text = Secret::new(element.to_xml());
            self.effects.push_back(Effect::SendText { socket: self.socket, text });
        }
    }

    /// Closes the stream and the socket; what was sent before goes out first. The close handshake is not waited for.
    pub fn close(&mut self) {
        self.send(&framing::close());
        self.drop_socket();
    }

    /// Drops the socket without a word.
    pub fn drop_socket(&mut self) {
        if !self.gone {
            self.gone = true;
            self.effects.push_back(Effect::CloseSocket { socket: self.socket });
        }
    }

    /// What to do next.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// What has happened.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        self.events.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_keeps_a_connection_alive_and_says_nothing() {
        let socket = Number(1);
        let mut link = WebSocketLink::new(socket, "wss://a/ws/");
        assert!(link.handle(&Answer::SocketText { socket, text: " \n".into() }));
        assert_eq!(link.poll_event(), None);
    }
}
