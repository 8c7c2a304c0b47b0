//! Too much, too odd, or from another epoch, on a drawn screen.

use chat_proto::event::What;
use chat_proto::limits::Limits;
use chat_proto::reply::{Failure, Server, Welcome};
use chat_proto::updates::Update;
use chat_proto::user::{Me, Role, UserKind};
use chat_proto::{ErrorCode, Seq, Signal, Token, UserId};

use chat_screen::clean::CLUSTER_CHARS;
use chat_screen::msg::{Ask, Effect, Msg, ToServer};

use crate::person::{Person, message, summary, user};

#[test]
fn strangers_text_reaches_no_cell_unclean() {
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m \u{202e}evil\u{2066} a\u{200b}b\u{e0041} \u{7f}\r";
    let zalgo = format!("z{}", "\u{301}".repeat(5000));
    let mut person = Person::live(80, 24, &[hostile, &zalgo]);
    let mut event = message("general", 3, user(9, "na\u{1b}[1mme\u{202e}"), "x\ny");
    person.hears(event.clone());
    event.seq = Seq(4);
    event.what = What::Topic { topic: hostile.to_owned() };
    person.hears(event);
    let typing = Signal::Typing { room: "general".into(), user: user(9, hostile) };
    person.happens(Msg::Update(Update::Signal(typing)));
    let presence = Signal::Presence {
        room: "general".into(),
        online: vec![user(9, hostile)],
        offline: vec![],
        online_count: 3,
    };
    person.happens(Msg::Update(Update::Signal(presence)));
    let notice = Signal::Notice { code: "x".into(), text: hostile.into(), room: None };
    person.happens(Msg::Update(Update::Signal(notice)));
    person.happens(Msg::Update(Update::Offline { reason: hostile.into(), retry_in: None }));
    person.screen();
    for cell in person.terminal.backend().buffer().content() {
        let symbol = cell.symbol();
        assert!(symbol.chars().count() <= CLUSTER_CHARS, "{symbol:?}");
        let bad = |c: char| {
            c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
        };
        assert!(!symbol.contains(bad), "{symbol:?}");
    }
}

#[test]
fn a_reset_forgets_and_loads_anew() {
    let mut person = Person::live(80, 24, &["ancient"]);
    person.effects.clear();
    person.happens(Msg::Update(Update::Signal(Signal::Reset { room: "general".into(), head: Seq(5000) })));
    assert_eq!(
        person.effects,
        [Effect::Server(ToServer::Ask(Ask::Join { room: "general".into(), show: false }))]
    );
    person.joined("general", 5000, vec![message("general", 5000, user(2, "bob"), "much later")]);
    person.sees("much later");
    person.sees_no("ancient");
}

#[test]
fn a_replaced_database_is_not_mixed_with_the_old_one() {
    let mut person = Person::live(80, 24, &["ancient", "history"]);
    let server = Server {
        name: "chat".into(),
        version: "0".into(),
        default_room: "general".into(),
        log: "M".into(),
        features: vec![],
    };
    let user = Me { id: UserId(1), name: "alice".into(), kind: UserKind::Guest, role: Role::Guest };
    let (token, limits) = (Some(Token::new("t".into())), Limits::default());
    let welcome = Welcome { protocol: 1, user, token, server, limits, rooms: vec![] };
    person.happens(Msg::Update(Update::Live(Box::new(welcome))));
    assert!(
        person
            .effects
            .contains(&Effect::Server(ToServer::Ask(Ask::Join { room: "general".into(), show: true })))
    );
    person.joined("general", 1, vec![message("general", 1, self::user(2, "bob"), "a new beginning")]);
    person.sees("a new beginning");
    person.sees_no("history");
}

/// Events that a server replays after the history forked behind the cursor continue what is held.
#[test]
fn another_log_keeps_what_is_held_until_a_reset() {
    let mut person = Person::live(80, 24, &["ancient", "history"]);
    let server = Server {
        name: "chat".into(),
        version: "0".into(),
        default_room: "general".into(),
        log: "M".into(),
        features: vec![],
    };
    let user = Me { id: UserId(1), name: "alice".into(), kind: UserKind::Guest, role: Role::Guest };
    let (token, limits) = (Some(Token::new("t".into())), Limits::default());
    let rooms = vec![summary("general", 3, 0)];
    let welcome = Welcome { protocol: 1, user, token, server, limits, rooms };
    person.happens(Msg::Update(Update::Live(Box::new(welcome.clone()))));
    person.hears(message("general", 3, self::user(2, "bob"), "replayed"));
    for text in ["ancient", "history", "replayed"] {
        person.sees(text);
    }
    // A room whose head is lower than what is held cannot have the same history.
    let rooms = vec![summary("general", 1, 0)];
    person.happens(Msg::Update(Update::Live(Box::new(Welcome { rooms, ..welcome }))));
    person.sees_no("history");
}

#[test]
fn who_lost_their_login_is_told_and_enters_all_rooms_again() {
    let mut person = Person::live(80, 24, &["hi"]);
    let mut summary = summary("dev", 3, 3);
    summary.joined = false;
    let server = Server {
        name: "chat".into(),
        version: "0".into(),
        default_room: "general".into(),
        log: "L".into(),
        features: vec![],
    };
    let user = Me { id: UserId(9), name: "alice".into(), kind: UserKind::Guest, role: Role::Guest };
    let (token, limits) = (Some(Token::new("t".into())), Limits::default());
    let welcome = Welcome { protocol: 1, user, token, server, limits, rooms: vec![] };
    person.effects.clear();
    person.happens(Msg::Update(Update::NewUser));
    person.happens(Msg::Update(Update::Live(Box::new(welcome))));
    person.sees("Your login has ended, so you are a new guest called alice.");
    let joins = |room: &str, show| Effect::Server(ToServer::Ask(Ask::Join { room: room.into(), show }));
    assert!(
        person.effects.contains(&joins("general", true)) && person.effects.contains(&joins("dev", false))
    );
    // A room that can no longer be joined is no longer the person's.
    let failure = Failure::new(ErrorCode::NoSuchRoom, "There is no such room here.");
    let ask = Ask::Join { room: "dev".into(), show: false };
    person.happens(Msg::Answer(ask, Err(chat_client::AskError::Refused(failure))));
    assert!(!person.model.rooms.contains_key("dev"));
    person.sees("#dev: There is no such room here.");
}

/// A hundred thousand messages are only laid out if they are on the screen.
#[test]
fn a_flood_stays_bounded() {
    let mut person = Person::live(140, 40, &["hi"]);
    for seq in 2..=100_000 {
        person.hears(message("general", seq, user(2, "bob"), "flood"));
    }
    person.hears(message("general", 100_001, user(2, "bob"), "the last drop"));
    person.sees("the last drop");
    let first = person.model.room().unwrap().timeline.first_seq().unwrap();
    assert!(first > Seq(90_000), "old ones make room");
}
