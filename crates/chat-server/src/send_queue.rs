//! The server's bounded queue for one session.
//!
//! While nothing waits, a push writes straight to the socket, wakes no task and stores nothing. What the socket does
//! not accept is queued, with a limit in bytes, and the session's task writes it. A session whose queue is full is
//! closed as slow. It resumes and loses nothing. The bytes are whole WebSocket frames, which all queues share.

mod queue;
mod socket;
mod waiting;

pub use self::queue::SendQueue;

/// The maximum number of bytes of events that wait for one session, in addition to the kernel's buffers.
pub const SEND_QUEUE_BYTES: usize = 1024 * 1024;

/// Signals are dropped while more bytes than this wait, because they must not take the space that events need.
const SIGNAL_BYTES: usize = SEND_QUEUE_BYTES / 4;

/// Why the queue accepts nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client does not read what is sent.
    Slow,
    /// The connection is broken.
    Gone,
    /// The user was banned from the server.
    Banned,
    /// The login was ended.
    Revoked,
    /// The session should reconnect.
    Again,
    /// The session ends by itself.
    Closing,
}

/// What the queue is built from. The model check has a module with this name too.
mod sync {
    pub(super) use parking_lot::{Mutex, MutexGuard};
    pub(super) use tokio::sync::Notify;
    pub(super) use tokio::time::{sleep_until, timeout};
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
