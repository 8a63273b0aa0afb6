//! What is done with any text, and what must hold. The same runs under libFuzzer (`fuzz_targets/`) and over the corpus in
//! the ordinary tests (`tests/corpus.rs`).
#![allow(dead_code, reason = "each program uses one of them")]

use finesse_keeper::finesse::SHAPES;
use finesse_keeper::finesse::system_info::Info;
use finesse_keeper::finesse::update::{self, Notification};
use finesse_keeper::finesse::value::Value;
use finesse_keeper::shapes::tape::Tape;
use finesse_keeper::xmpp::framing::Inbound;
use finesse_keeper::xmpp::{bosh, pubsub};

const NODE: &str = "/finesse/api/User/1001";

/// A frame of a WebSocket: what is written once is written the same again, and its notifications are read.
pub(crate) fn stanza(text: &str) {
    let Ok(inbound) = Inbound::parse(text) else { return };
    if let Inbound::Unknown(_) = inbound {
        return; // an element of no namespace would be one of the stream's, alone in a frame
    }
    let once = inbound.to_element().to_xml();
    let again = Inbound::parse(&once).map(|inbound| inbound.to_element().to_xml());
    assert_eq!(again.as_ref(), Ok(&once));
    if let Inbound::Message(message) = inbound {
        for item in pubsub::items(message).unwrap_or_default() {
            if let Ok(notification) = update::from_item(&item) {
                settled(&notification);
            }
        }
    }
}

/// A notification as a gadget gets it.
pub(crate) fn update(text: &str) {
    if let Ok(notification) = Notification::parse(text, NODE) {
        settled(&notification);
    }
}

/// The answer to a read of SystemInfo: it is read back as it was written.
pub(crate) fn system_info(text: &str) {
    let Ok(info) = Info::parse(text) else { return };
    let _ = (info.alternate_node(), info.server_time(), info.is_in_service());
    assert_eq!(Info::parse(&info.object().to_element().to_xml()), Ok(info));
}

/// The answer to a BOSH request.
pub(crate) fn bosh_body(text: &str) {
    let _ = bosh::Answer::parse(text).map(|answer| answer.grant().is_some());
}

/// A notification that comes as JSON.
pub(crate) fn json_payload(text: &str) {
    update(&["{\"data\":", text, ",\"event\":\"PUT\"}"].concat());
    if text.starts_with('{') {
        update(text);
    }
}

/// What was read and written is, from then on, read as it is written; and it can be handed over.
fn settled(notification: &Notification) {
    let mut tape = Tape::new(SHAPES);
    if let Value::View(view) = notification.data.value() {
        tape.view(view);
    }
    let again = |notification: &Notification| Notification::parse(&notification.to_element().to_xml(), NODE);
    let Ok(once) = again(notification) else { panic!("written as it cannot be read: {notification:?}") };
    assert_eq!(again(&once).as_ref(), Ok(&once));
}
