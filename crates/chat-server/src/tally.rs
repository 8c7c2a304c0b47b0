//! How many messages a range of a room has, and by whom, so that counting unread messages costs the same for ten
//! messages and for ten thousand: whole blocks of seqs are counted once and remembered.
//!
//! A block changes only if one of its messages is deleted or edited. A reader takes the generation before it reads
//! the database, and a count from before a change is not remembered.

use std::collections::HashMap;

use chat_proto::{Seq, UserId};
use parking_lot::{Mutex, MutexGuard};

use crate::id::RoomId;

/// The number of seqs in a block.
pub(crate) const BLOCK: u64 = 64;

/// The maximum number of remembered blocks, some hundred bytes each. If there are more, all are counted again.
const BLOCKS: usize = 65_536;

/// The count of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    messages: u64,
    by: Vec<(UserId, u64)>,
    /// Messages that mention someone, not including their own.
    naming: Vec<(UserId, u64)>,
}

impl Count {
    /// Counts a message.
    pub(crate) fn add(&mut self, by: UserId, mentions: &[UserId]) {
        self.messages += 1;
        bump(&mut self.by, by, 1);
        for user in mentions.iter().filter(|user| **user != by) {
            bump(&mut self.naming, *user, 1);
        }
    }

    /// Returns how many messages are by others than `user`, and how many of those mention `user`.
    #[must_use]
    pub(crate) fn for_user(&self, user: UserId) -> (u64, u64) {
        let of = |counts: &[(UserId, u64)]| {
            counts.iter().find(|(id, _)| *id == user).map_or(0, |(_, count)| *count)
        };
        (self.messages - of(&self.by), of(&self.naming))
    }
}

fn bump(counts: &mut Vec<(UserId, u64)>, user: UserId, by: u64) {
    match counts.iter_mut().find(|(id, _)| *id == user) {
        Some((_, count)) => *count += by,
        None => counts.push((user, by)),
    }
}

/// The counted blocks of all rooms.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    generation: u64,
    /// By room and block.
    blocks: HashMap<(RoomId, u64), Count>,
    /// The generation in which a room last changed.
    changed: HashMap<RoomId, u64>,
}

impl Tallies {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }

    /// Returns the generation. Call this before reading the database.
    #[must_use]
    pub(crate) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// Returns what `user` has not read in a block, if it was counted.
    #[must_use]
    pub(crate) fn for_user(&self, room: RoomId, block: u64, user: UserId) -> Option<(u64, u64)> {
        self.state().blocks.get(&(room, block)).map(|count| count.for_user(user))
    }

    /// Remembers a block that was counted in `generation`, unless its room has changed since.
    pub(crate) fn remember(&self, room: RoomId, block: u64, generation: u64, count: Count) {
        let mut state = self.state();
        if state.changed.get(&room).is_some_and(|changed| *changed > generation) {
            return;
        }
        if state.blocks.len() >= BLOCKS {
            state.blocks.clear();
        }
        state.blocks.insert((room, block), count);
    }

    /// Notes that a message was deleted or edited, so that later counts include that.
    pub(crate) fn change(&self, room: RoomId, seq: Seq) {
        let mut state = self.state();
        state.generation += 1;
        let generation = state.generation;
        state.changed.insert(room, generation);
        state.blocks.remove(&(room, block_of(seq)));
    }
}

/// Returns the block of a seq. The first seq is 1.
#[must_use]
pub(crate) fn block_of(seq: Seq) -> u64 {
    seq.prev().0 / BLOCK
}

/// Returns the seq before a block's first one.
#[must_use]
pub(crate) fn start_of(block: u64) -> Seq {
    Seq(block * BLOCK)
}

/// Returns the last seq of a block.
#[must_use]
pub(crate) fn end_of(block: u64) -> Seq {
    start_of(block + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_messages_and_own_names_do_not_count() {
        let mut count = Count::default();
        count.add(UserId(1), &[UserId(1), UserId(2)]);
        count.add(UserId(2), &[UserId(1)]);
        count.add(UserId(3), &[]);
        assert_eq!(
            (count.for_user(UserId(1)), count.for_user(UserId(2)), count.for_user(UserId(9))),
            ((2, 1), (2, 1), (3, 0))
        );
    }

    #[test]
    fn what_was_counted_before_a_change_is_not_remembered() {
        let tallies = Tallies::default();
        let counted = || {
            let mut count = Count::default();
            count.add(UserId(1), &[]);
            count
        };
        let before = tallies.generation();
        tallies.remember(RoomId(7), 0, before, counted());
        assert_eq!(tallies.for_user(RoomId(7), 0, UserId(2)), Some((1, 0)));
        tallies.change(RoomId(7), Seq(64));
        assert_eq!(tallies.for_user(RoomId(7), 0, UserId(2)), None);
        tallies.remember(RoomId(7), 0, before, counted());
        assert_eq!(
            tallies.for_user(RoomId(7), 0, UserId(2)),
            None,
            "it may have been counted before the change"
        );
        tallies.remember(RoomId(8), 0, before, counted());
        tallies.remember(RoomId(7), 0, tallies.generation(), counted());
        assert!(
            tallies.for_user(RoomId(8), 0, UserId(2)).is_some()
                && tallies.for_user(RoomId(7), 0, UserId(2)).is_some()
        );
    }

    #[test]
    fn blocks_have_no_gaps() {
        assert_eq!((block_of(Seq(1)), block_of(Seq(64)), block_of(Seq(65))), (0, 0, 1));
        for seq in (1..500).map(Seq) {
            assert!(seq <= end_of(block_of(seq)) && seq > start_of(block_of(seq)));
        }
    }
}
