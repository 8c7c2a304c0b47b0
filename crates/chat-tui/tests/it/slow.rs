//! A slow link, and one that swallows everything: what works on it, and what the person is told.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chat_proto::Command as Frame;
use chat_proto::command::SetTopic;
use chat_proto::updates::Update;
use chat_screen::action::Action;
use testbed::proxy::{Proxy, Way};
use testbed::{Server, Terminal};

use super::pipes::{Tail, run, text};
use super::term::stranger;
use crate::person::Person;

/// A link of 6 kB/s with a delay of 300 ms before a server: two proxies, because delayed data still flows.
async fn slow(server: &Server) -> (Proxy, Proxy) {
    let narrow = Proxy::start(server.address).await;
    let rate = Way { rate: Some(6000), ..Way::default() };
    narrow.set(rate, rate);
    let far = Proxy::start(narrow.address).await;
    let delay = Way { delay: Duration::from_millis(300), ..Way::default() };
    far.set(delay, delay);
    (narrow, far)
}

fn through(server: &Server, proxy: &Proxy, name: &str) -> Vec<String> {
    let mut args = server.args(name);
    args[3] = format!("http://{}", proxy.address);
    args
}

#[tokio::test]
async fn a_slow_line_reads_writes_and_follows_a_busy_room() {
    let server = Server::start().await;
    let (_narrow, far) = slow(&server).await;
    let old: Vec<String> = (0..20).map(|n| format!("old {n} {}", "x".repeat(3900))).collect();
    assert!(run(server.args("bard"), &["send"], &old.join("\n")).await.status.success());
    // 80 kB take more than 13 s: that is reported, and nothing is cut off.
    let reading = tokio::spawn(run(through(&server, &far, "reader"), &["tail", "-n", "20"], ""));
    let read = reading.await.unwrap();
    let told = text(&read.stderr);
    assert_eq!(text(&read.stdout).matches("bard: old").count(), 20, "{told}");
    assert!(told.contains("the line is slow") && !told.contains("offline"), "{told}");
    // 4 kB/s arrive while someone follows and writes on the same link.
    let mut tail = Tail::start(&through(&server, &far, "follower"), &["tail", "-n", "1", "--follow"]);
    assert!(tail.line().await.contains("old 19"));
    let args = server.args("bard");
    let talking = tokio::spawn(async move {
        for n in 0..8 {
            let said = format!("new {n} {}", "y".repeat(3900));
            assert!(run(args.clone(), &["send", &said], "").await.status.success());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let sent = run(through(&server, &far, "writer"), &["send", "from afar"], "").await;
    assert!(sent.status.success(), "{}", text(&sent.stderr));
    let mut heard = Vec::new();
    while heard.len() < 9 {
        heard.push(tail.line().await);
    }
    talking.await.unwrap();
    assert_eq!(heard.iter().filter(|line| line.contains("from afar")).count(), 1);
    for n in 0..8 {
        assert_eq!(heard.iter().filter(|line| line.contains(&format!("bard: new {n} "))).count(), 1);
    }
}

#[tokio::test]
async fn a_line_that_swallows_is_named_by_send_and_on_the_screen() {
    let server = Server::start().await;
    let proxy = Proxy::start(server.address).await;
    let mut alice = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &through(&server, &proxy, "alice"));
    alice.shows("● live").await;
    alice.types("before\r");
    alice.shows("alice  before").await;
    let stalled = Way { is_stalled: true, ..Way::default() };
    proxy.set(Way::default(), stalled);
    let began = Instant::now();
    alice.types("into the void\r");
    alice.shows("No answer for 7 s, 1 message on its way").await;
    assert!((6..=12).contains(&began.elapsed().as_secs()));
    alice.shows("No answer for 9 s").await;
    proxy.set(Way::default(), Way::default());
    alice.shows("● live").await;
    alice.hides("on its way").await;
}

#[tokio::test]
async fn send_says_that_there_is_no_answer() {
    let server = Server::start().await;
    let proxy = Proxy::start(server.address).await;
    let mut tail = Tail::start(&server.args("reader"), &["tail", "--follow"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-tui"));
    command.args(through(&server, &proxy, "ci")).arg("send").stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut sending = command.spawn().unwrap();
    let mut input = sending.stdin.take().unwrap();
    let mut told = BufReader::new(sending.stderr.take().unwrap()).lines();
    writeln!(input, "one").unwrap();
    assert!(tail.line().await.contains("ci: one"));
    proxy.set(Way::default(), Way { is_stalled: true, ..Way::default() });
    writeln!(input, "two").unwrap();
    let said = tokio::task::spawn_blocking(move || told.next().unwrap().unwrap()).await.unwrap();
    assert!(said.contains("no answer for 7 s"), "{said}");
    proxy.set(Way::default(), Way::default());
    drop(input);
    assert!(tail.line().await.contains("ci: two"));
    assert!(tokio::task::spawn_blocking(move || sending.wait().unwrap()).await.unwrap().success());
}

#[tokio::test]
async fn a_welcome_that_takes_longer_than_the_first_patience_is_waited_for() {
    let server = Server::start().await;
    let proxy = Proxy::start(server.address).await;
    let eve = stranger(&server).await;
    let (room, topic) = ("general".to_owned(), "x".repeat(250));
    eve.ask(Frame::Topic(SetTopic { room, topic })).await.unwrap();
    assert!(run(through(&server, &proxy, "ci"), &["send", "quickly"], "").await.status.success());
    proxy.set(Way::default(), Way { rate: Some(120), ..Way::default() });
    let began = Instant::now();
    let sent = run(through(&server, &proxy, "ci"), &["send", "slowly"], "").await;
    assert!(sent.status.success(), "{}", text(&sent.stderr));
    assert!(began.elapsed() > Duration::from_secs(10));
}

#[test]
fn the_status_line_counts_the_seconds_without_an_answer() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.types("one");
    person.presses(Action::Send);
    person.sees("● live ");
    person.sees_no("on its way");
    person.happens(chat_screen::msg::Msg::Update(Update::NoAnswer(Duration::from_secs(7))));
    person.sees("◐ No answer for 7 s, 1 message on its way");
    person.passes(3000);
    person.sees("No answer for 10 s");
    person.happens(chat_screen::msg::Msg::Update(Update::AnswersAgain));
    person.sees("● live ");
    assert_eq!(person.model.next_tick(), None, "nothing has to be looked at while nothing happens");
}
