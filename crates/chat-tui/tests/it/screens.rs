//! Snapshots of every screen, small (80 by 24) and large (140 by 40): the text, and beside it the same cells with a
//! letter for each style. `INSTA_UPDATE=always` accepts a change.

use std::collections::BTreeMap;
use std::time::Duration;

use chat_proto::event::{Change, Event, File, MemberChange, Message, Reacted, Reaction, What};
use chat_proto::reply::{AuditEntry, Failure, Found, Joined, Login};
use chat_proto::room::{JoinedRoom, Member, Mine, Mute, RoomKind, RoomSummary};
use chat_proto::updates::Outgoing;
use chat_proto::updates::{AskError, Update};
use chat_proto::user::{Role, UserKind};
use chat_proto::{ErrorCode, Reply, Seq, Signal};
use chat_screen::action::Action;
use chat_screen::clean::Clean;
use chat_screen::model::form::{Form, Purpose};
use chat_screen::model::{Popup, Status};
use chat_screen::msg::{Ask, Msg, Uploading};
use ratatui::style::Style;

use crate::person::{MORNING, Person, summary, user};

/// Draws a scene in both sizes and compares it with the snapshot.
fn check(name: &str, scene: impl Fn(&mut Person)) {
    for (width, height) in [(80, 24), (140, 40)] {
        let mut person = conversation(width, height);
        scene(&mut person);
        compare(name, &mut person);
    }
}

fn compare(name: &str, person: &mut Person) {
    let (width, height) = person.model.size;
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(person));
    });
}

/// Returns the screen, and below it the styles: a letter for each, explained at the end.
fn picture(person: &mut Person) -> String {
    let mut picture = person.screen();
    let buffer = person.terminal.backend().buffer();
    let mut known: BTreeMap<String, char> = BTreeMap::new();
    let mut letters = ('a'..='z').chain('A'..='Z');
    let mut styles = String::new();
    for row in buffer.content().chunks(buffer.area.width.into()) {
        let mut line = String::new();
        for cell in row {
            let (fg, bg, more) = (cell.fg, cell.bg, cell.modifier);
            let style = format!("{:?}", Style::new().fg(fg).bg(bg).add_modifier(more));
            let plain = format!(
                "{:?}",
                Style::new().fg(ratatui::style::Color::Reset).bg(ratatui::style::Color::Reset)
            );
            line.push(if style == plain {
                ' '
            } else {
                *known.entry(style).or_insert_with(|| letters.next().unwrap())
            });
        }
        styles += line.trim_end();
        styles.push('\n');
    }
    picture += "--- styles\n";
    picture += &styles;
    let mut legend: Vec<_> = known.into_iter().map(|(style, letter)| (letter, style)).collect();
    legend.sort();
    for (letter, style) in legend {
        picture += &format!("{letter}: {style}\n");
    }
    picture
}

fn event(seq: u64, by: (i64, &str), what: What) -> Event {
    Event {
        room: "general".into(),
        seq: Seq(seq),
        at: MORNING + seq as i64 * 45_000,
        by: user(by.0, by.1),
        what,
    }
}

fn said(text: &str) -> Message {
    Message { text: text.into(), ..Message::default() }
}

fn file(name: &str, media_type: &str, size: u64) -> File {
    let (id, url) = ("f1".to_owned(), "/files/f1/x".to_owned());
    File {
        id,
        name: name.into(),
        size,
        media_type: media_type.into(),
        url,
        width: None,
        height: None,
        thumb: None,
    }
}

/// A room with every kind of event.
fn conversation(width: u16, height: u16) -> Person {
    let mut person = Person::live(width, height, &[]);
    person.joined("general", 8, messages());
    person
}

const BOB: (i64, &str) = (2, "bob");
const CAROL: (i64, &str) = (3, "carol");
const ALICE: (i64, &str) = (1, "alice");

