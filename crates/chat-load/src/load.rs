//! Many connections on one thread. What arrives is counted, timed and checked as it is read: every connection must
//! get its room's events without gaps or repeats.

mod incoming;
mod work;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use hdrhistogram::Histogram;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::OwnedFd;

pub(crate) use self::work::{Work, nonce};
use crate::conn::{Conn, Phase};
use crate::flights::Flights;
use crate::progress::Progress;

/// How many connections say hello at the same time during setup. More would only wait.
const AT_ONCE: usize = 100;

/// How many sockets are handled before work that is due: few, so that it is not late when thousands of sockets are
/// ready.
const EVENTS: usize = 64;

/// How much is read at once, in bytes.
const SCRATCH: usize = 256 * 1024;

/// How long something that is expected to happen may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Chat,
    /// A relay without a protocol: the sender itself writes what the others receive.
    Relay,
}

pub(crate) struct Room {
    pub(crate) name: String,
    /// How many connections are subscribed to it.
    pub(crate) members: u32,
    pub(crate) flights: Flights,
    /// The acknowledged messages: the seq and the message's number.
    pub(crate) acknowledged: Vec<(u64, u64)>,
    /// The next seq, if this end assigns them.
    next: u64,
}

/// The counters since they were last taken.
pub(crate) struct Counts {
    pub(crate) deliveries: u64,
    pub(crate) acknowledged: u64,
    /// Nanoseconds from when a message should have been sent to each of its deliveries.
    pub(crate) to_deliver: Histogram<u64>,
    /// Nanoseconds from when a message should have been sent to its acknowledgement.
    pub(crate) to_ack: Histogram<u64>,
    /// Sessions that got a reset, because they missed too much.
    pub(crate) resets: u64,
    /// Sessions that were closed as slow.
    pub(crate) slow: u64,
}

/// Creates a histogram of nanoseconds up to a minute, with three digits.
pub(crate) fn histogram() -> anyhow::Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).context("a histogram")
}

impl Counts {
    fn new() -> anyhow::Result<Self> {
        let (to_deliver, to_ack) = (histogram()?, histogram()?);
        Ok(Self { deliveries: 0, acknowledged: 0, to_deliver, to_ack, resets: 0, slow: 0 })
    }
}

pub(crate) struct Load {
    kind: Kind,
    address: SocketAddr,
    epoll: OwnedFd,
    pub(crate) conns: Vec<Conn>,
    pub(crate) rooms: Vec<Room>,
    pub(crate) counts: Counts,
    work: Work,
    /// Whether a message is done only when everyone has it. Otherwise it is done when it is acknowledged.
    pub(crate) until_everyone: bool,
    /// How many messages are not done.
    outstanding: u64,
    /// Connections that may send again.
    ready: Vec<usize>,
    /// The number of the last message.
    number: u64,
    /// The connection that waits for a reply of its own, and the reply.
    asking: Option<usize>,
    answer: Option<Vec<u8>>,
    scratch: Vec<u8>,
    began: Instant,
    /// Whether the other end may close connections. They then reconnect.
    pub(crate) reconnects: bool,
    pub(crate) progress: Progress,
}

impl Load {
    pub(crate) fn new(kind: Kind, address: SocketAddr, rooms: &[String], what: &str) -> anyhow::Result<Self> {
        let room = |name: &String| Room {
            name: name.clone(),
            members: 0,
            flights: Flights::default(),
            acknowledged: Vec::new(),
            next: 1,
        };
        Ok(Self {
            kind,
            address,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            conns: Vec::new(),
            rooms: rooms.iter().map(room).collect(),
            counts: Counts::new()?,
            work: Work::None,
            until_everyone: true,
            outstanding: 0,
            ready: Vec::new(),
            number: 0,
            asking: None,
            answer: None,
            scratch: vec![0; SCRATCH],
            began: Instant::now(),
            reconnects: false,
            progress: Progress::new(what),
        })
    }

    /// Returns the time on the load's clock, in nanoseconds.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Connects `count` more connections, to each of `rooms` in turn, and waits until they are live.
    pub(crate) fn connect(
        &mut self,
        prefix: &str,
        count: usize,
        rooms: std::ops::Range<usize>,
    ) -> anyhow::Result<()> {
        let first = self.conns.len();
        for n in 0..count {
            let room = rooms.start + n % rooms.len();
            self.add(format!("{prefix}{n}"), room)?;
            let has_turn = |load: &Self| {
                let newest = load.conns[first..].iter().rev().take(2 * AT_ONCE);
                newest.filter(|conn| conn.phase != Phase::Live).count() < AT_ONCE
            };
            self.step_until(has_turn)?;
        }
        self.step_until(|load| load.all_live())
    }

    fn add(&mut self, name: String, room: usize) -> anyhow::Result<()> {
        let mut conn = Conn::new(self.address, name, room).context("connecting")?;
        self.rooms[room].members += 1;
        self.open(&mut conn, self.conns.len())?;
        self.conns.push(conn);
        Ok(())
    }

