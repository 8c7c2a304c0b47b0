//! Changes to the data folder while the server runs.

use std::path::Path;

use serde_json::json;

use crate::folder::refused;
use crate::support::{Peer, Process, get};

async fn member(server: &Process) -> Peer {
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    alice
}

#[tokio::test]
async fn a_second_server_is_refused_after_the_lock_was_removed_or_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let first = Process::start(dir.path());
    let lock = dir.path().join("chat.lock");
    std::fs::remove_file(&lock).unwrap();
    assert!(refused(dir.path()).contains("another chat-server uses the data folder"));
    std::fs::write(&lock, "").unwrap();
    assert!(refused(dir.path()).contains("another chat-server uses the data folder"));
    first.kill();
    drop(Process::start(dir.path()));
}

#[tokio::test]
async fn the_lock_moves_with_the_folder() {
    let parent = tempfile::tempdir().unwrap();
    let (here, there) = (parent.path().join("here"), parent.path().join("there"));
    let _first = Process::start(&here);
    std::fs::rename(&here, &there).unwrap();
    std::fs::remove_file(there.join("chat.lock")).unwrap();
    assert!(refused(&there).contains("another chat-server uses the data folder"));
    std::os::unix::fs::symlink(&there, &here).unwrap();
    assert!(refused(&here).contains("another chat-server uses the data folder"));
}

#[tokio::test]
async fn a_server_of_before_that_locks_only_the_file_is_respected() {
    let dir = tempfile::tempdir().unwrap();
    let old = std::fs::File::create(dir.path().join("chat.lock")).unwrap();
    old.lock().unwrap();
    assert!(refused(dir.path()).contains("another chat-server uses the data folder"));
}

/// Changes the folder of a running server: from then on it is not ready and acknowledges nothing, until `undo`.
async fn notices(change: impl FnOnce(&Path), undo: impl FnOnce(&Path)) {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("data");
    let server = Process::start(&dir);
    let mut alice = member(&server).await;
    alice.say("general", "n1", "before").await;
    assert!(get(server.address, "/readyz", "").await.starts_with("HTTP/1.1 200"));
    change(&dir);
    let answer = get(server.address, "/readyz", "").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("while the server ran."), "{answer}");
    let send = json!({"type": "send", "room": "general", "nonce": "n2", "text": "after"});
    assert_eq!(alice.refused(send.clone()).await, "unavailable");
    undo(&dir);
    assert!(get(server.address, "/readyz", "").await.starts_with("HTTP/1.1 200"));
    assert_eq!(alice.must(send).await["seq"], 2);
}

fn away(dir: &Path, name: &str) {
    std::fs::rename(dir.join(name), dir.join("elsewhere")).unwrap();
}

fn back(dir: &Path, name: &str) {
    std::fs::rename(dir.join("elsewhere"), dir.join(name)).unwrap();
}

#[tokio::test]
async fn a_server_whose_database_was_removed_soon_acknowledges_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut alice = member(&server).await;
    std::fs::remove_file(dir.path().join("chat.db")).unwrap();
    let began = std::time::Instant::now();
    for n in 0.. {
        let send =
            json!({"type": "send", "room": "general", "nonce": format!("n{n}"), "text": "into nothing"});
        if alice.ask(send).await["code"] == "unavailable" {
            break;
        }
        assert!(began.elapsed() < testbed::PATIENCE, "nobody looked");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_noticed() {
    notices(|dir| away(dir, "chat.db"), |dir| back(dir, "chat.db")).await;
}

#[tokio::test]
async fn a_database_that_was_replaced_is_noticed() {
    let replace = |dir: &Path| {
        std::fs::copy(dir.join("chat.db"), dir.join("copy")).unwrap();
        away(dir, "chat.db");
        std::fs::rename(dir.join("copy"), dir.join("chat.db")).unwrap();
    };
    notices(replace, |dir| back(dir, "chat.db")).await;
}

#[tokio::test]
async fn a_log_that_is_gone_is_noticed() {
    notices(|dir| away(dir, "chat.db-wal"), |dir| back(dir, "chat.db-wal")).await;
}

#[tokio::test]
async fn a_folder_that_was_moved_is_noticed() {
    let moved = |dir: &Path| dir.with_file_name("moved");
    notices(|dir| std::fs::rename(dir, moved(dir)).unwrap(), |dir| std::fs::rename(moved(dir), dir).unwrap())
        .await;
}
