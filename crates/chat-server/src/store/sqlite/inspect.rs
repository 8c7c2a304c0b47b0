//! Examines a database, and changes nothing except what SQLite itself recovers.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{anyhow, bail, ensure};
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness;

use super::create::{APPLICATION_ID, CHECKED_BYTES, MIGRATIONS, WIPED};
use super::{BUSY, beside, uri};

/// The result of inspecting a usable database.
pub(super) struct Found {
    /// Whether some migrations have not run on it.
    pub(super) is_behind: bool,
    /// Whether its free space contains nothing that was deleted.
    pub(super) is_wiped: bool,
    /// Its length without the write-ahead log, in bytes.
    pub(super) bytes: u64,
}

/// The header of the file, read without SQLite.
struct Header([u8; 100]);

impl Header {
    /// Reads the header and the file's length. The file is closed again before SQLite opens it: closing any
    /// descriptor of a file releases all locks that this process has on it.
    fn read(path: &Path) -> anyhow::Result<(Self, u64)> {
        let mut bytes = [0; 100];
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if length < 512 || file.read_exact(&mut bytes).is_err() || !bytes.starts_with(b"SQLite format 3\0") {
            bail!("it is not an SQLite database. Restore a backup, or choose another folder with --data-dir");
        }
        Ok((Self(bytes), length))
    }

    fn number(&self, at: usize) -> u32 {
        self.0[at..at + 4].iter().fold(0, |n, byte| (n << 8) | u32::from(*byte))
    }

    /// The size of a database page, in bytes.
    fn page(&self) -> u64 {
        match self.number(16) >> 16 {
            1 => 65_536,
            size => u64::from(size),
        }
    }
}

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    page_count: i64,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    user_version: i32,
}

/// Reads from the header whether the file is ours. SQLite answers the rest through a read-only connection: it also
/// reads the write-ahead log, and leaves both files unchanged when it closes.
pub(super) fn inspect(path: &Path) -> anyhow::Result<Found> {
    let (header, bytes) = Header::read(path)?;
    ensure!(
        header.number(68) == APPLICATION_ID,
        "it belongs to another program. Choose another folder with --data-dir"
    );
    recover(path)?;

    let mut conn = SqliteConnection::establish(&uri(path, "ro")).map_err(judge)?;
    conn.batch_execute(BUSY).map_err(judge)?;
    let applied = MigrationHarness::<Sqlite>::applied_migrations(&mut conn).map_err(judge)?;
    let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).map_err(|e| anyhow!("{e}"))?;
    let newer = applied.iter().any(|version| known.iter().all(|known| known.name().version() != *version));
    ensure!(!newer, "it was written by a newer chat-server. Run that version");
    // A file that ends early is complete if the write-ahead log has the rest, as after an interrupted checkpoint.
    let count: Count = diesel::sql_query("PRAGMA page_count").get_result(&mut conn).map_err(judge)?;
    let pages = u64::try_from(count.page_count).unwrap_or_default();
    if !log_has_the_rest(path, header.page(), bytes / header.page(), pages).map_err(judge)? {
        return Err(judge("its end is missing"));
    }
    if bytes <= CHECKED_BYTES {
        let found: Vec<Check> = diesel::sql_query("PRAGMA quick_check(1)").load(&mut conn).map_err(judge)?;
        if let Some(problem) = found.iter().find(|check| check.quick_check != "ok") {
            return Err(judge(problem.quick_check.replace('\n', " ")));
        }
    }
    let version: Version = diesel::sql_query("PRAGMA user_version").get_result(&mut conn).map_err(judge)?;
    let is_behind = known.iter().any(|known| !applied.contains(&known.name().version()));
    Ok(Found { is_behind, is_wiped: version.user_version >= WIPED, bytes })
}

/// Whether the write-ahead log has a frame for every page from `have` to `pages`. SQLite checks that the log is
/// valid, but not that the log and the file fit together.
fn log_has_the_rest(path: &Path, page: u64, have: u64, pages: u64) -> io::Result<bool> {
    if pages <= have {
        return Ok(true);
    }
    let mut log = BufReader::new(File::open(beside(path, "-wal"))?);
    let (mut head, mut frame) = ([0; 32], [0; 24]);
    log.read_exact(&mut head)?;
    let mut missing: HashSet<u64> = (have + 1..=pages).collect();
    // The frames of this log have its salt. Frames of an older log may follow them.
    while log.read_exact(&mut frame).is_ok() && frame[8..16] == head[16..24] {
        let number = frame[..4].iter().fold(0, |n, byte| (n << 8) | u64::from(*byte));
        missing.remove(&number);
        log.seek_relative(i64::try_from(page).map_err(io::Error::other)?)?;
    }
    Ok(missing.is_empty())
}

/// SQLite's messages for problems of the machine. The database may be intact.
const MACHINE: [&str; 6] =
    ["disk I/O error", "disk is full", "unable to open", "is locked", "out of memory", "permission denied"];

/// Distinguishes damage, which needs a backup, from a disk that cannot be used now, which does not.
fn judge(problem: impl Display) -> anyhow::Error {
    let problem = problem.to_string();
    if MACHINE.iter().any(|said| problem.contains(said)) {
        anyhow!(
            "it cannot be read now ({problem}). Check that the disk works and has free space, and start again"
        )
    } else {
        anyhow!("it is damaged: {problem}. Restore a backup, or choose another folder with --data-dir")
    }
}

/// Lets SQLite roll back an interrupted transaction. A database with a write-ahead log has none, and is not opened
/// for writing.
fn recover(path: &Path) -> anyhow::Result<()> {
    if std::fs::metadata(beside(path, "-journal")).is_ok_and(|journal| journal.len() > 0) {
        let mut conn = SqliteConnection::establish(&uri(path, "rw")).map_err(judge)?;
        conn.batch_execute(&format!("{BUSY} SELECT count(*) FROM sqlite_schema;")).map_err(judge)?;
    }
    Ok(())
}
