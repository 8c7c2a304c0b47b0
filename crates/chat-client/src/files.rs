//! Uploads and downloads files over HTTP. Neither holds a whole file in memory.

use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use chat_proto::Token;
use chat_proto::event::File;
use futures_util::StreamExt;
use reqwest::Body;
use reqwest::multipart::{Form, Part};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::http::Http;

/// How much of a file is read at a time, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// The path of files on every server. Any other URL is not a file's.
const PLACE: &str = "/files/";

/// Uploads files to a server and downloads them.
#[derive(Clone, Debug)]
pub struct Files {
    http: Http,
    token: Token,
}

/// What to upload.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The path of the file.
    pub path: &'a Path,
    /// The name that others see. `None` means its name on this computer.
    pub name: Option<&'a str>,
    /// Whether the path may be a pipe, which is then read to its end.
    pub may_be_pipe: bool,
}

impl Files {
    /// Creates a client for the files at `endpoint`, on behalf of `program` (such as `chat-tui/0.1.0`) with a user's
    /// `token`.
    #[must_use]
    pub fn new(endpoint: Endpoint, program: String, token: Token) -> Self {
        Self { http: Http::new(endpoint, program, None), token }
    }

    /// Uploads the file at `path`. `progress` is called with the number of bytes sent and the total.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn upload(
        &self,
        path: &Path,
        progress: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Result<File, Error> {
        self.upload_from(Source { path, name: None, may_be_pipe: false }, progress).await
    }

    /// Like [`Files::upload`], from a file or a pipe, whose length is not known.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn upload_from(
        &self,
        source: Source<'_>,
        progress: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Result<File, Error> {
        let cannot = Error::read(source.path);
        // Opening a pipe that nobody writes to would block.
        let about = tokio::fs::metadata(source.path).await.map_err(&cannot)?;
        let is_pipe = source.may_be_pipe && (about.file_type().is_fifo() || about.file_type().is_socket());
        if !about.is_file() && !is_pipe {
            return Err(Error::NoFile { path: source.path.to_owned(), is_folder: about.is_dir() });
        }
        let file = tokio::fs::File::open(source.path).await.map_err(&cannot)?;
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

    /// Downloads the file at `url`, as it is in a message, and appends at most `most` bytes to `to`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn download(&self, url: &str, most: u64, to: &mut tokio::fs::File) -> Result<u64, Error> {
        let mut got = 0;
        let mut response = self.open(url).await?;
        while let Some(piece) = response.chunk().await? {
            got += piece.len() as u64;
            if got > most {
                return Err(Error::TooLong);
            }
            to.write_all(&piece).await.map_err(Error::Write)?;
        }
        to.flush().await.map_err(Error::Write)?;
        Ok(got)
    }

    /// Downloads the file at `url` into memory, at most `most` bytes.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fetch(&self, url: &str, most: usize) -> Result<Vec<u8>, Error> {
        let mut response = self.open(url).await?;
        let mut content = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if content.len() + piece.len() > most {
                return Err(Error::TooLong);
            }
            content.extend_from_slice(&piece);
        }
        Ok(content)
    }

    /// Requests a URL. The token is only sent to the server's own files, whatever a message contains.
    async fn open(&self, url: &str) -> Result<reqwest::Response, Error> {
        let is_plain =
            url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains("..") && !url.contains("//");
        if !url.starts_with(PLACE) || !is_plain {
            return Err(Error::ForeignAddress);
        }
        Ok(self.http.send(self.http.get(url)?.bearer_auth(self.token.expose())).await?)
    }
}
