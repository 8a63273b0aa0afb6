//! R7, only on wasm32: the keeper as a JavaScript class, and the performers of its effects.
//!
//! This layer converts and performs; it never decides. Every room below is driven by one rule, kept in [`shell`]:
//! one input, then its effects, its events and the next deadline; only then the next input. Whatever arrives
//! meanwhile (a callback that calls back in, a constructor that fails at once) waits its turn.
//!
//! A performer gets a [`Sink`] and knows nothing else of the keeper. It holds what it started by the effect's
//! number, and dropping an entry detaches it: a thing that was given up cannot speak any more.

mod clock;
mod convert;
mod page;
mod question;
mod request;
mod shell;
mod slots;
mod socket;

use crate::effect::Answer;
use crate::keeper::{Command, Input};
use shell::Shell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Where a performer brings what happened.
type Sink = Rc<dyn Fn(Input)>;

/// Brings an answer to the keeper.
fn answer(sink: &Sink, answer: Answer) {
    sink(Input::Answer(answer));
}

/// One keeper, as the package's JavaScript sees it. Not public API: `Keeper` in `pkg/src/index.js` is.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Core {
    shell: Rc<Shell>,
}

#[wasm_bindgen]
impl Core {
    /// Checks `options` and makes a keeper that waits for [`Core::start`].
    ///
    /// `credentials` is asked with `{reason, side, signal}`; `tell` is called with the kind and the detail of
    /// every event.
    ///
    /// # Errors
    /// An object `{code, field, message, nextStep}` if the options cannot be used.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: JsValue,
        credentials: js_sys::Function,
        tell: js_sys::Function,
    ) -> Result<Core, JsValue> {
        let config = convert::config(&options, clock::seed());
        let keeper = crate::keeper::Keeper::new(config).map_err(|error| convert::config_error(&error))?;
        Ok(Self { shell: Shell::new(keeper, credentials, tell) })
    }

    /// Begins: attaches to the page's life and takes in what was asked meanwhile.
    pub fn start(&self) {
        self.shell.start();
    }

    /// Receives what is published on `node`, once more.
    pub fn subscribe(&self, node: String) {
        self.command(Command::Subscribe(node));
    }

    /// One [`Core::subscribe`] less.
    pub fn unsubscribe(&self, node: String) {
        self.command(Command::Unsubscribe(node));
    }

    /// Leaves the stopped state.
    pub fn resume(&self) {
        self.command(Command::Resume);
    }

    /// Goes to the other side.
    #[wasm_bindgen(js_name = move)]
    pub fn move_over(&self) {
        self.command(Command::Move);
    }

    /// Says goodbye and stops for good.
    pub fn close(&self) {
        self.command(Command::Close);
    }

    /// Lets go of the page, the timer, the sockets and the callbacks. Nothing is heard or told from here on;
    /// [`Core::status`], [`Core::timeline`] and [`Core::explain`] still answer.
    pub fn detach(&self) {
        self.shell.detach();
    }

    /// The state as a plain object.
    #[must_use]
    pub fn status(&self) -> JsValue {
        self.shell.read(|keeper| convert::status(&keeper.status()))
    }

    /// What happened and why, oldest first, as an array of plain objects.
    #[must_use]
    pub fn timeline(&self) -> JsValue {
        self.shell.read(|keeper| convert::timeline(keeper.timeline()))
    }

    /// The state in one line.
    #[must_use]
    pub fn explain(&self) -> String {
        self.shell.read(crate::keeper::Keeper::explain)
    }

    fn command(&self, command: Command) {
        self.shell.feed(Input::Command(command));
    }
}

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
