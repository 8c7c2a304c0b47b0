//! The minimum rate at which a client must accept what is sent to it, for sessions and for HTTP responses.

use std::os::fd::AsFd;
use std::time::Duration;

use socket2::SockRef;
use tokio::time::Instant;

/// How many bytes a socket must accept in each [`WINDOW`] in which something waits for it: 1 kB/s.
pub(crate) const LOWEST_TAKEN: usize = 30_000;

/// How long a socket has to accept [`LOWEST_TAKEN`].
pub(crate) const WINDOW: Duration = Duration::from_secs(30);

/// The maximum number of bytes of a connection's output that the kernel holds before they are sent. Its own limit
/// grows to 4 MiB, and then a slow client would accept nothing for minutes and everything at once.
const UNSENT_BYTES: u32 = 128 * 1024;

/// Sets the kernel's limit to [`UNSENT_BYTES`]. If that fails, a slow client may seem to stall at times.
pub(crate) fn limit_unsent(socket: &impl AsFd) {
    let _ = SockRef::from(socket).set_tcp_notsent_lowat(UNSENT_BYTES);
}

/// How much a socket accepted, and since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    since: Instant,
    taken: usize,
}

impl Window {
    /// Creates a window that begins now.
    #[must_use]
    pub(crate) fn start() -> Self {
        Self { since: Instant::now(), taken: 0 }
    }

    /// Notes that the socket accepted some bytes.
    pub(crate) fn took(&mut self, bytes: usize) {
        self.taken += bytes;
    }

    /// Returns when the window ends.
    #[must_use]
    pub(crate) fn end(&self) -> Instant {
        self.since + WINDOW
    }

    /// Whether the window has ended.
    #[must_use]
    pub(crate) fn is_over(&self) -> bool {
        self.since.elapsed() >= WINDOW
    }

    /// Whether the socket accepted too little in a window that has ended. If the window has ended, starts the next
    /// one.
    pub(crate) fn is_too_slow(&mut self) -> bool {
        self.is_over() && std::mem::replace(self, Self::start()).taken < LOWEST_TAKEN
    }
}
