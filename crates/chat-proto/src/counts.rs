//! How many messages of a room are unread, and how many of them name the user: messages by others after the read mark
//! that are not deleted, as the server counts them.
//!
//! One rule: a client that holds every message after the mark counts them itself. Otherwise it takes the numbers that the
//! server told for the mark, plus what came since; if those may no longer hold, [`Tally::must_ask`] says so, and the
//! client asks `rooms` and hands the answer to [`Tally::told`].

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use crate::event::{Event, Message, What};
use crate::room::RoomSummary;
use crate::user::Me;
use crate::{Seq, limits};

/// Most messages that are held of a room; the server counts no further than half of that.
const HELD: usize = 2 * limits::UNREAD as usize;

/// Most changes of messages that are remembered of a room.
const CHANGES: usize = 1024;

/// What the badges of a room say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Messages by others after the mark.
    pub unread: u64,
    /// Those of them that name the user.
    pub mentions: u64,
}

/// What the server counted last.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    /// For which mark.
    read: Seq,
    /// Up to which event.
    head: Seq,
    count: Count,
    /// Whether something changed in what was counted.
    is_stale: bool,
}

/// What is known of a room's messages and of its read mark.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    read: Seq,
    told: Told,
    /// The newest event heard.
    head: Seq,
    /// Each message by others after this one, up to `head`, is held.
    held_after: Seq,
    /// Messages by others that are not deleted: whether they name the user.
    messages: BTreeMap<Seq, bool>,
    /// Edits and deletions: which event, of which message. A page or an answer may be older than they are.
    changes: VecDeque<(Seq, Seq)>,
    /// The mark that the server was sent and has not acknowledged.
    sent: Option<Seq>,
    /// How many answers with the server's numbers are on their way.
    asked: u32,
    /// Whether another device moved the mark while an answer or a mark of this client was on its way: the order of the
    /// two is unknown then.
    is_contested: bool,
}

impl Tally {
    /// The read mark.
    #[must_use]
    pub fn mark(&self) -> Seq {
        self.read
    }

    /// What the badges say, if the user has seen everything up to `seen` beside what is marked as read.
    #[must_use]
    pub fn count(&self, seen: Seq) -> Count {
        let mark = self.read.max(seen);
        let is_held = mark >= self.held_after && self.head >= self.told.head;
        if is_held || mark >= self.told.head {
            return self.held(mark);
        }
        let later = self.held(self.told.head);
        Count {
            unread: (self.told.count.unread + later.unread).min(limits::UNREAD),
            mentions: (self.told.count.mentions + later.mentions).min(limits::UNREAD),
        }
    }

    fn held(&self, mark: Seq) -> Count {
        let after = self.messages.range(mark.next()..).take(limits::UNREAD as usize);
        let (unread, mentions) =
            after.fold((0, 0), |(all, named), (_, names_me)| (all + 1, named + u64::from(*names_me)));
        Count { unread, mentions }
    }

    /// Whether only the server knows the numbers.
    #[must_use]
    pub fn must_ask(&self) -> bool {
        let is_held = self.read >= self.held_after && self.head >= self.told.head;
        let is_told = self.read == self.told.read && !self.told.is_stale;
        self.is_contested || !(is_held || is_told)
    }

    /// The user entered the room, so that everything up to `head` counts as read.
    pub fn begin(&mut self, head: Seq) {
        *self = Self { asked: self.asked, read: head, head, held_after: head, ..Self::default() };
        (self.told.read, self.told.head) = (head, head);
    }

