//! Watches a stream: how many bytes arrived, and what the first one was.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Stands for no byte.
const NONE: u16 = u16::MAX;

/// The types of the two TLS records with which a TLS server answers plain text: an alert or a handshake.
const TLS_RECORDS: [u16; 2] = [0x15, 0x16];

/// What is known about the bytes that arrived. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals(Arc<Noted>);

#[derive(Debug)]
struct Noted {
    first: AtomicU16,
    bytes: AtomicU64,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self(Arc::new(Noted { first: AtomicU16::new(NONE), bytes: AtomicU64::new(0) }))
    }
}

impl Arrivals {
    /// Returns how many bytes have arrived so far.
    #[must_use]
    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Whether the first byte to arrive was that of a TLS record.
    #[must_use]
    pub(crate) fn began_as_tls(&self) -> bool {
        TLS_RECORDS.contains(&self.0.first.load(Ordering::Relaxed))
    }

    fn note(&self, bytes: &[u8]) {
        if let Some(first) = bytes.first() {
            // Only the first byte is stored, so a failed exchange is fine.
            let _ =
                self.0.first.compare_exchange(NONE, u16::from(*first), Ordering::Relaxed, Ordering::Relaxed);
            self.0.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
    }
}

/// A watched stream.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    stream: S,
    arrivals: Arrivals,
}

impl<S> Watched<S> {
    /// Watches a stream.
    pub(crate) fn new(stream: S, arrivals: Arrivals) -> Self {
        Self { stream, arrivals }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() {
            self.arrivals.note(buf.filled().get(before..).unwrap_or_default());
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
