//! What happens inside one transaction of the writer.

use std::collections::HashMap;

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, Millis, Seq, UserId};

use super::{Job, Outcome, Work};
use crate::error::Error;
use crate::store::events::{self, Draft, DraftWhat, NewEvent};
use crate::store::{Conn, Position, RoomId, rooms};

/// One transaction under way: jobs in order, appends gathered until something must see them.
pub(super) struct Transaction<'a> {
    conn: &'a mut Conn,
    heads: &'a mut HashMap<RoomId, (Seq, Millis)>,
    now: Millis,
    /// Appends that have a seq and are not in the table yet, by their place in the batch.
    waiting: Vec<(usize, Position)>,
    /// The nonces among them.
    nonces: HashMap<(UserId, String), usize>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(
        conn: &'a mut Conn,
        heads: &'a mut HashMap<RoomId, (Seq, Millis)>,
        now: Millis,
    ) -> Self {
        Self { conn, heads, now, waiting: Vec::new(), nonces: HashMap::new() }
    }

    pub(super) fn run(mut self, batch: &mut [Job]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for at in 0..batch.len() {
            let outcome = if let Work::Append(draft, _) = &batch[at].what {
                match self.known(draft, batch)? {
                    Some(outcome) => outcome,
                    None => Outcome::New(self.take_seq(at, draft)?),
                }
            } else {
                self.insert(batch)?;
                if let Work::Change(change) = &mut batch[at].what {
                    change.run(self.conn)?;
                }
                Outcome::Changed
            };
            outcomes.push(outcome);
        }
        self.insert(batch)?;
        Ok(outcomes)
    }

    /// Whether the author sent this nonce before, in this batch or ever.
    fn known(&mut self, draft: &Draft, batch: &[Job]) -> Result<Option<Outcome>, Error> {
        let Some(nonce) = draft.nonce() else { return Ok(None) };
        let key = (draft.by.id, nonce.as_str().to_owned());
        let before = match self.nonces.get(&key) {
            Some(&waiting) => {
                let (at, position) = self.waiting[waiting];
                let Work::Append(first, _) = &batch[at].what else { return Ok(None) };
                Some((position, first.text().to_owned()))
            }
            None => events::by_nonce(self.conn, draft.by.id, nonce)?,
        };
        Ok(before.map(|(position, text)| {
            if position.room == draft.room && text == draft.text() {
                return Outcome::Known(position);
            }
            Outcome::Refused(Refusal::new(
                ErrorCode::NonceReused,
                "That nonce named another message of yours before. Every message needs a nonce of its own.",
            ))
        }))
    }

    fn take_seq(&mut self, at: usize, draft: &Draft) -> Result<Position, Error> {
        let head = match self.heads.get(&draft.room) {
            Some(head) => *head,
            None => events::newest(self.conn, draft.room)?,
        };
        // A clock that goes back must not make a later event look older.
        let position = Position { room: draft.room, seq: head.0 + 1, at: self.now.max(head.1) };
        self.heads.insert(draft.room, (position.seq, position.at));
        if let Some(nonce) = draft.nonce() {
            self.nonces.insert((draft.by.id, nonce.as_str().to_owned()), self.waiting.len());
        }
        self.waiting.push((at, position));
        Ok(position)
    }

    fn insert(&mut self, batch: &[Job]) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting);
        self.nonces.clear();
        let drafts: Vec<(&Draft, Position)> = waiting
            .iter()
            .filter_map(|(at, position)| match &batch[*at].what {
                Work::Append(draft, _) => Some((draft, *position)),
                Work::Change(_) => None,
            })
            .collect();
        if drafts.is_empty() {
            return Ok(());
        }
        let rows: Vec<NewEvent> =
            drafts.iter().map(|(draft, position)| NewEvent::new(draft, *position)).collect();
        events::insert(self.conn, &rows)?;
        for (draft, position) in drafts {
            if let DraftWhat::Topic(topic) = &draft.what {
                rooms::set_topic(self.conn, position.room, topic.as_str())?;
            }
        }
        Ok(())
    }
}
