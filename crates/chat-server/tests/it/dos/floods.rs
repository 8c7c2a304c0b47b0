//! Floods of cheap requests.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use chat_proto::account::Registration;

use super::processor;
use crate::support::{Host, PASSWORD, Peer, Process, Server, get, post};

async fn limited() -> Server {
    Server::with(|config| config.rate_limit = true).await
}

/// Sends a text again and again until the server ends the connection, and returns how it did.
async fn flood_until_the_end(peer: Peer, text: String) -> (Option<String>, Option<u16>) {
    let (mut reading, mut writing) = peer.split();
    let flood = tokio::spawn(async move {
        for _ in 0..100_000 {
            if writing.send(&text).await.is_err() {
                return;
            }
        }
    });
    let end = reading.end().await;
    flood.abort();
    end
}

#[tokio::test]
async fn more_than_a_thousand_malformed_or_refused_frames_in_ten_seconds_close_with_1008() {
    let server = limited().await;
    let long = format!("{{\"type\":\"{}\"}}", "x".repeat(60_000));
    for (name, text) in [
        ("one", "no json".to_owned()),
        ("two", "[]".to_owned()),
        ("three", json!({"type": "dance"}).to_string()),
        ("four", json!({"type": "history", "room": 5}).to_string()),
        ("five", long),
        ("six", json!({"type": "ping", "id": -1}).to_string()),
    ] {
        let peer = server.member(name).await;
        let end = flood_until_the_end(peer, text.clone()).await;
        assert_eq!(end.1, Some(1008), "{name}");
        assert!(end.0.is_some_and(|text| text.contains("refused")), "{name}");
    }
}

#[tokio::test]
async fn so_do_as_many_before_hello() {
    let server = limited().await;
    for text in [
        "no json".to_owned(),
        json!({"type": "ping"}).to_string(),
        json!({"type": "hello", "protocol": 9}).to_string(),
    ] {
        let peer = server.peer().await;
        let end = flood_until_the_end(peer, text.clone()).await;
        assert_eq!(end.1, Some(1008), "{text}");
        assert!(end.0.is_some_and(|goodbye| goodbye.contains("refused")), "{text}");
    }
}

#[tokio::test]
async fn a_few_mistakes_close_nothing() {
    let server = limited().await;
    let mut peer = server.member("clumsy").await;
    for _ in 0..500 {
        peer.raw(Message::text("no json")).await;
    }
    assert_eq!(peer.ask(json!({"type": "ping"})).await["type"], "pong");
}

/// Returns how many frames of a flood the server accepts in a second, after the initial burst.
async fn taken(server: &Server, name: &str, frame: Value) -> usize {
    let mut stream = server.member(name).await.into_stream();
    let json = frame.to_string();
    let mut one = vec![0x81, 0x80 | u8::try_from(json.len()).unwrap(), 0, 0, 0, 0];
    one.extend(json.bytes());
    let (mut reading, mut writing) = stream.split();
    let read = async {
        let mut scrap = vec![0; 65_536];
        while reading.read(&mut scrap).await.is_ok_and(|n| n > 0) {}
    };
    let write = async {
        let (began, mut frames) = (Instant::now(), 0);
        let many = one.repeat(50);
        while began.elapsed() < Duration::from_secs(2) {
            let more = tokio::time::timeout(Duration::from_secs(1), writing.write_all(&many));
            match more.await {
                Ok(Ok(())) => frames += 50,
                Ok(Err(_)) => break,
                Err(_) => {}
            }
        }
        frames
    };
    tokio::select! { () = read => 0, frames = write => frames }
}

/// The kernel's buffers make exact counting impossible: a frame has a few dozen bytes.
#[tokio::test]
async fn whoever_is_too_fast_is_not_read_for_a_while() {
    let server = limited().await;
    for (name, frame) in [
        ("typist", json!({"type": "typing", "room": "general", "id": 1, "padding": "x".repeat(60)})),
        ("pinger", json!({"type": "ping", "padding": "x".repeat(80)})),
        ("lister", json!({"type": "rooms", "padding": "x".repeat(80)})),
        (
            "writer",
            json!({"type": "send", "room": "general", "nonce": "n", "text": "x", "padding": "x".repeat(50)}),
        ),
    ] {
        let frames = taken(&server, name, frame).await;
        // Without throttling it is more than ten thousand a second.
        assert!(frames < 60_000, "{name}: {frames}");
        assert!(frames > 0, "{name}");
    }
}

