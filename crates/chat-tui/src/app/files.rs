//! Carries out effects on files in the background: uploads, downloads, and pictures for the screen.

use std::sync::Arc;

use chat_client::files::Files;
use chat_screen::canvas::Canvas;
use chat_screen::clean::Clean;
use chat_screen::msg::{Msg, ToFiles, Upload, Uploaded, Uploading};
use ratatui::layout::Size;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;

use crate::files;
use crate::identity::Identity;
use crate::pictures::{self, Gallery, Means, Picture};

/// The complaint before there is a connection.
const NOT_CONNECTED: &str = "You are not connected.";

/// The capacity of the channel of fetched pictures.
const PICTURES: usize = 8;

/// The result of fetching a picture. `picture` is `None` if that failed.
pub(super) struct Fetched {
    url: String,
    size: Size,
    picture: Option<Picture>,
}

pub(super) struct FileWork {
    answers: mpsc::Sender<Msg>,
    means: Means,
    gallery: Gallery,
    fetched: (mpsc::Sender<Fetched>, mpsc::Receiver<Fetched>),
    /// One picture at a time, because decoding takes memory.
    permits: Arc<Semaphore>,
    /// The upload in progress.
    upload: Option<AbortHandle>,
}

impl FileWork {
    pub(super) fn new(answers: mpsc::Sender<Msg>, means: Means) -> Self {
        let (gallery, fetched) = (Gallery::default(), mpsc::channel(PICTURES));
        Self { answers, means, gallery, fetched, permits: Arc::new(Semaphore::new(1)), upload: None }
    }

    pub(super) fn perform(&mut self, what: ToFiles, identity: &Identity) {
        match what {
            ToFiles::Upload(upload) => self.upload(upload, identity),
            ToFiles::CancelUpload => {
                if let Some(upload) = self.upload.take() {
                    upload.abort();
                }
            }
            ToFiles::Save(wanted, to) => self.with_files(identity, move |files| async move {
                files::save(&files, &wanted, to.as_deref()).await
            }),
            ToFiles::Open(file) => {
                match identity.opened() {
                    Ok(cache) => self.with_files(identity, move |files| async move {
                        files::open(&files, &file, &cache).await
                    }),
                    Err(e) => self.answer(Msg::Done(Err(format!("The file cannot be opened: {e}.")))),
                }
            }
            ToFiles::OpenLink(address) => self.answer(Msg::Done(files::open_link(&address))),
            ToFiles::ListPaths(typed) => {
                let answers = self.answers.clone();
                tokio::task::spawn_blocking(move || {
                    let paths = files::paths(&typed);
                    let _ = answers.blocking_send(Msg::Paths(typed, paths));
                });
            }
            ToFiles::ForgetPictures => self.gallery = Gallery::default(),
        }
    }

    /// Returns the pictures that are ready.
    pub(super) fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    /// Returns the next picture that arrives.
    pub(super) async fn next_picture(&mut self) -> Option<Fetched> {
        self.fetched.1.recv().await
    }

    pub(super) fn keep_picture(&mut self, Fetched { url, size, picture }: Fetched) {
        self.gallery.put(&url, size, picture);
    }

    /// Fetches those of these pictures that were not requested yet.
    pub(super) fn fetch_pictures(
        &mut self,
        shown: Vec<(String, Size)>,
        canvas: Option<Canvas>,
        identity: &Identity,
    ) {
        let Some(canvas) = canvas else { return };
        for (url, size) in shown {
            if self.gallery.knows(&url, size) {
                continue;
            }
            self.gallery.put(&url, size, None);
            if let Some(files) = identity.files() {
                self.fetch(files, url, size, canvas);
            }
        }
    }

    fn fetch(&self, files: Files, url: String, size: Size, canvas: Canvas) {
        let (fetched, permits, means) = (self.fetched.0.clone(), self.permits.clone(), self.means);
        tokio::spawn(async move {
            let _permit = permits.acquire().await;
            let picture = match files.fetch(&url, pictures::BYTES).await {
                Ok(content) => {
                    let prepare = move || Picture::of(&content, size, means, canvas).ok();
                    tokio::task::spawn_blocking(prepare).await.ok().flatten()
                }
                Err(_) => None,
            };
            let _ = fetched.send(Fetched { url, size, picture }).await;
        });
    }

    /// Sends a message to the loop.
    fn answer(&self, msg: Msg) {
        let answers = self.answers.clone();
        tokio::spawn(async move { answers.send(msg).await });
    }

    /// Does something with the server's files, and reports the result.
    fn with_files<F: Future<Output = Result<String, String>> + Send + 'static>(
        &self,
        identity: &Identity,
        work: impl FnOnce(Files) -> F,
    ) {
        match identity.files() {
            Some(files) => {
                let (work, answers) = (work(files), self.answers.clone());
                tokio::spawn(async move { answers.send(Msg::Done(work.await)).await });
            }
            None => self.answer(Msg::Done(Err(NOT_CONNECTED.to_owned()))),
        }
    }

    fn upload(&mut self, upload: Upload, identity: &Identity) {
        let Some(files) = identity.files() else {
            return self.answer(Msg::Uploaded(upload, Err(NOT_CONNECTED.to_owned())));
        };
        let answers = self.answers.clone();
        let task = tokio::spawn(async move {
            // Resolved once: the meaning of the path must not change during the upload.
            let (path, caption) = files::path_and_text(&upload.typed);
            let name = Clean::line(&path.file_name().unwrap_or_default().to_string_lossy());
            let progress = {
                let answers = answers.clone();
                move |sent, size| {
                    // If the loop is busy, the next piece reports the progress.
                    let _ = answers.try_send(Msg::Uploading(Uploading { name: name.clone(), sent, size }));
                }
            };
            let done = files.upload(&path, progress).await.map(|file| Uploaded { file, caption });
            let _ = answers.send(Msg::Uploaded(upload, done.map_err(|e| e.to_string()))).await;
        });
        self.upload = Some(task.abort_handle());
    }
}
