//! Limits of rate and length.

use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::support::{Host, Peer, Server, get};

#[tokio::test]
async fn too_many_messages_are_limited_per_user_and_told_when_to_try_again() {
    let server = Server::with(|config| config.rate_limit = true).await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let mut second = server.peer().await;
    second.resume(&alice.token, &alice.log, json!({})).await;
    for n in 0..150 {
        for (who, peer) in [&mut alice, &mut second].into_iter().enumerate() {
            peer.send(json!({"type": "send", "id": 1000 + n, "room": "general", "nonce": format!("{who}-{n}"), "text": "x"})).await;
        }
    }
    let mut refused = 0;
    for n in 0..150 {
        for peer in [&mut alice, &mut second] {
            let reply = peer.hear(|frame| frame["id"] == 1000 + n).await;
            if reply["type"] == "error" {
                assert_eq!(reply["code"], "rate_limited");
                assert!((1..=5000).contains(&reply["retry_after_ms"].as_u64().unwrap()));
                refused += 1;
            }
        }
    }
    assert!(refused >= 100, "both connections of a user share what they may: {refused}");
    assert!(bob.say("general", "mine", "nobody else is held back").await > 0);
    let left = alice.whole_room("general").await.len();
    assert_eq!(left, 300 - refused + 1, "a refused one is not stored");
}

#[tokio::test]
async fn rooms_and_typing_have_limits_of_their_own() {
    let server = Server::with(|config| config.rate_limit = true).await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let mut codes = Vec::new();
    for n in 0..12 {
        codes.push(alice.ask(json!({"type": "create", "room": format!("r{n}")})).await["type"].clone());
    }
    assert_eq!(codes.iter().filter(|code| **code == "joined").count(), 10);
    for _ in 0..50 {
        alice.send(json!({"type": "typing", "room": "general"})).await;
    }
    alice.say("general", "n", "done").await;
    bob.hear_type("message").await;
    let mut heard = 0;
    bob.ask(json!({"type": "ping"})).await;
    while bob.heard_now(|frame| frame["type"] == "typing") {
        heard += 1;
    }
    assert!((1..=3).contains(&heard), "{heard}");
}

#[tokio::test]
async fn texts_names_and_topics_have_their_lengths() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    assert_eq!(alice.say("general", "full", &"é".repeat(2048)).await, 1);
    // The longest text in its longest JSON form still fits into a frame.
    let escaped = format!(
        r#"{{"type":"send","id":77,"room":"general","nonce":"esc","text":"{}"}}"#,
        "\\u0001".repeat(4096)
    );
    alice.raw(tokio_tungstenite::tungstenite::Message::text(escaped)).await;
    assert_eq!(alice.hear(|frame| frame["id"] == 77).await["type"], "ok");
    for (frame, code) in [
        (json!({"type": "send", "room": "general", "nonce": "n", "text": "x".repeat(4097)}), "too_long"),
        (json!({"type": "send", "room": "general", "nonce": "n", "text": " \n "}), "empty"),
        (json!({"type": "topic", "room": "general", "topic": "x".repeat(251)}), "too_long"),
        (json!({"type": "create", "room": "x".repeat(33)}), "name_invalid"),
    ] {
        assert_eq!(alice.refused(frame).await, code);
    }
}

#[tokio::test]
async fn connections_are_limited_per_address_and_in_all() {
    let server = Server::with(|config| {
        config.rate_limit = true;
        config.max_connections_per_address = 3;
    })
    .await;
    let mut open = vec![server.member("a").await, server.member("b").await, server.member("c").await];
    let mut fourth = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let mut said = String::new();
    fourth.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("Retry-After"), "{said}");
    open.pop();
    // The slot is free once the server has noticed.
    loop {
        if get(server.address, "/healthz", "").await.starts_with("HTTP/1.1 200") {
            break;
        }
    }
    assert!(open[0].say("general", "n", "still here").await > 0);
}

#[tokio::test]
async fn a_user_has_only_so_many_sessions() {
    let server = Server::with(|config| config.rate_limit = true).await;
    let alice = server.member("alice").await;
    let mut more: Vec<Peer> = Vec::new();
    for _ in 1..chat_server::hub::MAX_SESSIONS {
        let mut peer = server.peer().await;
        peer.resume(&alice.token, &alice.log, json!({})).await;
        more.push(peer);
    }
    let mut one = server.peer().await;
    assert_eq!(one.refused(json!({"type": "hello", "protocol": 1, "token": alice.token})).await, "forbidden");
}
