//! Stanzas: RFC 6120, 8. What a stanza says beside its payload, and the stanzas that we send.

use super::jid::Jid;
use super::ns;
use crate::xml::Element;
use core::fmt;

/// A request or its answer (RFC 6120, 8.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Iq {
    /// By which the answer is known.
    pub id: String,
    /// The sender; a server may leave it out when it speaks for itself or for our own account.
    pub from: Option<Jid>,
    /// The receiver.
    pub to: Option<Jid>,
    /// Request or answer.
    pub kind: IqKind,
    /// What is asked or answered: the first child element that is no error.
    pub payload: Option<Element>,
    /// Why it failed, for [`IqKind::Error`].
    pub error: Option<StanzaError>,
}

/// The `type` of an iq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IqKind {
    /// Asks to be told.
    Get,
    /// Asks for a change.
    Set,
    /// The answer.
    Result,
    /// The refusal.
    Error,
}

impl Iq {
    /// Reads an `<iq>`.
    ///
    /// # Errors
    ///
    /// If what RFC 6120 8.2.3 demands is missing.
    pub fn from_element(element: &Element) -> Result<Self, StanzaFault> {
        let kind = match element.attribute("type") {
            Some("get") => IqKind::Get,
            Some("set") => IqKind::Set,
            Some("result") => IqKind::Result,
            Some("error") => IqKind::Error,
            _ => return Err(StanzaFault::IqType),
        };
        Ok(Self {
            id: element.attribute("id").ok_or(StanzaFault::IqWithoutId)?.into(),
            from: address(element, "from")?,
            to: address(element, "to")?,
            kind,
            payload: element.elements().find(|child| !child.is("error", ns::CLIENT)).cloned(),
            error: (kind == IqKind::Error).then(|| StanzaError::of(element)),
        })
    }

    /// The stanza as it is written.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let kind = match self.kind {
            IqKind::Get => "get",
            IqKind::Set => "set",
            IqKind::Result => "result",
            IqKind::Error => "error",
        };
        let mut element = addressed("iq", Some(kind), self.from.as_ref(), self.to.as_ref());
        element = element.with_attribute("id", &self.id);
        if let Some(payload) = &self.payload {
            element = element.with_child(payload.clone());
        }
        match &self.error {
            Some(error) => element.with_child(error.to_element()),
            None => element,
        }
    }
}

/// A message. Never to be answered: an error of type `cancel` makes Openfire drop all of the agent's subscriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sender.
    pub from: Option<Jid>,
    /// The receiver.
    pub to: Option<Jid>,
    /// The `type` (`headline`, `error`, …); RFC 6121 5.2.2 reads none as `normal`.
    pub kind: Option<String>,
    /// Not a sequence number.
    pub id: Option<String>,
    /// When a stored message was first sent, as written there (XEP-0203, XEP-0091). Some stored ones come without.
    pub delay: Option<String>,
    /// All child elements.
    pub elements: Vec<Element>,
}

impl Message {
    /// Reads a `<message>`.
    ///
    /// # Errors
    ///
    /// If an address is none.
    pub fn from_element(element: Element) -> Result<Self, StanzaFault> {
        let delay = element
            .child("delay", ns::DELAY)
            .or_else(|| element.child("x", ns::LEGACY_DELAY))
            .and_then(|delay| delay.attribute("stamp"));
        Ok(Self {
            from: address(&element, "from")?,
            to: address(&element, "to")?,
            kind: element.attribute("type").map(Into::into),
            id: element.attribute("id").map(Into::into),
            delay: delay.map(Into::into),
            elements: element.into_elements().collect(),
        })
    }

    /// The stanza as it is written.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let mut element = addressed("message", self.kind.as_deref(), self.from.as_ref(), self.to.as_ref());
        if let Some(id) = &self.id {
            element = element.with_attribute("id", id);
        }
        self.elements.iter().cloned().fold(element, Element::with_child)
    }
}

/// A presence (RFC 6121, 4.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Whose.
    pub from: Option<Jid>,
    /// To whom.
    pub to: Option<Jid>,
    /// What it says.
    pub kind: PresenceKind,
}

