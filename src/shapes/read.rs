//! Documents become objects, as their shapes say: in any order and letter case of their elements. Of several elements of one
//! name the first counts. What is not known, or not understood, is kept as plain data in `extra`.

use super::object::{Document, Object, Slot, length};
use super::{Kind, Shape, Words, is_same_word};
use crate::limits;
use crate::xml::{Token, Tokens, is_blank};
use std::borrow::Cow;
use std::sync::Arc;

/// Reads one document.
pub struct Reading<'t, 'a> {
    tokens: &'t Tokens<'a>,
    document: Document,
    /// Items of lists that are being read, those of the innermost last.
    items: Vec<Slot>,
    /// What stands in lists beside their items, by the list's name, those of the innermost object last.
    strangers: Vec<Entry<'t>>,
}

/// How far it had come.
struct Mark {
    slots: usize,
    text: usize,
    items: usize,
    strangers: usize,
}

/// A name and a value of a map.
type Entry<'t> = (Cow<'t, str>, Slot);

impl<'t, 'a> Reading<'t, 'a> {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(tokens: &'t Tokens<'a>) -> Self {
        Self { tokens, document: Document::default(), items: Vec::new(), strangers: Vec::new() }
    }

    fn mark(&self) -> Mark {
        let (slots, text) = (self.document.slots.len(), self.document.text.len());
        Mark { slots, text, items: self.items.len(), strangers: self.strangers.len() }
    }

    /// Forgets what was read since then.
    fn back_to(&mut self, mark: &Mark) {
        self.document.slots.truncate(mark.slots);
        self.document.text.truncate(mark.text);
        self.items.truncate(mark.items);
        self.strangers.truncate(mark.strangers);
    }

    /// What was read, to be shared by these values.
    pub fn finish(self) -> Finished {
        Finished(Arc::new(self.document))
    }

    /// What was read so far, to add to.
    pub fn document(&mut self) -> &mut Document {
        &mut self.document
    }

