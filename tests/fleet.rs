//! 2,000 agents at once: how hard a site's keepers knock when all of them lose something, beside the retry loop that
//! everybody writes first.
//!
//! The figures are printed by `cargo test --test fleet -- --nocapture`. `UPDATE=1 cargo test --test fleet` writes
//! `docs/pace.md` and its plot.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed")]
#![allow(clippy::cast_precision_loss, reason = "pixels")]

mod fixed;
mod harness;

use finesse_keeper::keeper::Transport;
use finesse_keeper::recovery::StateName;
use finesse_simulator as simulator;
use fixed::Fixed;
use harness::{EPOCH, Harness};
use simulator::{CallStep, Fault, FaultSpec, Manner, Side};
use std::fmt::Write as _;

/// What Cisco supports on a pair.
const AGENTS: u32 = 2_000;
/// From here on, in milliseconds.
const STRIKE: u64 = 60_000;
/// So long it is watched.
const WATCHED: u64 = 240_000;
/// Every agent has noticed by then.
const NOTICED: u64 = 25_000;
/// The pace of design and issue: the most new sessions in a second, and reads of a side once the first two are over.
const SESSIONS: u64 = 110;
const READS: u64 = 300;
const FIRST_READS: u64 = 1_200;

/// An outage that concerns all.
struct Outage {
    name: &'static str,
    fault: FaultSpec,
    /// Where everybody is afterwards.
    ends_on: Option<Side>,
    /// The side's Finesse is gone with it, and all must be back before anyone may be signed out.
    node: bool,
}

/// What happened in each second since the strike.
#[derive(Default)]
struct Seconds {
    sessions: Vec<u64>,
    opened: [Vec<u64>; 2],
    reads: [Vec<u64>; 2],
}

struct Outcome {
    seconds: Seconds,
    /// When the last agent was in service again, in ms since the strike.
    back: u64,
    /// Agents that were not back before Finesse may sign them out.
    late: usize,
    forced_logouts: u64,
}

fn names() -> Vec<String> {
    (0..AGENTS).map(|n| (1001 + n).to_string()).collect()
}

fn pair() -> simulator::Config {
    simulator::Config {
        agents: names(),
        signed_in: true,
        rtt_ms: 20,
        record_limit: 1,
        ..simulator::Config::default()
    }
}

fn index(side: Side) -> usize {
    usize::from(side == Side::B)
}

fn per_second(times: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut seconds = vec![0; (WATCHED / 1_000) as usize];
    for at in times.into_iter().filter(|at| (STRIKE..STRIKE + WATCHED).contains(at)) {
        seconds[((at - STRIKE) / 1_000) as usize] += 1;
    }
    seconds
}

fn of(events: &[(u64, Side)], side: Side) -> Vec<u64> {
    per_second(events.iter().filter(|(_, other)| *other == side).map(|(at, _)| *at))
}

/// All agents of a site on A, every third on a call, and then the outage.
fn strike(outage: &Outage) -> Outcome {
    let mut site = Harness::new(pair(), 7);
    site.crowd = true;
    for (n, name) in names().iter().enumerate() {
        site.add_over(Transport::Auto, name, AGENTS, &["a", "b"], 70_000 + n as u64);
        site.start(n);
    }
    site.run(STRIKE / 2);
    for name in names().iter().step_by(3) {
        assert!(site.call(name, CallStep::Ring) && site.call(name, CallStep::Answer));
    }
    site.run(STRIKE);
    assert!((0..AGENTS as usize).all(|n| site.state(n) == StateName::InService && site.side(n) == "A"));
    site.fault(&outage.fault);
    let (mut back, mut earliest) = (vec![None; AGENTS as usize], vec![u64::MAX; AGENTS as usize]);
    let mut gone = vec![false; AGENTS as usize];
    for at in (STRIKE..STRIKE + WATCHED).step_by(1_000) {
        site.run(at);
        if at > STRIKE + NOTICED && back.iter().all(Option::is_some) {
            break;
        }
        for (n, back) in back.iter_mut().enumerate() {
            let status = site.clients[n].keeper.status();
            if status.state != StateName::InService {
                (gone[n], *back) = (true, None);
            } else if gone[n]
                && back.is_none()
                && outage.ends_on.is_none_or(|it| index(it) == status.side.unwrap().index())
            {
                *back = Some(at - STRIKE);
            }
            if let Some(window) = status.forced_logout.filter(|_| back.is_none()) {
                earliest[n] = earliest[n].min(window.earliest.as_millis() - EPOCH - STRIKE);
            }
        }
    }
    if let Some(never) = back.iter().position(Option::is_none) {
        let log = &site.clients[never].log;
        panic!(
            "{}: an agent never came back\n{}",
            outage.name,
            log[log.len().saturating_sub(25)..].join("\n")
        );
    }
    let report = site.world.report(site.now);
    let sessions = report.sessions.iter().map(|session| session.since);
    Outcome {
        seconds: Seconds {
            sessions: per_second(sessions),
            opened: Side::BOTH.map(|side| of(&site.opened, side)),
            reads: Side::BOTH.map(|side| of(&site.reads, side)),
        },
        back: back.iter().flatten().copied().max().unwrap(),
        late: back.iter().zip(&earliest).filter(|(back, earliest)| back.unwrap() >= **earliest).count(),
        forced_logouts: report.counts.forced_logouts,
    }
}

