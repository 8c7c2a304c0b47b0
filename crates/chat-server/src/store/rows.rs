//! Types that several tables share.

use chat_proto::room::RoomKind;
use chat_proto::user::{Me, Role, User, UserKind};
use chat_proto::{Seq, UserId};

use super::consequence::Sight;
use crate::id::RoomId;

/// A reference to a room, with what is needed to decide a right in it and to name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRef {
    /// Its id.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may join.
    pub kind: RoomKind,
}

/// A reference to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageRef {
    /// Its room.
    pub room: RoomId,
    /// Its seq.
    pub seq: Seq,
}

/// A room as the server holds it in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRow {
    /// Its id.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may join.
    pub kind: RoomKind,
    /// Its topic.
    pub topic: String,
    /// Its newest seq.
    pub head: Seq,
    /// The seq below its first event.
    pub start: Seq,
    /// Who sees it, unless it is public.
    pub seen_by: Vec<(UserId, Sight)>,
}

/// The columns of a [`Me`].
pub(super) type UserRow = (UserId, String, String, String);

pub(super) fn me((id, name, kind, role): UserRow) -> Me {
    Me { id, name, kind: UserKind::from(kind.as_str()), role: Role::from(role.as_str()) }
}

/// Returns the user as events name them.
#[must_use]
pub fn named(me: &Me) -> User {
    User { id: me.id, name: me.name.clone() }
}

/// Returns the name of a deleted user.
pub(super) fn erased_name(id: UserId) -> String {
    format!("deleted-{id}")
}
