//! The command line.

use std::path::PathBuf;

use finesse_simulator::{Config, Deployment, Load, Side};

use crate::dial::Address;
use crate::scenario::{self, Step};

pub(crate) const HELP: &str = "\
usage: simulator [OPTIONS]                      a simulated Cisco Finesse pair on 127.0.0.1
  --port-a N           side A: REST, /ws/, /http-bind/ (default 8445; 0 is any free port)
  --port-b N           side B (default 8446)
  --control-port N     faults, calls, and the demo page (default 8400)
  --agents ID,ID       (default 1001,1002); the password of 1001 is pw-1001, its token token-1001
  --signed-out         agents begin logged out, not NOT_READY
  --plain              no TLS on the sides
  --time-scale N       simulated time runs N times faster (default 1)
  --scenario FILE      lines {\"at\": MS, \"fault\": ...}, {\"at\": MS, \"call\": {...}} or {\"at\": MS, \"agent\": {...}}
  --cti-ms N           CTI takes so many milliseconds to confirm a request (default 20)
  --seed N             for chance (default 1)
  --ccx                Unified Contact Center Express (default Enterprise)
  --load 0|1           Enterprise's \"Logout on Agent Disconnect\": a forced logout makes Not Ready (0), or logs out (1, default)
  --single-node        no side B
  --before-12.6        SystemInfo as Finesse 12.5 has it
  --www DIR --pkg DIR  the demo page and the package it imports (default www, pkg)
  --notification-service-a URL --notification-service-b URL
                       play only Finesse's web app, in front of these notification services (ws://, wss://);
                       without the second there is no side B
";

pub(crate) struct Options {
    pub(crate) config: Config,
    pub(crate) control_port: u16,
    pub(crate) time_scale: u64,
    pub(crate) seed: u64,
    pub(crate) scenario: Option<Vec<Step>>,
    pub(crate) www: PathBuf,
    pub(crate) pkg: PathBuf,
    pub(crate) services: Services,
}

/// Real notification services.
#[derive(Clone, Default)]
pub(crate) struct Services {
    a: Option<Address>,
    b: Option<Address>,
}

impl Services {
    pub(crate) fn of(&self, side: Side) -> Option<&Address> {
        match side {
            Side::A => self.a.as_ref(),
            Side::B => self.b.as_ref(),
        }
    }
}

pub(crate) enum Parsed {
    Run(Box<Options>),
    Help,
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Parsed, String> {
    let mut options = Options {
        config: Config { tls: true, ..Config::default() },
        control_port: 8400,
        time_scale: 1,
        seed: 1,
        scenario: None,
        www: "www".into(),
        pkg: "pkg".into(),
        services: Services::default(),
    };
    while let Some(name) = arguments.next() {
        if name == "--help" {
            return Ok(Parsed::Help);
        }
        if !set_flag(&mut options, &name) {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value, or is unknown"))?;
            set(&mut options, &name, &value)?;
        }
    }
    if options.services.a.is_none() && options.services.b.is_some() {
        return Err("--notification-service-b needs --notification-service-a".into());
    }
    if options.services.a.is_some() {
        options.config.external_service = true;
        options.config.single_node |= options.services.b.is_none();
        options.config.domain_a = "localhost".into();
        options.config.domain_b = "localhost".into();
    }
    Ok(Parsed::Run(Box::new(options)))
}

fn set_flag(options: &mut Options, name: &str) -> bool {
    match name {
        "--plain" => options.config.tls = false,
        "--signed-out" => options.config.signed_in = false,
        "--single-node" => options.config.single_node = true,
        "--before-12.6" => options.config.before_12_6 = true,
        "--ccx" | "--uccx" => options.config.deployment = Deployment::Uccx,
        _ => return false,
    }
    true
}

fn set(options: &mut Options, name: &str, value: &str) -> Result<(), String> {
    let port = || value.parse::<u16>().map_err(|why| format!("{name} {value}: {why}"));
    let number = || value.parse::<u64>().map_err(|why| format!("{name} {value}: {why}"));
    match name {
        "--port-a" => options.config.port_a = port()?,
        "--port-b" => options.config.port_b = port()?,
        "--control-port" => options.control_port = port()?,
        "--agents" => {
            options.config.agents = value.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        }
        "--load" => {
            options.config.load = match value {
                "0" => Load::NotReady,
                "1" => Load::Logout,
                _ => return Err(format!("{name} {value}: give 0 or 1")),
            };
        }
        "--time-scale" => options.time_scale = number()?.max(1),
        "--cti-ms" => options.config.cti_ms = number()?,
        "--seed" => options.seed = number()?,
        "--scenario" => options.scenario = Some(scenario::read(value)?),
        "--www" => options.www = value.into(),
        "--pkg" => options.pkg = value.into(),
        "--notification-service-a" => options.services.a = Some(Address::parse(value)?),
        "--notification-service-b" => options.services.b = Some(Address::parse(value)?),
        _ => return Err(format!("unknown option {name}")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Result<Box<Options>, String> {
        match parse(line.split_whitespace().map(str::to_owned))? {
            Parsed::Run(options) => Ok(options),
            Parsed::Help => Err("help".into()),
        }
    }

    #[test]
    fn options_are_what_they_say() {
        let options = run("--port-a 0 --agents 1,2,3 --plain --time-scale 10 --ccx --load 0").unwrap();
        assert_eq!((options.config.port_a, options.config.agents.len(), options.time_scale), (0, 3, 10));
        assert_eq!(options.config.load, Load::NotReady);
        assert!(run("--load 2").is_err());
        assert!(!options.config.tls && options.config.deployment == Deployment::Uccx);
        assert!(run("--port-a").is_err() && run("--port-a x").is_err() && run("--wrong 1").is_err());
        assert!(run("--notification-service-b ws://127.0.0.1:7070/ws/").is_err());
        assert!(run("--notification-service-a ws://127.0.0.1:7070/ws/").unwrap().config.single_node);
    }
}
