//! `finesse` at a real notification service (Openfire, Prosody, ejabberd): signs in over WebSocket as any client, makes
//! the nodes, subscribes the agents as their owner (XEP-0060 8.8.2), publishes, and sees the agents' presence.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use finesse_simulator::{ServiceCommand, ServiceSignal, Side};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::Failure;
use crate::dial::{Address, Stream};
use crate::hub::Hub;

const DOMAIN: &str = "localhost";
const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";

const SYSTEM_INFO: &str = "/finesse/api/SystemInfo";

/// The nodes of an agent, below `/finesse/api/User/{id}`.
const BELOW_USER: [&str; 3] = ["", "/Dialogs", "/Media"];

/// How long to wait before the next attempt.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a sign-in may take.
const PATIENCE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<Pin<Box<dyn Stream>>>;
type Sink = SplitSink<Socket, Message>;
type Source = SplitStream<Socket>;

/// Keeps `finesse` signed in to the service of a side, for ever.
pub(crate) async fn keep(hub: Hub, side: Side, service: Address, agents: Vec<String>) {
    let mut commands = hub.bridge(side);
    loop {
        if let Ok(Ok(socket)) = tokio::time::timeout(PATIENCE, sign_in(&service)).await {
            let (sink, source) = socket.split();
            let (out, outgoing) = mpsc::unbounded_channel();
            let mut bridge = Bridge {
                hub: hub.clone(),
                side,
                out,
                agents: &agents,
                next: 0,
                waiting: BTreeMap::new(),
                seen: BTreeMap::new(),
            };
            // Writing never keeps us from reading: the service may wait for that before it reads on. However it ends,
            // it is tried again.
            tokio::select! {
                _ = bridge.run(source, &mut commands) => {}
                _ = write(sink, outgoing) => {}
            }
            hub.signal(ServiceSignal::Lost { side });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn write(mut sink: Sink, mut outgoing: UnboundedReceiver<String>) -> Result<(), Failure> {
    while let Some(text) = outgoing.recv().await {
        sink.feed(Message::text(text)).await?;
        if outgoing.is_empty() {
            sink.flush().await?;
        }
    }
    Ok(())
}

/// One session.
struct Bridge<'a> {
    hub: Hub,
    side: Side,
    out: UnboundedSender<String>,
    agents: &'a [String],
    next: u64,
    /// What was asked and not yet answered, by the request's id.
    waiting: BTreeMap<String, Question>,
    /// The resources that are available, by agent.
    seen: BTreeMap<String, BTreeSet<String>>,
}

/// A node and whom to subscribe to it.
struct Node {
    name: String,
    subscribers: Vec<String>,
}

/// What an answer is waited for.
enum Question {
    /// Was the node new?
    Made(Node),
    /// Are they still subscribed?
    Kept(Node),
}

impl Bridge<'_> {
    async fn run(
        &mut self,
        mut source: Source,
        commands: &mut UnboundedReceiver<ServiceCommand>,
    ) -> Result<(), Failure> {
        self.make_nodes()?;
        while !self.waiting.is_empty() {
            self.hear(&receive(&mut source).await?)?;
        }
        if self.hub.shown(self.side) {
            self.show(true)?;
        }
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(ServiceCommand::Show { available, .. }) => self.show(available)?,
                    Some(ServiceCommand::Publish { node, payload, .. }) => self.publish(&node, &payload)?,
                    None => return Ok(()),
                },
                frame = receive(&mut source) => self.hear(&frame?)?,
            }
        }
    }

    /// Asks for all nodes at once; agents are subscribed to those that are new. The service remembers the others.
    fn make_nodes(&mut self) -> Result<(), Failure> {
        let mut nodes = BTreeMap::from([("/finesse/api/Team/1/Users".to_owned(), Vec::new())]);
        for id in self.agents {
            for name in nodes_of(id) {
                nodes.entry(name).or_default().push(id.clone());
            }
        }
        for (name, subscribers) in nodes {
            self.make(Node { name, subscribers })?;
        }
        Ok(())
    }

    fn make(&mut self, node: Node) -> Result<(), Failure> {
        let inner = format!(
            "<pubsub xmlns='{PUBSUB}'><create node='{}'/><configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{PUBSUB}#node_config</value></field><field var='pubsub#send_last_published_item'><value>never</value></field><field var='pubsub#persist_items'><value>0</value></field></x></configure></pubsub>",
            escape(&node.name)
        );
        let id = self.ask("set", &inner)?;
        self.waiting.insert(id, Question::Made(node));
        Ok(())
    }

    fn subscribe(&mut self, node: &Node) -> Result<(), Failure> {
        if node.subscribers.is_empty() {
            return Ok(());
        }
        let subscriptions: String = node
            .subscribers
            .iter()
            .map(|id| format!("<subscription jid='{}@{DOMAIN}' subscription='subscribed'/>", escape(id)))
            .collect();
        let inner = format!(
            "<pubsub xmlns='{PUBSUB}#owner'><subscriptions node='{}'>{subscriptions}</subscriptions></pubsub>",
            escape(&node.name)
        );
        self.ask("set", &inner)?;
        Ok(())
    }

    fn publish(&mut self, node: &str, payload: &str) -> Result<(), Failure> {
        let inner = format!(
            "<pubsub xmlns='{PUBSUB}'><publish node='{}'><item><notification xmlns='{PUBSUB}'>{}</notification></item></publish></pubsub>",
            escape(node),
            escape(payload)
        );
        self.ask("set", &inner)?;
        Ok(())
    }

    /// Shows or hides `finesse`. Shown, the agents' presences come.
    fn show(&mut self, available: bool) -> Result<(), Failure> {
        if available {
            self.send("<presence xmlns='jabber:client'><priority>0</priority></presence>".into())?;
            self.hub.signal(ServiceSignal::Joined { side: self.side });
        } else {
            self.seen.clear();
            self.send("<presence xmlns='jabber:client' type='unavailable'/>".into())?;
        }
        Ok(())
    }

    fn hear(&mut self, frame: &str) -> Result<(), Failure> {
        let cleaned = frame.trim();
        let Ok(document) = roxmltree::Document::parse(cleaned) else { return Ok(()) };
        let root = document.root_element();
        let id = root.attribute("id").unwrap_or_default();
        match (root.tag_name().name(), root.attribute("type")) {
            ("iq", Some(kind @ ("result" | "error"))) => {
                if let Some(question) = self.waiting.remove(id) {
                    self.answered(question, kind == "result", root)?;
                }
            }
            ("iq", _) => self.decline(id, root.attribute("from"))?,
            ("presence", kind @ (None | Some("unavailable"))) => {
                self.see(root.attribute("from").unwrap_or_default(), kind.is_none())?;
            }
            ("error" | "close", _) => return Err("the stream ended".into()),
            _ => {}
        }
        Ok(())
    }

    fn answered(
        &mut self,
        question: Question,
        well: bool,
        answer: roxmltree::Node<'_, '_>,
    ) -> Result<(), Failure> {
        match question {
            Question::Made(node) if well => self.subscribe(&node),
            // ejabberd makes one node at a time: whoever asks meanwhile is told to wait.
            Question::Made(node) if answer.descendants().any(is_wait) => self.make(node),
            Question::Made(node) => self.check(node),
            Question::Kept(mut node) if well => {
                // Servers differ in where they name the node and in what they quote with: only who is asked counts.
                let kept: BTreeSet<&str> = answer
                    .descendants()
                    .filter(|it| it.attribute("subscription") == Some("subscribed"))
                    .filter_map(|it| it.attribute("jid"))
                    .collect();
                node.subscribers.retain(|id| !kept.contains(format!("{id}@{DOMAIN}").as_str()));
                self.subscribe(&node)
            }
            Question::Kept(_) => Ok(()),
        }
    }

    /// Openfire drops all subscriptions of an agent to whom a notification could not be delivered, as it happens when
    /// a client dies in the middle of it. Finesse renews them at sign-in; so do we, when the agent comes, but only
    /// where one is missing: ejabberd tells the agent of every renewal.
    fn check(&mut self, node: Node) -> Result<(), Failure> {
        if node.subscribers.is_empty() {
            return Ok(());
        }
        let inner =
            format!("<pubsub xmlns='{PUBSUB}#owner'><subscriptions node='{}'/></pubsub>", escape(&node.name));
        let id = self.ask("get", &inner)?;
        self.waiting.insert(id, Question::Kept(node));
        Ok(())
    }

    /// RFC 6120 8.2.3: requests that are not served are declined.
    fn decline(&mut self, id: &str, from: Option<&str>) -> Result<(), Failure> {
        let to = from.map(|from| format!(" to='{}'", escape(from))).unwrap_or_default();
        self.send(format!(
            "<iq xmlns='jabber:client' type='error' id='{}'{to}><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            escape(id)
        ))
    }

    /// An agent is present while any resource of theirs is.
    fn see(&mut self, from: &str, available: bool) -> Result<(), Failure> {
        let (bare, resource) = from.split_once('/').unwrap_or((from, ""));
        let Some(agent) = bare.strip_suffix(&format!("@{DOMAIN}")) else { return Ok(()) };
        if agent == "finesse" {
            return Ok(());
        }
        let resources = self.seen.entry(agent.to_owned()).or_default();
        let before = !resources.is_empty();
        if available {
            resources.insert(resource.to_owned());
        } else if resource.is_empty() {
            resources.clear();
        } else {
            resources.remove(resource);
        }
        let after = !resources.is_empty();
        if before != after {
            let signal =
                ServiceSignal::Presence { side: self.side, agent: agent.to_owned(), available: after };
            self.hub.signal(signal);
        }
        if after && !before {
            for name in nodes_of(agent) {
                self.check(Node { name, subscribers: vec![agent.to_owned()] })?;
            }
        }
        Ok(())
    }

    fn ask(&mut self, kind: &str, inner: &str) -> Result<String, Failure> {
        self.next += 1;
        let id = format!("f{}", self.next);
        self.send(format!(
            "<iq xmlns='jabber:client' type='{kind}' to='pubsub.{DOMAIN}' id='{id}'>{inner}</iq>"
        ))?;
        Ok(id)
    }

    fn send(&mut self, text: String) -> Result<(), Failure> {
        Ok(self.out.send(text)?)
    }
}

