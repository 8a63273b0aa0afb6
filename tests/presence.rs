//! What must hold of a forced logout whatever happens: only what came for our absence is ever undone, whatever an event
//! says, and in whatever order things happen.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

mod harness;

use finesse_keeper::finesse::user::User;
use finesse_keeper::finesse::{self, time};
use finesse_keeper::presence::{Policy, Presence, Step, Teller};
use finesse_keeper::requests::Ask;
use finesse_keeper::time::{Instant, Now, WallTime};
use finesse_simulator as simulator;
use harness::Harness;
use proptest::prelude::*;
use simulator::{AgentStep, CallStep, Deployment, Fault, FaultSpec, Load, Side};

/// Whatever may be told of the agent, or done to the clock.
#[derive(Clone, Debug)]
enum Event {
    Pass(u64),
    Seen(bool),
    Absent,
    Left(bool),
    Calls(bool),
    Slept,
    Touched,
    Chose(bool),
    /// State, code, how long ago it changed.
    User(String, Option<i64>, u64),
    Accept,
    Step,
    Settled(bool, bool),
}

fn code() -> impl Strategy<Value = Option<i64>> {
    let known = [
        -1, 0, 16, 33, 254, 255, 256, 999, 20_001, 20_002, 20_003, 32_767, 50_000, 50_001, 50_002, 50_003,
        50_004, 50_005, 50_010, 50_020, 50_030, 50_040, 50_041, 50_042, 50_045, 65_534, 65_535,
    ];
    prop_oneof![
        6 => prop::sample::select(known.to_vec()).prop_map(Some),
        1 => any::<i64>().prop_map(Some),
        1 => Just(None),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let states = [
        "LOGOUT",
        "LOGOUT",
        "LOGOUT",
        "NOT_READY",
        "NOT_READY",
        "READY",
        "READY",
        "TALKING",
        "WORK",
        "",
        "?",
    ];
    let user = (prop::sample::select(states.to_vec()), code(), 0_u64..400);
    prop_oneof![
        4 => (0_u64..150).prop_map(Event::Pass),
        2 => any::<bool>().prop_map(Event::Seen),
        2 => Just(Event::Absent),
        1 => any::<bool>().prop_map(Event::Left),
        1 => any::<bool>().prop_map(Event::Calls),
        1 => Just(Event::Slept),
        1 => Just(Event::Touched),
        1 => any::<bool>().prop_map(Event::Chose),
        8 => user.prop_map(|(state, code, ago)| Event::User(state.to_owned(), code, ago)),
        2 => Just(Event::Accept),
        3 => Just(Event::Step),
        2 => any::<(bool, bool)>().prop_map(|(done, again)| Event::Settled(done, again)),
    ]
}

/// The codes that may ever be undone.
fn may_be_undone(code: Option<i64>, ccx: bool) -> bool {
    matches!((code, ccx), (Some(255), _) | (Some(50_001 | 50_002), false))
}

/// Plays it, and tells how many steps were taken: each must follow a logout that may be undone.
fn play(events: Vec<Event>, ccx: bool, policy: Policy) -> usize {
    let mut presence: Presence<bool> = Presence::new(policy);
    let (mut now, mut away, mut steps) = (1_000_u64, false, 0);
    // the last logout that was told as one that may be undone
    let mut offered = false;
    let wall = |seconds: u64| WallTime::from_millis(seconds * 1_000);
    for event in events {
        match event {
            Event::Pass(seconds) => now += seconds,
            Event::Seen(side) => presence.clock.seen(side, wall(now)),
            Event::Absent => away |= presence.clock.absent(),
            Event::Left(at_once) => {
                presence.clock.left(at_once, wall(now));
                away |= presence.clock.here().is_some();
            }
            Event::Calls(on) => presence.clock.calls(on, wall(now)),
            Event::Slept => presence.clock.slept(),
            Event::Touched => presence.touched(wall(now)),
            Event::Chose(ready) => presence.chose(ready),
            Event::User(state, code, ago) => {
                let since = time::format((now - ago) * 1_000);
                let reason = code.map_or(String::new(), |code| {
                    format!("<ReasonCode><code>{code}</code><category>LOGOUT</category></ReasonCode>")
                });
                let xml = format!(
                    "<User><state>{state}</state><stateChangeTime>{since}</stateChangeTime>{reason}\
                     <reasonCodeId>255</reasonCodeId><extension>1</extension></User>"
                );
                let user = finesse::parse(User::SHAPE, &xml).unwrap();
                let out = presence.on_user(
                    &user,
                    Teller { ahead: Some(0), ccx },
                    Now { instant: Instant::from_millis(now * 1_000), wall: wall(now) },
                );
                if let Some(out) = out {
                    assert_eq!(Some(out.code), code);
                    assert!(
                        !out.resumable || away && may_be_undone(code, ccx) && policy != Policy::Never,
                        "{out:?}"
                    );
                    assert!(!out.not_ready || !ccx);
                    offered = out.resumable;
                }
            }
            Event::Accept => {
                let accepted = presence.accept();
                assert!(!accepted || offered && policy == Policy::Ask);
            }
            Event::Step => {
                if let Some(step) = presence.next_step(wall(now)) {
                    assert!(offered, "{step:?} without a logout that may be undone");
                    assert!(step != Step::SignIn || presence.signed_in().is_some());
                    steps += 1;
                }
            }
            Event::Settled(done, again) => presence.settled(done, again),
        }
        let _ = presence.poll_end();
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_other_code_is_ever_undone(
        events in proptest::collection::vec(event(), 1..60),
        ccx: bool,
        policy in prop::sample::select(vec![Policy::Ask, Policy::Always, Policy::Never]),
    ) {
        play(events, ccx, policy);
    }
}

/// The property above is worth nothing if nothing is ever undone.
#[test]
fn and_what_may_be_undone_is_found_among_them() {
    let user = |state: &str, code, ago| Event::User(state.to_owned(), code, ago);
    let story = |code| {
        vec![
            Event::Seen(true),
            user("READY", None, 100),
            Event::Absent,
            Event::Pass(100),
            user("LOGOUT", Some(code), 20),
            Event::Step,
        ]
    };
    assert_eq!(play(story(50_002), false, Policy::Always), 1);
    assert_eq!(play(story(50_002), true, Policy::Always), 0);
    assert_eq!(play(story(999), false, Policy::Always), 0);
}

/// What a client has sent that changes the agent.
fn changes(harness: &Harness) -> usize {
    let report = harness.world.report(harness.now);
    report.requests.iter().filter(|request| request.method == "PUT" && request.client == "1001").count()
}

/// The same through the whole keeper: everything that others do to an agent just when a forced logout may come.
#[test]
fn a_keeper_that_always_resumes_undoes_nothing_that_others_did() {
    let codes = [33, 999, 20_002, 50_003, 50_004, 50_020, 50_030, 50_040, 50_042];
    for (deployment, load) in [
        (Deployment::Ucce, Load::Logout),
        (Deployment::Ucce, Load::NotReady),
        (Deployment::Uccx, Load::Logout),
    ] {
        for code in codes {
            let config = simulator::Config {
                agents: vec!["1001".to_owned()],
                deployment,
                load,
                ..simulator::Config::default()
            };
            let mut harness = Harness::new(config, u64::from(code));
            harness.resume = Policy::Always;
            harness.add("1001", 1, &["a", "b"], u64::from(code));
            harness.start(0);
            harness.run(3_000);
            harness.ask(0, Ask::State { state: "READY".to_owned(), reason: None });
            harness.run(10_000);
            harness.fault(&FaultSpec::new(Fault::NetworkLost).of("1001").lasting(120_000));
            harness.touch(0);
            harness.run(90_000);
            assert!(harness.other("1001", AgentStep::Logout, Some(code)));
            harness.run(400_000);
            assert_eq!(harness.world.agent("1001").unwrap().state, "LOGOUT", "{code}");
            assert_eq!(changes(&harness), 1, "{code}: only the application's own Ready");
        }
    }
}

/// Every way to be missing, on a call or not, over both contact centres: who is signed out or made Not Ready by that is
/// told once, and `always` brings them back once the way is clear.
#[test]
fn whoever_is_forced_out_is_told_once_and_brought_back() {
    let lost = |ms| FaultSpec::new(Fault::NetworkLost).of("1001").lasting(ms);
    let on_a = |fault, ms| FaultSpec::new(fault).on(Side::A).lasting(ms);
    let faults = [
        lost(100_000),
        lost(200_000),
        lost(300_000),
        on_a(Fault::SideSilent, 400_000),
        on_a(Fault::NodeDown, 100_000),
    ];
    let mut forced = 0;
    for (deployment, load) in [
        (Deployment::Ucce, Load::Logout),
        (Deployment::Ucce, Load::NotReady),
        (Deployment::Uccx, Load::Logout),
    ] {
        for (number, fault) in faults.iter().enumerate() {
            for talking in [false, true] {
                let config = simulator::Config {
                    agents: vec!["1001".to_owned()],
                    deployment,
                    load,
                    ..simulator::Config::default()
                };
                let mut harness = Harness::new(config, number as u64);
                harness.resume = Policy::Always;
                harness.add("1001", 1, &["a", "b"], number as u64);
                harness.start(0);
                harness.run(3_000);
                harness.ask(0, Ask::State { state: "READY".to_owned(), reason: None });
                harness.run(5_000);
                if talking {
                    assert!(harness.call("1001", CallStep::Ring) && harness.call("1001", CallStep::Answer));
                }
                harness.run(10_000);
                harness.fault(fault);
                harness.touch(0);
                harness.run(600_000);
                if talking {
                    assert!(harness.call("1001", CallStep::End));
                }
                harness.run(900_000);
                let client = &harness.clients[0];
                let told = client.heard.iter().filter(|(_, what)| what.contains("by connection")).count();
                let logouts = harness.world.report(harness.now).forced_logouts.len();
                let words = format!(
                    "{deployment:?} {load:?} {fault:?} talking: {talking}\n{}",
                    client.log.join("\n")
                );
                assert_eq!(told, logouts, "{words}");
                assert_ne!(harness.world.agent("1001").unwrap().state, "LOGOUT", "{words}");
                forced += logouts;
            }
        }
    }
    assert!(forced >= 10, "{forced} forced logouts in all: this test has lost its subject");
}
