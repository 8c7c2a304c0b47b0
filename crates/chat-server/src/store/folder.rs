//! The data folder: locked against a second server, and its database looked at before it is touched.
//! A new database is made beside its place and moved there whole, so a crash never leaves half of one,
//! and whatever is found there that is not ours is refused as it is.

use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chat_proto::reply::RoomKind;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::schema;
use super::tables::rooms;
use crate::clock::Clock;
use crate::secret::random_hex;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The room that exists from the first start.
pub const DEFAULT_ROOM: &str = "general";

/// Marks the file as ours (SQLite's `application_id`): "chat" in ASCII.
const APPLICATION_ID: u32 = 0x6368_6174;

/// Older ones can damage a WAL that two connections use at once (fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// Up to this size the whole database is checked at start, which takes some 0.1 s; a larger one is not.
const CHECKED_BYTES: u64 = 32 * 1024 * 1024;

/// Holds the data folder for this process until dropped.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

/// Makes the folder, readable by its owner alone, and locks it.
///
/// # Errors
/// Where another server holds it, or it cannot be made.
pub fn lock(folder: &Path) -> anyhow::Result<FolderLock> {
    let shown = folder.display();
    make_private(folder).with_context(|| format!("the data folder {shown} cannot be made"))?;
    let path = folder.join("chat.lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "another chat-server uses the data folder {shown}. Stop it first, or choose another folder with --data-dir."
            )
        }
        Err(TryLockError::Error(e)) => Err(e).with_context(|| format!("{} cannot be locked", path.display())),
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes sure that a database of this version is in `folder`, and answers its path.
///
/// # Errors
/// Where what is there is foreign, newer or damaged, or cannot be opened.
pub(super) fn prepare(folder: &Path, clock: &Clock) -> anyhow::Result<PathBuf> {
    let version = libsqlite3_sys::SQLITE_VERSION_NUMBER;
    ensure!(
        version >= OLDEST_SQLITE,
        "this program was built with SQLite {version}, which can damage a database"
    );
    let path = folder.join("chat.db");
    if path.try_exists().with_context(|| format!("{} cannot be looked at", path.display()))? {
        inspect(&path).with_context(|| {
            format!("the database {} was left as it is. Restore a backup, or choose another folder with --data-dir", path.display())
        })?;
        let mut conn = open(&path)?;
        migrate(&mut conn)?;
    } else {
        create(&path, clock).with_context(|| format!("the database {} cannot be made", path.display()))?;
    }
    Ok(path)
}

/// How much of the database the writer keeps in memory, in KiB: the newest pages of some thousand rooms.
const CACHE_KIB: u32 = 32 * 1024;

/// After how many pages of write-ahead log what is in it goes into the database (16 MiB). Larger saves writing the same page
/// twice; smaller makes the pause shorter in which it happens.
const CHECKPOINT_PAGES: u32 = 4096;

/// How long another program that uses the database for a moment, such as one that backs it up, is waited for.
pub(super) const BUSY: &str = "PRAGMA busy_timeout = 5000;";

/// Opens a connection with the settings that every one of ours has.
pub(super) fn open(path: &Path) -> anyhow::Result<SqliteConnection> {
    let mut conn = SqliteConnection::establish(&uri(path, "rw"))?;
    conn.batch_execute(&format!(
        "{BUSY} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -{CACHE_KIB}; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};",
    ))?;
    Ok(conn)
}

/// A path as SQLite's file URI, in which `?`, `#` and `%` have meanings of their own.
pub(super) fn uri(path: &Path, mode: &str) -> String {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{escaped}?mode={mode}")
}

fn create(path: &Path, clock: &Clock) -> anyhow::Result<()> {
    let fresh = path.with_extension("db.new");
    for leftover in [&fresh, &path.with_extension("db-wal"), &path.with_extension("db-shm")] {
        if leftover.try_exists()? {
            std::fs::remove_file(leftover)?;
        }
    }
    let mut conn = SqliteConnection::establish(&uri(&fresh, "rwc"))?;
    // Nobody sees this file before all of it is synced and it has its name.
    conn.batch_execute(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;"
    ))?;
    migrate(&mut conn)?;
    let log = random_hex::<16>()?;
    conn.transaction(|conn| {
        use schema::meta::dsl::{key, meta, value};
        diesel::insert_into(meta).values((key.eq("log"), value.eq(log))).execute(conn)?;
        rooms::insert(conn, DEFAULT_ROOM, RoomKind::Public, "", None, clock.now()).map(|_| ())
    })?;
    drop(conn);
    File::open(&fresh)?.sync_all()?;
    std::fs::rename(&fresh, path)?;
    // The new name is durable once the folder is.
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

fn migrate(conn: &mut SqliteConnection) -> anyhow::Result<()> {
    // A table that others refer to is made anew under another name first (sqlite.org/lang_altertable.html, 7).
    conn.batch_execute("PRAGMA foreign_keys = OFF")?;
    for version in
        conn.run_pending_migrations(MIGRATIONS).map_err(|e| anyhow::anyhow!("a migration failed: {e}"))?
    {
        tracing::info!(%version, "migrated the database");
    }
    conn.batch_execute("PRAGMA foreign_keys = ON")?;
    Ok(())
}

/// Looks without touching: first at the bytes of the header, then through a connection that cannot write.
fn inspect(path: &Path) -> anyhow::Result<()> {
    let mut header = [0; 100];
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length < 512 || file.read_exact(&mut header).is_err() || !header.starts_with(b"SQLite format 3\0") {
        bail!("it is not an SQLite database");
    }
    let number = |at: usize| header[at..at + 4].iter().fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    ensure!(number(68) == APPLICATION_ID, "it is a database of another program");
    let page = match (number(16)) >> 16 {
        1 => 65_536,
        size => u64::from(size),
    };
    ensure!(length >= page * u64::from(number(28)), "it is damaged: its end is missing");

    let mut conn = SqliteConnection::establish(&uri(path, "ro")).context("it cannot be opened")?;
    conn.batch_execute(BUSY)?;
    let applied = MigrationHarness::<Sqlite>::applied_migrations(&mut conn)
        .map_err(|e| anyhow::anyhow!("it is damaged: {e}"))?;
    let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).map_err(|e| anyhow::anyhow!("{e}"))?;
    let newer = applied.iter().any(|version| known.iter().all(|known| known.name().version() != *version));
    ensure!(!newer, "it was written by a newer chat-server: run that one");
    if length <= CHECKED_BYTES {
        #[derive(QueryableByName)]
        struct Check {
            #[diesel(sql_type = Text)]
            quick_check: String,
        }
        let found: Vec<Check> =
            diesel::sql_query("PRAGMA quick_check(1)").load(&mut conn).context("it is damaged")?;
        if let Some(problem) = found.iter().find(|check| check.quick_check != "ok") {
            bail!("it is damaged: {}", problem.quick_check.replace('\n', " "));
        }
    }
    Ok(())
}
