//! A client of the simulated pair, as plain as can be, and a clock.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use finesse_simulator::{Config, FaultSpec, Input, Output, Side, World};

pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) now: u64,
    next: u64,
    seen: VecDeque<Output>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self { world: World::new(config, 1), now: 0, next: 1, seen: VecDeque::new() }
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.world.handle_input(input, self.now);
        self.drain();
    }

    /// Lets time pass, waking the world exactly when it asks.
    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        while let Some(at) = self.world.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.world.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
        self.world.handle_timeout(until);
        self.drain();
    }

    pub(crate) fn fault(&mut self, spec: FaultSpec) -> u64 {
        let id = self.world.add_fault(&spec, self.now).unwrap();
        self.drain();
        id
    }

    pub(crate) fn heal(&mut self, id: u64) {
        assert!(self.world.heal(id, self.now));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.world.poll_output() {
            self.seen.push_back(output);
        }
    }

    pub(crate) fn open(&mut self, side: Side, client: &str) -> u64 {
        let socket = self.next;
        self.next += 1;
        self.input(Input::SocketOpen { socket, side, client: client.into(), protocol: Some("xmpp".into()) });
        socket
    }

    pub(crate) fn text(&mut self, socket: u64, text: &str) {
        self.input(Input::SocketText { socket, text: text.into() });
    }

    pub(crate) fn close(&mut self, socket: u64) {
        self.input(Input::SocketClosed { socket });
    }

    /// Everything up to a presence, without waiting for anything.
    pub(crate) fn sign_in(&mut self, side: Side, id: &str) -> u64 {
        let socket = self.open(side, id);
        self.sign_in_on(socket, id, &format!("pw-{id}"), "keeper");
        socket
    }

    pub(crate) fn sign_in_on(&mut self, socket: u64, id: &str, secret: &str, resource: &str) {
        let auth = STANDARD.encode(format!("\0{id}\0{secret}"));
        self.text(socket, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x' version='1.0'/>");
        self.text(
            socket,
            &format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{auth}</auth>"),
        );
        self.text(socket, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x' version='1.0'/>");
        self.text(
            socket,
            &format!(
                "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq>"
            ),
        );
        self.text(socket, "<presence><priority>0</priority></presence>");
    }

    /// The frames that came on a socket since the last look.
    pub(crate) fn frames(&mut self, socket: u64) -> Vec<String> {
        let mut frames = Vec::new();
        self.seen.retain(|output| match output {
            Output::SocketText { socket: it, text } if *it == socket => {
                frames.push(text.clone());
                false
            }
            _ => true,
        });
        frames
    }

    pub(crate) fn closed(&self, socket: u64) -> Option<u16> {
        self.seen.iter().find_map(|output| match output {
            Output::SocketClosed { socket: it, code } if *it == socket => Some(*code),
            _ => None,
        })
    }

    pub(crate) fn accepted(&self, socket: u64) -> bool {
        self.seen.contains(&Output::SocketAccepted { socket })
    }

    pub(crate) fn ping(&mut self, socket: u64) {
        self.text(socket, "<iq type='get' id='p' to='fin-a.localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
    }

    pub(crate) fn send(
        &mut self,
        side: Side,
        client: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> u64 {
        let request = self.next;
        self.next += 1;
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        self.input(Input::Request {
            request,
            side,
            client: client.into(),
            method: method.into(),
            path: path.into(),
            headers,
            body: body.into(),
        });
        request
    }

    pub(crate) fn answer(&mut self, request: u64) -> Option<Answer> {
        self.seen.iter().find_map(|output| match output {
            Output::Response { request: it, status, headers, body } if *it == request => {
                Some(Answer { status: *status, headers: headers.clone(), body: body.clone() })
            }
            _ => None,
        })
    }

    pub(crate) fn failed(&self, request: u64) -> bool {
        self.seen.contains(&Output::RequestFailed { request })
    }

    /// A request that is answered at once.
    pub(crate) fn get(&mut self, side: Side, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.send(side, "", "GET", path, headers, "");
        self.answer(request).unwrap()
    }

    pub(crate) fn read(&mut self, side: Side) -> Answer {
        self.get(side, "/finesse/api/SystemInfo?nocache=1", &[])
    }

    pub(crate) fn put_state(&mut self, side: Side, id: &str, state: &str, request_id: &str) -> Answer {
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:pw-{id}")));
        let request = self.send(
            side,
            "",
            "PUT",
            &format!("/finesse/api/User/{id}"),
            &[("authorization", &basic), ("requestId", request_id)],
            &format!("\n  <User>\n <state>{state}</state><extension>2001</extension></User>"),
        );
        self.answer(request).unwrap()
    }

    pub(crate) fn state(&self, id: &str) -> &'static str {
        self.world.agent(id).unwrap().state
    }
}
