//! Events of kinds that only a newer server knows are shown in their place, by the screen and by `tail`.

use chat_proto::event::{Change, Event, MemberChange, What};
use chat_proto::room::RoomKind;
use chat_proto::user::Role;
use chat_proto::{Millis, Seq};
use diesel::prelude::*;
use serde_json::{Value, json};
use testbed::{Server, Terminal};

use crate::person::{MORNING, Person, message, user};
use crate::pipes::{Tail, run, text};

fn newer(seq: u64, kind: &str) -> Event {
    let at = MORNING + i64::try_from(seq).unwrap() * 1000;
    Event {
        room: "general".into(),
        seq: Seq(seq),
        at,
        by: user(2, "bob"),
        what: What::Newer { kind: kind.into() },
    }
}

#[test]
fn an_event_of_a_newer_kind_is_a_dim_line_in_its_place() {
    let mut person = Person::live(80, 14, &["one", "two"]);
    person.hears(newer(3, "poll"));
    person.hears(newer(4, "ev\u{1b}[2Jil\u{202e}"));
    // An event without a time has no day of its own.
    person.hears(Event { at: Millis(0), ..newer(5, "silent") });
    person.hears(message("general", 6, user(2, "bob"), "three"));
    let screen = person.screen();
    let lines: Vec<&str> = screen.lines().filter(|line| line.contains("a newer kind of event")).collect();
    assert!(lines[0].contains("a newer kind of event (poll)"), "{screen}");
    assert!(
        lines[1].contains("il)") && !lines[1].contains('\u{1b}') && !lines[1].contains('\u{202e}'),
        "{screen}"
    );
    assert!(lines[2].contains("(silent)") && !screen.contains("1970"), "{screen}");
    assert_eq!(person.model.rooms["general"].head, Seq(6));
    assert_eq!(person.model.rooms["general"].timeline.last_seq(), Seq(6));
}

#[test]
fn unknown_values_are_shown_as_their_text() {
    let mut person = Person::live(100, 14, &["one"]);
    let change = MemberChange {
        user: user(3, "carol"),
        change: Change::from("knighted"),
        reason: None,
        until: None,
        role: None,
        everywhere: false,
    };
    person.hears(Event { what: What::Member(change.clone()), ..newer(2, "") });
    let role = MemberChange { change: Change::Role, role: Some(Role::from("herald")), ..change };
    person.hears(Event { what: What::Member(role), ..newer(3, "") });
    person.model.rooms.get_mut("general").unwrap().kind = RoomKind::from("broad\u{1b}cast");
    let screen = person.screen();
    assert!(screen.contains("bob: knighted carol"), "{screen}");
    assert!(screen.contains("bob made carol a herald"), "{screen}");
    assert!(screen.contains("#general (broad") && !screen.contains('\u{1b}'), "{screen}");
}

/// Inserts rows into the log of a stopped server.
fn insert(dir: &std::path::Path, sql: &str) {
    let path = dir.join("chat.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::connection::SimpleConnection::batch_execute(&mut conn, sql).unwrap();
}

#[tokio::test]
async fn rows_of_a_newer_server_are_passed_on_to_tail_and_to_the_screen() {
    let server = Server::start().await;
    run(server.args("bard"), &["send", "before"], "").await;
    let mut tail = Tail::start(&server.args("reader"), &["tail", "--json", "--follow"]);
    let mut plain = Tail::start(&server.args("other"), &["tail", "--follow"]);
    let alice = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &server.args("alice"));
    alice.shows("before").await;
    assert_eq!(tail.json().await["text"], "before");
    assert!(plain.line().await.ends_with("bard: before"));
    let (address, dir) = server.stop().await;
    insert(
        dir.path(),
        "INSERT INTO events (room_id, seq, at, by_user, kind, text, detail, target)
             SELECT room_id, 2, at + 1, by_user, 'poll', 'tea?', '{\"choices\":[1]}', 1 FROM events WHERE seq = 1;
         INSERT INTO events (room_id, seq, at, by_user, kind, detail)
             SELECT room_id, 3, at + 2, by_user, 'member', '{\"user\":' || by_user || ',\"change\":\"knighted\",\"role\":\"herald\"}' FROM events WHERE seq = 1;
         INSERT INTO events (room_id, seq, at, by_user, kind, detail)
             SELECT room_id, 4, at + 3, by_user, 'member', '{\"of\":7}' FROM events WHERE seq = 1;",
    );
    let server = Server::on(address, dir, |_| {}).await;
    run(server.args("bard"), &["send", "after"], "").await;
    let poll = tail.json().await;
    let by = poll["by"].clone();
    assert_eq!(by["name"], "bard");
    assert_eq!(poll, json!({"type": "poll", "room": "general", "seq": 2, "at": poll["at"], "by": by}));
    let change = tail.json().await;
    assert_eq!((&change["change"], &change["role"]), (&json!("knighted"), &json!("herald")));
    assert_eq!(tail.json().await["type"], "member");
    assert_eq!(tail.json().await["text"], "after");
    assert!(plain.line().await.ends_with(" * a newer kind of event (poll)"));
    assert!(plain.line().await.ends_with(" * bard: knighted bard"));
    assert!(plain.line().await.ends_with(" * a newer kind of event (member)"));
    assert!(plain.line().await.ends_with("bard: after"));
    alice.shows("a newer kind of event (poll)").await;
    alice.shows("after").await;
    let found = run(server.args("reader"), &["tail", "--json"], "").await;
    let texts: Vec<Value> = text(&found.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(texts.len(), 2, "history has the messages around them");
}