    /// Whether anything was heard of the room.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.head.max(self.told.head) > Seq::ZERO
    }

    /// The server's numbers at the beginning of a connection: nothing else is on its way.
    pub fn welcome(&mut self, summary: &RoomSummary) {
        if summary.head < self.head {
            // The server was restored from a copy: it is another history.
            *self = Self { asked: self.asked, ..Self::default() };
        }
        // An answer of the connection before may still be read.
        (self.sent, self.is_contested) = (None, self.asked > 0);
        self.told(summary);
    }

    /// The server's numbers. They may be older than what was heard since.
    pub fn told(&mut self, summary: &RoomSummary) {
        let RoomSummary { read, head, unread, mentions, .. } = *summary;
        let counted = |target: Seq| target > read && target <= head;
        let is_stale = self.changes.iter().any(|(seq, target)| *seq > head && counted(*target));
        self.told = Told { read, head, count: Count { unread, mentions }, is_stale };
        if self.sent.is_none() && !self.is_contested {
            self.read = read;
        }
        if self.head == Seq::ZERO {
            (self.head, self.held_after) = (head, head);
        }
    }

    /// The numbers are asked for: a mark that moves from now on may be newer than the answer.
    pub fn ask(&mut self) {
        self.is_contested &= self.asked > 0;
        self.is_contested |= self.sent.is_some();
        self.asked += 1;
    }

    /// A question is over, with or without [`Tally::told`].
    pub fn answered(&mut self) {
        self.asked = self.asked.saturating_sub(1);
    }

    /// Everything before `head` is given up, or is another history's. The mark stays until the server tells it.
    pub fn reset(&mut self, head: Seq) {
        let (read, sent) = (self.read, self.sent);
        *self = Self { read, sent, asked: self.asked, head, held_after: head, ..Self::default() };
        self.told.is_stale = true;
    }

    /// A page that holds every message from its first one up to `head`, or all there are if it is empty.
    pub fn page(&mut self, events: &[Event], head: Seq, me: &Me) {
        let first = events.first().map_or(Seq::ZERO, |event| event.seq.prev());
        let is_older = self.changes.iter().any(|(seq, target)| *seq > head && *target > first);
        if head < self.held_after || is_older || events.len() > HELD {
            return;
        }
        // Events that were heard live are at least as new as the page.
        let heard = if first <= self.head { self.held_after } else { head };
        if first > self.head {
            self.messages.clear();
        }
        let newest = self.head;
        for event in events.iter().filter(|event| event.seq <= heard || event.seq > newest) {
            self.add(event, me);
        }
        self.held_after = if first > self.head { first } else { self.held_after.min(first) };
        self.head = self.head.max(head);
    }

    /// The next event of the room.
    pub fn heard(&mut self, event: &Event, me: &Me) {
        // A page may have come before the changes in it, of messages that it does not have.
        match &event.what {
            What::Edited { target, mentions, .. } => {
                self.change(event.seq, *target);
                if let Some(names_me) = self.messages.get_mut(target) {
                    *names_me = mentions.contains(&me.name);
                }
            }
            What::Deleted { target } => {
                self.change(event.seq, *target);
                self.messages.remove(target);
            }
            _ => {}
        }
        if event.seq <= self.head {
            return;
        }
        if event.seq > self.head.next() {
            // Something lies between that was not heard.
            self.messages.clear();
            self.held_after = event.seq.prev();
        }
        self.head = event.seq;
        self.add(event, me);
    }

    fn add(&mut self, event: &Event, me: &Me) {
        if let What::Message(Message { deleted: false, mentions, .. }) = &event.what
            && event.by.id != me.id
        {
            self.messages.insert(event.seq, mentions.contains(&me.name));
        }
        while self.messages.len() > HELD {
            let oldest = self.messages.pop_first().map_or(Seq::ZERO, |(seq, _)| seq);
            self.held_after = self.held_after.max(oldest);
        }
    }

    /// A message that the server counted, or is about to count, is another one now.
    fn change(&mut self, seq: Seq, target: Seq) {
        if self.changes.len() == CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back((seq, target));
        let Told { read, head, .. } = self.told;
        self.told.is_stale |= seq > head && target > read && target <= head;
    }

    /// The mark was moved on another device, perhaps back.
    pub fn moved(&mut self, seq: Seq) {
        self.is_contested |= self.asked > 0 || self.sent.is_some();
        self.read = seq;
    }

    /// The user moves the mark; the server is sent it.
    pub fn send(&mut self, seq: Seq) {
        self.is_contested |= self.asked > 0;
        (self.read, self.sent) = (seq, Some(seq));
    }

    /// The server answered whether it took the mark.
    pub fn sent(&mut self, seq: Seq, is_taken: bool) {
        if self.sent == Some(seq) {
            self.sent = None;
            self.is_contested |= !is_taken;
        }
    }
}
