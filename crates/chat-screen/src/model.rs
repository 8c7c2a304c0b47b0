//! What the program knows: plain data, which [`crate::update`] changes.

mod attention;
pub mod composer;
pub mod form;
pub mod item;
pub mod listing;
mod note;
pub mod picker;
mod popup;
pub mod row;
pub mod timeline;

use std::collections::{BTreeMap, BTreeSet};

use chat_proto::counts::Tally;
use chat_proto::room::{Mine, Notify, RoomKind};
use chat_proto::user::{Me, User};
use chat_proto::{Millis, Seq};
use jiff::tz::TimeZone;

pub use self::attention::Attention;
use self::composer::Composer;
use self::listing::Listing;
pub use self::note::Note;
pub use self::popup::{About, Choice, Choose, OnMessage, Popup};
use self::timeline::{Pending, Timeline};
use crate::canvas::Canvas;
use crate::clean::Clean;
use crate::complete::Completion;
use crate::markup::Highlight;
use crate::msg::Uploading;

/// How many texts sent before can be brought back.
pub const HISTORY: usize = 200;

/// How many messages may be sent before there is a room.
pub const EARLY_POSTS: usize = 100;

/// Most names of rooms that are known beside those that one is in.
pub const OTHER_ROOMS: usize = 10_000;

/// The connection, as the status line tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is being made.
    Connecting,
    /// It stands.
    Live,
    /// There is none.
    Offline {
        /// Why.
        reason: Clean,
        /// When it is tried again; none: not by itself.
        retry_at: Option<Millis>,
    },
}

/// A room that one has joined.
#[derive(Clone, Debug)]
pub struct Room {
    /// Who may enter.
    pub kind: RoomKind,
    /// The person's role and mute in it, and whom a direct one is with.
    pub mine: Mine,
    /// Its topic.
    pub topic: Clean,
    /// Its newest seq, as far as is known.
    pub head: Seq,
    /// The read mark.
    pub read: Seq,
    /// Messages by others after it, as far as the person did not see them come.
    pub unread: u64,
    /// Those of them that name the person.
    pub mentions: u64,
    /// From what these numbers follow.
    pub tally: Tally,
    /// Up to where the person saw messages come that are not marked as read yet.
    pub seen: Seq,
    /// Up to where the room was marked as unread elsewhere: looking at it does not undo that.
    pub left_unread: Seq,
    /// What of it the person wants to be told of.
    pub notify: Notify,
    /// Its messages.
    pub timeline: Timeline,
    /// Who is online, by name, where they are named.
    pub online: BTreeMap<String, User>,
    /// How many are online.
    pub online_count: usize,
    /// Who is writing, and until when that is shown.
    pub typing: Vec<(User, Millis)>,
    /// What is being written here.
    pub draft: Composer,
    /// After which message the new ones began when the room was opened.
    pub divider: Option<Seq>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            kind: RoomKind::Public,
            mine: Mine::default(),
            topic: Clean::default(),
            head: Seq::ZERO,
            read: Seq::ZERO,
            unread: 0,
            mentions: 0,
            tally: Tally::default(),
            seen: Seq::ZERO,
            left_unread: Seq::ZERO,
            notify: Notify::All,
            timeline: Timeline::default(),
            online: BTreeMap::new(),
            online_count: 0,
            typing: Vec::new(),
            draft: Composer::default(),
            divider: None,
        }
    }
}

impl Room {
    /// Works out the badges anew.
    pub fn recount(&mut self) {
        let count = self.tally.count(self.seen);
        (self.read, self.unread, self.mentions) = (self.tally.mark(), count.unread, count.mentions);
    }

    /// The room as people call it; `name` is its name on the wire.
    #[must_use]
    pub fn label(&self, name: &str) -> String {
        match (&self.mine.user, self.kind) {
            (Some(user), RoomKind::Direct) if user.is_deleted() => "deleted user".to_owned(),
            (Some(user), RoomKind::Direct) => format!("@{}", user.name),
            _ => format!("#{name}"),
        }
    }
}

/// A message that was sent before there was a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Early {
    /// As it is shown.
    pub shown: Pending,
    /// As it was typed.
    pub text: String,
}

