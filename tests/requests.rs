//! Random requests in random worlds: each is settled in time, and what is told of it is what became of it.
//!
//! `WORLDS=100000 cargo test --release --test requests` runs more; `SEED=17 cargo test --test requests` runs one and
//! prints it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed on demand")]

mod harness;

use finesse_keeper::effect::Method;
use finesse_keeper::keeper::{Command, Transport};
use finesse_keeper::recovery::StateName;
use finesse_keeper::requests::{Ask, Outcome, SignIn};
use finesse_keeper::secret::Secret;
use finesse_simulator as simulator;
use harness::draw::Draw;
use harness::{Asked, Harness};
use simulator::{CallStep, Fault, FaultSpec, Garbage, Manner, Side};
use std::collections::BTreeMap;

/// Faults and requests come and go until here.
const STORM: u64 = 120_000;
/// Whatever was asked is settled after so long: its turn, and its own time.
const PATIENCE: u64 = 240_000;

impl Draw {
    fn fault(&mut self) -> FaultSpec {
        let fault = self.one(&[
            Fault::SocketCut,
            Fault::SocketCut,
            Fault::NetworkLost,
            Fault::NetworkLost,
            Fault::SideSilent,
            Fault::NotificationServiceDown,
            Fault::NotificationServiceFrozen,
            Fault::TomcatDown,
            Fault::WebAppDown,
            Fault::CtiLost,
            Fault::NodeDown,
            Fault::Latency,
            Fault::Garbage,
            Fault::PresenceMissing,
            Fault::PasswordRefused,
            Fault::RequestIdsLost,
        ]);
        let mut spec = FaultSpec::new(fault).lasting(self.one(&[100, 1_000, 5_000, 12_000, 40_000]));
        if self.below(3) > 0 {
            let side = self.one(&[Side::A, Side::B]);
            spec = spec.on(side);
        }
        match fault {
            Fault::NetworkLost => {
                spec = spec.of("1001");
                spec.manner = self.one(&[None, None, Some(Manner::Timeout)]);
            }
            Fault::SocketCut => spec = spec.of("1001"),
            Fault::TomcatDown => spec.manner = Some(self.tomcat()),
            Fault::NodeDown => spec.manner = Some(self.one(&[Manner::Refused, Manner::Silent])),
            Fault::Garbage => spec.kind = Some(self.one(&[Garbage::Html, Garbage::HalfStanza])),
            Fault::Latency => spec.ms = Some(self.below(1_500)),
            _ => {}
        }
        spec
    }

    fn ask(&mut self, harness: &Harness) -> Ask {
        let call = harness.clients[0].dialogs.keys().last();
        match self.below(10) {
            0 => Ask::SignIn(SignIn { extension: "2001".to_owned(), ..SignIn::default() }),
            1 => Ask::State {
                state: "LOGOUT".to_owned(),
                reason: self.one(&[None, Some("3")]).map(String::from),
            },
            2 => Ask::Any { method: Method::Get, path: "/finesse/api/User/1001".to_owned(), body: None },
            3..6 if call.is_some() => {
                let action = self.one(&["ANSWER", "HOLD", "RETRIEVE", "DROP"]);
                let body = format!("<Dialog><requestedAction>{action}</requestedAction></Dialog>");
                let path = format!("/finesse/api/Dialog/{}", call.unwrap());
                Ask::Any { method: Method::Put, path, body: Some(Secret::new(body)) }
            }
            _ => {
                let state = self.one(&["READY", "NOT_READY"]);
                let reason = if state == "NOT_READY" { self.one(&[None, Some("7")]) } else { None };
                Ask::State { state: state.to_owned(), reason: reason.map(String::from) }
            }
        }
    }
}

/// One storm, and what became of the requests in it.
fn run(seed: u64) -> Harness {
    let mut draw = Draw::new(seed);
    let config = simulator::Config {
        agents: vec!["1001".to_owned()],
        signed_in: !seed.is_multiple_of(4),
        rtt_ms: draw.one(&[0, 40, 300]),
        cti_ms: draw.one(&[20, 400, 3_000]),
        ..simulator::Config::default()
    };
    let mut harness = Harness::new(config, seed);
    let agents = draw.one(&[1, 1, 20]);
    let transport = draw.one(&[Transport::Auto, Transport::Auto, Transport::Bosh]);
    harness.add_over(transport, "1001", agents, &["a", "b"], seed);
    harness.clients[0].late = draw.one(&[0, 0, 0, 700]);
    harness.start(0);
    let mut at = 3_000;
    while at < STORM {
        harness.run(at);
        happen(&mut harness, &mut draw);
        // some things happen while others are under way
        at += draw.one(&[7, 60, 250, 900, 4_000, 15_000]);
    }
    harness.run(STORM);
    harness.heal_all();
    if harness.state(0) == StateName::Stopped {
        harness.command(0, Command::Resume);
    }
    if seed.is_multiple_of(10) {
        harness.command(0, Command::Close);
        assert!(
            harness.clients[0].asked.iter().all(|asked| asked.settled.is_some()),
            "seed {seed}: left open"
        );
    }
    harness.run(STORM + PATIENCE);
    harness
}

