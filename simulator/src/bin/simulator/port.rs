//! One side's port: REST, `/ws/` and `/http-bind/`, plain or TLS, for everyone or for one client behind `/as/ID`.

use std::convert::Infallible;

use finesse_simulator::{Input, Manner, Side};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, HeaderValue, LOCATION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    UPGRADE,
};
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::spawn_local;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::dial::Address;
use crate::hub::{Frame, Hub};
use crate::tunnel;

/// Longer request bodies are refused.
const BODY_LIMIT: usize = 1 << 20;

/// How long a closed socket may linger until the client has answered.
const LINGER: std::time::Duration = std::time::Duration::from_secs(1);

/// The connection ends without an answer.
#[derive(Debug)]
pub(crate) struct Reset;

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("reset")
    }
}

impl std::error::Error for Reset {}

pub(crate) type Reply = Response<Full<Bytes>>;

/// A side's port and what is behind it.
#[derive(Clone)]
struct Port {
    hub: Hub,
    side: Side,
    /// The real notification service, where there is one.
    service: Option<Address>,
}

pub(crate) async fn serve(
    hub: Hub,
    side: Side,
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    service: Option<Address>,
) {
    let port = Port { hub, side, service };
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Small frames, often alone: nothing is gained by waiting.
        let _ = stream.set_nodelay(true);
        let (port, acceptor) = (port.clone(), acceptor.clone());
        spawn_local(async move {
            match acceptor {
                None => port.converse(stream).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        port.converse(stream).await;
                    }
                }
            }
        });
    }
}

impl Port {
    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let answer = service_fn(|request| self.clone().answer(request));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answer)
            .with_upgrades();
        // A connection that breaks has nobody left to tell.
        let _ = connection.await;
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Reply, Reset> {
        let whole = request.uri().path_and_query().map_or("/", |it| it.as_str()).to_owned();
        let (client, path) = split_client(&whole);
        let (client, path) = (client.to_owned(), path.to_owned());
        match path.split('?').next() {
            Some("/ws") => Ok(redirect(&whole)),
            Some("/ws/") if request.headers().contains_key(UPGRADE) => {
                match (&self.service, self.hub.websocket_blocked(self.side, &client)) {
                    (_, Some(Manner::Stripped)) => Ok(plain(StatusCode::OK)),
                    (None, _) => self.upgrade(request, client).await,
                    (Some(service), None) => {
                        tunnel::open(&self.hub, self.side, client, service, request).await
                    }
                    (Some(_), Some(Manner::Silent)) => std::future::pending().await,
                    (Some(_), Some(_)) => Err(Reset),
                }
            }
            _ => self.pass_on(request, client, path).await,
        }
    }

    /// An ordinary request: the world answers, or nobody.
    async fn pass_on(self, request: Request<Incoming>, client: String, path: String) -> Result<Reply, Reset> {
        let method = request.method().to_string();
        let headers = request.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let headers = headers.collect();
        let Ok(body) = Limited::new(request.into_body(), BODY_LIMIT).collect().await else {
            return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE));
        };
        let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        let side = self.side;
        let (request, answer) =
            self.hub.request(|request| Input::Request { request, side, client, method, path, headers, body });
        let _guard = Guard::Request(self.hub.clone(), request);
        let reply = answer.await.map_err(|_| Reset)?;
        let mut response = Response::new(Full::new(Bytes::from(reply.body)));
        *response.status_mut() =
            StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in reply.headers {
            if let (Ok(name), Ok(value)) =
                (hyper::header::HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().append(name, value);
            }
        }
        Ok(response)
    }

    /// A WebSocket handshake (RFC 6455), answered once the world accepts the socket.
    async fn upgrade(self, mut request: Request<Incoming>, client: String) -> Result<Reply, Reset> {
        let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let protocol = header(SEC_WEBSOCKET_PROTOCOL).map(str::to_owned);
        let Some(key) = header(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes())) else {
            return Ok(plain(StatusCode::BAD_REQUEST));
        };
        let (socket, mut frames) = self.hub.open(self.side, client.clone(), protocol);
        let guard = Guard::Socket(self.hub.clone(), socket);
        match frames.recv().await {
            Some(Frame::Accepted) => {}
            _ => return Err(Reset),
        }
        spawn_local(self.run_socket(hyper::upgrade::on(&mut request), client, guard, frames));
        let mut response = plain(StatusCode::SWITCHING_PROTOCOLS);
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("xmpp"));
        if let Ok(key) = HeaderValue::try_from(key) {
            headers.insert(SEC_WEBSOCKET_ACCEPT, key);
        }
        Ok(response)
    }

    /// A socket from its first frame to its last.
    async fn run_socket(
        self,
        upgrade: OnUpgrade,
        client: String,
        guard: Guard,
        mut frames: UnboundedReceiver<Frame>,
    ) {
        let Guard::Socket(hub, socket) = &guard else { return };
        let Ok(upgraded) = upgrade.await else { return };
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        let (mut sink, mut source) = stream.split();
        loop {
            tokio::select! {
                frame = frames.recv() => match frame {
                    Some(Frame::Text(text)) => {
                        if sink.send(Message::text(text)).await.is_err() {
                            return;
                        }
                    }
                    Some(Frame::Accepted) => {}
                    // Dropped without a close frame, which a client sees as 1006.
                    Some(Frame::Closed(1006)) | None => return,
                    Some(Frame::Closed(code)) => {
                        let reason = "".into();
                        let frame = (code != 1005).then(|| CloseFrame { code: CloseCode::from(code), reason });
                        let _ = sink.send(Message::Close(frame)).await;
                        let _ = tokio::time::timeout(LINGER, drain(&mut source)).await;
                        return;
                    }
                },
                message = source.next() => match message {
                    Some(Ok(Message::Text(text))) => hub.text(*socket, text.as_str().to_owned()),
                    Some(Ok(Message::Close(_))) => break,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
            }
        }
        // The client closed. Its close is answered as soon as bytes pass, or never.
        hub.closed(*socket);
        if hub.may_pass(self.side, &client).await {
            let _ = tokio::time::timeout(LINGER, sink.close()).await;
        }
    }
}

