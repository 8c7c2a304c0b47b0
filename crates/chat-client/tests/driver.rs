//! The driver over a transport in memory with a clock that the test controls: breaks, gaps, repeats, lost
//! acknowledgements, waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use chat_client::cursors::Cursors;
use chat_client::proto::{Command, Event, Millis, Reply, Seq, ServerFrame, Signal, Token};
use chat_client::transport::{Connect, Link};
use chat_client::{AskError, Cause, Client, Endpoint, Options, Update};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// One connection, as the scripted server sees it.
struct Server {
    heard: mpsc::Receiver<String>,
    say: mpsc::Sender<String>,
}

struct Pipe {
    heard: mpsc::Receiver<String>,
    say: mpsc::Sender<String>,
}

impl Link for Pipe {
    async fn send(&mut self, text: String) -> Result<(), Cause> {
        self.say.send(text).await.map_err(|_| Cause::Broken)
    }

    async fn next(&mut self) -> Result<Option<String>, Cause> {
        self.heard.recv().await.map(Some).ok_or(Cause::Broken)
    }

    async fn close(&mut self) {}
}

struct Pipes(mpsc::Sender<Server>);

impl Connect for Pipes {
    type Link = Pipe;

    async fn connect(&mut self) -> Result<Pipe, Cause> {
        let (say, to_server) = mpsc::channel(64);
        let (from_server, heard) = mpsc::channel(64);
        let server = Server { heard: to_server, say: from_server };
        self.0.send(server).await.map_err(|_| Cause::NothingListens)?;
        Ok(Pipe { heard, say })
    }
}

fn start(
    name: Option<&str>,
    token: Option<&str>,
) -> (Client, mpsc::Receiver<Update>, mpsc::Receiver<Server>) {
    let (pipes, servers) = mpsc::channel(1);
    let options = Options {
        endpoint: Endpoint::parse("http://unused:1").unwrap(),
        name: name.map(str::to_owned),
        token: token.map(|token| Token::new(token.to_owned())),
        program: "test".to_owned(),
        journal: None,
        journal_at: None,
        waiting: Vec::new(),
        cursors: Cursors::default(),
    };
    let (client, updates) = Client::start_over(Pipes(pipes), options);
    (client, updates, servers)
}

