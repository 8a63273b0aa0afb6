//! What the service writes, byte for byte in Openfire's manner (RFC 6120, RFC 7395).

use crate::ns;
use crate::xml::escape;

/// RFC 7395 3.4: the answer to `<open/>`.
pub(super) fn open(domain: &str, id: &str) -> String {
    format!(r#"<open xmlns="{}" from="{domain}" id="{id}" xml:lang="en" version="1.0"/>"#, ns::FRAMING)
}

/// RFC 7395 3.6.
pub(super) fn close() -> String {
    format!(r#"<close xmlns="{}"/>"#, ns::FRAMING)
}

/// Features; none at all, as Openfire sends them after a refusal, are empty inside.
pub(super) fn features(inner: &str) -> String {
    format!(r#"<stream:features xmlns:stream="{}">{inner}</stream:features>"#, ns::STREAM)
}

/// What is offered before sign-in: `PLAIN` alone.
pub(super) fn mechanisms() -> String {
    format!(r#"<mechanisms xmlns="{}"><mechanism>PLAIN</mechanism></mechanisms>"#, ns::SASL)
}

/// What is offered after it.
pub(super) fn bind_and_session() -> String {
    let (bind, session) = (ns::BIND, ns::SESSION);
    format!(r#"<bind xmlns="{bind}"/><session xmlns="{session}"><optional/></session>"#)
}

pub(super) fn stream_error(condition: &str) -> String {
    format!(
        r#"<stream:error xmlns:stream="{}"><{condition} xmlns="{}"/></stream:error>"#,
        ns::STREAM,
        ns::STREAM_ERRORS
    )
}

pub(super) fn success() -> String {
    format!(r#"<success xmlns="{}"/>"#, ns::SASL)
}

pub(super) fn failure(condition: &str) -> String {
    format!(r#"<failure xmlns="{}"><{condition}/></failure>"#, ns::SASL)
}

/// The presence of `finesse`.
pub(super) fn presence(domain: &str, to: &str, available: bool) -> String {
    let kind = if available { "" } else { r#" type="unavailable""# };
    format!(r#"<presence xmlns="{}"{kind} from="finesse@{domain}/fin" to="{}"/>"#, ns::CLIENT, escape(to))
}

/// The error that a request before sign-in gets: without `from` and `to`, and in a frame without namespace.
pub(super) fn not_signed_in(id: &str, named: bool) -> String {
    let namespace = if named { format!(r#" xmlns="{}""#, ns::CLIENT) } else { String::new() };
    format!(
        r#"<iq{namespace} type="error" id="{}"><error code="401" type="auth"><not-authorized xmlns="{}"/></error></iq>"#,
        escape(id),
        ns::STANZA_ERRORS
    )
}
