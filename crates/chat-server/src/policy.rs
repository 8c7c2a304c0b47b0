//! The one place that decides a right. Pure: who asks, what for, and where come in; yes or a refusal comes out.
//!
//! On the server there are admins, members (with an account) and guests; in a room owners, moderators and
//! members. An admin may do everything that can be seen, an owner and a moderator everything in their room,
//! but a moderator nothing to an owner and nobody anything to an admin.

use chat_proto::error::Refusal;
use chat_proto::reply::{Mute, Role, RoomKind};
use chat_proto::{ErrorCode, Millis};

/// What is known of a user's rights in one place, when the question is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The role on the server.
    pub(crate) server: Role,
    /// The role in the room; none without membership, or where it is about the whole server.
    pub(crate) room: Option<Role>,
    /// The longest mute that counts here, whether it still holds or not.
    pub(crate) mute: Option<Mute>,
    /// Whether this is a direct room whose other user was deleted.
    pub(crate) is_alone: bool,
}

/// Where something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// On the whole server.
    Server,
    /// In a room of this name and kind.
    Room(&'a str, RoomKind),
}

/// What someone wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Read, be listed, set one's own marks.
    Hear,
    /// Put something where others read it: a message, a topic, that one is typing.
    Write,
    /// Take a message away; whether it is the asker's own.
    Delete {
        /// Whether it is.
        own: bool,
    },
    /// Change a message; whether it is the asker's own.
    Edit {
        /// Whether it is.
        own: bool,
    },
    /// Pin a message, or unpin it.
    Pin,
    /// Let someone in.
    Invite,
    /// Kick, mute, ban, and the undoing of it.
    Moderate,
    /// Give someone this role.
    Grant(Role),
    /// Read the audit log.
    Audit,
}

fn refuse<T>(code: ErrorCode, why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(code, why))
}

/// Whether a room of this kind exists for someone: everyone sees a public one, nobody else's private or
/// direct one can be told from none at all.
#[must_use]
pub(crate) fn sees(kind: RoomKind, is_member: bool, is_invited: bool) -> bool {
    kind == RoomKind::Public || is_member || (kind == RoomKind::Private && is_invited)
}

/// Whether someone may read what is in a room of this kind, on a road that asks for no session: who is in it, and of
/// a public one everyone who could enter.
#[must_use]
pub(crate) fn reads(kind: RoomKind, is_member: bool, is_banned: bool) -> bool {
    is_member || (kind == RoomKind::Public && !is_banned)
}

/// What someone is told of a room that is not there, or not for them.
#[must_use]
pub(crate) fn no_such_room() -> Refusal {
    Refusal::new(ErrorCode::NoSuchRoom, "There is no such room here. `rooms` lists those there are.")
}

/// Whether `asker` may do that there. MUST be asked before anything is done.
///
/// # Errors
/// `forbidden`, `muted`, `not_joined`, `no_such_room` or `bad_request`, with what to do about it.
pub(crate) fn may(asker: &Standing, act: Act, place: Place<'_>, now: Millis) -> Result<(), Refusal> {
    match (act, place) {
        (_, Place::Room(_, kind)) if kind != RoomKind::Public && asker.room.is_none() => Err(no_such_room()),
        (Act::Write | Act::Edit { .. } | Act::Pin, Place::Room(..)) if asker.is_alone => {
            let why = "The other user was deleted, so nobody would read it. You can leave this room.";
            refuse(ErrorCode::Forbidden, why)
        }
        (Act::Hear, Place::Room(name, _)) => is_in(asker, name),
        (Act::Write, Place::Room(name, _)) => {
            is_in(asker, name)?;
            not_muted(asker, now)
        }
        (Act::Write, Place::Server) => not_muted(asker, now),
        (Act::Hear, Place::Server) => Ok(()),
        (Act::Delete { own: true }, Place::Room(name, _)) => is_in(asker, name),
        (Act::Edit { own: true }, Place::Room(name, _)) => {
            is_in(asker, name)?;
            not_muted(asker, now)
        }
        (Act::Edit { own: false }, Place::Room(..)) => {
            refuse(ErrorCode::Forbidden, "Only the author can edit a message.")
        }
        (Act::Pin, Place::Room(_, RoomKind::Direct)) => not_muted(asker, now),
        (_, Place::Room(_, RoomKind::Direct)) => {
            refuse(ErrorCode::Forbidden, "A direct room has two users and no moderators.")
        }
        (Act::Invite, Place::Room(name, RoomKind::Public)) => {
            is_in(asker, name)?;
            not_muted(asker, now)
        }
        (Act::Grant(Role::Admin | Role::Guest | Role::Other(_)), Place::Room(..)) => {
            refuse(ErrorCode::BadRequest, "In a room one is owner, moderator or member.")
        }
        (Act::Grant(Role::Owner | Role::Moderator | Role::Guest | Role::Other(_)), Place::Server) => {
            refuse(ErrorCode::BadRequest, "On the server one is admin or member. For a room, name the room.")
        }
        (Act::Grant(role), Place::Room(name, _)) if rank(asker) < rank_of(Some(role)) => {
            let why = format!("Nobody gives a role above their own; ask an owner of #{name}.");
            refuse(ErrorCode::Forbidden, why)
        }
        (
            Act::Invite | Act::Moderate | Act::Grant(_) | Act::Delete { .. } | Act::Pin,
            Place::Room(name, _),
        ) if rank(asker) == 0 => {
            let why = format!("Only an owner or a moderator of #{name} may do that.");
            refuse(ErrorCode::Forbidden, why)
        }
        (Act::Audit, _) | (_, Place::Server) if asker.server != Role::Admin => {
            refuse(ErrorCode::Forbidden, "Only an admin may do that on the whole server.")
        }
        (Act::Pin, Place::Room(name, _)) => {
            is_in(asker, name)?;
            not_muted(asker, now)
        }
        (
            Act::Audit
            | Act::Invite
            | Act::Moderate
            | Act::Grant(_)
            | Act::Delete { .. }
            | Act::Edit { .. }
            | Act::Pin,
            _,
        ) => Ok(()),
    }
}

