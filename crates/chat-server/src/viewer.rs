//! The actor of commands: a user on one session.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chat_proto::Seq;
use chat_proto::command::Format;
use chat_proto::user::{Me, User};
use parking_lot::{Mutex, MutexGuard};

use crate::id::SessionId;
use crate::room::Room;
use crate::secret::TokenHash;
use crate::send_queue::SendQueue;
use crate::store::{Admission, rows};

/// The actor of a session's commands.
pub struct Viewer {
    /// The user as of the session's start. Rights are never read from here.
    pub me: Me,
    /// The user as events name them.
    pub user: User,
    /// The session.
    pub session: SessionId,
    /// The session's queue.
    pub queue: Arc<SendQueue>,
    /// In which format the session gets messages.
    pub format: Format,
    /// The client's address.
    pub address: IpAddr,
    login: Mutex<TokenHash>,
    /// Whether it sent a command since [`Self::was_active`] was last called.
    active: AtomicBool,
    /// Whether the session ends after the next reply.
    leaving: AtomicBool,
    /// The rooms that the session is subscribed to. `None` once it has ended.
    rooms: Mutex<Option<Vec<Arc<Room>>>>,
}

impl Viewer {
    /// Creates a viewer without subscriptions.
    #[must_use]
    pub fn new(
        me: Me,
        login: TokenHash,
        session: SessionId,
        (queue, format): (Arc<SendQueue>, Format),
        address: IpAddr,
    ) -> Self {
        Self {
            user: rows::named(&me),
            me,
            session,
            queue,
            format,
            address,
            login: Mutex::new(login),
            active: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
            rooms: Mutex::new(Some(Vec::new())),
        }
    }

    /// Returns the session's login.
    #[must_use]
    pub fn login(&self) -> TokenHash {
        self.login.lock().clone()
    }

    /// Replaces the session's login.
    pub fn set_login(&self, login: TokenHash) {
        *self.login.lock() = login;
    }

    /// Notes that the session sent a command, which keeps its login alive.
    pub fn note_active(&self) {
        self.active.store(true, Ordering::Relaxed);
    }

    /// Whether the session sent a command since the last call.
    pub fn was_active(&self) -> bool {
        self.active.swap(false, Ordering::Relaxed)
    }

    /// Notes that the session ended its own login.
    pub fn leave_after_reply(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Whether the session ended its own login.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Subscribes the session to `room` and returns the head. All later events follow. Returns `None` if the user's
    /// permissions changed after the admission was read, or the session has ended.
    pub fn subscribe(&self, room: &Arc<Room>, admission: &Admission) -> Option<Seq> {
        // Lock order: a session's rooms, then a room's state.
        let mut rooms = self.rooms();
        let rooms = rooms.as_mut()?;
        let head = room.subscribe(self.session, &self.user, (&self.queue, self.format), admission)?;
        if !rooms.iter().any(|known| known.id == room.id) {
            rooms.push(room.clone());
        }
        Some(head)
    }

    /// Unsubscribes the session from a room.
    pub fn unsubscribe(&self, room: &Arc<Room>) {
        if let Some(rooms) = self.rooms().as_mut() {
            rooms.retain(|known| known.id != room.id);
        }
        room.unsubscribe(self.session);
    }

    /// Unsubscribes the session from everything, for good.
    pub fn unsubscribe_all(&self) {
        let rooms = self.rooms().take();
        for room in rooms.into_iter().flatten() {
            room.unsubscribe(self.session);
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Option<Vec<Arc<Room>>>> {
        self.rooms.lock()
    }
}