fn messages() -> Vec<Event> {
    let reactions = vec![Reaction {
        emoji: "👍".into(),
        count: 5,
        users: vec!["alice".into(), "bob".into(), "carol".into()],
    }];
    let code = "run this:\n```rust\nfn main() { println!(\"hi\"); } // done\n```";
    let png = File { width: Some(320), height: Some(180), ..file("graph.png", "image/png", 157 * 1024) };
    let topic = What::Topic { topic: "Weekly sync".into() };
    let member = |change, name: (i64, &str)| What::Member(MemberChange::new(user(name.0, name.1), change));
    vec![
        event(1, BOB, topic),
        event(2, CAROL, member(Change::Joined, CAROL)),
        event(
            3,
            BOB,
            What::Message(Message {
                pinned: true,
                ..said("morning! the migration is **done**, see https://example.org/log")
            }),
        ),
        event(
            4,
            CAROL,
            What::Message(Message {
                reply_to: Some(Seq(3)),
                edited_at: Some(MORNING),
                reactions,
                ..said(
                    "thanks @alice and @bob, `two` errors, both retried; the text of this one is long enough to be broken over several lines of a terminal, whatever its width may be at the time",
                )
            }),
        ),
        event(5, ALICE, What::Message(said(code))),
        event(
            6,
            BOB,
            What::Message(Message { files: vec![png, file("run.sh", "text/x-shellscript", 12)], ..said("") }),
        ),
        event(7, CAROL, What::Message(Message { deleted: true, ..Message::default() })),
        event(
            8,
            BOB,
            What::Message(Message {
                mentions: vec!["alice".into()],
                ..said("> quoted\n\n1. one\n2. two @alice")
            }),
        ),
    ]
}

fn member(id: i64, name: &str, role: Role, online: bool) -> Member {
    Member { user: user(id, name), role, admin: false, online, muted: name == "dave", muted_until: None }
}

fn as_moderator(person: &mut Person) {
    person.model.rooms.get_mut("general").unwrap().mine.role = Some(Role::Owner);
}

fn answer(person: &mut Person, ask: Ask, reply: Reply) {
    person.happens(Msg::Answer(ask, Ok(reply)));
}

fn lists_people(person: &mut Person) {
    let members = vec![
        member(1, "alice", Role::Owner, true),
        member(2, "bob", Role::Moderator, true),
        member(3, "carol", Role::Member, false),
        member(4, "dave", Role::Member, false),
    ];
    answer(person, Ask::Who("general".into()), Reply::Members { room: "general".into(), members });
}

fn offline(reason: &str, retry_in: Option<u64>) -> Msg {
    Msg::Update(Update::Offline { reason: reason.into(), retry_in: retry_in.map(Duration::from_millis) })
}

#[test]
fn before_the_first_room() {
    for (width, height) in [(80, 24), (140, 40)] {
        let mut person = Person::new(width, height);
        compare("connecting", &mut person);
        person.types("a first word");
        person.presses(Action::Send);
        person.types("and another");
        compare("written_before_a_room", &mut person);
        person.model.status = Status::Offline { reason: Default::default(), retry_at: None };
        let why = "You only need a name: no account, no password.";
        person.model.popup = Some(Popup::Form(Form::new(Purpose::Guest, "alice", why)));
        compare("form_guest", &mut person);
        let mut failure = Failure::new(ErrorCode::NameTaken, "The name bob is in use here. Choose another.");
        person.happens(Msg::Update(Update::NameRefused(failure.clone())));
        compare("form_name_taken", &mut person);
        failure.registered = true;
        person.model.asked_name = Some("bob".into());
        person.happens(Msg::Update(Update::NameRefused(failure)));
        person.types("four words");
        compare("form_log_in", &mut person);
    }
}

#[test]
fn the_conversation() {
    check("conversation", |_| {});
    check("sidebar_toggled", |p| p.presses(Action::ToggleSidebar));
    check("typed", |p| p.types("looking at it\u{301}"));
    check("several_lines", |p| {
        p.types("one");
        p.presses(Action::Newline);
        p.types(&"two ".repeat(60));
    });
    check("typing", |p| {
        for (id, name) in [(2, "bob"), (3, "carol")] {
            let typing = Signal::Typing { room: "general".into(), user: user(id, name) };
            p.happens(Msg::Update(Update::Signal(typing)));
        }
    });
    check("note", |p| p.model.tell("You are alice, a guest. Type and press Enter. F1 shows help."));
    check("complaint", |p| {
        p.types("/dance");
        p.presses(Action::Send);
    });
    check("pending_and_failed", |p| {
        p.types("on my way");
        p.presses(Action::Send);
        let entry = Outgoing {
            nonce: "x".into(),
            room: "general".into(),
            text: "too much".into(),
            ..Outgoing::default()
        };
        p.happens(Msg::Update(Update::Failed {
            entry,
            failure: Failure::new(ErrorCode::TooLong, "Shorten it."),
        }));
    });
    check("muted", |p| {
        let mute = Mute { until: Some(p.model.now + 540_000), reason: Some("calm down".into()) };
        p.model.rooms.get_mut("general").unwrap().mine.muted = Some(mute);
    });
    check("uploading", |p| {
        p.types("/upload cat.jpg My cat");
        p.presses(Action::Send);
        let name = Clean::line("cat.jpg");
        p.happens(Msg::Uploading(Uploading { name, sent: 1_000_000, size: 4_000_000 }));
    });
    check("quit_once", |p| p.presses(Action::Interrupt));
    check("completed", |p| {
        p.types("/jo");
        p.presses(Action::Complete);
    });
}

