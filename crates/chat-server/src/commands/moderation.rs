//! Letting in and keeping out: invite, kick, mute, ban and the undoing of it. Each is decided and done in one
//! transaction, told in the room as an event and kept in the audit log.

use std::sync::Arc;

use chat_proto::command::Moderate;
use chat_proto::error::Refusal;
use chat_proto::event::{Change, MemberChange, User};
use chat_proto::limits::MAX_SAFE_INTEGER;
use chat_proto::reply::{AuditEntry, Done, Me, Reply, RoomKind};
use chat_proto::{ErrorCode, Millis, Reason, ServerFrame, Signal, UserName};
use ipnet::IpNet;

use super::Viewer;
use crate::address;
use crate::app::App;
use crate::auth;
use crate::error::Error;
use crate::policy::{self, Act, Place};
use crate::room::Room;
use crate::send_queue::End;
use crate::store::events::DraftWhat;
use crate::store::sanctions::{Kind, Target, Term};
use crate::store::{Draft, Position, RoomId, Transaction, audit, members, rooms, sanctions, users};
use crate::wire;

/// The widest network that can be banned, in bits of IPv4 and of IPv6.
const WIDEST: (u8, u8) = (8, 24);

/// What is done to someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Invite,
    Kick,
    Mute,
    Unmute,
    Ban,
    Unban,
}

impl Sort {
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

    fn act(self) -> Act {
        if self == Self::Invite { Act::Invite } else { Act::Moderate }
    }

    fn is_harm(self) -> bool {
        matches!(self, Self::Kick | Self::Mute | Self::Ban)
    }
}

/// An act that was asked for, parsed.
struct Plan {
    sort: Sort,
    by: User,
    user: Option<String>,
    room: Option<Arc<Room>>,
    term: Term,
    networks: Vec<IpNet>,
}

/// What came of it.
struct Outcome {
    target: Option<Me>,
    /// The event in the room that was named.
    position: Option<Position>,
    /// Whether anything changed.
    changed: bool,
}

pub(super) async fn handle(app: &App, viewer: &Viewer, sort: Sort, asked: Moderate) -> Result<Reply, Error> {
    let plan = Arc::new(plan(app, viewer, sort, asked).await?);
    let planned = plan.clone();
    let outcome = app.store.act(move |tx| planned.carry_out(tx)).await?;
    if outcome.changed {
        let target = outcome.target.as_ref().map(|target| target.id);
        tracing::info!(by = plan.by.id, act = sort.words().0, target, room = plan.room_id(), "moderation");
        take_effect(app, &plan, outcome.target).await?;
    }
    Ok(Reply::Ok(match (outcome.position, &plan.room) {
        (Some(Position { seq, at, .. }), Some(room)) => {
            Done { room: Some(room.name.clone()), seq: Some(seq), at: Some(at) }
        }
        _ => Done::default(),
    }))
}

async fn plan(app: &App, viewer: &Viewer, sort: Sort, asked: Moderate) -> Result<Plan, Error> {
    let bad = |why: &str| Error::refused(ErrorCode::BadRequest, why);
    let room = asked.room.as_deref().map(|name| app.hub.room(name)).transpose()?;
    let reason = Reason::parse(asked.reason.as_deref())?.map(|reason| reason.as_str().to_owned());
    let until = match asked.for_ms {
        Some(0) => return Err(bad("A mute or a ban of no time is none. Leave for_ms out, or give more.")),
        Some(ms) => {
            let most = Millis::try_from(MAX_SAFE_INTEGER).unwrap_or(Millis::MAX);
            let ms = Millis::try_from(ms).unwrap_or(most);
            Some(app.config.clock.now().saturating_add(ms).min(most))
        }
        None => None,
    };
    let networks = match asked.address.as_deref() {
        None => Vec::new(),
        Some(_) if room.is_some() || !matches!(sort, Sort::Ban | Sort::Unban) => {
            return Err(bad("An address can only be banned from the whole server: leave the room out."));
        }
        Some("current") => {
            let name = asked.user.clone().unwrap_or_default();
            let user = app.store.read(move |conn| users::find(conn, &name)).await?;
            let mut from: Vec<IpNet> =
                app.hub.sessions_of(user.id).iter().map(|v| address::network_of(v.address)).collect();
            from.sort();
            from.dedup();
            from
        }
        Some(text) => vec![address::parse_network(text).ok_or_else(|| {
            bad("That is no address. Give one such as 203.0.113.7 or 2001:db8::/64, or `current`.")
        })?],
    };
    if asked.user.is_none() && networks.is_empty() {
        return Err(bad("Say whom: give a user."));
    }
    if sort == Sort::Ban {
        refuse_dangerous(&networks, viewer)?;
    }
    Ok(Plan { sort, by: viewer.user.clone(), user: asked.user, room, term: Term { until, reason }, networks })
}

