//! The socket that a queue writes to.

use std::io::{self, ErrorKind, IoSlice};
use std::net::Shutdown;

use bytes::Bytes;
use socket2::SockRef;
pub(super) use tokio::net::tcp::OwnedWriteHalf as WriteHalf;

use super::waiting::GATHER;
use crate::lowest_rate;

/// The sending side of a connection.
pub(super) struct Socket(WriteHalf);

impl Socket {
    pub(super) fn new(half: WriteHalf) -> Self {
        lowest_rate::limit_unsent(half.as_ref());
        Self(half)
    }

    /// Writes pieces without waiting. Returns how many bytes were written.
    pub(super) fn write(&self, pieces: &[Bytes]) -> io::Result<usize> {
        // Calls the system directly: tokio's own bookkeeping for a socket costs a tenth of sending to it.
        let socket = SockRef::from(self.0.as_ref());
        match pieces {
            [piece] => socket.send(piece).or_else(|e| full(e, || self.0.try_write(piece))),
            _ => {
                let slices: Vec<_> = pieces.iter().take(GATHER).map(|piece| IoSlice::new(piece)).collect();
                socket.send_vectored(&slices).or_else(|e| full(e, || self.0.try_write_vectored(&slices)))
            }
        }
    }

    /// Writes slices without waiting, unless tokio knows that the socket is full. Returns how many bytes were written.
    pub(super) fn write_slices(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    /// Waits until the socket has room, or is broken.
    pub(super) async fn writable(&self) -> io::Result<()> {
        self.0.writable().await
    }

    /// Closes the sending side.
    pub(super) fn shutdown(&self) {
        // The other end may have closed already.
        let _ = SockRef::from(self.0.as_ref()).shutdown(Shutdown::Write);
    }
}

/// Lets tokio retry a write that the system refused because the socket is full. Only then does tokio wait until the
/// socket has room.
fn full(e: io::Error, again: impl FnOnce() -> io::Result<usize>) -> io::Result<usize> {
    if e.kind() == ErrorKind::WouldBlock { again() } else { Err(e) }
}
