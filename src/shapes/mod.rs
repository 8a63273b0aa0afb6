//! What an object of Finesse's looks like: its fields, the elements they are read from, and what they mean. One table for
//! each object, from which it is read, written, handed to JavaScript and documented.

pub mod object;
pub mod read;
pub mod tape;

pub(crate) use finesse_keeper_xml as xml;
pub(crate) use xml::limits;

/// An object: an element whose children are its fields.
pub struct Shape {
    /// Its name, as the types of the package spell it.
    pub name: &'static str,
    /// The element, as Finesse writes it.
    pub element: &'static str,
    /// Its fields in their order. What else an object has is kept in a field `extra`.
    pub fields: &'static [Field],
    /// What it is.
    #[cfg(not(target_arch = "wasm32"))]
    pub doc: &'static [&'static str],
}

/// By its name: the table is no news.
impl core::fmt::Debug for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name)
    }
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// The element, as Finesse writes it, and the name in JavaScript.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means.
    #[cfg(not(target_arch = "wasm32"))]
    pub doc: &'static [&'static str],
}

/// What a field holds, and what stands for it where it is absent.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string; null where absent.
    Text,
    /// A string that every such object has; empty where absent.
    Name,
    /// A whole number; null where absent or empty.
    Number,
    /// A truth value; null where absent or empty.
    Flag,
    /// One of these words or another; empty where absent.
    Word(&'static Words),
    /// One of these words or another; null where absent.
    Choice(&'static Words),
    /// An object; null where absent.
    Object(&'static Shape),
    /// A list of objects; empty where absent.
    Objects(&'static Shape),
    /// A list of words; empty where absent.
    Choices(&'static Words),
    /// Whatever it may be, as plain data; null where absent.
    Any,
}

/// The words that a field may hold. Others are kept as they come.
#[derive(Debug)]
pub struct Words {
    /// The name, as the types of the package spell it; none where any string will do.
    pub name: &'static str,
    /// The element of one, in a list.
    pub item: &'static str,
    /// The words, as Finesse writes them.
    pub words: &'static [&'static str],
    /// What they are of.
    #[cfg(not(target_arch = "wasm32"))]
    pub doc: &'static [&'static str],
    /// What each means.
    #[cfg(not(target_arch = "wasm32"))]
    pub meanings: &'static [&'static [&'static str]],
}

impl Words {
    /// The word as Finesse writes it, whatever the letter case; another one as it is.
    pub fn spell<'a>(&self, word: &'a str) -> &'a str {
        let word = word.trim();
        self.words.iter().copied().find(|known| is_same_word(known, word)).unwrap_or(word)
    }
}

/// Whether two words are the same but for letter case. Called in a hundred places, so never copied into them.
#[inline(never)]
pub fn is_same_word(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// An object's shape, and the place of each field in it as a constant.
#[macro_export]
macro_rules! shape {
    ($(#[doc = $doc:literal])* $name:ident = $element:literal {
        $($(#[doc = $field_doc:literal])* $field:ident: $kind:expr, $key:literal;)+
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        const _: () = {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Place { $($field,)+ }

            impl $name {
                $($(#[doc = $field_doc])* pub const $field: usize = Place::$field as usize;)+

                /// The shape itself.
                pub const SHAPE: &'static $crate::Shape = {
                    static SHAPE: $crate::Shape = $crate::Shape {
                        name: stringify!($name),
                        element: $element,
                        fields: {
                            #[allow(clippy::enum_glob_use)]
                            use $crate::Kind::*;
                            &[$($crate::Field {
                                name: $key,
                                kind: $kind,
                                #[cfg(not(target_arch = "wasm32"))]
                                doc: &[$($field_doc),*],
                            },)+]
                        },
                        #[cfg(not(target_arch = "wasm32"))]
                        doc: &[$($doc),*],
                    };
                    &SHAPE
                };
            }
        };
    };
}

/// The words of a field.
#[macro_export]
macro_rules! words {
    ($(#[doc = $doc:literal])* $constant:ident = $item:literal) => {
        $(#[doc = $doc])*
        pub static $constant: $crate::Words = $crate::Words {
            name: "",
            item: $item,
            words: &[],
            #[cfg(not(target_arch = "wasm32"))]
            doc: &[$($doc),*],
            #[cfg(not(target_arch = "wasm32"))]
            meanings: &[],
        };
    };
    ($(#[doc = $doc:literal])* $constant:ident $name:ident $(= $item:literal)? {
        $($(#[doc = $word_doc:literal])* $word:literal,)+
    }) => {
        $(#[doc = $doc])*
        pub static $constant: $crate::Words = $crate::Words {
            name: stringify!($name),
            item: concat!($($item)?),
            words: &[$($word),+],
            #[cfg(not(target_arch = "wasm32"))]
            doc: &[$($doc),*],
            #[cfg(not(target_arch = "wasm32"))]
            meanings: &[$(&[$($word_doc),*]),+],
        };
    };
}
