//! The TERM group of the catalogue: what strangers and hostile servers send, down to the bytes that reach the
//! terminal.

use std::time::Duration;

use chat_client::{Client, Endpoint, Options, nonce};
use chat_proto::Command;
use chat_proto::command::SetTopic;
use chat_proto::limits::Limits;
use chat_proto::updates::Outgoing;
use serde_json::json;
use testbed::{PATIENCE, Server, Terminal};

use super::scripted::scripted;

fn start(args: &[String]) -> Terminal {
    Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), args)
}

/// Returns every escape sequence in `raw` that this program has no reason to write, and every other character that a
/// terminal interprets or that reorders text.
fn forbidden(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let mut found = Vec::new();
    let mut rest = text.as_ref();
    while let Some(at) = rest.find(|c: char| {
        (c.is_control() && !matches!(c, '\r' | '\n'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
    }) {
        let from = &rest[at..];
        let end = match from.as_bytes() {
            [0x1b, b'[', ..] => from[2..].find(|c: char| ('@'..='~').contains(&c)).map(|end| end + 3),
            // A link to a web address.
            [0x1b, b']', b'8', b';', b';', ..] => from.find("\x1b\\").map(|end| end + 2),
            _ => None,
        };
        let sequence = &from[..end.unwrap_or(1)];
        let body = sequence.get(2..).unwrap_or_default();
        let is_ours = match sequence.as_bytes() {
            // Colours, positions, clearing, the program's own modes, the cursor.
            [0x1b, b'[', .., b'm' | b'H' | b'J' | b'K'] => !body.contains("31337"),
            [0x1b, b'[', b'?', .., b'h' | b'l'] => {
                ["25", "1000", "1004", "1006", "1049", "2004", "2026"].contains(&body[1..].trim_end_matches(['h', 'l']))
            }
            [0x1b, b']', ..] => end.is_some() && (body.starts_with("8;;\x1b") || body.starts_with("8;;http")),
            _ => false,
        };
        if !is_ours {
            found.push(sequence.escape_debug().to_string());
        }
        rest = &from[end.unwrap_or_else(|| from.chars().next().map_or(1, char::len_utf8))..];
    }
    found
}

pub(super) async fn stranger(server: &Server) -> Client {
    let endpoint = Endpoint::parse(&server.url()).unwrap();
    let options = Options {
        endpoint,
        name: Some("eve".into()),
        token: None,
        program: "eve".into(),
        journal: None,
        journal_at: None,
        waiting: vec![],
        cursors: chat_client::cursors::Cursors::default(),
    };
    let (client, mut updates) = Client::start(options);
    tokio::spawn(async move { while updates.recv().await.is_some() {} });
    while client
        .ask(Command::Join(chat_proto::command::Join { room: "general".into(), after: None, limit: None }))
        .await
        .is_err()
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    client
}

pub(super) fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        // Titles, links, the clipboard, folders, notifications, fonts, queries, files.
        "\x1b]0;owned\x07",
        "\x1b]2;owned\x1b\\",
        "\x1b]8;;http://evil.example\x1b\\x",
        "\x1b]52;c;b3duZWQ=\x07",
        "\x1b]52;c;?\x07",
        "\x1b]7;file:///etc\x07",
        "\x1b]9;owned\x07",
        "\x1b]99;;owned\x1b\\",
        "\x1b]777;notify;a;b\x07",
        "\x1b]50;x\x07",
        "\x1b]4;1;?\x07",
        "\x1b]10;?\x07",
        "\x1b]11;?\x07",
        "\x1b]1337;File=name=eA==:AAAA\x07",
        // Reports, which would come back as if they were typed.
        "\x1b[21t",
        "\x1b[6n",
        "\x1b[c",
        "\x1b[>c",
        "\x1b[5n",
        "\x1b[?996n",
        "\x1bP$q\"p\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b[31337;1*y",
        // The screen itself.
        "\x1b[31337J",
        "\x1b[31337H",
        "\x1b[5;10r",
        "\x1b[?31337l",
        "\x1b[?1003h",
        "\x1bc",
        "\x1b7\x1b8",
        "\x1b(0",
        "\x1b#8",
        // Graphics, and the tmux pass-through.
        "\x1b_Ga=T,f=24;AAAA\x1b\\",
        "\x1bPq#0;2;0;0;0~-\x1b\\",
        "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
        "\x1bX x\x1b\\",
        "\x1b^x\x1b\\",
        // Eight-bit controls, and an escape at the end of a text.
        "\u{9b}31337m",
        "\u{9d}0;owned\u{9c}",
        "\u{90}q\u{9c}",
        "\u{85}",
        "ends with \x1b",
        "[31337m begins",
        // Direction, invisible characters, and characters that hide lines.
        "user\u{202e}gpj.exe",
        "\u{2066}x\u{2069}",
        "\u{200f}x\u{61c}",
        "a\u{2028}b\u{2029}c",
        "\u{fff9}x\u{fffb}",
        "\u{e0041}\u{e007f}",
        "\u{fdd0}\u{ffff}\u{e000}",
        "\u{3164}\u{ad}\u{200b}",
        "over\rwritten",
        "tab\there",
        "nul\0bell\x07back\x08del\x7f",
        // The same, spelled in markup.
        "&#27;[31337m",
        "`\x1b[31337m`",
        "**\x1b]0;x\x07**",
        "[\x1b[6n](https://a.example/\x1b[6n)",
        "```\x1b[6n\n\x1b]0;x\x07\n```",
        "<https://a.example/\u{9b}6n>",
        "> \x1bc",
        "- \x1b[2J",
        "# \u{202e}x",
        // Widths on which terminals do not agree.
        "❤️☎️ 1️⃣ 🇫🇷🇩🇪🇺 👨‍👩‍👧‍👦 ﷽ 日本 \u{1f3fb}",
        "e\u{301}\u{302}",
    ]
    .map(str::to_owned)
    .into();
    texts.push(format!("a{}", "\u{301}".repeat(2000)));
    texts.push("👨\u{200d}".repeat(500));
    texts.extend((0..0x20_u8).chain([0x7f]).map(|byte| format!("byte {byte} {}", char::from(byte))));
    texts.extend((0x80..=0x9f_u8).map(|byte| format!("byte {byte} {}", char::from(byte))));
    texts
}

