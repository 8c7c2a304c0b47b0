//! A direct room can be left, and opening one uses up none of the other user's rooms.

use serde_json::{Value, json};

use crate::support::{Host, Peer, Server};

/// One more than a user may open.
const MANY: usize = 513;

async fn open(peer: &mut Peer, with: &str) -> String {
    let joined = peer.must(json!({"type": "direct", "user": with})).await;
    joined["room"]["name"].as_str().unwrap().to_owned()
}

async fn rooms(server: &Server, token: &str) -> Vec<Value> {
    let mut other = server.peer().await;
    other.come(token).await["rooms"].as_array().unwrap().clone()
}

fn direct(rooms: &[Value]) -> Vec<&Value> {
    rooms.iter().filter(|room| room["kind"] == "direct").collect()
}

#[tokio::test]
async fn a_direct_room_that_was_left_comes_back_with_the_next_message() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let room = open(&mut alice, "bob").await;
    for n in 1..=12 {
        alice.say(&room, &format!("n-{n}"), &format!("text {n}")).await;
    }
    bob.texts_until(&room, "text 12").await;
    bob.hear(|frame| frame["type"] == "joined" && frame["id"].is_null()).await;
    bob.must(json!({"type": "leave", "room": room})).await;
    assert_eq!(direct(&rooms(&server, &bob.token).await).len(), 0, "welcome lists it no more");
    for asked in [
        json!({"type": "history", "room": room, "after": 0}),
        json!({"type": "join", "room": room}),
        json!({"type": "send", "room": room, "nonce": "b", "text": "hi"}),
    ] {
        assert_eq!(bob.refused(asked.clone()).await, "no_such_room", "{asked}");
    }
    // Reactions and topics do not make the other user a member again.
    alice.must(json!({"type": "react", "room": room, "seq": 1, "emoji": "👍"})).await;
    bob.hears_no("joined").await;
    bob.hears_no("reacted").await;
    assert_eq!(alice.say(&room, "again", "are you there?").await, 14);
    let joined = bob.hear(|frame| frame["type"] == "joined" && frame["id"].is_null()).await;
    assert_eq!((&joined["room"]["name"], &joined["room"]["head"]), (&json!(room), &json!(13)));
    assert_eq!(joined["room"]["user"]["name"], "alice");
    let texts: Vec<&str> =
        joined["messages"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!((texts.len(), texts[0], texts[9]), (10, "text 3", "text 12"));
    assert_eq!(bob.hear_type("message").await["seq"], 14, "it follows the head that was told");
    assert_eq!(bob.whole_room(&room).await.len(), 13);
    let listed = rooms(&server, &bob.token).await;
    assert_eq!(direct(&listed)[0]["unread"], 1);
    assert_eq!(bob.say(&room, "b", "yes").await, 15);
    assert_eq!(alice.hear(|frame| frame["seq"] == 15).await["text"], "yes");
}

#[tokio::test]
async fn a_direct_room_that_was_left_can_be_opened_again() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let room = open(&mut alice, "bob").await;
    alice.say(&room, "n", "hello").await;
    bob.hear_type("message").await;
    for peer in [&mut alice, &mut bob] {
        peer.must(json!({"type": "leave", "room": room})).await;
    }
    let joined = bob.must(json!({"type": "direct", "user": "alice"})).await;
    assert_eq!((&joined["room"]["name"], &joined["messages"][0]["text"]), (&json!(room), &json!("hello")));
    assert_eq!(direct(&rooms(&server, &alice.token).await).len(), 0, "opening it brings nobody back");
    bob.say(&room, "b", "hello again").await;
    assert_eq!(alice.hear(|frame| frame["text"] == "hello again").await["seq"], 2);
}

#[tokio::test]
async fn rooms_that_others_opened_use_up_nothing_of_a_users_limit() {
    let server = Server::start().await;
    let mut victim = server.member("victim").await;
    let mut opener = server.member("opener").await;
    for n in 0..MANY {
        let mut guest = server.peer().await;
        guest.hello(&format!("guest-{n}")).await;
        open(&mut guest, "victim").await;
        // A user can open 512, until they leave one.
        let asked = json!({"type": "direct", "user": format!("guest-{n}")});
        if n + 1 < MANY {
            opener.must(asked).await;
        } else {
            let refused = opener.error(asked.clone()).await;
            assert_eq!(refused["code"], "forbidden");
            assert!(refused["message"].as_str().unwrap().contains("Leave one first"), "{refused}");
            let first = direct(&rooms(&server, &opener.token).await)[0]["name"].clone();
            opener.must(json!({"type": "leave", "room": first})).await;
            opener.must(asked).await;
        }
    }
    let mut friend = server.member("friend").await;
    let room = open(&mut friend, "victim").await;
    friend.say(&room, "n", "hello").await;
    victim.hear(|frame| frame["text"] == "hello").await;
    let listed = rooms(&server, &victim.token).await;
    assert_eq!(direct(&listed).len(), 256, "the oldest that were not answered make room");
    assert!(listed.iter().any(|one| one["name"] == room));
    open(&mut victim, "opener").await;
}
