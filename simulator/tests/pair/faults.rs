//! Every fault, as a client sees it, and its healing.

use finesse_simulator::{ControlError, Fault, FaultSpec, Garbage, Manner, Passage, Reads, Side};

use crate::client::Bench;

fn signed_in() -> (Bench, u64) {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.frames(socket);
    (bench, socket)
}

fn notices(frames: &[String]) -> Vec<&'static str> {
    let notice = |frame: &String| {
        let about = frame.contains(r#"node="/finesse/api/SystemInfo""#);
        let word = if frame.contains("OUT_OF_SERVICE") { "out" } else { "in" };
        about.then_some(word)
    };
    frames.iter().filter_map(notice).collect()
}

fn absent(frames: &[String]) -> bool {
    frames.iter().any(|it| {
        it.contains(r#"type="unavailable" from="finesse@fin-a.localhost/fin" to="1001@fin-a.localhost""#)
    })
}

#[test]
fn socket_cut() {
    let (mut bench, socket) = signed_in();
    let other = bench.sign_in(Side::A, "1002");
    bench.fault(FaultSpec::new(Fault::SocketCut).on(Side::A).of("1001"));
    assert_eq!((bench.closed(socket), bench.closed(other)), (Some(1006), None));
    assert!(bench.world.faults().is_empty());
    let socket = bench.sign_in(Side::A, "1001");
    assert!(bench.frames(socket).last().unwrap().starts_with("<presence"));
}

#[test]
fn network_lost_holds_what_was_sent() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::NetworkLost).of("1001"));
    bench.ping(socket);
    let request = bench.send(Side::A, "1001", "GET", "/finesse/api/SystemInfo", &[], "");
    let aborted = bench.send(Side::A, "1001", "GET", "/finesse/api/SystemInfo", &[], "");
    bench.world.handle_input(finesse_simulator::Input::RequestAborted { request: aborted }, bench.now);
    let hanging = bench.open(Side::A, "1001");
    let given_up = bench.open(Side::A, "1001");
    bench.close(given_up);
    bench.put_state(Side::B, "1001", "READY", "");
    bench.pass(10_000);
    assert!(bench.frames(socket).is_empty() && bench.answer(request).is_none() && !bench.accepted(hanging));
    bench.heal(fault);
    let frames = bench.frames(socket);
    assert!(frames[0].contains("READY") && frames[1].contains(r#"id="p""#), "{frames:?}");
    assert!(bench.answer(request).is_some() && bench.accepted(hanging));
    assert!(bench.answer(aborted).is_none() && !bench.accepted(given_up));
}

#[test]
fn network_lost_hides_the_end_of_a_socket_from_the_server() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::NetworkLost).of("1001").on(Side::A));
    bench.close(socket);
    bench.pass(5_000);
    assert_eq!(bench.world.agent("1001").unwrap().present_on, [Side::A]);
    bench.heal(fault);
    assert!(bench.world.agent("1001").unwrap().present_on.is_empty());
}

#[test]
fn side_silent() {
    let (mut bench, socket) = signed_in();
    bench.fault(FaultSpec::new(Fault::SideSilent).on(Side::A).lasting(5_000));
    bench.ping(socket);
    bench.pass(4_999);
    assert!(bench.frames(socket).is_empty());
    assert_eq!(bench.closed(socket), None);
    assert_eq!(bench.read(Side::B).status, 200);
    bench.pass(1);
    assert_eq!(bench.frames(socket).len(), 1);
    assert!(bench.world.faults().is_empty());
}

#[test]
fn notification_service_down() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::NotificationServiceDown).on(Side::A));
    assert_eq!(bench.closed(socket), Some(1006));
    let refused = bench.open(Side::A, "1001");
    assert_eq!(bench.closed(refused), Some(1006));
    assert!(bench.read(Side::A).body.contains("IN_SERVICE"));
    bench.heal(fault);
    let socket = bench.sign_in(Side::A, "1001");
    assert!(!bench.frames(socket).iter().any(|it| it.starts_with("<presence")));
    bench.pass(500);
    assert!(bench.frames(socket)[0].starts_with("<presence"));
    let out = FaultSpec { reads: Some(Reads::Out), ..FaultSpec::new(Fault::NotificationServiceDown) };
    bench.fault(out.lasting(1_000));
    assert!(bench.read(Side::A).body.contains("OUT_OF_SERVICE"));
    bench.pass(1_000);
    let socket = bench.sign_in(Side::A, "1001");
    bench.pass(500);
    assert_eq!(notices(&bench.frames(socket)), ["in"]);
}

