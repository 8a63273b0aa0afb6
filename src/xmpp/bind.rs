//! Resource binding: RFC 6120, 7.

use super::jid::Jid;
use super::ns;
use super::stanza::{self, Iq, IqKind};
use crate::xml::Element;

/// Asks for this resource. Finesse wants one to be given always.
#[must_use]
pub fn request(id: &str, resource: &str) -> Element {
    let resource = Element::new("resource", ns::BIND).with_text(resource);
    stanza::iq_set(id, None, Element::new("bind", ns::BIND).with_child(resource))
}

/// Our full address, from the answer. Nothing if it is refused or holds no address.
#[must_use]
pub fn jid(answer: &Iq) -> Option<Jid> {
    let bind = answer.payload.as_ref().filter(|payload| payload.is("bind", ns::BIND))?;
    let jid = Jid::parse(bind.child("jid", ns::BIND)?.text().trim())?;
    (answer.kind == IqKind::Result && jid.resource.is_some()).then_some(jid)
}
