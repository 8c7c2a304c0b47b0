//! What scripts pass to `send`, and what `tail` prints: one bad message does not affect the good ones.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use chat_proto::limits::Limits;
use serde_json::{Value, json};
use testbed::{Server, Terminal};
use tokio::sync::mpsc;

use super::pipes::{run, text};
use super::scripted::scripted;
use super::term::at;

/// Like [`run`], with input that need not be text.
async fn run_bytes(args: Vec<String>, input: &'static [u8]) -> Output {
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chat-tui"));
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn texts(server: &Server) -> Vec<String> {
    let out = run(server.args("reader"), &["tail", "--json", "-n", "1000"], "").await;
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().map(str::to_owned);
    text(&out.stdout).lines().filter_map(read).collect()
}

#[tokio::test]
async fn bytes_that_are_no_text_do_not_stop_the_lines_around_them() {
    let server = Server::start().await;
    let mut args = server.args("ci");
    args.push("send".to_owned());
    let sent = run_bytes(args, b"line one\nna\xefve\nline three\xc3\n").await;
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    assert_eq!(texts(&server).await, ["line one", "na\u{fffd}ve", "line three\u{fffd}"]);
}

/// Starts a server that refuses each message that contains `bad` for good, and reports the others through `kept`.
async fn picky(kept: mpsc::UnboundedSender<String>) -> String {
    scripted(move |asked| {
        let (id, said) = (&asked["id"], asked["text"].as_str().unwrap_or_default());
        let answer = match asked["type"].as_str().unwrap() {
            "hello" => json!({"type": "welcome", "id": id, "protocol": 1, "token": "t", "rooms": [],
                "user": {"id": 1, "name": "ci", "kind": "guest", "role": "guest"}, "limits": Limits::default(),
                "server": {"name": "s", "version": "0", "default_room": "r", "log": "l"}}),
            "join" => json!({"type": "joined", "id": id, "online_count": 1, "messages": [],
                "room": {"name": "r", "kind": "public", "topic": "", "head": 0}}),
            "send" if said.contains("bad") => {
                json!({"type": "error", "id": id, "code": "too_long", "message": "It is too long."})
            }
            _ => {
                kept.send(said.to_owned()).unwrap();
                json!({"type": "ok", "id": id, "seq": 1, "at": 1})
            }
        };
        vec![answer.to_string()]
    })
    .await
}

#[tokio::test]
async fn a_refused_line_is_named_and_the_others_arrive() {
    let (say, mut kept) = mpsc::unbounded_channel();
    let dir = tempfile::tempdir().unwrap();
    let sent = run(at(&picky(say).await, &dir), &["send"], "one\nbad\n\nthree\nbad, too\nfive\n").await;
    let said = text(&sent.stderr);
    assert_eq!(sent.status.code(), Some(6), "{said}");
    assert!(said.contains("line 2: not sent: It is too long."), "{said}");
    assert!(said.contains("line 5: not sent") && said.lines().count() == 2, "{said}");
    let mut arrived = Vec::new();
    // Each was reported before it was acknowledged.
    while let Ok(text) = kept.try_recv() {
        arrived.push(text);
    }
    assert_eq!(arrived, ["one", "three", "five"]);
}

#[tokio::test]
async fn a_message_may_begin_with_a_dash() {
    let server = Server::start().await;
    let messages = ["-5 degrees", "-hello", "-V", "--- a/file", "-- yes", "-", "--5", "-n 3"];
    for message in messages {
        let sent = run(server.args("ci"), &["send", message], "").await;
        assert_eq!(sent.status.code(), Some(0), "{message}: {}", text(&sent.stderr));
    }
    let sent = run(server.args("ci"), &["send", "--", "--file"], "").await;
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    // Flags are recognised in any position.
    for more in [&["send", "before", "--room", "general"][..], &["send", "--room", "general", "-1"]] {
        let sent = run(server.args("ci"), more, "").await;
        assert_eq!(sent.status.code(), Some(0), "{more:?}: {}", text(&sent.stderr));
    }
    let expected: Vec<&str> = messages.into_iter().chain(["--file", "before", "-1"]).collect();
    assert_eq!(texts(&server).await, expected);
    for slip in ["--fiel", "--rooom=dev"] {
        let refused = run(server.args("ci"), &["send", slip], "").await;
        assert!(!refused.status.success() && text(&refused.stderr).contains("no flag"), "{slip}");
    }
    let help = run(server.args("ci"), &["send", "--help"], "").await;
    assert!(help.status.success() && text(&help.stdout).contains("--file-name"));
    assert_eq!(texts(&server).await.len(), expected.len());
}

#[tokio::test]
async fn nothing_to_send_is_said() {
    let server = Server::start().await;
    for (more, input) in
        [(&["send", ""][..], ""), (&["send", " \n"], ""), (&["send"], ""), (&["send"], "\n \n")]
    {
        let sent = run(server.args("ci"), more, input).await;
        assert_eq!(sent.status.code(), Some(6), "{more:?}");
        assert!(text(&sent.stderr).contains("nothing was sent"), "{more:?}: {}", text(&sent.stderr));
    }
    assert!(texts(&server).await.is_empty());
}

#[tokio::test]
async fn a_pipe_is_uploaded_under_a_name() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("plain.txt");
    std::fs::write(&saved, "beside").unwrap();
    let args = server.args("ci").join(" ");
    let script = format!(
        "{} {args} send --file <(echo hi; echo there) --file-name notes.txt --file {} 'two files'",
        env!("CARGO_BIN_EXE_chat-tui"),
        saved.display()
    );
    let sent =
        tokio::task::spawn_blocking(move || Command::new("bash").args(["-c", &script]).output().unwrap());
    let sent = sent.await.unwrap();
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    let told = run(server.args("reader"), &["tail"], "").await;
    let told = text(&told.stdout);
    assert!(told.contains("▣ notes.txt  9 B") && told.contains("▣ plain.txt  6 B"), "{told}");
    // A file's URL can be opened from anywhere.
    assert!(told.contains(&format!("  {}/files/", server.url())), "{told}");
}