/// What a model starts with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The server's address.
    pub server: String,
    /// The room to show first. Absent: the server's own.
    pub room: Option<String>,
    /// The zone of the times shown.
    pub zone: TimeZone,
    /// What this program's idempotency keys begin with. Nobody else's do.
    pub nonces: String,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How pictures are drawn, if they are.
    pub canvas: Option<Canvas>,
    /// What colours code.
    pub highlight: Highlight,
    /// The time.
    pub now: Millis,
}

/// What the program knows.
#[derive(Clone, Debug)]
pub struct Model {
    /// Who one is, once that is known.
    pub me: Option<Me>,
    /// The name one asked for last.
    pub asked_name: Option<String>,
    /// The log that the seqs belong to.
    pub log: Option<String>,
    /// The server's address.
    pub server: Clean,
    /// The connection.
    pub status: Status,
    /// Since when the server has not answered, if that is so long that it must be told.
    pub no_answer_since: Option<Millis>,
    /// Why there was none last, so that the advice is given once.
    pub status_before: Option<Clean>,
    /// The rooms one has joined, by name.
    pub rooms: BTreeMap<String, Room>,
    /// Names of rooms that one has not joined.
    pub other_rooms: BTreeSet<String>,
    /// The list of all rooms, and when the badges are asked for.
    pub listing: Listing,
    /// The room shown.
    pub current: Option<String>,
    /// The room to show as soon as it is joined; none: the server's own.
    pub wanted: Option<String>,
    /// What lies over the timeline.
    pub popup: Option<Popup>,
    /// The message one has chosen in the room shown.
    pub selected: Option<Seq>,
    /// What the input is about, where it is no plain message.
    pub about: Option<About>,
    /// The file that is being uploaded.
    pub upload: Option<Uploading>,
    /// How pictures are drawn, if they are.
    pub canvas: Option<Canvas>,
    /// What colours code.
    pub highlight: Highlight,
    /// A word to the person.
    pub note: Option<Note>,
    /// What was sent before, oldest first, and where one is in it with the draft that was there.
    pub history: Vec<String>,
    /// Which of them is in the input, with the draft that was there before.
    pub recalled: Option<(usize, String)>,
    /// A completion that Tab goes through.
    pub completion: Option<Completion>,
    /// What is written before there is a room.
    pub early: Composer,
    /// Whether there ever was a room; if not, one is on its way.
    pub was_in_room: bool,
    /// What was sent before there is a room; it goes to the first one.
    pub early_posts: Vec<Early>,
    /// Why what is written now is not on disk, where that is so.
    pub unkept: Option<Clean>,
    /// Whether the login was lost, so that the next welcome is another user's.
    pub is_new_user: bool,
    /// Whether the person knows that leaving loses messages.
    pub knows_loss: bool,
    /// Whether rooms and people are shown, where the person said so.
    pub sidebar: Option<bool>,
    /// Whether the wheel scrolls the messages; else the mouse is the terminal's own, to select text with.
    pub mouse: bool,
    /// Whether the person looks at the terminal.
    pub attention: Attention,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time.
    pub now: Millis,
    /// The zone of the times shown.
    pub zone: TimeZone,
    /// Until when a second Ctrl+C quits.
    pub quit_until: Option<Millis>,
    /// When the room was last told that one is writing.
    pub typing_sent: Millis,
    /// When the read mark is due.
    pub read_due: Option<Millis>,
    /// What nonces of this program begin with, and how many there were.
    pub nonces: (String, u64),
}

