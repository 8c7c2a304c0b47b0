//! The server's bounded queue towards one session.
//!
//! While nothing waits, a push goes straight into the socket: no task is woken and nothing is kept.
//! What the socket does not take is kept here, bounded in bytes, for the session's task to write.
//! A session that lets it fill is closed as slow; it resumes and loses nothing. Bytes are whole
//! WebSocket frames, shared by all the queues they go to.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::net::Shutdown;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Most bytes of events that wait for one session, beside what the kernel's buffers hold.
pub const SEND_QUEUE_BYTES: usize = 1024 * 1024;

/// Above this many waiting bytes signals are dropped: they must not fill what events need.
const SIGNAL_BYTES: usize = SEND_QUEUE_BYTES / 4;

/// How long a socket may take nothing while something waits for it.
const STALL: Duration = Duration::from_secs(30);

/// How many waiting pieces one write gathers.
const GATHER: usize = 64;

/// Why nothing more goes out.
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
    /// The session is to be begun anew.
    Again,
    /// The session ends by itself.
    Closing,
}

#[derive(Default)]
struct State {
    /// What the socket did not take yet, in order.
    waiting: VecDeque<Bytes>,
    /// Whether part of the first waiting piece is out, so that the rest of it must follow.
    begun: bool,
    /// What has to wait until the session has caught up, while it has not.
    held: Option<VecDeque<Bytes>>,
    /// The bytes of both.
    bytes: usize,
    /// Since when the socket took nothing; none while nothing waits.
    stalled: Option<Instant>,
    /// How many answers others will give the session's client.
    expected: usize,
    /// Those given, which go out right behind the next events.
    answers: Vec<u8>,
    end: Option<End>,
}

/// See the module's description.
pub struct SendQueue {
    socket: OwnedWriteHalf,
    state: Mutex<State>,
    wake: Notify,
    /// Told when an answer was given.
    answered: Notify,
}

impl SendQueue {
    /// A queue into `socket` that holds events back until [`Self::release`].
    #[must_use]
    pub fn new(socket: OwnedWriteHalf) -> Self {
        let state = State { held: Some(VecDeque::new()), ..State::default() };
        Self { socket, state: Mutex::new(state), wake: Notify::new(), answered: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends events, which are never dropped: where they do not fit, the session ends as slow. The answers that were
    /// given go out with them, right behind.
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
        } else if state.held.is_some() {
            self.push(&mut state, pieces);
            self.write_next(&mut state, answers.into());
        } else {
            self.push(&mut state, &[pieces, &[answers.into()]].concat());
        }
    }

    fn push(&self, state: &mut State, pieces: &[Bytes]) {
        let mut out = 0;
        if state.held.is_none() && state.waiting.is_empty() {
            out = self.try_write(state, pieces);
        }
        for piece in pieces {
            if out >= piece.len() {
                out -= piece.len();
                continue;
            }
            // What is partly out must follow, whatever there is already.
            if out == 0 && state.bytes + piece.len() > SEND_QUEUE_BYTES {
                state.end = Some(End::Slow);
                state.forget_unbegun();
                return self.wake.notify_one();
            }
            state.begun |= out > 0;
            let rest = piece.slice(std::mem::take(&mut out)..);
            state.bytes += rest.len();
            match &mut state.held {
                Some(held) => held.push_back(rest),
                None => state.waiting.push_back(rest),
            }
        }
    }

    /// Sends a signal, or drops it where much waits already.
    pub fn push_signal(&self, frame: &Bytes) {
        let mut state = self.state();
        if state.end.is_none() && state.bytes + frame.len() <= SIGNAL_BYTES {
            self.push(&mut state, std::slice::from_ref(frame));
        }
    }

    /// The session's client will be given one more answer by others, with [`Self::answer`].
    pub fn expect(&self) {
        self.state().expected += 1;
    }

    /// Gives the session's client an answer that was expected. It goes out behind the next events, or with
    /// [`Self::flush_answers`].
    pub fn answer(&self, frame: &[u8]) {
        let mut state = self.state();
        state.expected = state.expected.saturating_sub(1);
        if state.end.is_none() {
            state.answers.extend_from_slice(frame);
        }
        self.answered.notify_one();
    }

