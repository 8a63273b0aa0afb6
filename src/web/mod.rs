//! R7, only on wasm32: the keeper as JavaScript sees it.
//!
//! This layer converts and never decides. It hands inputs in and effects, events and the next deadline out; what
//! performs them is `pkg/src/host.js`. Sockets, `fetch`, timers and the page's life are JavaScript's own, and every
//! callback that Rust would put between costs a wrapper on both sides: in Rust the same performers were 7 kB more of
//! the download, for every agent, and the next transport would have come on top.

mod clock;
mod convert;
pub mod room;
mod tape;

use crate::effect::{Answer, Credentials, Number, RequestFailure, Response};
use crate::finesse::system_info::Info;
use crate::finesse::update::Notification;
use crate::keeper::{Command, Input, Keeper, Snapshot};
use crate::limits;
use crate::secret::Secret;
use crate::time::{Duration, WallTime, Zone};
use wasm_bindgen::prelude::*;

/// In the web, no page of a keeper needs what the default allocator does for large programs: a tenth of its code
/// allocates in constant time.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Reads a notification as a gadget gets it: `<Update>`, or the whole stanza. `node` is the node it came on.
///
/// # Errors
/// An object `{code, message, nextStep}` if there is no notification in it.
#[wasm_bindgen(js_name = parseNotification)]
pub fn parse_notification(length: usize, node: &str) -> Result<JsValue, JsValue> {
    let notification = room::text(length, |text| Notification::parse(text, node));
    let notification = notification.map_err(|error| convert::parse_error(&error))?;
    Ok(convert::notification(&notification))
}

/// Reads SystemInfo.
///
/// # Errors
/// An object `{code, message, nextStep}` if it is something else.
#[wasm_bindgen(js_name = parseSystemInfo)]
pub fn parse_system_info(length: usize) -> Result<JsValue, JsValue> {
    let info = room::text(length, Info::parse).map_err(|error| convert::parse_error(&error))?;
    Ok(convert::system_info(&info))
}

/// One keeper. Not public API: `Keeper` in `pkg/src/index.js` is. The rule of the core holds here as well: one input,
/// then all of [`Core::effect`] and [`Core::event`], then one timer for [`Core::wait`].
#[wasm_bindgen]
#[derive(Debug)]
pub struct Core {
    keeper: Keeper,
}

