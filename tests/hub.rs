//! Gadgets that share the connection of their container: what it says and does, whatever fails behind it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

mod harness;

use finesse_keeper::keeper::{Command, Config, Host, Snapshot, Transport, Way};
use finesse_keeper::recovery::{PageEvent, Reason, StateName};
use finesse_keeper::time::Zone;
use finesse_simulator as simulator;
use harness::Harness;
use harness::draw::Draw;
use harness::hub::{CONNECTION, REQUESTS};
use simulator::{AgentStep, CallStep, Fault, FaultSpec, Side};

const AGENT: &str = "1001";
const OTHER: &str = "1002";
const TEAM: &str = "/finesse/api/Team/1/Users";

/// A desktop in service, and so many gadgets of it that are in service too.
fn gadgets(count: u64) -> (Harness, Vec<usize>) {
    let config = simulator::Config { supervisors: vec![AGENT.to_owned()], ..simulator::Config::default() };
    let mut it = Harness::new(config, 3);
    let desktop = it.add(AGENT, 1, &["a"], 7);
    it.share(desktop);
    let all: Vec<usize> = (0..count).map(|n| it.add_gadget(AGENT, 100 + n)).collect();
    it.start(desktop);
    all.iter().for_each(|gadget| it.start(*gadget));
    in_service(&mut it, &all, 20_000);
    (it, all)
}

fn in_service(it: &mut Harness, gadgets: &[usize], within: u64) {
    let until = it.now + within;
    let well = |it: &Harness| gadgets.iter().all(|gadget| it.state(*gadget) == StateName::InService);
    assert!(it.run_to(until, well), "{}", it.clients[gadgets[0]].log.join("\n"));
}

/// What is shown is what is so.
fn check_truth(it: &Harness, gadget: usize) {
    let report = it.world.report(it.now);
    let agent = report.agents.iter().find(|agent| agent.id == AGENT).unwrap();
    let client = &it.clients[gadget];
    let log = client.log.join("\n");
    assert_eq!(client.user_state.as_deref(), Some(agent.state), "{log}");
    let true_calls: Vec<_> =
        agent.dialogs.iter().map(|call| (call.id.clone(), call.state.to_owned())).collect();
    assert_eq!(client.dialogs.clone().into_iter().collect::<Vec<_>>(), true_calls, "{log}");
}

#[test]
fn a_gadget_opens_nothing_and_changes_nothing() {
    let (mut it, all) = gadgets(2);
    let status = it.clients[all[0]].keeper.status();
    assert_eq!((status.transport, it.opened.len()), (Some(Way::Hub), 1), "the desktop's socket alone");
    it.call(AGENT, CallStep::Ring);
    it.call(AGENT, CallStep::Answer);
    it.run(it.now + 1_000);
    for gadget in &all {
        check_truth(&it, *gadget);
        assert!(
            it.clients[*gadget].sent.is_empty()
                && it.clients[*gadget].told.iter().any(|change| !change.synthetic)
        );
        it.command(*gadget, Command::Close);
    }
    it.run(it.now + 1_000);
    assert_eq!(it.state(0), StateName::InService, "the desktop goes on");
}

#[test]
fn each_failure_is_waited_for_and_then_all_is_read_again() {
    let failures = [
        Fault::NotificationServiceDown,
        Fault::NetworkLost,
        Fault::TomcatDown,
        Fault::WebAppDown,
        Fault::CtiLost,
    ];
    for failure in failures {
        let (mut it, all) = gadgets(2);
        let spec = FaultSpec::new(failure).lasting(30_000);
        it.fault(&if failure == Fault::NetworkLost { spec.of(AGENT) } else { spec.on(Side::A) });
        let stands_still = |it: &Harness| all.iter().all(|gadget| it.state(*gadget) == StateName::Waiting);
        assert!(
            it.run_to(it.now + 25_000, stands_still),
            "{failure:?}: {}",
            it.clients[all[0]].log.join("\n")
        );
        it.call(AGENT, CallStep::Ring);
        in_service(&mut it, &all, 60_000);
        it.run(it.now + 2_000);
        for gadget in &all {
            check_truth(&it, *gadget);
            let client = &it.clients[*gadget];
            assert!(
                client.heard.iter().any(|(_, what)| what == "resynced"),
                "{failure:?}: {}",
                client.log.join("\n")
            );
            assert_eq!(client.keeper.status().forced_logout, None);
            if failure == Fault::CtiLost {
                assert_eq!(client.keeper.status().cause, Some(Reason::Cti), "a container does not say why");
            }
        }
        assert!(all.iter().all(|gadget| it.clients[*gadget].moved.is_empty()));
    }
}

