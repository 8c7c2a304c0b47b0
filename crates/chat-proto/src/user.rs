//! Users, and what they may do.

use serde::{Deserialize, Serialize};

use crate::UserId;
use crate::word::open_enum;

/// A user as the server names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct User {
    /// The id, which stays the same when the name changes.
    pub id: UserId,
    /// The display name.
    pub name: String,
}

impl User {
    /// Whether the user was deleted. Their name then consists of their id.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.name.strip_prefix("deleted-").and_then(|id| id.parse().ok()) == Some(self.id)
    }
}

/// The user of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The user's id.
    pub id: UserId,
    /// The name. It may differ from the one asked for: case and width are folded.
    pub name: String,
    /// The kind of user.
    pub kind: UserKind,
    /// The user's role on the whole server.
    pub role: Role,
}

open_enum! {
    /// The kinds of users.
    pub enum UserKind {
        /// A user without a password, who gave only a name.
        Guest = "guest",
        /// A user with a password.
        Account = "account",
        /// A program.
        Bot = "bot",
    }
}

open_enum! {
    /// A role, on the server (`admin`, `member`, `guest`) or in a room (`owner`, `moderator`, `member`). An unknown
    /// role grants nothing.
    #[expect(missing_docs, reason = "the names are the protocol's own words")]
    pub enum Role {
        Admin = "admin",
        Owner = "owner",
        Moderator = "moderator",
        Member = "member",
        Guest = "guest",
    }
}
