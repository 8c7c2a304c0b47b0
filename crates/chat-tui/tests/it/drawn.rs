//! `update` and `view` without a terminal, a network or a clock.

use std::time::Duration;

use chat_proto::error::ErrorCode;
use chat_proto::event::{Message, What};
use chat_proto::reply::Failure;
use chat_proto::room::RoomKind;
use chat_proto::updates::Outgoing;
use chat_proto::updates::Update;
use chat_proto::user::Role;
use chat_proto::{Reply, Seq, Signal};
use chat_screen::action::Action;
use chat_screen::clean::Clean;
use chat_screen::msg::{Ask, Effect, Msg, ToScreen, ToServer};
use ratatui::style::Color;

use crate::person::{MORNING, Person, message, user};

#[test]
fn the_split_pane_at_80_by_24() {
    let mut person = Person::live(80, 24, &["morning! the migration is done", "two errors, both retried"]);
    person.types("looking");
    let expected = "\
Rooms            │ #general  Weekly sync
#dev           3 │
#general         │
                 │
Online 2         │
● alice (you)    │
● bob            │
                 │
                 │
                 │
                 │
                 │
                 │
                 │
                 │
                 │
                 │
                 │                    Beginning of the room.
                 │── Monday, 23 November 2026 ──────────────────────────────────
                 │09:58      bob  morning! the migration is done
                 │                two errors, both retried
                 │──────────────────────────────────────────────────────────────
                 │> looking
 ● live  alice at 127.0.0.1:8000                          Tab complete  F1 help
";
    assert_eq!(person.screen(), expected);
    assert_eq!(person.terminal.backend_mut().cursor_position(), (27, 22).into());
}

#[test]
fn a_narrow_screen_and_a_wide_one() {
    let mut narrow = Person::live(40, 10, &["hello"]);
    let screen = narrow.screen();
    assert!(screen.starts_with(" #general  W… "), "{screen}");
    narrow.sees("3 new elsewhere, 2 online");
    narrow.sees("hello");
    let mut wide = Person::live(140, 40, &["hello"]);
    wide.sees("● alice (you)");
    let mut small = Person::live(20, 5, &["hello"]);
    small.types("hi");
    assert!(small.screen().contains("> hi"), "what is typed is seen: {}", small.screen());
    // If there is no room for anything, nothing panics.
    let mut tiny = Person::live(10, 3, &["hello"]);
    tiny.screen();
    let mut none = Person::live(1, 1, &["hello"]);
    none.screen();
}

#[test]
fn a_message_of_mine_is_grey_until_it_is_acknowledged() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.types("on my way");
    person.presses(Action::Send);
    let Some(Effect::Server(ToServer::Post(Outgoing { nonce, room, text, .. }))) = person.effects.pop()
    else {
        panic!("{:?}", person.effects)
    };
    assert_eq!((room.as_str(), text.as_str()), ("general", "on my way"));
    assert_eq!(person.colour_of("on my way"), Color::DarkGray);
    let mut event = message("general", 2, user(1, "alice"), "on my way");
    event.what =
        What::Message(Message { text: "on my way".into(), nonce: Some(nonce.clone()), ..Message::default() });
    person.hears(event);
    person.happens(Msg::Update(Update::Sent { nonce, room, seq: Seq(2), at: MORNING }));
    assert_eq!(person.colour_of("on my way"), Color::Reset);
    assert_eq!(person.screen().matches("on my way").count(), 1);
}

#[test]
fn what_is_refused_stays_with_the_reason_until_escape() {
    let mut person = Person::live(80, 24, &["hi"]);
    let entry = Outgoing {
        nonce: "n-1".into(),
        room: "general".into(),
        text: "too much".into(),
        ..Outgoing::default()
    };
    let failure = Failure::new(ErrorCode::TooLong, "Shorten it.");
    person.happens(Msg::Update(Update::Failed { entry, failure }));
    person.sees("!               too much");
    person.sees("not sent: Shorten it.");
    person.presses(Action::Escape);
    person.presses(Action::Escape);
    person.sees_no("too much");
}