    /// Lets answers out that no event went out with.
    pub fn flush_answers(&self) {
        let mut state = self.state();
        if !state.answers.is_empty() && state.end.is_none() {
            let answers = std::mem::take(&mut state.answers);
            self.answered.notify_one();
            self.write_next(&mut state, answers.into());
        }
    }

    /// Waits until at most `most` answers are expected; with 0, until the last one is on its way as well, so that what is
    /// replied next comes behind it. For the session's task alone.
    pub async fn expecting(&self, most: usize) {
        let is_waiting = |state: &State| {
            state.expected > most || (most == 0 && !state.answers.is_empty() && state.end.is_none())
        };
        while is_waiting(&self.state()) {
            // Seldom, so that a session has no room for it.
            Box::pin(self.answered.notified()).await;
        }
    }

    /// Sends what the session itself has to say, past what is held back. Not bounded here: the session
    /// MUST wait with [`Self::drained`] before it takes another command.
    pub fn push_reply(&self, frame: Bytes) {
        let mut state = self.state();
        if state.end.is_none() {
            self.write_next(&mut state, frame);
        }
    }

    /// Sends a frame of the WebSocket protocol itself, past what is held back, or drops it where much
    /// waits already.
    pub fn push_control(&self, frame: Bytes) {
        let mut state = self.state();
        if state.end.is_none() && state.bytes + frame.len() <= SIGNAL_BYTES {
            self.write_next(&mut state, frame);
        }
    }

    /// Takes nothing more: the session's task says goodbye.
    pub fn end(&self, why: End) {
        self.state().end.get_or_insert(why);
        self.wake.notify_one();
    }

