//! Finesse's objects as its REST answers and notifications carry them, one file per object.
//!
//! What real servers vary is read alike: any order of child elements, any letter case of their names, empty and
//! missing elements, payloads as escaped text, as elements or as JSON. What we do not know is kept as a [`tree::Tree`];
//! nothing is dropped for being new.

#[macro_use]
mod object;
mod json;

pub mod api_error;
pub mod dialog;
pub mod node;
pub mod reason;
pub mod rest;
pub mod system_info;
pub mod time;
pub mod tree;
pub mod update;
pub mod user;
pub mod value;

pub use json::JsonError;
pub use object::FinesseError;