#[tokio::test]
async fn what_is_no_file_is_told_as_what_it_is() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().display().to_string();
    for (path, told) in [
        ("/no/such", "there is no such file"),
        (folder.as_str(), "is a folder"),
        ("/dev/null", "is not a file"),
    ] {
        let sent = run(server.args("ci"), &["send", "--file", path, "with it"], "").await;
        assert_eq!(sent.status.code(), Some(6));
        assert!(text(&sent.stderr).contains(told), "{path}: {}", text(&sent.stderr));
    }
    assert!(texts(&server).await.is_empty());
}

#[tokio::test]
async fn a_script_writes_to_someone_alone_and_is_not_led_to_commands_that_do_not_exist() {
    let server = Server::start().await;
    let mut bob = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &server.args("bob"));
    bob.shows("Online").await;
    for message in ["psst", "again"] {
        let sent = run(server.args("ci"), &["send", "--room", "@bob", message], "").await;
        assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    }
    bob.shows("@ci").await;
    let told = run(server.args("ci"), &["tail", "--room", "@bob"], "").await;
    let told = text(&told.stdout);
    assert!(told.contains("ci: psst") && told.contains("ci: again"), "{told}");
    let public = run(server.args("ci"), &["tail"], "").await;
    assert!(!text(&public.stdout).contains("psst"));
    let nobody = run(server.args("ci"), &["send", "--room", "@nobody", "hi"], "").await;
    assert_eq!(nobody.status.code(), Some(5), "{}", text(&nobody.stderr));
    let nowhere = run(server.args("ci"), &["send", "--room", "nope", "hi"], "").await;
    let said = text(&nowhere.stderr);
    assert!(said.contains("no such room") && !said.contains('`'), "{said}");
    bob.types("/join nope\r");
    bob.shows("There is no such room here. /join").await;
    // The screen opens the room by the same name.
    let mut args = server.args("carol");
    args.extend(["--room", "@bob"].map(str::to_owned));
    let carol = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &args);
    carol.shows("message to @bob").await;
}

#[tokio::test]
async fn tail_keeps_the_lines_of_a_message() {
    let server = Server::start().await;
    run(server.args("ci"), &["send", "if x:\n    y()\nend"], "").await;
    run(server.args("ci"), &["send", "next"], "").await;
    let told = run(server.args("reader"), &["tail"], "").await;
    let told = text(&told.stdout);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].ends_with(" ci: if x:") && lines[3].ends_with(" ci: next"), "{told}");
    assert_eq!(&lines[1..3], ["        y()", "    end"]);
}
