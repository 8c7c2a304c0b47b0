//! Badges: the screen counts unread messages as the server does, whatever happens in the room and on other devices.

use chat_client::{Client, Endpoint, Options, Update, nonce};
use chat_proto::command::{Create, Edit, Join, ListRooms, OfMessage, Read, Send};
use chat_proto::event::{Event, Message, What};
use chat_proto::room::RoomSummary;
use chat_proto::{Command, Millis, Reply, Seq, Signal, Token};
use chat_screen::action::Action;
use chat_screen::model::Model;
use chat_screen::msg::{Ask, Effect, Msg, ToServer};
use chat_screen::update::update;
use testbed::proxy::Proxy;
use testbed::{Chance, PATIENCE, Server};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::person::{MORNING, Person, message, setup, summary, user};

const ROOMS: [&str; 2] = ["general", "dev"];

fn options(url: &str, name: &str, token: Option<Token>) -> Options {
    Options { token, ..Options::guest(Endpoint::parse(url).unwrap(), name) }
}

/// A client that only sends commands.
struct Device {
    client: Client,
    token: Token,
}

impl Device {
    async fn start(server: &Server, name: &str, token: Option<Token>) -> Self {
        let (client, mut updates) = Client::start(options(&server.url(), name, token));
        let token = loop {
            if let Update::Live(welcome) = timeout(PATIENCE, updates.recv()).await.unwrap().unwrap() {
                break welcome.token;
            }
        };
        tokio::spawn(async move { while updates.recv().await.is_some() {} });
        let device = Self { client, token: token.unwrap_or_else(|| Token::new("known".into())) };
        if name == "alice" {
            device.ask(Command::Create(Create { room: "dev".into(), kind: None, topic: None })).await;
        }
        for room in ROOMS {
            device.ask(Command::Join(Join { room: room.into(), after: None, limit: None })).await;
        }
        device
    }

    async fn ask(&self, command: Command) -> Reply {
        timeout(PATIENCE, self.client.ask(command)).await.unwrap().unwrap()
    }

    async fn post(&self, room: &str, text: &str) -> Seq {
        let (room, nonce, text) = (room.to_owned(), nonce::new(), text.to_owned());
        let Reply::Ok(done) =
            self.ask(Command::Send(Send { room, nonce, text, reply_to: None, files: vec![] })).await
        else {
            panic!("it is stored")
        };
        done.seq.unwrap()
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        let Reply::Rooms { rooms, .. } = self.ask(Command::Rooms(ListRooms::default())).await else {
            panic!("rooms")
        };
        rooms
    }
}

/// A screen without a terminal, with its own clock.
struct Screen {
    model: Model,
    now: Millis,
    client: Client,
    updates: mpsc::Receiver<Update>,
    answers: (mpsc::UnboundedSender<Msg>, mpsc::UnboundedReceiver<Msg>),
}

impl Screen {
    fn start(url: &str, token: Token) -> Self {
        let (client, updates) = Client::start(options(url, "alice", Some(token)));
        let model = Model::new(setup((80, 24)));
        Self { model, now: MORNING, client, updates, answers: mpsc::unbounded_channel() }
    }

    fn happens(&mut self, msg: Msg) {
        for effect in update(&mut self.model, self.now, msg) {
            if let Effect::Server(ToServer::Ask(ask)) = effect {
                let (client, say) = (self.client.clone(), self.answers.0.clone());
                tokio::spawn(async move {
                    let answer = client.ask(ask.command()).await;
                    say.send(Msg::Answer(ask, answer))
                });
            }
        }
    }

    /// Handles what happens within some milliseconds, in which a second of the screen's time passes.
    async fn goes_on(&mut self) {
        let msg = timeout(std::time::Duration::from_millis(5), async {
            tokio::select! {
                update = self.updates.recv() => Msg::Update(update.unwrap()),
                answer = self.answers.1.recv() => answer.unwrap(),
            }
        });
        match msg.await {
            Ok(msg) => self.happens(msg),
            Err(_) => {
                self.now = self.now + 1000;
                self.happens(Msg::Tick);
            }
        }
    }

    fn badges(&self, room: &str) -> Option<(u64, u64)> {
        self.model.rooms.get(room).map(|room| (room.unread, room.mentions))
    }

    /// Waits until the badges are those that the server counts.
    async fn agrees(&mut self, device: &Device, after: &str) {
        let mut told = Vec::new();
        let agreed = timeout(PATIENCE, async {
            loop {
                for _ in 0..8 {
                    self.goes_on().await;
                }
                told = device.rooms().await;
                let same = |room: &RoomSummary| self.badges(&room.name) == Some((room.unread, room.mentions));
                if told.iter().filter(|room| room.joined).all(same) {
                    return;
                }
            }
        });
        if agreed.await.is_err() {
            let shown: Vec<_> = ROOMS.iter().map(|room| (room, self.badges(room))).collect();
            panic!("after {after}: {shown:?} is shown, and the server counts {told:?}");
        }
    }
}

/// The known messages of a room, and who wrote each.
type Written = Vec<(Seq, usize)>;

