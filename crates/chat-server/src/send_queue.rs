//! The server's bounded queue for one session.
//!
//! While nothing waits, a push writes straight to the socket: no task is woken and nothing is stored. What the socket
//! does not take is queued, bounded in bytes, for the session's task to write. A session whose queue is full is
//! closed as slow. It resumes and loses nothing. The bytes are whole WebSocket frames, shared by all queues that send
//! them.

mod queue;
mod socket;
mod waiting;

pub use self::queue::SendQueue;

/// Most bytes of events that wait for one session, beside what the kernel's buffers hold.
pub const SEND_QUEUE_BYTES: usize = 1024 * 1024;

/// Signals are dropped above this many waiting bytes, because they must not fill the space that events need.
const SIGNAL_BYTES: usize = SEND_QUEUE_BYTES / 4;

/// Why nothing more is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The other end does not take what is sent.
    Slow,
    /// The connection is broken.
    Gone,
    /// The user was banned from the server.
    Banned,
    /// The login was ended.
    Revoked,
    /// The session should connect again.
    Again,
    /// The session ends by itself.
    Closing,
}

/// What the queue is built from. The model check has a module of this name too.
mod sync {
    pub(super) use parking_lot::{Mutex, MutexGuard};
    pub(super) use tokio::sync::Notify;
    pub(super) use tokio::time::{sleep_until, timeout};
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
