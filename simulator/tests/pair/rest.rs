//! The web app's REST API.

use finesse_simulator::{CallSpec, CallStep, Config, Deployment, Fault, FaultSpec, Side};

use crate::client::Bench;

const BASIC: (&str, &str) = ("Authorization", "Basic MTAwMTpwdy0xMDAx");

#[test]
fn system_info_needs_no_credentials_and_says_whether_they_came() {
    let mut bench = Bench::new();
    bench.pass(5_500);
    let answer = bench.read(Side::B);
    assert_eq!(answer.status, 200);
    for part in [
        "<status>IN_SERVICE</status>",
        "<currentTimestamp>2024-05-05T07:33:25.500Z</currentTimestamp>",
        "<lastCTIHeartbeatStatus>success</lastCTIHeartbeatStatus>",
        "<lastSuccessCTIHeartbeatTime>1714894404000</lastSuccessCTIHeartbeatTime>",
        "<xmppDomain>fin-b.localhost</xmppDomain>",
        "<primaryNode><host>fin-a.localhost</host><httpsPort>8445</httpsPort>",
        "<secondaryNode><host>fin-b.localhost</host><httpsPort>8446</httpsPort>",
    ] {
        assert!(answer.body.contains(part), "{part} in {}", answer.body);
    }
    let wrong = [("Authorization", "Basic eDp5")];
    assert_eq!(bench.get(Side::A, "/finesse/api/SystemInfo", &wrong).status, 200);
    let report = bench.world.report(bench.now);
    assert_eq!(report.requests.iter().map(|it| it.credentials).collect::<Vec<_>>(), [false, true]);
    assert_eq!((report.counts.reads, report.counts.refusals), (2, 0));
}

#[test]
fn a_single_node_and_an_express_system_look_so() {
    let config = Config { single_node: true, deployment: Deployment::Uccx, ..Config::default() };
    let mut bench = Bench::with(config);
    let body = bench.read(Side::A).body;
    assert!(!body.contains("secondaryNode") && !body.contains("peripheralId"));
    assert!(body.contains("<deploymentType>UCCX</deploymentType>"));
    let request = bench.send(Side::B, "", "GET", "/finesse/api/SystemInfo", &[], "");
    assert!(bench.failed(request));
}

#[test]
fn only_the_agent_sees_the_agent() {
    let mut bench = Bench::new();
    let user = "/finesse/api/User/1001";
    let answer = bench.get(Side::A, user, &[BASIC]);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("<User>") && answer.body.contains("<state>NOT_READY</state>"));
    assert_eq!(bench.get(Side::A, user, &[("Authorization", "Bearer token-1001")]).status, 200);
    for (path, headers, status, kind) in [
        (user, vec![], 401, "Authorization Failure"),
        (user, vec![("Authorization", "Basic eDp5")], 401, "Authorization Failure"),
        (user, vec![("Authorization", "Bearer token-1002")], 401, "Invalid Authorization User Specified"),
        ("/finesse/api/User/9", vec![BASIC], 404, "User Not Found"),
        ("/finesse/api/Nothing", vec![BASIC], 404, "Not Found"),
    ] {
        let answer = bench.get(Side::A, path, &headers);
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(&format!("<ErrorType>{kind}</ErrorType>")), "{}", answer.body);
    }
}

/// A token is good for its life, and until `token-expired`; what was signed in with it stays.
#[test]
fn tokens_expire_and_new_ones_are_given() {
    let mut bench = Bench::new();
    let status = |bench: &mut Bench, token: &str| {
        let header = format!("Bearer {token}");
        bench.get(Side::B, "/finesse/api/User/1001", &[("Authorization", header.as_str())]).status
    };
    let first = bench.world.issue_token("1001", 60_000, bench.now).unwrap();
    assert_eq!((first.as_str(), status(&mut bench, &first)), ("token-1001-1", 200));
    bench.pass(60_000);
    assert_eq!((status(&mut bench, &first), status(&mut bench, "token-1001")), (401, 200));
    let second = bench.world.issue_token("1001", 60_000, bench.now).unwrap();
    let socket = bench.open(Side::A, "1001");
    bench.sign_in_on(socket, "1001", &second, "keeper");
    bench.fault(FaultSpec::new(Fault::TokenExpired).of("1001"));
    assert_eq!((status(&mut bench, &second), status(&mut bench, "token-1001")), (401, 401));
    assert_eq!(bench.world.report(bench.now).sessions.len(), 1);
    let third = bench.world.issue_token("1001", 60_000, bench.now).unwrap();
    assert_eq!((status(&mut bench, &third), status(&mut bench, "token-1001-9")), (200, 401));
    assert!(bench.world.issue_token("9", 1, bench.now).is_err());
}

