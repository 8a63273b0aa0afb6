//! `Dialog`: a call or a task, and `Dialogs`, those of one agent (REST and notification).

use super::object::{FinesseError, Item, expect, plain_text};
use super::time;
use super::value::Value;
use crate::xml::{self, Element};
use std::sync::Arc;

choice! {
    /// The state of a call or task.
    DialogState = "state" {
        /// The agent's telephone is being taken off hook.
        Initiating = "INITIATING",
        /// The number is being called.
        Initiated = "INITIATED",
        /// It rings.
        Alerting = "ALERTING",
        /// Both talk; the task is worked on.
        Active = "ACTIVE",
        /// It came to nothing; see the participants' `stateCause`.
        Failed = "FAILED",
        /// It is over.
        Dropped = "DROPPED",
        /// Taken (a preview call, a task).
        Accepted = "ACCEPTED",
        /// A task is offered.
        Offered = "OFFERED",
        /// A task rests.
        Paused = "PAUSED",
        /// A task is wrapped up.
        WrappingUp = "WRAPPING_UP",
        /// A task of higher priority came between.
        Interrupted = "INTERRUPTED",
        /// A task is over.
        Closed = "CLOSED",
    } else Other
}

choice! {
    /// The state of one participant.
    ParticipantState = "state" {
        /// The telephone is being taken off hook.
        Initiating = "INITIATING",
        /// The number is being called.
        Initiated = "INITIATED",
        /// It rings.
        Alerting = "ALERTING",
        /// On the call.
        Active = "ACTIVE",
        /// Could not be reached; see `stateCause`.
        Failed = "FAILED",
        /// The call is held.
        Held = "HELD",
        /// The call is over and is wrapped up.
        WrapUp = "WRAP_UP",
        /// Has left.
        Dropped = "DROPPED",
        /// Taken.
        Accepted = "ACCEPTED",
    } else Other
}

choice! {
    /// What a participant can do now.
    Action = "action" {
        /// Make a call.
        MakeCall = "MAKE_CALL",
        /// Answer it.
        Answer = "ANSWER",
        /// Hold it.
        Hold = "HOLD",
        /// Take it back from hold.
        Retrieve = "RETRIEVE",
        /// Leave it.
        Drop = "DROP",
        /// Change its variables.
        UpdateCallData = "UPDATE_CALL_DATA",
        /// Ask someone else meanwhile.
        ConsultCall = "CONSULT_CALL",
        /// Hand it over.
        Transfer = "TRANSFER",
        /// Hand it over in one step.
        TransferSst = "TRANSFER_SST",
        /// Bring the other in.
        Conference = "CONFERENCE",
        /// Come in as a supervisor.
        BargeCall = "BARGE_CALL",
        /// Listen as a supervisor.
        SilentMonitor = "SILENT_MONITOR",
        /// Put another out.
        ParticipantDrop = "PARTICIPANT_DROP",
        /// Send tones.
        SendDtmf = "SEND_DTMF",
        /// Classify an outbound call anew.
        Reclassify = "RECLASSIFY",
        /// Change the promised call back.
        UpdateScheduledCallback = "UPDATE_SCHEDULED_CALLBACK",
        /// Withdraw the promised call back.
        CancelScheduledCallback = "CANCEL_SCHEDULED_CALLBACK",
        /// Take a preview call or a task.
        Accept = "ACCEPT",
        /// Refuse a preview call.
        Reject = "REJECT",
        /// Refuse a preview call for good; end a task.
        Close = "CLOSE",
    } else Other
}

object! {
    /// A variable of a call: `callVariable1` to `callVariable10`, `user.…` (ECC), `BA…` (outbound).
    CallVariable = "CallVariable" {
        /// Its name.
        name: String = "name",
        /// Its value.
        value: String = "value",
    }
}

/// A wrap-up reason that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapUpItem(pub String);

impl Item for WrapUpItem {
    const NAME: &'static str = "wrapUpItem";

    fn from_any(element: &Element) -> Option<Self> {
        plain_text(element).map(Self)
    }

    fn to_named(&self, name: &str) -> Element {
        Element::new(name, "").with_text(&self.0)
    }

    fn to_value(&self) -> Value<'_> {
        Value::Text(&self.0)
    }
}

