//! Idempotency keys: sending twice stores once.

use serde_json::json;

use crate::support::{Host, Server};

#[tokio::test]
async fn the_same_nonce_again_is_the_same_message_also_after_a_restart() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let frame = json!({"type": "send", "room": "general", "nonce": "n1", "text": "once"});
    let first = alice.ask(frame.clone()).await;
    let mut again = alice.ask(frame.clone()).await;
    again["id"] = first["id"].clone();
    assert_eq!(again, first);
    // In flight together, on two connections of the same user.
    let mut second = server.peer().await;
    second.resume(&alice.token, &alice.log, json!({})).await;
    for id in 100..110 {
        for peer in [&mut alice, &mut second] {
            peer.send(json!({"type": "send", "id": id, "room": "general", "nonce": "n2", "text": "twice"}))
                .await;
        }
    }
    for id in 100..110 {
        for peer in [&mut alice, &mut second] {
            assert_eq!(peer.hear(|frame| frame["id"] == id).await["seq"], 2);
        }
    }
    let (token, log) = (alice.token.clone(), alice.log.clone());
    drop((alice, second));
    let server = Server::after(server).await;
    let mut alice = server.peer().await;
    alice.resume(&token, &log, json!({})).await;
    assert_eq!(alice.ask(frame).await["seq"], 1);
    assert_eq!(alice.whole_room("general").await.len(), 2);
    alice.hears_no("message").await;
}

#[tokio::test]
async fn a_nonce_for_another_text_or_room_is_refused_and_others_nonces_do_not_matter() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    alice.ask(json!({"type": "create", "room": "dev"})).await;
    alice.say("general", "n1", "mine").await;
    let reused = [
        json!({"type": "send", "room": "general", "nonce": "n1", "text": "other"}),
        json!({"type": "send", "room": "dev", "nonce": "n1", "text": "mine"}),
    ];
    for frame in reused {
        assert_eq!(alice.refused(frame).await, "nonce_reused");
    }
    assert_eq!(bob.say("general", "n1", "bob's").await, 2);
    for nonce in ["", "a b", "ä", &"n".repeat(65)] {
        let frame = json!({"type": "send", "room": "general", "nonce": nonce, "text": "x"});
        assert_eq!(alice.refused(frame).await, "bad_request");
    }
    assert_eq!(alice.whole_room("general").await.len(), 2);
}