#[test]
fn the_status_line_tells_the_truth() {
    let mut person = Person::new(80, 24);
    person.sees("◐ connecting");
    let mut person = Person::live(80, 24, &["hi"]);
    person.sees("● live");
    let lost =
        Update::Offline { reason: "connection refused".into(), retry_in: Some(Duration::from_millis(3500)) };
    person.happens(Msg::Update(lost));
    person.sees("○ offline: connection refused, retrying in 4 s");
    for text in ["a", "b", "c"] {
        person.types(text);
        person.presses(Action::Send);
    }
    person.sees_no("waiting");
    person.keeps();
    person.sees("3 messages waiting");
    assert_eq!(person.model.next_tick(), Some(MORNING + 1000), "the countdown needs a second's tick");
    person.passes(2000);
    person.sees("retrying in 2 s");
    person.presses(Action::Reconnect);
    assert_eq!(person.effects.pop(), Some(Effect::Server(ToServer::Reconnect)));
}

#[test]
fn nothing_ticks_while_nothing_happens() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.passes(1000);
    assert_eq!(person.model.next_tick(), None);
    let typing = Signal::Typing { room: "general".into(), user: user(2, "bob") };
    person.happens(Msg::Update(Update::Signal(typing)));
    person.sees("bob is typing…");
    assert!(person.model.next_tick().is_some());
    person.passes(6001);
    person.sees_no("bob is typing…");
    assert_eq!(person.model.next_tick(), None);
}

#[test]
fn scrolling_up_keeps_the_place_loads_more_and_tells_what_is_new() {
    let texts: Vec<String> = (101..=150).map(|n| format!("message {n}")).collect();
    let mut person = Person::live(80, 24, &[]);
    let page = (101..).zip(&texts).map(|(seq, text)| message("general", seq, user(2, "bob"), text)).collect();
    person.joined("general", 150, page);
    person.effects.clear();
    person.presses(Action::PageUp);
    let before = person.screen();
    person.hears(message("general", 151, user(3, "carol"), "tidings"));
    person.sees("↓ 1 new (Esc)");
    // Only the messages, because the sidebar keeps counting.
    let rows = |screen: &str| {
        screen.lines().take(20).map(|line| line.chars().skip(18).collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(rows(&person.screen()), rows(&before), "nothing moved");
    while !person.effects.iter().any(|effect| matches!(effect, Effect::Server(ToServer::Ask(Ask::Older(..)))))
    {
        person.presses(Action::PageUp);
    }
    assert!(person.effects.contains(&Effect::Server(ToServer::Ask(Ask::Older("general".into(), Seq(101))))));
    let asked = person.effects.len();
    person.presses(Action::PageUp);
    assert_eq!(person.effects.len(), asked, "once");
    let older = (1..=100).map(|n| message("general", n, user(2, "bob"), &format!("message {n}"))).collect();
    let place = rows(&person.screen())[5].clone();
    let reply = Reply::Messages { room: "general".into(), messages: older, more: false };
    person.happens(Msg::Answer(Ask::Older("general".into(), Seq(101)), Ok(reply)));
    assert!(rows(&person.screen()).contains(&place), "the place is kept");
    for _ in 0..20 {
        person.presses(Action::PageUp);
    }
    person.sees("Beginning of the room.");
    person.sees("message 1\n");
    for n in 0..200 {
        person.presses(Action::PageDown);
        if person.screen().contains("tidings") {
            assert!(n > 3);
            break;
        }
    }
    person.sees("tidings");
    person.presses(Action::PageUp);
    person.presses(Action::Escape);
    person.sees("tidings");
    person.sees_no("(Esc)");
}

#[test]
fn another_room_counts_what_is_new_and_marks_where_it_begins() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.effects.clear();
    person.presses(Action::NextUnread);
    assert_eq!(
        person.effects.first(),
        Some(&Effect::Server(ToServer::Ask(Ask::Join { room: "dev".into(), show: false })))
    );
    let page = (1..=3).map(|n| message("dev", n, user(2, "bob"), &format!("dev {n}"))).collect();
    person.model.rooms.get_mut("dev").unwrap().read = Seq(1);
    person.model.rooms.get_mut("dev").unwrap().divider = Some(Seq(1));
    person.joined("dev", 3, page);
    person.sees("── new ─");
    person.hears(message("general", 2, user(2, "bob"), "elsewhere"));
    person.sees("#general       1");
    person.effects.clear();
    person.passes(1000);
    person.passes(1000);
    assert_eq!(
        person.effects,
        [Effect::Server(ToServer::Ask(Ask::Read("dev".into(), Seq(3))))],
        "read after a moment, once"
    );
}

#[test]
fn an_event_that_overtakes_the_page_before_it_is_read_again() {
    let mut person = Person::live(80, 24, &[]);
    person.model.rooms.get_mut("general").unwrap().timeline.forget();
    person.effects.clear();
    person.hears(message("general", 2, user(2, "bob"), "second"));
    person.joined("general", 1, vec![message("general", 1, user(2, "bob"), "first")]);
    let again = Effect::Server(ToServer::Ask(Ask::Join { room: "general".into(), show: false }));
    assert!(person.effects.contains(&again), "{:?}", person.effects);
    person.hears(message("general", 3, user(2, "bob"), "third"));
    let texts = [(1, "first"), (2, "second")];
    person.joined(
        "general",
        2,
        texts.map(|(seq, text)| message("general", seq, user(2, "bob"), text)).into(),
    );
    for text in ["first", "second", "third"] {
        person.sees(text);
    }
}

#[test]
fn who_looks_away_has_not_read() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.happens(Msg::Focus(false));
    person.hears(message("general", 2, user(2, "bob"), "are you there?"));
    person.effects.clear();
    person.passes(5000);
    assert_eq!(person.effects, []);
    person.sees("── new ─");
    person.happens(Msg::Focus(true));
    person.passes(1000);
    assert_eq!(person.effects, [Effect::Server(ToServer::Ask(Ask::Read("general".into(), Seq(2))))]);
}

