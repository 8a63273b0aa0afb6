//! XEP-0060 as Finesse uses it: nodes made by the web app, agents subscribed to their own by bare JID, and explicit
//! subscriptions beside them. Notifications for the absent are stored (facts 12).

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;

use roxmltree::Node;

use super::iq::Answer;
use super::{Desk, Event, Key, NotificationService};
use crate::config::Config;
use crate::ns;
use crate::xml::{escape, stamp};

/// Stored notifications for one absent agent; the oldest are dropped.
const STORED_LIMIT: usize = 100;

/// The nodes with their explicit subscriptions. Automatic ones are not listed: they follow from the node's kind.
pub(super) struct Nodes {
    nodes: BTreeMap<String, PubsubNode>,
    next_subid: u64,
}

struct PubsubNode {
    automatic: Automatic,
    explicit: Vec<Subscription>,
}

/// Who is subscribed by the web app.
#[derive(Clone, Copy)]
enum Automatic {
    Nobody,
    Agent(usize),
    Everyone,
}

#[derive(Clone)]
struct Subscription {
    agent: usize,
    resource: Option<String>,
    subid: String,
}

/// A notification on its way to an agent.
pub(super) struct Parcel {
    /// To this session alone; to the bare JID if none.
    resource: Option<String>,
    node: String,
    id: String,
    body: Arc<str>,
    at: u64,
    until: u64,
    stamped: bool,
}

/// So long one waits for another to overtake it.
const SWAP_MS: u64 = 10;

/// A notification for an agent who is away.
pub(super) struct Stored {
    at: u64,
    body: Arc<str>,
    id: String,
}

impl Nodes {
    pub(super) fn new(config: &Config) -> Self {
        let mut nodes = BTreeMap::new();
        let mut make = |name: String, automatic| {
            nodes.insert(name, PubsubNode { automatic, explicit: Vec::new() });
        };
        make("/finesse/api/SystemInfo".into(), Automatic::Everyone);
        make("/finesse/api/Team/1/Users".into(), Automatic::Nobody);
        make("/finesse/api/Queue/10".into(), Automatic::Nobody);
        for (index, id) in config.agents.iter().enumerate() {
            make(format!("/finesse/api/User/{id}/ClientLog"), Automatic::Nobody);
            for (medium, _) in &config.media {
                make(format!("/finesse/api/User/{id}/Media/{medium}"), Automatic::Nobody);
            }
            make(format!("/finesse/api/User/{id}"), Automatic::Agent(index));
            make(format!("/finesse/api/User/{id}/Dialogs"), Automatic::Agent(index));
            make(format!("/finesse/api/User/{id}/Media"), Automatic::Agent(index));
            make(format!("/finesse/api/User/{id}/Dialogs/Media"), Automatic::Nobody);
            make(format!("/finesse/api/User/{id}/Queues"), Automatic::Nobody);
        }
        Self { nodes, next_subid: 0 }
    }
}

impl NotificationService {
    /// Whether anyone would get what is published there.
    pub(crate) fn has_listeners(&self, node: &str) -> bool {
        self.nodes
            .nodes
            .get(node)
            .is_some_and(|node| !matches!(node.automatic, Automatic::Nobody) || !node.explicit.is_empty())
    }

