//! The server around the simulated pair: side A and side B, each REST, `/ws/` and
//! `/http-bind/` on one loopback port, and a third port
//! for the controls and the demo page. `simulator --help` names the options.

mod bridge;
mod control;
mod dial;
mod files;
mod hub;
mod options;
mod port;
mod scenario;
mod tls;
mod tunnel;

use std::io::Write;
use std::process::ExitCode;
use std::rc::Rc;

use finesse_simulator::Side;
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};

use hub::Hub;
use options::{Options, Parsed};

/// The server binds to nothing else: whoever reaches the controls can do as they like.
const LOOPBACK: &str = "127.0.0.1";

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Parsed::Run(options)) => *options,
        Ok(Parsed::Help) => return end(&mut std::io::stdout(), options::HELP, ExitCode::SUCCESS),
        Err(why) => {
            return end(&mut std::io::stderr(), &format!("{why}\n\n{}", options::HELP), ExitCode::from(2));
        }
    };
    let run = || -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, serve(options))
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => end(&mut std::io::stderr(), &format!("simulator: {why}"), ExitCode::FAILURE),
    }
}

fn end(out: &mut dyn Write, text: &str, code: ExitCode) -> ExitCode {
    // Nobody is left to tell when that fails.
    let _ = writeln!(out, "{text}");
    code
}

/// Milliseconds since 1970: the pair's clocks go right, at least at first.
#[allow(clippy::disallowed_types, reason = "the one place where the server asks for the time of day")]
fn time_of_day() -> Result<u64, Failure> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(u64::try_from(since.as_millis())?)
}

async fn serve(mut options: Options) -> Result<(), Failure> {
    options.config.epoch_ms = time_of_day()?;
    let control = TcpListener::bind((LOOPBACK, options.control_port)).await?;
    let a = TcpListener::bind((LOOPBACK, options.config.port_a)).await?;
    let b = match options.config.single_node {
        false => Some(TcpListener::bind((LOOPBACK, options.config.port_b)).await?),
        true => None,
    };
    options.config.port_a = a.local_addr()?.port();
    options.config.port_b =
        b.as_ref().map_or(Ok(options.config.port_b), |b| b.local_addr().map(|it| it.port()))?;
    let acceptor = if options.config.tls { Some(tls::acceptor(&options.config)?) } else { None };
    let hub = Hub::new(&options);
    spawn_local(hub.clone().keep_time());
    let services = Rc::new(options.services.clone());
    for (side, listener) in [(Side::A, Some(a)), (Side::B, b)] {
        let Some(listener) = listener else { continue };
        let service = services.of(side).cloned();
        if let Some(service) = &service {
            spawn_local(bridge::keep(hub.clone(), side, service.clone(), options.config.agents.clone()));
        }
        spawn_local(port::serve(hub.clone(), side, listener, acceptor.clone(), service));
    }
    if let Some(steps) = options.scenario.take() {
        spawn_local(scenario::play(hub.clone(), steps));
    }
    let address = format!("http://{LOOPBACK}:{}", control.local_addr()?.port());
    let (a, b) = (hub.host(Side::A), hub.host(Side::B));
    writeln!(
        std::io::stdout(),
        "ready control={address} a={}{}",
        a.unwrap_or_default(),
        b.map(|b| format!(" b={b}")).unwrap_or_default()
    )?;
    control::serve(hub, control, files::Roots { www: options.www, pkg: options.pkg }).await;
    Ok(())
}
