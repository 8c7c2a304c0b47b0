//! The registry of rooms and sessions, which hands what is committed to its room.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use chat_proto::error::Refusal;
use chat_proto::{ServerFrame, Signal, UserId};

use crate::error::Error;
use crate::metrics::Metrics;
use crate::policy;
use crate::receipt::Receipt;
use crate::room::{Room, SessionId};
use crate::secret::TokenHash;
use crate::send_queue::End;
use crate::store::rooms::RoomRow;
use crate::store::{Commit, Position, RoomId, Written};
use crate::viewer::Viewer;
use crate::wire;

/// Most sessions of one user at once, where limits are in force.
pub const MAX_SESSIONS: usize = 32;

/// Most departures that wait to be noted; who leaves beyond that is noted as when they were last known to be there.
const LEFT: usize = 65_536;

/// A user's sessions: few, so that a list is the smallest and quickest.
type Sessions = Vec<Arc<Viewer>>;

/// Whose sessions ended, to be noted for many together.
#[derive(Default)]
pub struct Left {
    /// The users.
    pub users: HashSet<UserId>,
    /// The logins that were used since that was last noted.
    pub logins: Vec<TokenHash>,
}

#[derive(Default)]
struct Rooms {
    by_name: HashMap<String, Arc<Room>>,
    by_id: HashMap<RoomId, Arc<Room>>,
}

/// See the module's description.
#[derive(Default)]
pub struct Hub {
    rooms: RwLock<Rooms>,
    users: Mutex<HashMap<UserId, Sessions>>,
    left: Mutex<Left>,
    last_session: AtomicU64,
}

impl Hub {
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
        rooms.by_name.get(name).cloned().ok_or_else(|| policy::no_such_room().into())
    }

    /// A number for a new session.
    pub fn next_session(&self) -> SessionId {
        self.last_session.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn users(&self) -> MutexGuard<'_, HashMap<UserId, Sessions>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user's session is there; tells whether it is within `limit`, and registers it only then.
    pub fn enter(&self, viewer: &Arc<Viewer>, limit: usize) -> bool {
        let mut users = self.users();
        let sessions = users.entry(viewer.me.id).or_default();
        let fits = sessions.len() < limit;
        if fits {
            sessions.push(viewer.clone());
        }
        fits
    }

    /// Those who left since this was last asked.
    pub fn take_left(&self) -> Left {
        std::mem::take(&mut *self.left.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A user's session is gone.
    pub fn leave(&self, viewer: &Viewer) {
        {
            let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// The sessions of a user.
    #[must_use]
    pub fn sessions_of(&self, user: UserId) -> Vec<Arc<Viewer>> {
        self.users().get(&user).cloned().unwrap_or_default()
    }

    /// The sessions for which `which` is true.
    pub fn sessions_where(&self, which: impl Fn(&Viewer) -> bool) -> Vec<Arc<Viewer>> {
        let users = self.users();
        users.values().flatten().filter(|viewer| which(viewer)).cloned().collect()
    }

    /// Shows a signal to the sessions of a user, but for one.
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

    /// Ends every session that lives by this login.
    pub fn end_login(&self, user: UserId, login: &TokenHash) {
        for viewer in self.sessions_of(user) {
            if viewer.login() == *login {
                viewer.queue.end(End::Revoked);
            }
        }
    }

    /// Ends every session of a user but `kept`'s.
    pub fn end_user(&self, user: UserId, kept: Option<&TokenHash>, why: End) {
        for viewer in self.sessions_of(user) {
            if Some(&viewer.login()) != kept {
                viewer.queue.end(why);
            }
        }
    }

    /// Delivers a commit to its rooms, and answers everyone who waits for it. MUST be called with one commit after the
    /// other, in their order.
    pub fn deliver(&self, mut commit: Commit, metrics: &Metrics) {
        let mut written = std::mem::take(&mut commit.written);
        let later = take_scattered(&mut written);
        for (id, written) in by_room(written) {
            let room = self.rooms.read().unwrap_or_else(PoisonError::into_inner).by_id.get(&id).cloned();
            match room {
                Some(room) => room.deliver(written, metrics),
                None => tracing::error!(room = id, "an event was committed to a room that nobody knows"),
            }
        }
        for (receipt, outcome) in later {
            metrics.refused_commands.inc_by(u64::from(outcome.is_err()));
            if let Some(queue) = receipt.answer(outcome.map(|position| (position.seq, position.at))) {
                queue.flush_answers();
            }
        }
        commit.answer();
    }
}

/// An answer to be given after everything was delivered.
type Later = Vec<(Receipt, Result<Position, Refusal>)>;

/// Takes out the receipts of authors who wrote to more than one room: rooms are delivered one after the other, and a
/// session is answered in the order of its commands.
fn take_scattered(written: &mut [Written]) -> Later {
    let Some(first) = written.first() else { return Vec::new() };
    if written.iter().all(|one| one.room == first.room) {
        return Vec::new();
    }
    let mut rooms: HashMap<usize, RoomId> = HashMap::new();
    let mut scattered = HashSet::new();
    for one in written.iter() {
        if let Some(receipt) = &one.receipt
            && *rooms.entry(receipt.owner()).or_insert(one.room) != one.room
        {
            scattered.insert(receipt.owner());
        }
    }
    if scattered.is_empty() {
        return Vec::new();
    }
    let is_scattered = |receipt: &mut Receipt| scattered.contains(&receipt.owner());
    let mut take = |one: &mut Written| Some((one.receipt.take_if(is_scattered)?, one.outcome.clone()));
    written.iter_mut().filter_map(&mut take).collect()
}

/// Events by room, each room's in order.
fn by_room(commit: Vec<Written>) -> Vec<(RoomId, Vec<Written>)> {
    let mut places: HashMap<RoomId, usize> = HashMap::new();
    let mut rooms: Vec<(RoomId, Vec<Written>)> = Vec::new();
    for written in commit {
        let id = written.room;
        let place = *places.entry(id).or_insert_with(|| {
            rooms.push((id, Vec::new()));
            rooms.len() - 1
        });
        rooms[place].1.push(written);
    }
    rooms
}
