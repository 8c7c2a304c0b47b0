//! Entering, leaving, making and naming rooms.

use std::sync::Arc;

use chat_proto::command::{Create, Join, SetTopic};
use chat_proto::event::{Event, What};
use chat_proto::limits::REPLAY;
use chat_proto::reply::{Done, Joined, Reply};
use chat_proto::{ErrorCode, RoomName, Seq, Topic};

use super::{Viewer, done, heard_room, page_size};
use crate::app::App;
use crate::error::Error;
use crate::room::Room;
use crate::store::events::{DraftWhat, From};
use crate::store::{Draft, events, members, rooms};

/// Most bytes of text that `joined` bears as `events`; where there are more it bears the newest messages.
const JOINED_TEXT_BYTES: usize = 1024 * 1024;

pub(super) async fn join(app: &App, viewer: &Viewer, join: Join) -> Result<Reply, Error> {
    let room = app.hub.room(&join.room)?;
    let heard_before = room.is_heard_by(viewer.session);
    if !heard_before {
        let (user, id, now) = (viewer.me.id, room.id, app.config.clock.now());
        app.store.write(move |conn| members::join(conn, user, id, now)).await?;
    }
    viewer.queue.hold();
    let head = viewer.subscribe(&room);
    let joined = contents(app, &room, head, join.after, page_size(join.limit)).await;
    if joined.is_err() && !heard_before {
        room.unsubscribe(viewer.session);
    }
    joined
}

async fn contents(
    app: &App,
    room: &Arc<Room>,
    head: Seq,
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
        room: room.joined_room(head),
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
        What::Member(_) => 0,
    }
}

pub(super) async fn leave(app: &App, viewer: &Viewer, room: &str) -> Result<Reply, Error> {
    let room = heard_room(app, viewer, room)?;
    let (user, id) = (viewer.me.id, room.id);
    app.store.write(move |conn| members::leave(conn, user, id)).await?;
    room.unsubscribe_user(user);
    Ok(Reply::Ok(Done::default()))
}

pub(super) async fn list(app: &App, viewer: &Viewer) -> Result<Reply, Error> {
    let user = viewer.me.id;
    Ok(Reply::Rooms { rooms: app.store.read(move |conn| rooms::list(conn, user, false)).await? })
}

pub(super) async fn create(app: &App, viewer: &Viewer, create: Create) -> Result<Reply, Error> {
    if create.kind.as_deref().is_some_and(|kind| kind != "public") {
        return Err(Error::refused(ErrorCode::BadRequest, "This server makes public rooms only."));
    }
    let name = RoomName::parse(&create.room)?;
    let topic = Topic::parse(create.topic.as_deref().unwrap_or_default())?;
    let (user, now) = (viewer.me.id, app.config.clock.now());
    let made = app.store.write(move |conn| rooms::create(conn, &name, &topic, user, now)).await?;
    let room = app.hub.add_room(made);
    viewer.queue.hold();
    let head = viewer.subscribe(&room);
    let (online, online_count) = room.online();
    let room = room.joined_room(head);
    Ok(Reply::Joined(Box::new(Joined {
        room,
        online,
        online_count,
        events: None,
        messages: Some(Vec::new()),
    })))
}

pub(super) async fn topic(app: &App, viewer: &Viewer, topic: SetTopic) -> Result<Reply, Error> {
    let text = Topic::parse(&topic.topic)?;
    let room = heard_room(app, viewer, &topic.room)?;
    let draft = Draft { room: room.id, by: viewer.user.clone(), what: DraftWhat::Topic(text) };
    let appended = app.store.append(draft).await?.await;
    done(&room.name, appended)
}
