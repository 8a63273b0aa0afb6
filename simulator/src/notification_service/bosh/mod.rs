//! XEP-0124 and XEP-0206 as Openfire 4.2 answers them: sessions made of HTTP requests. The bodies are read here; which
//! request is answered when, and with what, is in `window`.

mod window;

use roxmltree::Node;

use super::{Desk, Event, Key, NotificationService, Phase, Session, stanza};
use crate::config::Side;
use crate::ns;
use crate::xml;
pub(crate) use window::HASTE_MS;
use window::{Breach, Found, MAX_PAUSE_S, POLLING_S, REQUESTS, Window};

/// How long a request is held when the client does not say, in seconds.
const WAIT_S: u64 = 60;

/// What a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A `<body/>`.
    Body(String),
    /// An error of HTTP, with HTML.
    Error(u16),
}

/// What carries a session over BOSH.
pub(super) struct Binding {
    window: Window,
    client: String,
    /// It understands no condition (`ver` before 1.6): errors are those of HTTP.
    legacy: bool,
    /// The fault `over-activity`: its next answer is its last.
    doomed: bool,
}

/// A `<body/>` that came, and the way it came.
pub(crate) struct Posted<'a> {
    pub(crate) request: u64,
    pub(crate) client: &'a str,
    pub(crate) body: &'a str,
}

/// The session that a body names.
pub(crate) fn key_of(sid: &str) -> Option<Key> {
    u64::from_str_radix(sid, 16).ok().map(Key::Bosh)
}

impl NotificationService {
    /// A `<body/>` came in.
    pub(crate) fn posted(&mut self, side: Side, posted: &Posted<'_>, desk: &mut Desk<'_>) {
        let document = xml::read(posted.body);
        let body = document.as_ref().map(roxmltree::Document::root_element);
        let body = body.filter(|body| body.tag_name().name() == "body");
        let rid = body.and_then(|body| number(body, "rid")).filter(|rid| *rid > 0);
        let (Some(body), Some(rid)) = (body, rid) else {
            return self.answer(posted.request, Answer::Error(400));
        };
        match body.attribute("sid") {
            None if xml::first(body).is_some() => self.answer(posted.request, Answer::Error(400)),
            None => self.create(rid, posted, body, desk),
            Some(sid) => match key_of(sid) {
                Some(Key::Bosh(session)) if self.bindings.contains_key(&session) => {
                    self.go_on(side, (session, rid), posted.request, body, desk);
                }
                _ => self.answer(posted.request, Answer::Error(404)),
            },
        }
    }

    /// A request has been held for as long as it may.
    pub(crate) fn wait_over(&mut self, key: Key, request: u64, now: u64) {
        let Key::Bosh(session) = key else { return };
        if let Some(binding) = self.bindings.get_mut(&session) {
            binding.window.wait_over(request, now);
            self.answer_from(session);
        }
    }

    /// The client prefix of the request that made a session.
    pub(crate) fn client_of(&self, key: Key) -> Option<&str> {
        let Key::Bosh(session) = key else { return None };
        self.bindings.get(&session).map(|binding| binding.client.as_str())
    }

    /// The fault `bosh-session-lost`: the session is forgotten. A held request comes back empty.
    pub(crate) fn forget(&mut self, key: Key) {
        self.end(key);
    }

    /// The fault `over-activity`: the next answer says that the client asked too often, and is the last.
    pub(crate) fn doom(&mut self, key: Key) {
        let Key::Bosh(session) = key else { return };
        let Some(binding) = self.bindings.get_mut(&session) else { return };
        match binding.window.take_any() {
            Some(request) => self.break_off(session, request, Breach::PolicyViolation),
            None => binding.doomed = true,
        }
    }

    /// The faults `garbage` and `oversized`: says what no good server says.
    pub(crate) fn say(&mut self, key: Key, text: String) {
        self.send(key, text);
    }

    /// Says something to the client of a session.
    pub(super) fn send_bosh(&mut self, session: u64, text: String) {
        if let Some(binding) = self.bindings.get_mut(&session) {
            binding.window.deliver(text);
            self.answer_from(session);
        }
    }

    /// Ends a session: what is open is answered, and nothing is known of it any more.
    pub(super) fn close_bosh(&mut self, session: u64) {
        if let Some(binding) = self.bindings.get_mut(&session) {
            binding.window.close();
            self.answer_from(session);
        }
    }

    /// Whether a client is gone, and its session over; else when to look again.
    pub(super) fn look_after(&mut self, session: u64, now: u64) -> Option<u64> {
        let next = self.bindings.get_mut(&session)?.window.look(now);
        if next.is_none() {
            self.end(Key::Bosh(session));
        }
        next
    }

