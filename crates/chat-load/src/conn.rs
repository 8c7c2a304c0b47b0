//! A connection: a non-blocking socket, the missing rest of its last frame, and data that it could not send yet.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It requested the upgrade.
    Upgrading,
    /// It said hello.
    Greeting,
    /// It is joining its room.
    Joining,
    /// It is subscribed to its room.
    Live,
    /// It was closed.
    Closed,
}

/// A message that is not acknowledged yet.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    /// The message's number in this run, from which its key is made.
    pub(crate) number: u64,
    /// When it should have been sent.
    pub(crate) at: u64,
}

pub(crate) struct Conn {
    stream: TcpStream,
    pub(crate) phase: Phase,
    /// The index of its room in the load's list.
    pub(crate) room: usize,
    pub(crate) name: String,
    /// The token to reconnect with.
    pub(crate) token: Option<String>,
    /// The newest seq that it has.
    pub(crate) last: u64,
    /// The seq up to which it must catch up.
    pub(crate) head: u64,
    /// Messages that are not acknowledged, in the order in which they were sent.
    pub(crate) unanswered: VecDeque<Sent>,
    /// How many of its messages are not done.
    pub(crate) in_flight: u32,
    /// Whether it reads nothing for now.
    pub(crate) is_paused: bool,
    /// The beginning of a frame whose end has not arrived yet.
    rest: Vec<u8>,
    pub(crate) out: Vec<u8>,
    /// Whether the socket is being watched until it can be written to.
    pub(crate) is_full: bool,
}

impl Conn {
    /// Starts to connect.
    pub(crate) fn new(address: SocketAddr, name: String, room: usize) -> io::Result<Self> {
        Ok(Self {
            stream: connect(address)?,
            phase: Phase::Upgrading,
            room,
            name,
            token: None,
            last: 0,
            head: 0,
            unanswered: VecDeque::new(),
            in_flight: 0,
            is_paused: false,
            rest: Vec::new(),
            out: Vec::new(),
            is_full: false,
        })
    }

    /// Starts to reconnect as the same user. Unacknowledged messages are not sent again.
    pub(crate) fn renew(&mut self, address: SocketAddr) -> io::Result<()> {
        self.stream = connect(address)?;
        self.phase = Phase::Upgrading;
        self.unanswered.clear();
        (self.in_flight, self.is_paused, self.is_full) = (0, false, false);
        self.rest.clear();
        self.out.clear();
        Ok(())
    }

    /// Cuts the connection abruptly, as a network failure does.
    pub(crate) fn cut(&mut self) {
        // Whatever is wrong with it, the connection is gone after this.
        let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
        self.phase = Phase::Closed;
    }

    /// Requests the upgrade.
    pub(crate) fn ask_upgrade(&mut self, address: SocketAddr) {
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        self.out.extend(request.as_bytes());
    }

    /// Reads once, after the rest of the last read. Returns how many bytes of `scratch` are valid and whether there
    /// may be more, or `None` if the connection is closed.
    pub(crate) fn read(&mut self, scratch: &mut [u8]) -> Option<(usize, bool)> {
        let before = self.rest.len();
        scratch[..before].copy_from_slice(&self.rest);
        self.rest.clear();
        match (&self.stream).read(&mut scratch[before..]) {
            Ok(0) => None,
            Ok(n) => Some((before + n, before + n == scratch.len())),
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::NotConnected
                ) =>
            {
                self.rest.extend_from_slice(&scratch[..before]);
                Some((0, false))
            }
            Err(_) => None,
        }
    }

    /// Stores the beginning of a frame.
    pub(crate) fn keep(&mut self, rest: &[u8]) {
        self.rest.extend_from_slice(rest);
    }

    /// Sends as much as the socket accepts.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut sent = 0;
        while sent < self.out.len() {
            match (&self.stream).write(&self.out[sent..]) {
                Ok(n) => sent += n,
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => break,
                Err(e) => return Err(e),
            }
        }
        self.out.drain(..sent);
        Ok(())
    }
}

impl AsFd for Conn {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => {}
        Err(e) if e.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
        Err(e) => return Err(e),
    }
    Ok(socket.into())
}
