//! How long it takes to notice and to be back, in simulated time: one agent, and a site of 1,000.
//!
//! The table is printed by `cargo test --test times -- --nocapture`; the budgets are asserted, since simulated time does
//! not depend on the machine.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed")]

mod harness;

use finesse_keeper::keeper::Transport;
use finesse_keeper::recovery::StateName;
use finesse_simulator as simulator;
use harness::Harness;
use simulator::{Fault, FaultSpec, Manner, Side};

/// The fault strikes at different places in the cycle of pings.
const PHASES: u64 = 16;
/// From here on, in milliseconds.
const STRIKE: u64 = 600_000;

const TRANSPORTS: [Transport; 2] = [Transport::WebSocket, Transport::Bosh];

fn site(transport: Transport, agents: u32, seed: u64) -> Harness {
    let names: Vec<String> = (0..agents).map(|n| (1001 + n).to_string()).collect();
    let config = simulator::Config {
        agents: names.clone(),
        signed_in: true,
        rtt_ms: 20,
        ..simulator::Config::default()
    };
    let mut harness = Harness::new(config, seed);
    for (n, name) in names.iter().enumerate() {
        harness.add_over(transport, name, agents, &["a", "b"], seed * 10_000 + n as u64);
        harness.start(n);
    }
    harness
}

/// When each of the agents first was as `goal` wants it, in ms after the strike; an agent that never was panics.
fn when(harness: &mut Harness, from: u64, limit: u64, goal: impl Fn(&Harness, usize) -> bool) -> Vec<u64> {
    let mut times = vec![None; harness.clients.len()];
    let mut at = harness.now;
    while at < from + limit && times.iter().any(Option::is_none) {
        at += 50;
        harness.run(at);
        for (n, time) in times.iter_mut().enumerate().filter(|(_, time)| time.is_none()) {
            *time = goal(harness, n).then_some(at - from);
        }
    }
    let never =
        |n: usize| harness.clients[n].log[harness.clients[n].log.len().saturating_sub(15)..].join("\n");
    times
        .iter()
        .enumerate()
        .map(|(n, time)| time.unwrap_or_else(|| panic!("agent {n} never\n{}", never(n))))
        .collect()
}

struct Figure {
    median: u64,
    worst: u64,
}

/// For one agent over all phases, or for a site at once.
fn measure(
    transport: Transport,
    agents: u32,
    fault: &FaultSpec,
    back: Option<u64>,
    goal: impl Fn(&Harness, usize) -> bool + Copy,
) -> Figure {
    let phases = if agents == 1 { PHASES } else { 1 };
    let mut times = Vec::new();
    for phase in 0..phases {
        let mut harness = site(transport, agents, phase + 1);
        let strike = STRIKE + phase * 500;
        harness.run(strike);
        harness.fault(fault);
        let mut from = strike;
        if let Some(after) = back {
            harness.run(strike + after);
            harness.heal_all();
            from = strike + after;
        }
        times.extend(when(&mut harness, from, 120_000, goal));
    }
    times.sort_unstable();
    Figure { median: times[times.len() / 2], worst: times[times.len() - 1] }
}

fn in_service_on(side: &'static str) -> impl Fn(&Harness, usize) -> bool + Copy {
    move |harness, n| harness.state(n) == StateName::InService && harness.side(n) == side
}

fn noticed(harness: &Harness, n: usize) -> bool {
    harness.state(n) != StateName::InService
}

#[test]
fn every_fault_is_noticed_and_left_behind_within_its_budget_over_websocket() {
    check(Transport::WebSocket, "websocket");
}

#[test]
fn every_fault_is_noticed_and_left_behind_within_its_budget_over_bosh() {
    check(Transport::Bosh, "bosh");
}

fn check(transport: Transport, over_it: &str) {
    let on_a = |fault| FaultSpec::new(fault).on(Side::A);
    let refuses = on_a(Fault::NodeDown).by(Manner::Refused);
    let silent = on_a(Fault::NodeDown).by(Manner::Silent);
    let frozen = on_a(Fault::NotificationServiceFrozen);
    let stopped = on_a(Fault::NotificationServiceDown);
    println!("{:<58} {:>9} {:>7} {:>9} {:>9} {:>9}", "", "", "agents", "median", "worst", "budget");
    let mut over = Vec::new();
    for agents in [1, 1_000] {
        let large = agents > 1;
        let rows = [
            (
                "half-open link noticed, host answers",
                measure(transport, agents, &frozen, None, noticed),
                14_000,
            ),
            (
                "half-open link noticed, host is silent",
                measure(transport, agents, &silent, None, noticed),
                20_000,
            ),
            (
                "notification service back after 10 s: in service",
                measure(transport, agents, &stopped, Some(10_000), in_service_on("A")),
                if large { 28_000 } else { 1_500 },
            ),
            (
                "node dead, refuses: in service on the other",
                measure(transport, agents, &refuses, None, in_service_on("B")),
                if large { 25_000 } else { 10_000 },
            ),
            (
                "node dead, silent: in service on the other",
                measure(transport, agents, &silent, None, in_service_on("B")),
                if large { 37_000 } else { 22_000 },
            ),
        ];
        for (name, Figure { median, worst }, budget) in rows {
            let seconds = |ms: u64| format!("{}.{:01} s", ms / 1_000, ms % 1_000 / 100);
            println!(
                "{name:<58} {over_it:>9} {agents:>7} {:>9} {:>9} {:>9}",
                seconds(median),
                seconds(worst),
                seconds(budget)
            );
            if worst > budget {
                over.push(format!("{name}, {over_it}, {agents} agents: {worst} ms, budget {budget}"));
            }
        }
    }
    assert!(over.is_empty(), "over budget: {over:#?}");
}

/// Finesse signs out up to 180 s after an agent has gone: so long it must be waited before nobody was.
#[test]
fn a_glitch_of_half_a_minute_signs_nobody_out() {
    for fault in [
        FaultSpec::new(Fault::NetworkLost).of("1001"),
        FaultSpec::new(Fault::NotificationServiceFrozen).on(Side::A),
        FaultSpec::new(Fault::NodeDown).on(Side::A).by(Manner::Silent),
    ] {
        for (transport, phase) in
            TRANSPORTS.into_iter().flat_map(|it| (0..PHASES).map(move |phase| (it, phase)))
        {
            let mut harness = site(transport, 1, phase + 1);
            let strike = STRIKE + phase * 500;
            harness.run(strike);
            harness.fault(&fault.clone().lasting(30_000));
            harness.run(strike + 30_000 + 200_000);
            assert_eq!(harness.state(0), StateName::InService);
            let logouts = harness.world.report(harness.now).forced_logouts;
            assert!(logouts.is_empty(), "{fault:?}, phase {phase}: {logouts:?}");
        }
    }
}
