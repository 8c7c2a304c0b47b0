//! What is left of a deleted user: an id in the log, and a closed direct room for the other user.

use serde_json::json;

use crate::support::{Accounts, Host, Server, operate};

#[tokio::test]
async fn a_direct_room_with_a_deleted_user_is_closed_and_can_be_left() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    let mut bob = server.member("bob").await;
    let opened = bob.must(json!({"type": "direct", "user": "alice"})).await;
    let room = opened["room"]["name"].as_str().unwrap().to_owned();
    alice.hear(|frame| frame["type"] == "joined" && frame["id"].is_null()).await;
    bob.say(&room, "a", "hello").await;
    let leave = json!({"type": "leave", "room": room});
    let id = opened["room"]["user"]["id"].clone();
    assert!(operate(&server, &["user", "delete", "alice"]).await.status.success());
    let gone = bob.hear(|frame| frame["change"] == "left" && frame["room"] == room.as_str()).await;
    assert_eq!(gone["user"]["id"], id);
    let send = json!({"type": "send", "room": room, "nonce": "b", "text": "is anybody there?"});
    let refused = bob.error(send).await;
    assert_eq!(refused["code"], "forbidden");
    assert!(refused["message"].as_str().unwrap().contains("deleted"), "{refused}");
    for frame in [
        json!({"type": "edit", "room": room, "seq": 1, "text": "hello?"}),
        json!({"type": "react", "room": room, "seq": 1, "emoji": "👍"}),
        json!({"type": "pin", "room": room, "seq": 1}),
        json!({"type": "topic", "room": room, "topic": "x"}),
    ] {
        assert_eq!(bob.refused(frame.clone()).await, "forbidden", "{frame}");
    }
    // The room stays readable, under a name that says what happened.
    let mut again = server.peer().await;
    let welcome = again.come(&bob.token).await;
    let listed =
        welcome["rooms"].as_array().unwrap().iter().find(|one| one["name"] == room.as_str()).unwrap();
    assert_eq!(listed["user"], json!({"id": id, "name": format!("deleted-{id}")}));
    assert_eq!(again.whole_room(&room).await[0]["text"], "hello");
    again.must(leave).await;
    let rooms = again.must(json!({"type": "rooms"})).await.to_string();
    assert!(!rooms.contains(&room), "{rooms}");
    assert_eq!(again.refused(json!({"type": "join", "room": room})).await, "no_such_room");
}
