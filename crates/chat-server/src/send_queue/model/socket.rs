//! A socket without a network: it accepts as many bytes as it has room for, and its reader makes room.

use std::io::{self, ErrorKind, IoSlice};
use std::sync::Arc;

use bytes::Bytes;

use crate::model::{Condvar, Mutex, Notify};

/// The write half that this model's queue is created from.
pub(super) type WriteHalf = Arc<Wire>;

/// A connection, seen from both ends.
pub(super) struct Wire {
    state: Mutex<State>,
    /// Notified when there is something to read.
    arrived: Condvar,
    /// Notified when a full connection has room again, or is broken.
    room: Notify,
}

struct State {
    /// The maximum number of bytes that wait for the reader.
    capacity: usize,
    /// Everything that was written.
    written: Vec<u8>,
    /// How much of it was read.
    read: usize,
    is_broken: bool,
}

impl State {
    fn room(&self) -> usize {
        self.capacity - (self.written.len() - self.read)
    }
}

impl Wire {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { capacity, written: Vec::new(), read: 0, is_broken: false };
        Self { state: Mutex::new(state), arrived: Condvar::new(), room: Notify::new() }
    }

    /// Reads at most `most` bytes. Waits until there are some.
    pub(super) fn read(&self, most: usize) -> usize {
        let mut state = self.state.lock();
        while state.read == state.written.len() {
            self.arrived.wait(&mut state);
        }
        let was_full = state.room() == 0;
        let bytes = most.min(state.written.len() - state.read);
        state.read += bytes;
        drop(state);
        // Only a full socket becomes writable.
        if was_full {
            self.room.notify_one();
        }
        bytes
    }

    /// Breaks the connection.
    pub(super) fn fail(&self) {
        self.state.lock().is_broken = true;
        self.room.notify_one();
    }

    /// Returns everything that was written.
    pub(super) fn written(&self) -> String {
        String::from_utf8(self.state.lock().written.clone()).unwrap()
    }
}

pub(super) struct Socket(WriteHalf);

impl Socket {
    pub(super) fn new(half: WriteHalf) -> Self {
        Self(half)
    }

    pub(super) fn write(&self, pieces: &[Bytes]) -> io::Result<usize> {
        self.write_slices(&pieces.iter().map(|piece| IoSlice::new(piece)).collect::<Vec<_>>())
    }

    pub(super) fn write_slices(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.0.state.lock();
        if state.is_broken {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let room = state.room();
        if room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let before = state.written.len();
        state.written.extend(slices.iter().flat_map(|slice| slice.iter()).take(room));
        let bytes = state.written.len() - before;
        drop(state);
        self.0.arrived.notify_one();
        Ok(bytes)
    }

    pub(super) async fn writable(&self) -> io::Result<()> {
        loop {
            {
                let state = self.0.state.lock();
                if state.room() > 0 || state.is_broken {
                    return Ok(());
                }
            }
            self.0.room.notified().await;
        }
    }

    pub(super) fn shutdown(&self) {}
}
