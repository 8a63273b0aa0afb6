//! How an object is read from an element and written to one: each field names its element once, and both directions
//! and the JavaScript name follow from it.

use super::json::JsonError;
use super::tree::Tree;
use super::value::Value;
use crate::limits;
use crate::xml::{Element, XmlError};
use core::fmt;

/// Why a document is not the object that it should be. The server is to blame; ask again, or ask the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinesseError {
    /// No XML that we accept (HTML, mostly).
    Xml(XmlError),
    /// No JSON that we accept.
    Json(JsonError),
    /// Another element than the expected one.
    NotThis {
        /// What should have come.
        expected: &'static str,
        /// What came, shortened.
        found: String,
    },
    /// An element that the object cannot be understood without is missing or empty.
    Missing(&'static str),
    /// The notification has no payload, or one that is neither XML nor JSON.
    NoPayload,
}

impl From<XmlError> for FinesseError {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

impl From<JsonError> for FinesseError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for FinesseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xml(error) => write!(f, "no valid XML: {error}"),
            Self::Json(error) => write!(f, "no valid JSON: {error}"),
            Self::NotThis { expected, found } => write!(f, "<{found}> instead of <{expected}>"),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::NoPayload => f.write_str("no payload"),
        }
    }
}

impl core::error::Error for FinesseError {}

/// Whether `element` is `expected`, in whatever namespace and letter case.
pub(crate) fn expect(element: &Element, expected: &'static str) -> Result<(), FinesseError> {
    if is_same_word(&element.name, expected) {
        return Ok(());
    }
    Err(FinesseError::NotThis { expected, found: element.name.chars().take(limits::NAME_CHARS).collect() })
}

/// Whether two words are the same but for letter case. Called in a hundred places, so never copied into them.
#[inline(never)]
pub(crate) fn is_same_word(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The value of one field, to be read and handed over.
pub(crate) trait Field {
    /// Takes the value from its element. `false` if it is not understood: the element is then kept as a tree.
    fn read(&mut self, element: &Element) -> bool;
    /// Whether there is no value.
    fn is_absent(&self) -> bool;
    /// The value as JavaScript sees it.
    fn value(&self) -> Value<'_>;
}

/// The same, to be written. A trait of its own: the keeper never writes an object, and what is not in [`Field`]'s table
/// of functions is left out of the package.
pub(crate) trait Written {
    /// Adds the value, if there is one, to `parent` as a child of this name.
    fn write(&self, name: &str, parent: Element) -> Element;
}

/// An object whose fields are elements of these names.
pub(crate) trait Object {
    /// The names, in the order of the fields.
    fn names(&self) -> &'static [&'static str];
    /// The fields, and what is not known.
    fn parts(&self) -> (Vec<&dyn Field>, &Tree);
    /// The same, to be read.
    fn parts_mut(&mut self) -> (Vec<&mut dyn Field>, &mut Tree);
}

/// Reads the children of `element`, in any order and letter case. `false` if it has text and no children: no object.
pub(crate) fn read_object(object: &mut dyn Object, element: &Element) -> bool {
    if element.elements().next().is_none() && !element.text().trim().is_empty() {
        return false;
    }
    let names = object.names();
    let (mut fields, extra) = object.parts_mut();
    for child in element.elements() {
        let place = names.iter().position(|name| is_same_word(name, &child.name));
        let field = place.and_then(|place| fields.get_mut(place));
        // Of several elements of one name the first counts.
        if !field.is_some_and(|field| field.is_absent() && field.read(child)) {
            extra.add(child);
        }
    }
    true
}

/// An object as JavaScript sees it.
pub(crate) fn object_value(object: &dyn Object) -> Value<'_> {
    let (fields, extra) = object.parts();
    let values = fields.into_iter().map(|field| field.value());
    let mut members: Vec<_> = object.names().iter().copied().zip(values).collect();
    if !extra.is_empty() {
        members.push(("extra", extra.value()));
    }
    Value::Object(members)
}

/// The text of an element that has nothing but text.
pub(crate) fn plain_text(element: &Element) -> Option<String> {
    element.elements().next().is_none().then(|| element.text())
}

impl Field for Option<String> {
    fn read(&mut self, element: &Element) -> bool {
        *self = plain_text(element);
        self.is_some()
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn value(&self) -> Value<'_> {
        self.as_deref().into()
    }
}

