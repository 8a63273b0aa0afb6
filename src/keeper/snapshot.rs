//! What is worth keeping over a reload, or a crash of the module. No credentials, no objects: those are read again.

use super::{Config, ConfigError, Keeper, Way};
use crate::recovery::{Recovery, Setup, Side};
use crate::time::{Duration, Instant, Now, WallTime, millis};
use serde::{Deserialize, Serialize};

/// The memory of an earlier keeper of the same agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The side that served or was to serve next.
    pub side: Option<Side>,
    /// The XMPP resource: one through reloads, so that our own ghost is replaced and not joined.
    pub resource: String,
    /// Credentials were accepted once.
    pub accepted: bool,
    /// Recent moves, in milliseconds since the epoch: their gap holds over a reload.
    pub moves: Vec<u64>,
    /// Recent refusals, in milliseconds since the epoch: so does their budget.
    pub refusals: Vec<u64>,
    /// The way that last logged in, of each side.
    #[serde(default)]
    pub ways: [Option<Way>; 2],
    /// Where the agent is missing, or will be when this keeper is gone: the side, the last answered ping there, and between
    /// when and when Finesse may force the logout (no end while a call holds it up), in milliseconds since the epoch. The
    /// side that served last comes last.
    #[serde(default)]
    pub missing: Vec<(Side, u64, u64, Option<u64>)>,
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
            refusals: self.recovery.refusals().iter().map(ago).collect(),
            ways: Side::BOTH.map(|side| self.sides.get(side).ways.proven),
            missing: self.missing_when_gone(),
        }
    }

    /// A keeper that goes on from an earlier one's snapshot. `now` holds raw readings of both clocks.
    ///
    /// # Errors
    /// Where the configuration cannot be used.
    pub fn restore(config: Config, snapshot: Snapshot, now: Now) -> Result<Self, ConfigError> {
        let mut keeper = Self::new(config)?;
        keeper.observe(now);
        let at = |wall: &u64| {
            let ago = keeper.now.wall.as_millis().saturating_sub(*wall);
            keeper.now.instant - Duration::from_millis(ago)
        };
        for (side, way) in Side::BOTH.into_iter().zip(snapshot.ways) {
            keeper.sides.get_mut(side).ways.proven = way;
        }
        let known = snapshot.side.filter(|side| keeper.sides.get(*side).is_known());
        let setup = Setup {
            alternate: keeper.config.hosts.len() > 1,
            agents: keeper.config.expected_agents,
            preferred: known.unwrap_or(Side::A),
            accepted: snapshot.accepted,
        };
        let mut recovery = Recovery::new(setup, keeper.rng.fork());
        recovery
            .remember(snapshot.moves.iter().map(at).collect(), snapshot.refusals.iter().map(at).collect());
        keeper.recovery = recovery;
        for (side, gone, earliest, latest) in snapshot.missing {
            let [gone, earliest] = [gone, earliest].map(WallTime::from_millis);
            keeper.presence.clock.restore(side, gone, earliest, latest.map(WallTime::from_millis));
        }
        if !snapshot.resource.is_empty() && keeper.config.resource.is_none() {
            keeper.resource = snapshot.resource;
        }
        Ok(keeper)
    }
}
