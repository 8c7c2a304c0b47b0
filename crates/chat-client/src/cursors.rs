//! Cursors: the last seq seen of each room, and what an event's seq means next to it.

use std::collections::BTreeMap;

use chat_proto::Seq;
use chat_proto::reply::Welcome;

use crate::bounds::ROOMS_JOINED;

/// What to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next event. It now counts as seen.
    Fresh,
    /// An event that was seen before, or one of a room beyond the maximum number of rooms.
    Repeat,
    /// An event is missing before this one. It MUST NOT be shown: resuming brings the events in between.
    Gap,
}

/// The cursors of one epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursors {
    log: Option<String>,
    /// The epoch of the last welcome, until every cursor belongs to it.
    next_log: Option<String>,
    rooms: BTreeMap<String, Seq>,
}

impl Cursors {
    /// Creates a stored cursor.
    #[must_use]
    pub fn at(log: String, room: String, seq: Seq) -> Self {
        Self { log: Some(log), next_log: None, rooms: BTreeMap::from([(room, seq)]) }
    }

    /// Returns the epoch that the cursors belong to.
    #[must_use]
    pub fn log(&self) -> Option<&str> {
        self.log.as_deref()
    }

    /// Returns the last seq seen of each room.
    #[must_use]
    pub fn rooms(&self) -> &BTreeMap<String, Seq> {
        &self.rooms
    }

    /// Processes a welcome: a room with a cursor continues from there, the others from their head. In a new epoch,
    /// the server says which cursors are not valid: it replays the events after the others and resets these. Until
    /// that is done, which [`Cursors::settled`] notes, they count as cursors of the former epoch.
    pub fn welcome(&mut self, welcome: &Welcome) {
        let log = welcome.server.log.clone();
        if self.rooms.is_empty() {
            self.log = Some(log.clone());
        }
        self.next_log = (self.log.as_ref() != Some(&log)).then_some(log);
        self.rooms.retain(|room, _| welcome.rooms.iter().any(|joined| joined.name == *room));
        for room in &welcome.rooms {
            self.rooms.entry(room.name.clone()).or_insert(room.head);
        }
    }

    /// Whether the cursors may still belong to a former epoch.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        self.next_log.is_some()
    }

    /// Notes that everything the welcome promised has arrived.
    pub fn settled(&mut self) {
        if let Some(log) = self.next_log.take() {
            self.log = Some(log);
        }
    }

    /// Subscribes to a room from `head`. If there already was a subscription, its cursor stays, because the events in
    /// between are still on their way.
    pub fn joined(&mut self, room: &str, head: Seq) {
        if self.has_place(room) {
            self.rooms.entry(room.to_owned()).or_insert(head);
        }
    }

    /// Whether a room has a cursor or may get one: no server has a user in more than [`ROOMS_JOINED`] rooms.
    #[must_use]
    pub fn has_place(&self, room: &str) -> bool {
        self.rooms.len() < ROOMS_JOINED || self.rooms.contains_key(room)
    }

    /// Ends the subscription to a room.
    pub fn left(&mut self, room: &str) {
        self.rooms.remove(room);
    }

    /// Forgets everything before `head`, which may be lower than the cursor was.
    pub fn reset(&mut self, room: &str, head: Seq) {
        if !self.has_place(room) {
            return;
        }
        self.rooms.insert(room.to_owned(), head);
    }

    /// Returns what to do with an event. If it is the next one, it counts as seen.
    pub fn accept(&mut self, room: &str, seq: Seq) -> Step {
        if !self.has_place(room) {
            return Step::Repeat;
        }
        // The first event of an unknown room, such as one that another device joined.
        let last = self.rooms.entry(room.to_owned()).or_insert(seq.prev());
        if seq <= *last {
            Step::Repeat
        } else if seq == last.next() {
            *last = seq;
            Step::Fresh
        } else {
            Step::Gap
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_up_and_never_over_a_hole() {
        let mut cursors = Cursors::default();
        cursors.joined("a", Seq(10));
        assert_eq!(cursors.accept("a", Seq(10)), Step::Repeat);
        assert_eq!(cursors.accept("a", Seq(11)), Step::Fresh);
        assert_eq!(cursors.accept("a", Seq(13)), Step::Gap);
        assert_eq!(cursors.accept("a", Seq(14)), Step::Gap);
        assert_eq!(cursors.rooms()["a"], Seq(11));
        assert_eq!(cursors.accept("a", Seq(12)), Step::Fresh);
        cursors.joined("a", Seq(40));
        assert_eq!(cursors.accept("a", Seq(13)), Step::Fresh, "joining again changes nothing");
        cursors.reset("a", Seq(90));
        assert_eq!(cursors.accept("a", Seq(91)), Step::Fresh);
    }
}
