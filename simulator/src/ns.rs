//! The XML namespaces, each with its specification.

/// RFC 6120: stanzas of a client.
pub(crate) const CLIENT: &str = "jabber:client";
/// RFC 6120: features and errors of a stream.
pub(crate) const STREAM: &str = "http://etherx.jabber.org/streams";
/// RFC 6120: conditions of stream errors.
pub(crate) const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
/// RFC 6120: conditions of stanza errors.
pub(crate) const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// RFC 6120: SASL.
pub(crate) const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// RFC 6120: resource binding.
pub(crate) const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
/// RFC 3921: session establishment.
pub(crate) const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// RFC 6121: the roster.
pub(crate) const ROSTER: &str = "jabber:iq:roster";
/// RFC 7395: framing over WebSocket.
pub(crate) const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
/// XEP-0124: a stream in HTTP requests.
pub(crate) const HTTP_BIND: &str = "http://jabber.org/protocol/httpbind";
/// XEP-0206: XMPP in them.
pub(crate) const XBOSH: &str = "urn:xmpp:xbosh";
/// XEP-0030: who are you?
pub(crate) const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// XEP-0030: what is there?
pub(crate) const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// XEP-0060: publish and subscribe; Finesse also puts its payloads into it.
pub(crate) const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// XEP-0060: notifications.
pub(crate) const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// XEP-0131: headers.
pub(crate) const SHIM: &str = "http://jabber.org/protocol/shim";
/// XEP-0199: ping.
pub(crate) const PING: &str = "urn:xmpp:ping";
/// XEP-0203: delayed delivery.
pub(crate) const DELAY: &str = "urn:xmpp:delay";
