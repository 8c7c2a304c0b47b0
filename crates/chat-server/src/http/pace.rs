//! Closes connections that do not read what is sent to them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::lowest_rate::{self, Window};

/// A connection that must accept data at a minimum rate.
pub(super) struct Paced {
    stream: TcpStream,
    /// `None` until the connection was full for the first time. Boxed, because most connections never are.
    watch: Option<Box<Watch>>,
}

struct Watch {
    window: Window,
    end: Pin<Box<Sleep>>,
    /// Whether the connection was full when it was last written to.
    is_full: bool,
}

impl Paced {
    pub(super) fn new(stream: TcpStream) -> Self {
        lowest_rate::limit_unsent(&stream);
        Self { stream, watch: None }
    }

    pub(super) fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// Notes the result of a write, and fails if the connection accepted too little in its window.
    fn pace(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match (&written, &mut self.watch) {
            (Poll::Ready(Ok(taken)), Some(watch)) => {
                watch.window.took(*taken);
                watch.is_full = false;
            }
            (Poll::Pending, watch) => {
                let watch = watch.get_or_insert_with(|| Box::new(Watch::new()));
                ready!(watch.poll_is_over(cx))?;
            }
            _ => {}
        }
        written
    }
}

impl Watch {
    fn new() -> Self {
        let window = Window::start();
        Self { end: Box::pin(tokio::time::sleep_until(window.end())), window, is_full: false }
    }

    /// Waits for the end of the window while the connection is full. Only ready with an error.
    fn poll_is_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A window that ended while nothing was waiting says nothing about the connection.
        if !self.is_full && self.window.is_over() {
            self.window = Window::start();
            self.end.as_mut().reset(self.window.end());
        }
        self.is_full = true;
        while self.end.as_mut().poll(cx).is_ready() {
            if self.window.is_too_slow() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.end.as_mut().reset(self.window.end());
        }
        Poll::Pending
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
    use std::time::Duration;

    use super::*;
    use crate::lowest_rate::{LOWEST_TAKEN, WINDOW};

    fn over(watch: &mut Watch) -> bool {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        watch.poll_is_over(&mut cx).is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_has_to_take_a_lowest_rate_while_something_waits() {
        let mut watch = Watch::new();
        assert!(!over(&mut watch));
        watch.window.took(LOWEST_TAKEN);
        tokio::time::advance(WINDOW + Duration::from_millis(1)).await;
        assert!(!over(&mut watch), "it took enough");
        watch.window.took(LOWEST_TAKEN - 1);
        tokio::time::advance(WINDOW / 2).await;
        assert!(!over(&mut watch), "the window is not over");
        tokio::time::advance(WINDOW).await;
        assert!(over(&mut watch));
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nothing_waits_does_not_count() {
        let mut watch = Watch::new();
        assert!(!over(&mut watch));
        watch.is_full = false;
        tokio::time::advance(10 * WINDOW).await;
        assert!(!over(&mut watch), "a new window begins");
        tokio::time::advance(WINDOW + Duration::from_millis(1)).await;
        assert!(over(&mut watch));
    }
}
