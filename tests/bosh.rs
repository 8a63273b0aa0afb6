//! Random BOSH worlds: a session over a network that loses, delays, repeats and reorders, with a service that restarts.
//! While the service keeps the session no stanza is lost or seen twice, and whatever happens it ends in a session.
//!
//! `WORLDS=100000 cargo test --release --test bosh` runs more; `SEED=17 cargo test --test bosh` runs one and prints it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::print_stdout, reason = "small numbers, printed on demand")]

use finesse_keeper::effect::{
    Answer, Credentials, Effect, Number, Numbers, Request, RequestFailure, Response,
};
use finesse_keeper::link::Link;
use finesse_keeper::link::bosh::BoshLink;
use finesse_keeper::map::Map;
use finesse_keeper::rng::Rng;
use finesse_keeper::secret::Secret;
use finesse_keeper::session::{CONNECT, Event, Session, Setup};
use finesse_keeper::time::{Duration, Instant};
use finesse_simulator::{Config, Fault, FaultSpec, Input, Output, Side, World};
use std::collections::BTreeMap;

/// The weather is bad until here.
const STORM: u64 = 40_000;
/// And then good for so long: the service may take a minute to forget a session, and we then try again.
const CALM: u64 = 65_000;
/// A session that pings have declared dead may come back so long, as its owner would wait.
const DEAD: u64 = 40_000;
/// The next session begins so long after one has ended.
const PAUSE: u64 = 500;
/// Something is published so often.
const PUBLISH: u64 = 1_000;

/// What befalls the service, or the way to it.
const FAULTS: [Fault; 8] = [
    Fault::NotificationServiceDown,
    Fault::NotificationServiceFrozen,
    Fault::SocketCut,
    Fault::BoshSessionLost,
    Fault::BoshResponseLost,
    Fault::BoshError,
    Fault::BoshWaitCut,
    Fault::OverActivity,
];

/// What the network does to requests and answers, in parts of a hundred and milliseconds.
struct Weather {
    rng: Rng,
    loss: u64,
    delay: u64,
    repeat: u64,
}

impl Weather {
    fn below(&mut self, bound: u64) -> u64 {
        self.rng.between(Duration::ZERO, Duration::from_millis(bound.max(1) - 1)).as_millis() as u64
    }

