//! `SystemInfo`: whether a server is in service, and where the other one is (REST and notification).

use super::{FinesseError, time};
use crate::shapes::object::Object;
use crate::shapes::{shape, words};

words! {
    /// The state of a Finesse server.
    SERVICE_STATUS ServiceStatus {
        /// Ordinary operation.
        "IN_SERVICE",
        /// Every other request is answered 503.
        "OUT_OF_SERVICE",
        /// A dependency is missing; requests are answered 503 too.
        "PARTIAL_SERVICE",
    }
}

words! {
    /// What Finesse is part of.
    DEPLOYMENT_TYPE DeploymentType {
        /// Unified Contact Center Enterprise.
        "UCCE",
        /// Unified Contact Center Express.
        "UCCX",
    }
}

words! {
    /// How the last heartbeat with the CTI server went.
    HEARTBEAT_STATUS HeartbeatStatus {
        /// It was answered.
        "success",
        /// It was not.
        "failure",
    }
}

words! {
    /// A maintenance mode; empty where none was ever begun.
    MAINTENANCE_MODE MaintenanceMode {
        /// It begins.
        "INITIATING",
        /// Desktops are moved to the other node.
        "IN_PROGRESS",
        /// It is over.
        "COMPLETED",
        /// It came to nothing.
        "FAILED",
    }
}

words! {
    /// How agents sign in.
    AUTH_MODE AuthMode {
        /// With a password.
        "NON_SSO",
        /// By an identity provider.
        "SSO",
        /// Some so, some so.
        "HYBRID",
    }
}

shape! {
    /// One of the two nodes.
    NodeAddress = "node" {
        /// The host name.
        HOST: Name, "host";
        /// The REST port (12.6).
        HTTPS_PORT: Number, "httpsPort";
        /// The port of the notification service (12.6).
        XMPP_PORT: Number, "xmppPort";
        /// The TLS port of the notification service (12.6).
        XMPP_SECURE_PORT: Number, "xmppSecurePort";
    }
}

shape! {
    /// A CTI server that the node knows (12.6).
    CtiServer = "ctiServer" {
        /// The host name.
        HOST: Text, "host";
        /// For how long the node has been connected to it, in seconds; Cisco's pages say no more.
        CONNECTED_DURATION: Number, "connectedDuration";
        /// The one in use.
        ACTIVE: Flag, "active";
    }
}

shape! {
    /// What a server says of itself. All of 12.5 and 12.6; in older versions and on CCX some fields are absent.
    SystemInfo = "SystemInfo" {
        /// The server's clock (ISO 8601, UTC). Some servers write `currentTimeStamp`.
        CURRENT_TIMESTAMP: Text, "currentTimestamp";
        /// What Finesse is part of.
        DEPLOYMENT_TYPE: Word(&DEPLOYMENT_TYPE), "deploymentType";
        /// How the last heartbeat with the CTI server went.
        LAST_CTI_HEARTBEAT_STATUS: Choice(&HEARTBEAT_STATUS), "lastCTIHeartbeatStatus";
        /// The last heartbeat that CTI answered, in milliseconds since 1970.
        LAST_SUCCESS_CTI_HEARTBEAT_TIME: Number, "lastSuccessCTIHeartbeatTime";
        /// The version of the CTI protocol. From 24 on there is maintenance mode.
        CTI_VERSION: Number, "ctiVersion";
        /// Seconds.
        CTI_HEARTBEAT_INTERVAL: Number, "ctiHeartbeatInterval";
        /// The CTI server's maintenance mode (12.6).
        CTI_M_MODE: Choice(&MAINTENANCE_MODE), "ctiMMode";
        /// Seconds in it; negative when not (12.6).
        CTI_TIME_IN_M_MODE: Number, "ctiTimeInMMode";
        /// Finesse's maintenance mode (12.6).
        FINESSE_M_MODE: Choice(&MAINTENANCE_MODE), "finesseMMode";
        /// Seconds in it; negative when not (12.6).
        FINESSE_TIME_IN_M_MODE: Number, "finesseTimeInMMode";
        /// CCX: the licence.
        LICENSE: Text, "license";
        /// CCE: the peripheral.
        PERIPHERAL_ID: Text, "peripheralId";
        /// The first node (the publisher).
        PRIMARY_NODE: Object(NodeAddress::SHAPE), "primaryNode";
        /// The second node. In a deployment of one it is absent, or has no host.
        SECONDARY_NODE: Object(NodeAddress::SHAPE), "secondaryNode";
        /// Whether the server serves.
        STATUS: Word(&SERVICE_STATUS), "status";
        /// Why not, in words that Cisco does not list.
        STATUS_REASON: Name, "statusReason";
        /// How agents sign in.
        SYSTEM_AUTH_MODE: Choice(&AUTH_MODE), "systemAuthMode";
        /// Minutes east of Greenwich.
        TIMEZONE_OFFSET: Number, "timezoneOffset";
        /// Where this object is.
        URI: Text, "uri";
        /// The domain of agents' XMPP addresses.
        XMPP_DOMAIN: Name, "xmppDomain";
        /// The publish-subscribe service.
        XMPP_PUB_SUB_DOMAIN: Name, "xmppPubSubDomain";
        /// The CTI servers (12.6).
        CTI_SERVERS: Objects(CtiServer::SHAPE), "ctiServers";
    }
}