#[test]
fn who_types_before_there_is_a_room_loses_nothing() {
    let mut person = Person::new(80, 24);
    person.types("too early");
    person.presses(Action::Send);
    person.sees("too early");
    person.types("a dra");
    person.sees("> a dra");
    person.joined("general", 0, vec![]);
    let posts: Vec<_> = person
        .effects
        .iter()
        .filter(|effect| {
            matches!(
                effect,
                Effect::Server(ToServer::Post(Outgoing { .. })) | Effect::Server(ToServer::Place(_))
            )
        })
        .collect();
    assert!(
        matches!(posts.as_slice(), [Effect::Server(ToServer::Post(Outgoing { room, text, .. })), Effect::Server(ToServer::Place(to))] if room.is_empty() && text == "too early" && to == "general")
    );
    person.sees("too early");
    person.types("ft");
    person.sees("> a draft");
    let mut person = Person::new(80, 24);
    person.types("where to?");
    person.presses(Action::Send);
    let failure = Failure::new(ErrorCode::NoSuchRoom, "No such room.");
    let ask = Ask::Join { room: "nowhere".into(), show: true };
    person.happens(Msg::Answer(ask, Err(chat_client::AskError::Refused(failure))));
    person.sees("> where to?");
    person.sees("No such room.");
    let Some(Effect::Server(ToServer::Post(Outgoing { nonce, .. }))) = person.effects.first().cloned() else {
        panic!("{:?}", person.effects)
    };
    assert_eq!(
        person.effects.last(),
        Some(&Effect::Server(ToServer::Withdraw(vec![nonce]))),
        "it is the person's again"
    );
}