    fn strikes(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What is on its way.
enum Later {
    ToService(u64, Request),
    ToClient(Answer),
}

struct Bench {
    world: World,
    weather: Weather,
    numbers: Numbers,
    session: Session,
    /// So many sessions were begun.
    sessions: u32,
    ended: bool,
    /// When to begin another.
    again: Option<u64>,
    dead_since: Option<u64>,
    now: u64,
    next: u64,
    on_the_way: BTreeMap<(u64, u64), Later>,
    /// Requests that the service has, by its number, with ours; none where nobody waits for the answer.
    asked: BTreeMap<u64, Option<Number>>,
    under_way: Vec<Number>,
    /// When the last request reaches the service.
    arrived: u64,
    requests: u64,
    published: u64,
    /// What each session heard.
    heard: Vec<(u32, u64)>,
    /// The session said that something may be missing: then the next may leave a hole.
    missed: bool,
    log: Vec<String>,
}

impl Bench {
    fn new(seed: u64) -> Self {
        let mut weather = Weather { rng: Rng::new(seed), loss: 0, delay: 0, repeat: 0 };
        (weather.loss, weather.repeat) = (weather.below(25), weather.below(20));
        weather.delay = [0, 20, 300, 1_000][weather.below(4) as usize];
        let config = Config { agents: vec!["1001".into()], signed_in: true, ..Config::default() };
        let numbers = Numbers::default();
        let session = begin(&numbers, 1, Instant::from_millis(0));
        Self {
            world: World::new(config, seed),
            weather,
            numbers,
            session,
            sessions: 1,
            ended: false,
            again: None,
            dead_since: None,
            now: 0,
            next: 0,
            on_the_way: BTreeMap::new(),
            asked: BTreeMap::new(),
            under_way: Vec::new(),
            arrived: 0,
            requests: 0,
            published: 0,
            heard: Vec::new(),
            missed: false,
            log: Vec::new(),
        }
    }

    fn say(&mut self, text: &str) {
        self.log.push(format!("{:>7} {text}", self.now));
    }

    fn run(&mut self) {
        let mut publish = 1_000;
        let mut strike = 5_000;
        self.drain();
        loop {
            let session = self.session.poll_timeout().map(|(at, _)| at.as_millis());
            let network = self.on_the_way.keys().next().map(|(at, _)| *at);
            let due = [Some(publish), Some(strike), self.again, session, network, self.world.poll_timeout()];
            let at = due.into_iter().flatten().min().unwrap().max(self.now);
            if at > STORM + CALM || (at > STORM + 10_000 && self.is_well()) {
                break;
            }
            if self.now < STORM && at >= STORM {
                (self.weather.loss, self.weather.delay, self.weather.repeat) = (0, 0, 0);
                self.world.heal_all(at);
            }
            self.now = at;
            assert!(
                self.requests < 20_000,
                "requests without end\n{}",
                self.log[self.log.len() - 30..].join("\n")
            );
            if at >= publish {
                publish += PUBLISH;
                if at < STORM + 8_000 {
                    let count = 1 + self.weather.below(3) as u32;
                    self.published += u64::from(count);
                    self.world.burst("1001", count, at).unwrap();
                }
            }
            if at >= strike {
                strike += 3_000 + self.weather.below(20_000);
                if at < STORM {
                    self.strike();
                }
            }
            self.world.handle_timeout(at);
            self.session.handle_timeout(Instant::from_millis(at));
            while let Some(entry) = self.on_the_way.first_entry().filter(|entry| entry.key().0 <= at) {
                match entry.remove() {
                    Later::ToService(id, request) => self.world.handle_input(post(id, request), at),
                    Later::ToClient(answer) => {
                        self.session.handle(&answer, Instant::from_millis(at));
                    }
                }
                self.drain();
            }
            self.drain();
            let gone = self.ended || self.dead_since.is_some_and(|since| at > since + DEAD);
            if gone && *self.again.get_or_insert(at + PAUSE) <= at {
                self.begin_again();
            }
        }
    }

    fn strike(&mut self) {
        let lasts = 100 + self.weather.below(6_000);
        let fault = FAULTS[self.weather.below(FAULTS.len() as u64) as usize];
        self.say(&format!("{fault:?} for {lasts} ms"));
        self.world.add_fault(&FaultSpec::new(fault).on(Side::A).lasting(lasts), self.now).unwrap();
    }

    fn begin_again(&mut self) {
        self.session.abandon();
        self.drain();
        self.sessions += 1;
        (self.ended, self.dead_since, self.again) = (false, None, None);
        self.say(&format!("session {}", self.sessions));
        self.session = begin(&self.numbers, self.sessions, Instant::from_millis(self.now));
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.world.poll_output() {
                quiet = false;
                self.on_output(output);
            }
            while let Some(effect) = self.session.poll_effect(Instant::from_millis(self.now)) {
                quiet = false;
                self.perform(effect);
            }
            while let Some(event) = self.session.poll_event() {
                quiet = false;
                self.hear(event);
            }
            if quiet {
                return;
            }
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::SendRequest { number, request } => {
                self.requests += 1;
                if std::env::var("TRACE").is_ok() {
                    let body: String =
                        request.body.as_ref().unwrap().expose().chars().skip(50).take(120).collect();
                    self.say(&format!("> {} {body}", number.0));
                }
                self.under_way.push(number);
                assert!(self.under_way.len() <= 2, "more than two requests under way");
                self.travel(Some(number), request);
            }
            Effect::SendGoodbye { request } => self.travel(None, request),
            Effect::AbortRequest { number } => self.under_way.retain(|other| *other != number),
            other => panic!("{other:?}"),
        }
    }

    /// To the service: lost, late, or twice.
    fn travel(&mut self, number: Option<Number>, request: Request) {
        let copies = if self.weather.strikes(self.weather.repeat) { 2 } else { 1 };
        for copy in 0..copies {
            self.next += 1;
            let delay = self.weather.below(self.weather.delay);
            if copy == 0 && self.weather.strikes(self.weather.loss) {
                self.fail(number, delay);
                continue;
            }
            self.asked.insert(self.next, number.filter(|_| copy == 0));
            // requests keep their order: Openfire forgets what it said to one that overtook, should that be lost
            self.arrived = self.arrived.max(self.now + delay);
            self.later(self.arrived - self.now, Later::ToService(self.next, request.clone()));
        }
    }

    /// From the service: lost, late, or twice.
    fn on_output(&mut self, output: Output) {
        let delay = self.weather.below(self.weather.delay);
        match output {
            Output::Response { request, status, body, .. } => {
                let Some(Some(number)) = self.asked.remove(&request) else { return };
                let lost = self.weather.strikes(self.weather.loss);
                if std::env::var("TRACE").is_ok() {
                    let ids: Vec<&str> =
                        body.split("burst-").skip(1).map(|t| t.get(..4).unwrap_or(t)).collect();
                    self.say(&format!(
                        "< {} {status} {lost} {ids:?} +{delay} {}",
                        number.0,
                        body.get(..120).unwrap_or(&body)
                    ));
                }
                if lost {
                    return self.fail(Some(number), delay);
                }
                let answer =
                    Answer::Responded { number, response: Response { status, body, retry_after: None } };
                if self.weather.strikes(self.weather.repeat) {
                    self.later(delay + 10, Later::ToClient(answer.clone()));
                }
                self.arrive(number, delay, answer);
            }
            Output::RequestFailed { request } => {
                let number = self.asked.remove(&request).flatten();
                self.fail(number, delay);
            }
            _ => {}
        }
    }

    fn fail(&mut self, number: Option<Number>, delay: u64) {
        if let Some(number) = number {
            self.arrive(number, delay, Answer::RequestFailed { number, failure: RequestFailure::Network });
        }
    }

    fn arrive(&mut self, number: Number, delay: u64, answer: Answer) {
        self.under_way.retain(|other| *other != number);
        self.later(delay, Later::ToClient(answer));
    }

    fn later(&mut self, delay: u64, what: Later) {
        self.next += 1;
        self.on_the_way.insert((self.now + delay, self.next), what);
    }

    fn hear(&mut self, event: Event) {
        match event {
            // what was stored while we were away may have holes: it is the past of other sessions
            Event::Item(item, None) => {
                let text = format!("{item:?}");
                let number = text
                    .split("burst-")
                    .nth(1)
                    .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect());
                if let Some(number) = number.map(|digits: String| digits.parse().unwrap()) {
                    if core::mem::take(&mut self.missed) {
                        self.heard.push((0, number));
                    }
                    self.heard.push((self.sessions, number));
                    self.say(&format!("heard {number}"));
                }
            }
            Event::Ended(end) => {
                self.say(&format!("ended: {end:?}"));
                self.ended = true;
            }
            Event::Dead(why) => {
                self.say(why);
                self.dead_since.get_or_insert(self.now);
            }
            Event::Answered => self.dead_since = None,
            Event::Missed => {
                self.say("may have missed something");
                self.missed = true;
            }
            Event::Unreadable(why) => panic!("unreadable: {why}"),
            Event::Up => self.say("up"),
            _ => {}
        }
    }

