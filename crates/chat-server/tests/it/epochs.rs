//! Resuming in another history differs from resuming: a restored copy begins a new epoch.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Host, Peer, Server};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &there);
        } else if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), there).unwrap();
        }
    }
}

fn copied(dir: &TempDir) -> Arc<TempDir> {
    let fresh = tempfile::tempdir().unwrap();
    copy(dir.path(), fresh.path());
    Arc::new(fresh)
}

async fn say(peer: &mut Peer, from: u64, to: u64, text: &str) {
    for n in from..=to {
        peer.say("general", &format!("{text}-{n}"), text).await;
    }
}

/// A client saw 1 to 40, the copy has 1 to 20, and others wrote up to 50.
#[tokio::test]
async fn a_cursor_above_the_fork_is_reset_and_one_below_resumes_exactly() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    say(&mut alice, 1, 20, "shared").await;
    let (token, log) = (alice.token.clone(), alice.log.clone());
    let (address, dir) = server.stop().await;
    let backup = copied(&dir);
    let server = Server::on(address, dir, |_| {}).await;
    let mut alice = server.peer().await;
    alice.come(&token).await;
    assert_eq!(alice.log, log, "the same file is the same history");
    say(&mut alice, 21, 40, "lost").await;
    let (address, _) = server.stop().await;

    let server = Server::on(address, backup, |_| {}).await;
    let mut bob = server.member("bob").await;
    assert_ne!(bob.log, log);
    say(&mut bob, 21, 50, "new").await;
    let mut ahead = server.peer().await;
    let welcome = ahead.resume(&token, &log, json!({"general": 40})).await;
    assert!(welcome["server"]["features"].as_array().unwrap().contains(&json!("epochs")));
    assert_eq!(ahead.hear_type("reset").await["head"], 50);
    ahead.hears_no("message").await;
    for cursor in [0, 7, 20] {
        let mut below = server.peer().await;
        below.resume(&token, &log, json!({ "general": cursor })).await;
        for seq in cursor + 1..=50 {
            let event = below.hear_type("message").await;
            assert_eq!(event["seq"], seq);
            assert_eq!(event["text"], if seq <= 20 { "shared" } else { "new" });
        }
        below.hears_no("reset").await;
    }
    // An epoch that is not in the lineage is not valid here.
    let mut stranger = server.peer().await;
    stranger.resume(&token, "0123456789abcdef0123456789abcdef", json!({"general": 3})).await;
    stranger.hear_type("reset").await;
}

/// A copy of a copy: cursors of the first epoch are valid up to the earliest fork on the way.
#[tokio::test]
async fn forks_add_up() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    say(&mut alice, 1, 10, "a").await;
    let (token, first) = (alice.token.clone(), alice.log.clone());
    let (address, dir) = server.stop().await;
    let early = copied(&dir);
    let server = Server::on(address, early, |_| {}).await;
    let mut alice = server.peer().await;
    alice.come(&token).await;
    let second = alice.log.clone();
    say(&mut alice, 11, 20, "b").await;
    let (address, dir) = server.stop().await;
    let server = Server::on(address, copied(&dir), |_| {}).await;
    let mut alice = server.peer().await;
    alice.come(&token).await;
    assert!(alice.log != first && alice.log != second);
    say(&mut alice, 21, 30, "c").await;
    for (log, cursor, resumes) in
        [(&first, 10, true), (&first, 11, false), (&second, 20, true), (&second, 21, false)]
    {
        let mut peer = server.peer().await;
        peer.resume(&token, log, json!({ "general": cursor })).await;
        peer.ask(json!({"type": "ping"})).await;
        let reset = peer.heard_now(|frame| frame["type"] == "reset");
        assert_eq!(!reset, resumes, "{cursor}");
        assert_eq!(peer.heard_now(|frame| frame["type"] == "message" && frame["seq"] == cursor + 1), resumes);
    }
}

/// Moving the folder or restarting is not a restore.
#[tokio::test]
async fn a_moved_folder_is_the_same_history() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    say(&mut alice, 1, 3, "a").await;
    let (token, log) = (alice.token.clone(), alice.log.clone());
    let (address, dir) = server.stop().await;
    let fresh = tempfile::tempdir_in(dir.path().parent().unwrap()).unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::rename(entry.path(), fresh.path().join(entry.file_name())).unwrap();
    }
    let server = Server::on(address, Arc::new(fresh), |_| {}).await;
    let mut alice = server.peer().await;
    alice.resume(&token, &log, json!({"general": 1})).await;
    assert_eq!(alice.log, log);
    assert_eq!(alice.hear_type("message").await["seq"], 2);
}
