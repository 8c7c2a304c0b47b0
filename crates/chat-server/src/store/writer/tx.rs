//! One transaction of the writer.

use std::collections::HashMap;

use chat_proto::error::Refusal;
use chat_proto::room::RoomKind;
use chat_proto::{ErrorCode, Millis, Seq, UserId};
use diesel::QueryResult;

use super::{Job, Work};
use crate::clock::Now;
use crate::error::Error;
use crate::id::RoomId;
use crate::store::admission::{Admission, Moment};
use crate::store::consequence::Consequence;
use crate::store::direct::{self, Direct};
use crate::store::tables::events::{self, Draft, DraftWhat, NewEvent};
use crate::store::tables::nonces::Nonces;
use crate::store::tables::{files, members, messages, nonces, rooms, sanctions};
use crate::store::views::permissions;
use crate::store::{Conn, Position, RoomRef};
use chat_proto::policy::{self, Permissions, Right, Scope};

/// The result of a job inside the transaction.
pub(super) struct Outcome {
    pub(super) moment: Moment,
    pub(super) done: Done,
    pub(super) consequences: Vec<Consequence>,
}

/// See [`Outcome`].
pub(super) enum Done {
    New(Position),
    Known(Position),
    Refused(Refusal),
    Acted(Vec<(Position, Draft)>),
}

/// The maximum number of cached permissions.
const CACHED_PERMISSIONS: usize = 65_536;

/// What the writer caches between transactions, so that a message costs no query.
#[derive(Default)]
pub(super) struct Cache {
    /// The newest seq of each room written so far.
    heads: HashMap<RoomId, Seq>,
    /// Authors' permissions. Every change of anyone's rights empties this.
    permissions: HashMap<(RoomId, UserId), CachedPermissions>,
    /// Read when it is first needed.
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

/// An author's permissions in a room.
struct CachedPermissions {
    permissions: Permissions,
    room: RoomRef,
    /// What the next message changes, if this is a direct room.
    direct: Direct,
}

/// A transaction in progress. Its jobs run in order.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    cache: &'a mut Cache,
    moment: &'a mut Moment,
    now: Now,
    /// The events of the act that is running.
    appended: Vec<(Position, Draft)>,
    /// The consequences of the act that is running.
    consequences: Vec<Consequence>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(conn: &'a mut Conn, cache: &'a mut Cache, moment: &'a mut Moment, now: Now) -> Self {
        Self { conn, cache, moment, now, appended: Vec::new(), consequences: Vec::new() }
    }

    /// Returns the database as this transaction sees it. Changes to anyone's rights MUST use
    /// [`Self::conn_changing_rights`].
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Like [`Self::conn`], for changes of rights. Drops the cached permissions.
    pub fn conn_changing_rights(&mut self) -> &mut Conn {
        self.cache.permissions.clear();
        self.conn
    }

    /// Drops the cache of a room that is about to be removed. Its idempotency keys are kept.
    pub fn forget_room(&mut self, room: RoomId) -> Result<(), Error> {
        self.cache.heads.remove(&room);
        self.cache.permissions.clear();
        nonces::keep_of_room(self.conn, room)?;
        self.cache.nonces = None;
        Ok(())
    }

