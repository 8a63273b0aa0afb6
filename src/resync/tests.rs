//! What is told of what comes and of what is read.

use super::*;

const USER: &str = "/finesse/api/User/1001";
const CALLS: &str = "/finesse/api/User/1001/Dialogs";
const TASKS: &str = "/finesse/api/User/1001/Dialogs/Media";
const TEAM: &str = "/finesse/api/Team/5/Users";

/// A call with participants, each a number and the time of its last change.
fn call(ends: &[(&str, &str)]) -> String {
    let end = |(number, time): &(&str, &str)| {
        format!(
            "<Participant><mediaAddress>{number}</mediaAddress>\
             <stateChangeTime>2026-01-01T00:00:{time}Z</stateChangeTime></Participant>"
        )
    };
    let ends: String = ends.iter().map(end).collect();
    format!("<Dialog><id>7</id><state>ACTIVE</state><participants>{ends}</participants></Dialog>")
}

fn calls(calls: &[String]) -> String {
    format!("<Dialogs>{}</Dialogs>", calls.concat())
}

/// An agent whose state began then.
fn agent(id: &str, state: &str, time: &str) -> String {
    format!(
        "<User><loginId>{id}</loginId><state>{state}</state>\
         <stateChangeTime>2026-01-01T00:00:{time}Z</stateChangeTime></User>"
    )
}

fn team(agents: &[String]) -> String {
    format!("<Team><uri>/finesse/api/Team/5</uri><id>5</id><users>{}</users></Team>", agents.concat())
}

fn medium(limit: u32, state: &str) -> String {
    format!(
        "<Media><uri>/finesse/api/User/1001/Media/5001</uri><mrdId>5001</mrdId><state>{state}</state>\
         <maxDialogLimit>{limit}</maxDialogLimit>\
         <interruptAction>ACCEPT</interruptAction><dialogLogoutAction>CLOSE</dialogLogoutAction></Media>"
    )
}

struct Desk {
    resync: Resync,
    now: u64,
}

impl Desk {
    /// The agent and no calls were read.
    fn new() -> Self {
        let mut desk = Self { resync: Resync::new("1001"), now: 0 };
        desk.resync.begin(false, None);
        desk.own(&[], "NOT_READY", "00");
        desk
    }

    /// What both reads that begin a resync come to.
    fn own(&mut self, dialogs: &[String], state: &str, time: &str) -> Outcome {
        assert_eq!(self.resync.on_read(&Wanted::User, &agent("1001", state, time)), Ok(None));
        self.resync.on_read(&Wanted::Dialogs, &calls(dialogs)).unwrap().unwrap()
    }

    /// What a read of the one node that is due comes to.
    fn read(&mut self, body: &str) -> Outcome {
        let wanted = self.resync.next(None).expect("a read is due");
        self.resync.on_read(&wanted, body).unwrap().unwrap()
    }

    fn hear_with(&mut self, node: &str, event: &str, data: &str, request: &str, stored: bool) -> Vec<String> {
        let update = format!(
            "<Update><event>{event}</event><requestId>{request}</requestId><data>{data}</data></Update>"
        );
        let notification = Notification::parse(&update, node).unwrap();
        words(&self.resync.on_notification(notification, stored, Instant::from_millis(self.now)))
    }

    fn hear(&mut self, node: &str, event: &str, data: &str) -> Vec<String> {
        self.now += 1_000;
        self.hear_with(node, event, data, "", false)
    }

    /// Whether a notification is told.
    fn tells(&mut self, node: &str, event: &str, data: &str) -> bool {
        let told = self.hear(node, event, data);
        matches!(told.as_slice(), [one] if !one.starts_with("passed over"))
    }
}

/// What is told, briefly: event, kind, and what tells one object from another.
fn words(told: &[Told]) -> Vec<String> {
    let word = |told: &Told| match told {
        Told::Note(text) => text.clone(),
        Told::Notification(it) => {
            let xml = it.to_element().to_xml();
            let mut values = Vec::new();
            for field in ["state", "loginId", "stateChangeTime", "maxDialogLimit", "callsInQueue"] {
                let open = format!("<{field}>");
                let found = xml.split(&open).skip(1).filter_map(|rest| rest.split('<').next());
                values.extend(
                    found.map(|value| value.trim_start_matches("2026-01-01T00:00:").trim_end_matches('Z')),
                );
            }
            let mark = if it.synthetic { "*" } else { "" };
            format!("{}{mark} {} {}", it.event.as_str(), it.kind(), values.join(" "))
        }
    };
    told.iter().map(word).collect()
}

