//! Strangers' text cannot forge the log, and denied requests are logged.

use serde_json::{Value, json};

use crate::support::{Host, Peer, Process, Server, get, http, post, post_as};

const HOSTILE: [&str; 5] = [
    "x\n2026-11-23T00:00:00Z ERROR forged",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{202e}txet\u{2066}",
    "nul\0nul",
    "{\"level\":\"ERROR\",\"fields\":{}}",
];

fn logged_server(dir: &std::path::Path, format: &str) -> (Process, std::path::PathBuf) {
    let log = dir.join("log");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command
        .args(["--listen", "127.0.0.1:0", "--log-level", "trace", "--log-format", format, "--data-dir"])
        .arg(dir.join("data"));
    command.stderr(std::fs::File::create(&log).unwrap());
    (Process::spawn_loud(command), log)
}

#[tokio::test]
async fn log_01_what_strangers_say_forges_no_line() {
    for format in ["json", "human"] {
        let dir = tempfile::tempdir().unwrap();
        let (server, log) = logged_server(dir.path(), format);
        let at = server.address;
        let mut alice = Peer::connect(at).await;
        alice.hello("alice").await;
        alice.join("general").await;
        for (n, text) in HOSTILE.iter().enumerate() {
            alice.say("general", &format!("n{n}"), text).await;
            for frame in [
                json!({"type": text}),
                json!({"type": "join", "room": text}),
                json!({"type": "kick", "room": "general", "user": text, "reason": text}),
                json!({"type": "search", "query": text}),
                json!({"type": "hello", "protocol": 1, "name": text, "client": text}),
            ] {
                alice.ask(frame).await;
            }
            let mut other = Peer::connect(at).await;
            other.ask(json!({"type": "hello", "protocol": 1, "name": text, "client": text})).await;
            post(at, "/api/login", "", json!({"name": text, "password": text})).await;
            // In request heads, only what HTTP itself lets through.
            let plain: String = text.chars().filter(|c| *c != '\n' && *c != '\0').collect();
            get(
                at,
                "/files/x/y",
                &format!("User-Agent: {plain}\r\nX-Forwarded-For: {plain}\r\nCookie: {plain}\r\n"),
            )
            .await;
            http(at, &format!("GET /{text} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n")).await;
            let form = format!(
                "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{text}\"\r\n\r\nx\r\n--X--\r\n"
            );
            let head = format!(
                "Authorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=X\r\n",
                alice.token
            );
            post_as(at, "/api/files", &head, &form).await;
        }
        http(at, &format!("GET / HTTP/1.1\r\nHost: {at}\r\nX: {}\r\n\r\n", "y".repeat(1_000_000))).await;
        assert_eq!(server.terminate().await, Some(0));
        let logged = std::fs::read_to_string(log).unwrap();
        assert!(logged.lines().count() > 3, "the log works");
        for line in logged.lines() {
            assert!(line.len() < 2000, "{} bytes: {}", line.len(), &line[..200]);
            assert!(!line.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')), "{line:?}");
            if format == "json" {
                let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
                assert_ne!(line["level"], "ERROR", "{line}");
            } else {
                assert!(!line.contains("ERROR") && !line.contains("forged"), "{line}");
            }
        }
    }
}

#[tokio::test]
async fn log_05_who_asks_in_vain_is_logged_and_not_too_often() {
    let dir = tempfile::tempdir().unwrap();
    let (server, log) = logged_server(dir.path(), "json");
    let mut alice = Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    for _ in 0..50 {
        assert_eq!(alice.refused(json!({"type": "audit"})).await, "forbidden");
    }
    post(server.address, "/api/login", "", json!({"name": "nobody", "password": "wrong words here"})).await;
    assert_eq!(server.terminate().await, Some(0));
    let logged = std::fs::read_to_string(log).unwrap();
    let lines = |word: &str| logged.lines().filter(|line| line.contains(word)).count();
    assert_eq!(lines("request denied"), 1, "{logged}");
    assert_eq!(lines("a login failed"), 1, "{logged}");
    let told = logged.lines().find(|line| line.contains("request denied")).unwrap();
    let told: Value = serde_json::from_str(told).unwrap();
    assert_eq!((&told["code"], &told["address"]), (&json!("Forbidden"), &json!("127.0.0.1")));
    assert!(told["user"].is_i64() && told["timestamp"].as_str().unwrap().ends_with('Z'), "{told}");
}

#[tokio::test]
async fn log_03_no_parameter_is_a_program() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    let mut bob = server.member("bob").await;
    bob.say("general", "b1", "100% sure_thing").await;
    for text in ["' OR 1=1--", "%", "_", "\"; DROP TABLE events;--", "$.a", "NEAR(", "*", "a\\"] {
        let members = alice.must(json!({"type": "members", "room": "general", "prefix": text})).await;
        assert_eq!(members["members"], json!([]), "{text}");
        for frame in [
            json!({"type": "search", "query": format!("from:{} sure", text.replace(' ', ""))}),
            json!({"type": "history", "room": text, "before": 9}),
            json!({"type": "direct", "user": text}),
            json!({"type": "revoke", "session": text}),
            json!({"type": "react", "room": "general", "seq": 1, "emoji": text}),
        ] {
            let reply = alice.ask(frame).await;
            assert_eq!(reply["type"], "error", "{text}");
            assert_ne!(reply["code"], "internal", "{text}");
        }
    }
    assert_eq!(alice.whole_room("general").await.len(), 1);
}