impl Written for Option<String> {
    fn write(&self, name: &str, parent: Element) -> Element {
        write_text(self.as_deref(), name, parent)
    }
}

impl Field for String {
    fn read(&mut self, element: &Element) -> bool {
        let text = plain_text(element);
        let understood = text.is_some();
        *self = text.unwrap_or_default();
        understood
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn value(&self) -> Value<'_> {
        self.into()
    }
}

impl Written for String {
    fn write(&self, name: &str, parent: Element) -> Element {
        write_text((!self.is_empty()).then_some(self.as_str()), name, parent)
    }
}

/// Adds a child with this text.
fn write_text(text: Option<&str>, name: &str, parent: Element) -> Element {
    match text {
        Some(text) => parent.with_child(Element::new(name, "").with_text(text)),
        None => parent,
    }
}

/// Numbers and truth values. An empty element is an absent value.
macro_rules! parsed_fields {
    ($($type:ty as $kind:ty),+) => { $(
        impl Field for Option<$type> {
            fn read(&mut self, element: &Element) -> bool {
                let Some(text) = plain_text(element) else { return false };
                *self = text.trim().parse().ok();
                self.is_some() || text.trim().is_empty()
            }

            fn is_absent(&self) -> bool {
                self.is_none()
            }

            fn value(&self) -> Value<'_> {
                self.map(<$kind>::from).into()
            }
        }

        impl Written for Option<$type> {
            fn write(&self, name: &str, parent: Element) -> Element {
                write_text(self.map(|value| value.to_string()).as_deref(), name, parent)
            }
        }
    )+ };
}

parsed_fields! { u16 as u64, u64 as u64, i64 as i64, bool as bool }

impl Field for Option<Tree> {
    fn read(&mut self, element: &Element) -> bool {
        *self = Some(Tree::from_element(element));
        true
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Tree::value)
    }
}

impl Written for Option<Tree> {
    fn write(&self, name: &str, parent: Element) -> Element {
        match self {
            Some(tree) => tree.add_to(name, parent),
            None => parent,
        }
    }
}

/// A value that is an element of its own, in a list or alone.
pub(crate) trait Item: Sized {
    /// The element's name as Finesse writes it.
    const NAME: &'static str;
    /// Reads the element, whatever its name. Nothing if it is not understood.
    fn from_any(element: &Element) -> Option<Self>;
    /// Writes it under this name.
    fn to_named(&self, name: &str) -> Element;
    /// The item as JavaScript sees it.
    fn to_value(&self) -> Value<'_>;
}

