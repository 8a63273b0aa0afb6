//! Text becomes a list of tokens: quick-xml finds the markup, this file holds it to the rules. What reads one kind of
//! document only, as Finesse's objects are read, reads from the list; everything else builds a tree of it.

use super::{Element, Node, XmlError, is_name};
use crate::limits;
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// One step through a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// An element begins.
    Open {
        /// Its local name.
        name: Cow<'a, str>,
        /// Its namespace.
        ns: Namespace,
        /// Where its attributes begin among all.
        attributes: u32,
        /// The step after its end.
        end: u32,
    },
    /// Text, unescaped. Two texts never follow each other.
    Text(Cow<'a, str>),
    /// The innermost element ends.
    Close,
}

/// A namespace, as its place in the list of those that were declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespace(u32);

/// A document step by step. One that is broken has the steps before the fault.
#[derive(Clone, Debug, Default)]
pub struct Tokens<'a> {
    list: Vec<Token<'a>>,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
    /// Without the first, which is none.
    namespaces: Vec<Cow<'a, str>>,
    /// Where the elements begin that are open.
    open: Vec<usize>,
}

impl<'a> Tokens<'a> {
    /// Reads a document.
    pub fn read(text: &'a str) -> Result<Self, XmlError> {
        let mut tokenizer = Tokenizer::new(&[]);
        tokenizer.tokens.list.reserve(text.len() / BYTES_PER_TOKEN);
        tokenizer.read(text, None)?;
        Ok(tokenizer.tokens)
    }

    /// All steps.
    pub fn list(&self) -> &[Token<'a>] {
        &self.list
    }

    /// The attributes of an element, but for declarations of namespaces, by where they begin and where those of the next
    /// element do.
    pub fn attributes(&self, at: usize) -> impl Iterator<Item = (&str, &str)> {
        let begin = |token: &Token<'_>| match token {
            Token::Open { attributes, .. } => Some(*attributes as usize),
            _ => None,
        };
        let rest = self.list.get(at..).unwrap_or_default();
        let from = rest.first().and_then(begin).unwrap_or_default();
        let to = rest.iter().skip(1).find_map(begin).unwrap_or(self.attributes.len());
        let range = self.attributes.get(from..to).unwrap_or_default();
        range.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    /// The name of a namespace.
    pub fn namespace(&self, ns: Namespace) -> &str {
        let place = (ns.0 as usize).checked_sub(1);
        place.and_then(|place| self.namespaces.get(place)).map_or("", AsRef::as_ref)
    }

    /// The namespace of the element that begins there.
    #[must_use]
    pub fn namespace_of(&self, at: usize) -> &str {
        match self.list.get(at) {
            Some(Token::Open { ns, .. }) => self.namespace(*ns),
            _ => "",
        }
    }

    /// An element begins that has neither namespace nor attributes.
    pub fn open(&mut self, name: Cow<'a, str>) {
        let attributes = self.count_attributes();
        self.begin(name, Namespace(0), attributes);
    }

    fn begin(&mut self, name: Cow<'a, str>, ns: Namespace, attributes: u32) {
        self.open.push(self.list.len());
        self.list.push(Token::Open { name, ns, attributes, end: 0 });
    }

    /// Text, joined to text that already stands there.
    pub fn text(&mut self, text: Cow<'a, str>) {
        match self.list.last_mut() {
            Some(Token::Text(last)) => last.to_mut().push_str(&text),
            _ => self.list.push(Token::Text(text)),
        }
    }

    /// The innermost element ends.
    pub fn close(&mut self) {
        self.list.push(Token::Close);
        let after = length(self.list.len());
        let begun = self.open.pop().and_then(|at| self.list.get_mut(at));
        if let Some(Token::Open { end, .. }) = begun {
            *end = after;
        }
    }

    fn count_attributes(&self) -> u32 {
        length(self.attributes.len())
    }

    fn count_namespaces(&self) -> Namespace {
        Namespace(length(self.namespaces.len()))
    }
}

/// A length as it is stored: a document is no larger than 16 MB.
#[allow(clippy::cast_possible_truncation)]
const fn length(length: usize) -> u32 {
    length as u32
}

impl Element {
    /// The element step by step, without namespaces.
    pub fn tokens(&self) -> Tokens<'_> {
        let mut tokens = Tokens::default();
        self.add_to(&mut tokens);
        tokens
    }

    fn add_to<'a>(&'a self, tokens: &mut Tokens<'a>) {
        tokens.open(Cow::Borrowed(&self.name));
        let attributes = self.attributes.iter();
        let attributes =
            attributes.map(|attribute| (attribute.name.as_str(), attribute.value.as_str().into()));
        tokens.attributes.extend(attributes);
        for child in &self.children {
            match child {
                Node::Element(element) => element.add_to(tokens),
                Node::Text(text) => tokens.text(text.into()),
            }
        }
        tokens.close();
    }
}

