//! A connection that has to take what is sent to it: an answer that nobody reads ends it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Bytes that a connection must take in each [`WINDOW`] in which something waits for it: 1 kB/s.
const LOWEST_TAKEN: usize = 30_000;

/// How long a connection has to take [`LOWEST_TAKEN`].
const WINDOW: Duration = Duration::from_secs(30);

/// Most bytes that the kernel keeps of an answer before it was sent. Its own measure grows to 4 MiB, and a slow client
/// would then take nothing for minutes and everything at once.
const UNSENT_BYTES: u32 = 128 * 1024;

/// See the module's description.
pub(super) struct Paced {
    stream: TcpStream,
    /// None until the connection was full for the first time. Boxed, because most never are.
    window: Option<Box<Window>>,
}

struct Window {
    end: Pin<Box<Sleep>>,
    taken: usize,
    /// Whether the connection was full when it was last written to.
    is_full: bool,
}

impl Paced {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Where it cannot be set, a slow client only seems to stop now and then.
        let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES);
        Self { stream, window: None }
    }

    pub(super) fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// Notes what came of a write, and gives up on a connection that took too little in its window.
    fn pace(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match (&written, &mut self.window) {
            (Poll::Ready(Ok(taken)), Some(window)) => {
                window.taken += taken;
                window.is_full = false;
            }
            (Poll::Pending, window) => {
                let window = window.get_or_insert_with(|| Box::new(Window::new()));
                ready!(window.poll_is_over(cx))?;
            }
            _ => {}
        }
        written
    }
}

impl Window {
    fn new() -> Self {
        Self { end: Box::pin(tokio::time::sleep(WINDOW)), taken: 0, is_full: false }
    }

    /// Waits for the end of the window while the connection is full. It is ready only with an error.
    fn poll_is_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What ended while nothing waited says nothing about the connection.
        if !self.is_full && self.end.is_elapsed() {
            self.restart();
        }
        self.is_full = true;
        while self.end.as_mut().poll(cx).is_ready() {
            if self.taken < LOWEST_TAKEN {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.restart();
        }
        Poll::Pending
    }

    fn restart(&mut self) {
        self.taken = 0;
        self.end.as_mut().reset(Instant::now() + WINDOW);
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.pace(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.pace(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(window: &mut Window) -> bool {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        window.poll_is_over(&mut cx).is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_has_to_take_a_lowest_rate_while_something_waits() {
        let mut window = Window::new();
        assert!(!over(&mut window));
        window.taken = LOWEST_TAKEN;
        tokio::time::advance(WINDOW + Duration::from_millis(1)).await;
        assert!(!over(&mut window), "it took enough");
        window.taken = LOWEST_TAKEN - 1;
        tokio::time::advance(WINDOW / 2).await;
        assert!(!over(&mut window), "the window is not over");
        tokio::time::advance(WINDOW).await;
        assert!(over(&mut window));
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nothing_waits_does_not_count() {
        let mut window = Window::new();
        assert!(!over(&mut window));
        window.is_full = false;
        tokio::time::advance(10 * WINDOW).await;
        assert!(!over(&mut window), "a new window begins");
        tokio::time::advance(WINDOW + Duration::from_millis(1)).await;
        assert!(over(&mut window));
    }
}
