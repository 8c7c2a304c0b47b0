//! Files over HTTP: uploads, which are counted as they stream in, and downloads, with the owner's rights checked and
//! every active content disarmed.

mod content;
mod names;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use chat_proto::ErrorCode;
use chat_proto::error::Refusal;
use chat_proto::event::File;
use futures_util::{Stream, StreamExt};
use multer::Multipart;

use self::names::{disposition, name_of};
use super::caller::Caller;
use super::{json, no_login, refused};
use crate::app::App;
use crate::error::Error;
use crate::media;
use crate::uploads::{self, SLOWEST, Upload};

/// The maximum number of bytes in an upload besides the file and what follows it: other fields, and the heads of
/// parts.
const BESIDE_BYTES: u64 = 256 * 1024;

/// How long the rest of a refused upload is read: a client that is still sending would not see the response.
const DRAIN: Duration = Duration::from_secs(10);

/// How long what follows the file is read.
const EPILOGUE: Duration = Duration::from_secs(1);

/// A file that is opened directly is in a sandbox without scripts, forms or anything from elsewhere.
const SANDBOX: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Why an upload failed, and the status if it is not the code's own.
struct Failed(Error, Option<StatusCode>);

impl From<Error> for Failed {
    fn from(e: Error) -> Self {
        Self(e, None)
    }
}

pub(super) async fn upload(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Response {
    let Some(presented) = caller.presented else { return no_login() };
    let (parts, body) = request.into_parts();
    let mut body = Metered::new(body);
    let done = async {
        let upload = uploads::begin(&app, presented, caller.peer.address).await?;
        let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse().ok());
        if declared.is_some_and(|n: u64| n > app.config.file_bytes + BESIDE_BYTES) {
            return Err(uploads::too_long(&app).into());
        }
        receive(&app, upload, &parts.headers, &mut body).await
    };
    match done.await {
        Ok(file) => json(&file),
        Err(Failed(e, status)) => {
            let mut response = refused(e.respond("upload"));
            match status {
                Some(status) => *response.status_mut() = status,
                None if response.status() == StatusCode::UNPROCESSABLE_ENTITY => {
                    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
                }
                None => {}
            }
            if status.is_none() {
                body.drain(DRAIN).await;
            }
            response
        }
    }
}

fn bad(why: &str) -> Error {
    Error::refused(ErrorCode::BadRequest, why)
}

async fn receive(
    app: &App,
    mut upload: Upload,
    headers: &HeaderMap,
    body: &mut Metered,
) -> Result<File, Failed> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind)
        .map_err(|_| bad("Send the file as multipart/form-data, with a boundary."))?;
    let taken = body.taken.clone();
    let name = take(app, &mut upload, Multipart::new(&mut *body, boundary), &taken).await?;
    let name = name.ok_or_else(|| bad("The form has no file: one part needs a file name."))?;
    body.drain(EPILOGUE).await;
    Ok(upload.finish(app, &name).await?)
}

/// Stores the first file of a form, and returns its name.
async fn take(
    app: &App,
    upload: &mut Upload,
    mut form: Multipart<'_>,
    taken: &AtomicU64,
) -> Result<Option<String>, Failed> {
    let malformed = |_| bad("The body is not valid multipart/form-data, or is cut off.");
    let pace = Pace::new(app.config.upload_patience, taken);
    while let Some(mut field) = pace.wait(form.next_field()).await?.map_err(malformed)? {
        let Some(name) = name_of(&field) else { continue };
        while let Some(bytes) = pace.wait(field.chunk()).await?.map_err(malformed)? {
            taken.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            upload.write(app, &bytes).await?;
        }
        return Ok(Some(name));
    }
    Ok(None)
}

/// Ends an upload that is too slow.
struct Pace<'a> {
    patience: Duration,
    began: Instant,
    taken: &'a AtomicU64,
}

impl<'a> Pace<'a> {
    fn new(patience: Duration, taken: &'a AtomicU64) -> Self {
        Self { patience, began: Instant::now(), taken }
    }

