//! Decides which connection writes next, and when.

use std::ops::Range;
use std::time::Duration;

use super::{Kind, Load};
use crate::conn::Sent;
use crate::frame::{self, Stamp};

/// What is written.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// Nothing.
    None,
    /// Each of these connections always has this many messages in flight.
    Window { authors: Range<usize>, each: u32 },
    /// One message every so many nanoseconds, by these connections in turn.
    Paced { authors: Range<usize>, every: u64, next: u64, count: u64 },
}

impl Work {
    /// Returns `rate` messages a second, from `now` on.
    pub(crate) fn paced(authors: Range<usize>, rate: f64, now: u64) -> Self {
        Self::Paced { authors, every: (1e9 / rate) as u64, next: now, count: 0 }
    }
}

impl Load {
    /// Starts to write.
    pub(crate) fn begin(&mut self, work: Work) {
        if let Work::Window { authors, .. } = &work {
            self.ready = authors.clone().collect();
        }
        self.work = work;
    }

    /// Stops writing, and waits until every message is done.
    pub(crate) fn finish(&mut self) -> anyhow::Result<()> {
        self.work = Work::None;
        self.step_until(|load| load.outstanding == 0)
    }

    /// Returns how long it is until something must be written.
    pub(super) fn until_due(&self) -> Duration {
        match &self.work {
            Work::Paced { next, .. } => Duration::from_nanos(next.saturating_sub(self.now())),
            _ => Duration::MAX,
        }
    }

    /// Writes what is due.
    pub(super) fn do_work(&mut self) -> anyhow::Result<()> {
        match self.work.clone() {
            Work::None => self.ready.clear(),
            Work::Window { authors, each } => {
                let ready = std::mem::take(&mut self.ready);
                for &place in ready.iter().filter(|place| authors.contains(place)) {
                    let now = self.now();
                    while self.conns[place].in_flight < each {
                        self.write(place, now);
                    }
                    self.flush(place)?;
                }
                if self.ready.is_empty() {
                    self.ready = ready;
                    self.ready.clear();
                }
            }
            Work::Paced { authors, every, mut next, mut count } => {
                self.ready.clear();
                let now = self.now();
                while next <= now {
                    let place = authors.start + usize::try_from(count)? % authors.len();
                    if self.conns[place].phase == crate::conn::Phase::Live {
                        self.write(place, next);
                        self.flush(place)?;
                    }
                    (next, count) = (next + every, count + 1);
                }
                self.work = Work::Paced { authors, every, next, count };
            }
        }
        Ok(())
    }

    /// Adds one message, which should have been sent at `at`, to what the connection sends.
    pub(crate) fn write(&mut self, place: usize, at: u64) {
        self.number += 1;
        let number = self.number;
        let conn = &mut self.conns[place];
        let room = &mut self.rooms[conn.room];
        let stamp = Stamp { at, author: u32::try_from(place).unwrap_or(u32::MAX) };
        let mut json = Vec::with_capacity(320);
        let name = &room.name;
        match self.kind {
            Kind::Chat => {
                json.extend(
                    format!(
                        r#"{{"type":"send","id":{number},"room":"{name}","nonce":"{}","text":""#,
                        nonce(number)
                    )
                    .as_bytes(),
                );
                stamp.write(number, &mut json);
                json.extend(b"\"}");
                frame::write_masked(&json, &mut conn.out);
                conn.unanswered.push_back(Sent { number, at });
            }
            Kind::Relay => {
                let seq = room.next;
                room.next += 1;
                // A relay may pass a later one on first.
                room.flights.at(seq);
                json.extend(
                    format!(
                        r#"{{"room":"{name}","seq":{seq},"at":1700000000000,"by":{{"id":1234,"name":"{}"}},"type":"message","text":""#,
                        conn.name
                    )
                    .as_bytes(),
                );
                stamp.write(number, &mut json);
                json.extend(format!(r#"","nonce":"{}"}}"#, nonce(number)).as_bytes());
                frame::write_plain(&json, &mut conn.out);
            }
        }
        conn.in_flight += 1;
        self.outstanding += 1;
    }
}

/// Returns the key of a message.
pub(crate) fn nonce(number: u64) -> String {
    format!("n{number:015x}")
}
