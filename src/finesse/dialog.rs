//! `Dialog`: a call or a task, and `Dialogs`, those of one agent (REST and notification).

use super::time;
use crate::shapes::object::{Object, View};
use crate::shapes::{shape, words};

words! {
    /// The state of a call or task.
    DIALOG_STATE DialogState {
        /// The agent's telephone is being taken off hook.
        "INITIATING",
        /// The number is being called.
        "INITIATED",
        /// It rings.
        "ALERTING",
        /// Both talk; the task is worked on.
        "ACTIVE",
        /// It came to nothing; see the participants' `stateCause`.
        "FAILED",
        /// It is over.
        "DROPPED",
        /// Taken (a preview call, a task).
        "ACCEPTED",
        /// A task is offered.
        "OFFERED",
        /// A task rests.
        "PAUSED",
        /// A task is wrapped up.
        "WRAPPING_UP",
        /// A task of higher priority came between.
        "INTERRUPTED",
        /// A task is over.
        "CLOSED",
        /// A task that was found again after a failure; it can only be ended.
        "UNKNOWN",
    }
}

words! {
    /// The state of one participant.
    PARTICIPANT_STATE ParticipantState {
        /// The telephone is being taken off hook.
        "INITIATING",
        /// The number is being called.
        "INITIATED",
        /// It rings.
        "ALERTING",
        /// On the call.
        "ACTIVE",
        /// Could not be reached; see `stateCause`.
        "FAILED",
        /// The call is held.
        "HELD",
        /// The call is over and is wrapped up.
        "WRAP_UP",
        /// Has left.
        "DROPPED",
        /// Taken.
        "ACCEPTED",
        /// A task is offered.
        "OFFERED",
        /// A task rests.
        "PAUSED",
        /// A task is wrapped up.
        "WRAPPING_UP",
        /// A task of higher priority came between.
        "INTERRUPTED",
        /// A task is over.
        "CLOSED",
    }
}

words! {
    /// What a participant can do now.
    ACTION Action = "action" {
        /// Make a call.
        "MAKE_CALL",
        /// Answer it.
        "ANSWER",
        /// Hold it.
        "HOLD",
        /// Take it back from hold.
        "RETRIEVE",
        /// Leave it.
        "DROP",
        /// Change its variables.
        "UPDATE_CALL_DATA",
        /// Ask someone else meanwhile.
        "CONSULT_CALL",
        /// Hand it over.
        "TRANSFER",
        /// Hand it over in one step.
        "TRANSFER_SST",
        /// Bring the other in.
        "CONFERENCE",
        /// Come in as a supervisor.
        "BARGE_CALL",
        /// Listen as a supervisor.
        "SILENT_MONITOR",
        /// Put another out.
        "PARTICIPANT_DROP",
        /// Send tones.
        "SEND_DTMF",
        /// Classify an outbound call anew.
        "RECLASSIFY",
        /// Change the promised call back.
        "UPDATE_SCHEDULED_CALLBACK",
        /// Withdraw the promised call back.
        "CANCEL_SCHEDULED_CALLBACK",
        /// Take a preview call or a task.
        "ACCEPT",
        /// Refuse a preview call.
        "REJECT",
        /// Refuse a preview call for good; end a task.
        "CLOSE",
        /// Begin to work on a task.
        "START",
        /// Let a task rest.
        "PAUSE",
        /// Go on with a task.
        "RESUME",
        /// Wrap a task up.
        "WRAP_UP",
        /// End a task.
        "END",
    }
}

shape! {
    /// A variable of a call: `callVariable1` to `callVariable10`, `user.…` (ECC), `BA…` (outbound).
    CallVariable = "CallVariable" {
        /// Its name.
        NAME: Name, "name";
        /// Its value.
        VALUE: Name, "value";
    }
}

words! {
    /// A wrap-up reason that was chosen.
    WRAP_UP_ITEM = "wrapUpItem"
}

words! {
    /// A kind of device.
    MEDIA_ADDRESS_TYPE MediaAddressType {
        /// An agent's.
        "AGENT_DEVICE",
    }
}

words! {
    /// Why a participant could not be reached.
    STATE_CAUSE StateCause {
        /// The line is busy.
        "BUSY",
        /// There is no such number.
        "BAD_DESTINATION",
        /// The device lacks what it takes.
        "DEVICE_RESOURCE_NOT_AVAILABLE",
        /// Anything else.
        "OTHER",
    }
}

