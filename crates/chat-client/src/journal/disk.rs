//! The few file operations of the journal. A power loss may follow each of them.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many names are tried for a new file.
const TRIES: usize = 10;

/// Returns the folder of a path.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns the files named `base`, or `base` with a dot and a suffix, that no program holds, in the order in which
/// they were created. They are locked from now on.
pub(super) fn unheld(base: &Path) -> io::Result<Vec<(PathBuf, File)>> {
    let name = base.file_name().unwrap_or_default().as_encoded_bytes();
    let is_ours = |other: &[u8]| {
        other.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'.'))
    };
    let mut paths = Vec::new();
    for file in std::fs::read_dir(folder(base))? {
        let file = file?;
        if is_ours(file.file_name().as_encoded_bytes()) {
            paths.push(file.path());
        }
    }
    paths.sort();
    let mut left = Vec::new();
    for path in paths {
        let opened = match File::open(&path) {
            // Another program removed it first.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        if lock(&opened)? && is_at(&opened, &path) {
            left.push((path, opened));
        }
    }
    Ok(left)
}

/// Locks a file. Returns `false` if another program holds the lock.
fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

/// Whether the file is still the one at that path. The program that held it may have removed it before unlocking it.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let key = |of: &std::fs::Metadata| (of.dev(), of.ino());
    matches!(&(file.metadata(), std::fs::metadata(path)), (Ok(held), Ok(there)) if key(held) == key(there))
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

pub(super) fn read(mut file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Creates and locks a file that only its owner can read, named `base`, a dot and a `suffix`.
pub(super) fn create_beside(base: &Path, suffix: impl Fn() -> String) -> io::Result<(PathBuf, File)> {
    // A program that starts at the same moment may adopt the file before it is locked.
    for _ in 0..TRIES {
        let path = beside(base, &suffix());
        let file = create(&path)?;
        if lock(&file)? && is_at(&file, &path) {
            return Ok((path, file));
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

fn beside(base: &Path, suffix: &str) -> PathBuf {
    let mut path = base.as_os_str().to_owned();
    path.push(format!(".{suffix}"));
    PathBuf::from(path)
}

/// Renames a locked file to such a name. It stays locked.
pub(super) fn rename_beside(path: &Path, base: &Path, suffix: impl Fn() -> String) -> io::Result<PathBuf> {
    step()?;
    let new = beside(base, &suffix());
    std::fs::rename(path, &new)?;
    Ok(new)
}

fn create(path: &Path) -> io::Result<File> {
    step()?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(super) fn write_at(mut file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    if let Err(e) = step() {
        // What a crash leaves behind.
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(e);
    }
    file.write_all(bytes)
}

pub(super) fn cut(file: &File, len: u64) -> io::Result<()> {
    if file.metadata()?.len() == len {
        return Ok(());
    }
    step()?;
    file.set_len(len)
}

pub(super) fn sync(file: &File) -> io::Result<()> {
    step()?;
    file.sync_data()
}

/// Syncs the folder of `path`, so that the names in it are durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    step()?;
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    step()?;
    std::fs::remove_file(path)
}

/// In tests, fails from a chosen operation on, as if the program were killed or the disk were full.
#[cfg(test)]
fn step() -> io::Result<()> {
    super::tests::step()
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "the tests' one may fail")]
fn step() -> io::Result<()> {
    Ok(())
}