    async fn wait<T>(&self, what: impl Future<Output = T>) -> Result<T, Failed> {
        let earned = Duration::from_secs(self.taken.load(Ordering::Relaxed) / SLOWEST);
        let until = (self.began + self.patience + earned).min(Instant::now() + self.patience);
        let slow = |_| {
            let why = bad("The upload was too slow and was ended. Try again.");
            Failed(why, Some(StatusCode::REQUEST_TIMEOUT))
        };
        tokio::time::timeout_at(until.into(), what).await.map_err(slow)
    }
}

/// A body that gives its parser one piece at a time, and only little more than the parser has passed on. Otherwise
/// the parser would read ahead as long as data arrives, and search all of it for the end of a part's head.
struct Metered {
    body: BodyDataStream,
    given: u64,
    /// How much the parser has passed on, counted by the code that receives it.
    taken: Arc<AtomicU64>,
    rest: bool,
}

impl Metered {
    fn new(body: Body) -> Self {
        Self { body: body.into_data_stream(), given: 0, taken: Arc::default(), rest: false }
    }

    /// Reads for a while and discards everything.
    async fn drain(&mut self, time: Duration) {
        let all = async { while let Some(Ok(_)) = self.body.next().await {} };
        let _ = tokio::time::timeout(time, all).await;
    }
}

impl Stream for Metered {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rest) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.given.saturating_sub(self.taken.load(Ordering::Relaxed)) > BESIDE_BYTES {
            return Poll::Ready(Some(Err(axum::Error::new("too much beside the file"))));
        }
        let polled = Pin::new(&mut self.body).poll_next(cx);
        self.rest = polled.is_ready();
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.given += bytes.len() as u64;
        }
        polled
    }
}

pub(super) async fn serve(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, _)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    let Some(presented) = caller.presented else { return no_login() };
    let found = uploads::read(&app, presented, caller.peer.address, id, query.contains_key("thumb")).await;
    let found = match found {
        Ok(found) => found,
        Err(e) => return refused(e.respond("file")),
    };
    let etag = etag(&found.file.id, query.contains_key("thumb"));
    // The length of the thumbnail is not stored.
    let size = (!query.contains_key("thumb")).then_some(found.file.size);
    let mut response =
        match content::respond(&*app.blobs, &found.content, size, &etag, request.into_parts().0).await {
            Ok(response) => response,
            Err(e) => return unreadable(&found.file.id, &e),
        };
    let is_shown = media::is_shown(&found.media_type) && !query.contains_key("download");
    let headers = response.headers_mut();
    let kind = if found.media_type == "text/plain" { "text/plain; charset=utf-8" } else { &found.media_type };
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, &disposition(&found.file.name, is_shown)),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        // Caches must ask again, because a user may lose the right to the file.
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, "Cookie, Authorization"),
        (header::ETAG, &etag),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    match caller.slot {
        // The slot is held until the response has been sent.
        Some(slot) => response.map(|body| {
            let held = body.into_data_stream().inspect(move |_| {
                let _ = &slot;
            });
            Body::from_stream(held)
        }),
        None => response,
    }
}

/// Returns the response if a content is missing, cut short or unreadable. That is neither the caller's mistake nor
/// the store's.
fn unreadable(file: &str, e: &std::io::Error) -> Response {
    use std::io::ErrorKind::{NotADirectory, NotFound, UnexpectedEof};
    tracing::error!(file, error = %e, "the content of a file cannot be read");
    refused(if matches!(e.kind(), NotFound | NotADirectory | UnexpectedEof) {
        let why = "The file is missing on the server's disk. Ask whoever posted it to post it again.";
        Refusal::new(ErrorCode::NoSuchFile, why)
    } else {
        Refusal::new(ErrorCode::Unavailable, "The server cannot read that file now. Its log says more.")
    })
}

/// Returns a validator for caches (RFC 9110, 8.8.3). A file never changes, so its id is enough. The content's
/// modification time is not revealed: it is that of the first upload with this content, perhaps by someone else.
fn etag(id: &str, thumb: bool) -> String {
    format!("\"{id}{}\"", if thumb { "-thumb" } else { "" })
}
