//! Faults, as a client over BOSH sees them, and what is counted of the client itself.

use finesse_simulator::{ControlError, Fault, FaultSpec, Garbage, Manner, Side};

use crate::bosh_client::{Bosh, body_of, create, empty, ping, sign_in, terminated};
use crate::client::Bench;

fn held() -> (Bench, Bosh, u64) {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    (bench, bosh, held)
}

fn present(bench: &Bench) -> bool {
    bench.world.agent("1001").unwrap().present_on == [Side::A]
}

#[test]
fn the_service_down_takes_its_sessions_with_it() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    let fault = bench.fault(FaultSpec::new(Fault::NotificationServiceDown).on(Side::A));
    let refused = bosh.send(&mut bench, "");
    assert!(bench.failed(held) && bench.failed(refused));
    bench.heal(fault);
    assert_eq!(bosh.again(&mut bench, 13, "").status, 404);
    Bosh::sign_in(&mut bench, Side::A);
}

#[test]
fn a_frozen_service_answers_when_it_thaws() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    let fault = bench.fault(FaultSpec::new(Fault::NotificationServiceFrozen).on(Side::A));
    bench.pass(40_000);
    let late = bosh.send(&mut bench, &ping("late"));
    bench.pass(40_000);
    assert!(bench.answer(held).is_none() && bench.answer(late).is_none());
    bench.heal(fault);
    assert!(empty(&body_of(&mut bench, held)).is_some());
    assert!(body_of(&mut bench, late).contains(r#"id="late""#));
}

#[test]
fn a_cut_resets_requests_and_leaves_the_session() {
    let (mut bench, bosh, held) = held();
    bench.fault(FaultSpec::new(Fault::SocketCut).of("1001"));
    assert!(bench.failed(held) && present(&bench));
    bench.put_state(Side::A, "1001", "READY", "");
    bench.pass(100);
    assert!(bosh.again(&mut bench, bosh.rid, "").body.contains("READY"));
}

#[test]
fn what_the_network_held_comes_after_healing() {
    let (mut bench, mut bosh, held) = held();
    let fault = bench.fault(FaultSpec::new(Fault::NetworkLost).of("1001"));
    let late = bosh.send(&mut bench, &ping("late"));
    bench.put_state(Side::B, "1001", "READY", "");
    bench.pass(10_000);
    assert!(bench.answer(held).is_none() && bench.answer(late).is_none());
    bench.heal(fault);
    assert!(body_of(&mut bench, held).contains("READY"));
    assert!(body_of(&mut bench, late).contains(r#"id="late""#));
    let unheard = bench.fault(FaultSpec::new(Fault::NetworkLost).of("1001").by(Manner::Timeout));
    let lost = bosh.send(&mut bench, &ping("lost"));
    bench.heal(unheard);
    assert!(bench.answer(lost).is_none());
}

#[test]
fn a_node_that_goes_takes_the_requests_with_it() {
    for manner in [Manner::Refused, Manner::Silent] {
        let (mut bench, mut bosh, held) = held();
        let fault = bench.fault(FaultSpec::new(Fault::NodeDown).on(Side::A).by(manner));
        assert_eq!(bench.failed(held), manner == Manner::Refused);
        let meanwhile = bosh.send(&mut bench, "");
        assert_eq!(bench.failed(meanwhile), manner == Manner::Refused);
        bench.heal(fault);
        assert!(bench.failed(held) && bench.failed(meanwhile));
        assert_eq!(bosh.again(&mut bench, bosh.rid, "").status, 404);
    }
}

#[test]
fn latency_is_for_requests_too() {
    let (mut bench, mut bosh, _) = held();
    bench.fault(FaultSpec::new(Fault::Latency).of("1001"));
    let slow = bosh.send(&mut bench, &ping("slow"));
    bench.pass(399);
    assert!(bench.answer(slow).is_none());
    bench.pass(1);
    assert!(body_of(&mut bench, slow).contains("slow"));
}

#[test]
fn an_impostor_takes_the_session() {
    let (mut bench, bosh, held) = held();
    let fault = bench.fault(FaultSpec::new(Fault::Conflict).of("1001"));
    assert!(body_of(&mut bench, held).contains("<conflict "));
    assert_eq!(bosh.again(&mut bench, 14, "").status, 404);
    bench.heal(fault);
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bench.fault(FaultSpec::new(Fault::Conflict).of("1001").by(Manner::Ghost));
    assert!(bench.failed(held));
    let mut newcomer = Bosh::create(&mut bench, Side::A);
    newcomer.say(&mut bench, &sign_in("pw-1001", "keeper"));
    assert!(newcomer.say(&mut bench, "").contains("<conflict "));
}

#[test]
fn nonsense_comes_in_a_body() {
    for kind in Garbage::ALL.into_iter().filter(|kind| !kind.lasts()) {
        let (mut bench, _, held) = held();
        bench.fault(FaultSpec::new(Fault::Garbage).of("1001").with(kind));
        let body = body_of(&mut bench, held);
        assert!(body.starts_with("<body ") && body.ends_with("</body>") && body.len() > 70, "{kind:?}");
    }
    let (mut bench, mut bosh, _) = held();
    bench.fault(FaultSpec::new(Fault::NotificationServiceDown).on(Side::B));
    bench.fault(FaultSpec::new(Fault::Oversized).of("1002"));
    assert!(bosh.say(&mut bench, &ping("p")).len() < 1_000);
    let held = bosh.send(&mut bench, "");
    bench.fault(FaultSpec::new(Fault::Oversized));
    assert!(body_of(&mut bench, held).len() > 10_000_000);
}

#[test]
fn websocket_blocked() {
    let mut bench = Bench::new();
    let open = bench.sign_in(Side::A, "1001");
    for (manner, code) in
        [(Manner::Refused, Some(1006)), (Manner::Stripped, Some(1006)), (Manner::Silent, None)]
    {
        let fault = bench.fault(FaultSpec::new(Fault::WebsocketBlocked).of("1001").by(manner));
        assert_eq!(bench.world.websocket_blocked(Side::B, "1001"), Some(manner));
        let socket = bench.open(Side::A, "1001");
        bench.pass(60_000);
        assert_eq!((bench.accepted(socket), bench.closed(socket)), (false, code));
        let other = bench.open(Side::A, "1002");
        assert!(bench.accepted(other) && bench.closed(open).is_none());
        bench.ping(open);
        bench.heal(fault);
    }
    Bosh::sign_in(&mut bench, Side::A);
    let socket = bench.open(Side::A, "1001");
    assert!(bench.accepted(socket));
}

#[test]
fn bosh_blocked() {
    for (manner, failed) in [(Manner::Refused, true), (Manner::Silent, false)] {
        let mut bench = Bench::new();
        let fault = bench.fault(FaultSpec::new(Fault::BoshBlocked).on(Side::A).of("1001").by(manner));
        assert!(Bosh::try_create(&mut bench, Side::A).is_none());
        let request = bench.send(Side::A, "1001", "POST", "/http-bind/", &[], "");
        assert_eq!((bench.failed(request), bench.answer(request).is_some()), (failed, false));
        assert!(Bosh::try_create(&mut bench, Side::B).is_some());
        assert_eq!(bench.read(Side::A).status, 200);
        bench.heal(fault);
        assert!(Bosh::try_create(&mut bench, Side::A).is_some());
    }
}

#[test]
fn bosh_session_lost() {
    let (mut bench, bosh, held) = held();
    bench.fault(FaultSpec::new(Fault::BoshSessionLost).of("1002"));
    assert!(bench.answer(held).is_none() && present(&bench));
    bench.fault(FaultSpec::new(Fault::BoshSessionLost).on(Side::A));
    assert!(empty(&body_of(&mut bench, held)).is_some() && !present(&bench));
    assert_eq!(bosh.again(&mut bench, 14, "").status, 404);
    assert!(bench.world.faults().is_empty());
}

#[test]
fn bosh_error() {
    for (manner, status) in
        [(Manner::BadGateway, 502), (Manner::Unavailable, 503), (Manner::ServerError, 500)]
    {
        let (mut bench, mut bosh, held) = held();
        let fault = bench.fault(FaultSpec::new(Fault::BoshError).by(manner));
        let rid = bosh.rid + 1;
        assert_eq!(bosh.again(&mut bench, rid, &ping("p")).status, status);
        assert!(bench.answer(held).is_none() && bench.read(Side::A).status == 200);
        bench.heal(fault);
        assert!(bosh.say(&mut bench, &ping("p")).contains(r#"id="p""#));
    }
    let nonsense = FaultSpec::new(Fault::BoshError).by(Manner::Timeout);
    let refused = ControlError::Manner { fault: Fault::BoshError, manner: Manner::Timeout };
    assert_eq!(Bench::new().world.add_fault(&nonsense, 0), Err(refused));
}

#[test]
fn bosh_response_lost() {
    let (mut bench, mut bosh, held) = held();
    let fault = bench.fault(FaultSpec::new(Fault::BoshResponseLost).of("1001"));
    let asked = bosh.send(&mut bench, &ping("p"));
    assert!(bench.failed(held) && bench.failed(asked));
    let created = bench.send(Side::A, "1001", "POST", "/http-bind/", &[], "<body rid='1'/>");
    assert!(bench.failed(created));
    bench.heal(fault);
    assert!(bosh.again(&mut bench, bosh.rid, "").body.contains(r#"id="p""#));
}

#[test]
fn bosh_request_reordered() {
    let (mut bench, mut bosh, _) = held();
    bench.pass(5_000);
    bench.fault(FaultSpec::new(Fault::BoshRequestReordered));
    bosh.rid = 13;
    let even = bosh.send(&mut bench, &ping("a"));
    assert!(bench.answer(even).is_some());
    let odd = bosh.send(&mut bench, &ping("b"));
    let next = bosh.send(&mut bench, &ping("c"));
    bench.pass(49);
    assert!(bench.answer(odd).is_none() && bench.answer(next).is_none());
    bench.pass(1);
    let both = [body_of(&mut bench, odd), body_of(&mut bench, next)].concat();
    assert!(both.contains(r#"id="b""#) && both.contains(r#"id="c""#), "{both}");
    assert_eq!(bench.world.counts().bosh.holes, 0);
}

#[test]
fn bosh_wait_cut() {
    let (mut bench, mut bosh, held) = held();
    let fault = bench.fault(FaultSpec::new(Fault::BoshWaitCut));
    bench.pass(9_999);
    assert!(bench.answer(held).is_none());
    bench.pass(1);
    assert_eq!(bench.answer(held).unwrap().status, 504);
    bench.put_state(Side::A, "1001", "READY", "");
    bench.pass(100);
    assert!(bosh.again(&mut bench, bosh.rid, "").body.contains("READY"));
    let held = bosh.send(&mut bench, "");
    bench.heal(fault);
    bench.pass(29_000);
    assert!(bench.answer(held).is_none() && present(&bench));
}

#[test]
fn over_activity() {
    let (mut bench, mut bosh, held) = held();
    bench.fault(FaultSpec::new(Fault::OverActivity).on(Side::A));
    assert!(terminated(&body_of(&mut bench, held), "policy-violation") && !present(&bench));
    assert_eq!(bosh.again(&mut bench, 14, "").status, 404);
    bosh = Bosh::sign_in(&mut bench, Side::A);
    bench.fault(FaultSpec::new(Fault::OverActivity));
    assert!(present(&bench));
    assert!(terminated(&bosh.say(&mut bench, &ping("p")), "policy-violation"));
    assert_eq!(bench.world.counts().bosh.broken_off, 2);
}

/// Whatever the way does: what is counted of a client is its own doing.
#[test]
fn a_good_client_breaks_no_rule() {
    let (mut bench, mut bosh, held) = held();
    bench.fault(FaultSpec::new(Fault::SocketCut).of("1001"));
    assert!(bench.failed(held));
    bench.pass(100);
    bosh.again(&mut bench, bosh.rid, "");
    for round in 0..20 {
        let waiting = bosh.send(&mut bench, "");
        bench.pass(if round % 2 == 0 { 700 } else { 7_000 });
        bosh.say(&mut bench, &ping("p"));
        assert!(empty(&body_of(&mut bench, waiting)).is_some());
    }
    bosh.tell(&mut bench, "type='terminate'");
    let counts = bench.world.counts().bosh;
    assert_eq!((counts.crowds, counts.hasty, counts.holes, counts.broken_off), (0, 0, 0, 0));
    assert_eq!((counts.sessions, counts.requests), (1, 46));
}

#[test]
fn what_a_bad_client_does_is_counted() {
    let (mut bench, mut bosh, _) = held();
    let silent = bench.fault(FaultSpec::new(Fault::SideSilent));
    bosh.send(&mut bench, "");
    assert_eq!(bench.world.counts().bosh.hasty, 1);
    bosh.send(&mut bench, &ping("p"));
    assert_eq!(bench.world.counts().bosh.crowds, 1);
    bosh.rid += 1;
    bosh.send(&mut bench, &ping("p"));
    assert_eq!(bench.world.counts().bosh.holes, 1);
    bench.heal(silent);
    assert_eq!(create(&mut bench, Side::A, "").status, 200);
}
