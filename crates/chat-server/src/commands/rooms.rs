//! Entering, leaving, making and naming rooms.

use std::sync::Arc;

use chat_proto::command::{Create, Join, SetTopic};
use chat_proto::event::{Change, Event, MemberChange, User, What};
use chat_proto::limits::REPLAY;
use chat_proto::reply::{Done, Joined, Mine, Reply, RoomKind};
use chat_proto::{ErrorCode, RoomName, Seq, ServerFrame, Topic};

use super::{Viewer, enter, page_size};
use crate::app::App;
use crate::error::Error;
use crate::policy::{self, Act, Place};
use crate::room::Room;
use crate::store::events::{DraftWhat, From};
use crate::store::{Draft, Position, RoomId, Transaction, events, members, rooms, sanctions, users};
use crate::wire;

/// Most bytes of text that `joined` bears as `events`; where there are more it bears the newest messages.
const JOINED_TEXT_BYTES: usize = 1024 * 1024;

pub(super) async fn join(app: &App, viewer: &Viewer, join: Join) -> Result<Reply, Error> {
    let room = app.hub.room(&join.room)?;
    let heard_before = room.heard_by(viewer.session).is_some();
    let (user, id, kind, now) = (viewer.me.id, room.id, room.kind, app.config.clock.now());
    let (as_of, mine) = if heard_before {
        app.store.read(move |conn| Ok((Seq::MAX, members::mine(conn, user, id, kind, now)?))).await?
    } else {
        let (by, name) = (viewer.user.clone(), room.name.clone());
        app.store.act(move |tx| admit(tx, &by, (id, &name, kind))).await?
    };
    viewer.queue.hold();
    let Some(head) = viewer.subscribe(&room, as_of, mine.muted.clone()) else {
        return Err(policy::no_such_room().into());
    };
    let joined = contents(app, &room, head, mine, join.after, page_size(join.limit)).await;
    if joined.is_err() && !heard_before {
        room.unsubscribe(viewer.session);
    }
    joined
}

/// Makes `by` a member of a room that they may enter; answers the head it is true at.
fn admit(
    tx: &mut Transaction<'_>,
    by: &User,
    (id, name, kind): (RoomId, &str, RoomKind),
) -> Result<(Seq, Mine), Error> {
    let now = tx.now();
    let conn = tx.conn();
    let is_member = members::standing(conn, by.id, Some(id))?.room.is_some();
    let is_invited = members::is_invited(conn, by.id, id)?;
    if !policy::sees(kind, is_member, is_invited) {
        return Err(policy::no_such_room().into());
    }
    if let Some(ban) = sanctions::ban_in(conn, by.id, id, now)? {
        let why = format!(
            "You are banned from #{name} {}{}.",
            policy::term(ban.until, now),
            policy::because(ban.reason.as_deref())
        );
        return Err(Error::refused(ErrorCode::Banned, why));
    }
    if members::join(conn, by.id, id, now)? && kind == RoomKind::Private {
        tx.append(membership(id, by, by, Change::Joined))?;
    }
    let conn = tx.conn();
    Ok((rooms::head(conn, id)?, members::mine(conn, by.id, id, kind, now)?))
}

/// The event that someone came, went, or was let in.
pub(crate) fn membership(room: RoomId, by: &User, user: &User, change: Change) -> Draft {
    let change =
        MemberChange { user: user.clone(), change, reason: None, until: None, role: None, everywhere: false };
    Draft { room, by: by.clone(), what: DraftWhat::Member(change) }
}

async fn contents(
    app: &App,
    room: &Arc<Room>,
    head: Seq,
    mine: Mine,
    after: Option<Seq>,
    limit: usize,
) -> Result<Reply, Error> {
    let (id, name) = (room.id, room.name.clone());
    let read = move |conn: &mut _| -> Result<_, Error> {
        if let Some(after) = after.filter(|after| *after <= head && head - after <= REPLAY) {
            let missed = events::after(conn, (id, &name), after, head, usize::MAX)?;
            if missed.iter().map(text_bytes).sum::<usize>() <= JOINED_TEXT_BYTES {
                return Ok((Some(missed), None));
            }
        }
        let (newest, _) = events::page(conn, (id, &name), From::Before(head + 1), limit)?;
        Ok((None, Some(newest)))
    };
    let (events, messages) = app.store.read(read).await?;
    let (online, online_count) = room.online();
    Ok(Reply::Joined(Box::new(Joined {
        room: room.joined_room(head, mine),
        online,
        online_count,
        events,
        messages,
    })))
}

fn text_bytes(event: &Event) -> usize {
    match &event.what {
        What::Message(message) => message.text.len(),
        What::Topic { topic } => topic.len(),
        What::Edited { text, .. } => text.len(),
        _ => 0,
    }
}

