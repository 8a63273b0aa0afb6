//! Stream negotiation: features (RFC 6120, 4.3.2) and stream errors (4.9).

use super::ns;
use crate::xml::Element;

/// What the server offers on the stream as it stands now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamFeatures {
    /// SASL mechanisms, before login.
    pub mechanisms: Vec<String>,
    /// Resource binding, after login.
    pub bind: bool,
    /// Session establishment, after login (RFC 3921, which RFC 6121 abolished).
    pub session: bool,
}

impl StreamFeatures {
    /// Reads `<stream:features>`. Unknown features are left out: all but a few are none of ours.
    #[must_use]
    pub fn from_element(element: &Element) -> Self {
        let mechanisms = element.child("mechanisms", ns::SASL).map_or_else(Vec::new, |mechanisms| {
            let named = mechanisms.elements().filter(|mechanism| mechanism.is("mechanism", ns::SASL));
            named.map(|mechanism| mechanism.text().trim().to_owned()).collect()
        });
        Self {
            mechanisms,
            bind: element.child("bind", ns::BIND).is_some(),
            session: element.child("session", ns::SESSION).is_some(),
        }
    }

    /// As a server writes it.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let mut features = Element::new("features", ns::STREAM);
        if !self.mechanisms.is_empty() {
            let name = |name: &String| Element::new("mechanism", ns::SASL).with_text(name);
            let mechanisms = Element::new("mechanisms", ns::SASL);
            features =
                features.with_child(self.mechanisms.iter().map(name).fold(mechanisms, Element::with_child));
        }
        if self.bind {
            features = features.with_child(Element::new("bind", ns::BIND));
        }
        if self.session {
            features = features.with_child(Element::new("session", ns::SESSION));
        }
        features
    }
}

/// The server's last word on this stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamError {
    /// The defined condition (`conflict`, `system-shutdown`, …).
    pub condition: String,
    /// The server's own words.
    pub text: Option<String>,
}

impl StreamError {
    /// Reads `<stream:error>`; one that does not say why is `undefined-condition`.
    #[must_use]
    pub fn from_element(element: &Element) -> Self {
        let named = element.elements().find(|child| child.ns == ns::STREAM_ERRORS && child.name != "text");
        Self {
            condition: named.map_or("undefined-condition", |condition| &condition.name).into(),
            text: element.child("text", ns::STREAM_ERRORS).map(Element::text),
        }
    }

    /// As a server writes it.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let error =
            Element::new("error", ns::STREAM).with_child(Element::new(&self.condition, ns::STREAM_ERRORS));
        match &self.text {
            Some(text) => error.with_child(Element::new("text", ns::STREAM_ERRORS).with_text(text)),
            None => error,
        }
    }
}
