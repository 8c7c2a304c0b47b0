//! Dispatches commands. This module has the checks that all commands share: rate limits, the way from a name to a
//! room, and membership. Each command has a function that parses it and then performs an act or reads.
//!
//! A command is parsed completely before its room is looked up, so that no answer reveals whether a hidden room
//! exists.

mod changes;
mod logins;
mod members;
mod messages;
mod moderation;
mod roles;
mod rooms;
mod search;

use std::sync::Arc;

use chat_proto::command::{Command, Send};
use chat_proto::reply::{Done, Reply};
use chat_proto::user::Role;
use chat_proto::{ErrorCode, Seq, limits};

use tokio::sync::SemaphorePermit;

use crate::acts::moderate::Action;
use crate::app::App;
use crate::error::Error;
use crate::hub::Visible;
use crate::rate::Cost;
use crate::room::Room;
use crate::store::consequence::Sight;
use crate::store::views::permissions;
use crate::store::{Conn, Position, RoomRef};
use crate::viewer::Viewer;
use chat_proto::policy::{self, Permissions, Right, Scope};

/// The result of a command.
pub(crate) struct Answer {
    /// The reply.
    pub(crate) reply: Reply,
    /// The events that follow the reply, before live ones.
    pub(crate) missed: Option<Missed>,
}

/// A room to catch up in.
pub(crate) struct Missed {
    /// The room.
    pub(crate) room: RoomRef,
    /// The last event that the session's client has.
    pub(crate) cursor: Seq,
    /// The last event that is missed.
    pub(crate) head: Seq,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { reply, missed: None }
    }
}

/// Carries out any command except `hello` and `send`. If it subscribes the session to a room, the session's queue
/// holds back everything that must follow the reply.
///
/// # Errors
/// If the command is refused or fails. Nothing was done then.
pub(crate) async fn handle(app: &App, viewer: &Viewer, command: Command) -> Result<Answer, Error> {
    let cost = match command {
        Command::Typing(_) => Cost::Type,
        Command::Rooms(_) => Cost::List,
        Command::Invite(_) => Cost::Invite,
        Command::Topic(_)
        | Command::Kick(_)
        | Command::Mute(_)
        | Command::Unmute(_)
        | Command::Ban(_)
        | Command::Unban(_)
        | Command::Role(_)
        | Command::Edit(_)
        | Command::Delete(_)
        | Command::React(_)
        | Command::Unreact(_)
        | Command::Pin(_)
        | Command::Unpin(_) => Cost::Write,
        Command::Search(_) => Cost::Search,
        Command::Create(_) | Command::Direct(_) => Cost::Create,
        _ => Cost::Ask,
    };
    viewer.note_active();
    app.rates.take(viewer.me.id, cost)?;
    let reply = match command {
        Command::Hello(_) | Command::Send(_) => {
            Err(Error::refused(ErrorCode::BadRequest, "This connection has said hello already."))
        }
        Command::Join(join) => return rooms::join(app, viewer, join).await,
        Command::Leave(leave) => rooms::leave(app, viewer, &leave.room).await,
        Command::History(history) => messages::history(app, viewer, history).await,
        Command::Rooms(asked) => rooms::list(app, viewer, asked).await,
        Command::Create(create) => return rooms::create(app, viewer, create).await,
        Command::Topic(topic) => rooms::topic(app, viewer, topic).await,
        Command::Typing(typing) => messages::typing(app, viewer, &typing.room),
        Command::Read(read) => messages::read(app, viewer, read).await,
        Command::Members(members) => members::list(app, viewer, members).await,
        Command::Edit(edit) => changes::edit(app, viewer, edit).await,
        Command::Delete(asked) => changes::delete(app, viewer, asked).await,
        Command::React(asked) => changes::react(app, viewer, asked).await,
        Command::Unreact(asked) => changes::unreact(app, viewer, asked).await,
        Command::Pin(asked) => changes::pin(app, viewer, asked, true).await,
        Command::Unpin(asked) => changes::pin(app, viewer, asked, false).await,
        Command::Search(asked) => search::search(app, viewer, asked).await,
        Command::Notify(asked) => messages::notify(app, viewer, asked).await,
        Command::Direct(direct) => return rooms::direct(app, viewer, direct.user).await,
        Command::Invite(asked) => moderation::handle(app, viewer, Action::Invite, asked).await,
        Command::Kick(asked) => moderation::handle(app, viewer, Action::Kick, asked).await,
        Command::Mute(asked) => moderation::handle(app, viewer, Action::Mute, asked).await,
        Command::Unmute(asked) => moderation::handle(app, viewer, Action::Unmute, asked).await,
        Command::Ban(asked) => moderation::handle(app, viewer, Action::Ban, asked).await,
        Command::Unban(asked) => moderation::handle(app, viewer, Action::Unban, asked).await,
        Command::Role(asked) => roles::set(app, viewer, asked).await,
        Command::Audit(asked) => roles::audit(app, viewer, asked).await,
        Command::Sessions {} => logins::list(app, viewer).await,
        Command::Revoke(revoke) => logins::revoke(app, viewer, revoke.session).await,
        Command::Ping {} => Ok(Reply::Pong { at: app.config.clock.now() }),
    };
    Ok(reply?.into())
}