#[tokio::test]
async fn term_01_to_term_11_nothing_that_a_stranger_says_is_obeyed() {
    let server = Server::start().await;
    let mut alice = start(&server.args("alice"));
    alice.shows("Online").await;
    let eve = stranger(&server).await;
    let topic = "\x1b]0;owned\x07\u{202e}topic\n\x1b[31337m";
    eve.ask(Command::Topic(SetTopic { room: "general".into(), topic: topic.into() })).await.unwrap();
    for (n, text) in hostile().iter().enumerate() {
        let reply_to = (n > 2).then_some(chat_proto::Seq(n as u64));
        let (room, text) = ("general".to_owned(), text.clone());
        eve.post_as(Outgoing { nonce: nonce::new(), room, text, reply_to, ..Outgoing::default() }).await;
        if n % 10 == 0 {
            // Each is drawn at some time.
            eve.post("general", &format!("seen {n}.")).await;
            alice.shows(&format!("seen {n}.")).await;
        }
    }
    eve.post("general", "that was all").await;
    alice.shows("that was all").await;
    // The border of the sidebar has not moved.
    let screen = alice.contents();
    let border = |line: &str| line.chars().position(|c| c == '│');
    let columns: Vec<_> = screen.lines().filter_map(border).collect();
    assert!(columns.len() > 15 && columns.iter().all(|column| *column == columns[0]), "{screen}");
    alice.types("\x1b[5~\x1b[5~\x1b[5~");
    alice.shows("↓ Esc: newest").await;
    alice.types("/search owned\r");
    alice.shows("Found: owned").await;
    alice.types("\x1b");
    assert_eq!(forbidden(&alice.raw()), [""; 0]);
}

#[tokio::test]
async fn term_13_a_paste_is_text_whatever_is_in_it() {
    let server = Server::start().await;
    let mut alice = start(&server.args("alice"));
    alice.shows("Online").await;
    alice.types("\x1b[200~/quit\n/ban eve\n\x1b[201~");
    alice.shows("/ban eve").await;
    alice.types("\r");
    alice.shows("alice  /quit").await;
    alice.types("still here\r");
    alice.shows("still here").await;
}

