//! Everything that only SQLite has: the data folder and its lock, connections and their settings, checks, the search
//! index, and where a room's head is found. The rest of the store does not know which database it uses, and a test
//! searches for SQLite's keywords outside this module.

mod create;
pub(super) mod heads;
mod inspect;
mod lock;
pub(super) mod nonces;
mod private;
pub(super) mod search;
mod watch;

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::prelude::*;

pub use self::lock::{FolderLock, lock};
use self::watch::{Identity, Watch};
use crate::store;

/// A connection to the database file.
pub(super) type Conn = SqliteConnection;

/// How much of the database the writer caches, in KiB: the newest database pages of some thousand rooms.
const WRITER_CACHE_KIB: u32 = 32 * 1024;

/// How much of the database each reader caches, in KiB. The system's own cache holds the rest.
const READER_CACHE_KIB: u32 = 1024;

/// How many database pages (16 MiB) the write-ahead log may have before it is copied into the database. A larger log
/// avoids writing the same page twice. A smaller one shortens the pause for copying.
const CHECKPOINT_PAGES: u32 = 4096;

/// How long a connection waits for another program that uses the database briefly, such as a backup.
const BUSY: &str = "PRAGMA busy_timeout = 5000;";

/// How long a checkpoint waits for readers. The writer waits meanwhile.
const CHECKPOINT_BUSY: &str = "PRAGMA busy_timeout = 100;";

/// The database file of a data folder.
pub(super) struct Database {
    path: PathBuf,
    watch: Watch,
}

impl Database {
    /// Makes sure that a database of this version is in `folder`. `seed` fills a new one, whose tables are empty.
    ///
    /// # Errors
    /// If the database is foreign, newer or damaged, or cannot be opened. It is not changed then.
    pub(super) fn prepare(
        folder: &Path,
        seed: impl FnOnce(&mut store::Conn) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let path = create::prepare(folder, seed)?;
        let watch = Watch::begin(&path)?;
        Ok(Self { path, watch })
    }

    /// Returns an identity that distinguishes this database from a copy of it.
    pub(super) fn identity(&self) -> io::Result<String> {
        let Identity { device, inode, born } = Identity::of(&self.path)?;
        // The device numbers of some file systems change with each mount.
        Ok(born.map_or_else(|| format!("{device}:{inode}"), |born| format!("{inode}:{born}")))
    }

    /// Opens the connection for writing. The writer MUST be the first to connect and the last to close: the
    /// connection that closes last makes a checkpoint, and no start should need one.
    pub(super) fn writer(&self) -> anyhow::Result<store::Conn> {
        let conn = open(&self.path)?;
        self.watch.forget_log();
        Ok(store::Conn::Sqlite(conn))
    }

    /// Opens a connection that can only read.
    pub(super) fn reader(&self) -> anyhow::Result<store::Conn> {
        let mut conn = SqliteConnection::establish(&uri(&self.path, "rw"))
            .context("the database cannot be opened for reading")?;
        conn.batch_execute(&format!(
            "{BUSY} PRAGMA query_only = ON; PRAGMA cache_size = -{READER_CACHE_KIB};"
        ))?;
        Ok(store::Conn::Sqlite(conn))
    }

    /// Notes that the writer dropped its connection after a failure.
    pub(super) fn writer_failed(&self) {
        self.watch.forget_log();
    }

    /// Checks that the database and its write-ahead log are still the files that were opened.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.watch.check()
    }

    /// Like [`Self::check`], before a commit, and at most once a second. A writer without a connection has no log to
    /// check.
    pub(super) fn check_before_commit(&self, is_connected: bool) -> anyhow::Result<()> {
        if is_connected { self.watch.check_seldom() } else { self.watch.check_database() }
    }

    /// Empties the write-ahead log, which still has the old images of overwritten database pages. Blocks.
    ///
    /// # Errors
    /// If it cannot be emptied now, for example while a reader needs it.
    pub(super) fn scrub(&self) -> anyhow::Result<()> {
        #[derive(QueryableByName)]
        struct Done {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            busy: i32,
        }
        // Another database may be at the path by now, and must not be touched.
        self.watch.check()?;
        if std::fs::metadata(beside(&self.path, "-wal")).is_ok_and(|log| log.len() == 0) {
            return Ok(());
        }
        let mut conn = open(&self.path)?;
        // The first checkpoint copies nearly everything while the writer continues. The second blocks the writer, but
        // has little left to copy.
        conn.batch_execute(&format!("{CHECKPOINT_BUSY} PRAGMA wal_checkpoint(PASSIVE);"))?;
        let done: Done = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut conn)?;
        ensure!(done.busy == 0, "a reader or the writer blocked it");
        Ok(())
    }

    /// Empties the write-ahead log before the writer stops, so that the next start has nothing to recover.
    pub(super) fn settle(&self, conn: &mut store::Conn) {
        let store::Conn::Sqlite(conn) = conn;
        // If this fails, the next start has something to recover.
        let _ = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

/// Begins a transaction that has the right to write from the start.
pub(super) fn begin_to_write(conn: &mut Conn) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
}

/// Opens a connection that writes.
fn open(path: &Path) -> anyhow::Result<Conn> {
    let mut conn = SqliteConnection::establish(&uri(path, "rw"))?;
    conn.batch_execute(&format!(
        "{BUSY} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -{WRITER_CACHE_KIB}; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};",
    ))?;
    Ok(conn)
}

/// Returns a path as an SQLite file URI, in which `?`, `#` and `%` have special meanings.
fn uri(path: &Path, mode: &str) -> String {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{escaped}?mode={mode}")
}

/// Returns SQLite's name for a file that belongs to the database at `path`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Returns a database in memory, set up by this SQL.
#[cfg(test)]
pub(super) fn in_memory(sql: &str) -> store::Conn {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(sql).unwrap();
    store::Conn::Sqlite(conn)
}
