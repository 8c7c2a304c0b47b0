//! Mutes and bans, in a room or on the whole server.

use std::net::IpAddr;

use chat_proto::room::Mute;
use chat_proto::{Millis, UserId, UserName};
use diesel::prelude::*;
use ipnet::IpNet;

use crate::address;
use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::sanctions;
use crate::store::{Conn, on, to_sql};

/// The kind of a sanction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The user may not write.
    Mute,
    /// The user may not be in the room or on the server.
    Ban,
}

impl Kind {
    fn text(self) -> &'static str {
        match self {
            Self::Mute => "mute",
            Self::Ban => "ban",
        }
    }
}

/// The target of a sanction.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A user.
    User(UserId),
    /// A user and every confusable name.
    Name(UserId, String),
    /// A network.
    Network(IpNet),
}

/// When a sanction expires, and the reason.
pub(crate) type Term = Mute;

type TermRow = (Option<Millis>, Option<String>);

/// Returns the term that ends last.
fn longest(rows: Vec<TermRow>) -> Option<Term> {
    rows.into_iter()
        .max_by_key(|(until, _)| until.unwrap_or(Millis::MAX))
        .map(|(until, reason)| Term { until, reason })
}

/// Returns a user's mutes: the room in which each counts (`None` means everywhere), and its term.
pub(in crate::store) fn mutes(conn: &mut Conn, user: UserId) -> QueryResult<Vec<(Option<RoomId>, Term)>> {
    let rows: Vec<(Option<RoomId>, Option<Millis>, Option<String>)> = on!(conn, |c| sanctions::table
        .filter(sanctions::user_id.eq(to_sql(user)).and(sanctions::kind.eq("mute")))
        .select((sanctions::room_id, sanctions::until, sanctions::reason))
        .load(c))?;
    Ok(rows.into_iter().map(|(room, until, reason)| (room, Term { until, reason })).collect())
}

/// Returns the longest of a user's mutes that counts in `room`.
pub(in crate::store) fn mute_in(mutes: &[(Option<RoomId>, Term)], room: Option<RoomId>) -> Option<Term> {
    let here = mutes.iter().filter(|(at, _)| at.is_none() || *at == room);
    longest(here.map(|(_, term)| (term.until, term.reason.clone())).collect())
}

/// Returns the mutes in force in a room, by user.
pub(in crate::store) fn muted_in(
    conn: &mut Conn,
    room: RoomId,
    now: Millis,
) -> QueryResult<Vec<(UserId, Term)>> {
    let rows: Vec<(Option<UserId>, Option<Millis>, Option<String>)> = on!(conn, |c| sanctions::table
        .filter(
            sanctions::kind
                .eq("mute")
                .and(sanctions::room_id.eq(to_sql(room)).or(sanctions::room_id.is_null()))
        )
        .filter(sanctions::until.is_null().or(sanctions::until.gt(to_sql(now))))
        .select((sanctions::user_id, sanctions::until, sanctions::reason))
        .load(c))?;
    Ok(rows.into_iter().filter_map(|(user, until, reason)| Some((user?, Term { until, reason }))).collect())
}

/// Returns the ban that keeps a user out of a room.
pub(crate) fn ban_in(
    conn: &mut Conn,
    user: UserId,
    room: RoomId,
    now: Millis,
) -> Result<Option<Term>, Error> {
    let rows: Vec<TermRow> = on!(conn, |c| sanctions::table
        .filter(
            sanctions::kind
                .eq("ban")
                .and(sanctions::user_id.eq(to_sql(user)))
                .and(sanctions::room_id.eq(to_sql(room)))
        )
        .filter(sanctions::until.is_null().or(sanctions::until.gt(to_sql(now))))
        .select((sanctions::until, sanctions::reason))
        .load(c))?;
    Ok(longest(rows))
}

/// Returns the ban that keeps a user off the whole server.
pub(crate) fn ban_of_user(conn: &mut Conn, user: UserId, now: Millis) -> Result<Option<Term>, Error> {
    let rows: Vec<TermRow> = on!(conn, |c| sanctions::table
        .filter(
            sanctions::kind
                .eq("ban")
                .and(sanctions::user_id.eq(to_sql(user)))
                .and(sanctions::room_id.is_null())
        )
        .filter(sanctions::until.is_null().or(sanctions::until.gt(to_sql(now))))
        .select((sanctions::until, sanctions::reason))
        .load(c))?;
    Ok(longest(rows))
}

/// Returns the ban of a name or a confusable one, even if it has expired.
pub(crate) fn ban_of_name(conn: &mut Conn, name: &UserName) -> Result<Option<Term>, Error> {
    let rows: Vec<TermRow> = on!(conn, |c| sanctions::table
        .filter(sanctions::kind.eq("ban").and(sanctions::name_key.eq(name.key())))
        .select((sanctions::until, sanctions::reason))
        .load(c))?;
    Ok(longest(rows))
}

/// Returns the ban in force of a name or a confusable one.
pub(crate) fn active_ban_of_name(
    conn: &mut Conn,
    name: &UserName,
    now: Millis,
) -> Result<Option<Term>, Error> {
    Ok(ban_of_name(conn, name)?.filter(|term| term.holds(now)))
}

/// Returns the ban in force of an address.
pub(crate) fn ban_of_address(conn: &mut Conn, from: IpAddr, now: Millis) -> Result<Option<Term>, Error> {
    let rows: Vec<(Option<String>, Option<Millis>, Option<String>)> = on!(conn, |c| sanctions::table
        .filter(sanctions::kind.eq("ban").and(sanctions::address.is_not_null()))
        .filter(sanctions::until.is_null().or(sanctions::until.gt(to_sql(now))))
        .select((sanctions::address, sanctions::until, sanctions::reason))
        .load(c))?;
    let from = from.to_canonical();
    let about = |net: &Option<String>| {
        net.as_deref().and_then(address::parse_network).is_some_and(|net| net.contains(&from))
    };
    Ok(longest(rows.into_iter().filter(|row| about(&row.0)).map(|row| (row.1, row.2)).collect()))
}