/// Queues a message. It is answered when it is delivered, so a session can have many messages in flight.
///
/// # Errors
/// If the message is refused. Nothing was stored then, and the error is the answer.
pub(crate) async fn send(app: &App, viewer: &Viewer, id: Option<u64>, send: Send) -> Result<(), Error> {
    viewer.note_active();
    app.rates.take(viewer.me.id, Cost::Write)?;
    messages::send(app, viewer, id, send).await
}

/// Returns the room that the user means by a name, if the user has this right in it. For what affects others, such as
/// a message or a moderation action, the writer checks the right again, because nothing can change it there in
/// between.
fn enter(app: &App, viewer: &Viewer, name: &str, right: Right) -> Result<Arc<Room>, Error> {
    let Visible { room, subscription } = app.hub.visible_room(viewer, name)?;
    if subscription.is_none() && room.sight_of(viewer.me.id) == Sight::Member {
        // Another session of the user joined the room.
        let why = format!("This session is not in the room {name}. Join it first.");
        return Err(Error::refused(ErrorCode::NotJoined, why));
    }
    let permissions = Permissions {
        server: Role::Guest,
        room: subscription.is_some().then_some(Role::Member),
        mute: subscription.flatten(),
        is_alone: false,
    };
    policy::may(&permissions, right, Scope::Room(name, room.kind), app.config.clock.now())?;
    Ok(room)
}

/// Reads something in a room for a member. The membership is read in the same snapshot.
async fn read_in<T: std::marker::Send + 'static>(
    app: &App,
    viewer: &Viewer,
    room: &Room,
    query: impl FnOnce(&mut Conn, &RoomRef) -> Result<T, Error> + std::marker::Send + 'static,
) -> Result<T, Error> {
    let (user, room, now) = (viewer.me.id, room.reference(), app.config.clock.now());
    let as_member = move |conn: &mut Conn| {
        let permissions = permissions::of(conn, user, Some(room.id))?;
        policy::may(&permissions, Right::Read, Scope::Room(&room.name, room.kind), now)?;
        query(conn, &room)
    };
    app.store.read_snapshot(as_member).await
}

/// Returns the reply to a command that became an event.
fn done_at(room: &Room, Position { seq, at, .. }: Position) -> Reply {
    Reply::Ok(Done { room: Some(room.name.clone()), seq: Some(seq), at: Some(at) })
}

/// Returns a permit to read and encode a page. The caller holds it until the page is encoded.
pub(crate) async fn page_permit(app: &App) -> Option<SemaphorePermit<'_>> {
    // The semaphore is never closed.
    app.pages.acquire().await.ok()
}

/// Returns the maximum number of items on a page.
fn page_size(asked: Option<u64>) -> usize {
    let asked = asked.map_or(limits::PAGE_DEFAULT, |n| usize::try_from(n).unwrap_or(usize::MAX));
    asked.clamp(1, limits::PAGE)
}
