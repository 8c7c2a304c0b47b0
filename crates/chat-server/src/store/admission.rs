//! The proof that a user may subscribe to a room. Only the store makes it, from a look at the membership, and it says
//! when that look was: a room rejects it if the user was removed since.

use chat_proto::UserId;
use chat_proto::room::Mute;

use super::RoomId;

/// A point in the order of all acts. Each act has the next one; a later look has a later one.
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

/// That a user was a member of a room as of a moment.
#[derive(Clone, Debug)]
pub struct Admission {
    room: RoomId,
    user: UserId,
    as_of: Moment,
    mute: Option<Mute>,
}

impl Admission {
    /// MUST be made only of what the database said at `as_of` or later.
    pub(in crate::store) fn new(room: RoomId, user: UserId, as_of: Moment, mute: Option<Mute>) -> Self {
        Self { room, user, as_of, mute }
    }

    /// The room.
    #[must_use]
    pub fn room(&self) -> RoomId {
        self.room
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The moment as of which it is true.
    #[must_use]
    pub fn as_of(&self) -> Moment {
        self.as_of
    }

    /// The user's mute there.
    #[must_use]
    pub fn mute(&self) -> Option<&Mute> {
        self.mute.as_ref()
    }
}
