//! The lock on the data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, bail, ensure};

use super::private;
use super::watch::Identity;
use crate::folder;

/// Holds the lock on the data folder until it is dropped.
#[derive(Debug)]
pub struct FolderLock {
    _folder: File,
    _file: File,
}

/// Creates the folder if it is missing, locks it, and closes it to other users of the machine.
///
/// The lock is on the folder itself: it holds even if files inside are removed or replaced, moves with the folder,
/// and does not touch the database, where SQLite has its own locks, which closing any other descriptor would release.
/// `chat.lock` is locked as well, for servers that know only that file, and for file systems that cannot lock a
/// folder.
///
/// # Errors
/// If another server holds the lock, or the folder cannot be created.
pub fn lock(folder: &Path) -> anyhow::Result<FolderLock> {
    let shown = folder.display();
    make(folder).with_context(|| format!("the data folder {shown} cannot be created"))?;
    let held = File::open(folder).with_context(|| format!("the data folder {shown} cannot be opened"))?;
    if let Err(e) = try_lock(&held, folder)? {
        tracing::warn!(error = %e, "this file system cannot lock a folder, so chat.lock must not be removed while the server runs");
    }
    let path = folder.join("chat.lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    try_lock(&file, folder)?.with_context(|| format!("{} cannot be locked", path.display()))?;
    for (path, held) in [(folder, &held), (&path, &file)] {
        let is_same = Identity::of(path).ok() == Some(Identity::from(&held.metadata()?));
        ensure!(is_same, "{} was replaced while it was being locked. Try again", path.display());
    }
    private::close(folder);
    Ok(FolderLock { _folder: held, _file: file })
}

/// Locks a file or folder. The inner error says that it cannot be locked at all.
fn try_lock(file: &File, folder: &Path) -> anyhow::Result<io::Result<()>> {
    match file.try_lock() {
        Ok(()) => Ok(Ok(())),
        Err(TryLockError::Error(e)) => Ok(Err(e)),
        Err(TryLockError::WouldBlock) => bail!(
            "another chat-server uses the data folder {}. Stop it first, or choose another folder with --data-dir.",
            folder.display()
        ),
    }
}

/// Creates the folder, and makes its name durable.
fn make(folder: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for made in &missing {
        folder::sync(parent(made))?;
    }
    if missing.is_empty() {
        // A server that was killed may have created it without syncing its name. The parent may well not be
        // accessible to us.
        let _ = folder::sync(parent(folder));
    }
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
