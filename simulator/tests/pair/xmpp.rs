//! The notification service, as Openfire 4.2 answers.

use finesse_simulator::{Config, Side};

use crate::client::Bench;

#[test]
fn everything_sent_at_once_is_answered_in_order() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    assert!(bench.accepted(socket));
    let frames = bench.frames(socket);
    let starts: Vec<&str> = frames.iter().map(|it| it.split([' ', '>']).next().unwrap()).collect();
    assert_eq!(
        starts,
        ["<open", "<stream:features", "<success", "<open", "<stream:features", "<iq", "<presence"]
    );
    assert!(
        frames[1].contains("<mechanism>PLAIN</mechanism>") && frames[1].matches("<mechanism>").count() == 1
    );
    assert!(frames[5].contains("<jid>1001@fin-a.localhost/keeper</jid>"));
    assert!(frames[6].contains(r#"from="finesse@fin-a.localhost/fin" to="1001@fin-a.localhost/keeper""#));
}

#[test]
fn a_wrong_password_sent_at_once_leaves_the_socket_open() {
    let mut bench = Bench::new();
    let socket = bench.open(Side::A, "");
    bench.sign_in_on(socket, "1001", "pw-1002", "keeper");
    let frames = bench.frames(socket);
    assert!(frames[2].contains("<not-authorized/>"));
    assert!(frames[3].starts_with("<open "));
    assert_eq!(
        frames[4],
        r#"<stream:features xmlns:stream="http://etherx.jabber.org/streams"></stream:features>"#
    );
    assert!(frames[5].starts_with(r#"<iq type="error" id="b"><error code="401""#));
    assert_eq!(frames.len(), 6);
    assert_eq!(bench.closed(socket), None);
    let report = bench.world.report(bench.now);
    assert_eq!((report.refusals.len(), report.refusals[0].over), (1, "xmpp"));
}

#[test]
fn five_wrong_passwords_lock_the_agent_out_of_both_sides() {
    let mut bench = Bench::new();
    for _ in 0..5 {
        let socket = bench.open(Side::A, "");
        bench.sign_in_on(socket, "1001", "wrong", "keeper");
    }
    assert!(bench.world.agent("1001").unwrap().locked);
    let socket = bench.sign_in(Side::B, "1001");
    assert!(bench.frames(socket)[2].contains("not-authorized"));
    bench.pass(300_000);
    let socket = bench.sign_in(Side::B, "1001");
    assert!(bench.frames(socket)[2].contains("success"));
}

#[test]
fn requests_are_answered_from_where_they_were_sent_to() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.frames(socket);
    let mut ask = |to: &str, payload: &str| {
        bench.text(socket, &format!("<iq type='get' id='q1' to='{to}'>{payload}</iq>"));
        bench.frames(socket).join("")
    };
    let domain = "fin-a.localhost";
    for (to, payload, expected) in [
        (domain, "<ping xmlns='urn:xmpp:ping'/>", r#"type="result" id="q1" from="fin-a.localhost""#),
        (domain, "<query xmlns='http://jabber.org/protocol/disco#info'/>", "<identity "),
        (domain, "<query xmlns='http://jabber.org/protocol/disco#items'/>", "pubsub.fin-a.localhost"),
        (domain, "<query xmlns='jabber:iq:roster'/>", r#"jid="finesse@fin-a.localhost""#),
        (domain, "<query xmlns='jabber:iq:version'/>", "service-unavailable"),
        (
            "pubsub.fin-a.localhost",
            "<query xmlns='http://jabber.org/protocol/disco#info' node='/finesse/api/User/1001'/>",
            r#"type="leaf""#,
        ),
        ("stranger@elsewhere", "<ping xmlns='urn:xmpp:ping'/>", r#"from="stranger@elsewhere""#),
    ] {
        let answer = ask(to, payload);
        assert!(answer.contains(expected), "{payload}: {answer}");
    }
}

#[test]
fn nonsense_is_ignored_and_too_much_ends_the_stream() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.frames(socket);
    for frame in ["hello", " ", "<!DOCTYPE a><a/>", "<a>", "<x:a/>"] {
        bench.text(socket, frame);
    }
    assert!(bench.frames(socket).is_empty());
    bench.text(socket, &format!("<message>{}</message>", "x".repeat(1_100_000)));
    let frames = bench.frames(socket);
    assert!(frames[0].contains("internal-server-error") && frames[1].starts_with("<close"));
    assert_eq!(bench.closed(socket), Some(1005));
}

#[test]
fn close_is_answered() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.frames(socket);
    bench.text(socket, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    assert_eq!(bench.frames(socket), [r#"<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>"#]);
    assert_eq!(bench.closed(socket), Some(1005));
    assert!(bench.world.agent("1001").unwrap().present_on.is_empty());
}

#[test]
fn how_a_session_ended_is_remembered() {
    let mut bench = Bench::new();
    let [polite, abrupt, torn] = [(); 3].map(|()| {
        let socket = bench.open(Side::A, "");
        bench.sign_in_on(socket, "1001", "pw-1001", &socket.to_string());
        socket
    });
    bench.text(polite, "<presence type='unavailable'/>");
    bench.text(polite, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    bench.text(abrupt, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    bench.close(torn);
    let endings = bench.world.report(bench.now).endings;
    assert_eq!(endings.iter().map(|it| it.goodbye).collect::<Vec<_>>(), [true, false, false]);
    assert!(endings.iter().all(|it| it.agent == "1001" && it.side == Side::A));
}

#[test]
fn the_newcomer_takes_the_full_jid() {
    let mut bench = Bench::new();
    let first = bench.sign_in(Side::A, "1001");
    let second = bench.sign_in(Side::A, "1001");
    assert!(bench.frames(first).iter().any(|frame| frame.contains("<conflict ")));
    assert_eq!(bench.closed(first), Some(1005));
    assert_eq!(bench.closed(second), None);
    assert_eq!(bench.world.report(0).sessions.len(), 1);
}

#[test]
fn without_a_resource_the_server_makes_one() {
    let mut bench = Bench::new();
    let (one, two) = (bench.open(Side::A, ""), bench.open(Side::A, ""));
    bench.sign_in_on(one, "1001", "pw-1001", "");
    bench.sign_in_on(two, "1001", "token-1001", "");
    assert_eq!(bench.world.report(0).sessions.len(), 2);
}

#[test]
fn a_change_is_notified_once_on_both_sides() {
    let mut bench = Bench::new();
    let (a, b) = (bench.sign_in(Side::A, "1001"), bench.sign_in(Side::B, "1001"));
    let other = bench.sign_in(Side::A, "1002");
    for socket in [a, b, other] {
        bench.frames(socket);
    }
    assert_eq!(bench.put_state(Side::A, "1001", "READY", "req-7").status, 202);
    assert!(bench.frames(a).is_empty());
    bench.pass(100);
    for socket in [a, b] {
        let frames = bench.frames(socket);
        assert_eq!(frames.len(), 1);
        let domain = if socket == a { "fin-a.localhost" } else { "fin-b.localhost" };
        assert!(frames[0].contains(&format!(r#"from="pubsub.{domain}" to="1001@{domain}""#)));
        assert!(frames[0].contains("&lt;requestId&gt;req-7&lt;/requestId&gt;"));
        assert!(frames[0].contains("&lt;state&gt;READY&lt;/state&gt;"));
        assert!(frames[0].contains(r#"<items node="/finesse/api/User/1001">"#));
    }
    assert!(bench.frames(other).is_empty());
}

#[test]
fn what_cannot_be_is_told_as_an_error() {
    let mut bench = Bench::with(Config { signed_in: false, ..Config::default() });
    let socket = bench.sign_in(Side::A, "1001");
    bench.frames(socket);
    assert_eq!(bench.put_state(Side::A, "1001", "READY", "r1").status, 202);
    bench.pass(100);
    let frames = bench.frames(socket).join("");
    assert!(frames.contains("&lt;apiErrors&gt;") && frames.contains("r1"), "{frames}");
    bench.put_state(Side::A, "1001", "LOGIN", "r2");
    bench.pass(100);
    assert_eq!(bench.state("1001"), "NOT_READY");
}

#[test]
fn the_absent_get_their_notifications_later_with_a_stamp() {
    let mut bench = Bench::new();
    bench.put_state(Side::A, "1001", "READY", "");
    bench.pass(1_000);
    let socket = bench.sign_in(Side::A, "1001");
    let frames = bench.frames(socket);
    let last = frames.last().unwrap();
    assert!(last.contains("READY") && last.contains(r#"<delay xmlns="urn:xmpp:delay""#), "{last}");
    assert!(frames[frames.len() - 2].starts_with("<presence"));
}

#[test]
fn explicit_subscriptions_carry_their_subid_and_outlive_sessions() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1002");
    bench.frames(socket);
    let request = |bench: &mut Bench, inner: &str| {
        bench.text(
            socket,
            &format!("<iq type='set' id='s' to='pubsub.fin-a.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>{inner}</pubsub></iq>"),
        );
        bench.frames(socket).join("")
    };
    let team = "node='/finesse/api/Team/1/Users' jid='1002@fin-a.localhost/keeper'";
    let answer = request(&mut bench, &format!("<subscribe {team}/>"));
    assert!(answer.contains(r#"subid="subid1" subscription="subscribed""#), "{answer}");
    assert!(request(&mut bench, "<subscriptions/>").contains("Team/1/Users"));
    bench.put_state(Side::B, "1001", "READY", "");
    bench.pass(100);
    let frames = bench.frames(socket);
    assert_eq!(frames.len(), 1);
    assert!(frames[0].contains(r#"<header name="SubID">subid1</header>"#));
    assert!(frames[0].contains(r#"to="1002@fin-a.localhost/keeper""#));
    request(&mut bench, &format!("<subscribe {team}/>"));
    assert!(request(&mut bench, &format!("<unsubscribe {team}/>")).contains("bad-request"));
    assert!(request(&mut bench, &format!("<unsubscribe {team} subid='subid1'/>")).contains("result"));
    assert!(request(&mut bench, &format!("<unsubscribe {team}/>")).contains("result"));
    assert!(request(&mut bench, &format!("<unsubscribe {team}/>")).contains("unexpected-request"));
    let stranger = "<subscribe node='/finesse/api/SystemInfo' jid='1001@fin-a.localhost'/>";
    assert!(request(&mut bench, stranger).contains("bad-request"));
    let nowhere = "<subscribe node='/nowhere' jid='1002@fin-a.localhost'/>";
    assert!(request(&mut bench, nowhere).contains("item-not-found"));
}

#[test]
fn an_error_of_type_cancel_costs_all_subscriptions() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.text(socket, "<message type='error' to='pubsub.fin-a.localhost'><error type='wait'/></message>");
    bench.frames(socket);
    bench.put_state(Side::A, "1001", "READY", "");
    bench.pass(100);
    assert_eq!(bench.frames(socket).len(), 1);
    bench.text(socket, "<message type='error' to='pubsub.fin-a.localhost'><error type='cancel'/></message>");
    bench.put_state(Side::A, "1001", "NOT_READY", "");
    bench.pass(100);
    assert!(bench.frames(socket).is_empty());
}
