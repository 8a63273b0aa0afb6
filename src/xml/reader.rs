//! Text becomes a tree: quick-xml finds the markup, this file holds it to the rules.

use super::{Attribute, Element, Node, XmlError, is_name};
use crate::limits;
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesStart, Event};

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
    let mut builder = Builder::new(declared, None);
    read(text, &mut builder)?;
    builder.finish()
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
    let mut builder = Builder::new(declared, Some(Vec::new()));
    let forbidden = text.char_indices().find(|(_, character)| !is_allowed(*character));
    let readable = forbidden.and_then(|(at, _)| text.get(..at)).unwrap_or(text);
    let broken = read(readable, &mut builder).err();
    let broken =
        forbidden.map(|(_, character)| XmlError::ForbiddenCharacter { code: character.into() }).or(broken);
    let children = builder.children.take().unwrap_or_default();
    let started = (!builder.open.is_empty()).then(|| builder.open.swap_remove(0));
    match (builder.root.or(started), broken) {
        (Some(root), broken) => Ok(Wrapped { root, children, broken }),
        (None, broken) => Err(broken.unwrap_or(XmlError::Empty)),
    }
}

fn read(text: &str, builder: &mut Builder) -> Result<(), XmlError> {
    // Finesse's REST bodies may begin with a line break, and files with a byte order mark.
    let text = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    if text.is_empty() {
        return Err(XmlError::Empty);
    }
    if let Some(forbidden) = text.chars().find(|character| !is_allowed(*character)) {
        return Err(XmlError::ForbiddenCharacter { code: forbidden.into() });
    }
    let mut reader = Reader::from_str(text);
    let mut first = true;
    loop {
        match reader.read_event().map_err(translate)? {
            Event::Start(start) => builder.open(&start)?,
            Event::Empty(start) => {
                builder.open(&start)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::CData(text) => builder.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = resolve(&reference)?;
                builder.text(character.encode_utf8(&mut [0; 4]))?;
            }
            Event::Comment(_) => {}
            Event::Decl(_) if first => {}
            Event::Decl(_) | Event::PI(_) => return Err(XmlError::ProcessingInstruction),
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Eof if builder.open.is_empty() => return Ok(()),
            Event::Eof => return Err(XmlError::Truncated),
        }
        first = false;
    }
}

/// The characters of XML 1.0 (production 2). U+007F to U+009F are discouraged there, and allowed.
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// A namespace declaration in scope.
struct Declaration {
    depth: usize,
    prefix: String,
    ns: String,
}

/// The tree while it grows.
struct Builder {
    open: Vec<Element>,
    scope: Vec<Declaration>,
    elements: usize,
    root: Option<Element>,
    /// The root's child elements, where they are kept apart from it.
    children: Option<Vec<Element>>,
}

impl Builder {
    fn new(declared: &[(&str, &str)], children: Option<Vec<Element>>) -> Self {
        let outer =
            |&(prefix, ns): &(&str, &str)| Declaration { depth: 0, prefix: prefix.into(), ns: ns.into() };
        let scope = declared.iter().map(outer).collect();
        Self { open: Vec::new(), scope, elements: 0, root: None, children }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.root.is_some() {
            return Err(XmlError::OutsideRoot);
        }
        self.elements += 1;
        if self.elements > limits::XML_ELEMENTS {
            return Err(XmlError::TooManyElements);
        }
        if self.open.len() >= limits::XML_DEPTH {
            return Err(XmlError::TooDeep);
        }
        let qualified = start.name();
        let (prefix, name) = split(qualified.as_ref())?;
        let attributes = self.attributes(start)?;
        let ns = self.namespace(prefix)?.to_owned();
        self.open.push(Element { name: name.into(), ns, attributes, children: Vec::new() });
        Ok(())
    }

