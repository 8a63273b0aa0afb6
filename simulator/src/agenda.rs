//! All that is due later, in one table. What is due at the same time comes in the order in which it was entered.

use std::collections::BTreeMap;

pub(crate) struct Agenda<T> {
    entries: BTreeMap<(u64, u64), T>,
    next: u64,
}

impl<T> Agenda<T> {
    pub(crate) const fn new() -> Self {
        Self { entries: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn enter(&mut self, at: u64, what: T) {
        self.entries.insert((at, self.next), what);
        self.next += 1;
    }

    /// When the first is due.
    pub(crate) fn first(&self) -> Option<u64> {
        self.entries.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the first, if it is due by then.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<(u64, T)> {
        if self.first()? > now {
            return None;
        }
        self.entries.pop_first().map(|((at, _), what)| (at, what))
    }
}