impl Server {
    async fn hears(&mut self) -> Value {
        let text = timeout(Duration::from_secs(600), self.heard.recv()).await.unwrap().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    async fn says(&self, frame: Value) {
        self.say.send(frame.to_string()).await.unwrap();
    }

    /// Receives `hello` and answers with a welcome to `general` at `head`. Returns the `hello`.
    async fn welcomes(&mut self, head: u64) -> Value {
        self.welcomes_to("L", head).await
    }

    /// Like `welcomes`, in that epoch.
    async fn welcomes_to(&mut self, log: &str, head: u64) -> Value {
        let hello = self.hears().await;
        let room = json!({"name": "general", "kind": "public", "topic": "", "head": head, "members": 1, "joined": true, "read": 0, "unread": 0});
        self.says(json!({
            "type": "welcome", "id": hello["id"], "protocol": 1, "token": "T",
            "user": {"id": 1, "name": "alice", "kind": "guest", "role": "guest"},
            "server": {"name": "s", "version": "0", "default_room": "general", "log": log},
            "limits": serde_json::to_value(chat_client::proto::limits::Limits::default()).unwrap(),
            "rooms": [room],
        }))
        .await;
        hello
    }

    async fn event(&self, seq: u64) {
        self.says(json!({"type": "message", "room": "general", "seq": seq, "at": seq, "by": {"id": 2, "name": "bob"}, "text": seq.to_string()})).await;
    }
}

/// Returns the next update, apart from those about connecting.
async fn next(updates: &mut mpsc::Receiver<Update>) -> Update {
    loop {
        let update = timeout(Duration::from_secs(600), updates.recv()).await.unwrap().unwrap();
        if !matches!(update, Update::Connecting | Update::Live(_) | Update::NewUser | Update::Settled) {
            return update;
        }
    }
}

async fn next_seq(updates: &mut mpsc::Receiver<Update>) -> u64 {
    match next(updates).await {
        Update::Event(event) => event.seq.0,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_newer_kind_of_event_is_no_hole_and_breaks_nothing() {
    let (_client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(10).await;
    server.event(11).await;
    server.says(json!({"type": "poll", "room": "general", "seq": 12, "at": 12, "by": {"id": 2, "name": "bob"}, "ask": []})).await;
    server.says(json!({"type": "poll", "room": "general", "seq": 13})).await;
    server.says(json!({"type": "message", "room": "general", "seq": 14, "at": 14, "by": {"id": 2, "name": "bob"}, "text": {"en": "hi"}})).await;
    server.says(json!({"type": "weather", "room": "general", "sky": "grey"})).await;
    server.says(json!({"type": "alert", "room": "general", "seq": 15, "word": "x", "alerts": 1})).await;
    server.event(15).await;
    for seq in 11..=15 {
        assert_eq!(next_seq(&mut updates).await, seq);
    }
    drop(server);
    let mut server = servers.recv().await.unwrap();
    assert_eq!(server.welcomes(15).await["resume"], json!({"general": 15}));
}

#[tokio::test(start_paused = true)]
async fn after_a_break_it_resumes_from_its_cursor_and_shows_nothing_twice() {
    let (_client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    let hello = server.welcomes(10).await;
    assert_eq!((&hello["name"], &hello["resume"]), (&json!("alice"), &Value::Null));
    for seq in [11, 11, 12, 9] {
        server.event(seq).await;
    }
    assert_eq!((next_seq(&mut updates).await, next_seq(&mut updates).await), (11, 12));
    drop(server);
    assert!(matches!(next(&mut updates).await, Update::Offline { retry_in: Some(_), .. }));
    let mut server = servers.recv().await.unwrap();
    let hello = server.welcomes(14).await;
    assert_eq!((&hello["token"], &hello["name"]), (&json!("T"), &Value::Null));
    assert_eq!((&hello["resume"], &hello["log"]), (&json!({"general": 12}), &json!("L")));
    for seq in 13..=15 {
        server.event(seq).await;
        assert_eq!(next_seq(&mut updates).await, seq);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hole_is_never_passed_over_but_asked_for() {
    let (_client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(10).await;
    server.event(11).await;
    server.event(13).await;
    assert_eq!(next_seq(&mut updates).await, 11);
    assert!(matches!(next(&mut updates).await, Update::Offline { .. }));
    let mut server = servers.recv().await.unwrap();
    assert_eq!(server.welcomes(13).await["resume"], json!({"general": 11}));
    server.event(12).await;
    server.event(13).await;
    assert_eq!((next_seq(&mut updates).await, next_seq(&mut updates).await), (12, 13));
}

#[tokio::test(start_paused = true)]
async fn a_reset_moves_the_cursor_and_is_told() {
    let (_client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(10).await;
    server.says(json!({"type": "reset", "room": "general", "head": 5000})).await;
    server.event(5001).await;
    assert!(matches!(next(&mut updates).await, Update::Signal(Signal::Reset { head: Seq(5000), .. })));
    assert_eq!(next_seq(&mut updates).await, 5001);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_sent_until_it_is_acknowledged_under_one_nonce_and_in_order() {
    let (client, mut updates, mut servers) = start(Some("alice"), None);
    let first = client.post("general", "one").await;
    let second = client.post("general", "two").await;
    let mut server = servers.recv().await.unwrap();
    server.welcomes(0).await;
    assert_eq!(server.hears().await["nonce"], first.as_str());
    // The acknowledgement is lost with the connection.
    drop(server);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(0).await;
    let again = server.hears().await;
    assert_eq!((&again["nonce"], &again["text"]), (&json!(first), &json!("one")));
    server.says(json!({"type": "error", "id": again["id"], "code": "rate_limited", "message": "Wait.", "retry_after_ms": 5000})).await;
    let waited = tokio::time::Instant::now();
    let third = server.hears().await;
    assert_eq!(third["nonce"], first.as_str(), "the second does not overtake it");
    assert!(waited.elapsed() >= Duration::from_secs(5));
    server.says(json!({"type": "ok", "id": third["id"], "room": "general", "seq": 1, "at": 5})).await;
    let last = server.hears().await;
    assert_eq!(last["nonce"], second.as_str());
    server.says(json!({"type": "error", "id": last["id"], "code": "too_long", "message": "Too long."})).await;
    let mut outcomes = Vec::new();
    while outcomes.len() < 2 {
        match next(&mut updates).await {
            Update::Sent { nonce, seq, .. } => outcomes.push((nonce, Ok(seq))),
            Update::Failed { entry, failure } => outcomes.push((entry.nonce, Err(failure.message))),
            _ => {}
        }
    }
    assert_eq!(outcomes, [(first, Ok(Seq(1))), (second, Err("Too long.".to_owned()))]);
}

#[tokio::test(start_paused = true)]
async fn a_taken_name_waits_for_another() {
    let (client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    let hello = server.hears().await;
    server.says(json!({"type": "error", "id": hello["id"], "code": "name_taken", "message": "Taken."})).await;
    assert!(matches!(next(&mut updates).await, Update::NameRefused(failure) if failure.message == "Taken."));
    client.rename("alice2").await;
    let mut server = servers.recv().await.unwrap();
    assert_eq!(server.hears().await["name"], "alice2");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_known_falls_back_to_the_name() {
    let (_client, _updates, mut servers) = start(Some("alice"), Some("old"));
    let mut server = servers.recv().await.unwrap();
    let hello = server.hears().await;
    assert_eq!((&hello["token"], &hello["name"]), (&json!("old"), &Value::Null));
    server
        .says(json!({"type": "error", "id": hello["id"], "code": "unauthorized", "message": "Unknown."}))
        .await;
    let hello = server.hears().await;
    assert_eq!((&hello["token"], &hello["name"]), (&Value::Null, &json!("alice")));
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_says_when_to_come_back_or_never() {
    let (client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(0).await;
    server
        .says(
            json!({"type": "goodbye", "code": "restart", "text": "Restarting.", "reconnect_after_ms": 3000}),
        )
        .await;
    drop(server);
    let offline = async |updates: &mut mpsc::Receiver<Update>| loop {
        if let Update::Offline { reason, retry_in } = next(updates).await {
            return (reason, retry_in);
        }
    };
    let (reason, retry_in) = offline(&mut updates).await;
    assert_eq!(reason, "Restarting.");
    assert!((Duration::from_secs(3)..=Duration::from_secs(4)).contains(&retry_in.unwrap()));
    let mut server = servers.recv().await.unwrap();
    server.welcomes(0).await;
    server
        .says(json!({"type": "goodbye", "code": "banned", "text": "Banned.", "reconnect_after_ms": null}))
        .await;
    drop(server);
    assert_eq!(offline(&mut updates).await, ("Banned.".to_owned(), None));
    assert!(
        timeout(Duration::from_secs(3600), servers.recv()).await.is_err(),
        "it does not come back by itself"
    );
    client.reconnect().await;
    servers.recv().await.unwrap().welcomes(0).await;
}

#[tokio::test(start_paused = true)]
async fn questions_are_answered_or_told_that_there_is_no_connection() {
    let (client, _updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(0).await;
    let asking = tokio::spawn({
        let client = client.clone();
        async move { (client.ask(Command::Ping {}).await, client.ask(Command::Ping {}).await) }
    });
    let ping = server.hears().await;
    server.says(json!({"type": "pong", "id": ping["id"], "at": 7})).await;
    server.hears().await;
    drop(server);
    assert_eq!(asking.await.unwrap(), (Ok(Reply::Pong { at: Millis(7) }), Err(AskError::Offline)));
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_left() {
    let (_client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(0).await;
    let silent = tokio::time::Instant::now();
    assert!(matches!(next(&mut updates).await, Update::Offline { .. }));
    assert!(silent.elapsed() >= Duration::from_secs(75));
}

#[test]
fn frames_of_this_test_are_the_protocol_s() {
    let json = r#"{"type":"message","room":"r","seq":1,"at":1,"by":{"id":2,"name":"b"},"text":"t"}"#;
    assert!(matches!(ServerFrame::decode(json), Ok(Some(ServerFrame::Event(Event { seq: Seq(1), .. })))));
}

#[tokio::test(start_paused = true)]
async fn a_message_for_a_room_that_one_is_not_in_enters_it_once() {
    let (client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(10).await;
    for (room, is_open) in [("dev", true), ("ops", false)] {
        client.post(room, "hi").await;
        let send = server.hears().await;
        let not_joined =
            |id: &Value| json!({"type": "error", "id": id, "code": "not_joined", "message": "Join it."});
        server.says(not_joined(&send["id"])).await;
        let join = server.hears().await;
        assert_eq!((&join["type"], &join["room"]), (&json!("join"), &json!(room)));
        if is_open {
            let room = json!({"name": room, "kind": "public", "topic": "", "head": 3});
            server.says(json!({"type": "joined", "id": join["id"], "room": room, "online_count": 1, "messages": []})).await;
            assert!(
                matches!(next(&mut updates).await, Update::Rejoined(joined) if joined.room.head == Seq(3))
            );
            let again = server.hears().await;
            assert_eq!((&again["type"], &again["nonce"]), (&send["type"], &send["nonce"]));
            server.says(json!({"type": "ok", "id": again["id"], "room": "dev", "seq": 4, "at": 4})).await;
            assert!(matches!(next(&mut updates).await, Update::Sent { seq: Seq(4), .. }));
        } else {
            server
                .says(json!({"type": "error", "id": join["id"], "code": "no_such_room", "message": "No."}))
                .await;
            assert!(
                matches!(next(&mut updates).await, Update::Failed { failure, .. } if failure.message == "No.")
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_another_log_it_keeps_its_cursors_and_takes_what_the_server_says_of_each() {
    let (_client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(10).await;
    server.event(11).await;
    assert_eq!(next_seq(&mut updates).await, 11);
    drop(server);
    // The history forked after the cursor: new events there are replayed.
    let mut server = servers.recv().await.unwrap();
    let hello = server.welcomes_to("M", 12).await;
    assert_eq!((&hello["log"], &hello["resume"]), (&json!("L"), &json!({"general": 11})));
    server.event(12).await;
    assert!(matches!(next(&mut updates).await, Update::Offline { .. }));
    assert_eq!(next_seq(&mut updates).await, 12);
    // It broke before everything arrived: the cursors still count as the former epoch's.
    drop(server);
    let mut server = servers.recv().await.unwrap();
    assert_eq!(server.welcomes_to("M", 12).await["log"], "L");
    let ping = server.hears().await;
    assert_eq!(ping["type"], "ping");
    server.says(json!({"type": "pong", "id": ping["id"], "at": 1})).await;
    server.event(13).await;
    assert!(matches!(next(&mut updates).await, Update::Offline { .. }));
    assert_eq!(next_seq(&mut updates).await, 13);
    drop(server);
    // The history forked before the cursor: a reset lowers it.
    let mut server = servers.recv().await.unwrap();
    assert_eq!(server.welcomes_to("N", 5).await["log"], "M");
    server.says(json!({"type": "reset", "room": "general", "head": 5})).await;
    server.event(6).await;
    assert!(matches!(next(&mut updates).await, Update::Offline { .. }));
    assert!(matches!(next(&mut updates).await, Update::Signal(Signal::Reset { head: Seq(5), .. })));
    assert_eq!(next_seq(&mut updates).await, 6);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_as_someone_else_is_told() {
    let (_client, mut updates, mut servers) = start(Some("alice"), None);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(10).await;
    drop(server);
    let mut server = servers.recv().await.unwrap();
    let hello = server.hears().await;
    assert_eq!(hello["token"], "T");
    server.says(json!({"type": "error", "id": hello["id"], "code": "unauthorized", "message": "No."})).await;
    let hello = server.welcomes(20).await;
    assert_eq!((&hello["name"], &hello["resume"]), (&json!("alice"), &Value::Null));
    let mut told = Vec::new();
    while told.len() < 5 {
        told.push(match timeout(Duration::from_secs(600), updates.recv()).await.unwrap().unwrap() {
            Update::Connecting => "connecting",
            Update::Live(_) => "live",
            Update::NewUser => "new user",
            Update::Offline { .. } => "offline",
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(told, ["connecting", "live", "offline", "connecting", "new user"]);
}

#[tokio::test(start_paused = true)]
async fn a_kept_cursor_is_where_it_goes_on() {
    let (pipes, mut servers) = mpsc::channel(1);
    let options = Options {
        endpoint: Endpoint::parse("http://unused:1").unwrap(),
        name: Some("alice".to_owned()),
        token: Some(Token::new("T".to_owned())),
        program: "test".to_owned(),
        journal: None,
        journal_at: None,
        waiting: Vec::new(),
        cursors: Cursors::at("L".into(), "general".into(), Seq(7)),
    };
    let (_client, mut updates) = Client::start_over(Pipes(pipes), options);
    let mut server = servers.recv().await.unwrap();
    let hello = server.welcomes(9).await;
    assert_eq!((&hello["log"], &hello["resume"]), (&json!("L"), &json!({"general": 7})));
    server.event(8).await;
    assert_eq!(next_seq(&mut updates).await, 8);
}

#[tokio::test]
async fn a_journal_that_could_not_be_made_is_made_as_soon_as_it_can_be() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("full").join("alice.outbox");
    let (pipes, mut servers) = mpsc::channel(1);
    let options = Options {
        endpoint: Endpoint::parse("http://unused:1").unwrap(),
        name: Some("alice".to_owned()),
        token: None,
        program: "test".to_owned(),
        journal: None,
        journal_at: Some(base.clone()),
        waiting: Vec::new(),
        cursors: Cursors::default(),
    };
    let (client, mut updates) = Client::start_over(Pipes(pipes), options);
    let mut server = servers.recv().await.unwrap();
    server.welcomes(10).await;
    let first = client.post("general", "one").await;
    let second = client.post("general", "two").await;
    // Acknowledged while there is no journal.
    let send = server.hears().await;
    server.says(json!({"type": "ok", "id": send["id"], "room": "general", "seq": 11, "at": 11})).await;
    assert!(matches!(next(&mut updates).await, Update::Sent { nonce, .. } if nonce == first));
    std::fs::create_dir(base.parent().unwrap()).unwrap();
    // As an earlier run left it.
    let line = format!("{{\"nonce\":\"{first}\",\"room\":\"general\",\"text\":\"one\"}}\n");
    std::fs::write(&base, line).unwrap();
    let third = client.post("general", "three").await;
    for expected in [&second, &third] {
        assert!(matches!(next(&mut updates).await, Update::Kept { nonce } if nonce == *expected));
    }
    assert!(matches!(next(&mut updates).await, Update::JournalBack));
    client.stop().await;
    let left = chat_client::Journal::open(&base).waiting;
    assert_eq!(left.iter().map(|entry| &entry.nonce).collect::<Vec<_>>(), [&second, &third]);
}
