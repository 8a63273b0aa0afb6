//! Random worlds: faults drawn from a seed, safety while they last, health after they have healed.
//!
//! `WORLDS=100000 cargo test --release --test worlds` runs more; `SEED=17 cargo test --test worlds` runs one and prints it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed on demand")]

mod harness;

use finesse_keeper::keeper::{Command, Transport};
use finesse_keeper::recovery::{PageEvent, StateName};
use finesse_keeper::time::Duration;
use finesse_simulator as simulator;
use harness::Harness;
use harness::draw::Draw;
use simulator::{CallStep, Fault, FaultSpec, Garbage, Manner, Side};
use std::collections::BTreeMap;

/// Faults come and go until here.
const STORM: u64 = 150_000;
/// After so long everything must be well again: the longest gap between two moves, and a slow attempt.
const CALM: u64 = 90_000;
/// Where timers are late, this many of them one after the other more.
const LATE_STEPS: u64 = 10;
/// What some supervisors follow beside.
const FOLLOWED: [&str; 6] = [
    "/finesse/api/Team/1/Users",
    "/finesse/api/User/1001/Media",
    "/finesse/api/User/1001/Dialogs/Media",
    "/finesse/api/User/1002",
    "/finesse/api/User/1002/Dialogs",
    "/finesse/api/Queue/10",
];
/// Each of them is read within so much for each agent of the site.
const PER_READ: u64 = 5;
/// A fault may be noticed so much later, and a server start so slowly.
const UNNOTICED: u64 = 30_000;
/// The latest that a notification may be, and a doubt about it.
const LATEST: u64 = 65_000;
/// Refusals within this time count, and as many as may come in it hold every login back.
const REFUSAL_WINDOW: u64 = 300_000;

impl Draw {
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
            Fault::NotificationsSwapped,
            Fault::NotificationsLate,
        ]);
        let mut spec = FaultSpec::new(fault).lasting(100 + self.below(60_000));
        if self.below(4) > 0 {
            let side = self.one(&[Side::A, Side::B]);
            spec = spec.on(side);
        }
        match fault {
            Fault::NetworkLost | Fault::Conflict | Fault::SocketCut => spec = spec.of("1001"),
            Fault::TomcatDown => spec.manner = Some(self.tomcat()),
            Fault::NodeDown => spec.manner = Some(self.one(&[Manner::Refused, Manner::Silent])),
            Fault::Garbage => spec.kind = Some(self.one(&Garbage::ALL)),
            Fault::WebsocketBlocked => {
                spec.manner = Some(self.one(&[Manner::Refused, Manner::Stripped, Manner::Silent]));
            }
            Fault::BoshError => {
                spec.manner = Some(self.one(&[Manner::BadGateway, Manner::Unavailable, Manner::ServerError]));
            }
            Fault::NotificationsLate => {
                spec.manner = self.one(&[None, Some(Manner::Stored)]);
                spec.ms = Some(1_000 + self.below(50_000));
            }
            Fault::Latency => spec.ms = Some(self.below(1_500)),
            _ => {}
        }
        spec
    }
}

