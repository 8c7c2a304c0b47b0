//! The two ends of a socket. tungstenite reads, and everything that it has to write (a pong, the answer to a close)
//! goes through the session's queue like everything else, so that no frame interrupts another.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use chat_proto::limits::FRAME_BYTES;
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as WsError};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::farewell::Farewell;
use crate::send_queue::SendQueue;

/// How much is read at once, in bytes. tungstenite allocates this for every connection, so it is small.
const READ_BUFFER: usize = 512;

/// How many bytes may arrive between two messages or two of our pings, whichever is first: enough for the largest
/// message and very many pings, but not for endless fragments.
const BYTES_BETWEEN: usize = 4 * FRAME_BYTES;

/// What arrives from the client.
pub(super) enum Incoming {
    /// A text frame.
    Text(Utf8Bytes),
    /// A sign of life without content.
    Control,
    /// The end of the connection.
    End(Farewell),
}

/// The reading end.
pub(crate) struct Reader(Box<WebSocketStream<Wire>>);

/// Creates the queue and the reader of an upgraded connection. `early` are the bytes that arrived with the handshake.
pub(crate) async fn open(stream: TcpStream, early: Bytes) -> (Reader, Arc<SendQueue>) {
    let (read, write) = stream.into_split();
    let queue = Arc::new(SendQueue::new(write));
    let wire = Wire { read, early, queue: queue.clone(), allowance: BYTES_BETWEEN };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(READ_BUFFER)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    (Reader(Box::new(WebSocketStream::from_raw_socket(wire, Role::Server, Some(config)).await)), queue)
}

impl Reader {
    /// Returns the next frame. Cancel-safe.
    pub(super) async fn next(&mut self) -> Incoming {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => {
                self.refill();
                Incoming::Text(text)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Incoming::Control,
            Some(Ok(Message::Binary(_))) => Incoming::End(Farewell::Binary),
            Some(Ok(Message::Close(_))) | None => Incoming::End(Farewell::Left),
            Some(Err(e)) => Incoming::End(match e {
                WsError::Capacity(CapacityError::MessageTooLong { .. }) => Farewell::TooBig,
                WsError::Io(e) if e.kind() == io::ErrorKind::QuotaExceeded => Farewell::TooBig,
                WsError::Utf8(_) => Farewell::NotUtf8,
                WsError::Protocol(
                    tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                ) => Farewell::Left,
                WsError::Protocol(_) | WsError::Capacity(_) => Farewell::Malformed,
                _ => Farewell::Left,
            }),
        }
    }

    /// Grants the bytes that may arrive until the next message.
    pub(super) fn refill(&mut self) {
        self.0.get_mut().allowance = BYTES_BETWEEN;
    }

    /// Lets tungstenite answer a close. Then reads and discards, until the client closes or for at most `wait`. The
    /// writing end MUST have sent its last frame before.
    pub(super) async fn drain(&mut self, wait: Duration) {
        let read = async {
            while let Some(Ok(_)) = self.0.next().await {}
            let wire = self.0.get_mut();
            // If nothing more can be sent, there is nothing to wait for.
            let _ = wire.queue.drained(0).await;
            wire.queue.shutdown();
            let mut scrap = [0; 1024];
            while wire.read.read(&mut scrap).await.is_ok_and(|n| n > 0) {}
        };
        let _ = tokio::time::timeout(wait, read).await;
    }
}

/// The stream that tungstenite uses instead of the socket.
pub(super) struct Wire {
    read: OwnedReadHalf,
    early: Bytes,
    queue: Arc<SendQueue>,
    allowance: usize,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.allowance == 0 {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        let before = buf.filled().len();
        if self.early.has_remaining() {
            let n = buf.remaining().min(self.early.len());
            buf.put_slice(&self.early.split_to(n));
        } else {
            std::task::ready!(Pin::new(&mut self.read).poll_read(cx, buf))?;
        }
        self.allowance = self.allowance.saturating_sub(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    /// tungstenite passes whole frames here. A pong may be dropped if too much is waiting.
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, frame: &[u8]) -> Poll<io::Result<usize>> {
        self.queue.push_control(Bytes::copy_from_slice(frame));
        Poll::Ready(Ok(frame.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
