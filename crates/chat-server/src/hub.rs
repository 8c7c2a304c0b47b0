//! The registry of rooms and sessions, and the one task that hands what is committed to its room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use chat_proto::{ErrorCode, ServerFrame, Signal, UserId};
use tokio::sync::mpsc;

use crate::error::Error;
use crate::metrics::Metrics;
use crate::room::{Room, SessionId};
use crate::send_queue::SendQueue;
use crate::store::rooms::RoomRow;
use crate::store::{Commit, RoomId, Written};
use crate::wire;

/// Most sessions of one user at once, where limits are in force.
pub const MAX_SESSIONS: usize = 32;

/// Most commits that are delivered together.
const COMMITS_TOGETHER: usize = 64;

#[derive(Default)]
struct Rooms {
    by_name: HashMap<String, Arc<Room>>,
    by_id: HashMap<RoomId, Arc<Room>>,
}

/// See the module's description.
#[derive(Default)]
pub struct Hub {
    rooms: RwLock<Rooms>,
    users: Mutex<HashMap<UserId, HashMap<SessionId, Arc<SendQueue>>>>,
    last_session: AtomicU64,
}

impl Hub {
    /// A hub that knows `rooms`.
    #[must_use]
    pub fn new(rooms: Vec<RoomRow>) -> Self {
        let hub = Self::default();
        for row in rooms {
            hub.add_room(row);
        }
        hub
    }

    /// Adds a room that was just made; one that is known already stays as it is.
    pub fn add_room(&self, row: RoomRow) -> Arc<Room> {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        let room = rooms.by_id.entry(row.id).or_insert_with(|| Arc::new(Room::new(row))).clone();
        rooms.by_name.insert(room.name.clone(), room.clone());
        room
    }

    /// The room of that name.
    ///
    /// # Errors
    /// `no_such_room`.
    pub fn room(&self, name: &str) -> Result<Arc<Room>, Error> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        rooms.by_name.get(name).cloned().ok_or_else(|| {
            Error::refused(
                ErrorCode::NoSuchRoom,
                "There is no such room here. `rooms` lists those there are.",
            )
        })
    }

    /// A number for a new session.
    pub fn next_session(&self) -> SessionId {
        self.last_session.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn users(&self) -> MutexGuard<'_, HashMap<UserId, HashMap<SessionId, Arc<SendQueue>>>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user's session is there; tells whether it is within `limit`, and registers it only then.
    pub fn enter(&self, user: UserId, session: SessionId, queue: &Arc<SendQueue>, limit: usize) -> bool {
        let mut users = self.users();
        let sessions = users.entry(user).or_default();
        let fits = sessions.len() < limit;
        if fits {
            sessions.insert(session, queue.clone());
        }
        fits
    }

    /// A user's session is gone.
    pub fn leave(&self, user: UserId, session: SessionId) {
        let mut users = self.users();
        if let Some(sessions) = users.get_mut(&user) {
            sessions.remove(&session);
            if sessions.is_empty() {
                users.remove(&user);
            }
        }
    }

    /// Whether any session of this user is there.
    #[must_use]
    pub fn is_online(&self, user: UserId) -> bool {
        self.users().contains_key(&user)
    }

    /// Every user with a session.
    #[must_use]
    pub fn online(&self) -> Vec<UserId> {
        self.users().keys().copied().collect()
    }

    /// Shows a signal to the other sessions of a user.
    pub fn signal_others(&self, user: UserId, but: SessionId, signal: Signal) {
        let queues: Vec<Arc<SendQueue>> = match self.users().get(&user) {
            Some(sessions) if sessions.len() > 1 => {
                sessions.iter().filter(|(id, _)| **id != but).map(|(_, queue)| queue.clone()).collect()
            }
            _ => return,
        };
        let frame = wire::text(&ServerFrame::Signal(signal));
        for queue in queues {
            queue.push_signal(&frame);
        }
    }

    /// Delivers every commit to its rooms, in order, until the store is closed. What was committed while the
    /// last ones were delivered goes out together: a room of a thousand costs a thousand writes either way.
    pub async fn deliver(&self, mut commits: mpsc::Receiver<Commit>, metrics: &Metrics) {
        let mut waiting = Vec::new();
        while commits.recv_many(&mut waiting, COMMITS_TOGETHER).await > 0 {
            for (id, written) in by_room(waiting.drain(..).flatten()) {
                let room = self.rooms.read().unwrap_or_else(PoisonError::into_inner).by_id.get(&id).cloned();
                match room {
                    Some(room) => room.deliver(written, metrics).await,
                    None => tracing::error!(room = id, "an event was committed to a room that nobody knows"),
                }
            }
        }
    }
}

/// Events by room, each room's in order.
fn by_room(commit: impl Iterator<Item = Written>) -> Vec<(RoomId, Vec<Written>)> {
    let mut places: HashMap<RoomId, usize> = HashMap::new();
    let mut rooms: Vec<(RoomId, Vec<Written>)> = Vec::new();
    for written in commit {
        let id = written.position.room;
        let place = *places.entry(id).or_insert_with(|| {
            rooms.push((id, Vec::new()));
            rooms.len() - 1
        });
        rooms[place].1.push(written);
    }
    rooms
}
