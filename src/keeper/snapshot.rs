//! What is worth keeping over a reload, or a crash of the module. No credentials, no objects: those are read again.
//!
//! As text it has a line for each thing, a word and its value, after one with the version; the first letter of the word
//! is enough. Whatever cannot be understood is passed over: it
//! comes from a place where anyone may write. What is in the future was written under another clock.

use super::{Config, ConfigError, Keeper, Way};
use crate::limits;
use crate::recovery::{Side, Stop};
use crate::time::{Duration, Instant, Now, WallTime, millis};

/// The memory of an earlier keeper of the same agent. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The side that served or was to serve next.
    pub side: Option<Side>,
    /// The XMPP resource: one through reloads, so that our own ghost is replaced and not joined.
    pub resource: String,
    /// Credentials were accepted, and not refused since.
    pub accepted: bool,
    /// Recent moves: their gap holds over a reload.
    pub moves: Vec<u64>,
    /// Recent refusals: so does their budget.
    pub refusals: Vec<u64>,
    /// The way that last logged in, of each side.
    pub ways: [Option<Way>; 2],
    /// Where the agent is missing, or will be when this keeper is gone: the side, the last answered ping there, and between
    /// when and when Finesse may force the logout (no end while a call holds it up), in milliseconds since the epoch. The
    /// side that served last comes last.
    pub missing: Vec<(Side, u64, u64, Option<u64>)>,
    /// Since when something is lost, if others may have lost it too: the pace goes on where it was.
    pub lost: Option<u64>,
}

/// The first line: what follows is to be read as below.
const VERSION: &str = "1\n";
/// A longer text is none of ours.
const TEXT_BYTES: usize = 4_096;
/// Times of one kind that are taken from a text.
const TIMES: usize = 16;
/// A loss of longer ago is another one.
const LOST: u64 = 3_600_000;

impl Snapshot {
    /// As text, without the refusals.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = VERSION.to_owned();
        if let Some(side) = self.side {
            line(&mut text, "side", side.as_str());
        }
        if !self.resource.is_empty() {
            line(&mut text, "resource", &self.resource);
        }
        if self.accepted {
            line(&mut text, "known", "");
        }
        times(&mut text, "move", &self.moves);
        for (name, way) in ["a", "b"].into_iter().zip(self.ways) {
            if let Some(way) = way {
                line(&mut text, name, way.as_str());
            }
        }
        for (side, gone, earliest, latest) in &self.missing {
            let latest = latest.map_or_else(String::new, |latest| latest.to_string());
            let parts = [side.as_str(), &gone.to_string(), &earliest.to_string(), &latest];
            line(&mut text, "gone", &parts.join(" "));
        }
        times(&mut text, "lost", self.lost.as_slice());
        text
    }

    /// The refusals as text: they count for every tab of this agent.
    #[must_use]
    pub fn refusals_to_text(&self) -> String {
        let mut text = VERSION.to_owned();
        times(&mut text, "no", &self.refusals);
        text
    }

    /// What of a text can be understood.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut read = Self::default();
        let lines = text.strip_prefix(VERSION).filter(|text| text.len() <= TEXT_BYTES).unwrap_or_default();
        for (word, value) in lines.split('\n').filter_map(|line| line.split_once(' ')) {
            let time = value.parse().ok();
            match word.as_bytes() {
                [b's', ..] => read.side = Side::BOTH.into_iter().find(|side| side.as_str() == value),
                [b'r', ..] if value.len() <= limits::PART_BYTES && !value.contains(char::is_control) => {
                    value.clone_into(&mut read.resource);
                }
                [b'k', ..] => read.accepted = true,
                [b'm', ..] if read.moves.len() < TIMES => read.moves.extend(time),
                [b'n', ..] if read.refusals.len() < TIMES => read.refusals.extend(time),
                [b'a', ..] => read.ways[0] = Way::named(value),
                [b'b', ..] => read.ways[1] = Way::named(value),
                [b'g', ..] if read.missing.len() < TIMES => read.missing.extend(gone(value)),
                [b'l', ..] => read.lost = time,
                _ => {}
            }
        }
        read
    }
}

/// A side, and two or three times.
fn gone(value: &str) -> Option<(Side, u64, u64, Option<u64>)> {
    let mut parts = value.split(' ');
    let name = parts.next()?;
    let side = Side::BOTH.into_iter().find(|side| side.as_str() == name)?;
    let mut time = || parts.next()?.parse().ok();
    Some((side, time()?, time()?, time()))
}

fn line(text: &mut String, word: &str, value: &str) {
    text.push_str(word);
    text.push(' ');
    text.push_str(value);
    text.push('\n');
}

fn times(text: &mut String, word: &str, times: &[u64]) {
    for time in times.iter().rev().take(TIMES).rev() {
        line(text, word, &time.to_string());
    }
}

