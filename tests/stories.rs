//! Recovery, told as text: faults and times in, the product's own timeline out.
//!
//! `tests/stories/*.txt`: lines of what happens above `---`, the timeline below it. `UPDATE=1 cargo test --test stories`
//! writes the lower part anew; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed on demand")]

mod harness;

use finesse_keeper::effect::Method;
use finesse_keeper::keeper::{Command, Config, Host, Transport};
use finesse_keeper::presence::Policy;
use finesse_keeper::recovery::{self, PageEvent};
use finesse_keeper::requests::{Ask, SignIn};
use finesse_keeper::secret::Secret;
use finesse_keeper::time::{Duration, Zone};
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
    resume: Policy,
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
        resume: Policy::Ask,
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
            "supervisor" => {
                story.config.agents.push("1002".to_owned());
                story.config.supervisors = vec!["1001".to_owned()];
            }
            "colleague" => story.config.agents.push("1002".to_owned()),
            "ccx" => story.config.deployment = simulator::Deployment::Uccx,
            "load" if rest.trim() == "0" => story.config.load = simulator::Load::NotReady,
            "load" => story.config.load = simulator::Load::Logout,
            "resume" if rest.trim() == "always" => story.resume = Policy::Always,
            "resume" => story.resume = Policy::Never,
            "password" => story.password = Some(rest.trim().to_owned()),
            "rtt" => story.config.rtt_ms = rest.trim().parse().unwrap(),
            "cti" => story.config.cti_ms = rest.trim().parse().unwrap(),
            "signed-out" => story.config.signed_in = false,
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
        "colleague" => match rest {
            "ring" => assert!(harness.call("1002", CallStep::Ring)),
            "answer" => assert!(harness.call("1002", CallStep::Answer)),
            "hangup" => assert!(harness.call("1002", CallStep::End)),
            state => harness.put_state("1002", Side::A, state),
        },
        "medium" => {
            let side = if harness.side(0) == "B" { Side::B } else { Side::A };
            harness.put_medium("1001", side, "5001", rest);
        }
        "offer" => assert!(harness.call("1001", CallStep::Offer)),
        "accept" => assert!(harness.call("1001", CallStep::Accept)),
        "close-task" => assert!(harness.call("1001", CallStep::Close)),
        "ring" => assert!(harness.call("1001", CallStep::Ring)),
        "answer" => assert!(harness.call("1001", CallStep::Answer)),
        "hangup" => assert!(harness.call("1001", CallStep::End)),
        "agent" => {
            let side = if harness.side(0) == "B" { Side::B } else { Side::A };
            harness.put_state("1001", side, rest);
        }
        "sign-in" | "set-state" | "sign-out" | "call" | "request" => ask(harness, word, rest),
        "give-up" => harness.command(0, Command::GiveUp(rest.parse().unwrap())),
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
        "touch" => harness.touch(0),
        "undo" => harness.command(0, Command::SignInAgain),
        "other" => other(harness, rest),
        "page" => harness.page(0, page(rest)),
        other => panic!("the story says {other:?}, which nobody understands"),
    }
}

/// The application asks through its keeper: `sign-in EXTENSION`, `set-state STATE [REASON]`, `sign-out [REASON]`,
/// `call ACTION` for the call it knows of, `request METHOD PATH [BODY]`.
fn ask(harness: &mut Harness, word: &str, rest: &str) {
    let mut words = rest.splitn(3, ' ').map(str::to_owned);
    let mut next = || words.next().filter(|word| !word.is_empty());
    let ask = match word {
        "sign-in" => Ask::SignIn(SignIn { extension: next().unwrap_or_default(), ..SignIn::default() }),
        "set-state" => Ask::State { state: next().unwrap_or_default(), reason: next() },
        "sign-out" => Ask::State { state: "LOGOUT".to_owned(), reason: next() },
        "call" => {
            let call = harness.clients[0].dialogs.keys().last().cloned().unwrap_or_default();
            let body = format!("<Dialog><requestedAction>{rest}</requestedAction></Dialog>");
            let path = format!("/finesse/api/Dialog/{call}");
            Ask::Any { method: Method::Put, path, body: Some(Secret::new(body)) }
        }
        _ => Ask::Any {
            method: match next().as_deref() {
                Some("PUT") => Method::Put,
                Some("POST") => Method::Post,
                Some("DELETE") => Method::Delete,
                _ => Method::Get,
            },
            path: next().unwrap_or_default(),
            body: next().map(Secret::new),
        },
    };
    harness.ask(0, ask);
}

/// Someone else: `other logout|not-ready|ready|work|forced-logout [CODE]`.
fn other(harness: &mut Harness, rest: &str) {
    let (word, code) = rest.split_once(' ').map_or((rest, None), |(word, code)| (word, Some(code)));
    let step = serde_json::from_str(&format!("{word:?}")).unwrap();
    assert!(harness.other("1001", step, code.map(|code| code.parse().unwrap())));
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
        resume: story.resume,
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
    for (what, state) in &client.others {
        writeln!(told, "-- {what} {state}").unwrap();
    }
    writeln!(told, "-- {}", client.keeper.explain(Zone::UTC)).unwrap();
    let report = harness.world.report(harness.now);
    writeln!(
        told,
        "-- forced logouts: {}; refused: {}; asked for credentials: {}",
        report.forced_logouts.len(),
        report.refusals.len(),
        client.questions
    )
    .unwrap();
    for asked in &client.asked {
        let (at, id, _) = asked.settled.clone().unwrap();
        let (word, took, world) = (asked.word(), at - asked.at, harness.world_made_of(&id));
        writeln!(told, "-- request {}: {word} after {took} ms; in the world: {world}", asked.number).unwrap();
    }
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
