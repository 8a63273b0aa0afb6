//! What became of a request, and what to do about it.

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
    /// The code, the message and the next step of one that is an error; nothing for one that is a success.
    #[must_use]
    pub fn error(&self) -> Option<(&'static str, String, &'static str)> {
        let (code, message, next_step) = match self {
            Self::Applied(_) | Self::Answered { .. } => return None,
            Self::Refused { errors, status } => {
                let mut message = "refused".to_owned();
                if let Some(status) = status {
                    message.extend([" with ", &status.to_string()]);
                }
                for error in errors {
                    let (kind, words) =
                        (error.text(ApiError::ERROR_TYPE), error.text(ApiError::ERROR_MESSAGE));
                    message.extend([": ", kind, ", ", words]);
                }
                return Some(("refused", message, refused_next_step(*status, errors)));
            }
            Self::NotApplied => (
                "not-applied",
                "it failed on the way and was not carried out",
                "ask again, if it is still wanted",
            ),
            Self::Unknown => (
                "unknown",
                "it may have been carried out, or may still be",
                "look at what it was about before you ask again",
            ),
            Self::NotConnected => (
                "not-connected",
                "no server is in service for it: it was not sent",
                "ask again when in service",
            ),
            Self::Aborted { sent: false } => ("aborted", "given up before it was sent", "nothing"),
            Self::Aborted { sent: true } => {
                ("aborted", "given up: it may be carried out all the same", "look at what it was about")
            }
            Self::TooMany => (
                "too-many",
                "too many requests are under way: it was not sent",
                "wait for those to be settled",
            ),
            Self::BadPath => ("bad-path", "this path cannot be asked for", "give a path under /finesse/api/"),
        };
        Some((code, message.to_owned(), next_step))
    }

    /// What it is for the timeline.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Applied(how) => String::from_iter(["applied (", how.as_str(), ")"]),
            Self::Answered { status, .. } => String::from_iter(["answered (", &status.to_string(), ")"]),
            other => other.error().map_or_else(String::new, |(code, message, _)| {
                if code == "refused" { message } else { code.to_owned() }
            }),
        }
    }
}

fn refused_next_step(status: Option<u16>, errors: &[Object]) -> &'static str {
    if status == Some(401) && is_for_credentials(errors) {
        return "wait: other credentials are asked for";
    }
    match errors.first().map_or("", |error| error.text(ApiError::ERROR_MESSAGE)) {
        // without a word of Finesse's it was not Finesse that refused
        "" | "CF_RESOURCE_BUSY" | "SERVER_OUT_OF_SERVICE" => "ask again in a few seconds",
        _ => "tell the agent why; the same again will be refused again",
    }
}

/// Whether a 401 is about the credentials: Finesse also says it of what these credentials may not do.
pub(super) fn is_for_credentials(errors: &[Object]) -> bool {
    !errors.iter().any(|error| error.text(ApiError::ERROR_TYPE).starts_with("Invalid"))
}
