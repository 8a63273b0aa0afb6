//! Glitches: short failures of a client's network (0.1-59 s) or of a server (0.1-14 s), over WebSocket and BOSH, with and
//! without a call. None of them is a reason to leave or to be signed out.
//!
//! `GLITCHES=100000 cargo test --release --test glitches` plays more; `SEED=17 cargo test --test glitches` plays one chain of
//! them and prints it. Beside the keeper the same worlds meet two policies that people write: "at once to the other node"
//! and "the same node every second" (`harness::plain`); `npm run bench` prints all three.
//!
//! A sign-out counts as avoidable where the policy that stays has none in the same world; a move is always needless here,
//! since what was lost is back before a move could have paid.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small numbers")]
#![allow(clippy::print_stdout, reason = "figures, printed on demand")]

mod harness;

use finesse_keeper::keeper::Transport;
use finesse_keeper::recovery::{PageEvent, StateName};
use finesse_simulator as simulator;
use harness::Harness;
use harness::draw::Draw;
use harness::plain::{Plain, Policy};
use simulator::{CallStep, Fault, FaultSpec, Manner, Reads, Side, World};

/// Glitches that follow one another in one world.
const CHAIN: u64 = 20;
/// A machine that refuses everything may be left after 8 s, so as to be in service elsewhere within 10 s.
const REFUSES: u64 = 7_900;
/// Two pings that go unanswered after a glitch may yet move a client.
const SLOW: u64 = 25_000;
/// Finesse signs out up to 180 s after an agent has gone: so long is waited before nobody was.
const HORIZON: u64 = 190_000;
const AGENT: &str = "1001";

/// What strikes, and for how long.
struct Glitch {
    fault: FaultSpec,
    /// The browser notices.
    told: bool,
}

/// Half of them are the client's, half a server's.
fn glitch(draw: &mut Draw) -> Glitch {
    let told = draw.one(&[true, false]);
    if told || draw.one(&[true, false]) {
        let lost = FaultSpec::new(Fault::NetworkLost).of(AGENT).lasting(draw.between(100, 59_000));
        // sometimes it is requests alone that hang
        let fault = if draw.between(0, 7) == 0 { lost.by(Manner::Timeout) } else { lost };
        return Glitch { told: told && fault.manner.is_none(), fault };
    }
    let fault = draw.one(&[
        Fault::SideSilent,
        Fault::NotificationServiceDown,
        Fault::NotificationServiceFrozen,
        Fault::TomcatDown,
        Fault::WebAppDown,
        Fault::CtiLost,
        Fault::NodeDown,
        Fault::SlowStart,
        Fault::SocketCut,
        Fault::Latency,
        Fault::NetworkLost,
        Fault::BoshError,
        Fault::BoshResponseLost,
        Fault::BoshSessionLost,
    ]);
    let mut fault = FaultSpec::new(fault).on(Side::A).lasting(draw.between(100, 14_000));
    match fault.fault {
        Fault::TomcatDown => fault = fault.by(draw.tomcat()),
        Fault::NotificationServiceDown | Fault::NotificationServiceFrozen => {
            fault.reads = draw.one(&[None, Some(Reads::Out)]);
        }
        Fault::CtiLost => fault.side = draw.one(&[None, Some(Side::A)]),
        Fault::NodeDown if draw.one(&[true, false]) => fault = fault.by(Manner::Silent),
        // a machine that refuses everything for longer is no glitch: it has lost its services
        Fault::NodeDown => fault = fault.lasting(draw.between(100, REFUSES)),
        Fault::NetworkLost => fault = fault.of(AGENT),
        Fault::Latency => fault.ms = Some(draw.between(100, 3_000)),
        _ => {}
    }
    Glitch { fault, told: false }
}

/// Whoever lives through the glitches.
trait Subject {
    fn run(&mut self, until: u64);
    fn now(&self) -> u64;
    fn world(&self) -> &World;
    fn fault(&mut self, spec: &FaultSpec);
    fn call(&mut self, step: CallStep);
    fn page(&mut self, event: PageEvent);
    fn sign_in(&mut self);
    fn moves(&self) -> usize;
}

impl Subject for Harness {
    fn run(&mut self, until: u64) {
        Harness::run(self, until);
    }
    fn now(&self) -> u64 {
        self.now
    }
    fn world(&self) -> &World {
        &self.world
    }
    fn fault(&mut self, spec: &FaultSpec) {
        Harness::fault(self, spec);
    }
    fn call(&mut self, step: CallStep) {
        Harness::call(self, AGENT, step);
    }
    fn page(&mut self, event: PageEvent) {
        Harness::page(self, 0, event);
    }
    fn sign_in(&mut self) {
        let side = if self.side(0) == "B" { Side::B } else { Side::A };
        self.put_state(AGENT, side, "LOGIN");
    }
    fn moves(&self) -> usize {
        self.clients[0].moved.len()
    }
}

