//! `tail --follow` across everything that can happen to a server, a login and the program itself.

use std::path::Path;

use diesel::prelude::*;
use rustix::process::Signal;
use serde_json::Value;
use testbed::Server;

use crate::pipes::{Tail, run, text};

const ANYWHERE: std::net::SocketAddr =
    std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("chat.db") {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

fn restore(from: &Path, to: &Path) {
    for file in std::fs::read_dir(to).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("chat.db") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    copy(from, to);
}

fn change(dir: &Path, sql: &str) {
    let mut conn = SqliteConnection::establish(dir.join("chat.db").to_str().unwrap()).unwrap();
    diesel::connection::SimpleConnection::batch_execute(&mut conn, sql).unwrap();
}

async fn says(server: &Server, texts: impl IntoIterator<Item = String>) {
    let lines: Vec<String> = texts.into_iter().collect();
    let mut args = server.args("bard");
    // The bard's login is valid for every address of the server.
    let at = args.iter().position(|arg| arg == "--state-dir").unwrap();
    args[at + 1] =
        server.dir.path().join("state").join(server.address.port().to_string()).display().to_string();
    args[1] = format!("bard{}", server.address.port());
    let sent = run(args, &["send"], &lines.join("\n")).await;
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
}

fn words(word: &str, numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    numbers.map(|n| format!("{word} {n}")).collect()
}

async fn reads(tail: &mut Tail, expected: &[String]) {
    for text in expected {
        let line = tail.line().await;
        assert!(line.ends_with(&format!(": {text}")), "{line} instead of {text}");
    }
}

#[tokio::test]
async fn after_a_restored_copy_it_goes_on_with_what_is_written_since() {
    let copied = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    says(&server, words("old", 1..=5)).await;
    let mut tail = Tail::start(&server.args("reader"), &["tail", "--follow"]);
    reads(&mut tail, &words("old", 1..=5)).await;
    let (address, dir) = server.stop().await;
    copy(dir.path(), copied.path());
    let server = Server::on(address, dir, |_| {}).await;
    says(&server, words("lost", 6..=11)).await;
    reads(&mut tail, &words("lost", 6..=11)).await;
    let (address, dir) = server.stop().await;
    restore(copied.path(), dir.path());
    // With the same epoch, as in earlier servers: the head is lower than the cursor.
    let server = Server::on(address, dir, |_| {}).await;
    let told = tail.tells("another history since message 5").await;
    assert!(told.contains("#general"), "{told}");
    says(&server, words("new", 6..=15)).await;
    reads(&mut tail, &words("new", 6..=15)).await;
}

#[tokio::test]
async fn what_was_written_since_the_fork_is_written_even_if_the_head_has_overtaken() {
    let copied = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    says(&server, words("old", 1..=5)).await;
    let mut tail = Tail::start(&server.args("reader"), &["tail", "--follow"]);
    reads(&mut tail, &words("old", 1..=5)).await;
    let (address, dir) = server.stop().await;
    copy(dir.path(), copied.path());
    let server = Server::on(address, dir, |_| {}).await;
    says(&server, words("lost", 6..=11)).await;
    reads(&mut tail, &words("lost", 6..=11)).await;
    let (address, dir) = server.stop().await;
    restore(copied.path(), dir.path());
    change(dir.path(), "UPDATE meta SET value = 'another' WHERE key = 'log'");
    // Nobody follows yet.
    let elsewhere = Server::on(ANYWHERE, dir, |_| {}).await;
    says(&elsewhere, words("new", 6..=300)).await;
    let (_, dir) = elsewhere.stop().await;
    let server = Server::on(address, dir, |_| {}).await;
    reads(&mut tail, &words("new", 6..=300)).await;
    says(&server, words("live", 1..=2)).await;
    reads(&mut tail, &words("live", 1..=2)).await;
}

async fn delete(server: &Server, name: &str) {
    let order = chat_server::operator::Order::Delete { name: name.to_owned() };
    let dir = server.dir.clone();
    let done =
        tokio::task::spawn_blocking(move || chat_server::control::ask(dir.path(), &order)).await.unwrap();
    assert!(matches!(done, Ok(Some(chat_server::operator::Answer::Done(_)))), "{done:?}");
}

#[tokio::test]
async fn whose_user_was_deleted_comes_back_as_a_new_guest_enters_again_and_misses_nothing() {
    let server = Server::start().await;
    says(&server, words("old", 1..=2)).await;
    let mut tail = Tail::start(&server.args("bot"), &["tail", "--follow"]);
    reads(&mut tail, &words("old", 1..=2)).await;
    let (address, dir) = server.stop().await;
    let elsewhere = Server::on(ANYWHERE, dir, |_| {}).await;
    delete(&elsewhere, "bot").await;
    says(&elsewhere, words("missed", 3..=4)).await;
    let (_, dir) = elsewhere.stop().await;
    let server = Server::on(address, dir, |_| {}).await;
    tail.tells("new guest").await;
    reads(&mut tail, &words("missed", 3..=4)).await;
    says(&server, words("live", 5..=6)).await;
    reads(&mut tail, &words("live", 5..=6)).await;
}

#[tokio::test]
async fn who_cannot_enter_again_ends_with_4_and_a_reason() {
    let server = Server::start().await;
    let owner = server.args("owner");
    run(owner.clone(), &["send", "hi"], "").await;
    let mut terminal = testbed::Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &owner);
    terminal.shows("● live").await;
    terminal.types("/private den\r");
    terminal.shows("#den").await;
    let bot = server.args("bot");
    run(bot.clone(), &["send", "hi"], "").await;
    terminal.types("/invite bot\r");
    terminal.shows("invited bot").await;
    let mut tail = Tail::start(&bot, &["--room", "den", "tail", "--follow"]);
    terminal.types("welcome\r");
    while !tail.line().await.ends_with(": welcome") {}
    let (address, dir) = server.stop().await;
    let elsewhere = Server::on(ANYWHERE, dir, |_| {}).await;
    delete(&elsewhere, "bot").await;
    let (_, dir) = elsewhere.stop().await;
    let _server = Server::on(address, dir, |_| {}).await;
    tail.tells("cannot join it").await;
    assert_eq!(tail.ends().await.0, Some(4));
}

