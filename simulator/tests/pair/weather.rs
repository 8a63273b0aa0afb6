//! Seeded random weather: whatever breaks, in whatever order, heals.

use finesse_simulator::{Config, Fault, FaultSpec, Garbage, Input, Manner, Reads, Side};

use crate::bosh_client::{self, Bosh};
use crate::client::Bench;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }
}

const FAULTS: [Fault; 31] = [
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
    Fault::PasswordRefused,
    Fault::TokenExpired,
    Fault::SlowStart,
    Fault::LoginRefused,
    Fault::PresenceMissing,
    Fault::WebsocketBlocked,
    Fault::BoshSessionLost,
    Fault::BoshBlocked,
    Fault::BoshError,
    Fault::BoshResponseLost,
    Fault::BoshRequestReordered,
    Fault::BoshWaitCut,
    Fault::OverActivity,
    Fault::NotificationsSwapped,
    Fault::NotificationsLate,
    Fault::CorsDisabled,
    Fault::ClockSkew,
];

fn some_fault(dice: &mut Dice) -> FaultSpec {
    let mut spec = FaultSpec::new(dice.pick(&FAULTS));
    spec.side = dice.pick(&[None, Some(Side::A), Some(Side::B)]);
    if dice.roll(2) == 0 || matches!(spec.fault, Fault::NetworkLost | Fault::Conflict) {
        spec.agent = Some(dice.pick(&["1001", "1002", "1003"]).into());
    }
    spec.lasts = dice.pick(&[None, Some(500), Some(5_000), Some(70_000), Some(200_000)]);
    spec.reads = dice.pick(&[None, Some(Reads::Out)]);
    spec.kind = (spec.fault == Fault::Garbage).then(|| dice.pick(&Garbage::ALL));
    let manners: &[Manner] = match spec.fault {
        Fault::TomcatDown => &[Manner::Refused, Manner::Timeout, Manner::BadGateway, Manner::Unavailable],
        Fault::NodeDown => &[Manner::Refused, Manner::Silent],
        Fault::SlowStart => &[Manner::Unavailable, Manner::Out],
        Fault::PresenceMissing => &[Manner::Untold],
        Fault::WebsocketBlocked => &[Manner::Refused, Manner::Stripped, Manner::Silent],
        Fault::BoshBlocked => &[Manner::Refused, Manner::Silent],
        Fault::BoshError => &[Manner::BadGateway, Manner::Unavailable, Manner::ServerError],
        Fault::ClockSkew if dice.roll(2) == 0 => &[Manner::Behind],
        Fault::NotificationsLate if dice.roll(2) == 0 => &[Manner::Stored],
        Fault::NetworkLost if dice.roll(2) == 0 => &[Manner::Timeout],
        Fault::Conflict if dice.roll(2) == 0 => &[Manner::Ghost],
        _ => return spec,
    };
    spec.manner = Some(dice.pick(manners));
    spec
}

fn live(seed: u64) -> (Bench, String) {
    let mut dice = Dice(seed);
    let agents = ["1001", "1002", "1003"];
    let config = Config {
        agents: agents.map(str::to_owned).to_vec(),
        rtt_ms: dice.pick(&[0, 30, 400]),
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let mut sockets = Vec::new();
    let mut sessions: Vec<Bosh> = Vec::new();
    for _ in 0..200 {
        let (id, side) = (dice.pick(&agents), dice.pick(&Side::BOTH));
        match dice.roll(9) {
            0 => sockets.push(bench.sign_in(side, id)),
            1 if !sockets.is_empty() => bench.close(dice.pick(&sockets)),
            2 | 3 if !sockets.is_empty() => bench.ping(dice.pick(&sockets)),
            4 => {
                let request = bench.send(side, id, "GET", "/finesse/api/SystemInfo", &[], "");
                if dice.roll(3) == 0 {
                    bench.input(Input::RequestAborted { request });
                }
            }
            7 => sessions.extend(Bosh::try_create(&mut bench, side)),
            8 if !sessions.is_empty() => {
                let session = usize::try_from(dice.roll(sessions.len() as u64)).unwrap();
                let inner = dice.pick(&["", "<presence/>", "auth", "ping"]);
                let inner = match inner {
                    "auth" => bosh_client::sign_in("pw-1001", "keeper"),
                    "ping" => bosh_client::ping("p"),
                    other => other.to_owned(),
                };
                if dice.roll(6) > 0 {
                    sessions[session].rid += 1;
                }
                let rid = sessions[session].rid;
                let request = sessions[session].post(&mut bench, rid, "", &inner);
                if dice.roll(3) == 0 {
                    bench.input(Input::RequestAborted { request });
                }
            }
            5 if dice.roll(3) == 0 => {
                bench.fault(some_fault(&mut dice));
            }
            _ => bench.pass(dice.pick(&[1, 50, 1_000, 8_000, 40_000])),
        }
    }
    let report = serde_json::to_string(&bench.world.report(bench.now)).unwrap();
    (bench, report)
}

#[test]
fn everything_heals_and_runs_repeat() {
    for seed in 0..300 {
        let (mut bench, report) = live(seed);
        assert_eq!(report, live(seed).1, "seed {seed}");
        bench.world.heal_all(bench.now);
        // The longest lock is five minutes, and a web app takes two seconds to start.
        bench.pass(305_000);
        for side in Side::BOTH {
            let request = bench.send(side, "", "GET", "/finesse/api/SystemInfo", &[], "");
            let socket = bench.sign_in(side, "1001");
            bench.pass(400);
            let mut bosh =
                Bosh::try_create(&mut bench, side).unwrap_or_else(|| panic!("seed {seed}: no BOSH"));
            let success = bosh.send(&mut bench, &bosh_client::sign_in("pw-1001", "other"));
            bench.pass(400);
            assert!(bosh_client::body_of(&mut bench, success).contains("<success "), "seed {seed}");
            let answer = bench.answer(request).unwrap();
            assert!(answer.body.contains("<status>IN_SERVICE<"), "seed {seed}: {}", answer.body);
            let frames = bench.frames(socket);
            if !bench.accepted(socket) {
                panic!("seed {seed}: no socket");
            }
            bench.text(socket, "<presence/>");
            bench.pass(2_000);
            let late = bench.frames(socket);
            let all = frames.iter().chain(&late);
            assert!(
                all.clone().any(|it| it.starts_with("<presence") && !it.contains("unavailable")),
                "seed {seed}"
            );
        }
    }
}
