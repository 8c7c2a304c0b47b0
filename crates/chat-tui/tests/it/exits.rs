//! The exit codes of `send`, `tail` and uploads, by which scripts tell what went wrong.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::overload::welcome;
use super::pipes::{run, text};
use super::scripted::scripted_with_http;
use super::term::at;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

/// Starts a server that refuses one type of command, and every upload, with this code.
async fn refusing(what: &'static str, code: &'static str) -> String {
    let body = json!({"code": code, "message": "No."}).to_string();
    let http = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    scripted_with_http(http, move |asked| {
        let (id, kind) = (&asked["id"], asked["type"].as_str().unwrap());
        if kind == what {
            return vec![json!({"type": "error", "id": id, "code": code, "message": "No."}).to_string()];
        }
        let frame: Value = match kind {
            "hello" => return vec![welcome(id, 1)],
            "join" => json!({"type": "joined", "id": id, "online_count": 1, "messages": [],
                "room": {"name": "r0", "kind": "public", "topic": "", "head": 0}}),
            "history" => json!({"type": "messages", "id": id, "room": "r0", "messages": [], "more": false}),
            _ => json!({"type": "ok", "id": id, "room": "r0", "seq": 1, "at": 1}),
        };
        vec![frame.to_string()]
    })
    .await
}

#[tokio::test]
async fn an_exit_code_says_what_went_wrong_whichever_way_it_was_asked() {
    // The refused command, the code, and the exit codes of `tail`, `send` and `send --file`.
    let send = ["send", "hi"].as_slice();
    let tail = ["tail"].as_slice();
    let upload = ["send", "--file", FILE].as_slice();
    for (what, code, runs, exit) in [
        ("none", "", &[tail, send][..], 0),
        ("hello", "name_taken", &[tail, send, upload], 4),
        ("hello", "name_invalid", &[tail, send, upload], 4),
        ("hello", "banned", &[tail, send, upload], 4),
        ("join", "no_such_room", &[tail, send, upload], 5),
        ("join", "forbidden", &[tail, send, upload], 4),
        ("join", "banned", &[tail, send, upload], 4),
        ("send", "muted", &[send], 4),
        ("send", "not_joined", &[send], 5),
        ("send", "too_long", &[send], 6),
        ("send", "bad_request", &[send], 6),
        ("upload", "unauthorized", &[upload], 4),
        ("upload", "forbidden", &[upload], 4),
        ("upload", "too_long", &[upload], 6),
        ("upload", "no_such_room", &[upload], 5),
        ("upload", "rate_limited", &[upload], 7),
        ("upload", "unavailable", &[upload], 7),
        ("upload", "internal", &[upload], 1),
        ("upload", "a_newer_code", &[upload], 1),
    ] {
        let url = refusing(what, code).await;
        for args in runs {
            let dir = tempfile::tempdir().unwrap();
            let ended = run(at(&url, &dir), args, "").await;
            let said = text(&ended.stderr);
            assert_eq!(ended.status.code(), Some(exit), "{what} {code}: {args:?}: {said}");
            assert_eq!(said.is_empty(), exit == 0, "{what} {code}: {args:?}: {said}");
        }
    }
}

#[tokio::test]
async fn a_missing_file_is_told_from_a_missing_server() {
    let dir = tempfile::tempdir().unwrap();
    let url = refusing("none", "").await;
    let ended = run(at(&url, &dir), &["send", "--file", "/no/such/file"], "").await;
    assert_eq!(ended.status.code(), Some(6), "{}", text(&ended.stderr));
    assert!(text(&ended.stderr).contains("there is no such file"));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let ended = run(at(&format!("http://{closed}"), &dir), &["send", "--file", FILE], "").await;
    assert_eq!(ended.status.code(), Some(3), "{}", text(&ended.stderr));
}
