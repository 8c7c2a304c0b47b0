//! The life of a file: it is uploaded, inspected, stored and read, and deleted when no message has it attached.

use std::net::IpAddr;
use std::time::Duration;

use chat_proto::event::File;
use chat_proto::{ErrorCode, Millis, UserId, file_name};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::acts::keep_file::{DeleteContents, ExpireFiles, KeepFile};
use crate::app::App;
use crate::auth::Presented;
use crate::clock::DAY_MS;
use crate::error::Error;
use crate::media::{self, Inspected};
use crate::rate::{Cost, Source};
use crate::secret::random_hex;
use crate::staging::{Arrived, Incoming, Scrap};
use crate::store::tables::files::{self, StoredFile};
use crate::store::views::{self, admittance, permissions};
use crate::store::{Conn, Tx, signed, unsigned};
use chat_proto::policy::{self, Right, Scope};

/// The minimum rate of an upload, in bytes a second.
pub(crate) const SLOWEST: u64 = 4 * 1024;

/// Uploads count for their address in steps of this size.
const MEBIBYTE: u64 = 1024 * 1024;

/// How long a file without a message is kept.
const ORPHAN_KEPT_MS: i64 = DAY_MS;

/// How old a content without a file must be to be deleted: older than any upload takes from the disk to the database.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);

/// The maximum number of files deleted in one transaction.
const AT_ONCE: i64 = 100;

/// An upload in progress.
pub(crate) struct Upload {
    owner: UserId,
    address: IpAddr,
    /// Bytes that do not count for the address yet.
    unpaid: u64,
    incoming: Incoming,
}

fn failed(e: std::io::Error) -> Error {
    Error::Unavailable(anyhow::Error::from(e).context("a file cannot be stored"))
}

/// Begins an upload for the user of this login.
///
/// # Errors
/// `unauthorized`, `banned`, `muted` (on the whole server), `rate_limited`, `forbidden` if the user's quota is used
/// up, `unavailable` if the disk is full.
pub(crate) async fn begin(app: &App, presented: Presented, address: IpAddr) -> Result<Upload, Error> {
    let (now, most) = (app.config.clock.read(), app.config.file_quota_bytes);
    let owner = app
        .store
        .read(move |conn: &mut Conn| {
            let me = admittance::user_of(conn, &presented.login, address, now)?;
            let permissions = permissions::of(conn, me.id, None)?;
            policy::may(&permissions, Right::Write, Scope::Server, now.wall)?;
            files::refuse_too_many(conn, me.id, 0, most)?;
            Ok(me.id)
        })
        .await?;
    app.rates.take(owner, Cost::Upload)?;
    app.rates.take_from(address, Source::Upload)?;
    refuse_beyond_total(app).await?;
    let limited = app.rates.on().then_some(address);
    Ok(Upload { owner, address, unpaid: 0, incoming: app.staging.begin(owner, limited)? })
}

/// Refuses an upload if all files together have used up their quota.
async fn refuse_beyond_total(app: &App) -> Result<(), Error> {
    let total = match app.staging.total() {
        Some(total) => total,
        None => {
            let total = app.store.read(files::total).await?;
            app.staging.note_total(total);
            total
        }
    };
    if total < app.config.files_total_bytes.unwrap_or_else(|| app.staging.half_of_disk()) {
        return Ok(());
    }
    tracing::warn!(total, "an upload was refused: the files have reached --files-total-bytes");
    let why =
        "The server's space for files is used up. Ask whoever runs it to allow more, or to delete some.";
    Err(Error::refused(ErrorCode::Unavailable, why))
}

impl Upload {
    /// Appends to the file.
    ///
    /// # Errors
    /// `too_long` beyond the limit, `rate_limited` if too much comes from the address, or a failure to write.
    pub(crate) async fn write(&mut self, app: &App, bytes: &[u8]) -> Result<(), Error> {
        if self.incoming.size() + bytes.len() as u64 > app.config.file_bytes {
            return Err(too_long(app));
        }
        self.unpaid += bytes.len() as u64;
        while self.unpaid >= MEBIBYTE {
            app.rates.take_from(self.address, Source::Mebibyte)?;
            self.unpaid -= MEBIBYTE;
        }
        self.incoming.write(bytes).await.map_err(failed)
    }

