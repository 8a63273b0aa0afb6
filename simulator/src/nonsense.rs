//! Frames that no good server sends (the faults `garbage` and `oversized`).

use crate::control::Garbage;
use crate::documents;
use crate::ns;
use crate::xml::escape;

/// The size of an oversized frame.
const OVERSIZED: usize = 10_000_000;

/// A frame of this kind for an agent of this domain; none for the kinds that are not frames.
pub(crate) fn frame(kind: Garbage, domain: &str, id: &str) -> Option<String> {
    let user = format!("/finesse/api/User/{id}");
    Some(match kind {
        Garbage::HalfStanza => {
            let whole = notification(domain, id, &user, "<Update><event>PUT</event></Update>");
            whole.chars().take(whole.chars().count() / 2).collect()
        }
        Garbage::Doctype => format!(
            r#"<!DOCTYPE message [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><message xmlns="{}" from="pubsub.{domain}"><body>&b;</body></message>"#,
            ns::CLIENT
        ),
        Garbage::Nested => format!(
            r#"<message xmlns="{}" from="pubsub.{domain}">{}{}</message>"#,
            ns::CLIENT,
            "<a>".repeat(10_000),
            "</a>".repeat(10_000)
        ),
        Garbage::Nul => {
            format!(
                "<message xmlns=\"{}\" from=\"pubsub.{domain}\"><body>a\u{0}b</body></message>",
                ns::CLIENT
            )
        }
        Garbage::NotXml => "HTTP/1.1 502 Bad Gateway".into(),
        Garbage::UnknownObject => {
            let data = "<Weather><id>1</id><forecast>rain</forecast></Weather>";
            notification(domain, id, &user, &documents::update("PUT", "/finesse/api/Weather/1", "", data))
        }
        Garbage::BadUpdate => notification(domain, id, &user, "<Update><event>PUT</event><data><user>"),
        Garbage::Html | Garbage::ForeignHost => return None,
    })
}

/// A good stanza of a bad size.
pub(crate) fn oversized(domain: &str, id: &str) -> String {
    let user = format!("/finesse/api/User/{id}");
    let data = "<user><extension>9</extension></user>";
    let small = notification(domain, id, &user, &documents::update("PUT", &user, "", data));
    // Blown up afterwards: escaping it all would take longer than the rest of the world.
    small.replacen(";9&", &format!(";{}&", "9".repeat(OVERSIZED)), 1)
}

fn notification(domain: &str, id: &str, node: &str, payload: &str) -> String {
    format!(
        r#"<message xmlns="{}" from="pubsub.{domain}" to="{id}@{domain}" id="{node}__{id}@{domain}__x"><event xmlns="{}"><items node="{node}"><item id="x"><notification xmlns="{}">{}</notification></item></items></event></message>"#,
        ns::CLIENT,
        ns::PUBSUB_EVENT,
        ns::PUBSUB,
        escape(payload)
    )
}
