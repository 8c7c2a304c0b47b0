//! Messages that wait to be sent: on disk, or reported as not being there.

use std::path::Path;

use chat_proto::updates::Outgoing;
use chat_proto::updates::Update;
use chat_screen::action::Action;
use chat_screen::msg::{Effect, Msg, ToScreen, ToServer};
use testbed::{Server, Terminal};

use crate::person::Person;
use crate::pipes::{Tail, run, text};

fn start(args: &[String]) -> Terminal {
    Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), args)
}

fn kill(terminal: &Terminal) {
    let pid = rustix::process::Pid::from_raw(terminal.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Returns the messages in the server's default room.
async fn said(server: &Server) -> Vec<String> {
    let out = run(server.args("reader"), &["tail", "-n", "1000"], "").await;
    text(&out.stdout).lines().map(|line| line.split(": ").nth(1).unwrap_or_default().to_owned()).collect()
}

fn offline(person: &mut Person) {
    person.happens(Msg::Update(Update::Offline { reason: "gone".into(), retry_in: None }));
}

#[test]
fn what_is_not_on_disk_is_told_and_leaving_asks_once() {
    let mut person = Person::live(80, 24, &["hi"]);
    offline(&mut person);
    person.types("a");
    person.presses(Action::Send);
    person.sees_no("waiting");
    person.happens(Msg::Update(Update::JournalLost("No space left on device (os error 28)".into())));
    person.sees("1 message not on disk");
    person.sees("Messages waiting here are not on disk: No space left on");
    person.sees("They will be lost if you quit.");
    // Each further message warns again, because typing removed the note.
    person.types("b");
    person.sees_no("Messages waiting here");
    person.presses(Action::Send);
    person.sees("Messages waiting here are not on disk");
    person.sees("2 messages not on disk");
    person.effects.retain(|effect| matches!(effect, Effect::Server(ToServer::Post(Outgoing { .. }))));
    person.types("/quit");
    person.presses(Action::Send);
    assert!(!person.effects.contains(&Effect::Screen(ToScreen::Quit)));
    person.sees("2 messages are not on disk and will be lost");
    person.types("/quit");
    person.presses(Action::Send);
    assert!(person.effects.contains(&Effect::Screen(ToScreen::Quit)));
    // The disk has room again.
    person.keeps();
    person.happens(Msg::Update(Update::JournalBack));
    person.sees_no("not on disk");
    person.sees("2 messages waiting");
    person.effects.clear();
    person.types("/quit");
    person.presses(Action::Send);
    assert_eq!(person.effects, [Effect::Screen(ToScreen::Quit)]);
}

#[tokio::test]
async fn two_windows_killed_while_offline_lose_nothing_and_the_next_start_sends_both_once() {
    let server = Server::start().await;
    let args = server.args("alice");
    let mut first = start(&args);
    first.shows("message to #general").await;
    let mut second = start(&args);
    second.shows("message to #general").await;
    let (address, dir) = server.stop().await;
    for (window, text) in [(&mut first, "from the first"), (&mut second, "from the second")] {
        window.shows("○ offline").await;
        window.types(&format!("{text}\r"));
        window.shows("1 message waiting").await;
        kill(window);
        window.ends().await;
    }
    let mut third = start(&args);
    third.shows("2 messages waiting").await;
    third.shows("#general: from the first").await;
    third.shows("#general: from the second").await;
    kill(&third);
    third.ends().await;
    let server = Server::on(address, dir, |_| {}).await;
    let fourth = start(&args);
    fourth.shows("● live").await;
    fourth.shows("from the first").await;
    fourth.shows("from the second").await;
    fourth.hides("on their way").await;
    let mut all = said(&server).await;
    all.sort();
    assert_eq!(all, ["from the first", "from the second"]);
}

#[tokio::test]
async fn a_second_window_that_is_quit_offline_leaves_its_messages_for_the_next_time() {
    let server = Server::start().await;
    let args = server.args("alice");
    let mut first = start(&args);
    first.shows("message to #general").await;
    let mut second = start(&args);
    second.shows("message to #general").await;
    let (address, dir) = server.stop().await;
    for window in [&mut first, &mut second] {
        window.shows("○ offline").await;
        window.types("one\r");
        window.types("two\r");
        window.shows("2 messages waiting").await;
        window.types("/quit\r");
        assert_eq!(window.ends().await, 0);
        // On the shell, after the screen has closed.
        window.hides("#general").await;
        window.shows(&format!("2 messages wait for http://{address}")).await;
        window.shows("will be sent the next time alice connects.").await;
    }
    let server = Server::on(address, dir, |_| {}).await;
    let third = start(&args);
    third.shows("● live").await;
    third.shows("two").await;
    third.hides("on their way").await;
    assert_eq!(said(&server).await, ["one", "two", "one", "two"]);
}

#[tokio::test]
async fn what_is_typed_before_the_first_room_survives_kill_and_quit_and_goes_there_in_order() {
    let server = Server::start().await;
    let args = server.args("alice");
    let (address, dir) = server.stop().await;
    let mut alice = start(&args);
    alice.shows("○ offline").await;
    alice.types("one :tada:\r");
    alice.shows("1 message waiting").await;
    alice.shows("one 🎉").await;
    alice.types("two\r");
    alice.shows("2 messages waiting").await;
    kill(&alice);
    alice.ends().await;
    let mut alice = start(&args);
    alice.shows("2 messages waiting").await;
    alice.shows("one 🎉").await;
    alice.types("three\r");
    alice.shows("3 messages waiting").await;
    alice.types("/quit\r");
    assert_eq!(alice.ends().await, 0);
    let server = Server::on(address, dir, |_| {}).await;
    let alice = start(&args);
    alice.shows("● live").await;
    alice.shows("three").await;
    alice.hides("on their way").await;
    assert_eq!(said(&server).await, ["one 🎉", "two", "three"]);
}

#[tokio::test]
async fn what_was_typed_before_a_name_was_refused_goes_along_to_the_next_one() {
    let server = Server::start().await;
    let taken = start(&server.args("alice"));
    taken.shows("message to #general").await;
    let (address, dir) = server.stop().await;
    let mut args = server_args_of(address, dir.path(), "other");
    args[1] = "alice".to_owned();
    let mut other = start(&args);
    other.shows("○ offline").await;
    other.types("typed early\r");
    other.shows("1 message waiting").await;
    let server = Server::on(address, dir, |_| {}).await;
    taken.shows("● live").await;
    other.shows("Your name").await;
    let (address, dir) = server.stop().await;
    other.types("bob\r");
    other.shows("connection refused").await;
    kill(&other);
    other.ends().await;
    args[1] = "bob".to_owned();
    let server = Server::on(address, dir, |_| {}).await;
    let mut reader = Tail::start(&server.args("reader"), &["tail", "--follow"]);
    let again = start(&args);
    again.shows("● live").await;
    assert!(reader.line().await.ends_with("bob: typed early"));
}

/// Returns the arguments for a server that is stopped now.
fn server_args_of(address: std::net::SocketAddr, dir: &Path, name: &str) -> Vec<String> {
    let state = dir.join("state").join(name).display().to_string();
    ["--name", name, "--server", &format!("http://{address}"), "--state-dir", &state]
        .map(str::to_owned)
        .into()
}

#[tokio::test]
async fn a_state_folder_that_cannot_be_used_is_told_and_leaving_says_what_is_lost() {
    let server = Server::start().await;
    let mut args = server.args("alice");
    let at = args.iter().position(|arg| arg == "--state-dir").unwrap();
    args[at + 1] = "/dev/null/state".to_owned();
    let mut alice = start(&args);
    alice.shows("message to #general").await;
    alice.shows("--state-dir").await;
    let (_address, _dir) = server.stop().await;
    alice.shows("○ offline").await;
    alice.types("lost words\r");
    alice.shows("1 message not on disk").await;
    alice.shows("They will be lost if you").await;
    alice.types("/quit\r");
    alice.shows("Quit again to leave").await;
    alice.types("/quit\r");
    assert_eq!(alice.ends().await, 0);
    alice.hides("#general").await;
    alice.shows("1 message was neither sent nor saved").await;
    alice.shows("lost words").await;
}

#[tokio::test]
async fn scripts_work_without_a_state_folder_and_say_so() {
    let server = Server::start().await;
    let mut args = server.args("ci");
    let at = args.iter().position(|arg| arg == "--state-dir").unwrap();
    args[at + 1] = "/dev/null/state".to_owned();
    let sent = run(args.clone(), &["send", "hello"], "").await;
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    assert!(text(&sent.stderr).contains("--state-dir"), "{}", text(&sent.stderr));
    assert_eq!(said(&server).await, ["hello"]);
}

#[tokio::test]
async fn a_damaged_outbox_of_an_earlier_version_is_read_as_far_as_it_can_be() {
    let server = Server::start().await;
    let args = server.args("alice");
    let state = args.iter().position(|arg| arg == "--state-dir").map(|at| args[at + 1].clone()).unwrap();
    let folder = Path::new(&state).join(server.address.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    let whole = r#"{"nonce":"n-1","room":"general","text":"whole é"}"#;
    let cut = whole.find('é').unwrap() + 1;
    let bytes = [whole.as_bytes(), b"\n", &whole.as_bytes()[..cut]].concat();
    std::fs::write(folder.join("alice.outbox"), bytes).unwrap();
    let alice = start(&args);
    alice.shows("● live").await;
    let mut reader = Tail::start(&server.args("reader"), &["tail", "--follow"]);
    assert!(reader.line().await.ends_with("alice: whole é"));
}
