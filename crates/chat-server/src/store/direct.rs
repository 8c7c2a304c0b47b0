//! Direct rooms: for whom they count, and how a user who left one comes back.
//!
//! A direct room counts for the user who opened it, and for the other user from their first message on. A user who
//! left is not a member. The other user's next message makes them one again, in the same transaction.
//! member; the next message of the other makes them one again, in the same transaction.

use chat_proto::user::Role;
use chat_proto::{ErrorCode, Millis, UserId};

use super::admission::Moment;
use super::consequence::{Consequence, Sight};
use super::tables::events::{self, PageFrom};
use super::tables::{members, rooms};
use super::views::permissions;
use super::{Conn, RoomRef};
use crate::error::Error;
use crate::id::RoomId;

/// The maximum number of direct rooms of a server. All of them are held in memory.
const MAX_DIRECT_ROOMS: i64 = 50_000;

/// The maximum number of a user's direct rooms that others opened and the user has not answered. Another one replaces
/// the oldest.
const MAX_UNANSWERED: i64 = 256;

/// How many messages a user who comes back is sent at once. The rest is in the history.
const RECALLED: usize = 10;

/// What an author's next message changes in a direct room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Direct {
    /// Whether the room does not count for the author yet.
    pub(super) is_uncounted: bool,
    /// The other user, if they have left.
    pub(super) absent: Option<UserId>,
}

impl Direct {
    pub(super) fn read(conn: &mut Conn, author: UserId, room: RoomId) -> Result<Self, Error> {
        let is_uncounted = members::counts(conn, author, room)? == Some(false);
        let absent = match members::partner(conn, author, room)? {
            Some(partner) if members::role(conn, partner.id, room)?.is_none() => Some(partner.id),
            _ => None,
        };
        Ok(Self { is_uncounted, absent })
    }

    /// Whether the message changes nothing.
    pub(super) fn is_settled(&self) -> bool {
        !self.is_uncounted && self.absent.is_none()
    }
}

/// Refuses another direct room if the server or the user who opens it has too many.
///
/// # Errors
/// `forbidden`.
pub(crate) fn refuse_too_many(conn: &mut Conn, opener: UserId) -> Result<(), Error> {
    if rooms::count_direct(conn)? >= MAX_DIRECT_ROOMS {
        let why = "This server has as many direct rooms as it can hold. Ask its operator to delete some.";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    permissions::refuse_too_many(conn, opener, true)
}

/// Makes a user a member of a room that another user opened. It does not count for them until they write. If they
/// have too many such rooms, returns the consequences of leaving the oldest. Cached permissions MUST be dropped.
pub(crate) fn admit(
    conn: &mut Conn,
    user: UserId,
    room: RoomId,
    now: Millis,
) -> Result<Vec<Consequence>, Error> {
    let mut hidden = Vec::new();
    for oldest in members::unanswered(conn, user, MAX_UNANSWERED - 1)? {
        members::leave(conn, user, oldest)?;
        hidden.push(Consequence::SightChanged { room: oldest, user, to: Sight::Nothing });
        hidden.push(Consequence::Left { room: oldest, user });
    }
    let head = rooms::head(conn, room)?;
    members::insert(conn, user, room, Role::Member, head, now)?;
    members::set_counts(conn, user, room, false)?;
    Ok(hidden)
}

/// Makes a user a member again, because the other one is about to write, and returns the consequences.
pub(super) fn bring_back(
    conn: &mut Conn,
    user: UserId,
    room: &RoomRef,
    moment: Moment,
    now: Millis,
) -> Result<Vec<Consequence>, Error> {
    let mut then = admit(conn, user, room.id, now)?;
    let head = rooms::head(conn, room.id)?;
    let (messages, _) = events::page(conn, room, PageFrom::Before(head.next()), RECALLED)?;
    let mine = permissions::mine(conn, user, room.id, room.kind, now)?;
    then.push(Consequence::SightChanged { room: room.id, user, to: Sight::Member });
    if let Some(admission) = permissions::admission(conn, user, room.id, moment)? {
        then.push(Consequence::DirectOpened { admission, mine, messages });
    }
    Ok(then)
}
