//! A content as a response: all of it, the requested range, or that it is not modified (RFC 9110, 13.1.2 and 14.2).

use std::io;
use std::ops::RangeInclusive;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_range_header::parse_range_header;
use tokio_util::io::ReaderStream;

use crate::blobs::Blobs;

/// How much of a content is read at a time, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// Responds to a request for a content. `size` is its length if that is known. A content of another length was cut
/// short.
///
/// # Errors
/// If the content is missing, cut short or cannot be read.
pub(super) async fn respond(
    blobs: &dyn Blobs,
    content: &str,
    size: Option<i64>,
    etag: &str,
    request: Parts,
) -> io::Result<Response> {
    let found = blobs.size(content).await?;
    if size.is_some_and(|size| u64::try_from(size) != Ok(found)) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let header = |name| request.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_named = |tags: &str| {
        tags.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag)
    };
    if header(header::IF_NONE_MATCH).is_some_and(is_named) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let is_ranged = header(header::IF_RANGE).is_none_or(|known| known == etag);
    let wanted = match header(header::RANGE).filter(|_| is_ranged) {
        None => 0..found,
        Some(range) => match parse_range(range, found) {
            Some(range) => {
                let (first, last) = range.into_inner();
                insert(&mut response, header::CONTENT_RANGE, format!("bytes {first}-{last}/{found}"));
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                first..last.saturating_add(1)
            }
            None => {
                insert(&mut response, header::CONTENT_RANGE, format!("bytes */{found}"));
                *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
                return Ok(response);
            }
        },
    };
    insert(&mut response, header::CONTENT_LENGTH, (wanted.end - wanted.start).to_string());
    if request.method != Method::HEAD {
        let reader = blobs.open(content, wanted).await?;
        *response.body_mut() = Body::from_stream(ReaderStream::with_capacity(reader, CHUNK_BYTES));
    }
    Ok(response)
}

/// Returns the single range of a header, or `None` if it cannot be satisfied. Several ranges in one response are not
/// supported.
fn parse_range(header: &str, size: u64) -> Option<RangeInclusive<u64>> {
    let parsed = parse_range_header(header).ok().filter(|parsed| parsed.ranges.len() == 1)?;
    parsed.validate(size).ok()?.pop()
}

fn insert(response: &mut Response, name: header::HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}
