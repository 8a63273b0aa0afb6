//! A tree becomes text: well-formed whatever the tree's texts hold, with default namespaces only.

use super::{Attribute, Element, Node};

impl Element {
    /// The element as one line of XML, without a prolog. What cannot be written is replaced: a character that XML
    /// forbids becomes U+FFFD; an element or attribute whose name is none (a tree may come from JSON) is left out, and
    /// so is an attribute with a prefix other than `xml:`, since its declaration is gone.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::new();
        write_element(self, "", &mut out);
        out
    }
}

/// Whether `text` can be a local name or a prefix: a name of XML 1.0 (fifth edition, productions 4 and 5) without a
/// colon.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(begins_name) && text.chars().all(|next| begins_name(next) || continues_name(next))
}

fn begins_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn continues_name(character: char) -> bool {
    matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

fn write_element(element: &Element, parent_ns: &str, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    if element.ns != parent_ns {
        write_attribute("xmlns", &element.ns, out);
    }
    for Attribute { name, value } in &element.attributes {
        if is_name(name.strip_prefix("xml:").unwrap_or(name)) {
            write_attribute(name, value, out);
        }
    }
    let mut children = element.children.iter().filter(|node| is_writable(node)).peekable();
    if children.peek().is_none() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for node in children {
        match node {
            Node::Element(child) => write_element(child, &element.ns, out),
            Node::Text(text) => escape(text, false, out),
        }
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

fn is_writable(node: &Node) -> bool {
    match node {
        Node::Element(element) => is_name(&element.name),
        Node::Text(_) => true,
    }
}

/// Writes an attribute after what is there, with a space before it; the name must be one.
pub fn write_attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, true, out);
    out.push('"');
}

/// Escapes what a reader would otherwise take for markup or normalise away (line breaks: XML 1.0, 2.11 and 3.3.3).
fn escape(text: &str, in_attribute: bool, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' if in_attribute => out.push_str("&#10;"),
            '\t' if in_attribute => out.push_str("&#9;"),
            _ if super::tokens::is_allowed(character) => out.push(character),
            _ => out.push('\u{FFFD}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_declared_where_they_change() {
        let tree = Element::new("iq", "jabber:client")
            .with_attribute("id", "a\"b")
            .with_child(Element::new("ping", "urn:xmpp:ping"))
            .with_child(Element::new("error", "jabber:client").with_text("1 < 2 & 3"));
        assert_eq!(
            tree.to_xml(),
            "<iq xmlns=\"jabber:client\" id=\"a&quot;b\"><ping xmlns=\"urn:xmpp:ping\"/>\
             <error>1 &lt; 2 &amp; 3</error></iq>"
        );
    }

    #[test]
    fn what_xml_forbids_is_replaced() {
        assert_eq!(Element::new("a", "").with_text("x\0y\u{FFFF}").to_xml(), "<a>x\u{FFFD}y\u{FFFD}</a>");
    }

    #[test]
    fn what_has_no_name_is_left_out() {
        let tree = Element::new("a", "").with_attribute("b c", "1").with_attribute("x:d", "2");
        let tree = tree.with_attribute("xml:lang", "en").with_child(Element::new("e>", ""));
        assert_eq!(tree.to_xml(), "<a xml:lang=\"en\"/>");
    }

    #[test]
    fn names_are_told_from_other_text() {
        for (text, expected) in [
            ("user", true),
            ("_1", true),
            ("Ärzte", true),
            ("", false),
            ("1a", false),
            ("a b", false),
            ("a:b", false),
        ] {
            assert_eq!(is_name(text), expected, "{text}");
        }
    }
}
