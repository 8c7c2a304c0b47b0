//! A connection as a stream of text frames in both directions: a WebSocket, or in tests anything that behaves like
//! one.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::Uri;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tokio_util::either::Either;

use crate::cause::Cause;
use crate::endpoint::Endpoint;
use crate::tls;
use crate::watched::{Arrivals, Watched};

/// The maximum size of a frame from a server, in bytes. Pages end at 256 KiB; the largest frames are welcomes with a
/// thousand rooms.
const FRAME_BYTES: usize = 8 * 1024 * 1024;

/// How long connecting may take, including TLS and the handshake.
const CONNECT: Duration = Duration::from_secs(15);

/// How long closing may take.
const CLOSE: Duration = Duration::from_secs(1);

/// Makes connections.
pub trait Connect: Send + 'static {
    /// The type of connection.
    type Link: Link;
    /// Connects.
    fn connect(&mut self) -> impl Future<Output = Result<Self::Link, Cause>> + Send;
}

/// A connection.
pub trait Link: Send {
    /// Sends a text frame.
    fn send(&mut self, text: String) -> impl Future<Output = Result<(), Cause>> + Send;
    /// Returns the next text frame, `None` for a sign of life without one, or why the connection ended. Cancel-safe:
    /// dropping the future loses nothing.
    fn next(&mut self) -> impl Future<Output = Result<Option<String>, Cause>> + Send;
    /// Closes the connection cleanly.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
    /// Returns how many bytes have arrived so far. The bytes of a long frame are signs of life before it is complete.
    fn arrived(&self) -> u64 {
        0
    }
}

/// Connects to a server with a WebSocket.
#[derive(Debug)]
pub struct WebSocket(pub Endpoint);

/// The byte stream below a WebSocket, watched for arriving bytes.
type Stream = Either<Watched<TcpStream>, Box<TlsStream<Watched<TcpStream>>>>;

/// A WebSocket connection.
#[derive(Debug)]
pub struct Socket {
    socket: WebSocketStream<Stream>,
    arrivals: Arrivals,
}

impl Connect for WebSocket {
    type Link = Socket;

    async fn connect(&mut self) -> Result<Socket, Cause> {
        tokio::time::timeout(CONNECT, open(&self.0)).await.unwrap_or(Err(Cause::TimedOut))
    }
}

async fn open(endpoint: &Endpoint) -> Result<Socket, Cause> {
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    let uri: Uri = endpoint.url().parse().map_err(|_| Cause::NoSuchHost)?;
    let host = uri.host().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = uri.port_u16().unwrap_or(if endpoint.is_tls() { 443 } else { 80 });
    let arrivals = Arrivals::default();
    let stream = Watched::new(dial(host, port).await?, arrivals.clone());
    let stream = match endpoint.is_tls() {
        true => Either::Right(Box::new(tls::connect(host, stream).await?)),
        false => Either::Left(stream),
    };
    match client_async_with_config(endpoint.url(), stream, Some(config)).await {
        Ok((socket, _)) => Ok(Socket { socket, arrivals }),
        Err(e) => Err(refused(e, endpoint, &arrivals)),
    }
}

/// Connects to the first of the host's addresses that accepts.
async fn dial(host: &str, port: u16) -> Result<TcpStream, Cause> {
    let addresses = tokio::net::lookup_host((host, port)).await.map_err(|_| Cause::NoSuchHost)?;
    let mut cause = Cause::NoSuchHost;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Without it, every keystroke is only slower.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(e) => cause = Cause::from(e),
        }
    }
    Err(cause)
}

/// Returns why the handshake failed. The first byte that arrived shows whether one end spoke TLS and the other did
/// not.
fn refused(e: tungstenite::Error, endpoint: &Endpoint, arrivals: &Arrivals) -> Cause {
    match Cause::from(e) {
        _ if !endpoint.is_tls() && arrivals.began_as_tls() => Cause::NeedsTls,
        // It broke before any answer. Most TLS servers do that on plain text, but so does a crash.
        cause => cause,
    }
}

impl Link for Socket {
    async fn send(&mut self, text: String) -> Result<(), Cause> {
        Ok(SinkExt::send(&mut self.socket, Message::text(text)).await?)
    }

    async fn next(&mut self) -> Result<Option<String>, Cause> {
        match StreamExt::next(&mut self.socket).await {
            Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
            Some(Ok(Message::Close(frame))) => {
                let why = frame.map(|frame| frame.reason.as_str().to_owned()).filter(|why| !why.is_empty());
                Err(Cause::Said(why.unwrap_or_else(|| "the server closed the connection".to_owned())))
            }
            Some(Ok(_)) => Ok(None),
            Some(Err(e)) => Err(Cause::from(e)),
            None => Err("the connection was closed".into()),
        }
    }

    async fn close(&mut self) {
        // A peer that does not answer in time is left.
        let _ = tokio::time::timeout(CLOSE, SinkExt::close(&mut self.socket)).await;
    }

    fn arrived(&self) -> u64 {
        self.arrivals.bytes()
    }
}