#[test]
fn notification_service_frozen() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::NotificationServiceFrozen).on(Side::A));
    bench.ping(socket);
    bench.put_state(Side::A, "1001", "READY", "");
    let hanging = bench.open(Side::A, "1001");
    bench.pass(8_000);
    assert!(bench.frames(socket).is_empty() && !bench.accepted(hanging));
    assert_eq!(bench.closed(socket), None);
    bench.heal(fault);
    let frames = bench.frames(socket);
    assert_eq!(frames.len(), 2);
    assert!(frames[0].contains(r#"id="p""#) && bench.accepted(hanging));
    assert!(bench.world.report(bench.now).sessions[0].available);
}

#[test]
fn tomcat_down() {
    for manner in [Manner::Refused, Manner::Timeout, Manner::BadGateway, Manner::Unavailable] {
        let (mut bench, socket) = signed_in();
        let fault = bench.fault(FaultSpec::new(Fault::TomcatDown).on(Side::A).by(manner));
        let frames = bench.frames(socket);
        assert!(absent(&frames) && notices(&frames).is_empty());
        let request = bench.send(Side::A, "", "GET", "/finesse/api/SystemInfo", &[], "");
        let status = bench.answer(request).map(|it| it.status);
        match manner {
            Manner::Refused => assert!(bench.failed(request)),
            Manner::Timeout => assert!(!bench.failed(request) && status.is_none()),
            Manner::BadGateway => assert_eq!(status, Some(502)),
            _ => assert_eq!(status, Some(503)),
        }
        let second = bench.open(Side::A, "");
        assert!(bench.accepted(second) && bench.closed(socket).is_none());
        starts_again(&mut bench, socket, fault);
    }
}

fn starts_again(bench: &mut Bench, socket: u64, fault: u64) {
    bench.heal(fault);
    assert!(
        bench.frames(socket)[0]
            .contains(r#"from="finesse@fin-a.localhost/fin" to="1001@fin-a.localhost/keeper""#)
    );
    assert_eq!(bench.read(Side::A).status, 503);
    bench.pass(1_999);
    assert!(notices(&bench.frames(socket)).is_empty());
    bench.pass(1);
    let frames = bench.frames(socket);
    assert_eq!(notices(&frames), ["in"]);
    assert!(frames[1].contains("NOT_READY"));
    assert_eq!(bench.read(Side::A).status, 200);
}

#[test]
fn web_app_down() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::WebAppDown).on(Side::A));
    assert!(absent(&bench.frames(socket)));
    let answer = bench.read(Side::A);
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("<html>"));
    starts_again(&mut bench, socket, fault);
}

#[test]
fn cti_lost_on_both_sides() {
    let (mut bench, socket) = signed_in();
    bench.pass(9_000);
    let fault = bench.fault(FaultSpec::new(Fault::CtiLost));
    assert_eq!(notices(&bench.frames(socket)), ["out"]);
    bench.pass(10_000);
    for side in Side::BOTH {
        let body = bench.read(side).body;
        assert!(body.contains("OUT_OF_SERVICE") && body.contains(">failure<"), "{body}");
        assert!(body.contains("<lastSuccessCTIHeartbeatTime>1714894408000<"));
    }
    assert_eq!(bench.put_state(Side::A, "1001", "READY", "").status, 503);
    bench.heal(fault);
    let frames = bench.frames(socket);
    assert_eq!((notices(&frames), frames.len()), (vec!["in"], 2));
    assert!(frames[1].contains("NOT_READY"));
}

