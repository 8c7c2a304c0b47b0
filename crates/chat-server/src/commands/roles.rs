//! Giving roles, and reading what was done with them.

use std::sync::Arc;

use chat_proto::command::{Audit, SetRole};
use chat_proto::event::{Change, MemberChange, User};
use chat_proto::reply::{AuditEntry, Done, Me, Reply, Role, UserKind};
use chat_proto::{ErrorCode, Signal};

use super::{Viewer, page_size};
use crate::app::App;
use crate::error::Error;
use crate::policy::{self, Act, Place};
use crate::room::Room;
use crate::store::events::DraftWhat;
use crate::store::{Draft, Position, Transaction, audit, members, rooms, users};

pub(super) async fn set(app: &App, viewer: &Viewer, asked: SetRole) -> Result<Reply, Error> {
    let room = asked.room.as_deref().map(|name| app.hub.room(name)).transpose()?;
    let (by, name, role) = (viewer.user.clone(), asked.user, asked.role);
    let Some(room) = room else {
        let me = app.store.act(move |tx| on_server(tx, &by, &name, role)).await?;
        app.hub.signal_user(me.id, None, Signal::You { user: me.clone() });
        return Ok(Reply::Ok(Done::default()));
    };
    let here = room.clone();
    let position = app.store.act(move |tx| in_room(tx, &by, &name, role, &here)).await?;
    Ok(Reply::Ok(position.map_or_else(Done::default, |Position { seq, at, .. }| Done {
        room: Some(room.name.clone()),
        seq: Some(seq),
        at: Some(at),
    })))
}

fn in_room(
    tx: &mut Transaction<'_>,
    by: &User,
    name: &str,
    role: Role,
    room: &Arc<Room>,
) -> Result<Option<Position>, Error> {
    let now = tx.now();
    let conn = tx.conn();
    let asker = members::standing(conn, by.id, Some(room.id))?;
    policy::may(&asker, Act::Grant(role), Place::Room(&room.name, room.kind), now)?;
    let target = users::find(conn, name)?;
    let standing = members::standing(conn, target.id, Some(room.id))?;
    if target.id != by.id {
        policy::may_to(&asker, &standing)?;
    }
    match standing.room {
        None => {
            let why = format!("{} is not in that room.", target.name);
            return Err(Error::refused(ErrorCode::NoSuchUser, why));
        }
        Some(now_has) if now_has == role => return Ok(None),
        Some(Role::Owner) if members::owners_and_members(conn, room.id)?.0 == 1 => {
            let why = format!("{} is the only owner. Make someone else owner first.", target.name);
            return Err(Error::refused(ErrorCode::Forbidden, why));
        }
        Some(_) => {}
    }
    members::set_role(conn, target.id, room.id, role)?;
    audit::add(conn, &entry(now, by, &target, role, Some(room.name.clone())))?;
    tx.append(event(room.id, by, &target, role, false)).map(Some)
}

fn on_server(tx: &mut Transaction<'_>, by: &User, name: &str, role: Role) -> Result<Me, Error> {
    let now = tx.now();
    let conn = tx.conn();
    let asker = members::standing(conn, by.id, None)?;
    policy::may(&asker, Act::Grant(role), Place::Server, now)?;
    let mut target = users::find(conn, name)?;
    if target.id == by.id {
        if role != Role::Admin && users::admins(conn)?.len() == 1 {
            let why = "You are the only admin. Make someone else admin first.";
            return Err(Error::refused(ErrorCode::Forbidden, why));
        }
    } else {
        policy::may_to(&asker, &members::standing(conn, target.id, None)?)?;
    }
    give(tx, by, &mut target, role)?;
    Ok(target)
}

/// Gives a role on the whole server, tells it in the user's rooms, and notes it.
///
/// # Errors
/// `bad_request` where the user is a guest.
pub(crate) fn give(tx: &mut Transaction<'_>, by: &User, target: &mut Me, role: Role) -> Result<(), Error> {
    let now = tx.now();
    let conn = tx.conn();
    if target.kind == UserKind::Guest {
        let why = format!("{} is a guest. A role on the server needs an account.", target.name);
        return Err(Error::refused(ErrorCode::BadRequest, why));
    }
    if target.role == role {
        return Ok(());
    }
    users::set_role(conn, target.id, role)?;
    audit::add(conn, &entry(now, by, target, role, None))?;
    target.role = role;
    // The operator is nobody whom an event could name.
    if by.id != 0 {
        for (room, ..) in rooms::of_user(conn, target.id)? {
            tx.append(event(room, by, target, role, true))?;
        }
    }
    Ok(())
}

fn event(room: i64, by: &User, target: &Me, role: Role, everywhere: bool) -> Draft {
    let change = MemberChange {
        user: users::named(target),
        change: Change::Role,
        reason: None,
        until: None,
        role: Some(role),
        everywhere,
    };
    Draft { room, by: by.clone(), what: DraftWhat::Member(change) }
}

fn entry(at: i64, by: &User, target: &Me, role: Role, room: Option<String>) -> AuditEntry {
    let role = users::role_name(role).to_owned();
    AuditEntry {
        at,
        by: by.name.clone(),
        action: "role".to_owned(),
        target: target.name.clone(),
        room,
        reason: Some(role),
    }
}

pub(super) async fn audit(app: &App, viewer: &Viewer, asked: Audit) -> Result<Reply, Error> {
    let (user, now, limit) = (viewer.me.id, app.config.clock.now(), page_size(asked.limit));
    let read = move |conn: &mut _| {
        policy::may(&members::standing(conn, user, None)?, Act::Audit, Place::Server, now)?;
        audit::list(conn, asked.before, limit)
    };
    Ok(Reply::Audit { entries: app.store.read(read).await? })
}
