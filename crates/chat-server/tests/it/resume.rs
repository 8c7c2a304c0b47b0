//! Resuming after a break.

use serde_json::json;

use crate::support::{Host, Peer, Server, seqs};

async fn fill(peer: &mut Peer, room: &str, from: u64, to: u64) {
    for n in from..=to {
        peer.send(json!({"type": "send", "id": 10_000 + n, "room": room, "nonce": format!("{room}-{n}"), "text": n.to_string()})).await;
    }
    for n in from..=to {
        assert_eq!(peer.hear(|frame| frame["id"] == 10_000 + n).await["seq"], n);
    }
}

#[tokio::test]
async fn a_client_that_was_away_gets_exactly_what_it_missed_while_others_go_on_writing() {
    let server = Server::start().await;
    let mut writer = server.member("writer").await;
    let reader = server.member("reader").await;
    let (token, log) = (reader.token.clone(), reader.log.clone());
    fill(&mut writer, "general", 1, 50).await;
    drop(reader);
    fill(&mut writer, "general", 51, 700).await;
    let pour = tokio::spawn(async move {
        fill(&mut writer, "general", 701, 1000).await;
    });
    let mut reader = server.peer().await;
    let welcome = reader.resume(&token, &log, json!({"general": 50, "nowhere": 3})).await;
    assert!(welcome["rooms"][0]["head"].as_u64().unwrap() >= 700);
    let texts = reader.texts_until("general", "1000").await;
    assert_eq!(texts, (51..=1000).map(|n| n.to_string()).collect::<Vec<_>>());
    pour.await.unwrap();
}

#[tokio::test]
async fn too_much_missed_or_another_log_is_a_reset_and_live_events_go_on() {
    let server = Server::start().await;
    let mut writer = server.member("writer").await;
    let reader = server.member("reader").await;
    let (token, log) = (reader.token.clone(), reader.log.clone());
    drop(reader);
    fill(&mut writer, "general", 1, 1001).await;
    for (cursor, log, reset) in [
        (1, log.as_str(), false),
        (0, log.as_str(), true),
        (900, "another", true),
        (2000, log.as_str(), true),
    ] {
        let mut reader = server.peer().await;
        reader.resume(&token, log, json!({"general": cursor})).await;
        let first = reader.hear(|frame| frame["room"] == "general").await;
        if reset {
            assert_eq!((&first["type"], &first["head"]), (&json!("reset"), &json!(1001)), "from {cursor}");
            reader.hears_no("message").await;
        } else {
            assert_eq!((&first["type"], &first["seq"]), (&json!("message"), &json!(2)));
        }
    }
    let mut reader = server.peer().await;
    reader.resume(&token, &log, json!({"general": 0})).await;
    reader.hear_type("reset").await;
    fill(&mut writer, "general", 1002, 1002).await;
    assert_eq!(reader.hear_type("message").await["seq"], 1002);
}

#[tokio::test]
async fn topics_are_replayed_too_and_rooms_without_a_cursor_go_on_from_their_head() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let reader = server.member("reader").await;
    let (token, log) = (reader.token.clone(), reader.log.clone());
    drop(reader);
    alice.say("general", "n1", "one").await;
    alice.ask(json!({"type": "topic", "room": "general", "topic": "new"})).await;
    alice.say("general", "n3", "three").await;
    let mut back = server.peer().await;
    back.resume(&token, &log, json!({"general": 0})).await;
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let event = back.hear(|frame| frame["room"] == "general" && frame["seq"].is_u64()).await;
        kinds.push((event["seq"].as_u64().unwrap(), event["type"].as_str().unwrap().to_owned()));
    }
    assert_eq!(kinds, [(1, "message".to_owned()), (2, "topic".to_owned()), (3, "message".to_owned())]);
    let mut logless = server.peer().await;
    let hello = json!({"type": "hello", "protocol": 1, "token": token, "resume": {"general": 2}});
    assert_eq!(logless.ask(hello).await["type"], "welcome");
    assert_eq!(
        logless.hear_type("message").await["seq"],
        3,
        "without a log the cursors are taken as they are"
    );
    let mut third = server.peer().await;
    third.resume(&token, &log, json!({})).await;
    alice.say("general", "n4", "four").await;
    assert_eq!(seqs(&[third.hear_type("message").await]), [4]);
}