/// Whether `asker` may do it to `target`, beyond [`may`].
///
/// # Errors
/// `forbidden`, with whom to ask.
pub(crate) fn may_to(asker: &Standing, target: &Standing) -> Result<(), Refusal> {
    if target.server == Role::Admin {
        return refuse(ErrorCode::Forbidden, "Nobody may do that to an admin.");
    }
    if asker.server != Role::Admin && target.room == Some(Role::Owner) && asker.room != Some(Role::Owner) {
        return refuse(ErrorCode::Forbidden, "A moderator may not do that to an owner. Ask another owner.");
    }
    Ok(())
}

fn is_in(asker: &Standing, name: &str) -> Result<(), Refusal> {
    if asker.room.is_some() {
        return Ok(());
    }
    refuse(ErrorCode::NotJoined, format!("You are not in the room {name}. Join it first."))
}

fn not_muted(asker: &Standing, now: Millis) -> Result<(), Refusal> {
    match &asker.mute {
        Some(mute) if asker.server != Role::Admin && mute.holds(now) => {
            let why = because(mute.reason.as_deref());
            let term = term(mute.until, now);
            refuse(ErrorCode::Muted, format!("You are muted {term}{why}. You can read, but not write."))
        }
        _ => Ok(()),
    }
}

/// How much someone may do in the room: an admin everything.
fn rank(standing: &Standing) -> u8 {
    if standing.server == Role::Admin { 3 } else { rank_of(standing.room) }
}

fn rank_of(role: Option<Role>) -> u8 {
    match role {
        Some(Role::Admin | Role::Owner) => 2,
        Some(Role::Moderator) => 1,
        Some(Role::Member | Role::Guest | Role::Other(_)) | None => 0,
    }
}

/// What someone is told who is banned from the server.
#[must_use]
pub(crate) fn banned(ban: &Mute, now: Millis) -> Refusal {
    let (term, why) = (term(ban.until, now), because(ban.reason.as_deref()));
    Refusal::new(ErrorCode::Banned, format!("You are banned from this server {term}{why}."))
}

/// How much longer, in words.
#[must_use]
pub(crate) fn term(until: Option<Millis>, now: Millis) -> String {
    let Some(until) = until else { return "until someone lifts it".to_owned() };
    let minutes = (until - now).max(0).unsigned_abs().div_ceil(60_000).max(1);
    match minutes {
        ..=120 => format!("for another {minutes} min"),
        121..=2880 => format!("for another {} h", minutes.div_ceil(60)),
        _ => format!("for another {} days", minutes.div_ceil(24 * 60)),
    }
}

