//! The registry of rooms and sessions. [`Hub::visible_room`] is the only way from a name to a room.

mod publish;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat_proto::room::{Mute, RoomKind};
use chat_proto::{Millis, Seq, ServerFrame, Signal, UserId};
use parking_lot::{Mutex, MutexGuard, RwLock};
use tokio::sync::Notify;

use crate::error::Error;
use crate::id::{RoomId, SessionId};
use crate::metrics::Metrics;
use crate::output::{OUTPUT_BYTES, Output};
use crate::room::Room;
use crate::secret::TokenHash;
use crate::store::RoomRow;
use crate::store::consequence::Sight;
use crate::tally::Tallies;
use crate::viewer::Viewer;
use crate::wire;
use chat_proto::policy;

/// The maximum number of simultaneous sessions of one user, if limits are in force.
pub const MAX_SESSIONS: usize = 32;

/// The maximum number of departures that wait to be stored. For users beyond that, the time when they were last
/// stored as present remains.
const LEFT: usize = 65_536;

/// A session with fewer bytes waiting is not closed to free memory.
const LEAST_GIVEN_UP: usize = 16 * 1024;

/// A user's sessions. There are few, so a list is smallest and fastest.
type Sessions = Vec<Arc<Viewer>>;

/// Users whose sessions ended. They are stored together.
#[derive(Default)]
pub struct Left {
    /// The users.
    pub users: HashSet<UserId>,
    /// The logins that were used since they were last stored.
    pub logins: Vec<TokenHash>,
}

#[derive(Default)]
struct Rooms {
    /// Several rooms may have one name, but every user sees at most one of them.
    by_name: HashMap<String, Vec<Arc<Room>>>,
    by_id: HashMap<RoomId, Arc<Room>>,
}

/// The registry of rooms and sessions.
pub struct Hub {
    rooms: RwLock<Rooms>,
    /// A room that nobody sees. It is examined if no room has the name, so that both cases take the same time.
    nowhere: Arc<Room>,
    users: Mutex<HashMap<UserId, Sessions>>,
    left: Mutex<Left>,
    last_session: AtomicU64,
    /// Notified when contents of files were discarded.
    pub discarded: Notify,
    /// Cached counts of messages.
    pub(crate) tallies: Tallies,
    /// The bytes that wait to be sent, in all sessions together.
    pub output: Arc<Output>,
}

/// A room that a user sees.
pub struct Visible {
    /// The room.
    pub room: Arc<Room>,
    /// `Some` if the session is subscribed to the room; inside it, the user's mute there.
    pub subscription: Option<Option<Mute>>,
}

impl Default for Hub {
    fn default() -> Self {
        let (name, topic, seen_by) =
            (String::new(), String::new(), vec![(UserId::default(), Sight::Nothing)]);
        let nowhere = RoomRow {
            id: RoomId::default(),
            name,
            kind: RoomKind::Private,
            topic,
            head: Seq::ZERO,
            start: Seq::ZERO,
            seen_by,
        };
        Self {
            rooms: RwLock::default(),
            nowhere: Arc::new(Room::new(nowhere)),
            users: Mutex::default(),
            left: Mutex::default(),
            last_session: AtomicU64::default(),
            discarded: Notify::default(),
            tallies: Tallies::default(),
            output: Arc::default(),
        }
    }
}

impl Hub {
    /// Adds a room, unless it is already registered.
    pub fn add_room(&self, row: RoomRow) {
        let mut rooms = self.rooms.write();
        if rooms.by_id.contains_key(&row.id) {
            return;
        }
        let room = Arc::new(Room::new(row));
        rooms.by_id.insert(room.id, room.clone());
        rooms.by_name.entry(room.name.clone()).or_default().push(room);
    }

    /// Removes a room and returns it.
    fn remove_room(&self, id: RoomId) -> Option<Arc<Room>> {
        let mut rooms = self.rooms.write();
        let room = rooms.by_id.remove(&id)?;
        if let Some(named) = rooms.by_name.get_mut(&room.name) {
            named.retain(|other| other.id != id);
            if named.is_empty() {
                rooms.by_name.remove(&room.name);
            }
        }
        Some(room)
    }