#[test]
fn what_another_gadget_unsubscribes_is_asked_for_again() {
    let (mut it, all) = gadgets(2);
    for gadget in &all {
        it.command(*gadget, Command::Subscribe(TEAM.to_owned()));
    }
    it.run(it.now + 1_000);
    it.command(all[1], Command::Unsubscribe(TEAM.to_owned()));
    it.run(it.now + 1_000);
    let heard = |it: &Harness, gadget: usize| {
        it.clients[gadget]
            .told
            .iter()
            .filter(|change| change.node == "Team/1/Users" && !change.synthetic)
            .count()
    };
    let before = (heard(&it, all[0]), heard(&it, all[1]));
    it.other(OTHER, AgentStep::Ready, None);
    it.run(it.now + 1_000);
    assert_eq!((heard(&it, all[0]) - before.0, heard(&it, all[1]) - before.1), (1, 0));
    assert!(it.clients[all[0]].log.iter().any(|line| line.contains("read again")), "what it missed is read");
}

#[test]
fn the_agents_own_nodes_are_heard_whatever_is_given_back() {
    let (mut it, all) = gadgets(1);
    let own = format!("/finesse/api/User/{AGENT}");
    it.command(all[0], Command::Subscribe(own.clone()));
    it.run(it.now + 1_000);
    it.command(all[0], Command::Unsubscribe(own));
    it.put_state(AGENT, Side::A, "READY");
    it.run(it.now + 1_000);
    let told = &it.clients[all[0]].told;
    assert!(told.iter().any(|change| change.state == "READY" && !change.synthetic));
    assert!(
        it.hub.requests.iter().all(|(request, _)| *request == "ConnectionInfoReq"),
        "the desktop has them anyway"
    );
}

#[test]
fn a_container_that_answers_nothing_costs_no_more_than_the_subscription() {
    let (mut it, all) = gadgets(1);
    it.hub.mute = true;
    it.command(all[0], Command::Subscribe(TEAM.to_owned()));
    it.run(it.now + 11_000);
    assert!(it.clients[all[0]].heard.iter().any(|(_, what)| what == "failed subscription-failed"));
    assert_eq!(it.state(all[0]), StateName::InService);
    it.hub.mute = false;
    it.say("failing");
    it.say("recovered");
    in_service(&mut it, &all, 5_000);
    it.other(OTHER, AgentStep::Ready, None);
    it.run(it.now + 1_000);
    assert!(it.clients[all[0]].told.iter().any(|change| change.node == "Team/1/Users"), "asked for again");
}

#[test]
fn every_word_has_its_meaning() {
    for word in ["connecting", "disconnected", "disconnecting", "reconnecting", "unloading", "failing"] {
        let (mut it, all) = gadgets(1);
        it.say(word);
        let status = it.clients[all[0]].keeper.status();
        assert_eq!((status.state, status.reason), (StateName::Waiting, Some(Reason::Container)), "{word}");
        it.say("connected");
        in_service(&mut it, &all, 5_000);
    }
    for (word, reason) in [("conflict", Reason::Conflict), ("unauthorized", Reason::CredentialsRefused)] {
        let (mut it, all) = gadgets(1);
        it.say(word);
        let status = it.clients[all[0]].keeper.status();
        assert_eq!((status.state, status.reason), (StateName::Waiting, Some(reason)), "{word}");
        assert!(it.clients[all[0]].keeper.explain(Zone::UTC).contains("is loaded again"), "{word}");
        it.say("disconnected");
        assert_eq!(it.clients[all[0]].keeper.status().reason, Some(reason), "{word}, and what follows it");
    }
    let (mut it, all) = gadgets(1);
    for word in ["loaded", "", "connected", "connected", "what is this"] {
        it.say(word);
        assert_eq!(it.state(all[0]), StateName::InService, "{word}");
    }
    assert!(it.clients[all[0]].log.iter().any(|line| line.contains("what is this")), "it is noted");
    assert!(!it.clients[all[0]].log.iter().any(|line| line.contains("read again")));
    it.say("recovered"); // that it was failing was not heard
    it.run(it.now + 2_000);
    assert!(it.clients[all[0]].log.iter().any(|line| line.contains("read again")));
}