/// A reason, in words.
#[must_use]
pub(crate) fn because(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(" (reason: {reason})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: Place<'_> = Place::Room("dev", RoomKind::Public);

    fn standing(server: Role, room: impl Into<Option<Role>>) -> Standing {
        Standing { server, room: room.into(), mute: None, is_alone: false }
    }

    fn code(result: Result<(), Refusal>) -> Option<ErrorCode> {
        result.err().map(|refusal| refusal.code)
    }

    #[test]
    fn who_may_moderate_whom() {
        let admin = standing(Role::Admin, None);
        let owner = standing(Role::Member, Role::Owner);
        let moderator = standing(Role::Guest, Role::Moderator);
        let member = standing(Role::Member, Role::Member);
        for asker in [&admin, &owner, &moderator] {
            assert_eq!(may(asker, Act::Moderate, DEV, 0), Ok(()));
            assert_eq!(may_to(asker, &member), Ok(()));
            assert_eq!(code(may_to(asker, &admin)), Some(ErrorCode::Forbidden));
        }
        assert_eq!(code(may(&member, Act::Moderate, DEV, 0)), Some(ErrorCode::Forbidden));
        assert_eq!(code(may_to(&moderator, &owner)), Some(ErrorCode::Forbidden));
        assert_eq!(may_to(&owner, &owner), Ok(()));
        assert_eq!(may_to(&admin, &owner), Ok(()));
        for asker in [&owner, &moderator, &member] {
            assert_eq!(code(may(asker, Act::Moderate, Place::Server, 0)), Some(ErrorCode::Forbidden));
            assert_eq!(code(may(asker, Act::Audit, Place::Server, 0)), Some(ErrorCode::Forbidden));
        }
        let direct = Place::Room("@1-2", RoomKind::Direct);
        assert_eq!(code(may(&member, Act::Moderate, direct, 0)), Some(ErrorCode::Forbidden));
    }

    #[test]
    fn nobody_gives_a_role_above_their_own() {
        let owner = standing(Role::Member, Role::Owner);
        let moderator = standing(Role::Member, Role::Moderator);
        assert_eq!(may(&owner, Act::Grant(Role::Owner), DEV, 0), Ok(()));
        assert_eq!(may(&moderator, Act::Grant(Role::Moderator), DEV, 0), Ok(()));
        assert_eq!(code(may(&moderator, Act::Grant(Role::Owner), DEV, 0)), Some(ErrorCode::Forbidden));
        assert_eq!(code(may(&owner, Act::Grant(Role::Admin), DEV, 0)), Some(ErrorCode::BadRequest));
        assert_eq!(code(may(&owner, Act::Grant(Role::Admin), Place::Server, 0)), Some(ErrorCode::Forbidden));
    }

    #[test]
    fn an_unknown_role_grants_nothing_and_is_not_given() {
        let unknown = Role::from("auditor");
        for (asker, place) in [
            (standing(unknown, None), Place::Server),
            (standing(Role::Member, unknown), DEV),
            (standing(unknown, unknown), DEV),
        ] {
            for act in [Act::Moderate, Act::Grant(Role::Member), Act::Delete { own: false }] {
                assert_eq!(code(may(&asker, act, place, 0)), Some(ErrorCode::Forbidden), "{act:?}");
            }
        }
        let audit = may(&standing(unknown, None), Act::Audit, Place::Server, 0);
        assert_eq!(code(audit), Some(ErrorCode::Forbidden));
        let admin = standing(Role::Admin, Role::Owner);
        for place in [Place::Server, DEV] {
            assert_eq!(code(may(&admin, Act::Grant(unknown), place, 0)), Some(ErrorCode::BadRequest));
        }
    }

    #[test]
    fn a_mute_ends_with_its_time_and_does_not_count_for_admins() {
        let muted = |server, until| Standing {
            mute: Some(Mute { until, reason: Some("loud".into()) }),
            ..standing(server, Role::Member)
        };
        assert_eq!(code(may(&muted(Role::Guest, Some(10)), Act::Write, DEV, 9)), Some(ErrorCode::Muted));
        assert_eq!(code(may(&muted(Role::Guest, None), Act::Write, DEV, 9)), Some(ErrorCode::Muted));
        assert_eq!(may(&muted(Role::Guest, Some(10)), Act::Write, DEV, 10), Ok(()));
        assert_eq!(may(&muted(Role::Admin, None), Act::Write, DEV, 9), Ok(()));
        assert_eq!(may(&muted(Role::Guest, None), Act::Hear, DEV, 9), Ok(()));
    }

    #[test]
    fn what_is_not_for_one_cannot_be_told_from_nothing() {
        let stranger = standing(Role::Admin, None);
        let unknown = RoomKind::from("broadcast");
        for kind in [RoomKind::Private, RoomKind::Direct, unknown] {
            for act in [Act::Hear, Act::Write, Act::Moderate, Act::Invite, Act::Grant(Role::Owner)] {
                assert_eq!(may(&stranger, act, Place::Room("x", kind), 0), Err(no_such_room()));
            }
            assert!(!sees(kind, false, false));
        }
        assert!(sees(RoomKind::Private, false, true) && !sees(RoomKind::Direct, false, true));
        assert!(!sees(unknown, false, true) && !reads(unknown, false, false) && reads(unknown, true, false));
        assert_eq!(code(may(&stranger, Act::Write, DEV, 0)), Some(ErrorCode::NotJoined));
    }
}
