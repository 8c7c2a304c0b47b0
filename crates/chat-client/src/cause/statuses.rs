//! Causes of HTTP responses.

use std::time::Duration;

use chat_proto::ErrorCode;
use chat_proto::account::HttpFailure;
use chat_proto::reply::Failure;
use http::{HeaderMap, StatusCode, header};

use super::Cause;

/// The maximum length of an address that is repeated in a message, in bytes.
const ADDRESS_BYTES: usize = 200;

/// The maximum time that a server or a proxy can make the client wait.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

impl Cause {
    /// Returns the cause of a response that is not a success. The server's own message takes precedence. A proxy in
    /// front of it sends none, or an HTML page.
    #[must_use]
    pub fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        if status.is_redirection() {
            let to = headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
            return Self::Moved { to: to.map(address).filter(|to| !to.is_empty()) };
        }
        let said = serde_json::from_slice::<HttpFailure>(body).ok().map(|said| Failure {
            retry_after_ms: retry_after(headers).and_then(|wait| wait.as_millis().try_into().ok()),
            ..Failure::new(ErrorCode::from(said.code.as_str()), said.message)
        });
        match (status.as_u16(), said) {
            (429, None) => Self::TooMany { retry_after: retry_after(headers) },
            (_, Some(failure)) => Self::Refused(failure),
            (421, None) => Self::Misdirected,
            (413, None) => Self::TooLarge,
            (status @ 502..=504, None) => Self::Gateway(status),
            (status, None) => Self::Status(status),
        }
    }

    /// Like [`Cause::of_answer`], for the WebSocket's URL: if it does not exist, this is not a chat server.
    #[must_use]
    pub fn of_upgrade(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        match Self::of_answer(status, headers, body) {
            Self::Status(200 | 204 | 404 | 405) => Self::NoChatServer,
            // nginx's response to plain HTTP on a TLS port.
            Self::Status(400) if contains(body, b"HTTPS port") || contains(body, b"HTTPS server") => {
                Self::NeedsTls
            }
            Self::Status(400 | 426) => Self::NoChatServer,
            cause => cause,
        }
    }
}

fn contains(body: &[u8], words: &[u8]) -> bool {
    body.windows(words.len()).any(|part| part == words)
}

/// Returns the part of an address that the person can go to: without the path that was requested.
fn address(to: &str) -> String {
    let end = to.find("://").map_or(0, |at| at + 3);
    let end = to[end..].find(['/', '?', '#']).map_or(to.len(), |at| end + at);
    // A path alone is on the same server.
    let whole = if end == 0 { to } else { &to[..end] };
    let mut whole = whole.to_owned();
    whole.truncate(whole.floor_char_boundary(ADDRESS_BYTES));
    whole
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}
