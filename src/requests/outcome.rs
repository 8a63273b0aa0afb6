//! What became of a request.

use crate::finesse::api_error::ApiError;
use crate::shapes::object::Object;

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// What was asked for is so.
    Applied(How),
    /// It was answered at once: a read, or a change that Finesse makes before it answers.
    Answered {
        /// The HTTP status, of those that mean success.
        status: u16,
        /// The body as it came.
        body: String,
    },
    /// Finesse, or what is in front of it, refused it: it was not carried out.
    Refused {
        /// The HTTP status; none where it was accepted first and refused by a notification.
        status: Option<u16>,
        /// What Finesse says.
        errors: Vec<Object>,
    },
    /// It failed on the way, and was not carried out.
    NotApplied,
    /// It may have been carried out, and may still be.
    Unknown,
    /// There is no side in service to send it to: it was not sent.
    NotConnected,
    /// Its caller gave it up.
    Aborted {
        /// It had been sent: what becomes of it is not known.
        sent: bool,
    },
    /// More are under way than are kept: it was not sent.
    TooMany,
    /// Its path leads out of Finesse's API: it was not sent.
    BadPath,
}

/// What showed that it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// A notification that bears its `requestId`.
    Notification,
    /// The agent was seen in the state asked for.
    State,
    /// The same, in the resync after a failure.
    Resync,
}

impl How {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::State => "state",
            Self::Resync => "resync",
        }
    }
}

impl Outcome {
    /// The word for it: in JavaScript, of a success its `outcome` and of an error its `code`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Applied(_) => "applied",
            Self::Answered { .. } => "answered",
            Self::Refused { .. } => "refused",
            Self::NotApplied => "not-applied",
            Self::Unknown => "unknown",
            Self::NotConnected => "not-connected",
            Self::Aborted { .. } => "aborted",
            Self::TooMany => "too-many",
            Self::BadPath => "bad-path",
        }
    }

    /// The HTTP status that settled it, if one did.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Refused { status, .. } => *status,
            _ => None,
        }
    }

    /// What Finesse says against it.
    #[must_use]
    pub fn errors(&self) -> &[Object] {
        if let Self::Refused { errors, .. } = self { errors } else { &[] }
    }

    /// What it is for the timeline, after what is there.
    pub(super) fn write(&self, out: &mut String) {
        out.push_str(self.as_str());
        if let Self::Applied(how) = self {
            out.push_str(", seen in ");
            out.push_str(how.as_str());
        }
        if let Some(status) = self.status() {
            out.push(' ');
            out.push_str(&status.to_string());
        }
        for error in self.errors() {
            for field in [ApiError::ERROR_TYPE, ApiError::ERROR_MESSAGE] {
                out.push_str(", ");
                out.push_str(error.text(field));
            }
        }
    }
}

/// Whether a 401 is about the credentials: Finesse also says it of what these credentials may not do.
pub(super) fn is_for_credentials(errors: &[Object]) -> bool {
    !errors.iter().any(|error| error.text(ApiError::ERROR_TYPE).starts_with("Invalid"))
}
