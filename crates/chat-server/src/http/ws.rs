//! Upgrades connections to WebSockets.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::caller::Caller;
use super::connections::ConnectionSlot;
use super::pace::Paced;
use super::refusal;
use crate::app::App;
use crate::session::{self, socket};

pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<Arc<ConnectionSlot>>,
    caller: Caller,
    mut request: Request,
) -> Response {
    let upgraded = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    if !is_key(&parts.headers) {
        let why = "This address is for WebSocket connections (RFC 6455), which send one key of 16 bytes.";
        return refusal(StatusCode::BAD_REQUEST, "bad_request", why);
    }
    let response = match create_response_with_body(&Request::from_parts(parts, ()), Body::empty) {
        Ok(response) => response,
        Err(e) => {
            let why = format!("This address is for WebSocket connections (RFC 6455): {e}.");
            return refusal(StatusCode::BAD_REQUEST, "bad_request", &why);
        }
    };
    // The session's task holds everything that it captures until the session ends, so it captures little.
    let (tasks, from, slot) = (app.tasks.clone(), Box::new(caller.peer), caller.slot);
    tasks.spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let Some((stream, early)) = taken(upgraded) else {
            tracing::error!("an upgraded connection is not a TCP stream");
            return;
        };
        let (reader, queue) = socket::open(stream, early).await;
        session::run(app, reader, queue, from).await;
        drop((connection, slot));
    });
    response
}

/// Whether there is one key of 16 bytes in Base64 (RFC 6455, 4.2.1). tungstenite does not check that.
fn is_key(headers: &HeaderMap) -> bool {
    let mut keys = headers.get_all(header::SEC_WEBSOCKET_KEY).iter();
    match (keys.next(), keys.next()) {
        (Some(key), None) => key.len() == 24 && key.as_bytes().ends_with(b"=="),
        _ => false,
    }
}

/// Returns the socket and a copy of the few bytes that arrived early. Everything else, above all hyper's parse
/// buffer, is freed here and not at the end of the session.
fn taken(upgraded: Upgraded) -> Option<(TcpStream, Bytes)> {
    let parts = upgraded.downcast::<TokioIo<Paced>>().ok()?;
    Some((parts.io.into_inner().into_inner(), Bytes::copy_from_slice(&parts.read_buf)))
}
