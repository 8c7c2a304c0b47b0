//! The lowest rate at which a client has to take what is sent to it, the same for a session and for an answer over HTTP.

use std::os::fd::AsFd;
use std::time::Duration;

use socket2::SockRef;
use tokio::time::Instant;

/// Bytes that a socket must take in each [`WINDOW`] in which something waits for it: 1 kB/s.
pub(crate) const LOWEST_TAKEN: usize = 30_000;

/// How long a socket has to take [`LOWEST_TAKEN`].
pub(crate) const WINDOW: Duration = Duration::from_secs(30);

/// Most bytes that the kernel keeps of a connection's output before it was sent. Its own measure grows to 4 MiB, and a
/// slow client would then take nothing for minutes and everything at once.
const UNSENT_BYTES: u32 = 128 * 1024;

/// Lets the kernel keep at most [`UNSENT_BYTES`]. If that cannot be set, a slow client only seems to stop now and
/// then.
pub(crate) fn limit_unsent(socket: &impl AsFd) {
    let _ = SockRef::from(socket).set_tcp_notsent_lowat(UNSENT_BYTES);
}

/// How much a socket took since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    since: Instant,
    taken: usize,
}

impl Window {
    /// One that begins now.
    #[must_use]
    pub(crate) fn start() -> Self {
        Self { since: Instant::now(), taken: 0 }
    }

    /// The socket took so many bytes.
    pub(crate) fn took(&mut self, bytes: usize) {
        self.taken += bytes;
    }

    /// When it ends.
    #[must_use]
    pub(crate) fn end(&self) -> Instant {
        self.since + WINDOW
    }

    /// Whether it has ended.
    #[must_use]
    pub(crate) fn is_over(&self) -> bool {
        self.since.elapsed() >= WINDOW
    }

    /// Whether the socket took too little in a window that has ended. If it has, the next one begins.
    pub(crate) fn is_too_slow(&mut self) -> bool {
        self.is_over() && std::mem::replace(self, Self::start()).taken < LOWEST_TAKEN
    }
}
