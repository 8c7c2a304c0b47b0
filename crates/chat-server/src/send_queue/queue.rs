//! The queue itself. It uses the socket, lock, wake-ups and timers that the parent module provides, because the model
//! check compiles this file with others.

use std::io::ErrorKind;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::socket::{Socket, WriteHalf};
use super::sync::{Mutex, MutexGuard, Notify, sleep_until, timeout};
use super::waiting::{Kind, Waiting};
use super::{End, SEND_QUEUE_BYTES, SIGNAL_BYTES};

#[derive(Default)]
pub(super) struct State {
    waiting: Waiting,
    /// How many answers the session expects from the writer.
    expected: usize,
    /// Answers that are sent right after the next events.
    answers: Vec<u8>,
    pub(super) end: Option<End>,
}

/// A session's send queue.
pub struct SendQueue {
    socket: Socket,
    state: Mutex<State>,
    wake: Notify,
    /// Notified when an answer was given.
    answered: Notify,
}

impl SendQueue {
    /// Creates a queue into `socket` that holds events back until [`Self::release`].
    #[must_use]
    pub fn new(socket: WriteHalf) -> Self {
        let mut state = State::default();
        state.waiting.hold();
        Self {
            socket: Socket::new(socket),
            state: Mutex::new(state),
            wake: Notify::new(),
            answered: Notify::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Sends events, which are never dropped: if they do not fit, the session ends as slow. Pending answers are sent
    /// right after them.
    pub fn push_events(&self, pieces: &[Bytes]) {
        let mut state = self.state();
        let answers = std::mem::take(&mut state.answers);
        if !answers.is_empty() {
            self.answered.notify_one();
        }
        if state.end.is_some() {
            return;
        }
        if answers.is_empty() {
            self.push(&mut state, pieces);
        } else if state.waiting.is_holding() || !state.waiting.is_empty() {
            self.push(&mut state, pieces);
            self.write_next(&mut state, &answers.into(), Kind::Reply);
        } else {
            self.push(&mut state, &[pieces, &[answers.into()]].concat());
        }
    }

    fn push(&self, state: &mut State, pieces: &[Bytes]) {
        let mut out = 0;
        if !state.waiting.is_holding() && state.waiting.is_empty() {
            out = self.try_write(state, pieces);
        }
        for piece in pieces {
            if out >= piece.len() {
                out -= piece.len();
                continue;
            }
            // The rest of a partly written piece must be sent even if the queue is full.
            if out == 0 && state.waiting.events() + piece.len() > SEND_QUEUE_BYTES {
                return self.end_as_slow(state);
            }
            state.waiting.add_event(piece, std::mem::take(&mut out));
        }
    }

    /// Breaks the connection and frees everything that waits for it, including the rest of a partly written frame.
    /// The client resumes.
    pub fn give_up(&self) {
        let mut state = self.state();
        state.end = Some(End::Gone);
        state.waiting.forget();
        self.wake.notify_one();
    }

    fn end_as_slow(&self, state: &mut State) {
        state.end = Some(End::Slow);
        state.waiting.forget_unbegun();
        self.wake.notify_one();
    }

    /// Returns how many bytes wait for the socket.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.state().waiting.bytes()
    }

    /// Returns when the socket last accepted something that had waited: a sign of life.
    #[must_use]
    pub fn last_taken(&self) -> Option<Instant> {
        self.state().waiting.last_taken()
    }

    /// Sends a signal, or drops it if much is waiting.
    pub fn push_signal(&self, frame: &Bytes) {
        let mut state = self.state();
        if state.end.is_none() && state.waiting.bytes() + frame.len() <= SIGNAL_BYTES {
            self.push(&mut state, std::slice::from_ref(frame));
        }
    }

    /// Expects one more answer, which [`Self::answer`] gives.
    pub fn expect(&self) {
        self.state().expected += 1;
    }

    /// Gives an expected answer. It is sent right after the next events, or by [`Self::flush_answers`].
    pub fn answer(&self, frame: &[u8]) {
        let mut state = self.state();
        state.expected = state.expected.saturating_sub(1);
        if state.end.is_none() {
            state.answers.extend_from_slice(frame);
        }
        self.answered.notify_one();
    }

    /// Sends the answers that no event was sent with.
    pub fn flush_answers(&self) {
        let mut state = self.state();
        if !state.answers.is_empty() && state.end.is_none() {
            let answers = std::mem::take(&mut state.answers);
            self.answered.notify_one();
            self.write_next(&mut state, &answers.into(), Kind::Reply);
        }
    }

    /// Waits until at most `most` answers are expected. With 0, it also waits until the last answer is on its way, so
    /// that the next reply follows it. Only the session's task may call it.
    pub async fn expecting(&self, most: usize) {
        let is_waiting = |state: &State| {
            state.expected > most || (most == 0 && !state.answers.is_empty() && state.end.is_none())
        };
        while is_waiting(&self.state()) {
            // Rarely taken, so it is boxed: it must not enlarge every idle session's task.
            Box::pin(self.answered.notified()).await;
        }
    }

    /// Sends a reply ahead of events that are held back. Replies are not limited here: the session MUST wait with
    /// [`Self::replies_drained`] before it handles another command.
    pub fn push_reply(&self, frame: Bytes) {
        let mut state = self.state();
        if state.end.is_none() {
            self.write_next(&mut state, &frame, Kind::Reply);
        }
    }

    /// Sends a control frame ahead of events that are held back, or drops it if much is waiting.
    pub fn push_control(&self, frame: Bytes) {
        let mut state = self.state();
        if state.end.is_none() && state.waiting.bytes() + frame.len() <= SIGNAL_BYTES {
            self.write_next(&mut state, &frame, Kind::Event);
        }
    }

    /// Accepts nothing more. The session's task says goodbye.
    pub fn end(&self, why: End) {
        self.state().end.get_or_insert(why);
        self.wake.notify_one();
    }

    /// Sends a last frame that gives the reason, and then accepts nothing more.
    pub fn end_after(&self, frame: &Bytes, why: End) {
        let mut state = self.state();
        if state.end.is_none() {
            self.write_next(&mut state, frame, Kind::Event);
            state.end.get_or_insert(why);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Closes the sending side once everything is sent.
    pub fn shutdown(&self) {
        self.socket.shutdown();
    }

    /// Sends a piece ahead of events that are held back.
    fn write_next(&self, state: &mut State, piece: &Bytes, kind: Kind) {
        let pieces = std::slice::from_ref(piece);
        let out = if state.waiting.is_empty() { self.try_write(state, pieces) } else { 0 };
        if out < piece.len() {
            state.waiting.add_next(piece, out, kind);
        }
    }

    /// Writes pieces to the socket if nothing waits before them. Returns how many bytes were written.
    fn try_write(&self, state: &mut State, pieces: &[Bytes]) -> usize {
        let whole = || pieces.iter().map(Bytes::len).sum::<usize>();
        match self.socket.write(pieces) {
            Ok(out) if out == whole() => out,
            Ok(out) => {
                self.stall(state);
                out
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                self.stall(state);
                0
            }
            Err(_) => {
                state.end = Some(End::Gone);
                self.wake.notify_one();
                whole()
            }
        }
    }

    /// Leaves the writing to the session's task from now on.
    fn stall(&self, state: &mut State) {
        state.waiting.stall();
        self.wake.notify_one();
    }

    /// Holds events back from now on, until [`Self::release`].
    pub fn hold(&self) {
        self.state().waiting.hold();
    }

    /// Sends the events that were held back, and holds none back from now on.
    pub fn release(&self) {
        let mut state = self.state();
        if state.waiting.release() {
            self.flush(&mut state);
            self.wake.notify_one();
        }
    }

    /// Writes waiting pieces until the socket accepts no more.
    fn flush(&self, state: &mut State) {
        while !state.waiting.is_empty() {
            match self.socket.write_slices(&state.waiting.next()) {
                Ok(written) => state.waiting.take(written),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    state.end = Some(End::Gone);
                    state.waiting.forget();
                }
            }
        }
    }

    /// Writes waiting pieces while it is polled. Returns when nothing more can be sent. Cancel-safe.
    pub async fn pump(&self) -> End {
        self.pump_until(|_| false).await.err().unwrap_or(End::Gone)
    }

    /// Writes until at most `bytes` wait.
    ///
    /// # Errors
    /// If the session ends.
    pub async fn drained(&self, bytes: usize) -> Result<(), End> {
        self.pump_until(|state| state.waiting.is_empty() || state.waiting.bytes() <= bytes).await
    }

    /// Writes until at most `bytes` of replies wait.
    ///
    /// # Errors
    /// If the session ends.
    pub async fn replies_drained(&self, bytes: usize) -> Result<(), End> {
        self.pump_until(|state| state.waiting.replies() <= bytes).await
    }

    async fn pump_until(&self, done: impl Fn(&State) -> bool) -> Result<(), End> {
        loop {
            let due = {
                let state = self.state();
                match state.end {
                    Some(End::Closing) | None if done(&state) => return Ok(()),
                    Some(end) if end != End::Closing => return Err(end),
                    _ => state.waiting.due(),
                }
            };
            match due {
                None => self.wake.notified().await,
                // Rarely taken, so it is boxed: it must not enlarge every idle session's task.
                Some(due) => Box::pin(self.write_on(due)).await?,
            }
        }
    }

    /// Writes when the socket is ready. A socket that accepted too little by the end of its window ends the session.
    async fn write_on(&self, due: Instant) -> Result<(), End> {
        tokio::select! {
            writable = self.socket.writable() => {
                let mut state = self.state();
                if writable.is_err() {
                    state.end = Some(End::Gone);
                }
                self.flush(&mut state);
            }
            () = sleep_until(due) => {}
            () = self.wake.notified() => {}
        }
        if self.state().waiting.is_too_slow() { Err(End::Slow) } else { Ok(()) }
    }

    /// Accepts nothing more, and writes `last` after everything that waits. If the session was too slow, writes it
    /// right after the partly written piece.
    pub async fn finish(&self, last: Bytes, linger: Duration) {
        {
            let mut state = self.state();
            match state.end {
                Some(End::Gone) => return,
                Some(End::Slow) => state.waiting.forget_unbegun(),
                Some(End::Banned | End::Revoked | End::Again | End::Closing) | None => {
                    state.waiting.forget_held();
                }
            }
            state.end = Some(End::Closing);
            self.write_next(&mut state, &last, Kind::Event);
            state.waiting.restart_window();
        }
        // If the client does not read it in time, it finds the connection closed.
        let _ = timeout(linger, self.drained(0)).await;
    }
}
