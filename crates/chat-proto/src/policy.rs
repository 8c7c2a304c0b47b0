//! Decides every right, and is pure: it takes an actor's permissions, a right and a scope, and returns yes or a refusal.
//!
//! The server has admins, members (with an account) and guests. A room has owners, moderators and members. Admins may do
//! everything in what they see. Owners and moderators may do everything in their room, except that a moderator may do
//! nothing to an owner, and nobody may do anything to an admin.
//!
//! The server asks it on every path. A client asks the same functions what to offer, so that it shows exactly the rights that
//! the server enforces.

use crate::Millis;
use crate::error::{ErrorCode, Refusal};
use crate::room::{Mute, RoomKind};
use crate::user::Role;

/// A user's roles and mutes in one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// The role on the server.
    pub server: Role,
    /// The role in the room. `None` if the user is not a member, and for the server's scope.
    pub room: Option<Role>,
    /// The longest mute in this scope. It may have expired.
    pub mute: Option<Mute>,
    /// Whether this is a direct room whose other user was deleted.
    pub is_alone: bool,
}

/// Where a right is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// On the whole server.
    Server,
    /// In a room of this name and kind.
    Room(&'a str, RoomKind),
}

/// What a user wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Read, be listed, and set own marks.
    Read,
    /// Show others something: a message, a topic, a typing signal.
    Write,
    /// Delete a message.
    Delete {
        /// Whether the message is the actor's own.
        own: bool,
    },
    /// Edit a message.
    Edit {
        /// Whether the message is the actor's own.
        own: bool,
    },
    /// Pin a message, or unpin it.
    Pin,
    /// Invite someone.
    Invite,
    /// Kick, mute and ban, and undo these.
    Moderate,
    /// Give someone this role.
    Grant(Role),
    /// Read the audit log.
    Audit,
}

fn refuse<T>(code: ErrorCode, why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(code, why))
}

/// Whether a user sees a room of this kind. Everyone sees a public room. To anyone else, a private or direct room
/// looks like one that does not exist.
#[must_use]
pub fn sees(kind: RoomKind, is_member: bool, is_invited: bool) -> bool {
    kind == RoomKind::Public || is_member || (kind == RoomKind::Private && is_invited)
}

/// Whether a user may read a room of this kind without a session. Its members may, and in a public room so may
/// everyone who could join.
#[must_use]
pub fn reads(kind: RoomKind, is_member: bool, is_banned: bool) -> bool {
    is_member || (kind == RoomKind::Public && !is_banned)
}

/// The answer about a room that does not exist, or that the user does not see.
#[must_use]
pub fn no_such_room() -> Refusal {
    Refusal::new(ErrorCode::NoSuchRoom, "There is no such room here. `rooms` lists those there are.")
}

/// Checks that `actor` has this right in this scope. MUST be called before anything is done.
///
/// # Errors
/// `forbidden`, `muted`, `not_joined`, `no_such_room` or `bad_request`, with what to do about it.
pub fn may(actor: &Permissions, right: Right, scope: Scope<'_>, now: Millis) -> Result<(), Refusal> {
    match (right, scope) {
        (_, Scope::Room(_, kind)) if kind != RoomKind::Public && actor.room.is_none() => Err(no_such_room()),
        (Right::Write | Right::Edit { .. } | Right::Pin, Scope::Room(..)) if actor.is_alone => {
            let why = "The other user was deleted, so nobody would read it. You can leave this room.";
            refuse(ErrorCode::Forbidden, why)
        }
        (Right::Read, Scope::Room(name, _)) => is_in(actor, name),
        (Right::Write, Scope::Room(name, _)) => {
            is_in(actor, name)?;
            not_muted(actor, now)
        }
        (Right::Write, Scope::Server) => not_muted(actor, now),
        (Right::Read, Scope::Server) => Ok(()),
        (Right::Delete { own: true }, Scope::Room(name, _)) => is_in(actor, name),
        (Right::Edit { own: true }, Scope::Room(name, _)) => {
            is_in(actor, name)?;
            not_muted(actor, now)
        }
        (Right::Edit { own: false }, Scope::Room(..)) => {
            refuse(ErrorCode::Forbidden, "Only the author can edit a message.")
        }
        (Right::Pin, Scope::Room(_, RoomKind::Direct)) => not_muted(actor, now),
        (_, Scope::Room(_, RoomKind::Direct)) => {
            refuse(ErrorCode::Forbidden, "A direct room has two users and no moderators.")
        }
        (Right::Invite, Scope::Room(name, RoomKind::Public)) => {
            is_in(actor, name)?;
            not_muted(actor, now)
        }
        (Right::Grant(Role::Admin | Role::Guest | Role::Other(_)), Scope::Room(..)) => {
            refuse(ErrorCode::BadRequest, "A role in a room is owner, moderator or member.")
        }
        (Right::Grant(Role::Owner | Role::Moderator | Role::Guest | Role::Other(_)), Scope::Server) => {
            refuse(
                ErrorCode::BadRequest,
                "A role on the server is admin or member. For a role in a room, name the room.",
            )
        }
        (Right::Grant(role), Scope::Room(name, _)) if rank(actor) < rank_of(Some(role)) => {
            let why = format!("You cannot give a role above your own. Ask an owner of #{name}.");
            refuse(ErrorCode::Forbidden, why)
        }
        (
            Right::Invite | Right::Moderate | Right::Grant(_) | Right::Delete { .. } | Right::Pin,
            Scope::Room(name, _),
        ) if rank(actor) == 0 => {
            let why = format!("Only an owner or a moderator of #{name} may do that.");
            refuse(ErrorCode::Forbidden, why)
        }
        (Right::Audit, _) | (_, Scope::Server) if actor.server != Role::Admin => {
            refuse(ErrorCode::Forbidden, "Only an admin may do that on the whole server.")
        }
        (Right::Pin, Scope::Room(name, _)) => {
            is_in(actor, name)?;
            not_muted(actor, now)
        }
        (
            Right::Audit
            | Right::Invite
            | Right::Moderate
            | Right::Grant(_)
            | Right::Delete { .. }
            | Right::Edit { .. }
            | Right::Pin,
            _,
        ) => Ok(()),
    }
}

