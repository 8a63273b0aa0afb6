//! Random worlds: faults drawn from a seed, safety while they last, health after they have healed.
//!
//! `WORLDS=100000 cargo test --release --test worlds` runs more; `SEED=17 cargo test --test worlds` runs one and prints it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed on demand")]

mod harness;

use finesse_keeper::keeper::{Command, Transport};
use finesse_keeper::recovery::{PageEvent, StateName};
use finesse_keeper::rng::Rng;
use finesse_keeper::time::Duration;
use finesse_simulator as simulator;
use harness::Harness;
use simulator::{CallStep, Fault, FaultSpec, Garbage, Manner, Side};

/// Faults come and go until here.
const STORM: u64 = 150_000;
/// After so long everything must be well again: the longest gap between two moves, and a slow attempt.
const CALM: u64 = 90_000;
/// Where timers are late, this many of them one after the other more.
const LATE_STEPS: u64 = 10;
/// Refusals within this time count, and as many as may come in it hold every login back.
const REFUSAL_WINDOW: u64 = 300_000;

struct Draw(Rng);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.between(Duration::ZERO, Duration::from_millis(bound - 1)).as_millis() as u64
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    fn fault(&mut self) -> FaultSpec {
        let fault = self.one(&[
            Fault::SocketCut,
            Fault::NetworkLost,
            Fault::SideSilent,
            Fault::NotificationServiceDown,
            Fault::NotificationServiceFrozen,
            Fault::TomcatDown,
            Fault::WebAppDown,
            Fault::CtiLost,
            Fault::NodeDown,
            Fault::Maintenance,
            Fault::Latency,
            Fault::Garbage,
            Fault::Oversized,
            Fault::Conflict,
            Fault::SlowStart,
            Fault::LoginRefused,
            Fault::PasswordRefused,
            Fault::TokenExpired,
            Fault::PresenceMissing,
            Fault::WebsocketBlocked,
            Fault::BoshSessionLost,
            Fault::BoshError,
            Fault::BoshResponseLost,
            Fault::BoshRequestReordered,
            Fault::BoshWaitCut,
            Fault::OverActivity,
        ]);
        let mut spec = FaultSpec::new(fault).lasting(100 + self.below(60_000));
        if self.below(4) > 0 {
            let side = self.one(&[Side::A, Side::B]);
            spec = spec.on(side);
        }
        match fault {
            Fault::NetworkLost | Fault::Conflict | Fault::SocketCut => spec = spec.of("1001"),
            Fault::TomcatDown => {
                spec.manner = Some(self.one(&[
                    Manner::Refused,
                    Manner::Timeout,
                    Manner::BadGateway,
                    Manner::Unavailable,
                ]));
            }
            Fault::NodeDown => spec.manner = Some(self.one(&[Manner::Refused, Manner::Silent])),
            Fault::Garbage => spec.kind = Some(self.one(&Garbage::ALL)),
            Fault::WebsocketBlocked => {
                spec.manner = Some(self.one(&[Manner::Refused, Manner::Stripped, Manner::Silent]));
            }
            Fault::BoshError => {
                spec.manner = Some(self.one(&[Manner::BadGateway, Manner::Unavailable, Manner::ServerError]));
            }
            Fault::Latency => spec.ms = Some(self.below(1_500)),
            _ => {}
        }
        spec
    }
}

/// One storm and what is left of it, as text.
fn run(seed: u64) -> String {
    let mut draw = Draw(Rng::new(seed));
    let config = simulator::Config {
        agents: vec!["1001".to_owned()],
        signed_in: true,
        ..simulator::Config::default()
    };
    let mut harness = Harness::new(config, seed);
    let agents = draw.one(&[1, 1, 20, 1_000]);
    let transport = draw.one(&[Transport::Auto, Transport::Auto, Transport::WebSocket, Transport::Bosh]);
    harness.add_over(transport, "1001", agents, &["a", "b"], seed);
    harness.clients[0].token = draw.one(&[None, None, Some(0), Some(40), Some(3_600)]);
    harness.clients[0].late = draw.one(&[0, 0, 5, 700, 60_000]);
    harness.start(0);
    let mut at = 2_000;
    while at < STORM {
        harness.run(at);
        check_safety(&harness, seed);
        happen(&mut harness, &mut draw, seed);
        at += 500 + draw.below(20_000);
    }
    harness.run(STORM);
    harness.heal_all();
    harness.page(0, PageEvent::PageShow);
    if harness.state(0) == StateName::Stopped {
        harness.command(0, Command::Resume);
    }
    let refused = !harness.world.report(harness.now).refusals.is_empty();
    let pause = if refused { REFUSAL_WINDOW } else { 0 };
    harness.run(STORM + CALM + pause + LATE_STEPS * harness.clients[0].late);
    check_safety(&harness, seed);
    check_health(&harness, seed);
    let client = &harness.clients[0];
    client.log.join("\n")
        + "\n"
        + &client.heard.iter().map(|(at, what)| format!("{at} {what}\n")).collect::<String>()
}

