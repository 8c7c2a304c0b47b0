//! The program in a pseudo-terminal against a real server.

use std::time::{Duration, Instant};

use testbed::{PATIENCE, Server, Terminal};

fn start(args: &[String]) -> Terminal {
    Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), args)
}

/// Out of the alternate screen, paste and focus reports off, cursor on.
fn is_restored(terminal: &Terminal) -> bool {
    let raw = terminal.raw();
    let has = |code: &&str| raw.windows(code.len()).any(|w| w == code.as_bytes());
    ["\x1b[?1049l", "\x1b[?2004l", "\x1b[?1004l", "\x1b[?25h", "\x1b[?1000l"].iter().all(has)
}

#[tokio::test]
async fn two_terminals_talk_across_a_restart_and_a_resize() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (start(&server.args("alice")), start(&server.args("bob")));
    alice.shows("● live").await;
    bob.shows("● live").await;
    alice.types("hello bob 日本 👨‍👩‍👧\r");
    bob.shows("hello bob 日本").await;
    bob.types("hello alice\r");
    alice.shows("hello alice").await;
    let (address, dir) = server.stop().await;
    alice.shows("○ offline").await;
    alice.types("are you still there?\r");
    alice.shows("1 message waiting").await;
    let server = Server::on(address, dir, |_| {}).await;
    bob.shows("are you still there?").await;
    alice.shows("● live").await;
    alice.resize(50, 12);
    bob.types("yes, in a smaller window\r");
    alice.shows("window").await;
    alice.shows("yes, in a").await;
    // Presence is sent within a second.
    alice.shows("2 online").await;
    alice.resize(120, 40);
    alice.shows("Online 2").await;
    for text in ["hello bob", "hello alice", "are you still there?", "yes, in a smaller window"] {
        alice.shows(text).await;
        assert_eq!(alice.contents().matches(text).count(), 1, "{text} is there once:\n{}", alice.contents());
    }
    alice.types("/quit\r");
    assert_eq!(alice.ends().await, 0);
    assert!(is_restored(&alice));
    drop(server);
}

#[tokio::test]
async fn a_taken_name_is_asked_for_again_and_the_token_brings_one_back() {
    let server = Server::start().await;
    let mut first = start(&server.args("alice"));
    first.shows("● live").await;
    // Another state folder, so another person.
    let mut args = server.args("thief");
    args[1] = "alice".to_owned();
    let mut second = start(&args);
    second.shows("Your name").await;
    second.types("bob\r");
    second.shows("● live  bob").await;
    first.types("\x03\x03");
    assert_eq!(first.ends().await, 0);
    let again = start(&server.args("alice"));
    again.shows("● live  alice").await;
}

#[tokio::test]
async fn a_message_typed_while_there_is_no_server_survives_the_program() {
    let server = Server::start().await;
    let args = server.args("alice");
    let mut alice = start(&args);
    alice.shows("● live").await;
    let (address, dir) = server.stop().await;
    alice.shows("○ offline").await;
    alice.types("kept on disk\r");
    alice.shows("1 message waiting").await;
    alice.types("/quit\r");
    alice.ends().await;
    let _server = Server::on(address, dir, |_| {}).await;
    let again = start(&args);
    again.shows("kept on disk").await;
    again.shows("● live").await;
    again.hides("waiting").await;
}

#[tokio::test]
async fn term_16_signals_leave_a_sane_terminal() {
    let server = Server::start().await;
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP, rustix::process::Signal::INT]
    {
        let mut alice = start(&server.args("alice"));
        alice.shows("● live").await;
        let pid = rustix::process::Pid::from_raw(alice.id().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
        alice.ends().await;
        assert!(is_restored(&alice), "{signal:?}");
    }
}

#[tokio::test]
async fn the_wheel_scrolls_the_messages_and_not_the_history_of_the_input() {
    let server = Server::start().await;
    let mut alice = start(&server.args("alice"));
    alice.shows("● live").await;
    for n in 1..=40 {
        alice.types(&format!("line {n}\r"));
    }
    alice.shows("line 40").await;
    alice.hides("on their way").await;
    alice.types("\x1b[<64;10;10M\x1b[<64;10;10M");
    alice.shows("↓ Esc: newest").await;
    alice.hides("line 40").await;
    alice.types("\x1b[<65;10;10M\x1b[<65;10;10M\x1b[<65;10;10M");
    alice.shows("line 40").await;
    alice.types("\x1bOR");
    alice.shows("The mouse selects text").await;
}

#[tokio::test]
async fn a_terminal_that_answers_no_questions_is_drawn_anew() {
    let server = Server::start().await;
    let mut alice = start(&server.args("alice"));
    alice.shows("● live").await;
    alice.types("anew\r");
    alice.shows("anew").await;
    let before = alice.raw().len();
    alice.types("\x0c");
    alice.types("and on\r");
    alice.shows("and on").await;
    let since = alice.raw()[before..].to_vec();
    assert!(since.windows(4).any(|w| w == b"anew"), "everything was drawn");
}

#[tokio::test]
async fn idle_means_nothing_is_drawn() {
    let server = Server::start().await;
    let mut alice = start(&server.args("alice"));
    alice.shows("Online 1").await;
    alice.types("x");
    alice.shows("> x").await;
    // After the person's own presence and the read mark, nothing is written for three seconds.
    let began = Instant::now();
    let mut quiet = Duration::ZERO;
    while quiet < Duration::from_secs(3) {
        assert!(began.elapsed() < PATIENCE, "it draws without a reason");
        let before = alice.raw().len();
        tokio::time::sleep(Duration::from_millis(250)).await;
        quiet = if alice.raw().len() == before { quiet + Duration::from_millis(250) } else { Duration::ZERO };
    }
}
