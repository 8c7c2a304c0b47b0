//! Users, and what they may do.

use serde::{Deserialize, Serialize};

use crate::UserId;
use crate::word::open_enum;

/// A user as the server names one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct User {
    /// The user's number, which stays when the name changes.
    pub id: UserId,
    /// The name to show.
    pub name: String,
}

impl User {
    /// Whether the user was deleted: what is left of a name is the number.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.name.strip_prefix("deleted-").and_then(|id| id.parse().ok()) == Some(self.id)
    }
}

/// The user of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The user's number.
    pub id: UserId,
    /// The name, which may differ from the one asked for: case and width are folded.
    pub name: String,
    /// What sort of user.
    pub kind: UserKind,
    /// What the user may do on the whole server.
    pub role: Role,
}

open_enum! {
    /// What sort of user.
    pub enum UserKind {
        /// Came by a name alone.
        Guest = "guest",
        /// Has a password.
        Account = "account",
        /// A program.
        Bot = "bot",
    }
}

open_enum! {
    /// A role, on the server (`admin`, `member`, `guest`) or in a room (`owner`, `moderator`, `member`). One that is
    /// not known grants nothing.
    #[expect(missing_docs, reason = "the names are the protocol's own words")]
    pub enum Role {
        Admin = "admin",
        Owner = "owner",
        Moderator = "moderator",
        Member = "member",
        Guest = "guest",
    }
}