    /// `finesse` publishes an item: escaped text inside `<notification>`.
    pub(crate) fn publish(&mut self, node: &str, payload: &str, desk: &mut Desk<'_>) {
        let Some(entry) = self.nodes.nodes.get(node) else { return };
        let (automatic, explicit) = (entry.automatic, entry.explicit.clone());
        let event = format!(
            r#"<event xmlns="{}"><items node="{}"><item id="{}"><notification xmlns="{}">{}</notification></item></items></event>"#,
            ns::PUBSUB_EVENT,
            escape(node),
            desk.rng.name(),
            ns::PUBSUB,
            escape(payload)
        );
        let event: Arc<str> = event.into();
        let nonce = desk.rng.name();
        match automatic {
            Automatic::Nobody => {}
            Automatic::Agent(agent) => self.deliver(agent, node, &event, &nonce, &explicit, desk.now),
            Automatic::Everyone => {
                for agent in 0..self.agents.len() {
                    self.deliver(agent, node, &event, &nonce, &[], desk.now);
                }
            }
        }
        for (index, subscription) in explicit.iter().enumerate() {
            let before = explicit.iter().take(index);
            let repeated = before
                .clone()
                .any(|other| other.agent == subscription.agent && other.resource == subscription.resource);
            let automatic = subscription.resource.is_none()
                && match automatic {
                    Automatic::Nobody => false,
                    Automatic::Agent(agent) => agent == subscription.agent,
                    Automatic::Everyone => true,
                }
                && !self.residents.get(subscription.agent).is_some_and(|resident| resident.deaf);
            if !repeated && !automatic {
                self.deliver_explicit(subscription, node, &event, &nonce, &explicit, desk.now);
            }
        }
    }

    /// To the bare JID of an agent who is subscribed automatically. The message comes once, with every SubID.
    fn deliver(
        &mut self,
        agent: usize,
        node: &str,
        event: &Arc<str>,
        nonce: &str,
        explicit: &[Subscription],
        now: u64,
    ) {
        if self.residents.get(agent).is_none_or(|resident| resident.deaf) {
            return;
        }
        let headers = headers(explicit, agent, None);
        let body = if headers.is_empty() { Arc::clone(event) } else { format!("{event}{headers}").into() };
        self.hand_over(agent, self.parcel(agent, None, node, nonce, body, now), now);
    }

    fn parcel(
        &self,
        agent: usize,
        resource: Option<String>,
        node: &str,
        nonce: &str,
        body: Arc<str>,
        now: u64,
    ) -> Parcel {
        let bare = self.bare(agent);
        let to = resource.as_ref().map_or_else(|| bare.clone(), |resource| format!("{bare}/{resource}"));
        let id = message_id(node, &to, nonce);
        Parcel { resource, node: node.to_owned(), id, body, at: now, until: now, stamped: false }
    }

    /// Brings a notification, or keeps it back by the faults `notifications-late` and `notifications-swapped`.
    fn hand_over(&mut self, agent: usize, mut parcel: Parcel, now: u64) {
        let Some(resident) = self.residents.get_mut(agent) else { return };
        let delivery = resident.delivery;
        if let Some(ms) = delivery.late {
            resident.counted += 1;
            if resident.counted % 2 == 1 {
                (parcel.until, parcel.stamped) = (now + ms, delivery.stamped);
                return self.keep_back(agent, parcel);
            }
        }
        if !delivery.swapped {
            return self.bring(agent, &parcel);
        }
        let same = |it: &Parcel| {
            it.until == it.at + SWAP_MS && (&it.node, &it.resource) == (&parcel.node, &parcel.resource)
        };
        match resident.kept_back.iter().position(same) {
            Some(place) => {
                let first = resident.kept_back.remove(place);
                self.bring(agent, &parcel);
                self.bring(agent, &first);
            }
            None => {
                parcel.until = now + SWAP_MS;
                self.keep_back(agent, parcel);
            }
        }
    }

    fn keep_back(&mut self, agent: usize, parcel: Parcel) {
        self.events.push_back(Event::KeptBack { agent, until: parcel.until });
        if let Some(resident) = self.residents.get_mut(agent) {
            resident.kept_back.push(parcel);
        }
    }

    /// Brings what was kept back for long enough.
    pub(crate) fn deliver_late(&mut self, agent: usize, now: u64) {
        let Some(resident) = self.residents.get_mut(agent) else { return };
        let (due, rest) = std::mem::take(&mut resident.kept_back).into_iter().partition(|it| it.until <= now);
        resident.kept_back = rest;
        let due: Vec<Parcel> = due;
        for parcel in &due {
            self.bring(agent, parcel);
        }
    }

