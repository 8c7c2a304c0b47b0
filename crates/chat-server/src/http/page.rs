//! The page's files, out of the binary.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::refusal;

/// Nothing but what this server serves, no inline script or style, and no markup made of strings but by the one policy
/// that takes the server's own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types chat";

/// Debug builds read the folder, so that a change shows at once.
#[derive(RustEmbed)]
#[folder = "web/"]
struct Page;

pub(super) async fn index(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

pub(super) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    serve(&path, &headers)
}

/// The names of emoji with what they stand for, for the page's picker and completion.
pub(super) async fn emoji() -> Response {
    let list = serde_json::to_string(&chat_proto::emoji::beginning_with("")).unwrap_or_default();
    // They change with the program alone, and are asked for again after a day.
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=86400")];
    (head, list).into_response()
}

fn serve(path: &str, headers: &HeaderMap) -> Response {
    // A debug build would go looking for whatever it is asked.
    let found = if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        None
    } else {
        Page::get(path)
    };
    let Some(file) = found else {
        return refusal(StatusCode::NOT_FOUND, "not_found", "The page has no such file.");
    };
    let mut tag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        tag.push_str(&format!("{byte:02x}"));
    }
    tag.push('"');
    let kind = match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let head = [
        (header::CONTENT_TYPE, kind),
        (header::ETAG, tag),
        // Kept, but asked for again: a new version shows at the next load.
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, file.data).into_response()
}
