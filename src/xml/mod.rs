//! Bounded XML 1.0 with namespaces: what a server sends us becomes a tree, or a typed error, never a panic.
//!
//! [`parse`] reads over quick-xml and adds what quick-xml leaves to its user: caps on size, depth, elements and
//! attributes ([`crate::limits`]), well-formed nesting, namespace scope, and the refusals that RFC 6120 11.1 asks for:
//! no DTD, no processing instructions, no entities beyond the five of XML itself. [`Element::to_xml`] writes.
//!
//! Prefixes never matter to a reader of the tree: an element is its local name and its namespace.

#[path = "../limits.rs"]
pub mod limits;

mod error;
mod reader;
mod tokens;
mod writer;

pub use error::XmlError;
pub use reader::{Wrapped, parse, parse_within, parse_wrapped};
pub use tokens::{Namespace, Token, Tokens, is_blank};
pub use writer::{is_name, write_attribute};

/// One element of a document: local name, namespace, attributes, children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The name without its prefix.
    pub name: String,
    /// The namespace; empty for none.
    pub ns: String,
    /// Attributes in document order, without namespace declarations.
    pub attributes: Vec<Attribute>,
    /// Children in document order. Beside child elements, text that is nothing but white space is layout and is
    /// not kept; two texts never follow each other.
    pub children: Vec<Node>,
}

/// One attribute. Its name keeps its prefix as written (`xml:lang`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name as written.
    pub name: String,
    /// The value, unescaped.
    pub value: String,
}

/// What stands inside an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Text, unescaped.
    Text(String),
}

impl Element {
    /// An empty element.
    #[must_use]
    pub fn new(name: &str, ns: &str) -> Self {
        Self { name: name.into(), ns: ns.into(), ..Self::default() }
    }

    /// With one more attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push(Attribute { name: name.into(), value: value.into() });
        self
    }

    /// With one more child.
    #[must_use]
    pub fn with_child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// With text after what is there; none if `text` is empty.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        self.push_text(text);
        self
    }

    /// The value of an attribute, by its name as written.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// Whether this is the element `name` of the namespace `ns`.
    #[must_use]
    pub fn is(&self, name: &str, ns: &str) -> bool {
        self.name == name && self.ns == ns
    }

    /// The first child element of this name and namespace.
    #[must_use]
    pub fn child(&self, name: &str, ns: &str) -> Option<&Self> {
        self.elements().find(|child| child.is(name, ns))
    }

    /// The child elements, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The child elements themselves, in order.
    pub fn into_elements(self) -> impl Iterator<Item = Self> {
        self.children.into_iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text directly inside, without that of child elements.
    #[must_use]
    pub fn text(&self) -> String {
        let mut texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        let mut all = texts.next().unwrap_or_default().to_owned();
        texts.for_each(|text| all.push_str(text));
        all
    }

    /// Adds text at the end, joined to text that already stands there.
    pub fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.children.last_mut() {
            Some(Node::Text(last)) => last.push_str(text),
            _ => self.children.push(Node::Text(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_found_by_name_and_namespace() {
        let tree = Element::new("a", "one")
            .with_child(Element::new("b", "two").with_text("x"))
            .with_text("y")
            .with_child(Element::new("B", "one"))
            .with_text("z");
        assert_eq!(tree.child("b", "two").map(Element::text).as_deref(), Some("x"));
        assert!(tree.child("b", "one").is_none());
        assert_eq!(tree.text(), "yz");
    }
}
