//! Performs HTTP requests by `fetch` (WHATWG Fetch): no cookies, no cache, no redirects, no more than asked for.

use super::slots::Slots;
use super::{Sink, answer};
use crate::effect::{Answer, Number, Request, RequestFailure, Response};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Headers, ReadableStream, ReadableStreamDefaultReader, ReadableStreamReadResult,
    RequestCache, RequestCredentials, RequestInit, RequestMode, RequestRedirect, ResponseType,
};

#[wasm_bindgen]
extern "C" {
    /// The global function, in a window as in a worker.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// The requests that are under way.
pub(super) struct Requests {
    running: Slots<AbortController>,
    sink: Sink,
}

impl Requests {
    /// No requests yet.
    pub(super) fn new(sink: Sink) -> Self {
        Self { running: Slots::default(), sink }
    }

    /// Makes a request. Its answer comes unless it is aborted.
    pub(super) fn send(&self, number: Number, request: &Request) {
        let max_body = request.max_body;
        let (controller, started) = match start(request) {
            Ok(started) => started,
            Err(_) => return answer(&self.sink, failed(number, RequestFailure::Network)),
        };
        self.running.put(number, controller);
        let (running, sink) = (self.running.clone(), self.sink.clone());
        spawn_local(async move {
            let outcome = receive(number, started, max_body).await;
            let Some(controller) = running.take(number) else { return };
            if matches!(outcome, Answer::RequestFailed { .. }) {
                controller.abort(); // stops what is left of a body that is too large
            }
            answer(&sink, outcome);
        });
    }

    /// Gives a request up.
    pub(super) fn abort(&self, number: Number) {
        self.running.take(number).iter().for_each(AbortController::abort);
    }

    /// Gives all up.
    pub(super) fn clear(&self) {
        self.running.take_all().for_each(|controller| controller.abort());
    }
}

fn start(request: &Request) -> Result<(AbortController, Promise), JsValue> {
    let controller = AbortController::new()?;
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&controller.signal()));
    if request.opaque {
        // Fetch refuses `no-cors` with any other redirect mode; nothing secret goes along.
        init.set_mode(RequestMode::NoCors);
        init.set_redirect(RequestRedirect::Follow);
    } else {
        init.set_mode(RequestMode::Cors);
        init.set_redirect(RequestRedirect::Error);
        let headers = Headers::new()?;
        for (name, value) in &request.headers {
            headers.append(name, value.expose())?;
        }
        init.set_headers(&headers);
        if let Some(body) = &request.body {
            init.set_body(&JsValue::from_str(body));
        }
    }
    let started = fetch(&request.url, &init)?;
    Ok((controller, started))
}

async fn receive(number: Number, started: Promise, max_body: usize) -> Answer {
    let Some(response) = response(started).await else { return failed(number, RequestFailure::Network) };
    if response.type_() == ResponseType::Opaque {
        return Answer::RespondedOpaquely { number };
    }
    let header = |name| response.headers().get(name).ok().flatten();
    let announced = header("Content-Length").and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > max_body) {
        return failed(number, RequestFailure::TooLarge);
    }
    let body = match response.body() {
        Some(stream) => read(&stream, max_body).await,
        None => Ok(String::new()),
    };
    match body {
        Ok(body) => {
            let retry_after = header("Retry-After").and_then(|seconds| seconds.trim().parse().ok());
            Answer::Responded { number, response: Response { status: response.status(), body, retry_after } }
        }
        Err(failure) => failed(number, failure),
    }
}

async fn response(started: Promise) -> Option<web_sys::Response> {
    JsFuture::from(started).await.ok()?.dyn_into().ok()
}

/// Reads a body chunk by chunk; each is measured before it is copied.
async fn read(stream: &ReadableStream, max_body: usize) -> Result<String, RequestFailure> {
    let reader: ReadableStreamDefaultReader =
        stream.get_reader().dyn_into().map_err(|_| RequestFailure::Network)?;
    let mut bytes = Vec::new();
    loop {
        let read = JsFuture::from(reader.read()).await.map_err(|_| RequestFailure::Network)?;
        let read: ReadableStreamReadResult = read.unchecked_into();
        if read.get_done().unwrap_or(true) {
            break;
        }
        let chunk: Uint8Array = read.get_value().dyn_into().map_err(|_| RequestFailure::Network)?;
        if bytes.len() + chunk.length() as usize > max_body {
            return Err(RequestFailure::TooLarge);
        }
        bytes.extend_from_slice(&chunk.to_vec());
    }
    String::from_utf8(bytes).map_err(|_| RequestFailure::TooLarge)
}

const fn failed(number: Number, failure: RequestFailure) -> Answer {
    Answer::RequestFailed { number, failure }
}
