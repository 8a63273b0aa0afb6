//! Asks the application's credentials provider: `async ({reason, side, signal}) => ({password})` or `({token})`.

use super::slots::Slots;
use super::{Sink, answer};
use crate::effect::{Answer, Credentials, CredentialsReason, Number};
use crate::recovery::Side;
use crate::secret::Secret;
use core::cell::RefCell;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

/// The questions that wait for an answer.
pub(super) struct Questions {
    provider: RefCell<Option<Function>>,
    waiting: Slots<AbortController>,
    sink: Sink,
}

impl Questions {
    /// No questions yet.
    pub(super) fn new(provider: Function, sink: Sink) -> Self {
        Self { provider: RefCell::new(Some(provider)), waiting: Slots::default(), sink }
    }

    /// Asks. What the provider throws, and what is no credential, is a failure; silence lasts until dropped.
    pub(super) fn ask(&self, number: Number, reason: CredentialsReason, side: usize) {
        let provider = self.provider.borrow().clone();
        let asked = provider.ok_or(JsValue::NULL).and_then(|provider| call(&provider, reason, side));
        let Ok((controller, given)) = asked else {
            return answer(&self.sink, Answer::CredentialsFailed { number });
        };
        self.waiting.put(number, controller);
        let (waiting, sink) = (self.waiting.clone(), self.sink.clone());
        spawn_local(async move {
            let given = JsFuture::from(given).await;
            if waiting.take(number).is_none() {
                return;
            }
            answer(
                &sink,
                match given.ok().as_ref().and_then(credentials) {
                    Some(credentials) => Answer::CredentialsGiven { number, credentials },
                    None => Answer::CredentialsFailed { number },
                },
            );
        });
    }

    /// The answer is no longer wanted.
    pub(super) fn drop(&self, number: Number) {
        self.waiting.take(number).iter().for_each(AbortController::abort);
    }

    /// No answer is wanted any more, and the provider is let go.
    pub(super) fn clear(&self) {
        self.waiting.take_all().for_each(|controller| controller.abort());
        self.provider.borrow_mut().take();
    }
}

fn call(
    provider: &Function,
    reason: CredentialsReason,
    side: usize,
) -> Result<(AbortController, Promise), JsValue> {
    let controller = AbortController::new()?;
    let side = if side == 0 { Side::A } else { Side::B };
    let question = Object::new();
    Reflect::set(&question, &"reason".into(), &reason.as_str().into())?;
    Reflect::set(&question, &"side".into(), &side.as_str().into())?;
    Reflect::set(&question, &"signal".into(), &controller.signal())?;
    let given = provider.call1(&JsValue::NULL, &question)?;
    Ok((controller, Promise::resolve(&given)))
}

fn credentials(given: &JsValue) -> Option<Credentials> {
    let text = |name: &str| {
        let text = Reflect::get(given, &name.into()).ok()?.as_string()?;
        (!text.is_empty()).then(|| Secret::new(text))
    };
    text("token").map(Credentials::Token).or_else(|| text("password").map(Credentials::Password))
}
