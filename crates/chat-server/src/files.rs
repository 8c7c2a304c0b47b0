//! The folder of files: contents by their hash, and uploads under way beside them. A content is put in its place whole
//! and on the disk; what an upload leaves behind is removed with it.

mod slots;

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, UserId};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use self::slots::{Slot, Slots};
use crate::secret::{hex, random_hex};

/// So much of the disk is left to messages: with less, uploads are refused.
const FLOOR_BYTES: u64 = 256 * 1024 * 1024;

/// How long the size of all files is remembered: uploads that begin meanwhile may exceed the quota a little.
const TOTAL_FOR: Duration = Duration::from_secs(10);

/// See the module's description.
pub struct Files {
    folder: PathBuf,
    /// The shelves whose names are known to be durable.
    shelves: Mutex<HashSet<String>>,
    slots: Arc<Slots>,
    /// The bytes of all files, and when they were counted.
    total: Mutex<Option<(Instant, u64)>>,
    /// One image is looked at at a time: it needs much memory.
    pub images: Arc<Semaphore>,
}

impl Files {
    /// Makes the folder if it is missing, and removes what uploads left behind in it. Once it is there this needs no room
    /// on the disk.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(data: &Path) -> io::Result<Self> {
        let folder = data.join("files");
        let incoming = folder.join("incoming");
        make_private(&folder)?;
        make_private(&incoming)?;
        for left in std::fs::read_dir(&incoming)? {
            let left = left?.path();
            if left.is_dir() { std::fs::remove_dir_all(left)? } else { std::fs::remove_file(left)? }
        }
        sync_folder(&folder)?;
        sync_folder(data)?;
        let images = Arc::new(Semaphore::new(1));
        Ok(Self { folder, shelves: Mutex::default(), slots: Arc::default(), total: Mutex::default(), images })
    }

    /// Where a content is kept.
    #[must_use]
    pub fn path(&self, content: &str) -> PathBuf {
        let (shelf, name) = content.split_at(content.len().min(2));
        self.folder.join(shelf).join(name)
    }

    /// Begins an upload. Without an `address` it is not limited by address.
    ///
    /// # Errors
    /// `rate_limited` if there are too many, `unavailable` if the disk has no room to spare.
    pub fn begin(self: &Arc<Self>, user: UserId, address: Option<IpAddr>) -> Result<Incoming, Refusal> {
        let slot = Slots::take(&self.slots, user, address)?;
        let has_room = rustix::fs::statvfs(&self.folder)
            .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) > FLOOR_BYTES);
        if !has_room {
            return Err(Refusal::new(ErrorCode::Unavailable, "The server's disk has no room for files now."));
        }
        Ok(Incoming { slot, files: self.clone(), path: None, file: None, hash: Sha256::new(), size: 0 })
    }

    /// Half of the disk, in bytes: what all files together may take if nobody says otherwise.
    #[must_use]
    pub fn half_of_disk(&self) -> u64 {
        rustix::fs::statvfs(&self.folder)
            .map_or(u64::MAX, |disk| disk.f_blocks.saturating_mul(disk.f_frsize) / 2)
    }

    /// The bytes of all files, if they were counted lately.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        let total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.filter(|(at, _)| at.elapsed() < TOTAL_FOR).map(|(_, bytes)| bytes)
    }

    /// Notes the bytes of all files.
    pub fn note_total(&self, bytes: u64) {
        *self.total.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), bytes));
    }

    /// Notes that a file was added.
    pub fn grew(&self, bytes: u64) {
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, total)) = &mut *total {
            *total += bytes;
        }
    }

    /// Puts a content that [`Incoming::finish`] or [`Self::write`] made in its place. Done again it changes nothing.
    /// Called by the writer alone, so that nothing is taken away in between.
    ///
    /// # Errors
    /// Where it cannot be moved.
    pub fn keep(&self, from: &Path, content: &str) -> io::Result<()> {
        let place = self.path(content);
        let shelf = place.parent().unwrap_or(&self.folder);
        make_private(shelf)?;
        match std::fs::hard_link(from, &place) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
        sync_folder(shelf)?;
        // POSIX keeps a folder's own name only once its parent was synced. A shelf that is there already may be what a
        // crash left unsynced, so the first use of each counts.
        let name = content.get(..2).unwrap_or(content).to_owned();
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        if !shelves.contains(&name) {
            sync_folder(&self.folder)?;
            shelves.insert(name);
        }
        Ok(())
    }

    /// Takes a content off the disk. Called by the writer alone.
    ///
    /// # Errors
    /// Where it cannot be removed; that it is gone already is none.
    pub fn remove(&self, content: &str) -> io::Result<()> {
        match std::fs::remove_file(self.path(content)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    /// Writes a content that was made here, and answers where it lies and its hash. Blocks.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, bytes: &[u8]) -> io::Result<(Scrap, String)> {
        let scrap = Scrap(self.incoming()?);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&scrap.0)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok((scrap, hex(&Sha256::digest(bytes))))
    }

    /// Every content on the disk that is older than an upload can take. Blocks.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn contents(&self, older_than: Duration) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        for shelf in std::fs::read_dir(&self.folder)? {
            let shelf = shelf?;
            let name = shelf.file_name();
            let Some(prefix) = name.to_str().filter(|name| name.len() == 2) else { continue };
            for file in std::fs::read_dir(shelf.path())? {
                let file = file?;
                let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
                if let (true, Some(rest)) = (age >= older_than, file.file_name().to_str()) {
                    found.push(format!("{prefix}{rest}"));
                }
            }
        }
        Ok(found)
    }

    fn incoming(&self) -> io::Result<PathBuf> {
        let name = random_hex::<16>().map_err(io::Error::other)?;
        Ok(self.folder.join("incoming").join(name))
    }
}

/// Makes a folder that other users cannot enter. It may exist already.
fn make_private(folder: &Path) -> io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// A file that is removed when this is dropped. What was kept of it stays.
pub struct Scrap(PathBuf);

impl Scrap {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_file(&self.0) {
            tracing::warn!(error = %e, "what an upload left behind cannot be removed");
        }
    }
}

/// An upload under way.
pub struct Incoming {
    slot: Slot,
    files: Arc<Files>,
    path: Option<Scrap>,
    file: Option<tokio::fs::File>,
    hash: Sha256,
    size: u64,
}

/// An upload that is on the disk, and its slot among those under way.
pub struct Arrived {
    /// Where.
    pub scrap: Scrap,
    /// Its length, in bytes.
    pub size: u64,
    /// The hash of its content.
    pub content: String,
    _slot: Slot,
}

impl Incoming {
    /// How many bytes there are so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds to the file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        self.slot.came(bytes.len());
        self.file().await?.write_all(bytes).await
    }

    async fn file(&mut self) -> io::Result<&mut tokio::fs::File> {
        if self.file.is_none() {
            let path = self.files.incoming()?;
            let mut private = tokio::fs::OpenOptions::new();
            self.file = Some(private.write(true).create_new(true).mode(0o600).open(&path).await?);
            self.path = Some(Scrap(path));
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("no file"))
    }

    /// Sees that all of it is on the disk.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub async fn finish(mut self) -> io::Result<Arrived> {
        let file = self.file().await?;
        file.flush().await?;
        file.sync_all().await?;
        let scrap = self.path.take().ok_or_else(|| io::Error::other("no file"))?;
        Ok(Arrived { scrap, size: self.size, content: hex(&self.hash.finalize()), _slot: self.slot })
    }
}
