//! The data folder: its owner, and what the server refuses to touch.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::support::{Host, Process, Server};

/// Returns what a server says that must refuse to start.
pub fn refused(dir: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(dir);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut announced = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut announced).unwrap();
    if !announced.is_empty() {
        child.kill().unwrap();
    }
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(announced, "", "no address is announced");
    assert_eq!(status.code(), Some(1), "{said}");
    said
}

/// Changes the database of a stopped server that has a few messages, and returns what the next start says.
async fn spoiled(change: impl FnOnce(&Path)) -> String {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    for n in 0..50 {
        alice.say("general", &format!("n{n}"), &"text ".repeat(100)).await;
    }
    drop(alice);
    let (_, dir) = server.stop().await;
    let path = dir.path().join("chat.db");
    change(&path);
    let before = std::fs::read(&path).unwrap();
    let said = refused(dir.path());
    assert!(std::fs::read(&path).unwrap() == before, "left untouched");
    said
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let first = Process::start(dir.path());
    let said = refused(dir.path());
    assert!(said.contains("another chat-server uses the data folder"), "{said}");
    first.kill();
    drop(Process::start(dir.path()));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    assert!(
        spoiled(|path| std::fs::write(path, "not a database at all".repeat(100)).unwrap())
            .await
            .contains("not an SQLite database")
    );
}

#[tokio::test]
async fn an_empty_file_is_refused() {
    assert!(spoiled(|path| std::fs::write(path, "").unwrap()).await.contains("not an SQLite database"));
}

#[tokio::test]
async fn a_foreign_database_is_refused() {
    let said = spoiled(|path| {
        std::fs::remove_file(path).unwrap();
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute("CREATE TABLE rooms (id INTEGER); INSERT INTO rooms VALUES (1);").unwrap();
    });
    assert!(said.await.contains("another program"));
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let said = spoiled(|path| {
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999999999'); PRAGMA journal_mode = DELETE;").unwrap();
    });
    assert!(said.await.contains("newer chat-server"));
}

#[tokio::test]
async fn a_truncated_database_is_refused() {
    let said = spoiled(|path| {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    });
    assert!(said.await.contains("damaged"));
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let said = spoiled(|path| {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 6000].fill(0xa5);
        std::fs::write(path, &bytes).unwrap();
    });
    assert!(said.await.contains("damaged"));
}

#[tokio::test]
async fn a_database_that_is_locked_for_a_moment_is_waited_for() {
    let (_, dir) = Server::start().await.stop().await;
    let mut other = SqliteConnection::establish(dir.path().join("chat.db").to_str().unwrap()).unwrap();
    other
        .batch_execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;")
        .unwrap();
    // A start that did not wait would be refused long before.
    let release = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(500));
        drop(other);
    });
    drop(Process::start(dir.path()));
    release.join().unwrap();
}

#[tokio::test]
async fn the_folder_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("deep/data");
    drop(Process::start(&dir));
    assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
}
