//! The consequences of committed acts for everything in memory: rooms, sessions, signals.
//!
//! An act records consequences inside its transaction. The writer applies them after it delivered the act's events
//! and before it answers, even if nobody waits for the answer.

use chat_proto::error::Refusal;
use chat_proto::event::Event;
use chat_proto::room::Mine;
use chat_proto::{Millis, Signal, UserId};
use ipnet::IpNet;

use super::admission::Admission;
use super::rows::RoomRow;
use crate::id::{RoomId, SessionId};
use crate::secret::TokenHash;

/// What a user sees of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A member, who sees the room and may act in it.
    Member,
    /// Sees it and may join, because of an invitation at that time.
    Invited(Millis),
    /// Sees it and may join, like everyone.
    Public,
    /// Cannot tell that it exists.
    Nothing,
}

/// Which logins of a user ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logins {
    /// All of them.
    All,
    /// All but this one.
    AllBut(TokenHash),
    /// These.
    Only(Vec<TokenHash>),
}

impl Logins {
    /// Whether `login` is one of these.
    #[must_use]
    pub fn contains(&self, login: &TokenHash) -> bool {
        match self {
            Self::All => true,
            Self::AllBut(kept) => login != kept,
            Self::Only(ended) => ended.contains(login),
        }
    }
}

/// A consequence.
#[derive(Debug)]
pub enum Consequence {
    /// A room was created.
    RoomOpened(RoomRow),
    /// A room was removed. Its members' sessions are notified and unsubscribed.
    RoomRemoved {
        /// The room.
        room: RoomId,
        /// When it was removed.
        at: Millis,
        /// The reason, as the members read it.
        why: Option<String>,
    },
    /// A user's sight of a private or direct room changed.
    SightChanged {
        /// The room.
        room: RoomId,
        /// The user.
        user: UserId,
        /// What they now see of it.
        to: Sight,
    },
    /// A member left a room, perhaps without an event. Their sessions are unsubscribed.
    Left {
        /// The room.
        room: RoomId,
        /// The user.
        user: UserId,
    },
    /// A user opened a direct room, or wrote in one that the other user had left. The other user's sessions are
    /// subscribed and notified before anything of the same commit is delivered.
    DirectOpened {
        /// The proof that the other user may subscribe.
        admission: Admission,
        /// The other user's permissions there.
        mine: Mine,
        /// The newest existing messages.
        messages: Vec<Event>,
    },
    /// Logins ended. The sessions that use them end.
    LoginsEnded {
        /// The user, if all logins are one user's.
        user: Option<UserId>,
        /// Which logins.
        which: Logins,
        /// The session whose command ended them. It gets its answer first.
        caller: Option<SessionId>,
    },
    /// A login was replaced by another. The sessions that use it continue with the new one.
    LoginReplaced {
        /// The user.
        user: UserId,
        /// The login that ended.
        from: TokenHash,
        /// The login that replaces it.
        to: TokenHash,
    },
    /// A user's name changed. Their sessions reconnect.
    Renamed {
        /// The user.
        user: UserId,
    },
    /// Users were banned from the whole server. Their sessions end.
    Banned {
        /// The user, if the ban names one.
        user: Option<UserId>,
        /// The networks whose users are banned.
        networks: Vec<IpNet>,
        /// Admins, whose sessions are not ended by the ban of a network.
        spared: Vec<UserId>,
        /// The error that their sessions get.
        refusal: Refusal,
    },
    /// A signal for a user's sessions.
    Signalled {
        /// The user.
        user: UserId,
        /// The session that does not need it.
        except: Option<SessionId>,
        /// The signal.
        signal: Signal,
    },
    /// Contents of files may no longer belong to a file.
    ContentsDiscarded,
}
