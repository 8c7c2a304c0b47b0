//! What the person may do, by the same policy that the server enforces, so that the screen offers nothing that the
//! server would refuse.

use chat_proto::policy::{Permissions, Right, Scope, may, may_to};
use chat_proto::room::Member;
use chat_proto::user::{Me, Role, UserKind};

use crate::action::Needs;
use crate::model::{Model, Room};

/// Whether the person may use a command that needs this.
#[must_use]
pub fn has(model: &Model, needs: Needs) -> bool {
    let me = model.me.as_ref();
    match needs {
        Needs::Nothing => true,
        Needs::Guest => me.is_none_or(|me| me.kind == UserKind::Guest),
        Needs::Account => me.is_some_and(|me| me.kind == UserKind::Account),
        Needs::Moderator => model.room().is_some_and(|room| may_in(model, room, Right::Moderate)),
        Needs::Admin => is_admin(me),
    }
}

/// Whether the person has a right in a room.
#[must_use]
pub fn may_in(model: &Model, room: &Room, right: Right) -> bool {
    may(&permissions(model.me.as_ref(), room), right, scope(room), model.now).is_ok()
}

/// Whether the person may kick, mute or ban a member of a room, or change their role.
#[must_use]
pub fn may_act_on(model: &Model, room: &Room, member: &Member) -> bool {
    let is_me = model.me.as_ref().is_some_and(|me| me.id == member.user.id);
    let target = Permissions {
        server: if member.admin { Role::Admin } else { Role::Member },
        room: Some(member.role),
        mute: None,
        is_alone: false,
    };
    let actor = permissions(model.me.as_ref(), room);
    !is_me && may_in(model, room, Right::Moderate) && may_to(&actor, &target).is_ok()
}

/// Whether the person is an admin.
#[must_use]
pub fn is_admin(me: Option<&Me>) -> bool {
    me.is_some_and(|me| me.role == Role::Admin)
}

fn permissions(me: Option<&Me>, room: &Room) -> Permissions {
    Permissions {
        server: me.map_or(Role::Guest, |me| me.role),
        room: room.mine.role,
        mute: room.mine.muted.clone(),
        is_alone: room.mine.user.as_ref().is_some_and(|user| user.is_deleted()),
    }
}

/// The room's name only appears in the text of a refusal, which is not used here.
fn scope(room: &Room) -> Scope<'static> {
    Scope::Room("", room.kind)
}
