//! Every XML namespace in use, and nowhere else.

/// Stanzas between client and server (RFC 6120, 4.8.2).
pub const CLIENT: &str = "jabber:client";
/// Stream features and stream errors (RFC 6120, 4.8.1).
pub const STREAM: &str = "http://etherx.jabber.org/streams";
/// Conditions of stream errors (RFC 6120, 4.9.2).
pub const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
/// Conditions of stanza errors (RFC 6120, 8.3.2).
pub const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// SASL negotiation (RFC 6120, 6).
pub const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// Resource binding (RFC 6120, 7).
pub const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
/// Session establishment (RFC 3921, 3).
pub const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// WebSocket framing (RFC 7395, 3.3).
pub const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
/// The wrapper of XMPP over HTTP (XEP-0124).
pub const BOSH: &str = "http://jabber.org/protocol/httpbind";
/// What XMPP adds to that wrapper (XEP-0206).
pub const XBOSH: &str = "urn:xmpp:xbosh";
/// Roster (RFC 6121, 2).
pub const ROSTER: &str = "jabber:iq:roster";
/// Ping (XEP-0199).
pub const PING: &str = "urn:xmpp:ping";
/// Publish-subscribe requests (XEP-0060, 6). Finesse's `<notification>` is in it too.
pub const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// Publish-subscribe events (XEP-0060, 7.1.2).
pub const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// Delayed delivery (XEP-0203).
pub const DELAY: &str = "urn:xmpp:delay";
/// Delayed delivery as old servers write it (XEP-0091).
pub const LEGACY_DELAY: &str = "jabber:x:delay";
