//! The one door: every command passes it, whichever road it came on. What all commands share (how often
//! one may ask, that one is in the room) is asked here; then there is one function a command.

mod members;
mod messages;
mod rooms;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chat_proto::command::{Command, Send};
use chat_proto::event::User;
use chat_proto::reply::{Done, Me, Reply};
use chat_proto::{ErrorCode, Seq, limits};
use tokio::sync::oneshot;

use crate::app::App;
use crate::error::Error;
use crate::rate::Cost;
use crate::room::{Room, SessionId};
use crate::send_queue::SendQueue;
use crate::store::{Appended, Position, RoomId, users};

/// Who is asking, and on which session.
pub struct Viewer {
    /// The user.
    pub me: Me,
    /// The user as events name them.
    pub user: User,
    /// The session.
    pub session: SessionId,
    /// The way to the session.
    pub queue: Arc<SendQueue>,
    /// The rooms the session was subscribed to.
    rooms: Mutex<HashMap<RoomId, Arc<Room>>>,
}

impl Viewer {
    /// A viewer who hears no room yet.
    #[must_use]
    pub fn new(me: Me, session: SessionId, queue: Arc<SendQueue>) -> Self {
        Self { user: users::named(&me), me, session, queue, rooms: Mutex::default() }
    }

    /// The session hears `room` from the next event on; answers the head.
    pub fn subscribe(&self, room: &Arc<Room>) -> Seq {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).insert(room.id, room.clone());
        room.subscribe(self.session, &self.user, &self.queue)
    }

    /// The session hears no room any more.
    pub fn unsubscribe_all(&self) {
        let rooms = std::mem::take(&mut *self.rooms.lock().unwrap_or_else(PoisonError::into_inner));
        for room in rooms.values() {
            room.unsubscribe(self.session);
        }
    }
}

/// Carries out any command but `hello` and `send`, and answers it. Where it subscribes the session to a
/// room, the session's queue holds back from then on what must follow the reply.
///
/// # Errors
/// Where the command is refused or fails; nothing was done then.
pub async fn handle(app: &App, viewer: &Viewer, command: Command) -> Result<Reply, Error> {
    let cost = match command {
        // Dropped in silence where it comes too often.
        Command::Typing(_) => None,
        Command::Topic(_) => Some(Cost::Write),
        Command::Create(_) => Some(Cost::Create),
        _ => Some(Cost::Ask),
    };
    if let Some(cost) = cost {
        app.rates.take(viewer.me.id, cost)?;
    }
    match command {
        Command::Hello(_) | Command::Send(_) => {
            Err(Error::refused(ErrorCode::BadRequest, "This connection has said hello already."))
        }
        Command::Join(join) => rooms::join(app, viewer, join).await,
        Command::Leave(leave) => rooms::leave(app, viewer, &leave.room).await,
        Command::History(history) => messages::history(app, viewer, history).await,
        Command::Rooms {} => rooms::list(app, viewer).await,
        Command::Create(create) => rooms::create(app, viewer, create).await,
        Command::Topic(topic) => rooms::topic(app, viewer, topic).await,
        Command::Typing(typing) => messages::typing(app, viewer, &typing.room),
        Command::Read(read) => messages::read(app, viewer, read).await,
        Command::Members(members) => members::list(app, viewer, members).await,
        Command::Ping {} => Ok(Reply::Pong { at: app.config.clock.now() }),
    }
}

/// Queues a message and answers where to hear of it, so that many can be under way together.
///
/// # Errors
/// Where the message is refused; nothing was stored then.
pub async fn send(app: &App, viewer: &Viewer, send: Send) -> Result<oneshot::Receiver<Appended>, Error> {
    app.rates.take(viewer.me.id, Cost::Write)?;
    messages::send(app, viewer, send).await
}

/// What an append's outcome answers.
///
/// # Errors
/// Why it was not stored.
pub fn done(room: &str, appended: Result<Appended, oneshot::error::RecvError>) -> Result<Reply, Error> {
    let stopped = |_| Error::Unavailable(anyhow::anyhow!("the writer stopped before it came to an append"));
    let Position { seq, at, .. } = appended.map_err(stopped)??;
    Ok(Reply::Ok(Done { room: Some(room.to_owned()), seq: Some(seq), at: Some(at) }))
}

/// The room of that name, which the session must hear.
fn heard_room(app: &App, viewer: &Viewer, name: &str) -> Result<Arc<Room>, Error> {
    let room = app.hub.room(name)?;
    if room.is_heard_by(viewer.session) {
        return Ok(room);
    }
    Err(Error::refused(ErrorCode::NotJoined, format!("You are not in the room {name}. Join it first.")))
}

/// How many to put on a page.
fn page_size(asked: Option<u64>) -> usize {
    let asked = asked.map_or(limits::PAGE_DEFAULT, |n| usize::try_from(n).unwrap_or(usize::MAX));
    asked.clamp(1, limits::PAGE)
}
