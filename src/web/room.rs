//! Room for a text that comes from JavaScript: `TextEncoder` writes it into our memory at once, where a string that is
//! passed goes there character by character.

use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Room that is kept from one text to the next; what a large one took is given back.
const KEPT: usize = 1 << 16;

thread_local! {
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for so many bytes, and tells where it is until the next call into the module.
#[wasm_bindgen]
pub fn room(bytes: usize) -> *mut u8 {
    ROOM.with_borrow_mut(|room| {
        if room.len() < bytes || room.len() > bytes.max(KEPT) {
            *room = Vec::new(); // before the new one is made
            *room = vec![0; bytes.max(KEPT)];
        }
        room.as_mut_ptr()
    })
}

/// Does something with the text of so many bytes that was written there. The room is taken out meanwhile: should a defect
/// of ours trap in it, the next text finds no room that is still in use.
pub(super) fn text<T>(length: usize, act: impl FnOnce(&str) -> T) -> T {
    let room = ROOM.take();
    let done = act(core::str::from_utf8(room.get(..length).unwrap_or_default()).unwrap_or_default());
    ROOM.set(room);
    done
}
