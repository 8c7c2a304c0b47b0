//! The parts of a message other than its text: replies, edits, reactions, mentions, files, on a drawn screen.

use chat_proto::command::SetNotify;
use chat_proto::event::{Change, Event, File, MemberChange, Message, Reacted, What};
use chat_proto::reply::{Done, Failure, Found};
use chat_proto::room::{Member, Mine, Notify, RoomKind};
use chat_proto::updates::AskError;
use chat_proto::updates::Outgoing;
use chat_proto::user::Role;
use chat_proto::{Command, ErrorCode, Reply, Seq};
use chat_screen::action::Action;
use chat_screen::model::Room;
use chat_screen::model::timeline::Older;
use chat_screen::msg::{Ask, Effect, Msg, ToFiles, ToScreen, ToServer};

use crate::person::{Person, message, user};

#[test]
fn a_chosen_message_is_answered_and_the_answer_shows_what_it_answers() {
    let mut person = Person::live(80, 24, &["who is in?", "anyone?"]);
    person.effects.clear();
    person.presses(Action::SelectUp);
    person.presses(Action::Up);
    person.types("r");
    person.sees("Reply to bob");
    person.types("I am :+1:");
    person.presses(Action::Send);
    let Some(Effect::Server(ToServer::Post(Outgoing { text, reply_to, .. }))) = person.effects.pop() else {
        panic!("it is sent")
    };
    assert_eq!((text.as_str(), reply_to), ("I am 👍", Some(Seq(1))));
    let mut event = message("general", 3, user(1, "alice"), "I am 👍");
    event.what =
        What::Message(Message { text: "I am 👍".into(), reply_to: Some(Seq(1)), ..Message::default() });
    person.hears(event);
    person.sees("↳ bob: who is in?");
}

#[test]
fn edits_deletions_and_reactions_change_the_message_where_it_stands() {
    let mut person = Person::live(80, 24, &["teh plan", "to be gone"]);
    let change = |seq, what| {
        let mut event = message("general", seq, user(2, "bob"), "");
        event.what = what;
        event
    };
    let edited = What::Edited { target: Seq(1), text: "the plan".into(), html: None, mentions: vec![] };
    person.hears(change(3, edited));
    person.sees("the plan");
    person.sees("edited");
    person.sees_no("teh plan");
    person.hears(change(4, What::Deleted { target: Seq(2) }));
    person.sees("(deleted)");
    person.sees_no("to be gone");
    let on = |emoji: &str| Reacted { target: Seq(1), emoji: emoji.into() };
    person.hears(change(5, What::Reacted(on("🚀"))));
    person.sees("🚀");
    person.sees("bob");
    person.hears(change(6, What::Unreacted(on("🚀"))));
    person.sees_no("🚀");
    // A deleted message cannot be chosen, and for others' messages only allowed actions are offered.
    person.presses(Action::SelectUp);
    person.presses(Action::Send);
    person.sees("Reply (r)");
    person.sees("React (+)");
    person.sees_no("Delete (d)");
    person.sees_no("Edit (e)");
}

#[test]
fn an_emoji_is_picked_by_name() {
    let mut person = Person::live(80, 24, &["shipped"]);
    person.effects.clear();
    person.presses(Action::SelectUp);
    person.types("+rocket");
    person.sees(":rocket:");
    person.presses(Action::Send);
    let Some(Effect::Server(ToServer::Ask(Ask::Do(Command::React(react))))) = person.effects.pop() else {
        panic!("it is asked")
    };
    assert_eq!((react.seq, react.emoji.as_str()), (Seq(1), "🚀"));
}

#[test]
fn a_search_jumps_to_a_message_and_escape_comes_back() {
    let mut person = Person::live(80, 24, &["the latest"]);
    person.types("/search fox");
    person.presses(Action::Send);
    assert_eq!(person.effects.pop(), Some(Effect::Server(ToServer::Ask(Ask::Search("fox".into())))));
    let event = message("general", 70, user(2, "bob"), "a fox long ago");
    let found = Found { event, snippet: "a \u{e000}fox\u{e001} long ago".into() };
    let reply = Reply::Results { messages: vec![found], more: false };
    person.happens(Msg::Answer(Ask::Search("fox".into()), Ok(reply)));
    person.sees("#general  bob: a fox long ago");
    person.presses(Action::Send);
    let around = Ask::Around("general".into(), Seq(70));
    assert_eq!(person.effects.pop(), Some(Effect::Server(ToServer::Ask(around.clone()))));
    let messages = (60..90).map(|n| message("general", n, user(2, "bob"), &format!("old {n}"))).collect();
    let reply = Reply::Messages { room: "general".into(), messages, more: true };
    person.happens(Msg::Answer(around, Ok(reply)));
    person.sees("old 70");
    person.sees_no("the latest");
    person.hears(message("general", 500, user(2, "bob"), "live meanwhile"));
    person.sees_no("live meanwhile");
    person.effects.clear();
    person.presses(Action::Escape);
    person.presses(Action::Escape);
    assert!(
        person
            .effects
            .contains(&Effect::Server(ToServer::Ask(Ask::Join { room: "general".into(), show: false })))
    );
}

