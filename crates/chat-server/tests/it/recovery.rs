//! What SQLite recovers by itself is not damage, and a damaged database is not changed.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::folder::refused;
use crate::support::{Peer, Process};

const MESSAGES: usize = 300;

/// A folder whose server was killed while everything new was only in the write-ahead log.
async fn killed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    for n in 0..MESSAGES {
        alice.say("general", &format!("n{n}"), &"text ".repeat(200)).await;
    }
    server.kill();
    dir
}

/// Copies the database and its logs.
fn copy(from: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let name = entry.file_name();
        if name.to_str().unwrap().starts_with("chat.db") {
            std::fs::copy(entry.path(), dir.path().join(name)).unwrap();
        }
    }
    dir
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = ["chat.db", "chat.db-wal", "chat.db-journal"].map(str::to_owned);
    names.into_iter().filter_map(|name| Some((name.clone(), std::fs::read(dir.join(name)).ok()?))).collect()
}

fn open(dir: &Path) -> SqliteConnection {
    SqliteConnection::establish(dir.join("chat.db").to_str().unwrap()).unwrap()
}

async fn everything_is_there(dir: &Path) {
    let server = Process::start(dir);
    let mut bob = Peer::connect(server.address).await;
    bob.hello("bob").await;
    bob.join("general").await;
    assert_eq!(bob.whole_room("general").await.len(), MESSAGES);
}

