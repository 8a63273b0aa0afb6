//! A value as a tape of numbers and one text, which `src/web/tape.js` makes objects of: of the ways across to JavaScript that
//! were measured the fastest, and the only one that costs no call for each field.

use super::Shape;
use super::object::{Plain, View};

/// The three low bits of a word. What is above them is a length, a place, or which of the plain values it is.
const PLAIN: u32 = 0;
const TEXT: u32 = 1;
/// Two more words follow, the high one first.
const NUMBER: u32 = 2;
const LIST: u32 = 3;
const MAP: u32 = 4;
const OBJECT: u32 = 5;

/// What most values take.
const WORDS: usize = 256;
const BYTES: usize = 2_048;

/// Values after each other.
#[derive(Debug)]
pub struct Tape {
    words: Vec<u32>,
    text: String,
    shapes: &'static [&'static Shape],
}

#[allow(clippy::cast_possible_truncation)] // no document is larger than 16 MB, and halves of numbers are meant
impl Tape {
    /// JavaScript knows an object by its place among these.
    #[must_use]
    pub fn new(shapes: &'static [&'static Shape]) -> Self {
        Self { words: Vec::with_capacity(WORDS), text: String::with_capacity(BYTES), shapes }
    }

    /// What there is, and all strings of it.
    #[must_use]
    pub fn parts(&self) -> (&[u32], &str) {
        (&self.words, &self.text)
    }

    fn word(&mut self, kind: u32, count: usize) {
        self.words.push(((count as u32) << 3) | kind);
    }

    /// Nothing.
    pub fn null(&mut self) {
        self.word(PLAIN, 0);
    }

    /// A truth value.
    pub fn flag(&mut self, flag: bool) {
        self.word(PLAIN, if flag { 1 } else { 2 });
    }

    /// A string. JavaScript counts in units of UTF-16.
    pub fn text(&mut self, text: &str) {
        let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        self.word(TEXT, units);
        self.text.push_str(text);
    }

    /// A number.
    pub fn number(&mut self, number: i64) {
        self.word(NUMBER, 0);
        self.words.extend([(number >> 32) as u32, number as u32]);
    }

    /// So many values follow.
    pub fn list(&mut self, count: usize) {
        self.word(LIST, count);
    }

    /// So many pairs of a name and a value follow.
    pub fn map(&mut self, count: usize) {
        self.word(MAP, count);
    }

    /// A value of Finesse's.
    pub fn view(&mut self, view: View<'_>) {
        match view.plain() {
            Plain::Null => self.null(),
            Plain::Flag(flag) => self.flag(flag),
            Plain::Number(number) => self.number(number),
            Plain::Text(text) => self.text(text),
            Plain::List(list) => {
                self.list(list.items().len());
                list.items().for_each(|item| self.view(item));
            }
            Plain::Map(map) => {
                self.map(map.members().len());
                for (name, value) in map.members() {
                    self.text(name);
                    self.view(value);
                }
            }
            Plain::Object(object) => {
                let place = |shape| self.shapes.iter().position(|known| core::ptr::eq(*known, shape));
                let known = object.shape().and_then(|shape| Some((shape, place(shape)?)));
                let Some((shape, place)) = known else { return self.null() };
                self.word(OBJECT, place);
                (0..shape.fields.len()).for_each(|place| self.view(object.field(place)));
                self.view(object.extra());
            }
        }
    }
}
