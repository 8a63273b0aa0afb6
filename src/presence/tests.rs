use super::*;
use crate::finesse;
use crate::time::Instant;

const CCE: Teller = Teller { ahead: Some(1_000), ccx: false };
const EXPRESS: Teller = Teller { ahead: Some(1_000), ccx: true };

fn at(seconds: u64) -> WallTime {
    WallTime::from_millis(seconds * 1_000)
}

/// Our monotonic clock began 1 s after the epoch.
fn now(seconds: u64) -> Now {
    Now { instant: Instant::from_millis((seconds - 1) * 1_000), wall: at(seconds) }
}

/// An agent in a state since then, for a reason with this code.
fn user(state: &str, since: u64, code: Option<i64>) -> Object {
    let code = code.map_or(String::new(), |code| format!("<ReasonCode><code>{code}</code></ReasonCode>"));
    let since = finesse::time::format(since * 1_000);
    let phone = if state == "LOGOUT" { "" } else { "2001" };
    let xml = format!(
        "<User><state>{state}</state><stateChangeTime>{since}</stateChangeTime>{code}\
         <extension>{phone}</extension></User>"
    );
    finesse::parse(User::SHAPE, &xml).unwrap()
}

/// Chose Ready here at 5 s, was last seen on side a at 10 s, and is back there at 100 s.
fn back(policy: Policy) -> Presence<char> {
    let mut it = Presence::new(policy);
    it.clock.seen('a', at(1));
    assert_eq!(it.on_user(&user("READY", 5, None), CCE, now(5)), None);
    it.chose(true);
    it.clock.seen('a', at(10));
    it.clock.absent();
    it.clock.seen('a', at(100));
    it
}

fn forced(it: &mut Presence<char>) -> bool {
    it.on_user(&user("LOGOUT", 75, Some(50_002)), CCE, now(200)).unwrap().resumable
}

/// Goes on as long as each step succeeds, and tells how it ends.
fn run(it: &mut Presence<char>) -> (Vec<Step>, Option<End>) {
    let mut steps = Vec::new();
    while let Some(step) = it.next_step(WallTime::default()) {
        steps.push(step);
        let state = if step == Step::Ready { "READY" } else { "NOT_READY" };
        assert_eq!(it.on_user(&user(state, 101, None), CCE, now(101)), None);
        it.settled(true, false);
    }
    (steps, it.poll_end())
}

#[test]
fn what_was_chosen_here_is_given_back_to_who_is_there() {
    let mut it = back(Policy::Ask);
    it.touched(at(50));
    let out = it.on_user(&user("LOGOUT", 75, Some(50_002)), CCE, now(100));
    let expected =
        SignedOut { by: By::Connection, code: 50_002, resumable: true, not_ready: false, at: at(75) };
    assert_eq!(out, Some(expected));
    assert_eq!(it.on_user(&user("LOGOUT", 75, Some(50_002)), CCE, now(101)), None, "told once");
    assert_eq!(it.next_step(WallTime::default()), None, "not before the application says so");
    assert!(it.accept() && !it.accept());
    assert_eq!(run(&mut it), (vec![Step::SignIn, Step::Ready], Some(End::Ready)));
    assert_eq!(it.signed_in().unwrap().text(User::EXTENSION), "2001");
    assert!(it.chose_ready, "and counts as chosen here from now on");
}

#[test]
fn each_condition_alone_leaves_the_agent_not_ready() {
    type Change = fn(&mut Presence<char>);
    let cases: [(Why, Change); 7] = [
        (Why::Untouched, |it| it.touched = None),
        (Why::Untouched, |it| it.touched = Some(at(9))),
        (Why::NotChosenHere, |it| it.chose(false)),
        (Why::NotChosenHere, |it| {
            it.on_user(&user("NOT_READY", 90, Some(999)), CCE, now(100));
            it.on_user(&user("READY", 91, None), CCE, now(100));
        }),
        (Why::WrapUp, |it| assert_eq!(it.on_user(&user("WORK", 70, None), CCE, now(100)), None)),
        (Why::Slept, |it| {
            it.clock = Clock::default();
            it.clock.seen('a', at(10));
            it.clock.absent();
            it.slept();
            it.clock.seen('a', at(100));
        }),
        (Why::AwayTooLong, |it| {
            it.clock = Clock::default();
            it.clock.seen('a', at(10));
            it.clock.absent();
            it.clock.seen('a', at(191));
        }),
    ];
    for (number, (why, change)) in cases.into_iter().enumerate() {
        let mut it = back(Policy::Always);
        it.touched(at(50));
        change(&mut it);
        assert!(forced(&mut it), "case {number}");
        assert_eq!(run(&mut it), (vec![Step::SignIn], Some(End::NotReady(why))), "case {number}");
    }
}

