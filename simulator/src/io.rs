//! What goes into the world and what comes out of it. All numbers are chosen by the caller, and none is used twice.

use crate::config::Side;

/// Something a client did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A client asks for a WebSocket at `/ws/`.
    SocketOpen {
        /// The socket's number.
        socket: u64,
        /// The side it is opened to.
        side: Side,
        /// The `ID` of the path prefix `/as/ID`, or empty.
        client: String,
        /// The sub-protocols it offered, as in the header.
        protocol: Option<String>,
    },
    /// A client sent a text frame.
    SocketText {
        /// On this socket.
        socket: u64,
        /// The frame.
        text: String,
    },
    /// A client closed or lost a socket, or gave up waiting for it to open.
    SocketClosed {
        /// This socket.
        socket: u64,
    },
    /// A client sent an HTTP request.
    Request {
        /// The request's number.
        request: u64,
        /// The side it is sent to.
        side: Side,
        /// The `ID` of the path prefix `/as/ID`, or empty.
        client: String,
        /// `GET`, `PUT`, …
        method: String,
        /// Path and query, without the client prefix.
        path: String,
        /// Header names in any case.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// A client gave up a request.
    RequestAborted {
        /// This request.
        request: u64,
    },
}

/// Something a client sees. Silence is not an output: what never comes, never comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The socket is open, with the sub-protocol `xmpp`.
    SocketAccepted {
        /// This socket.
        socket: u64,
    },
    /// The server sent a text frame.
    SocketText {
        /// On this socket.
        socket: u64,
        /// The frame.
        text: String,
    },
    /// The socket is closed, or was refused.
    SocketClosed {
        /// This socket.
        socket: u64,
        /// The close code; 1005 is a close frame without one, 1006 a refusal or an abort.
        code: u16,
    },
    /// The server answered a request.
    Response {
        /// This request.
        request: u64,
        /// The HTTP status.
        status: u16,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// The connection was refused or reset.
    RequestFailed {
        /// This request.
        request: u64,
    },
}
