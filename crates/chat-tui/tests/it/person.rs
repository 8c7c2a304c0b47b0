//! A person at the terminal client, without a terminal, a network or a clock: what happens goes into `update`, and
//! `view` draws what they see.

use chat_proto::event::{Event, Message, What};
use chat_proto::limits::Limits;
use chat_proto::reply::{Joined, Server, Welcome};
use chat_proto::room::{JoinedRoom, Mine, Notify, RoomKind, RoomSummary};
use chat_proto::updates::Outgoing;
use chat_proto::updates::Update;
use chat_proto::user::{Me, Role, User, UserKind};
use chat_proto::{Millis, Reply, Seq, Token, UserId};
use chat_screen::action::Action;
use chat_screen::model::{Model, Setup};
use chat_screen::msg::{Ask, Effect, Msg, ToServer};
use chat_screen::update::update;
use chat_tui::highlight::highlight;
use chat_tui::pictures::Gallery;
use chat_tui::view::view;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

/// 09:58 UTC on Monday, 23 November 2026.
pub(crate) const MORNING: Millis = Millis(1_795_427_880_000);

pub(crate) struct Person {
    pub(crate) model: Model,
    pub(crate) terminal: Terminal<TestBackend>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: Millis,
}

pub(crate) fn user(id: i64, name: &str) -> User {
    User { id: UserId(id), name: name.to_owned() }
}

pub(crate) fn message(room: &str, seq: u64, by: User, text: &str) -> Event {
    let at = MORNING + i64::try_from(seq).unwrap() * 1000;
    let what = What::Message(Message { text: text.to_owned(), ..Message::default() });
    Event { room: room.to_owned(), seq: Seq(seq), at, by, what }
}

pub(crate) fn summary(name: &str, head: u64, unread: u64) -> RoomSummary {
    let (kind, topic) = (RoomKind::Public, String::new());
    RoomSummary {
        name: name.into(),
        kind,
        topic,
        head: Seq(head),
        members: 2,
        joined: true,
        read: Seq(head - unread),
        unread,
        mentions: 0,
        notify: Notify::All,
        mine: Mine { role: Some(Role::Member), ..Mine::default() },
    }
}

/// The setup of a screen of this size.
pub(crate) fn setup(size: (u16, u16)) -> Setup {
    Setup {
        server: "127.0.0.1:8000".into(),
        room: None,
        zone: TimeZone::UTC,
        nonces: "n".into(),
        size,
        canvas: None,
        highlight,
        now: MORNING,
    }
}

impl Person {
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let mut model = Model::new(setup((width, height)));
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        // A terminal that reports its focus.
        model.attention.tell(true);
        Self { model, terminal, effects: Vec::new(), now: MORNING }
    }

    /// A person who is live as alice, in `general` with these messages by bob, and in `dev`.
    pub(crate) fn live(width: u16, height: u16, texts: &[&str]) -> Self {
        let mut person = Self::new(width, height);
        let head = texts.len() as u64;
        person.happens(Msg::Update(Update::Live(Box::new(Welcome {
            protocol: 1,
            user: Me { id: UserId(1), name: "alice".into(), kind: UserKind::Guest, role: Role::Guest },
            token: Some(Token::new("t".into())),
            server: Server {
                name: "chat".into(),
                version: "0".into(),
                default_room: "general".into(),
                log: "L".into(),
                features: Vec::new(),
            },
            limits: Limits::default(),
            rooms: vec![summary("dev", 3, 3), summary("general", head, 0)],
        }))));
        let messages =
            (1..).zip(texts).map(|(seq, text)| message("general", seq, user(2, "bob"), text)).collect();
        person.joined("general", head, messages);
        person
    }

    pub(crate) fn joined(&mut self, room: &str, head: u64, messages: Vec<Event>) {
        let room_ = JoinedRoom {
            name: room.into(),
            kind: RoomKind::Public,
            topic: "Weekly sync".into(),
            head: Seq(head),
            mine: Mine { role: Some(Role::Member), ..Mine::default() },
        };
        let online = Some(vec![user(1, "alice"), user(2, "bob")]);
        let joined = Joined { room: room_, online, online_count: 2, events: None, messages: Some(messages) };
        let ask = Ask::Join { room: room.into(), show: true };
        self.happens(Msg::Answer(ask, Ok(Reply::Joined(Box::new(joined)))));
    }

    pub(crate) fn happens(&mut self, msg: Msg) {
        self.effects.extend(update(&mut self.model, self.now, msg));
    }

    pub(crate) fn hears(&mut self, event: Event) {
        self.happens(Msg::Update(Update::Event(Box::new(event))));
    }

    pub(crate) fn presses(&mut self, action: Action) {
        self.happens(Msg::Action(action));
    }

    pub(crate) fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.happens(Msg::Insert(c));
        }
    }

    pub(crate) fn passes(&mut self, ms: i64) {
        self.now = self.now + ms;
        self.happens(Msg::Tick);
    }

    /// Everything sent so far is on disk.
    pub(crate) fn keeps(&mut self) {
        for effect in self.effects.clone() {
            if let Effect::Server(ToServer::Post(Outgoing { nonce, .. })) = effect {
                self.happens(Msg::Update(Update::Kept { nonce }));
            }
        }
    }

    pub(crate) fn screen(&mut self) -> String {
        self.terminal.draw(|frame| drop(view(&self.model, &Gallery::default(), frame))).unwrap();
        let buffer = self.terminal.backend().buffer();
        let rows = buffer.content().chunks(buffer.area.width.into());
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned() + "\n")
            .collect()
    }

    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
    }

    #[track_caller]
    pub(crate) fn sees_no(&mut self, text: &str) {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is on the screen:\n{screen}");
    }

    pub(crate) fn colour_of(&mut self, text: &str) -> Color {
        let screen = self.screen();
        let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
        let x = line[..line.find(text).unwrap()].chars().count();
        self.terminal.backend().buffer()[(x as u16, y as u16)].fg
    }
}
