//! Finds, migrates or creates the database of a data folder. SQLite recovers what a crash left unfinished. Only what
//! it cannot recover counts as damage. A new database is created under another name and renamed when it is complete,
//! so a crash never leaves half of one.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, beside, inspect, open, uri};
use crate::folder;
use crate::store;

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Marks the file as ours (SQLite's `application_id`): "chat" in ASCII.
pub(super) const APPLICATION_ID: u32 = 0x6368_6174;

/// The `user_version` of a database whose free space contains nothing that was deleted.
pub(super) const WIPED: i32 = 1;

/// Older versions can damage a WAL that two connections use at once (fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// Databases up to this size, in bytes, are checked at each start, which takes about 0.1 s.
pub(super) const CHECKED_BYTES: u64 = 32 * 1024 * 1024;

/// Makes sure that a database of this version is in `folder`, and returns its path.
///
/// # Errors
/// If the database is foreign, newer or damaged, or cannot be opened.
pub(super) fn prepare(
    folder: &Path,
    seed: impl FnOnce(&mut store::Conn) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let version = libsqlite3_sys::SQLITE_VERSION_NUMBER;
    ensure!(
        version >= OLDEST_SQLITE,
        "this program was built with SQLite {version}, which can damage a database"
    );
    let path = folder.join("chat.db");
    if path.try_exists().with_context(|| format!("{} cannot be examined", path.display()))? {
        let found = inspect::inspect(&path)
            .with_context(|| format!("the database {} was not changed", path.display()))?;
        if found.is_behind {
            migrate(&mut open(&path)?)?;
        }
        if !found.is_wiped && found.bytes <= CHECKED_BYTES {
            wipe(&path);
        }
    } else {
        create(&path, seed).with_context(|| format!("the database {} cannot be created", path.display()))?;
    }
    Ok(path)
}

fn create(path: &Path, seed: impl FnOnce(&mut store::Conn) -> anyhow::Result<()>) -> anyhow::Result<()> {
    for suffix in ["-wal", "-journal"] {
        let log = beside(path, suffix);
        let holds_something = std::fs::metadata(&log).is_ok_and(|file| file.len() > 0);
        ensure!(
            !holds_something,
            "it is missing, but {} is there and belongs to it. Put the database back, or remove that file to start with an empty database",
            log.display()
        );
    }
    let fresh = path.with_extension("db.new");
    for suffix in ["", "-journal", "-wal", "-shm"] {
        remove(&beside(&fresh, suffix))?;
    }
    remove(&beside(path, "-shm"))?;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    let mut conn = SqliteConnection::establish(&uri(&fresh, "rw"))?;
    // Nobody opens this file before it is completely synced and renamed.
    conn.batch_execute(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {WIPED};
         PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;"
    ))?;
    migrate(&mut conn)?;
    let mut conn = store::Conn::Sqlite(conn);
    seed(&mut conn)?;
    let store::Conn::Sqlite(mut conn) = conn;
    // Done here, because after the renaming the switch would need a rollback journal, which a crash could leave
    // behind.
    conn.batch_execute("PRAGMA journal_mode = WAL;")?;
    drop(conn);
    ensure!(!beside(&fresh, "-wal").try_exists()?, "its write-ahead log could not be closed");
    File::open(&fresh)?.sync_all()?;
    std::fs::rename(&fresh, path)?;
    folder::sync(path.parent().unwrap_or(Path::new(".")))?;
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

fn migrate(conn: &mut Conn) -> anyhow::Result<()> {
    // A table that others refer to is replaced under another name (sqlite.org/lang_altertable.html, 7).
    conn.batch_execute("PRAGMA foreign_keys = OFF")?;
    for version in
        conn.run_pending_migrations(MIGRATIONS).map_err(|e| anyhow::anyhow!("a migration failed: {e}"))?
    {
        tracing::info!(%version, "migrated the database");
    }
    conn.batch_execute("PRAGMA foreign_keys = ON")?;
    Ok(())
}

/// Rewrites a database from before deleted content was overwritten. If that fails, for example on a full disk, the
/// database stays as it was, and the next start tries again.
fn wipe(path: &Path) {
    let wiped = open(path).and_then(|mut conn| {
        conn.batch_execute(&format!(
            "PRAGMA temp_store = MEMORY; VACUUM; PRAGMA user_version = {WIPED};
             PRAGMA wal_checkpoint(TRUNCATE);"
        ))?;
        Ok(())
    });
    match wiped {
        Ok(()) => tracing::info!("rewrote the database without the remains of deleted content"),
        Err(e) => tracing::warn!(
            error = format!("{e:#}"),
            "the remains of deleted content are still in the database"
        ),
    }
}