#[test]
fn calls_in_between_change_no_choice() {
    let mut it = back(Policy::Always);
    it.touched(at(50));
    for state in ["RESERVED", "TALKING", "HOLD", "WORK_READY", "READY"] {
        assert_eq!(it.on_user(&user(state, 70, None), CCE, now(100)), None);
    }
    assert!(forced(&mut it));
    assert_eq!(run(&mut it).1, Some(End::Ready));
}

#[test]
fn the_milder_form_needs_no_sign_in() {
    let mut it = back(Policy::Ask);
    it.touched(at(50));
    let out = it.on_user(&user("NOT_READY", 75, Some(50_002)), CCE, now(100)).unwrap();
    assert!(out.not_ready && out.resumable && it.accept());
    assert_eq!(run(&mut it), (vec![Step::Ready], Some(End::Ready)));
    // of one who was Not Ready anyway it is no news, and of one who did not choose Ready here nothing can be given back
    let mut it = back(Policy::Ask);
    it.on_user(&user("NOT_READY", 60, None), CCE, now(100));
    assert_eq!(it.on_user(&user("NOT_READY", 75, Some(50_002)), CCE, now(100)), None);
    let mut it = back(Policy::Ask);
    it.chose(false);
    assert!(!it.on_user(&user("NOT_READY", 75, Some(50_002)), CCE, now(100)).unwrap().resumable);
    // on CCX there is no such form
    assert_eq!(back(Policy::Ask).on_user(&user("NOT_READY", 75, Some(255)), EXPRESS, now(100)), None);
}

#[test]
fn only_what_came_for_our_absence_may_be_undone() {
    let resumable = |code, since, teller: Teller| {
        let out = back(Policy::Ask).on_user(&user("LOGOUT", since, Some(code)), teller, now(100));
        out.map(|out| (out.by, out.resumable))
    };
    for code in [255, 50_001, 50_002] {
        assert_eq!(resumable(code, 75, CCE), Some((By::Connection, true)));
        assert_eq!(resumable(code, 75, EXPRESS), Some((By::Connection, code == 255)));
        assert_eq!(resumable(code, 60, CCE), Some((By::Connection, false)), "before Finesse may act");
        assert_eq!(resumable(code, 106, CCE), Some((By::Connection, false)), "after we were back");
        assert_eq!(resumable(code, 75, Teller { ahead: None, ..CCE }), Some((By::Connection, false)));
        // the server's clock is 1,000 s ahead: what it says of 1,075 was at 75
        let ahead = Teller { ahead: Some(1_001_000), ..CCE };
        assert_eq!(resumable(code, 1_075, ahead), Some((By::Connection, true)));
        assert_eq!(resumable(code, 75, ahead), Some((By::Connection, false)));
    }
    for code in [20_002, 50_003, 50_004, 50_020, 50_030, 50_040, 50_042] {
        assert_eq!(resumable(code, 75, CCE), Some((By::System, false)));
    }
    assert_eq!(resumable(999, 75, CCE), Some((By::Supervisor, false)));
    assert_eq!(resumable(33, 75, EXPRESS), Some((By::Supervisor, false)));
    // an administrator's code, given by the agent: nobody else did it
    assert_eq!(resumable(33, 75, CCE), None);
    assert_eq!(resumable(-1, 75, CCE), None);
}

#[test]
fn never_is_never() {
    let mut it = back(Policy::Never);
    assert!(!forced(&mut it) && !it.accept());
    assert_eq!(run(&mut it), (vec![], None));
}

#[test]
fn what_is_seen_first_is_no_news_unless_it_was_to_be_expected() {
    let mut it: Presence<char> = Presence::new(Policy::Always);
    assert_eq!(it.on_user(&user("LOGOUT", 75, Some(255)), CCE, now(100)), None);
    let mut it: Presence<char> = Presence::new(Policy::Always);
    it.clock.restore('a', at(10), at(70), Some(at(190)));
    let out = it.on_user(&user("LOGOUT", 75, Some(255)), CCE, now(100)).unwrap();
    assert!(!out.resumable, "nobody knows with which telephone");
    assert_eq!(it.next_step(WallTime::default()), None);
}