fn happen(harness: &mut Harness, draw: &mut Draw, seed: u64) {
    match draw.below(12) {
        0 => {
            harness.call("1001", draw.one(&[CallStep::Ring, CallStep::Answer, CallStep::End]));
        }
        1 => {
            let side = draw.one(&[Side::A, Side::B]);
            let state = draw.one(&["READY", "NOT_READY"]);
            // a refusal of the application's own request is not the keeper's
            if harness.world.faults().iter().all(|fault| fault.spec.fault != Fault::PasswordRefused) {
                harness.put_state("1001", side, state);
            }
        }
        2 => {
            let event = draw.one(&[
                PageEvent::Hidden,
                PageEvent::Visible,
                PageEvent::Online,
                PageEvent::Offline,
                PageEvent::Frozen,
                PageEvent::Resumed,
                PageEvent::PageHide,
                PageEvent::PageShow,
            ]);
            harness.page(0, event);
        }
        3 if seed.is_multiple_of(3) => harness.crash(0, seed + 1),
        3 if seed.is_multiple_of(5) => harness.reload(0, seed + 2),
        4 => harness.heal_all(),
        5 if seed.is_multiple_of(2) => {
            harness.command(0, Command::MoveWithin(Duration::from_secs(draw.below(60))));
        }
        5 => harness.command(0, Command::Move),
        6 if harness.state(0) == StateName::Stopped => harness.command(0, Command::Resume),
        _ => {
            let spec = draw.fault();
            harness.fault(&spec);
        }
    }
}

fn check_safety(harness: &Harness, seed: u64) {
    let report = harness.world.report(harness.now);
    assert!(report.agents.iter().all(|agent| !agent.locked), "seed {seed}: the agent was locked out");
    // the two reads of a resync go out together, and are refused together: one try
    // the application's own request may come late, and be refused: that is not the keeper's
    let own =
        |at: u64| report.requests.iter().any(|it| it.at == at && it.method == "PUT" && it.status == 401);
    let mut tries: Vec<u64> =
        report.refusals.iter().map(|refusal| refusal.at).filter(|at| !own(*at)).collect();
    tries.dedup();
    for four in tries.windows(4) {
        assert!(four[3] - four[0] >= REFUSAL_WINDOW, "seed {seed}: four refusals within {four:?}");
    }
    assert!(harness.foreign.is_empty(), "seed {seed}: sent to {:?}", harness.foreign);
    assert!(harness.secrets_seen.is_empty(), "seed {seed}: a secret was told: {:?}", harness.secrets_seen);
    let reads = report.requests.iter().filter(|request| request.path.contains("SystemInfo"));
    assert!(reads.clone().all(|read| !read.credentials), "seed {seed}: SystemInfo was read with credentials");
    let bosh = &report.counts.bosh;
    assert_eq!((bosh.crowds, bosh.hasty, bosh.holes), (0, 0, 0), "seed {seed}: BOSH spoken wrongly");
    for pair in harness.clients[0].moved.windows(2) {
        assert!(pair[1] - pair[0] >= 59_000, "seed {seed}: two moves within a minute: {pair:?}");
    }
}

fn check_health(harness: &Harness, seed: u64) {
    let client = &harness.clients[0];
    let tail = client.log[client.log.len().saturating_sub(40)..].join("\n");
    assert_eq!(harness.state(0), StateName::InService, "seed {seed}: not in service after healing\n{tail}");
    let report = harness.world.report(harness.now);
    let agent = &report.agents[0];
    assert_eq!(client.user_state.as_deref(), Some(agent.state), "seed {seed}: another agent state\n{tail}");
    let calls: Vec<_> =
        agent.dialogs.iter().map(|dialog| (dialog.id.clone(), dialog.state.to_owned())).collect();
    let known: Vec<_> = client.dialogs.clone().into_iter().collect();
    assert_eq!(known, calls, "seed {seed}: other calls\n{tail}");
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn random_worlds_are_safe_in_the_storm_and_well_after_it() {
    if let Some(seed) = number("SEED") {
        print!("{}", run(seed));
        return;
    }
    let worlds = number("WORLDS").unwrap_or(2_000);
    let half = worlds / 2;
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads =
            [0..half, half..worlds].map(|seeds| scope.spawn(move || seeds.filter_map(failure).collect()));
        threads
            .into_iter()
            .flat_map(|thread: std::thread::ScopedJoinHandle<'_, Vec<String>>| thread.join().unwrap())
            .collect()
    });
    println!("{worlds} worlds, each run twice");
    assert!(failed.is_empty(), "{} of {worlds} worlds failed:\n{}", failed.len(), failed.join("\n"));
}

/// Runs a world twice. What went wrong, if anything.
fn failure(seed: u64) -> Option<String> {
    let both = std::panic::catch_unwind(|| (run(seed), run(seed)));
    match both {
        Ok((first, second)) => (first != second).then(|| format!("seed {seed}: two runs differ")),
        Err(panic) => Some(
            panic
                .downcast_ref::<String>()
                .map_or("a panic", |text| text.as_str())
                .chars()
                .take(300)
                .collect(),
        ),
    }
}
