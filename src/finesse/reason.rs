//! The reason codes that the system itself gives ("Manage Reasons" in the administration guide).

/// One code of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemReason {
    /// The code, which is not the database id of the same reason.
    pub code: i64,
    /// It is given with a sign-out.
    pub logout: bool,
    /// It is given with Not Ready.
    pub not_ready: bool,
    /// What it means.
    pub meaning: &'static str,
}

impl SystemReason {
    /// What the system means by a code; nothing for the codes of the administrator.
    #[must_use]
    pub fn of(code: i64) -> Option<&'static Self> {
        TABLE.iter().find(|reason| reason.code == code)
    }
}

/// Whether a code means that the way to the agent broke, and no one wanted the agent signed out.
#[must_use]
pub const fn is_connection_failure(code: i64) -> bool {
    matches!(code, 255 | 50_001 | 50_002)
}

const fn logout(code: i64, meaning: &'static str) -> SystemReason {
    SystemReason { code, logout: true, not_ready: false, meaning }
}

const fn not_ready(code: i64, meaning: &'static str) -> SystemReason {
    SystemReason { code, logout: false, not_ready: true, meaning }
}

const fn both(code: i64, meaning: &'static str) -> SystemReason {
    SystemReason { code, logout: true, not_ready: true, meaning }
}

/// The codes in ascending order.
const TABLE: &[SystemReason] = &[
    both(33, "by the supervisor (CCX)"),
    logout(255, "connection failure"),
    both(999, "by the supervisor"),
    not_ready(20_001, "forced logout begins"),
    logout(20_002, "forced logout"),
    not_ready(20_003, "logout asked for by the agent"),
    not_ready(32_762, "off hook (before 12.5)"),
    not_ready(32_767, "call not answered"),
    logout(50_001, "the client disconnected"),
    both(50_002, "system failure: desktop closed, heartbeat lost or server failed"),
    logout(50_003, "device error"),
    logout(50_004, "inactivity"),
    not_ready(50_005, "busy with a call that is not the contact centre's"),
    not_ready(50_006, "off hook"),
    not_ready(50_010, "calls overlap"),
    logout(50_020, "the agent's queue changed"),
    logout(50_030, "device conflict"),
    logout(50_040, "mobile agent"),
    not_ready(50_041, "mobile agent"),
    logout(50_042, "mobile agent"),
    not_ready(50_045, "desktop reconnects (never in a notification)"),
    not_ready(65_533, "extension changed"),
    not_ready(65_534, "system reset (peripheral gateway failed)"),
    not_ready(65_535, "system started anew"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn a_connection_failure_may_sign_out_and_a_supervisor_is_none() {
        for reason in TABLE.iter().filter(|reason| is_connection_failure(reason.code)) {
            assert!(reason.logout, "{reason:?}");
        }
        assert_eq!(TABLE.iter().filter(|reason| is_connection_failure(reason.code)).count(), 3);
        assert!(!is_connection_failure(999) && !is_connection_failure(-1));
        assert_eq!(SystemReason::of(255).map(|reason| reason.meaning), Some("connection failure"));
        assert_eq!(SystemReason::of(17), None);
    }
}
