//! Lists the members of a room.

use std::collections::HashMap;

use chat_proto::room::{Member, Mute};
use chat_proto::user::Role;
use chat_proto::{Millis, UserId};

use crate::error::Error;
use crate::id::RoomId;
use crate::store::Conn;
use crate::store::tables::{members, sanctions};

/// Returns members whose names start with `prefix`, by name, up to `limit`. Which of them are online, only the room
/// in memory knows.
pub(crate) fn list(
    conn: &mut Conn,
    room: RoomId,
    prefix: &str,
    limit: usize,
    now: Millis,
) -> Result<Vec<Member>, Error> {
    let mut mutes: HashMap<UserId, Option<Millis>> = HashMap::new();
    for (user, Mute { until, .. }) in sanctions::muted_in(conn, room, now)? {
        let known = mutes.entry(user).or_insert(until);
        *known = known.zip(until).map(|(a, b)| a.max(b));
    }
    let member = |(user, role, server): (_, _, _)| {
        let user: chat_proto::user::User = user;
        Member {
            role,
            admin: server == Role::Admin,
            online: false,
            muted: mutes.contains_key(&user.id),
            muted_until: mutes.get(&user.id).copied().flatten(),
            user,
        }
    };
    Ok(members::list(conn, room, prefix, limit)?.into_iter().map(member).collect())
}
