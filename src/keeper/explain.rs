//! Two sentences that an agent can read to a help desk: whose fault it most likely is and since when; what is being done,
//! and what a person can do.

use super::transport::Way;
use super::{Keeper, Status, Transport};
use crate::recovery::{Outage, Reading, Reason, Side, StateName};
use crate::time::{Duration, Instant, WallTime, Zone};

/// So long after its end an outage is spoken of.
const RECENT: Duration = Duration::from_secs(600);

impl Keeper {
    /// What happened, since when on the clocks of this zone, whose fault it most likely is, what is being done and what a
    /// person can do.
    #[must_use]
    pub fn explain(&self, zone: Zone) -> String {
        let status = self.status();
        let mut text = Account { text: String::new(), zone };
        if status.state == StateName::InService {
            self.tell_service(&mut text, &status);
        } else {
            self.tell_outage(&mut text, &status);
        }
        text.text
    }

    /// Whose fault it most likely is: what is wrong now, or else what last was.
    pub(super) fn cause(&self) -> Option<Reason> {
        let blocked = self.is_blocked().then_some(Reason::Between);
        match self.recovery.side().filter(|_| self.recovery.state() == StateName::InService) {
            None => self.recovery.cause(),
            Some(side) if self.sides.get(side).maintenance => Some(Reason::Maintenance),
            Some(side) if self.recovery.last_reading(side) == Some(Reading::Hidden) => Some(Reason::Between),
            Some(_) => self.recovery.cause().or(blocked),
        }
    }

    /// BOSH serves because no WebSocket came about.
    fn is_blocked(&self) -> bool {
        self.config.transport == Transport::Auto && self.line_up().is_some_and(|line| line.way == Way::Bosh)
    }

    fn tell_service(&self, text: &mut Account, status: &Status) {
        let side = self.recovery.here();
        let here = self.server(side);
        text.push(&["Connected to ", here, " since "]);
        text.push_time(status.since);
        let outage = self.recovery.outage().filter(|outage| self.is_recent(outage));
        if let Some(outage) = outage {
            let long = outage.until.unwrap_or_default().since(outage.since).as_secs() + 1;
            text.push(&[", after ", &long.to_string(), " s out of service; "]);
            let cause = self.recovery.cause().unwrap_or(Reason::Unknown);
            self.push_cause(text, cause, outage.side);
        }
        text.push_str(". ");
        let hidden = self.recovery.last_reading(side) == Some(Reading::Hidden);
        if status.suspect {
            text.push_str("An answer is overdue and is being checked; nothing is lost yet.");
        } else if self.presence.may_undo() {
            text.push_str("But Finesse has signed the agent out for the lost connection: sign in again.");
        } else if self.sides.get(side).maintenance {
            text.push_str("That server is in maintenance mode; ");
            if self.config.transport == Transport::Hub {
                text.push_str("the desktop around this gadget moves by itself");
            } else if !self.push_alternate(text, "", side.other()) {
                text.push_str("change to the other one when it suits");
            }
            text.push_str(".");
        } else if hidden {
            text.push(&["But ", BETWEEN, here, " hides its answers; ", advice(Reason::Between), "."]);
        } else if self.push_alternate(text, "But ", side.other()) {
            text.push_str(".");
        } else if self.is_blocked() {
            text.push(&["It runs over BOSH, as ", BETWEEN, here, " lets no WebSocket through."]);
        } else if let Some(logout) = &status.forced_logout {
            text.push(&["But side ", logout.side.as_str(), " may yet sign the agent out."]);
        } else {
            text.push_str("All is well.");
        }
    }

    fn tell_outage(&self, text: &mut Account, status: &Status) {
        let side = self.recovery.here();
        if let (Some(cause), Some(outage)) = (status.cause, self.recovery.outage()) {
            text.push_str("Not in service since ");
            text.push_time(self.past(outage.since));
            text.push_str("; ");
            self.push_cause(text, cause, outage.about(cause));
        } else {
            text.push_str("The connection to Finesse is being set up");
        }
        text.push(&[". ", doing(status)]);
        let cause = status.cause.unwrap_or(Reason::Unknown);
        if status.state != StateName::Stopped {
            let vague = matches!(cause, Reason::OwnNetwork | Reason::Unknown);
            // before the first connection a mistake is likelier than an outage
            let help = advice(if vague && !self.ever_up { Reason::Between } else { cause });
            text.push(&["; ", help]);
            if !vague {
                self.push_alternate(text, "; ", side.other());
            }
        }
        text.push_str(".");
    }

    fn is_recent(&self, outage: &Outage) -> bool {
        outage.until.is_some_and(|until| self.now.instant.since(until) < RECENT)
    }

