//! How clients use BOSH, judged where a request leaves them: no fault on the way is blamed on them.

use std::collections::BTreeMap;

use super::World;
use super::link::Errand;
use crate::notification_service::{HASTE_MS, Key, key_of};
use crate::rest::HttpRequest;
use crate::xml;

/// So many requests of a session may be open at once.
const REQUESTS: usize = 2;
/// With more sessions than this those that are over are forgotten.
const SESSIONS: usize = 4_096;

/// What a request says of itself.
pub(super) struct Sent {
    /// The session that it names; none for one that makes a session.
    pub(super) key: Option<Key>,
    pub(super) rid: u64,
    /// Nothing in it, and no purpose of its own: it only waits for something to be said.
    empty: bool,
}

impl Sent {
    /// Reads a request; none for one that has no number.
    pub(super) fn read(request: &HttpRequest) -> Option<Self> {
        let document = xml::read(&request.body)?;
        let body = document.root_element();
        let idle = ["type", "pause"].iter().all(|name| body.attribute(*name).is_none());
        let restart = body.attributes().any(|attribute| attribute.name() == "restart");
        Some(Self {
            key: body.attribute("sid").and_then(key_of),
            rid: body.attribute("rid")?.parse().ok()?,
            empty: idle && !restart && xml::first(body).is_none(),
        })
    }
}

/// What was sent in every session.
#[derive(Default)]
pub(super) struct Wire {
    courses: BTreeMap<Key, Course>,
}

#[derive(Clone, Copy)]
struct Course {
    highest: u64,
    last_empty: Option<u64>,
}

impl World {
    /// A client sends a request.
    pub(super) fn watch(&mut self, sent: &Sent) {
        let counts = &mut self.records.counts.bosh;
        counts.requests += 1;
        let Some(key) = sent.key else { return };
        let open = self.links.values().filter(|link| link.errand == Errand::Stream(Some(key))).count();
        let course = self.wire.courses.get(&key).copied();
        counts.crowds += u64::from(open >= REQUESTS);
        counts.holes += u64::from(course.is_some_and(|course| sent.rid > course.highest + 1));
        let last_empty = course.and_then(|course| course.last_empty);
        let soon = last_empty.is_some_and(|at| self.now < at + HASTE_MS);
        counts.hasty += u64::from(sent.empty && soon && open > 0);
        let highest = course.map_or(sent.rid, |course| course.highest.max(sent.rid));
        let last_empty = if sent.empty { Some(self.now) } else { last_empty };
        self.wire.courses.insert(key, Course { highest, last_empty });
        if self.wire.courses.len() > SESSIONS {
            let nodes = &self.nodes;
            self.wire.courses.retain(|key, _| nodes.iter().any(|node| node.service.session(*key).is_some()));
        }
    }
}
