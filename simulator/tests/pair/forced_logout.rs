//! Forced logout, with Cisco's delays, decided from the presence that `finesse` sees; and what CCE and CCX make of it.

use finesse_simulator::{
    AgentSpec, AgentStep, CallSpec, CallStep, Config, Deployment, Fault, FaultSpec, Load, Side,
};

use crate::client::Bench;

fn logged_out_after(bench: &mut Bench, limit: u64) -> Option<u64> {
    let start = bench.now;
    while bench.now < start + limit {
        if bench.world.forced_logouts().next().is_some() {
            return Some(bench.now - start);
        }
        bench.pass(1_000);
    }
    None
}

#[test]
fn sixty_seconds_after_presence_went() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.close(socket);
    assert_eq!(logged_out_after(&mut bench, 300_000), Some(60_000));
    let agent = bench.world.agent("1001").unwrap();
    assert_eq!((agent.state, agent.reason_code), ("LOGOUT", Some(50_002)));
    let socket = bench.sign_in(Side::B, "1001");
    let frames = bench.frames(socket).join("");
    assert!(frames.contains("&lt;code&gt;50002&lt;/code&gt;"));
    assert!(frames.contains("&lt;label&gt;System Failure&lt;/label&gt;"));
}

#[test]
fn a_silent_client_is_noticed_after_two_minutes() {
    let mut bench = Bench::new();
    bench.sign_in(Side::A, "1001");
    bench.fault(FaultSpec::new(Fault::NetworkLost).of("1001"));
    assert_eq!(logged_out_after(&mut bench, 300_000), Some(180_000));
}

#[test]
fn coming_back_in_time_prevents_it() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.close(socket);
    bench.pass(59_000);
    let socket = bench.sign_in(Side::A, "1001");
    for _ in 0..20 {
        bench.pass(10_000);
        bench.ping(socket);
    }
    assert_eq!(bench.state("1001"), "NOT_READY");
}

#[test]
fn being_on_the_other_side_does_not() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    bench.close(socket);
    bench.sign_in(Side::B, "1001");
    assert_eq!(logged_out_after(&mut bench, 100_000), Some(60_000));
    assert_eq!(bench.world.forced_logouts().next().unwrap().side, Side::A);
}

#[test]
fn a_side_out_of_service_forces_nobody_out() {
    for fault in [Fault::CtiLost, Fault::WebAppDown, Fault::TomcatDown, Fault::NodeDown] {
        let mut bench = Bench::new();
        let socket = bench.sign_in(Side::A, "1001");
        bench.fault(FaultSpec::new(fault).on(Side::A));
        bench.close(socket);
        assert_eq!(logged_out_after(&mut bench, 300_000), None, "{fault:?}");
    }
}

/// The contact centres that treat a forced logout differently.
const CENTRES: [(Deployment, Load); 3] =
    [(Deployment::Ucce, Load::NotReady), (Deployment::Ucce, Load::Logout), (Deployment::Uccx, Load::Logout)];

fn bench((deployment, load): (Deployment, Load)) -> Bench {
    Bench::with(Config { deployment, load, ..Config::default() })
}

fn call(bench: &mut Bench, step: CallStep) {
    bench.world.call(&CallSpec { agent: "1001".into(), step }, bench.now).unwrap();
    bench.pass(0);
}

fn talk(bench: &mut Bench) {
    call(bench, CallStep::Ring);
    call(bench, CallStep::Answer);
}

fn put(bench: &mut Bench, step: AgentStep, code: Option<u32>) -> bool {
    let done = bench.world.put_agent(&AgentSpec { agent: "1001".into(), step, code }, bench.now).is_ok();
    bench.pass(0);
    done
}

fn state_and_code(bench: &Bench) -> (&'static str, Option<u32>) {
    let agent = bench.world.agent("1001").unwrap();
    (agent.state, agent.reason_code)
}

