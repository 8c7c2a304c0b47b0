//! The heads of rooms. The log's key is `(room_id, seq)`, so a room's newest seq is at the end of its range of the
//! key, and is not stored anywhere else.

use chat_proto::Seq;
use diesel::dsl::max;
use diesel::prelude::*;

use super::Conn;
use crate::id::RoomId;
use crate::store::schema::events;
use crate::store::to_sql;

/// Returns the newest seq of a room, or `None` if it has no events.
pub(in crate::store) fn newest(conn: &mut Conn, room: RoomId) -> QueryResult<Option<Seq>> {
    events::table.filter(events::room_id.eq(to_sql(room))).select(max(events::seq)).first(conn)
}

/// Returns the newest seq of every room that has events.
pub(in crate::store) fn all(conn: &mut Conn) -> QueryResult<Vec<(RoomId, Seq)>> {
    let heads: Vec<(RoomId, Option<Seq>)> =
        events::table.group_by(events::room_id).select((events::room_id, max(events::seq))).load(conn)?;
    Ok(heads.into_iter().filter_map(|(room, head)| Some((room, head?))).collect())
}