    /// Returns the time of this transaction.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now.wall
    }

    /// Returns the time of this transaction, including the time by which ages are measured.
    #[must_use]
    pub fn time(&self) -> Now {
        self.now
    }

    /// Records a consequence, which takes effect once this act is committed.
    pub fn then(&mut self, consequence: Consequence) {
        self.consequences.push(consequence);
    }

    /// Returns the user's admission to a room as of this act, or `None` if they are not a member.
    pub fn admission(&mut self, user: UserId, room: RoomId) -> Result<Option<Admission>, Error> {
        Ok(permissions::admission(self.conn, user, room, *self.moment)?)
    }

    /// Appends an event. It is delivered to everyone before the act is answered.
    pub fn append(&mut self, draft: Draft) -> Result<Position, Error> {
        let position = self.insert(&draft)?;
        self.appended.push((position, draft));
        Ok(position)
    }

    pub(super) fn run<S>(mut self, batch: &mut [Job<S>]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in batch {
            // Even if this transaction fails: each moment is assigned only once.
            *self.moment = self.moment.next();
            let done = match &mut job.work {
                Work::Append(draft, _) => self.take(draft)?,
                Work::Act(act) => {
                    act.run(&mut self)?;
                    Done::Acted(std::mem::take(&mut self.appended))
                }
            };
            let consequences = std::mem::take(&mut self.consequences);
            outcomes.push(Outcome { moment: *self.moment, done, consequences });
        }
        Ok(outcomes)
    }

    /// Appends a draft, unless its author already sent it or may not (or no longer) write there.
    fn take(&mut self, draft: &Draft) -> Result<Done, Error> {
        if let Some(outcome) = self.known(draft)? {
            return Ok(outcome);
        }
        Ok(match self.may_append(draft)? {
            Ok(()) => {
                self.write_to_partner(draft)?;
                Done::New(self.insert(draft)?)
            }
            Err(refusal) => Done::Refused(refusal),
        })
    }

    /// In a direct room, makes the other user a member again, and makes the room count for its author.
    fn write_to_partner(&mut self, draft: &Draft) -> Result<(), Error> {
        let Some(cached) = self.cache.permissions.get(&(draft.room, draft.by.id)) else { return Ok(()) };
        let direct = cached.direct;
        if direct.is_settled() {
            return Ok(());
        }
        let room = cached.room.clone();
        self.cache.permissions.clear();
        if direct.is_uncounted {
            members::set_counts(self.conn, draft.by.id, draft.room, true)?;
        }
        if let Some(absent) = direct.absent {
            let (now, moment) = (self.now.wall, *self.moment);
            let back = direct::bring_back(self.conn, absent, &room, moment, now)?;
            self.consequences.extend(back);
        }
        Ok(())
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

    /// Returns the result for a draft whose idempotency key its author has used before.
    fn known(&mut self, draft: &Draft) -> Result<Option<Done>, Error> {
        let Some(nonce) = draft.nonce() else { return Ok(None) };
        let found = self.cache.nonces(self.conn)?.find(self.conn, draft.by.id, nonce)?;
        let Some(message) = found else { return Ok(None) };
        let Some((position, said)) = events::said(self.conn, message)? else {
            // That message was in a room that was removed since, perhaps with the same name.
            return Ok(Some(Done::Refused(policy::no_such_room())));
        };
        // The original text of an edited message is not stored.
        let same = |(text, files): events::Said| {
            Some(text.as_str()) == draft.text() && files.as_slice() == draft.files()
        };
        if position.room == draft.room && said.is_none_or(same) {
            return Ok(Some(Done::Known(position)));
        }
        let why = "You already used that nonce for another message. Every message needs its own nonce.";
        Ok(Some(Done::Refused(Refusal::new(ErrorCode::NonceReused, why))))
    }

    /// Asks the policy again, at a point where nothing can change in between: a user who was removed or muted with
    /// seq N has no message after N.
    fn may_write(&mut self, draft: &Draft) -> Result<Result<(), Refusal>, Error> {
        let key = (draft.room, draft.by.id);
        if !self.cache.permissions.contains_key(&key) {
            if self.cache.permissions.len() >= CACHED_PERMISSIONS {
                self.cache.permissions.clear();
            }
            // Not cached, because a ban may expire.
            if let Some(ban) = sanctions::ban_of_user(self.conn, draft.by.id, self.now.wall)? {
                return Ok(Err(policy::banned(&ban, self.now.wall)));
            }
            let room = match rooms::find(self.conn, draft.room) {
                Err(Error::Refused(refusal)) => return Ok(Err(refusal)),
                found => found?,
            };
            let permissions = permissions::of(self.conn, draft.by.id, Some(draft.room))?;
            let direct = match room.kind {
                RoomKind::Direct => Direct::read(self.conn, draft.by.id, draft.room)?,
                _ => Direct::default(),
            };
            self.cache.permissions.insert(key, CachedPermissions { permissions, room, direct });
        }
        let cached = &self.cache.permissions[&key];
        let scope = Scope::Room(&cached.room.name, cached.room.kind);
        if let Err(refusal) = policy::may(&cached.permissions, Right::Write, scope, self.now.wall) {
            return Ok(Err(refusal));
        }
        if !cached.direct.is_uncounted {
            return Ok(Ok(()));
        }
        match permissions::refuse_too_many(self.conn, draft.by.id, true) {
            Err(Error::Refused(refusal)) => Ok(Err(refusal)),
            counted => counted.map(Ok),
        }
    }

    /// Returns the position of a room's next event.
    fn next(&mut self, room: RoomId) -> Result<Position, Error> {
        let head = match self.cache.heads.get(&room) {
            Some(head) => *head,
            None => rooms::head(self.conn, room)?,
        };
        // The clock may have gone back since the previous event. The seq gives the order.
        Ok(Position { room, seq: head.next(), at: self.now.wall })
    }

    /// Stores a draft as its room's next event.
    fn insert(&mut self, draft: &Draft) -> Result<Position, Error> {
        let position = self.next(draft.room)?;
        events::insert(self.conn, &NewEvent::new(draft, position))?;
        self.cache.heads.insert(draft.room, position.seq);
        match &draft.what {
            DraftWhat::Topic(topic) => rooms::set_topic(self.conn, position.room, topic.as_str())?,
            DraftWhat::Message { mentions, files, .. } if !(mentions.is_empty() && files.is_empty()) => {
                messages::mention(self.conn, position.message(), mentions)?;
                files::attach(self.conn, position.message(), files)?;
            }
            _ => {}
        }
        if let Some(nonce) = draft.nonce() {
            let message = position.message();
            self.cache.nonces(self.conn)?.add(self.conn, draft.by.id, nonce, message)?;
        }
        Ok(position)
    }
}
