//! A scenario: one JSON object per line, `{"at": MS, "fault": NAME, …}` or `{"at": MS, "call": {"agent", "do"}}`.

use finesse_simulator::{CallSpec, FaultSpec};
use serde_json::Value;

use crate::hub::Hub;

pub(crate) struct Step {
    at: u64,
    what: What,
}

enum What {
    Fault(FaultSpec),
    Call(CallSpec),
}

pub(crate) fn read(path: &str) -> Result<Vec<Step>, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("{path}: {why}"))?;
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let mut steps = lines
        .map(|(number, line)| parse(line).map_err(|why| format!("{path}:{}: {why}", number + 1)))
        .collect::<Result<Vec<_>, _>>()?;
    steps.sort_by_key(|step| step.at);
    Ok(steps)
}

fn parse(line: &str) -> Result<Step, String> {
    let mut value: Value = serde_json::from_str(line).map_err(|why| why.to_string())?;
    let fields = value.as_object_mut().ok_or("not an object")?;
    let at =
        fields.remove("at").and_then(|at| at.as_u64()).ok_or("\"at\" is not a number of milliseconds")?;
    let what = match fields.remove("call") {
        Some(call) => What::Call(serde_json::from_value(call).map_err(|why| why.to_string())?),
        None => What::Fault(serde_json::from_value(value).map_err(|why| why.to_string())?),
    };
    Ok(Step { at, what })
}

/// Plays the steps, each at its simulated time. What makes no sense then is skipped, as a late button would be.
pub(crate) async fn play(hub: Hub, steps: Vec<Step>) {
    for step in steps {
        hub.sleep_until(step.at).await;
        match step.what {
            What::Fault(spec) => drop(hub.add_fault(&spec)),
            What::Call(spec) => drop(hub.call(&spec)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_faults_and_calls() {
        assert!(matches!(parse(r#"{"at":5,"fault":"cti-lost","for":9}"#).unwrap().what, What::Fault(_)));
        assert!(matches!(
            parse(r#"{"at":5,"call":{"agent":"1001","do":"ring"}}"#).unwrap().what,
            What::Call(_)
        ));
        assert!(parse(r#"{"fault":"cti-lost"}"#).is_err() && parse(r#"{"at":1,"fault":"x"}"#).is_err());
    }
}