#[tokio::test]
async fn rooms_and_invitations_have_budgets_of_their_own() {
    let server = limited().await;
    let (mut alice, _bob) = (server.member("alice").await, server.member("bob").await);
    for (frame, most) in
        [(json!({"type": "rooms"}), 25), (json!({"type": "invite", "room": "general", "user": "bob"}), 35)]
    {
        let mut done = 0;
        let refused = loop {
            let reply = alice.ask(frame.clone()).await;
            if reply["type"] == "error" && reply["code"] == "rate_limited" {
                break reply;
            }
            done += 1;
            assert!(done < most, "{frame}");
        };
        assert!(refused["retry_after_ms"].as_u64().unwrap() > 0);
        assert_eq!(alice.ask(json!({"type": "ping"})).await["type"], "pong", "others are not spent with it");
    }
}

#[tokio::test]
async fn a_user_says_hello_only_so_often() {
    let server = limited().await;
    let alice = server.member("alice").await;
    let mut refused = None;
    for _ in 0..80 {
        let mut peer = server.peer().await;
        let reply = peer.ask(json!({"type": "hello", "protocol": 1, "token": alice.token})).await;
        if reply["type"] == "error" {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("a loop of hellos is slowed");
    assert_eq!(refused["code"], "rate_limited");
    assert!(refused["retry_after_ms"].as_u64().unwrap() <= 1000);
    assert_eq!(server.member("bob").await.ask(json!({"type": "ping"})).await["type"], "pong");
}

/// The l33t alphabet makes the estimate of a password's strength explode.
const DEAR: &str = "4@({[<3691!|05$7+%2xz4@({[<3691!";

/// Returns how much a server spends on requests to register with one password after another, in ticks.
async fn spent(server: &Process, password: &str) -> u64 {
    let before = processor(server);
    for n in 0..40 {
        let body = json!({"name": format!("n{n}"), "password": password});
        assert_eq!(post(server.address, "/api/register", "", body).await.status, 403);
    }
    processor(server) - before
}

#[tokio::test]
async fn where_nobody_can_register_no_password_is_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Process::command(dir.path());
    command.args(["--registration", "closed"]);
    let server = Process::spawn(command);
    let plain = spent(&server, "four words of nonsense").await;
    let dear = spent(&server, DEAR).await;
    assert!(dear <= 2 * plain + 10, "{dear} ticks against {plain}");
}

#[tokio::test]
async fn registration_asks_for_mode_and_rate_before_it_looks_at_the_password() {
    let ask = async |server: &Server, name: &str, password: &str| {
        let answer =
            post(server.address, "/api/register", "", json!({"name": name, "password": password})).await;
        answer.body["code"].as_str().unwrap_or_default().to_owned()
    };
    let server = Server::with(|config| config.registration = Registration::Closed).await;
    for password in ["password", "short", DEAR, PASSWORD] {
        assert_eq!(ask(&server, "alice", password).await, "forbidden", "{password}");
    }
    let server = limited().await;
    let mut codes = Vec::new();
    for n in 0..120 {
        codes.push(ask(&server, &format!("n{n}"), "short").await);
    }
    assert_eq!((codes[0].as_str(), codes[119].as_str()), ("bad_request", "rate_limited"));
    let server = Server::start().await;
    for password in ["password", "passwordpasswordpassword", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        assert_eq!(ask(&server, "alice", password).await, "bad_request", "{password}");
    }
}

#[tokio::test]
async fn readiness_is_one_commit_a_second() {
    let server = Server::start().await;
    let mut asked = Vec::new();
    for _ in 0..50 {
        asked.push(tokio::spawn(get_ready(server.address)));
    }
    for one in asked {
        assert!(one.await.unwrap());
    }
    let metrics = get(server.address, "/metrics", "").await;
    let commits = metrics.lines().find_map(|line| line.strip_prefix("chat_commit_seconds_count ")).unwrap();
    assert!(commits.parse::<u64>().unwrap() < 10, "{commits} commits for 50 questions");
}

async fn get_ready(address: std::net::SocketAddr) -> bool {
    get(address, "/readyz", "").await.starts_with("HTTP/1.1 200")
}

/// A silent connection must not delay anyone else.
#[tokio::test]
async fn silent_connections_take_no_turn_from_others() {
    let server = Server::start().await;
    let mut silent = Vec::new();
    for _ in 0..1000 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    // Fifty milliseconds for each of them, 32 at a time, would take longer.
    let answer = tokio::time::timeout(Duration::from_secs(1), get(server.address, "/healthz", "")).await;
    assert!(answer.expect("nobody waits for them").starts_with("HTTP/1.1 200"));
    drop(silent);
}