/// What a server said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info(Object);

impl Info {
    /// Reads the answer to `GET SystemInfo`.
    ///
    /// # Errors
    ///
    /// If it is no XML, another document, or says no status.
    pub fn parse(xml: &str) -> Result<Self, FinesseError> {
        let object = super::parse(SystemInfo::SHAPE, xml)?;
        Self::of(object).ok_or(FinesseError::Missing("status"))
    }

    /// Takes it from the object. A document without a status says nothing that counts.
    #[must_use]
    pub fn of(object: Object) -> Option<Self> {
        (!object.text(SystemInfo::STATUS).trim().is_empty()).then_some(Self(object))
    }

    /// All of it.
    #[must_use]
    pub fn object(&self) -> &Object {
        &self.0
    }

    /// Whether the server serves.
    #[must_use]
    pub fn is_in_service(&self) -> bool {
        self.0.text(SystemInfo::STATUS) == "IN_SERVICE"
    }

    /// The two nodes that there are. One without a host is none: that is how some servers write a deployment of one.
    pub fn nodes(&self) -> impl Iterator<Item = NodeName<'_>> {
        let nodes = [SystemInfo::PRIMARY_NODE, SystemInfo::SECONDARY_NODE];
        nodes.into_iter().filter_map(|place| {
            let node = self.0.field(place);
            let host = node.field(NodeAddress::HOST).text();
            let https_port = node.field(NodeAddress::HTTPS_PORT).number();
            let https_port = https_port.and_then(|port| port.try_into().ok());
            (!host.trim().is_empty()).then_some(NodeName { host, https_port })
        })
    }

    /// The other node: Cisco's own clients take it that the node whose host is the XMPP domain is the one that answers.
    #[must_use]
    pub fn alternate_node(&self) -> Option<NodeName<'_>> {
        let mut nodes = self.nodes();
        let (primary, secondary) = (nodes.next()?, nodes.next()?);
        let domain = self.0.text(SystemInfo::XMPP_DOMAIN);
        let own = primary.host.eq_ignore_ascii_case(domain);
        (!domain.is_empty()).then_some(if own { secondary } else { primary })
    }

    /// The server's clock, in milliseconds since 1970.
    #[must_use]
    pub fn server_time(&self) -> Option<u64> {
        time::parse(self.0.text(SystemInfo::CURRENT_TIMESTAMP))
    }
}

/// Where a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeName<'a> {
    /// The host name.
    pub host: &'a str,
    /// The REST port (12.6).
    pub https_port: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_node_is_the_one_that_does_not_answer() {
        let info = |domain: &str| {
            let xml = "<SystemInfo><status>IN_SERVICE</status><primaryNode><host>a</host></primaryNode>\
                       <secondaryNode><host>b</host></secondaryNode><xmppDomain>DOMAIN</xmppDomain></SystemInfo>";
            Info::parse(&xml.replace("DOMAIN", domain)).unwrap()
        };
        assert_eq!(info("A").alternate_node().map(|node| node.host), Some("b"));
        assert_eq!(info("b").alternate_node().map(|node| node.host), Some("a"));
    }

    #[test]
    fn without_a_status_there_is_no_answer() {
        assert_eq!(Info::parse("<SystemInfo><status/></SystemInfo>"), Err(FinesseError::Missing("status")));
        let html = Info::parse("<html><body>Bad Gateway</body></html>");
        assert_eq!(html, Err(FinesseError::NotThis { expected: "SystemInfo", found: "html".into() }));
    }
}
