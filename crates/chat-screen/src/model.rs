//! The program's state: plain data that [`crate::update`] changes.

mod attention;
pub mod composer;
pub mod form;
pub mod item;
pub mod listing;
mod note;
pub mod pending;
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
use self::pending::Pending;
pub use self::popup::{About, Choice, Choose, OnMessage, Popup};
use self::timeline::Timeline;
use crate::canvas::Canvas;
use crate::clean::Clean;
use crate::complete::Completion;
use crate::markup::Highlight;
use crate::msg::Uploading;

/// The maximum number of sent texts that can be recalled.
pub const HISTORY: usize = 200;

/// The maximum number of messages that can be written before there is a room.
pub const EARLY_POSTS: usize = 100;

/// The maximum number of known room names, apart from the joined rooms.
pub const OTHER_ROOMS: usize = 10_000;

/// The state of the connection, as the status line shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The client is trying to connect.
    Connecting,
    /// The client is connected.
    Live,
    /// The client is not connected.
    Offline {
        /// The reason.
        reason: Clean,
        /// When the next attempt is. `None` means that there is none without the person.
        retry_at: Option<Millis>,
    },
}

/// A joined room.
#[derive(Clone, Debug)]
pub struct Room {
    /// Who may join.
    pub kind: RoomKind,
    /// The person's role and mute in the room, and the other user of a direct one.
    pub mine: Mine,
    /// The topic.
    pub topic: Clean,
    /// The newest known seq.
    pub head: Seq,
    /// The read mark.
    pub read: Seq,
    /// The number of messages by others after the read mark that the person has not seen arrive.
    pub unread: u64,
    /// How many of the unread messages mention the person.
    pub mentions: u64,
    /// What the two numbers are computed from.
    pub tally: Tally,
    /// The last message that the person saw arrive, if it is not marked as read yet.
    pub seen: Seq,
    /// The seq at which another device marked the room as unread. Looking at the room does not undo that.
    pub left_unread: Seq,
    /// Which messages should notify the person.
    pub notify: Notify,
    /// The messages.
    pub timeline: Timeline,
    /// The users online, by name, if the server names them.
    pub online: BTreeMap<String, User>,
    /// The number of users online.
    pub online_count: usize,
    /// Who is typing, and until when that is shown.
    pub typing: Vec<(User, Millis)>,
    /// The draft for this room.
    pub draft: Composer,
    /// The message after which the new ones began when the room was opened.
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
    /// Recomputes the badges.
    pub fn recount(&mut self) {
        let count = self.tally.count(self.seen);
        (self.read, self.unread, self.mentions) = (self.tally.mark(), count.unread, count.mentions);
    }

    /// Returns the room's display name. `name` is its name on the wire.
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
    /// The message as it is shown.
    pub shown: Pending,
    /// The text as it was typed.
    pub text: String,
}

/// The initial values of a model.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The server's address.
    pub server: String,
    /// The room to show first. `None` means the server's default room.
    pub room: Option<String>,
    /// The time zone of displayed times.
    pub zone: TimeZone,
    /// A prefix for this program's idempotency keys that no other program uses.
    pub nonces: String,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How pictures are drawn, if they are.
    pub canvas: Option<Canvas>,
    /// The syntax highlighter.
    pub highlight: Highlight,
    /// The current time.
    pub now: Millis,
}

/// The program's state.
#[derive(Clone, Debug)]
pub struct Model {
    /// The user, once known.
    pub me: Option<Me>,
    /// The name that was requested last.
    pub asked_name: Option<String>,
    /// The epoch that the seqs belong to.
    pub log: Option<String>,
    /// The server's address.
    pub server: Clean,
    /// The connection.
    pub status: Status,
    /// Since when the server has not answered, if that is long enough to be shown.
    pub no_answer_since: Option<Millis>,
    /// The previous reason for being offline, so that its advice is given only once.
    pub status_before: Option<Clean>,
    /// The joined rooms, by name.
    pub rooms: BTreeMap<String, Room>,
    /// The names of other rooms.
    pub other_rooms: BTreeSet<String>,
    /// The list of all rooms, and the schedule of requests for the badges.
    pub listing: Listing,
    /// The current room, which is on the screen.
    pub current: Option<String>,
    /// The room to show as soon as it is joined. `None` means the server's default room.
    pub wanted: Option<String>,
    /// The popup over the timeline.
    pub popup: Option<Popup>,
    /// The chosen message in the current room.
    pub selected: Option<Seq>,
    /// What the input is, if it is not a new message.
    pub about: Option<About>,
    /// The upload in progress.
    pub upload: Option<Uploading>,
    /// How pictures are drawn, if they are.
    pub canvas: Option<Canvas>,
    /// The syntax highlighter.
    pub highlight: Highlight,
    /// The note above the input.
    pub note: Option<Note>,
    /// Texts sent before, oldest first.
    pub history: Vec<String>,
    /// The index of the recalled text that is in the input, and the draft that it replaced.
    pub recalled: Option<(usize, String)>,
    /// The completion that Tab cycles through.
    pub completion: Option<Completion>,
    /// The draft before there is a room.
    pub early: Composer,
    /// Whether there ever was a room. If not, the first one is being joined.
    pub was_in_room: bool,
    /// Messages sent before there is a room. They go to the first one.
    pub early_posts: Vec<Early>,
    /// Why new messages are not written to disk, if they are not.
    pub unkept: Option<Clean>,
    /// Whether the login was lost, so that the next welcome is for a new user.
    pub is_new_user: bool,
    /// Whether the person was told that quitting loses messages.
    pub knows_loss: bool,
    /// Whether the sidebar is shown, if the person chose.
    pub sidebar: Option<bool>,
    /// Whether the wheel scrolls the messages. If not, the terminal handles the mouse, to select text.
    pub mouse: bool,
    /// Whether the person is looking at the terminal.
    pub attention: Attention,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The current time.
    pub now: Millis,
    /// The time zone of displayed times.
    pub zone: TimeZone,
    /// Until when a second Ctrl+C quits.
    pub quit_until: Option<Millis>,
    /// When the room was last told that the person is typing.
    pub typing_sent: Millis,
    /// When to send the read mark.
    pub read_due: Option<Millis>,
    /// The prefix of this program's idempotency keys, and how many were made.
    pub nonces: (String, u64),
}

