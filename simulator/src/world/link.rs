//! What is under way between a client and a server: a socket or a request, each with two lanes.
//!
//! A lane keeps order as TCP does. While the way is lost, what arrives there is held; it goes on, in order, when the
//! way is back.

use std::collections::VecDeque;

use crate::config::Side;
use crate::notification_service::Key;
use crate::rest::{HttpRequest, Reply};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LinkId {
    Socket(u64),
    Request(u64),
}

/// From client to server.
pub(crate) enum Up {
    Open,
    Text(String),
    Closed,
    Request(Box<HttpRequest>),
}

/// From server to client.
pub(crate) enum Down {
    Accepted,
    Text(String),
    /// The socket is closed, with this code; the last thing that comes.
    Closed(u16),
    /// The last thing that comes.
    Response(Box<Reply>),
    /// Refused or reset; the last thing that comes.
    Failed,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// The web app.
    Rest,
    /// The notification service: this session of it, where one is named.
    Stream(Option<Key>),
}

pub(crate) struct Link {
    pub(crate) side: Side,
    pub(crate) client: String,
    pub(crate) errand: Errand,
    pub(crate) protocol: Option<String>,
    pub(crate) up: Lane<Up>,
    pub(crate) down: Lane<Down>,
    /// The server has heard of it.
    pub(crate) arrived: bool,
    /// The notification service accepted it.
    pub(crate) accepted: bool,
    /// The client has closed it.
    pub(crate) gone: bool,
    /// The machine at its other end is gone without a word.
    pub(crate) dead: bool,
}

impl Link {
    pub(crate) fn new(side: Side, client: String, errand: Errand, protocol: Option<String>) -> Self {
        Self {
            side,
            client,
            errand,
            protocol,
            up: Lane::default(),
            down: Lane::default(),
            arrived: false,
            accepted: false,
            gone: false,
            dead: false,
        }
    }
}

pub(crate) struct Lane<T> {
    pub(crate) held: VecDeque<T>,
    last_due: u64,
    in_flight: u32,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { held: VecDeque::new(), last_due: 0, in_flight: 0 }
    }
}

/// What becomes of something that is sent.
pub(crate) enum Passage<T> {
    /// It is there.
    Now(T),
    /// It will be there then.
    Later(u64, T),
    /// It is held.
    Held,
}

impl<T> Lane<T> {
    /// Something is sent, over a way that is lost or takes this long.
    pub(crate) fn send(&mut self, item: T, lost: bool, delay: u64, now: u64) -> Passage<T> {
        if self.in_flight == 0 && (lost || !self.held.is_empty()) {
            self.held.push_back(item);
            return Passage::Held;
        }
        let due = self.last_due.max(now + delay);
        self.last_due = due;
        if due <= now && self.in_flight == 0 {
            return Passage::Now(item);
        }
        self.in_flight += 1;
        Passage::Later(due, item)
    }

    /// Something that was under way is there, unless the way is lost.
    pub(crate) fn arrive(&mut self, item: T, lost: bool) -> Option<T> {
        self.in_flight = self.in_flight.saturating_sub(1);
        if lost || !self.held.is_empty() {
            self.held.push_back(item);
            return None;
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_latency_and_loss() {
        let mut lane = Lane::default();
        assert!(matches!(lane.send(1, false, 100, 0), Passage::Later(100, 1)));
        assert!(matches!(lane.send(2, false, 0, 10), Passage::Later(100, 2)));
        assert!(matches!(lane.send(3, true, 0, 20), Passage::Later(100, 3)));
        assert_eq!(lane.arrive(1, true), None);
        assert_eq!(lane.arrive(2, true), None);
        assert_eq!(lane.arrive(3, true), None);
        assert!(matches!(lane.send(4, true, 0, 120), Passage::Held));
        assert_eq!(lane.held, [1, 2, 3, 4]);
    }
}
