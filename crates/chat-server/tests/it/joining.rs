//! Saying hello, joining a room and talking in it.

use serde_json::json;

use crate::support::{Host, Server, seqs};

#[tokio::test]
async fn a_guest_is_welcomed_with_all_the_contract_names() {
    let server = Server::start().await;
    let mut alice = server.peer().await;
    let welcome = alice.hello("Alice").await;
    assert_eq!(welcome["protocol"], 1);
    assert_eq!(welcome["user"]["name"], "alice");
    assert_eq!(welcome["user"]["kind"], "guest");
    assert_eq!(welcome["user"]["role"], "guest");
    assert_eq!(welcome["server"]["default_room"], "general");
    assert_eq!(welcome["limits"]["text_bytes"], 4096);
    assert_eq!(welcome["limits"]["replay"], 1000);
    assert_eq!(welcome["rooms"], json!([]));
    let joined = alice.join("general").await;
    assert_eq!(
        joined["room"],
        json!({"name": "general", "kind": "public", "topic": "", "head": 0, "role": "member"})
    );
    assert_eq!(joined["messages"], json!([]));
    assert_eq!(joined["online"], json!([{"id": welcome["user"]["id"], "name": "alice"}]));
}

#[tokio::test]
async fn what_one_writes_the_other_reads() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    assert_eq!(alice.say("general", "n1", "  hello, bob \n").await, 1);
    for peer in [&mut alice, &mut bob] {
        let message = peer.hear_type("message").await;
        assert_eq!((&message["text"], &message["seq"]), (&json!("hello, bob"), &json!(1)));
        assert_eq!((&message["by"]["name"], &message["nonce"]), (&json!("alice"), &json!("n1")));
    }
}

#[tokio::test]
async fn live_events_follow_exactly_from_the_head_of_joined() {
    let server = Server::start().await;
    let mut writer = server.member("writer").await;
    let pour = tokio::spawn(async move {
        for n in 1..=400 {
            writer.say("general", &format!("n{n}"), &n.to_string()).await;
        }
    });
    let mut readers = Vec::new();
    for n in 0..8 {
        let mut peer = server.peer().await;
        peer.hello(&format!("reader{n}")).await;
        let joined = peer.join("general").await;
        let head = joined["room"]["head"].as_u64().unwrap();
        let messages = joined["messages"].as_array().unwrap();
        assert_eq!(messages.last().map_or(0, |last| last["seq"].as_u64().unwrap()), head);
        readers.push((peer, head));
    }
    assert!(readers.iter().any(|(_, head)| (1..400).contains(head)), "some joined in the middle");
    for (mut peer, head) in readers.into_iter().filter(|(_, head)| *head < 400) {
        let rest = peer.texts_until("general", "400").await;
        assert_eq!(rest, (head + 1..=400).map(|n| n.to_string()).collect::<Vec<_>>());
    }
    pour.await.unwrap();
}

#[tokio::test]
async fn joining_after_a_seq_brings_the_events_since_and_again_changes_nothing() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    for n in 1..=5 {
        alice.say("general", &format!("n{n}"), "x").await;
    }
    let mut bob = server.peer().await;
    bob.hello("bob").await;
    let joined = bob.ask(json!({"type": "join", "room": "general", "after": 2})).await;
    assert_eq!(seqs(joined["events"].as_array().unwrap()), [3, 4, 5]);
    assert!(joined.get("messages").is_none());
    let again = bob.ask(json!({"type": "join", "room": "general", "limit": 2})).await;
    assert_eq!(seqs(again["messages"].as_array().unwrap()), [4, 5]);
    // A cursor above the head gets the newest messages.
    let strange = bob.ask(json!({"type": "join", "room": "general", "after": 77})).await;
    assert!(strange.get("events").is_none() && strange["messages"].is_array());
    alice.say("general", "n6", "live").await;
    assert_eq!(bob.texts_until("general", "live").await, ["live"], "one event, once");
}

