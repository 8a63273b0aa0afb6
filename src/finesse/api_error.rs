//! `ApiErrors`: what a REST call answers when it fails, and what a notification tells when a call that was accepted
//! fails later. The element names begin in upper case in the one and in lower case in the other.

use super::FinesseError;
use super::object::expect;
use crate::xml::{self, Element};

object! {
    /// One error.
    ApiError = "ApiError" {
        /// The class (`Invalid Input`, `Call Operation Failure`, …).
        error_type: Option<String> = "errorType",
        /// The error itself (`SERVER_OUT_OF_SERVICE`, `CF_RESOURCE_BUSY`, …).
        error_message: Option<String> = "errorMessage",
        /// What it is about: a CTI code, a parameter.
        error_data: Option<String> = "errorData",
        /// The medium of an asynchronous media error.
        error_media: Option<String> = "errorMedia",
        /// The peripheral's own code (12.5).
        peripheral_error_code: Option<String> = "peripheralErrorCode",
        /// The peripheral's own name for it (12.5).
        peripheral_error_msg: Option<String> = "peripheralErrorMsg",
        /// The peripheral's own words (12.5).
        peripheral_error_text: Option<String> = "peripheralErrorText",
    }
}

/// The root's name.
const LIST: &str = "ApiErrors";

/// Reads `<ApiErrors>`; what is no `ApiError` in it is left out.
///
/// # Errors
///
/// If it is another element.
pub fn list_from_element(element: &Element) -> Result<Vec<ApiError>, FinesseError> {
    expect(element, LIST)?;
    Ok(element.elements().filter_map(|child| ApiError::from_element(child).ok()).collect())
}

/// Reads the body of a REST answer that failed.
///
/// # Errors
///
/// If it is no XML (a proxy's HTML, mostly), or another document.
pub fn parse(xml: &str) -> Result<Vec<ApiError>, FinesseError> {
    list_from_element(&xml::parse(xml)?)
}

/// Errors as `<ApiErrors>`.
#[must_use]
pub fn list_to_element(errors: &[ApiError]) -> Element {
    errors.iter().map(ApiError::to_element).fold(Element::new(LIST, ""), Element::with_child)
}