#[test]
fn node_down_refused() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::NodeDown).on(Side::A));
    assert_eq!(bench.closed(socket), Some(1006));
    let request = bench.send(Side::A, "", "GET", "/finesse/api/SystemInfo", &[], "");
    let again = bench.open(Side::A, "");
    assert!(bench.failed(request) && bench.closed(again) == Some(1006));
    bench.heal(fault);
    assert_eq!(bench.read(Side::A).status, 503);
    bench.pass(2_000);
    let socket = bench.sign_in(Side::A, "1001");
    assert!(bench.frames(socket).iter().any(|it| it.starts_with("<presence")));
    assert!(bench.read(Side::A).body.contains("IN_SERVICE"));
}

#[test]
fn node_down_silent() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::NodeDown).on(Side::A).by(Manner::Silent));
    bench.ping(socket);
    let request = bench.send(Side::A, "", "GET", "/finesse/api/SystemInfo", &[], "");
    let hanging = bench.open(Side::A, "");
    bench.pass(30_000);
    assert!(bench.frames(socket).is_empty() && bench.closed(socket).is_none());
    assert!(bench.answer(request).is_none() && !bench.failed(request) && bench.closed(hanging).is_none());
    bench.heal(fault);
    assert_eq!(bench.closed(socket), Some(1006));
    assert!(bench.failed(request));
}

#[test]
fn maintenance() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::Maintenance).on(Side::A));
    assert!(bench.frames(socket)[0].contains("finesseMMode&gt;IN_PROGRESS"));
    bench.pass(3_000);
    let body = bench.read(Side::A).body;
    assert!(body.contains("<finesseTimeInMMode>3</finesseTimeInMMode>") && body.contains("IN_SERVICE"));
    bench.heal(fault);
    assert!(bench.read(Side::A).body.contains("<finesseMMode></finesseMMode>"));
}