#[tokio::test]
async fn who_is_not_in_a_room_neither_writes_nor_reads_there() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let mut bob = server.peer().await;
    bob.hello("bob").await;
    for frame in [
        json!({"type": "send", "room": "general", "nonce": "n", "text": "x"}),
        json!({"type": "history", "room": "general", "before": 9}),
        json!({"type": "topic", "room": "general", "topic": "x"}),
        json!({"type": "read", "room": "general", "seq": 0}),
        json!({"type": "members", "room": "general"}),
        json!({"type": "typing", "room": "general"}),
        json!({"type": "leave", "room": "general"}),
    ] {
        assert_eq!(bob.refused(frame).await, "not_joined");
    }
    assert_eq!(bob.refused(json!({"type": "join", "room": "nowhere"})).await, "no_such_room");
    bob.join("general").await;
    assert_eq!(bob.ask(json!({"type": "leave", "room": "general"})).await["type"], "ok");
    assert_eq!(
        bob.refused(json!({"type": "send", "room": "general", "nonce": "n", "text": "x"})).await,
        "not_joined"
    );
    alice.say("general", "n1", "bob is gone").await;
    bob.hears_no("message").await;
}

#[tokio::test]
async fn rooms_are_made_listed_named_and_left() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let made = alice.ask(json!({"type": "create", "room": "dev", "topic": "Ship it"})).await;
    assert_eq!(
        made["room"],
        json!({"name": "dev", "kind": "public", "topic": "Ship it", "head": 0, "role": "owner"})
    );
    assert_eq!(bob.refused(json!({"type": "create", "room": "dev"})).await, "room_exists");
    assert_eq!(bob.refused(json!({"type": "create", "room": "De v"})).await, "name_invalid");
    bob.join("dev").await;
    alice.say("dev", "n1", "one").await;
    alice.say("dev", "n2", "two").await;
    let reply = bob.ask(json!({"type": "topic", "room": "dev", "topic": "Shipped"})).await;
    assert_eq!((&reply["type"], &reply["seq"]), (&json!("ok"), &json!(3)));
    let event = alice.hear_type("topic").await;
    assert_eq!(
        (&event["topic"], &event["seq"], &event["by"]["name"]),
        (&json!("Shipped"), &json!(3), &json!("bob"))
    );

    let dev = |rooms: &serde_json::Value| {
        rooms["rooms"].as_array().unwrap().iter().find(|r| r["name"] == "dev").cloned().unwrap()
    };
    let seen = dev(&bob.ask(json!({"type": "rooms"})).await);
    let expected = json!({"name": "dev", "kind": "public", "topic": "Shipped", "head": 3, "members": 2, "joined": true, "read": 0, "unread": 2, "mentions": 0, "notify": "all", "role": "member"});
    assert_eq!(seen, expected);
    assert_eq!(bob.ask(json!({"type": "read", "room": "dev", "seq": 1})).await["type"], "ok");
    assert_eq!(dev(&bob.ask(json!({"type": "rooms"})).await)["unread"], 1);
    assert_eq!(bob.ask(json!({"type": "read", "room": "dev", "seq": 99})).await["type"], "ok");
    assert_eq!(dev(&bob.ask(json!({"type": "rooms"})).await)["read"], 3, "no further than the head");
    assert_eq!(dev(&alice.ask(json!({"type": "rooms"})).await)["unread"], 0, "one's own are not unread");
    bob.ask(json!({"type": "leave", "room": "dev"})).await;
    assert_eq!(dev(&bob.ask(json!({"type": "rooms"})).await)["joined"], false);
    let members = alice.ask(json!({"type": "members", "room": "dev"})).await;
    let owner = &members["members"][0];
    assert_eq!(
        (&owner["user"]["name"], &owner["role"], &owner["online"]),
        (&json!("alice"), &json!("owner"), &json!(true))
    );
    assert_eq!(members["members"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_room_joined_late_starts_read() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.say("general", "n1", "before").await;
    let mut bob = server.member("bob").await;
    let rooms = bob.ask(json!({"type": "rooms"})).await;
    assert_eq!((&rooms["rooms"][0]["read"], &rooms["rooms"][0]["unread"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn members_are_found_by_prefix() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let _others = (server.member("bob").await, server.member("bobby").await, server.member("b_x").await);
    let names = |reply: serde_json::Value| -> Vec<String> {
        let members = reply["members"].as_array().unwrap().clone();
        members.iter().map(|m| m["user"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        names(alice.ask(json!({"type": "members", "room": "general", "prefix": "Bo"})).await),
        ["bob", "bobby"]
    );
    assert_eq!(
        names(alice.ask(json!({"type": "members", "room": "general", "prefix": "b_"})).await),
        ["b_x"]
    );
    assert_eq!(names(alice.ask(json!({"type": "members", "room": "general", "limit": 1})).await), ["alice"]);
}
