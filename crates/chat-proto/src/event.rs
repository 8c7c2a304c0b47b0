//! Everything durable that happens in a room is an event with the room's next seq.

mod read;

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

pub(crate) use self::read::{entries, entries_if_any};
use crate::user::{Role, User};
use crate::word::open_enum;
use crate::{Millis, Seq};

/// One durable thing that happened in a room. Its frame has the same bytes for every recipient.
///
/// Any frame with a `room` and a `seq` can be read as an event: see [`What::Newer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The room's name.
    pub room: String,
    /// The event's number in its room.
    pub seq: Seq,
    /// When it was committed, by the server's clock. The clock may have been set back since the previous event. 0 if
    /// an event of a newer kind has no time.
    pub at: Millis,
    /// Who did it. Id 0 and no name if an event of a newer kind has no author.
    pub by: User,
    /// What happened.
    pub what: What,
}

/// The serialized form of an event that this version knows.
#[derive(Serialize)]
struct Known<'a> {
    room: &'a str,
    seq: Seq,
    at: Millis,
    by: &'a User,
    #[serde(flatten)]
    what: &'a What,
}

/// The serialized form of any other event: only the fields that every event has.
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
    /// Someone wrote a message.
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
        /// The message's seq.
        target: Seq,
        /// The new text. Empty if the message was deleted since.
        text: String,
        /// The new text as sanitised HTML, for clients that asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<String>,
        /// The names that the new text mentions.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<String>,
    },
    /// A message was deleted.
    Deleted {
        /// The message's seq.
        target: Seq,
    },
    /// Someone reacted to a message.
    Reacted(Reacted),
    /// Someone removed their reaction.
    Unreacted(Reacted),
    /// A message was pinned.
    Pinned {
        /// The message's seq.
        target: Seq,
    },
    /// A message was unpinned.
    Unpinned {
        /// The message's seq.
        target: Seq,
    },
    /// An event of a kind that this version does not know, or whose fields it cannot read. It still has its seq in
    /// the room.
    #[serde(skip)]
    Newer {
        /// The frame's `type`.
        kind: String,
    },
}

/// A reaction by one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reacted {
    /// The seq of the message.
    pub target: Seq,
    /// The emoji.
    pub emoji: String,
}

/// All reactions to a message with the same emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// The number of users who reacted.
    pub count: u64,
    /// The names of the first users.
    pub users: Vec<String>,
}

/// A message, as it was when the event was live, or in `messages` as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The text as it was written. Empty if the message was deleted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The text as sanitised HTML, for clients that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The names that the text mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// The seq of the message that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The attached files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// The idempotency key, by which the author's devices recognise the message that they sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// When the message was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Millis>,
    /// Whether the message was deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Whether the message is pinned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// The reactions to the message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The id, for `send.files`.
    pub id: String,
    /// The name that its owner gave it: one line, without a folder.
    pub name: String,
    /// The length, in bytes.
    pub size: u64,
    /// The media type, detected from the content and not from the name.
    pub media_type: String,
    /// The URL path, relative to the server's address.
    pub url: String,
    /// The width of an image, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of an image, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The URL path of an image's thumbnail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb: Option<String>,
}

/// How someone's membership changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChange {
    /// Whose membership changed.
    pub user: User,
    /// What changed.
    pub change: Change,
    /// The reason, as the moderator or admin wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it expires. `None` means when it is lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// With `role`: the user's new role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether it applies to the whole server. Every room that the user is in gets such an event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
}

impl MemberChange {
    /// Creates a change in one room, without reason, expiry or role.
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
    /// Whether the user is no longer subscribed to the room, from the next event on.
    #[must_use]
    pub fn ends_membership(self) -> bool {
        matches!(self, Self::Left | Self::Kicked | Self::Banned)
    }
}
