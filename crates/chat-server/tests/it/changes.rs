//! Changes to existing messages: replies, edits, deletions, reactions, pins, mentions.

use serde_json::{Value, json};

use crate::support::{Accounts, Host, Server};

#[tokio::test]
async fn a_reply_and_its_mentions_are_told_alike_live_in_history_and_on_resume() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    bob.say("general", "b1", "who is in?").await;
    let reply = alice
        .must(json!({"type": "send", "room": "general", "nonce": "a1", "text": "I am, @Bob and @nobody", "reply_to": 1}))
        .await;
    assert_eq!(reply["seq"], 2);
    let live = bob.hear(|frame| frame["seq"] == 2 && frame["type"] == "message").await;
    assert_eq!((&live["reply_to"], &live["mentions"]), (&json!(1), &json!(["bob"])));
    let page = bob.must(json!({"type": "history", "room": "general", "before": 9})).await;
    assert_eq!(page["messages"][1], live);
    let mut again = server.peer().await;
    let welcome = again.resume(&bob.token, &bob.log, json!({"general": 1})).await;
    assert_eq!((&welcome["rooms"][0]["unread"], &welcome["rooms"][0]["mentions"]), (&json!(1), &json!(1)));
    assert_eq!(again.hear_type("message").await, live);
    again.must(json!({"type": "read", "room": "general", "seq": 2})).await;
    assert_eq!(again.must(json!({"type": "rooms"})).await["rooms"][0]["mentions"], 0);
    again.must(json!({"type": "notify", "room": "general", "level": "mentions"})).await;
    assert_eq!(bob.must(json!({"type": "rooms"})).await["rooms"][0]["notify"], "mentions");
    assert_eq!(
        bob.refused(json!({"type": "notify", "room": "general", "level": "loud"})).await,
        "bad_request"
    );
}

#[tokio::test]
async fn an_edit_is_the_authors_and_leaves_nothing_of_what_was_there() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    alice.say("general", "a1", "teh secret plan for @bob").await;
    assert_eq!(
        bob.refused(json!({"type": "edit", "room": "general", "seq": 1, "text": "forged"})).await,
        "forbidden"
    );
    let done = alice.must(json!({"type": "edit", "room": "general", "seq": 1, "text": "the plan"})).await;
    assert_eq!(done["seq"], 2);
    let event = bob.hear_type("edited").await;
    assert_eq!((&event["target"], &event["text"], &event["seq"]), (&json!(1), &json!("the plan"), &json!(2)));
    let again = alice.must(json!({"type": "edit", "room": "general", "seq": 1, "text": "the plan"})).await;
    assert_eq!(again["seq"], 2, "what changes nothing writes nothing");
    alice.must(json!({"type": "edit", "room": "general", "seq": 1, "text": "the final plan"})).await;
    let page = bob.must(json!({"type": "history", "room": "general", "before": 9})).await;
    let message = &page["messages"][0];
    assert_eq!((&message["text"], &message["mentions"]), (&json!("the final plan"), &Value::Null));
    assert!(message["edited_at"].is_i64());
    assert_eq!(
        bob.must(json!({"type": "rooms"})).await["rooms"][0]["mentions"],
        0,
        "nobody is named any more"
    );
    // A replay shows the current state, at every step.
    let mut late = server.peer().await;
    late.resume(&bob.token, &bob.log, json!({"general": 0})).await;
    assert_eq!(late.hear_type("message").await["text"], "the final plan");
    for _ in 0..2 {
        assert_eq!(late.hear_type("edited").await["text"], "the final plan");
    }
    // The first key is still answered with the first seq, whatever the text.
    assert_eq!(alice.say("general", "a1", "teh secret plan for @bob").await, 1);
    for (text, code) in [("", "empty"), ("  ", "empty")] {
        assert_eq!(
            alice.refused(json!({"type": "edit", "room": "general", "seq": 1, "text": text})).await,
            code
        );
    }
    for seq in [0, 2, 99] {
        let asked = json!({"type": "edit", "room": "general", "seq": seq, "text": "x"});
        assert_eq!(alice.refused(asked).await, "no_such_message", "{seq}");
    }
    let (_, dir) = server.stop().await;
    let bytes = std::fs::read(dir.path().join("chat.db")).unwrap();
    assert!(!bytes.windows(6).any(|w| w == b"secret"), "not in the file either");
}

