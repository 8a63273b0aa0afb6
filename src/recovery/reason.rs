//! Why we are not in service, as far as what can be seen allows.

use super::Recovery;
use super::evidence::Reading;
use super::state::{Side, State, Stop, WaitingFor};

/// The likeliest cause of what is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing is wrong yet.
    Starting,
    /// The link broke; it is not known yet why.
    ConnectionLost,
    /// Nothing answers, on either side: our own network.
    OwnNetwork,
    /// The only known server does not answer; cause unknown.
    Unreachable,
    /// The server is in service and gives no XMPP session.
    NotificationService,
    /// `finesse` is gone and REST does not answer.
    Tomcat,
    /// `finesse` is gone and something else still answers.
    WebApp,
    /// Finesse lost the CTI server.
    Cti,
    /// Finesse says out of service, for another reason or none.
    OutOfService,
    /// No Finesse answers on this machine, and our network is well: another one does, or something in front of it.
    Node,
    /// Signed in elsewhere.
    Conflict,
    /// Credentials refused.
    CredentialsRefused,
    /// The application's provider gave none.
    CredentialsMissing,
    /// Closed by the application.
    Closed,
    /// The page was left.
    PageLeft,
    /// Moving because the application asked.
    Moved,
}

impl Reason {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::ConnectionLost => "connection-lost",
            Self::OwnNetwork => "own-network",
            Self::Unreachable => "unreachable",
            Self::NotificationService => "notification-service",
            Self::Tomcat => "tomcat",
            Self::WebApp => "web-app",
            Self::Cti => "cti",
            Self::OutOfService => "out-of-service",
            Self::Node => "node",
            Self::Conflict => "conflict",
            Self::CredentialsRefused => "credentials-refused",
            Self::CredentialsMissing => "credentials-missing",
            Self::Closed => "closed",
            Self::PageLeft => "page-left",
            Self::Moved => "moved",
        }
    }

    /// Cisco's name of the service, where the reason is one.
    #[must_use]
    pub const fn service(self, ccx: bool) -> Option<&'static str> {
        match self {
            Self::NotificationService if ccx => Some("Cisco Unified CCX Notification Service"),
            Self::NotificationService => Some("Cisco Finesse Notification Service"),
            Self::Tomcat => Some("Cisco Finesse Tomcat"),
            Self::WebApp => Some("Cisco Finesse web app"),
            Self::Cti => Some("CTI server"),
            _ => None,
        }
    }
}

impl Recovery {
    /// Why we are not in service; nothing while we are.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.state {
            State::InService { .. } => None,
            State::Idle => Some(Reason::Starting),
            State::Stopped { stop, .. } => Some(match stop {
                Stop::Conflict => Reason::Conflict,
                Stop::CredentialsRefused => Reason::CredentialsRefused,
                Stop::PageLeft => Reason::PageLeft,
                Stop::Closed => Reason::Closed,
            }),
            State::Locating => Some(match self.without_session(self.preferred) {
                Reason::ConnectionLost => Reason::Starting,
                reason => reason,
            }),
            State::Waiting { side, reason, .. } => Some(self.with_session(side, reason)),
            State::Settling { .. } | State::Moving { .. } => Some(self.cause),
            State::Connecting { side } | State::Reconnecting { side } => Some(self.without_session(side)),
        }
    }

    fn reading(&self, side: Side) -> Option<Reading> {
        self.sides.get(side).reading.map(|(reading, _)| reading)
    }

    fn with_session(&self, side: Side, waiting: WaitingFor) -> Reason {
        match (waiting, self.reading(side)) {
            (_, Some(Reading::Refused | Reading::Silent | Reading::Gateway)) => Reason::Tomcat,
            (WaitingFor::Presence, _) | (_, Some(Reading::Unclear)) => Reason::WebApp,
            (WaitingFor::Notice, Some(Reading::Out { cti_lost: true })) => Reason::Cti,
            (WaitingFor::Notice, _) => Reason::OutOfService,
        }
    }

    fn without_session(&self, side: Side) -> Reason {
        let other = if self.alternate { self.reading(side.other()) } else { None };
        match self.reading(side) {
            _ if self.no_credentials => Reason::CredentialsMissing,
            Some(Reading::In { .. }) if self.was_refused() || self.held_back() => Reason::CredentialsRefused,
            Some(Reading::Out { cti_lost: true }) => Reason::Cti,
            Some(Reading::Out { .. }) => Reason::OutOfService,
            Some(Reading::Gateway) => Reason::Node,
            Some(Reading::In { .. }) if self.sides.get(side).gives_no_session() => {
                Reason::NotificationService
            }
            Some(Reading::Refused | Reading::Silent) => match other {
                Some(other) if other.answered() => Reason::Node,
                Some(_) => Reason::OwnNetwork,
                None if self.offline => Reason::OwnNetwork,
                None if self.alternate => Reason::ConnectionLost,
                None => Reason::Unreachable,
            },
            _ if !self.was_in_service => Reason::Starting,
            _ => Reason::ConnectionLost,
        }
    }
}
