//! A simulated Cisco Finesse pair to develop and test against.
//!
//! [`World`] is pure: two nodes, one CTI, agents and calls, with the clock from outside and a seed for chance. The same
//! world runs in tests, thousands of times faster than life, and behind the server `simulator`. It shares no codec
//! and no machine with the client that it tests.

mod accounts;
mod agenda;
mod config;
mod control;
mod cors;
mod cti;
mod documents;
mod faults;
mod io;
mod nonsense;
mod notification_service;
mod ns;
mod report;
mod rest;
mod rng;
mod tasks;
mod web_app;
mod world;
mod xml;

pub use config::{Config, Deployment, Load, Side};
pub use control::{
    AgentSpec, AgentStep, CallSpec, CallStep, ControlError, Fault, FaultSpec, Garbage, Manner, Reads,
};
pub use io::{Input, Output};
pub use report::{
    AgentReport, BoshCounts, ChangeReport, Counts, DialogReport, EndingReport, FaultReport, ForcedLogout,
    MediumReport, RefusalReport, Report, RequestReport, SessionReport, SideReport, TaskReport, WishReport,
};
pub use world::{Passage, ServiceCommand, ServiceSignal, World};
