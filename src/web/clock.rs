//! The clocks and the randomness of a JavaScript realm: window or worker.

use crate::time::{Instant, Now, WallTime};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn random_values(into: &mut [u8]) -> Result<(), JsValue>;
}

/// What happened before a reload lies before this page's own beginning: the clock starts late enough for the longest
/// time that is looked back on.
const START: u64 = 3_600_000;

/// Both clocks, as they read now.
pub(super) fn now() -> Now {
    Now {
        instant: Instant::from_millis(START.saturating_add(whole(performance_now()))),
        wall: WallTime::from_millis(whole(js_sys::Date::now())),
    }
}

/// A seed that differs from page to page.
pub(super) fn seed() -> u64 {
    let mut bytes = [0; 8];
    match random_values(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        // The seed spreads agents in time and guards nothing: the clocks will do.
        Err(_) => js_sys::Date::now().to_bits() ^ performance_now().to_bits().rotate_left(32),
    }
}

/// Whole milliseconds. A float becomes the nearest `u64` there is: never negative, never out of range.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates by the rules of `as`
const fn whole(millis: f64) -> u64 {
    millis as u64
}