    fn bring(&mut self, agent: usize, parcel: &Parcel) {
        let stamp = parcel.stamped.then_some(parcel.at);
        let Some(resource) = &parcel.resource else { return self.deliver_bare(agent, parcel, stamp) };
        let Some(key) = self.at(agent, resource) else { return };
        let to = format!("{}/{resource}", self.bare(agent));
        let text = self.message(&to, &parcel.id, &parcel.body, stamp);
        self.send(key, text);
    }

    fn deliver_explicit(
        &mut self,
        subscription: &Subscription,
        node: &str,
        event: &str,
        nonce: &str,
        all: &[Subscription],
        now: u64,
    ) {
        let agent = subscription.agent;
        let body = format!("{event}{}", headers(all, agent, subscription.resource.as_deref()));
        let resource = subscription.resource.clone();
        self.hand_over(agent, self.parcel(agent, resource, node, nonce, body.into(), now), now);
    }

    /// To every available resource of priority 0 or more, or to the store.
    fn deliver_bare(&mut self, agent: usize, parcel: &Parcel, stamp: Option<u64>) {
        let ready = self.ready(agent);
        if !ready.is_empty() {
            let text = self.message(&self.bare(agent), &parcel.id, &parcel.body, stamp);
            for key in ready {
                self.send(key, text.clone());
            }
        } else if let Some(resident) = self.residents.get_mut(agent) {
            let (body, id) = (Arc::clone(&parcel.body), parcel.id.clone());
            resident.stored.push_back(Stored { at: parcel.at, body, id });
            if resident.stored.len() > STORED_LIMIT {
                resident.stored.pop_front();
            }
        }
    }

    /// What came while the agent was away, with XEP-0203 stamps.
    pub(super) fn deliver_stored(&mut self, agent: usize) {
        let ready = self.ready(agent);
        let Some(resident) = self.residents.get_mut(agent) else { return };
        if ready.is_empty() || resident.stored.is_empty() {
            return;
        }
        for stored in std::mem::take(&mut resident.stored) {
            let text = self.message(&self.bare(agent), &stored.id, &stored.body, Some(stored.at));
            for key in &ready {
                self.send(*key, text.clone());
            }
        }
    }

    fn ready(&self, agent: usize) -> Vec<Key> {
        let sessions =
            self.residents.get(agent).map(|resident| resident.sessions.as_slice()).unwrap_or_default();
        let ready = |key: &&Key| {
            self.sessions
                .get(*key)
                .and_then(|session| session.available)
                .is_some_and(|priority| priority >= 0)
        };
        sessions.iter().filter(ready).copied().collect()
    }

    fn message(&self, to: &str, id: &str, body: &str, delayed: Option<u64>) -> String {
        let mut out = format!(
            r#"<message xmlns="{}" from="pubsub.{}" to="{}" id="{}">{body}"#,
            ns::CLIENT,
            self.domain,
            escape(to),
            escape(id)
        );
        if let Some(at) = delayed {
            // Writing into a String cannot fail.
            let _ = write!(
                out,
                r#"<delay xmlns="{}" from="{}" stamp="{}"/>"#,
                ns::DELAY,
                self.domain,
                stamp(self.epoch_ms + at)
            );
        }
        out.push_str("</message>");
        out
    }

    pub(super) fn subscribe(&mut self, agent: usize, request: Node<'_, '_>, _desk: &mut Desk<'_>) -> Answer {
        let Some(resource) = self.own_jid(agent, request) else {
            return Answer::Error("modify", "bad-request");
        };
        let node = request.attribute("node").unwrap_or_default();
        let Some(entry) = self.nodes.nodes.get_mut(node) else {
            return Answer::Error("cancel", "item-not-found");
        };
        self.nodes.next_subid += 1;
        let subid = format!("subid{}", self.nodes.next_subid);
        entry.explicit.push(Subscription { agent, resource, subid: subid.clone() });
        let jid = request.attribute("jid").unwrap_or_default();
        Answer::Result(format!(
            r#"<pubsub xmlns="{}"><subscription node="{}" jid="{}" subid="{subid}" subscription="subscribed"/></pubsub>"#,
            ns::PUBSUB,
            escape(node),
            escape(jid)
        ))
    }

