//! The rooms as a user sees them.

use std::collections::{HashMap, HashSet};

use chat_proto::limits::PAGE_BYTES;
use chat_proto::room::{Mine, Notify, RoomKind, RoomSummary};
use chat_proto::user::Role;
use chat_proto::{Millis, Seq, UserId};
use diesel::prelude::*;

use super::unread::Unread;
use crate::error::Error;
use crate::id::RoomId;
use crate::pages::encoded_bytes;
use crate::store::admission::{Admission, Moment};
use crate::store::schema::{invites, members, rooms};
use crate::store::tables::members as member_table;
use crate::store::tables::rooms::head;
use crate::store::tables::sanctions;
use crate::store::{Conn, on, to_sql, unsigned};
use crate::tally::Tallies;

/// A room in a list, with an admission if the user is a member.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The room.
    pub(crate) id: RoomId,
    /// The room as the user sees it.
    pub(crate) summary: RoomSummary,
    /// The proof that the user may subscribe.
    pub(crate) admission: Option<Admission>,
}

/// A membership: read mark, role, notify level.
type Membership = (Seq, String, String);

/// A room: id, name, kind, topic.
type Row = (RoomId, String, String, String);

/// Which rooms to list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which<'a> {
    /// All rooms that the user is in.
    Joined,
    /// A page of the rooms that the user sees, after this name.
    VisibleAfter(&'a str),
}

/// Returns the rooms of `user`, by name, as of one moment, and whether there are more.
pub(crate) fn list(
    conn: &mut Conn,
    user: UserId,
    which: Which<'_>,
    tallies: &Tallies,
    (as_of, now): (Moment, Millis),
) -> Result<(Vec<Listed>, bool), Error> {
    let unread = Unread::new(tallies, user);
    conn.transaction(|conn| {
        let memberships: HashMap<RoomId, Membership> = on!(conn, |c| members::table
            .filter(members::user_id.eq(to_sql(user)))
            .select((members::room_id, (members::read_seq, members::role, members::notify)))
            .load::<(RoomId, Membership)>(c))?
        .into_iter()
        .collect();
        let mutes = sanctions::mutes(conn, user)?;
        let (mut list, mut bytes) = (Vec::new(), 0);
        for (id, name, kind, topic) in seen_by(conn, user, which, &memberships)? {
            let kind = RoomKind::from(kind.as_str());
            let membership = memberships.get(&id);
            let read = membership.map(|(read, ..)| *read);
            let head = head(conn, id)?;
            let (unread, mentions) = match read {
                Some(read) => unread.count(conn, id, read, head)?,
                None => (0, 0),
            };
            let mute = sanctions::mute_in(&mutes, Some(id));
            let mine = Mine {
                role: membership.map(|(_, role, _)| Role::from(role.as_str())),
                muted: mute.clone().filter(|mute| mute.holds(now)),
                user: if kind == RoomKind::Direct { member_table::partner(conn, user, id)? } else { None },
            };
            let summary = RoomSummary {
                name,
                kind,
                topic,
                head,
                members: unsigned(member_table::count_in(conn, id)?),
                joined: read.is_some(),
                read: read.unwrap_or_default(),
                unread,
                mentions,
                notify: membership.map_or(Notify::All, |(.., notify)| Notify::from(notify.as_str())),
                mine,
            };
            let admission = membership.map(|_| Admission::new(id, user, as_of, mute));
            bytes += encoded_bytes(&summary);
            if bytes > PAGE_BYTES && matches!(which, Which::VisibleAfter(_)) {
                return Ok((list, true));
            }
            list.push(Listed { id, summary, admission });
        }
        Ok((list, false))
    })
}

/// The rule of [`chat_proto::policy::sees`] as a query. Of several rooms with one name, it returns the one that the
/// user is in, otherwise the one that they were last invited to, otherwise the public one.
fn seen_by(
    conn: &mut Conn,
    user: UserId,
    which: Which<'_>,
    memberships: &HashMap<RoomId, Membership>,
) -> QueryResult<Vec<Row>> {
    let joined =
        rooms::id.eq_any(members::table.filter(members::user_id.eq(to_sql(user))).select(members::room_id));
    let columns = (rooms::id, rooms::name, rooms::kind, rooms::topic);
    let Which::VisibleAfter(after) = which else {
        return on!(conn, |c| rooms::table.filter(joined).select(columns).order(rooms::name).load(c));
    };
    let invited =
        rooms::id.eq_any(invites::table.filter(invites::user_id.eq(to_sql(user))).select(invites::room_id));
    let visible = rooms::kind.eq("public").or(joined).or(invited);
    let mut rows: Vec<Row> =
        on!(conn, |c| rooms::table.filter(visible.and(rooms::name.gt(after))).select(columns).load(c))?;
    let invitations: HashMap<RoomId, Millis> = on!(conn, |c| invites::table
        .filter(invites::user_id.eq(to_sql(user)))
        .select((invites::room_id, invites::at))
        .load::<(RoomId, Millis)>(c))?
    .into_iter()
    .collect();
    let rank = |row: &Row| (memberships.contains_key(&row.0), invitations.get(&row.0).copied());
    rows.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| rank(b).cmp(&rank(a))));
    let mut names = HashSet::new();
    rows.retain(|row| names.insert(row.1.clone()));
    Ok(rows)
}
