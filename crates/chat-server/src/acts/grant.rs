//! Gives someone a role, in a room or on the whole server.

use chat_proto::event::{Change, MemberChange};
use chat_proto::reply::AuditEntry;
use chat_proto::room::RoomKind;
use chat_proto::user::{Me, Role, User, UserKind};
use chat_proto::{ErrorCode, Millis, Signal};

use super::add_user::OPERATOR_ID;
use crate::error::Error;
use crate::id::RoomId;
use crate::store::rows::named;
use crate::store::tables::events::DraftWhat;
use crate::store::tables::{audit, members, rooms, users};
use crate::store::views::permissions;
use crate::store::{Act, Consequence, Draft, Position, RoomRef, Tx};
use chat_proto::policy::{self, Right, Scope};

/// Gives a role in a room.
pub(crate) struct GrantInRoom {
    /// The actor.
    pub(crate) by: User,
    /// The name of the user who gets the role.
    pub(crate) user: String,
    /// The role.
    pub(crate) role: Role,
    /// The room.
    pub(crate) room: RoomRef,
}

impl Act for GrantInRoom {
    type Answer = Option<Position>;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Option<Position>, Error> {
        let Self { by, user, role, room } = self;
        let now = tx.now();
        let conn = tx.conn();
        let giver = permissions::of(conn, by.id, Some(room.id))?;
        policy::may(&giver, Right::Grant(*role), Scope::Room(&room.name, room.kind), now)?;
        let target = users::find(conn, user)?;
        let permissions = permissions::of(conn, target.id, Some(room.id))?;
        if target.id != by.id {
            policy::may_to(&giver, &permissions)?;
        }
        match permissions.room {
            None => {
                let why = format!("{} is not in that room.", target.name);
                return Err(Error::refused(ErrorCode::NoSuchUser, why));
            }
            Some(has) if has == *role => return Ok(None),
            Some(Role::Owner) if members::owners_and_members(conn, room.id)?.0 == 1 => {
                let why = format!("{} is the only owner. Make someone else owner first.", target.name);
                return Err(Error::refused(ErrorCode::Forbidden, why));
            }
            Some(_) => {}
        }
        let conn = tx.conn_changing_rights();
        members::set_role(conn, target.id, room.id, *role)?;
        if room.kind == RoomKind::Public {
            audit::add(conn, &entry(now, by, &target, *role, Some(room.name.clone())))?;
        }
        tx.append(event(room.id, by, &target, *role, false)).map(Some)
    }
}

/// Gives a role on the whole server.
pub(crate) struct GrantOnServer {
    /// The actor. The operator may always give roles.
    pub(crate) by: User,
    /// The name of the user who gets the role.
    pub(crate) user: String,
    /// The role.
    pub(crate) role: Role,
}

impl Act for GrantOnServer {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let Self { by, user, role } = self;
        let now = tx.now();
        let conn = tx.conn();
        // The operator is not a user.
        let is_operator = by.id == OPERATOR_ID;
        if !is_operator {
            let giver = permissions::of(conn, by.id, None)?;
            policy::may(&giver, Right::Grant(*role), Scope::Server, now)?;
        }
        let target = users::find(conn, user)?;
        if target.id == by.id {
            if *role != Role::Admin && users::admins(conn)?.len() == 1 {
                let why = "You are the only admin. Make someone else admin first.";
                return Err(Error::refused(ErrorCode::Forbidden, why));
            }
        } else if !is_operator {
            let giver = permissions::of(conn, by.id, None)?;
            policy::may_to(&giver, &permissions::of(conn, target.id, None)?)?;
        }
        give(tx, by, target, *role)
    }
}

/// Gives a role on the whole server, appends events to the user's rooms, notifies the user, and adds an audit entry.
fn give(tx: &mut Tx<'_>, by: &User, mut target: Me, role: Role) -> Result<Me, Error> {
    let now = tx.now();
    if target.kind == UserKind::Guest {
        let why = format!("{} is a guest. A role on the server needs an account.", target.name);
        return Err(Error::refused(ErrorCode::BadRequest, why));
    }
    if target.role != role {
        let conn = tx.conn_changing_rights();
        users::set_role(conn, target.id, role)?;
        audit::add(conn, &entry(now, by, &target, role, None))?;
        target.role = role;
        // An event cannot name the operator, who is not a user.
        if by.id != OPERATOR_ID {
            for room in rooms::of_user(tx.conn(), target.id)? {
                tx.append(event(room.id, by, &target, role, true))?;
            }
        }
    }
    let signal = Signal::You { user: target.clone() };
    tx.then(Consequence::Signalled { user: target.id, except: None, signal });
    Ok(target)
}

fn event(room: RoomId, by: &User, target: &Me, role: Role, everywhere: bool) -> Draft {
    let change = MemberChange {
        user: named(target),
        change: Change::Role,
        reason: None,
        until: None,
        role: Some(role),
        everywhere,
    };
    Draft { room, by: by.clone(), what: DraftWhat::Member(Box::new(change)) }
}

fn entry(at: Millis, by: &User, target: &Me, role: Role, room: Option<String>) -> AuditEntry {
    AuditEntry {
        at,
        by: by.name.clone(),
        action: "role".to_owned(),
        target: target.name.clone(),
        room,
        reason: Some(role.as_str().to_owned()),
    }
}