    /// Watches a new socket and sends the first bytes on it.
    fn open(&self, conn: &mut Conn, place: usize) -> anyhow::Result<()> {
        conn.is_full = true;
        epoll::add(&self.epoll, &*conn, EventData::new_u64(place as u64), EventFlags::IN | EventFlags::OUT)?;
        match self.kind {
            Kind::Chat => conn.ask_upgrade(self.address),
            Kind::Relay => {
                conn.out.extend(u16::try_from(conn.room).unwrap_or(u16::MAX).to_be_bytes());
                conn.phase = Phase::Live;
            }
        }
        Ok(())
    }

    /// Cuts connections abruptly.
    pub(crate) fn cut(&mut self, places: impl Iterator<Item = usize>) {
        for place in places {
            self.outstanding -= u64::from(self.conns[place].in_flight);
            // A socket that is gone is not watched any more.
            let _ = epoll::delete(&self.epoll, &self.conns[place]);
            self.conns[place].cut();
        }
    }

    /// Reconnects a closed connection, from its cursor on.
    pub(crate) fn renew(&mut self, place: usize) -> anyhow::Result<()> {
        let mut conn = self.conns.swap_remove(place);
        let done =
            conn.renew(self.address).context("connecting again").and_then(|()| self.open(&mut conn, place));
        self.conns.push(conn);
        let last = self.conns.len() - 1;
        self.conns.swap(place, last);
        done
    }

    /// Stops or resumes reading on this connection.
    pub(crate) fn pause(&mut self, place: usize, is_paused: bool) -> anyhow::Result<()> {
        self.conns[place].is_paused = is_paused;
        self.watch(place)
    }

    fn watch(&self, place: usize) -> anyhow::Result<()> {
        let conn = &self.conns[place];
        let mut flags = EventFlags::empty();
        flags.set(EventFlags::IN, !conn.is_paused);
        flags.set(EventFlags::OUT, conn.is_full);
        Ok(epoll::modify(&self.epoll, conn, EventData::new_u64(place as u64), flags)?)
    }

    pub(crate) fn all_live(&self) -> bool {
        self.conns.iter().all(|conn| conn.phase == Phase::Live)
    }

    /// Waits for something to happen, at most for `most`, and does what is due.
    pub(crate) fn step(&mut self, most: Duration) -> anyhow::Result<()> {
        let wait = most.min(self.until_due());
        let wait = Timespec { tv_sec: wait.as_secs().cast_signed(), tv_nsec: i64::from(wait.subsec_nanos()) };
        let mut events = Vec::with_capacity(EVENTS);
        match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), Some(&wait)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        for event in events {
            let place = usize::try_from(event.data.u64())?;
            let flags = event.flags;
            if flags.intersects(EventFlags::HUP | EventFlags::ERR) && self.conns[place].is_paused {
                self.pause(place, false)?;
            }
            if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR) {
                self.readable(place)?;
            }
            if flags.contains(EventFlags::OUT) && self.conns[place].phase != Phase::Closed {
                self.flush(place)?;
            }
        }
        self.do_work()?;
        self.progress.tick(self.counts.deliveries, self.counts.acknowledged);
        Ok(())
    }

    pub(crate) fn step_until(&mut self, mut is_done: impl FnMut(&Self) -> bool) -> anyhow::Result<()> {
        let began = Instant::now();
        while !is_done(self) {
            self.step(Duration::from_millis(100))?;
            if began.elapsed() > PATIENCE {
                bail!("timed out after {PATIENCE:?}: {}", self.state());
            }
        }
        Ok(())
    }

    /// Runs for this long.
    pub(crate) fn run_for(&mut self, time: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.step(left.min(Duration::from_millis(100)))?;
        }
    }

    fn state(&self) -> String {
        let live = self.conns.iter().filter(|conn| conn.phase == Phase::Live).count();
        format!(
            "{live} of {} connections are live, {} messages are in flight",
            self.conns.len(),
            self.outstanding
        )
    }

    /// Sends what waits on this connection. If not all of it fits, watches the socket until it can be written to.
    pub(crate) fn flush(&mut self, place: usize) -> anyhow::Result<()> {
        let conn = &mut self.conns[place];
        if conn.flush().is_err() {
            return self.closed(place);
        }
        if conn.is_full == conn.out.is_empty() {
            conn.is_full = !conn.is_full;
            self.watch(place)?;
        }
        Ok(())
    }

    /// Handles that the other end closed the connection.
    fn closed(&mut self, place: usize) -> anyhow::Result<()> {
        if !self.reconnects {
            bail!("the server closed the connection of {}", self.conns[place].name);
        }
        self.cut(std::iter::once(place));
        self.renew(place)
    }

    /// Sends a command on a connection that does nothing else, and waits for the reply.
    pub(crate) fn ask(&mut self, place: usize, json: &str) -> anyhow::Result<Vec<u8>> {
        self.asking = Some(place);
        crate::frame::write_masked(json.as_bytes(), &mut self.conns[place].out);
        self.flush(place)?;
        self.step_until(|load| load.answer.is_some())?;
        self.asking = None;
        let answer = self.answer.take().unwrap_or_default();
        if memchr::memmem::find(&answer, b"\"type\":\"error\"").is_some() {
            bail!("{json} got the reply {}", String::from_utf8_lossy(&answer));
        }
        Ok(answer)
    }

    /// Returns the counters, and starts them again.
    pub(crate) fn take_counts(&mut self) -> anyhow::Result<Counts> {
        Ok(std::mem::replace(&mut self.counts, Counts::new()?))
    }
}
