//! Two sentences that an agent can read to a help desk: what happened, and what is being done.

use super::{Keeper, Status};
use crate::recovery::{Reason, Side, StateName};
use crate::time::WallTime;

/// Before the first connection a mistake is likelier than an outage.
const NOTHING_EVER: &str = "No Finesse server has answered yet: look at the servers' addresses and certificates, at CORS, \
                            and at this computer's network. It is tried again and again.";

impl Keeper {
    /// What happened, since when, whose fault it most likely is, and what is being done.
    #[must_use]
    pub fn explain(&self) -> String {
        let status = self.status();
        // while moving it is the side that was left of which there is something to say
        let here = match status.side {
            Some(side) if status.state == StateName::Moving => side.other(),
            side => side.unwrap_or(Side::A),
        };
        let here = self.server(here);
        match status.state {
            StateName::InService if status.suspect => {
                format!(
                    "Connected to {here}, but an answer is overdue. It is being checked; nothing is lost yet."
                )
            }
            StateName::InService => {
                format!("Connected to {here} since {} UTC. All is well.", clock(status.since))
            }
            _ => {
                let since = self
                    .gap_since
                    .map_or(status.since, |since| self.now.wall - self.now.instant.since(since));
                if status.reason == Some(Reason::OwnNetwork) && !self.ever_up {
                    return NOTHING_EVER.to_owned();
                }
                format!("{} {}", what(&Status { since, ..status.clone() }, &here), doing(&status))
            }
        }
    }

    /// A server's name as a person says it.
    fn server(&self, side: Side) -> String {
        let rest = &self.sides.get(side).rest;
        let authority = rest.split('/').nth(2).unwrap_or(rest);
        authority.to_owned()
    }
}

/// The time of day without milliseconds: what a person says.
fn clock(at: WallTime) -> String {
    let text = at.to_string();
    text.split('.').next().unwrap_or_default().to_owned()
}

fn what(status: &Status, here: &str) -> String {
    let since = clock(status.since);
    match status.reason {
        None | Some(Reason::Starting) => "The connection to Finesse is being set up.".to_owned(),
        Some(Reason::ConnectionLost) => {
            format!("The connection to {here} was lost at {since} UTC, cause not yet known.")
        }
        Some(Reason::OwnNetwork) => {
            format!(
                "Since {since} UTC no Finesse server can be reached from here: most likely this computer's network."
            )
        }
        Some(Reason::Unreachable) => format!("Since {since} UTC {here} cannot be reached, cause unknown."),
        Some(Reason::Node) => {
            format!("Since {since} UTC Finesse on {here} does not answer; the network works.")
        }
        Some(Reason::Conflict) => {
            "This agent has signed in elsewhere, which ended the connection here.".to_owned()
        }
        Some(Reason::CredentialsRefused) => "Finesse refused the agent's id or password.".to_owned(),
        Some(Reason::CredentialsMissing) => "The application gave no credentials.".to_owned(),
        Some(Reason::Closed) => "The application closed the connection.".to_owned(),
        Some(Reason::PageLeft) => "The page was left.".to_owned(),
        Some(Reason::Moved) => "The application asked to change to the other server.".to_owned(),
        Some(Reason::OutOfService) => {
            format!("Since {since} UTC Finesse on {here} says that it is out of service.")
        }
        Some(reason) => {
            let service = status.service.or(reason.service(false)).unwrap_or("service");
            let state = if reason == Reason::NotificationService {
                "gives no connection: it is down, or something on the way to it lets nothing through"
            } else {
                "is down"
            };
            format!("Since {since} UTC the {service} of {here} {state}.")
        }
    }
}

fn doing(status: &Status) -> &'static str {
    match status.state {
        StateName::Locating => "Finesse is being asked whether it is in service.",
        StateName::Connecting | StateName::Settling => "The connection is being made right now.",
        StateName::Waiting => "The connection is kept, and work goes on as soon as the service is back.",
        StateName::Reconnecting if status.reason == Some(Reason::CredentialsRefused) => {
            "It is tried again when that cannot lock the agent out."
        }
        StateName::Reconnecting => "It is tried again and again, wherever Finesse may answer.",
        StateName::Moving => "The agent is being moved to the other server.",
        StateName::Stopped if status.reason == Some(Reason::Closed) => "Only a new connection goes on.",
        StateName::Stopped => "Nothing is tried until the agent signs in again.",
        StateName::InService => "",
    }
}