    /// Inspects and stores the complete file, and returns it as others see it.
    ///
    /// # Errors
    /// `too_long` for an image that is too large, `forbidden` if the owner's quota is used up.
    pub(crate) async fn finish(self, app: &App, name: &str) -> Result<File, Error> {
        let arrived = self.incoming.finish().await.map_err(failed)?;
        let now = app.config.clock.read().mark;
        let (stored, kept) = inspect(app, arrived, self.owner, file_name(name), now).await?;
        let file = describe(&stored);
        let (blobs, quota) = (app.blobs.clone(), app.config.file_quota_bytes);
        app.store.perform(KeepFile { stored, contents: kept, blobs, quota }).await?;
        app.staging.grew(file.size);
        Ok(file)
    }
}

/// The characters that need no escape in a URL (RFC 3986, 2.3).
const IN_ADDRESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns a file as others see it.
#[must_use]
pub(crate) fn describe(stored: &StoredFile) -> File {
    let pixels = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
    let url = format!("/files/{}/{}", stored.id, utf8_percent_encode(&stored.name, IN_ADDRESS));
    File {
        id: stored.id.clone(),
        name: stored.name.clone(),
        size: unsigned(stored.size),
        media_type: stored.media_type.clone(),
        width: pixels(stored.width),
        height: pixels(stored.height),
        thumb: stored.thumb.as_ref().map(|_| format!("{url}?thumb")),
        url,
    }
}

/// Returns a file that does not exist, which no message can have.
#[must_use]
pub(crate) fn unknown(id: String) -> File {
    let (name, media_type, url) = (String::new(), String::new(), String::new());
    File { id, name, size: 0, media_type, url, width: None, height: None, thumb: None }
}

/// Returns the error for an upload over the limit.
#[must_use]
pub(crate) fn too_long(app: &App) -> Error {
    let most = app.config.file_bytes;
    let why = match most / (1024 * 1024) {
        0 => format!("A file has at most {most} bytes here."),
        mib => format!("A file has at most {mib} MiB here."),
    };
    Error::refused(ErrorCode::TooLong, why)
}

/// Detects a file's type, and prepares what is stored: its content (without metadata, if it is an image) and a
/// thumbnail.
async fn inspect(
    app: &App,
    arrived: Arrived,
    owner_id: UserId,
    name: String,
    created_at: Millis,
) -> Result<(StoredFile, Vec<(Scrap, String)>), Error> {
    let path = arrived.scrap.path().to_owned();
    let is_image = tokio::task::spawn_blocking(move || media::may_be_image(&path)).await.unwrap_or(true);
    let permit = if is_image {
        let permit = app.staging.images.clone().acquire_owned().await;
        Some(permit.map_err(|e| Error::Internal(e.into()))?)
    } else {
        None
    };
    let staging = app.staging.clone();
    let work = move || {
        // The upload's slot and the permit are held until the work is done, even if nobody waits for it.
        let (_permit, arrived) = (permit, arrived);
        let Inspected { media_type, picture } = media::inspect(arrived.scrap.path(), arrived.size)?;
        let id = random_hex::<16>().map_err(Error::Internal)?;
        let (width, height) = picture.as_ref().map(|p| (i64::from(p.width), i64::from(p.height))).unzip();
        let (cleaned, small) = picture.map_or((None, None), |picture| (picture.cleaned, picture.thumb));
        let mut size = arrived.size;
        let mut kept = vec![match cleaned {
            Some(cleaned) => {
                size = cleaned.len() as u64;
                staging.write(&cleaned).map_err(failed)?
            }
            None => (arrived.scrap, arrived.content),
        }];
        let content = kept[0].1.clone();
        let (mut thumb, mut thumb_type) = (None, None);
        if let Some((bytes, kind)) = small {
            let (scrap, content) = staging.write(&bytes).map_err(failed)?;
            (thumb, thumb_type) = (Some(content.clone()), Some(kind.to_owned()));
            kept.push((scrap, content));
        }
        let size = signed(size);
        let stored = StoredFile {
            id,
            owner_id,
            name,
            size,
            media_type,
            content,
            width,
            height,
            thumb,
            thumb_type,
            created_at,
        };
        Ok((stored, kept))
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| {
        Err(Error::Internal(anyhow::Error::from(e).context("an upload could not be inspected")))
    })
}

