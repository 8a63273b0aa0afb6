//! `DesktopConfig`: what a server tells its own desktop before anyone signs in (12.5, JSON).

use super::system_info::{AUTH_MODE, DEPLOYMENT_TYPE, SERVICE_STATUS};
use crate::shapes::shape;

shape! {
    /// The configuration of the desktop.
    DesktopConfig = "DesktopConfig" {
        /// What Finesse is part of.
        DEPLOYMENT_TYPE: Choice(&DEPLOYMENT_TYPE), "deploymentType";
        /// What is shown before anyone signs in.
        SECURITY_BANNER_MESSAGE: Text, "securityBannerMessage";
        /// Whether the server serves.
        SYSTEM_STATUS: Choice(&SERVICE_STATUS), "systemStatus";
        /// The server's name and port.
        HOST: Text, "host";
        /// The other server serves.
        IS_ALTERNATE_SYSTEM_AVAILABLE: Flag, "isAlternateSystemAvailable";
        /// CCX: the licence, `STANDARD`, `ENHANCED` or `PREMIUM`; empty on CCE.
        DESKTOP_LICENSED: Text, "desktopLicensed";
        /// How agents sign in.
        SYSTEM_AUTH_MODE: Choice(&AUTH_MODE), "systemAuthMode";
        /// Agents may sign in at a telephone anywhere.
        ENABLE_MOBILE_AGENT_LOGIN: Flag, "enableMobileAgentLogin";
        /// The request came by a reverse proxy.
        IS_PROXY_REQUEST: Flag, "isProxyRequest";
        /// Go to the other server.
        REDIRECT_TO_ALTERNATE_HOST: Flag, "redirectToAlternateHost";
        /// The other server's name and port.
        ALTERNATE_HOST: Text, "alternateHost";
    }
}