fn peak(seconds: &[u64]) -> u64 {
    seconds.iter().copied().max().unwrap_or(0)
}

fn outages() -> Vec<Outage> {
    let on_a = |fault| FaultSpec::new(fault).on(Side::A);
    let row = |name, fault, ends_on| Outage { name, fault, ends_on, node: false };
    let gone = |name, manner| Outage {
        name,
        fault: on_a(Fault::NodeDown).by(manner),
        ends_on: Some(Side::B),
        node: true,
    };
    vec![
        gone("node A gone, refuses", Manner::Refused),
        gone("node A gone, silent", Manner::Silent),
        row("its notification service gone", on_a(Fault::NotificationServiceDown), Some(Side::B)),
        row("… for 10 s", on_a(Fault::NotificationServiceDown).lasting(10_000), Some(Side::A)),
        row("… frozen for good", on_a(Fault::NotificationServiceFrozen), Some(Side::B)),
        row("Tomcat down for 30 s", on_a(Fault::TomcatDown).lasting(30_000), None),
        row("CTI lost for 15 s", on_a(Fault::CtiLost).lasting(15_000), Some(Side::A)),
        row("both silent for 30 s", FaultSpec::new(Fault::SideSilent).lasting(30_000), Some(Side::A)),
    ]
}

fn table_row(name: &str, outcome: &Outcome) -> String {
    let Seconds { sessions, opened, reads } = &outcome.seconds;
    let first = |side: usize| reads[side][..2].iter().sum::<u64>();
    let later = |side: usize| peak(&reads[side][2..]);
    format!(
        "| {name} | {} | {} / {} | {} / {} | {} / {} | {}.{} s | {} | {} |",
        peak(sessions),
        peak(&opened[0]),
        peak(&opened[1]),
        first(0),
        first(1),
        later(0),
        later(1),
        outcome.back / 1_000,
        outcome.back % 1_000 / 100,
        outcome.late,
        outcome.forced_logouts,
    )
}

const HEAD: &str = "\
| 2,000 agents on A lose | new sessions/s, most | sockets opened/s, A / B | reads in the first 2 s, A / B | reads/s later, most, A / B | all in service after | of them after `earliest` | forced logouts |
|---|---|---|---|---|---|---|---|";

