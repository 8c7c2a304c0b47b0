//! Serves the page's files, with the headers that confine it.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refusal;

/// Allows only what this server serves, no inline script or style, and no markup from strings except through the one
/// policy that accepts the server's own markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types chat";

pub(super) async fn index(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

pub(super) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    serve(&path, &headers)
}

/// Returns the names of all emoji, for the page's picker and completion.
pub(super) async fn emoji() -> Response {
    let list = serde_json::to_string(&chat_proto::emoji::beginning_with("")).unwrap_or_default();
    // They only change with the program's version.
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=86400")];
    (head, list).into_response()
}

fn serve(path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = chat_page::file(path) else {
        return refusal(StatusCode::NOT_FOUND, "not_found", "The page has no such file.");
    };
    let tag = format!("\"{}\"", file.hash);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let head = [
        (header::CONTENT_TYPE, file.media_type),
        (header::ETAG, tag),
        // Cached, but revalidated: a new version is used at the next load.
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, file.content).into_response()
}