/// Puts the database in the middle of a checkpoint: it has `pages` of the new pages, page 1 first.
fn cut_checkpoint_short(dir: &Path, length: u64) -> tempfile::TempDir {
    let (done, cut) = (copy(dir), copy(dir));
    drop(open(done.path()));
    open(done.path()).batch_execute("PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    let whole = std::fs::read(done.path().join("chat.db")).unwrap();
    assert!(whole.len() as u64 > length, "the checkpoint makes it grow");
    std::fs::write(cut.path().join("chat.db"), &whole[..usize::try_from(length).unwrap()]).unwrap();
    std::fs::remove_file(cut.path().join("chat.db-shm")).unwrap();
    cut
}

#[tokio::test]
async fn a_checkpoint_that_was_cut_short_is_recovered() {
    let dir = killed().await;
    let before = std::fs::metadata(dir.path().join("chat.db")).unwrap().len();
    for more in [0, 4096, 3 * 4096 + 512, 40 * 4096] {
        everything_is_there(cut_checkpoint_short(dir.path(), before + more).path()).await;
    }
}

#[tokio::test]
async fn a_start_leaves_the_write_ahead_log_to_the_checkpoints() {
    let dir = killed().await;
    let before = files(dir.path());
    let server = Process::start(dir.path());
    let after = files(dir.path());
    assert!(before["chat.db"] == after["chat.db"], "a start writes nothing to the database");
    assert!(after["chat.db-wal"].starts_with(&before["chat.db-wal"][..4096]), "and keeps the log");
    server.kill();
}

#[tokio::test]
async fn without_its_log_a_checkpoint_that_was_cut_short_is_damage() {
    let dir = killed().await;
    let before = std::fs::metadata(dir.path().join("chat.db")).unwrap().len();
    let cut = cut_checkpoint_short(dir.path(), before);
    std::fs::remove_file(cut.path().join("chat.db-wal")).unwrap();
    let untouched = files(cut.path())["chat.db"].clone();
    assert!(refused(cut.path()).contains("damaged"));
    assert!(files(cut.path())["chat.db"] == untouched, "left untouched");
}

#[tokio::test]
async fn a_short_database_with_another_log_is_damage() {
    let dir = killed().await;
    let cut = cut_checkpoint_short(dir.path(), std::fs::metadata(dir.path().join("chat.db")).unwrap().len());
    // The end of the log is lost, so it lacks the missing pages.
    let log = std::fs::read(cut.path().join("chat.db-wal")).unwrap();
    std::fs::write(cut.path().join("chat.db-wal"), &log[..32 + 20 * 4120]).unwrap();
    let mut database = std::fs::read(cut.path().join("chat.db")).unwrap();
    database.truncate(20 * 4096);
    std::fs::write(cut.path().join("chat.db"), &database).unwrap();
    let untouched = files(cut.path());
    assert!(refused(cut.path()).contains("damaged"));
    assert!(files(cut.path()) == untouched, "left untouched");
}

/// A large database is not checked page by page, but its log must have what the file lacks.
#[tokio::test]
async fn a_large_checkpoint_that_was_cut_short_is_recovered_if_the_log_has_the_rest() {
    let dir = killed().await;
    let mut conn = open(dir.path());
    let fill = |from: u32, until: u32| {
        format!(
            "WITH RECURSIVE n(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM n WHERE n < {until})
             INSERT INTO meta (key, value) SELECT 'filler' || n, hex(zeroblob(1900)) FROM n;"
        )
    };
    conn.batch_execute(&format!(
        "{} PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 0;",
        fill(1, 8000)
    ))
    .unwrap();
    let before = std::fs::metadata(dir.path().join("chat.db")).unwrap().len();
    assert!(before > 32 * 1024 * 1024);
    conn.batch_execute(&fill(8001, 8300)).unwrap();
    let copied = copy(dir.path());
    drop(conn);
    everything_is_there(cut_checkpoint_short(copied.path(), before).path()).await;
    let cut = cut_checkpoint_short(copied.path(), before - 20 * 4096);
    let untouched = files(cut.path());
    assert!(refused(cut.path()).contains("its end is missing"));
    assert!(files(cut.path()) == untouched, "left untouched");
}

#[tokio::test]
async fn a_newer_database_with_a_log_is_left_as_it_is() {
    let dir = killed().await;
    let mut conn = open(dir.path());
    conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999999999');")
        .unwrap();
    let copied = copy(dir.path());
    drop(conn);
    let untouched = files(copied.path());
    assert!(untouched["chat.db-wal"].len() > 4096);
    assert!(refused(copied.path()).contains("newer chat-server"));
    assert!(files(copied.path()) == untouched, "left untouched");
}

#[tokio::test]
async fn a_hot_journal_is_rolled_back() {
    let dir = killed().await;
    let mut conn = open(dir.path());
    conn.batch_execute(
        "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 5; PRAGMA cache_spill = ON; BEGIN IMMEDIATE;
         UPDATE events SET text = 'never committed' || text WHERE kind = 'message';",
    )
    .unwrap();
    let copied = copy(dir.path());
    let database = std::fs::read(copied.path().join("chat.db")).unwrap();
    assert!(database.windows(15).any(|bytes| bytes == b"never committed"), "the journal is needed");
    everything_is_there(copied.path()).await;
}

#[tokio::test]
async fn what_a_killed_first_start_left_is_cleaned_up() {
    let dir = tempfile::tempdir().unwrap();
    let leftovers = ["chat.db.new", "chat.db.new-journal", "chat.db.new-wal", "chat.db.new-shm"];
    for name in leftovers {
        std::fs::write(dir.path().join(name), "half of it").unwrap();
    }
    drop(Process::start(dir.path()));
    for name in leftovers {
        assert!(!dir.path().join(name).exists(), "{name}");
    }
}

#[tokio::test]
async fn a_new_database_needs_no_rollback_journal() {
    let dir = tempfile::tempdir().unwrap();
    Process::start(dir.path()).kill();
    let header = std::fs::read(dir.path().join("chat.db")).unwrap();
    assert_eq!(header[18..20], [2, 2], "it is in WAL mode");
    assert!(!dir.path().join("chat.db-journal").exists());
}

#[tokio::test]
async fn a_log_without_its_database_is_not_thrown_away() {
    let dir = killed().await;
    let away = dir.path().join("elsewhere");
    std::fs::rename(dir.path().join("chat.db"), &away).unwrap();
    let said = refused(dir.path());
    assert!(said.contains("missing") && said.contains("chat.db-wal"), "{said}");
    std::fs::rename(&away, dir.path().join("chat.db")).unwrap();
    everything_is_there(dir.path()).await;
}
