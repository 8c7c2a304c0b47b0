//! Invites, kicks, mutes, bans, and the lifting of mutes and bans. Each appends an event to the room and an entry to
//! the audit log.

use chat_proto::event::{Change, MemberChange};
use chat_proto::reply::AuditEntry;
use chat_proto::room::RoomKind;
use chat_proto::user::{Me, User};
use chat_proto::{ErrorCode, Millis, Signal, UserName};
use ipnet::IpNet;

use super::membership;
use crate::error::Error;
use crate::store::consequence::{Consequence, Sight};
use crate::store::rows::named;
use crate::store::tables::events::DraftWhat;
use crate::store::tables::sanctions::{Kind, Target, Term};
use crate::store::tables::{audit, members, rooms, sanctions, users};
use crate::store::views::permissions;
use crate::store::{Act, Draft, Position, RoomRef, Tx};
use chat_proto::policy::{self, Right, Scope};

/// The maximum number of users who are invited to a room and have not joined it. Each room holds them in memory.
const MAX_INVITED: i64 = 1000;

/// A moderation action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the protocol's own words")]
pub enum Action {
    Invite,
    Kick,
    Mute,
    Unmute,
    Ban,
    Unban,
}

impl Action {
    /// Returns the action's word in the audit log, and the change in its event.
    fn words(self) -> (&'static str, Change) {
        match self {
            Self::Invite => ("invite", Change::Invited),
            Self::Kick => ("kick", Change::Kicked),
            Self::Mute => ("mute", Change::Muted),
            Self::Unmute => ("unmute", Change::Unmuted),
            Self::Ban => ("ban", Change::Banned),
            Self::Unban => ("unban", Change::Unbanned),
        }
    }

    fn right(self) -> Right {
        if self == Self::Invite { Right::Invite } else { Right::Moderate }
    }

    fn is_punitive(self) -> bool {
        matches!(self, Self::Kick | Self::Mute | Self::Ban)
    }
}

/// A parsed moderation command.
pub struct Moderate {
    /// The action.
    pub action: Action,
    /// The actor.
    pub by: User,
    /// The target's name. `None` if it is only about networks.
    pub user: Option<String>,
    /// The room. `None` for the whole server.
    pub room: Option<RoomRef>,
    /// When it expires, and the reason.
    pub term: Term,
    /// The networks to ban from the whole server or to unban.
    pub networks: Vec<IpNet>,
}

impl Act for Moderate {
    /// The event in the room of the command.
    type Answer = Option<Position>;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Option<Position>, Error> {
        let now = tx.now();
        let room = self.room.as_ref().map(|room| room.id);
        let moderator = permissions::of(tx.conn(), self.by.id, room)?;
        policy::may(&moderator, self.action.right(), self.scope(), now)?;
        let target = self.target(tx)?;
        if let Some(target) = &target {
            if target.id == self.by.id {
                return Err(Error::refused(ErrorCode::BadRequest, "You cannot do that to yourself."));
            }
            let permissions = permissions::of(tx.conn(), target.id, room)?;
            if self.action.is_punitive() {
                policy::may_to(&moderator, &permissions)?;
            }
            if self.action == Action::Kick && room.is_some() && permissions.room.is_none() {
                let why = format!("{} is not in that room.", target.name);
                return Err(Error::refused(ErrorCode::NoSuchUser, why));
            }
        }
        if !self.change(tx, target.as_ref(), now)? {
            return Ok(None);
        }
        let position = match &target {
            Some(target) => self.append_event(tx, target)?,
            None => None,
        };
        // Nobody outside a private room, not even an admin, may learn that it exists. Its own log has the event.
        if self.room.as_ref().is_none_or(|room| room.kind == RoomKind::Public) {
            audit::add(tx.conn(), &self.entry(target.as_ref(), now))?;
        }
        self.follow(tx, target.as_ref())?;
        Ok(position)
    }
}

