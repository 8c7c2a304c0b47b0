//! A link is judged by the bytes that arrive on it. The test controls the clock.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chat_client::cursors::Cursors;
use chat_client::proto::Command;
use chat_client::transport::{Connect, Link};
use chat_client::{Cause, Client, Endpoint, Options, Update};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// A link whose bytes are counted separately from its frames.
struct Line {
    frames: mpsc::Receiver<String>,
    says: mpsc::Sender<String>,
    bytes: Arc<AtomicU64>,
}

impl Link for Line {
    async fn send(&mut self, text: String) -> Result<(), Cause> {
        self.says.send(text).await.map_err(|_| Cause::Broken)
    }

    async fn next(&mut self) -> Result<Option<String>, Cause> {
        self.frames.recv().await.map(Some).ok_or(Cause::Broken)
    }

    async fn close(&mut self) {}

    fn arrived(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

struct Once(Option<Line>);

impl Connect for Once {
    type Link = Line;

    async fn connect(&mut self) -> Result<Line, Cause> {
        self.0.take().ok_or(Cause::NothingListens)
    }
}

struct Server {
    heard: mpsc::Receiver<String>,
    say: mpsc::Sender<String>,
    bytes: Arc<AtomicU64>,
}

fn start() -> (Client, mpsc::Receiver<Update>, Server) {
    let ((says, heard), (say, frames)) = (mpsc::channel(64), mpsc::channel(64));
    let bytes = Arc::new(AtomicU64::new(0));
    let line = Line { frames, says, bytes: bytes.clone() };
    let options = Options {
        endpoint: Endpoint::parse("http://unused:1").unwrap(),
        name: Some("alice".into()),
        token: None,
        program: "test".into(),
        journal: None,
        journal_at: None,
        waiting: vec![],
        cursors: Cursors::default(),
    };
    let (client, updates) = Client::start_over(Once(Some(line)), options);
    (client, updates, Server { heard, say, bytes })
}

impl Server {
    async fn hears(&mut self) -> Value {
        serde_json::from_str(&self.heard.recv().await.unwrap()).unwrap()
    }

    async fn says(&self, frame: Value) {
        self.bytes.fetch_add(1, Ordering::Relaxed);
        self.say.send(frame.to_string()).await.unwrap();
    }

    /// Bytes of a frame that is not complete yet arrive.
    async fn trickles(&self, seconds: u64) {
        for _ in 0..seconds {
            sleep(Duration::from_secs(1)).await;
            self.bytes.fetch_add(6000, Ordering::Relaxed);
        }
    }

    async fn welcomes(&mut self) {
        let hello = self.hears().await;
        self.welcome(&hello["id"]).await;
    }

    async fn welcome(&self, id: &Value) {
        let limits = chat_client::proto::limits::Limits::default();
        self.says(
            json!({"type": "welcome", "id": id, "protocol": 1, "token": "T", "limits": limits, "rooms": [],
            "user": {"id": 1, "name": "alice", "kind": "guest", "role": "guest"},
            "server": {"name": "s", "version": "0", "default_room": "general", "log": "L"}}),
        )
        .await;
    }
}

/// Returns the next update that fits.
async fn next(updates: &mut mpsc::Receiver<Update>, fits: impl Fn(&Update) -> bool) -> Update {
    loop {
        let update = updates.recv().await.unwrap();
        if fits(&update) {
            return update;
        }
        assert!(!matches!(update, Update::Offline { .. }), "{update:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_on_a_slow_line_is_waited_for_as_long_as_its_bytes_arrive() {
    let (client, mut updates, mut server) = start();
    let hello = server.hears().await;
    // Even the welcome takes its time.
    server.trickles(100).await;
    server.welcome(&hello["id"]).await;
    next(&mut updates, |update| matches!(update, Update::Live(_))).await;
    let asking = tokio::spawn(async move { client.ask(Command::Sessions {}).await });
    let asked = server.hears().await;
    server.trickles(400).await;
    server.says(json!({"type": "sessions", "id": asked["id"], "sessions": []})).await;
    assert!(asking.await.unwrap().is_ok());
    // The connection was not given up, and no delay was reported.
    while let Ok(update) = updates.try_recv() {
        assert!(!matches!(update, Update::Offline { .. } | Update::NoAnswer(_)), "{update:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_swallows_what_is_sent_is_named_after_seven_seconds() {
    let (client, mut updates, mut server) = start();
    server.welcomes().await;
    next(&mut updates, |update| matches!(update, Update::Live(_))).await;
    let began = Instant::now();
    let nonce = client.post("general", "are you there?").await;
    let sent = server.hears().await;
    let named = next(&mut updates, |update| matches!(update, Update::NoAnswer(_))).await;
    assert!(matches!(named, Update::NoAnswer(since) if since == Duration::from_secs(7)));
    assert_eq!(began.elapsed().as_secs(), 7);
    let ping = server.hears().await;
    assert_eq!(ping["type"], "ping");
    server.says(json!({"type": "ok", "id": sent["id"], "seq": 1, "at": 1})).await;
    next(&mut updates, |update| matches!(update, Update::AnswersAgain)).await;
    let stored = next(&mut updates, |update| matches!(update, Update::Sent { .. })).await;
    assert!(matches!(stored, Update::Sent { nonce: stored, .. } if stored == nonce));
    server.says(json!({"type": "pong", "id": ping["id"], "at": 1})).await;
    // Once everything is answered, nothing is reported or asked until the link counts as dead.
    sleep(Duration::from_secs(70)).await;
    assert!(updates.try_recv().is_err() && server.heard.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_line_without_a_byte_is_given_up() {
    let (_client, mut updates, mut server) = start();
    server.welcomes().await;
    next(&mut updates, |update| matches!(update, Update::Live(_))).await;
    let began = Instant::now();
    while !matches!(updates.recv().await.unwrap(), Update::Offline { .. }) {}
    assert_eq!(began.elapsed().as_secs(), 75);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_a_kind_that_is_not_known_yet_keeps_nothing_waiting() {
    let (client, mut updates, mut server) = start();
    server.welcomes().await;
    next(&mut updates, |update| matches!(update, Update::Live(_))).await;
    client.tell(Command::Sessions {}).await;
    let asked = server.hears().await;
    server.says(json!({"type": "from-the-future", "id": asked["id"]})).await;
    client.tell(Command::Ping {}).await;
    let asked = server.hears().await;
    server.says(json!({"type": "pong", "id": asked["id"], "at": 1})).await;
    sleep(Duration::from_secs(70)).await;
    assert!(updates.try_recv().is_err() && server.heard.try_recv().is_err());
}