/// Tells the world when a client leaves, however that comes about.
enum Guard {
    Socket(Hub, u64),
    Request(Hub, u64),
}

impl Drop for Guard {
    fn drop(&mut self) {
        match self {
            Self::Socket(hub, socket) => hub.closed(*socket),
            Self::Request(hub, request) => hub.aborted(*request),
        }
    }
}

/// Reads until the client has closed, too.
async fn drain(source: &mut (impl StreamExt<Item = Result<Message, Error>> + Unpin)) {
    while let Some(Ok(_)) = source.next().await {}
}

/// `/as/ID/rest` is the request `/rest` of client `ID`.
fn split_client(path: &str) -> (&str, &str) {
    let Some(rest) = path.strip_prefix("/as/") else { return ("", path) };
    match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    }
}

/// Facts 12.4: `/ws` leads to `/ws/`.
fn redirect(path: &str) -> Reply {
    let mut response = plain(StatusCode::FOUND);
    let (before, after) = path.rsplit_once("/ws").unwrap_or((path, ""));
    if let Ok(location) = HeaderValue::try_from(format!("{before}/ws/{after}")) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

pub(crate) fn plain(status: StatusCode) -> Reply {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// The stream under an upgraded connection.
pub(crate) type Raw = TokioIo<Upgraded>;

/// For services that cannot fail.
pub(crate) type Sure<T> = Result<T, Infallible>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_by_their_prefix() {
        assert_eq!(split_client("/as/1001/ws/"), ("1001", "/ws/"));
        assert_eq!(
            split_client("/as/1001/finesse/api/User/1001?x=1"),
            ("1001", "/finesse/api/User/1001?x=1")
        );
        assert_eq!(split_client("/ws/"), ("", "/ws/"));
        assert_eq!(split_client("/as/1001"), ("1001", "/"));
    }
}
