//! The control port: faults, calls, the report, and the demo page.

use std::rc::Rc;

use finesse_simulator::Side;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue, ORIGIN};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::spawn_local;

use crate::files::Roots;
use crate::hub::Hub;
use crate::port::{Reply, Sure, plain};

/// Longer commands are refused.
const BODY_LIMIT: usize = 1 << 16;

/// `POST /simulator/bursts`: so many notifications for an agent at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Burst {
    agent: String,
    count: u32,
}

/// `POST /simulator/tokens`: a token for an agent, good for so many seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TokenWish {
    agent: String,
    expires_in: u64,
}

/// Why a command was refused.
struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, message: impl ToString) -> Self {
        Self { status, kind, message: message.to_string() }
    }
}

pub(crate) async fn serve(hub: Hub, listener: TcpListener, roots: Roots) {
    let roots = Rc::new(roots);
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (hub, roots) = (hub.clone(), Rc::clone(&roots));
        spawn_local(async move {
            let answer = service_fn(|request| answer(hub.clone(), Rc::clone(&roots), request));
            let connection = hyper::server::conn::http1::Builder::new();
            // A connection that breaks has nobody left to tell.
            let _ = connection.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(hub: Hub, roots: Rc<Roots>, request: Request<Incoming>) -> Sure<Reply> {
    let origin = request.headers().get(ORIGIN).filter(|origin| is_local(origin)).cloned();
    let path = request.uri().path().to_owned();
    let mut reply = if request.method() == Method::OPTIONS {
        plain(StatusCode::NO_CONTENT)
    } else if let Some(command) = path.strip_prefix("/simulator/") {
        match carry_out(&hub, command, request).await {
            Ok(value) => as_json(StatusCode::OK, &value),
            Err(it) => as_json(it.status, &json!({ "error": { "kind": it.kind, "message": it.message } })),
        }
    } else {
        roots.get(&path).await
    };
    if let Some(origin) = origin {
        let headers = reply.headers_mut();
        headers.insert("access-control-allow-origin", origin);
        headers.insert("access-control-allow-methods", HeaderValue::from_static("GET, POST, DELETE"));
        headers.insert("access-control-allow-headers", HeaderValue::from_static("content-type"));
        headers.insert("vary", HeaderValue::from_static("Origin"));
    }
    Ok(reply)
}

async fn carry_out(hub: &Hub, command: &str, request: Request<Incoming>) -> Result<Value, Refusal> {
    let method = request.method().clone();
    let nonsense =
        |why: finesse_simulator::ControlError| Refusal::new(StatusCode::BAD_REQUEST, "bad-command", why);
    match (method.as_str(), command) {
        ("POST", "faults") => {
            let id = hub.add_fault(&body(request).await?).map_err(nonsense)?;
            Ok(json!({ "id": id }))
        }
        ("GET", "faults") => Ok(json!(hub.faults())),
        ("DELETE", "faults") => {
            let healed = hub.faults().len();
            hub.heal_all();
            Ok(json!({ "healed": healed }))
        }
        ("DELETE", _) if command.starts_with("faults/") => {
            let id = command.trim_start_matches("faults/").parse().unwrap_or(0);
            match hub.heal(id) {
                true => Ok(json!({ "healed": 1 })),
                false => Err(Refusal::new(StatusCode::NOT_FOUND, "not-found", "no such fault is active")),
            }
        }
        ("POST", "calls") => {
            hub.call(&body(request).await?).map_err(nonsense)?;
            Ok(json!({}))
        }
        ("POST", "agents") => {
            hub.put_agent(&body(request).await?).map_err(nonsense)?;
            Ok(json!({}))
        }
        ("POST", "tokens") => {
            let wish: TokenWish = body(request).await?;
            let life = wish.expires_in.saturating_mul(1_000);
            let token = hub.issue_token(&wish.agent, life).map_err(nonsense)?;
            Ok(json!({ "token": token, "expiresIn": wish.expires_in }))
        }
        ("POST", "bursts") => {
            let burst: Burst = body(request).await?;
            hub.burst(&burst.agent, burst.count).map_err(nonsense)?;
            Ok(json!({}))
        }
        ("GET", "world") => Ok(json!(hub.report())),
        ("GET", "hosts") => Ok(json!({
            "A": hub.host(Side::A),
            "B": hub.host(Side::B),
            "names": { "A": hub.named_host(Side::A), "B": hub.named_host(Side::B) },
            "agents": hub.agents(),
            "timeScale": hub.time_scale(),
        })),
        _ => Err(Refusal::new(StatusCode::NOT_FOUND, "not-found", format!("no command {method} {command}"))),
    }
}

async fn body<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, Refusal> {
    let bytes = Limited::new(request.into_body(), BODY_LIMIT)
        .collect()
        .await
        .map_err(|why| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", why))?
        .to_bytes();
    serde_json::from_slice(&bytes).map_err(|why| Refusal::new(StatusCode::BAD_REQUEST, "bad-json", why))
}

fn as_json(status: StatusCode, value: &Value) -> Reply {
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Pages from this machine only may give commands: no web site that someone happens to visit.
fn is_local(origin: &HeaderValue) -> bool {
    let Some(authority) = origin.to_str().ok().and_then(|it| it.split_once("://")).map(|(_, rest)| rest)
    else {
        return false;
    };
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host == "127.0.0.1" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_pages_give_commands() {
        for (origin, local) in [
            ("http://127.0.0.1:8400", true),
            ("http://localhost:5173", true),
            ("https://fin-a.localhost", true),
            ("https://example.com", false),
            ("https://localhost.example.com", false),
            ("null", false),
        ] {
            assert_eq!(is_local(&HeaderValue::from_static(origin)), local, "{origin}");
        }
    }
}
