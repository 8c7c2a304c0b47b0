//! Deleted and edited content is gone from the disk, not only from the screen.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::json;

use crate::support::{Accounts, Peer, Process, Server, file_headers, form, operate, post_as};

/// Returns words that occur nowhere else, as long as a message can be.
fn secret(of: &str) -> String {
    (0..4000 / (of.len() + 9))
        .map(|n| format!("{of}{:08x}", (n as u32 + 7).wrapping_mul(0x9e37_79b1)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns the files in the folder that contain a word of `text`, and how often.
fn found(folder: &Path, text: &str) -> Vec<(String, usize)> {
    let (mut hits, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                let count = text.split(' ').filter(|word| contains(&bytes, word.as_bytes())).count();
                if count > 0 {
                    hits.push((entry.file_name().into_string().unwrap(), count));
                }
            }
        }
    }
    hits
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == word[0]) {
        if rest[at..].starts_with(word) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// Sends both texts among others, and checks that the search index has them.
async fn sent_and_indexed(alice: &mut Peer, texts: &[&str]) -> Vec<u64> {
    for n in 0..50 {
        alice.say("general", &format!("around{n}"), &secret("around")).await;
    }
    let mut seqs = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        seqs.push(alice.say("general", &format!("secret{n}"), text).await);
        let word = text.split(' ').next().unwrap();
        let hits = alice.must(json!({"type": "search", "query": word})).await;
        assert_eq!(hits["messages"].as_array().map(Vec::len), Some(1), "{hits}");
    }
    seqs
}

const NOTHING: Vec<(String, usize)> = Vec::new();

#[tokio::test]
async fn a_deleted_and_an_edited_text_are_gone_from_every_file_after_a_stop() {
    let (deleted, edited) = (secret("deleted"), secret("edited"));
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    let seqs = sent_and_indexed(&mut alice, &[&deleted, &edited]).await;
    alice.must(json!({"type": "delete", "room": "general", "seq": seqs[0]})).await;
    alice.must(json!({"type": "edit", "room": "general", "seq": seqs[1], "text": "short"})).await;
    drop(alice);
    let (_, dir) = server.stop().await;
    assert_eq!(found(dir.path(), &deleted), NOTHING);
    assert_eq!(found(dir.path(), &edited), NOTHING);
    assert_ne!(found(dir.path(), &secret("around")), NOTHING, "the rest is there");
}

#[tokio::test]
async fn a_deleted_text_is_gone_from_every_file_while_the_server_runs() {
    let text = secret("running");
    let server = Server::with(|config| config.tidy_every = Duration::from_millis(200)).await;
    let mut alice = server.account("alice").await;
    let seqs = sent_and_indexed(&mut alice, &[&text]).await;
    assert_ne!(found(server.dir.path(), &text), NOTHING);
    alice.must(json!({"type": "delete", "room": "general", "seq": seqs[0]})).await;
    let began = std::time::Instant::now();
    while found(server.dir.path(), &text) != NOTHING {
        assert!(began.elapsed() < testbed::PATIENCE, "{:?}", found(server.dir.path(), &text));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_file_goes_with_its_message() {
    let content = secret("content");
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    let head = file_headers(&alice.token);
    let file = post_as(server.address, "/api/files", &head, &form("content0.txt", &content)).await;
    assert_eq!(file.status, 200, "{}", file.body);
    let send =
        json!({"type": "send", "room": "general", "nonce": "n", "text": "see", "files": [file.body["id"]]});
    let seq = alice.must(send).await["seq"].clone();
    alice.must(json!({"type": "delete", "room": "general", "seq": seq})).await;
    let shelves = server.dir.path().join("files");
    let began = std::time::Instant::now();
    while found(&shelves, &content) != NOTHING {
        assert!(began.elapsed() < testbed::PATIENCE, "the janitor removes it");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(alice);
    let (_, dir) = server.stop().await;
    assert_eq!(found(dir.path(), &content), NOTHING);
    assert_eq!(found(dir.path(), "content0.txt"), NOTHING, "nor its name");
}

#[tokio::test]
async fn a_deleted_user_leaves_no_hash_of_a_password() {
    let server = Server::start().await;
    server.register("alice").await;
    let mut conn = SqliteConnection::establish(server.dir.path().join("chat.db").to_str().unwrap()).unwrap();
    let hash: String = {
        use diesel::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            password: String,
        }
        let row: Row = diesel::sql_query("SELECT password FROM users WHERE name = 'alice'")
            .get_result(&mut conn)
            .unwrap();
        row.password.rsplit('$').next().unwrap().to_owned()
    };
    drop(conn);
    assert_ne!(found(server.dir.path(), &hash), NOTHING);
    assert!(operate(&server, &["user", "delete", "alice"]).await.status.success());
    let (_, dir) = server.stop().await;
    assert_eq!(found(dir.path(), &hash), NOTHING);
}

/// The database of an earlier version has deleted texts in its free space. The first start of this version rewrites
/// it.
#[tokio::test]
async fn what_was_deleted_before_is_gone_after_a_start() {
    let text = secret("before");
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Process::start(dir.path()).terminate().await, Some(0));
    let mut conn = SqliteConnection::establish(dir.path().join("chat.db").to_str().unwrap()).unwrap();
    conn.batch_execute(&format!(
        "PRAGMA secure_delete = OFF; PRAGMA user_version = 0;
         INSERT INTO meta (key, value) VALUES ('x', '{text}'); DELETE FROM meta WHERE key = 'x';"
    ))
    .unwrap();
    drop(conn);
    assert_ne!(found(dir.path(), &text), NOTHING);
    assert_eq!(Process::start(dir.path()).terminate().await, Some(0));
    assert_eq!(found(dir.path(), &text), NOTHING);
}
