//! Handles what arrives on connections.

use anyhow::{Context, bail, ensure};

use super::{Kind, Load};
use crate::conn::Phase;
use crate::frame::{self, EVENT, REPLY, Stamp};

impl Load {
    /// Reads everything that has arrived on a connection.
    pub(super) fn readable(&mut self, place: usize) -> anyhow::Result<()> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let done = self.read_all(place, &mut scratch);
        self.scratch = scratch;
        done
    }

    fn read_all(&mut self, place: usize, scratch: &mut [u8]) -> anyhow::Result<()> {
        loop {
            let conn = &mut self.conns[place];
            if conn.phase == Phase::Closed || conn.is_paused {
                return Ok(());
            }
            let Some((length, is_more)) = conn.read(scratch) else { return self.closed(place) };
            let now = self.now();
            let mut bytes = &scratch[..length];
            if self.conns[place].phase == Phase::Upgrading && !bytes.is_empty() {
                let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
                    self.conns[place].keep(bytes);
                    return Ok(());
                };
                ensure!(bytes.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(bytes));
                bytes = &bytes[end + 4..];
                self.hello(place)?;
            }
            while let Some((frame, length)) = frame::first(bytes) {
                match frame.opcode {
                    frame::TEXT => self.heard(place, frame.payload, now)?,
                    frame::PING => {
                        frame::write_pong(&mut self.conns[place].out);
                        self.flush(place)?;
                    }
                    _ => {}
                }
                bytes = &bytes[length..];
            }
            self.conns[place].keep(bytes);
            if !is_more {
                return Ok(());
            }
        }
    }

    fn hello(&mut self, place: usize) -> anyhow::Result<()> {
        let conn = &mut self.conns[place];
        let json = match &conn.token {
            Some(token) => {
                let room = &self.rooms[conn.room].name;
                format!(
                    r#"{{"type":"hello","id":1,"protocol":1,"token":"{token}","resume":{{"{room}":{}}}}}"#,
                    conn.last
                )
            }
            None => format!(r#"{{"type":"hello","id":1,"protocol":1,"name":"{}"}}"#, conn.name),
        };
        frame::write_masked(json.as_bytes(), &mut conn.out);
        conn.phase = Phase::Greeting;
        self.flush(place)
    }

    fn heard(&mut self, place: usize, payload: &[u8], now: u64) -> anyhow::Result<()> {
        if payload.starts_with(EVENT) {
            self.event(place, payload, now)
        } else if payload.starts_with(REPLY) {
            self.reply(place, payload, now)
        } else {
            self.signal(place, payload)
        }
    }

    fn event(&mut self, place: usize, payload: &[u8], now: u64) -> anyhow::Result<()> {
        let conn = &mut self.conns[place];
        let room = &mut self.rooms[conn.room];
        let Some(seq) = frame::seq(payload, room.name.len()) else {
            // A connection in another room is also a member of the default room.
            return Ok(());
        };
        if self.kind == Kind::Chat {
            if seq != conn.last + 1 {
                bail!("{} got seq {seq} of {} after {}", conn.name, room.name, conn.last);
            }
            conn.last = seq;
        }
        self.counts.deliveries += 1;
        let everyone = room.members + u32::from(self.kind == Kind::Chat);
        let Some(flight) = room.flights.at(seq) else { return Ok(()) };
        if !flight.is_read {
            flight.is_read = true;
            if let Some(stamp) = Stamp::read(payload) {
                (flight.sent, flight.author) = (Some(stamp.at), stamp.author);
            }
        }
        if let Some(sent) = flight.sent {
            self.counts.to_deliver.saturating_record(now.saturating_sub(sent));
        }
        flight.arrived += 1;
        let (arrived, author, is_ours) = (flight.arrived, flight.author, flight.sent.is_some());
        if conn_is_there(conn.phase, conn.last, conn.head) {
            conn.phase = Phase::Live;
        }
        if arrived == everyone && self.until_everyone {
            room.flights.land(everyone);
            if is_ours {
                self.done(usize::try_from(author)?);
            }
        }
        Ok(())
    }

    /// Handles a finished message: its author may send another one.
    fn done(&mut self, author: usize) {
        if let Some(conn) = self.conns.get_mut(author)
            && conn.in_flight > 0
        {
            conn.in_flight -= 1;
            self.outstanding -= 1;
            self.ready.push(author);
        }
    }

    fn reply(&mut self, place: usize, payload: &[u8], now: u64) -> anyhow::Result<()> {
        if self.asking == Some(place) && self.conns[place].phase == Phase::Live {
            self.answer = Some(payload.to_vec());
            return Ok(());
        }
        let is = |what: &[u8]| memchr::memmem::find(&payload[..payload.len().min(64)], what).is_some();
        if is(b"\"type\":\"error\"") {
            bail!("{} got {}", self.conns[place].name, String::from_utf8_lossy(payload));
        }
        match self.conns[place].phase {
            Phase::Greeting => self.welcome(place, payload),
            Phase::Joining if is(b"\"type\":\"joined\"") => {
                let conn = &mut self.conns[place];
                conn.last = frame::number(payload, "\"head\":").context("joined without a head")?;
                conn.phase = Phase::Live;
                self.ready.push(place);
                Ok(())
            }
            _ => self.acknowledged(place, payload, now),
        }
    }

    fn welcome(&mut self, place: usize, payload: &[u8]) -> anyhow::Result<()> {
        let conn = &mut self.conns[place];
        let room = &self.rooms[conn.room].name;
        if conn.token.is_some() {
            let at = memchr::memmem::find(payload, format!("\"name\":\"{room}\"").as_bytes());
            let at = at.with_context(|| format!("{} is no longer in {room}", conn.name))?;
            conn.head = frame::number(&payload[at..], "\"head\":").context("a room without a head")?;
            conn.phase = if conn.last >= conn.head { Phase::Live } else { Phase::Joining };
            return Ok(());
        }
        conn.token =
            Some(frame::text(payload, "\"token\":\"").context("a welcome without a token")?.to_owned());
        let json = format!(r#"{{"type":"join","id":2,"room":"{room}","limit":1}}"#);
        frame::write_masked(json.as_bytes(), &mut conn.out);
        conn.phase = Phase::Joining;
        self.flush(place)
    }

    fn acknowledged(&mut self, place: usize, payload: &[u8], now: u64) -> anyhow::Result<()> {
        let conn = &mut self.conns[place];
        let sent = conn.unanswered.pop_front();
        let (Some(sent), Some(seq)) = (sent, frame::number(payload, "\"seq\":")) else {
            bail!("{} got {}", conn.name, String::from_utf8_lossy(payload));
        };
        self.counts.acknowledged += 1;
        self.counts.to_ack.saturating_record(now.saturating_sub(sent.at));
        let room = &mut self.rooms[conn.room];
        room.acknowledged.push((seq, sent.number));
        if !self.until_everyone {
            self.done(place);
            return Ok(());
        }
        let everyone = room.members + 1;
        let Some(flight) = room.flights.at(seq) else { return Ok(()) };
        flight.arrived += 1;
        if flight.arrived == everyone {
            room.flights.land(everyone);
            self.done(place);
        }
        Ok(())
    }

    fn signal(&mut self, place: usize, payload: &[u8]) -> anyhow::Result<()> {
        let is = |what: &[u8]| memchr::memmem::find(payload, what).is_some();
        let conn = &mut self.conns[place];
        if is(b"\"type\":\"reset\"") {
            self.counts.resets += 1;
            conn.last = frame::number(payload, "\"head\":").context("a reset without a head")?;
            if conn_is_there(conn.phase, conn.last, conn.head) {
                conn.phase = Phase::Live;
            }
        } else if is(b"\"type\":\"goodbye\"") {
            self.counts.slow += u64::from(is(b"\"slow\""));
            if !self.reconnects {
                bail!("{} got {}", conn.name, String::from_utf8_lossy(payload));
            }
        }
        Ok(())
    }
}

/// Whether a connection has caught up.
fn conn_is_there(phase: Phase, last: u64, head: u64) -> bool {
    phase == Phase::Joining && head > 0 && last >= head
}
