//! Recovery, told as text: faults and times in, the product's own timeline out.
//!
//! `tests/stories/*.txt`: lines of what happens above `---`, the timeline below it. `UPDATE=1 cargo test --test stories`
//! writes the lower part anew; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed on demand")]

mod harness;

use finesse_keeper::keeper::{Command, Config, Host, Transport};
use finesse_keeper::recovery::{self, PageEvent};
use finesse_keeper::time::Duration;
use finesse_simulator as simulator;
use harness::Harness;
use simulator::{CallStep, FaultSpec, Side};
use std::fmt::Write as _;

struct Story {
    config: simulator::Config,
    expected: u32,
    hosts: Vec<&'static str>,
    password: Option<String>,
    transport: Transport,
    token: Option<u64>,
    stays: bool,
    home: recovery::Side,
    steps: Vec<(u64, String)>,
}

fn parse(text: &str) -> Story {
    let mut story = Story {
        config: simulator::Config {
            agents: vec!["1001".to_owned()],
            signed_in: true,
            ..simulator::Config::default()
        },
        expected: 1,
        hosts: vec!["a", "b"],
        password: None,
        transport: Transport::Auto,
        token: None,
        stays: false,
        home: recovery::Side::A,
        steps: Vec::new(),
    };
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match word {
            "expected" => story.expected = rest.trim().parse().unwrap(),
            "single" => (story.hosts, story.config.single_node) = (vec!["a"], true),
            "ccx" => story.config.deployment = simulator::Deployment::Uccx,
            "password" => story.password = Some(rest.trim().to_owned()),
            "token" => story.token = Some(rest.trim().parse().unwrap()),
            "stays" => story.stays = true,
            "home" => story.home = if rest.trim() == "B" { recovery::Side::B } else { recovery::Side::A },
            "bosh" => story.transport = Transport::Bosh,
            time => {
                let seconds: f64 = time.trim_end_matches('s').parse().unwrap();
                story.steps.push(((seconds * 1_000.0) as u64, rest.trim().to_owned()));
            }
        }
    }
    story
}

fn step(harness: &mut Harness, what: &str) {
    let (word, rest) = what.split_once(' ').unwrap_or((what, ""));
    match word {
        "start" => harness.start(0),
        "end" => {}
        "fault" => {
            let spec: FaultSpec = serde_json::from_str(rest).unwrap();
            harness.fault(&spec);
        }
        "heal" => harness.heal_all(),
        "ring" => assert!(harness.call("1001", CallStep::Ring)),
        "answer" => assert!(harness.call("1001", CallStep::Answer)),
        "hangup" => assert!(harness.call("1001", CallStep::End)),
        "agent" => {
            let side = if harness.side(0) == "B" { Side::B } else { Side::A };
            harness.put_state("1001", side, rest);
        }
        "password" => harness.clients[0].password = rest.to_owned(),
        "freeze" => harness.clients[0].frozen = true,
        "late" => harness.clients[0].late = rest.parse().unwrap(),
        "thaw" => harness.clients[0].frozen = false,
        "crash" => harness.crash(0, 99),
        "reload" => harness.reload(0, 98),
        "token" => harness.clients[0].token = Some(rest.parse().unwrap()),
        "subscribe" => harness.command(0, Command::Subscribe(rest.to_owned())),
        "unsubscribe" => harness.command(0, Command::Unsubscribe(rest.to_owned())),
        "resume" => harness.command(0, Command::Resume),
        "move" if rest.is_empty() => harness.command(0, Command::Move),
        "move" => {
            let within = Duration::from_secs(rest.trim_start_matches("within ").parse().unwrap());
            harness.command(0, Command::MoveWithin(within));
        }
        "close" => harness.command(0, Command::Close),
        "page" => harness.page(0, page(rest)),
        other => panic!("the story says {other:?}, which nobody understands"),
    }
}

fn page(word: &str) -> PageEvent {
    match word {
        "hidden" => PageEvent::Hidden,
        "visible" => PageEvent::Visible,
        "frozen" => PageEvent::Frozen,
        "resumed" => PageEvent::Resumed,
        "left" => PageEvent::PageHide,
        "shown" => PageEvent::PageShow,
        "online" => PageEvent::Online,
        "offline" => PageEvent::Offline,
        other => panic!("no page event {other:?}"),
    }
}

fn tell(text: &str) -> String {
    let story = parse(text);
    let mut harness = Harness::new(story.config, 1);
    let host = |side: &&str| Host { rest: format!("http://{side}.test/as/1001"), ..Host::default() };
    let config = Config {
        hosts: story.hosts.iter().map(host).collect(),
        user: "1001".to_owned(),
        transport: story.transport,
        expected_agents: story.expected,
        home: story.home,
        stays: story.stays,
        seed: 1,
        ..Config::default()
    };
    harness.add_with("1001", config);
    harness.clients[0].token = story.token;
    if let Some(password) = story.password {
        harness.clients[0].password = password;
    }
    let mut told = String::new();
    let mut shown = 0;
    for (at, what) in &story.steps {
        harness.run(*at);
        show(&harness, &mut shown, &mut told);
        writeln!(told, "== {what}").unwrap();
        step(&mut harness, what);
        show(&harness, &mut shown, &mut told);
    }
    let client = &harness.clients[0];
    writeln!(
        told,
        "-- {} {}; agent {}; calls {:?}",
        harness.state(0).as_str(),
        harness.side(0),
        client.user_state.as_deref().unwrap_or("unknown"),
        client.dialogs.values().collect::<Vec<_>>()
    )
    .unwrap();
    writeln!(told, "-- {}", client.keeper.explain()).unwrap();
    let report = harness.world.report(harness.now);
    writeln!(
        told,
        "-- forced logouts: {}; refused: {}; asked for credentials: {}",
        report.forced_logouts.len(),
        report.refusals.len(),
        client.questions
    )
    .unwrap();
    if client.token.is_some() {
        writeln!(told, "-- asked because: {}", client.reasons.join(", ")).unwrap();
    }
    assert_eq!(harness.secrets_seen, Vec::<String>::new());
    assert_eq!(harness.foreign, Vec::<String>::new(), "something was sent to a host that is not configured");
    told
}

fn show(harness: &Harness, shown: &mut usize, told: &mut String) {
    let log = &harness.clients[0].log;
    for line in &log[*shown..] {
        writeln!(told, "{line}").unwrap();
    }
    *shown = log.len();
}

#[test]
fn stories_are_told_as_written() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    assert!(paths.len() >= 25, "stories are missing");
    let mut wrong = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let (above, below) = text.split_once("---\n").unwrap_or((&text, ""));
        let told = tell(above);
        assert_eq!(told, tell(above), "{}: two runs differ", path.display());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, format!("{above}---\n{told}")).unwrap();
        } else if told != below {
            let first = told.lines().zip(below.lines()).find(|(a, b)| a != b);
            wrong.push(format!("{}: {first:?}", path.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(
        wrong.is_empty(),
        "told otherwise than written (UPDATE=1 writes them anew):\n{}",
        wrong.join("\n")
    );
}
