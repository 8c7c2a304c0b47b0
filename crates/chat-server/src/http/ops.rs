//! Endpoints for the server's operators: whether it is alive, whether it can commit, and its metrics.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refusal;
use crate::app::App;

/// Headers that a proxy adds when it forwards a request.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Answers while the process is alive.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Answers whether the store can commit: whether a small write succeeded within the last second.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(e) => refusal(StatusCode::SERVICE_UNAVAILABLE, "unavailable", &e.respond("readyz").message),
    }
}

/// Returns the metrics, to requests with the token or, if none is configured, from this machine.
pub(super) async fn metrics(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let allowed = match &app.config.metrics_token {
        Some(token) => headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .is_some_and(|shown| token.matches(shown)),
        None => peer.ip().is_loopback() && FORWARDED.iter().all(|name| !headers.contains_key(*name)),
    };
    if !allowed {
        let why = "The metrics are only for this machine, or for requests with the token of --metrics-token.";
        return refusal(StatusCode::UNAUTHORIZED, "unauthorized", why);
    }
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    app.metrics.tasks.set(i64::try_from(tasks).unwrap_or(i64::MAX));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.encode()).into_response()
}