#[tokio::test]
async fn mod_06_a_deleted_message_is_gone_from_everywhere() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let (mut bob, mut carol) = (server.member("bob").await, server.member("carol").await);
    for peer in [&mut bob, &mut carol] {
        peer.join("dev").await;
    }
    bob.say("dev", "b1", "regrettable words, @carol").await;
    bob.say("dev", "b2", "and more").await;
    carol.must(json!({"type": "react", "room": "dev", "seq": 1, "emoji": "👎"})).await;
    assert_eq!(alice.must(json!({"type": "search", "query": "regrettable"})).await["messages"][0]["seq"], 1);
    assert_eq!(carol.refused(json!({"type": "delete", "room": "dev", "seq": 1})).await, "forbidden");
    let done = alice.must(json!({"type": "delete", "room": "dev", "seq": 1})).await;
    let event = carol.hear_type("deleted").await;
    assert_eq!(
        (&event["target"], &event["seq"], &event["by"]["name"]),
        (&json!(1), &done["seq"], &json!("alice"))
    );
    assert_eq!(alice.must(json!({"type": "delete", "room": "dev", "seq": 1})).await["seq"], done["seq"]);
    for frame in [
        json!({"type": "edit", "room": "dev", "seq": 1, "text": "x"}),
        json!({"type": "react", "room": "dev", "seq": 1, "emoji": "👍"}),
        json!({"type": "pin", "room": "dev", "seq": 1}),
    ] {
        let code = alice.refused(frame.clone()).await;
        assert!(["no_such_message", "forbidden"].contains(&code.as_str()), "{frame}: {code}");
    }
    let page = carol.must(json!({"type": "history", "room": "dev", "before": 99})).await;
    let gone = &page["messages"][0];
    assert_eq!(
        (&gone["deleted"], &gone["text"], &gone["reactions"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    assert_eq!(carol.must(json!({"type": "search", "query": "regrettable"})).await["messages"], json!([]));
    let mut late = server.peer().await;
    let welcome = late.resume(&carol.token, &carol.log, json!({"dev": 0})).await;
    let dev = welcome["rooms"].as_array().unwrap().iter().find(|room| room["name"] == "dev").unwrap();
    assert_eq!((&dev["unread"], &dev["mentions"]), (&json!(1), &json!(0)));
    let replayed = late.hear_type("message").await;
    assert_eq!((&replayed["deleted"], &replayed["text"]), (&json!(true), &Value::Null));
    assert_eq!(bob.say("dev", "b1", "regrettable words, @carol").await, 1, "and cannot be sent again");
    // The author's own message, muted or not.
    alice.must(json!({"type": "mute", "room": "dev", "user": "bob"})).await;
    assert_eq!(bob.refused(json!({"type": "edit", "room": "dev", "seq": 2, "text": "x"})).await, "muted");
    assert_eq!(bob.refused(json!({"type": "react", "room": "dev", "seq": 2, "emoji": "👍"})).await, "muted");
    bob.must(json!({"type": "delete", "room": "dev", "seq": 2})).await;
    let mut admin = server.admin("boss").await;
    let audit = admin.must(json!({"type": "audit"})).await.to_string();
    assert!(audit.contains(r#""action":"delete""#) && !audit.contains("regrettable"), "{audit}");
    let (_, dir) = server.stop().await;
    let bytes = std::fs::read(dir.path().join("chat.db")).unwrap();
    assert!(!bytes.windows(8).any(|w| w == b"regretta"), "not in the file either");
}

#[tokio::test]
async fn reactions_are_counted_with_names_and_pins_stay_with_moderators() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    bob.join("dev").await;
    alice.say("dev", "a1", "shipped").await;
    let react = |emoji: &str| json!({"type": "react", "room": "dev", "seq": 1, "emoji": emoji});
    let first = bob.must(react(":rocket:")).await;
    assert_eq!(bob.must(react("🚀")).await["seq"], first["seq"], "the same");
    alice.must(react("🚀")).await;
    alice.must(react("❤")).await;
    let event = bob.hear(|frame| frame["type"] == "reacted" && frame["by"]["name"] == "alice").await;
    assert_eq!((&event["target"], &event["emoji"]), (&json!(1), &json!("🚀")));
    let page = bob.must(json!({"type": "history", "room": "dev", "before": 9})).await;
    assert_eq!(
        page["messages"][0]["reactions"],
        json!([{"emoji": "🚀", "count": 2, "users": ["bob", "alice"]}, {"emoji": "❤️", "count": 1, "users": ["alice"]}])
    );
    bob.must(json!({"type": "unreact", "room": "dev", "seq": 1, "emoji": "🚀"})).await;
    bob.must(json!({"type": "unreact", "room": "dev", "seq": 1, "emoji": "🚀"})).await;
    let page = bob.must(json!({"type": "history", "room": "dev", "before": 9})).await;
    assert_eq!(page["messages"][0]["reactions"][0]["users"], json!(["alice"]));
    for none in ["", "x", "🚀🚀", ":nosuch:", "<img>"] {
        assert_eq!(bob.refused(react(none)).await, "bad_request", "{none}");
    }
    for emoji in [
        "😀", "😁", "😂", "🤣", "😃", "😄", "😅", "😆", "😉", "😊", "😋", "😎", "😍", "😘", "🥰", "😗", "😙",
        "😚",
    ] {
        bob.must(react(emoji)).await;
    }
    assert_eq!(bob.refused(react("🙂")).await, "forbidden", "twenty different ones");
    bob.must(react("❤")).await;
    let pin = |kind: &str| json!({"type": kind, "room": "dev", "seq": 1});
    assert_eq!(bob.refused(pin("pin")).await, "forbidden");
    let pinned = alice.must(pin("pin")).await;
    assert_eq!(alice.must(pin("pin")).await["seq"], pinned["seq"]);
    assert_eq!(bob.hear_type("pinned").await["target"], 1);
    assert_eq!(
        bob.must(json!({"type": "history", "room": "dev", "before": 9})).await["messages"][0]["pinned"],
        true
    );
    alice.must(pin("unpin")).await;
    assert_eq!(bob.hear_type("unpinned").await["target"], 1);
}

/// A badge for the user's own message is of no use.
#[tokio::test]
async fn naming_oneself_is_no_unread_mention() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    alice.say("general", "a", "@alice and @bob, look").await;
    for (peer, count) in [(&mut alice, 0), (&mut bob, 1)] {
        let rooms = peer.must(json!({"type": "rooms"})).await;
        assert_eq!(rooms["rooms"][0]["mentions"], count, "{rooms}");
    }
}