    /// XEP-0060 6.2: of several subscriptions of one JID the `subid` must say which.
    pub(super) fn unsubscribe(&mut self, agent: usize, request: Node<'_, '_>) -> Answer {
        let Some(resource) = self.own_jid(agent, request) else {
            return Answer::Error("modify", "bad-request");
        };
        let Some(entry) = self.nodes.nodes.get_mut(request.attribute("node").unwrap_or_default()) else {
            return Answer::Error("cancel", "item-not-found");
        };
        let ours = |it: &Subscription| it.agent == agent && it.resource == resource;
        let count = entry.explicit.iter().filter(|it| ours(it)).count();
        let subid = request.attribute("subid");
        let before = entry.explicit.len();
        match (count, subid) {
            (0, _) => return Answer::Error("cancel", "unexpected-request"),
            (2.., None) => return Answer::Error("modify", "bad-request"),
            _ => entry.explicit.retain(|it| !(ours(it) && subid.is_none_or(|subid| subid == it.subid))),
        }
        if entry.explicit.len() == before {
            return Answer::Error("modify", "not-acceptable");
        }
        Answer::Result(String::new())
    }

    /// XEP-0060 5.6: all subscriptions of the agent.
    pub(super) fn subscriptions(&self, agent: usize) -> Answer {
        let mut out = format!(r#"<pubsub xmlns="{}"><subscriptions>"#, ns::PUBSUB);
        for (node, entry) in &self.nodes.nodes {
            for it in entry.explicit.iter().filter(|it| it.agent == agent) {
                let mut jid = self.bare(agent);
                if let Some(resource) = &it.resource {
                    jid = format!("{jid}/{resource}");
                }
                // Writing into a String cannot fail.
                let _ = write!(
                    out,
                    r#"<subscription node="{}" jid="{}" subid="{}" subscription="subscribed"/>"#,
                    escape(node),
                    escape(&jid),
                    it.subid
                );
            }
        }
        out.push_str("</subscriptions></pubsub>");
        Answer::Result(out)
    }

    pub(super) fn drop_subscriptions(&mut self, agent: usize) {
        for entry in self.nodes.nodes.values_mut() {
            entry.explicit.retain(|it| it.agent != agent);
        }
        if let Some(resident) = self.residents.get_mut(agent) {
            resident.deaf = true;
            resident.stored = VecDeque::new();
        }
    }

    /// The resource that the request's JID names; none at all when the JID is someone else's.
    fn own_jid(&self, agent: usize, request: Node<'_, '_>) -> Option<Option<String>> {
        let jid = request.attribute("jid")?;
        let (bare, resource) =
            jid.split_once('/').map_or((jid, None), |(bare, it)| (bare, Some(it.to_owned())));
        bare.eq_ignore_ascii_case(&self.bare(agent)).then_some(resource)
    }
}

/// Openfire's message id, `node__jid__random`.
fn message_id(node: &str, jid: &str, nonce: &str) -> String {
    format!("{node}__{jid}__{nonce}")
}

/// XEP-0131 headers that name the explicit subscriptions of this JID.
fn headers(explicit: &[Subscription], agent: usize, resource: Option<&str>) -> String {
    let mut ours =
        explicit.iter().filter(|it| it.agent == agent && it.resource.as_deref() == resource).peekable();
    if ours.peek().is_none() {
        return String::new();
    }
    let mut out = format!(r#"<headers xmlns="{}">"#, ns::SHIM);
    for it in ours {
        // Writing into a String cannot fail.
        let _ = write!(out, r#"<header name="SubID">{}</header>"#, it.subid);
    }
    out.push_str("</headers>");
    out
}
