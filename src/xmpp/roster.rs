//! The roster: RFC 6121, 2. The server keeps ours, with `finesse` in it; asking for it makes some servers send
//! the contacts' presence.

use super::{ns, stanza};
use crate::xml::Element;

/// Asks for the roster.
#[must_use]
pub fn request(id: &str) -> Element {
    stanza::iq_get(id, None, Element::new("query", ns::ROSTER))
}
