//! What clients see of a simulated pair.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failed test may panic")]

mod bosh;
mod bosh_client;
mod bosh_faults;
mod client;
mod faults;
mod forced_logout;
mod rest;
mod tasks;
mod weather;
mod xmpp;

use client::Bench;
use finesse_simulator::{Config, Fault, FaultSpec, Side};

/// The same inputs and the same seed give the same world, to the byte.
#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let mut bench = Bench::with(Config { rtt_ms: 40, ..Config::default() });
        let mut heard = Vec::new();
        let socket = bench.sign_in(Side::A, "1001");
        for round in 0..50 {
            bench.pass(997);
            bench.ping(socket);
            if round % 7 == 3 {
                bench.fault(FaultSpec::new(Fault::Latency).on(Side::A).lasting(1_500));
            }
            if round == 20 {
                bench.fault(FaultSpec::new(Fault::CtiLost).lasting(5_000));
            }
            heard.extend(bench.frames(socket));
        }
        (heard, serde_json::to_string(&bench.world.report(bench.now)).unwrap())
    };
    assert_eq!(run(), run());
}

/// Two thousand agents on one side, a side-wide notice and ten minutes of pings.
#[test]
fn two_thousand_agents_fit() {
    let agents: Vec<String> = (1..=2_000).map(|number| (1_000 + number).to_string()).collect();
    let mut bench = Bench::with(Config { agents: agents.clone(), ..Config::default() });
    let sockets: Vec<u64> = agents.iter().map(|id| bench.sign_in(Side::A, id)).collect();
    for _ in 0..10 {
        bench.pass(8_000);
        for socket in &sockets {
            bench.ping(*socket);
        }
    }
    bench.fault(FaultSpec::new(Fault::CtiLost).on(Side::A).lasting(1_000));
    bench.pass(2_000);
    let report = bench.world.report(bench.now);
    assert_eq!(report.sessions.len(), 2_000);
    assert_eq!(report.counts.forced_logouts, 0);
}