impl Moderate {
    fn scope(&self) -> Scope<'_> {
        self.room.as_ref().map_or(Scope::Server, |room| Scope::Room(&room.name, room.kind))
    }

    /// Returns the target. A ban outlives its user, so it can be lifted by the name alone.
    fn target(&self, tx: &mut Tx<'_>) -> Result<Option<Me>, Error> {
        let Some(name) = &self.user else { return Ok(None) };
        match users::find(tx.conn(), name) {
            Err(Error::Refused(_)) if self.action == Action::Unban && self.room.is_none() => Ok(None),
            found => found.map(Some),
        }
    }

    /// Changes what is in force. Returns whether that made a difference.
    fn change(&self, tx: &mut Tx<'_>, target: Option<&Me>, now: Millis) -> Result<bool, Error> {
        let room = self.room.as_ref().map(|room| room.id);
        let mut changed = self.change_networks(tx, now)?;
        let conn = tx.conn_changing_rights();
        let Some(me) = target else {
            if let Some(name) = self.user.as_deref().and_then(|name| UserName::parse(name).ok()) {
                changed |= sanctions::lift_name(conn, &name)?;
            }
            return Ok(changed);
        };
        let user = Target::User(me.id);
        Ok(match (self.action, &self.room) {
            (Action::Invite, Some(here)) => self.invite(tx, me, here, now)?,
            (Action::Invite, None) => {
                return Err(Error::refused(ErrorCode::BadRequest, "Name the room to invite them to."));
            }
            (Action::Kick, _) => true,
            (Action::Mute, _) => {
                sanctions::set(conn, Kind::Mute, &user, room, &self.term, now)?;
                true
            }
            (Action::Unmute, _) => sanctions::lift(conn, Kind::Mute, &user, room)?,
            (Action::Ban, Some(here)) => {
                sanctions::set(conn, Kind::Ban, &user, room, &self.term, now)?;
                members::uninvite(conn, me.id, here.id)?;
                membership::end(tx, me.id, here)?;
                true
            }
            (Action::Ban, None) => {
                let key = UserName::parse(&me.name).map(|name| name.key().to_owned()).unwrap_or_default();
                sanctions::set(conn, Kind::Ban, &Target::Name(me.id, key), None, &self.term, now)?;
                true
            }
            (Action::Unban, _) => sanctions::lift(conn, Kind::Ban, &user, room)? || changed,
        })
    }

    fn change_networks(&self, tx: &mut Tx<'_>, now: Millis) -> Result<bool, Error> {
        let conn = tx.conn();
        let mut changed = false;
        for net in &self.networks {
            let target = Target::Network(*net);
            if self.action == Action::Ban {
                sanctions::set(conn, Kind::Ban, &target, None, &self.term, now)?;
                changed = true;
            } else {
                changed |= sanctions::lift(conn, Kind::Ban, &target, None)?;
            }
        }
        Ok(changed)
    }

    fn invite(&self, tx: &mut Tx<'_>, me: &Me, room: &RoomRef, now: Millis) -> Result<bool, Error> {
        let conn = tx.conn();
        if sanctions::ban_in(conn, me.id, room.id, now)?.is_some() {
            let why = format!("{} is banned from #{}. Lift the ban first.", me.name, room.name);
            return Err(Error::refused(ErrorCode::Forbidden, why));
        }
        if members::role(conn, me.id, room.id)?.is_some() || members::is_invited(conn, me.id, room.id)? {
            return Ok(false);
        }
        if room.kind == RoomKind::Private {
            if members::count_invited(conn, room.id)? >= MAX_INVITED {
                let why = format!("#{} has {MAX_INVITED} open invitations, which is the limit.", room.name);
                return Err(Error::refused(ErrorCode::Forbidden, why));
            }
            members::invite(conn, me.id, room.id, self.by.id, now)?;
            membership::sight(tx, me.id, room, Sight::Invited(now));
        }
        Ok(true)
    }

    /// Appends the event to the room, or to each of the user's rooms if the action is for the whole server. A kick
    /// ends each membership, but the user may come back; to a private room they keep an invitation.
    fn append_event(&self, tx: &mut Tx<'_>, target: &Me) -> Result<Option<Position>, Error> {
        let rooms = match &self.room {
            Some(room) => vec![room.clone()],
            None => rooms::of_user(tx.conn(), target.id)?,
        };
        let mut first = None;
        for room in rooms {
            if self.action == Action::Kick {
                if room.kind == RoomKind::Direct {
                    continue;
                }
                self.kick(tx, target, &room)?;
            }
            let change = MemberChange {
                user: named(target),
                change: self.action.words().1,
                reason: self.term.reason.clone(),
                until: self.term.until.filter(|_| matches!(self.action, Action::Mute | Action::Ban)),
                role: None,
                everywhere: self.room.is_none(),
            };
            let draft =
                Draft { room: room.id, by: self.by.clone(), what: DraftWhat::Member(Box::new(change)) };
            let position = tx.append(draft)?;
            first = first.or(Some(position));
        }
        Ok(first.filter(|_| self.room.is_some()))
    }

    fn kick(&self, tx: &mut Tx<'_>, target: &Me, room: &RoomRef) -> Result<(), Error> {
        let now = tx.now();
        membership::end(tx, target.id, room)?;
        if room.kind == RoomKind::Private {
            members::invite(tx.conn(), target.id, room.id, self.by.id, now)?;
            membership::sight(tx, target.id, room, Sight::Invited(now));
        }
        Ok(())
    }

    /// Records the consequences for live sessions.
    fn follow(&self, tx: &mut Tx<'_>, target: Option<&Me>) -> Result<(), Error> {
        match (self.action, &self.room, target) {
            (Action::Invite, Some(room), Some(target)) => {
                let text = format!("{} invites you to #{}.", self.by.name, room.name);
                let signal =
                    Signal::Notice { code: "invited".to_owned(), text, room: Some(room.name.clone()) };
                tx.then(Consequence::Signalled { user: target.id, except: None, signal });
            }
            (Action::Ban, None, target) => {
                let banned = Consequence::Banned {
                    user: target.map(|target| target.id),
                    networks: self.networks.clone(),
                    spared: users::admins(tx.conn())?,
                    refusal: policy::banned(&self.term, tx.now()),
                };
                tx.then(banned);
            }
            _ => {}
        }
        Ok(())
    }

    fn entry(&self, target: Option<&Me>, now: Millis) -> AuditEntry {
        let nets = self.networks.iter().map(ToString::to_string);
        let user = target.map(|target| target.name.clone()).or_else(|| self.user.clone());
        AuditEntry {
            at: now,
            by: self.by.name.clone(),
            action: self.action.words().0.to_owned(),
            target: user.into_iter().chain(nets).collect::<Vec<_>>().join(" "),
            room: self.room.as_ref().map(|room| room.name.clone()),
            reason: self.term.reason.clone(),
        }
    }
}
