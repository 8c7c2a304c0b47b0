//! A server that lost a part of itself ends with an error instead of letting everyone wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chat_server::clock::Clock;
use chat_server::{Config, Server as Running};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{PATIENCE, Peer, get};

/// How long the end may take.
const SOON: Duration = Duration::from_secs(1);

/// A clock that panics while `armed`, in the threads or tasks for which `is_it` is true.
fn trap(armed: &Arc<AtomicBool>, is_it: impl Fn() -> bool + Send + Sync + 'static) -> Clock {
    let armed = armed.clone();
    Clock::new(move || {
        assert!(!(armed.load(Ordering::SeqCst) && is_it()), "a test makes this part fail");
        1_800_000_000_000
    })
}

fn is_writer() -> bool {
    std::thread::current().name() == Some("writer")
}

#[tokio::test]
async fn a_panic_in_the_writer_ends_the_server_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let armed = Arc::new(AtomicBool::new(false));
    let mut config = Config::new(dir.path().to_owned());
    config.clock = trap(&armed, is_writer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Running::start(config, listener).await.unwrap();
    let running = tokio::spawn(server.run(std::future::pending()));
    let mut alice = Peer::connect(address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    armed.store(true, Ordering::SeqCst);
    let ready = tokio::spawn(async move { get(address, "/readyz", "").await });
    let said = tokio::time::timeout(SOON, alice.try_say("general", "hello"));
    let ended = tokio::time::timeout(SOON, running).await.expect("it ends").unwrap();
    assert!(ended.unwrap_err().to_string().contains("writer"));
    assert_eq!(said.await.expect("nobody waits for ever"), None);
    // Its connection got no answer, or the answer that nothing can be committed.
    let ready = tokio::time::timeout(SOON, ready).await.expect("nobody waits for ever");
    assert!(ready.is_err() || !ready.unwrap().contains("200 OK"));
}

#[tokio::test]
async fn a_panic_in_the_janitor_ends_the_server_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let armed = Arc::new(AtomicBool::new(false));
    let mut config = Config::new(dir.path().to_owned());
    config.tidy_every = Duration::from_millis(20);
    // Nobody is connected, so only the janitor and the writer read the time.
    config.clock = trap(&armed, || !is_writer());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Running::start(config, listener).await.unwrap();
    let running = tokio::spawn(server.run(std::future::pending()));
    armed.store(true, Ordering::SeqCst);
    let ended = tokio::time::timeout(SOON, running).await.expect("it ends").unwrap();
    assert!(ended.unwrap_err().to_string().contains("part of the server"));
}

/// In a separate process: the exit code tells a supervisor to restart it, and everything acknowledged is there.
#[tokio::test]
async fn what_was_acknowledged_before_a_panic_is_there_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let armed = Arc::new(AtomicBool::new(false));
    let mut config = Config::new(dir.path().to_owned());
    config.clock = trap(&armed, is_writer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let running = tokio::spawn(Running::start(config, listener).await.unwrap().run(std::future::pending()));
    let mut alice = Peer::connect(address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    for n in 0..20 {
        alice.say("general", &format!("n{n}"), "x").await;
    }
    armed.store(true, Ordering::SeqCst);
    alice.send(json!({"type": "send", "room": "general", "nonce": "late", "text": "x"})).await;
    assert!(tokio::time::timeout(SOON, running).await.expect("it ends").unwrap().is_err());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // In this process, the earlier server's sessions hold the folder until they have ended.
    let began = std::time::Instant::now();
    let (server, address) = loop {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        match Running::start(Config::new(dir.path().to_owned()), listener).await {
            Ok(server) => break (server, address),
            Err(e) => assert!(began.elapsed() < PATIENCE, "{e}"),
        }
        tokio::task::yield_now().await;
    };
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let mut again = Peer::connect(address).await;
    again.come(&alice.token).await;
    assert_eq!(again.whole_room("general").await.len(), 20);
    drop(stop);
    running.await.unwrap().unwrap();
}
