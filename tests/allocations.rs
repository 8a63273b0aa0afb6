//! How often reading a notification asks for memory: for a call as often whatever is in its fields, and for a team no more
//! often than for its lists to grow. A test that allocates more tells of a copy that nobody meant to make.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail, and tells what it counted"
)]

use allocation_counter::measure;
use finesse_keeper::finesse::SHAPES;
use finesse_keeper::finesse::update::{self, Notification};
use finesse_keeper::finesse::value::Value;
use finesse_keeper::shapes::tape::Tape;
use finesse_keeper::xml::Element;
use finesse_keeper::xmpp::framing::Inbound;
use finesse_keeper::xmpp::{ns, pubsub};
use std::fs;
use std::hint::black_box;
use std::path::Path;

const NODE: &str = "/finesse/api/User/1001/Dialogs";

/// A call from the vectors, as the text that a gadget gets.
fn call() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/notifications/dialog-full.xml");
    fs::read_to_string(path).unwrap()
}

/// A team of so many agents.
fn team(agents: usize) -> String {
    let agent = |number: usize| {
        format!(
            "<User><uri>/finesse/api/User/{number}</uri><loginId>{number}</loginId><firstName>F{number}</firstName>\
             <lastName>L{number}</lastName><pendingState></pendingState><state>READY</state>\
             <stateChangeTime>2026-03-05T07:00:07.000Z</stateChangeTime></User>"
        )
    };
    let users: String = (1000..1000 + agents).map(agent).collect();
    format!(
        "<Update><data><team><uri>/finesse/api/Team/5</uri><id>5</id><name>Sales</name><users>{users}</users></team></data>\
         <event>PUT</event><requestId></requestId><source>/finesse/api/Team/5</source></Update>"
    )
}

/// Lays it out for JavaScript.
fn lay_out(notification: &Notification) {
    let mut tape = Tape::new(SHAPES);
    if let Value::View(view) = notification.data.value() {
        tape.view(view);
    }
    black_box(tape.parts().0.len());
}

/// How many allocations an act takes, all of which it gives back.
fn count(act: impl FnOnce()) -> u64 {
    let counted = measure(act);
    assert_eq!(counted.count_current, 0, "something is kept");
    counted.count_total
}

/// As a gadget has it read.
fn read(text: &str) -> u64 {
    count(|| lay_out(&Notification::parse(text, NODE).unwrap()))
}

/// As it comes over a WebSocket.
fn receive(text: &str) -> u64 {
    let payload = Element::new("notification", ns::PUBSUB).with_text(text);
    let item = Element::new("item", ns::PUBSUB_EVENT).with_attribute("id", "1").with_child(payload);
    let items = Element::new("items", ns::PUBSUB_EVENT).with_attribute("node", NODE).with_child(item);
    let event = Element::new("event", ns::PUBSUB_EVENT).with_child(items);
    let frame =
        Element::new("message", ns::CLIENT).with_attribute("from", "pubsub.a").with_child(event).to_xml();
    count(|| {
        let Ok(Inbound::Message(message)) = Inbound::parse(&frame) else { panic!("{frame}") };
        for item in pubsub::items(message).unwrap() {
            lay_out(&update::from_item(&item).unwrap());
        }
    })
}

#[test]
fn a_notification_takes_few_allocations_however_much_is_in_it() {
    let call = call();
    let (alone, framed) = (read(&call), receive(&call));
    let (few, many) = (read(&team(3)), read(&team(300)));
    println!(
        "a call of {} bytes: {alone}, in its stanza {framed}; a team of 3 agents: {few}, of 300: {many}",
        call.len()
    );
    assert!(alone <= 60, "{alone} for a call");
    assert!(framed <= alone + 90, "{framed} for a call in its stanza");
    assert!(many <= few + 24, "{few} for 3 agents, {many} for 300: lists double, and nothing else may grow");
}
