//! What the person may do, so that nothing is offered that the server would refuse. The server decides.

use chat_proto::reply::{Me, Member, Role, RoomKind, UserKind};

use crate::action::Needs;
use crate::model::Room;

/// Whether the person has what is needed.
#[must_use]
pub fn has(needs: Needs, me: Option<&Me>, room: Option<&Room>) -> bool {
    match needs {
        Needs::Nothing => true,
        Needs::Guest => me.is_none_or(|me| me.kind == UserKind::Guest),
        Needs::Account => me.is_some_and(|me| me.kind == UserKind::Account),
        Needs::Moderator => {
            room.is_some_and(|room| room.kind != RoomKind::Direct && rank(me, room.mine.role) > 0)
        }
        Needs::Admin => is_admin(me),
    }
}

/// Whether the person may kick, mute, ban `member` of `room`, or change their role.
#[must_use]
pub fn may_act_on(me: Option<&Me>, room: &Room, member: &Member) -> bool {
    has(Needs::Moderator, me, Some(room))
        && !member.admin
        && me.is_none_or(|me| me.id != member.user.id)
        && (member.role != Role::Owner || rank(me, room.mine.role) >= 2)
}

/// Whether the person may give this role in a room.
#[must_use]
pub fn may_give(me: Option<&Me>, room: &Room, role: Role) -> bool {
    rank(me, room.mine.role) >= rank(None, Some(role)).max(1)
}

/// Whether the person is an admin.
#[must_use]
pub fn is_admin(me: Option<&Me>) -> bool {
    me.is_some_and(|me| me.role == Role::Admin)
}

fn rank(me: Option<&Me>, role: Option<Role>) -> u8 {
    match role {
        _ if is_admin(me) => 3,
        Some(Role::Owner) => 2,
        Some(Role::Moderator) => 1,
        _ => 0,
    }
}