#[test]
fn reading_further_up() {
    check("scrolled_up", |p| {
        let texts = (9..60).map(|n| event(n, BOB, What::Message(said(&format!("message {n}")))));
        let page = messages().into_iter().chain(texts).collect();
        p.joined("general", 59, page);
        p.presses(Action::PageUp);
        p.hears(event(60, CAROL, What::Message(said("tidings"))));
    });
    check("apart", |p| {
        let old = (100..140).map(|n| event(n, BOB, What::Message(said(&format!("old {n}"))))).collect();
        let reply = Reply::Messages { room: "general".into(), messages: old, more: true };
        answer(p, Ask::Around("general".into(), Seq(120)), reply);
    });
    check("new_below_a_divider", |p| {
        p.happens(Msg::Focus(false));
        p.hears(event(9, CAROL, What::Message(said("are you there?"))));
    });
    check("every_kind_of_notice", |p| {
        let change = |change| MemberChange {
            reason: Some("spam".into()),
            until: Some(MORNING + 9 * 45_000 + 3_600_000),
            ..MemberChange::new(user(4, "dave"), change)
        };
        let kinds = [
            Change::Left,
            Change::Invited,
            Change::Kicked,
            Change::Banned,
            Change::Unbanned,
            Change::Muted,
            Change::Unmuted,
        ];
        for (seq, kind) in (9..).zip(kinds) {
            p.hears(event(seq, BOB, What::Member(change(kind))));
        }
        let role =
            MemberChange { role: Some(Role::Moderator), ..MemberChange::new(user(4, "dave"), Change::Role) };
        p.hears(event(16, BOB, What::Member(role)));
        p.hears(event(17, BOB, What::Pinned { target: Seq(8) }));
        p.hears(event(18, BOB, What::Topic { topic: String::new() }));
        p.hears(event(19, BOB, What::Newer { kind: "poll".into() }));
        p.hears(event(20, BOB, What::Reacted(Reacted { target: Seq(8), emoji: "🎉".into() })));
    });
}

#[test]
fn a_chosen_message() {
    let choose = |p: &mut Person| {
        as_moderator(p);
        p.presses(Action::SelectUp);
    };
    check("selected", choose);
    check("message_menu", |p| {
        choose(p);
        p.presses(Action::Send);
    });
    check("reply", |p| {
        choose(p);
        p.types("r");
    });
    check("edit", |p| {
        choose(p);
        for _ in 0..2 {
            p.presses(Action::Up);
        }
        p.types("e");
        p.presses(Action::Interrupt);
    });
    check("delete_menu", |p| {
        choose(p);
        p.types("d");
    });
    check("emoji_picker", |p| {
        choose(p);
        p.types("+ta");
    });
    check("emoji_usual", |p| {
        choose(p);
        p.types("+");
        p.presses(Action::Down);
    });
    check("open_question", |p| {
        p.hears(event(
            9,
            BOB,
            What::Message(Message { files: vec![file("run.sh", "text/x-shellscript", 12)], ..said("") }),
        ));
        choose(p);
        p.types("o");
    });
}

