//! Registers, logs in and logs out over HTTP: JSON in both directions, and a cookie for browsers.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chat_proto::Token;
use chat_proto::account::{Credentials, GuestName, LoggedIn, NewPassword, ServerInfo};
use serde::de::DeserializeOwned;

use super::caller::{Caller, Cookie};
use super::{json, no_login, refusal, refused};
use crate::app::App;
use crate::auth;
use crate::error::Error;

/// The maximum length of a request's body, in bytes: two passwords in which JSON escapes every byte.
const BODY_BYTES: usize = 16 * 1024;

/// How long receiving a body may take.
const BODY: Duration = Duration::from_secs(10);

pub(super) async fn server(State(app): State<Arc<App>>) -> Response {
    json(&ServerInfo {
        name: app.config.server_name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        guests: app.config.guests,
        registration: app.config.registration,
    })
}

pub(super) async fn register(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Response {
    let (asked, client) = match read::<Credentials>(request).await {
        Ok(read) => read,
        Err(refused) => return refused,
    };
    let done = auth::register(&app, caller.presented, asked, client, caller.peer.address).await;
    logged_in("register", done, &caller.cookie)
}

pub(super) async fn login(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Response {
    let (asked, client) = match read::<Credentials>(request).await {
        Ok(read) => read,
        Err(refused) => return refused,
    };
    let done = auth::login(&app, caller.presented, asked, client, caller.peer.address).await;
    logged_in("login", done, &caller.cookie)
}

pub(super) async fn guest(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Response {
    let (asked, client) = match read::<GuestName>(request).await {
        Ok(read) => read,
        Err(refused) => return refused,
    };
    let done = auth::guest(&app, &asked.name, client, caller.peer.address).await;
    logged_in("guest", done.map(|(user, token)| LoggedIn { token, user }), &caller.cookie)
}

pub(super) async fn logout(State(app): State<Arc<App>>, caller: Caller) -> Response {
    let Some(presented) = caller.presented else { return no_login() };
    match auth::logout(&app, presented).await {
        Ok(()) => with_cookie(json(&serde_json::json!({})), None, &caller.cookie),
        Err(e) => refused(e.respond("logout")),
    }
}

pub(super) async fn password(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Response {
    let (asked, _) = match read::<NewPassword>(request).await {
        Ok(read) => read,
        Err(refused) => return refused,
    };
    let (Some(presented), Some(token)) = (caller.presented, caller.token) else { return no_login() };
    match auth::change_password(&app, &presented, asked, caller.peer.address).await {
        Ok(user) => json(&LoggedIn { token, user }),
        Err(e) => refused(e.respond("password")),
    }
}

fn logged_in(request: &'static str, done: Result<LoggedIn, Error>, cookie: &Cookie) -> Response {
    match done {
        Ok(done) => with_cookie(json(&done), Some(&done.token), cookie),
        Err(e) => refused(e.respond(request)),
    }
}

fn with_cookie(mut response: Response, token: Option<&Token>, cookie: &Cookie) -> Response {
    for header in cookie.set(token) {
        response.headers_mut().append(header::SET_COOKIE, header);
    }
    response
}

/// Reads a JSON body and the name of the program that sent it. Other content types are refused: a form on another
/// site cannot send JSON without a preflight request.
async fn read<T: DeserializeOwned>(request: Request<Body>) -> Result<(T, String), Response> {
    let (parts, body) = request.into_parts();
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case("application/json")) {
        let why = "Send the body as application/json.";
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_request", why));
    }
    let Ok(bytes) = tokio::time::timeout(BODY, to_bytes(body, BODY_BYTES)).await else {
        let why = "The request did not arrive in time. Try again.";
        return Err(refusal(StatusCode::REQUEST_TIMEOUT, "bad_request", why));
    };
    let Ok(bytes) = bytes else {
        return Err(refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_long",
            "That is too long for a request of this kind.",
        ));
    };
    let parsed = serde_json::from_slice(&bytes).map_err(|e| {
        let status = if e.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
        // serde's message about a wrong value may quote the value.
        let why =
            if e.is_data() { "A field is missing or of a wrong type." } else { "The body is not JSON." };
        refusal(status, "bad_request", why)
    })?;
    Ok((parsed, program(&parts.headers)))
}

fn program(headers: &HeaderMap) -> String {
    auth::client_name(headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()))
}
