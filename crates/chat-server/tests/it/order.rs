//! Everyone sees the same order.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{Host, Server, seqs};

#[tokio::test]
async fn everyone_sees_one_dense_order_of_what_many_write_at_once() {
    const WRITERS: usize = 8;
    const EACH: usize = 100;
    let server = Server::start().await;
    let mut readers = Vec::new();
    for n in 0..3 {
        readers.push(server.member(&format!("reader{n}")).await);
    }
    let mut writers = Vec::new();
    for w in 0..WRITERS {
        let mut peer = server.member(&format!("writer{w}")).await;
        writers.push(tokio::spawn(async move {
            // All at once, without waiting for a reply.
            for n in 0..EACH {
                let frame = json!({"type": "send", "id": 1000 + n, "room": "general", "nonce": format!("{w}-{n}"), "text": format!("{w}-{n}")});
                peer.send(frame).await;
            }
            let mut answered = Vec::new();
            for n in 0..EACH {
                let ok = peer.hear(|frame| frame["id"].is_u64()).await;
                assert_eq!((&ok["type"], &ok["id"]), (&json!("ok"), &json!(1000 + n)), "in the order sent");
                answered.push(ok["seq"].as_u64().unwrap());
            }
            assert!(answered.is_sorted(), "seqs follow the order sent");
            answered
        }));
    }
    let mut acknowledged = HashMap::new();
    for (w, writer) in writers.into_iter().enumerate() {
        for (n, seq) in writer.await.unwrap().into_iter().enumerate() {
            assert!(acknowledged.insert(seq, format!("{w}-{n}")).is_none(), "a seq is given once");
        }
    }
    let mut views: Vec<Vec<Value>> = Vec::new();
    for reader in &mut readers {
        let mut view = Vec::new();
        while view.len() < WRITERS * EACH {
            view.push(reader.hear_type("message").await);
        }
        views.push(view);
    }
    let expected: Vec<u64> = (1..=(WRITERS * EACH) as u64).collect();
    assert_eq!(seqs(&views[0]), expected);
    assert!(views.iter().all(|view| view == &views[0]), "the same events for everyone");
    assert_eq!(readers[0].whole_room("general").await, views[0], "and in the history");
    for message in &views[0] {
        assert_eq!(acknowledged[&message["seq"].as_u64().unwrap()], message["text"].as_str().unwrap());
    }
    assert!(views[0].is_sorted_by_key(|message| message["at"].as_i64().unwrap()));
}

#[tokio::test]
async fn commands_are_carried_out_and_answered_in_order() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.send(json!({"type": "send", "id": 101, "room": "general", "nonce": "a", "text": "one"})).await;
    alice.send(json!({"type": "send", "id": 102, "room": "general", "nonce": "b", "text": ""})).await;
    alice.send(json!({"type": "send", "id": 103, "room": "general", "nonce": "c", "text": "two"})).await;
    alice.send(json!({"type": "history", "id": 104, "room": "general", "before": 99})).await;
    alice.send(json!({"type": "dance", "id": 105})).await;
    alice.send(json!({"type": "ping", "id": 106})).await;
    let mut answers = Vec::new();
    while answers.len() < 6 {
        answers.push(alice.hear(|frame| frame["id"].is_u64()).await);
    }
    let kinds: Vec<_> =
        answers.iter().map(|a| (a["id"].as_u64().unwrap(), a["type"].as_str().unwrap())).collect();
    let expected =
        [(101, "ok"), (102, "error"), (103, "ok"), (104, "messages"), (105, "error"), (106, "pong")];
    assert_eq!(kinds, expected);
    assert_eq!(seqs(answers[3]["messages"].as_array().unwrap()), [1, 2], "a refused one leaves no hole");
}
