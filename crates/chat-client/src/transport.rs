//! The connection as text frames in and out: a WebSocket, or in tests anything that behaves like one.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::endpoint::Endpoint;

/// Largest frame taken from a server. Pages end at 256 KiB; the largest are welcomes with a thousand rooms.
const FRAME_BYTES: usize = 8 * 1024 * 1024;

/// How long connecting may take, with TLS and the handshake.
const CONNECT: Duration = Duration::from_secs(15);

/// How long a close may take.
const CLOSE: Duration = Duration::from_secs(1);

/// Makes connections.
pub trait Connect: Send + 'static {
    /// What it makes.
    type Link: Link;
    /// Connects, or says in words why not.
    fn connect(&mut self) -> impl Future<Output = Result<Self::Link, String>> + Send;
}

/// A connection.
pub trait Link: Send {
    /// Sends a text frame.
    fn send(&mut self, text: String) -> impl Future<Output = Result<(), String>> + Send;
    /// The next text frame, none for a mere sign of life, or in words why there is no more. Dropping it
    /// before it is ready loses nothing.
    fn next(&mut self) -> impl Future<Output = Result<Option<String>, String>> + Send;
    /// Closes it properly.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}

/// Connects to a server.
#[derive(Debug)]
pub struct WebSocket(pub Endpoint);

impl Connect for WebSocket {
    type Link = WebSocketStream<MaybeTlsStream<TcpStream>>;

    async fn connect(&mut self) -> Result<Self::Link, String> {
        // Whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .max_message_size(Some(FRAME_BYTES))
            .max_frame_size(Some(FRAME_BYTES));
        let connecting = tokio_tungstenite::connect_async_with_config(self.0.url(), Some(config), true);
        match tokio::time::timeout(CONNECT, connecting).await {
            Ok(Ok((link, _))) => Ok(link),
            Ok(Err(e)) => Err(in_words(&e)),
            Err(_) => Err("no answer".to_owned()),
        }
    }
}

fn in_words(e: &tokio_tungstenite::tungstenite::Error) -> String {
    use std::io::ErrorKind;
    use tokio_tungstenite::tungstenite::Error;
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match e {
        Error::ConnectionClosed | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            "the connection broke".to_owned()
        }
        Error::Io(e) if e.kind() == ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        Error::Io(e) if e.kind() == ErrorKind::ConnectionReset => "connection reset".to_owned(),
        Error::Http(response) => format!("the server answered {}", response.status()),
        other => other.to_string(),
    }
}

impl Link for WebSocketStream<MaybeTlsStream<TcpStream>> {
    async fn send(&mut self, text: String) -> Result<(), String> {
        SinkExt::send(self, Message::text(text)).await.map_err(|e| in_words(&e))
    }

    async fn next(&mut self) -> Result<Option<String>, String> {
        match StreamExt::next(self).await {
            Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
            Some(Ok(Message::Close(frame))) => {
                let why = frame.map(|frame| frame.reason.as_str().to_owned()).filter(|why| !why.is_empty());
                Err(why.unwrap_or_else(|| "the server closed the connection".to_owned()))
            }
            Some(Ok(_)) => Ok(None),
            Some(Err(e)) => Err(in_words(&e)),
            None => Err("the connection was closed".to_owned()),
        }
    }

    async fn close(&mut self) {
        // Whoever does not answer in time is left.
        let _ = tokio::time::timeout(CLOSE, SinkExt::close(self)).await;
    }
}