fn happen(harness: &mut Harness, draw: &mut Draw) {
    match draw.below(12) {
        0 => {
            harness.call("1001", draw.one(&[CallStep::Ring, CallStep::Answer, CallStep::End]));
        }
        1 => {
            let (side, state) = (draw.one(&[Side::A, Side::B]), draw.one(&["READY", "NOT_READY", "LOGIN"]));
            if harness.world.faults().iter().all(|fault| fault.spec.fault != Fault::PasswordRefused) {
                harness.put_state("1001", side, state);
            }
        }
        2 => harness.heal_all(),
        3 => {
            let open: Vec<u32> = harness.clients[0]
                .asked
                .iter()
                .filter(|asked| asked.settled.is_none())
                .map(|asked| asked.number)
                .collect();
            if !open.is_empty() {
                harness.command(0, Command::GiveUp(draw.one(&open)));
            }
        }
        4 if harness.state(0) == StateName::Stopped => harness.command(0, Command::Resume),
        5..8 => {
            let spec = draw.fault();
            harness.fault(&spec);
        }
        _ => {
            let ask = draw.ask(harness);
            harness.ask(0, ask);
        }
    }
}

/// Whether the agent was as asked at any time from then until then.
fn was_so(harness: &Harness, seed: u64, ask: &Ask, from: u64, until: u64) -> bool {
    let report = harness.world.report(harness.now);
    let met = |state: &str, pending: Option<&str>, reason: Option<u32>| match ask {
        Ask::SignIn(_) => state != "LOGOUT",
        Ask::State { state: wanted, reason: why } => {
            let because =
                why.as_ref().is_none_or(|why| reason.map(|it| it.to_string()).as_ref() == Some(why));
            state == wanted && because || pending == Some(wanted)
        }
        Ask::Any { .. } => false,
    };
    let at = |change: &simulator::ChangeReport| met(change.state, change.pending, change.reason_code);
    let agents = || report.changes.iter().filter(|change| change.object == "User/1001");
    let before = agents().rfind(|change| change.at <= from);
    let first = if seed.is_multiple_of(4) { "LOGOUT" } else { "NOT_READY" };
    before.map_or_else(|| met(first, None, None), at)
        || agents().any(|change| (from..=until).contains(&change.at) && at(change))
}

fn check(harness: &Harness, asked: &Asked, seed: u64) {
    let Asked { number, at, ask, settled } = asked;
    let tail = || harness.clients[0].log.join("\n");
    let Some((when, id, outcome)) = settled else {
        panic!("seed {seed}: request {number} was never settled\n{}", tail());
    };
    assert!(when - at <= PATIENCE + 1_000, "seed {seed}: request {number} took {} ms", when - at);
    let done = harness.world_made_of(id) == "carried out";
    let good = match outcome {
        Outcome::Applied(_) => done || was_so(harness, seed, ask, *at, *when),
        Outcome::Answered { .. } => id.is_empty() || done,
        Outcome::Unknown | Outcome::Aborted { sent: true } => true,
        _ => !done,
    };
    assert!(
        good,
        "seed {seed}: request {number} ({ask:?}) was told {outcome:?}, and is done: {done}\n{}",
        tail()
    );
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Runs some worlds. How often each outcome was told.
fn outcomes(seeds: std::ops::Range<u64>) -> BTreeMap<String, u32> {
    let mut told = BTreeMap::new();
    for seed in seeds {
        let harness = run(seed);
        for asked in &harness.clients[0].asked {
            check(&harness, asked, seed);
            *told.entry(asked.word()).or_default() += 1;
        }
        assert!(harness.secrets_seen.is_empty(), "seed {seed}: {:?}", harness.secrets_seen);
        assert!(harness.foreign.is_empty(), "seed {seed}: sent to {:?}", harness.foreign);
        let report = harness.world.report(harness.now);
        assert!(report.agents.iter().all(|agent| !agent.locked), "seed {seed}: the agent was locked out");
    }
    told
}

#[test]
fn what_is_told_of_a_request_is_what_became_of_it() {
    if let Some(seed) = number("SEED") {
        let harness = run(seed);
        println!("{}", harness.clients[0].log.join("\n"));
        harness.clients[0].asked.iter().for_each(|asked| check(&harness, asked, seed));
        return;
    }
    let worlds = number("WORLDS").unwrap_or(1_000);
    let half = worlds / 2;
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    std::thread::scope(|scope| {
        let threads = [0..half, half..worlds].map(|seeds| scope.spawn(move || outcomes(seeds)));
        for part in threads.map(|thread| thread.join().unwrap()) {
            part.into_iter().for_each(|(word, count)| *told.entry(word).or_default() += count);
        }
    });
    let all: u32 = told.values().sum();
    println!("{worlds} worlds, {all} requests: {told:?}");
    for word in ["applied (notification)", "applied (state)", "applied (resync)", "refused", "not-applied"] {
        assert!(told.contains_key(word), "no request was {word}");
    }
    let unknown = told.get("unknown").copied().unwrap_or_default();
    assert!(unknown * 5 < all, "{unknown} of {all} are unknown");
}
