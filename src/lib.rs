//! Keeps Cisco Finesse agents connected, signed in and up to date while servers and networks fail.
//!
//! The crate is a house with ranks: a module imports only from ranks below its own, and two modules of
//! one rank do not know each other (`tests/tidy.rs` holds it). Everything below `web` is pure: time and
//! randomness are parameters, what the world should do is an [`effect`], what it did is an input.
//!
//! Start reading at [`keeper`].

pub mod map;
pub mod rng;
pub mod secret;
pub mod time;
/// R0 travels with the lowest room that is a package of its own.
pub use finesse_keeper_xml::limits;

pub mod effect;
pub mod timers;
pub use finesse_keeper_xml as xml;

pub mod xmpp;
pub use finesse_keeper_shapes as shapes;

pub mod finesse;

pub mod link;

pub mod presence;
pub mod recovery;
pub mod requests;
pub mod resync;
pub mod session;

pub mod keeper;

#[cfg(target_arch = "wasm32")]
pub mod web;