/// A namespace declaration in scope.
struct Declaration<'a> {
    depth: usize,
    prefix: &'a str,
    ns: Namespace,
}

/// The list while it grows.
pub(super) struct Tokenizer<'a> {
    pub(super) tokens: Tokens<'a>,
    /// The names of the elements that are open, as they are written.
    open: Vec<&'a str>,
    scope: Vec<Declaration<'a>>,
    /// Elements of this document, without those that were given away.
    elements: usize,
    begun: bool,
    has_returns: bool,
    /// How many namespaces there were before the child of the root that was begun last.
    namespaces: usize,
    /// A child of the root is complete, which begins there.
    complete: Option<usize>,
}

/// Takes a child of a wrapper, by where it begins.
pub(super) type TakeChild<'t, 'a> = &'t mut dyn FnMut(&Tokens<'a>, usize) -> Result<(), XmlError>;

impl<'a> Tokenizer<'a> {
    /// `declared` are prefixes and namespaces of the element that the document stands in.
    pub(super) fn new(declared: &[(&'a str, &'a str)]) -> Self {
        let mut tokens = Tokens::default();
        let scope = declared.iter().map(|(prefix, ns)| {
            tokens.namespaces.push(Cow::Borrowed(ns));
            Declaration { depth: 0, prefix, ns: tokens.count_namespaces() }
        });
        let scope = scope.collect();
        Self {
            tokens,
            open: Vec::new(),
            scope,
            elements: 0,
            begun: false,
            has_returns: false,
            namespaces: 0,
            complete: None,
        }
    }

    /// Reads the document to its end or to its first fault. Of a wrapper the children of the root are given away one by one,
    /// of which there may be a great many, and each may be as rich as a document.
    pub(super) fn read(
        &mut self,
        text: &'a str,
        mut child: Option<TakeChild<'_, 'a>>,
    ) -> Result<(), XmlError> {
        // Finesse's REST bodies may begin with a line break, and files with a byte order mark.
        let text = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
        if text.is_empty() {
            return Err(XmlError::Empty);
        }
        self.look_through(text)?;
        let mut reader = reader(text);
        // where the reader's text begins in ours
        let mut base = 0;
        let mut first = true;
        loop {
            let at = base + usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let rest = text.get(at..).unwrap_or_default();
            let event =
                if is_reference(rest, 0) { None } else { Some(reader.read_event().map_err(translate)?) };
            let referring = match &event {
                Some(Event::Text(text)) => is_reference(rest, text.len()),
                event => event.is_none(),
            };
            if referring {
                // from here to the next markup, at once
                let raw = rest.split('<').next().unwrap_or(rest);
                self.referring_text(raw)?;
                base = at + raw.len();
                reader = self::reader(text.get(base..).unwrap_or_default());
                continue;
            }
            let Some(event) = event else { continue };
            match event {
                Event::Start(start) => self.open(&start, rest)?,
                Event::Empty(start) => {
                    self.open(&start, rest)?;
                    self.close()?;
                }
                Event::End(end) => {
                    if self.open.last().is_some_and(|open| *open != end.name().as_ref()) {
                        return Err(XmlError::Malformed("the wrong end tag"));
                    }
                    self.close()?;
                }
                Event::Text(text) => self.text(rest.get(..text.len()).unwrap_or_default())?,
                Event::CData(text) => {
                    let from = CDATA.len();
                    self.text(rest.get(from..from + text.len()).unwrap_or_default())?;
                }
                Event::Comment(_) | Event::GeneralRef(_) => {} // references were read above
                Event::Decl(_) if first => {}
                Event::Decl(_) | Event::PI(_) => return Err(XmlError::ProcessingInstruction),
                Event::DocType(_) => return Err(XmlError::Doctype),
                Event::Eof if !self.open.is_empty() => return Err(XmlError::Truncated),
                Event::Eof if !self.begun => return Err(XmlError::Empty),
                Event::Eof => return Ok(()),
            }
            first = false;
            if let Some(at) = self.complete.take()
                && let Some(take) = &mut child
            {
                take(&self.tokens, at)?;
                self.forget(at);
            }
        }
    }

    /// Looks for what no document may have, and whether there are line ends to mend.
    fn look_through(&mut self, text: &str) -> Result<(), XmlError> {
        if is_plain(text) {
            return Ok(());
        }
        self.has_returns = text.contains('\r');
        forbidden_character(text).map_or(Ok(()), |code| Err(XmlError::ForbiddenCharacter { code }))
    }

