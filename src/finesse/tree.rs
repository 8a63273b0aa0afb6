//! What we have no type for, as plain data: a notification of an object we do not know, an element newer than this
//! program.

use super::value::Value;
use crate::limits;
use crate::xml::Element;
use serde::{Serialize, Serializer};

/// Plain data as JavaScript sees it: an element with nothing but text is a string, any other an object by the
/// names of its children; a child that comes more than once is an array. An attribute is a member `@name`, text beside
/// children or attributes the member `#text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// An element with nothing but text.
    Text(String),
    /// Elements of one name.
    List(Vec<Self>),
    /// An element with children, by name, in the order of the names.
    Map(Vec<(String, Self)>),
}

impl Default for Tree {
    fn default() -> Self {
        Self::Map(Vec::new())
    }
}

impl Tree {
    /// What is inside `element`; its own name is the caller's to keep.
    #[must_use]
    pub fn from_element(element: &Element) -> Self {
        let text = element.text();
        if element.attributes.is_empty() && element.elements().next().is_none() {
            return Self::Text(text);
        }
        let mut tree = Self::default();
        for attribute in &element.attributes {
            tree.insert(String::from_iter(["@", &attribute.name]), Self::Text(attribute.value.clone()));
        }
        if !text.is_empty() {
            tree.insert("#text".into(), Self::Text(text));
        }
        element.elements().for_each(|child| tree.add(child));
        tree
    }

    /// Adds an element under its own name.
    pub fn add(&mut self, element: &Element) {
        self.insert(element.name.clone(), Self::from_element(element));
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(members) => members.is_empty(),
        }
    }

    /// The member of this name, whatever its letter case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => {
                members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            }
            Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The same as JavaScript sees it.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => text.into(),
            Self::List(items) => Value::List(items.iter().map(Self::value).collect()),
            Self::Map(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.as_str(), value.value())).collect())
            }
        }
    }

    /// Adds this to `parent` as an element `name`, or as several if it is an array.
    pub(crate) fn add_to(&self, name: &str, parent: Element) -> Element {
        match self {
            Self::Text(text) => parent.with_child(Element::new(name, "").with_text(text)),
            Self::List(items) => items.iter().fold(parent, |parent, item| item.add_to(name, parent)),
            Self::Map(_) => parent.with_child(self.add_children_to(Element::new(name, ""))),
        }
    }

    /// Adds the members of this to `element`.
    pub(crate) fn add_children_to(&self, element: Element) -> Element {
        let Self::Map(members) = self else { return element };
        members.iter().fold(element, |element, (name, value)| match (name.strip_prefix('@'), value) {
            (Some(attribute), Self::Text(value)) => element.with_attribute(attribute, value),
            (None, Self::Text(text)) if name == "#text" => element.with_text(text),
            _ => value.add_to(name, element),
        })
    }

    fn insert(&mut self, name: String, value: Self) {
        let Self::Map(members) = self else { return };
        match members.binary_search_by(|(known, _)| known.cmp(&name)) {
            Err(place) if members.len() < limits::TREE_MEMBERS => members.insert(place, (name, value)),
            Err(_) => {}
            Ok(place) => match members.get_mut(place).map(|(_, known)| known) {
                Some(Self::List(items)) => items.push(value),
                Some(first) => *first = Self::List(vec![core::mem::take(first), value]),
                None => {}
            },
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    #[test]
    fn an_element_becomes_plain_data() {
        let xml = "<q><uri>/q</uri><s a='1'>x</s><i>1</i><i><j/></i><i>3</i></q>";
        let tree = Tree::from_element(&xml::parse(xml).unwrap());
        assert_eq!(
            serde_json::to_string(&tree).unwrap(),
            r##"{"i":["1",{"j":""},"3"],"s":{"#text":"x","@a":"1"},"uri":"/q"}"##
        );
        let again = Tree::from_element(&tree.add_children_to(Element::new("q", "")));
        assert_eq!(again, tree);
    }

    #[test]
    fn a_hundred_thousand_names_take_no_time() {
        let children: String = (0..90_000).rev().map(|number| format!("<a{number:05}/>")).collect();
        let tree = Tree::from_element(&xml::parse(&format!("<q>{children}</q>")).unwrap());
        assert!(matches!(tree, Tree::Map(members) if members.len() == limits::TREE_MEMBERS));
    }
}
