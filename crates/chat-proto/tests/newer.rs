//! Kinds of events and values that only a newer server knows fail nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use chat_proto::event::Change;
use chat_proto::room::{Mine, Notify, RoomKind};
use chat_proto::signal::GoodbyeCode;
use chat_proto::user::{Role, User, UserKind};
use chat_proto::{
    ClientFrame, ErrorCode, Event, Millis, Reply, Seq, ServerFrame, Signal, UserId, What, Word,
};
use serde_json::{Value, json};

fn decode(frame: &Value) -> Option<ServerFrame> {
    ServerFrame::decode(&frame.to_string()).unwrap_or_else(|why| panic!("{why}: {frame}"))
}

fn event(frame: &Value) -> Event {
    match decode(frame) {
        Some(ServerFrame::Event(event)) => event,
        other => panic!("{frame} is read as {other:?}"),
    }
}

fn newer(kind: &str) -> What {
    What::Newer { kind: kind.to_owned() }
}

#[test]
fn an_unknown_kind_keeps_its_place_and_its_name() {
    let frame = json!({"type": "poll", "room": "dev", "seq": 7, "at": 5, "by": {"id": 1, "name": "bob"}, "ask": ["a"]});
    let read = event(&frame);
    let by = User { id: UserId(1), name: "bob".into() };
    assert_eq!(read, Event { room: "dev".into(), seq: Seq(7), at: Millis(5), by, what: newer("poll") });
    // It is passed on with the fields that every event has.
    let written: Value = serde_json::from_str(&ServerFrame::Event(read).encode()).unwrap();
    assert_eq!(
        written,
        json!({"type": "poll", "room": "dev", "seq": 7, "at": 5, "by": {"id": 1, "name": "bob"}})
    );
}