#[test]
fn commands_mistakes_and_pastes() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.effects.clear();
    person.types("/jion dev");
    person.presses(Action::Send);
    person.sees("There is no command /jion. Did you mean /join?");
    person.sees("> /jion dev");
    person.presses(Action::Interrupt);
    person.types("/create ops What runs");
    person.presses(Action::Send);
    assert_eq!(
        person.effects.pop(),
        Some(Effect::Server(ToServer::Ask(Ask::Create { room: "ops".into(), topic: "What runs".into() })))
    );
    person.happens(Msg::Paste("one\r\n/quit\r\nthree".into()));
    assert_eq!(
        person.effects.iter().filter(|e| !matches!(e, Effect::Server(ToServer::Typing(_)))).count(),
        0,
        "a paste does nothing by itself"
    );
    person.sees("> one");
    person.presses(Action::Send);
    let Some(Effect::Server(ToServer::Post(Outgoing { text, .. }))) = person.effects.pop() else { panic!() };
    assert_eq!(text, "one\n/quit\nthree");
    person.presses(Action::Up);
    person.sees("> one");
    person.presses(Action::Interrupt);
    person.types("bo");
    person.presses(Action::Complete);
    person.sees("> bob:");
    person.presses(Action::Interrupt);
    person.presses(Action::Interrupt);
    person.sees("Ctrl+C again quits");
    person.presses(Action::Interrupt);
    assert_eq!(person.effects.pop(), Some(Effect::Screen(ToScreen::Quit)));
}

#[test]
fn a_taken_name_asks_for_another_in_place() {
    let mut person = Person::new(80, 24);
    let failure = Failure::new(ErrorCode::NameTaken, "The name alice is in use here.");
    person.happens(Msg::Update(Update::NameRefused(failure)));
    person.sees("The name alice is in use here.");
    person.types("alice2");
    person.sees("Name: alice2");
    person.presses(Action::Send);
    assert_eq!(person.effects, [Effect::Server(ToServer::Rename("alice2".into()))]);
}

#[test]
fn the_help_has_everything_on_one_small_screen() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.presses(Action::Help);
    for text in ["Alt+Enter", "PgUp", "F6", "F4"] {
        person.sees(text);
    }
    person.presses(Action::Help);
    for text in ["/join", "/dm", "/register", "/quit"] {
        person.sees(text);
    }
    person.sees_no("/kick");
}

#[test]
fn a_help_that_is_longer_than_the_screen_scrolls_to_its_end() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.model.me.as_mut().unwrap().role = Role::Admin;
    person.types("/help");
    person.presses(Action::Send);
    person.sees("/join");
    person.sees_no("/quit");
    for _ in 0..9 {
        person.presses(Action::PageDown);
    }
    person.sees("/quit");
    person.sees_no("/join");
    person.presses(Action::Up);
    person.sees_no("/quit");
    person.presses(Action::Help);
    person.sees("Help: keys");
}

#[test]
fn a_direct_message_that_is_too_long_stays_in_the_input() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.types(&format!("/dm bob {}", "x".repeat(5000)));
    person.effects.clear();
    person.presses(Action::Send);
    person.sees("Too long: 5000 bytes");
    assert_eq!(person.effects, []);
    assert!(person.model.draft().text().starts_with("/dm bob"));
}

#[test]
fn columns_stay_in_line_beside_letters_that_a_ligature_would_join() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.model.rooms.get_mut("dev").unwrap().mentions = 1;
    let room = person.model.rooms.get_mut("dev").unwrap();
    (room.kind, room.mine.user) = (RoomKind::Direct, Some(user(2, "لالا")));
    let last = |person: &mut Person, x: u16, y: u16| {
        person.screen();
        person.terminal.backend().buffer()[(x, y)].symbol().to_owned()
    };
    assert_eq!(last(&mut person, 15, 1), "1", "{}", person.screen());
    // What follows them in another style is drawn behind them.
    person.hears(message("general", 2, user(3, "لالا"), "لالا **لالا** end"));
    person.sees("لالا  لالا لالا end");
    person.types("لالا");
    person.sees("> لالا");
    // Without the sidebar, the header ends with the number of people online.
    let mut person = Person::live(40, 10, &["hi"]);
    person.model.rooms.get_mut("general").unwrap().topic = Clean::line("لالا");
    assert_eq!(last(&mut person, 38, 0), "e", "{}", person.screen());
}
