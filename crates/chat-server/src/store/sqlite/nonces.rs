//! Reads from the log the idempotency keys that are not in the index yet.

use chat_proto::{Seq, UserId};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Conn;
use crate::id::RoomId;
use crate::store::schema::columns;

/// A message's idempotency key, and the message's position.
#[derive(QueryableByName)]
pub(in crate::store) struct Unindexed {
    #[diesel(sql_type = columns::User)]
    pub(in crate::store) by_user: UserId,
    #[diesel(sql_type = Text)]
    pub(in crate::store) nonce: String,
    #[diesel(sql_type = columns::Room)]
    pub(in crate::store) room_id: RoomId,
    #[diesel(sql_type = columns::Seq)]
    pub(in crate::store) seq: Seq,
}

/// Returns every key in the log that the index does not have. `CROSS JOIN` makes the planner read each room from
/// where the index ends, instead of the whole log.
pub(in crate::store) fn unindexed(conn: &mut Conn) -> QueryResult<Vec<Unindexed>> {
    diesel::sql_query(
        "SELECT e.by_user, e.nonce, e.room_id, e.seq FROM rooms r \
         LEFT JOIN nonces_until u ON u.room_id = r.id \
         CROSS JOIN events e ON e.room_id = r.id AND e.seq > coalesce(u.seq, 0) WHERE e.nonce IS NOT NULL",
    )
    .load(conn)
}