#[tokio::test]
async fn with_a_cursor_file_each_event_is_written_once_across_its_own_restarts() {
    let server = Server::start().await;
    says(&server, words("old", 1..=5)).await;
    let file = server.dir.path().join("cursor").display().to_string();
    let reader = server.args("reader");
    let start = |more: &[&str]| {
        let args = [&["tail", "--follow", "--json", "--cursor", &file], more].concat();
        Tail::start(&reader, &args)
    };
    let seq = |line: &str| serde_json::from_str::<Value>(line).unwrap()["seq"].as_u64().unwrap();
    let mut seqs = Vec::new();
    let mut tail = start(&["-n", "3"]);
    while seqs.last() != Some(&5) {
        seqs.push(seq(&tail.line().await));
    }
    assert_eq!(seqs, [3, 4, 5], "the first time as without");
    for round in 0..4_u64 {
        let signal = if round % 2 == 0 { Signal::TERM } else { Signal::INT };
        // Ended in the middle of a stream.
        let pour = async { says(&server, words("poured", 1..=50)).await };
        let stop = async {
            seqs.push(seq(&tail.line().await));
            tail.signal(signal);
            let (code, rest) = tail.ends().await;
            assert_eq!(code, Some(0));
            seqs.extend(rest.iter().map(|line| seq(line)));
        };
        tokio::join!(pour, stop);
        says(&server, words("while it was away", 1..=5)).await;
        tail = start(&[]);
        while seqs.last() != Some(&(5 + (round + 1) * 55)) {
            seqs.push(seq(&tail.line().await));
        }
    }
    assert_eq!(seqs, (3..=225).collect::<Vec<_>>(), "each once, in order");
    // Killed: nothing is missing, and only events of the last moment repeat.
    says(&server, words("before the kill", 1..=3)).await;
    for _ in 0..3 {
        seqs.push(seq(&tail.line().await));
    }
    tail.signal(Signal::KILL);
    tail.ends().await;
    says(&server, words("after the kill", 1..=3)).await;
    let mut tail = start(&[]);
    let first = seq(&tail.line().await);
    assert!(first <= 229, "{first}");
    for expected in first + 1..=231 {
        assert_eq!(seq(&tail.line().await), expected);
    }
}

#[tokio::test]
async fn a_cursor_file_in_another_log_is_told_of_once_and_misses_nothing() {
    let copied = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    says(&server, words("old", 1..=5)).await;
    let file = server.dir.path().join("cursor").display().to_string();
    let args = ["tail", "--follow", "--cursor", &file];
    let (address, dir) = server.stop().await;
    copy(dir.path(), copied.path());
    let server = Server::on(address, dir, |_| {}).await;
    says(&server, words("lost", 6..=8)).await;
    let reader = server.args("reader");
    let mut tail = Tail::start(&reader, &args);
    reads(&mut tail, &[words("old", 1..=5), words("lost", 6..=8)].concat()).await;
    tail.signal(Signal::TERM);
    assert_eq!(tail.ends().await, (Some(0), vec![]));
    let (address, dir) = server.stop().await;
    restore(copied.path(), dir.path());
    change(dir.path(), "UPDATE meta SET value = 'another' WHERE key = 'log'");
    let server = Server::on(address, dir, |_| {}).await;
    says(&server, words("new", 6..=20)).await;
    let mut tail = Tail::start(&reader, &args);
    tail.tells("another history since message 5").await;
    reads(&mut tail, &words("new", 6..=20)).await;
    tail.signal(Signal::TERM);
    assert_eq!(tail.ends().await, (Some(0), vec![]));
    says(&server, words("live", 1..=1)).await;
    let mut tail = Tail::start(&reader, &args);
    reads(&mut tail, &words("live", 1..=1)).await;
}

#[tokio::test]
async fn a_cursor_file_about_something_else_is_wrong_use() {
    let server = Server::start().await;
    let file = server.dir.path().join("cursor");
    std::fs::write(&file, "a shopping list").unwrap();
    let args = ["tail", "--follow", "--cursor", file.to_str().unwrap()];
    let out = run(server.args("reader"), &args, "").await;
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a shopping list");
    let nowhere = run(server.args("reader"), &["tail", "--follow", "--cursor", "/dev/null/cursor"], "").await;
    assert_ne!(nowhere.status.code(), Some(0));
}
