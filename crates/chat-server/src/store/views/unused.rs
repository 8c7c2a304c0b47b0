//! Which rooms are unused: those without members and messages, and direct rooms in which nobody has written.

use chat_proto::Millis;
use diesel::prelude::*;

use crate::clock::DAY_MS;
use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::columns;
use crate::store::tables::rooms::DEFAULT_ROOM;
use crate::store::{Conn, on};

/// How long an unused room is kept, in milliseconds of age time.
pub(crate) const UNUSED_KEPT_MS: i64 = 30 * DAY_MS;

/// Returns the condition that a room `r` is unused. The default room never is.
fn is_unused_now() -> String {
    format!(
        "(NOT (r.kind = 'public' AND r.name = '{DEFAULT_ROOM}') \
         AND (r.kind = 'direct' OR NOT EXISTS (SELECT 1 FROM members m WHERE m.room_id = r.id)) \
         AND NOT EXISTS (SELECT 1 FROM events e \
         WHERE e.room_id = r.id AND e.kind = 'message' AND e.deleted_at IS NULL))"
    )
}

/// What has changed in the use of rooms.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Rooms that are unused and not stored as such.
    pub(crate) fresh: Vec<RoomId>,
    /// Rooms that are stored as unused and are in use again.
    pub(crate) used: Vec<RoomId>,
    /// Rooms that have been unused for [`UNUSED_KEPT_MS`].
    pub(crate) due: Vec<RoomId>,
}

impl Changes {
    /// Returns what has changed as of an age time, at most `limit` rooms of each kind.
    pub(crate) fn read(conn: &mut Conn, age: Millis, limit: i64) -> Result<Self, Error> {
        let (unused, latest) = (is_unused_now(), age - UNUSED_KEPT_MS);
        Ok(Self {
            fresh: find(conn, &format!("r.unused_since IS NULL AND {unused}"), limit)?,
            used: find(conn, &format!("r.unused_since IS NOT NULL AND NOT {unused}"), limit)?,
            due: find(conn, &format!("r.unused_since <= {latest} AND {unused}"), limit)?,
        })
    }

    /// Whether nothing has changed.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.used.is_empty() && self.due.is_empty()
    }
}

fn find(conn: &mut Conn, filter: &str, limit: i64) -> QueryResult<Vec<RoomId>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = columns::Room)]
        id: RoomId,
    }
    let query = format!("SELECT r.id FROM rooms r WHERE {filter} LIMIT {limit}");
    let found: Vec<Found> = on!(conn, |c| diesel::sql_query(query).load(c))?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// Whether a room is unused now.
pub(crate) fn is_unused(conn: &mut Conn, room: RoomId) -> Result<bool, Error> {
    Ok(!find(conn, &format!("r.id = {room} AND {}", is_unused_now()), 1)?.is_empty())
}