#[test]
fn two_thousand_agents_keep_the_pace_in_every_outage() {
    let outages = outages();
    let mut done: Vec<(usize, Outcome)> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            let mine = outages.iter().enumerate().filter(move |(n, _)| n % 2 == half);
            scope.spawn(move || mine.map(|(n, outage)| (n, strike(outage))).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    done.sort_unstable_by_key(|(n, _)| *n);
    let fixed = [1_000, 3_000].map(fixed_outcome);
    let mut table = HEAD.to_owned();
    for (n, outcome) in &done {
        write!(table, "\n{}", table_row(outages[*n].name, outcome)).unwrap();
    }
    for (outcome, every) in fixed.iter().zip([1, 3]) {
        write!(
            table,
            "\n{}",
            table_row(&format!("node A gone, refuses; tried again every {every} s"), outcome)
        )
        .unwrap();
    }
    println!("{table}");
    if std::env::var_os("UPDATE").is_some() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
        std::fs::write(format!("{docs}/pace.svg"), plot(&done[0].1.seconds, &fixed)).unwrap();
        std::fs::write(format!("{docs}/pace.md"), page(&table)).unwrap();
    }
    let mut wrong = Vec::new();
    for (n, outcome) in &done {
        let Outage { name, node, .. } = &outages[*n];
        let Outcome { seconds, late, forced_logouts, .. } = outcome;
        if peak(&seconds.sessions) > SESSIONS {
            wrong.push(format!("{name}: {} new sessions in a second", peak(&seconds.sessions)));
        }
        for reads in &seconds.reads {
            if peak(&reads[2..]) > READS || reads[..2].iter().sum::<u64>() > FIRST_READS {
                wrong.push(format!(
                    "{name}: {} reads at first, then {}",
                    reads[0] + reads[1],
                    peak(&reads[2..])
                ));
            }
        }
        if *forced_logouts > 0 || *node && *late > 0 {
            wrong.push(format!("{name}: {late} late, {forced_logouts} signed out"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(fixed.iter().all(|it| peak(&it.seconds.sessions) > 10 * SESSIONS), "the loops are no measure");
}

/// The same loss of A for clients that try again every so many milliseconds.
fn fixed_outcome(every: u64) -> Outcome {
    let mut site = Fixed::new(pair(), names(), every);
    site.run(STRIKE);
    site.fault(&FaultSpec::new(Fault::NodeDown).on(Side::A).by(Manner::Refused));
    site.run(STRIKE + 60_000);
    let report = site.world.report(STRIKE + 60_000);
    let since: Vec<u64> = report.sessions.iter().map(|session| session.since).collect();
    assert_eq!(since.len(), AGENTS as usize);
    Outcome {
        back: since.iter().max().unwrap() - STRIKE,
        seconds: Seconds {
            sessions: per_second(since),
            opened: Side::BOTH.map(|side| of(&site.opened, side)),
            reads: Side::BOTH.map(|side| of(&site.reads, side)),
        },
        late: 0,
        forced_logouts: report.counts.forced_logouts,
    }
}

fn page(table: &str) -> String {
    format!(
        "# Pace\n\nA server that comes back, or takes over, must not be met by all its agents in one second. Measured in \
         simulated time, every third agent\non a call; written by `UPDATE=1 cargo test --test fleet`, which fails where \
         more than {SESSIONS} sessions are made in a second, or a side is read\nmore than {FIRST_READS} times in the first two \
         seconds or {READS} times in any later one. `earliest` is when Finesse may sign an agent out.\n\n{table}\n\n\
         ![New sessions and reads a second on B](pace.svg)\n"
    )
}

/// Two pictures over the same minute: new sessions and reads on B, each second, on a scale of powers of ten.
fn plot(keeper: &Seconds, fixed: &[Outcome; 2]) -> String {
    const WIDTH: f64 = 760.0;
    const HEIGHT: f64 = 170.0;
    const SHOWN: usize = 60;
    let x = |second: usize| 50.0 + second as f64 * (WIDTH - 70.0) / SHOWN as f64;
    let y = |top: f64, count: u64| top + HEIGHT - (count as f64).max(0.5).log10().max(0.0) / 3.5 * HEIGHT;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} 470\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>2,000 agents lose node A: what node B sees</title>\n<rect width=\"{WIDTH}\" height=\"470\" fill=\"#fff\"/>\n"
    );
    let lines =
        [("#c33", "tried again every 1 s"), ("#e90", "tried again every 3 s"), ("#06c", "finesse-keeper")];
    let panel = |out: &mut String, top: f64, title: &str, limit: u64, series: [&[u64]; 3]| {
        writeln!(out, "<text x=\"50\" y=\"{}\" font-weight=\"bold\">{title}</text>", top - 8.0).unwrap();
        for count in [1, 10, 100, 1_000] {
            let at = y(top, count);
            writeln!(out, "<path d=\"M50 {at:.1}H{}\" stroke=\"#ddd\"/>", WIDTH - 20.0).unwrap();
            writeln!(out, "<text x=\"44\" y=\"{:.1}\" text-anchor=\"end\">{count}</text>", at + 4.0).unwrap();
        }
        let at = y(top, limit);
        writeln!(out, "<path d=\"M50 {at:.1}H{}\" stroke=\"#777\" stroke-dasharray=\"4 3\"/>", WIDTH - 20.0)
            .unwrap();
        for ((colour, _), counts) in lines.iter().zip(series) {
            let mut path = format!("M{:.1} {:.1}", x(0), y(top, 0));
            for (second, count) in counts.iter().take(SHOWN).enumerate() {
                write!(path, "V{:.1}H{:.1}", y(top, *count), x(second + 1)).unwrap();
            }
            writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>")
                .unwrap();
        }
    };
    let sessions = [&fixed[0].seconds.sessions[..], &fixed[1].seconds.sessions, &keeper.sessions];
    let reads = [&fixed[0].seconds.reads[1][..], &fixed[1].seconds.reads[1], &keeper.reads[1]];
    panel(&mut out, 40.0, "New sessions on B, each second", SESSIONS, sessions);
    panel(&mut out, 245.0, "Reads of SystemInfo on B, each second", READS, reads);
    for second in (0..=SHOWN).step_by(10) {
        writeln!(out, "<text x=\"{:.1}\" y=\"432\" text-anchor=\"middle\">{second} s</text>", x(second))
            .unwrap();
    }
    for (n, (colour, name)) in lines.iter().enumerate() {
        let at = 60 + n * 180;
        writeln!(out, "<rect x=\"{at}\" y=\"446\" width=\"12\" height=\"12\" fill=\"{colour}\"/>").unwrap();
        writeln!(out, "<text x=\"{}\" y=\"457\">{name}</text>", at + 18).unwrap();
    }
    out + "<text x=\"600\" y=\"457\" fill=\"#777\">- - the most that may be</text>\n</svg>\n"
}
