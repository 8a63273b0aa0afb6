//! What can be asked of Finesse, as it goes over the wire, and what shows that it came true.

use crate::effect::Method;
use crate::finesse::rest;
use crate::finesse::user::User;
use crate::limits;
use crate::secret::Secret;
use crate::shapes::object::Object;
use crate::xml::Element;

/// What an application asks Finesse for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Sign in; an agent who is signed in keeps the state.
    SignIn(SignIn),
    /// Be `READY`, `NOT_READY` or `LOGOUT`.
    State {
        /// The state.
        state: String,
        /// Why: the reason's id in the database, which is not its code.
        reason: Option<String>,
    },
    /// Anything else.
    Any {
        /// How.
        method: Method,
        /// What: a path under `/finesse/api/`, with its query.
        path: String,
        /// The XML to send; it may hold whatever the application likes.
        body: Option<Secret>,
    },
}

/// How an agent signs in ("User: sign in to Finesse").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignIn {
    /// The number of the agent's telephone.
    pub extension: String,
    /// Which of several devices (12.5).
    pub active_device: Option<String>,
    /// For an agent at a telephone anywhere: the mode and the number to call.
    pub mobile: Option<(String, String)>,
}

impl Ask {
    pub(super) fn method(&self) -> Method {
        if let Self::Any { method, .. } = self { *method } else { Method::Put }
    }

    /// The path, for an agent; taken out of what brings its own.
    pub(super) fn take_path(&mut self, agent: &str) -> String {
        match self {
            Self::Any { path, .. } => core::mem::take(path),
            _ => rest::user_path(agent),
        }
    }

    /// The XML to send.
    pub(super) fn body(&self) -> Option<Secret> {
        let mut user = "<User>".to_owned();
        let field = |user: &mut String, name, text: &str| {
            user.push_str(&Element::new(name, "").with_text(text).to_xml());
        };
        match self {
            Self::Any { body, .. } => return body.clone(),
            Self::State { state, reason } => {
                field(&mut user, "state", state);
                if let Some(reason) = reason {
                    field(&mut user, "reasonCodeId", reason);
                }
            }
            Self::SignIn(SignIn { extension, active_device, mobile }) => {
                field(&mut user, "state", "LOGIN");
                field(&mut user, "extension", extension);
                if let Some(device) = active_device {
                    field(&mut user, "activeDeviceId", device);
                }
                if let Some((mode, number)) = mobile {
                    user.push_str("<mobileAgent>");
                    field(&mut user, "mode", mode);
                    field(&mut user, "dialNumber", number);
                    user.push_str("</mobileAgent>");
                }
            }
        }
        user.push_str("</User>");
        Some(Secret::new(user))
    }

    /// A word for the timeline.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::SignIn(_) => "LOGIN",
            Self::State { state, .. } => state,
            Self::Any { method, .. } => method.as_str(),
        }
    }

    /// Whether it is about the agent's own state, which can be seen and compared.
    pub(super) const fn is_seen(&self) -> bool {
        !matches!(self, Self::Any { .. })
    }

    /// Whether the agent is as asked.
    pub(super) fn is_met(&self, user: &Object) -> bool {
        let state = user.text(User::STATE);
        match self {
            Self::SignIn(SignIn { extension, .. }) => {
                let known = user.text(User::EXTENSION);
                !matches!(state, "LOGOUT" | "LOGIN" | "UNKNOWN" | "")
                    && (known.is_empty() || extension.is_empty() || known == extension)
            }
            Self::State { state: wanted, reason } => {
                let is = state == wanted
                    && reason.as_ref().is_none_or(|reason| user.text(User::REASON_CODE_ID) == reason);
                // LOGOUT is pending by Finesse's own doing too: on CCX, while it fails over
                is || wanted != "LOGOUT" && user.text(User::PENDING_STATE) == wanted
            }
            Self::Any { .. } => false,
        }
    }

    /// Whether an agent who is still as before was not changed by this. On a call, and while wrapping up, what was asked
    /// may only come true after it, and not every server says so.
    pub(super) fn is_decided(&self, user: &Object) -> bool {
        let state = user.text(User::STATE);
        state == "LOGOUT" || !matches!(self, Self::SignIn(_)) && matches!(state, "NOT_READY" | "READY")
    }
}