    /// The name of the element that begins here.
    pub fn name(&self, at: usize) -> Option<&'t str> {
        match self.tokens.list().get(at)? {
            Token::Open { name, .. } => Some(name),
            _ => None,
        }
    }

    /// What follows the element that begins here.
    pub fn after(&self, at: usize) -> usize {
        match self.tokens.list().get(at) {
            Some(Token::Open { end, .. }) => (*end as usize).max(at + 1),
            _ => at + 1,
        }
    }

    /// Where the child elements of the element begin that begins here.
    pub fn children(&self, at: usize) -> Vec<usize> {
        let mut children = Vec::new();
        let mut at = at + 1;
        loop {
            match self.tokens.list().get(at) {
                Some(Token::Open { .. }) => {
                    children.push(at);
                    at = self.after(at);
                }
                Some(Token::Text(_)) => at += 1,
                Some(Token::Close) | None => return children,
            }
        }
    }

    /// The text of an element that has nothing but text.
    pub fn text(&self, at: usize) -> Option<&'t str> {
        match self.tokens.list().get(at + 1..)? {
            [Token::Text(text), Token::Close, ..] => Some(text),
            [Token::Close, ..] => Some(""),
            _ => None,
        }
    }

    /// The text directly inside an element, without that of its children; white space beside children is layout.
    fn own_text(&self, at: usize, mixed: bool) -> Cow<'t, str> {
        let mut text = Cow::Borrowed("");
        let (mut next, end) = (at + 1, self.after(at));
        while next < end {
            match self.tokens.list().get(next) {
                Some(Token::Text(piece)) if mixed && is_blank(piece) => {}
                Some(Token::Text(piece)) if text.is_empty() => text = Cow::Borrowed(piece.as_ref()),
                Some(Token::Text(piece)) => text.to_mut().push_str(piece),
                _ => {}
            }
            next = self.after(next);
        }
        text
    }

    /// Whether there is no text directly inside an element but white space.
    pub fn is_blank(&self, at: usize) -> bool {
        self.own_text(at, true).is_empty()
    }

    /// An object. Nothing if the element has text and no children: no object.
    pub fn object(&mut self, shape: &'static Shape, at: usize) -> Option<Slot> {
        if self.document.slots.is_empty() {
            // a field is three steps, and mostly a short text
            let steps = self.tokens.list().len();
            self.document.slots.reserve(steps / 2 + shape.fields.len());
            self.document.text.reserve(steps * 4);
        }
        let (base, strangers) = (self.document.slots.len(), self.strangers.len());
        self.document.slots.resize(base + shape.fields.len() + 1, Slot::Absent);
        let mut others = Vec::new();
        let mut next = 0;
        let (mut at, mut mixed, mut spoken) = (at + 1, false, false);
        loop {
            match self.tokens.list().get(at) {
                Some(Token::Open { name, .. }) => {
                    mixed = true;
                    let end = self.after(at);
                    match self.field(shape, base, next, name, at) {
                        Some(place) => next = place + 1,
                        None => others.push(at),
                    }
                    at = end;
                }
                Some(Token::Text(text)) => {
                    spoken |= !is_blank(text);
                    at += 1;
                }
                Some(Token::Close) | None => break,
            }
        }
        if spoken && !mixed {
            self.document.slots.truncate(base);
            return None;
        }
        self.fill(shape, base);
        if !others.is_empty() || self.strangers.len() > strangers {
            let mut entries = self.named(others);
            entries.extend(self.strangers.drain(strangers..));
            let extra = self.map(entries);
            self.document.set(length(base + shape.fields.len()), extra);
        }
        Some(Slot::Object(shape, length(base)))
    }

    /// Reads a child into its field, and gives the field's place. Fields mostly come in the order of the shape.
    fn field(
        &mut self,
        shape: &'static Shape,
        base: usize,
        next: usize,
        name: &str,
        at: usize,
    ) -> Option<usize> {
        let is = |field: &super::Field| is_same_word(field.name, name);
        let place = match shape.fields.get(next) {
            Some(field) if field.name == name => next,
            _ => shape.fields.iter().position(is)?,
        };
        let kind = shape.fields.get(place)?.kind;
        if !matches!(self.document.slots.get(base + place), Some(Slot::Absent)) {
            return None;
        }
        let before = self.mark();
        let Some(value) = self.value(kind, at) else {
            self.back_to(&before);
            return None;
        };
        self.document.set(length(base + place), value);
        Some(place)
    }

    /// What stands for a field that is absent.
    fn fill(&mut self, shape: &'static Shape, base: usize) {
        for (place, field) in shape.fields.iter().enumerate() {
            let empty = match field.kind {
                Kind::Name | Kind::Word(_) => self.document.add_text(""),
                Kind::Objects(_) | Kind::Choices(_) => Slot::List(0, 0),
                _ => continue,
            };
            if let Some(slot @ Slot::Absent) = self.document.slots.get_mut(base + place) {
                *slot = empty;
            }
        }
    }

    fn value(&mut self, kind: Kind, at: usize) -> Option<Slot> {
        Some(match kind {
            Kind::Text => {
                let text = self.text(at)?;
                self.document.add_text(text)
            }
            Kind::Name => match self.text(at)? {
                "" => Slot::Absent,
                text => self.document.add_text(text),
            },
            Kind::Number => match self.text(at)?.trim() {
                "" => Slot::Absent,
                text => Slot::Number(text.parse().ok().filter(|number: &i64| number.unsigned_abs() < EXACT)?),
            },
            Kind::Flag => match self.text(at)?.trim() {
                "" => Slot::Absent,
                text if is_same_word(text, "true") => Slot::Flag(true),
                text if is_same_word(text, "false") => Slot::Flag(false),
                _ => return None,
            },
            Kind::Word(_) if self.text(at)?.trim().is_empty() => Slot::Absent,
            Kind::Word(words) | Kind::Choice(words) => self.word(words, at)?,
            Kind::Object(shape) => self.object(shape, at)?,
            Kind::Objects(shape) => self.list(shape.element, at, |reading, at| reading.object(shape, at))?,
            Kind::Choices(words) => self.list(words.item, at, |reading, at| reading.word(words, at))?,
            Kind::Any => self.tree(at),
        })
    }

    fn word(&mut self, words: &Words, at: usize) -> Option<Slot> {
        let text = self.text(at)?;
        Some(self.document.add_text(words.spell(text)))
    }

    /// An element around items of one name. With text in it, or nothing but strangers, it is not understood; strangers beside
    /// items, and items past the cap, are kept in what the object has beside its fields. An empty one is absent.
    fn list(
        &mut self,
        item: &str,
        at: usize,
        read: impl Fn(&mut Self, usize) -> Option<Slot>,
    ) -> Option<Slot> {
        let (begin, list) = (self.items.len(), at);
        let mut others = Vec::new();
        let mut at = at + 1;
        loop {
            match self.tokens.list().get(at) {
                Some(Token::Open { name, .. }) => {
                    let before = self.mark();
                    let known = is_same_word(name, item) && before.items - begin < limits::LIST_OBJECTS;
                    match known.then(|| read(self, at)).flatten() {
                        Some(slot) => self.items.push(slot),
                        None => {
                            self.back_to(&before);
                            others.push(at);
                        }
                    }
                    at = self.after(at);
                }
                Some(Token::Text(text)) if is_blank(text) => at += 1,
                Some(Token::Text(_)) => return None,
                Some(Token::Close) | None => break,
            }
        }
        if self.items.len() == begin {
            return others.is_empty().then_some(Slot::Absent);
        }
        if !others.is_empty() {
            let entries = self.named(others);
            let strangers = self.map(entries);
            self.strangers.push((Cow::Borrowed(self.name(list).unwrap_or_default()), strangers));
        }
        let (from, count) = self.document.add_run(self.items.drain(begin..));
        Some(Slot::List(from, count))
    }

    /// An element as plain data: with nothing but text it is a string, any other a map by the names of its children; a child
    /// that comes more than once is a list. An attribute is a member `@name`, text beside children or attributes the member
    /// `#text`.
    pub fn tree(&mut self, at: usize) -> Slot {
        let children = self.children(at);
        let text = self.own_text(at, !children.is_empty());
        let mut entries: Vec<Entry<'t>> = Vec::new();
        for (name, value) in self.tokens.attributes(at) {
            entries.push((Cow::Owned(String::from_iter(["@", name])), self.document.add_text(value)));
        }
        if entries.is_empty() && children.is_empty() {
            return self.document.add_text(&text);
        }
        if !text.is_empty() {
            entries.push((Cow::Borrowed("#text"), self.document.add_text(&text)));
        }
        entries.append(&mut self.named(children));
        self.map(entries)
    }

    /// Elements as plain data, by their names.
    fn named(&mut self, elements: Vec<usize>) -> Vec<Entry<'t>> {
        let entry = |at| (Cow::Borrowed(self.name(at).unwrap_or_default()), self.tree(at));
        elements.into_iter().map(entry).collect()
    }

    /// Values by name. Names beyond the cap are left out, since each is sorted in.
    pub fn map(&mut self, entries: Vec<Entry<'t>>) -> Slot {
        let mut members: Vec<(Cow<'t, str>, Vec<Slot>)> = Vec::new();
        for (name, value) in entries {
            match members.binary_search_by(|(known, _)| known.cmp(&name)) {
                Ok(place) => members.get_mut(place).into_iter().for_each(|(_, values)| values.push(value)),
                Err(place) if members.len() < limits::TREE_MEMBERS => {
                    members.insert(place, (name, vec![value]))
                }
                Err(_) => {}
            }
        }
        let mut run = Vec::with_capacity(2 * members.len());
        for (name, values) in members {
            run.push(self.document.add_text(&name));
            run.push(match values.as_slice() {
                [only] => *only,
                _ => {
                    let (from, count) = self.document.add_run(values);
                    Slot::List(from, count)
                }
            });
        }
        let (from, count) = self.document.add_run(run);
        Slot::Map(from, count / 2)
    }
}

/// JavaScript's numbers are exact below it.
const EXACT: u64 = 1 << 53;

/// A document that was read.
pub struct Finished(Arc<Document>);

impl Finished {
    /// One of its values.
    pub fn object(&self, slot: Slot) -> Object {
        Object::new(&self.0, slot)
    }
}
