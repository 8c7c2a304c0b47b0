//! An unknown state is not taken for the good one: whether the person is looking, and whether things can be stored.

use chat_proto::event::{Event, Message, What};
use chat_proto::updates::Update;
use chat_proto::{Seq, Signal};
use chat_screen::action::{Action, Edit};
use chat_screen::model::Attention;
use chat_screen::msg::{Ask, Effect, Msg, ToScreen, ToServer};
use testbed::{Server, Terminal};

use super::pipes::text;
use crate::person::{Person, message, user};

/// A person whose terminal never reported its focus, as tmux does not by default.
fn in_tmux() -> Person {
    let mut person = Person::live(80, 24, &["hi"]);
    person.model.attention = Attention::default();
    person.passes(100_000);
    person.effects.clear();
    person
}

fn mention(room: &str, seq: u64) -> Event {
    let mentions = vec!["alice".to_owned()];
    let what = What::Message(Message { text: "@alice?".into(), mentions, ..Message::default() });
    Event { what, ..message(room, seq, user(2, "bob"), "") }
}

fn rings(person: &Person) -> bool {
    person.effects.iter().any(|effect| matches!(effect, Effect::Screen(ToScreen::Attract(_))))
}

fn marks(person: &Person) -> bool {
    person.effects.iter().any(|effect| matches!(effect, Effect::Server(ToServer::Ask(Ask::Read(..)))))
}

fn waits(person: &mut Person) {
    person.passes(1);
    person.passes(5000);
}

#[test]
fn where_focus_is_unknown_it_rings_and_nothing_counts_as_read_before_a_key() {
    let mut person = in_tmux();
    person.hears(mention("general", 2));
    waits(&mut person);
    assert!(rings(&person) && !marks(&person));
    assert_eq!(person.model.rooms["general"].mentions, 1);
    person.sees("#general      @1");
    person.sees("─ new ─");
    person.presses(Action::Edit(Edit::Right));
    waits(&mut person);
    assert!(marks(&person));
    assert_eq!(person.model.rooms["general"].mentions, 0);
}

#[test]
fn a_key_counts_for_a_minute_and_a_sound_is_made_all_the_same() {
    for press in [
        Msg::Action(Action::Edit(Edit::Right)),
        Msg::Insert('x'),
        Msg::Paste("x".into()),
        Msg::Wheel { up: false },
    ] {
        let mut person = in_tmux();
        person.happens(press);
        person.passes(50_000);
        person.effects.clear();
        person.hears(mention("general", 2));
        waits(&mut person);
        assert!(rings(&person) && marks(&person));
        person.passes(60_000);
        person.effects.clear();
        person.hears(mention("general", 3));
        waits(&mut person);
        assert!(rings(&person) && !marks(&person));
        assert_eq!(person.model.rooms["general"].unread, 1);
    }
}

#[test]
fn where_focus_is_told_it_counts_and_not_the_keys() {
    let mut person = in_tmux();
    person.happens(Msg::Focus(true));
    person.effects.clear();
    person.hears(mention("general", 2));
    waits(&mut person);
    assert!(!rings(&person) && marks(&person), "the person looks");
    person.happens(Msg::Focus(false));
    person.effects.clear();
    // From then on, keys and wheel events do not come from the person.
    person.happens(Msg::Wheel { up: false });
    person.hears(mention("general", 3));
    waits(&mut person);
    assert!(rings(&person) && !marks(&person), "the person looks elsewhere");
    person.hears(mention("dev", 4));
    assert!(rings(&person));
}

#[test]
fn a_partial_read_elsewhere_counts_in_the_room_that_nobody_looks_at() {
    let mut person = in_tmux();
    for seq in 2..=5 {
        person.hears(mention("general", seq));
    }
    person.happens(Msg::Update(Update::Signal(Signal::Read { room: "general".into(), seq: Seq(4) })));
    waits(&mut person);
    assert_eq!((person.model.rooms["general"].unread, marks(&person)), (1, false));
}

#[tokio::test]
async fn a_terminal_that_tells_no_focus_gets_a_bell_and_keeps_the_badge() {
    let server = Server::start().await;
    let mut alice = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &server.args("alice"));
    alice.shows("Online").await;
    let mut bob = Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), &server.args("bob"));
    bob.shows("Online").await;
    bob.types("@alice are you there?\r");
    alice.shows("are you there?").await;
    alice.shows("@1").await;
    let rung = async {
        while !alice.raw().contains(&7) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(testbed::PATIENCE, rung).await.expect("it rings");
    alice.types("x");
    alice.hides("@1").await;
}

/// Runs a script in an environment where nothing can be stored.
async fn without_home(server: &Server, home: &str, more: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chat-tui"));
    command.args(["--server", &server.url(), "--name", "cron"]).args(more).stdin(std::process::Stdio::null());
    for variable in ["XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "CHAT_TUI_STATE_DIR"] {
        command.env_remove(variable);
    }
    command.env("HOME", home);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test]
async fn scripts_go_on_where_nothing_can_be_kept_and_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a file");
    std::fs::write(&file, "content").unwrap();
    let shown = file.display().to_string();
    for home in ["/dev/null", "/proc/none", shown.as_str()] {
        for more in [
            &["send", "from cron"][..],
            &["send", "--file", &shown, "with a file"],
            &["tail"],
            &["--state-dir", &shown, "send", "hi"],
        ] {
            // A guest whose login is not stored has the name to itself for a while.
            let server = Server::start().await;
            let ended = without_home(&server, home, more).await;
            let said = text(&ended.stderr);
            assert_eq!(ended.status.code(), Some(0), "{home} {more:?}: {said}");
            assert!(said.contains("--state-dir"), "{home} {more:?}: {said}");
        }
    }
}

#[tokio::test]
async fn the_screen_goes_on_where_nothing_can_be_kept_and_says_so() {
    let server = Server::start().await;
    let url = server.url();
    let program = env!("CARGO_BIN_EXE_chat-tui");
    let args = ["-u", "XDG_STATE_HOME", "HOME=/dev/null", program, "--server", &url, "--name", "alice"];
    let args: Vec<String> = args.map(str::to_owned).into();
    let mut alice = Terminal::start("env", &args);
    alice.shows("--state-dir").await;
    alice.types("still works\r");
    alice.shows("alice  still works").await;
}
