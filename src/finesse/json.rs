//! JSON payloads: the publisher of Finesse 10.5 may send a notification as JSON (RFC 8259) in place of XML.
//!
//! The document becomes the very steps that the same notification in XML would be (an array is an element that comes
//! more than once, a number or truth value is its text, null is empty), so that one decoder reads both. Two hundred
//! lines of our own in place of `serde_json`: nothing else here needs to read JSON, and its parser alone would
//! take more room in the package than all of this module's XML.

use crate::limits;
use crate::xml::Tokens;
use core::fmt;
use std::borrow::Cow;

/// What is wrong with a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// More bytes than `limits::FRAME_BYTES`.
    TooLarge,
    /// Nested deeper than `limits::XML_DEPTH`.
    TooDeep,
    /// More values than `limits::XML_ELEMENTS`.
    TooManyValues,
    /// A name longer than `limits::NAMESPACE_BYTES`.
    NameTooLong,
    /// The document ends before its values do.
    Truncated,
    /// Breaks the syntax at this byte.
    Malformed {
        /// Counted from 0.
        at: usize,
    },
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "too large",
            Self::TooDeep => "values nested too deep",
            Self::TooManyValues => "too many values",
            Self::NameTooLong => "a name that is too long",
            Self::Truncated => "cut off before its end",
            Self::Malformed { at } => return write!(f, "malformed at byte {at}"),
        })
    }
}

impl core::error::Error for JsonError {}

/// Reads an object; its members become children of an element without a name of its own.
pub(crate) fn parse(text: &str) -> Result<Tokens<'_>, JsonError> {
    if text.len() > limits::FRAME_BYTES {
        return Err(JsonError::TooLarge);
    }
    let mut reader = Reader { text, at: 0, values: 0, tokens: Tokens::default() };
    reader.skip_space();
    reader.object(Cow::Borrowed(""), 0)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.malformed()) } else { Ok(reader.tokens) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    values: usize,
    tokens: Tokens<'a>,
}

impl<'a> Reader<'a> {
    /// `{…}` as an element of this name.
    fn object(&mut self, name: Cow<'a, str>, depth: usize) -> Result<(), JsonError> {
        self.expect(b'{')?;
        if depth >= limits::XML_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.tokens.open(name);
        if self.take(b'}') {
            self.tokens.close();
            return Ok(());
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            if name.len() > limits::NAMESPACE_BYTES {
                return Err(JsonError::NameTooLong);
            }
            self.skip_space();
            self.expect(b':')?;
            self.value(name, depth + 1)?;
            if !self.another(b'}')? {
                self.tokens.close();
                return Ok(());
            }
        }
    }

