//! Uploads in progress. Each is written to its own file beside the contents, which is deleted at the end.
//! [`crate::blobs`] stores the finished content.

mod slots;

use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, UserId};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use self::slots::{Slot, Slots};
use crate::folder;
use crate::secret::{hex, random_hex};

/// Uploads are refused if the disk has less free space than this, which is left for messages.
const FLOOR_BYTES: u64 = 256 * 1024 * 1024;

/// How long the total size of all files is cached. Uploads that begin meanwhile may exceed the quota a little.
const TOTAL_FOR: Duration = Duration::from_secs(10);

/// The folder of uploads in progress.
pub(crate) struct Staging {
    folder: PathBuf,
    slots: Arc<Slots>,
    /// The number of bytes of all files, and when they were counted.
    total: Mutex<Option<(Instant, u64)>>,
    /// Images are decoded one at a time, because each needs much memory.
    pub(crate) images: Arc<Semaphore>,
}

impl Staging {
    /// Creates the folder for uploads in `contents` if it is missing, and deletes what earlier uploads left there. If
    /// it exists, this needs no space on the disk.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(crate) fn open(contents: &Path) -> io::Result<Self> {
        let incoming = contents.join("incoming");
        folder::make_private(&incoming)?;
        for left in std::fs::read_dir(&incoming)? {
            let left = left?.path();
            if left.is_dir() { std::fs::remove_dir_all(left)? } else { std::fs::remove_file(left)? }
        }
        folder::sync(contents)?;
        let images = Arc::new(Semaphore::new(1));
        Ok(Self { folder: incoming, slots: Arc::default(), total: Mutex::default(), images })
    }

    /// Begins an upload. Without an `address`, it is not limited by address.
    ///
    /// # Errors
    /// `rate_limited` if there are too many, `unavailable` if the disk has too little free space.
    pub(crate) fn begin(
        self: &Arc<Self>,
        user: UserId,
        address: Option<IpAddr>,
    ) -> Result<Incoming, Refusal> {
        let slot = Slots::take(&self.slots, user, address)?;
        let has_room = rustix::fs::statvfs(&self.folder)
            .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) > FLOOR_BYTES);
        if !has_room {
            return Err(Refusal::new(ErrorCode::Unavailable, "The server's disk has no room for files now."));
        }
        Ok(Incoming { slot, staging: self.clone(), path: None, file: None, hash: Sha256::new(), size: 0 })
    }

    /// Returns half of the disk's size, in bytes: the default limit of all files together.
    #[must_use]
    pub(crate) fn half_of_disk(&self) -> u64 {
        rustix::fs::statvfs(&self.folder)
            .map_or(u64::MAX, |disk| disk.f_blocks.saturating_mul(disk.f_frsize) / 2)
    }

    /// Returns the number of bytes of all files, if they were counted recently.
    #[must_use]
    pub(crate) fn total(&self) -> Option<u64> {
        let total = self.total.lock();
        total.filter(|(at, _)| at.elapsed() < TOTAL_FOR).map(|(_, bytes)| bytes)
    }

    /// Stores the number of bytes of all files.
    pub(crate) fn note_total(&self, bytes: u64) {
        *self.total.lock() = Some((Instant::now(), bytes));
    }

    /// Notes that a file was added.
    pub(crate) fn grew(&self, bytes: u64) {
        let mut total = self.total.lock();
        if let Some((_, total)) = &mut *total {
            *total += bytes;
        }
    }

    /// Writes a content that the server made, and returns the file and its hash. Blocks.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<(Scrap, String)> {
        let scrap = Scrap(self.incoming()?);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&scrap.0)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok((scrap, hex(&Sha256::digest(bytes))))
    }

    fn incoming(&self) -> io::Result<PathBuf> {
        let name = random_hex::<16>().map_err(io::Error::other)?;
        Ok(self.folder.join(name))
    }
}

/// A file that is deleted when this is dropped.
pub(crate) struct Scrap(PathBuf);

impl Scrap {
    /// Returns the file's path.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_file(&self.0) {
            tracing::warn!(error = %e, "the temporary file of an upload cannot be deleted");
        }
    }
}

/// An upload in progress.
pub(crate) struct Incoming {
    slot: Slot,
    staging: Arc<Staging>,
    path: Option<Scrap>,
    file: Option<tokio::fs::File>,
    hash: Sha256,
    size: u64,
}

/// An upload that is complete on the disk, with its slot.
pub(crate) struct Arrived {
    /// The file.
    pub(crate) scrap: Scrap,
    /// Its length, in bytes.
    pub(crate) size: u64,
    /// The hash of its content.
    pub(crate) content: String,
    _slot: Slot,
}

impl Incoming {
    /// Returns how many bytes arrived so far.
    #[must_use]
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Appends to the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        self.slot.came(bytes.len());
        self.file().await?.write_all(bytes).await
    }

    async fn file(&mut self) -> io::Result<&mut tokio::fs::File> {
        if self.file.is_none() {
            let path = self.staging.incoming()?;
            let mut private = tokio::fs::OpenOptions::new();
            self.file = Some(private.write(true).create_new(true).mode(0o600).open(&path).await?);
            self.path = Some(Scrap(path));
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("no file"))
    }

    /// Makes the whole file durable.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) async fn finish(mut self) -> io::Result<Arrived> {
        let file = self.file().await?;
        file.flush().await?;
        file.sync_all().await?;
        let scrap = self.path.take().ok_or_else(|| io::Error::other("no file"))?;
        Ok(Arrived { scrap, size: self.size, content: hex(&self.hash.finalize()), _slot: self.slot })
    }
}
