//! The parts of XMPP that Finesse speaks, one file per specification. Types in, types out; nothing here keeps state.
//!
//! Finesse supports session establishment, presence, roster and publish-subscribe, and nothing else (no stream
//! management, no personal eventing). Deviations of real servers are read by functions named `quirk_…`.

pub mod bind;
pub mod bosh;
pub mod framing;
pub mod jid;
pub mod ns;
pub mod ping;
pub mod pubsub;
pub mod roster;
pub mod sasl;
pub mod session;
pub mod stanza;
pub mod stream;