    /// `[…]`: each value is a child of this name.
    fn array(&mut self, name: Cow<'a, str>, depth: usize) -> Result<(), JsonError> {
        self.expect(b'[')?;
        if depth >= limits::XML_DEPTH {
            return Err(JsonError::TooDeep);
        }
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(name.clone(), depth + 1)?;
            if !self.another(b']')? {
                return Ok(());
            }
        }
    }

    /// Any value, as a child of this name.
    fn value(&mut self, name: Cow<'a, str>, depth: usize) -> Result<(), JsonError> {
        self.values += 1;
        if self.values > limits::XML_ELEMENTS {
            return Err(JsonError::TooManyValues);
        }
        self.skip_space();
        let text = match self.peek()? {
            b'{' => return self.object(name, depth),
            b'[' => return self.array(name, depth),
            b'"' => self.string()?,
            _ => Cow::Borrowed(self.scalar()?),
        };
        self.tokens.open(name);
        if !text.is_empty() {
            self.tokens.text(text);
        }
        self.tokens.close();
        Ok(())
    }

    /// A number or truth value as its text, null as none.
    fn scalar(&mut self) -> Result<&'a str, JsonError> {
        let from = self.at;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = self.rest().bytes().take_while(|byte| is_part(byte)).count();
        let word = self.rest().get(..length).unwrap_or_default();
        let is_number = word.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            && word.ends_with(|last: char| last.is_ascii_digit());
        if !is_number && !matches!(word, "true" | "false" | "null") {
            return Err(self.malformed());
        }
        self.at += length;
        let word = self.text.get(from..self.at).unwrap_or_default();
        Ok(if word == "null" { "" } else { word })
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.expect(b'"')?;
        let mut value = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let run = rest.find(|character: char| matches!(character, '"' | '\\') || character < ' ');
            let run = run.ok_or(JsonError::Truncated)?;
            value += rest.get(..run).unwrap_or_default();
            self.at += run;
            match self.next()? {
                b'"' => return Ok(value),
                b'\\' => value.to_mut().push(self.escape()?),
                _ => return Err(self.malformed()),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        Ok(match self.next()? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'u' => return self.unicode_escape(),
            plain @ (b'"' | b'\\' | b'/') => plain.into(),
            _ => return Err(self.malformed()),
        })
    }

    /// The four digits after `\u`; two such make a character beyond the first plane. Half a pair is U+FFFD.
    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.four_digits()?;
        if !matches!(first, 0xD800..=0xDBFF) || !self.rest().starts_with("\\u") {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        self.at += 2;
        let second = self.four_digits()?;
        if matches!(second, 0xDC00..=0xDFFF) {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.at = before;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let digits =
            self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.malformed())?;
        self.at += 4;
        Ok(code)
    }

    /// After a value: `true` if a comma follows, `false` if the end does.
    fn another(&mut self, end: u8) -> Result<bool, JsonError> {
        if self.take(end) {
            return Ok(false);
        }
        self.expect(b',')?;
        Ok(true)
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.rest().as_bytes().first() == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek()? != byte {
            return Err(self.malformed());
        }
        self.at += 1;
        Ok(())
    }

    fn next(&mut self) -> Result<u8, JsonError> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn peek(&self) -> Result<u8, JsonError> {
        self.rest().as_bytes().first().copied().ok_or(JsonError::Truncated)
    }

    fn skip_space(&mut self) {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.rest().bytes().take_while(|byte| is_space(byte)).count();
    }

    /// What is left; nothing where the position is inside a character, which reads as cut off.
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    const fn malformed(&self) -> JsonError {
        JsonError::Malformed { at: self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_the_same_xml() {
        let json =
            r#" {"a": {"b": ["x", 1, -2.5e3, true, null, "\u00e9\ud83d\ude00\n\"\/"]}, "c": {}, "d": []} "#;
        let xml = "<w><a><b>x</b><b>1</b><b>-2.5e3</b><b>true</b><b/><b>é😀\n\"/</b></a><c/></w>";
        let (document, same) = (parse(json).unwrap(), Tokens::read(xml).unwrap());
        assert_eq!(document.list().get(1..), same.list().get(1..));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in [
            "",
            "[]",
            "1",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":nul}",
            "{\"a\":1}x",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"\n\"}",
            "{\"a\":\"",
            "{\"a\":[1,]}",
            "{\"a\":é}",
            "{\"a\":\"\\é\"}",
            "{\"a\":\"\\u00é\"}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let deep = ["{\"a\":".repeat(10_000), "1".into(), "}".repeat(10_000)].concat();
        assert_eq!(parse(&deep).err(), Some(JsonError::TooDeep));
        let deep = ["{\"a\":", &"[".repeat(10_000)].concat();
        assert_eq!(parse(&deep).err(), Some(JsonError::TooDeep));
        let many = ["{\"a\":[0", &",0".repeat(limits::XML_ELEMENTS), "]}"].concat();
        assert_eq!(parse(&many).err(), Some(JsonError::TooManyValues));
        let long = format!(r#"{{"\u0061{}":[0,0]}}"#, "x".repeat(limits::NAMESPACE_BYTES));
        assert_eq!(parse(&long).err(), Some(JsonError::NameTooLong));
    }
}
