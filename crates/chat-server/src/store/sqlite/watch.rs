//! Notices when a file at a path is no longer the one that was opened.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context, bail, ensure};
use parking_lot::Mutex;

use super::beside;

/// The minimum time between two checks of [`Watch::check_seldom`].
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Identifies a file. If the file system stores creation times, it also distinguishes a file from a later one with
/// the same inode number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    /// The device of its file system.
    pub(super) device: u64,
    /// Its inode number there.
    pub(super) inode: u64,
    /// When it was created, in nanoseconds since 1970, if the file system stores that.
    pub(super) born: Option<i64>,
}

impl Identity {
    /// Returns the identity of the file at `path`, following a symbolic link. Opens nothing.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be examined.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        std::fs::metadata(path).map(|found| Self::from(&found))
    }
}

impl From<&Metadata> for Identity {
    fn from(found: &Metadata) -> Self {
        let born = found.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let born = born.and_then(|since| i64::try_from(since.as_nanos()).ok());
        Self { device: found.dev(), inode: found.ino(), born }
    }
}

/// Notices that the database or its write-ahead log was removed or replaced while open. SQLite would continue with
/// the open files, and everything acknowledged since would be lost with the process.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    database: Identity,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    log: Option<Identity>,
    looked: Option<Instant>,
}

impl Watch {
    /// Remembers the database at `path`.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn begin(path: &Path) -> io::Result<Self> {
        let state = State { log: None, looked: None };
        Ok(Self { path: path.to_owned(), database: Identity::of(path)?, state: Mutex::new(state) })
    }

    /// Notes that the writer has a new connection, or none for now. SQLite removes the write-ahead log with the last
    /// connection and creates another with the next, so the old one is forgotten.
    pub(super) fn forget_log(&self) {
        *self.state.lock() = State { log: None, looked: None };
    }

    /// Compares the database with the one at the start.
    ///
    /// # Errors
    /// If it was removed or replaced, with a sentence for the operator.
    pub(super) fn check_database(&self) -> anyhow::Result<()> {
        let shown = self.path.display();
        let found = Identity::of(&self.path)
            .with_context(|| format!("the database {shown} was removed while the server runs"))?;
        ensure!(found == self.database, "the database {shown} was replaced while the server runs");
        Ok(())
    }

    /// Compares the database and its write-ahead log with the opened ones.
    ///
    /// # Errors
    /// If one was removed or replaced, with a sentence for the operator.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let mut state = self.state.lock();
        state.looked = None;
        self.check_database()?;
        let shown = self.path.display();
        match (state.log, Identity::of(&beside(&self.path, "-wal")).ok()) {
            (None, found) => state.log = found,
            (Some(known), Some(found)) if known == found => {}
            (Some(_), Some(_)) => bail!("{shown}-wal was replaced while the server runs"),
            (Some(_), None) => bail!("{shown}-wal was removed while the server runs"),
        }
        state.looked = Some(Instant::now());
        Ok(())
    }

    /// Like [`Self::check`], at most once a second. A failure is reported at every call.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub(super) fn check_seldom(&self) -> anyhow::Result<()> {
        let looked = self.state.lock().looked;
        if looked.is_some_and(|at| at.elapsed() < LOOK_EVERY) {
            return Ok(());
        }
        self.check()
    }
}