#[tokio::test]
async fn term_15_a_notification_is_one_clean_line_and_not_too_many() {
    for (how, begin, end) in [
        ("osc9", "\x1b]9;", "\x07"),
        ("osc777", "\x1b]777;notify;chat;", "\x07"),
        ("osc99", "\x1b]99;;", "\x1b\\"),
    ] {
        let server = Server::start().await;
        let mut args = server.args("alice");
        args.extend(["--attention".to_owned(), how.to_owned()]);
        let mut alice = start(&args);
        alice.shows("Online").await;
        // The person looks elsewhere.
        alice.types("\x1b[O");
        let eve = stranger(&server).await;
        for n in 0..20 {
            eve.post("general", &format!("@alice \x1b]52;c;b3duZWQ=\x07\n\x1b[31337m{n}")).await;
        }
        eve.post("general", "that was all").await;
        alice.shows("that was all").await;
        let raw = String::from_utf8_lossy(&alice.raw()).into_owned();
        let told: Vec<&str> = raw.split(begin).skip(1).map(|rest| rest.split(end).next().unwrap()).collect();
        assert!((1..=3).contains(&told.len()), "{told:?}");
        assert!(told[0].contains("eve") && !told[0].contains(char::is_control), "{told:?}");
        assert!(!raw.contains("\x1b]52") && !raw.contains("\x1b[31337"));
    }
}

/// Starts a server that answers everything as `then` likes.
pub(super) async fn hostile_server(then: impl Fn(u64) -> Vec<String> + Send + 'static) -> String {
    scripted(move |asked| {
        let id = asked["id"].as_u64().unwrap_or_default();
        let rooms: Vec<_> = (0..3000)
            .map(|n| json!({"name": format!("r{n}\x1b]0;x\x07\u{202e}"), "kind": "public", "topic": "\x1b[31337m", "head": 9,
                "members": 1, "joined": true, "read": 0, "unread": 9, "mentions": 0, "notify": "all", "role": "member"}))
            .collect();
        match asked["type"].as_str() {
            Some("hello") => {
                let mut frames = vec![json!({"type": "welcome", "id": id, "protocol": 1, "token": "chat_x",
                    "user": {"id": 1, "name": "al\x1b[6nice\u{202e}", "kind": "guest", "role": "guest"},
                    "server": {"name": "\x1b]0;owned\x07", "version": "\x1bc", "default_room": "r0\x1b]0;x\x07\u{202e}", "log": "l"},
                    "limits": Limits::default(), "rooms": rooms}).to_string()];
                frames.extend(then(id));
                frames
            }
            _ => vec![json!({"type": "error", "id": id, "code": "forbidden", "message": "\x1b]52;c;eA==\x07no\n\x1b[2J"}).to_string()],
        }
    })
    .await
}

pub(super) fn at(url: &str, dir: &tempfile::TempDir) -> Vec<String> {
    ["--name", "alice", "--server", url, "--state-dir", &dir.path().display().to_string()]
        .map(str::to_owned)
        .into()
}

#[tokio::test]
async fn term_12_a_hostile_server_is_drawn_and_not_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let url = hostile_server(|_| {
        let event = |seq: u64, text: &str| json!({"type": "message", "room": "r0\x1b]0;x\x07\u{202e}", "seq": seq, "at": i64::MAX,
            "by": {"id": 2, "name": "\x1b[31337meve"}, "text": text}).to_string();
        vec![
            event(10, "\x1b[31337m first"),
            event(3, "backwards"),
            json!({"type": "notice", "code": "x", "text": "\x1b]0;owned\x07"}).to_string(),
            json!({"type": "nonsense", "a": [[[[[[]]]]]]}).to_string(),
            "{\"type\": \"message\"".to_owned(),
            json!({"type": "goodbye", "code": "restart", "text": "\x1b]0;owned\x07", "reconnect_after_ms": u64::MAX}).to_string(),
        ]
    })
    .await;
    let mut alice = start(&at(&url, &dir));
    alice.shows("F1 help").await;
    alice.shows("Rooms").await;
    alice.types("/who\r/join x\r\x0eanswer\r");
    // The program is still usable, whatever it received.
    alice.types("\x1bOP");
    alice.shows("this help").await;
    assert_eq!(forbidden(&alice.raw()), [""; 0]);
    alice.types("\x03\x03");
    alice.types("\x03\x03");
    alice.ends().await;
}

#[tokio::test]
async fn term_12_a_server_that_says_too_much_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let url = hostile_server(|_| {
        vec![json!({"type": "notice", "code": "x", "text": "x".repeat(64 << 20)}).to_string()]
    })
    .await;
    let mut alice = start(&at(&url, &dir));
    alice.shows("offline").await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", alice.id())).unwrap();
    let kib: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().trim_end_matches(" kB").parse().ok())
        .unwrap();
    assert!(kib < 200_000, "{kib} KiB");
    alice.types("\x03\x03");
    let ended = tokio::time::timeout(PATIENCE, alice.ends()).await;
    assert_eq!(ended.ok(), Some(0));
}