#[test]
fn people_rooms_and_lists() {
    check("help_keys", |p| p.presses(Action::Help));
    check("help_commands", |p| {
        p.presses(Action::Help);
        p.presses(Action::Help);
    });
    check("help_commands_for_an_admin", |p| {
        p.model.me.as_mut().unwrap().role = Role::Admin;
        p.types("/help");
        p.presses(Action::Send);
    });
    check("people", lists_people);
    check("member_menu", |p| {
        as_moderator(p);
        lists_people(p);
        for action in [Action::Down, Action::Down, Action::Send, Action::Down] {
            p.presses(action);
        }
    });
    check("member_menu_of_an_admin", |p| {
        p.model.me.as_mut().unwrap().role = Role::Admin;
        lists_people(p);
        for action in [Action::Down, Action::Down, Action::Down, Action::Send] {
            p.presses(action);
        }
    });
    check("search_results", |p| {
        let found = |seq, snippet: &str| Found {
            event: event(seq, BOB, What::Message(said("x"))),
            snippet: snippet.into(),
        };
        let messages =
            vec![found(3, "a \u{e000}fox\u{e001} long ago"), found(4, "another \u{e000}fox\u{e001}")];
        answer(p, Ask::Search("fox".into()), Reply::Results { messages, more: false });
        p.presses(Action::Down);
    });
    check("room_list", |p| {
        let secret = RoomSummary { kind: RoomKind::Private, joined: false, ..summary("secret", 9, 0) };
        let direct = Mine { user: Some(user(2, "bob")), ..Mine::default() };
        let direct = RoomSummary { kind: RoomKind::Direct, mine: direct, ..summary("@1+2", 1, 0) };
        let rooms = vec![direct, summary("dev", 3, 3), summary("general", 8, 0), secret];
        answer(p, Ask::Rooms { show: true }, Reply::Rooms { rooms, more: false });
    });
    check("audit", |p| {
        let entry = |room: Option<&str>, reason: Option<&str>| AuditEntry {
            at: MORNING,
            by: "bob".into(),
            action: "mute".into(),
            target: "dave".into(),
            room: room.map(str::to_owned),
            reason: reason.map(str::to_owned),
        };
        let entries = vec![entry(Some("general"), Some("spam")), entry(None, None)];
        answer(p, Ask::Audit, Reply::Audit { entries });
    });
    check("logins", |p| {
        let login = |id: &str, client: &str, current| Login {
            id: id.into(),
            client: client.into(),
            created_at: MORNING,
            seen_at: MORNING,
            current,
        };
        let sessions = vec![login("1", "chat-tui/0.1.0", true), login("2", "", false)];
        answer(p, Ask::Sessions, Reply::Sessions { sessions });
    });
    check("form_register", |p| {
        p.types("/register");
        p.presses(Action::Send);
        p.types("four words of");
        p.presses(Action::Complete);
    });
    check("form_password", |p| {
        p.model.me.as_mut().unwrap().kind = UserKind::Account;
        p.types("/password");
        p.presses(Action::Send);
    });
    check("direct_room", |p| {
        let mine = Mine { role: Some(Role::Owner), user: Some(user(2, "bob")), ..Mine::default() };
        let room = JoinedRoom {
            name: "@1+2".into(),
            kind: RoomKind::Direct,
            topic: String::new(),
            head: Seq(0),
            mine,
        };
        let joined =
            Joined { room, online: Some(vec![]), online_count: 1, events: None, messages: Some(vec![]) };
        let ask = Ask::Direct { user: "bob".into(), text: String::new() };
        answer(p, ask, Reply::Joined(Box::new(joined)));
    });
    check("in_no_room", |p| {
        for room in ["general", "dev"] {
            let done = Reply::Ok(Default::default());
            answer(p, Ask::Leave(room.into()), done);
        }
    });
}

#[test]
fn the_connection() {
    check("offline", |p| p.happens(offline("connection refused", Some(3500))));
    check("offline_with_advice", |p| {
        p.happens(offline(
            "connection refused. Is chat-server running there, and is the port right?",
            Some(3500),
        ));
    });
    check("offline_with_messages", |p| {
        p.happens(offline("The connection broke", Some(3500)));
        for text in ["first", "second"] {
            p.types(text);
            p.presses(Action::Send);
        }
        p.keeps();
    });
    check("not_on_disk", |p| {
        p.happens(Msg::Update(Update::JournalLost("No space left on device (os error 28)".into())));
        p.happens(offline("The connection broke", None));
        p.types("first");
        p.presses(Action::Send);
    });
    check("no_answer", |p| p.happens(Msg::Update(Update::NoAnswer(Duration::from_secs(7)))));
    check("refused", |p| {
        let failure = Failure::new(ErrorCode::Forbidden, "Only moderators may set the topic here.");
        p.happens(Msg::Answer(Ask::Topic("general".into(), "x".into()), Err(AskError::Refused(failure))));
    });
    check("kicked", |p| {
        let change = MemberChange {
            reason: Some("calm down".into()),
            ..MemberChange::new(user(1, "alice"), Change::Kicked)
        };
        p.hears(event(9, BOB, What::Member(change)));
    });
}
