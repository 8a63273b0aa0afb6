//! What an application says before anything happens, checked once.

use crate::limits;
use crate::presence::Policy;
use crate::recovery::Side;
use core::fmt;

/// One server of the Finesse pair, as an application configures it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Base address of the REST API without `/finesse/api`, as `https://fin-a.example.com:8445`.
    pub rest: String,
    /// Address of the WebSocket, if it is not `/ws/` on the same host.
    pub websocket: Option<String>,
    /// Address of BOSH, if it is not `/http-bind/` on the same host.
    pub bosh: Option<String>,
}

/// How the notification service may be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Over WebSocket, or over BOSH where a WebSocket does not get through.
    #[default]
    Auto,
    /// Over WebSocket only.
    WebSocket,
    /// Over BOSH only.
    Bosh,
    /// In a gadget: the connection of its container, which alone opens one, moves and signs in.
    Hub,
}

/// The configuration of a keeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// One or two servers, the home side first.
    pub hosts: Vec<Host>,
    /// The agent's login id.
    pub user: String,
    /// How the notification service may be reached.
    pub transport: Transport,
    /// The XMPP resource; a generated one if absent. `desktop` belongs to Cisco's own desktop.
    pub resource: Option<String>,
    /// How many agents share the pair; sets the pace (design of the two rates in `recovery::pace`).
    pub expected_agents: u32,
    /// The side to begin on.
    pub home: Side,
    /// Never moves by itself: only where the application says so.
    pub stays: bool,
    /// Whether credentials may go to an alternate that only SystemInfo named.
    pub trust_alternate: bool,
    /// What is done when Finesse signs the agent out for our absence.
    pub resume: Policy,
    /// Seed of all randomness.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            user: String::new(),
            transport: Transport::default(),
            resource: None,
            expected_agents: 1_000,
            home: Side::A,
            stays: false,
            trust_alternate: false,
            resume: Policy::default(),
            seed: 0,
        }
    }
}

impl Config {
    /// Checks the configuration and brings addresses into one form.
    ///
    /// # Errors
    /// Names the first field that cannot be used.
    pub fn checked(mut self) -> Result<Self, ConfigError> {
        if self.hosts.is_empty() || self.hosts.len() > 2 {
            return Err(ConfigError::new("hosts", "give one or two servers, the home side first"));
        }
        for (host, [rest, websocket, bosh]) in self.hosts.iter_mut().zip(HOST_FIELDS) {
            host.rest = checked_url(&host.rest, &HTTP, rest)?;
            if let Some(url) = &mut host.websocket {
                *url = checked_service(url, &WS, websocket)?;
            }
            if let Some(url) = &mut host.bosh {
                *url = checked_service(url, &HTTP, bosh)?;
            }
        }
        if self.transport == Transport::Hub {
            if self.hosts.len() > 1 {
                return Err(ConfigError::new("hosts", "give the one server of the gadget's container"));
            }
            (self.stays, self.resume) = (true, Policy::Never);
        }
        if let [a, b] = self.hosts.as_slice()
            && a.rest == b.rest
        {
            return Err(ConfigError::new("hosts", "the two servers must differ"));
        }
        self.user = checked_text(self.user, "user", &['@', '/', '<', '>', '&', '"', '\'', ' ', ':'])?;
        self.resource = match self.resource {
            Some(resource) => Some(checked_text(resource, "resource", &[])?),
            None => None,
        };
        if self.home == Side::B && self.hosts.len() < 2 {
            return Err(ConfigError::new("home", "there is one server: leave it out"));
        }
        if self.expected_agents == 0 || self.expected_agents > limits::AGENTS {
            return Err(ConfigError::new("expectedAgents", "give a number from 1 to 100000"));
        }
        Ok(self)
    }
}

/// What is wrong is named as the application spells it.
const HOST_FIELDS: [[&str; 3]; 2] = [
    ["hosts[0]", "hosts[0].websocket", "hosts[0].bosh"],
    ["hosts[1]", "hosts[1].websocket", "hosts[1].bosh"],
];
const HTTP: [&str; 2] = ["https://", "http://"];
const WS: [&str; 2] = ["wss://", "ws://"];

