//! Files to and from the server, over HTTP beside the socket. Neither way is a whole file in memory.

use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use chat_proto::Token;
use chat_proto::event::File;
use futures_util::StreamExt;
use reqwest::Body;
use reqwest::multipart::{Form, Part};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::cause::Cause;
use crate::endpoint::Endpoint;
use crate::http::Http;

/// How much of a file is read at a time, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// Where files are on every server; an address that begins otherwise is none.
const PLACE: &str = "/files/";

/// What files go to and come from.
#[derive(Clone, Debug)]
pub struct Files {
    http: Http,
    token: Token,
}

/// What is uploaded.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What the others see it called; none: as it is called here.
    pub name: Option<&'a str>,
    /// Whether it may be a pipe, which is read to its end.
    pub may_be_pipe: bool,
}

impl Files {
    /// The files at `endpoint` for who `token` belongs to, asked by `program` (such as `chat-tui/0.1.0`).
    #[must_use]
    pub fn new(endpoint: Endpoint, program: String, token: Token) -> Self {
        Self { http: Http::new(endpoint, program, None), token }
    }

    /// Uploads the file at `path`. `progress` hears how many bytes of how many are on their way.
    ///
    /// # Errors
    /// A sentence.
    pub async fn upload(
        &self,
        path: &Path,
        progress: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Result<File, String> {
        self.upload_from(Source { path, name: None, may_be_pipe: false }, progress).await
    }

    /// The same from a file or a pipe, of which nobody knows the length.
    ///
    /// # Errors
    /// A sentence.
    pub async fn upload_from(
        &self,
        source: Source<'_>,
        progress: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Result<File, String> {
        let shown = source.path.display();
        let cannot = |e: std::io::Error| match e.kind() {
            ErrorKind::NotFound => format!("{shown} cannot be read: there is no such file."),
            ErrorKind::PermissionDenied => format!("{shown} cannot be read: you are not allowed to."),
            _ => format!("{shown} cannot be read: {e}."),
        };
        // Opening a pipe that nobody writes to would wait.
        let about = tokio::fs::metadata(source.path).await.map_err(cannot)?;
        let is_pipe = source.may_be_pipe && (about.file_type().is_fifo() || about.file_type().is_socket());
        if about.is_dir() {
            return Err(format!("{shown} is a folder. Send its files, or an archive of it."));
        }
        if !about.is_file() && !is_pipe {
            return Err(format!("{shown} is no file."));
        }
        let file = tokio::fs::File::open(source.path).await.map_err(cannot)?;
        let size = about.len();
        let mut sent = 0;
        let pieces = ReaderStream::with_capacity(file, PIECE_BYTES).inspect(move |piece| {
            sent += piece.as_ref().map_or(0, |piece| piece.len() as u64);
            progress(sent, size);
        });
        let own = || source.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = source.name.map_or_else(own, str::to_owned);
        let body = Body::wrap_stream(pieces);
        let part = if is_pipe { Part::stream(body) } else { Part::stream_with_length(body, size) };
        let form = Form::new().part("file", part.file_name(name));
        let request = self.http.post("/api/files")?.bearer_auth(self.token.expose());
        Ok(self.http.answer(request.multipart(form)).await?)
    }

    /// Downloads what is at `url`, as a message names it, to the end of `to`; at most `most` bytes.
    ///
    /// # Errors
    /// A sentence.
    pub async fn download(&self, url: &str, most: u64, to: &mut tokio::fs::File) -> Result<u64, String> {
        let mut got = 0;
        let mut response = self.open(url).await?;
        while let Some(piece) = response.chunk().await.map_err(Cause::from)? {
            got += piece.len() as u64;
            if got > most {
                return Err("The file is longer than it was said to be.".to_owned());
            }
            to.write_all(&piece).await.map_err(|e| format!("The file cannot be written: {e}."))?;
        }
        to.flush().await.map_err(|e| format!("The file cannot be written: {e}."))?;
        Ok(got)
    }

    /// What is at `url`, in memory; at most `most` bytes.
    ///
    /// # Errors
    /// A sentence.
    pub async fn fetch(&self, url: &str, most: usize) -> Result<Vec<u8>, String> {
        let mut response = self.open(url).await?;
        let mut content = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(Cause::from)? {
            if content.len() + piece.len() > most {
                return Err("The file is too long to be shown.".to_owned());
            }
            content.extend_from_slice(&piece);
        }
        Ok(content)
    }

    /// The token goes to the server's own files alone, whatever a message says.
    async fn open(&self, url: &str) -> Result<reqwest::Response, String> {
        let is_plain =
            url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains("..") && !url.contains("//");
        if !url.starts_with(PLACE) || !is_plain {
            return Err("That is not where this server keeps files.".to_owned());
        }
        Ok(self.http.send(self.http.get(url)?.bearer_auth(self.token.expose())).await?)
    }
}
