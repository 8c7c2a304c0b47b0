//! What happens inside one transaction of the writer.

use std::collections::HashMap;

use chat_proto::error::Refusal;
use chat_proto::reply::RoomKind;
use chat_proto::{ErrorCode, Millis, Seq, UserId};

use super::{Job, Outcome, Work};
use crate::error::Error;
use crate::policy::{self, Act, Place, Standing};
use crate::store::events::{self, Draft, DraftWhat, NewEvent};
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
}

/// An author's standing in a room.
struct Seat {
    standing: Standing,
    room: String,
    kind: RoomKind,
}

/// One transaction under way: jobs in order, appends gathered until something must see them.
pub struct Transaction<'a> {
    conn: &'a mut Conn,
    cache: &'a mut Cache,
    now: Millis,
    /// Appends that have a seq and are not in the table yet, by their place in the batch.
    waiting: Vec<(usize, Position)>,
    /// The nonces among them.
    nonces: HashMap<(UserId, String), usize>,
    /// What the change that runs now has appended.
    appended: Vec<(Position, Draft)>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(conn: &'a mut Conn, cache: &'a mut Cache, now: Millis) -> Self {
        Self { conn, cache, now, waiting: Vec::new(), nonces: HashMap::new(), appended: Vec::new() }
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
        let position = self.take_seq(draft.room)?;
        self.store(&[(&draft, position)])?;
        self.appended.push((position, draft));
        Ok(position)
    }

    pub(super) fn run(mut self, batch: &mut [Job]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for at in 0..batch.len() {
            let outcome = if let Work::Append(draft, _) = &batch[at].what {
                self.take(at, draft, batch)?
            } else {
                self.insert(batch)?;
                if let Work::Change(change) = &mut batch[at].what {
                    change.run(&mut self)?;
                }
                Outcome::Changed(std::mem::take(&mut self.appended))
            };
            outcomes.push(outcome);
        }
        self.insert(batch)?;
        Ok(outcomes)
    }

    /// Gives a draft its seq, unless it has one already or its author may not write there (any more).
    fn take(&mut self, at: usize, draft: &Draft, batch: &[Job]) -> Result<Outcome, Error> {
        if let Some(outcome) = self.known(draft, batch)? {
            return Ok(outcome);
        }
        if let Err(refusal) = self.may_write(draft)? {
            return Ok(Outcome::Refused(refusal));
        }
        match files::refuse_foreign(self.conn, draft.by.id, draft.files()) {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => return Ok(Outcome::Refused(refusal)),
            Err(e) => return Err(e),
        }
        let position = self.take_seq(draft.room)?;
        if let Some(nonce) = draft.nonce() {
            self.nonces.insert((draft.by.id, nonce.as_str().to_owned()), self.waiting.len());
        }
        self.waiting.push((at, position));
        Ok(Outcome::New(position))
    }

    /// Whether the author sent this nonce before, in this batch or ever.
    fn known(&mut self, draft: &Draft, batch: &[Job]) -> Result<Option<Outcome>, Error> {
        let Some(nonce) = draft.nonce() else { return Ok(None) };
        let key = (draft.by.id, nonce.as_str().to_owned());
        let before = match self.nonces.get(&key) {
            Some(&waiting) => {
                let (at, position) = self.waiting[waiting];
                let Work::Append(first, _) = &batch[at].what else { return Ok(None) };
                Some((position, Some((first.text().unwrap_or_default().to_owned(), first.files().to_vec()))))
            }
            None => events::by_nonce(self.conn, draft.by.id, nonce)?,
        };
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

    fn take_seq(&mut self, room: RoomId) -> Result<Position, Error> {
        let head = match self.cache.heads.get(&room) {
            Some(head) => *head,
            None => events::newest(self.conn, room)?,
        };
        // A clock that goes back must not make a later event look older.
        let position = Position { room, seq: head.0 + 1, at: self.now.max(head.1) };
        self.cache.heads.insert(room, (position.seq, position.at));
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
        if drafts.is_empty() { Ok(()) } else { self.store(&drafts) }
    }

    fn store(&mut self, drafts: &[(&Draft, Position)]) -> Result<(), Error> {
        let rows: Vec<NewEvent> =
            drafts.iter().map(|(draft, position)| NewEvent::new(draft, *position)).collect();
        events::insert(self.conn, &rows)?;
        for (draft, position) in drafts {
            match &draft.what {
                DraftWhat::Topic(topic) => rooms::set_topic(self.conn, position.room, topic.as_str())?,
                DraftWhat::Message { mentions, files, .. } if !(mentions.is_empty() && files.is_empty()) => {
                    messages::name(self.conn, position.room, position.seq, mentions)?;
                    files::post(self.conn, *position, files)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
