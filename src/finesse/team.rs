//! `Team`: the agents that a supervisor sees, and `TeamMessage`, what a supervisor tells them.

use super::user::{ReasonCode, USER_STATE};
use crate::shapes::object::{Document, Object, Slot};
use crate::shapes::{shape, words};

shape! {
    /// What a team tells of one of its agents.
    TeamUser = "User" {
        /// Where the agent is.
        URI: Text, "uri";
        /// The id that REST and XMPP know the agent by.
        LOGIN_ID: Name, "loginId";
        /// Given name.
        FIRST_NAME: Text, "firstName";
        /// Family name.
        LAST_NAME: Text, "lastName";
        /// The state.
        STATE: Word(&USER_STATE), "state";
        /// Since when, on the server's clock (ISO 8601, UTC); may be empty.
        STATE_CHANGE_TIME: Text, "stateChangeTime";
        /// The state after the call; empty for none.
        PENDING_STATE: Choice(&USER_STATE), "pendingState";
        /// The reason.
        REASON_CODE: Object(ReasonCode::SHAPE), "ReasonCode";
        /// The agent's number.
        EXTENSION: Text, "extension";
        /// Where the agent's calls are.
        DIALOGS: Text, "dialogs";
        /// `Voice`, or the name of a medium.
        MEDIA_TYPE: Text, "mediaType";
        /// CCX: `BUSY` with other media.
        MEDIA_STATE: Text, "mediaState";
    }
}

shape! {
    /// A team. Notifications have those agents who changed, or all.
    Team = "Team" {
        /// Where this object is.
        URI: Text, "uri";
        /// Its id.
        ID: Text, "id";
        /// Its name; absent where the notification is about one agent.
        NAME: Text, "name";
        /// Its agents.
        USERS: Objects(TeamUser::SHAPE), "users";
    }
}

shape! {
    /// Who wrote a message.
    CreatedBy = "createdBy" {
        /// The id that REST and XMPP know the supervisor by.
        ID: Text, "id";
        /// Given name.
        FIRST_NAME: Text, "firstName";
        /// Family name.
        LAST_NAME: Text, "lastName";
    }
}

/// A team of which only these agents are told.
#[must_use]
pub fn of_agents(team: &Object, agents: &[Object]) -> Object {
    let mut document = Document::default();
    let mut copies = Vec::new();
    for agent in agents {
        copies.push(document.copy(agent.view()));
    }
    let (from, count) = document.add_run(copies);
    let mut fields = Vec::new();
    for place in [Team::URI, Team::ID, Team::NAME] {
        fields.push(document.copy(team.field(place)));
    }
    fields.extend_from_slice(&[Slot::List(from, count), Slot::Absent]);
    let (team, _) = document.add_run(fields);
    Object::of(document, Slot::Object(Team::SHAPE, team))
}

words! {
    /// The id of a team.
    TEAM_ID = "team"
}

shape! {
    /// A message of a supervisor to teams.
    TeamMessage = "TeamMessage" {
        /// Where this object is.
        URI: Text, "uri";
        /// Its id, a UUID.
        ID: Text, "id";
        /// Who wrote it.
        CREATED_BY: Object(CreatedBy::SHAPE), "createdBy";
        /// When, in seconds since 1970.
        CREATED_AT: Number, "createdAt";
        /// For how many seconds it is shown.
        DURATION: Number, "duration";
        /// The message, of 255 characters at most.
        CONTENT: Text, "content";
        /// The ids of the teams.
        TEAMS: Choices(&TEAM_ID), "teams";
    }
}
