//! What the core may ask of the world, and how the world answers.
//!
//! Effects are numbered; the answer comes back as an [`Answer`] with the same number. An answer to a number that
//! is unknown or no longer of interest is dropped by whoever gets it.

use crate::secret::Secret;
use crate::time::Duration;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

/// The number of an effect that can be answered. Never used twice by one keeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub u32);

/// Hands out numbers. Clones share one count: a link numbers the requests that it makes by itself.
#[derive(Clone, Debug, Default)]
pub struct Numbers(Arc<AtomicU32>);

impl Numbers {
    /// The next unused number.
    #[must_use]
    pub fn take(&self) -> Number {
        Number(self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1))
    }
}

/// Do this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make this keeper the one that holds the link; answered by [`Answer::LeaseGranted`].
    AcquireLease,
    /// Open a WebSocket. Answered by `SocketOpened`, `SocketText`, `SocketFrameRefused`, `SocketClosed`.
    OpenSocket {
        /// The socket's number, for all that follows.
        socket: Number,
        /// `wss://…` or `ws://…`.
        url: String,
        /// The sub-protocol to offer (RFC 7395: `xmpp`).
        protocol: &'static str,
    },
    /// Send one text frame.
    SendText {
        /// On this socket.
        socket: Number,
        /// The frame; it may hold credentials.
        text: Secret,
    },
    /// Detach from the socket, then close it with code 1000. Nothing is answered.
    CloseSocket {
        /// This socket.
        socket: Number,
    },
    /// Hear what is published on a topic of the gadget container's hub. Answered by `HubSaid`, again and again.
    ListenToHub {
        /// Of this hub link.
        hub: Number,
        /// The topic.
        topic: String,
    },
    /// Hear it no more.
    ForgetTopic {
        /// Of this hub link.
        hub: Number,
        /// The topic.
        topic: String,
    },
    /// Ask the gadget container for something. Answered by `HubSaid` on the topic of responses with this id, once.
    AskHub {
        /// By this hub link.
        hub: Number,
        /// The `invokeID`.
        id: String,
        /// The request's `type`.
        request: &'static str,
        /// The node it is about, or nothing.
        node: String,
    },
    /// Hear nothing of the hub any more. Nothing is answered.
    LeaveHub {
        /// This hub link.
        hub: Number,
    },
    /// Make an HTTP request. Answered by `Responded`, `RespondedOpaquely` or `RequestFailed`.
    SendRequest {
        /// The request's number.
        number: Number,
        /// What to ask.
        request: Request,
    },
    /// Make an HTTP request whose answer nobody waits for, and which outlives the page. Nothing is answered.
    SendGoodbye {
        /// What to send.
        request: Request,
    },
    /// Give up a request. Nothing is answered.
    AbortRequest {
        /// This request.
        number: Number,
    },
    /// Say when the page is next touched, once ([`Input::Touched`](crate::keeper::Input::Touched)).
    AwaitTouch,
    /// Ask the application for credentials. Answered by `CredentialsGiven` or `CredentialsFailed`.
    AskCredentials {
        /// The question's number.
        number: Number,
        /// Why they are needed.
        reason: CredentialsReason,
        /// The index of the host they are for: 0 is the first side, 1 the second.
        side: usize,
    },
    /// The answer to this question is no longer wanted (the provider's `signal` aborts).
    DropQuestion {
        /// This question.
        number: Number,
    },
}

/// An HTTP request: never cached, never with cookies, redirects refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Header fields; a value may be a credential.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body, for methods that have one; it may hold credentials.
    pub body: Option<Secret>,
    /// Made with `mode: 'no-cors'`: all that can be learned is that something answered.
    pub opaque: bool,
    /// The largest body to read, in bytes; a larger one is `RequestFailed(TooLarge)`.
    pub max_body: usize,
}

/// The scheme of an address, and what follows it.
#[must_use]
pub fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    Some((scheme, rest.strip_prefix("//")?))
}

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Change.
    Put,
    /// Hand over: BOSH, and what is new.
    Post,
    /// Take away.
    Delete,
}

impl Method {
    /// As written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// Why credentials are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsReason {
    /// The first time.
    Connect,
    /// A new connection after a loss.
    Reconnect,
    /// The last ones were refused.
    Refused,
    /// The token must be renewed: its life nears its end, or it was refused after it had been accepted.
    Refresh,
}

impl CredentialsReason {
    /// As the application sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Reconnect => "reconnect",
            Self::Refused => "refused",
            Self::Refresh => "refresh",
        }
    }
}

/// What an application gives when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A password: SASL PLAIN and HTTP Basic.
    Password(Secret),
    /// An SSO access token: in place of the password in SASL PLAIN, and HTTP Bearer.
    Token(Secret),
}

/// This happened, with the number of the effect that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This keeper holds the link.
    LeaseGranted,
    /// The socket is open.
    SocketOpened {
        /// Which.
        socket: Number,
    },
    /// One text frame came.
    SocketText {
        /// On which socket.
        socket: Number,
        /// The frame.
        text: String,
    },
    /// A frame came that is no text, or larger than `limits::FRAME_BYTES`; it was not taken in.
    SocketFrameRefused {
        /// On which socket.
        socket: Number,
        /// Its size in bytes.
        bytes: usize,
    },
    /// The socket is gone, or never came to be.
    SocketClosed {
        /// Which.
        socket: Number,
        /// The close code (1006: the network or the host, without a word).
        code: u16,
    },
    /// Something was published on a topic of the container's hub.
    HubSaid {
        /// To which hub link.
        hub: Number,
        /// On which topic.
        topic: String,
        /// What; nothing if it is too large or no text.
        text: Option<String>,
    },
    /// An HTTP answer came, body and all.
    Responded {
        /// To which request.
        number: Number,
        /// The answer.
        response: Response,
    },
    /// The host answered, and the browser hides what (`mode: 'no-cors'`).
    RespondedOpaquely {
        /// To which request.
        number: Number,
    },
    /// No answer: network error, CORS, certificate (a browser does not say which), or a body over the cap.
    RequestFailed {
        /// Which request.
        number: Number,
        /// As far as can be told.
        failure: RequestFailure,
    },
    /// The application gave credentials.
    CredentialsGiven {
        /// For which question.
        number: Number,
        /// These.
        credentials: Credentials,
        /// How long a token is good, where that is known.
        life: Option<Duration>,
    },
    /// The application's provider failed.
    CredentialsFailed {
        /// For which question.
        number: Number,
    },
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The body as text.
    pub body: String,
    /// `Retry-After` in seconds, where the browser shows it.
    pub retry_after: Option<u32>,
}

/// Why there is no HTTP answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFailure {
    /// The browser's network error: refused, reset, DNS, certificate, CORS.
    Network,
    /// The body is over the cap, or no text.
    TooLarge,
}
