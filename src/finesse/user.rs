//! `User`: an agent (REST and notification).

use super::time;
use super::tree::Tree;

choice! {
    /// What an agent may do.
    Role = "role" {
        /// Take calls.
        Agent = "Agent",
        /// See and change others.
        Supervisor = "Supervisor",
    } else Other
}

choice! {
    /// The state of an agent. CCX does not publish `HOLD`.
    UserState = "state" {
        /// Signing in; never lasts.
        Login = "LOGIN",
        /// Signed out.
        Logout = "LOGOUT",
        /// Takes no calls.
        NotReady = "NOT_READY",
        /// Waits for a call.
        Ready = "READY",
        /// A call is on its way.
        Reserved = "RESERVED",
        /// A call of an outbound campaign is on its way.
        ReservedOutbound = "RESERVED_OUTBOUND",
        /// The same, shown before it is made.
        ReservedOutboundPreview = "RESERVED_OUTBOUND_PREVIEW",
        /// On a call.
        Talking = "TALKING",
        /// On a call that is held.
        Hold = "HOLD",
        /// Wraps up, Not Ready after it.
        Work = "WORK",
        /// Wraps up, Ready after it.
        WorkReady = "WORK_READY",
    } else Other
}

object! {
    /// Why an agent is in a state.
    ReasonCode = "ReasonCode" {
        /// `NOT_READY`, `LOGOUT`.
        category: Option<String> = "category",
        /// Where this object is.
        uri: Option<String> = "uri",
        /// The code; those of the system are in [`super::reason`].
        code: Option<i64> = "code",
        /// Its name.
        label: Option<String> = "label",
        /// Every team may use it.
        for_all: Option<bool> = "forAll",
        /// The system gives it, not an agent.
        system_code: Option<bool> = "systemCode",
        /// Its id in the database.
        id: Option<String> = "id",
    }
}

object! {
    /// What the administrator set for an agent.
    Settings = "settings" {
        /// `REQUIRED`, `OPTIONAL`, `NOT_ALLOWED`, `REQUIRED_WITH_WRAP_UP_DATA`.
        wrap_up_on_incoming: Option<String> = "wrapUpOnIncoming",
        /// The same for outgoing calls.
        wrap_up_on_outgoing: Option<String> = "wrapUpOnOutgoing",
        /// How a device is chosen at sign-in (12.5).
        device_selection: Option<String> = "deviceSelection",
    }
}

object! {
    /// An agent at a telephone anywhere.
    MobileAgent = "mobileAgent" {
        /// `CALL_BY_CALL` or `NAILED_CONNECTION`.
        mode: Option<String> = "mode",
        /// The number that is called.
        dial_number: Option<String> = "dialNumber",
    }
}

object! {
    /// A team that a supervisor sees.
    TeamSummary = "Team" {
        /// Where this object is.
        uri: Option<String> = "uri",
        /// Its id.
        id: Option<String> = "id",
        /// Its name.
        name: Option<String> = "name",
    }
}

object! {
    /// An agent.
    User = "User" {
        /// Where this object is.
        uri: Option<String> = "uri",
        /// What the agent may do.
        roles: Vec<Role> = "roles",
        /// The id that REST and XMPP know the agent by.
        login_id: String = "loginId",
        /// The name that the agent signs in with.
        login_name: Option<String> = "loginName",
        /// The state.
        state: UserState = "state",
        /// Since when, on the server's clock; may be empty.
        state_change_time: Option<String> = "stateChangeTime",
        /// `Voice`, or the name of a medium.
        media_type: Option<String> = "mediaType",
        /// The state after the call. On CCX `LOGOUT` while Finesse fails over during a call.
        pending_state: Option<String> = "pendingState",
        /// The reason's id in the database; `-1` for none.
        reason_code_id: Option<String> = "reasonCodeId",
        /// The reason.
        reason_code: Option<ReasonCode> = "ReasonCode",
        /// What the administrator set.
        settings: Option<Settings> = "settings",
        /// Seconds of wrap-up.
        wrap_up_timer: Option<i64> = "wrapUpTimer",
        /// The agent's number.
        extension: Option<String> = "extension",
        /// For an agent at a telephone anywhere.
        mobile_agent: Option<MobileAgent> = "mobileAgent",
        /// Given name.
        first_name: Option<String> = "firstName",
        /// Family name.
        last_name: Option<String> = "lastName",
        /// The team's id.
        team_id: Option<String> = "teamId",
        /// The team's name.
        team_name: Option<String> = "teamName",
        /// CCE: the skill target's id.
        skill_target_id: Option<String> = "skillTargetId",
        /// Where the agent's calls are.
        dialogs: Option<String> = "dialogs",
        /// The teams that a supervisor sees.
        teams: Vec<TeamSummary> = "teams",
        /// CCX: `BUSY` with other media.
        media_state: Option<String> = "mediaState",
        /// The device in use (12.5).
        active_device_id: Option<String> = "activeDeviceId",
        /// The devices to choose from (12.5), in a form that Cisco's pages do not give.
        devices: Option<Tree> = "devices",
    }
}

impl User {
    /// Since when the state lasts, in milliseconds since 1970 on the server's clock.
    #[must_use]
    pub fn state_changed_at(&self) -> Option<u64> {
        time::parse(self.state_change_time.as_deref()?)
    }
}
