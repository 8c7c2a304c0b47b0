//! Rooms: made, found, listed.

use std::collections::HashMap;

use chat_proto::reply::{Mine, Notify, Role, RoomKind, RoomSummary};
use chat_proto::{ErrorCode, Millis, RoomName, Seq, Topic, UserId, limits};
use diesel::dsl::max;
use diesel::prelude::*;

use super::schema::{events, invites, members, mentions, rooms};
use super::users::role_from;
use super::{Asker, Conn, RoomId, from_sql, sanctions, to_sql};
use crate::error::Error;

/// Most public and private rooms of a server. Rooms are all held in memory.
pub const MAX_ROOMS: i64 = 10_000;

/// Most public and private rooms a user can be in at once, and most direct ones; `hello.resume` names them
/// all in one frame.
pub const MAX_JOINED: i64 = 256;
/// See [`MAX_JOINED`].
pub const MAX_DIRECT: i64 = 512;

/// A room as the server holds it in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRow {
    /// Its number.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// Who may enter.
    pub kind: RoomKind,
    /// Its topic.
    pub topic: String,
    /// Its newest seq.
    pub head: Seq,
}

pub(super) fn kind_from(text: &str) -> RoomKind {
    match text {
        "private" => RoomKind::Private,
        "direct" => RoomKind::Direct,
        _ => RoomKind::Public,
    }
}

fn kind_text(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Public => "public",
        RoomKind::Private => "private",
        RoomKind::Direct => "direct",
    }
}

/// The newest seq of a room: the end of its stretch of the log's key.
pub fn head(conn: &mut Conn, room: RoomId) -> QueryResult<Seq> {
    let newest: Option<i64> =
        events::table.filter(events::room_id.eq(room)).select(max(events::seq)).first(conn)?;
    Ok(from_sql(newest.unwrap_or(0)))
}

/// Every room.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(conn: &mut Conn) -> Result<Vec<RoomRow>, Error> {
    let rows: Vec<(RoomId, String, String, String)> =
        rooms::table.select((rooms::id, rooms::name, rooms::kind, rooms::topic)).load(conn)?;
    let with_head = |(id, name, kind, topic): (RoomId, String, String, String)| {
        Ok(RoomRow { id, name, kind: kind_from(&kind), topic, head: head(conn, id)? })
    };
    rows.into_iter().map(with_head).collect()
}

pub(super) fn insert(
    conn: &mut Conn,
    name: &str,
    kind: RoomKind,
    topic: &str,
    by: Option<UserId>,
    now: Millis,
) -> QueryResult<RoomId> {
    diesel::insert_into(rooms::table)
        .values((
            rooms::name.eq(name),
            rooms::kind.eq(kind_text(kind)),
            rooms::topic.eq(topic),
            rooms::created_by.eq(by),
            rooms::created_at.eq(now),
        ))
        .returning(rooms::id)
        .get_result(conn)
}

/// Makes a public or private room, with its maker as owner and first member.
///
/// # Errors
/// `room_exists`, or `forbidden` where there are too many.
pub fn create(
    conn: &mut Conn,
    name: &RoomName,
    kind: RoomKind,
    topic: &Topic,
    by: UserId,
    now: Millis,
) -> Result<RoomRow, Error> {
    let taken: i64 = rooms::table.filter(rooms::name.eq(name.as_str())).count().get_result(conn)?;
    if taken > 0 {
        return Err(Error::refused(
            ErrorCode::RoomExists,
            format!("There is a room {name} already. Join it, or choose another name."),
        ));
    }
    if rooms::table.filter(rooms::kind.ne("direct")).count().get_result::<i64>(conn)? >= MAX_ROOMS {
        return Err(Error::refused(ErrorCode::Forbidden, "This server has as many rooms as it can hold."));
    }
    super::members::refuse_too_many(conn, by, false)?;
    let id = insert(conn, name.as_str(), kind, topic.as_str(), Some(by), now)?;
    super::members::insert(conn, by, id, Role::Owner, 0, now)?;
    Ok(RoomRow { id, name: name.as_str().to_owned(), kind, topic: topic.as_str().to_owned(), head: 0 })
}

/// The room of two users alone, and whether it was made just now. Its name cannot be that of a room that
/// someone makes.
///
/// # Errors
/// `forbidden` where one of the two is in too many.
pub fn direct(conn: &mut Conn, by: UserId, with: UserId, now: Millis) -> Result<(RoomRow, bool), Error> {
    let name = format!("@{}-{}", by.min(with), by.max(with));
    let known: Option<(RoomId, String)> = rooms::table
        .filter(rooms::name.eq(&name))
        .select((rooms::id, rooms::topic))
        .first(conn)
        .optional()?;
    if let Some((id, topic)) = known {
        let head = head(conn, id)?;
        return Ok((RoomRow { id, name, kind: RoomKind::Direct, topic, head }, false));
    }
    for user in [by, with] {
        super::members::refuse_too_many(conn, user, true)?;
    }
    let id = insert(conn, &name, RoomKind::Direct, "", Some(by), now)?;
    for user in [by, with] {
        super::members::insert(conn, user, id, Role::Member, 0, now)?;
    }
    Ok((RoomRow { id, name, kind: RoomKind::Direct, topic: String::new(), head: 0 }, true))
}