async fn property(seed: u64, is_focused: bool) {
    let server = Server::start().await;
    let proxy = Proxy::start(server.address).await;
    let alice = Device::start(&server, "alice", None).await;
    let others = [Device::start(&server, "bob", None).await, Device::start(&server, "carol", None).await];
    let writers = [&alice, &others[0], &others[1]];
    let mut screen = Screen::start(&format!("http://{}", proxy.address), alice.token.clone());
    screen.happens(Msg::Focus(is_focused));
    let mut chance = Chance::new(seed);
    let mut written: [Written; 2] = Default::default();
    let mut log = Vec::new();
    for n in 0..60 {
        for _ in 0..=chance.below(3) {
            let at = chance.below(2) as usize;
            let (room, by) = (ROOMS[at], chance.below(3) as usize);
            let text = *chance.of(&["hi", "for @alice", "`@alice` is code", "@bob and @alice"]);
            let target = (!written[at].is_empty()).then(|| *chance.of(&written[at]));
            let head = written[at].last().map_or(Seq::ZERO, |(seq, _)| *seq);
            let act = chance.below(10);
            log.push(format!("{act} in {room} by {by}: {text} {target:?}"));
            match (act, target) {
                (0..=3, _) | (_, None) => written[at].push((writers[by].post(room, text).await, by)),
                (4, Some((seq, by))) => {
                    writers[by].ask(Command::Delete(OfMessage { room: room.into(), seq })).await;
                    written[at].retain(|(known, _)| *known != seq);
                }
                (5, Some((seq, by))) => {
                    writers[by]
                        .ask(Command::Edit(Edit { room: room.into(), seq, text: format!("{text} {n}") }))
                        .await;
                }
                (6 | 7, _) => {
                    let seq = Seq(chance.below(head.0 + 1));
                    alice.ask(Command::Read(Read { room: room.into(), seq })).await;
                }
                (8, _) => screen.happens(Msg::Action(Action::NextRoom)),
                _ => proxy.cut(),
            }
            screen.goes_on().await;
        }
        screen.agrees(&alice, &log.join("\n")).await;
    }
}

#[tokio::test]
async fn the_badges_are_the_servers_while_nobody_looks() {
    for seed in 1..=3 {
        property(seed, false).await;
    }
}

#[tokio::test]
async fn the_badges_are_the_servers_while_someone_looks() {
    for seed in 11..=13 {
        property(seed, true).await;
    }
}

fn naming(room: &str, seq: u64, by: i64, mentions: &[&str]) -> Event {
    let mentions = mentions.iter().map(|name| (*name).to_owned()).collect();
    let what = What::Message(Message { text: "x".into(), mentions, ..Message::default() });
    Event { what, ..message(room, seq, user(by, "x"), "x") }
}

/// Six unread messages in another room, of which the fourth and the sixth mention the person.
fn six() -> Person {
    let mut person = Person::live(80, 24, &["hi"]);
    let rooms = vec![summary("dev", 3, 0), summary("general", 1, 0)];
    person.happens(Msg::Answer(Ask::Rooms { show: false }, Ok(Reply::Rooms { rooms, more: false })));
    for seq in 4..=9 {
        person.hears(naming("dev", seq, 2, if seq == 4 || seq == 6 { &["alice"] } else { &[] }));
    }
    person.sees("#dev          @2");
    person.effects.clear();
    person
}

fn badge(person: &Person) -> (u64, u64) {
    let room = &person.model.rooms["dev"];
    (room.unread, room.mentions)
}

#[test]
fn a_partial_read_elsewhere_and_a_mark_set_back_are_counted_at_once() {
    let mut person = six();
    for (seq, counted) in [(7, (2, 0)), (4, (5, 1)), (9, (0, 0)), (3, (6, 2)), (6, (3, 0))] {
        person.happens(Msg::Update(Update::Signal(Signal::Read { room: "dev".into(), seq: Seq(seq) })));
        assert_eq!(badge(&person), counted, "{seq}");
    }
    person.sees("#dev           3");
    assert_eq!(person.effects, [], "nothing had to be asked");
}

#[test]
fn deletions_edits_and_ones_own_messages_change_the_badges() {
    let mut person = six();
    let of = |seq, what| Event { what, ..message("dev", seq, user(2, "bob"), "") };
    person.hears(of(10, What::Deleted { target: Seq(4) }));
    assert_eq!(badge(&person), (5, 1));
    person.hears(of(11, What::Deleted { target: Seq(6) }));
    assert_eq!(badge(&person), (4, 0));
    let edited = |mentions: &[&str]| What::Edited {
        target: Seq(7),
        text: "y".into(),
        html: None,
        mentions: mentions.iter().map(|name| (*name).to_owned()).collect(),
    };
    person.hears(of(12, edited(&["bob", "alice"])));
    assert_eq!(badge(&person), (4, 1));
    person.hears(of(13, edited(&[])));
    assert_eq!(badge(&person), (4, 0));
    person.hears(naming("dev", 14, 1, &["alice"]));
    assert_eq!(badge(&person), (4, 0), "one's own, naming oneself");
}