/// RFC 6120 8.3.2: what was asked may be asked again.
fn is_wait(element: roxmltree::Node<'_, '_>) -> bool {
    element.has_tag_name(("jabber:client", "error")) && element.attribute("type") == Some("wait")
}

/// What an agent is subscribed to.
fn nodes_of(agent: &str) -> impl Iterator<Item = String> {
    let below = BELOW_USER.iter().map(move |below| format!("/finesse/api/User/{agent}{below}"));
    below.chain([SYSTEM_INFO.to_owned()])
}

/// Signs in as `finesse`, each step answered before the next.
async fn sign_in(service: &Address) -> Result<Socket, Failure> {
    let scheme = if service.secure { "wss" } else { "ws" };
    let mut request = format!("{scheme}://{}{}", service.authority, service.path).into_client_request()?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("xmpp"));
    let (mut socket, _) = tokio_tungstenite::client_async(request, service.dial().await?).await?;
    let open = format!("<open xmlns='{FRAMING}' to='{DOMAIN}' version='1.0'/>");
    let auth = format!(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{}</auth>",
        STANDARD.encode("\0finesse\0pw-finesse")
    );
    let bind = "<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>fin</resource></bind></iq>";
    for (step, expected) in [
        (open.as_str(), "features"),
        (&auth, "success"),
        (&open, "features"),
        (bind, "urn:ietf:params:xml:ns:xmpp-bind"),
    ] {
        socket.send(Message::text(step)).await?;
        loop {
            let frame = receive(&mut socket).await?;
            if frame.contains("<failure") || frame.contains("stream:error") {
                return Err(frame.into());
            }
            if frame.contains(expected) {
                break;
            }
        }
    }
    Ok(socket)
}

async fn receive(
    socket: &mut (impl StreamExt<Item = Result<Message, Error>> + Unpin),
) -> Result<String, Failure> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
            Some(Ok(Message::Close(_))) | None => return Err("closed".into()),
            Some(Ok(_)) => {}
            Some(Err(why)) => return Err(why.into()),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&apos;")
        .replace('"', "&quot;")
}
