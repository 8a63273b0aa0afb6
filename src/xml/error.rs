//! Why a text is no XML that we accept.

use crate::limits;
use core::fmt;

/// What is wrong with a document. The sender is to blame in every case; the document is dropped, the link goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmlError {
    /// Nothing but white space.
    Empty,
    /// More bytes than `limits::FRAME_BYTES`.
    TooLarge {
        /// How many came.
        bytes: usize,
    },
    /// Nested deeper than `limits::XML_DEPTH`.
    TooDeep,
    /// More elements than `limits::XML_ELEMENTS`.
    TooManyElements,
    /// An element with more attributes than `limits::XML_ATTRIBUTES`.
    TooManyAttributes,
    /// More namespaces at once than `limits::XML_NAMESPACES`, or a longer one than `limits::NAMESPACE_BYTES`.
    Namespaces,
    /// A document type declaration, which could define entities.
    Doctype,
    /// A processing instruction, or an XML declaration that does not begin the document.
    ProcessingInstruction,
    /// A reference to an entity that is not one of XML's five, or a broken one. The name, shortened.
    UnknownEntity(String),
    /// A character that XML 1.0 does not allow, raw or as a numeric reference.
    ForbiddenCharacter {
        /// Its code point.
        code: u32,
    },
    /// An element whose prefix no `xmlns:` declares. The prefix, shortened.
    UndeclaredPrefix(String),
    /// The same attribute twice in one element.
    DuplicateAttribute,
    /// The document ends before its elements do.
    Truncated,
    /// Something stands after the end of the root element, or text before it.
    OutsideRoot,
    /// Any other breach of the syntax: this one.
    Malformed(&'static str),
}

impl XmlError {
    /// [`Self::UnknownEntity`], with the name cut to what is worth printing.
    pub(crate) fn unknown_entity(name: &str) -> Self {
        Self::UnknownEntity(name.chars().take(limits::NAME_CHARS).collect())
    }

    /// [`Self::UndeclaredPrefix`], with the prefix cut to what is worth printing.
    pub(crate) fn undeclared_prefix(prefix: &str) -> Self {
        Self::UndeclaredPrefix(prefix.chars().take(limits::NAME_CHARS).collect())
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Empty => "nothing but white space",
            Self::TooLarge { bytes } => return write!(f, "too large ({bytes} bytes)"),
            Self::TooDeep => "elements nested too deep",
            Self::TooManyElements => "too many elements",
            Self::TooManyAttributes => "too many attributes",
            Self::Namespaces => "namespaces that are too many or too long",
            Self::Doctype => "a document type declaration",
            Self::ProcessingInstruction => "a processing instruction",
            Self::UnknownEntity(name) => return write!(f, "unknown entity &{name};"),
            Self::ForbiddenCharacter { code } => return write!(f, "forbidden character U+{code:04X}"),
            Self::UndeclaredPrefix(prefix) => return write!(f, "undeclared prefix {prefix}:"),
            Self::DuplicateAttribute => "an attribute given twice",
            Self::Truncated => "cut off before its end",
            Self::OutsideRoot => "content outside the root element",
            Self::Malformed(what) => return write!(f, "malformed: {what}"),
        };
        f.write_str(words)
    }
}

impl core::error::Error for XmlError {}
