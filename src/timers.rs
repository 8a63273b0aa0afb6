//! One table of deadlines for each room: a deadline has a name, so it has a reason.

use crate::map::Map;
use crate::time::Instant;

/// Deadlines by name. Setting one again moves it.
#[derive(Clone, Debug)]
pub struct Timers<K>(Map<K, Instant>);

impl<K: Copy + Ord> Default for Timers<K> {
    fn default() -> Self {
        Self(Map::new())
    }
}

impl<K: Copy + Ord> Timers<K> {
    /// Wakes for `key` at `at`.
    pub fn set(&mut self, key: K, at: Instant) {
        self.0.insert(key, at);
    }

    /// Wakes for `key` at `at`, unless it already will before.
    pub fn set_earliest(&mut self, key: K, at: Instant) {
        let at = self.0.get(&key).map_or(at, |set| at.min(*set));
        self.0.insert(key, at);
    }

    /// Forgets `key`.
    pub fn clear(&mut self, key: K) {
        self.0.remove(&key);
    }

    /// Forgets all.
    pub fn clear_all(&mut self) {
        self.0.clear();
    }

    /// When `key` is due.
    #[must_use]
    pub fn get(&self, key: K) -> Option<Instant> {
        self.0.get(&key).copied()
    }

    /// The next deadline and its name.
    #[must_use]
    pub fn next(&self) -> Option<(Instant, K)> {
        self.0.iter().map(|(key, at)| (*at, *key)).min()
    }

    /// Takes out one deadline that has passed, the oldest first, with the time it was set for.
    pub fn pop(&mut self, now: Instant) -> Option<(K, Instant)> {
        let (at, key) = self.next().filter(|(at, _)| *at <= now)?;
        self.0.remove(&key);
        Some((key, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_oldest_first_and_once() {
        let at = Instant::from_millis;
        let mut timers = Timers::default();
        timers.set('b', at(20));
        timers.set('a', at(30));
        timers.set_earliest('b', at(25));
        timers.set_earliest('a', at(10));
        assert_eq!(timers.next(), Some((at(10), 'a')));
        assert_eq!(timers.pop(at(9)), None);
        assert_eq!(timers.pop(at(50)), Some(('a', at(10))));
        assert_eq!(timers.pop(at(50)), Some(('b', at(20))));
        assert_eq!(timers.pop(at(50)), None);
    }
}