    /// The child of the root that begins there is dealt with.
    fn forget(&mut self, at: usize) {
        self.elements = 1;
        if let Some(Token::Open { attributes, .. }) = self.tokens.list.get(at) {
            self.tokens.attributes.truncate(*attributes as usize);
        }
        self.tokens.list.truncate(at);
        self.tokens.namespaces.truncate(self.namespaces);
    }

    fn open(&mut self, start: &BytesStart<'_>, rest: &'a str) -> Result<(), XmlError> {
        if self.begun && self.open.is_empty() {
            return Err(XmlError::OutsideRoot);
        }
        self.begun = true;
        self.elements += 1;
        if self.elements > limits::XML_ELEMENTS {
            return Err(XmlError::TooManyElements);
        }
        if self.open.len() >= limits::XML_DEPTH {
            return Err(XmlError::TooDeep);
        }
        let qualified = rest.get(1..1 + start.name().as_ref().len()).unwrap_or_default();
        let (prefix, name) = split(qualified)?;
        let attributes = self.tokens.count_attributes();
        if self.open.len() == 1 {
            self.namespaces = self.tokens.namespaces.len();
        }
        // within the brackets and behind the name
        let inside = rest.get(1 + qualified.len()..1 + start.len()).unwrap_or_default();
        let ns = self.attributes(start, inside).and_then(|()| self.namespace(prefix));
        // of a tag that is broken nothing counts
        let ns = ns.inspect_err(|_| self.tokens.attributes.truncate(attributes as usize))?;
        self.open.push(qualified);
        self.tokens.begin(Cow::Borrowed(name), ns, attributes);
        Ok(())
    }

    /// Takes the declarations of a start tag into scope, and its other attributes into the list.
    fn attributes(&mut self, start: &BytesStart<'_>, inside: &'a str) -> Result<(), XmlError> {
        if inside.is_empty() {
            return Ok(());
        }
        for (count, attribute) in start.attributes().enumerate() {
            if count >= limits::XML_ATTRIBUTES {
                return Err(XmlError::TooManyAttributes);
            }
            let attribute = attribute.map_err(translate_attribute)?;
            let key: &str = attribute.key.as_ref();
            let name = same(inside, key);
            let value = attribute_value(same(inside, &attribute.value))?;
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            let Some(prefix) = prefix else {
                split(name)?;
                self.tokens.attributes.push((name, value));
                continue;
            };
            if value.is_empty() && !prefix.is_empty() {
                return Err(XmlError::Malformed("a prefix declared as no namespace"));
            }
            if value.len() > limits::NAMESPACE_BYTES || self.scope.len() >= limits::XML_NAMESPACES {
                return Err(XmlError::Namespaces);
            }
            self.tokens.namespaces.push(value);
            let ns = self.tokens.count_namespaces();
            self.scope.push(Declaration { depth: self.open.len() + 1, prefix, ns });
        }
        Ok(())
    }

    fn namespace(&self, prefix: &str) -> Result<Namespace, XmlError> {
        let declaration = self.scope.iter().rev().find(|declaration| declaration.prefix == prefix);
        match declaration {
            Some(declaration) => Ok(declaration.ns),
            None if prefix.is_empty() => Ok(Namespace(0)),
            None => Err(XmlError::undeclared_prefix(prefix)),
        }
    }

    /// Text with references.
    fn referring_text(&mut self, raw: &str) -> Result<(), XmlError> {
        if self.open.is_empty() {
            return Err(XmlError::OutsideRoot);
        }
        self.tokens.text(Cow::Owned(unescape(&self.with_line_feeds(raw))?));
        Ok(())
    }

    /// Text without references.
    fn text(&mut self, text: &'a str) -> Result<(), XmlError> {
        if self.open.is_empty() {
            return if is_blank(text) { Ok(()) } else { Err(XmlError::OutsideRoot) };
        }
        self.tokens.text(self.with_line_feeds(text));
        Ok(())
    }

    /// Line ends as XML has them (2.11).
    fn with_line_feeds<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.has_returns {
            return text.into();
        }
        let mut parts = text.split('\r');
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            whole.push('\n');
            whole.push_str(part.strip_prefix('\n').unwrap_or(part));
        }
        whole.into()
    }

    /// Ends the innermost open element.
    fn close(&mut self) -> Result<(), XmlError> {
        let depth = self.open.len();
        while self.scope.last().is_some_and(|declaration| declaration.depth >= depth && declaration.depth > 0)
        {
            self.scope.pop();
        }
        if self.open.pop().is_none() {
            return Err(XmlError::Malformed("an end tag without a start"));
        }
        if depth == 2 {
            self.complete = self.tokens.open.last().copied();
        }
        self.tokens.close();
        Ok(())
    }
}

/// How long a token mostly is, at least.
const BYTES_PER_TOKEN: usize = 8;
const CDATA: &str = "<![CDATA[";