impl Model {
    /// Creates a model.
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

    /// Forgets the user, and everything that only they could see.
    pub fn forget_person(&mut self, why: &str) {
        (self.me, self.log, self.current) = (None, None, None);
        (self.rooms, self.other_rooms) = (BTreeMap::new(), BTreeSet::new());
        (self.history, self.recalled, self.completion) = (Vec::new(), None, None);
        (self.early, self.was_in_room) = (Composer::default(), false);
        (self.early_posts, self.knows_loss) = (Vec::new(), false);
        self.status = Status::Offline { reason: Clean::line(why), retry_at: None };
        self.note = None;
    }

    /// Notes a room that the user has not joined.
    pub fn add_other_room(&mut self, name: String) {
        if self.other_rooms.len() < OTHER_ROOMS && !self.rooms.contains_key(&name) {
            self.other_rooms.insert(name);
        }
    }

    /// Returns the current room.
    #[must_use]
    pub fn room(&self) -> Option<&Room> {
        self.rooms.get(self.current.as_ref()?)
    }

    /// Returns the current room.
    pub fn room_mut(&mut self) -> Option<&mut Room> {
        self.rooms.get_mut(self.current.as_ref()?)
    }

    /// Returns the current draft.
    #[must_use]
    pub fn draft(&self) -> &Composer {
        self.room().map_or(&self.early, |room| &room.draft)
    }

    /// Returns the current draft.
    pub fn draft_mut(&mut self) -> &mut Composer {
        match self.current.as_ref().and_then(|name| self.rooms.get_mut(name)) {
            Some(room) => &mut room.draft,
            None => &mut self.early,
        }
    }

    /// Returns the messages that wait to be sent.
    pub fn pending(&self) -> impl Iterator<Item = &Pending> {
        let early = self.early_posts.iter().map(|early| &early.shown);
        let in_rooms = self.rooms.values().flat_map(|room| &room.timeline.pending);
        early.chain(in_rooms).filter(|pending| pending.waits())
    }

    /// Returns how many messages wait to be sent. One that is not on disk yet counts only if the screen says so
    /// beside the number.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pending().filter(|pending| pending.is_kept || self.unkept.is_some()).count()
    }

    /// Returns how many waiting messages would be lost if the program ended.
    #[must_use]
    pub fn unkept(&self) -> usize {
        self.pending().filter(|pending| !pending.is_kept && self.unkept.is_some()).count()
    }

    /// Notes that a message is on disk.
    pub fn kept(&mut self, nonce: &str) {
        let early = self.early_posts.iter_mut().map(|early| &mut early.shown);
        let in_rooms = self.rooms.values_mut().flat_map(|room| &mut room.timeline.pending);
        if let Some(pending) = early.chain(in_rooms).find(|pending| pending.nonce == nonce) {
            pending.is_kept = true;
        }
    }

    /// Warns that messages would be lost, if that is so.
    pub fn warn_of_loss(&mut self) {
        if let (Some(why), true) = (&self.unkept, self.unkept() > 0) {
            let why = why.as_str().trim_end_matches('.');
            self.complain(&format!(
                "Messages waiting here are not on disk: {why}. They will be lost if you quit."
            ));
        }
    }

    /// Returns an idempotency key for a new message.
    pub fn new_nonce(&mut self) -> String {
        self.nonces.1 += 1;
        format!("{}-{:06x}", self.nonces.0, self.nonces.1)
    }

    /// Shows a note.
    pub fn tell(&mut self, text: &str) {
        self.note = Some(Note { text: Clean::line(text), is_wrong: false });
    }

    /// Shows a note about something that went wrong.
    pub fn complain(&mut self, text: &str) {
        self.note = Some(Note { text: Clean::line(text), is_wrong: true });
    }

    /// Returns when something on the screen next changes because of the time, or is due.
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
