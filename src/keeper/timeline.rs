//! What happened and why: a bounded, redacted list, in the words of the product.

use crate::effect::Number;
use crate::limits;
use crate::recovery::Side;
use crate::time::WallTime;
use core::fmt;
use std::collections::VecDeque;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// Our own state changed.
    State,
    /// A read of SystemInfo ended.
    Read,
    /// The link: sockets, logins, pings.
    Link,
    /// Presence of `finesse`.
    Presence,
    /// A SystemInfo notification said in or out of service.
    Notice,
    /// A move from one side to the other.
    Move,
    /// What was read after a gap.
    Resync,
    /// A notification was delivered.
    Notification,
    /// A request of the application's.
    Request,
    /// The page's life.
    Page,
    /// Noted and passed over.
    Note,
    /// Told to the application as an error.
    Error,
}

impl EntryKind {
    /// The word for it, in timelines and in JavaScript.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Read => "read",
            Self::Link => "link",
            Self::Presence => "presence",
            Self::Notice => "notice",
            Self::Move => "move",
            Self::Resync => "resync",
            Self::Notification => "notification",
            Self::Request => "request",
            Self::Page => "page",
            Self::Note => "note",
            Self::Error => "error",
        }
    }
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, on the wall clock.
    pub at: WallTime,
    /// Which side it is about, if one.
    pub side: Option<Side>,
    /// What it is about.
    pub kind: EntryKind,
    /// What happened, in words.
    pub text: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = self.side.map_or("-", Side::as_str);
        write!(f, "{} {side} {:<12} {}", self.at, self.kind.as_str(), self.text)
    }
}

/// The last entries, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    entries: VecDeque<Entry>,
    fresh: VecDeque<Entry>,
}

impl Timeline {
    /// Adds an entry, whatever foreign words are in it, and drops the oldest beyond the cap.
    pub(super) fn add(&mut self, at: WallTime, side: Option<Side>, kind: EntryKind, text: impl Into<String>) {
        let entry = Entry { at, side, kind, text: quote(&text.into()) };
        if self.entries.len() >= limits::TIMELINE_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry.clone());
        if self.fresh.len() < limits::QUEUE {
            self.fresh.push_back(entry);
        }
    }

    /// Takes the next entry that was not taken yet: what a log hook is told.
    pub(super) fn take(&mut self) -> Option<Entry> {
        self.fresh.pop_front()
    }

    /// All kept entries, oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

/// Foreign words, made safe to keep: short, on one line.
#[must_use]
pub(super) fn quote(text: &str) -> String {
    let mut rest = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let clean: String = rest.by_ref().take(limits::QUOTE_CHARS).collect();
    if rest.next().is_some() { clean + "…" } else { clean }
}

/// How an effect's number reads in the timeline.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_stay_short_and_on_one_line() {
        let mut timeline = Timeline::default();
        timeline.add(WallTime::default(), None, EntryKind::Note, "a\nb".repeat(100_000));
        let entry = timeline.take().unwrap();
        assert!(entry.text.starts_with("a ba b") && entry.text.chars().count() == limits::QUOTE_CHARS + 1);
    }
}