object! {
    /// What is known of a call beside its participants.
    MediaProperties = "mediaProperties" {
        /// The medium's id.
        media_id: Option<String> = "mediaId",
        /// The number that was dialled.
        dialed_number: Option<String> = "dialedNumber",
        /// The number that the network delivered it to.
        dnis: Option<String> = "DNIS",
        /// `ACD_IN`, `CONSULT`, …
        call_type: Option<String> = "callType",
        /// How an outbound call ended.
        outbound_classification: Option<String> = "outboundClassification",
        /// The queue's number.
        queue_number: Option<String> = "queueNumber",
        /// The queue's name.
        queue_name: Option<String> = "queueName",
        /// The router's key of the call.
        call_key_call_id: Option<String> = "callKeyCallId",
        /// Its part among several.
        call_key_sequence_num: Option<String> = "callKeySequenceNum",
        /// The router's day.
        call_key_prefix: Option<String> = "callKeyPrefix",
        /// The wrap-up reason.
        wrap_up_reason: Option<String> = "wrapUpReason",
        /// The wrap-up reasons.
        wrap_up_items: Vec<WrapUpItem> = "wrapUpItems",
        /// The call's variables.
        call_variables: Vec<CallVariable> = "callvariables",
    }
}

object! {
    /// One end of a call.
    Participant = "Participant" {
        /// What it can do now.
        actions: Vec<Action> = "actions",
        /// Its number.
        media_address: Option<String> = "mediaAddress",
        /// `AGENT_DEVICE`, or empty.
        media_address_type: Option<String> = "mediaAddressType",
        /// When it came to the call.
        start_time: Option<String> = "startTime",
        /// Its state.
        state: ParticipantState = "state",
        /// Why it failed: `BUSY`, `BAD_DESTINATION`, `DEVICE_RESOURCE_NOT_AVAILABLE`, `OTHER`.
        state_cause: Option<String> = "stateCause",
        /// Since when it has its state, on the server's clock.
        state_change_time: Option<String> = "stateChangeTime",
    }
}

object! {
    /// A call back that was promised.
    ScheduledCallbackInfo = "scheduledCallbackInfo" {
        /// When.
        callback_time: Option<String> = "callbackTime",
        /// To which number.
        callback_number: Option<String> = "callbackNumber",
    }
}

object! {
    /// A call or a task.
    Dialog = "Dialog" {
        /// The call that this one consults for.
        associated_dialog_uri: Option<String> = "associatedDialogUri",
        /// Digits for a call; with underscores for a task.
        id: String = "id",
        /// The id of the consulting call.
        secondary_id: Option<String> = "secondaryId",
        /// `Voice`, or the name of a medium.
        media_type: Option<String> = "mediaType",
        /// Who calls.
        from_address: Option<String> = "fromAddress",
        /// Who is called.
        to_address: Option<String> = "toAddress",
        /// The number to call back.
        callback_number: Option<String> = "callbackNumber",
        /// Where this object is.
        uri: Option<String> = "uri",
        /// Its state.
        state: DialogState = "state",
        /// What is known of it.
        media_properties: Option<MediaProperties> = "mediaProperties",
        /// Its ends.
        participants: Vec<Participant> = "participants",
        /// A call back that was promised.
        scheduled_callback_info: Option<ScheduledCallbackInfo> = "scheduledCallbackInfo",
    }
}

impl Dialog {
    /// Whether a participant was known here in a later state: what tells an old notification from a new one. The last
    /// change of any participant does not, as it falls when one leaves.
    #[must_use]
    pub fn is_older_than(&self, known: &Self) -> bool {
        let changed_at = |end: &Participant| time::parse(end.state_change_time.as_deref()?);
        self.participants.iter().any(|end| {
            let same = known.participants.iter().filter(|known| known.media_address == end.media_address);
            // of several with one address (withheld numbers) the oldest counts
            changed_at(end).zip(same.filter_map(changed_at).min()).is_some_and(|(time, known)| time < known)
        })
    }
}

/// The root's name.
const LIST: &str = "Dialogs";

/// Reads `<Dialogs>`; what is no `Dialog` in it is left out.
///
/// # Errors
///
/// If it is another element.
pub fn list_from_element(element: &Element) -> Result<Vec<Arc<Dialog>>, FinesseError> {
    expect(element, LIST)?;
    Ok(element.elements().filter_map(|child| Dialog::from_element(child).ok()).map(Arc::new).collect())
}

/// Reads the answer to `GET User/{id}/Dialogs`.
///
/// # Errors
///
/// If it is no XML, or another document.
pub fn parse_list(xml: &str) -> Result<Vec<Arc<Dialog>>, FinesseError> {
    list_from_element(&xml::parse(xml)?)
}

/// Calls as `<Dialogs>`.
#[must_use]
pub fn list_to_element(dialogs: &[Arc<Dialog>]) -> Element {
    dialogs.iter().map(|dialog| dialog.to_element()).fold(Element::new(LIST, ""), Element::with_child)
}