#[test]
fn someone_else_may_be_quicker() {
    let mut it = back(Policy::Ask);
    assert!(forced(&mut it));
    it.on_user(&user("NOT_READY", 110, None), CCE, now(110));
    assert!(!it.accept());
    let mut it = back(Policy::Always);
    assert!(forced(&mut it));
    it.on_user(&user("NOT_READY", 110, None), CCE, now(110));
    assert_eq!(run(&mut it), (vec![], Some(End::NotReady(Why::Changed))));
}

#[test]
fn a_sign_in_is_tried_three_times_and_a_refusal_is_the_end() {
    let mut it = back(Policy::Always);
    assert!(forced(&mut it));
    for _ in 0..3 {
        assert_eq!(it.next_step(WallTime::default()), Some(Step::SignIn));
        assert_eq!(it.next_step(WallTime::default()), None, "one at a time");
        it.settled(false, true);
    }
    assert_eq!((it.next_step(WallTime::default()), it.poll_end()), (None, Some(End::Failed)));
    let mut it = back(Policy::Always);
    assert!(forced(&mut it));
    assert_eq!(it.next_step(WallTime::default()), Some(Step::SignIn));
    it.settled(false, false);
    assert_eq!((it.next_step(WallTime::default()), it.poll_end()), (None, Some(End::Failed)));
}

#[test]
fn a_sign_in_whose_answer_was_lost_is_ours_all_the_same() {
    let mut it = back(Policy::Always);
    it.touched(at(50));
    assert!(forced(&mut it));
    it.next_step(WallTime::default());
    it.settled(false, true);
    it.on_user(&user("NOT_READY", 110, None), CCE, now(110));
    assert_eq!(run(&mut it), (vec![Step::Ready], Some(End::Ready)));
}

#[test]
fn a_refused_ready_is_said() {
    let mut it = back(Policy::Always);
    it.touched(at(50));
    assert!(forced(&mut it));
    it.next_step(WallTime::default());
    it.on_user(&user("NOT_READY", 101, None), CCE, now(101));
    it.settled(true, false);
    assert_eq!(it.next_step(WallTime::default()), Some(Step::Ready));
    it.settled(false, false);
    assert_eq!(it.poll_end(), Some(End::NotReady(Why::Refused)));
}

#[test]
fn there_is_nobody_to_sign_out_who_is_signed_out() {
    let mut it = back(Policy::Ask);
    it.clock.absent();
    assert!(it.window(at(120)).is_some());
    it.on_user(&user("LOGOUT", 110, None), CCE, now(120));
    assert!(it.window(at(120)).is_none());
}

#[test]
fn another_sign_out_is_not_the_one_that_may_be_undone() {
    for policy in [Policy::Ask, Policy::Always] {
        let mut it = back(policy);
        assert!(forced(&mut it));
        it.accept();
        assert_eq!(it.next_step(at(201)), Some(Step::SignIn));
        it.settled(false, true); // lost on the way; it came true, and a supervisor signed the agent out
        let out = it.on_user(&user("LOGOUT", 210, Some(999)), CCE, now(220)).unwrap();
        assert_eq!((out.by, out.resumable), (By::Supervisor, false));
        assert_eq!((it.next_step(at(221)), it.accept()), (None, false));
    }
}

#[test]
fn who_was_away_again_for_long_is_not_made_ready() {
    for (since, slept, expected) in
        [(300, false, None), (381, false, Some(Why::AwayTooLong)), (300, true, Some(Why::Slept))]
    {
        let mut it = back(Policy::Always);
        it.touched(at(150));
        assert!(forced(&mut it));
        assert_eq!(it.next_step(at(200)), Some(Step::SignIn));
        it.settled(false, true);
        it.absent(at(200));
        if slept {
            it.slept();
        }
        it.clock.seen('a', at(since));
        it.on_user(&user("NOT_READY", 202, None), CCE, now(since));
        let ready = it.next_step(at(since)) == Some(Step::Ready);
        let end = it.poll_end();
        assert_eq!((ready, end), (expected.is_none(), expected.map(End::NotReady)));
    }
}
