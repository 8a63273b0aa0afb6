//! `User`: an agent (REST and notification).

use super::time;
use crate::shapes::object::Object;
use crate::shapes::{shape, words};

words! {
    /// What an agent may do.
    ROLE Role = "role" {
        /// Take calls.
        "Agent",
        /// See and change others.
        "Supervisor",
    }
}

words! {
    /// The state of an agent. CCX does not publish `HOLD`.
    USER_STATE UserState {
        /// Signing in; never lasts.
        "LOGIN",
        /// Signed out.
        "LOGOUT",
        /// Takes no calls.
        "NOT_READY",
        /// Waits for a call.
        "READY",
        /// A call is on its way.
        "RESERVED",
        /// A call of an outbound campaign is on its way.
        "RESERVED_OUTBOUND",
        /// The same, shown before it is made.
        "RESERVED_OUTBOUND_PREVIEW",
        /// On a call.
        "TALKING",
        /// On a call that is held.
        "HOLD",
        /// Wraps up, Not Ready after it.
        "WORK",
        /// Wraps up, Ready after it.
        "WORK_READY",
        /// Finesse does not know.
        "UNKNOWN",
    }
}

words! {
    /// Whether a call is wrapped up.
    WRAP_UP WrapUp {
        /// It must be.
        "REQUIRED",
        /// It may be.
        "OPTIONAL",
        /// It may not be.
        "NOT_ALLOWED",
        /// It must be, with a reason.
        "REQUIRED_WITH_WRAP_UP_DATA",
    }
}

words! {
    /// How an agent at a telephone anywhere is called.
    MOBILE_MODE MobileMode {
        /// For each call.
        "CALL_BY_CALL",
        /// Once, for all calls.
        "NAILED_CONNECTION",
    }
}

shape! {
    /// Why an agent is in a state.
    ReasonCode = "ReasonCode" {
        /// `NOT_READY`, `LOGOUT`.
        CATEGORY: Text, "category";
        /// Where this object is.
        URI: Text, "uri";
        /// The code, which is not the id of the reason.
        CODE: Number, "code";
        /// Its name.
        LABEL: Text, "label";
        /// Every team may use it.
        FOR_ALL: Flag, "forAll";
        /// The system gives it, not an agent.
        SYSTEM_CODE: Flag, "systemCode";
        /// Its id in the database.
        ID: Text, "id";
    }
}

shape! {
    /// What the administrator set for an agent.
    Settings = "settings" {
        /// Whether incoming calls are wrapped up.
        WRAP_UP_ON_INCOMING: Choice(&WRAP_UP), "wrapUpOnIncoming";
        /// Whether outgoing calls are wrapped up.
        WRAP_UP_ON_OUTGOING: Choice(&WRAP_UP), "wrapUpOnOutgoing";
        /// How a device is chosen at sign-in (12.5).
        DEVICE_SELECTION: Text, "deviceSelection";
    }
}

shape! {
    /// An agent at a telephone anywhere.
    MobileAgent = "mobileAgent" {
        /// How it is called.
        MODE: Choice(&MOBILE_MODE), "mode";
        /// The number that is called.
        DIAL_NUMBER: Text, "dialNumber";
    }
}

shape! {
    /// A team that a supervisor sees.
    TeamSummary = "Team" {
        /// Where this object is.
        URI: Text, "uri";
        /// Its id.
        ID: Text, "id";
        /// Its name.
        NAME: Text, "name";
    }
}

shape! {
    /// An agent.
    User = "User" {
        /// Where this object is.
        URI: Text, "uri";
        /// What the agent may do.
        ROLES: Choices(&ROLE), "roles";
        /// The id that REST and XMPP know the agent by.
        LOGIN_ID: Name, "loginId";
        /// The name that the agent signs in with.
        LOGIN_NAME: Text, "loginName";
        /// The state.
        STATE: Word(&USER_STATE), "state";
        /// Since when, on the server's clock (ISO 8601, UTC); may be empty.
        STATE_CHANGE_TIME: Text, "stateChangeTime";
        /// The medium: its id (`1` for voice) or its name.
        MEDIA_TYPE: Text, "mediaType";
        /// The state after the call; empty for none. On CCX `LOGOUT` while Finesse fails over during a call.
        PENDING_STATE: Choice(&USER_STATE), "pendingState";
        /// The reason's id in the database; `-1` for none.
        REASON_CODE_ID: Text, "reasonCodeId";
        /// The reason.
        REASON_CODE: Object(ReasonCode::SHAPE), "ReasonCode";
        /// What the administrator set.
        SETTINGS: Object(Settings::SHAPE), "settings";
        /// Seconds of wrap-up.
        WRAP_UP_TIMER: Number, "wrapUpTimer";
        /// The agent's number.
        EXTENSION: Text, "extension";
        /// For an agent at a telephone anywhere.
        MOBILE_AGENT: Object(MobileAgent::SHAPE), "mobileAgent";
        /// Given name.
        FIRST_NAME: Text, "firstName";
        /// Family name.
        LAST_NAME: Text, "lastName";
        /// The team's id.
        TEAM_ID: Text, "teamId";
        /// The team's name.
        TEAM_NAME: Text, "teamName";
        /// CCE: the skill target's id.
        SKILL_TARGET_ID: Text, "skillTargetId";
        /// Where the agent's calls are.
        DIALOGS: Text, "dialogs";
        /// The teams that a supervisor sees.
        TEAMS: Objects(TeamSummary::SHAPE), "teams";
        /// CCX: `BUSY` with other media.
        MEDIA_STATE: Text, "mediaState";
        /// The device in use (12.5).
        ACTIVE_DEVICE_ID: Text, "activeDeviceId";
        /// The devices to choose from (12.5), in a form that Cisco's pages do not give.
        DEVICES: Any, "devices";
    }
}

/// Since when an agent's state lasts, in milliseconds since 1970 on the server's clock.
#[must_use]
pub fn state_changed_at(user: &Object) -> Option<u64> {
    time::parse(user.text(User::STATE_CHANGE_TIME))
}