#[test]
fn a_gadget_that_comes_in_the_middle_of_a_failure_waits_for_its_end() {
    let (mut it, _) = gadgets(1);
    it.say("failing");
    let late = it.add_gadget(AGENT, 9);
    it.start(late);
    it.run(it.now + 60_000);
    let status = it.clients[late].keeper.status();
    assert_eq!((status.state, status.reason), (StateName::Connecting, Some(Reason::Container)));
    it.say("recovered");
    in_service(&mut it, &[late], 5_000);
}

#[test]
fn presence_of_finesse_and_notices_count_as_everywhere() {
    let presence =
        |kind: &str| format!("<presence><from>finesse@fin.test/web</from><type>{kind}</type></presence>");
    let (mut it, all) = gadgets(1);
    it.publish("finesse.info.presence", &presence("unavailable"));
    assert_eq!(it.state(all[0]), StateName::Waiting);
    it.publish("finesse.info.presence", "<presence from='finesse@fin.test/other'/>");
    in_service(&mut it, &all, 20_000);
    let notice = "/finesse/api/SystemInfo<Update><event>PUT</event><data><systemInfo><status>OUT_OF_SERVICE</status></systemInfo></data></Update>";
    it.publish("finesse.api.SystemInfo", notice);
    assert_eq!(it.state(all[0]), StateName::Waiting);
}

#[test]
fn nonsense_on_any_topic_ends_nothing() {
    let topics = [
        CONNECTION,
        REQUESTS,
        "finesse.info.presence",
        "finesse.info.responses.keeper-1",
        "finesse.api.User.1001",
        "finesse.api.User.1001.Dialogs",
        "finesse.api.SystemInfo",
        "finesse.api.Team.1.Users",
        "else",
    ];
    let texts = [
        "",
        "<",
        "{",
        "null",
        "failing",
        "recovered",
        "connected",
        "UnsubscribeNodeReq /finesse/api/Team/1/Users",
        "SubscribeNodeReq",
        "<presence><from>finesse@</from><type>unavailable</type></presence>",
        "<presence/>",
        "<Update><event>PUT</event></Update>",
        "/finesse/api/User/1001<Update><data><user><state>READY",
        "\u{0}\u{ffff}",
    ];
    for seed in 0..200 {
        let (mut it, all) = gadgets(1);
        it.command(all[0], Command::Subscribe(TEAM.to_owned()));
        let mut draw = Draw::new(seed);
        for _ in 0..60 {
            it.publish(draw.one(&topics), draw.one(&texts));
            it.run(it.now + draw.between(0, 3_000));
        }
        in_service(&mut it, &all, 60_000);
        it.run(it.now + 130_000);
        check_truth(&it, all[0]);
    }
}

/// Anything that fails behind the container, or on its page, and heals.
fn happen(it: &mut Harness, draw: &mut Draw) {
    let fault = draw.one(&[
        Fault::SocketCut,
        Fault::NetworkLost,
        Fault::NotificationServiceDown,
        Fault::NotificationServiceFrozen,
        Fault::TomcatDown,
        Fault::WebAppDown,
        Fault::CtiLost,
        Fault::NodeDown,
        Fault::SlowStart,
    ]);
    let spec = FaultSpec::new(fault).lasting(100 + draw.below(40_000));
    match fault {
        Fault::SocketCut | Fault::NetworkLost => it.fault(&spec.of(AGENT)),
        _ => it.fault(&spec.on(Side::A)),
    };
    match draw.below(6) {
        0 => drop(it.call(AGENT, draw.one(&[CallStep::Ring, CallStep::Answer, CallStep::End]))),
        1 => drop(it.other(AGENT, draw.one(&[AgentStep::Ready, AgentStep::NotReady]), None)),
        2 => it.publish(CONNECTION, draw.one(&["failing", "recovered", "connected", "unloading", "?"])),
        _ => {}
    }
}