#[test]
fn latency_keeps_order() {
    let (mut bench, socket) = signed_in();
    let slow = FaultSpec { ms: Some(1_000), ..FaultSpec::new(Fault::Latency).on(Side::A) };
    let fault = bench.fault(slow);
    bench.ping(socket);
    bench.pass(600);
    bench.heal(fault);
    bench.text(socket, "<iq type='get' id='q' to='fin-a.localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
    bench.pass(399);
    assert!(bench.frames(socket).is_empty());
    bench.pass(1);
    let frames = bench.frames(socket);
    assert!(frames[0].contains(r#"id="p""#) && frames[1].contains(r#"id="q""#));
}

#[test]
fn garbage_of_every_kind() {
    for kind in Garbage::ALL {
        let (mut bench, socket) = signed_in();
        let fault = bench.fault(FaultSpec::new(Fault::Garbage).on(Side::A).of("1001").with(kind));
        let frames = bench.frames(socket);
        if kind.lasts() {
            let request = bench.send(Side::A, "1001", "GET", "/finesse/api/SystemInfo", &[], "");
            let answer = bench.answer(request).unwrap();
            assert_eq!(answer.status, 200);
            assert!(answer.body.contains("<!doctype html>") || answer.body.contains("attacker.example"));
            assert!(bench.read(Side::A).body.contains("fin-a.localhost"));
            bench.heal(fault);
        } else {
            assert_eq!(frames.len(), 1, "{kind:?}");
        }
        assert!(bench.world.faults().is_empty());
        bench.ping(socket);
        assert_eq!(bench.frames(socket).len(), 1);
    }
}

#[test]
fn oversized() {
    let (mut bench, socket) = signed_in();
    bench.fault(FaultSpec::new(Fault::Oversized).on(Side::A));
    assert!(bench.frames(socket)[0].len() > 10_000_000);
}

#[test]
fn conflict() {
    let (mut bench, socket) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::Conflict).on(Side::A).of("1001"));
    assert!(bench.frames(socket)[0].contains("<conflict "));
    assert_eq!(bench.closed(socket), Some(1005));
    assert_eq!(bench.world.report(0).sessions[0].socket, None);
    assert_eq!(bench.world.agent("1001").unwrap().present_on, [Side::A]);
    bench.heal(fault);
    assert!(bench.world.report(0).sessions.is_empty());
}

#[test]
fn password_refused() {
    let mut bench = Bench::new();
    let fault = bench.fault(FaultSpec::new(Fault::PasswordRefused).of("1001"));
    let socket = bench.sign_in(Side::B, "1001");
    assert!(bench.frames(socket)[2].contains("not-authorized"));
    assert_eq!(bench.put_state(Side::A, "1001", "READY", "").status, 401);
    assert_eq!(bench.put_state(Side::A, "1002", "READY", "").status, 202);
    assert_eq!(bench.world.refusals().map(|it| it.over).collect::<Vec<_>>(), ["xmpp", "rest"]);
    bench.heal(fault);
    assert_eq!(bench.put_state(Side::A, "1001", "READY", "").status, 202);
}

#[test]
fn slow_start_waits_for_the_other_fault() {
    let (mut bench, socket) = signed_in();
    let down = bench.fault(FaultSpec::new(Fault::WebAppDown).on(Side::A));
    bench.fault(FaultSpec::new(Fault::SlowStart).on(Side::A).lasting(20_000));
    bench.pass(60_000);
    bench.heal(down);
    bench.ping(socket);
    bench.frames(socket);
    bench.pass(19_999);
    assert_eq!(bench.read(Side::A).status, 503);
    assert!(notices(&bench.frames(socket)).is_empty());
    bench.pass(1);
    assert_eq!(bench.read(Side::A).status, 200);
    assert_eq!(notices(&bench.frames(socket)), ["in"]);
    bench.fault(FaultSpec::new(Fault::SlowStart).on(Side::A).by(Manner::Out).lasting(1_000));
    assert!(bench.read(Side::A).body.contains("OUT_OF_SERVICE"));
    bench.pass(1_000);
    assert_eq!(notices(&bench.frames(socket)), ["out", "in"]);
}

#[test]
fn login_refused() {
    let (mut bench, old) = signed_in();
    let fault = bench.fault(FaultSpec::new(Fault::LoginRefused).on(Side::A));
    let socket = bench.sign_in(Side::A, "1001");
    assert!(bench.frames(socket)[2].contains("<temporary-auth-failure/>"));
    assert!(bench.read(Side::A).body.contains("IN_SERVICE") && bench.closed(old).is_none());
    assert_eq!(bench.world.counts().refusals, 0);
    bench.heal(fault);
    let socket = bench.sign_in(Side::A, "1001");
    assert!(bench.frames(socket)[2].contains("<success"));
}

#[test]
fn presence_missing() {
    for untold in [false, true] {
        let mut bench = Bench::new();
        let mut spec = FaultSpec::new(Fault::PresenceMissing).on(Side::A);
        spec.manner = untold.then_some(Manner::Untold);
        let fault = bench.fault(spec);
        let socket = bench.sign_in(Side::A, "1001");
        assert!(!bench.frames(socket).iter().any(|it| it.starts_with("<presence")));
        bench.heal(fault);
        assert_eq!(bench.frames(socket).is_empty(), untold);
        let socket = bench.sign_in(Side::A, "1001");
        assert!(bench.frames(socket).last().unwrap().starts_with("<presence"));
    }
}

#[test]
fn cors_disabled() {
    let mut bench = Bench::new();
    let fault = bench.fault(FaultSpec::new(Fault::CorsDisabled).on(Side::A));
    let origin = [("Origin", "http://demo.localhost")];
    let allowed = |bench: &mut Bench, side| {
        ["/finesse/api/SystemInfo", "/finesse/api/User/1001", "/http-bind/"]
            .map(|path| bench.get(side, path, &origin).header("access-control-allow-origin").is_some())
    };
    assert_eq!((allowed(&mut bench, Side::A), allowed(&mut bench, Side::B)), ([false; 3], [true; 3]));
    bench.heal(fault);
    assert_eq!(allowed(&mut bench, Side::A), [true; 3]);
    bench.fault(FaultSpec::new(Fault::CorsDisabled).of("1001"));
    assert_eq!(allowed(&mut bench, Side::A), [true; 3]);
}

#[test]
fn clock_skew() {
    let (mut bench, socket) = signed_in();
    let told = |bench: &mut Bench, side: Side, hour: &str| {
        bench.read(side).body.contains(&format!("<currentTimestamp>2024-05-05T{hour}"))
    };
    assert!(told(&mut bench, Side::A, "07:33:20") && told(&mut bench, Side::B, "07:33:20"));
    let ahead = bench.fault(FaultSpec::new(Fault::ClockSkew).on(Side::A));
    assert!(told(&mut bench, Side::A, "07:43:20") && told(&mut bench, Side::B, "07:33:20"));
    assert!(bench.read(Side::A).body.contains("<lastSuccessCTIHeartbeatTime>1714895000000<"));
    bench.put_state(Side::A, "1001", "READY", "");
    bench.pass(100);
    assert!(bench.frames(socket).last().unwrap().contains("stateChangeTime&gt;2024-05-05T07:43:20"));
    bench.heal(ahead);
    let behind =
        FaultSpec { ms: Some(60_000), ..FaultSpec::new(Fault::ClockSkew).on(Side::A).by(Manner::Behind) };
    bench.fault(behind);
    assert!(told(&mut bench, Side::A, "07:32:20"));
}

#[test]
fn before_12_6_no_ports_are_told() {
    let config = finesse_simulator::Config { before_12_6: true, ..finesse_simulator::Config::default() };
    let body = Bench::with(config).read(Side::A).body;
    assert!(body.contains("<primaryNode><host>fin-a.localhost</host></primaryNode>"), "{body}");
    assert!(!body.contains("MMode") && Bench::new().read(Side::A).body.contains("MMode"));
}

#[test]
fn faults_overlap_and_heal_together() {
    let (mut bench, socket) = signed_in();
    let one = bench.fault(FaultSpec::new(Fault::CtiLost).on(Side::A));
    bench.fault(FaultSpec::new(Fault::CtiLost));
    bench.fault(FaultSpec::new(Fault::NodeDown).on(Side::B).by(Manner::Silent));
    bench.heal(one);
    assert!(bench.read(Side::A).body.contains("OUT_OF_SERVICE"));
    bench.world.heal_all(bench.now);
    bench.pass(5_000);
    assert_eq!(notices(&bench.frames(socket)), ["out", "in"]);
    for side in Side::BOTH {
        assert!(bench.read(side).body.contains("IN_SERVICE"));
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut bench = Bench::new();
    let mut add = |json: &str| {
        let spec: FaultSpec = serde_json::from_str(json).unwrap();
        bench.world.add_fault(&spec, 0)
    };
    assert!(matches!(add(r#"{"fault":"network-lost"}"#), Err(ControlError::Missing { what: "agent", .. })));
    assert!(matches!(add(r#"{"fault":"garbage"}"#), Err(ControlError::Missing { what: "kind", .. })));
    assert!(matches!(add(r#"{"fault":"cti-lost","as":"503"}"#), Err(ControlError::Manner { .. })));
    assert!(matches!(add(r#"{"fault":"conflict","agent":"7"}"#), Err(ControlError::UnknownAgent(_))));
    assert!(add(r#"{"fault":"tomcat-down","side":"B","as":"502","for":10}"#).is_ok());
    assert!(serde_json::from_str::<FaultSpec>(r#"{"fault":"weather"}"#).is_err());
    assert!(serde_json::from_str::<FaultSpec>(r#"{"fault":"cti-lost","sides":"A"}"#).is_err());
}

#[test]
fn the_way_to_a_real_service_is_told() {
    let mut bench = Bench::new();
    assert_eq!(bench.world.passage(Side::A, "1001"), Passage::Pass);
    let lost = bench.fault(FaultSpec::new(Fault::NetworkLost).of("1001"));
    assert_eq!(bench.world.passage(Side::A, "1001"), Passage::Hold);
    assert_eq!(bench.world.passage(Side::A, "1002"), Passage::Pass);
    bench.heal(lost);
    bench.fault(FaultSpec::new(Fault::NodeDown).on(Side::A));
    assert_eq!(bench.world.passage(Side::A, "1001"), Passage::Refuse);
}