impl Keeper {
    /// What a later keeper should know.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let ago =
            |at: &Instant| self.now.wall.as_millis().saturating_sub(millis(self.now.instant.since(*at)));
        Snapshot {
            side: self.recovery.side(),
            resource: self.resource.clone(),
            accepted: self.recovery.accepted(),
            moves: self.recovery.moves().iter().map(ago).collect(),
            refusals: self.recovery.refusals(self.now.instant).iter().map(ago).collect(),
            ways: Side::BOTH.map(|side| self.sides.get(side).ways.proven),
            missing: self.missing_when_gone(),
            lost: self.recovery.lost_since().as_ref().map(ago),
        }
    }

    /// The snapshot for the next page of this tab. The resource is in it only once it is free: a tab that is copied, or
    /// another frame of it, would take it from us (conflict).
    #[must_use]
    pub fn memory(&self) -> Snapshot {
        let mut memory = self.snapshot();
        if self.recovery.stopped().is_none_or(|stop| stop == Stop::Conflict) {
            memory.resource.clear();
        }
        memory
    }

    /// A keeper that goes on from an earlier one's snapshot. `now` holds raw readings of both clocks.
    ///
    /// # Errors
    /// Where the configuration cannot be used.
    pub fn restore(config: Config, snapshot: Snapshot, now: Now) -> Result<Self, ConfigError> {
        let mut keeper = Self::new(config)?;
        keeper.remember(snapshot, now);
        Ok(keeper)
    }

    /// Goes on from an earlier keeper's snapshot. Only before the start.
    pub fn remember(&mut self, snapshot: Snapshot, now: Now) {
        self.observe(now);
        if self.started {
            return;
        }
        for (side, way) in Side::BOTH.into_iter().zip(snapshot.ways) {
            self.sides.get_mut(side).ways.proven = way;
        }
        let side = snapshot.side.filter(|side| self.sides.get(*side).is_known());
        let lost = snapshot.lost.filter(|at| at.saturating_add(LOST) > self.now.wall.as_millis());
        let (moves, lost) = (self.instants(&snapshot.moves), self.instants(lost.as_slice()).pop());
        self.recovery.remember(side, snapshot.accepted, moves, lost);
        self.remember_refusals(&snapshot.refusals, now);
        let wall = self.now.wall.as_millis();
        let recent = |gone: u64| gone <= wall && gone.saturating_add(LOST) > wall;
        for (side, gone, earliest, latest) in snapshot.missing.into_iter().filter(|it| recent(it.1)) {
            let [gone, earliest] = [gone, earliest].map(WallTime::from_millis);
            self.presence.clock.restore(side, gone, earliest, latest.map(WallTime::from_millis));
        }
        if !snapshot.resource.is_empty() && self.config.resource.is_none() {
            self.resource = snapshot.resource;
        }
    }

    /// Takes refusals of another tab into the budget.
    pub fn remember_refusals(&mut self, refusals: &[u64], now: Now) {
        self.observe(now);
        let refusals = self.instants(refusals);
        self.recovery.remember_refusals(&refusals);
    }

    /// Points on the wall clock as points on ours; nothing that is yet to come.
    fn instants(&self, walls: &[u64]) -> Vec<Instant> {
        let now = self.now.wall.as_millis();
        let past = walls.iter().filter(|wall| **wall <= now);
        past.map(|wall| self.now.instant - Duration::from_millis(now - wall)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(instant: u64, wall: u64) -> Now {
        Now { instant: Instant::from_millis(instant), wall: WallTime::from_millis(wall) }
    }

    #[test]
    fn a_refusal_that_goes_round_is_one() {
        let host = crate::keeper::Host { rest: "https://a".into(), ..Default::default() };
        let config = Config { hosts: vec![host], user: "1001".into(), ..Config::default() };
        let mut keeper = Keeper::new(config).unwrap();
        keeper.handle_timeout(at(1_000, 900_000));
        // told by another tab later than the last input here, and with another rounding each time
        for (now, refusal) in [(9_000, 907_000), (14_000, 907_001), (19_000, 906_999), (24_000, 907_002)] {
            keeper.remember_refusals(&[refusal], at(now, 899_000 + now));
            assert_eq!(keeper.snapshot().refusals, [907_000]);
        }
        keeper.remember_refusals(&[927_000], at(30_000, 929_000));
        assert_eq!(keeper.snapshot().refusals.len(), 2);
        keeper.handle_timeout(at(330_000, 1_229_000));
        assert!(keeper.snapshot().refusals.is_empty(), "what counts no more is not handed on");
    }

    #[test]
    fn a_window_of_long_ago_is_over() {
        for (gone, kept) in [(4_000_000, 1), (100, 0), (9_000_000, 0)] {
            let host = crate::keeper::Host { rest: "https://a".into(), ..Default::default() };
            let config = Config { hosts: vec![host], user: "1001".into(), ..Config::default() };
            let missing = vec![(Side::A, gone, gone + 60_000, None)];
            let snapshot = Snapshot { missing, ..Snapshot::default() };
            let keeper = Keeper::restore(config, snapshot, at(0, 5_000_000)).unwrap();
            assert_eq!(keeper.presence.clock.kept().count(), kept, "{gone}");
        }
    }

    #[test]
    fn what_is_written_is_read_and_garbage_is_passed_over() {
        let whole = Snapshot {
            side: Some(Side::B),
            resource: "keeper-0a1b".into(),
            accepted: true,
            moves: vec![7, 9],
            refusals: vec![8],
            ways: [None, Some(Way::Bosh)],
            missing: vec![(Side::A, 10, 20, None), (Side::B, 11, 21, Some(31))],
            lost: Some(11),
        };
        let shared = Snapshot::from_text(&whole.refusals_to_text());
        assert_eq!(shared, Snapshot { refusals: vec![8], ..Snapshot::default() });
        let own = Snapshot::from_text(&whole.to_text());
        assert_eq!(Snapshot { refusals: vec![8], ..own }, whole);
        let long = format!("1\n{}", "move 1\n".repeat(1_000));
        let other = "2\nside A\nknown \n";
        let garbage = "1\nside C\nmove -1\nmove x\ngone A\ngone C 1 2\nlost 99999999999999999999\nresource a\u{1}b\na morse\n\n ";
        for text in ["", "1", "x", &long, other, garbage] {
            assert_eq!(Snapshot::from_text(text), Snapshot::default(), "{text:?}");
        }
        let many = Snapshot::from_text(&format!("1\n{}", "no 1\n".repeat(100)));
        assert_eq!(many.refusals.len(), TIMES);
    }
}