/// Of a user's rooms, the number, name and kind.
///
/// # Errors
/// Where the database cannot be read.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(RoomId, String, RoomKind)>, Error> {
    let rows: Vec<(RoomId, String, String)> = members::table
        .inner_join(rooms::table)
        .filter(members::user_id.eq(user))
        .select((rooms::id, rooms::name, rooms::kind))
        .order(rooms::id)
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name, kind)| (id, name, kind_from(&kind))).collect())
}

/// A room's name and kind.
///
/// # Errors
/// Where the database cannot be read.
pub fn place(conn: &mut Conn, room: RoomId) -> Result<(String, RoomKind), Error> {
    let (name, kind): (String, String) =
        rooms::table.find(room).select((rooms::name, rooms::kind)).first(conn)?;
    Ok((name, kind_from(&kind)))
}

/// The rooms `asker` may see, by name, or with `joined_only` those the asker has joined; and as of one moment.
///
/// # Errors
/// Where the database cannot be read.
pub fn list(
    conn: &mut Conn,
    asker: Asker,
    joined_only: bool,
    now: Millis,
) -> Result<Vec<RoomSummary>, Error> {
    conn.transaction(|conn| {
        let mine: HashMap<RoomId, (i64, String, String)> = members::table
            .filter(members::user_id.eq(asker))
            .select((members::room_id, (members::read_seq, members::role, members::notify)))
            .load::<(RoomId, (i64, String, String))>(conn)?
            .into_iter()
            .collect();
        let mutes = sanctions::mutes(conn, asker)?;
        let mut list = Vec::new();
        for row in seen_by(conn, asker, joined_only)? {
            let membership = mine.get(&row.id);
            let read = membership.map(|(read, ..)| *read);
            let unread = match read {
                Some(read) => unread(conn, row.id, asker, read)?,
                None => 0,
            };
            let mentions = match read {
                Some(read) => mentions(conn, row.id, asker, read)?,
                None => 0,
            };
            let notify = membership.map_or(Notify::All, |(.., notify)| super::members::notify_from(notify));
            let members: i64 = members::table.filter(members::room_id.eq(row.id)).count().get_result(conn)?;
            let user = match row.kind {
                RoomKind::Direct => super::members::partner(conn, asker, row.id)?,
                RoomKind::Public | RoomKind::Private => None,
            };
            let mine = Mine {
                role: membership.map(|(_, role, _)| role_from(role)),
                muted: sanctions::mute_in(&mutes, Some(row.id)).filter(|mute| mute.holds(now)),
                user,
            };
            list.push(RoomSummary {
                name: row.name,
                kind: row.kind,
                topic: row.topic,
                head: row.head,
                members: from_sql(members),
                joined: read.is_some(),
                read: from_sql(read.unwrap_or(0)),
                unread,
                mentions,
                notify,
                mine,
            });
        }
        Ok(list)
    })
}

/// The same rule as [`crate::policy::sees`], in the query itself.
fn seen_by(conn: &mut Conn, asker: Asker, joined_only: bool) -> Result<Vec<RoomRow>, Error> {
    let joined = rooms::id.eq_any(members::table.filter(members::user_id.eq(asker)).select(members::room_id));
    let columns = (rooms::id, rooms::name, rooms::kind, rooms::topic);
    let rows: Vec<(RoomId, String, String, String)> = if joined_only {
        rooms::table.filter(joined).select(columns).order(rooms::name).load(conn)?
    } else {
        let invited =
            rooms::id.eq_any(invites::table.filter(invites::user_id.eq(asker)).select(invites::room_id));
        let visible = rooms::kind.eq("public").or(joined).or(invited);
        rooms::table.filter(visible).select(columns).order(rooms::name).load(conn)?
    };
    let with_head = |(id, name, kind, topic): (RoomId, String, String, String)| {
        Ok(RoomRow { id, name, kind: kind_from(&kind), topic, head: head(conn, id)? })
    };
    rows.into_iter().map(with_head).collect()
}

/// Messages by others after `read`, counted up to [`limits::UNREAD`].
fn unread(conn: &mut Conn, room: RoomId, asker: Asker, read: i64) -> QueryResult<u64> {
    let counted: Vec<i64> = events::table
        .filter(events::room_id.eq(room).and(events::seq.gt(read)))
        .filter(events::kind.eq("message").and(events::by_user.ne(asker)).and(events::deleted_at.is_null()))
        .select(events::seq)
        .limit(to_sql(limits::UNREAD))
        .load(conn)?;
    Ok(counted.len() as u64)
}

/// Messages by others after `read` that name the asker, counted up to [`limits::UNREAD`].
fn mentions(conn: &mut Conn, room: RoomId, asker: Asker, read: i64) -> QueryResult<u64> {
    let counted: Vec<i64> = mentions::table
        .filter(mentions::user_id.eq(asker).and(mentions::room_id.eq(room)).and(mentions::seq.gt(read)))
        .select(mentions::seq)
        .limit(to_sql(limits::UNREAD))
        .load(conn)?;
    Ok(counted.len() as u64)
}

/// Sets a room's topic, beside the event that tells it.
pub(super) fn set_topic(conn: &mut Conn, room: RoomId, topic: &str) -> QueryResult<()> {
    diesel::update(rooms::table.find(room)).set(rooms::topic.eq(topic)).execute(conn)?;
    Ok(())
}