/// A reader that may begin in the middle of a document: whether end tags are the right ones is looked at here.
fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    reader
}

/// Whether a reference begins there.
fn is_reference(text: &str, at: usize) -> bool {
    text.as_bytes().get(at) == Some(&b'&')
}

/// The first character that XML 1.0 does not allow (production 2). U+007F to U+009F are discouraged there, and allowed.
pub(super) fn forbidden_character(text: &str) -> Option<u32> {
    text.chars().find(|character| !is_allowed(*character)).map(u32::from)
}

/// Whether there is certainly nothing to look at in a text: no control character, not even a line break, and none that is
/// forbidden. Of those beyond ASCII only U+FFFE and U+FFFF are, which begin with EF. It is looked through eight bytes at a
/// time.
fn is_plain(text: &str) -> bool {
    let suspicious = |eight: u64| any_below(eight, 0x20) || any_is(eight, 0xEF);
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let mut last = [b' '; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    !eights.iter().chain([&last]).any(|eight| suspicious(u64::from_le_bytes(*eight)))
}

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// Whether one of eight bytes is below this one, which is at most 0x80.
const fn any_below(eight: u64, byte: u8) -> bool {
    eight.wrapping_sub(ONES * byte as u64) & !eight & HIGH != 0
}

/// Whether one of eight bytes is this one.
const fn any_is(eight: u64, byte: u8) -> bool {
    any_below(eight ^ (ONES * byte as u64), 1)
}

/// The characters of XML 1.0 (production 2).
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// A qualified name as prefix (or nothing) and local name.
fn split(qualified: &str) -> Result<(&str, &str), XmlError> {
    if qualified.bytes().all(|byte| byte.is_ascii_alphabetic()) && !qualified.is_empty() {
        return Ok(("", qualified)); // as most are
    }
    let Some((prefix, name)) = qualified.split_once(':') else {
        return if is_name(qualified) { Ok(("", qualified)) } else { Err(NO_NAME) };
    };
    if is_name(prefix) && is_name(name) { Ok((prefix, name)) } else { Err(NO_NAME) }
}

const NO_NAME: XmlError = XmlError::Malformed("a name that is none");

/// Unescapes an attribute's value and normalises its white space (XML 1.0, 3.3.3).
fn attribute_value(raw: &str) -> Result<Cow<'_, str>, XmlError> {
    if !raw.bytes().any(|byte| matches!(byte, b'<' | b'&' | b'\t' | b'\n' | b'\r')) {
        return Ok(Cow::Borrowed(raw)); // as most are
    }
    if raw.contains('<') {
        return Err(XmlError::Malformed("'<' in an attribute"));
    }
    Ok(Cow::Owned(unescape(&raw.replace(['\t', '\n', '\r'], " "))?))
}

/// A text that is part of another one, as borrowed from that one: quick-xml lends out of what it was given.
fn same<'a>(whole: &'a str, part: &str) -> &'a str {
    let at = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
    whole.get(at..at.wrapping_add(part.len())).unwrap_or_default()
}

/// Text with its references resolved. quick-xml would give each as an event of its own, which for the text of a
/// notification takes longer than reading what it holds. References are close together there: to copy what lies between
/// two at once takes longer than byte by byte.
fn unescape(raw: &str) -> Result<String, XmlError> {
    let mut value = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let [byte, after @ ..] = rest {
        if *byte != b'&' {
            value.push(*byte);
            rest = after;
            continue;
        }
        let (character, length) = match after {
            [b'l', b't', b';', ..] => (b'<', 3),
            [b'g', b't', b';', ..] => (b'>', 3),
            [b'a', b'm', b'p', b';', ..] => (b'&', 4),
            _ => {
                let at = raw.len() - after.len();
                let (name, _) = raw.get(at..).and_then(|after| after.split_once(';')).ok_or(NO_SEMICOLON)?;
                value.extend_from_slice(resolve(name)?.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after.get(name.len() + 1..).unwrap_or_default();
                continue;
            }
        };
        value.push(character);
        rest = after.get(length..).unwrap_or_default();
    }
    // characters were taken out whole and put in whole
    String::from_utf8(value).map_err(|_| XmlError::Malformed("no UTF-8"))
}

const NO_SEMICOLON: XmlError = XmlError::Malformed("'&' without ';'");

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

/// Whether there is nothing but white space of XML (production 3).
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn translate(error: Error) -> XmlError {
    match error {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => XmlError::Malformed("unknown markup after '<!'"),
        Error::Syntax(SyntaxError::UnclosedDoctype) => XmlError::Doctype,
        Error::Syntax(_) => XmlError::Truncated,
        Error::IllFormed(IllFormedError::MissingDoctypeName) => XmlError::Doctype,
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
