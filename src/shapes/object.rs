//! Finesse's objects as they are kept: all texts of a document in one string, and what they are in one list. An object
//! costs two allocations however many fields it has, and can be compared, handed over and written without knowing more of it
//! than its shape.

use super::{Kind, Shape};
use crate::xml::Element;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// Where a text is.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    from: u32,
    to: u32,
}

/// One value of a document.
#[derive(Clone, Copy, Debug)]
pub enum Slot {
    /// Nothing.
    Absent,
    /// A string.
    Text(Span),
    /// A whole number.
    Number(i64),
    /// A truth value.
    Flag(bool),
    /// The fields from here, and after them the map of what else there is.
    Object(&'static Shape, u32),
    /// So many values from here.
    List(u32, u32),
    /// So many pairs of a name and a value from here.
    Map(u32, u32),
}

/// The values of one document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(crate) text: String,
    pub(crate) slots: Vec<Slot>,
}

impl Document {
    /// A string at the end.
    pub fn add_text(&mut self, text: &str) -> Slot {
        let from = length(self.text.len());
        self.text.push_str(text);
        Slot::Text(Span { from, to: length(self.text.len()) })
    }

    /// Values after each other, of which there are some.
    pub fn add_run(&mut self, run: impl IntoIterator<Item = Slot>) -> (u32, u32) {
        let from = self.slots.len();
        self.slots.extend(run);
        (length(from), length(self.slots.len() - from))
    }

    pub(crate) fn set(&mut self, at: u32, slot: Slot) {
        if let Some(place) = self.slots.get_mut(at as usize) {
            *place = slot;
        }
    }
}

/// A length as it is stored: a document is no larger than a frame.
#[allow(clippy::cast_possible_truncation)]
pub(crate) const fn length(length: usize) -> u32 {
    length as u32
}

/// A value that borrows from its document.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    document: &'a Document,
    slot: Slot,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Plain<'a> {
    /// Nothing.
    Null,
    /// A string.
    Text(&'a str),
    /// A whole number.
    Number(i64),
    /// A truth value.
    Flag(bool),
    /// An object of Finesse's.
    Object(View<'a>),
    /// Values.
    List(View<'a>),
    /// Values by name.
    Map(View<'a>),
}

impl<'a> View<'a> {
    /// What it is.
    #[must_use]
    pub fn plain(self) -> Plain<'a> {
        match self.slot {
            Slot::Absent => Plain::Null,
            Slot::Text(span) => Plain::Text(self.slice(span)),
            Slot::Number(number) => Plain::Number(number),
            Slot::Flag(flag) => Plain::Flag(flag),
            Slot::Object(..) => Plain::Object(self),
            Slot::List(..) => Plain::List(self),
            Slot::Map(..) => Plain::Map(self),
        }
    }

    fn slice(self, span: Span) -> &'a str {
        self.document.text.get(span.from as usize..span.to as usize).unwrap_or_default()
    }

    fn at(self, at: u32) -> Self {
        let slot = self.document.slots.get(at as usize).copied().unwrap_or(Slot::Absent);
        Self { slot, ..self }
    }

    /// The string; empty if there is none.
    #[must_use]
    pub fn text(self) -> &'a str {
        match self.slot {
            Slot::Text(span) => self.slice(span),
            _ => "",
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(self) -> Option<i64> {
        match self.slot {
            Slot::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_absent(self) -> bool {
        matches!(self.slot, Slot::Absent)
    }

    /// The shape, if it is an object of Finesse's.
    #[must_use]
    pub fn shape(self) -> Option<&'static Shape> {
        match self.slot {
            Slot::Object(shape, _) => Some(shape),
            _ => None,
        }
    }

    /// A field, by its place in the shape.
    #[must_use]
    pub fn field(self, place: usize) -> Self {
        match self.slot {
            Slot::Object(shape, at) if place < shape.fields.len() => self.at(at + length(place)),
            _ => Self { slot: Slot::Absent, ..self },
        }
    }

    /// What an object has beside its fields, as a map.
    #[must_use]
    pub fn extra(self) -> Self {
        match self.slot {
            Slot::Object(shape, at) => self.at(at + length(shape.fields.len())),
            _ => Self { slot: Slot::Absent, ..self },
        }
    }

    /// The values of a list.
    pub fn items(self) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        let (at, count) = match self.slot {
            Slot::List(at, count) => (at, count),
            _ => (0, 0),
        };
        (at..at + count).map(move |at| self.at(at))
    }

    /// The members of a map, in the order of their names.
    pub fn members(self) -> impl ExactSizeIterator<Item = (&'a str, Self)> {
        let (at, count) = match self.slot {
            Slot::Map(at, count) => (at, count),
            _ => (0, 0),
        };
        (0..count).map(move |pair| (self.at(at + 2 * pair).text(), self.at(at + 2 * pair + 1)))
    }

    /// Whether two values are the same.
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        match (self.plain(), other.plain()) {
            (Plain::Null, Plain::Null) => true,
            (Plain::Text(one), Plain::Text(other)) => one == other,
            (Plain::Number(one), Plain::Number(other)) => one == other,
            (Plain::Flag(one), Plain::Flag(other)) => one == other,
            (Plain::List(one), Plain::List(other)) => {
                one.items().len() == other.items().len()
                    && one.items().zip(other.items()).all(|(one, other)| one.is_same(other))
            }
            (Plain::Map(one), Plain::Map(other)) => {
                let same = |((key, one), (other_key, other)): ((&str, Self), (&str, Self))| {
                    key == other_key && one.is_same(other)
                };
                one.members().len() == other.members().len() && one.members().zip(other.members()).all(same)
            }
            (Plain::Object(one), Plain::Object(other)) => {
                let fields = one.shape().map_or(0, |shape| shape.fields.len());
                core::ptr::eq(
                    one.shape().map_or(core::ptr::null(), core::ptr::from_ref),
                    other.shape().map_or(core::ptr::null(), core::ptr::from_ref),
                ) && (0..fields).all(|place| one.field(place).is_same(other.field(place)))
                    && one.extra().is_same(other.extra())
            }
            _ => false,
        }
    }

    /// Adds the value to `parent` as an element `name`, or as several if it is a list of a map.
    fn add_to(self, name: &str, parent: Element) -> Element {
        match self.plain() {
            Plain::Null => parent,
            Plain::Text(text) => parent.with_child(Element::new(name, "").with_text(text)),
            Plain::Number(number) => parent.with_child(Element::new(name, "").with_text(&number.to_string())),
            Plain::Flag(flag) => parent.with_child(Element::new(name, "").with_text(&flag.to_string())),
            Plain::List(list) => list.items().fold(parent, |parent, item| item.add_to(name, parent)),
            Plain::Map(map) => parent.with_child(map.add_members_to(Element::new(name, ""))),
            Plain::Object(object) => parent.with_child(object.add_fields_to(Element::new(name, ""))),
        }
    }

    fn add_members_to(self, element: Element) -> Element {
        self.members().fold(element, |element, (name, value)| match (name.strip_prefix('@'), value.plain()) {
            (Some(attribute), Plain::Text(value)) => element.with_attribute(attribute, value),
            (None, Plain::Text(text)) if name == "#text" => element.with_text(text),
            _ => value.add_to(name, element),
        })
    }

    fn add_fields_to(self, mut element: Element) -> Element {
        let fields = self.shape().map_or(&[][..], |shape| shape.fields);
        for (place, field) in fields.iter().enumerate() {
            let value = self.field(place);
            let item = match field.kind {
                Kind::Objects(shape) => shape.element,
                Kind::Choices(words) => words.item,
                _ => {
                    element = value.add_to(field.name, element);
                    continue;
                }
            };
            if value.items().len() > 0 {
                element = element.with_child(value.add_to(item, Element::new(field.name, "")));
            }
        }
        self.extra().add_members_to(element)
    }
}

/// As JavaScript sees it.
impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.plain() {
            Plain::Null => serializer.serialize_unit(),
            Plain::Text(text) => serializer.serialize_str(text),
            Plain::Number(number) => serializer.serialize_i64(number),
            Plain::Flag(flag) => serializer.serialize_bool(flag),
            Plain::List(list) => serializer.collect_seq(list.items()),
            Plain::Map(map) => serializer.collect_map(map.members()),
            Plain::Object(object) => {
                let fields = object.shape().map_or(&[][..], |shape| shape.fields);
                let mut map = serializer.serialize_map(None)?;
                for (place, field) in fields.iter().enumerate() {
                    map.serialize_entry(field.name, &object.field(place))?;
                }
                if !object.extra().is_absent() {
                    map.serialize_entry("extra", &object.extra())?;
                }
                map.end()
            }
        }
    }
}

