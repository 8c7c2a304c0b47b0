//! Every room, as the operator lists them.

use chat_proto::Millis;
use chat_proto::room::RoomKind;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::columns;
use crate::store::{Conn, on};

/// A room in the operator's list.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listed {
    /// Its id.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may join.
    pub kind: RoomKind,
    /// How many members it has.
    pub members: i64,
    /// How many messages it has, without the deleted ones.
    pub messages: i64,
    /// When something last happened in it, or when it was created.
    pub active_at: Millis,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = columns::Room)]
    id: RoomId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    messages: i64,
    #[diesel(sql_type = columns::Millis)]
    active_at: Millis,
}

/// Returns every room, by name.
pub(crate) fn list(conn: &mut Conn) -> Result<Vec<Listed>, Error> {
    let rows: Vec<Row> = on!(conn, |c| {
        diesel::sql_query(
        "SELECT r.id, r.name, r.kind, (SELECT count(*) FROM members m WHERE m.room_id = r.id) AS members, \
         (SELECT count(*) FROM events e WHERE e.room_id = r.id AND e.kind = 'message' AND e.deleted_at IS NULL) \
         AS messages, coalesce((SELECT e.at FROM events e WHERE e.room_id = r.id ORDER BY e.seq DESC LIMIT 1), \
         r.created_at) AS active_at FROM rooms r ORDER BY r.name, r.id",
    )
    .load(c)
    })?;
    let listed = |Row { id, name, kind, members, messages, active_at }| {
        let kind = RoomKind::from(kind.as_str());
        Listed { id, name, kind, members, messages, active_at }
    };
    Ok(rows.into_iter().map(listed).collect())
}
