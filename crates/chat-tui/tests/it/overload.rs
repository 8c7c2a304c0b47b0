//! A server that sends far too much: the screen keeps answering keys.

use std::time::{Duration, Instant};

use chat_proto::limits::Limits;
use serde_json::{Value, json};
use testbed::{PATIENCE, Terminal};

use super::scripted::scripted;
use super::term::at;

/// How long a key may take on a busy machine.
const KEY: Duration = Duration::from_millis(1500);

/// Starts a server with these rooms, and this message in the first one. Once that is on the screen, so that the
/// client requests older ones or marks it as read, everything else follows, including some events.
async fn server(rooms: usize, text: String, events: usize, mut flood: Vec<String>) -> String {
    scripted(move |asked| {
        let id = &asked["id"];
        match asked["type"].as_str().unwrap() {
            "hello" => vec![welcome(id, rooms)],
            "rooms" => {
                let rooms: Vec<Value> = (0..rooms).map(|n| room(&format!("s{n}"), false)).collect();
                vec![json!({"type": "rooms", "id": id, "rooms": rooms, "more": false}).to_string()]
            }
            "join" => {
                let by = json!({"id": 2, "name": "eve"});
                let message =
                    json!({"type": "message", "room": "r0", "seq": 9, "at": 1, "by": by, "text": text});
                let joined = json!({"type": "joined", "id": id, "online_count": 1, "messages": [message],
                    "room": {"name": "r0", "kind": "public", "topic": "x".repeat(100_000), "head": 9}});
                vec![joined.to_string()]
            }
            "history" | "read" => {
                let none =
                    json!({"type": "messages", "id": id, "room": "r0", "messages": [], "more": false});
                let by = json!({"id": 2, "name": "eve"});
                let last = json!({"type": "message", "room": "r0", "seq": 10 + events, "at": 1, "by": by, "text": "that was all"});
                let last = last.to_string();
                let flood = std::mem::take(&mut flood);
                [none.to_string()].into_iter().chain(flood).chain([last]).collect()
            }
            _ => vec![json!({"type": "ok", "id": id}).to_string()],
        }
    })
    .await
}

fn room(name: &str, joined: bool) -> Value {
    json!({"name": name, "kind": "public", "topic": "t", "head": 9, "members": 1, "joined": joined, "read": 8, "unread": 1})
}

pub(crate) fn welcome(id: &Value, rooms: usize) -> String {
    let rooms: Vec<Value> = (0..rooms).map(|n| room(&format!("r{n}"), true)).collect();
    json!({"type": "welcome", "id": id, "protocol": 1, "token": "chat_x", "limits": Limits::default(), "rooms": rooms,
        "user": {"id": 1, "name": "alice", "kind": "guest", "role": "guest"},
        "server": {"name": "s", "version": "0", "default_room": "r0", "log": "l"}})
    .to_string()
}

/// Types, and checks that each key is answered in time.
async fn keys_stay_quick(url: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut alice = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &at(url, &dir));
    alice.shows("message to #r0").await;
    // The terminal has the focus, so what it shows is marked as read.
    alice.types("\x1b[I");
    tokio::time::timeout(3 * PATIENCE, alice.shows("that was all")).await.unwrap();
    let mut typed = String::new();
    for key in "quick keys?!".chars() {
        typed.push(key);
        let began = Instant::now();
        alice.types(&key.to_string());
        alice.shows(&format!("> {typed}")).await;
        assert!(began.elapsed() < KEY, "{key} took {:?}", began.elapsed());
    }
    // Each of these searches everything that there is.
    for (keys, shown) in [("\x03/join s\t", "/join s"), ("\x03\x1b[5~", "r0"), ("/join\r", "Rooms")] {
        let began = Instant::now();
        alice.types(keys);
        alice.shows(shown).await;
        assert!(began.elapsed() < KEY, "{keys:?} took {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_message_of_three_megabytes_does_not_hold_up_the_keys() {
    let text = format!("{} {}", "x".repeat(1_500_000), "**a** `b` [c](http://d) ".repeat(60_000));
    keys_stay_quick(&server(1, text, 0, Vec::new()).await).await;
}

#[tokio::test]
async fn a_hundred_and_fifty_thousand_rooms_do_not_hold_up_the_keys() {
    let news = |n: usize| {
        json!({"type": "room", "room": format!("t{n}"), "kind": "public", "topic": "", "head": 0}).to_string()
    };
    keys_stay_quick(&server(50_000, "hi".into(), 0, (0..50_000).map(news).collect()).await).await;
}

#[tokio::test]
async fn a_flood_of_reactions_does_not_hold_up_the_keys() {
    let reacted = |n: usize| {
        let by = json!({"id": n + 3, "name": format!("user{n}{}", "x".repeat(500))});
        json!({"type": "reacted", "room": "r0", "seq": 10 + n, "at": 1, "by": by, "target": 9, "emoji": format!("e{}", n % 5000)})
            .to_string()
    };
    keys_stay_quick(&server(1, "hi".into(), 50_000, (0..50_000).map(reacted).collect()).await).await;
}

#[tokio::test]
async fn a_reaction_that_all_the_world_made_is_counted_within_bounds() {
    let by = json!({"id": 2, "name": "eve"});
    let message = json!({"type": "message", "room": "r0", "seq": 10, "at": 1, "by": by, "text": "loved",
        "reactions": [{"emoji": "❤️", "count": u64::MAX, "users": ["bob"]}]});
    keys_stay_quick(&server(1, "hi".into(), 1, vec![message.to_string()]).await).await;
}