    /// Takes the declarations of a start tag into scope, and gives its other attributes.
    fn attributes(&mut self, start: &BytesStart<'_>) -> Result<Vec<Attribute>, XmlError> {
        let mut attributes = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count >= limits::XML_ATTRIBUTES {
                return Err(XmlError::TooManyAttributes);
            }
            let attribute = attribute.map_err(translate_attribute)?;
            let name: &str = attribute.key.as_ref();
            let value = attribute_value(&attribute.value)?;
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            if let Some(prefix) = prefix {
                if value.is_empty() && !prefix.is_empty() {
                    return Err(XmlError::Malformed("a prefix declared as no namespace"));
                }
                self.scope.push(Declaration { depth: self.open.len() + 1, prefix: prefix.into(), ns: value });
            } else {
                split(name)?;
                attributes.push(Attribute { name: name.into(), value });
            }
        }
        Ok(attributes)
    }

    fn namespace(&self, prefix: &str) -> Result<&str, XmlError> {
        let declaration = self.scope.iter().rev().find(|declaration| declaration.prefix == prefix);
        match declaration {
            Some(declaration) => Ok(&declaration.ns),
            None if prefix.is_empty() => Ok(""),
            None => Err(XmlError::undeclared_prefix(prefix)),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.push_text(text),
            None if is_blank(text) => {}
            None => return Err(XmlError::OutsideRoot),
        }
        Ok(())
    }

    /// Ends the innermost open element. That the end tag bears its name is quick-xml's to check.
    fn close(&mut self) -> Result<(), XmlError> {
        let depth = self.open.len();
        while self.scope.last().is_some_and(|declaration| declaration.depth >= depth && declaration.depth > 0)
        {
            self.scope.pop();
        }
        let Some(mut element) = self.open.pop() else {
            return Err(XmlError::Malformed("an end tag without a start"));
        };
        if element.children.len() > 1 {
            element.children.retain(|node| !matches!(node, Node::Text(text) if is_blank(text)));
        }
        match (self.open.as_mut_slice(), &mut self.children) {
            ([], _) => self.root = Some(element),
            ([_], Some(children)) => {
                self.elements = 1;
                children.push(element);
            }
            ([.., parent], _) => parent.children.push(Node::Element(element)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        self.root.ok_or(XmlError::Empty)
    }
}

/// A qualified name as prefix (or nothing) and local name.
fn split(qualified: &str) -> Result<(&str, &str), XmlError> {
    let Some((prefix, name)) = qualified.split_once(':') else {
        return if is_name(qualified) { Ok(("", qualified)) } else { Err(NO_NAME) };
    };
    if is_name(prefix) && is_name(name) { Ok((prefix, name)) } else { Err(NO_NAME) }
}

const NO_NAME: XmlError = XmlError::Malformed("a name that is none");

/// Unescapes an attribute's value and normalises its white space (XML 1.0, 3.3.3).
fn attribute_value(raw: &str) -> Result<String, XmlError> {
    if raw.bytes().any(|byte| byte == b'<') {
        return Err(XmlError::Malformed("'<' in an attribute"));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        push_normalised(before, &mut value);
        let (name, after) = after.split_once(';').ok_or(XmlError::Malformed("'&' without ';'"))?;
        value.push(resolve(name)?);
        rest = after;
    }
    push_normalised(rest, &mut value);
    Ok(value)
}

fn push_normalised(text: &str, value: &mut String) {
    let text =
        text.chars().map(|character| if matches!(character, '\t' | '\n' | '\r') { ' ' } else { character });
    value.extend(text);
}

/// The character that a reference stands for, by what is between `&` and `;`.
fn resolve(name: &str) -> Result<char, XmlError> {
    match name {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else { return Err(XmlError::unknown_entity(name)) };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // from_str_radix would take a sign.
    if !digits.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return Err(XmlError::unknown_entity(name));
    }
    let code = u32::from_str_radix(digits, radix).map_err(|_| XmlError::unknown_entity(name))?;
    char::from_u32(code)
        .filter(|character| is_allowed(*character))
        .ok_or(XmlError::ForbiddenCharacter { code })
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn translate(error: Error) -> XmlError {
    match error {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => XmlError::Malformed("unknown markup after '<!'"),
        Error::Syntax(SyntaxError::UnclosedDoctype) => XmlError::Doctype,
        Error::Syntax(_) => XmlError::Truncated,
        Error::IllFormed(IllFormedError::MissingDoctypeName) => XmlError::Doctype,
        Error::IllFormed(IllFormedError::MissingEndTag(_)) => XmlError::Truncated,
        Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => {
            XmlError::Malformed("an end tag without a start")
        }
        Error::IllFormed(IllFormedError::MismatchedEndTag { .. }) => XmlError::Malformed("the wrong end tag"),
        Error::IllFormed(IllFormedError::UnclosedReference) => XmlError::Malformed("'&' without ';'"),
        Error::InvalidAttr(error) => translate_attribute(error),
        _ => XmlError::Malformed("no XML"),
    }
}

fn translate_attribute(error: AttrError) -> XmlError {
    match error {
        AttrError::Duplicated(..) => XmlError::DuplicateAttribute,
        _ => XmlError::Malformed("an attribute without a quoted value"),
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
        let many = ["<w>", &"<a/>".repeat(limits::XML_ELEMENTS + 1), "</w>"].concat();
        assert_eq!(parse_wrapped(&many, &[]).unwrap().broken, None);
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
