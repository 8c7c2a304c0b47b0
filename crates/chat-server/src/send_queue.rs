//! The server's bounded queue towards one session.
//!
//! While nothing waits, a push goes straight into the socket: no task is woken and nothing is kept.
//! What the socket does not take is kept here, bounded in bytes, for the session's task to write.
//! A session that lets it fill is closed as slow; it resumes and loses nothing. Bytes are whole
//! WebSocket frames, shared by all the queues they go to.

use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
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
    end: Option<End>,
}

/// See the module's description.
pub struct SendQueue {
    socket: OwnedWriteHalf,
    state: Mutex<State>,
    wake: Notify,
}

impl SendQueue {
    /// A queue into `socket` that holds events back until [`Self::release`].
    #[must_use]
    pub fn new(socket: OwnedWriteHalf) -> Self {
        let state = State { held: Some(VecDeque::new()), ..State::default() };
        Self { socket, state: Mutex::new(state), wake: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends events, which are never dropped: where they do not fit, the session ends as slow.
    pub fn push_event(&self, frames: &Bytes) {
        self.push(frames, SEND_QUEUE_BYTES, true);
    }

    /// Sends a signal, or drops it where much waits already.
    pub fn push_signal(&self, frame: &Bytes) {
        self.push(frame, SIGNAL_BYTES, false);
    }

    fn push(&self, frames: &Bytes, limit: usize, must_arrive: bool) {
        let mut state = self.state();
        if state.end.is_some() {
            return;
        }
        if state.held.is_none() && state.waiting.is_empty() {
            self.write_first(&mut state, frames.clone());
        } else if state.bytes + frames.len() <= limit {
            state.bytes += frames.len();
            match &mut state.held {
                Some(held) => held.push_back(frames.clone()),
                None => state.waiting.push_back(frames.clone()),
            }
        } else if must_arrive {
            state.end = Some(End::Slow);
            state.forget_unbegun();
            self.wake.notify_one();
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

    /// Closes the sending side, once everything is out.
    pub fn shutdown(&self) {
        // The other end may have closed already.
        let _ = SockRef::from(self.socket.as_ref()).shutdown(Shutdown::Write);
    }

    fn write_next(&self, state: &mut State, frame: Bytes) {
        if state.waiting.is_empty() {
            self.write_first(state, frame);
        } else {
            state.bytes += frame.len();
            state.waiting.push_back(frame);
        }
    }

    /// Tries the socket with a piece that nothing waits before.
    fn write_first(&self, state: &mut State, mut piece: Bytes) {
        match self.socket.try_write(&piece) {
            Ok(n) if n == piece.len() => return,
            Ok(n) => {
                piece.advance(n);
                state.begun = true;
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            Err(_) => {
                state.end = Some(End::Gone);
                self.wake.notify_one();
                return;
            }
        }
        state.bytes += piece.len();
        state.waiting.push_back(piece);
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
            let Some(since) = stalled else {
                self.wake.notified().await;
                continue;
            };
            tokio::select! {
                writable = self.socket.writable() => {
                    let mut state = self.state();
                    if writable.is_err() {
                        state.end = Some(End::Gone);
                    }
                    self.flush(&mut state);
                }
                () = tokio::time::sleep_until(since + STALL) => return Err(End::Slow),
                () = self.wake.notified() => {}
            }
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
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    async fn pair() -> (SendQueue, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (here, _) = listener.accept().await.unwrap();
        here.writable().await.unwrap();
        let (read, write) = here.into_split();
        // The queue's half keeps the connection open.
        std::mem::forget(read);
        (SendQueue::new(write), there)
    }

    async fn all(mut there: TcpStream) -> Vec<u8> {
        let mut received = Vec::new();
        there.read_to_end(&mut received).await.unwrap();
        received
    }

    #[tokio::test]
    async fn what_is_held_back_follows_what_the_session_says() {
        let (queue, there) = pair().await;
        queue.push_event(&Bytes::from_static(b"event "));
        queue.push_reply(Bytes::from_static(b"reply "));
        queue.release();
        queue.push_event(&Bytes::from_static(b"live "));
        queue.finish(Bytes::from_static(b"last"), STALL).await;
        queue.push_event(&Bytes::from_static(b"late"));
        drop(queue);
        assert_eq!(all(there).await, b"reply event live last");
    }

    #[tokio::test]
    async fn a_reader_that_stops_is_ended_and_told_after_a_whole_piece() {
        let (queue, there) = pair().await;
        queue.release();
        let piece = Bytes::from(vec![b'x'; 100_000]);
        let mut pushed = 0;
        while queue.state().end.is_none() {
            queue.push_event(&piece);
            assert!(queue.state().bytes <= SEND_QUEUE_BYTES);
            pushed += 1;
            assert!(pushed < 1000, "the kernel's buffers are finite");
        }
        assert_eq!(queue.pump().await, End::Slow);
        assert!(queue.state().bytes < piece.len());
        let reader = tokio::spawn(all(there));
        queue.finish(Bytes::from_static(b"bye"), STALL).await;
        drop(queue);
        let received = reader.await.unwrap();
        assert!(received.ends_with(b"xbye"));
        assert_eq!((received.len() - 3) % piece.len(), 0, "no piece is cut");
    }

    #[tokio::test]
    async fn nothing_is_lost_or_reordered_while_the_reader_keeps_up() {
        let (queue, there) = pair().await;
        queue.release();
        let queue = std::sync::Arc::new(queue);
        let reader = tokio::spawn(all(there));
        let mut sent = Vec::new();
        for n in 0..2000_u32 {
            let piece = Bytes::from(n.to_be_bytes().repeat(250));
            sent.extend_from_slice(&piece);
            queue.push_event(&piece);
            queue.drained(SEND_QUEUE_BYTES / 2).await.unwrap();
        }
        queue.finish(Bytes::new(), STALL).await;
        drop(queue);
        assert!(reader.await.unwrap() == sent);
    }

    #[tokio::test]
    async fn signals_are_dropped_before_events_are_in_danger() {
        let (queue, _there) = pair().await;
        let signal = Bytes::from(vec![b's'; 1000]);
        for _ in 0..10_000 {
            queue.push_signal(&signal);
        }
        assert!(queue.state().bytes <= SIGNAL_BYTES);
        assert_eq!(queue.state().end, None);
    }
}
