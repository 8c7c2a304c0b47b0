//! What several tables' rows become.

use chat_proto::event::User;
use chat_proto::reply::{Me, Role, RoomKind, UserKind};
use chat_proto::{Seq, UserId};

use super::RoomId;
use super::consequence::Sight;

/// A room as the server holds it in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRow {
    /// Its number.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    /// Its topic.
    pub topic: String,
    /// Its newest seq.
    pub head: Seq,
    /// Who sees it, unless it is public.
    pub seen_by: Vec<(UserId, Sight)>,
}

/// The columns of a [`Me`].
pub(super) type UserRow = (UserId, String, String, String);

pub(super) fn me((id, name, kind, role): UserRow) -> Me {
    let kind = match kind.as_str() {
        "account" => UserKind::Account,
        "bot" => UserKind::Bot,
        _ => UserKind::Guest,
    };
    Me { id, name, kind, role: role_from(&role) }
}

/// The user as events name them.
#[must_use]
pub fn named(me: &Me) -> User {
    User { id: me.id, name: me.name.clone() }
}

/// A role as it is stored. An unknown one is the least.
pub(super) fn role_from(text: &str) -> Role {
    match text {
        "admin" => Role::Admin,
        "owner" => Role::Owner,
        "moderator" => Role::Moderator,
        "member" => Role::Member,
        _ => Role::Guest,
    }
}

/// A role as it is stored and shown.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Owner => "owner",
        Role::Moderator => "moderator",
        Role::Member => "member",
        Role::Guest => "guest",
    }
}

pub(super) fn kind_from(text: &str) -> RoomKind {
    match text {
        "private" => RoomKind::Private,
        "direct" => RoomKind::Direct,
        _ => RoomKind::Public,
    }
}

pub(super) fn kind_text(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Public => "public",
        RoomKind::Private => "private",
        RoomKind::Direct => "direct",
    }
}