/// What becomes of an agent who is forced out, in the order of `CENTRES`.
const FATES: [(&str, Option<u32>); 3] =
    [("NOT_READY", Some(50_002)), ("LOGOUT", Some(50_002)), ("LOGOUT", Some(255))];

#[test]
fn each_contact_centre_does_its_own_to_an_agent_without_a_call() {
    for (centre, fate) in CENTRES.into_iter().zip(FATES) {
        for before in [AgentStep::Ready, AgentStep::NotReady, AgentStep::Work] {
            let mut bench = bench(centre);
            let socket = bench.sign_in(Side::A, "1001");
            assert!(put(&mut bench, before, None));
            bench.close(socket);
            bench.pass(59_999);
            assert_ne!(state_and_code(&bench), fate, "{centre:?} too soon");
            bench.pass(1);
            assert_eq!(state_and_code(&bench), fate, "{centre:?} from {before:?}");
        }
    }
}

#[test]
fn talking_it_comes_at_once_with_load_1_and_after_the_call_elsewhere() {
    for (centre, fate) in CENTRES.into_iter().zip(FATES) {
        let mut bench = bench(centre);
        let socket = bench.sign_in(Side::A, "1001");
        talk(&mut bench);
        bench.close(socket);
        bench.pass(100_000);
        let at_once = centre == (Deployment::Ucce, Load::Logout);
        assert_eq!(state_and_code(&bench) == fate, at_once, "{centre:?}");
        assert_eq!(bench.world.agent("1001").unwrap().dialogs.len(), 1, "the call lives");
        call(&mut bench, CallStep::End);
        assert_eq!(state_and_code(&bench), fate, "{centre:?}");
    }
}

#[test]
fn on_ccx_the_logout_to_come_is_seen() {
    let mut bench = bench((Deployment::Uccx, Load::Logout));
    let socket = bench.sign_in(Side::A, "1001");
    talk(&mut bench);
    let other = bench.open(Side::A, "1001");
    bench.sign_in_on(other, "1001", "pw-1001", "other");
    bench.close(socket);
    bench.close(other);
    let on_b = bench.sign_in(Side::B, "1001");
    bench.frames(on_b);
    bench.pass(60_000);
    assert!(bench.frames(on_b).join("").contains("&lt;pendingState&gt;LOGOUT&lt;/pendingState&gt;"));
    call(&mut bench, CallStep::End);
    assert!(bench.frames(on_b).join("").contains("&lt;state&gt;LOGOUT&lt;/state&gt;"));
}

/// The glitch: the client is on the other node, and the first one forces the logout all the same, after the call.
#[test]
fn after_a_glitch_on_a_call_the_old_side_waits_for_its_end() {
    for (centre, fate) in CENTRES.into_iter().zip(FATES) {
        let mut bench = bench(centre);
        let socket = bench.sign_in(Side::A, "1001");
        talk(&mut bench);
        bench.close(socket);
        let on_b = bench.sign_in(Side::B, "1001");
        for _ in 0..20 {
            bench.pass(10_000);
            bench.ping(on_b);
        }
        assert_eq!(bench.state("1001"), "TALKING", "{centre:?}");
        call(&mut bench, CallStep::End);
        assert_eq!(state_and_code(&bench), fate, "{centre:?}");
    }
}

#[test]
fn back_on_the_same_side_before_the_call_ends_cancels_it() {
    for centre in [CENTRES[0], CENTRES[2]] {
        let mut bench = bench(centre);
        let socket = bench.sign_in(Side::A, "1001");
        talk(&mut bench);
        bench.close(socket);
        bench.pass(100_000);
        bench.sign_in(Side::A, "1001");
        call(&mut bench, CallStep::End);
        assert_eq!(state_and_code(&bench), ("NOT_READY", None), "{centre:?}");
    }
}