#[test]
fn only_the_own_calls_are_calls_of_the_agent() {
    let mut desk = Desk::new();
    for node in [TASKS, "/finesse/api/User/1002/Dialogs", "/finesse/api/User/10011/Dialogs"] {
        assert!(desk.tells(node, "POST", &calls(&[call(&[])])));
        assert!(!desk.resync.on_a_call());
        assert!(desk.tells(node, "DELETE", &calls(&[call(&[])])), "{node}: its end was swallowed");
    }
    assert!(desk.tells(CALLS, "POST", &calls(&[call(&[])])));
    assert!(desk.resync.on_a_call());
}

#[test]
fn a_call_that_loses_a_participant_is_no_old_news() {
    let mut desk = Desk::new();
    let (three, two) = (call(&[("1", "01"), ("2", "02"), ("3", "09")]), call(&[("1", "01"), ("2", "02")]));
    for data in [&three, &two, &three] {
        assert!(desk.tells(CALLS, "PUT", data), "{data}");
    }
    assert!(!desk.tells(CALLS, "PUT", &three), "it is known");
    assert!(!desk.tells(CALLS, "PUT", &call(&[("3", "08")])), "older than what is known");
}

#[test]
fn what_ended_began_and_changed_is_told_in_that_order_and_once() {
    let mut desk = Desk::new();
    let named = |id: &str, time: &str| call(&[("1", time)]).replace("<id>7<", &format!("<id>{id}<"));
    for id in ["1", "2"] {
        assert!(desk.tells(CALLS, "POST", &calls(&[named(id, "05")])));
    }
    desk.resync.begin(true, None);
    let outcome = desk.own(&[named("2", "06"), named("3", "07")], "READY", "08");
    let expected = [
        "DELETE* dialogs ACTIVE 05",
        "POST* dialogs ACTIVE 07",
        "PUT* dialog ACTIVE 06",
        "PUT* user READY 1001 08",
    ];
    assert_eq!(words(&outcome.told), expected);
    assert_eq!(outcome.changes, 4);
    desk.resync.begin(true, None);
    assert_eq!(desk.own(&[named("2", "06"), named("3", "07")], "READY", "08").told, []);
}

#[test]
fn what_comes_while_reading_is_told_once_and_never_undone_by_an_older_read() {
    let mut desk = Desk::new();
    assert!(desk.tells(CALLS, "POST", &calls(&[call(&[("1", "01")])])));
    desk.resync.begin(true, None);
    let steps = ["02", "03", "04"].map(|time| call(&[("1", time)]));
    for step in &steps {
        assert!(desk.hear(CALLS, "PUT", step).is_empty(), "told while reading");
    }
    // the server had come as far as the second of them when it was read
    let told = words(&desk.own(&[steps[1].clone()], "NOT_READY", "00").told);
    let expected = [
        "PUT* dialog ACTIVE 03",
        "passed over: read already ()",
        "passed over: known already ()",
        "PUT dialog ACTIVE 04",
    ];
    assert_eq!(told, expected);
}

#[test]
fn without_times_the_read_still_is_not_undone() {
    let mut desk = Desk::new();
    let queue = |waiting: u32| {
        format!(
            "<Queue><uri>/finesse/api/Queue/3</uri><statistics><callsInQueue>{waiting}</callsInQueue></statistics></Queue>"
        )
    };
    let node = "/finesse/api/Queue/3";
    assert!(desk.resync.follow(node));
    assert_eq!(words(&desk.read(&queue(1)).told), ["PUT* queue 1"]);
    desk.resync.begin(true, None);
    assert_eq!(desk.own(&[], "NOT_READY", "00").told, []);
    assert_eq!(desk.resync.next(None), Some(Wanted::Object(node.into())));
    for waiting in [2, 3, 2, 5] {
        assert!(desk.hear(node, "PUT", &queue(waiting)).is_empty());
    }
    let read = desk.resync.on_read(&Wanted::Object(node.into()), &queue(2)).unwrap().unwrap();
    let told: Vec<String> = words(&read.told).into_iter().filter(|it| !it.starts_with("passed")).collect();
    assert_eq!(told, ["PUT* queue 2", "PUT queue 5"]);
}

#[test]
fn the_end_of_a_call_is_told_once_though_it_comes_late_again() {
    let mut desk = Desk::new();
    assert!(desk.tells(CALLS, "POST", &calls(&[call(&[("1", "01")])])));
    desk.resync.begin(true, None);
    let end = call(&[("1", "09")]);
    assert!(desk.hear(CALLS, "PUT", &end).is_empty());
    assert!(desk.hear(CALLS, "DELETE", &calls(std::slice::from_ref(&end))).is_empty());
    let told = words(&desk.own(&[], "NOT_READY", "09").told);
    let expected = [
        "DELETE* dialogs ACTIVE 01",
        "PUT* user NOT_READY 1001 09",
        "passed over: read already ()",
        "passed over: it has ended ()",
    ];
    assert_eq!(told, expected);
    for (event, data) in
        [("PUT", end.clone()), ("POST", calls(&[call(&[("1", "01")])])), ("DELETE", calls(&[end]))]
    {
        assert!(!desk.tells(CALLS, event, &data), "{event} brought it back");
    }
    assert!(desk.tells(CALLS, "POST", &calls(&[call(&[("1", "30")])])), "it was handed back");
    assert!(desk.tells(CALLS, "DELETE", &calls(&[call(&[("1", "31")])])));
}

