//! The front door: two servers, one CTI, and a clock from outside.

use crate::config::Config;
use crate::control::{CallSpec, ControlError, FaultSpec};
use crate::io::{Input, Output};
use crate::report::{AgentReport, FaultReport, ForcedLogout, Report};

/// The pair. Feed inputs, then drain [`poll_output`](Self::poll_output), then wait for
/// [`poll_timeout`](Self::poll_timeout). Times never go back.
pub struct World {
    config: Config,
}

impl World {
    /// A pair in full health at simulated time 0.
    #[must_use]
    pub fn new(config: Config, _seed: u64) -> Self {
        Self { config }
    }
    /// Something reached the network.
    pub fn handle_input(&mut self, _input: Input, _now: u64) {}
    /// Time went on.
    pub fn handle_timeout(&mut self, _now: u64) {}
    /// What clients see next.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }
    /// When to call [`handle_timeout`](Self::handle_timeout) at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<u64> {
        None
    }
    /// Breaks something.
    pub fn add_fault(&mut self, _spec: &FaultSpec, _now: u64) -> Result<u64, ControlError> {
        Ok(0)
    }
    /// Heals one fault; false when there is no such fault.
    pub fn heal(&mut self, _id: u64, _now: u64) -> bool {
        false
    }
    /// Heals everything.
    pub fn heal_all(&mut self, _now: u64) {}
    /// What is broken.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultReport> {
        Vec::new()
    }
    /// Moves a call on.
    pub fn call(&mut self, _spec: &CallSpec, _now: u64) -> Result<(), ControlError> {
        Ok(())
    }
    /// The whole truth.
    #[must_use]
    pub fn report(&self, now: u64) -> Report {
        Report {
            now,
            time: self.config.epoch_ms + now,
            sides: Vec::new(),
            agents: Vec::new(),
            sessions: Vec::new(),
            faults: self.faults(),
            requests: Vec::new(),
            refusals: Vec::new(),
            forced_logouts: self.forced_logouts(),
            counts: crate::report::Counts::default(),
        }
    }
    /// One agent, as CTI knows it.
    #[must_use]
    pub fn agent(&self, _id: &str) -> Option<AgentReport> {
        None
    }
    /// The newest forced logouts.
    #[must_use]
    pub fn forced_logouts(&self) -> Vec<ForcedLogout> {
        Vec::new()
    }
}