/// A file that the user may read.
pub(crate) struct Readable {
    /// The file.
    pub(crate) file: StoredFile,
    /// The hash of its content, or of its thumbnail's.
    pub(crate) content: String,
    /// The type of `content`.
    pub(crate) media_type: String,
}

/// Returns the file with that id, or its thumbnail, for the user of this login.
///
/// # Errors
/// `unauthorized`, `banned`, or `no_such_file` if the file does not exist or the user may not read it.
pub(crate) async fn read(
    app: &App,
    presented: Presented,
    address: IpAddr,
    id: String,
    thumb: bool,
) -> Result<Readable, Error> {
    let now = app.config.clock.read();
    let find = move |conn: &mut Conn| {
        let me = admittance::user_of(conn, &presented.login, address, now)?;
        views::files::readable(conn, &id, me.id, now.wall)
    };
    let file = app.store.read(find).await?;
    let (content, media_type) = match (thumb, &file.thumb, &file.thumb_type) {
        (true, Some(thumb), Some(kind)) => (thumb, kind.clone()),
        _ => (&file.content, file.media_type.clone()),
    };
    Ok(Readable { content: content.clone(), media_type, file })
}

/// Deletes contents that no file uses any more.
pub(crate) async fn clear(app: &App) {
    loop {
        let contents = match app.store.read(|conn| files::discarded(conn, AT_ONCE)).await {
            Ok(contents) if contents.is_empty() => return,
            Ok(contents) => contents,
            Err(e) => return tracing::warn!(error = e.cause(), "discarded files cannot be read"),
        };
        match app.store.perform(DeleteContents { contents, blobs: app.blobs.clone() }).await {
            Ok(true) => {}
            // The next run tries again.
            Ok(false) => return,
            Err(e) => {
                return tracing::warn!(error = e.cause(), "discarded files cannot be deleted");
            }
        }
    }
}

/// Deletes files that no message has after a day.
pub(crate) async fn expire(app: &App) {
    let before = app.config.clock.age_now() - ORPHAN_KEPT_MS;
    match app.store.read(move |conn| files::orphans(conn, before, 1)).await {
        Ok(found) if found.is_empty() => {}
        Ok(_) => {
            if let Err(e) = app.store.perform(ExpireFiles { before, limit: AT_ONCE }).await {
                tracing::warn!(error = e.cause(), "files without a message cannot be deleted");
            }
        }
        Err(e) => tracing::warn!(error = e.cause(), "the files cannot be read"),
    }
    clear(app).await;
}

/// Discards contents without a file, which a crash between the disk and the database leaves behind.
pub(crate) async fn sweep(app: &App) {
    let blobs = app.blobs.clone();
    let found = tokio::task::spawn_blocking(move || blobs.list(LEFT_OVER)).await;
    let Ok(Ok(contents)) = found else {
        return tracing::warn!("the folder for files cannot be read");
    };
    for some in contents.chunks(AT_ONCE as usize) {
        let some = some.to_vec();
        let unused = move |conn: &mut Conn| {
            let mut unused = Vec::new();
            for content in some {
                if !files::is_used(conn, &content)? {
                    unused.push(content);
                }
            }
            Ok(unused)
        };
        let done = match app.store.read(unused).await {
            Ok(unused) if unused.is_empty() => Ok(()),
            Ok(unused) => {
                let discard = move |tx: &mut Tx<'_>| files::discard(tx.conn(), unused.iter().cloned());
                app.store.perform(discard).await
            }
            Err(e) => Err(e),
        };
        if let Err(e) = done {
            return tracing::warn!(error = e.cause(), "leftover files cannot be searched for");
        }
    }
    clear(app).await;
}
