//! Login: SASL in XMPP (RFC 6120, 6) with PLAIN (RFC 4616), the only mechanism that Finesse's own accounts allow.

use super::ns;
use crate::secret::Secret;
use crate::xml::Element;
use base64ct::{Base64, Encoding};

/// `<auth mechanism='PLAIN'>` with an empty authorization identity. What it holds is the password or token.
#[must_use]
pub fn plain(user: &str, secret: &Secret) -> Element {
    // A NUL parts the three fields. One inside a field would let what follows it pass for another field; replaced,
    // it is a wrong password and no more.
    let field = |text: &str| text.replace('\0', "\u{FFFD}");
    let fields = String::from_iter(["\0", &field(user), "\0", &field(secret.expose())]);
    Element::new("auth", ns::SASL)
        .with_attribute("mechanism", "PLAIN")
        .with_text(&Base64::encode_string(fields.as_bytes()))
}

/// A refused login (RFC 6120, 6.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The defined condition (`not-authorized`, …).
    pub condition: String,
    /// The server's own words.
    pub text: Option<String>,
}

impl Failure {
    /// Reads `<failure>`; one that does not say why is `undefined-condition`.
    #[must_use]
    pub fn from_element(element: &Element) -> Self {
        let named = element.elements().find(|child| child.ns == ns::SASL && child.name != "text");
        Self {
            condition: named.map_or("undefined-condition", |condition| &condition.name).into(),
            text: element.child("text", ns::SASL).map(Element::text),
        }
    }

    /// As a server writes it.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let failure = Element::new("failure", ns::SASL).with_child(Element::new(&self.condition, ns::SASL));
        match &self.text {
            Some(text) => failure.with_child(Element::new("text", ns::SASL).with_text(text)),
            None => failure,
        }
    }

    /// The server cannot tell now (6.5.11): a failed attempt, and nothing about the credentials.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.condition == "temporary-auth-failure"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_is_nul_parted_and_cannot_be_split_from_inside() {
        assert_eq!(plain("1001", &Secret::new("pw-1001")).text(), "ADEwMDEAcHctMTAwMQ==");
        let hostile = Base64::decode_vec(&plain("a\0b", &Secret::new("c\0d")).text()).unwrap();
        assert_eq!(hostile.iter().filter(|byte| **byte == 0).count(), 2);
    }
}
