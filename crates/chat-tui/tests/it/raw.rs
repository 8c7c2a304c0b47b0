//! What `send` and `tail` write to a pipe or a terminal contains nothing that a terminal interprets, whoever wrote
//! it.

use chat_client::{Client, nonce};
use chat_proto::updates::Outgoing;
use serde_json::{Value, json};
use testbed::Server;

use super::pipes::{run, text};
use super::term::{at, hostile, hostile_server, stranger};

/// Returns every character in an output that a terminal interprets, that reorders text, or that is invisible.
fn raw_in(output: &str) -> Vec<String> {
    let is_raw = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}')
    };
    output.chars().filter(|c| is_raw(*c)).map(|c| c.escape_unicode().to_string()).collect()
}

async fn post_all(client: &Client, texts: &[String]) {
    for text in texts {
        let (room, text) = ("general".to_owned(), text.clone());
        client.post_as(Outgoing { nonce: nonce::new(), room, text, ..Outgoing::default() }).await;
    }
}

#[tokio::test]
async fn term_16_tail_writes_nothing_raw_and_its_json_says_what_was_said() {
    let server = Server::start().await;
    let eve = stranger(&server).await;
    let texts = hostile();
    post_all(&eve, &texts).await;
    post_all(&eve, &["that was all".to_owned()]).await;
    let lines = loop {
        let tail = run(server.args("alice"), &["tail", "--json", "-n", "1000"], "").await;
        let out = String::from_utf8(tail.stdout).unwrap();
        assert_eq!(raw_in(&out), [""; 0]);
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if lines.last().is_some_and(|line| line["text"] == "that was all") {
            break lines;
        }
    };
    // An acknowledged message is as it was written: JSON hides nothing of it.
    let said: Vec<&str> = lines.iter().filter_map(|line| line["text"].as_str()).collect();
    for text in ["\u{9b}31337m", "user\u{202e}gpj.exe", "\u{e0041}\u{e007f}", "ends with \x1b"] {
        assert!(said.contains(&text), "{text:?} in {said:?}");
    }
    let tail = run(server.args("alice"), &["tail", "-n", "1000"], "").await;
    assert_eq!(raw_in(&String::from_utf8(tail.stdout).unwrap()), [""; 0]);
    assert_eq!(raw_in(&text(&tail.stderr)), [""; 0]);
}

#[tokio::test]
async fn term_16_standard_error_is_clean_whoever_is_quoted() {
    let server = Server::start().await;
    let nasty = "\x1b]0;owned\x07\u{9b}31m\u{202e}x";
    for more in [
        &["send", "--file", nasty][..],
        &["send", "--room", nasty, "hi"],
        &["send", "hi", nasty],
        &["tail", "--cursor", nasty, "-f", "--room", nasty],
        &["--server", nasty, "tail"],
        &["--state-dir", "/dev/null/\x1b[31m", "send", "--file", "/none\u{85}"],
        &["\x1b[31mverb"],
    ] {
        let ended = run(server.args("alice"), more, "").await;
        assert!(!ended.status.success(), "{more:?}");
        let told = text(&ended.stderr);
        assert!(!told.is_empty(), "{more:?}");
        assert_eq!(raw_in(&told), [""; 0], "{more:?}: {told:?}");
    }
}

#[tokio::test]
async fn term_16_a_hostile_server_is_quoted_clean() {
    let dir = tempfile::tempdir().unwrap();
    let url = hostile_server(|_| {
        vec![
            json!({"type": "goodbye", "code": "banned", "text": "\x1b]0;owned\x07\u{202e}bye", "reconnect_after_ms": null})
                .to_string(),
        ]
    })
    .await;
    for verb in [&["tail"][..], &["send", "hi"], &["tail", "--json", "--follow"]] {
        let ended = run(at(&url, &dir), verb, "").await;
        assert!(!ended.status.success() && !ended.stderr.is_empty());
        assert_eq!(raw_in(&text(&ended.stderr)), [""; 0]);
        assert_eq!(raw_in(&text(&ended.stdout)), [""; 0]);
    }
}