#[test]
fn a_call_from_before_the_agents_state_is_read_and_not_believed() {
    let mut desk = Desk::new();
    desk.resync.begin(true, None);
    desk.own(&[], "READY", "20");
    assert!(!desk.tells(CALLS, "POST", &calls(&[call(&[("1", "10")])])));
    assert!(desk.resync.is_doubtful());
    assert_eq!(desk.resync.next(None), Some(Wanted::Dialogs));
    let read = desk.resync.on_read(&Wanted::Dialogs, &calls(&[])).unwrap().unwrap();
    assert_eq!(read.told, []);
    assert!(desk.tells(CALLS, "POST", &calls(&[call(&[("1", "20")])])), "this one began now");
}

#[test]
fn two_at_nearly_the_same_time_are_read_unless_their_times_tell() {
    let state = |state: &str, time: &str| agent("1001", state, time);
    for (second, gap, doubtful) in [
        (state("WORK", "05"), 10, true),
        (state("WORK", "05"), 11, true),
        (state("WORK", "06"), 5, false),
        (state("WORK", "04"), 5, false),
        (state("TALKING", "05"), 5, false),
    ] {
        let mut desk = Desk::new();
        assert!(desk.tells(USER, "PUT", &state("TALKING", "05")));
        desk.now += gap;
        desk.hear_with(USER, "PUT", &second, "", false);
        assert_eq!(desk.resync.is_doubtful(), doubtful, "{second} after {gap} ms");
        if doubtful {
            assert_eq!(desk.resync.next(None), Some(Wanted::User));
            let read = desk.resync.on_read(&Wanted::User, &state("TALKING", "05")).unwrap().unwrap();
            assert_eq!(words(&read.told), ["PUT* user TALKING 1001 05"]);
        }
    }
}

#[test]
fn what_is_known_is_told_again_only_as_an_answer() {
    let mut desk = Desk::new();
    let data = agent("1001", "NOT_READY", "00");
    assert_eq!(desk.hear(USER, "PUT", &data), ["passed over: known already ()"]);
    assert_eq!(desk.hear_with(USER, "PUT", &data, "r-1", false), ["PUT user NOT_READY 1001 00"]);
    assert_eq!(desk.hear_with(USER, "PUT", &data, "r-1", true), ["passed over: known already ()"]);
}

#[test]
fn of_a_team_those_are_told_who_differ() {
    let mut desk = Desk::new();
    let all = |second: &str| {
        team(&[agent("1", "READY", "01"), agent("2", second, "05"), agent("3", "READY", "03")])
    };
    assert!(desk.resync.follow(TEAM));
    assert_eq!(desk.resync.next(None), Some(Wanted::Object("/finesse/api/Team/5".into())));
    let read = desk.resync.on_read(&Wanted::Object(String::new()), &all("READY")).unwrap().unwrap();
    assert_eq!(words(&read.told), ["PUT* team READY READY READY 1 2 3 01 05 03"]);
    // what REST alone gives is no difference
    let plain = all("READY").replace("<state>", "<extension>2001</extension><state>");
    for (body, told) in
        [(all("READY"), None), (plain, None), (all("TALKING"), Some("PUT* team TALKING 2 05"))]
    {
        desk.resync.begin(true, None);
        assert_eq!(desk.own(&[], "NOT_READY", "00").told, []);
        assert_eq!(words(&desk.read(&body).told), told.into_iter().collect::<Vec<_>>());
    }
    desk.resync.begin(true, None);
    desk.own(&[], "NOT_READY", "00");
    let left = desk.read(&team(&[agent("1", "READY", "01"), agent("3", "READY", "03")]));
    assert_eq!(words(&left.told), ["DELETE* team TALKING 2 05"]);
}

#[test]
fn of_a_teams_notification_only_the_news_are_told() {
    let mut desk = Desk::new();
    desk.resync.follow(TEAM);
    desk.read(&team(&[agent("1", "READY", "05"), agent("2", "READY", "05")]));
    let late = team(&[agent("1", "TALKING", "04"), agent("2", "TALKING", "06")]);
    assert_eq!(desk.hear(TEAM, "PUT", &late), ["PUT team TALKING 2 06"]);
    assert!(!desk.tells(TEAM, "PUT", &agent("2", "READY", "05")));
    assert!(desk.tells(TEAM, "PUT", &agent("2", "READY", "07")));
}

