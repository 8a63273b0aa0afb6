//! Time as a parameter: two readings, and the clock that joins them.
//!
//! Nothing below `web` asks what time it is. Every call carries a [`Now`]: the monotonic reading, on which
//! deadlines stand, and the wall reading, with which a server's own times are compared.

use core::fmt;
use core::ops::{Add, Sub};
pub use core::time::Duration;

/// A point on the monotonic clock, in milliseconds since an arbitrary start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// The point `millis` milliseconds after the clock's start.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the clock's start.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Time passed since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

/// A point on the wall clock, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime(u64);

impl WallTime {
    /// The point `millis` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for WallTime {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for WallTime {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

impl fmt::Display for WallTime {
    /// The time of day, `hh:mm:ss.mmm`: a timeline spans minutes, not days. In UTC, unless [`Zone::local`] moved it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, rest) = (self.0 / 1000, self.0 % 1000);
        write!(f, "{:02}:{:02}:{:02}.{rest:03}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    }
}

/// Where people's clocks stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    ahead_min: i64,
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self { ahead_min: 0 };

    /// A zone that is so many minutes ahead of UTC, which is the negative of ECMAScript's `getTimezoneOffset`.
    #[must_use]
    pub const fn ahead_by_minutes(minutes: i32) -> Self {
        Self { ahead_min: minutes as i64 }
    }

    /// The time as clocks here show it; to be shown, not to be counted with.
    #[must_use]
    pub const fn local(self, at: WallTime) -> WallTime {
        WallTime(at.0.saturating_add_signed(self.ahead_min * 60_000))
    }
}

/// Both clocks, read together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// What deadlines are compared with.
    pub instant: Instant,
    /// What a server's times are compared with.
    pub wall: WallTime,
}

/// A duration in whole milliseconds.
#[must_use]
pub const fn millis(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000).saturating_add(duration.subsec_millis() as u64)
}

/// How far the wall clock must run ahead of the monotonic one before we say that the machine slept. A smaller
/// lead is a wall clock being corrected, and believing it would only cost a needless ping.
const SLEEP_MIN: u64 = 2_000;

/// Joins the two clocks: browsers may stop the monotonic one while the machine sleeps, so elapsed time is the
/// larger of the two.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    last: Option<Now>,
    slept: u64,
}

impl Clock {
    /// Takes a raw reading and gives the time that counts, and how long the machine slept since the last one.
    pub fn observe(&mut self, raw: Now) -> (Now, Option<Duration>) {
        let mut slept = None;
        let mut instant = raw.instant;
        if let Some(last) = self.last {
            instant = instant.max(last.instant);
            let passed = instant.0 - last.instant.0;
            let ahead = raw.wall.0.saturating_sub(last.wall.0).saturating_sub(passed);
            if ahead >= SLEEP_MIN {
                self.slept = self.slept.saturating_add(ahead);
                slept = Some(Duration::from_millis(ahead));
            }
        }
        self.last = Some(Now { instant, wall: raw.wall });
        (Now { instant: Instant(instant.0.saturating_add(self.slept)), wall: raw.wall }, slept)
    }

    /// The raw monotonic reading at which `at` will have come, if the machine does not sleep again.
    #[must_use]
    pub fn raw(&self, at: Instant) -> Instant {
        Instant(at.0.saturating_sub(self.slept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(instant: u64, wall: u64) -> Now {
        Now { instant: Instant(instant), wall: WallTime(wall) }
    }

    #[test]
    fn sleep_counts_as_time_passed() {
        let mut clock = Clock::default();
        assert_eq!(clock.observe(raw(10, 1_000)), (raw(10, 1_000), None));
        let (now, slept) = clock.observe(raw(20, 61_010));
        assert_eq!((now.instant, slept), (Instant(60_020), Some(Duration::from_secs(60))));
        assert_eq!(clock.raw(Instant(60_020)), Instant(20));
    }

    #[test]
    fn a_corrected_wall_clock_is_no_sleep_and_time_never_runs_back() {
        let mut clock = Clock::default();
        clock.observe(raw(100, 50_000));
        assert_eq!(clock.observe(raw(200, 51_000)).1, None);
        assert_eq!(clock.observe(raw(150, 20_000)), (raw(200, 20_000), None));
    }

    #[test]
    fn wall_time_reads_as_a_time_of_day() {
        assert_eq!(WallTime(3_723_004).to_string(), "01:02:03.004");
    }

    #[test]
    fn a_zone_shows_what_its_clocks_show() {
        let shown = |minutes, at| Zone::ahead_by_minutes(minutes).local(WallTime(at)).to_string();
        assert_eq!(shown(60, 84_723_004), "00:32:03.004");
        assert_eq!(shown(-210, 84_723_004), "20:02:03.004");
        assert_eq!(shown(i32::MIN, 84_723_004), "00:00:00.000");
        assert_eq!(Zone::UTC.local(WallTime(5)), WallTime(5));
    }
}
