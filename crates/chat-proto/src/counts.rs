//! Counts the unread messages of a room, and how many of them mention the user, as the server does: messages by
//! others after the read mark that are not deleted.
//!
//! A client that holds every message after the mark counts them itself. Otherwise it adds what came since to the
//! numbers that the server sent for the mark. If those numbers may be outdated, [`Tally::must_ask`] returns `true`,
//! and the client sends `rooms` and passes the reply to [`Tally::told`].

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use crate::event::{Event, Message, What};
use crate::room::RoomSummary;
use crate::user::Me;
use crate::{Seq, limits};

/// The maximum number of messages held of a room. The server counts only up to half of that.
const HELD: usize = 2 * limits::UNREAD as usize;

/// The maximum number of edits and deletions remembered of a room.
const CHANGES: usize = 1024;

/// The numbers on a room's badges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Messages by others after the read mark.
    pub unread: u64,
    /// How many of the unread messages mention the user.
    pub mentions: u64,
}

/// The counts that the server sent last.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    /// The read mark that the server counted from.
    read: Seq,
    /// The event that the server counted up to.
    head: Seq,
    count: Count,
    /// Whether one of the counted messages has changed since.
    is_stale: bool,
}

/// What the client knows about a room's messages and its read mark.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    read: Seq,
    told: Told,
    /// The newest event that arrived.
    head: Seq,
    /// Every message by others after this seq and up to `head` is held.
    held_after: Seq,
    /// Messages by others that are not deleted, and whether each mentions the user.
    messages: BTreeMap<Seq, bool>,
    /// Edits and deletions: the event's seq and its message's. A page or a reply may be older than these.
    changes: VecDeque<(Seq, Seq)>,
    /// The mark that was sent to the server and is not acknowledged yet.
    sent: Option<Seq>,
    /// The number of pending requests for the server's counts.
    asked: u32,
    /// Whether another device moved the mark while a request for counts or a mark of this client was pending, so that
    /// the order of the two is unknown.
    is_contested: bool,
}

impl Tally {
    /// Returns the read mark.
    #[must_use]
    pub fn mark(&self) -> Seq {
        self.read
    }

    /// Returns the numbers for the badges, if the user has seen everything up to `seen` in addition to what is marked
    /// as read.
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

    /// Starts counting when the user joins the room: everything up to `head` counts as read.
    pub fn begin(&mut self, head: Seq) {
        *self = Self { asked: self.asked, read: head, head, held_after: head, ..Self::default() };
        (self.told.read, self.told.head) = (head, head);
    }

    /// Whether the client knows anything about the room.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.head.max(self.told.head) > Seq::ZERO
    }

    /// Takes the server's counts at the start of a connection, when no request is pending.
    pub fn welcome(&mut self, summary: &RoomSummary) {
        if summary.head < self.head {
            // The server was restored from a copy, so this is another history.
            *self = Self { asked: self.asked, ..Self::default() };
        }
        // A reply from the previous connection may still be processed.
        (self.sent, self.is_contested) = (None, self.asked > 0);
        self.told(summary);
    }

    /// Takes the server's counts. They may be older than events that arrived since.
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

    /// Notes that counts were requested: a mark that moves from now on may be newer than the reply.
    pub fn ask(&mut self) {
        self.is_contested &= self.asked > 0;
        self.is_contested |= self.sent.is_some();
        self.asked += 1;
    }

    /// Notes that a request ended, whether or not [`Tally::told`] was called.
    pub fn answered(&mut self) {
        self.asked = self.asked.saturating_sub(1);
    }

    /// Forgets everything before `head`, which is not held or belongs to another history. The mark stays until the
    /// server sends it.
    pub fn reset(&mut self, head: Seq) {
        let (read, sent) = (self.read, self.sent);
        *self = Self { read, sent, asked: self.asked, head, held_after: head, ..Self::default() };
        self.told.is_stale = true;
    }

    /// Takes a page with every message from its first one up to `head`, or all there are if it is empty.
    pub fn page(&mut self, events: &[Event], head: Seq, me: &Me) {
        let first = events.first().map_or(Seq::ZERO, |event| event.seq.prev());
        let is_older = self.changes.iter().any(|(seq, target)| *seq > head && *target > first);
        if head < self.held_after || is_older || events.len() > HELD {
            return;
        }
        // Events that arrived live are at least as new as the page.
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

    /// Takes the next event of the room.
    pub fn heard(&mut self, event: &Event, me: &Me) {
        // A page may have arrived before edits of messages that it contains.
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
            // Events in between are missing.
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

    /// Notes that a message was edited or deleted, which the server has counted or is about to count.
    fn change(&mut self, seq: Seq, target: Seq) {
        if self.changes.len() == CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back((seq, target));
        let Told { read, head, .. } = self.told;
        self.told.is_stale |= seq > head && target > read && target <= head;
    }

    /// The mark was moved on another device, forwards or backwards.
    pub fn moved(&mut self, seq: Seq) {
        self.is_contested |= self.asked > 0 || self.sent.is_some();
        self.read = seq;
    }

    /// The user moves the mark, and it is sent to the server.
    pub fn send(&mut self, seq: Seq) {
        self.is_contested |= self.asked > 0;
        (self.read, self.sent) = (seq, Some(seq));
    }

    /// The server accepted or refused the mark.
    pub fn sent(&mut self, seq: Seq, is_taken: bool) {
        if self.sent == Some(seq) {
            self.sent = None;
            self.is_contested |= !is_taken;
        }
    }
}
