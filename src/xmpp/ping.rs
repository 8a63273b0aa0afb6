//! XMPP ping: XEP-0199.

use super::{ns, stanza};
use crate::xml::Element;

/// A ping to `to`, our server's domain. Any answer to it, a refusal too, shows that the way is open.
#[must_use]
pub fn request(id: &str, to: &str) -> Element {
    stanza::iq_get(id, Some(to), Element::new("ping", ns::PING))
}
