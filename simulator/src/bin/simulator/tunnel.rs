//! Bytes between a client and a real notification service, as far as the world's network lets them pass.

use finesse_simulator::Side;
use http_body_util::{Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::spawn_local;

use crate::dial::Address;
use crate::hub::Hub;
use crate::port::{Raw, Reply, Reset};

/// Repeats the handshake to the service and joins the two ends.
pub(crate) async fn open(
    hub: &Hub,
    side: Side,
    client: String,
    service: &Address,
    mut request: Request<Incoming>,
) -> Result<Reply, Reset> {
    if !hub.may_pass(side, &client).await {
        return Err(Reset);
    }
    let answer = shake_hands(service, &request).await.map_err(|_| Reset)?;
    let (parts, _) = answer.0.into_parts();
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        let near = hyper::upgrade::on(&mut request);
        let hub = hub.clone();
        spawn_local(async move {
            if let (Ok(near), Ok(far)) = (near.await, answer.1.await) {
                join(hub, side, client, TokioIo::new(near), TokioIo::new(far)).await;
            }
        });
    }
    Ok(Response::from_parts(parts, Full::new(Bytes::new())))
}

type Shaken = (Response<()>, hyper::upgrade::OnUpgrade);

async fn shake_hands(service: &Address, request: &Request<Incoming>) -> Result<Shaken, crate::Failure> {
    let stream = service.dial().await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    spawn_local(connection.with_upgrades());
    let mut repeated = Request::builder().uri(&service.path).body(Empty::<Bytes>::new())?;
    *repeated.headers_mut() = request.headers().clone();
    repeated.headers_mut().insert(HOST, HeaderValue::try_from(&service.authority)?);
    let mut answer = sender.send_request(repeated).await?;
    let upgrade = hyper::upgrade::on(&mut answer);
    Ok((answer.map(|_| ()), upgrade))
}

/// Until one end closes, or the connection is cut or refused. Dropped, both ends are.
async fn join(hub: Hub, side: Side, client: String, near: Raw, far: Raw) {
    let (number, cut) = hub.enter_tunnel(side, &client);
    let (near_in, near_out) = tokio::io::split(near);
    let (far_in, far_out) = tokio::io::split(far);
    tokio::select! {
        () = pump(&hub, side, &client, near_in, far_out) => {}
        () = pump(&hub, side, &client, far_in, near_out) => {}
        () = hub.refused(side, &client) => {}
        () = cut.notified() => {}
    }
    hub.leave_tunnel(number);
}

async fn pump(
    hub: &Hub,
    side: Side,
    client: &str,
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => 0,
            Ok(count) => count,
        };
        // An end, too, is only heard of once the way is open.
        if !hub.may_pass(side, client).await || count == 0 {
            return;
        }
        if to.write_all(buffer.get(..count).unwrap_or_default()).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
}
