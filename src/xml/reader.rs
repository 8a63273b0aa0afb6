//! A list of tokens becomes a tree.

use super::tokens::{Token, Tokenizer, Tokens, forbidden_character, is_blank};
use super::{Attribute, Element, Node, XmlError};
use crate::limits;

/// Reads one document.
///
/// # Errors
///
/// Whatever [`XmlError`] names: malformed, beyond a cap, or using what RFC 6120 11.1 forbids.
pub fn parse(text: &str) -> Result<Element, XmlError> {
    parse_within(text, &[])
}

/// Reads one document as if it stood inside an element that declares these prefixes (the empty prefix is the default
/// namespace).
///
/// # Errors
///
/// As [`parse`].
pub fn parse_within(text: &str, declared: &[(&str, &str)]) -> Result<Element, XmlError> {
    if text.len() > limits::FRAME_BYTES {
        return Err(XmlError::TooLarge { bytes: text.len() });
    }
    let mut tokenizer = Tokenizer::new(declared);
    tokenizer.read(text, None)?;
    let mut builder = Builder::default();
    builder.build(&tokenizer.tokens, 0);
    builder.root.ok_or(XmlError::Empty)
}

/// A document that wraps others.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// The root, without its child elements.
    pub root: Element,
    /// The root's child elements. Each may be as rich as a document of its own.
    pub children: Vec<Element>,
    /// Why what follows these children could not be read.
    pub broken: Option<XmlError>,
}

/// Reads a document whose child elements are documents of their own: what stands before a fault is not lost to it.
/// Its size is the caller's to limit.
///
/// # Errors
///
/// As [`parse`], where not even the root's start tag could be read.
pub fn parse_wrapped(text: &str, declared: &[(&str, &str)]) -> Result<Wrapped, XmlError> {
    let forbidden = forbidden_character(text);
    let at = forbidden.and_then(|code| text.find(char::from_u32(code)?));
    let readable = at.and_then(|at| text.get(..at)).unwrap_or(text);
    let mut tokenizer = Tokenizer::new(declared);
    let mut children = Vec::new();
    let mut take = |tokens: &Tokens<'_>, at: usize| {
        if children.len() >= limits::QUEUE {
            return Err(XmlError::TooManyElements);
        }
        let mut builder = Builder::default();
        builder.build(tokens, at);
        children.extend(builder.root);
        Ok(())
    };
    let broken = tokenizer.read(readable, Some(&mut take)).err();
    let broken = forbidden.map(|code| XmlError::ForbiddenCharacter { code }).or(broken);
    let mut builder = Builder::default();
    builder.build(&tokenizer.tokens, 0);
    let started = (!builder.open.is_empty()).then(|| builder.open.swap_remove(0));
    match (builder.root.or(started), broken) {
        (Some(root), broken) => Ok(Wrapped { root, children, broken }),
        (None, broken) => Err(broken.unwrap_or(XmlError::Empty)),
    }
}

/// The tree while it grows.
#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
}

impl Builder {
    /// What begins there, to its end.
    fn build(&mut self, tokens: &Tokens<'_>, from: usize) {
        for (at, token) in tokens.list().iter().enumerate().skip(from) {
            match token {
                Token::Open { name, ns, .. } => {
                    let attributes = tokens.attributes(at);
                    let attributes =
                        attributes.map(|(name, value)| Attribute { name: name.into(), value: value.into() });
                    let attributes = attributes.collect();
                    let ns = tokens.namespace(*ns).to_owned();
                    self.open.push(Element {
                        name: name.clone().into_owned(),
                        ns,
                        attributes,
                        children: Vec::new(),
                    });
                }
                Token::Text(text) => {
                    if let Some(element) = self.open.last_mut() {
                        element.push_text(text);
                    }
                }
                Token::Close => self.close(),
            }
        }
    }

