//! The frames that wait for a socket, in order, with their sizes by kind and the rate at which they are sent.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};
use tokio::time::Instant;

use crate::lowest_rate::Window;

/// The maximum number of waiting pieces in one write.
pub(super) const GATHER: usize = 64;

/// The kind of a piece. Each kind has its own limit, so that a long reply takes no space from events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Events and signals, which other users cause.
    Event,
    /// Replies to the session's commands.
    Reply,
}

#[derive(Clone)]
struct Piece {
    bytes: Bytes,
    kind: Kind,
}

/// The frames that wait for a socket.
#[derive(Default)]
pub(super) struct Waiting {
    /// Pieces that the socket has not accepted yet, in order.
    pieces: VecDeque<Piece>,
    /// Whether part of the first piece was written, so that its rest must follow.
    is_begun: bool,
    /// Events that wait until the session has caught up. `None` once it has.
    held: Option<VecDeque<Piece>>,
    /// The number of bytes of events in both lists.
    events: usize,
    /// The number of bytes of replies.
    replies: usize,
    /// The socket's current window. `None` while nothing waits for it.
    progress: Option<Window>,
    /// When the socket last accepted something that had waited.
    last_taken: Option<Instant>,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns the number of bytes of events and signals.
    pub(super) fn events(&self) -> usize {
        self.events
    }

    /// Returns the number of bytes of replies.
    pub(super) fn replies(&self) -> usize {
        self.replies
    }

    /// Returns the number of all bytes.
    pub(super) fn bytes(&self) -> usize {
        self.events + self.replies
    }

    pub(super) fn last_taken(&self) -> Option<Instant> {
        self.last_taken
    }

    pub(super) fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// Holds events back from now on.
    pub(super) fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Releases the events that were held back. Returns whether there were any.
    pub(super) fn release(&mut self) -> bool {
        let Some(mut held) = self.held.take() else { return false };
        let any = !held.is_empty();
        self.pieces.append(&mut held);
        if any {
            self.stall();
        }
        any
    }

    /// Adds the rest of an event of which `out` bytes were written.
    pub(super) fn add_event(&mut self, event: &Bytes, out: usize) {
        let bytes = event.slice(out..);
        self.events += bytes.len();
        let piece = Piece { bytes, kind: Kind::Event };
        match &mut self.held {
            Some(held) => held.push_back(piece),
            None => {
                self.is_begun |= out > 0;
                self.pieces.push_back(piece);
            }
        }
    }

    /// Adds the rest of a piece of which `out` bytes were written, ahead of events that are held back.
    pub(super) fn add_next(&mut self, piece: &Bytes, out: usize, kind: Kind) {
        let bytes = piece.slice(out..);
        self.is_begun |= out > 0;
        *self.count(kind) += bytes.len();
        self.pieces.push_back(Piece { bytes, kind });
    }

    fn count(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Event => &mut self.events,
            Kind::Reply => &mut self.replies,
        }
    }

    /// Returns the next pieces for one write.
    pub(super) fn next(&self) -> Vec<IoSlice<'_>> {
        self.pieces.iter().take(GATHER).map(|piece| IoSlice::new(&piece.bytes)).collect()
    }

    /// Removes `taken` bytes that the socket accepted.
    pub(super) fn take(&mut self, mut taken: usize) {
        self.last_taken = Some(Instant::now());
        self.progress.get_or_insert_with(Window::start).took(taken);
        while let Some(first) = self.pieces.front_mut() {
            let (kind, gone) = (first.kind, taken.min(first.bytes.len()));
            first.bytes.advance(gone);
            taken -= gone;
            let is_whole = first.bytes.is_empty();
            *self.count(kind) -= gone;
            if !is_whole {
                self.is_begun |= gone > 0;
                return;
            }
            self.pieces.pop_front();
            self.is_begun = false;
        }
        self.progress = None;
    }

    /// Notes that the socket is full, so that the session's task writes from now on.
    pub(super) fn stall(&mut self) {
        self.progress.get_or_insert_with(Window::start);
    }

    /// Gives the socket a whole new window.
    pub(super) fn restart_window(&mut self) {
        if let Some(window) = &mut self.progress {
            *window = Window::start();
        }
    }

    /// Returns when the socket's window ends, or `None` while nothing waits for it.
    pub(super) fn due(&self) -> Option<Instant> {
        self.progress.as_ref().map(Window::end)
    }

    /// Whether the socket accepted too little in a window that has ended.
    pub(super) fn is_too_slow(&mut self) -> bool {
        self.progress.as_mut().is_some_and(Window::is_too_slow)
    }

    /// Frees everything that waits, except the rest of a partly written piece.
    pub(super) fn forget_unbegun(&mut self) {
        self.held = None;
        self.pieces.truncate(usize::from(self.is_begun));
        self.pieces.shrink_to_fit();
        (self.events, self.replies) = (0, 0);
        match self.pieces.front().map(|piece| (piece.kind, piece.bytes.len())) {
            Some((kind, left)) => *self.count(kind) = left,
            None => self.progress = None,
        }
    }

    /// Frees the events that are held back.
    pub(super) fn forget_held(&mut self) {
        let held = self.held.take().unwrap_or_default();
        self.events -= held.iter().map(|piece| piece.bytes.len()).sum::<usize>();
    }

    /// Frees everything.
    pub(super) fn forget(&mut self) {
        self.is_begun = false;
        self.forget_unbegun();
    }
}