    /// Returns the room that a user means by a name: the one that this session is subscribed to, otherwise one that
    /// the user is in, otherwise the one of their latest invitation, otherwise the public one. The answer comes from
    /// memory, so a hidden room takes the same time as one that does not exist.
    ///
    /// # Errors
    /// `no_such_room`.
    pub fn visible_room(&self, viewer: &Viewer, name: &str) -> Result<Visible, Error> {
        let rooms = self.rooms.read();
        let nowhere = std::slice::from_ref(&self.nowhere);
        let named: &[Arc<Room>] = rooms.by_name.get(name).map_or(nowhere, Vec::as_slice);
        let mut best: Option<((u8, Millis), &Arc<Room>)> = None;
        for room in named {
            let rank = match room.sight_of(viewer.me.id) {
                Sight::Member => (2, Millis::default()),
                Sight::Invited(at) => (1, at),
                Sight::Public => (0, Millis::default()),
                Sight::Nothing => continue,
            };
            if let Some(mute) = room.subscription(viewer.session) {
                return Ok(Visible { room: room.clone(), subscription: Some(mute) });
            }
            best = best.filter(|(other, _)| *other >= rank).or(Some((rank, room)));
        }
        let (_, room) = best.ok_or_else(policy::no_such_room)?;
        Ok(Visible { room: room.clone(), subscription: None })
    }

    /// Returns the room with that id.
    #[must_use]
    pub fn room(&self, id: RoomId) -> Option<Arc<Room>> {
        self.rooms.read().by_id.get(&id).cloned()
    }

    /// Returns an id for a new session.
    pub fn next_session(&self) -> SessionId {
        SessionId(self.last_session.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn users(&self) -> MutexGuard<'_, HashMap<UserId, Sessions>> {
        self.users.lock()
    }

    /// Registers a user's session if it is within `limit`, and returns whether it is.
    pub fn enter(&self, viewer: &Arc<Viewer>, limit: usize) -> bool {
        let mut users = self.users();
        let sessions = users.entry(viewer.me.id).or_default();
        let fits = sessions.len() < limit;
        if fits {
            sessions.push(viewer.clone());
        }
        fits
    }

    /// Returns the users who left since the last call.
    pub fn take_left(&self) -> Left {
        std::mem::take(&mut *self.left.lock())
    }

    /// Removes a user's session.
    pub fn leave(&self, viewer: &Viewer) {
        {
            let mut left = self.left.lock();
            if left.users.len().max(left.logins.len()) < LEFT {
                left.users.insert(viewer.me.id);
                left.logins.extend(viewer.was_active().then(|| viewer.login()));
            }
        }
        let mut users = self.users();
        if let Some(sessions) = users.get_mut(&viewer.me.id) {
            sessions.retain(|other| other.session != viewer.session);
            if sessions.is_empty() {
                users.remove(&viewer.me.id);
            }
        }
    }

    /// Whether this user has a session.
    #[must_use]
    pub fn is_online(&self, user: UserId) -> bool {
        self.users().contains_key(&user)
    }

    /// Returns every user with a session.
    #[must_use]
    pub fn online(&self) -> Vec<UserId> {
        self.users().keys().copied().collect()
    }

    /// Returns the sessions of a user.
    #[must_use]
    pub fn sessions_of(&self, user: UserId) -> Vec<Arc<Viewer>> {
        self.users().get(&user).cloned().unwrap_or_default()
    }

    /// Returns the sessions for which `which` is true.
    pub fn sessions_where(&self, which: impl Fn(&Viewer) -> bool) -> Vec<Arc<Viewer>> {
        let users = self.users();
        users.values().flatten().filter(|viewer| which(viewer)).cloned().collect()
    }

    /// Closes the connections with the most waiting bytes, until a quarter of [`OUTPUT_BYTES`] is free.
    pub fn relieve(&self, metrics: &Metrics) {
        let mut waiting: Vec<_> =
            self.sessions_where(|_| true).into_iter().map(|viewer| (viewer.queue.bytes(), viewer)).collect();
        waiting.sort_by_key(|(bytes, _)| *bytes);
        while self.output.bytes() > OUTPUT_BYTES / 4 * 3
            && let Some((bytes, viewer)) = waiting.pop().filter(|(bytes, _)| *bytes >= LEAST_GIVEN_UP)
        {
            tracing::warn!(user = viewer.me.id.0, bytes, "too much output is waiting, a session was closed");
            metrics.slow_sessions.inc();
            viewer.queue.give_up();
        }
    }

    /// Sends a signal to all of a user's sessions except `but`.
    pub fn signal_user(&self, user: UserId, but: Option<SessionId>, signal: Signal) {
        let mut to = self.sessions_of(user);
        to.retain(|viewer| Some(viewer.session) != but);
        if to.is_empty() {
            return;
        }
        let frame = wire::text(&ServerFrame::Signal(signal));
        for viewer in to {
            viewer.queue.push_signal(&frame);
        }
    }
}