/// A crash: the client is back on the other node long before the first one notices that it had gone.
#[test]
fn a_crash_is_noticed_after_the_client_came_back_elsewhere() {
    for (centre, fate) in CENTRES.into_iter().zip(FATES) {
        let mut bench = bench(centre);
        bench.sign_in(Side::A, "1001");
        bench.fault(FaultSpec::new(Fault::SideSilent).on(Side::A));
        bench.pass(5_000);
        let on_b = bench.sign_in(Side::B, "1001");
        while bench.now < 175_000 {
            bench.pass(5_000);
            bench.ping(on_b);
        }
        bench.pass(4_999);
        assert_eq!(state_and_code(&bench), ("NOT_READY", None), "{centre:?}");
        bench.pass(1);
        assert_eq!(state_and_code(&bench), fate, "{centre:?}");
        assert_eq!(bench.world.agent("1001").unwrap().present_on, [Side::B]);
    }
}

#[test]
fn signing_in_again_keeps_the_state_and_finds_the_call_that_lived() {
    let mut bench = bench((Deployment::Ucce, Load::Logout));
    let socket = bench.sign_in(Side::A, "1001");
    talk(&mut bench);
    bench.close(socket);
    bench.pass(60_000);
    assert_eq!(bench.state("1001"), "LOGOUT");
    bench.sign_in(Side::A, "1001");
    assert_eq!(bench.put_state(Side::A, "1001", "LOGIN", "again").status, 202);
    bench.pass(100);
    assert_eq!(bench.state("1001"), "TALKING");
    assert_eq!(bench.put_state(Side::A, "1001", "LOGIN", "again").status, 202);
    bench.pass(100);
    assert_eq!(bench.state("1001"), "TALKING");
}

/// SSO: the desktop itself asks for it when its refresh token has expired. Presence plays no part.
#[test]
fn a_desktop_may_ask_for_its_own_logout() {
    for (centre, fate) in CENTRES.into_iter().zip(FATES) {
        let mut bench = bench(centre);
        bench.sign_in(Side::A, "1001");
        assert!(put(&mut bench, AgentStep::ForcedLogout, None));
        assert_eq!(state_and_code(&bench), fate, "{centre:?}");
    }
    let mut bench = bench(CENTRES[0]);
    bench.sign_in(Side::A, "1001");
    talk(&mut bench);
    assert!(put(&mut bench, AgentStep::ForcedLogout, None));
    assert_eq!(bench.state("1001"), "TALKING");
    call(&mut bench, CallStep::End);
    assert_eq!(state_and_code(&bench), FATES[0]);
}

#[test]
fn others_change_the_agent_with_the_codes_of_the_system() {
    let mut bench = bench(CENTRES[1]);
    let socket = bench.sign_in(Side::A, "1001");
    bench.frames(socket);
    assert!(put(&mut bench, AgentStep::Logout, Some(999)));
    let told = bench.frames(socket).join("");
    assert!(told.contains("&lt;code&gt;999&lt;/code&gt;") && told.contains("&lt;systemCode&gt;true"));
    assert!(!put(&mut bench, AgentStep::Ready, None), "nobody is made ready who is logged out");
}

#[test]
fn after_an_outage_of_the_notification_service_everyone_gets_a_new_minute() {
    let mut bench = Bench::new();
    bench.sign_in(Side::A, "1001");
    bench.sign_in(Side::A, "1002");
    bench.fault(FaultSpec::new(Fault::NotificationServiceDown).on(Side::A).lasting(100_000));
    bench.pass(100_000);
    assert_eq!(bench.world.forced_logouts().count(), 0);
    let socket = bench.sign_in(Side::A, "1002");
    bench.pass(30_000);
    bench.ping(socket);
    assert_eq!(logged_out_after(&mut bench, 100_000), Some(31_000));
    let forced: Vec<_> = bench.world.forced_logouts().map(|it| it.agent.as_str()).collect();
    assert_eq!(forced, ["1001"]);
}
