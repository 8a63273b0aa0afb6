//! Finesse's objects as its REST answers and notifications carry them, one file per object.
//!
//! What real servers vary is read alike: any order of child elements, any letter case of their names, empty and
//! missing elements, payloads as escaped text, as elements or as JSON. What we do not know is kept as plain data;
//! nothing is dropped for being new.

mod json;

pub mod api_error;
pub mod desktop_config;
pub mod dialog;
pub mod media;
pub mod node;
pub mod queue;
pub mod reason;
pub mod rest;
pub mod system_info;
pub mod team;
pub mod time;
pub mod update;
pub mod user;
pub mod value;

use crate::shapes::object::Object;
use crate::shapes::read::Reading;
use crate::shapes::{Shape, is_same_word};
use crate::xml::{Tokens, XmlError};
use core::fmt;
pub use json::JsonError;

/// Every object of Finesse's, those inside others before them. JavaScript knows an object by its place here.
pub static SHAPES: &[&Shape] = &[
    user::ReasonCode::SHAPE,
    user::Settings::SHAPE,
    user::MobileAgent::SHAPE,
    user::TeamSummary::SHAPE,
    user::User::SHAPE,
    dialog::CallVariable::SHAPE,
    dialog::MediaProperties::SHAPE,
    dialog::Participant::SHAPE,
    dialog::ScheduledCallbackInfo::SHAPE,
    dialog::Dialog::SHAPE,
    team::TeamUser::SHAPE,
    team::Team::SHAPE,
    team::CreatedBy::SHAPE,
    team::TeamMessage::SHAPE,
    queue::Statistics::SHAPE,
    queue::Queue::SHAPE,
    media::Media::SHAPE,
    system_info::NodeAddress::SHAPE,
    system_info::CtiServer::SHAPE,
    system_info::SystemInfo::SHAPE,
    desktop_config::DesktopConfig::SHAPE,
    api_error::ApiError::SHAPE,
];

/// Why a document is not the object that it should be. The server is to blame; ask again, or ask the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinesseError {
    /// No XML that we accept (HTML, mostly).
    Xml(XmlError),
    /// No JSON that we accept.
    Json(JsonError),
    /// Another element than the expected one.
    NotThis {
        /// What should have come.
        expected: &'static str,
        /// What came, shortened.
        found: String,
    },
    /// An element that the object cannot be understood without is missing or empty.
    Missing(&'static str),
    /// The notification has no payload, or one that is neither XML nor JSON.
    NoPayload,
}

impl From<XmlError> for FinesseError {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

impl From<JsonError> for FinesseError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for FinesseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xml(error) => write!(f, "no valid XML: {error}"),
            Self::Json(error) => write!(f, "no valid JSON: {error}"),
            Self::NotThis { expected, found } => write!(f, "<{found}> instead of <{expected}>"),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::NoPayload => f.write_str("no payload"),
        }
    }
}

impl core::error::Error for FinesseError {}

/// Reads an object from the body of a REST answer.
///
/// # Errors
///
/// If it is no XML that we accept, or another document.
pub fn parse(shape: &'static Shape, xml: &str) -> Result<Object, FinesseError> {
    let tokens = tokens(xml)?;
    let mut reading = Reading::new(&tokens);
    expect(&reading, shape.element)?;
    let slot = reading.object(shape, 0).ok_or(FinesseError::Missing(shape.element))?;
    Ok(reading.finish().object(slot))
}

/// Reads a list of objects from the body of a REST answer, whose element has this name. What is no such object in it is
/// left out.
///
/// # Errors
///
/// As [`parse`]; and if there is text in it.
pub fn parse_list(list: &'static str, shape: &'static Shape, xml: &str) -> Result<Vec<Object>, FinesseError> {
    let tokens = tokens(xml)?;
    let reading = Reading::new(&tokens);
    expect(&reading, list)?;
    if !reading.is_blank(0) {
        return Err(FinesseError::Missing(shape.element));
    }
    Ok(objects(reading, shape, 0))
}

/// The objects that are the children of an element, as far as they are no more than can be.
fn objects(mut reading: Reading<'_, '_>, shape: &'static Shape, at: usize) -> Vec<Object> {
    let children = reading.children(at);
    let fits = |at: &usize| reading.name(*at).is_some_and(|name| is_same_word(name, shape.element));
    let fitting: Vec<usize> = children.into_iter().filter(fits).take(crate::limits::LIST_OBJECTS).collect();
    let slots: Vec<_> = fitting.into_iter().filter_map(|at| reading.object(shape, at)).collect();
    let document = reading.finish();
    slots.into_iter().map(|slot| document.object(slot)).collect()
}

fn tokens(xml: &str) -> Result<Tokens<'_>, FinesseError> {
    if xml.len() > crate::limits::FRAME_BYTES {
        return Err(XmlError::TooLarge { bytes: xml.len() }.into());
    }
    Ok(Tokens::read(xml)?)
}

/// Whether the document is an `expected`, in whatever namespace and letter case.
fn expect(reading: &Reading<'_, '_>, expected: &'static str) -> Result<(), FinesseError> {
    let name = reading.name(0).unwrap_or_default();
    if is_same_word(name, expected) {
        return Ok(());
    }
    Err(FinesseError::NotThis { expected, found: name.chars().take(crate::limits::NAME_CHARS).collect() })
}