/// Checks that `actor` may do this to `target`, in addition to [`may`].
///
/// # Errors
/// `forbidden`, with whom to ask.
pub fn may_to(actor: &Permissions, target: &Permissions) -> Result<(), Refusal> {
    if target.server == Role::Admin {
        return refuse(ErrorCode::Forbidden, "Nobody may do that to an admin.");
    }
    if actor.server != Role::Admin && target.room == Some(Role::Owner) && actor.room != Some(Role::Owner) {
        return refuse(ErrorCode::Forbidden, "A moderator may not do that to an owner. Ask another owner.");
    }
    Ok(())
}

fn is_in(actor: &Permissions, name: &str) -> Result<(), Refusal> {
    if actor.room.is_some() {
        return Ok(());
    }
    refuse(ErrorCode::NotJoined, format!("You are not in the room {name}. Join it first."))
}

fn not_muted(actor: &Permissions, now: Millis) -> Result<(), Refusal> {
    match &actor.mute {
        Some(mute) if actor.server != Role::Admin && mute.holds(now) => {
            let why = because(mute.reason.as_deref());
            let term = term(mute.until, now);
            refuse(ErrorCode::Muted, format!("You are muted {term}{why}. You can read, but not write."))
        }
        _ => Ok(()),
    }
}

/// Returns how much a user may do in the room. An admin may do everything.
fn rank(permissions: &Permissions) -> u8 {
    if permissions.server == Role::Admin { 3 } else { rank_of(permissions.room) }
}

fn rank_of(role: Option<Role>) -> u8 {
    match role {
        Some(Role::Admin | Role::Owner) => 2,
        Some(Role::Moderator) => 1,
        Some(Role::Member | Role::Guest | Role::Other(_)) | None => 0,
    }
}

/// The answer to a user who is banned from the server.
#[must_use]
pub fn banned(ban: &Mute, now: Millis) -> Refusal {
    let (term, why) = (term(ban.until, now), because(ban.reason.as_deref()));
    Refusal::new(ErrorCode::Banned, format!("You are banned from this server {term}{why}."))
}

/// Returns how much longer something lasts, in words.
#[must_use]
pub fn term(until: Option<Millis>, now: Millis) -> String {
    let Some(until) = until else { return "until someone lifts it".to_owned() };
    let minutes = (until - now).max(0).unsigned_abs().div_ceil(60_000).max(1);
    match minutes {
        ..=120 => format!("for another {minutes} min"),
        121..=2880 => format!("for another {} h", minutes.div_ceil(60)),
        _ => format!("for another {} days", minutes.div_ceil(24 * 60)),
    }
}

