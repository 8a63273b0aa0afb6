//! Performs sockets by the browser's `WebSocket` (WHATWG WebSockets).

use super::slots::Slots;
use super::{Sink, answer};
use crate::effect::{Answer, Number};
use crate::limits;
use crate::secret::Secret;
use gloo_events::EventListener;
use js_sys::{ArrayBuffer, JsString};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

/// The open sockets, and those on their way.
pub(super) struct Sockets {
    open: Slots<Socket>,
    sink: Sink,
}

/// A socket with the ears we put on it. Dropping takes them off.
struct Socket {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    fn close(self) {
        let Self { socket, _listeners: listeners } = self;
        drop(listeners);
        let _ = socket.close_with_code(1000);
    }
}

/// How a browser reports an end without a close frame (RFC 6455 7.1.5).
const ABNORMAL: u16 = 1006;

impl Sockets {
    /// No sockets yet.
    pub(super) fn new(sink: Sink) -> Self {
        Self { open: Slots::default(), sink }
    }

    /// Opens a socket. A browser that refuses at once (a URL it dislikes, CSP, mixed content) closes it.
    pub(super) fn open(&self, number: Number, url: &str, protocol: &str) {
        match WebSocket::new_with_str(url, protocol) {
            Ok(socket) => {
                let socket = self.listen(number, socket);
                self.open.put(number, socket);
            }
            Err(_) => answer(&self.sink, Answer::SocketClosed { socket: number, code: ABNORMAL }),
        }
    }

    /// Sends one frame. On a socket that is going down the frame is lost, as it would be on the way.
    pub(super) fn send(&self, number: Number, text: &Secret) {
        self.open.with(number, |socket| {
            let _ = socket.socket.send_with_str(text.expose());
        });
    }

    /// Stops listening, then closes: nothing more is heard of it.
    pub(super) fn close(&self, number: Number) {
        self.open.take(number).into_iter().for_each(Socket::close);
    }

    /// Closes all.
    pub(super) fn clear(&self) {
        self.open.take_all().for_each(Socket::close);
    }

    fn listen(&self, number: Number, socket: WebSocket) -> Socket {
        // A Blob would have to be asked for its bytes; only the size is of interest.
        socket.set_binary_type(BinaryType::Arraybuffer);
        let opened = {
            let sink = self.sink.clone();
            EventListener::new(&socket, "open", move |_| {
                answer(&sink, Answer::SocketOpened { socket: number })
            })
        };
        let message = {
            let sink = self.sink.clone();
            EventListener::new(&socket, "message", move |event| answer(&sink, frame(number, event)))
        };
        let closed = {
            let (sink, open) = (self.sink.clone(), self.open.clone());
            EventListener::new(&socket, "close", move |event| {
                let code = event.dyn_ref::<CloseEvent>().map_or(ABNORMAL, CloseEvent::code);
                let gone = open.take(number);
                answer(&sink, Answer::SocketClosed { socket: number, code });
                drop(gone);
            })
        };
        // "error" says nothing, and "close" always follows it.
        Socket { socket, _listeners: [opened, message, closed] }
    }
}

/// Takes a frame in, unless it is too large or no text. A string is measured before it is copied: each of its
/// UTF-16 units becomes at least one byte.
fn frame(socket: Number, event: &Event) -> Answer {
    let data = event.dyn_ref::<MessageEvent>().map_or(JsValue::NULL, MessageEvent::data);
    let Some(text) = data.dyn_ref::<JsString>() else {
        let bytes = data.dyn_ref::<ArrayBuffer>().map_or(0, |buffer| buffer.byte_length() as usize);
        return Answer::SocketFrameRefused { socket, bytes };
    };
    let units = text.length() as usize;
    if units > limits::FRAME_BYTES {
        return Answer::SocketFrameRefused { socket, bytes: units };
    }
    let text = String::from(text);
    if text.len() > limits::FRAME_BYTES {
        return Answer::SocketFrameRefused { socket, bytes: text.len() };
    }
    Answer::SocketText { socket, text }
}