#[test]
fn a_message_that_names_one_counts_and_asks_for_attention() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.effects.clear();
    let mut event = message("dev", 4, user(2, "bob"), "over here @alice");
    event.what = What::Message(Message {
        text: "over here @alice".into(),
        mentions: vec!["alice".into()],
        ..Message::default()
    });
    person.hears(event.clone());
    person.sees("@1");
    assert!(person.effects.iter().any(|effect| matches!(effect, Effect::Screen(ToScreen::Attract(_)))));
    person.effects.clear();
    event.seq = Seq(5);
    person.model.rooms.get_mut("dev").unwrap().notify = Notify::None;
    person.hears(event);
    assert!(
        !person.effects.iter().any(|effect| matches!(effect, Effect::Screen(ToScreen::Attract(_)))),
        "never of a muted room"
    );
}

#[test]
fn one_jumps_to_what_is_new_and_to_what_names_one() {
    let mut alice = Person::live(80, 24, &[]);
    let texts: Vec<Event> =
        (1..=60).map(|n| message("general", n, user(2, "bob"), &format!("line {n}"))).collect();
    alice.joined("general", 60, texts);
    let room = alice.model.rooms.get_mut("general").unwrap();
    (room.divider, room.read) = (Some(Seq(20)), Seq(20));
    alice.presses(Action::FirstUnread);
    alice.sees("line 21");
    assert_eq!(alice.model.selected, Some(Seq(21)));
    alice.presses(Action::Escape);
    let mut naming = message("general", 61, user(2, "bob"), "look, @alice");
    if let What::Message(message) = &mut naming.what {
        message.mentions = vec!["alice".to_owned()];
    }
    alice.hears(naming);
    alice.presses(Action::NextMention);
    alice.sees("look, @alice");
    assert_eq!(alice.model.selected, Some(Seq(61)));
    alice.presses(Action::NextMention);
    assert!(
        alice.effects.contains(&Effect::Server(ToServer::Ask(Ask::Search("\"alice\"".into())))),
        "{:?}",
        alice.effects
    );
    // Messages that are not held are requested.
    let room = alice.model.rooms.get_mut("general").unwrap();
    (room.divider, room.timeline.older) = (Some(Seq(0)), Older::Unknown);
    room.timeline.forget();
    alice.presses(Action::FirstUnread);
    assert!(
        alice.effects.contains(&Effect::Server(ToServer::Ask(Ask::Around("general".into(), Seq(1))))),
        "{:?}",
        alice.effects
    );
}

#[test]
fn files_stand_below_the_text_and_can_be_saved_and_opened() {
    let file = |name: &str| File {
        id: "f1".into(),
        name: name.into(),
        size: 2_500_000,
        media_type: "image/jpeg".into(),
        url: "/files/f1/x".into(),
        width: Some(4032),
        height: Some(3024),
        thumb: Some("/files/f1/x?thumb".into()),
    };
    let mut bob = Person::live(80, 24, &[]);
    let mut event = message("general", 1, user(2, "eve"), "");
    if let What::Message(message) = &mut event.what {
        message.files = vec![file("cat\u{1b}[2J\u{202e}gpj.jpg")];
    }
    bob.hears(event);
    bob.sees("▣ cat␛[2Jgpj.jpg  2.4 MiB  4032×3024");
    bob.presses(Action::SelectUp);
    bob.types("s");
    assert!(
        matches!(bob.effects.last(), Some(Effect::Files(ToFiles::Save(files, None))) if files.len() == 1),
        "{:?}",
        bob.effects
    );
    bob.presses(Action::SelectUp);
    bob.types("o");
    assert!(matches!(bob.effects.last(), Some(Effect::Files(ToFiles::Open(_)))), "{:?}", bob.effects);
}