/// Returns a reason in parentheses, or nothing.
#[must_use]
pub fn because(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(" (reason: {reason})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: Scope<'_> = Scope::Room("dev", RoomKind::Public);

    fn permissions(server: Role, room: impl Into<Option<Role>>) -> Permissions {
        Permissions { server, room: room.into(), mute: None, is_alone: false }
    }

    fn code(result: Result<(), Refusal>) -> Option<ErrorCode> {
        result.err().map(|refusal| refusal.code)
    }

    #[test]
    fn who_may_moderate_whom() {
        let admin = permissions(Role::Admin, None);
        let owner = permissions(Role::Member, Role::Owner);
        let moderator = permissions(Role::Guest, Role::Moderator);
        let member = permissions(Role::Member, Role::Member);
        for actor in [&admin, &owner, &moderator] {
            assert_eq!(may(actor, Right::Moderate, DEV, Millis(0)), Ok(()));
            assert_eq!(may_to(actor, &member), Ok(()));
            assert_eq!(code(may_to(actor, &admin)), Some(ErrorCode::Forbidden));
        }
        assert_eq!(code(may(&member, Right::Moderate, DEV, Millis(0))), Some(ErrorCode::Forbidden));
        assert_eq!(code(may_to(&moderator, &owner)), Some(ErrorCode::Forbidden));
        assert_eq!(may_to(&owner, &owner), Ok(()));
        assert_eq!(may_to(&admin, &owner), Ok(()));
        for actor in [&owner, &moderator, &member] {
            assert_eq!(
                code(may(actor, Right::Moderate, Scope::Server, Millis(0))),
                Some(ErrorCode::Forbidden)
            );
            assert_eq!(code(may(actor, Right::Audit, Scope::Server, Millis(0))), Some(ErrorCode::Forbidden));
        }
        let direct = Scope::Room("@1-2", RoomKind::Direct);
        assert_eq!(code(may(&member, Right::Moderate, direct, Millis(0))), Some(ErrorCode::Forbidden));
    }

    #[test]
    fn nobody_gives_a_role_above_their_own() {
        let owner = permissions(Role::Member, Role::Owner);
        let moderator = permissions(Role::Member, Role::Moderator);
        assert_eq!(may(&owner, Right::Grant(Role::Owner), DEV, Millis(0)), Ok(()));
        assert_eq!(may(&moderator, Right::Grant(Role::Moderator), DEV, Millis(0)), Ok(()));
        assert_eq!(
            code(may(&moderator, Right::Grant(Role::Owner), DEV, Millis(0))),
            Some(ErrorCode::Forbidden)
        );
        assert_eq!(code(may(&owner, Right::Grant(Role::Admin), DEV, Millis(0))), Some(ErrorCode::BadRequest));
        assert_eq!(
            code(may(&owner, Right::Grant(Role::Admin), Scope::Server, Millis(0))),
            Some(ErrorCode::Forbidden)
        );
    }

    #[test]
    fn an_unknown_role_grants_nothing_and_is_not_given() {
        let unknown = Role::from("auditor");
        for (actor, place) in [
            (permissions(unknown, None), Scope::Server),
            (permissions(Role::Member, unknown), DEV),
            (permissions(unknown, unknown), DEV),
        ] {
            for act in [Right::Moderate, Right::Grant(Role::Member), Right::Delete { own: false }] {
                assert_eq!(code(may(&actor, act, place, Millis(0))), Some(ErrorCode::Forbidden), "{act:?}");
            }
        }
        let audit = may(&permissions(unknown, None), Right::Audit, Scope::Server, Millis(0));
        assert_eq!(code(audit), Some(ErrorCode::Forbidden));
        let admin = permissions(Role::Admin, Role::Owner);
        for place in [Scope::Server, DEV] {
            assert_eq!(
                code(may(&admin, Right::Grant(unknown), place, Millis(0))),
                Some(ErrorCode::BadRequest)
            );
        }
    }

    #[test]
    fn a_mute_ends_with_its_time_and_does_not_count_for_admins() {
        let muted = |server, until| Permissions {
            mute: Some(Mute { until, reason: Some("loud".into()) }),
            ..permissions(server, Role::Member)
        };
        assert_eq!(
            code(may(&muted(Role::Guest, Some(Millis(10))), Right::Write, DEV, Millis(9))),
            Some(ErrorCode::Muted)
        );
        assert_eq!(
            code(may(&muted(Role::Guest, None), Right::Write, DEV, Millis(9))),
            Some(ErrorCode::Muted)
        );
        assert_eq!(may(&muted(Role::Guest, Some(Millis(10))), Right::Write, DEV, Millis(10)), Ok(()));
        assert_eq!(may(&muted(Role::Admin, None), Right::Write, DEV, Millis(9)), Ok(()));
        assert_eq!(may(&muted(Role::Guest, None), Right::Read, DEV, Millis(9)), Ok(()));
    }

    #[test]
    fn what_is_not_for_one_cannot_be_told_from_nothing() {
        let stranger = permissions(Role::Admin, None);
        let unknown = RoomKind::from("broadcast");
        for kind in [RoomKind::Private, RoomKind::Direct, unknown] {
            for act in [Right::Read, Right::Write, Right::Moderate, Right::Invite, Right::Grant(Role::Owner)]
            {
                assert_eq!(may(&stranger, act, Scope::Room("x", kind), Millis(0)), Err(no_such_room()));
            }
            assert!(!sees(kind, false, false));
        }
        assert!(sees(RoomKind::Private, false, true) && !sees(RoomKind::Direct, false, true));
        assert!(!sees(unknown, false, true) && !reads(unknown, false, false) && reads(unknown, true, false));
        assert_eq!(code(may(&stranger, Right::Write, DEV, Millis(0))), Some(ErrorCode::NotJoined));
    }
}