/// What a path is about, without its query: later requests for it wait for earlier ones.
pub(super) fn object(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// Whether a path stays under `/finesse/api/` in whatever way a browser reads it.
pub(super) fn is_sound(path: &str) -> bool {
    let odd = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b'\\' | b'#');
    path.starts_with("/finesse/api/")
        && path.len() <= limits::NODE_BYTES
        && !path.bytes().any(odd)
        && !path.as_bytes().windows(3).any(|three| three.eq_ignore_ascii_case(b"%2e"))
        && !object(path).split('/').any(|part| matches!(part, "." | ".."))
}

/// What tells one moment of an agent's from another.
pub(super) fn moment(user: &Object) -> String {
    let mut moment = String::new();
    for field in [User::STATE, User::PENDING_STATE, User::REASON_CODE_ID, User::STATE_CHANGE_TIME] {
        moment.push_str(user.text(field));
        moment.push('|');
    }
    moment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_as_cisco_shows_them() {
        let sent = |ask: Ask| ask.body().unwrap_or_default().expose().to_owned();
        let state = |reason| Ask::State { state: "NOT_READY".into(), reason };
        assert_eq!(sent(state(None)), "<User><state>NOT_READY</state></User>");
        assert_eq!(
            sent(state(Some("<16>".into()))),
            "<User><state>NOT_READY</state><reasonCodeId>&lt;16&gt;</reasonCodeId></User>"
        );
        let mut given = SignIn { extension: "2001".into(), ..SignIn::default() };
        assert_eq!(
            sent(Ask::SignIn(given.clone())),
            "<User><state>LOGIN</state><extension>2001</extension></User>"
        );
        given.active_device = Some("d1".into());
        given.mobile = Some(("CALL_BY_CALL".into(), "5551".into()));
        assert_eq!(
            sent(Ask::SignIn(given)),
            "<User><state>LOGIN</state><extension>2001</extension><activeDeviceId>d1</activeDeviceId>\
             <mobileAgent><mode>CALL_BY_CALL</mode><dialNumber>5551</dialNumber></mobileAgent></User>"
        );
    }

    #[test]
    fn no_path_leaves_the_api() {
        for path in ["/finesse/api/User/1001", "/finesse/api/User/1001/ReasonCodes?category=NOT_READY"] {
            assert!(is_sound(path), "{path}");
        }
        for path in [
            "/finesse/apiX",
            "/desktop/sso/token",
            "//evil.example/finesse/api/",
            "/finesse/api/../../x",
            "/finesse/api/%2E./x",
            "/finesse/api/.%2e/x",
            "/finesse/api/User\\..\\x",
            "/finesse/api/a b",
            "/finesse/api/a\tb",
            "/finesse/api/a#b",
        ] {
            assert!(!is_sound(path), "{path}");
        }
    }

    #[test]
    fn an_agent_is_as_asked_only_with_the_reason_and_the_telephone() {
        let user =
            |inner: &str| crate::finesse::parse(User::SHAPE, &format!("<User>{inner}</User>")).unwrap();
        let ask = |state: &str, reason: Option<&str>| Ask::State {
            state: state.into(),
            reason: reason.map(str::to_owned),
        };
        let resting =
            user("<state>NOT_READY</state><reasonCodeId>5</reasonCodeId><extension>2001</extension>");
        assert!(ask("NOT_READY", None).is_met(&resting) && ask("NOT_READY", Some("5")).is_met(&resting));
        assert!(!ask("NOT_READY", Some("6")).is_met(&resting) && !ask("READY", None).is_met(&resting));
        let talking = user("<state>TALKING</state><pendingState>LOGOUT</pendingState>");
        assert!(!ask("LOGOUT", None).is_met(&talking), "CCX says so while it fails over");
        assert!(ask("READY", None).is_met(&user("<state>TALKING</state><pendingState>READY</pendingState>")));
        assert!(!ask("READY", None).is_decided(&talking));
        let sign_in =
            |extension: &str| Ask::SignIn(SignIn { extension: extension.into(), ..SignIn::default() });
        assert!(sign_in("2001").is_met(&resting) && sign_in("").is_met(&resting));
        assert!(!sign_in("2002").is_met(&resting) && !sign_in("2002").is_decided(&resting));
        assert!(!sign_in("").is_met(&user("<state>LOGOUT</state>")));
    }
}
