//! What happens inside one transaction of the writer.

use std::collections::HashMap;

use chat_proto::error::Refusal;
use chat_proto::reply::RoomKind;
use chat_proto::{ErrorCode, Millis, Seq, UserId};
use diesel::QueryResult;

use super::{Job, Outcome, Work};
use crate::error::Error;
use crate::policy::{self, Act, Place, Standing};
use crate::store::events::{self, Draft, DraftWhat, NewEvent};
use crate::store::nonces::Nonces;
use crate::store::{Conn, Position, RoomId, files, members, messages, rooms};

/// How many authors' standings are remembered.
const STANDINGS: usize = 65_536;

/// What the writer remembers from one transaction to the next, so that a message costs no query.
#[derive(Default)]
pub(super) struct Cache {
    /// The newest seq and time of each room written so far.
    heads: HashMap<RoomId, (Seq, Millis)>,
    /// What authors may do; forgotten with every change of anyone's rights.
    standings: HashMap<(RoomId, UserId), Seat>,
    /// Read when the first one is asked for.
    nonces: Option<Nonces>,
}

impl Cache {
    fn nonces(&mut self, conn: &mut Conn) -> QueryResult<&mut Nonces> {
        match &mut self.nonces {
            Some(nonces) => Ok(nonces),
            none => Ok(none.insert(Nonces::load(conn)?)),
        }
    }
}

/// An author's standing in a room.
struct Seat {
    standing: Standing,
    room: String,
    kind: RoomKind,
}

/// One transaction under way: jobs in order.
pub struct Transaction<'a> {
    conn: &'a mut Conn,
    cache: &'a mut Cache,
    now: Millis,
    /// What the change that runs now has appended.
    appended: Vec<(Position, Draft)>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(conn: &'a mut Conn, cache: &'a mut Cache, now: Millis) -> Self {
        Self { conn, cache, now, appended: Vec::new() }
    }

    /// The database as this transaction sees it, to change anyone's rights in.
    pub fn conn(&mut self) -> &mut Conn {
        self.cache.standings.clear();
        self.conn
    }

    /// The same for what changes nobody's rights.
    pub fn quietly(&mut self) -> &mut Conn {
        self.conn
    }

    /// The time of this transaction.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Appends an event. It is shown to everyone, and only then the change answered.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn append(&mut self, draft: Draft) -> Result<Position, Error> {
        let position = self.insert(&draft)?;
        self.appended.push((position, draft));
        Ok(position)
    }

    pub(super) fn run(mut self, batch: &mut [Job]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in batch {
            outcomes.push(match &mut job.what {
                Work::Append(draft, _) => self.take(draft)?,
                Work::Change(change) => {
                    change.run(&mut self)?;
                    Outcome::Changed(std::mem::take(&mut self.appended))
                }
            });
        }
        Ok(outcomes)
    }

    /// Appends a draft, unless its author sent it before or may not write there (any more).
    fn take(&mut self, draft: &Draft) -> Result<Outcome, Error> {
        if let Some(outcome) = self.known(draft)? {
            return Ok(outcome);
        }
        Ok(match self.may_append(draft)? {
            Ok(()) => Outcome::New(self.insert(draft)?),
            Err(refusal) => Outcome::Refused(refusal),
        })
    }

    fn may_append(&mut self, draft: &Draft) -> Result<Result<(), Refusal>, Error> {
        if let Err(refusal) = self.may_write(draft)? {
            return Ok(Err(refusal));
        }
        match files::refuse_foreign(self.conn, draft.by.id, draft.files()) {
            Ok(()) => Ok(Ok(())),
            Err(Error::Refused(refusal)) => Ok(Err(refusal)),
            Err(e) => Err(e),
        }
    }

    /// What a draft comes to whose nonce its author used before.
    fn known(&mut self, draft: &Draft) -> Result<Option<Outcome>, Error> {
        let Some(nonce) = draft.nonce() else { return Ok(None) };
        let place = self.cache.nonces(self.conn)?.find(self.conn, draft.by.id, nonce)?;
        let before = place.map(|(room, seq)| events::said(self.conn, room, seq)).transpose()?;
        Ok(before.map(|(position, said)| {
            // Of a message that was changed since, nobody knows any more what it said.
            let same = |(text, files): events::Said| {
                Some(text.as_str()) == draft.text() && files.as_slice() == draft.files()
            };
            if position.room == draft.room && said.is_none_or(same) {
                return Outcome::Known(position);
            }
            Outcome::Refused(Refusal::new(
                ErrorCode::NonceReused,
                "That nonce named another message of yours before. Every message needs a nonce of its own.",
            ))
        }))
    }

    /// Asks the policy once more, where nothing can come in between: who was put out or muted with seq N has
    /// no message after N.
    fn may_write(&mut self, draft: &Draft) -> Result<Result<(), Refusal>, Error> {
        let key = (draft.room, draft.by.id);
        if !self.cache.standings.contains_key(&key) {
            if self.cache.standings.len() >= STANDINGS {
                self.cache.standings.clear();
            }
            let (room, kind) = rooms::place(self.conn, draft.room)?;
            let standing = members::standing(self.conn, draft.by.id, Some(draft.room))?;
            self.cache.standings.insert(key, Seat { standing, room, kind });
        }
        let seat = &self.cache.standings[&key];
        Ok(policy::may(&seat.standing, Act::Write, Place::Room(&seat.room, seat.kind), self.now))
    }

    /// The place of a room's next event.
    fn next(&mut self, room: RoomId) -> Result<Position, Error> {
        let head = match self.cache.heads.get(&room) {
            Some(head) => *head,
            None => events::newest(self.conn, room)?,
        };
        // A clock that goes back must not make a later event look older.
        Ok(Position { room, seq: head.0 + 1, at: self.now.max(head.1) })
    }

    /// Stores a draft as its room's next event.
    fn insert(&mut self, draft: &Draft) -> Result<Position, Error> {
        let position = self.next(draft.room)?;
        events::insert(self.conn, &NewEvent::new(draft, position))?;
        self.cache.heads.insert(draft.room, (position.seq, position.at));
        match &draft.what {
            DraftWhat::Topic(topic) => rooms::set_topic(self.conn, position.room, topic.as_str())?,
            DraftWhat::Message { mentions, files, .. } if !(mentions.is_empty() && files.is_empty()) => {
                messages::name(self.conn, position.room, position.seq, mentions)?;
                files::post(self.conn, position, files)?;
            }
            _ => {}
        }
        if let Some(nonce) = draft.nonce() {
            let place = (position.room, position.seq);
            self.cache.nonces(self.conn)?.add(self.conn, draft.by.id, nonce, place)?;
        }
        Ok(position)
    }
}