shape! {
    /// What is known of a call beside its participants.
    MediaProperties = "mediaProperties" {
        /// The medium's id.
        MEDIA_ID: Text, "mediaId";
        /// The number that was dialled.
        DIALED_NUMBER: Text, "dialedNumber";
        /// The number that the network delivered it to.
        DNIS: Text, "DNIS";
        /// The kind of call: `ACD_IN`, `CONSULT`, … (Cisco lists them under "Dialog", call types).
        CALL_TYPE: Text, "callType";
        /// How an outbound call ended, as its agent or the dialler classified it (`VOICE`, `BUSY`, …).
        OUTBOUND_CLASSIFICATION: Text, "outboundClassification";
        /// The queue's number.
        QUEUE_NUMBER: Text, "queueNumber";
        /// The queue's name.
        QUEUE_NAME: Text, "queueName";
        /// The router's key of the call: with `callKeyPrefix` it is unique.
        CALL_KEY_CALL_ID: Text, "callKeyCallId";
        /// The part of the call among several with one key.
        CALL_KEY_SEQUENCE_NUM: Text, "callKeySequenceNum";
        /// The router's day.
        CALL_KEY_PREFIX: Text, "callKeyPrefix";
        /// The wrap-up reason.
        WRAP_UP_REASON: Text, "wrapUpReason";
        /// The wrap-up reasons.
        WRAP_UP_ITEMS: Choices(&WRAP_UP_ITEM), "wrapUpItems";
        /// The call's variables.
        CALL_VARIABLES: Objects(CallVariable::SHAPE), "callvariables";
    }
}

shape! {
    /// One end of a call.
    Participant = "Participant" {
        /// What it can do now.
        ACTIONS: Choices(&ACTION), "actions";
        /// The participant's number.
        MEDIA_ADDRESS: Text, "mediaAddress";
        /// What kind of device it is; empty for others than agents.
        MEDIA_ADDRESS_TYPE: Choice(&MEDIA_ADDRESS_TYPE), "mediaAddressType";
        /// When the participant came to the call (ISO 8601, UTC).
        START_TIME: Text, "startTime";
        /// The participant's state.
        STATE: Word(&PARTICIPANT_STATE), "state";
        /// Why the participant could not be reached; null or empty unless the state is `FAILED`.
        STATE_CAUSE: Choice(&STATE_CAUSE), "stateCause";
        /// Since when the participant has this state, on the server's clock (ISO 8601, UTC).
        STATE_CHANGE_TIME: Text, "stateChangeTime";
    }
}

shape! {
    /// A call back that was promised.
    ScheduledCallbackInfo = "scheduledCallbackInfo" {
        /// When, in the time zone of the customer, as in `2014-03-07T14:30`.
        CALLBACK_TIME: Text, "callbackTime";
        /// To which number.
        CALLBACK_NUMBER: Text, "callbackNumber";
    }
}

shape! {
    /// A call or a task.
    Dialog = "Dialog" {
        /// Another call or task that belongs to this one, as the one that it consults for.
        ASSOCIATED_DIALOG_URI: Text, "associatedDialogUri";
        /// Digits for a call; with underscores for a task.
        ID: Name, "id";
        /// The id of the consulting call.
        SECONDARY_ID: Text, "secondaryId";
        /// `Voice`, or the name of a medium.
        MEDIA_TYPE: Text, "mediaType";
        /// Who calls. For calls that a dialler makes, the agent.
        FROM_ADDRESS: Text, "fromAddress";
        /// The number that was dialled at first, which may be a route point's.
        TO_ADDRESS: Text, "toAddress";
        /// The customer's number without the dialler's prefix (CCE, direct preview).
        CALLBACK_NUMBER: Text, "callbackNumber";
        /// Where this object is.
        URI: Text, "uri";
        /// The state of the call or task.
        STATE: Word(&DIALOG_STATE), "state";
        /// What is known of the call beside its participants.
        MEDIA_PROPERTIES: Object(MediaProperties::SHAPE), "mediaProperties";
        /// Who takes part.
        PARTICIPANTS: Objects(Participant::SHAPE), "participants";
        /// A call back that was promised.
        SCHEDULED_CALLBACK_INFO: Object(ScheduledCallbackInfo::SHAPE), "scheduledCallbackInfo";
    }
}

/// Whether a participant was known here in a later state: what tells an old notification from a new one. The last change
/// of any participant does not, as it falls when one leaves.
#[must_use]
pub fn is_older(dialog: &Object, known: &Object) -> bool {
    ends(dialog).any(|end| {
        let Some(time) = end_changed_at(end) else { return false };
        let address = end.field(Participant::MEDIA_ADDRESS).text();
        let same = ends(known).filter(|known| known.field(Participant::MEDIA_ADDRESS).text() == address);
        // of several with one address (withheld numbers) the oldest counts
        same.filter_map(end_changed_at).min().is_some_and(|known| time < known)
    })
}

/// The last change of any participant, in milliseconds since 1970 on the server's clock.
#[must_use]
pub fn changed_at(dialog: &Object) -> Option<u64> {
    ends(dialog).filter_map(end_changed_at).max()
}

fn end_changed_at(end: View<'_>) -> Option<u64> {
    time::parse(end.field(Participant::STATE_CHANGE_TIME).text())
}

fn ends(dialog: &Object) -> impl Iterator<Item = View<'_>> {
    dialog.field(Dialog::PARTICIPANTS).items().take(PARTICIPANTS)
}

/// So many ends of a call are looked at; a conference has 16 at most.
const PARTICIPANTS: usize = 64;

/// What a call is known by.
#[must_use]
pub fn key(dialog: &Object) -> &str {
    match dialog.text(Dialog::ID) {
        "" => dialog.text(Dialog::URI),
        id => id,
    }
}
