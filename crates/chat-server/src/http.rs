//! The routes, and the accept loop that serves them with a timeout for everything. No other module knows HTTP.

mod accounts;
mod caller;
mod connections;
mod files;
mod host;
mod ops;
mod pace;
mod page;
mod ws;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chat_proto::ErrorCode;
use chat_proto::error::Refusal;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use self::connections::{ConnectionSlot, Connections};
use self::pace::Paced;
use crate::app::App;

/// How long a request's head may take, measured from the start of the connection or the previous request.
const HEAD: Duration = Duration::from_secs(10);

/// The maximum length of a request's head, in bytes.
const HEAD_BYTES: usize = 16 * 1024;

/// The maximum number of headers in a request.
const HEADERS: usize = 64;

/// How long to wait after the system failed to accept a connection, for instance because there were no file
/// descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The response to a connection over a limit.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// How many connections over a limit are answered at the same time. The others are only closed.
const TURNED_AWAY: usize = 64;

/// How long such an answer may take.
const TURN_AWAY: Duration = Duration::from_secs(1);

/// Accepts and serves connections until the server stops.
pub(crate) async fn serve(app: &Arc<App>, listener: TcpListener) -> std::io::Result<()> {
    let router = router(app.clone());
    let connections = Arc::new(Connections::new(&app.config));
    let turning_away = Arc::new(Semaphore::new(TURNED_AWAY));
    loop {
        let accepted = tokio::select! {
            () = app.shutdown.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) => {
                tracing::warn!(error = %e, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(slot) = Connections::take(&connections, peer.ip(), &app.metrics) else {
            app.metrics.refused_connections.inc();
            if let Ok(turn) = turning_away.clone().try_acquire_owned() {
                app.tasks.spawn(async move {
                    let _ = tokio::time::timeout(TURN_AWAY, turn_away(stream)).await;
                    drop(turn);
                });
            }
            continue;
        };
        app.tasks.spawn(connection(app.clone(), (stream, peer), slot, router.clone()));
    }
}

/// Answers that the server is full. It reads what the client sends, because otherwise the client would never see the
/// answer.
async fn turn_away(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(FULL).await?;
    stream.shutdown().await?;
    let mut scrap = [0; 1024];
    while stream.read(&mut scrap).await? > 0 {}
    Ok(())
}

async fn connection(
    app: Arc<App>,
    (stream, peer): (TcpStream, SocketAddr),
    slot: Arc<ConnectionSlot>,
    router: Router,
) {
    // Small frames must not wait for each other. If this cannot be set, they do.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (mut request, router, slot) = (request.map(axum::body::Body::new), router.clone(), slot.clone());
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(slot);
        async move {
            let answer = tower_service::Service::call(&mut router.clone(), request).await;
            Ok::<_, Infallible>(answer.unwrap_or_else(|never| match never {}))
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(Paced::new(stream)), service)
        .with_upgrades();
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = app.shutdown.cancelled() => {
            // Ends an idle connection now, and a busy one after its response.
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    note_end(peer, ended);
}

fn note_end(peer: SocketAddr, ended: Result<(), hyper::Error>) {
    if let Err(e) = ended {
        tracing::debug!(%peer, error = %e, "a connection ended with an error");
    }
}

fn router(app: Arc<App>) -> Router {
    let hosts = Arc::new(host::Hosts::new(&app.config.public_urls));
    Router::new()
        .route("/", get(|| async { Redirect::permanent("/chat/") }))
        .route("/chat", get(|| async { Redirect::permanent("/chat/") }))
        .route("/chat/", get(page::index))
        .route("/chat/{*path}", get(page::file))
        .route("/ws", get(ws::upgrade))
        .route("/api/server", get(accounts::server))
        .route("/api/emoji", get(page::emoji))
        .route("/api/register", post(accounts::register))
        .route("/api/login", post(accounts::login))
        .route("/api/logout", post(accounts::logout))
        .route("/api/guest", post(accounts::guest))
        .route("/api/password", post(accounts::password))
        .route("/api/files", post(files::upload))
        .route("/files/{id}/{name}", get(files::serve))
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .fallback(|| async {
            refusal(StatusCode::NOT_FOUND, "not_found", "There is nothing here. The page is at /chat/.")
        })
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(hosts, host::check))
        .layer(middleware::from_fn_with_state(app, harden))
}

/// Adds the headers that every response has.
async fn harden(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_tls = caller::is_tls(request.headers(), &app.config);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_tls {
        let a_year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, a_year);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Returns an error response.
fn refusal(status: StatusCode, code: impl Serialize, message: &str) -> Response {
    let body = serde_json::json!({ "code": code, "message": message }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn json(body: &impl serde::Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_else(|_| "{}".to_owned());
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn no_login() -> Response {
    refused(Refusal::new(ErrorCode::Unauthorized, "Log in first."))
}

/// Returns a refusal as a response, with its status.
fn refused(why: Refusal) -> Response {
    let status = match why.code {
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::Muted | ErrorCode::Banned => StatusCode::FORBIDDEN,
        ErrorCode::NameTaken | ErrorCode::RoomExists | ErrorCode::NonceReused => StatusCode::CONFLICT,
        ErrorCode::NameInvalid | ErrorCode::TooLong | ErrorCode::Empty => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::NoSuchRoom | ErrorCode::NoSuchUser | ErrorCode::NoSuchMessage | ErrorCode::NoSuchFile => {
            StatusCode::NOT_FOUND
        }
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = refusal(status, why.code, &why.message);
    if let Some(ms) = why.retry_after_ms {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
    }
    response
}