    /// The same behind a last frame, which says why.
    pub fn end_after(&self, frame: &Bytes, why: End) {
        let mut state = self.state();
        if state.end.is_none() {
            self.write_next(&mut state, frame.clone());
            state.end.get_or_insert(why);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Closes the sending side, once everything is out.
    pub fn shutdown(&self) {
        // The other end may have closed already.
        let _ = SockRef::from(self.socket.as_ref()).shutdown(Shutdown::Write);
    }

    /// Sends a piece past what is held back.
    fn write_next(&self, state: &mut State, piece: Bytes) {
        let out =
            if state.waiting.is_empty() { self.try_write(state, std::slice::from_ref(&piece)) } else { 0 };
        if out < piece.len() {
            state.begun |= out > 0;
            state.bytes += piece.len() - out;
            state.waiting.push_back(piece.slice(out..));
        }
    }

    /// Tries the socket with pieces that nothing waits before; answers how many bytes are out.
    fn try_write(&self, state: &mut State, pieces: &[Bytes]) -> usize {
        // The system itself is asked: looking up first what tokio knows of a socket costs a tenth of sending to it.
        let socket = SockRef::from(self.socket.as_ref());
        let tried = match pieces {
            [piece] => socket.send(piece).or_else(|e| full(e, || self.socket.try_write(piece))),
            _ => {
                let pieces: Vec<_> = pieces.iter().take(GATHER).map(|piece| IoSlice::new(piece)).collect();
                let again = || self.socket.try_write_vectored(&pieces);
                socket.send_vectored(&pieces).or_else(|e| full(e, again))
            }
        };
        let whole = || pieces.iter().map(Bytes::len).sum::<usize>();
        match tried {
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

    /// The session's task has to write from now on.
    fn stall(&self, state: &mut State) {
        state.stalled = Some(Instant::now());
        self.wake.notify_one();
    }

    /// Holds events back from now on, until [`Self::release`].
    pub fn hold(&self) {
        self.state().held.get_or_insert_default();
    }

    /// Lets out what was held back, and holds nothing back any more.
    pub fn release(&self) {
        let mut state = self.state();
        let Some(mut held) = state.held.take() else { return };
        if held.is_empty() {
            return;
        }
        state.waiting.append(&mut held);
        state.stalled.get_or_insert_with(Instant::now);
        self.flush(&mut state);
        self.wake.notify_one();
    }

    /// Writes what waits, until the socket takes no more.
    fn flush(&self, state: &mut State) {
        while !state.waiting.is_empty() {
            let pieces: Vec<IoSlice<'_>> =
                state.waiting.iter().take(GATHER).map(|b| IoSlice::new(b)).collect();
            match self.socket.try_write_vectored(&pieces) {
                Ok(written) => state.written(written),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    state.end = Some(End::Gone);
                    state.waiting.clear();
                }
            }
        }
        state.stalled = None;
        state.begun = false;
    }

    /// Writes what comes to wait, for as long as it is polled; returns when nothing more can go out.
    /// Dropping it loses nothing.
    pub async fn pump(&self) -> End {
        self.pump_until(|_| false).await.err().unwrap_or(End::Gone)
    }

    /// Writes until at most `bytes` wait.
    ///
    /// # Errors
    /// Where that cannot be.
    pub async fn drained(&self, bytes: usize) -> Result<(), End> {
        self.pump_until(|state| state.stalled.is_none() || state.bytes <= bytes).await
    }

    async fn pump_until(&self, done: impl Fn(&State) -> bool) -> Result<(), End> {
        loop {
            let stalled = {
                let state = self.state();
                match state.end {
                    Some(End::Closing) | None if done(&state) => return Ok(()),
                    Some(end) if end != End::Closing => return Err(end),
                    _ => state.stalled,
                }
            };
            match stalled {
                None => self.wake.notified().await,
                // Seldom, so that a session has no room for it.
                Some(since) => Box::pin(self.write_on(since)).await?,
            }
        }
    }

    /// Writes once the socket takes something, for as long as it may take nothing.
    async fn write_on(&self, since: Instant) -> Result<(), End> {
        tokio::select! {
            writable = self.socket.writable() => {
                let mut state = self.state();
                if writable.is_err() {
                    state.end = Some(End::Gone);
                }
                self.flush(&mut state);
                Ok(())
            }
            () = tokio::time::sleep_until(since + STALL) => Err(End::Slow),
            () = self.wake.notified() => Ok(()),
        }
    }

    /// Takes nothing more, and writes `last` behind what is under way: behind all that waits, or where
    /// the session was too slow for that, behind the piece that is partly out.
    pub async fn finish(&self, last: Bytes, linger: Duration) {
        {
            let mut state = self.state();
            match state.end {
                Some(End::Gone) => return,
                Some(End::Slow) => state.forget_unbegun(),
                Some(End::Banned | End::Revoked | End::Again | End::Closing) | None => state.held = None,
            }
            state.end = Some(End::Closing);
            self.write_next(&mut state, last);
            if state.stalled.is_some() {
                state.stalled = Some(Instant::now());
            }
        }
        // Whoever does not take it in time finds the connection closed.
        let _ = tokio::time::timeout(linger, self.drained(0)).await;
    }
}

/// Lets tokio try what the system refused because the socket is full: only then does it wait for room there.
fn full(e: io::Error, again: impl FnOnce() -> io::Result<usize>) -> io::Result<usize> {
    if e.kind() == ErrorKind::WouldBlock { again() } else { Err(e) }
}

impl State {
    fn written(&mut self, mut written: usize) {
        self.bytes -= written;
        self.stalled = Some(Instant::now());
        while let Some(first) = self.waiting.front_mut() {
            if written < first.len() {
                first.advance(written);
                self.begun |= written > 0;
                return;
            }
            written -= first.len();
            self.waiting.pop_front();
            self.begun = false;
        }
    }

    /// Frees what waits, but for the rest of a piece that is partly out.
    fn forget_unbegun(&mut self) {
        self.held = None;
        self.waiting.truncate(usize::from(self.begun));
        self.bytes = self.waiting.iter().map(Bytes::len).sum();
        if self.waiting.is_empty() {
            self.stalled = None;
        }
    }
}

#[cfg(test)]
mod tests;
