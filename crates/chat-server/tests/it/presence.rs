//! Presence, typing and read marks.

use serde_json::json;

use crate::support::{Host, Server};

#[tokio::test]
async fn the_room_is_told_who_comes_and_goes_in_one_frame_for_many() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.hear(|frame| frame["type"] == "presence" && frame["online_count"] == 1).await;
    let began = std::time::Instant::now();
    let mut others = Vec::new();
    for n in 0..20 {
        others.push(server.member(&format!("guest{n}")).await);
    }
    let (mut came, mut frames) = (0, 0_u64);
    while came < 20 {
        let presence = alice.hear_type("presence").await;
        assert_eq!(presence["room"], "general");
        came += presence["online"].as_array().unwrap().len();
        frames += 1;
    }
    let most = began.elapsed().as_secs() + 2;
    assert!(frames <= most, "{frames} frames for 20 arrivals in {most} s: one a second is enough");
    drop(others);
    let mut gone = 0;
    while gone < 20 {
        gone += alice.hear_type("presence").await["offline"].as_array().unwrap().len();
    }
    let again = alice.join("general").await;
    assert_eq!((&again["online_count"], again["online"].as_array().unwrap().len()), (&json!(1), 1));
}

#[tokio::test]
async fn typing_reaches_the_others_and_has_no_reply_without_an_id() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    alice.send(json!({"type": "typing", "room": "general"})).await;
    let typing = bob.hear_type("typing").await;
    assert_eq!((&typing["room"], &typing["user"]["name"]), (&json!("general"), &json!("alice")));
    alice.hears_no("ok").await;
    alice.hears_no("typing").await;
    assert_eq!(alice.ask(json!({"type": "typing", "room": "general"})).await["type"], "ok");
}

#[tokio::test]
async fn a_read_mark_reaches_the_same_user_s_other_devices() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let mut phone = server.peer().await;
    phone.resume(&alice.token, &alice.log, json!({})).await;
    bob.say("general", "n1", "hi").await;
    alice.ask(json!({"type": "read", "room": "general", "seq": 1})).await;
    let read = phone.hear_type("read").await;
    assert_eq!((&read["room"], &read["seq"]), (&json!("general"), &json!(1)));
    alice.hears_no("read").await;
    bob.hears_no("read").await;
}