pub(super) async fn leave(app: &App, viewer: &Viewer, room: &str) -> Result<Reply, Error> {
    let room = enter(app, viewer, room, Act::Hear)?;
    let (by, id, kind) = (viewer.user.clone(), room.id, room.kind);
    if kind == RoomKind::Direct {
        let why = "A direct room stays: it holds what the two of you said.";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    let leave = move |tx: &mut Transaction<'_>| {
        let conn = tx.conn();
        if kind == RoomKind::Private {
            let (owners, all) = members::owners_and_members(conn, id)?;
            let is_owner =
                members::standing(conn, by.id, Some(id))?.room == Some(chat_proto::reply::Role::Owner);
            if is_owner && owners == 1 && all > 1 {
                let why = "You are the only owner, and nobody could let anyone in any more. Make someone else owner first.";
                return Err(Error::refused(ErrorCode::Forbidden, why));
            }
        }
        if members::leave(conn, by.id, id)? && kind == RoomKind::Private {
            tx.append(membership(id, &by, &by, Change::Left))?;
        }
        Ok(())
    };
    app.store.act(leave).await?;
    room.unsubscribe_user(viewer.me.id);
    Ok(Reply::Ok(Done::default()))
}

pub(super) async fn list(app: &App, viewer: &Viewer) -> Result<Reply, Error> {
    let (user, now) = (viewer.me.id, app.config.clock.now());
    Ok(Reply::Rooms { rooms: app.store.read(move |conn| rooms::list(conn, user, false, now)).await? })
}

pub(super) async fn create(app: &App, viewer: &Viewer, create: Create) -> Result<Reply, Error> {
    let kind = match create.kind.as_deref() {
        None | Some("public") => RoomKind::Public,
        Some("private") => RoomKind::Private,
        Some(_) => {
            let why = "A room is public or private. `direct` opens one for two users.";
            return Err(Error::refused(ErrorCode::BadRequest, why));
        }
    };
    let name = RoomName::parse(&create.room)?;
    let topic = Topic::parse(create.topic.as_deref().unwrap_or_default())?;
    let (user, now) = (viewer.me.id, app.config.clock.now());
    let make = move |tx: &mut Transaction<'_>| {
        let conn = tx.conn();
        policy::may(&members::standing(conn, user, None)?, Act::Write, Place::Server, now)?;
        let made = rooms::create(conn, &name, kind, &topic, user, now)?;
        let mine = members::mine(conn, user, made.id, kind, now)?;
        Ok((made, mine))
    };
    let (made, mine) = app.store.act(make).await?;
    let room = app.hub.add_room(made);
    opened(app, viewer, &room, mine).await
}

/// Opens the room that two users share alone. The other one's sessions hear it from the beginning.
pub(super) async fn direct(app: &App, viewer: &Viewer, with: &str) -> Result<Reply, Error> {
    let (user, with, now) = (viewer.me.id, with.to_owned(), app.config.clock.now());
    let make = move |tx: &mut Transaction<'_>| {
        let conn = tx.conn();
        let other = users::find(conn, &with)?;
        if other.id == user {
            return Err(Error::refused(
                ErrorCode::BadRequest,
                "A direct room has two users; that is yourself.",
            ));
        }
        policy::may(&members::standing(conn, user, None)?, Act::Write, Place::Server, now)?;
        let (row, is_new) = rooms::direct(conn, user, other.id, now)?;
        let theirs = members::mine(conn, other.id, row.id, RoomKind::Direct, now)?;
        let mine = members::mine(conn, user, row.id, RoomKind::Direct, now)?;
        Ok((row, is_new, mine, other.id, theirs))
    };
    let (row, is_new, mine, other, theirs) = app.store.act(make).await?;
    let room = app.hub.add_room(row);
    if is_new {
        let sessions = app.hub.sessions_of(other);
        for session in &sessions {
            session.subscribe(&room, 0, theirs.muted.clone());
        }
        let (online, online_count) = room.online();
        let joined = Joined {
            room: room.joined_room(0, theirs),
            online,
            online_count,
            events: None,
            messages: Some(Vec::new()),
        };
        let frame = wire::text(&ServerFrame::Reply { id: None, reply: Reply::Joined(Box::new(joined)) });
        for session in sessions {
            session.queue.push_events(std::slice::from_ref(&frame));
        }
    }
    opened(app, viewer, &room, mine).await
}

/// What someone hears who has just opened a room.
async fn opened(app: &App, viewer: &Viewer, room: &Arc<Room>, mine: Mine) -> Result<Reply, Error> {
    viewer.queue.hold();
    let Some(head) = viewer.subscribe(room, Seq::MAX, mine.muted.clone()) else {
        return Err(policy::no_such_room().into());
    };
    contents(app, room, head, mine, None, page_size(None)).await
}

pub(super) async fn topic(app: &App, viewer: &Viewer, topic: SetTopic) -> Result<Reply, Error> {
    let text = Topic::parse(&topic.topic)?;
    let room = enter(app, viewer, &topic.room, Act::Hear)?;
    let (by, id, name, kind) = (viewer.user.clone(), room.id, room.name.clone(), room.kind);
    let set = move |tx: &mut Transaction<'_>| {
        let now = tx.now();
        let standing = members::standing(tx.quietly(), by.id, Some(id))?;
        policy::may(&standing, Act::Write, Place::Room(&name, kind), now)?;
        tx.append(Draft { room: id, by: by.clone(), what: DraftWhat::Topic(text.clone()) })
    };
    let Position { seq, at, .. } = app.store.act(set).await?;
    Ok(Reply::Ok(Done { room: Some(topic.room), seq: Some(seq), at: Some(at) }))
}
