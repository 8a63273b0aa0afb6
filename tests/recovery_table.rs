//! Every (state, signal) has a row, and the printed table is the one in the docs of `recovery`.
//!
//! `UPDATE=1 cargo test --test recovery_table` writes it anew.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed on demand")]

use finesse_keeper::recovery::{
    Action, AttemptFailure, Loss, PageEvent, Reading, Recovery, Setup, Side, Signal, Standstill, StateName,
};
use finesse_keeper::rng::Rng;
use finesse_keeper::time::{Duration, Instant};
use std::fmt::Write as _;

const IN: Reading = Reading::In { cti: Some(true), heartbeat: None };

struct Case {
    machine: Recovery,
    now: Instant,
}

impl Case {
    fn new(shared: bool) -> Self {
        let setup = Setup { alternate: !shared, agents: 1, preferred: Side::A, stays: false, shared };
        Self { machine: Recovery::new(setup, Rng::new(1)), now: Instant::from_millis(1_000_000) }
    }

    fn signal(mut self, signal: Signal) -> Self {
        self.machine.handle(signal, self.now);
        while self.machine.poll_action().is_some() {}
        self
    }

    fn read(self, side: Side, reading: Reading) -> Self {
        let began = self.now;
        self.signal(Signal::Read { side, reading, began, retry_after: None })
    }

    fn wait(mut self, millis: u64) -> Self {
        self.now = self.now + Duration::from_millis(millis);
        self.machine.handle_timeout(self.now);
        while self.machine.poll_action().is_some() {}
        self
    }

    fn connecting(shared: bool) -> Self {
        Self::new(shared).signal(Signal::Start).read(Side::A, IN).wait(10)
    }

    fn settling(shared: bool) -> Self {
        Self::connecting(shared).signal(Signal::SessionUp { finesse: true })
    }

    fn in_service(shared: bool) -> Self {
        Self::settling(shared).read(Side::A, IN).signal(Signal::ResyncDone)
    }

    fn moving() -> Self {
        let mut case = Self::in_service(false).signal(Signal::SessionLost(Loss::Closed)).read(Side::B, IN);
        for _ in 0..20 {
            case = case.read(Side::B, IN).read(Side::A, Reading::Refused).wait(500);
        }
        case
    }
}

/// Every state that can be reached; by a gadget over its container's connection, if `shared`.
fn states(shared: bool) -> Vec<(&'static str, StateName, Case)> {
    let up = || Case::in_service(shared);
    let alone = !shared;
    let reached = [
        alone.then(|| ("Locating", StateName::Locating, Case::new(shared).signal(Signal::Start))),
        Some(("Connecting", StateName::Connecting, Case::connecting(shared))),
        Some(("Settling", StateName::Settling, Case::settling(shared))),
        Some(("InService", StateName::InService, up())),
        Some(("Waiting (notice)", StateName::Waiting, up().signal(Signal::Notice { in_service: false }))),
        Some(("Waiting (presence)", StateName::Waiting, up().signal(Signal::Finesse(false)))),
        shared.then(|| {
            let failing = Signal::Standstill(Standstill::Failing);
            ("Waiting (container)", StateName::Waiting, up().signal(failing))
        }),
        alone.then(|| {
            ("Reconnecting", StateName::Reconnecting, up().signal(Signal::SessionLost(Loss::Closed)))
        }),
        alone.then(|| ("Moving", StateName::Moving, Case::moving())),
        Some(("Stopped (conflict)", StateName::Stopped, up().signal(Signal::Conflict))),
        Some(("Stopped (page left)", StateName::Stopped, up().signal(Signal::Page(PageEvent::PageHide)))),
        Some(("Stopped (closed)", StateName::Stopped, up().signal(Signal::Close))),
    ];
    reached.into_iter().flatten().collect()
}

