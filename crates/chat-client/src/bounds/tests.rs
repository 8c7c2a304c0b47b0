//! Everything that a server can make large, made large.

use serde_json::{Value, json};

use super::*;

const HUGE: usize = 20_000;

fn taken(frame: &Value) -> Option<Value> {
    let frame = ServerFrame::decode(&frame.to_string()).unwrap().unwrap();
    bounded(frame).map(|frame| serde_json::from_str(&frame.encode()).unwrap())
}

/// Asserts that a frame shrinks to the size of a normal page, whatever was put into it.
#[track_caller]
fn shrinks(frame: &Value) {
    let before = frame.to_string().len();
    let after = taken(frame).expect("it is taken").to_string().len();
    assert!(before > 200_000 && after < before / 4, "{before} bytes, of which {after} are taken");
}

fn message(more: Value) -> Value {
    let mut event =
        json!({"type": "message", "room": "r", "seq": 1, "at": 1, "by": {"id": 1, "name": "a"}, "text": "t"});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

#[test]
fn everything_that_can_be_large_is_bounded() {
    let long = "é".repeat(300_000);
    let names: Vec<String> = (0..HUGE).map(|n| format!("name{n}")).collect();
    let files: Vec<Value> = (0..HUGE)
        .map(|n| json!({"id": n.to_string(), "name": "f", "size": 1, "media_type": "x", "url": "/files/1"}))
        .collect();
    let reactions: Vec<Value> =
        (0..HUGE).map(|n| json!({"emoji": n.to_string(), "count": u64::MAX, "users": ["a"]})).collect();
    for more in [
        json!({"text": long}),
        json!({"mentions": names}),
        json!({"files": files}),
        json!({"reactions": reactions}),
        json!({"reactions": [{"emoji": "x", "count": 9, "users": names}]}),
        json!({"by": {"id": 1, "name": long}}),
        json!({"nonce": long}),
        json!({"html": long}),
        json!({"files": [{"id": "1", "name": long, "size": 1, "media_type": "x", "url": "/files/1"}]}),
    ] {
        shrinks(&message(more));
    }
    let user = json!({"id": 1, "name": long});
    let room = |n: usize| json!({"name": format!("r{n}"), "kind": "public", "topic": "t", "head": 1, "members": 1, "joined": true, "read": 0, "unread": 0});
    let rooms: Vec<Value> = (0..HUGE).map(room).collect();
    let many: Vec<Value> = (0..HUGE).map(|_| message(json!({}))).collect();
    for frame in [
        json!({"type": "topic", "room": "r", "seq": 1, "at": 1, "by": {"id": 1, "name": "a"}, "topic": long}),
        json!({"type": "edited", "room": "r", "seq": 1, "at": 1, "by": {"id": 1, "name": "a"}, "target": 1, "text": long}),
        json!({"type": "reacted", "room": "r", "seq": 1, "at": 1, "by": {"id": 1, "name": "a"}, "target": 1, "emoji": long}),
        json!({"type": "notice", "code": "x", "text": long}),
        json!({"type": "error", "id": 1, "code": "forbidden", "message": long}),
        json!({"type": "goodbye", "code": "restart", "text": long, "reconnect_after_ms": 1}),
        json!({"type": "typing", "room": "r", "user": user}),
        json!({"type": "rooms", "id": 1, "rooms": rooms}),
        json!({"type": "messages", "id": 1, "room": "r", "messages": many, "more": false}),
        json!({"type": "joined", "id": 1, "room": {"name": "r", "kind": "public", "topic": long, "head": 1}, "online_count": 1}),
        json!({"type": "joined", "id": 1, "room": {"name": "r", "kind": "public", "topic": "", "head": 1}, "online_count": 1, "messages": many}),
    ] {
        shrinks(&frame);
    }
}

#[test]
fn what_is_cut_says_so_at_a_character() {
    let cut = taken(&message(json!({"text": "é".repeat(TEXT_BYTES)}))).unwrap();
    let text = cut["text"].as_str().unwrap();
    assert!(text.ends_with(CUT) && text.starts_with('é') && text.len() <= TEXT_BYTES + CUT.len());
    let whole = message(json!({"text": "é".repeat(TEXT_BYTES / 2)}));
    assert_eq!(taken(&whole).unwrap()["text"], whole["text"]);
}

#[test]
fn a_room_with_an_impossible_name_is_dropped_and_not_renamed() {
    let name = "r".repeat(ROOM_NAME_BYTES + 1);
    assert_eq!(taken(&message(json!({"room": name}))), None);
    assert_eq!(taken(&json!({"type": "read", "room": name, "seq": 1})), None);
    assert_eq!(taken(&json!({"type": "reset", "room": name, "head": 1})), None);
    let joined = json!({"type": "joined", "id": 7, "room": {"name": name, "kind": "public", "topic": "", "head": 1}, "online_count": 1});
    let answer = taken(&joined).unwrap();
    assert_eq!((&answer["type"], &answer["id"]), (&json!("error"), &json!(7)), "whoever asked is answered");
}
