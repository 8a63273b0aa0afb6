//! Task routing, the team and the queue, and notifications that come swapped or late.

use finesse_simulator::{CallSpec, CallStep, Config, Fault, FaultSpec, Manner, Side};

use crate::client::Bench;

const BASIC: (&str, &str) = ("Authorization", "Basic MTAwMTpwdy0xMDAx");
const MEDIUM: &str = "/finesse/api/User/1001/Media/5001";

fn read(bench: &mut Bench, side: Side, path: &str) -> (u16, String) {
    let answer = bench.get(side, path, &[BASIC]);
    (answer.status, answer.body)
}

fn sign_in_to_medium(bench: &mut Bench, side: Side, limit: u32) {
    let body = format!(
        "<Media><state>LOGIN</state><maxDialogLimit>{limit}</maxDialogLimit><interruptAction>ACCEPT</interruptAction></Media>"
    );
    let request = bench.send(side, "", "PUT", MEDIUM, &[BASIC], &body);
    assert_eq!(bench.answer(request).unwrap().status, 202);
    bench.pass(100);
}

fn step(bench: &mut Bench, step: CallStep) -> bool {
    let (spec, now) = (CallSpec { agent: "1001".into(), step }, bench.now);
    let done = bench.world.call(&spec, now).is_ok();
    bench.pass(100);
    done
}

/// The notifications among the frames: what was published, without its envelope.
fn news(bench: &mut Bench, socket: u64) -> Vec<String> {
    let frames = bench.frames(socket).into_iter().filter(|frame| frame.contains("&lt;Update&gt;"));
    let word = |text: &str, name: &str| {
        let rest = text.split(&format!("&lt;{name}&gt;")).skip(1).last().unwrap_or_default();
        rest.split("&lt;").next().unwrap_or_default().to_owned()
    };
    frames
        .map(|frame| {
            let stamp = if frame.contains("urn:xmpp:delay") { " stored" } else { "" };
            format!("{} {} {}{stamp}", word(&frame, "event"), word(&frame, "source"), word(&frame, "state"))
        })
        .collect()
}

#[test]
fn what_an_agent_chose_for_a_medium_one_side_knows() {
    let mut bench = Bench::new();
    sign_in_to_medium(&mut bench, Side::A, 5);
    let limit = |bench: &mut Bench, side| read(bench, side, MEDIUM).1.contains("<maxDialogLimit>5<");
    assert!(limit(&mut bench, Side::A) && !limit(&mut bench, Side::B));
    assert!(read(&mut bench, Side::B, "/finesse/api/User/1001/Media").1.contains("<MediaList><Media>"));
    let socket = bench.sign_in(Side::B, "1001");
    bench.pass(100);
    bench.frames(socket);
    sign_in_to_medium(&mut bench, Side::B, 5);
    assert_eq!(news(&mut bench, socket), [format!("PUT {MEDIUM} ")], "that it was not needed");
    assert!(limit(&mut bench, Side::B));
    let fault = bench.fault(FaultSpec::new(Fault::WebAppDown).on(Side::B));
    bench.heal(fault);
    bench.pass(5_000);
    assert!(limit(&mut bench, Side::A) && !limit(&mut bench, Side::B), "the web app began anew");
    assert_eq!(read(&mut bench, Side::A, "/finesse/api/User/1001/Media/77").0, 404);
    let incomplete = "<Media><state>LOGIN</state></Media>";
    let request = bench.send(Side::A, "", "PUT", MEDIUM, &[BASIC], incomplete);
    assert_eq!(bench.answer(request).unwrap().status, 400);
}

