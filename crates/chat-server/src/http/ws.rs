//! The upgrade to a WebSocket.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::connections::Place;
use super::origin::Origin;
use super::refusal;
use crate::app::App;
use crate::session::{self, socket};

pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(place): Extension<Arc<Place>>,
    origin: Origin,
    mut request: Request,
) -> Response {
    let upgraded = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    if !is_key(&parts.headers) {
        let why = "This address is for WebSocket connections (RFC 6455), which bear one key of 16 bytes.";
        return refusal(StatusCode::BAD_REQUEST, "bad_request", why);
    }
    let response = match create_response_with_body(&Request::from_parts(parts, ()), Body::empty) {
        Ok(response) => response,
        Err(e) => {
            let why = format!("This address is for WebSocket connections (RFC 6455): {e}.");
            return refusal(StatusCode::BAD_REQUEST, "bad_request", &why);
        }
    };
    let tasks = app.tasks.clone();
    tasks.spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        // Taking the socket itself frees what hyper parsed with.
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
            tracing::error!("an upgraded connection is not a TCP stream");
            return;
        };
        let (reader, queue) = socket::open(parts.io.into_inner(), copied(&parts.read_buf)).await;
        session::run(app, reader, queue, origin.from).await;
        drop(place);
    });
    response
}

/// One key, 16 bytes in Base64 (RFC 6455, 4.2.1), which tungstenite does not check.
fn is_key(headers: &HeaderMap) -> bool {
    let mut keys = headers.get_all(header::SEC_WEBSOCKET_KEY).iter();
    match (keys.next(), keys.next()) {
        (Some(key), None) => key.len() == 24 && key.as_bytes().ends_with(b"=="),
        _ => false,
    }
}

/// A copy of the few bytes that came early: the original pins hyper's whole parse buffer.
fn copied(early: &bytes::Bytes) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(early)
}
