//! The outbox: messages that are not acknowledged yet. One message of each room is in flight at a time, and the next
//! one follows its acknowledgement. So an author's messages keep their order even if one of them has to wait (for a
//! rate limit, a full disk, a restart). A retry has the same idempotency key, which makes it harmless.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chat_proto::ErrorCode;
use chat_proto::reply::Failure;
use chat_proto::updates::Outgoing;
use tokio::time::Instant;

/// The maximum number of waiting messages.
pub const OUTBOX_MESSAGES: usize = 10_000;

/// How long to wait before a retry if the server does not say.
const RETRY: Duration = Duration::from_secs(1);

/// The queue of messages that were written before the first room is known.
const NO_ROOM: &str = "";

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Outgoing>,
    /// Whether the first message is in flight.
    under_way: bool,
    /// When the first message may be sent again.
    not_before: Option<Instant>,
}

/// What a refusal means for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It will be retried.
    Retried,
    /// It will never be stored, and has left the outbox.
    Failed(Outgoing),
}

/// The waiting messages of all rooms.
#[derive(Debug, Default)]
pub struct Outbox {
    rooms: BTreeMap<String, Queue>,
    len: usize,
}

impl Outbox {
    /// Returns how many messages wait or are in flight.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether every message was acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the outbox is at its capacity.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len >= OUTBOX_MESSAGES
    }

    /// Adds a message. One without a room waits for [`Outbox::place`].
    ///
    /// # Errors
    /// Returns the message if the outbox is full.
    pub fn push(&mut self, entry: Outgoing) -> Result<(), Outgoing> {
        if self.is_full() {
            return Err(entry);
        }
        self.rooms.entry(entry.room.clone()).or_default().entries.push_back(entry);
        self.len += 1;
        Ok(())
    }

    /// Assigns a room to the messages without one, behind those that wait there, and returns them.
    pub fn place(&mut self, room: &str) -> Vec<Outgoing> {
        let early = self.rooms.remove(NO_ROOM).map_or(VecDeque::new(), |queue| queue.entries);
        let placed: Vec<Outgoing> =
            early.into_iter().map(|entry| Outgoing { room: room.to_owned(), ..entry }).collect();
        if !placed.is_empty() {
            self.rooms.entry(room.to_owned()).or_default().entries.extend(placed.iter().cloned());
        }
        placed
    }

    /// Removes a message without a room. Returns whether there was one with that key.
    pub fn withdraw(&mut self, nonce: &str) -> bool {
        let Some(queue) = self.rooms.get_mut(NO_ROOM) else { return false };
        let before = queue.entries.len();
        queue.entries.retain(|entry| entry.nonce != nonce);
        let taken = before - queue.entries.len();
        self.len -= taken;
        taken > 0
    }

    /// Returns the next message that may be sent now. It is in flight from then on.
    pub fn take_due(&mut self, now: Instant) -> Option<Outgoing> {
        let is_due = |queue: &Queue| !queue.under_way && queue.not_before.is_none_or(|at| at <= now);
        let (_, queue) = self.rooms.iter_mut().find(|(room, queue)| *room != NO_ROOM && is_due(queue))?;
        queue.under_way = true;
        queue.not_before = None;
        queue.entries.front().cloned()
    }

    /// Returns when the next message may be sent, if one has to wait.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.rooms.values().filter(|queue| !queue.under_way).filter_map(|queue| queue.not_before).min()
    }

    /// Removes a message that the server has stored.
    pub fn acknowledged(&mut self, room: &str, nonce: &str) -> Option<Outgoing> {
        let queue = self.rooms.get_mut(room)?;
        if queue.entries.front()?.nonce != nonce {
            return None;
        }
        let entry = queue.entries.pop_front();
        queue.under_way = false;
        if queue.entries.is_empty() {
            self.rooms.remove(room);
        }
        self.len -= 1;
        entry
    }

    /// Handles the server's refusal of a message.
    pub fn refused(&mut self, room: &str, nonce: &str, failure: &Failure, now: Instant) -> Option<Verdict> {
        if failure.code.is_temporary() || failure.code == ErrorCode::HelloFirst {
            let queue = self.rooms.get_mut(room)?;
            queue.under_way = false;
            queue.not_before = Some(now + failure.retry_after_ms.map_or(RETRY, Duration::from_millis));
            return Some(Verdict::Retried);
        }
        self.acknowledged(room, nonce).map(Verdict::Failed)
    }

    /// Sends the first message of a room again, which was in flight.
    pub fn again(&mut self, room: &str) {
        if let Some(queue) = self.rooms.get_mut(room) {
            queue.under_way = false;
        }
    }

    /// Handles a broken connection: messages in flight may or may not be stored, and are sent again.
    pub fn connection_lost(&mut self) {
        for queue in self.rooms.values_mut() {
            queue.under_way = false;
            queue.not_before = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(room: &str, nonce: &str) -> Outgoing {
        Outgoing { nonce: nonce.into(), room: room.into(), text: "x".into(), ..Outgoing::default() }
    }

    fn failure(code: ErrorCode, retry_after_ms: Option<u64>) -> Failure {
        Failure { retry_after_ms, ..Failure::new(code, "No.") }
    }

    #[tokio::test(start_paused = true)]
    async fn one_a_room_is_under_way_and_order_survives_a_wait() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        for (room, nonce) in [("a", "1"), ("a", "2"), ("b", "3")] {
            outbox.push(entry(room, nonce)).unwrap();
        }
        assert_eq!(outbox.take_due(now), Some(entry("a", "1")));
        assert_eq!(outbox.take_due(now), Some(entry("b", "3")));
        assert_eq!(outbox.take_due(now), None);
        let limited = failure(ErrorCode::RateLimited, Some(400));
        assert_eq!(outbox.refused("a", "1", &limited, now), Some(Verdict::Retried));
        assert_eq!(outbox.take_due(now), None, "the second does not overtake the first");
        assert_eq!(outbox.next_due(), Some(now + Duration::from_millis(400)));
        assert_eq!(outbox.take_due(now + Duration::from_millis(400)), Some(entry("a", "1")));
        outbox.connection_lost();
        assert_eq!(outbox.take_due(now), Some(entry("a", "1")), "the same nonce again");
        assert_eq!(outbox.acknowledged("a", "1"), Some(entry("a", "1")));
        assert_eq!(outbox.acknowledged("a", "1"), None);
        assert_eq!(outbox.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_never_be_stored_leaves_and_lets_the_next_go() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        outbox.push(entry("a", "1")).unwrap();
        outbox.push(entry("a", "2")).unwrap();
        outbox.take_due(now);
        let refused = outbox.refused("a", "1", &failure(ErrorCode::TooLong, None), now);
        assert_eq!(refused, Some(Verdict::Failed(entry("a", "1"))));
        assert_eq!(outbox.take_due(now), Some(entry("a", "2")));
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_room_yet_waits_for_one() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        for (room, nonce) in [("", "1"), ("a", "2"), ("", "3"), ("", "4")] {
            outbox.push(entry(room, nonce)).unwrap();
        }
        assert_eq!(outbox.take_due(now), Some(entry("a", "2")));
        assert_eq!(outbox.take_due(now), None);
        assert!(outbox.withdraw("3") && !outbox.withdraw("3") && !outbox.withdraw("2"));
        assert_eq!(outbox.place("a"), [entry("a", "1"), entry("a", "4")]);
        assert_eq!(outbox.place("a"), []);
        for nonce in ["2", "1", "4"] {
            outbox.acknowledged("a", nonce).unwrap();
            outbox.take_due(now);
        }
        assert!(outbox.is_empty());
    }

    #[test]
    fn it_is_bounded() {
        let mut outbox = Outbox::default();
        for n in 0..OUTBOX_MESSAGES {
            outbox.push(entry("a", &n.to_string())).unwrap();
        }
        assert!(outbox.push(entry("a", "more")).is_err());
    }
}