#[test]
fn pages_of_other_origins_may_read_everything_but_send_only_the_usual_headers() {
    let mut bench = Bench::new();
    let origin = ("Origin", "http://demo.localhost");
    let answer = bench.get(Side::A, "/finesse/api/User/1001", &[origin]);
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://demo.localhost"));
    assert_eq!(bench.read(Side::A).header("access-control-allow-origin"), None);
    let preflight = |bench: &mut Bench, headers: &str| {
        let asked =
            [origin, ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", headers)];
        let request = bench.send(Side::A, "", "OPTIONS", "/finesse/api/User/1001", &asked, "");
        bench.answer(request).unwrap()
    };
    let answer = preflight(&mut bench, "authorization,content-type,requestid");
    assert_eq!(answer.status, 200);
    assert!(answer.header("access-control-allow-methods").unwrap().contains("PUT"));
    let answer = preflight(&mut bench, "cache-control");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, None));
}

#[test]
fn a_call_from_ring_to_end() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.frames(socket);
    let step = |bench: &mut Bench, step| {
        bench.world.call(&CallSpec { agent: "1001".into(), step }, bench.now).unwrap();
        bench.pass(0);
        let frames = bench.frames(socket);
        frames
            .iter()
            .map(|frame| {
                let event = frame.split("&lt;event&gt;").nth(1).unwrap().split("&lt;").next().unwrap();
                let source = frame.split("&lt;source&gt;").nth(1).unwrap().split("&lt;").next().unwrap();
                format!("{event} {source}")
            })
            .collect::<Vec<_>>()
    };
    let user = "PUT /finesse/api/User/1001".to_owned();
    let dialog = "PUT /finesse/api/Dialog/16777216".to_owned();
    let list = "/finesse/api/User/1001/Dialogs";
    assert_eq!(step(&mut bench, CallStep::Ring), [user.clone(), format!("POST {list}")]);
    assert_eq!(bench.state("1001"), "RESERVED");
    let dialogs = bench.get(Side::B, list, &[BASIC]);
    assert!(dialogs.body.contains("<Dialogs><Dialog>") && dialogs.body.contains("<action>ANSWER</action>"));
    assert_eq!(step(&mut bench, CallStep::Answer), [dialog.clone(), user.clone()]);
    assert_eq!(bench.state("1001"), "TALKING");
    let put = |bench: &mut Bench, action: &str| {
        let body = format!(
            "<Dialog><targetMediaAddress>2001</targetMediaAddress><requestedAction>{action}</requestedAction></Dialog>"
        );
        let request = bench.send(
            Side::A,
            "",
            "PUT",
            "/finesse/api/Dialog/16777216",
            &[BASIC, ("requestId", "x")],
            &body,
        );
        let status = bench.answer(request).unwrap().status;
        bench.pass(20);
        status
    };
    assert_eq!(put(&mut bench, "HOLD"), 202);
    assert_eq!(bench.state("1001"), "HOLD");
    assert_eq!(put(&mut bench, "RETRIEVE"), 202);
    bench.frames(socket);
    assert_eq!(put(&mut bench, "RETRIEVE"), 202);
    assert!(bench.frames(socket)[0].contains("Call Operation Failure"));
    assert_eq!(step(&mut bench, CallStep::End), [dialog, user, format!("DELETE {list}")]);
    assert_eq!(bench.state("1001"), "NOT_READY");
    assert_eq!(put(&mut bench, "DROP"), 404);
    assert!(bench.world.call(&CallSpec { agent: "1001".into(), step: CallStep::End }, bench.now).is_err());
}
