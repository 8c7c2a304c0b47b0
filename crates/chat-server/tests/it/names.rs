use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chat_server::clock::{Clock, DAY_MS};
use serde_json::json;

use crate::support::{Host, Peer, Process, Server};

#[tokio::test]
async fn a_name_in_use_is_taken_in_any_spelling_and_the_connection_goes_on() {
    let server = Server::start().await;
    let _alice = server.member("alice").await;
    let mut other = server.peer().await;
    for name in ["alice", "ALICE", "ａｌｉｃｅ", "a1ice"] {
        assert_eq!(
            other.refused(json!({"type": "hello", "protocol": 1, "name": name})).await,
            "name_taken",
            "{name}"
        );
    }
    for name in ["", "a b", "a\u{1b}[31m", "\u{430}lice", "admin", "SYSTEM", "..", "x\u{202e}y"] {
        assert_eq!(
            other.refused(json!({"type": "hello", "protocol": 1, "name": name})).await,
            "name_invalid",
            "{name}"
        );
    }
    assert_eq!(other.hello("bob").await["user"]["name"], "bob");
}

#[tokio::test]
async fn a_token_brings_the_same_user_back_and_a_wrong_one_does_not() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let (token, log) = (alice.token.clone(), alice.log.clone());
    let id =
        alice.ask(json!({"type": "members", "room": "general"})).await["members"][0]["user"]["id"].clone();
    let mut second = server.peer().await;
    let welcome = second.resume(&token, &log, json!({})).await;
    assert_eq!((&welcome["user"]["id"], &welcome["rooms"][0]["name"]), (&id, &json!("general")));
    assert_eq!(welcome["token"], token.as_str());
    let mut thief = server.peer().await;
    let wrong = format!("{}0", &token[..token.len() - 1]);
    for token in [wrong.as_str(), "", "chat_"] {
        let hello = json!({"type": "hello", "protocol": 1, "token": token});
        assert_eq!(thief.refused(hello).await, "unauthorized");
    }
    assert_eq!(thief.hello("thief").await["user"]["name"], "thief", "by name after all");
}

#[tokio::test]
async fn a_name_is_kept_for_a_day_and_then_free_and_its_user_comes_back_under_another() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let time = now.clone();
    let server = Server::with(|config| config.clock = Clock::new(move || time.load(Ordering::SeqCst))).await;
    let mut first = server.member("alice").await;
    first.say("general", "n1", "I was here").await;
    let (token, log) = (first.token.clone(), first.log.clone());
    drop(first);
    let mut bob = server.peer().await;
    let hello = json!({"type": "hello", "protocol": 1, "name": "alice"});
    assert_eq!(bob.refused(hello.clone()).await, "name_taken");
    now.fetch_add(DAY_MS - 1000, Ordering::SeqCst);
    assert_eq!(bob.refused(hello.clone()).await, "name_taken");
    now.fetch_add(2000, Ordering::SeqCst);
    // The last session's end is noted a moment after it.
    let welcome = loop {
        let reply = bob.ask(hello.clone()).await;
        if reply["type"] == "welcome" {
            break reply;
        }
        now.fetch_add(1000, Ordering::SeqCst);
    };
    let mut old = server.peer().await;
    let back = old.resume(&token, &log, json!({})).await;
    assert_eq!(back["user"]["name"], "alice-2");
    assert_ne!(back["user"]["id"], welcome["user"]["id"]);
    let page = old.ask(json!({"type": "history", "room": "general", "before": 9})).await;
    assert_eq!(page["messages"][0]["by"], json!({"id": back["user"]["id"], "name": "alice-2"}));
}

#[tokio::test]
async fn a_name_is_not_free_while_its_user_is_online_however_long() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let time = now.clone();
    let server = Server::with(|config| config.clock = Clock::new(move || time.load(Ordering::SeqCst))).await;
    let _alice = server.member("alice").await;
    now.fetch_add(10 * DAY_MS, Ordering::SeqCst);
    let mut other = server.peer().await;
    assert_eq!(other.refused(json!({"type": "hello", "protocol": 1, "name": "alice"})).await, "name_taken");
}

#[tokio::test]
async fn hello_comes_first_once_and_in_this_protocol() {
    let server = Server::start().await;
    let mut peer = server.peer().await;
    assert_eq!(peer.refused(json!({"type": "rooms"})).await, "hello_first");
    assert_eq!(
        peer.refused(json!({"type": "hello", "protocol": 2, "name": "a"})).await,
        "unsupported_protocol"
    );
    assert_eq!(peer.refused(json!({"type": "hello", "protocol": 1})).await, "bad_request");
    assert_eq!(peer.refused(json!({"type": "hello", "name": "a"})).await, "bad_request");
    peer.hello("alice").await;
    assert_eq!(peer.refused(json!({"type": "hello", "protocol": 1, "name": "b"})).await, "bad_request");
}

/// Whatever the level: texts and tokens are nobody's business but their readers' and owners'.
#[tokio::test]
async fn neither_a_token_nor_a_text_is_ever_logged() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command
        .args(["--listen", "127.0.0.1:0", "--log-level", "trace", "--data-dir"])
        .arg(dir.path().join("data"));
    command.stderr(std::fs::File::create(&log).unwrap());
    let server = Process::spawn_loud(command);
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    alice.say("general", "n1", "between the two of us").await;
    alice.ask(json!({"type": "topic", "room": "general", "topic": "between us"})).await;
    let token = alice.token.clone();
    assert_eq!(server.terminate().await, Some(0));
    let logged = std::fs::read_to_string(log).unwrap();
    assert!(logged.contains("stopping"), "the log works");
    for secret in ["between", token.as_str(), &token[5..25]] {
        assert!(!logged.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn no_token_is_kept_anywhere() {
    let server = Server::start().await;
    let alice = server.member("alice").await;
    let token = alice.token.clone();
    drop(alice);
    let (_, dir) = server.stop().await;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|w| w == token.as_bytes()));
        assert!(!bytes.windows(20).any(|w| w == &token.as_bytes()[5..25]));
    }
}
