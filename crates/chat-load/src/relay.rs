//! `limit`: the minimum cost of passing a message on. A relay on one thread that parses and stores nothing: what a
//! connection sends goes to everyone in its room, including itself. A connection's first two bytes name its room.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::OwnedFd;

/// How much is read at once, in bytes.
const SCRATCH: usize = 256 * 1024;

/// The listener's key among the events.
const LISTENER: u64 = u64::MAX;

/// How data is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum How {
    /// At once, each read on its own.
    Each,
    /// Everything that was read in one turn of the loop together.
    Coalesce,
}

struct Peer {
    stream: TcpStream,
    room: Option<usize>,
    /// Data that the socket has not accepted yet.
    waiting: Vec<u8>,
}

#[derive(Default)]
struct Room {
    members: Vec<usize>,
    /// Data to send in the next turn.
    pending: Vec<u8>,
}

struct Relay {
    epoll: OwnedFd,
    peers: Vec<Option<Peer>>,
    rooms: Vec<Room>,
}

/// Serves for ever.
pub(crate) fn run(how: How) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    rustix::net::listen(&listener, 4096)?;
    writeln!(std::io::stdout(), "relaying on http://{}/", listener.local_addr()?)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
    let mut relay = Relay { epoll, peers: Vec::new(), rooms: Vec::new() };
    let mut scratch = vec![0; SCRATCH];
    let mut events = Vec::with_capacity(1024);
    let mut touched = Vec::new();
    loop {
        events.clear();
        match epoll::wait(&relay.epoll, rustix::buffer::spare_capacity(&mut events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        for event in &events {
            if event.data.u64() == LISTENER {
                relay.accept(&listener)?;
                continue;
            }
            let place = usize::try_from(event.data.u64())?;
            let flags = event.flags;
            if flags.contains(EventFlags::OUT) {
                relay.send(place, &[]);
            }
            if !flags.intersects(EventFlags::IN | EventFlags::HUP) {
                continue;
            }
            let Some((room, length)) = relay.read(place, &mut scratch) else { continue };
            match how {
                How::Each => relay.pass_on(room, &scratch[..length]),
                How::Coalesce => {
                    relay.rooms[room].pending.extend_from_slice(&scratch[..length]);
                    touched.push(room);
                }
            }
        }
        for room in touched.drain(..) {
            let pending = std::mem::take(&mut relay.rooms[room].pending);
            if !pending.is_empty() {
                relay.pass_on(room, &pending);
            }
            relay.rooms[room].pending = pending;
            relay.rooms[room].pending.clear();
        }
    }
}

impl Relay {
    fn accept(&mut self, listener: &TcpListener) -> anyhow::Result<()> {
        while let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            epoll::add(&self.epoll, &stream, EventData::new_u64(self.peers.len() as u64), EventFlags::IN)?;
            self.peers.push(Some(Peer { stream, room: None, waiting: Vec::new() }));
        }
        Ok(())
    }

    /// Reads from a peer. Returns its room, and how many bytes of `scratch` to pass on.
    fn read(&mut self, place: usize, scratch: &mut [u8]) -> Option<(usize, usize)> {
        let peer = self.peers[place].as_mut()?;
        let length = match peer.stream.read(scratch) {
            Ok(0) => {
                self.forget(place);
                return None;
            }
            Ok(length) => length,
            Err(e) if e.kind() == ErrorKind::WouldBlock => return None,
            Err(_) => {
                self.forget(place);
                return None;
            }
        };
        if let Some(room) = peer.room {
            return Some((room, length));
        }
        let room = usize::from(u16::from_be_bytes([scratch[0], scratch[1]]));
        peer.room = Some(room);
        if self.rooms.len() <= room {
            self.rooms.resize_with(room + 1, Room::default);
        }
        self.rooms[room].members.push(place);
        None
    }

    fn forget(&mut self, place: usize) {
        if let Some(room) = self.peers[place].take().and_then(|peer| peer.room) {
            self.rooms[room].members.retain(|member| *member != place);
        }
    }

    fn pass_on(&mut self, room: usize, bytes: &[u8]) {
        let members = std::mem::take(&mut self.rooms[room].members);
        for &place in &members {
            self.send(place, bytes);
        }
        self.rooms[room].members = members;
    }

    /// Sends what waits for a peer, and then `bytes`.
    fn send(&mut self, place: usize, bytes: &[u8]) {
        let Some(peer) = &mut self.peers[place] else { return };
        if peer.waiting.is_empty() {
            match peer.stream.write(bytes) {
                Ok(n) if n == bytes.len() => return,
                Ok(n) => peer.waiting.extend_from_slice(&bytes[n..]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => peer.waiting.extend_from_slice(bytes),
                // The next read notices that it is gone.
                Err(_) => return,
            }
        } else {
            peer.waiting.extend_from_slice(bytes);
            if let Ok(n) = peer.stream.write(&peer.waiting) {
                peer.waiting.drain(..n);
            }
        }
        let mut flags = EventFlags::IN;
        flags.set(EventFlags::OUT, !peer.waiting.is_empty());
        // If it cannot be watched, the next send tries again.
        let _ = epoll::modify(&self.epoll, &peer.stream, EventData::new_u64(place as u64), flags);
    }
}
