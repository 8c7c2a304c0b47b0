//! A conversation as the client shows it, against what the server has: live events, pages and resets in any order.

use chat_proto::updates::{AskError, Update};
use chat_proto::{Millis, Seq, Signal, What};
use chat_screen::action::Action;
use chat_screen::layout::page;
use chat_screen::model::item::Item;
use chat_screen::model::row::{Page, Row};
use chat_screen::model::timeline::Timeline;
use chat_screen::model::{Model, Room, Setup, Status};
use chat_screen::msg::{Ask, Effect, Msg, ToServer};
use chat_screen::update::update;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;

use super::server::{Happens, ROOM, Server};
use super::{config, piece};

/// How many stories are tried.
const CASES: u32 = 32;

#[derive(Clone, Debug)]
enum Step {
    Happens(Happens),
    /// So many events arrive.
    Deliver(usize),
    /// One of the questions asked is answered.
    Answer(usize),
    /// The connection breaks, and when it is back too much has happened.
    Reset,
    /// The person chose a message that a search found.
    Jump(usize),
    Key(Action),
    Wheel(bool),
    Resize(u16, u16),
}

fn step() -> BoxedStrategy<Step> {
    // A message of invisible characters alone has no row.
    let words = || vec(piece(), 0..6).prop_map(|pieces| format!("x{}", pieces.concat()));
    let nth = any::<usize>;
    let happens = prop_oneof![
        8 => words().prop_map(Happens::Said),
        1 => Just(Happens::Topic),
        1 => (nth(), words()).prop_map(|(nth, text)| Happens::Edited(nth, text)),
        1 => nth().prop_map(Happens::Deleted),
        2 => (nth(), any::<bool>()).prop_map(|(nth, on)| Happens::Reacted(nth, on)),
        1 => (nth(), any::<bool>()).prop_map(|(nth, on)| Happens::Pinned(nth, on)),
    ];
    let keys = vec![Action::PageUp, Action::PageDown, Action::Oldest, Action::Newest, Action::Escape];
    prop_oneof![
        8 => happens.prop_map(Step::Happens),
        4 => (1..6_usize).prop_map(Step::Deliver),
        5 => nth().prop_map(Step::Answer),
        1 => Just(Step::Reset),
        2 => nth().prop_map(Step::Jump),
        4 => proptest::sample::select(keys).prop_map(Step::Key),
        3 => any::<bool>().prop_map(Step::Wheel),
        1 => (1..200_u16, 1..60_u16).prop_map(|(width, height)| Step::Resize(width, height)),
    ]
    .boxed()
}

struct World {
    server: Server,
    model: Model,
    /// How many events of the log have arrived.
    delivered: usize,
    asked: Vec<Ask>,
}

impl World {
    fn new() -> Self {
        let setup = Setup {
            server: "chat.example".to_owned(),
            room: None,
            zone: TimeZone::UTC,
            nonces: "n".to_owned(),
            size: (80, 24),
            canvas: None,
            highlight: |_, _| None,
            now: Millis::default(),
        };
        let mut model = Model::new(setup);
        (model.status, model.current) = (Status::Live, Some(ROOM.to_owned()));
        model.rooms.insert(ROOM.to_owned(), Room::default());
        let asked = vec![Ask::Join { room: ROOM.to_owned(), show: false }];
        Self { server: Server::default(), model, delivered: 0, asked }
    }

    fn timeline(&self) -> &Timeline {
        &self.model.room().unwrap().timeline
    }

    fn tell(&mut self, msg: Msg) {
        for effect in update(&mut self.model, Millis::default(), msg) {
            if let Effect::Server(ToServer::Ask(ask)) = effect
                && matches!(ask, Ask::Join { .. } | Ask::Older(..) | Ask::Around(..))
            {
                self.asked.push(ask);
            }
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Happens(happens) => self.server.happens(happens),
            Step::Deliver(events) => (0..events).for_each(|_| self.deliver()),
            Step::Answer(nth) => self.answer(nth),
            Step::Reset => {
                for ask in std::mem::take(&mut self.asked) {
                    self.tell(Msg::Answer(ask, Err(AskError::Offline)));
                }
                self.delivered = self.server.log.len();
                let head = self.server.head();
                self.tell(Msg::Update(Update::Signal(Signal::Reset { room: ROOM.to_owned(), head })));
            }
            Step::Jump(nth) => {
                if let Some(nth) = nth.checked_rem(self.server.messages.len()) {
                    self.asked.push(Ask::Around(ROOM.to_owned(), self.server.messages[nth].seq));
                }
            }
            Step::Key(action) => self.tell(Msg::Action(action)),
            Step::Wheel(up) => self.tell(Msg::Wheel { up }),
            Step::Resize(width, height) => self.tell(Msg::Resize(width, height)),
        }
    }

