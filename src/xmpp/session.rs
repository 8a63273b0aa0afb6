//! Session establishment: RFC 3921, 3. Empty since RFC 6121, yet old Openfires offer it and expect it.

use super::{ns, stanza};
use crate::xml::Element;

/// Asks for a session.
#[must_use]
pub fn request(id: &str) -> Element {
    stanza::iq_set(id, None, Element::new("session", ns::SESSION))
}