impl<T: Item> Field for Option<T> {
    fn read(&mut self, element: &Element) -> bool {
        *self = T::from_any(element);
        self.is_some()
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

impl<T: Item> Written for Option<T> {
    fn write(&self, name: &str, parent: Element) -> Element {
        match self {
            Some(value) => parent.with_child(value.to_named(name)),
            None => parent,
        }
    }
}

/// A list: an element around the items. A list with anything else in it is not understood.
impl<T: Item> Field for Vec<T> {
    fn read(&mut self, element: &Element) -> bool {
        if !element.text().trim().is_empty() {
            return false;
        }
        let mut items = Self::new();
        for child in element.elements() {
            match T::from_any(child).filter(|_| is_same_word(&child.name, T::NAME)) {
                Some(item) => items.push(item),
                None => return false,
            }
        }
        *self = items;
        true
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn value(&self) -> Value<'_> {
        Value::List(self.iter().map(T::to_value).collect())
    }
}

impl<T: Item> Written for Vec<T> {
    fn write(&self, name: &str, parent: Element) -> Element {
        if self.is_empty() {
            return parent;
        }
        let items = self.iter().map(|item| item.to_named(T::NAME));
        parent.with_child(items.fold(Element::new(name, ""), Element::with_child))
    }
}

/// An object: a struct whose fields are elements, in any order and letter case, each at most once; what else there
/// is goes to `extra`. A value that is absent is null in JavaScript, a list that is absent is empty.
/// `then` names a function that has the last word on the whole.
macro_rules! object {
    ($(#[$meta:meta])* $name:ident = $element:literal {
        $($(#[$field_meta:meta])* $field:ident: $type:ty = $key:literal,)+
    } $(then $check:ident)?) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)+
            /// What we do not know or could not understand.
            pub extra: crate::finesse::tree::Tree,
        }

        impl crate::finesse::object::Object for $name {
            fn names(&self) -> &'static [&'static str] {
                &[$($key),+]
            }

            fn parts(&self) -> (Vec<&dyn crate::finesse::object::Field>, &crate::finesse::tree::Tree) {
                (vec![$(&self.$field),+], &self.extra)
            }

            fn parts_mut(
                &mut self,
            ) -> (Vec<&mut dyn crate::finesse::object::Field>, &mut crate::finesse::tree::Tree) {
                (vec![$(&mut self.$field),+], &mut self.extra)
            }
        }

        impl crate::finesse::object::Item for $name {
            const NAME: &'static str = $element;

            fn from_any(element: &crate::xml::Element) -> Option<Self> {
                let mut object = Self::default();
                crate::finesse::object::read_object(&mut object, element).then_some(object)
            }

            fn to_named(&self, name: &str) -> crate::xml::Element {
                use crate::finesse::object::Written;
                let element = crate::xml::Element::new(name, "");
                $(let element = self.$field.write($key, element);)+
                self.extra.add_children_to(element)
            }

            fn to_value(&self) -> crate::finesse::value::Value<'_> {
                crate::finesse::object::object_value(self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::finesse::object::Item::to_value(self).serialize(serializer)
            }
        }

        impl $name {
            #[doc = concat!("Reads `<", $element, ">`, in whatever namespace and letter case.")]
            ///
            /// # Errors
            ///
            /// If it is another element, or lacks what it cannot be understood without.
            pub fn from_element(
                element: &crate::xml::Element,
            ) -> Result<Self, crate::finesse::FinesseError> {
                crate::finesse::object::expect(element, $element)?;
                let object: Self = crate::finesse::object::Item::from_any(element).unwrap_or_default();
                $(let object = $check(object)?;)?
                Ok(object)
            }

            #[doc = concat!("The object as `<", $element, ">`.")]
            #[must_use]
            pub fn to_element(&self) -> crate::xml::Element {
                crate::finesse::object::Item::to_named(self, $element)
            }

            #[doc = concat!("Reads a document whose root is `<", $element, ">`.")]
            ///
            /// # Errors
            ///
            /// If it is no XML, or another document.
            pub fn parse(xml: &str) -> Result<Self, crate::finesse::FinesseError> {
                Self::from_element(&crate::xml::parse(xml)?)
            }
        }
    };
}

/// A choice: an enum of Finesse's words, where a word that we do not know is kept as it came.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident = $element:literal {
        $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+
    } else $other:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// Any other word, as it came.
            $other(String),
        }

        impl $name {
            /// The word that Finesse writes.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::$other(word) => word,
                }
            }

            /// The choice that a word stands for, whatever its letter case.
            #[must_use]
            pub fn of(word: &str) -> Self {
                const KNOWN: &[$name] = &[$($name::$variant),+];
                let is_meant = |known: &&Self| crate::finesse::object::is_same_word(known.as_str(), word.trim());
                KNOWN.iter().find(is_meant).cloned().unwrap_or_else(|| Self::$other(word.into()))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$other(String::new())
            }
        }

        /// No word at all is the empty word.
        impl crate::finesse::object::Field for $name {
            fn read(&mut self, element: &crate::xml::Element) -> bool {
                let word = <Self as crate::finesse::object::Item>::from_any(element);
                let understood = word.is_some();
                *self = word.unwrap_or_default();
                understood
            }

            fn is_absent(&self) -> bool {
                matches!(self, Self::$other(word) if word.is_empty())
            }

            fn value(&self) -> crate::finesse::value::Value<'_> {
                crate::finesse::value::Value::Text(self.as_str())
            }
        }

        impl crate::finesse::object::Written for $name {
            fn write(&self, name: &str, parent: crate::xml::Element) -> crate::xml::Element {
                let absent = crate::finesse::object::Field::is_absent(self);
                if absent { parent } else { parent.with_child(crate::finesse::object::Item::to_named(self, name)) }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl crate::finesse::object::Item for $name {
            const NAME: &'static str = $element;

            fn from_any(element: &crate::xml::Element) -> Option<Self> {
                crate::finesse::object::plain_text(element).map(|word| Self::of(&word))
            }

            fn to_named(&self, name: &str) -> crate::xml::Element {
                crate::xml::Element::new(name, "").with_text(self.as_str())
            }

            fn to_value(&self) -> crate::finesse::value::Value<'_> {
                crate::finesse::value::Value::Text(self.as_str())
            }
        }
    };
}
