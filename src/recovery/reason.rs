//! Why we are not in service, as far as what can be seen allows.

use super::Recovery;
use super::evidence::Reading;
use super::state::{AttemptFailure, Side, Standstill, State, Stop, WaitingFor};

/// The likeliest cause of what is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing is wrong yet.
    Starting,
    /// The link broke; it is not known yet why.
    ConnectionLost,
    /// From one moment on nothing answers, on either side, or the browser says so: our own network.
    OwnNetwork,
    /// Nothing serves, and what is seen does not tell why.
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
    /// Something hides this host from us, or answers in its place: a certificate, CORS, a permission, a proxy.
    Between,
    /// Our own former session holds our place.
    Ghost,
    /// Signed in elsewhere.
    Conflict,
    /// Credentials refused.
    CredentialsRefused,
    /// The application's provider gave none.
    CredentialsMissing,
    /// A gadget's container says that its connection does not stand.
    Container,
    /// Closed by the application.
    Closed,
    /// The page was left.
    PageLeft,
    /// The machine slept. Only a cause.
    Slept,
    /// Moving because the application asked.
    Moved,
    /// The side is in maintenance mode. Only a cause: it serves.
    Maintenance,
    /// What was seen does not tell. Only a cause.
    Unknown,
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
            Self::Between => "between",
            Self::Ghost => "ghost",
            Self::Conflict => "conflict",
            Self::CredentialsRefused => "credentials-refused",
            Self::CredentialsMissing => "credentials-missing",
            Self::Container => "container",
            Self::Closed => "closed",
            Self::PageLeft => "page-left",
            Self::Slept => "slept",
            Self::Moved => "moved",
            Self::Maintenance => "maintenance",
            Self::Unknown => "unknown",
        }
    }

    /// Known, and not only the likeliest.
    #[must_use]
    pub const fn is_certain(self) -> bool {
        !matches!(
            self,
            Self::OwnNetwork
                | Self::NotificationService
                | Self::Tomcat
                | Self::WebApp
                | Self::Node
                | Self::Between
        )
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

    /// What a container's word is worth.
    fn container(&self) -> Reason {
        match self.standstill {
            Some(Standstill::Conflict) => Reason::Conflict,
            Some(Standstill::Refused) => Reason::CredentialsRefused,
            Some(Standstill::Failing) | None => Reason::Container,
        }
    }

    fn with_session(&self, side: Side, waiting: WaitingFor) -> Reason {
        let other = self.reading(side.other()).is_some_and(Reading::answered);
        match (waiting, self.reading(side)) {
            // a gateway on the way to the container's own server tells no more than the container
            (WaitingFor::Container, None | Some(Reading::In { .. } | Reading::Hidden | Reading::Gateway)) => {
                self.container()
            }
            // the session lives, so our network does too: where `finesse` went first, or the other side answers
            (_, Some(Reading::Refused | Reading::Silent))
                if self.suspect || waiting != WaitingFor::Presence && !other =>
            {
                self.no_answer(side)
            }
            (_, Some(Reading::Refused | Reading::Silent | Reading::Gateway)) => Reason::Tomcat,
            (WaitingFor::Presence, _) | (_, Some(Reading::Unclear)) => Reason::WebApp,
            (_, Some(Reading::Out { cti_lost: true })) => Reason::Cti,
            (_, Some(Reading::Hidden)) => Reason::Between,
            _ => Reason::OutOfService,
        }
    }

    fn without_session(&self, side: Side) -> Reason {
        let unknown = if self.was_in_service { Reason::ConnectionLost } else { Reason::Starting };
        match self.reading(side) {
            _ if self.failed == Some(AttemptFailure::NoCredentials) => Reason::CredentialsMissing,
            None | Some(Reading::In { .. }) if self.standstill.is_some() => self.container(),
            Some(Reading::In { .. }) if self.was_refused() || self.held_back() => Reason::CredentialsRefused,
            Some(Reading::Out { cti_lost: true }) => Reason::Cti,
            Some(Reading::Out { .. }) => Reason::OutOfService,
            Some(Reading::Gateway) => Reason::Node,
            Some(Reading::Hidden) => Reason::Between,
            Some(Reading::Unclear) => Reason::WebApp,
            Some(Reading::In { .. }) if self.refused_since_accepted > 0 => Reason::CredentialsRefused,
            Some(Reading::In { .. }) if self.failed == Some(AttemptFailure::Ghost) => Reason::Ghost,
            Some(Reading::In { .. }) if self.sides.get(side).gives_no_session() => self.no_session(side),
            Some(Reading::Refused | Reading::Silent) => self.no_answer(side),
            _ => unknown,
        }
    }

    /// It reads in and gives no session. Where none ever came about it may as well be something on the way, unless the
    /// other side's service answers the same question.
    fn no_session(&self, side: Side) -> Reason {
        let other = self.sides.get(side.other()).stream();
        let told = self.failed != Some(AttemptFailure::Gateway) && other == Some(true);
        if told || self.served == Some(side) || self.sides.get(side).login_stage() {
            Reason::NotificationService
        } else {
            Reason::Unreachable
        }
    }

    /// It does not answer. Two servers that fall silent together are one network that is lost; two that refuse may be
    /// both down; and what failed while the other answered, or never answered at all, says nothing about the network.
    fn no_answer(&self, side: Side) -> Reason {
        let (here, there) = (self.sides.get(side), self.sides.get(side.other()));
        let known = here.last_answer().is_some();
        match self.reading(side.other()).filter(|_| self.alternate) {
            _ if self.offline => Reason::OwnNetwork,
            Some(other) if other.answered() && known && here.failed_alone(there) => Reason::Node,
            Some(other) if other.answered() && known => Reason::ConnectionLost,
            Some(Reading::Silent)
                if self.reading(side) == Some(Reading::Silent)
                    && (known || there.last_answer().is_some())
                    && !(here.failed_alone(there) || there.failed_alone(here)) =>
            {
                Reason::OwnNetwork
            }
            None if self.alternate => Reason::ConnectionLost,
            _ => Reason::Unreachable,
        }
    }
}