#[test]
fn direct_rooms_are_among_the_rooms_with_who_is_there() {
    let mut alice = Person::live(80, 24, &[]);
    let with = |name: &str| Mine { user: Some(user(2, name)), ..Mine::default() };
    for name in ["bob", "carol"] {
        let room = Room { kind: RoomKind::Direct, mine: with(name), unread: 1, ..Room::default() };
        alice.model.rooms.insert(format!("@{name}"), room);
    }
    let members = vec![member(2, "bob", true), member(1, "alice", true)];
    alice.happens(Msg::Answer(
        Ask::Presence("@bob".into()),
        Ok(Reply::Members { room: "@bob".into(), members }),
    ));
    alice.sees("● @bob");
    alice.sees("○ @carol");
}

fn member(id: i64, name: &str, online: bool) -> Member {
    Member { user: user(id, name), role: Role::Member, admin: false, online, muted: false, muted_until: None }
}

#[test]
fn what_the_program_asks_by_itself_covers_no_word_to_the_person() {
    let mut alice = Person::live(80, 24, &["hi"]);
    let kicked = MemberChange {
        user: user(1, "alice"),
        change: Change::Kicked,
        reason: Some("cool down".into()),
        until: None,
        role: None,
        everywhere: false,
    };
    let mut event = message("general", 2, user(2, "boss"), "");
    event.what = What::Member(kicked);
    alice.hears(event);
    alice.sees("boss removed you from #general: cool down");
    let failure = Failure::new(ErrorCode::NotJoined, "You are not in the room general. Join it first.");
    for ask in [
        Ask::Read("general".into(), Seq(1)),
        Ask::Older("general".into(), Seq(1)),
        Ask::Presence("general".into()),
    ] {
        alice.happens(Msg::Answer(ask, Err(AskError::Refused(failure.clone()))));
    }
    alice.sees("boss removed you from #general: cool down");
}

#[test]
fn a_name_that_is_broken_over_rows_is_drawn_in_any_script_and_marked_whole() {
    for (name, is_me) in [("日本語日本語日本語日本語", false), ("alice", true)] {
        for before in 0..60 {
            let mut person = Person::live(40, 24, &["hello"]);
            let mut event = message("general", 2, user(2, "bob"), "");
            let text = format!("{}@{name} do you hear", ",".repeat(before));
            event.what = What::Message(Message { text, mentions: vec![name.into()], ..Message::default() });
            person.hears(event);
            person.sees("hear");
            let own = chat_screen::theme::own_mention();
            let cells = person.terminal.backend().buffer().content();
            let is_own = |cell: &&ratatui::buffer::Cell| {
                own.fg.is_none_or(|fg| cell.fg == fg)
                    && own.bg.is_none_or(|bg| cell.bg == bg)
                    && cell.modifier.contains(own.add_modifier)
            };
            let marked: String = cells.iter().filter(is_own).map(ratatui::buffer::Cell::symbol).collect();
            assert_eq!(marked.contains("@alice"), is_me, "{before}: {marked:?}");
        }
    }
}

#[test]
fn each_level_of_notification_rings_for_what_it_says() {
    for (kind, level, rings, said) in [
        (RoomKind::Public, Notify::All, false, "You will be notified of mentions in #dev."),
        (RoomKind::Public, Notify::Mentions, false, "You will be notified of mentions in #dev."),
        (RoomKind::Direct, Notify::All, true, "You will be notified of every message from @bob."),
        (RoomKind::Direct, Notify::Mentions, false, "You will be notified of mentions in @bob."),
        (RoomKind::Direct, Notify::None, false, "You will not be notified of anything in @bob."),
    ] {
        let mut person = Person::live(80, 24, &["hi"]);
        let room = person.model.rooms.get_mut("dev").unwrap();
        (room.kind, room.notify) = (kind, level);
        room.mine.user = (kind == RoomKind::Direct).then(|| user(2, "bob"));
        person.effects.clear();
        person.hears(message("dev", 4, user(2, "bob"), "for nobody in particular"));
        let has_rung =
            person.effects.iter().any(|effect| matches!(effect, Effect::Screen(ToScreen::Attract(_))));
        assert_eq!(has_rung, rings, "{kind:?} {level:?}");
        let asked = Ask::Do(Command::Notify(SetNotify { room: "dev".into(), level }));
        person.happens(Msg::Answer(asked, Ok(Reply::Ok(Done { room: None, seq: None, at: None }))));
        person.sees(said);
    }
}