#[test]
fn a_task_is_told_where_media_and_their_dialogs_are() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    let node = "/finesse/api/User/1001/Dialogs/Media";
    bench.text(
        socket,
        &format!(
            "<iq type='set' id='s' to='pubsub.fin-a.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <subscribe node='{node}' jid='1001@fin-a.localhost/keeper'/></pubsub></iq>"
        ),
    );
    sign_in_to_medium(&mut bench, Side::A, 5);
    assert!(!step(&mut bench, CallStep::Offer), "nobody is ready");
    let request = bench.send(Side::A, "", "PUT", MEDIUM, &[BASIC], "<Media><state>READY</state></Media>");
    assert_eq!(bench.answer(request).unwrap().status, 202);
    bench.pass(100);
    bench.frames(socket);
    assert!(step(&mut bench, CallStep::Offer) && step(&mut bench, CallStep::Accept));
    assert!(
        read(&mut bench, Side::B, node)
            .1
            .contains("<state>ACCEPTED</state><uri>/finesse/api/Dialog/151635_1_1<")
    );
    assert!(step(&mut bench, CallStep::Close) && !step(&mut bench, CallStep::Close));
    let source = format!("{MEDIUM}/Dialogs");
    let expected = [
        format!("PUT {MEDIUM} RESERVED"),
        format!("POST {source} OFFERED"),
        "PUT /finesse/api/Dialog/151635_1_1 ACCEPTED".to_owned(),
        format!("PUT {MEDIUM} ACTIVE"),
        "PUT /finesse/api/Dialog/151635_1_1 CLOSED".to_owned(),
        format!("DELETE {source} CLOSED"),
        format!("PUT {MEDIUM} READY"),
    ];
    assert_eq!(news(&mut bench, socket), expected);
}

#[test]
fn a_supervisor_sees_the_others_and_everyone_team_and_queue() {
    let config = Config { supervisors: vec!["1001".into()], ..Config::default() };
    let mut bench = Bench::with(config);
    assert!(read(&mut bench, Side::A, "/finesse/api/Team/1").1.contains("<loginId>1002</loginId>"));
    assert_eq!(read(&mut bench, Side::A, "/finesse/api/Team/5").0, 404);
    assert!(read(&mut bench, Side::A, "/finesse/api/Queue/10").1.contains("<agentsNotReady>2<"));
    assert!(read(&mut bench, Side::A, "/finesse/api/User/1001/Queues").1.contains("<Queues><Queue>"));
    assert!(read(&mut bench, Side::A, "/finesse/api/User/1002").1.contains("<loginId>1002</loginId>"));
    assert_eq!(read(&mut bench, Side::A, "/finesse/api/User/1002/Media").0, 401);
    assert_eq!(read(&mut Bench::new(), Side::A, "/finesse/api/User/1002").0, 401);
}

#[test]
fn two_within_ten_milliseconds_change_places() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.pass(100);
    bench.frames(socket);
    bench.fault(FaultSpec::new(Fault::NotificationsSwapped));
    let (ring, now) = (CallSpec { agent: "1001".into(), step: CallStep::Ring }, bench.now);
    bench.world.call(&ring, now).unwrap();
    assert!(news(&mut bench, socket).is_empty());
    step(&mut bench, CallStep::Answer);
    let (user, dialog) = ("/finesse/api/User/1001", "/finesse/api/Dialog/16777216");
    let expected = [
        format!("PUT {dialog} ACTIVE"),
        format!("POST {user}/Dialogs ALERTING"),
        format!("PUT {user} TALKING"),
        format!("PUT {user} RESERVED"),
    ];
    assert_eq!(news(&mut bench, socket), expected);
}

#[test]
fn every_second_one_comes_after_newer_ones() {
    for (manner, stored) in [(None, ""), (Some(Manner::Stored), " stored")] {
        let mut bench = Bench::new();
        let socket = bench.sign_in(Side::A, "1001");
        bench.pass(100);
        bench.frames(socket);
        let late = FaultSpec { manner, ms: Some(5_000), ..FaultSpec::new(Fault::NotificationsLate) };
        let fault = bench.fault(late);
        for state in ["READY", "NOT_READY"] {
            assert_eq!(bench.put_state(Side::A, "1001", state, "").status, 202);
            bench.pass(100);
        }
        bench.heal(fault);
        assert_eq!(news(&mut bench, socket), ["PUT /finesse/api/User/1001 NOT_READY"]);
        bench.pass(5_000);
        assert_eq!(news(&mut bench, socket), [format!("PUT /finesse/api/User/1001 READY{stored}")]);
    }
}