impl Model {
    /// The model at the start.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            me: None,
            asked_name: None,
            log: None,
            server: Clean::line(&setup.server),
            status: Status::Connecting,
            status_before: None,
            no_answer_since: None,
            rooms: BTreeMap::new(),
            other_rooms: BTreeSet::new(),
            listing: Listing::default(),
            current: None,
            wanted: setup.room,
            popup: None,
            selected: None,
            about: None,
            upload: None,
            canvas: setup.canvas,
            highlight: setup.highlight,
            note: None,
            history: Vec::new(),
            recalled: None,
            completion: None,
            early: Composer::default(),
            was_in_room: false,
            early_posts: Vec::new(),
            unkept: None,
            is_new_user: false,
            knows_loss: false,
            sidebar: None,
            mouse: true,
            attention: Attention::default(),
            size: setup.size,
            now: setup.now,
            zone: setup.zone,
            quit_until: None,
            typing_sent: Millis::default(),
            read_due: None,
            nonces: (setup.nonces, 0),
        }
    }

    /// Forgets who one was, and with it what only they could see.
    pub fn forget_person(&mut self, why: &str) {
        (self.me, self.log, self.current) = (None, None, None);
        (self.rooms, self.other_rooms) = (BTreeMap::new(), BTreeSet::new());
        (self.history, self.recalled, self.completion) = (Vec::new(), None, None);
        (self.early, self.was_in_room) = (Composer::default(), false);
        (self.early_posts, self.knows_loss) = (Vec::new(), false);
        self.status = Status::Offline { reason: Clean::line(why), retry_at: None };
        self.note = None;
    }

    /// There is a room that one has not joined.
    pub fn add_other_room(&mut self, name: String) {
        if self.other_rooms.len() < OTHER_ROOMS && !self.rooms.contains_key(&name) {
            self.other_rooms.insert(name);
        }
    }

    /// The room shown.
    #[must_use]
    pub fn room(&self) -> Option<&Room> {
        self.rooms.get(self.current.as_ref()?)
    }

    /// The room shown.
    pub fn room_mut(&mut self) -> Option<&mut Room> {
        self.rooms.get_mut(self.current.as_ref()?)
    }

    /// What is being written.
    #[must_use]
    pub fn draft(&self) -> &Composer {
        self.room().map_or(&self.early, |room| &room.draft)
    }

    /// What is being written.
    pub fn draft_mut(&mut self) -> &mut Composer {
        match self.current.as_ref().and_then(|name| self.rooms.get_mut(name)) {
            Some(room) => &mut room.draft,
            None => &mut self.early,
        }
    }

    /// The messages that wait to be sent: each with whether it is on disk.
    pub fn pending(&self) -> impl Iterator<Item = &Pending> {
        let early = self.early_posts.iter().map(|early| &early.shown);
        let in_rooms = self.rooms.values().flat_map(|room| &room.timeline.pending);
        early.chain(in_rooms).filter(|pending| pending.waits())
    }

    /// How many messages wait to be sent. One that is not on disk yet counts only where that is told beside it.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pending().filter(|pending| pending.is_kept || self.unkept.is_some()).count()
    }

    /// How many of them the end of the program would lose.
    #[must_use]
    pub fn unkept(&self) -> usize {
        self.pending().filter(|pending| !pending.is_kept && self.unkept.is_some()).count()
    }

    /// A message is on disk.
    pub fn kept(&mut self, nonce: &str) {
        let early = self.early_posts.iter_mut().map(|early| &mut early.shown);
        let in_rooms = self.rooms.values_mut().flat_map(|room| &mut room.timeline.pending);
        if let Some(pending) = early.chain(in_rooms).find(|pending| pending.nonce == nonce) {
            pending.is_kept = true;
        }
    }

    /// Says that messages would be lost, where that is so.
    pub fn warn_of_loss(&mut self) {
        if let (Some(why), true) = (&self.unkept, self.unkept() > 0) {
            let why = why.as_str().trim_end_matches('.');
            self.complain(&format!(
                "Messages waiting here are not on disk: {why}. They will be lost if you quit."
            ));
        }
    }

    /// A nonce for a new message.
    pub fn new_nonce(&mut self) -> String {
        self.nonces.1 += 1;
        format!("{}-{:06x}", self.nonces.0, self.nonces.1)
    }

    /// Tells the person something.
    pub fn tell(&mut self, text: &str) {
        self.note = Some(Note { text: Clean::line(text), is_wrong: false });
    }

    /// Tells the person that something went wrong.
    pub fn complain(&mut self, text: &str) {
        self.note = Some(Note { text: Clean::line(text), is_wrong: true });
    }

    /// When something on the screen changes by time alone, or is due.
    #[must_use]
    pub fn next_tick(&self) -> Option<Millis> {
        let typing = self.room().into_iter().flat_map(|room| room.typing.iter().map(|(_, until)| *until));
        let countdown = match self.status {
            Status::Offline { retry_at: Some(at), .. } if at > self.now => {
                Some(self.now + 1000.min(at - self.now))
            }
            Status::Live => self.no_answer_since.map(|_| self.now + 1000),
            _ => None,
        };
        let unmuted =
            self.room().and_then(|room| room.mine.muted.as_ref()?.until).filter(|until| *until > self.now);
        let badges = self.listing.due().filter(|_| self.status == Status::Live);
        typing.chain(unmuted).chain(badges).chain(countdown).chain(self.quit_until).chain(self.read_due).min()
    }
}
