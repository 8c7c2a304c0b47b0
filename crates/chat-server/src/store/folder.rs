//! The data folder: locked against a second server, closed to other users, and its database examined before anything is
//! written. SQLite recovers what a crash left unfinished; only what it cannot recover counts as damage.
//! A new database is made under another name and renamed when it is complete, so a crash never leaves half of one.

mod identity;
mod inspect;
mod lock;
mod private;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chat_proto::reply::RoomKind;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

pub use self::identity::{Identity, Watch};
pub use self::lock::{FolderLock, lock};
use super::schema;
use super::tables::rooms;
use crate::clock::Clock;
use crate::secret::random_hex;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The room that exists from the first start.
pub const DEFAULT_ROOM: &str = "general";

/// Marks the file as ours (SQLite's `application_id`): "chat" in ASCII.
const APPLICATION_ID: u32 = 0x6368_6174;

/// `user_version` of a database whose free space holds nothing that was deleted.
const WIPED: i32 = 1;

/// Older ones can damage a WAL that two connections use at once (fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// Databases up to this size are checked at each start, which takes about 0.1 s.
const CHECKED_BYTES: u64 = 32 * 1024 * 1024;

/// How much of the database the writer keeps in memory, in KiB: the newest pages of some thousand rooms.
const CACHE_KIB: u32 = 32 * 1024;

/// After how many pages of write-ahead log what is in it goes into the database (16 MiB). Larger saves writing the same page
/// twice; smaller makes the pause shorter in which it happens.
const CHECKPOINT_PAGES: u32 = 4096;

/// How long another program that uses the database for a moment, such as one that backs it up, is waited for.
pub(super) const BUSY: &str = "PRAGMA busy_timeout = 5000;";

/// How long a checkpoint beside the writer waits for readers. The writer waits meanwhile.
const CHECKPOINT_BUSY: &str = "PRAGMA busy_timeout = 100;";

/// Makes sure that a database of this version is in `folder`, and returns its path.
///
/// # Errors
/// If the database is foreign, newer or damaged, or cannot be opened.
pub(super) fn prepare(folder: &Path, clock: &Clock) -> anyhow::Result<PathBuf> {
    let version = libsqlite3_sys::SQLITE_VERSION_NUMBER;
    ensure!(
        version >= OLDEST_SQLITE,
        "this program was built with SQLite {version}, which can damage a database"
    );
    let path = folder.join("chat.db");
    if path.try_exists().with_context(|| format!("{} cannot be examined", path.display()))? {
        let found = inspect::inspect(&path)
            .with_context(|| format!("the database {} was left as it is", path.display()))?;
        if found.is_behind {
            migrate(&mut open(&path)?)?;
        }
        if !found.is_wiped && found.bytes <= CHECKED_BYTES {
            wipe(&path);
        }
    } else {
        create(&path, clock).with_context(|| format!("the database {} cannot be made", path.display()))?;
    }
    Ok(path)
}

/// Opens a connection that writes.
pub(super) fn open(path: &Path) -> anyhow::Result<SqliteConnection> {
    let mut conn = SqliteConnection::establish(&uri(path, "rw"))?;
    conn.batch_execute(&format!(
        "{BUSY} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -{CACHE_KIB}; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};",
    ))?;
    Ok(conn)
}

/// Empties the write-ahead log, which still has the old images of pages that were overwritten. Blocks.
///
/// # Errors
/// If it cannot be emptied now, such as while a reader needs it.
pub(super) fn empty_log(path: &Path) -> anyhow::Result<()> {
    #[derive(QueryableByName)]
    struct Done {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        busy: i32,
    }
    if std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() == 0) {
        return Ok(());
    }
    let mut conn = open(path)?;
    // The first copies nearly everything while the writer goes on; the second has little left to hold it up for.
    conn.batch_execute(&format!("{CHECKPOINT_BUSY} PRAGMA wal_checkpoint(PASSIVE);"))?;
    let done: Done = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut conn)?;
    ensure!(done.busy == 0, "a reader or the writer was in the way");
    Ok(())
}

/// A path as SQLite's file URI, in which `?`, `#` and `%` have meanings of their own.
pub(super) fn uri(path: &Path, mode: &str) -> String {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{escaped}?mode={mode}")
}

/// SQLite's name for a file that belongs to the database at `path`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn create(path: &Path, clock: &Clock) -> anyhow::Result<()> {
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
    // Nobody opens this file before all of it is synced and has its name.
    conn.batch_execute(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {WIPED};
         PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;"
    ))?;
    migrate(&mut conn)?;
    let log = random_hex::<16>()?;
    conn.transaction(|conn| {
        use schema::meta::dsl::{key, meta, value};
        diesel::insert_into(meta).values((key.eq("log"), value.eq(log))).execute(conn)?;
        rooms::insert(conn, DEFAULT_ROOM, RoomKind::Public, "", None, clock.now()).map(|_| ())
    })?;
    // Done here, because under its own name the switch would need a rollback journal, which a crash leaves behind.
    conn.batch_execute("PRAGMA journal_mode = WAL;")?;
    drop(conn);
    ensure!(!beside(&fresh, "-wal").try_exists()?, "its write-ahead log could not be closed");
    File::open(&fresh)?.sync_all()?;
    std::fs::rename(&fresh, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

fn migrate(conn: &mut SqliteConnection) -> anyhow::Result<()> {
    // A table that others refer to is replaced through one of another name (sqlite.org/lang_altertable.html, 7).
    conn.batch_execute("PRAGMA foreign_keys = OFF")?;
    for version in
        conn.run_pending_migrations(MIGRATIONS).map_err(|e| anyhow::anyhow!("a migration failed: {e}"))?
    {
        tracing::info!(%version, "migrated the database");
    }
    conn.batch_execute("PRAGMA foreign_keys = ON")?;
    Ok(())
}

/// Rewrites a database that was made before deleted content was overwritten. A failure, such as on a full disk, leaves it as
/// it was, and the next start tries again.
fn wipe(path: &Path) {
    let wiped = open(path).and_then(|mut conn| {
        conn.batch_execute(&format!(
            "PRAGMA temp_store = MEMORY; VACUUM; PRAGMA user_version = {WIPED};
             PRAGMA wal_checkpoint(TRUNCATE);"
        ))?;
        Ok(())
    });
    match wiped {
        Ok(()) => tracing::info!("rewrote the database without the remains of what was deleted"),
        Err(e) => tracing::warn!(
            error = format!("{e:#}"),
            "the remains of what was deleted are still in the database"
        ),
    }
}