impl Subject for Plain {
    fn run(&mut self, until: u64) {
        Plain::run(self, until);
    }
    fn now(&self) -> u64 {
        self.now
    }
    fn world(&self) -> &World {
        &self.world
    }
    fn fault(&mut self, spec: &FaultSpec) {
        Plain::fault(self, spec);
    }
    fn call(&mut self, step: CallStep) {
        Plain::call(self, step);
    }
    fn page(&mut self, _: PageEvent) {}
    fn sign_in(&mut self) {
        Plain::sign_in(self);
    }
    fn moves(&self) -> usize {
        self.moves
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
struct Tally {
    glitches: u64,
    sign_outs: u64,
    moves: u64,
    logins: u64,
    /// The glitches that moved someone.
    moved_by: Vec<String>,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        self.glitches += other.glitches;
        self.sign_outs += other.sign_outs;
        self.moves += other.moves;
        self.logins += other.logins;
        self.moved_by.extend(other.moved_by);
        self
    }
}

fn config() -> simulator::Config {
    simulator::Config {
        agents: vec![AGENT.to_owned()],
        signed_in: true,
        rtt_ms: 20,
        record_limit: 16,
        ..simulator::Config::default()
    }
}

/// The keeper of a seed, in its world.
fn keeper(seed: u64) -> Harness {
    let mut harness = Harness::new(config(), seed);
    let transport = if seed.is_multiple_of(2) { Transport::WebSocket } else { Transport::Bosh };
    let agents = if seed.is_multiple_of(5) { 200 } else { 1 };
    harness.add_over(transport, AGENT, agents, &["a", "b"], seed);
    harness.start(0);
    harness
}

/// A chain of glitches, the same for whoever is struck.
fn live_through(subject: &mut dyn Subject, seed: u64) -> Tally {
    let mut draw = Draw::new(seed);
    subject.run(10_000);
    let (mut signed_out, mut moves, mut moved_by) = (0, 0, Vec::new());
    for _ in 0..CHAIN {
        let calm = draw.between(5_000, 40_000);
        subject.run(subject.now() + calm);
        let out = subject.world().counts().forced_logouts;
        if std::mem::replace(&mut signed_out, out) != out {
            subject.sign_in(); // the next one strikes an agent who is signed in
        }
        subject.run(subject.now() + 5_000);
        if draw.one(&[true, false]) {
            subject.call(CallStep::Ring);
            subject.call(CallStep::Answer);
        }
        let Glitch { fault, told } = glitch(&mut draw);
        let lasts = fault.lasts.unwrap_or_default();
        subject.fault(&fault);
        if told {
            subject.page(PageEvent::Offline);
        }
        let hangs_up = draw.between(0, lasts);
        if draw.one(&[true, false]) {
            subject.run(subject.now() + hangs_up);
            subject.call(CallStep::End);
            subject.run(subject.now() + lasts - hangs_up);
        } else {
            subject.run(subject.now() + lasts);
            subject.call(CallStep::End);
        }
        if told {
            subject.page(PageEvent::Online);
        }
        subject.run(subject.now() + SLOW);
        if std::mem::replace(&mut moves, subject.moves()) != subject.moves() {
            moved_by.push(serde_json::to_string(&fault).unwrap());
        }
    }
    subject.run(subject.now() + HORIZON);
    let counts = subject.world().counts();
    Tally {
        glitches: CHAIN,
        sign_outs: counts.forced_logouts,
        moves: subject.moves() as u64,
        logins: counts.logins,
        moved_by,
    }
}

/// One chain with the keeper; what is wrong with it, if anything.
fn keep(seed: u64) -> (Tally, Option<String>) {
    let mut harness = keeper(seed);
    let tally = live_through(&mut harness, seed);
    let well = harness.state(0) == StateName::InService && is_right(&harness);
    let calm = tally.moves == 0 && (tally.sign_outs == 0 || tally.sign_outs <= stay(seed).sign_outs);
    let wrong = (!well || !calm).then(|| {
        let (state, shown) = (harness.state(0), &harness.clients[0].user_state);
        format!("seed {seed}: {tally:?}, {state:?}, shown {shown:?}, {:?}", harness.world.agent(AGENT))
    });
    (tally, wrong)
}

fn stay(seed: u64) -> Tally {
    live_through(&mut Plain::new(config(), seed, Policy::Same), seed)
}

fn leave(seed: u64) -> Tally {
    live_through(&mut Plain::new(config(), seed, Policy::Other), seed)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Both cores play every second chain.
fn all<T: Send>(chains: u64, play: &(dyn Fn(u64) -> T + Sync)) -> Vec<T> {
    std::thread::scope(|scope| {
        let threads = [0, 1].map(|odd| {
            scope.spawn(move || (0..chains).filter(|seed| seed % 2 == odd).map(play).collect::<Vec<T>>())
        });
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
    tallies.fold(Tally::default(), Tally::add)
}

fn show(name: &str, tally: &Tally) {
    let each = tally.logins as f64 / tally.glitches as f64;
    println!("{name:<36} {:>9} {:>9} {:>9} {each:>9.2}", tally.glitches, tally.sign_outs, tally.moves);
}

#[test]
fn a_glitch_neither_moves_nor_signs_out_anyone() {
    if let Some(seed) = number("SEED") {
        let mut harness = keeper(seed);
        let tally = live_through(&mut harness, seed);
        println!("{}\n{tally:?}", harness.clients[0].log.join("\n"));
        return;
    }
    let chains = number("GLITCHES").unwrap_or(10_000) / CHAIN;
    let played = all(chains, &keep);
    let wrong: Vec<&String> = played.iter().filter_map(|(_, wrong)| wrong.as_ref()).collect();
    println!("{:<36} {:>9} {:>9} {:>9} {:>9}", "policy", "glitches", "sign-outs", "moves", "logins/gl");
    show("finesse-keeper", &sum(played.iter().map(|(tally, _)| tally.clone())));
    assert!(wrong.is_empty(), "{} of {chains} chains: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}

/// The same simulation shows what haste costs; were it blind to that, it would prove nothing about the keeper.
#[test]
fn haste_signs_agents_out() {
    let chains = number("GLITCHES").unwrap_or(1_000) / CHAIN;
    let haste = sum(all(chains, &leave).into_iter());
    let patience = sum(all(chains, &stay).into_iter());
    show("at once to the other node", &haste);
    show("the same node every second", &patience);
    assert!(haste.sign_outs * 20 > haste.glitches && haste.moves * 10 > haste.glitches, "{haste:?}");
    assert_eq!(patience.sign_outs, 0);
}

/// A network away for longer: what the application shows is what is so, soon after it is back, and whoever was signed out is
/// asked once whether to sign in again.
#[test]
fn after_minutes_without_a_network_the_state_is_right_within_five_seconds() {
    let worlds = number("GLITCHES").unwrap_or(10_000) / CHAIN;
    let (signed_out, wrong): (Vec<u64>, Vec<Option<String>>) = all(worlds, &long).into_iter().unzip();
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {worlds}: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    let signed_out: u64 = signed_out.into_iter().sum();
    println!("away for 60 to 240 s: {worlds}, signed out and asked: {signed_out}");
    assert!(signed_out * 10 > worlds, "{signed_out} of {worlds}");
}

/// From 60 to 240 s, by when Finesse may have signed the agent out: whether it has, and what is wrong five seconds after it,
/// if anything.
fn long(seed: u64) -> (u64, Option<String>) {
    let mut draw = Draw::new(seed);
    let mut harness = keeper(seed);
    harness.run(30_000 + draw.between(0, 20_000));
    if draw.one(&[true, false]) {
        harness.call(AGENT, CallStep::Ring);
        harness.call(AGENT, CallStep::Answer);
    }
    let told = draw.one(&[true, false]);
    let lasts = draw.between(60_000, 240_000);
    harness.fault(&FaultSpec::new(Fault::NetworkLost).of(AGENT).lasting(lasts));
    let strike = harness.now;
    if told {
        harness.page(0, PageEvent::Offline);
    }
    if draw.one(&[true, false]) {
        harness.run(strike + draw.between(0, lasts));
        harness.call(AGENT, CallStep::End);
    }
    harness.run(strike + lasts);
    if told {
        harness.page(0, PageEvent::Online);
    }
    harness.run(strike + lasts + 5_000);
    let status = harness.clients[0].keeper.status();
    let signed_out = harness.world.counts().forced_logouts;
    let heard = harness.clients[0].heard.iter();
    let offers = heard.filter(|(_, told)| told.ends_with("may be undone")).count() as u64;
    let here = harness.state(0) == StateName::InService && harness.side(0) == "A";
    let well = here && is_right(&harness) && signed_out <= 1 && offers == signed_out;
    let wrong = (!well).then(|| {
        let (state, reason) = (status.state, status.reason);
        format!("seed {seed}: {lasts} ms, told {told}: {state:?} {reason:?}, {signed_out} signed out, {offers} offers")
    });
    (signed_out, wrong)
}

/// What the application shows is what is so.
fn is_right(harness: &Harness) -> bool {
    let (client, truth) = (&harness.clients[0], harness.world.agent(AGENT).unwrap());
    let calls: Vec<&String> = client.dialogs.keys().collect();
    client.user_state.as_deref() == Some(truth.state)
        && calls == truth.dialogs.iter().map(|call| &call.id).collect::<Vec<_>>()
}
