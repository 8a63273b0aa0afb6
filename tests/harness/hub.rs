//! A gadget container's hub, and a desktop behind it that does with its one session what Cisco's does.

use super::Harness;
use super::draw::Draw;
use finesse_keeper::effect::{Answer, Effect, Number};
use finesse_keeper::keeper::{Command, Config, Event, Host, Transport};
use finesse_keeper::recovery::StateName;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub const CONNECTION: &str = "finesse.info.connection";
pub const REQUESTS: &str = "finesse.info.requests";

/// Who hears what, and what the desktop has said and subscribed.
#[derive(Default)]
pub struct Hub {
    /// Gadgets, by client and the number of their link.
    listeners: BTreeMap<String, BTreeSet<(usize, u32)>>,
    /// Published, and not yet heard.
    queue: VecDeque<(String, Option<String>)>,
    /// Asked for, and not yet answered: id, type, node.
    asked: VecDeque<(String, &'static str, String)>,
    desktop: Option<usize>,
    word: &'static str,
    /// What is subscribed for all gadgets; nobody counts.
    nodes: BTreeSet<String>,
    /// All that gadgets asked for.
    pub requests: Vec<(&'static str, String)>,
    /// Answers nothing any more.
    pub mute: bool,
    /// Loses one message of four that are not notifications.
    pub losing: Option<Draw>,
}

impl Hub {
    /// Nobody listens for an answer that has come, or will not.
    pub fn is_tidy(&self) -> bool {
        let answers = self.listeners.iter().filter(|(topic, _)| topic.starts_with("finesse.info.responses."));
        answers.map(|(_, gadgets)| gadgets.len()).sum::<usize>() == 0
    }
}

impl Harness {
    /// This client's session is the one that gadgets share.
    pub fn share(&mut self, desktop: usize) {
        self.hub.desktop = Some(desktop);
        self.hub.word = "connecting";
    }

    /// A gadget of that desktop, which reads by REST on side A.
    pub fn add_gadget(&mut self, agent: &str, seed: u64) -> usize {
        let config = Config {
            hosts: vec![Host { rest: format!("http://a.test/as/{agent}"), ..Host::default() }],
            user: agent.to_owned(),
            transport: Transport::Hub,
            expected_agents: 1,
            seed,
            ..Config::default()
        };
        self.add_with(agent, config)
    }

    /// Publishes as a container does, or anyone on its page.
    pub fn publish(&mut self, topic: &str, text: &str) {
        self.hub.queue.push_back((topic.to_owned(), Some(text.to_owned())));
        self.pump();
    }

    /// Publishes what no gadget takes in.
    pub fn publish_too_much(&mut self, topic: &str) {
        self.hub.queue.push_back((topic.to_owned(), None));
        self.pump();
    }

    /// Publishes how its connection is.
    pub fn say(&mut self, word: &'static str) {
        self.hub.word = word;
        self.publish(CONNECTION, word);
    }

    /// One of the effects about the hub.
    pub(super) fn perform_on_hub(&mut self, index: usize, effect: Effect) {
        match effect {
            Effect::ListenToHub { hub, topic } => {
                self.hub.listeners.entry(topic).or_default().insert((index, hub.0));
            }
            Effect::ForgetTopic { hub, topic } => {
                self.hub.listeners.entry(topic).or_default().remove(&(index, hub.0));
            }
            Effect::AskHub { hub, id, request, node } => {
                let responses = format!("finesse.info.responses.{id}");
                self.hub.listeners.entry(responses).or_default().insert((index, hub.0));
                self.hub.queue.push_back((REQUESTS.to_owned(), Some(format!("{request} {node}"))));
                self.hub.requests.push((request, node.clone()));
                self.hub.asked.push_back((id, request, node));
            }
            Effect::LeaveHub { hub } => {
                for listeners in self.hub.listeners.values_mut() {
                    listeners.remove(&(index, hub.0));
                }
            }
            _ => {}
        }
    }

    /// What the desktop heard, it tells its gadgets.
    pub(super) fn tell_gadgets(&mut self, index: usize, event: &Event) {
        if self.hub.desktop != Some(index) {
            return;
        }
        match event {
            Event::StatusChanged(status) => {
                let serves = status.state == StateName::InService;
                let word = match (serves, self.hub.word) {
                    (true, "connecting") => "connected",
                    (true, "connected" | "recovered") | (false, "connecting" | "failing") => return,
                    (true, _) => "recovered",
                    (false, _) => "failing",
                };
                self.hub.word = word;
                // duplicates are normal
                self.hub.queue.extend([
                    (CONNECTION.to_owned(), Some(word.to_owned())),
                    (CONNECTION.to_owned(), Some(word.to_owned())),
                ]);
            }
            Event::Notified(it) if !it.synthetic => {
                let topic = it.node.trim_start_matches('/').replace('/', ".");
                self.hub.queue.push_back((topic, Some(format!("{}{}", it.node, it.to_element().to_xml()))));
            }
            _ => {}
        }
    }

    /// Delivers what was published and answers what was asked. Tells whether there was anything.
    pub(super) fn pump_hub(&mut self) -> bool {
        if let Some((topic, text)) = self.hub.queue.pop_front() {
            let said = topic.starts_with("finesse.info.");
            if said && self.hub.losing.as_mut().is_some_and(|draw| draw.below(4) == 0) {
                return true;
            }
            for (index, hub) in self.hub.listeners.get(&topic).cloned().unwrap_or_default() {
                let said = Answer::HubSaid { hub: Number(hub), topic: topic.clone(), text: text.clone() };
                self.feed(index, said);
                self.drain(index);
            }
            return true;
        }
        let Some((id, request, node)) = self.hub.asked.pop_front() else { return false };
        let Some(desktop) = self.hub.desktop.filter(|_| !self.hub.mute) else { return true };
        let stands = matches!(self.hub.word, "connected" | "recovered");
        if request == "ConnectionInfoReq" {
            self.hub.queue.push_back((CONNECTION.to_owned(), Some(self.hub.word.to_owned())));
            return true;
        }
        let answer = match request {
            _ if !stands => "Not connected",
            "SubscribeNodeReq" if self.hub.nodes.insert(node.clone()) => {
                self.command(desktop, Command::Subscribe(node));
                ""
            }
            "UnsubscribeNodeReq" if self.hub.nodes.remove(&node) => {
                self.command(desktop, Command::Unsubscribe(node));
                ""
            }
            _ => "",
        };
        self.hub.queue.push_back((format!("finesse.info.responses.{id}"), Some(answer.to_owned())));
        true
    }
}
