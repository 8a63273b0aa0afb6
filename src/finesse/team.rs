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
        /// The medium: its id (`1` for voice) or its name.
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
        /// The team's id.
        ID: Text, "id";
        /// The team's name; absent where the notification is about one agent.
        NAME: Text, "name";
        /// Those of its agents whom the notification is about.
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

/// A team, by its address and its id, of which only these agents are told.
pub(crate) fn with(document: &mut Document, (uri, id): (&str, &str), agents: Vec<Slot>) -> Slot {
    let (agents, count) = document.add_run(agents);
    let (uri, id) = (document.add_text(uri), document.add_text(id));
    let (team, _) = document.add_run(vec![uri, id, Slot::Absent, Slot::List(agents, count), Slot::Absent]);
    Slot::Object(Team::SHAPE, team)
}

/// The same, of agents that came in one document.
#[must_use]
pub fn of_agents(team: (&str, &str), agents: &[Object]) -> Option<Object> {
    let mut document = agents.first()?.document().clone();
    let mut slots = Vec::with_capacity(agents.len());
    for agent in agents {
        slots.push(agent.slot());
    }
    let slot = with(&mut document, team, slots);
    Some(Object::of(document, slot))
}

/// The agents that a team tells of.
#[must_use]
pub fn agents(team: &Object) -> Vec<Object> {
    let mut agents = Vec::new();
    for agent in team.field(Team::USERS).items() {
        agents.push(team.part(agent));
    }
    agents
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