impl Target {
    fn user(&self) -> Option<UserId> {
        match self {
            Self::User(id) | Self::Name(id, _) => Some(*id),
            Self::Network(_) => None,
        }
    }

    fn name_key(&self) -> Option<&str> {
        match self {
            Self::Name(_, key) => Some(key),
            Self::User(_) | Self::Network(_) => None,
        }
    }

    fn address(&self) -> Option<String> {
        match self {
            Self::Network(net) => Some(net.to_string()),
            Self::User(_) | Self::Name(..) => None,
        }
    }
}

/// Adds a sanction, in place of one of the same kind on the same target.
pub(crate) fn set(
    conn: &mut Conn,
    kind: Kind,
    target: &Target,
    room: Option<RoomId>,
    term: &Term,
    now: Millis,
) -> Result<(), Error> {
    lift(conn, kind, target, room)?;
    on!(conn, |c| diesel::insert_into(sanctions::table)
        .values((
            sanctions::kind.eq(kind.text()),
            sanctions::user_id.eq(target.user().map(to_sql)),
            sanctions::room_id.eq(to_sql(room)),
            sanctions::name_key.eq(target.name_key()),
            sanctions::address.eq(target.address()),
            sanctions::until.eq(to_sql(term.until)),
            sanctions::reason.eq(&term.reason),
            sanctions::at.eq(to_sql(now)),
        ))
        .execute(c))?;
    Ok(())
}

/// Lifts a sanction. Returns whether there was one.
pub(crate) fn lift(
    conn: &mut Conn,
    kind: Kind,
    target: &Target,
    room: Option<RoomId>,
) -> Result<bool, Error> {
    let of_kind =
        sanctions::table.filter(sanctions::kind.eq(kind.text())).select((sanctions::id, sanctions::room_id));
    let on_target: Vec<(i64, Option<RoomId>)> = match target.user() {
        Some(user) => on!(conn, |c| of_kind.filter(sanctions::user_id.eq(to_sql(user))).load(c))?,
        None => on!(conn, |c| of_kind.filter(sanctions::address.eq(target.address())).load(c))?,
    };
    let ids: Vec<i64> = on_target.into_iter().filter(|(_, at)| *at == room).map(|(id, _)| id).collect();
    Ok(on!(conn, |c| diesel::delete(sanctions::table.filter(sanctions::id.eq_any(ids))).execute(c))? > 0)
}

/// Lifts the ban of a name. Returns whether there was one.
pub(crate) fn lift_name(conn: &mut Conn, name: &UserName) -> Result<bool, Error> {
    let of_name = sanctions::table.filter(sanctions::kind.eq("ban").and(sanctions::name_key.eq(name.key())));
    Ok(on!(conn, |c| diesel::delete(of_name).execute(c))? > 0)
}

/// Deletes expired sanctions.
pub(crate) fn expire(conn: &mut Conn, now: Millis) -> Result<(), Error> {
    on!(conn, |c| diesel::delete(sanctions::table.filter(sanctions::until.le(to_sql(now)))).execute(c))?;
    Ok(())
}

/// Whether any sanction has expired.
pub(crate) fn has_expired(conn: &mut Conn, now: Millis) -> QueryResult<bool> {
    let old: i64 =
        on!(conn, |c| sanctions::table.filter(sanctions::until.le(to_sql(now))).count().get_result(c))?;
    Ok(old > 0)
}

/// Shortens sanctions that a clock that was ahead has stored: their terms start at `now` at the latest.
pub(crate) fn forget_future(conn: &mut Conn, now: Millis) -> QueryResult<()> {
    let early: Vec<(i64, Millis, Option<Millis>)> = on!(conn, |c| sanctions::table
        .filter(sanctions::at.gt(to_sql(now)))
        .select((sanctions::id, sanctions::at, sanctions::until))
        .load(c))?;
    for (id, at, until) in early {
        let until = until.map(|until| to_sql(now + (until - at)));
        on!(conn, |c| diesel::update(sanctions::table.find(id))
            .set((sanctions::until.eq(until), sanctions::at.eq(to_sql(now))))
            .execute(c))?;
    }
    Ok(())
}

/// Whether a clock that was ahead has stored a sanction later than `now`.
pub(crate) fn is_in_future(conn: &mut Conn, now: Millis) -> QueryResult<bool> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(sanctions::table.filter(sanctions::at.gt(to_sql(now)))))
        .get_result(c))
}

/// Lifts every mute and ban of a room.
pub(crate) fn forget_room(conn: &mut Conn, room: RoomId) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(sanctions::table.filter(sanctions::room_id.eq(to_sql(room)))).execute(c))?;
    Ok(())
}

/// Lifts the sanctions against a user alone. Bans of names and networks outlive the user.
pub(crate) fn forget_user(conn: &mut Conn, user: UserId) -> QueryResult<()> {
    let of_user = sanctions::table.filter(sanctions::user_id.eq(to_sql(user)));
    on!(conn, |c| diesel::delete(
        of_user.filter(sanctions::name_key.is_null().and(sanctions::address.is_null()))
    )
    .execute(c))?;
    on!(conn, |c| diesel::update(of_user).set(sanctions::user_id.eq(to_sql(None::<UserId>))).execute(c))?;
    Ok(())
}
