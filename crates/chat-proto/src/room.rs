//! Rooms, and what a user is in them.

use serde::{Deserialize, Serialize};

use crate::user::{Role, User};
use crate::word::open_enum;
use crate::{Millis, Seq};

/// A room as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSummary {
    /// The room's name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    /// The topic, possibly empty.
    pub topic: String,
    /// The newest seq; 0 where nothing has happened yet.
    pub head: Seq,
    /// How many have joined.
    pub members: u64,
    /// Whether the user has.
    pub joined: bool,
    /// The user's read mark.
    pub read: Seq,
    /// Messages by others after it, counted up to [`crate::limits::UNREAD`].
    pub unread: u64,
    /// Those of them that name the user.
    #[serde(default)]
    pub mentions: u64,
    /// What of it the user wants to be told of.
    #[serde(default)]
    pub notify: Notify,
    /// The user's own standing in it.
    #[serde(flatten)]
    pub mine: Mine,
}

open_enum! {
    /// What of a room a user wants to be told of, on all their devices.
    #[derive(Default)]
    pub enum Notify {
        /// Every message.
        #[default]
        All = "all",
        /// Those that name them.
        Mentions = "mentions",
        /// Nothing.
        None = "none",
    }
}

/// What the asker is in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    /// The asker's role; none without membership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Where the asker may not write here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Mute>,
    /// The other user of a direct room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// That someone may not write, until when, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// None: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// In the words of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Mute {
    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

open_enum! {
    /// Who may enter a room. Of a kind that is not known: nobody who is not in it.
    pub enum RoomKind {
        /// Everyone.
        Public = "public",
        /// Who was invited.
        Private = "private",
        /// Its two users.
        Direct = "direct",
    }
}

/// A room as `joined` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedRoom {
    /// The room's name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    /// The topic, possibly empty.
    pub topic: String,
    /// The newest seq: live events follow from the next.
    pub head: Seq,
    /// The user's own standing in it.
    #[serde(flatten)]
    pub mine: Mine,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user: User,
    /// The role in this room.
    pub role: Role,
    /// Whether the user is an admin of the whole server.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
    /// Whether a session of this user hears the room now.
    pub online: bool,
    /// Whether the member may not write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// Until when; none: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Millis>,
}
