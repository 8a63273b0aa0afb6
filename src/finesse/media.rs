//! `Media`: an agent in one medium beside voice (task routing, CCE).

use super::user::ReasonCode;
use crate::shapes::object::Object;
use crate::shapes::{shape, words};

words! {
    /// The state of an agent in a medium. `LOGIN` is an action and no state.
    MEDIA_STATE MediaState {
        /// A medium of higher priority came between.
        "INTERRUPTED",
        /// Signed out.
        "LOGOUT",
        /// Takes no tasks.
        "NOT_READY",
        /// Waits for a task.
        "READY",
        /// A task is offered.
        "RESERVED",
        /// Works on a task.
        "ACTIVE",
        /// Was on a task while Finesse or the peripheral gateway failed over.
        "WORK",
    }
}

words! {
    /// What becomes of an offer that interrupts.
    INTERRUPT_ACTION InterruptAction {
        /// The agent is interrupted.
        "ACCEPT",
        /// The agent goes on.
        "IGNORE",
    }
}

words! {
    /// What becomes of the tasks of an agent who signs out.
    DIALOG_LOGOUT_ACTION DialogLogoutAction {
        /// They are closed.
        "CLOSE",
        /// They go to others.
        "TRANSFER",
    }
}

shape! {
    /// An agent in one medium.
    Media = "Media" {
        /// Where this object is.
        URI: Text, "uri";
        /// The id of the agent, or of the medium: Cisco's pages disagree.
        ID: Text, "id";
        /// The id of the media routing domain.
        MRD_ID: Text, "mrdId";
        /// The medium's name.
        NAME: Text, "name";
        /// The medium's description, which Finesse may escape twice.
        DESCRIPTION: Text, "description";
        /// The agent's state in the medium.
        STATE: Choice(&MEDIA_STATE), "state";
        /// Since when, on the server's clock (ISO 8601, UTC).
        STATE_CHANGE_TIME: Text, "stateChangeTime";
        /// Tasks are pushed to the agent.
        ROUTABLE: Flag, "routable";
        /// Tasks of other media may interrupt the agent's in this one.
        INTERRUPTIBLE: Flag, "interruptible";
        /// Tasks at the same time, 1 to 10.
        MAX_DIALOG_LIMIT: Number, "maxDialogLimit";
        /// What becomes of an offer that interrupts.
        INTERRUPT_ACTION: Choice(&INTERRUPT_ACTION), "interruptAction";
        /// What becomes of the tasks of an agent who signs out.
        DIALOG_LOGOUT_ACTION: Choice(&DIALOG_LOGOUT_ACTION), "dialogLogoutAction";
        /// The reason's id in the database; `-1` for none.
        REASON_CODE_ID: Text, "reasonCodeId";
        /// The reason.
        REASON_CODE: Object(ReasonCode::SHAPE), "ReasonCode";
        /// The connection to the medium stands.
        MEDIA_CONNECTED: Flag, "mediaConnected";
        /// Finesse serves the medium (12.6(2)).
        FINESSE_ASSOCIATED: Flag, "finesseAssociated";
        /// The channel (12.6(2)).
        CHANNEL: Text, "channel";
        /// The media class (12.6(2)).
        MEDIA_CLASS: Text, "mediaClass";
    }
}

/// What an agent chose when signing in to a medium, where all of it is known: the limit of tasks, and what becomes of
/// interruptions and of tasks at the end. Only the server that was signed in to knows it.
#[must_use]
pub fn settings(media: &Object) -> Option<(i64, &str, &str)> {
    let (interrupt, logout) = (media.text(Media::INTERRUPT_ACTION), media.text(Media::DIALOG_LOGOUT_ACTION));
    let are_words = [interrupt, logout]
        .iter()
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    media.number(Media::MAX_DIALOG_LIMIT).filter(|_| are_words).map(|limit| (limit, interrupt, logout))
}
