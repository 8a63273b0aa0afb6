//! The notification service over BOSH, as Openfire 4.2 answers.

use finesse_simulator::Side;

use crate::bosh_client::{Bosh, attribute, body_of, create, empty, ping, sign_in, terminated};
use crate::client::Bench;

#[test]
fn a_session_is_created_with_all_that_comes_later() {
    let mut bench = Bench::new();
    let answer = create(&mut bench, Side::A, "wait='30' hold='1' ver='1.9'");
    assert_eq!(answer.header("content-type"), Some("text/xml; charset=UTF-8"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let body = &answer.body;
    assert_eq!(attribute(body, "sid"), attribute(body, "authid"));
    let told = r#"secure="true" requests="2" inactivity="30" polling="5" wait="30" hold="1" ack="10" maxpause="300" ver="1.6">"#;
    assert!(body.contains(told) && body.contains(r#" from="fin-a.localhost" "#), "{body}");
    assert!(body.contains("<stream:features><mechanisms ") && body.contains("<bind "), "{body}");
    let old = create(&mut bench, Side::A, "").body;
    assert!(old.contains(r#" wait="60"><stream:features>"#), "{old}");
}

#[test]
fn one_body_signs_in_and_the_answers_come_one_by_one() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::create(&mut bench, Side::A);
    let first = bosh.say(&mut bench, &sign_in("pw-1001", "keeper"));
    assert!(first.contains("ack='11'><success ") && !first.contains("<iq"), "{first}");
    let second = bosh.say(&mut bench, "");
    assert!(second.contains("<jid>1001@fin-a.localhost/keeper</jid>"), "{second}");
    assert!(second.contains(r#"<presence xmlns="jabber:client" from="finesse@fin-a.localhost/fin""#));
    let report = bench.world.report(bench.now);
    assert_eq!((report.sessions[0].transport, report.sessions[0].client.as_str()), ("bosh", "1001"));
    assert_eq!((report.sessions[0].socket, report.sessions[0].available), (None, true));
    let held = bosh.send(&mut bench, "");
    bench.put_state(Side::B, "1001", "READY", "");
    bench.pass(100);
    assert!(body_of(&mut bench, held).contains("&lt;state&gt;READY&lt;/state&gt;"));
}

#[test]
fn a_refusal_leaves_the_session_as_it_was() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::create(&mut bench, Side::A);
    assert!(bosh.say(&mut bench, &sign_in("wrong", "keeper")).contains("<not-authorized/></failure>"));
    let answer = bosh.say(&mut bench, "");
    assert!(
        answer.contains(r#"<iq xmlns="jabber:client" type="error" id="b"><error code="401""#),
        "{answer}"
    );
    assert!(bosh.say(&mut bench, &sign_in("pw-1001", "keeper")).contains("<success "));
}

#[test]
fn a_restart_is_answered_with_features() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::create(&mut bench, Side::A);
    let restart = "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'";
    let before = bosh.tell(&mut bench, restart);
    assert!(body_of(&mut bench, before).contains("<mechanisms "));
    let auth = sign_in("pw-1001", "keeper").split("<iq").next().unwrap().to_owned();
    bosh.say(&mut bench, &auth);
    let after = bosh.tell(&mut bench, restart);
    let answer = body_of(&mut bench, after);
    assert!(answer.contains("<stream:features><bind ") && !answer.contains("ack="), "{answer}");
}

#[test]
fn an_idle_request_is_held_and_comes_back_empty() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bench.pass(29_999);
    assert!(bench.answer(held).is_none());
    bench.pass(1);
    assert_eq!(empty(&body_of(&mut bench, held)), Some(13));
    let held = bosh.send(&mut bench, "");
    bench.pass(5_000);
    let newer = bosh.send(&mut bench, &ping("p"));
    assert_eq!(empty(&body_of(&mut bench, held)), Some(15));
    assert!(body_of(&mut bench, newer).contains(r#"id="p""#));
}

#[test]
fn what_was_said_is_said_again_and_silence_is_not() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let first = bosh.say(&mut bench, &ping("a"));
    for id in ["b", "c"] {
        bosh.say(&mut bench, &ping(id));
    }
    let rid = bosh.rid - 2;
    assert_eq!(bosh.again(&mut bench, rid, "").body.replace("ack='15'", "ack='13'"), first);
    assert!(terminated(&bosh.again(&mut bench, rid - 1, "").body, "item-not-found"));
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bench.pass(30_000);
    assert!(empty(&body_of(&mut bench, held)).is_some());
    assert!(terminated(&bosh.again(&mut bench, bosh.rid, "").body, "item-not-found"));
    assert_eq!(bosh.again(&mut bench, bosh.rid + 1, "").status, 404);
}

#[test]
fn what_comes_again_is_done_again() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    bosh.say(&mut bench, &ping("a"));
    assert!(bosh.again(&mut bench, bosh.rid, &ping("a")).body.contains(r#"id="a""#));
    assert!(bosh.say(&mut bench, &ping("b")).contains(r#"id="a""#));
}

#[test]
fn a_held_request_that_comes_again_is_answered_empty_twice() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bench.pass(300);
    let newer = bosh.again(&mut bench, bosh.rid, "").body;
    assert!(body_of(&mut bench, held).ends_with("ack='13'></body>"));
    assert_eq!(empty(&newer), Some(13));
    assert!(bosh.say(&mut bench, &ping("b")).contains(r#"id="b""#));
}

/// What was lost on the way with an aborted request is kept.
#[test]
fn an_aborted_request_can_be_asked_again() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bench.input(finesse_simulator::Input::RequestAborted { request: held });
    bench.put_state(Side::A, "1001", "READY", "");
    bench.pass(100);
    assert!(bench.answer(held).is_none());
    assert!(bosh.again(&mut bench, bosh.rid, "").body.contains("READY"));
}

#[test]
fn requests_that_overtake_each_other_are_both_answered() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let ahead = bosh.post(&mut bench, 14, "", &ping("second"));
    assert!(bench.answer(ahead).is_none());
    let first = bosh.post(&mut bench, 13, "", &ping("first"));
    let answers = [body_of(&mut bench, first), body_of(&mut bench, ahead)].concat();
    assert!(answers.contains(r#"id="second""#) && answers.contains(r#"id="first""#), "{answers}");
    bosh.rid = 14;
    assert!(bosh.say(&mut bench, &ping("c")).contains(r#"id="c""#));
    assert!(terminated(&bosh.again(&mut bench, bosh.rid + 3, "").body, "item-not-found"));
}

#[test]
fn the_impatient_are_thrown_out() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bench.pass(300);
    assert!(terminated(&bosh.say(&mut bench, ""), "policy-violation"));
    assert_eq!(empty(&body_of(&mut bench, held)), Some(13));
    assert!(bench.world.agent("1001").unwrap().present_on.is_empty());
    assert_eq!(bosh.again(&mut bench, bosh.rid + 1, "").status, 404);
    // Five seconds later it is no impatience.
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bench.pass(5_000);
    let newer = bosh.send(&mut bench, "");
    assert!(empty(&body_of(&mut bench, held)).is_some() && bench.answer(newer).is_none());
}

/// Openfire does not count what it can release. What is too far ahead is not found.
#[test]
fn of_three_at_once_none_is_held() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    let [first, second] = ["a", "b"].map(|id| bosh.send(&mut bench, &ping(id)));
    assert!(empty(&body_of(&mut bench, held)).is_some());
    assert!(
        body_of(&mut bench, first).contains(r#"id="a""#) && body_of(&mut bench, second).contains(r#"id="b""#)
    );
    bosh.rid += 2;
    assert!(terminated(&bosh.say(&mut bench, ""), "item-not-found"));
}

#[test]
fn a_pause_answers_everything_and_buys_time() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    let pause = bosh.tell(&mut bench, "pause='120'");
    for request in [held, pause] {
        assert!(empty(&body_of(&mut bench, request)).is_some());
    }
    bench.pass(119_000);
    assert_eq!(bench.world.agent("1001").unwrap().present_on, [Side::A]);
    bench.pass(31_000);
    assert!(bench.world.agent("1001").unwrap().present_on.is_empty());
}

#[test]
fn the_silent_are_forgotten_after_a_while() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    bosh.send(&mut bench, "");
    bench.pass(59_000);
    assert_eq!(bench.world.agent("1001").unwrap().present_on, [Side::A]);
    bench.pass(31_000);
    assert!(bench.world.agent("1001").unwrap().present_on.is_empty());
    assert_eq!(bosh.again(&mut bench, bosh.rid + 1, "").status, 404);
}

#[test]
fn terminate_is_answered_and_remembered() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::sign_in(&mut bench, Side::A);
    let held = bosh.send(&mut bench, "");
    bosh.rid += 1;
    let unavailable = "<presence xmlns='jabber:client' type='unavailable'/>";
    let last = bosh.post(&mut bench, bosh.rid, "type='terminate'", unavailable);
    assert_eq!(empty(&body_of(&mut bench, held)), Some(14));
    assert!(body_of(&mut bench, last).contains(r#" type="terminate" ack="14"/>"#));
    let report = bench.world.report(bench.now);
    assert!(report.sessions.is_empty() && report.endings[0].goodbye);
    assert_eq!(bosh.again(&mut bench, bosh.rid, "").status, 404);
}

#[test]
fn what_still_waits_comes_before_the_end() {
    let mut bench = Bench::new();
    let mut bosh = Bosh::create(&mut bench, Side::A);
    bosh.say(&mut bench, &sign_in("pw-1001", "keeper"));
    let first = bosh.tell(&mut bench, "type='terminate'");
    assert!(body_of(&mut bench, first).contains("</jid>"));
    assert_eq!(bench.world.report(0).sessions.len(), 1);
    let second = bosh.tell(&mut bench, "type='terminate'");
    assert!(body_of(&mut bench, second).contains(r#"type="terminate""#));
}

#[test]
fn whoever_loses_the_jid_is_told_on_the_held_request() {
    let mut bench = Bench::new();
    let mut first = Bosh::sign_in(&mut bench, Side::A);
    let held = first.send(&mut bench, "");
    let second = Bosh::sign_in(&mut bench, Side::A);
    let body = body_of(&mut bench, held);
    assert!(body.contains("ack='13'><stream:error ") && body.contains("<conflict "), "{body}");
    assert_eq!(first.again(&mut bench, 14, "").status, 404);
    // Nobody listens: nothing is told.
    bench.sign_in(Side::A, "1001");
    assert_eq!(second.again(&mut bench, 13, "").status, 404);
}

#[test]
fn what_is_no_body_is_an_error_of_http() {
    let mut bench = Bench::new();
    let bosh = Bosh::create(&mut bench, Side::A);
    for (method, body, status) in [
        ("POST", "hello".to_owned(), 400),
        ("POST", "<foo/>".to_owned(), 400),
        ("POST", format!("<body sid='{}'/>", bosh.sid), 400),
        ("POST", "<body rid='1'><foo/></body>".to_owned(), 400),
        ("POST", "<body rid='1' sid='abc'/>".to_owned(), 404),
        ("GET", String::new(), 404),
        ("PUT", String::new(), 405),
    ] {
        let request = bench.send(Side::A, "", method, "/http-bind/", &[("origin", "http://x")], &body);
        let answer = bench.answer(request).unwrap();
        assert_eq!(answer.status, status, "{method} {body}");
        assert!(answer.header("content-type").unwrap().starts_with("text/html"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}

#[test]
fn a_preflight_passes() {
    let mut bench = Bench::new();
    let asked = [("origin", "http://x"), ("access-control-request-headers", "content-type")];
    let request = bench.send(Side::A, "", "OPTIONS", "/http-bind/", &asked, "");
    let answer = bench.answer(request).unwrap();
    assert_eq!((answer.status, answer.header("access-control-max-age")), (200, Some("86400")));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("Content-Type"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
}

#[test]
fn a_client_that_does_not_wait_is_not_held() {
    let mut bench = Bench::new();
    let answer = create(&mut bench, Side::A, "wait='30' hold='0' ver='1.6'").body;
    let mut bosh = Bosh { side: Side::A, sid: attribute(&answer, "sid").into(), rid: 10 };
    assert_eq!(attribute(&answer, "inactivity"), "60");
    assert!(bosh.say(&mut bench, &sign_in("pw-1001", "poll")).ends_with("ack='10'></body>"));
    let all = bosh.say(&mut bench, "");
    assert!(all.contains("<success ") && all.contains("</jid>") && all.contains("<presence "), "{all}");
    assert!(bosh.say(&mut bench, "").ends_with("></body>"));
    assert!(terminated(&bosh.say(&mut bench, ""), "policy-violation"));
}
