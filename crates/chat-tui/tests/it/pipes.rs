//! `send` and `tail`, as scripts use them.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use testbed::{PATIENCE, Server};
use tokio::sync::mpsc;
use tokio::time::timeout;

pub async fn run(args: Vec<String>, more: &[&str], input: &str) -> Output {
    let more: Vec<String> = more.iter().map(|arg| (*arg).to_owned()).collect();
    let input = input.to_owned();
    let run = move || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chat-tui"))
            .args(args)
            .args(more)
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::spawn(move || {
            let _ = stdin.write_all(input.as_bytes());
        });
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

pub fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// A running `tail --follow`, killed when dropped.
pub struct Tail {
    child: Child,
    out: mpsc::UnboundedReceiver<String>,
    told: mpsc::UnboundedReceiver<String>,
}

fn lines(stream: impl std::io::Read + Send + 'static) -> mpsc::UnboundedReceiver<String> {
    let (say, heard) = mpsc::unbounded_channel();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(stream));
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| say.send(line)));
    heard
}

impl Tail {
    pub fn start(args: &[String], more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chat-tui"));
        command.args(args).args(more).env("TZ", "UTC").stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, told) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, out, told }
    }

    /// Returns the next line that it prints.
    pub async fn line(&mut self) -> String {
        timeout(PATIENCE, self.out.recv()).await.expect("it writes a line").expect("it goes on")
    }

    /// Returns the next line as JSON.
    pub async fn json(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// Waits until it reports something on standard error.
    pub async fn tells(&mut self, words: &str) -> String {
        loop {
            let line = timeout(PATIENCE, self.told.recv()).await;
            let line = line.unwrap_or_else(|_| panic!("it does not tell {words:?}")).expect("it goes on");
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Returns its exit code, and the lines that it still printed.
    pub async fn ends(mut self) -> (Option<i32>, Vec<String>) {
        let mut rest = Vec::new();
        while let Some(line) = timeout(PATIENCE, self.out.recv()).await.expect("it ends") {
            rest.push(line);
        }
        (self.child.wait().unwrap().code(), rest)
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn lines_go_in_and_come_out_whole_and_in_order() {
    let server = Server::start().await;
    let lines: Vec<String> = (1..=300).map(|n| format!("line {n}")).collect();
    let sent = run(server.args("bard"), &["send", "--room", "general"], &(lines.join("\n") + "\n\n")).await;
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    assert!(sent.stdout.is_empty());
    let one = run(server.args("bard"), &["send", "one more"], "").await;
    assert_eq!(one.status.code(), Some(0));
    let out = run(server.args("reader"), &["tail", "--json", "-n", "1000"], "").await;
    let events: Vec<Value> =
        text(&out.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = events.iter().map(|event| event["text"].as_str().unwrap()).collect();
    let expected: Vec<&str> = lines.iter().map(String::as_str).chain(["one more"]).collect();
    assert_eq!(texts, expected);
    assert!(events.iter().zip(1..).all(|(event, seq)| event["seq"] == seq && event["by"]["name"] == "bard"));
    let plain = run(server.args("reader"), &["tail", "-n", "2"], "").await;
    let plain = text(&plain.stdout);
    assert!(plain.ends_with(" bard: one more\n") && plain.lines().count() == 2, "{plain}");
}

#[tokio::test]
async fn send_rides_through_a_restart_and_the_rate_limit_in_order() {
    let server = Server::with(|config| config.rate_limit = true).await;
    let lines: Vec<String> = (1..=130).map(|n| format!("line {n}")).collect();
    let (args, input) = (server.args("bard"), lines.join("\n"));
    let sending = tokio::spawn(async move { run(args, &["send"], &input).await });
    // As soon as some messages are there, the server restarts.
    while text(&run(server.args("reader"), &["tail", "-n", "5"], "").await.stdout).lines().count() < 5 {}
    let (address, dir) = server.stop().await;
    let server = Server::on(address, dir, |config| config.rate_limit = true).await;
    let sent = sending.await.unwrap();
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    let out = run(server.args("reader"), &["tail", "--json", "-n", "1000"], "").await;
    let texts: Vec<String> = text(&out.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, lines, "all of them, once, in order");
}

#[tokio::test]
async fn follow_goes_on_across_a_restart_without_a_gap_or_a_repeat() {
    let server = Server::start().await;
    run(server.args("bard"), &["send", "before"], "").await;
    let mut tail = Tail::start(&server.args("reader"), &["tail", "--follow"]);
    let mut next = async || tail.line().await.split(": ").nth(1).unwrap().to_owned();
    assert_eq!(next().await, "before");
    run(server.args("bard"), &["send"], "one\ntwo").await;
    assert_eq!((next().await, next().await), ("one".into(), "two".into()));
    let (address, dir) = server.stop().await;
    let server = Server::on(address, dir, |_| {}).await;
    run(server.args("bard"), &["send"], "three\nfour").await;
    assert_eq!((next().await, next().await), ("three".into(), "four".into()));
}

#[tokio::test]
async fn a_script_without_a_name_is_a_guest_and_stays_the_same_one() {
    let server = Server::start().await;
    let mut args = server.args("nobody").split_off(2);
    args.push("send".to_owned());
    for text in ["one", "two"] {
        assert_eq!(run(args.clone(), &[text], "").await.status.code(), Some(0));
    }
    let out = run(server.args("reader"), &["tail", "--json"], "").await;
    let by: Vec<Value> =
        text(&out.stdout).lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["by"].clone()).collect();
    assert!(by.len() == 2 && by[0] == by[1], "{by:?}");
}

#[tokio::test]
async fn what_goes_wrong_is_said_on_standard_error_with_its_own_exit_code() {
    let server = Server::start().await;
    let screen = run(server.args("alice"), &[], "").await;
    assert_eq!((screen.status.code(), screen.stdout.len()), (Some(8), 0));
    assert!(text(&screen.stderr).contains("needs a terminal"));
    let nowhere = run(server.args("alice"), &["send", "--room", "nowhere", "hi"], "").await;
    assert_eq!(nowhere.status.code(), Some(5), "{}", text(&nowhere.stderr));
    let mut thief = server.args("thief");
    thief[1] = "alice".to_owned();
    let taken = run(thief, &["send", "hi"], "").await;
    assert_eq!(taken.status.code(), Some(4), "{}", text(&taken.stderr));
    let usage = run(server.args("alice"), &["send", "--room", "Not A Room", "hi"], "").await;
    assert_eq!(usage.status.code(), Some(2));
}