    fn is_well(&self) -> bool {
        let last = self.heard.last().map(|(_, number)| number + 1);
        self.session.is_up() && self.dead_since.is_none() && last == Some(self.published)
    }

    fn check(&self) {
        let tail = self.log[self.log.len().saturating_sub(60)..].join("\n");
        assert!(self.session.is_up() && self.dead_since.is_none(), "no session in the end\n{tail}");
        for pair in self.heard.windows(2) {
            let [(session, before), (same, after)] = pair else { continue };
            assert!(session != same || *after == before + 1, "{after} after {before}\n{tail}");
        }
    }
}

fn begin(numbers: &Numbers, session: u32, now: Instant) -> Session {
    let setup = Setup {
        user: "1001".into(),
        domain: "fin-a.localhost".into(),
        pubsub: "pubsub.fin-a.localhost".into(),
        resource: "desk".into(),
        credentials: Credentials::Password(Secret::new("pw-1001")),
        quick: session.is_multiple_of(2),
        hold: false,
        patience: CONNECT,
        nodes: Vec::new(),
        leftover: Map::new(),
        agents: if session.is_multiple_of(3) { 1 } else { 500 },
    };
    let link = BoshLink::new(numbers.clone(), session * 1_000, "http://a/http-bind/", "fin-a.localhost", now);
    Session::new(setup, Link::Bosh(Box::new(link)), now)
}

fn post(request: u64, asked: Request) -> Input {
    let header = |(name, value): &(&str, Secret)| ((*name).to_owned(), value.expose().to_owned());
    Input::Request {
        request,
        side: Side::A,
        client: String::new(),
        method: asked.method.as_str().to_owned(),
        path: "/http-bind/".to_owned(),
        headers: asked.headers.iter().map(header).collect(),
        body: asked.body.unwrap().expose().to_owned(),
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// How many sessions a world took.
fn run(seed: u64, print: bool) -> u32 {
    let mut bench = Bench::new(seed);
    bench.run();
    if print {
        println!("{}", bench.log.join("\n"));
    }
    bench.check();
    bench.sessions
}

#[test]
fn no_stanza_is_lost_or_seen_twice_while_the_session_is_kept() {
    if let Some(seed) = number("SEED") {
        run(seed, true);
        return;
    }
    let worlds = number("WORLDS").unwrap_or(2_000);
    let half = worlds / 2;
    let outcomes: Vec<Result<u32, String>> = std::thread::scope(|scope| {
        let threads =
            [0..half, half..worlds].map(|seeds| scope.spawn(move || seeds.map(outcome).collect::<Vec<_>>()));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let failed: Vec<&String> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    let kept = outcomes.iter().filter(|outcome| matches!(outcome, Ok(1))).count();
    println!("{worlds} BOSH worlds, {kept} of them with one session from beginning to end");
    assert!(
        failed.is_empty(),
        "{} of {worlds} worlds failed:\n{}",
        failed.len(),
        failed.iter().map(|text| text.lines().next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    );
    assert!(kept > 0, "no session outlived its weather");
}

/// How many sessions a world took, or what went wrong in it.
fn outcome(seed: u64) -> Result<u32, String> {
    std::panic::catch_unwind(|| run(seed, false)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
        format!("seed {seed}: {text}")
    })
}
