//! The proof that a user may subscribe to a room. Only the store makes it, from a read of the membership, and it
//! contains the moment of that read: a room rejects it if the user was removed since.

use chat_proto::UserId;
use chat_proto::room::Mute;

use crate::id::RoomId;

/// A point in the order of all acts. Each act has the next one, and a later read has a later one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// Later than every act.
    pub const LAST: Self = Self(u64::MAX);

    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    pub(super) fn number(self) -> u64 {
        self.0
    }

    pub(super) fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// States that a user was a member of a room as of a moment.
#[derive(Clone, Debug)]
pub struct Admission {
    room: RoomId,
    user: UserId,
    as_of: Moment,
    mute: Option<Mute>,
}

impl Admission {
    /// MUST only be made from what the database contained at `as_of` or later.
    pub(in crate::store) fn new(room: RoomId, user: UserId, as_of: Moment, mute: Option<Mute>) -> Self {
        Self { room, user, as_of, mute }
    }

    /// Returns the room.
    #[must_use]
    pub fn room(&self) -> RoomId {
        self.room
    }

    /// Returns the user.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Returns the moment as of which it is true.
    #[must_use]
    pub fn as_of(&self) -> Moment {
        self.as_of
    }

    /// Returns the user's mute in the room.
    #[must_use]
    pub fn mute(&self) -> Option<&Mute> {
        self.mute.as_ref()
    }
}