/// The `type` of a presence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresenceKind {
    /// None: there.
    Available,
    /// Gone.
    Unavailable,
    /// Anything else: subscriptions, probes, errors.
    Other(String),
}

impl Presence {
    /// Reads a `<presence>`.
    ///
    /// # Errors
    ///
    /// If an address is none.
    pub fn from_element(element: &Element) -> Result<Self, StanzaFault> {
        let kind = match element.attribute("type") {
            None => PresenceKind::Available,
            Some("unavailable") => PresenceKind::Unavailable,
            Some(other) => PresenceKind::Other(other.into()),
        };
        Ok(Self { from: address(element, "from")?, to: address(element, "to")?, kind })
    }

    /// The stanza as it is written.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let kind = match &self.kind {
            PresenceKind::Available => None,
            PresenceKind::Unavailable => Some("unavailable"),
            PresenceKind::Other(other) => Some(other.as_str()),
        };
        addressed("presence", kind, self.from.as_ref(), self.to.as_ref())
    }
}

/// Why a stanza failed (RFC 6120, 8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StanzaError {
    /// What to do about it.
    pub kind: ErrorKind,
    /// The defined condition (`conflict`, `not-authorized`, …).
    pub condition: String,
    /// The server's own words.
    pub text: Option<String>,
}

/// The `type` of a stanza error: what the sender may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Try again with credentials.
    Auth,
    /// Do not try again.
    Cancel,
    /// Only a warning.
    Continue,
    /// Try again with other data.
    Modify,
    /// Try again later.
    Wait,
}

impl StanzaError {
    /// The error of a stanza of type `error`; a stanza that does not say why is `undefined-condition`.
    fn of(stanza: &Element) -> Self {
        let error = stanza.child("error", ns::CLIENT);
        let named = error.and_then(|error| {
            error.elements().find(|child| child.ns == ns::STANZA_ERRORS && child.name != "text")
        });
        let code = error.and_then(|error| error.attribute("code"));
        let condition = named.map_or_else(|| quirk_condition_of_code(code), |condition| &condition.name);
        let kind = match error.and_then(|error| error.attribute("type")) {
            Some("auth") => ErrorKind::Auth,
            Some("continue") => ErrorKind::Continue,
            Some("modify") => ErrorKind::Modify,
            Some("wait") => ErrorKind::Wait,
            _ => ErrorKind::Cancel,
        };
        let text = error.and_then(|error| error.child("text", ns::STANZA_ERRORS)).map(Element::text);
        Self { kind, condition: condition.into(), text }
    }

    fn to_element(&self) -> Element {
        let kind = match self.kind {
            ErrorKind::Auth => "auth",
            ErrorKind::Cancel => "cancel",
            ErrorKind::Continue => "continue",
            ErrorKind::Modify => "modify",
            ErrorKind::Wait => "wait",
        };
        let error = Element::new("error", ns::CLIENT)
            .with_attribute("type", kind)
            .with_child(Element::new(&self.condition, ns::STANZA_ERRORS));
        match &self.text {
            Some(text) => error.with_child(Element::new("text", ns::STANZA_ERRORS).with_text(text)),
            None => error,
        }
    }
}

/// Openfire's older answers give only the number that errors had before RFC 3920 (XEP-0086).
fn quirk_condition_of_code(code: Option<&str>) -> &'static str {
    match code {
        Some("401") => "not-authorized",
        Some("403") => "forbidden",
        Some("404") => "item-not-found",
        Some("409") => "conflict",
        Some("500") => "internal-server-error",
        Some("503") => "service-unavailable",
        _ => "undefined-condition",
    }
}

/// What a stanza lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StanzaFault {
    /// An iq without `id`: no answer could be told from another.
    IqWithoutId,
    /// An iq whose `type` is none of the four.
    IqType,
    /// A `from` or `to` that is no address.
    Address,
}

impl fmt::Display for StanzaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IqWithoutId => "an iq without id",
            Self::IqType => "an iq of no known type",
            Self::Address => "an address that is none",
        })
    }
}