/// A value that shares its document: an object and what it was part of are kept together.
#[derive(Clone, Debug)]
pub struct Object {
    document: Arc<Document>,
    slot: Slot,
}

impl Object {
    /// A value of a document.
    pub(crate) fn new(document: &Arc<Document>, slot: Slot) -> Self {
        Self { document: Arc::clone(document), slot }
    }

    /// A value of a document that is made and not read.
    #[must_use]
    pub fn of(document: Document, slot: Slot) -> Self {
        Self { document: Arc::new(document), slot }
    }

    /// A value of the same document.
    #[must_use]
    pub fn part(&self, view: View<'_>) -> Self {
        Self { document: Arc::clone(&self.document), slot: view.slot }
    }

    /// What it is part of.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Where it is there.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        self.slot
    }

    /// What its document takes, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.document.text.capacity() + self.document.slots.capacity() * size_of::<Slot>()
    }

    /// To look into it.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { document: &self.document, slot: self.slot }
    }

    /// The string in a field; empty if there is none.
    #[must_use]
    pub fn text(&self, place: usize) -> &str {
        self.view().field(place).text()
    }

    /// The number in a field.
    #[must_use]
    pub fn number(&self, place: usize) -> Option<i64> {
        self.view().field(place).number()
    }

    /// A field.
    #[must_use]
    pub fn field(&self, place: usize) -> View<'_> {
        self.view().field(place)
    }

    /// The object as Finesse would write it, under its own name.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let view = self.view();
        let name = view.shape().map_or("data", |shape| shape.element);
        match view.plain() {
            Plain::Object(object) => object.add_fields_to(Element::new(name, "")),
            _ => view.add_members_to(Element::new(name, "").with_text(view.text())),
        }
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.view().is_same(other.view())
    }
}

impl Eq for Object {}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view().serialize(serializer)
    }
}
