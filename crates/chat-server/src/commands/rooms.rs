//! Joins, leaves, creates and lists rooms, and sets their topics.

use std::sync::Arc;

use chat_proto::command::{Create, Join, ListRooms, SetTopic};
use chat_proto::limits::{PAGE, REPLAY};
use chat_proto::reply::{Done, Joined, Reply};
use chat_proto::room::{Mine, RoomKind};
use chat_proto::user::Role;
use chat_proto::{ErrorCode, RoomName, Seq, Topic};

use super::{Answer, Missed, Viewer, done_at, enter, page_permit, page_size, read_in};
use crate::acts;
use crate::acts::quota::Quota;
use crate::app::App;
use crate::error::Error;
use crate::id::RoomId;
use crate::pages::{self, Keep};
use crate::room::Room;
use crate::store::consequence::Sight;
use crate::store::tables::events::{self, PageFrom};
use crate::store::views::rooms::{self, Which};
use crate::store::{Admission, Conn, RoomRef};
use chat_proto::policy::{self, Permissions, Right, Scope};

pub(super) async fn join(app: &App, viewer: &Viewer, join: Join) -> Result<Answer, Error> {
    let room = app.hub.visible_room(viewer, &join.room)?.room;
    let act = acts::join::Join { by: viewer.user.clone(), room: room.reference() };
    let (admission, mine) = app.store.perform(act).await?;
    entered(app, viewer, &room, (admission, mine), join.after, page_size(join.limit)).await
}

/// Subscribes the session, and returns the room and its contents. If that fails, the session is only subscribed if it
/// was before.
async fn entered(
    app: &App,
    viewer: &Viewer,
    room: &Arc<Room>,
    (admission, mine): (Admission, Mine),
    after: Option<Seq>,
    limit: usize,
) -> Result<Answer, Error> {
    let was_subscribed = room.subscription(viewer.session).is_some();
    viewer.queue.hold();
    let Some(head) = app.subscribe(viewer, room, admission).await? else {
        // The user was removed right after joining.
        let nobody = Permissions { server: Role::Guest, room: None, mute: None, is_alone: false };
        policy::may(&nobody, Right::Read, Scope::Room(&room.name, room.kind), app.config.clock.now())?;
        return Err(policy::no_such_room().into());
    };
    let joined = contents(app, viewer, room, head, mine, after, limit).await;
    if joined.is_err() && !was_subscribed {
        room.unsubscribe(viewer.session);
    }
    joined
}

async fn contents(
    app: &App,
    viewer: &Viewer,
    room: &Room,
    head: Seq,
    mine: Mine,
    after: Option<Seq>,
    limit: usize,
) -> Result<Answer, Error> {
    // No event has a seq below the room's start, so such a cursor is not valid.
    let after = after.filter(|after| *after >= room.start && *after <= head && head.0 - after.0 <= REPLAY);
    let read = move |conn: &mut Conn, room: &RoomRef| match after {
        Some(after) => events::after(conn, room, after, head, PAGE),
        None => Ok(events::page(conn, room, PageFrom::Before(head.next()), limit)?.0),
    };
    let _permit = page_permit(app).await;
    let read = read_in(app, viewer, room, read).await?;
    let keep = if after.is_some() { Keep::First } else { Keep::Last };
    let page = pages::fit(viewer.format, read, keep).await.items;
    let missed = after.and_then(|after| {
        let cursor = page.last().map_or(after, |last| last.seq);
        (cursor < head).then(|| Missed { room: room.reference(), cursor, head })
    });
    let (events, messages) = if after.is_some() { (Some(page), None) } else { (None, Some(page)) };
    let (online, online_count) = room.online();
    let room = room.joined_room(head, mine);
    let joined = Joined { room, online, online_count, events, messages };
    Ok(Answer { reply: Reply::Joined(Box::new(joined)), missed })
}

pub(super) async fn leave(app: &App, viewer: &Viewer, room: &str) -> Result<Reply, Error> {
    let room = app.hub.visible_room(viewer, room)?.room;
    if room.kind == RoomKind::Direct {
        // The other user's next message makes this one a member again. The client must get that after the reply.
        viewer.queue.hold();
    }
    let declines = matches!(room.sight_of(viewer.me.id), Sight::Invited(_));
    app.store
        .perform(acts::leave::Leave { by: viewer.user.clone(), room: room.reference(), declines })
        .await?;
    Ok(Reply::Ok(Done::default()))
}

pub(super) async fn list(app: &App, viewer: &Viewer, asked: ListRooms) -> Result<Reply, Error> {
    let (user, now) = (viewer.me.id, app.config.clock.now());
    let after = asked.after.unwrap_or_default();
    let _permit = page_permit(app).await;
    let hub = app.hub.clone();
    let read = move |conn: &mut _, as_of| {
        rooms::list(conn, user, Which::VisibleAfter(&after), &hub.tallies, (as_of, now))
    };
    let (listed, more) = app.store.read_as_of(read).await?;
    Ok(Reply::Rooms { rooms: listed.into_iter().map(|room| room.summary).collect(), more })
}

pub(super) async fn create(app: &App, viewer: &Viewer, create: Create) -> Result<Answer, Error> {
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
    let act = acts::create::Create { by: viewer.user.clone(), name, kind, topic, quota: quota(app, viewer) };
    opened(app, viewer, app.store.perform(act).await?).await
}

/// Opens a direct room.
pub(super) async fn direct(app: &App, viewer: &Viewer, with: String) -> Result<Answer, Error> {
    let act = acts::direct::OpenDirect { by: viewer.user.clone(), with, quota: quota(app, viewer) };
    opened(app, viewer, app.store.perform(act).await?).await
}

fn quota(app: &App, viewer: &Viewer) -> Quota {
    Quota { rates: app.rates.clone(), address: viewer.address }
}

/// Returns the reply for the user who opened a room.
async fn opened(
    app: &App,
    viewer: &Viewer,
    (id, admission, mine): (RoomId, Admission, Mine),
) -> Result<Answer, Error> {
    let room = app.hub.room(id).ok_or_else(policy::no_such_room)?;
    entered(app, viewer, &room, (admission, mine), None, page_size(None)).await
}

pub(super) async fn topic(app: &App, viewer: &Viewer, topic: SetTopic) -> Result<Reply, Error> {
    let text = Topic::parse(&topic.topic)?;
    let room = enter(app, viewer, &topic.room, Right::Read)?;
    let act = acts::topic::SetTopic { by: viewer.user.clone(), room: room.reference(), topic: text };
    Ok(done_at(&room, app.store.perform(act).await?))
}
