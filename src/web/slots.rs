//! What a performer has under way, by the number of the effect.

use crate::effect::Number;
use core::cell::RefCell;
use std::rc::Rc;

/// Things by number, shared by a performer and its callbacks. A handful at most, so a list does; a map would cost
/// more bytes of module than it saves steps.
pub(super) struct Slots<T>(Rc<RefCell<Vec<(Number, T)>>>);

impl<T> Slots<T> {
    /// Keeps `thing`.
    pub(super) fn put(&self, number: Number, thing: T) {
        self.0.borrow_mut().push((number, thing));
    }

    /// Gives `number`'s thing up.
    pub(super) fn take(&self, number: Number) -> Option<T> {
        let mut things = self.0.borrow_mut();
        let index = things.iter().position(|(each, _)| *each == number)?;
        Some(things.swap_remove(index).1)
    }

    /// Gives everything up.
    pub(super) fn take_all(&self) -> impl Iterator<Item = T> {
        self.0.take().into_iter().map(|(_, thing)| thing)
    }

    /// Looks at `number`'s thing.
    pub(super) fn with(&self, number: Number, look: impl FnOnce(&T)) {
        if let Some((_, thing)) = self.0.borrow().iter().find(|(each, _)| *each == number) {
            look(thing);
        }
    }
}

impl<T> Clone for Slots<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self(Rc::default())
    }
}
