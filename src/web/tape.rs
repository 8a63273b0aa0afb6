//! Values cross to JavaScript at once ([`crate::shapes::tape`]).

use crate::finesse::SHAPES;
use crate::finesse::value::Value;
use crate::shapes::tape::Tape;
use std::sync::Once;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/tape.js")]
extern "C" {
    fn define(names: &str);
    fn read(tape: &[u32], text: &str) -> JsValue;
}

/// JavaScript is told the names of all fields before the first value crosses.
static NAMES: Once = Once::new();

fn tell_names() {
    let line = |shape: &&crate::shapes::Shape| {
        shape.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(" ")
    };
    define(&SHAPES.iter().map(line).collect::<Vec<_>>().join("\n"));
}

/// A value as JavaScript has it. Numbers are exact up to 2^53, which no time or count comes near to.
pub(super) fn js(value: &Value<'_>) -> JsValue {
    NAMES.call_once(tell_names);
    let mut tape = Tape::new(SHAPES);
    put(value, &mut tape);
    let (words, text) = tape.parts();
    read(words, text)
}

fn put(value: &Value<'_>, tape: &mut Tape) {
    match value {
        Value::Null => tape.null(),
        Value::Bool(flag) => tape.flag(*flag),
        Value::Unsigned(number) => tape.number(i64::try_from(*number).unwrap_or(i64::MAX)),
        Value::Text(text) => tape.text(text),
        Value::List(values) => {
            tape.list(values.len());
            values.iter().for_each(|value| put(value, tape));
        }
        Value::Object(members) => {
            tape.map(members.len());
            for (name, value) in members {
                tape.text(name);
                put(value, tape);
            }
        }
        Value::View(view) => tape.view(*view),
    }
}