    fn push_cause(&self, text: &mut Account, cause: Reason, side: Side) {
        let phrase = phrase(cause);
        if cause != Reason::Unknown {
            text.push_str(if cause.is_certain() { "cause: " } else { "most likely cause: " });
        }
        if let Some(service) = cause.service(self.sides.get(side).ccx) {
            text.push(&[service, " of "]);
        }
        match phrase.split_once('@') {
            Some((before, after)) => text.push(&[before, self.server(side), after]),
            None => text.push_str(phrase),
        }
    }

    /// The other server, where it could not take over, and whether that had to be said. What it said before we were in
    /// service is old news, unless it was the one that failed.
    fn push_alternate(&self, text: &mut Account, but: &str, side: Side) -> bool {
        let record = self.sides.get(side);
        let out = self.recovery.last_reading(side).is_some_and(|reading| !reading.is_in());
        let Some(at) = record.read_at.filter(|_| out) else { return false };
        let outage = self.recovery.outage().filter(|outage| outage.until.is_some() && outage.side != side);
        if !record.hidden && outage.and_then(|outage| outage.until).is_some_and(|until| at < self.past(until))
        {
            return false;
        }
        text.push(&[but, self.server(side), " could not take over at "]);
        text.push_time(at);
        text.push(&[": ", &record.detail]);
        true
    }

    /// What the wall clock said then.
    fn past(&self, at: Instant) -> WallTime {
        self.now.wall - self.now.instant.since(at)
    }

    /// A server's name as a person says it.
    fn server(&self, side: Side) -> &str {
        let rest = &self.sides.get(side).rest;
        rest.split('/').nth(2).unwrap_or(rest)
    }
}

/// What is told, and by which clocks.
struct Account {
    text: String,
    zone: Zone,
}

impl Account {
    fn push(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.push_str(part));
    }

    fn push_str(&mut self, part: &str) {
        self.text.push_str(part);
    }

    /// The time of day without milliseconds: what a person says.
    fn push_time(&mut self, at: WallTime) {
        let time = self.zone.local(at).to_string();
        self.push_str(time.split('.').next().unwrap_or_default());
    }
}

/// What a cause is called, in words of no tense, since it may be over; `@` is the server, after a service's name.
fn phrase(cause: Reason) -> &'static str {
    match cause {
        Reason::OwnNetwork => "this computer's network, or the way from it to Finesse",
        Reason::Node => "the server @ (no answer from Finesse, while the network works)",
        Reason::NotificationService => "@ (no connection, while Finesse is in service)",
        Reason::Tomcat => "@ (no answer, while the connection stands)",
        Reason::WebApp => "@ (gone, or cut off)",
        Reason::Cti => "@ (lost, as Finesse says)",
        Reason::OutOfService => "Finesse on @ (out of service, as it says)",
        Reason::Between => "something between this browser and @ (certificate, CORS, permission or proxy)",
        Reason::Ghost => "this agent's former connection, still held by @",
        Reason::Conflict => "this agent signed in elsewhere",
        Reason::CredentialsRefused => "the agent's id or password, refused by @",
        Reason::CredentialsMissing => "no password from the application",
        Reason::Container => "the connection of the desktop around this gadget, as it says",
        Reason::Closed => "closed by the application",
        Reason::PageLeft => "the page was left",
        Reason::Slept => "this computer slept",
        Reason::Moved => "a change of server, asked for here",
        _ => "the cause is unknown",
    }
}

const BETWEEN: &str = "something between this browser and ";
/// What a person can do.
fn advice(cause: Reason) -> &'static str {
    match cause {
        Reason::OwnNetwork => "check this computer's network, Wi-Fi and VPN",
        Reason::Unknown => "see whether other pages open; if it lasts, tell the help desk",
        Reason::Between => {
            "open the server's address in this browser; have certificates, CORS and proxies checked"
        }
        Reason::CredentialsRefused | Reason::CredentialsMissing => "sign in again if asked",
        Reason::Ghost | Reason::Moved => "nothing needs to be done",
        _ => "if it lasts, tell the help desk",
    }
}

fn doing(status: &Status) -> &'static str {
    match status.state {
        StateName::Locating => "The servers are being asked",
        StateName::Connecting | StateName::Settling => "The connection is being made right now",
        StateName::Waiting
            if matches!(status.reason, Some(Reason::Conflict | Reason::CredentialsRefused)) =>
        {
            "It goes on when the desktop around this gadget is loaded again"
        }
        StateName::Waiting => "The connection is kept, and work goes on as soon as the service is back",
        StateName::Reconnecting if status.reason == Some(Reason::CredentialsRefused) => {
            "It is tried again when that cannot lock the agent out"
        }
        StateName::Reconnecting => "It is tried again and again, wherever Finesse may answer",
        StateName::Moving => "The agent is being moved to the other server",
        StateName::Stopped if status.reason == Some(Reason::Closed) => "Only a new connection goes on",
        StateName::Stopped if status.reason == Some(Reason::PageLeft) => {
            "It goes on when the page is shown again"
        }
        StateName::Stopped => "Nothing is tried until the agent signs in again",
        StateName::InService => "",
    }
}
