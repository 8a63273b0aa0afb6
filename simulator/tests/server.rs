//! The server around the world, over real sockets on loopback.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test may panic")]

use std::process::Stdio;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

type Socket = WebSocketStream<TcpStream>;

struct Server {
    _child: Child,
    control: String,
    a: String,
    b: String,
}

impl Server {
    async fn start(options: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_simulator"))
            .args(["--port-a", "0", "--port-b", "0", "--control-port", "0", "--plain"])
            .args(options.split_whitespace())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next_line().await.unwrap().unwrap();
        let of = |name: &str| {
            let mark = format!("{name}=http://");
            ready.split(' ').find_map(|word| word.strip_prefix(&mark)).unwrap().to_owned()
        };
        Self { control: of("control"), a: of("a"), b: of("b"), _child: child }
    }

    async fn command(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (status, text) = request(&self.control, method, path, body).await.unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    async fn fault(&self, spec: Value) {
        assert_eq!(self.command("POST", "/simulator/faults", &spec.to_string()).await.0, 200);
    }
}

/// One request on a connection of its own; nothing when it ends without an answer.
async fn request(address: &str, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\norigin: http://localhost:1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

async fn open(address: &str, path: &str) -> Result<Socket, ()> {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("xmpp"));
    let (socket, response) = tokio_tungstenite::client_async(request, stream).await.map_err(drop)?;
    assert_eq!(response.headers()["sec-websocket-protocol"], "xmpp");
    Ok(socket)
}

/// Signs in as 1001 and waits for the presence of `finesse`.
async fn sign_in(address: &str) -> Socket {
    let mut socket = open(address, "/as/1001/ws/").await.unwrap();
    for frame in [
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x' version='1.0'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>ADEwMDEAcHctMTAwMQ==</auth>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x' version='1.0'/>",
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>k</resource></bind></iq>",
        "<presence/>",
    ] {
        socket.send(Message::text(frame)).await.unwrap();
    }
    until(&mut socket, "<presence").await;
    socket
}

/// Reads until a frame begins with this; gives it.
async fn until(socket: &mut Socket, start: &str) -> String {
    let wait = async {
        loop {
            match socket.next().await.unwrap().unwrap() {
                Message::Text(text) if text.as_str().starts_with(start) => return text.as_str().to_owned(),
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap()
}

#[tokio::test]
async fn an_agent_signs_in_and_hears_of_a_call() {
    let server = Server::start("--agents 1001").await;
    let mut socket = sign_in(&server.a).await;
    let ring = json!({ "agent": "1001", "do": "ring" }).to_string();
    assert_eq!(server.command("POST", "/simulator/calls", &ring).await.0, 200);
    assert!(until(&mut socket, "<message").await.contains("RESERVED"));
    let (_, world) = server.command("GET", "/simulator/world", "").await;
    assert_eq!(world["sessions"][0]["client"], "1001");
    assert_eq!(world["agents"][0]["presentOn"], json!(["A"]));
    socket.close(None).await.unwrap();
    let end = async { while !matches!(socket.next().await, Some(Ok(Message::Close(_))) | None) {} };
    tokio::time::timeout(Duration::from_secs(10), end).await.unwrap();
    assert!(socket.next().await.is_none());
    let (_, hosts) = server.command("GET", "/simulator/hosts", "").await;
    assert_eq!(hosts["B"], format!("http://{}", server.b));
}

#[tokio::test]
async fn a_supervisor_signs_an_agent_out_and_load_0_leaves_one_signed_in() {
    let server = Server::start("--agents 1001,1002 --load 0").await;
    let mut socket = sign_in(&server.a).await;
    for (agent, step) in [("1001", "logout"), ("1002", "forced-logout")] {
        let put = json!({ "agent": agent, "do": step, "code": 999 }).to_string();
        assert_eq!(server.command("POST", "/simulator/agents", &put).await.0, 200);
    }
    assert!(until(&mut socket, "<message").await.contains("&lt;code&gt;999&lt;/code&gt;"));
    let (_, world) = server.command("GET", "/simulator/world", "").await;
    let state = |agent: usize| {
        (world["agents"][agent]["state"].clone(), world["agents"][agent]["reasonCode"].clone())
    };
    assert_eq!(state(0), (json!("LOGOUT"), json!(999)));
    assert_eq!(state(1), (json!("NOT_READY"), json!(50_002)));
}

#[tokio::test]
async fn a_cut_is_a_reset_and_a_refusal_has_no_answer() {
    let server = Server::start("").await;
    let mut socket = sign_in(&server.a).await;
    server.fault(json!({ "fault": "socket-cut", "side": "A" })).await;
    let end = tokio::time::timeout(Duration::from_secs(10), socket.next()).await.unwrap();
    assert!(!matches!(end, Some(Ok(Message::Close(_)))));
    server.fault(json!({ "fault": "node-down", "side": "A", "for": 60_000 })).await;
    assert!(request(&server.a, "GET", "/finesse/api/SystemInfo", "").await.is_none());
    assert!(open(&server.a, "/ws/").await.is_err());
    let (status, body) = request(&server.b, "GET", "/as/1001/finesse/api/SystemInfo", "").await.unwrap();
    assert!(status == 200 && body.contains("<status>IN_SERVICE</status>"));
}

#[tokio::test]
async fn what_is_lost_on_the_way_comes_after_healing() {
    let server = Server::start("--time-scale 10").await;
    let mut socket = sign_in(&server.a).await;
    server.fault(json!({ "fault": "network-lost", "agent": "1001", "for": 3_000 })).await;
    let ping = "<iq type='get' id='p1' to='fin-a.localhost'><ping xmlns='urn:xmpp:ping'/></iq>";
    socket.send(Message::text(ping)).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(100), socket.next()).await.is_err());
    assert!(until(&mut socket, "<iq").await.contains(r#"id="p1""#));
}

#[tokio::test]
async fn commands_that_make_no_sense_are_refused() {
    let server = Server::start("").await;
    for (method, path, body, status, kind) in [
        ("POST", "/simulator/faults", "{", 400, "bad-json"),
        ("POST", "/simulator/faults", r#"{"fault":"weather"}"#, 400, "bad-json"),
        ("POST", "/simulator/faults", r#"{"fault":"network-lost"}"#, 400, "bad-command"),
        ("POST", "/simulator/calls", r#"{"agent":"1001","do":"end"}"#, 400, "bad-command"),
        ("POST", "/simulator/agents", r#"{"agent":"9","do":"logout"}"#, 400, "bad-command"),
        ("POST", "/simulator/agents", r#"{"agent":"1001","do":"sleep"}"#, 400, "bad-json"),
        ("DELETE", "/simulator/faults/9", "", 404, "not-found"),
        ("GET", "/simulator/nothing", "", 404, "not-found"),
    ] {
        let (found, answer) = server.command(method, path, body).await;
        assert_eq!((found, answer["error"]["kind"].as_str()), (status, Some(kind)), "{answer}");
    }
}

#[tokio::test]
async fn pages_are_served_and_nothing_beside_them() {
    let folder = std::env::temp_dir().join(format!("finesse-simulator-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("www")).unwrap();
    std::fs::write(folder.join("www/index.html"), "<p>demo</p>").unwrap();
    std::fs::write(folder.join("secret"), "secret").unwrap();
    let root = folder.to_str().unwrap();
    let server = Server::start(&format!("--www {root}/www --pkg {root}/www")).await;
    for (path, expected) in
        [("/", 200), ("/pkg/index.html", 200), ("/../secret", 404), ("/pkg/../secret", 404)]
    {
        let (status, _) = request(&server.control, "GET", path, "").await.unwrap();
        assert_eq!(status, expected, "{path}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A connection that is kept, for one request after the other.
struct Kept(TcpStream);

impl Kept {
    async fn open(address: &str) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn send(&mut self, method: &str, body: &str) {
        let head = format!(
            "{method} /as/1001/http-bind/ HTTP/1.1\r\nhost: a\r\norigin: http://x\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.write_all(head.as_bytes()).await.unwrap();
    }

    /// The head and the body of the next answer; nothing when the connection ends without one.
    async fn answer(&mut self) -> Option<(String, String)> {
        let mut text = String::new();
        let wait = async {
            loop {
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    let length: usize = length.unwrap_or("0").parse().unwrap();
                    if body.len() >= length {
                        return Some((head.to_owned(), body.to_owned()));
                    }
                }
                let mut buffer = [0; 4_096];
                let count = self.0.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
                text.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap()
    }

    async fn say(&mut self, body: &str) -> String {
        self.send("POST", body).await;
        self.answer().await.unwrap().1
    }
}

#[tokio::test]
async fn bosh_runs_over_two_connections() {
    let server = Server::start("--time-scale 10").await;
    let (mut one, mut two) = (Kept::open(&server.a).await, Kept::open(&server.a).await);
    one.send("OPTIONS", "").await;
    let (head, _) = one.answer().await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("access-control-allow-origin: *"), "{head}");
    let created = one.say("<body rid='1' wait='30' hold='1' ver='1.6'/>").await;
    let sid = created.split(" sid=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let body = |rid: u32, inner: &str| format!("<body rid='{rid}' sid='{sid}'>{inner}</body>");
    let auth = "<auth mechanism='PLAIN'>ADEwMDEAcHctMTAwMQ==</auth>";
    assert!(one.say(&body(2, auth)).await.contains("<success "));
    // Held, until the next one comes on the other connection.
    one.send("POST", &body(3, "")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>k</resource></bind></iq>";
    assert!(two.say(&body(4, bind)).await.contains("/k</jid>"));
    assert!(one.answer().await.unwrap().1.ends_with("/>"));
    let (_, world) = server.command("GET", "/simulator/world", "").await;
    assert_eq!(world["sessions"][0]["transport"], "bosh");
    server.fault(json!({ "fault": "bosh-response-lost", "for": 100_000 })).await;
    let ping = body(5, "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
    two.send("POST", &ping).await;
    assert!(two.answer().await.is_none());
    let (_, healed) = server.command("DELETE", "/simulator/faults", "").await;
    assert_eq!(healed["healed"], 1);
    assert!(one.say(&ping).await.contains("id=\"p\""));
    let (_, world) = server.command("GET", "/simulator/world", "").await;
    assert_eq!(world["counts"]["bosh"]["holes"], 0);
}

#[tokio::test]
async fn a_blocked_websocket_never_opens() {
    let server = Server::start("").await;
    server.fault(json!({ "fault": "websocket-blocked", "agent": "1001", "as": "stripped" })).await;
    assert!(open(&server.a, "/as/1001/ws/").await.is_err());
    open(&server.a, "/as/1002/ws/").await.unwrap();
    server.fault(json!({ "fault": "websocket-blocked", "side": "B" })).await;
    assert!(open(&server.b, "/as/1002/ws/").await.is_err());
    server.fault(json!({ "fault": "websocket-blocked", "side": "A", "agent": "1002", "as": "silent" })).await;
    let silent = tokio::time::timeout(Duration::from_millis(200), open(&server.a, "/as/1002/ws/")).await;
    assert!(silent.is_err());
}

#[tokio::test]
async fn a_scenario_plays_by_itself() {
    let file = std::env::temp_dir().join(format!("finesse-scenario-{}", std::process::id()));
    std::fs::write(
        &file,
        "{\"at\":0,\"fault\":\"cti-lost\"}\n{\"at\":1,\"call\":{\"agent\":\"1001\",\"do\":\"ring\"}}\n",
    )
    .unwrap();
    let server = Server::start(&format!("--scenario {}", file.display())).await;
    let world = async {
        loop {
            let (_, world) = server.command("GET", "/simulator/world", "").await;
            if world["agents"][0]["state"] == "RESERVED" {
                return world;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let world = tokio::time::timeout(Duration::from_secs(10), world).await.unwrap();
    assert_eq!(
        (world["faults"][0]["fault"].as_str(), world["sides"][1]["reads"].as_str()),
        (Some("cti-lost"), Some("out"))
    );
    std::fs::remove_file(file).unwrap();
}