#[wasm_bindgen]
impl Core {
    /// Checks `options` and makes a keeper that waits for [`Core::start`].
    ///
    /// # Errors
    /// An object `{code, field, message, nextStep}` if the options cannot be used.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Core, JsValue> {
        let config = convert::config(options, clock::seed());
        let keeper = Keeper::new(config).map_err(|error| convert::config_error(&error))?;
        Ok(Self { keeper })
    }

    /// Goes on from what an earlier page remembered: its own text, and the one for all tabs. Before [`Core::start`].
    pub fn remember(&mut self, own: &str, shared: &str) {
        self.keeper.remember(Snapshot::from_text(own), clock::now());
        self.recall(shared);
    }

    /// What another tab remembers for all of them.
    pub fn recall(&mut self, shared: &str) {
        self.keeper.remember_refusals(&Snapshot::from_text(shared).refusals, clock::now());
    }

    /// What the next page of this tab should know.
    #[must_use]
    pub fn memory(&self) -> String {
        self.keeper.memory().to_text()
    }

    /// What every tab should know.
    #[must_use]
    pub fn refusals(&self) -> String {
        self.keeper.snapshot().refusals_to_text()
    }

    /// Begins.
    pub fn start(&mut self) {
        self.command(Command::Start);
    }

    /// Receives what is published on `node`, once more.
    pub fn subscribe(&mut self, node: String) {
        self.command(Command::Subscribe(node));
    }

    /// One [`Core::subscribe`] less.
    pub fn unsubscribe(&mut self, node: String) {
        self.command(Command::Unsubscribe(node));
    }

    /// Asks Finesse for something; `number` comes back with what became of it. For nothing: nobody waits any longer.
    pub fn ask(&mut self, number: u32, what: &JsValue) {
        self.command(convert::ask(what).map_or(Command::GiveUp(number), |ask| Command::Ask(number, ask)));
    }

    /// Undoes a forced logout.
    #[wasm_bindgen(js_name = signInAgain)]
    pub fn sign_in_again(&mut self) {
        self.command(Command::SignInAgain);
    }

    /// Leaves the stopped state.
    pub fn resume(&mut self) {
        self.command(Command::Resume);
    }

    /// Goes to the other side.
    #[wasm_bindgen(js_name = move)]
    pub fn move_over(&mut self) {
        self.command(Command::Move);
    }

    /// Goes to the other side at a moment of the next so many milliseconds.
    #[wasm_bindgen(js_name = moveWithin)]
    pub fn move_within(&mut self, millis: u32) {
        self.command(Command::MoveWithin(Duration::from_millis(millis.into())));
    }

    /// Says goodbye and stops for good.
    pub fn close(&mut self) {
        self.command(Command::Close);
    }

    /// This keeper holds the link.
    #[wasm_bindgen(js_name = leaseGranted)]
    pub fn lease_granted(&mut self) {
        self.answer(Answer::LeaseGranted);
    }

    /// A socket is open.
    #[wasm_bindgen(js_name = socketOpened)]
    pub fn socket_opened(&mut self, socket: u32) {
        self.answer(Answer::SocketOpened { socket: Number(socket) });
    }

    /// A text frame came. Its sender has measured it in UTF-16 units, each of which becomes one to three bytes.
    #[wasm_bindgen(js_name = socketText)]
    pub fn socket_text(&mut self, socket: u32, text: String) {
        if text.len() > limits::FRAME_BYTES {
            return self.socket_frame_refused(socket, text.len());
        }
        self.answer(Answer::SocketText { socket: Number(socket), text });
    }

    /// A frame came that is too large or no text.
    #[wasm_bindgen(js_name = socketFrameRefused)]
    pub fn socket_frame_refused(&mut self, socket: u32, bytes: usize) {
        self.answer(Answer::SocketFrameRefused { socket: Number(socket), bytes });
    }

    /// A socket is gone, or never came to be.
    #[wasm_bindgen(js_name = socketClosed)]
    pub fn socket_closed(&mut self, socket: u32, code: u16) {
        self.answer(Answer::SocketClosed { socket: Number(socket), code });
    }

    /// Something was published on a topic of the hub; nothing if it is too large or no text.
    #[wasm_bindgen(js_name = hubSaid)]
    pub fn hub_said(&mut self, hub: u32, topic: String, text: Option<String>) {
        self.answer(Answer::HubSaid { hub: Number(hub), topic, text });
    }

    /// An HTTP answer came.
    pub fn responded(&mut self, number: u32, status: u16, body: String, retry_after: Option<String>) {
        let retry_after = retry_after.and_then(|seconds| seconds.trim().parse().ok());
        let response = Response { status, body, retry_after };
        self.answer(Answer::Responded { number: Number(number), response });
    }

    /// An HTTP answer came that the browser hides.
    #[wasm_bindgen(js_name = respondedOpaquely)]
    pub fn responded_opaquely(&mut self, number: u32) {
        self.answer(Answer::RespondedOpaquely { number: Number(number) });
    }

    /// A request failed; `unusable` if an answer came whose body is too large or no text.
    #[wasm_bindgen(js_name = requestFailed)]
    pub fn request_failed(&mut self, number: u32, unusable: bool) {
        let failure = if unusable { RequestFailure::TooLarge } else { RequestFailure::Network };
        self.answer(Answer::RequestFailed { number: Number(number), failure });
    }

    /// The provider gave something, or failed. A token outweighs a password; an empty text is neither. A token may be
    /// good for so many seconds.
    #[wasm_bindgen(js_name = credentialsGiven)]
    pub fn credentials_given(
        &mut self,
        number: u32,
        password: Option<String>,
        token: Option<String>,
        expires_in: Option<u32>,
    ) {
        let number = Number(number);
        let secret = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Secret::new);
        let password = secret(password).map(Credentials::Password);
        self.answer(match secret(token).map(Credentials::Token).or(password) {
            Some(credentials) => {
                let life = expires_in.map(|seconds| Duration::from_secs(seconds.into()));
                Answer::CredentialsGiven { number, credentials, life }
            }
            None => Answer::CredentialsFailed { number },
        });
    }

    /// Something in the page's life; an unknown word is nothing.
    pub fn page(&mut self, event: &str) {
        if let Some(event) = convert::page_event(event) {
            self.handle(event);
        }
    }

    /// The time that [`Core::wait`] named may have come.
    pub fn timeout(&mut self) {
        self.keeper.handle_timeout(clock::now());
    }

    /// What to do next: a plain object `{do, number, …}`, or undefined.
    pub fn effect(&mut self) -> JsValue {
        self.keeper.poll_effect().map_or(JsValue::UNDEFINED, |effect| convert::effect(&effect))
    }

    /// What became true: an array of its kind and its detail, or undefined.
    pub fn event(&mut self) -> JsValue {
        self.keeper.poll_event().map_or(JsValue::UNDEFINED, |event| convert::event(&event))
    }

    /// How long to wait until [`Core::timeout`], in milliseconds; undefined for ever.
    #[must_use]
    pub fn wait(&self) -> Option<f64> {
        let (at, _) = self.keeper.poll_timeout()?;
        Some(at.since(clock::now().instant).as_millis() as f64)
    }

    /// The state as a plain object.
    #[must_use]
    pub fn status(&self) -> JsValue {
        let mut status = self.keeper.status();
        if status.since == WallTime::default() {
            status.since = clock::now().wall; // before the first input a keeper has seen no clock
        }
        convert::status(&status)
    }

    /// What happened and why, oldest first, as an array of plain objects.
    #[must_use]
    pub fn timeline(&self) -> JsValue {
        convert::timeline(self.keeper.timeline())
    }

    /// The state in two sentences, with times as clocks show them that are so many minutes behind UTC (what
    /// `getTimezoneOffset` of a date tells).
    #[must_use]
    pub fn explain(&self, behind_min: i32) -> String {
        self.keeper.explain(Zone::ahead_by_minutes(behind_min.saturating_neg()))
    }

    fn command(&mut self, command: Command) {
        self.handle(Input::Command(command));
    }

    fn answer(&mut self, answer: Answer) {
        self.handle(Input::Answer(answer));
    }

    fn handle(&mut self, input: Input) {
        self.keeper.handle_input(input, clock::now());
    }
}
