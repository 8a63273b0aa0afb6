//! Reading what clients send, writing what they get. Not the codec of the client under test, on purpose.

use std::fmt::Write;

use roxmltree::{Document, Node, ParsingOptions};

/// Reads a frame or a body; `None` for what is not XML or has a DOCTYPE.
pub(crate) fn read(text: &str) -> Option<Document<'_>> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 100_000, ..ParsingOptions::default() };
    Document::parse_with_options(text.trim(), options).ok()
}

/// The first child that is an element.
pub(crate) fn first<'a, 'input>(node: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    node.children().find(Node::is_element)
}

/// The first child of this name, in whatever namespace.
pub(crate) fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// The trimmed text of the first child of this name.
pub(crate) fn child_text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name).and_then(|child| child.text()).map(str::trim).filter(|text| !text.is_empty())
}

/// Text as content or attribute value.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

/// Appends `<name>text</name>`.
pub(crate) fn field(out: &mut String, name: &str, text: &str) {
    // Writing into a String cannot fail.
    let _ = write!(out, "<{name}>{}</{name}>", escape(text));
}

/// Milliseconds since 1970 as `2024-05-05T07:34:07.188Z`.
pub(crate) fn stamp(ms: u64) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for days after 1970.
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_utc() {
        assert_eq!(stamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(stamp(1_651_736_047_188), "2022-05-05T07:34:07.188Z");
        assert_eq!(stamp(1_709_164_800_000), "2024-02-29T00:00:00.000Z");
    }

    #[test]
    fn deep_documents_do_not_overflow_the_stack() {
        let deep = "<a>".repeat(90_000) + &"</a>".repeat(90_000);
        assert!(read(&deep).is_some());
        assert!(read("<!DOCTYPE a><a/>").is_none());
    }
}
