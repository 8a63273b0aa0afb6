//! XMPP over WebSocket: RFC 7395. One frame, one element: [`Inbound`] is all that can come.

use super::ns;
use super::sasl::Failure;
use super::stanza::{Iq, Message, Presence, StanzaFault};
use super::stream::{StreamError, StreamFeatures};
use crate::xml::{self, Element, XmlError};
use core::fmt;

/// The sub-protocol to ask for (RFC 7395, 3.1).
pub const PROTOCOL: &str = "xmpp";

/// Opens a stream, and opens it anew after login (3.4).
#[must_use]
pub fn open(to: &str) -> Element {
    Element::new("open", ns::FRAMING).with_attribute("to", to).with_attribute("version", "1.0")
}

/// Closes the stream (3.6).
#[must_use]
pub fn close() -> Element {
    Element::new("close", ns::FRAMING)
}

/// One frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    /// The server's half of the stream is open.
    Open {
        /// The domain that answers.
        from: Option<String>,
        /// The stream's id.
        id: Option<String>,
    },
    /// The server ends the stream, or agrees to its end.
    Close,
    /// What the server offers.
    Features(StreamFeatures),
    /// The server's last word before it closes.
    StreamError(StreamError),
    /// Logged in; the stream is to be opened anew.
    SaslSuccess,
    /// Not logged in.
    SaslFailure(Failure),
    /// A question that PLAIN does not have.
    SaslChallenge,
    /// A request or an answer.
    Iq(Iq),
    /// A message.
    Message(Message),
    /// A presence.
    Presence(Presence),
    /// Well-formed, and nothing that we know.
    Unknown(Element),
}

impl Inbound {
    /// Reads one frame.
    ///
    /// # Errors
    ///
    /// If it is no XML, or a stanza that lacks what it must have. The frame is lost, the stream may go on.
    pub fn parse(frame: &str) -> Result<Self, FrameError> {
        Self::from_element(quirk_frame_without_declarations(frame).map_err(FrameError::Xml)?)
    }

    /// The frame as a server writes it.
    #[must_use]
    pub fn to_element(&self) -> Element {
        match self {
            Self::Open { from, id } => {
                let given = [("from", from), ("id", id)];
                let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
                given.fold(Element::new("open", ns::FRAMING), |open, (name, value)| {
                    open.with_attribute(name, value)
                })
            }
            Self::Close => close(),
            Self::Features(features) => features.to_element(),
            Self::StreamError(error) => error.to_element(),
            Self::SaslSuccess => Element::new("success", ns::SASL),
            Self::SaslFailure(failure) => failure.to_element(),
            Self::SaslChallenge => Element::new("challenge", ns::SASL),
            Self::Iq(iq) => iq.to_element(),
            Self::Message(message) => message.to_element(),
            Self::Presence(presence) => presence.to_element(),
            Self::Unknown(element) => element.clone(),
        }
    }

    /// Reads one element of a stream.
    ///
    /// # Errors
    ///
    /// If it is a stanza that lacks what it must have.
    pub fn from_element(element: Element) -> Result<Self, FrameError> {
        Self::of(element).map_err(FrameError::Stanza)
    }

    fn of(element: Element) -> Result<Self, StanzaFault> {
        let attribute = |name| element.attribute(name).map(Into::into);
        Ok(match (element.ns.as_str(), element.name.as_str()) {
            (ns::CLIENT, "message") => Self::Message(Message::from_element(element)?),
            (ns::CLIENT, "presence") => Self::Presence(Presence::from_element(&element)?),
            (ns::CLIENT, "iq") => Self::Iq(Iq::from_element(&element)?),
            (ns::FRAMING, "open") => Self::Open { from: attribute("from"), id: attribute("id") },
            (ns::FRAMING, "close") => Self::Close,
            (ns::STREAM, "features") => Self::Features(StreamFeatures::from_element(&element)),
            (ns::STREAM, "error") => Self::StreamError(StreamError::from_element(&element)),
            (ns::SASL, "success") => Self::SaslSuccess,
            (ns::SASL, "failure") => Self::SaslFailure(Failure::from_element(&element)),
            (ns::SASL, "challenge") => Self::SaslChallenge,
            _ => Self::Unknown(element),
        })
    }
}

/// RFC 7395 3.3.3 makes every frame declare its own namespaces. Openfire's answer 401 to a request before login has
/// none, and clients that serve BOSH too know `stream:` as given. So a frame is read as if it stood in the stream
/// element of RFC 6120; what it declares itself goes before.
fn quirk_frame_without_declarations(frame: &str) -> Result<Element, XmlError> {
    xml::parse_within(frame, &[("", ns::CLIENT), ("stream", ns::STREAM)])
}

/// Why a frame could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// It is no XML that we accept.
    Xml(XmlError),
    /// It is a stanza that lacks something.
    Stanza(StanzaFault),
}

impl FrameError {
    /// White space and nothing else: a keepalive of some servers, no fault.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        matches!(self, Self::Xml(XmlError::Empty))
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xml(error) => error.fmt(f),
            Self::Stanza(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for FrameError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::{ErrorKind, IqKind, StanzaError};

    #[test]
    fn the_prefix_of_a_stream_element_does_not_matter() {
        for frame in [
            "<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>",
            "<features xmlns='http://etherx.jabber.org/streams'/>",
            "<s:features xmlns:s='http://etherx.jabber.org/streams'/>",
            "<stream:features/>",
        ] {
            assert_eq!(Inbound::parse(frame), Ok(Inbound::Features(StreamFeatures::default())), "{frame}");
        }
        let foreign = Inbound::parse("<stream:features xmlns:stream='urn:other'/>");
        assert!(matches!(foreign, Ok(Inbound::Unknown(_))));
        let undeclared = Inbound::parse("<s:features/>");
        assert_eq!(undeclared, Err(FrameError::Xml(XmlError::UndeclaredPrefix("s".into()))));
    }

    #[test]
    fn openfires_refusal_before_login_is_an_iq() {
        let frame = "<iq type=\"error\" id=\"b\"><bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/>\
                     <error code=\"401\" type=\"auth\">\
                     <not-authorized xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>";
        let Ok(Inbound::Iq(iq)) = Inbound::parse(frame) else { panic!("{frame}") };
        assert_eq!((iq.id.as_str(), iq.kind, iq.from), ("b", IqKind::Error, None));
        let expected = StanzaError { kind: ErrorKind::Auth, condition: "not-authorized".into(), text: None };
        assert_eq!(iq.error, Some(expected));
    }

    #[test]
    fn white_space_is_no_fault() {
        assert!(Inbound::parse(" \n").is_err_and(|error| error.is_blank()));
    }
}
