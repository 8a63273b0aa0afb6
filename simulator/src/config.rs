//! What a simulated pair is made of.

use serde::{Deserialize, Serialize};

/// One of the two servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// The first: Cisco's primary node, or publisher.
    A,
    /// The second: Cisco's secondary node, or subscriber.
    B,
}

impl Side {
    /// Both, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// The contact centre behind the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Deployment {
    /// Unified Contact Center Enterprise.
    Ucce,
    /// Unified Contact Center Express.
    Uccx,
}

/// "Logout on Agent Disconnect" (LOAD) of Unified CCE: what a forced logout does to an agent. CCX has no such setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Load {
    /// 0: Not Ready, after the call ends where there is one.
    NotReady,
    /// 1: logged out, at once although a call lives.
    Logout,
}

/// Everything that is settled before the first input. Times are simulated milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The agents' ids; the password of `1001` is `pw-1001`, its first token `token-1001`.
    pub agents: Vec<String>,
    /// Those of them who may see the others' agents and calls.
    pub supervisors: Vec<String>,
    /// The media beside voice, each with the id of its routing domain and a name (CCE). Agents begin signed out of them.
    pub media: Vec<(String, String)>,
    /// Whether the agents begin signed in (NOT_READY, with an extension) or logged out.
    pub signed_in: bool,
    /// The time of day at simulated time 0, in milliseconds since 1970.
    pub epoch_ms: u64,
    /// XMPP domain of side A.
    pub domain_a: String,
    /// XMPP domain of side B.
    pub domain_b: String,
    /// Host of side A, as SystemInfo names it.
    pub host_a: String,
    /// Host of side B, as SystemInfo names it.
    pub host_b: String,
    /// CCE or CCX.
    pub deployment: Deployment,
    /// What a forced logout does on CCE.
    pub load: Load,
    /// There is no side B: SystemInfo names no secondary node and everything sent to B is refused.
    pub single_node: bool,
    /// Finesse is older than 12.6: SystemInfo names no ports and no maintenance.
    pub before_12_6: bool,
    /// Whether the ports speak TLS; told to clients, not played by the world.
    pub tls: bool,
    /// Port of side A, as SystemInfo names it.
    pub port_a: u16,
    /// Port of side B, as SystemInfo names it.
    pub port_b: u16,
    /// The network's round trip time before any `latency` fault.
    pub rtt_ms: u64,
    /// How long CTI takes to confirm a request.
    pub cti_ms: u64,
    /// How long the web app takes to start.
    pub start_ms: u64,
    /// How long `finesse` needs to sign in again to a notification service that came back.
    pub rejoin_ms: u64,
    /// How long Finesse waits after an agent's presence went away before it forces the logout (Cisco: 60 s).
    pub grace_ms: u64,
    /// After how long a silent client is taken for dead by the notification service (Cisco: up to 120 s).
    pub silence_ms: u64,
    /// How long five wrong passwords in a row lock an agent out (Cisco: 5 minutes).
    pub lock_ms: u64,
    /// How many requests, refusals and forced logouts a report keeps, the newest of each.
    pub record_limit: usize,
    /// The notification services are real ones and live outside: the world plays only Finesse's web app. See
    /// [`World::poll_service_command`](crate::World::poll_service_command).
    pub external_service: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            agents: vec!["1001".into(), "1002".into()],
            supervisors: Vec::new(),
            media: vec![("5001".into(), "Chat".into())],
            signed_in: true,
            epoch_ms: 1_714_894_400_000,
            domain_a: "fin-a.localhost".into(),
            domain_b: "fin-b.localhost".into(),
            host_a: "fin-a.localhost".into(),
            host_b: "fin-b.localhost".into(),
            deployment: Deployment::Ucce,
            load: Load::Logout,
            single_node: false,
            before_12_6: false,
            tls: false,
            port_a: 8445,
            port_b: 8446,
            rtt_ms: 0,
            cti_ms: 20,
            start_ms: 2_000,
            rejoin_ms: 500,
            grace_ms: 60_000,
            silence_ms: 120_000,
            lock_ms: 300_000,
            record_limit: 2_000,
            external_service: false,
        }
    }
}

impl Config {
    /// The XMPP domain of a side.
    #[must_use]
    pub fn domain(&self, side: Side) -> &str {
        match side {
            Side::A => &self.domain_a,
            Side::B => &self.domain_b,
        }
    }
}
