//! `ApiErrors`: what a REST call answers when it fails, and what a notification tells when a call that was accepted
//! fails later. The element names begin in upper case in the one and in lower case in the other.

use crate::shapes::shape;

shape! {
    /// One error.
    ApiError = "ApiError" {
        /// The class (`Invalid Input`, `Call Operation Failure`, …).
        ERROR_TYPE: Text, "errorType";
        /// The error itself (`SERVER_OUT_OF_SERVICE`, `CF_RESOURCE_BUSY`, …).
        ERROR_MESSAGE: Text, "errorMessage";
        /// What it is about: a CTI code, a parameter.
        ERROR_DATA: Text, "errorData";
        /// The medium of an asynchronous media error.
        ERROR_MEDIA: Text, "errorMedia";
        /// The peripheral's own code (12.5).
        PERIPHERAL_ERROR_CODE: Text, "peripheralErrorCode";
        /// The peripheral's own name for it (12.5).
        PERIPHERAL_ERROR_MSG: Text, "peripheralErrorMsg";
        /// The peripheral's own words (12.5).
        PERIPHERAL_ERROR_TEXT: Text, "peripheralErrorText";
    }
}
