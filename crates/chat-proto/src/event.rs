//! What a room remembers. Everything durable that happens in a room is an event with the next seq.

mod read;

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

pub(crate) use self::read::{entries, entries_if_any};
use crate::user::{Role, User};
use crate::word::open_enum;
use crate::{Millis, Seq};

/// One durable thing that happened in a room. Its frame is the same bytes for every receiver.
///
/// Any frame with a `room` and a `seq` can be read as one: see [`What::Newer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The room's name.
    pub room: String,
    /// The event's number in its room.
    pub seq: Seq,
    /// When it was committed, by the server's clock, which may have been set back since the event before. 0 where a newer kind of event does not say.
    pub at: Millis,
    /// Who did it. Number 0 and no name where a newer kind of event does not say.
    pub by: User,
    /// What happened.
    pub what: What,
}

/// An event of a kind that this version knows, as it is written.
#[derive(Serialize)]
struct Known<'a> {
    room: &'a str,
    seq: Seq,
    at: Millis,
    by: &'a User,
    #[serde(flatten)]
    what: &'a What,
}

/// An event of another kind, as it is written: what every event has, and nothing of its own.
#[derive(Serialize)]
struct Newer<'a> {
    r#type: &'a str,
    room: &'a str,
    seq: Seq,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a User>,
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { room, seq, at, by, what } = self;
        let (seq, at) = (*seq, *at);
        match what {
            What::Newer { kind } => {
                let by = (*by != User::default()).then_some(by);
                Newer { r#type: kind, room, seq, at: (at != Millis(0)).then_some(at), by }
                    .serialize(serializer)
            }
            what => Known { room, seq, at, by, what }.serialize(serializer),
        }
    }
}

/// What happened, as the frame's `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Someone wrote.
    Message(Message),
    /// Someone set the topic.
    Topic {
        /// The new topic, possibly empty.
        topic: String,
    },
    /// Someone's membership changed.
    Member(MemberChange),
    /// The author changed a message.
    Edited {
        /// Its seq.
        target: Seq,
        /// What it says now; empty where it was deleted since.
        text: String,
        /// The same as sanitised HTML, for who asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<String>,
        /// The names it addresses now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<String>,
    },
    /// A message is gone.
    Deleted {
        /// Its seq.
        target: Seq,
    },
    /// Someone reacted to a message.
    Reacted(Reacted),
    /// Someone took a reaction back.
    Unreacted(Reacted),
    /// A message was pinned.
    Pinned {
        /// Its seq.
        target: Seq,
    },
    /// A message is pinned no more.
    Unpinned {
        /// Its seq.
        target: Seq,
    },
    /// A kind of event that this version does not know, or one whose fields it cannot read. It takes its place in
    /// the room all the same.
    #[serde(skip)]
    Newer {
        /// The frame's `type`.
        kind: String,
    },
}

/// An emoji on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reacted {
    /// The message's seq.
    pub target: Seq,
    /// The emoji.
    pub emoji: String,
}

/// Those who reacted alike to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// How many.
    pub count: u64,
    /// Their names, the first ones.
    pub users: Vec<String>,
}

/// What someone wrote, as it stood when the event was live, or in `messages` as it stands now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The text as it was written; empty where it was deleted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The same as sanitised HTML, for who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The names it addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// The seq of the message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// The author's own name for it, by which the author's devices recognise what they sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Millis>,
    /// Whether it is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Whether it is pinned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// What others think of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// A file that someone uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Names it in `send.files`.
    pub id: String,
    /// What its owner called it: one line, without a folder.
    pub name: String,
    /// Its length, in bytes.
    pub size: u64,
    /// Its type, found out from its content and not from its name.
    pub media_type: String,
    /// Where it is, seen from the server's own address.
    pub url: String,
    /// The width of an image, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of an image, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Where a smaller one of an image is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb: Option<String>,
}

/// How someone's membership changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChange {
    /// Whose membership.
    pub user: User,
    /// What changed.
    pub change: Change,
    /// Why, in the words of who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when it holds; none where it holds until it is lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// With `role`: which the user has from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether it was done on the whole server. It is told in every room the user is in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
}

impl MemberChange {
    /// A change in one room, of which nothing more is to be said.
    #[must_use]
    pub fn new(user: User, change: Change) -> Self {
        Self { user, change, reason: None, until: None, role: None, everywhere: false }
    }
}

open_enum! {
    /// The kinds of membership change.
    #[expect(missing_docs, reason = "the names are the protocol's own words")]
    pub enum Change {
        Joined = "joined",
        Left = "left",
        Invited = "invited",
        Kicked = "kicked",
        Banned = "banned",
        Unbanned = "unbanned",
        Muted = "muted",
        Unmuted = "unmuted",
        Role = "role",
    }
}

impl Change {
    /// Whether the user hears the room no more from the next event on.
    #[must_use]
    pub fn puts_out(self) -> bool {
        matches!(self, Self::Left | Self::Kicked | Self::Banned)
    }
}
