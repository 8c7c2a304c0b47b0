//! Finds where two histories of a room fork, from the events that were printed.

use std::collections::VecDeque;

use chat_proto::event::Event;
use chat_proto::{Millis, Seq};

/// The maximum number of events remembered.
const EVENTS: usize = 2000;

/// The seqs and times of the last events that were printed.
#[derive(Debug, Default)]
pub(super) struct Memory(VecDeque<(Seq, Millis)>);

impl Memory {
    /// Remembers another event.
    pub(super) fn add(&mut self, seq: Seq, at: Millis) {
        if self.0.len() == EVENTS {
            self.0.pop_front();
        }
        self.0.push_back((seq, at));
    }

    /// Returns the newest event's time.
    pub(super) fn newest_at(&self) -> Option<Millis> {
        self.0.iter().map(|(_, at)| *at).max()
    }

    /// Whether an event of a forked history is from before the fork: it was printed, or is older than every
    /// remembered event.
    pub(super) fn is_from_before(&self, event: &Event) -> bool {
        let first = self.0.iter().map(|(_, at)| *at).min();
        first.is_some_and(|first| event.at <= first) || self.0.contains(&(event.seq, event.at))
    }

    /// Forgets events that the history no longer has.
    pub(super) fn cut(&mut self, last: Seq) {
        self.0.retain(|(seq, _)| *seq <= last);
    }
}

#[cfg(test)]
mod tests {
    use chat_proto::What;
    use chat_proto::user::User;

    use super::*;

    fn event(seq: u64, at: i64) -> Event {
        Event {
            room: "a".into(),
            seq: Seq(seq),
            at: Millis(at),
            by: User::default(),
            what: What::Topic { topic: String::new() },
        }
    }

    #[test]
    fn events_are_known_by_their_seq_and_time() {
        let mut memory = Memory::default();
        assert!(!memory.is_from_before(&event(1, 5)), "a room that was empty: all there is now is new");
        for (seq, at) in [(5, 50), (6, 60), (7, 70)] {
            memory.add(Seq(seq), Millis(at));
        }
        for (seq, at, before) in [(3, 30, true), (5, 50, true), (6, 60, true), (6, 61, false), (7, 90, false)]
        {
            assert_eq!(memory.is_from_before(&event(seq, at)), before, "{seq} at {at}");
        }
        memory.cut(Seq(5));
        assert_eq!(memory.newest_at(), Some(Millis(50)));
    }
}