impl core::error::Error for StanzaFault {}

/// A request to be told. Without `to` it is for our own account's server.
#[must_use]
pub fn iq_get(id: &str, to: Option<&str>, payload: Element) -> Element {
    request("get", id, to, payload)
}

/// A request for a change. Without `to` it is for our own account's server.
#[must_use]
pub fn iq_set(id: &str, to: Option<&str>, payload: Element) -> Element {
    request("set", id, to, payload)
}

/// The answer to a request that we do not serve (RFC 6120, 8.2.3 and 8.4).
#[must_use]
pub fn service_unavailable(request: &Iq) -> Element {
    let error = StanzaError { kind: ErrorKind::Cancel, condition: "service-unavailable".into(), text: None };
    Iq {
        id: request.id.clone(),
        from: None,
        to: request.from.clone(),
        kind: IqKind::Error,
        payload: None,
        error: Some(error),
    }
    .to_element()
}

/// Our initial presence. A negative priority would route no event to us; Finesse advises 0.
#[must_use]
pub fn presence(priority: i8) -> Element {
    let priority = Element::new("priority", ns::CLIENT).with_text(&priority.to_string());
    Element::new("presence", ns::CLIENT).with_child(priority)
}

/// Our farewell. Finesse starts its 60 s of grace when it sees this.
#[must_use]
pub fn unavailable() -> Element {
    Element::new("presence", ns::CLIENT).with_attribute("type", "unavailable")
}

fn request(kind: &str, id: &str, to: Option<&str>, payload: Element) -> Element {
    let mut element = Element::new("iq", ns::CLIENT).with_attribute("type", kind).with_attribute("id", id);
    if let Some(to) = to {
        element = element.with_attribute("to", to);
    }
    element.with_child(payload)
}

fn addressed(name: &str, kind: Option<&str>, from: Option<&Jid>, to: Option<&Jid>) -> Element {
    let mut element = Element::new(name, ns::CLIENT);
    if let Some(kind) = kind {
        element = element.with_attribute("type", kind);
    }
    if let Some(from) = from {
        element = element.with_attribute("from", &from.to_string());
    }
    if let Some(to) = to {
        element = element.with_attribute("to", &to.to_string());
    }
    element
}

/// An address attribute; an empty one counts as none (some servers write `from=""` for themselves).
fn address(element: &Element, name: &str) -> Result<Option<Jid>, StanzaFault> {
    match element.attribute(name) {
        None | Some("") => Ok(None),
        Some(text) => Jid::parse(text).map(Some).ok_or(StanzaFault::Address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    #[test]
    fn a_request_that_we_do_not_serve_is_refused_to_its_sender() {
        let request = "<iq xmlns='jabber:client' type='get' id='v1' from='localhost' to='a@localhost/r'>\
                       <query xmlns='jabber:iq:version'/></iq>";
        let request = Iq::from_element(&xml::parse(request).unwrap()).unwrap();
        let answer = Iq::from_element(&service_unavailable(&request)).unwrap();
        assert_eq!((answer.id.as_str(), answer.to, answer.kind), ("v1", request.from, IqKind::Error));
        assert_eq!(answer.error.unwrap().condition, "service-unavailable");
    }

    #[test]
    fn an_old_error_code_stands_for_its_condition() {
        let answer = "<iq xmlns='jabber:client' type='error' id='1'><error code='409'/></iq>";
        let answer = Iq::from_element(&xml::parse(answer).unwrap()).unwrap();
        assert_eq!(answer.error.unwrap().condition, "conflict");
    }

    #[test]
    fn delay_is_read_in_both_its_forms() {
        for delay in ["<delay xmlns='urn:xmpp:delay' stamp='T'/>", "<x xmlns='jabber:x:delay' stamp='T'/>"] {
            let message = ["<message xmlns='jabber:client'>", delay, "</message>"].concat();
            let message = Message::from_element(xml::parse(&message).unwrap()).unwrap();
            assert_eq!(message.delay.as_deref(), Some("T"));
        }
    }
}
