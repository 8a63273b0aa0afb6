//! A scenario: one JSON object per line, `{"at": MS, "fault": NAME, …}`, `{"at": MS, "call": {"agent", "do"}}`
//! or `{"at": MS, "agent": {"agent", "do", "code"}}`.

use finesse_simulator::{AgentSpec, CallSpec, FaultSpec};
use serde_json::Value;

use crate::hub::Hub;

pub(crate) struct Step {
    at: u64,
    what: What,
}

enum What {
    Fault(FaultSpec),
    Call(CallSpec),
    Agent(AgentSpec),
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
    // a fault may name its agent: there it is no object
    let agent = if fields.get("agent").is_some_and(Value::is_object) { fields.remove("agent") } else { None };
    let what = match (fields.remove("call"), agent) {
        (Some(call), _) => What::Call(serde_json::from_value(call).map_err(|why| why.to_string())?),
        (None, Some(agent)) => What::Agent(serde_json::from_value(agent).map_err(|why| why.to_string())?),
        (None, None) => What::Fault(serde_json::from_value(value).map_err(|why| why.to_string())?),
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
            What::Agent(spec) => drop(hub.put_agent(&spec)),
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
        let agent = r#"{"at":5,"agent":{"agent":"1001","do":"logout","code":999}}"#;
        assert!(matches!(parse(agent).unwrap().what, What::Agent(_)));
        let lost = r#"{"at":5,"fault":"network-lost","agent":"1001"}"#;
        assert!(matches!(parse(lost).unwrap().what, What::Fault(_)));
        assert!(parse(r#"{"fault":"cti-lost"}"#).is_err() && parse(r#"{"at":1,"fault":"x"}"#).is_err());
    }
}