/// Refuses networks whose ban would shut out who asks, or everyone.
fn refuse_dangerous(networks: &[IpNet], viewer: &Viewer) -> Result<(), Refusal> {
    for net in networks {
        let widest = if net.addr().is_ipv4() { WIDEST.0 } else { WIDEST.1 };
        let why = if net.addr().is_loopback() {
            "That address is this machine's own: a proxy's, or everyone's. Name proxies with --trusted-proxy."
        } else if net.contains(&viewer.address.to_canonical()) {
            "You are connected from there yourself, and would be banned as well."
        } else if net.prefix_len() < widest {
            "That network is too wide: it would ban half the world."
        } else {
            continue;
        };
        return Err(Refusal::new(ErrorCode::BadRequest, why));
    }
    Ok(())
}

impl Plan {
    fn room_id(&self) -> Option<RoomId> {
        self.room.as_ref().map(|room| room.id)
    }

    fn place(&self) -> Place<'_> {
        self.room.as_ref().map_or(Place::Server, |room| Place::Room(&room.name, room.kind))
    }

    fn carry_out(&self, tx: &mut Transaction<'_>) -> Result<Outcome, Error> {
        let now = tx.now();
        let room = self.room_id();
        let asker = members::standing(tx.conn(), self.by.id, room)?;
        policy::may(&asker, self.sort.act(), self.place(), now)?;
        let target = self.target(tx)?;
        if let Some(target) = &target {
            if target.id == self.by.id {
                return Err(Error::refused(ErrorCode::BadRequest, "That is yourself."));
            }
            let standing = members::standing(tx.conn(), target.id, room)?;
            if self.sort.is_harm() {
                policy::may_to(&asker, &standing)?;
            }
            if self.sort == Sort::Kick && room.is_some() && standing.room.is_none() {
                let why = format!("{} is not in that room.", target.name);
                return Err(Error::refused(ErrorCode::NoSuchUser, why));
            }
        }
        let changed = self.change(tx, target.as_ref(), now)?;
        let mut position = None;
        if changed {
            if let Some(target) = &target {
                position = self.tell(tx, target)?;
            }
            audit::add(tx.conn(), &self.entry(target.as_ref(), now))?;
        }
        Ok(Outcome { target, position, changed })
    }

    /// Whom it is about. A ban outlives the user it was about, so it can be lifted by the name alone.
    fn target(&self, tx: &mut Transaction<'_>) -> Result<Option<Me>, Error> {
        let Some(name) = &self.user else { return Ok(None) };
        match users::find(tx.conn(), name) {
            Err(Error::Refused(_)) if self.sort == Sort::Unban && self.room.is_none() => Ok(None),
            found => found.map(Some),
        }
    }

    /// Changes what is in force. Tells whether that made a difference.
    fn change(&self, tx: &mut Transaction<'_>, target: Option<&Me>, now: Millis) -> Result<bool, Error> {
        let conn = tx.conn();
        let room = self.room_id();
        let mut changed = false;
        for net in &self.networks {
            let target = Target::Network(*net);
            if self.sort == Sort::Ban {
                sanctions::set(conn, Kind::Ban, &target, None, &self.term, now)?;
                changed = true;
            } else {
                changed |= sanctions::lift(conn, Kind::Ban, &target, None)?;
            }
        }
        let Some(me) = target else {
            if let Some(name) = self.user.as_deref().and_then(|name| UserName::parse(name).ok()) {
                changed |= sanctions::lift_name(conn, &name)?;
            }
            return Ok(changed);
        };
        let user = Target::User(me.id);
        Ok(match (self.sort, &self.room) {
            (Sort::Invite, Some(here)) => self.invite(tx, me, here, now)?,
            (Sort::Invite, None) => {
                return Err(Error::refused(ErrorCode::BadRequest, "Say where to: give a room."));
            }
            (Sort::Kick, _) => true,
            (Sort::Mute, _) => {
                sanctions::set(conn, Kind::Mute, &user, room, &self.term, now)?;
                true
            }
            (Sort::Unmute, _) => sanctions::lift(conn, Kind::Mute, &user, room)?,
            (Sort::Ban, Some(here)) => {
                sanctions::set(conn, Kind::Ban, &user, room, &self.term, now)?;
                members::leave(conn, me.id, here.id)?;
                members::uninvite(conn, me.id, here.id)?;
                true
            }
            (Sort::Ban, None) => {
                let key = UserName::parse(&me.name).map(|name| name.key().to_owned()).unwrap_or_default();
                sanctions::set(conn, Kind::Ban, &Target::Name(me.id, key), None, &self.term, now)?;
                true
            }
            (Sort::Unban, _) => sanctions::lift(conn, Kind::Ban, &user, room)? || changed,
        })
    }

    fn invite(&self, tx: &mut Transaction<'_>, me: &Me, room: &Room, now: Millis) -> Result<bool, Error> {
        let conn = tx.conn();
        if sanctions::ban_in(conn, me.id, room.id, now)?.is_some() {
            let why = format!("{} is banned from #{}. Lift the ban first.", me.name, room.name);
            return Err(Error::refused(ErrorCode::Forbidden, why));
        }
        let is_there = members::standing(conn, me.id, Some(room.id))?.room.is_some();
        if is_there || members::is_invited(conn, me.id, room.id)? {
            return Ok(false);
        }
        if room.kind == RoomKind::Private {
            members::invite(conn, me.id, room.id, self.by.id, now)?;
        }
        Ok(true)
    }

    /// Appends the event in the room, or for the whole server in each of the user's rooms. A kick ends the
    /// membership in each but leaves the way back open, to a private room as an invitation.
    fn tell(&self, tx: &mut Transaction<'_>, target: &Me) -> Result<Option<Position>, Error> {
        let now = tx.now();
        let rooms = match &self.room {
            Some(room) => vec![(room.id, room.name.clone(), room.kind)],
            None => rooms::of_user(tx.conn(), target.id)?,
        };
        let mut first = None;
        for (id, _, kind) in rooms {
            if self.sort == Sort::Kick {
                if kind == RoomKind::Direct {
                    continue;
                }
                members::leave(tx.conn(), target.id, id)?;
                if kind == RoomKind::Private {
                    members::invite(tx.conn(), target.id, id, self.by.id, now)?;
                }
            }
            let change = MemberChange {
                user: users::named(target),
                change: self.sort.words().1,
                reason: self.term.reason.clone(),
                until: self.term.until.filter(|_| matches!(self.sort, Sort::Mute | Sort::Ban)),
                role: None,
                everywhere: self.room.is_none(),
            };
            let draft = Draft { room: id, by: self.by.clone(), what: DraftWhat::Member(change) };
            let position = tx.append(draft)?;
            first = first.or(Some(position));
        }
        Ok(first)
    }

    fn entry(&self, target: Option<&Me>, now: Millis) -> AuditEntry {
        let nets = self.networks.iter().map(ToString::to_string);
        let user = target.map(|target| target.name.clone()).or_else(|| self.user.clone());
        AuditEntry {
            at: now,
            by: self.by.name.clone(),
            action: self.sort.words().0.to_owned(),
            target: user.into_iter().chain(nets).collect::<Vec<_>>().join(" "),
            room: self.room.as_ref().map(|room| room.name.clone()),
            reason: self.term.reason.clone(),
        }
    }
}

/// What happens to live sessions, once it is committed and told.
async fn take_effect(app: &App, plan: &Plan, target: Option<Me>) -> Result<(), Error> {
    match (plan.sort, &plan.room, target) {
        (Sort::Invite, Some(room), Some(target)) => {
            let text = format!("{} invites you to #{}.", plan.by.name, room.name);
            let notice = Signal::Notice { code: "invited".to_owned(), text, room: Some(room.name.clone()) };
            app.hub.signal_user(target.id, None, notice);
        }
        (Sort::Ban, None, target) => {
            let admins = app.store.read(users::admins).await?;
            let target = target.map(|target| target.id);
            let shut_out = app.hub.sessions_where(|viewer| {
                Some(viewer.me.id) == target
                    || (!admins.contains(&viewer.me.id)
                        && plan.networks.iter().any(|net| net.contains(&viewer.address.to_canonical())))
            });
            let refusal = auth::banned(&plan.term, app.config.clock.now());
            let error = wire::text(&ServerFrame::Reply { id: None, reply: refusal.into() });
            for viewer in shut_out {
                viewer.queue.push_reply(error.clone());
                viewer.queue.end(End::Banned);
            }
        }
        _ => {}
    }
    Ok(())
}