    /// XEP-0124 7.1, XEP-0206 2: the answer has the features with it, `bind` among them. Any `to` will do.
    fn create(&mut self, rid: u64, posted: &Posted<'_>, body: Node<'_, '_>, desk: &mut Desk<'_>) {
        let sid = desk.rng.name();
        let Some(key @ Key::Bosh(session)) = key_of(&sid) else { return };
        let hold = number(body, "hold").and_then(|hold| usize::try_from(hold).ok()).unwrap_or(1);
        let wait = number(body, "wait").unwrap_or(WAIT_S);
        let window = Window::new(rid, wait, hold, desk.now);
        let legacy = !speaks_conditions(body.attribute("ver").unwrap_or_default());
        let newer = if legacy {
            String::new()
        } else {
            format!(r#" hold="{hold}" ack="{rid}" maxpause="{MAX_PAUSE_S}" ver="1.6""#)
        };
        let text = format!(
            r#"<body xmlns="{}" xmlns:stream="{}" from="{}" authid="{sid}" sid="{sid}" secure="true" requests="{REQUESTS}" inactivity="{}" polling="{POLLING_S}" wait="{wait}"{newer}><stream:features>{}{}</stream:features></body>"#,
            ns::HTTP_BIND,
            ns::STREAM,
            self.domain,
            window.inactivity_s(),
            stanza::mechanisms(),
            stanza::bind_and_session(),
        );
        self.sessions.insert(key, Session::new(sid, Phase::Open, desk.now));
        let binding = Binding { window, client: posted.client.to_owned(), legacy, doomed: false };
        self.bindings.insert(session, binding);
        self.events.push_back(Event::Created { key, look: Window::first_look(desk.now) });
        self.answer(posted.request, Answer::Body(text));
    }

    /// A body of a session that lives.
    fn go_on(
        &mut self,
        side: Side,
        (session, rid): (u64, u64),
        request: u64,
        body: Node<'_, '_>,
        desk: &mut Desk<'_>,
    ) {
        let key = Key::Bosh(session);
        let Some(binding) = self.bindings.get_mut(&session) else { return };
        if binding.doomed {
            return self.break_off(session, request, Breach::PolicyViolation);
        }
        if let Some(state) = self.sessions.get_mut(&key) {
            state.heard = desk.now;
        }
        let purpose = Purpose::of(body);
        let silent = xml::first(body).is_none();
        let found = binding.window.enter(rid, request, silent && purpose == Purpose::Talk, desk.now);
        let found = match found {
            Ok(found) => found,
            Err(breach) => return self.break_off(session, request, breach),
        };
        let ends = self.serve(session, request, purpose, desk.now);
        self.answer_from(session);
        if found == Found::Open {
            let at = self.bindings.get(&session).map_or(0, |binding| desk.now + binding.window.wait_ms());
            self.events.push_back(Event::Held { key, request, until: at });
        }
        for element in body.children().filter(Node::is_element) {
            self.take(side, key, element, desk);
        }
        if ends {
            if let Some(state) = self.sessions.get_mut(&key) {
                state.closed = true;
            }
            self.end(key);
        }
    }

    /// What a request wants beside being answered some time. Tells whether the session is to end.
    ///
    /// A request that is answered already, with what had waited for it, ends nothing: the client has to ask again.
    fn serve(&mut self, session: u64, request: u64, purpose: Purpose, now: u64) -> bool {
        let signed_in = self.sessions.get(&Key::Bosh(session)).is_some_and(|it| it.phase != Phase::Open);
        let Some(Binding { window, .. }) = self.bindings.get_mut(&session) else { return false };
        match purpose {
            Purpose::Pause(seconds) => window.pause(seconds),
            Purpose::Talk => window.resume(),
            Purpose::Terminate | Purpose::Restart if !window.claim(request, now) => return false,
            Purpose::Terminate => {
                let text = window.empty(r#" type="terminate""#);
                self.answer(request, Answer::Body(text));
                return true;
            }
            Purpose::Restart => {
                let features = [stanza::mechanisms(), stanza::bind_and_session()];
                let text = format!(
                    r#"<body xmlns="{}" xmlns:stream="{}"><stream:features>{}</stream:features></body>"#,
                    ns::HTTP_BIND,
                    ns::STREAM,
                    features.get(usize::from(signed_in)..).unwrap_or_default().concat()
                );
                self.answer(request, Answer::Body(text));
            }
        }
        false
    }

    /// XEP-0124 17.2: the session is over, and the client is told why.
    fn break_off(&mut self, session: u64, request: u64, breach: Breach) {
        let legacy = self.bindings.get(&session).is_some_and(|binding| binding.legacy);
        let (condition, status) = match breach {
            Breach::BadRequest => ("bad-request", 400),
            Breach::ItemNotFound => ("item-not-found", 404),
            Breach::PolicyViolation => ("policy-violation", 403),
        };
        let answer = if legacy || breach == Breach::BadRequest {
            Answer::Error(status)
        } else {
            let name = ns::HTTP_BIND;
            Answer::Body(format!(r#"<body xmlns="{name}" type="terminate" condition="{condition}"/>"#))
        };
        self.answer(request, answer);
        self.events.push_back(Event::BrokenOff);
        self.end(Key::Bosh(session));
    }

    /// Lets out what a session has answered.
    fn answer_from(&mut self, session: u64) {
        let Some(binding) = self.bindings.get_mut(&session) else { return };
        while let Some((request, body)) = binding.window.poll_answer() {
            self.events.push_back(Event::Answer { request, answer: Answer::Body(body) });
        }
    }

    fn answer(&mut self, request: u64, answer: Answer) {
        self.events.push_back(Event::Answer { request, answer });
    }
}

/// What a body is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Talk,
    Pause(u64),
    Restart,
    Terminate,
}

impl Purpose {
    fn of(body: Node<'_, '_>) -> Self {
        let pause = number(body, "pause");
        if body.attribute("type") == Some("terminate") {
            Self::Terminate
        } else if body.attribute((ns::XBOSH, "restart")) == Some("true") && xml::first(body).is_none() {
            Self::Restart
        } else if let Some(seconds) = pause.filter(|seconds| (1..=MAX_PAUSE_S).contains(seconds)) {
            Self::Pause(seconds)
        } else {
            Self::Talk
        }
    }
}

fn number(body: Node<'_, '_>, name: &str) -> Option<u64> {
    body.attribute(name).and_then(|value| value.parse().ok())
}

/// Whether a version is 1.6 or later.
fn speaks_conditions(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next(), parts.next()) >= (Some(1), Some(6))
}
