//! Rooms, and what a user is and may do in them.

use serde::{Deserialize, Serialize};

use crate::user::{Role, User};
use crate::word::open_enum;
use crate::{Millis, Seq};

/// A room as it is shown in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSummary {
    /// The room's name.
    pub name: String,
    /// Who may join.
    pub kind: RoomKind,
    /// The topic, possibly empty.
    pub topic: String,
    /// The newest seq. 0 if nothing has happened yet.
    pub head: Seq,
    /// The number of members.
    pub members: u64,
    /// Whether the user is a member.
    pub joined: bool,
    /// The user's read mark.
    pub read: Seq,
    /// The number of messages by others after the read mark, up to [`crate::limits::UNREAD`].
    pub unread: u64,
    /// How many of the unread messages mention the user.
    #[serde(default)]
    pub mentions: u64,
    /// Which messages should notify the user.
    #[serde(default)]
    pub notify: Notify,
    /// The user's role and mute in the room.
    #[serde(flatten)]
    pub mine: Mine,
}

open_enum! {
    /// Which messages of a room should notify the user, on all their devices.
    #[derive(Default)]
    pub enum Notify {
        /// Every message.
        #[default]
        All = "all",
        /// Messages that mention the user.
        Mentions = "mentions",
        /// Nothing.
        None = "none",
    }
}

/// What the user of the session is in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    /// The user's role. `None` if the user is not a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The user's mute in this room, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Mute>,
    /// The other user, in a direct room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// A mute: the user may not write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// When it expires. `None` means when it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// The reason, as the moderator or admin wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Mute {
    /// Whether the mute is still in effect.
    #[must_use]
    pub fn holds(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

open_enum! {
    /// Who may join a room. A room of an unknown kind is closed to everyone but its members.
    pub enum RoomKind {
        /// Everyone.
        Public = "public",
        /// Invited users.
        Private = "private",
        /// The room's two users.
        Direct = "direct",
    }
}

/// A room as it is in `joined`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedRoom {
    /// The room's name.
    pub name: String,
    /// Who may join.
    pub kind: RoomKind,
    /// The topic, possibly empty.
    pub topic: String,
    /// The newest seq. Live events start with the next one.
    pub head: Seq,
    /// The user's role and mute in the room.
    #[serde(flatten)]
    pub mine: Mine,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The user.
    pub user: User,
    /// The role in this room.
    pub role: Role,
    /// Whether the user is an admin of the whole server.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
    /// Whether a session of this user is subscribed to the room now.
    pub online: bool,
    /// Whether the member may not write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// When the mute expires. `None` means when it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Millis>,
}
