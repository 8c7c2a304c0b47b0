//! Stopping and starting again.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Host, Peer, Process, Server};

#[tokio::test]
async fn everything_is_there_after_a_restart_and_the_log_is_the_same() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.ask(json!({"type": "create", "room": "dev", "topic": "t"})).await;
    for n in 1..=5 {
        alice.say("dev", &format!("n{n}"), &n.to_string()).await;
    }
    alice.ask(json!({"type": "read", "room": "dev", "seq": 4})).await;
    let before = alice.whole_room("dev").await;
    let (token, log) = (alice.token.clone(), alice.log.clone());
    drop(alice);
    let server = Server::after(server).await;
    let mut alice = server.peer().await;
    let welcome = alice.resume(&token, &log, json!({"dev": 3})).await;
    assert_eq!(welcome["server"]["log"], log.as_str());
    let dev = &welcome["rooms"][0];
    assert_eq!(
        (&dev["name"], &dev["topic"], &dev["head"], &dev["read"]),
        (&json!("dev"), &json!("t"), &json!(5), &json!(4))
    );
    assert_eq!(alice.texts_until("dev", "5").await, ["4", "5"]);
    assert_eq!(alice.whole_room("dev").await, before);
    assert_eq!(alice.say("dev", "n6", "6").await, 6);
}

#[tokio::test]
async fn sigterm_says_goodbye_acknowledges_what_was_sent_and_exits_0() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    for n in 0..100 {
        alice.send(json!({"type": "send", "id": 500 + n, "room": "general", "nonce": format!("n{n}"), "text": "x"})).await;
    }
    // The first reply shows that the server is busy with them.
    alice.hear(|frame| frame["id"] == 500).await;
    let began = Instant::now();
    let stopped = tokio::spawn(server.terminate());
    let mut answered = 1;
    let (goodbye, close) = {
        // Counts the replies up to the end.
        let mut goodbye = None;
        loop {
            let frame = alice.hear(|frame| frame["type"] == "ok" || frame["type"] == "goodbye").await;
            if frame["type"] == "ok" {
                answered += 1;
            } else {
                goodbye.replace(frame);
                break;
            }
        }
        (goodbye.unwrap(), alice.end().await.1)
    };
    assert_eq!((&goodbye["code"], close), (&json!("restart"), Some(1001)));
    assert!(goodbye["reconnect_after_ms"].is_u64());
    assert_eq!(stopped.await.unwrap(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10));
    let token = alice.token.clone();
    let server = Process::start(dir.path());
    let mut alice = Peer::connect(server.address).await;
    alice.resume(&token, "", json!({})).await;
    assert!(alice.whole_room("general").await.len() >= answered);
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let server = Server::start().await;
    let _idle_http = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let _before_hello = server.peer().await;
    let mut alice = server.member("alice").await;
    let stopped = tokio::spawn(server.stop());
    assert_eq!(alice.end().await, (Some("restart".to_owned()), Some(1001)));
    drop((alice, _before_hello));
    stopped.await.unwrap();
}

/// SQLite deletes the write-ahead log with the last connection, unless another one is closing at the same time. The
/// readers are busy with what the janitor reads right after a start.
#[tokio::test]
async fn a_stop_right_after_a_start_leaves_no_log_behind() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..60 {
        assert_eq!(Process::start(dir.path()).terminate().await, Some(0));
        let names = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        assert!(!names.iter().any(|name| name.starts_with("chat.db-")), "stop {n}: {names:?}");
    }
}
