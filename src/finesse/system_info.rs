//! `SystemInfo`: whether a server is in service, and where the other one is (REST and notification).

use super::object::FinesseError;
use super::time;

choice! {
    /// The state of a Finesse server.
    ServiceStatus = "status" {
        /// Ordinary operation.
        InService = "IN_SERVICE",
        /// Every other request is answered 503.
        OutOfService = "OUT_OF_SERVICE",
        /// A dependency is missing; requests are answered 503 too.
        PartialService = "PARTIAL_SERVICE",
    } else Unknown
}

impl ServiceStatus {
    /// Whether the server serves.
    #[must_use]
    pub fn is_in_service(&self) -> bool {
        *self == Self::InService
    }
}

object! {
    /// One of the two nodes.
    NodeAddress = "node" {
        /// The host name.
        host: String = "host",
        /// The REST port (12.6).
        https_port: Option<u16> = "httpsPort",
        /// The port of the notification service (12.6).
        xmpp_port: Option<u16> = "xmppPort",
        /// The TLS port of the notification service (12.6).
        xmpp_secure_port: Option<u16> = "xmppSecurePort",
    }
}

object! {
    /// A CTI server that the node knows (12.6).
    CtiServer = "ctiServer" {
        /// The host name.
        host: Option<String> = "host",
        /// Seconds.
        connected_duration: Option<i64> = "connectedDuration",
        /// The one in use.
        active: Option<bool> = "active",
    }
}

object! {
    /// What a server says of itself. All of 12.5 and 12.6; in older versions and on CCX some fields are absent.
    SystemInfo = "SystemInfo" {
        /// The server's clock; see [`SystemInfo::server_time`].
        current_timestamp: Option<String> = "currentTimestamp",
        /// `UCCE` or `UCCX`.
        deployment_type: String = "deploymentType",
        /// The last heartbeat with CTI: `success` or `failure`.
        last_cti_heartbeat_status: Option<String> = "lastCTIHeartbeatStatus",
        /// The last heartbeat that CTI answered, in milliseconds since 1970.
        last_success_cti_heartbeat_time: Option<u64> = "lastSuccessCTIHeartbeatTime",
        /// The version of the CTI protocol. From 24 on there is maintenance mode.
        cti_version: Option<i64> = "ctiVersion",
        /// Seconds.
        cti_heartbeat_interval: Option<i64> = "ctiHeartbeatInterval",
        /// CTI's maintenance mode: empty, `INITIATING`, `IN_PROGRESS` (12.6).
        cti_m_mode: Option<String> = "ctiMMode",
        /// Seconds in it; negative when not (12.6).
        cti_time_in_m_mode: Option<i64> = "ctiTimeInMMode",
        /// Finesse's maintenance mode: empty, `IN_PROGRESS`, … (12.6).
        finesse_m_mode: Option<String> = "finesseMMode",
        /// Seconds in it; negative when not (12.6).
        finesse_time_in_m_mode: Option<i64> = "finesseTimeInMMode",
        /// CCX: the licence.
        license: Option<String> = "license",
        /// CCE: the peripheral.
        peripheral_id: Option<String> = "peripheralId",
        /// The first node (the publisher).
        primary_node: Option<NodeAddress> = "primaryNode",
        /// The second node; none in a deployment of one.
        secondary_node: Option<NodeAddress> = "secondaryNode",
        /// Whether the server serves.
        status: ServiceStatus = "status",
        /// Why not, in words that Cisco does not list.
        status_reason: String = "statusReason",
        /// `NON_SSO`, `SSO` or `HYBRID`.
        system_auth_mode: Option<String> = "systemAuthMode",
        /// Minutes east of Greenwich.
        timezone_offset: Option<i64> = "timezoneOffset",
        /// Where this object is.
        uri: Option<String> = "uri",
        /// The domain of agents' XMPP addresses.
        xmpp_domain: String = "xmppDomain",
        /// The publish-subscribe service.
        xmpp_pub_sub_domain: String = "xmppPubSubDomain",
        /// The CTI servers (12.6).
        cti_servers: Vec<CtiServer> = "ctiServers",
    } then settle
}

/// A document without a status says nothing that counts. A node without a host is none: that is how some servers
/// write a deployment of one.
fn settle(mut info: SystemInfo) -> Result<SystemInfo, FinesseError> {
    let named = |node: &NodeAddress| !node.host.trim().is_empty();
    info.primary_node = info.primary_node.filter(named);
    info.secondary_node = info.secondary_node.filter(named);
    match &info.status {
        ServiceStatus::Unknown(word) if word.trim().is_empty() => Err(FinesseError::Missing("status")),
        _ => Ok(info),
    }
}

impl SystemInfo {
    /// The other node: Cisco's own clients take it that the node whose host is the XMPP domain is the one that answers.
    #[must_use]
    pub fn alternate_node(&self) -> Option<&NodeAddress> {
        let (primary, secondary) = (self.primary_node.as_ref()?, self.secondary_node.as_ref()?);
        let named = !self.xmpp_domain.is_empty();
        named.then_some(if primary.host.eq_ignore_ascii_case(&self.xmpp_domain) {
            secondary
        } else {
            primary
        })
    }

    /// The server's clock, in milliseconds since 1970.
    #[must_use]
    pub fn server_time(&self) -> Option<u64> {
        time::parse(self.current_timestamp.as_deref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_node_is_the_one_that_does_not_answer() {
        let info = |domain: &str| {
            let xml = "<SystemInfo><status>IN_SERVICE</status><primaryNode><host>a</host></primaryNode>\
                       <secondaryNode><host>b</host></secondaryNode><xmppDomain>DOMAIN</xmppDomain></SystemInfo>";
            SystemInfo::parse(&xml.replace("DOMAIN", domain)).unwrap()
        };
        assert_eq!(info("A").alternate_node().map(|node| node.host.as_str()), Some("b"));
        assert_eq!(info("b").alternate_node().map(|node| node.host.as_str()), Some("a"));
    }

    #[test]
    fn without_a_status_there_is_no_answer() {
        assert_eq!(
            SystemInfo::parse("<SystemInfo><status/></SystemInfo>"),
            Err(FinesseError::Missing("status"))
        );
        let html = SystemInfo::parse("<html><body>Bad Gateway</body></html>");
        assert_eq!(html, Err(FinesseError::NotThis { expected: "SystemInfo", found: "html".into() }));
    }
}