/// A storm, and what is left of it once all is healed and nobody says another word.
fn storm(seed: u64, losing: bool) {
    let (mut it, all) = gadgets(2);
    for gadget in &all {
        it.command(*gadget, Command::Subscribe(TEAM.to_owned()));
    }
    let mut draw = Draw::new(seed);
    it.hub.losing = losing.then(|| Draw::new(seed + 1));
    for _ in 0..12 {
        happen(&mut it, &mut draw);
        it.run(it.now + draw.between(200, 30_000));
    }
    it.hub.losing = None;
    it.heal_all();
    it.run(it.now + 60_000);
    in_service(&mut it, &all, 240_000);
    it.run(it.now + 240_000);
    all.iter().for_each(|gadget| check_truth(&it, *gadget));
    assert!(it.secrets_seen.is_empty() && it.foreign.is_empty(), "seed {seed}");
    assert!(
        all.iter().all(|gadget| it.clients[*gadget].sent.is_empty()),
        "seed {seed}: a gadget changed something"
    );
    assert!(it.hub.is_tidy(), "seed {seed}: somebody still listens for an answer");
    it.other(OTHER, AgentStep::Ready, None);
    it.run(it.now + 1_000);
    for gadget in &all {
        let client = &it.clients[*gadget];
        let team =
            client.told.iter().any(|change| change.node == "Team/1/Users" && change.at > it.now - 1_001);
        assert!(team, "seed {seed}: the team is not followed any more\n{}", client.log.join("\n"));
    }
}

#[test]
fn after_any_storm_every_gadget_shows_what_is_so() {
    (0..40).for_each(|seed| storm(seed, false));
}

#[test]
fn words_and_answers_that_are_lost_are_asked_for_again() {
    (100..140).for_each(|seed| storm(seed, true));
}

#[test]
fn one_finesse_that_comes_before_another_goes_is_there() {
    let presence = |who: &str, kind: &str| {
        format!("<presence><from>finesse@fin.test/{who}</from><type>{kind}</type></presence>")
    };
    let (mut it, all) = gadgets(1);
    it.publish("finesse.info.presence", &presence("new", ""));
    it.publish("finesse.info.presence", &presence("old", "unavailable"));
    assert_eq!(it.state(all[0]), StateName::InService);
    it.publish("finesse.info.presence", &presence("new", "unavailable"));
    assert_eq!(it.state(all[0]), StateName::Waiting);
}

/// A stale password in the container's configuration, and an application that resumes whenever it can.
#[test]
fn gadgets_never_lock_their_agent_out() {
    let (mut it, _) = gadgets(1);
    let stale = it.add_gadget(AGENT, 9);
    it.clients[stale].password = "stale".to_owned();
    it.start(stale);
    for _ in 0..600 {
        it.run(it.now + 1_000);
        if it.state(stale) == StateName::Stopped {
            it.command(stale, Command::Resume);
        }
    }
    let refusals: Vec<u64> = it.world.report(it.now).refusals.iter().map(|refusal| refusal.at).collect();
    assert!(refusals.len() >= 3, "{}", it.clients[stale].log.join("\n"));
    assert!(refusals.windows(4).all(|four| four[3] - four[0] >= 300_000), "{refusals:?}");
}

#[test]
fn the_desktop_is_what_finesse_sees() {
    let (mut it, all) = gadgets(1);
    it.say("failing");
    it.run(it.now + 5_000);
    assert_eq!(it.clients[all[0]].keeper.status().forced_logout, None);
    it.page(all[0], PageEvent::PageHide);
    assert_eq!(it.clients[all[0]].keeper.status().forced_logout, None);
    assert!(!it.clients[all[0]].log.iter().any(|line| line.contains("may force")));
}

#[test]
fn the_way_of_a_gadget_is_not_remembered() {
    let (it, all) = gadgets(1);
    let text = it.clients[all[0]].keeper.memory().to_text();
    assert!(!text.contains("hub"), "{text}");
    let forged = Snapshot::from_text(&text.replace("\nr ", "\na hub\nr "));
    assert!(!forged.to_text().contains("hub"));
}

#[test]
fn what_is_too_large_is_not_taken_in_and_read_instead() {
    let (mut it, all) = gadgets(1);
    it.publish_too_much("finesse.api.User.1001");
    it.run(it.now + 30_000);
    let client = &it.clients[all[0]];
    assert!(client.heard.iter().any(|(_, what)| what == "failed bad-frame"), "{}", client.log.join("\n"));
    assert!(client.heard.iter().any(|(_, what)| what == "resynced"), "{}", client.log.join("\n"));
    assert_eq!(it.state(all[0]), StateName::InService);
}

#[test]
fn a_gadget_has_one_server() {
    let host = |name: &str| Host { rest: format!("http://{name}"), ..Host::default() };
    let config = Config {
        hosts: vec![host("a"), host("b")],
        user: AGENT.into(),
        transport: Transport::Hub,
        ..Config::default()
    };
    assert_eq!(config.checked().unwrap_err().field, "hosts");
}