/// Returns the number of requests for counts.
fn asks(person: &Person) -> usize {
    person
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Server(ToServer::Ask(Ask::Rooms { .. }))))
        .count()
}

#[test]
fn what_is_not_held_is_asked_for_once_at_a_time_and_once_a_second_at_most() {
    let mut person = six();
    person.passes(5000);
    for seq in [1, 2, 1, 2] {
        person.happens(Msg::Update(Update::Signal(Signal::Read { room: "dev".into(), seq: Seq(seq) })));
    }
    assert_eq!(asks(&person), 1);
    person.passes(5000);
    assert_eq!(asks(&person), 1, "one is on its way");
    let RoomSummary { kind, topic, mine, .. } = summary("dev", 9, 7);
    let answer = RoomSummary { read: Seq(2), mentions: 2, kind, topic, mine, ..summary("dev", 9, 7) };
    let reply = |rooms, more| Msg::Answer(Ask::Rooms { show: false }, Ok(Reply::Rooms { rooms, more }));
    person.happens(reply(vec![answer.clone()], false));
    assert_eq!(asks(&person), 2, "the mark moved while the answer was on its way");
    person.happens(reply(vec![answer.clone()], false));
    assert_eq!(badge(&person), (7, 2));
    person.passes(5000);
    assert_eq!(asks(&person), 2, "it is known now");
    // At most once a second.
    for seq in [1, 0] {
        person.happens(Msg::Update(Update::Signal(Signal::Read { room: "dev".into(), seq: Seq(seq) })));
        person.happens(reply(vec![RoomSummary { read: Seq(seq), unread: 9 - seq, ..answer.clone() }], false));
    }
    assert_eq!(asks(&person), 3);
    person.passes(999);
    assert_eq!(asks(&person), 3);
    person.passes(1);
    assert_eq!(asks(&person), 4);
    person.happens(reply(vec![RoomSummary { read: Seq(0), unread: 9, ..answer }], false));
    assert_eq!(badge(&person), (9, 2));
}

#[test]
fn all_pages_of_the_rooms_are_followed() {
    let mut person = Person::live(80, 24, &["hi"]);
    person.effects.clear();
    let room = |name: &str| RoomSummary { joined: false, ..summary(name, 3, 0) };
    let reply = |rooms, more| Ok(Reply::Rooms { rooms, more });
    let ask = |after: &str| Ask::MoreRooms { show: true, after: after.into() };
    person.happens(Msg::Answer(Ask::Rooms { show: true }, reply(vec![room("a"), room("b")], true)));
    assert_eq!(person.effects, [Effect::Server(ToServer::Ask(ask("b")))]);
    person.happens(Msg::Answer(ask("b"), reply(vec![summary("dev", 9, 4)], true)));
    assert_eq!(person.effects.last(), Some(&Effect::Server(ToServer::Ask(ask("dev")))));
    person.happens(Msg::Answer(ask("dev"), reply(vec![room("z")], false)));
    for shown in ["#a", "#b", "#z"] {
        person.sees(shown);
    }
    assert_eq!(badge(&person), (4, 0));
    // A list that does not advance is not followed.
    person.effects.clear();
    person.happens(Msg::Answer(Ask::Rooms { show: false }, reply(vec![room("a")], true)));
    let ask = Ask::MoreRooms { show: false, after: "a".into() };
    assert_eq!(person.effects, [Effect::Server(ToServer::Ask(ask.clone()))]);
    person.happens(Msg::Answer(ask, reply(vec![room("a")], true)));
    assert_eq!(person.effects.len(), 1);
}

#[test]
fn marking_as_unread_elsewhere_is_not_undone_by_looking_on() {
    let mut person = Person::live(80, 24, &["one", "two", "three"]);
    person.passes(5000);
    person.effects.clear();
    person.happens(Msg::Update(Update::Signal(Signal::Read { room: "general".into(), seq: Seq(1) })));
    person.passes(5000);
    assert!(
        !person.effects.iter().any(|effect| matches!(effect, Effect::Server(ToServer::Ask(Ask::Read(..)))))
    );
    assert_eq!(person.model.rooms["general"].unread, 2);
    // A new message is read as it arrives.
    person.hears(message("general", 4, user(2, "bob"), "four"));
    person.passes(1);
    person.passes(5000);
    assert!(person.effects.contains(&Effect::Server(ToServer::Ask(Ask::Read("general".into(), Seq(4))))));
    assert_eq!(person.model.rooms["general"].unread, 0);
}

#[test]
fn a_reset_is_asked_about() {
    let mut person = six();
    person.passes(5000);
    person.effects.clear();
    person.happens(Msg::Update(Update::Signal(Signal::Reset { room: "dev".into(), head: Seq(900) })));
    assert_eq!(asks(&person), 1);
    let answer = RoomSummary { read: Seq(3), unread: 800, mentions: 7, ..summary("dev", 900, 800) };
    person.happens(Msg::Answer(
        Ask::Rooms { show: false },
        Ok(Reply::Rooms { rooms: vec![answer], more: false }),
    ));
    assert_eq!(badge(&person), (800, 7));
}