/// One storm and what is left of it, as text.
fn run(seed: u64) -> String {
    let mut draw = Draw::new(seed);
    let config = simulator::Config {
        agents: vec!["1001".to_owned(), "1002".to_owned()],
        supervisors: vec!["1001".to_owned()],
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
    let followed = subscribe(&mut harness, seed);
    harness.put_medium("1001", Side::A, "5001", "LOGIN");
    let mut at = 2_000;
    let (mut storms, mut late) = (Vec::new(), false);
    while at < STORM {
        harness.run(at);
        check_safety(&harness, seed);
        storms.extend(happen(&mut harness, &mut draw, seed).map(|lasts| (at, at + lasts)));
        late |= harness.world.faults().iter().any(|fault| fault.spec.fault == Fault::NotificationsLate);
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
    let reads = PER_READ * u64::from(agents) * followed.len() as u64 + LATEST;
    harness.run(STORM + CALM + pause + reads + 2 * LATE_STEPS * harness.clients[0].late);
    if harness.state(0) == StateName::Stopped && harness.clients[0].token.is_some() {
        // a token that was revoked before it was ever accepted: the application is asked for another
        harness.command(0, Command::Resume);
        harness.run(harness.now + CALM + pause + 2 * LATE_STEPS * harness.clients[0].late);
    }
    check_safety(&harness, seed);
    check_health(&harness, seed);
    check_others(&harness, followed, late, seed);
    check_told(&harness, seed);
    check_heard(&harness, &storms, seed);
    let client = &harness.clients[0];
    client.log.join("\n")
        + "\n"
        + &client.heard.iter().map(|(at, what)| format!("{at} {what}\n")).collect::<String>()
}

/// Not everyone follows more than the own agent and calls.
fn subscribe(harness: &mut Harness, seed: u64) -> &'static [&'static str] {
    let followed = if seed.is_multiple_of(2) { &FOLLOWED[..] } else { &[] };
    for node in followed {
        harness.command(0, Command::Subscribe((*node).to_owned()));
    }
    followed
}

/// Something happens. Gives how long its effects last at most, if it is a fault.
fn happen(harness: &mut Harness, draw: &mut Draw, seed: u64) -> Option<u64> {
    match draw.below(15) {
        0 => {
            harness.call("1001", draw.one(&[CallStep::Ring, CallStep::Answer, CallStep::End]));
        }
        12 => {
            harness.call("1002", draw.one(&[CallStep::Ring, CallStep::Answer, CallStep::End]));
        }
        13 => {
            let step = draw.one(&[CallStep::Offer, CallStep::Accept, CallStep::Start, CallStep::Close]);
            harness.call("1001", step);
        }
        14 => {
            let side = draw.one(&[Side::A, Side::B]);
            if harness.world.faults().iter().all(|fault| fault.spec.fault != Fault::PasswordRefused) {
                // whoever signs in again is told nothing but that it was not needed: the keeper alone knows why it does
                let media = harness.world.agent("1001").unwrap().media;
                let next =
                    if media[0].state == "LOGOUT" { "LOGIN" } else { draw.one(&["READY", "NOT_READY"]) };
                match draw.below(3) {
                    0 => harness.put_state("1002", side, draw.one(&["READY", "NOT_READY"])),
                    _ => harness.put_medium("1001", side, "5001", next),
                }
            }
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
        3 if seed.is_multiple_of(3) => {
            harness.crash(0, seed + 1);
            subscribe(harness, seed);
        }
        3 if seed.is_multiple_of(5) => {
            harness.reload(0, seed + 2);
            subscribe(harness, seed);
        }
        4 => harness.heal_all(),
        5 if seed.is_multiple_of(2) => {
            harness.command(0, Command::MoveWithin(Duration::from_secs(draw.below(60))));
        }
        5 => harness.command(0, Command::Move),
        6 if harness.state(0) == StateName::Stopped => harness.command(0, Command::Resume),
        _ => {
            let spec = draw.fault();
            harness.fault(&spec);
            return Some(spec.lasts.unwrap_or_default() + spec.ms.unwrap_or_default() + UNNOTICED);
        }
    }
    None
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

/// What else the application shows is what is there.
fn check_others(harness: &Harness, followed: &[&str], late: bool, seed: u64) {
    let client = &harness.clients[0];
    let side = usize::from(harness.side(0) == "B");
    let report = harness.world.report(harness.now);
    let mut expected = BTreeMap::new();
    let mut add = |node: &str, object: String, state: String| {
        if followed.contains(&format!("/finesse/api/{node}").as_str()) {
            expected.insert(format!("{node}: {object}"), state);
        }
    };
    for agent in &report.agents {
        let id = &agent.id;
        add("Team/1/Users", format!("User/{id}"), agent.state.to_owned());
        if id == "1002" {
            add("User/1002", String::new(), agent.state.to_owned());
            for dialog in &agent.dialogs {
                add("User/1002/Dialogs", format!("Dialog/{}", dialog.id), dialog.state.to_owned());
            }
            continue;
        }
        for medium in &agent.media {
            let state = format!("{} {}", medium.state, medium.max_dialog_limit[side]);
            add("User/1001/Media", format!("User/1001/Media/{}", medium.id), state);
        }
        for task in &agent.tasks {
            add("User/1001/Dialogs/Media", format!("Dialog/{}", task.id), task.state.to_owned());
        }
    }
    let ready = report.agents.iter().filter(|agent| agent.state == "READY").count();
    add("Queue/10", String::new(), format!("{ready} ready"));
    // media and tasks tell of themselves; they are read again only where they are followed
    let mut shown = client.others.clone();
    // a queue's figures have no time of their own: those that come late pass for new ones, until the next
    if late {
        shown.remove("Queue/10: ");
        expected.remove("Queue/10: ");
    }
    shown.retain(|key, _| {
        followed.iter().any(|node| key.starts_with(&format!("{}:", node.trim_start_matches("/finesse/api/"))))
    });
    let tail = client.log[client.log.len().saturating_sub(60)..].join("\n");
    assert_eq!(shown, expected, "seed {seed}: another picture of the others\n{tail}");
}

/// Each change was told once, in the order in which it happened, and none is missing that could be known.
fn check_told(harness: &Harness, seed: u64) {
    let client = &harness.clients[0];
    let happened: Vec<&simulator::ChangeReport> = harness.world.changes().collect();
    let mut objects: BTreeMap<(&str, &str), Vec<&harness::Change>> = BTreeMap::new();
    for change in client.told.iter().filter(|change| !change.object.starts_with("Queue/")) {
        objects.entry((&change.node, &change.object)).or_default().push(change);
    }
    for ((node, object), told) in objects {
        let media = node.ends_with("/Media") && object.starts_with("User/");
        let begin = if media { "LOGOUT" } else { "NOT_READY" };
        let changes = happened.iter().filter(|change| change.object == object);
        let history: Vec<(u64, &str)> =
            core::iter::once((0, begin)).chain(changes.map(|change| (change.at, change.state))).collect();
        let ends = told.iter().filter(|change| change.event == "DELETE").count();
        assert!(ends <= 1, "seed {seed}: {node} {object} ended {ends} times\n{}", client.log.join("\n"));
        let (mut since, mut last, mut told_already) = (0, "", vec![false; history.len()]);
        for change in told.iter().filter(|change| change.event != "DELETE") {
            let state = change.state.split(' ').next().unwrap_or_default();
            // settings of a medium are no state
            if media && state == core::mem::replace(&mut last, state) {
                continue;
            }
            // nothing tells the order of what happened in the same millisecond, until it is read; nor of what changed of an
            // agent beside the state, as what is asked for after the call, for that has no time of its own
            let alike = |one: usize, other: usize| {
                history.get(one).zip(history.get(other)).is_some_and(|(one, other)| one.1 == other.1)
            };
            let next = history.iter().zip(&told_already).enumerate().position(|(place, ((at, it), told))| {
                let timeless = alike(place, place + 1) || place > 0 && alike(place, place - 1);
                let once = !told || timeless || change.synthetic && *at == since;
                once && *it == state && (since..=change.at).contains(at)
            });
            let Some(next) = next else {
                panic!(
                    "seed {seed}: {node} {object} {state} told again at {}: {history:?}\n{}",
                    change.at,
                    client.log.join("\n")
                );
            };
            (since, told_already[next]) = (history[next].0, true);
        }
    }
}

/// What happens to the agent and the agent's calls in service, far from every fault, is heard at once.
fn check_heard(harness: &Harness, storms: &[(u64, u64)], seed: u64) {
    let client = &harness.clients[0];
    let own = |object: &str| object == "User/1001" || object.starts_with("Dialog/1677");
    for change in harness.world.changes().filter(|change| change.at > client.began && own(&change.object)) {
        let at = change.at;
        let serves =
            client.service.iter().rev().find(|(since, _)| *since <= at).is_some_and(|(_, serves)| *serves);
        let leaves =
            client.service.iter().any(|(since, serves)| !serves && (at..at + UNNOTICED).contains(since));
        let calm = storms
            .iter()
            .all(|(from, until)| !(*from..=*until).contains(&at) && !(at..at + 20).contains(from));
        let others = harness.world.changes().any(|it| it.object == "User/1002" && it.at == at);
        if !serves || leaves || !calm || others {
            continue;
        }
        // a call of the other agent is told only where that is followed
        let mut told = client.told.iter().filter(|told| told.object == change.object);
        let known = change.object == "User/1001" || told.clone().next().is_some();
        let what = (change.event, change.state);
        let heard = told.any(|told| {
            (told.event.as_str(), told.state.as_str()) == what && (at..=at + 2_000).contains(&told.at)
        });
        let before = harness.world.changes().filter(|it| it.object == change.object && it.at < at).last();
        let repeated =
            change.object == "User/1001" && before.map_or("NOT_READY", |it| it.state) == change.state;
        assert!(
            heard || !known || repeated,
            "seed {seed}: {change:?} was not told\n{}",
            client.log.join("\n")
        );
    }
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
