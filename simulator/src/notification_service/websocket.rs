//! RFC 7395: a stream in frames, one element each.

use super::{Desk, Event, Key, NotificationService, Phase, Session, stanza};
use crate::config::Side;
use crate::xml;

/// A longer frame ends the stream.
const FRAME_LIMIT: usize = 1 << 20;

impl NotificationService {
    /// A socket was accepted.
    pub(crate) fn open(&mut self, socket: u64, desk: &mut Desk<'_>) {
        let session = Session::new(desk.rng.name(), Phase::Fresh, desk.now);
        self.sessions.insert(Key::Socket(socket), session);
    }

    /// A frame came in. What is not XML is ignored, as Openfire 4.2 does.
    pub(crate) fn frame(&mut self, side: Side, socket: u64, text: &str, desk: &mut Desk<'_>) {
        let key = Key::Socket(socket);
        let Some(session) = self.sessions.get_mut(&key) else { return };
        session.heard = desk.now;
        if text.len() > FRAME_LIMIT {
            self.send(key, stanza::stream_error("internal-server-error"));
            return self.end(key);
        }
        let Some(document) = xml::read(text) else { return };
        let root = document.root_element();
        match root.tag_name().name() {
            "open" => self.answer_open(key),
            "close" => {
                session.closed = true;
                self.end(key);
            }
            _ => self.take(side, key, root, desk),
        }
    }

    /// A socket is gone.
    pub(crate) fn closed(&mut self, socket: u64) {
        self.remove(Key::Socket(socket));
    }

    /// Says goodbye and closes, without a code.
    pub(super) fn close_socket(&mut self, socket: u64) {
        self.send(Key::Socket(socket), stanza::close());
        self.events.push_back(Event::Close { socket, code: 1005 });
    }

    fn answer_open(&mut self, key: Key) {
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let open = stanza::open(&self.domain, &session.stream);
        let features = match session.phase {
            Phase::Fresh => {
                session.phase = Phase::Open;
                stanza::features(&stanza::mechanisms())
            }
            Phase::Open => stanza::features(""),
            Phase::Authenticated { agent } => {
                session.phase = Phase::Restarted { agent };
                stanza::features(&stanza::bind_and_session())
            }
            Phase::Restarted { .. } | Phase::Bound { .. } => return,
        };
        self.send(key, open);
        self.send(key, features);
    }
}