#[test]
fn a_missing_or_odd_time_or_author_fails_nothing() {
    for (at, by) in [(json!("noon"), json!(3)), (json!(null), json!({"id": "x"})), (json!(1.5), json!([]))] {
        let read = event(&json!({"type": "poll", "room": "dev", "seq": 7, "at": at, "by": by}));
        assert_eq!((read.seq, read.at, read.by), (Seq(7), Millis(0), User::default()));
    }
    let read = event(&json!({"type": "poll", "room": "dev", "seq": 7}));
    assert_eq!(ServerFrame::Event(read).encode(), r#"{"type":"poll","room":"dev","seq":7}"#);
}

#[test]
fn a_known_kind_with_unreadable_fields_counts_as_a_newer_one() {
    for (kind, fields) in [
        ("message", json!({"text": 7})),
        ("message", json!({"files": [{"id": 1}]})),
        ("topic", json!({})),
        ("member", json!({"user": "bob", "change": "joined"})),
        ("reacted", json!({"target": -1, "emoji": "x"})),
        ("deleted", json!({"target": null})),
    ] {
        let mut frame =
            json!({"type": kind, "room": "dev", "seq": 7, "at": 5, "by": {"id": 1, "name": "bob"}});
        frame.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(event(&frame).what, newer(kind), "{frame}");
    }
    // Even if the unreadable field is nested deeply.
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let frame = format!(r#"{{"type":"message","room":"dev","seq":7,"at":5,"text":{deep}}}"#);
    assert!(
        matches!(ServerFrame::decode(&frame), Ok(Some(ServerFrame::Event(event))) if event.seq == Seq(7))
    );
}

#[test]
fn what_is_no_event_stays_none() {
    for frame in [
        json!({"type": "weather"}),
        json!({"type": "weather", "room": "dev"}),
        json!({"type": "weather", "room": 7, "seq": 7}),
        json!({"type": "weather", "room": "dev", "seq": "7"}),
        json!({"type": "weather", "room": "dev", "seq": -7}),
        // A reply, and signals that have a room and a seq.
        json!({"type": "scheduled", "room": "dev", "seq": 7, "id": 3}),
        json!({"type": "alert", "room": "dev", "seq": 7, "word": "deploy", "alerts": 1}),
        // Signals that cannot be read.
        json!({"type": "presence", "room": "dev", "online": "many"}),
        json!({"type": "typing", "room": "dev", "user": null}),
    ] {
        assert_eq!(decode(&frame), None, "{frame}");
    }
}

#[test]
fn one_bad_entry_never_fails_a_page() {
    let message = json!({"type": "message", "room": "dev", "seq": 1, "at": 5, "by": {"id": 1, "name": "bob"}, "text": "hi"});
    let entries = json!([message, {"type": "poll", "room": "dev", "seq": 2}, {"type": "message", "room": "dev", "seq": 3, "text": []}, 7, {"type": "x"}]);
    let whats = |events: Vec<Event>| -> Vec<What> { events.into_iter().map(|event| event.what).collect() };
    let told = |events: Vec<Event>| {
        let what = whats(events);
        assert!(matches!(&what[0], What::Message(message) if message.text == "hi"));
        assert_eq!(what[1..], [newer("poll"), newer("message")]);
    };
    let reply = |frame: &Value| match decode(frame) {
        Some(ServerFrame::Reply { reply, .. }) => reply,
        other => panic!("{other:?}"),
    };
    let page = json!({"type": "messages", "id": 1, "room": "dev", "messages": entries, "more": false});
    let Reply::Messages { messages, .. } = reply(&page) else { panic!("no messages") };
    told(messages);
    let found = json!({"type": "results", "id": 1, "messages": entries, "more": false});
    let Reply::Results { messages, .. } = reply(&found) else { panic!("no results") };
    told(messages.into_iter().map(|found| found.event).collect());
    for list in ["events", "messages"] {
        let room = json!({"name": "dev", "kind": "public", "topic": "", "head": 3});
        let joined = json!({"type": "joined", "id": 1, "room": room, "online_count": 1, list: entries});
        let Reply::Joined(joined) = reply(&joined) else { panic!("not joined") };
        told(joined.events.or(joined.messages).unwrap());
    }
}

#[test]
fn unknown_values_are_kept_as_their_text() {
    let room = json!({"name": "dev", "kind": "broadcast", "topic": "", "head": 3, "members": 1, "joined": true, "read": 0, "unread": 0, "notify": "weekly", "role": "speaker"});
    let mut welcome: Value = example("welcome");
    welcome["rooms"] = json!([room]);
    welcome["user"]["kind"] = json!("agent");
    welcome["user"]["role"] = json!("auditor");
    welcome["server"]["features"] = json!(["threads"]);
    let Some(ServerFrame::Reply { reply: Reply::Welcome(read), .. }) = decode(&welcome) else {
        panic!("no welcome")
    };
    let other = |text| Word::new(text);
    assert_eq!(
        (read.user.kind, read.user.role),
        (UserKind::Other(other("agent")), Role::Other(other("auditor")))
    );
    let [summary] = &read.rooms[..] else { panic!("one room") };
    assert_eq!(
        (summary.kind, summary.notify),
        (RoomKind::Other(other("broadcast")), Notify::Other(other("weekly")))
    );
    assert_eq!(summary.mine, Mine { role: Some(Role::Other(other("speaker"))), ..Mine::default() });
    assert_eq!(read.server.features, ["threads"]);
    let written: Value = serde_json::from_str(&decode(&welcome).unwrap().encode()).unwrap();
    assert_eq!(written["rooms"][0]["kind"], "broadcast");

    let member = json!({"type": "member", "room": "dev", "seq": 1, "at": 1, "by": {"id": 1, "name": "bob"}, "user": {"id": 2, "name": "carol"}, "change": "knighted", "role": "knight"});
    let What::Member(change) = event(&member).what else { panic!("no change") };
    assert_eq!(
        (change.change, change.role),
        (Change::Other(other("knighted")), Some(Role::Other(other("knight"))))
    );
    assert!(!change.change.ends_membership());

    let error = json!({"type": "error", "id": 1, "code": "too_hot", "message": "It is too hot."});
    let Some(ServerFrame::Reply { reply: Reply::Error(failure), .. }) = decode(&error) else {
        panic!("no error")
    };
    assert_eq!(failure.code, ErrorCode::Other(other("too_hot")));
    assert!(!failure.code.is_temporary());

    let goodbye = json!({"type": "goodbye", "code": "moved", "text": "Elsewhere.", "reconnect_after_ms": 5});
    let Some(ServerFrame::Signal(Signal::Goodbye { code, .. })) = decode(&goodbye) else {
        panic!("no goodbye")
    };
    assert_eq!(code, GoodbyeCode::Other(other("moved")));
}

#[test]
fn a_server_of_the_first_version_has_no_features() {
    let mut welcome = example("welcome");
    welcome["server"].as_object_mut().unwrap().remove("features");
    let Some(ServerFrame::Reply { reply: Reply::Welcome(read), .. }) = decode(&welcome) else {
        panic!("no welcome")
    };
    assert!(read.server.features.is_empty());
}

#[test]
fn a_command_with_an_unknown_value_is_refused() {
    for json in [
        r#"{"type":"role","id":3,"user":"bob","room":"dev","role":"emperor"}"#,
        r#"{"type":"role","id":3,"user":"bob","role":7}"#,
        r#"{"type":"notify","id":3,"room":"dev","level":"weekly"}"#,
    ] {
        let refused = ClientFrame::decode(json).unwrap_err();
        assert_eq!((refused.id, refused.refusal.code), (Some(3), ErrorCode::BadRequest), "{json}");
    }
}

/// Whatever a kind or a value is replaced by, the frame can be read.
#[test]
fn no_unknown_kind_or_value_fails_a_frame() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2_000 {
        let kind = format!("{}x", chance.text());
        let room = json!({"name": "dev", "kind": chance.value(), "topic": "", "head": 3, "members": 1, "joined": true, "read": 0, "unread": 0, "notify": chance.value(), "role": chance.value()});
        let user = json!({"id": 2, "name": "carol"});
        let odd = json!({"type": kind, "room": "dev", "seq": 3, "at": chance.value(), "by": chance.value(), kind.clone(): chance.value()});
        let mut member = json!({"type": "member", "room": "dev", "seq": 4, "at": 1, "by": user, "user": user, "change": chance.value(), "role": chance.value()});
        let name = chance.text();
        member[name] = chance.value();
        let mut welcome = example("welcome");
        welcome["user"]["kind"] = chance.value();
        welcome["user"]["role"] = chance.value();
        welcome["rooms"] = json!([room]);
        let members = json!([{"user": user, "role": chance.value(), "online": true}]);
        for frame in [
            welcome,
            json!({"type": "rooms", "id": 1, "rooms": [room]}),
            json!({"type": "joined", "id": 1, "room": room, "online_count": 1, "events": [odd, member, chance.value()]}),
            json!({"type": "messages", "id": 1, "room": "dev", "messages": [odd, member, chance.value()], "more": false}),
            json!({"type": "results", "id": 1, "messages": [odd, chance.value()], "more": false}),
            json!({"type": "members", "id": 1, "room": "dev", "members": members}),
            json!({"type": "error", "id": 1, "code": chance.value(), "message": "No."}),
            json!({"type": "goodbye", "code": chance.value(), "text": "", "reconnect_after_ms": null}),
        ] {
            assert!(decode(&frame).is_some(), "{frame}");
        }
        assert_eq!(event(&odd).seq, Seq(3));
        assert_eq!(event(&member).seq, Seq(4));
    }
}

/// Returns the first example of a frame in `docs/PROTOCOL.md`.
fn example(kind: &str) -> Value {
    let page = include_str!("../../../docs/PROTOCOL.md");
    let examples = page.split("```json\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut values = examples.filter_map(|json| serde_json::from_str::<Value>(json).ok());
    values.find(|value| value["type"] == kind).unwrap()
}

/// Pseudo-random values from a fixed seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn text(&mut self) -> String {
        let signs: Vec<char> = "abc_- \"\\\n\u{1b}\u{202e}é🎉\u{0}".chars().collect();
        (0..self.below(60)).map(|_| signs[usize::try_from(self.below(signs.len() as u64)).unwrap()]).collect()
    }

    fn value(&mut self) -> Value {
        match self.below(8) {
            0 => json!(null),
            1 => json!(self.below(2) == 0),
            2 => json!(self.0),
            3 => json!(-1.5e300),
            4 => json!([self.text(), {"a": self.text()}]),
            5 => json!({self.text(): self.text(), "type": 7}),
            _ => json!(self.text()),
        }
    }
}