    fn deliver(&mut self) {
        if let Some(event) = self.server.log.get(self.delivered).cloned() {
            self.delivered += 1;
            self.tell(Msg::Update(Update::Event(Box::new(event))));
        }
    }

    fn answer(&mut self, nth: usize) {
        let Some(nth) = nth.checked_rem(self.asked.len()) else { return };
        let ask = self.asked.remove(nth);
        let reply = self.server.answer(&ask).unwrap();
        self.tell(Msg::Answer(ask, Ok(reply)));
    }

    /// Delivers and answers everything.
    fn settle(&mut self) {
        while self.delivered < self.server.log.len() || !self.asked.is_empty() {
            self.deliver();
            self.answer(0);
        }
    }

    /// The seqs of the messages held, in the order of their rows.
    fn shown(&self) -> Vec<Seq> {
        let everything = Page { width: 120, height: usize::MAX, ..page(&self.model) };
        let mut timeline = self.timeline().clone();
        timeline.to_newest();
        let row = |row: Row| match row {
            Row::Line { seq, .. } => seq,
            _ => None,
        };
        let mut shown: Vec<Seq> = timeline.visible(&everything).into_iter().filter_map(row).collect();
        shown.dedup();
        shown
    }

    /// The messages that the server has between the first one shown and the last one that must be.
    fn expected(&self, shown: &[Seq]) -> Vec<Seq> {
        let (Some(first), Some(last)) = (shown.first(), shown.last()) else { return Vec::new() };
        let delivered = self.server.log[..self.delivered].last().map_or(*last, |event| event.seq);
        let last = if self.timeline().is_apart { *last } else { delivered.max(*last) };
        let seqs = self.server.messages.iter().map(|message| message.seq);
        seqs.filter(|seq| (*first..=last).contains(seq)).collect()
    }

    /// The words of the last row on the screen, if it is of a message.
    fn bottom(&self) -> Option<(Option<Seq>, String)> {
        match self.timeline().visible(&page(&self.model)).pop()? {
            Row::Line { seq, pieces, .. } => {
                Some((seq, pieces.into_iter().map(|piece| piece.text).collect()))
            }
            _ => None,
        }
    }
}

proptest! {
    // A case is a long story.
    #![proptest_config(ProptestConfig { cases: CASES, ..config() })]

    #[test]
    fn what_is_shown_is_a_stretch_of_what_the_server_has(steps in vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.take(step.clone());
            if matches!(step, Step::Deliver(_) | Step::Answer(_) | Step::Reset) {
                let shown = world.shown();
                prop_assert_eq!(world.timeline().authors().count(), shown.len(), "twice after {:?}", step);
                prop_assert_eq!(world.expected(&shown), shown, "after {:?}", step);
            }
        }
        world.settle();
        let shown = world.shown();
        prop_assert_eq!(world.expected(&shown), shown.clone(), "in the end");
        for message in world.server.messages.iter().filter(|message| shown.contains(&message.seq)) {
            let (held, is) = (world.timeline().message(message.seq).unwrap(), Item::of(message));
            prop_assert_eq!((&held.text, &held.more), (&is.text, &is.more));
        }
    }

    #[test]
    fn the_newest_message_is_a_key_away(steps in vec(step(), 1..80)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        world.settle();
        world.tell(Msg::Action(Action::Newest));
        world.settle();
        prop_assert!(!world.timeline().is_apart && world.timeline().at_newest());
        let newest = world.server.messages.last().map(|message| message.seq);
        prop_assert_eq!(world.shown().last().copied(), newest);
    }

    #[test]
    fn a_reader_stays_where_they_are(steps in vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            let comes = world.server.log.get(world.delivered).map(|event| &event.what);
            let adds = match &step {
                // The others may change how high a message is.
                Step::Deliver(1) => matches!(comes, Some(What::Message(_) | What::Topic { .. })),
                Step::Answer(nth) => {
                    let ask = nth.checked_rem(world.asked.len()).map(|nth| &world.asked[nth]);
                    matches!(ask, Some(Ask::Older(..)))
                }
                _ => false,
            };
            let before = world.bottom().filter(|_| adds && !world.timeline().at_newest());
            world.take(step);
            if before.is_some() {
                prop_assert_eq!(world.bottom(), before);
            }
        }
    }
}
