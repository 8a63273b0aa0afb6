//! Publish-subscribe: XEP-0060, as a subscriber.

use super::jid::Jid;
use super::ns;
use super::stanza::{self, Iq, IqKind, Message};
use crate::xml::Element;

/// One published item of a notification (XEP-0060, 7.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The node it was published to.
    pub node: String,
    /// The item's id, random with Finesse; empty if there is none.
    pub id: String,
    /// What was published.
    pub payload: Option<Element>,
}

/// What the service answered to a subscribe request (6.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The node.
    pub node: Option<String>,
    /// The subscription's own id, which unsubscribing may need.
    pub subid: Option<String>,
    /// `subscribed`, `pending`, `unconfigured` or `none`.
    pub state: String,
}

/// Subscribes `jid` to a node (6.1). A full address keeps the events from our other connections.
#[must_use]
pub fn subscribe(id: &str, service: &str, node: &str, jid: &Jid) -> Element {
    change(id, service, about("subscribe", node, jid))
}

/// Ends a subscription (6.2). Where one address holds several, the service asks for the `subid`.
#[must_use]
pub fn unsubscribe(id: &str, service: &str, node: &str, jid: &Jid, subid: Option<&str>) -> Element {
    let unsubscribe = about("unsubscribe", node, jid);
    change(
        id,
        service,
        match subid {
            Some(subid) => unsubscribe.with_attribute("subid", subid),
            None => unsubscribe,
        },
    )
}

/// The answer to [`subscribe`]. Nothing if it is refused; a service may also answer without a word (6.1.2).
#[must_use]
pub fn subscription(answer: &Iq) -> Option<Subscription> {
    let pubsub = answer.payload.as_ref().filter(|payload| payload.is("pubsub", ns::PUBSUB))?;
    let element = pubsub.child("subscription", ns::PUBSUB)?;
    (answer.kind == IqKind::Result).then(|| Subscription {
        node: element.attribute("node").map(Into::into),
        subid: element.attribute("subid").map(Into::into),
        state: element.attribute("subscription").unwrap_or("subscribed").into(),
    })
}

/// The items that a message brings; nothing if it is no notification of items.
#[must_use]
pub fn items(message: Message) -> Option<Vec<Item>> {
    let event = message.elements.into_iter().find(|element| element.is("event", ns::PUBSUB_EVENT))?;
    let items = event.into_elements().find(|child| child.is("items", ns::PUBSUB_EVENT))?;
    let node = items.attribute("node").unwrap_or_default().to_owned();
    let item = |item: Element| Item {
        node: node.clone(),
        id: item.attribute("id").unwrap_or_default().into(),
        payload: item.into_elements().next(),
    };
    Some(items.into_elements().filter(|child| child.is("item", ns::PUBSUB_EVENT)).map(item).collect())
}

fn change(id: &str, service: &str, what: Element) -> Element {
    stanza::iq_set(id, Some(service), Element::new("pubsub", ns::PUBSUB).with_child(what))
}

fn about(name: &str, node: &str, jid: &Jid) -> Element {
    Element::new(name, ns::PUBSUB).with_attribute("node", node).with_attribute("jid", &jid.to_string())
}