#[test]
fn media_that_lost_their_settings_are_given_back_as_they_were() {
    let node = "/finesse/api/User/1001/Media";
    let list = |media: &str| format!("<MediaList>{media}</MediaList>");
    for (asked, gap, known, read, lost) in [
        (true, true, medium(5, "READY"), medium(1, "READY"), true),
        (true, true, medium(5, "READY"), medium(5, "NOT_READY"), false),
        (true, true, medium(5, "LOGOUT"), medium(1, "READY"), false),
        (true, true, medium(5, "READY"), medium(1, "LOGOUT"), false),
        (true, false, medium(5, "READY"), medium(1, "READY"), false),
        (false, true, medium(5, "READY"), medium(1, "READY"), false),
    ] {
        let mut desk = Desk::new();
        if asked {
            desk.resync.follow(node);
            desk.read(&list(""));
        }
        assert!(desk.tells(node, "PUT", &known));
        desk.resync.begin(gap, None);
        desk.own(&[], "NOT_READY", "00");
        let outcome = desk.read(&list(&read));
        assert_eq!(outcome.changes, 1);
        assert_eq!(outcome.forgotten.len(), usize::from(lost), "{known} {read}");
        assert!(
            outcome
                .forgotten
                .iter()
                .all(|media| media.number(crate::finesse::media::Media::MAX_DIALOG_LIMIT) == Some(5))
        );
    }
}

#[test]
fn what_cannot_be_read_is_left_as_it_is_and_said_once() {
    let mut desk = Desk::new();
    assert!(!desk.resync.can_follow("/finesse/api/TeamMessage/1"));
    assert!(desk.resync.follow(TEAM));
    for first in [true, false] {
        assert!(desk.resync.next(None).is_some());
        assert!(desk.hear(TEAM, "PUT", &agent("1", "READY", if first { "01" } else { "02" })).is_empty());
        let (told, node) = desk.resync.refuse();
        assert_eq!((told.len(), node.is_some()), (1, first));
        desk.resync.begin(true, None);
        desk.own(&[], "NOT_READY", "00");
    }
    desk.resync.unfollow(TEAM);
    assert_eq!(desk.resync.next(None), None);
}

#[test]
fn a_read_that_fails_costs_no_notification() {
    let mut desk = Desk::new();
    desk.resync.follow(TEAM);
    desk.resync.next(None);
    assert!(desk.hear(TEAM, "PUT", &agent("1", "READY", "01")).is_empty());
    assert_eq!(words(&desk.resync.fail()), ["PUT team READY 1 01"]);
    assert!(desk.resync.is_due());
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut desk = Desk::new();
    for team in 0..500 {
        desk.resync.follow(&format!("/finesse/api/Team/{team}/Users"));
    }
    assert_eq!(desk.resync.pictures.len(), limits::KNOWN_NODES);
    let name = "x".repeat(9_000);
    let agents: Vec<String> = (0..50).map(|id| agent(&format!("{id}"), &name, "01")).collect();
    while desk.resync.is_due() {
        assert!(desk.read(&team(&agents)).changes > 0);
    }
    let bytes: usize = desk.resync.pictures.iter().map(|picture| picture.bytes).sum();
    assert!(bytes <= limits::KNOWN_BYTES && bytes > limits::KNOWN_BYTES / 2, "{bytes}");
    assert!(desk.tells(USER, "PUT", &agent("1001", &name, "09")));
    assert!(!desk.tells(USER, "PUT", &agent("1001", &name, "08")), "the agent's own always has room");
}

#[test]
fn what_was_stored_is_read_again_unless_it_came_with_the_read() {
    let mut desk = Desk::new();
    let ring = calls(&[call(&[("1", "10")])]);
    desk.now = 1_000;
    assert!(desk.hear_with(CALLS, "POST", &ring, "", true)[0].starts_with("passed over"));
    assert!(desk.resync.is_doubtful(), "it may have begun since the read");
    desk.resync.begin(true, None);
    assert!(desk.hear_with(CALLS, "POST", &ring, "", true).is_empty());
    let told = words(&desk.own(&[], "NOT_READY", "00").told);
    assert_eq!(told, ["passed over: stored, and not shown to be newer ()"]);
    assert!(!desk.resync.is_doubtful());
}

#[test]
fn a_team_of_which_no_agent_is_told_is_told_each_time() {
    let mut desk = Desk::new();
    assert!(desk.resync.follow(TEAM));
    desk.resync.next(None);
    desk.resync.refuse();
    for _ in 0..2 {
        assert!(desk.tells(TEAM, "PUT", &team(&[])), "there is nothing that it could repeat");
    }
}