fn signals(now: Instant) -> Vec<(&'static str, Signal)> {
    let read = |side, reading| Signal::Read { side, reading, began: now, retry_after: None };
    vec![
        ("start", Signal::Start),
        ("A reads in", read(Side::A, IN)),
        ("A reads out", read(Side::A, Reading::Out { cti_lost: true })),
        ("A answered by a gateway", read(Side::A, Reading::Gateway)),
        ("A refuses", read(Side::A, Reading::Refused)),
        ("A is silent", read(Side::A, Reading::Silent)),
        ("A is unclear", read(Side::A, Reading::Unclear)),
        ("A is hidden", read(Side::A, Reading::Hidden)),
        ("B reads in", read(Side::B, IN)),
        ("B reads out", read(Side::B, Reading::Out { cti_lost: false })),
        ("B refuses", read(Side::B, Reading::Refused)),
        ("session up", Signal::SessionUp { finesse: true }),
        ("session up, no finesse", Signal::SessionUp { finesse: false }),
        ("session revived", Signal::SessionRevived { finesse: true, disturbed: false }),
        ("session revived, disturbed", Signal::SessionRevived { finesse: true, disturbed: true }),
        ("attempt failed: no stream", Signal::AttemptFailed(AttemptFailure::NoStream)),
        ("attempt failed: gateway", Signal::AttemptFailed(AttemptFailure::Gateway)),
        ("attempt failed: login", Signal::AttemptFailed(AttemptFailure::Login)),
        ("attempt failed: our ghost", Signal::AttemptFailed(AttemptFailure::Ghost)),
        ("attempt failed: no credentials", Signal::AttemptFailed(AttemptFailure::NoCredentials)),
        ("session closed", Signal::SessionLost(Loss::Closed)),
        ("session dead", Signal::SessionLost(Loss::Dead)),
        ("server shut down", Signal::SessionLost(Loss::Shutdown)),
        ("suspect", Signal::Suspect(now)),
        ("alive", Signal::Alive),
        ("finesse present", Signal::Finesse(true)),
        ("finesse gone", Signal::Finesse(false)),
        ("notice: in service", Signal::Notice { in_service: true }),
        ("notice: out of service", Signal::Notice { in_service: false }),
        ("A gives a stream", Signal::Stream { side: Side::A, given: true }),
        ("A gives no stream", Signal::Stream { side: Side::A, given: false }),
        ("container at a standstill", Signal::Standstill(Standstill::Failing)),
        ("container stands again", Signal::StandsAgain),
        ("resync done", Signal::ResyncDone),
        ("resync failed", Signal::ResyncFailed),
        ("conflict", Signal::Conflict),
        ("password refused", Signal::CredentialsRefused { token: false }),
        ("token refused", Signal::CredentialsRefused { token: true }),
        ("page hidden", Signal::Page(PageEvent::Hidden)),
        ("page visible", Signal::Page(PageEvent::Visible)),
        ("page frozen", Signal::Page(PageEvent::Frozen)),
        ("page resumed", Signal::Page(PageEvent::Resumed)),
        ("page left", Signal::Page(PageEvent::PageHide)),
        ("page shown again", Signal::Page(PageEvent::PageShow)),
        ("online", Signal::Page(PageEvent::Online)),
        ("offline", Signal::Page(PageEvent::Offline)),
        ("slept", Signal::Slept(Duration::from_secs(60))),
        ("resume()", Signal::Resume),
        ("move()", Signal::Move),
        ("close()", Signal::Close),
    ]
}

fn row(case: &Case, signal: Signal) -> String {
    let mut machine = case.machine.clone();
    let before = (machine.state(), machine.side(), machine.reason());
    machine.handle(signal, case.now);
    let after = (machine.state(), machine.side(), machine.reason());
    let mut words = Vec::new();
    if (before.0, before.1) != (after.0, after.1) {
        let side = after.1.map_or("", |side| side.as_str());
        words.push(format!("→ {:?} {side}", after.0).trim_end().to_owned());
    }
    if before.2 != after.2 {
        words.push(after.2.map_or("all well".to_owned(), |reason| reason.as_str().to_owned()));
    }
    while let Some(action) = machine.poll_action() {
        match action {
            Action::Changed => {}
            Action::Note(_) => words.push("note".to_owned()),
            Action::Read(side) => words.push(format!("read {}", side.as_str())),
            Action::Connect(side) => words.push(format!("connect {}", side.as_str())),
            Action::ProbeStream(side) => words.push(format!("ask {} for a stream", side.as_str())),
            Action::Moved { from, to } => {
                words.push(format!("told: moved {}→{}", from.as_str(), to.as_str()))
            }
            other => words.push(format!("{other:?}").to_lowercase()),
        }
    }
    if let Some((at, reason)) = machine.poll_timeout()
        && case.machine.poll_timeout() != Some((at, reason))
    {
        words.push(format!("next: {reason}"));
    }
    if words.is_empty() { "·".to_owned() } else { words.join(", ") }
}

fn write_table(table: &mut String, shared: bool) {
    for (name, state, case) in states(shared) {
        assert_eq!(case.machine.state(), state, "{name} was not reached");
        writeln!(
            table,
            "\n**{name}**{}, on side {}\n\n| signal | what follows |\n|---|---|",
            if shared { ", in a gadget" } else { "" },
            case.machine.side().map_or("–", Side::as_str)
        )
        .unwrap();
        for (words, signal) in signals(case.now) {
            writeln!(table, "| {words} | {} |", row(&case, signal)).unwrap();
        }
    }
}

#[test]
fn every_state_and_signal_has_its_row() {
    let mut table = String::new();
    write_table(&mut table, false);
    write_table(&mut table, true);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/recovery/table.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    let printed = std::fs::read_to_string(path).unwrap();
    assert!(
        printed == table,
        "the table in src/recovery/table.md is not what the machine does: UPDATE=1 writes it anew"
    );
}

/// A gadget watches, waits and reads again; where the connection is, the desktop around it decides.
#[test]
fn a_gadget_moves_nowhere() {
    for (name, _, case) in states(true) {
        for (words, signal) in signals(case.now) {
            let row = row(&case, signal);
            assert!(
                !["Moving", "connect B", "moved"].iter().any(|it| row.contains(it)),
                "{name}, {words}: {row}"
            );
        }
    }
}
