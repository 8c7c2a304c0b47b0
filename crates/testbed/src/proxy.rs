//! A TCP proxy that treats connections as networks do. Its conditions can change at any time.

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::chance::Chance;

/// How bytes are split in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Pieces {
    /// As they arrive.
    #[default]
    Whole,
    /// Byte by byte.
    Bytes,
    /// In pieces of up to 64 bytes, at random with this seed.
    Random(u64),
}

/// The conditions in one direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// How much later each piece is passed on.
    pub delay: Duration,
    /// How bytes are split.
    pub pieces: Pieces,
    /// Whether nothing is passed on. The sender notices nothing before its buffers are full.
    pub is_stalled: bool,
    /// The maximum rate, in bytes a second.
    pub rate: Option<u64>,
    /// After how many bytes of each connection it is cut, even in the middle of a frame.
    pub cut_after: Option<u64>,
    /// Whether an end is passed on as if the sender had closed its half.
    pub is_half_closed: bool,
}

/// The conditions of all connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// From the client to the server.
    pub up: Way,
    /// From the server to the client.
    pub down: Way,
    /// Incremented by [`Proxy::cut`] and [`Proxy::reset`]: connections from before end.
    ended: u64,
    with_reset: bool,
}

/// A running proxy. When it is dropped, it ends with all its connections.
pub struct Proxy {
    /// The address for clients.
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy on a free port in front of `server`.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, forecast) = watch::channel(Weather::default());
        let accepting = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let forecast = forecast.clone();
                connections.spawn(async move {
                    if let Ok(server) = TcpStream::connect(server).await {
                        carry(client, server, forecast).await;
                    }
                });
            }
        });
        Self { address, weather, accepting }
    }

    /// Changes the conditions of all connections, including open ones.
    pub fn set(&self, up: Way, down: Way) {
        self.weather.send_modify(|weather| (weather.up, weather.down) = (up, down));
    }

    /// Ends all connections.
    pub fn cut(&self) {
        self.weather.send_modify(|weather| (weather.ended, weather.with_reset) = (weather.ended + 1, false));
    }

    /// Ends all connections with a reset, which loses data in transit.
    pub fn reset(&self) {
        self.weather.send_modify(|weather| (weather.ended, weather.with_reset) = (weather.ended + 1, true));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(client: TcpStream, server: TcpStream, mut forecast: watch::Receiver<Weather>) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let began = forecast.borrow_and_update().ended;
    let sockets = [client.as_fd().try_clone_to_owned(), server.as_fd().try_clone_to_owned()];
    let with_reset = {
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let up = pass(from_client, to_server, forecast.clone(), |weather| weather.up);
        let down = pass(from_server, to_client, forecast.clone(), |weather| weather.down);
        tokio::pin!(up, down);
        let (mut up_done, mut down_done) = (None, None);
        loop {
            tokio::select! {
                halves = &mut up, if up_done.is_none() => up_done = Some(halves),
                halves = &mut down, if down_done.is_none() => down_done = Some(halves),
                changed = forecast.wait_for(|weather| weather.ended != began) => {
                    break changed.is_ok_and(|weather| weather.with_reset);
                }
            }
            let is_cut = |done: &Option<Passed>| done.as_ref().is_some_and(|passed| passed.is_cut);
            if is_cut(&up_done) || is_cut(&down_done) || (up_done.is_some() && down_done.is_some()) {
                return;
            }
        }
    };
    if with_reset {
        // Closing a socket with this setting sends a reset.
        for socket in sockets.into_iter().flatten() {
            let _ = rustix::net::sockopt::set_socket_linger(&socket, Some(Duration::ZERO));
        }
    }
}

/// A direction that has ended, with its halves, which stay open.
struct Passed {
    is_cut: bool,
    _halves: (OwnedReadHalf, OwnedWriteHalf),
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut forecast: watch::Receiver<Weather>,
    way: fn(&Weather) -> Way,
) -> Passed {
    let mut buffer = vec![0; 16 * 1024];
    let (mut passed, mut chance) = (0_u64, None);
    let is_cut = 'all: loop {
        let now = way(&forecast.borrow_and_update());
        if now.is_half_closed {
            let _ = to.shutdown().await;
            break false;
        }
        if now.is_stalled {
            if forecast.changed().await.is_err() {
                break true;
            }
            continue;
        }
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            changed = forecast.changed() => match changed {
                Ok(()) => continue,
                Err(_) => break true,
            },
        };
        let Ok(n @ 1..) = read else {
            let _ = to.shutdown().await;
            break false;
        };
        let mut rest = &buffer[..n];
        while !rest.is_empty() {
            let now = way(&forecast.borrow_and_update());
            if now.is_stalled {
                if forecast.changed().await.is_err() {
                    break 'all true;
                }
                continue;
            }
            let mut size = match now.pieces {
                Pieces::Whole => rest.len(),
                Pieces::Bytes => 1,
                Pieces::Random(seed) => {
                    let chance = chance.get_or_insert_with(|| Chance::new(seed));
                    (chance.below(64) + 1) as usize
                }
            };
            if let Some(rate) = now.rate {
                size = size.min((rate / 20).max(1) as usize);
                tokio::time::sleep(Duration::from_secs_f64(size.min(rest.len()) as f64 / rate as f64)).await;
            }
            if let Some(left) = now.cut_after.map(|limit| limit.saturating_sub(passed)) {
                if left == 0 {
                    break 'all true;
                }
                size = size.min(left as usize);
            }
            if !now.delay.is_zero() {
                tokio::time::sleep(now.delay).await;
            }
            let (piece, more) = rest.split_at(size.min(rest.len()));
            if to.write_all(piece).await.is_err() {
                break 'all false;
            }
            passed += piece.len() as u64;
            rest = more;
        }
    };
    Passed { is_cut, _halves: (from, to) }
}
