//! Forced logout, with Cisco's delays, decided from the presence that `finesse` sees.

use finesse_simulator::{CallSpec, CallStep, Fault, FaultSpec, Side};

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
    assert_eq!((agent.state, agent.reason_code), ("LOGOUT", Some(255)));
    let socket = bench.sign_in(Side::B, "1001");
    let frames = bench.frames(socket).join("");
    assert!(frames.contains("&lt;code&gt;255&lt;/code&gt;"));
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

#[test]
fn on_a_call_it_waits_for_the_end() {
    let mut bench = Bench::new();
    let socket = bench.sign_in(Side::A, "1001");
    let step = |bench: &mut Bench, step| {
        bench.world.call(&CallSpec { agent: "1001".into(), step }, bench.now).unwrap();
    };
    step(&mut bench, CallStep::Ring);
    step(&mut bench, CallStep::Answer);
    bench.close(socket);
    bench.pass(100_000);
    assert_eq!(bench.state("1001"), "TALKING");
    step(&mut bench, CallStep::End);
    assert_eq!(bench.state("1001"), "LOGOUT");
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