/// A configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The field, as the application spells it.
    pub field: &'static str,
    /// What to give instead.
    pub next_step: &'static str,
}

impl ConfigError {
    const fn new(field: &'static str, next_step: &'static str) -> Self {
        Self { field, next_step }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be used: {}", self.field, self.next_step)
    }
}

impl core::error::Error for ConfigError {}

/// The address of the WebSocket on a REST host: `/ws/` with the slash, since `/ws` answers with a redirect that
/// browsers do not follow for a WebSocket.
#[must_use]
pub(crate) fn default_websocket(rest: &str) -> String {
    match rest.strip_prefix("https://") {
        Some(rest) => format!("wss://{rest}/ws/"),
        None => format!("ws://{}/ws/", rest.strip_prefix("http://").unwrap_or(rest)),
    }
}

/// The address of BOSH on a REST host.
#[must_use]
pub(crate) fn default_bosh(rest: &str) -> String {
    format!("{rest}/http-bind/")
}

fn checked_service(url: &str, schemes: &[&str], field: &'static str) -> Result<String, ConfigError> {
    let slash = url.trim_end().ends_with('/');
    let url = checked_url(url, schemes, field)?;
    Ok(if slash { format!("{url}/") } else { url })
}

fn checked_url(url: &str, schemes: &[&str], field: &'static str) -> Result<String, ConfigError> {
    let example = if schemes == WS {
        "give an address such as wss://fin-a.example.com:8445/ws/"
    } else {
        "give an address such as https://fin-a.example.com:8445"
    };
    let error = ConfigError::new(field, example);
    let url = url.trim();
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)).ok_or_else(|| error.clone())?;
    let authority = rest.split('/').next().unwrap_or_default();
    let odd = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '\\' | '@' | '<' | '>' | '"')
    };
    if authority.is_empty()
        || authority.starts_with(':')
        || url.contains(odd)
        || url.len() > limits::PART_BYTES
    {
        return Err(error);
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn checked_text(text: String, field: &'static str, reserved: &[char]) -> Result<String, ConfigError> {
    let odd = |c: char| c.is_control() || reserved.contains(&c);
    if text.is_empty() || text.len() > limits::PART_BYTES || text.contains(odd) {
        return Err(ConfigError::new(field, "give a text without control or reserved characters"));
    }
    Ok(text)
}

/// Whether a topic that an application wants to subscribe looks like one.
pub(crate) fn node_is_sound(node: &str) -> bool {
    node.starts_with("/finesse/api/") && node.len() <= limits::NODE_BYTES && !node.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(rest: &str, user: &str) -> Result<Config, ConfigError> {
        let hosts = vec![Host { rest: rest.to_owned(), ..Host::default() }];
        Config { hosts, user: user.to_owned(), ..Config::default() }.checked()
    }

    #[test]
    fn addresses_are_brought_into_one_form() {
        let config = config(" https://fin-a.example.com:8445/ ", "1001").unwrap();
        assert_eq!(config.hosts[0].rest, "https://fin-a.example.com:8445");
        assert_eq!(default_websocket(&config.hosts[0].rest), "wss://fin-a.example.com:8445/ws/");
        assert_eq!(default_bosh(&config.hosts[0].rest), "https://fin-a.example.com:8445/http-bind/");
    }

    #[test]
    fn silly_configuration_names_its_field() {
        let user = ["", "a b", "a@b", "a\0"];
        assert!(user.iter().all(|user| config("https://a", user).unwrap_err().field == "user"));
        let hosts =
            ["", "a", "ftp://a", "https://", "https://u:p@a", "https://a/?x", "https:// a", "https://:8445"];
        assert!(hosts.iter().all(|rest| config(rest, "1001").unwrap_err().field == "hosts[0]"));
        let host = Host { rest: "https://a".into(), websocket: Some("https://a/ws/".into()), bosh: None };
        let error =
            Config { hosts: vec![host], user: "1001".into(), ..Config::default() }.checked().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`hosts[0].websocket` cannot be used: give an address such as wss://fin-a.example.com:8445/ws/"
        );
        let many = Config { expected_agents: 0, ..config("https://a", "1001").unwrap() };
        assert_eq!(many.checked().unwrap_err().field, "expectedAgents");
    }
}