    fn close(&mut self) {
        let Some(mut element) = self.open.pop() else { return };
        if element.children.len() > 1 {
            element.children.retain(|node| !matches!(node, Node::Text(text) if is_blank(text)));
        }
        match self.open.as_mut_slice() {
            [] => self.root = Some(element),
            [.., parent] => parent.children.push(Node::Element(element)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_do_not_matter_and_namespaces_do() {
        let plain = parse("<f xmlns='urn:f'><m xmlns='urn:m' k='v'>x</m></f>");
        assert_eq!(plain, parse("<a:f xmlns:a='urn:f' xmlns:b='urn:m'><b:m k='v'>x</b:m></a:f>"));
        assert_eq!(plain, parse("<a:f xmlns:a='urn:f'><a:m xmlns:a='urn:m' k='v'>x</a:m></a:f>"));
        assert_ne!(plain, parse("<f xmlns='urn:f'><m k='v'>x</m></f>"));
    }

    #[test]
    fn a_declaration_ends_with_its_element() {
        let text = "<a><b xmlns:p='urn:p'><p:c/></b><p:d/></a>";
        assert_eq!(parse(text), Err(XmlError::UndeclaredPrefix("p".into())));
        assert!(parse_within(text, &[("p", "urn:outer")]).is_ok());
    }

    #[test]
    fn what_stands_before_a_fault_is_not_lost_to_it() {
        let wrapped = parse_wrapped("<w k='v'>\n<a><b/></a><c/></w>", &[]).unwrap();
        let names: Vec<_> = wrapped.children.iter().map(|child| child.name.as_str()).collect();
        assert_eq!((names, wrapped.root.attribute("k")), (vec!["a", "c"], Some("v")));
        assert_eq!(wrapped.broken, None);
        let broken = parse_wrapped("<w><a/><b></w>", &[]).unwrap();
        assert_eq!((broken.root.name.as_str(), broken.children.len()), ("w", 1));
        assert_eq!(broken.broken, Some(XmlError::Malformed("the wrong end tag")));
        let forbidden = parse_wrapped("<w><a/><b>\u{1}</b></w>", &[]).unwrap();
        assert_eq!(
            (forbidden.children.len(), forbidden.broken),
            (1, Some(XmlError::ForbiddenCharacter { code: 1 }))
        );
        assert_eq!(parse_wrapped("no", &[]), Err(XmlError::OutsideRoot));
        for tag in ["<b type='x' bad/>", "<p:b type='x'/>", "<b type='x' type='y'/>"] {
            let orphans = parse_wrapped(&format!("<w><a k='v'/>{tag}</w>"), &[]).unwrap();
            assert_eq!(
                (orphans.children[0].attributes.len(), orphans.root.attributes.len()),
                (1, 0),
                "{tag}"
            );
            let alone = parse_wrapped(&format!("<w>{tag}</w>"), &[]).unwrap();
            assert!(alone.root.attributes.is_empty() && alone.children.is_empty(), "{tag}");
        }
        let namespaces = parse_wrapped("<w xmlns:p='u'><p:a xmlns='v'><c/></p:a><p:b/></w>", &[]).unwrap();
        assert_eq!((namespaces.children[0].ns.as_str(), namespaces.children[1].ns.as_str()), ("u", "u"));
        assert!(namespaces.children[0].child("c", "v").is_some());
        let many = ["<w>", &"<a><b/><b/><b/><b/><b/></a>".repeat(limits::QUEUE), "</w>"].concat();
        assert_eq!(parse_wrapped(&many, &[]).unwrap().broken, None);
    }

    #[test]
    fn text_in_pieces_is_one_text() {
        let tree = parse("<a>x<![CDATA[ ]]>y<!-- c --> &#65; <b/>\u{a0}</a>").unwrap();
        assert_eq!(tree.text(), "x y A \u{a0}");
    }

    #[test]
    fn text_is_unescaped_and_layout_dropped() {
        let tree = parse(
            "\n<?xml version='1.0'?>\n<a>\n <b>&lt;x&gt; &#65;&#x42;<![CDATA[<&>]]> </b><!-- c -->\n</a>\n",
        );
        let expected = Element::new("a", "").with_child(Element::new("b", "").with_text("<x> AB<&> "));
        assert_eq!(tree, Ok(expected));
    }
}
