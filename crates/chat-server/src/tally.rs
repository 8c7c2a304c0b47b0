//! How many messages a stretch of a room has, and by whom, so that counting what is unread costs the same for ten messages
//! and for ten thousand: whole blocks of seqs are counted once and remembered.
//!
//! A block changes only if one of its messages is deleted or edited. Whoever counts notes the generation before they look
//! at the database, and what was counted before a change is not remembered.

use std::collections::HashMap;

use chat_proto::UserId;
use parking_lot::{Mutex, MutexGuard};

/// How many seqs a block has.
pub(crate) const BLOCK: i64 = 64;

/// Most blocks that are remembered, some hundred bytes each. When there are more, all are counted again.
const BLOCKS: usize = 65_536;

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    messages: u64,
    by: Vec<(UserId, u64)>,
    /// Messages that name someone, but not by themselves.
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

    /// Messages by others than `user`, and those of them that name `user`.
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

/// The blocks that were counted, of all rooms.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    generation: u64,
    /// By room and block.
    blocks: HashMap<(i64, i64), Count>,
    /// In which generation a room last changed.
    changed: HashMap<i64, u64>,
}

impl Tallies {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }

    /// The generation, to be noted before the database is looked at.
    #[must_use]
    pub(crate) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// What `user` has not read in a block, if it was counted.
    #[must_use]
    pub(crate) fn for_user(&self, room: i64, block: i64, user: UserId) -> Option<(u64, u64)> {
        self.state().blocks.get(&(room, block)).map(|count| count.for_user(user))
    }

    /// Remembers a block that was counted in `generation`, unless its room has changed since.
    pub(crate) fn remember(&self, room: i64, block: i64, generation: u64, count: Count) {
        let mut state = self.state();
        if state.changed.get(&room).is_some_and(|changed| *changed > generation) {
            return;
        }
        if state.blocks.len() >= BLOCKS {
            state.blocks.clear();
        }
        state.blocks.insert((room, block), count);
    }

    /// A message was deleted or edited. Later counts see it.
    pub(crate) fn change(&self, room: i64, seq: i64) {
        let mut state = self.state();
        state.generation += 1;
        let generation = state.generation;
        state.changed.insert(room, generation);
        state.blocks.remove(&(room, block_of(seq)));
    }
}

/// The block of a seq; the first seq is 1.
#[must_use]
pub(crate) fn block_of(seq: i64) -> i64 {
    (seq - 1).div_euclid(BLOCK)
}

/// The last seq of a block.
#[must_use]
pub(crate) fn end_of(block: i64) -> i64 {
    (block + 1) * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_messages_and_own_names_do_not_count() {
        let mut count = Count::default();
        count.add(1, &[1, 2]);
        count.add(2, &[1]);
        count.add(3, &[]);
        assert_eq!((count.for_user(1), count.for_user(2), count.for_user(9)), ((2, 1), (2, 1), (3, 0)));
    }

    #[test]
    fn what_was_counted_before_a_change_is_not_remembered() {
        let tallies = Tallies::default();
        let counted = || {
            let mut count = Count::default();
            count.add(1, &[]);
            count
        };
        let before = tallies.generation();
        tallies.remember(7, 0, before, counted());
        assert_eq!(tallies.for_user(7, 0, 2), Some((1, 0)));
        tallies.change(7, 64);
        assert_eq!(tallies.for_user(7, 0, 2), None);
        tallies.remember(7, 0, before, counted());
        assert_eq!(tallies.for_user(7, 0, 2), None, "it may have been counted before the change");
        tallies.remember(8, 0, before, counted());
        tallies.remember(7, 0, tallies.generation(), counted());
        assert!(tallies.for_user(8, 0, 2).is_some() && tallies.for_user(7, 0, 2).is_some());
    }

    #[test]
    fn blocks_have_no_gaps() {
        assert_eq!((block_of(1), block_of(64), block_of(65)), (0, 0, 1));
        for seq in 1..500 {
            assert!(seq <= end_of(block_of(seq)) && seq > end_of(block_of(seq) - 1));
        }
    }
}
