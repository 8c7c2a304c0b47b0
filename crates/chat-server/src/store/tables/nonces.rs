//! Maps idempotency keys to messages. The newest keys are in memory. The others are in an index that lags behind the
//! log. The index is ordered by author and the log by room, so indexing each message in its own commit would write
//! one database page for each message. Instead, keys are indexed in sorted order when many have gathered, a few with
//! each message: writing thousands of database pages at once would hold up a commit.

use std::collections::{BTreeMap, HashMap};

use chat_proto::{Nonce, Seq, UserId};
use diesel::prelude::*;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::{events, nonces, nonces_until};
use crate::store::sqlite::nonces::{Unindexed, unindexed};
use crate::store::{Conn, MessageRef, on, to_sql};

/// How many keys gather in memory before they are indexed. With a thousand authors, that is eight for each database
/// page of the index.
const REMEMBERED: usize = 8192;

/// How many keys are indexed with each message. More than one, so that all are indexed before as many have gathered
/// again.
const WITH_EACH: usize = 4;

/// The keys that are not in the index yet. It MUST have all of them, so it is dropped when a transaction fails, and
/// read from the log again.
pub(in crate::store) struct Nonces {
    recent: HashMap<(UserId, Box<str>), MessageRef>,
    /// Keys that are being indexed.
    leaving: BTreeMap<(UserId, Box<str>), MessageRef>,
    /// For each room, the seq up to which the log is indexed once `leaving` is empty.
    until: HashMap<RoomId, Seq>,
    most: usize,
}

impl Nonces {
    /// Reads the keys that are in the log and not in the index.
    pub(in crate::store) fn load(conn: &mut Conn) -> QueryResult<Self> {
        let entry = |row: Unindexed| {
            ((row.by_user, row.nonce.into_boxed_str()), MessageRef { room: row.room_id, seq: row.seq })
        };
        let rows = match conn {
            Conn::Sqlite(c) => unindexed(c)?,
        };
        let recent = rows.into_iter().map(entry).collect();
        Ok(Self { recent, leaving: BTreeMap::new(), until: HashMap::new(), most: REMEMBERED })
    }

    /// Returns the author's message with that key, if there is one.
    pub(in crate::store) fn find(
        &self,
        conn: &mut Conn,
        by: UserId,
        nonce: &Nonce,
    ) -> QueryResult<Option<MessageRef>> {
        let key = (by, nonce.as_str().into());
        if let Some(message) = self.recent.get(&key).or_else(|| self.leaving.get(&key)) {
            return Ok(Some(*message));
        }
        let found: Option<(RoomId, Seq)> = on!(conn, |c| nonces::table
            .find((to_sql(by), nonce.as_str()))
            .select((nonces::room_id, nonces::seq))
            .first(c))
        .optional()?;
        Ok(found.map(|(room, seq)| MessageRef { room, seq }))
    }

    /// Remembers the key of an author's new message.
    pub(in crate::store) fn add(
        &mut self,
        conn: &mut Conn,
        by: UserId,
        nonce: &Nonce,
        message: MessageRef,
    ) -> Result<(), Error> {
        self.recent.insert((by, nonce.as_str().into()), message);
        if self.leaving.is_empty() && self.recent.len() >= self.most {
            for &MessageRef { room, seq } in self.recent.values() {
                let newest = self.until.entry(room).or_default();
                *newest = seq.max(*newest);
            }
            self.leaving.extend(self.recent.drain());
        }
        if self.leaving.is_empty() { Ok(()) } else { self.index(conn) }
    }

    /// Indexes the next few keys.
    fn index(&mut self, conn: &mut Conn) -> Result<(), Error> {
        for _ in 0..WITH_EACH {
            let Some(((by, nonce), MessageRef { room, seq })) = self.leaving.pop_first() else { break };
            // It may have been indexed before a restart.
            on!(conn, |c| diesel::insert_into(nonces::table)
                .values((
                    nonces::by_user.eq(to_sql(by)),
                    nonces::nonce.eq(&*nonce),
                    nonces::room_id.eq(to_sql(room)),
                    nonces::seq.eq(to_sql(seq)),
                ))
                .on_conflict_do_nothing()
                .execute(c))?;
        }
        if self.leaving.is_empty() {
            for (room, seq) in self.until.drain() {
                on!(conn, |c| diesel::insert_into(nonces_until::table)
                    .values((nonces_until::room_id.eq(to_sql(room)), nonces_until::seq.eq(to_sql(seq))))
                    .on_conflict(nonces_until::room_id)
                    .do_update()
                    .set(nonces_until::seq.eq(to_sql(seq)))
                    .execute(c))?;
            }
        }
        Ok(())
    }
}

/// Indexes the idempotency keys of a room that is about to be removed, so that one of its messages that is sent again
/// is not stored as a new one. The log MUST still have the room's events. The keys in memory MUST be read again
/// afterwards.
pub(in crate::store) fn keep_of_room(conn: &mut Conn, room: RoomId) -> QueryResult<()> {
    let of_room = events::table
        .filter(events::room_id.eq(to_sql(room)).and(events::nonce.is_not_null()))
        .select((events::by_user, events::nonce.assume_not_null(), events::room_id, events::seq));
    on!(conn, |c| diesel::insert_into(nonces::table)
        .values(of_room)
        .into_columns((nonces::by_user, nonces::nonce, nonces::room_id, nonces::seq))
        .on_conflict_do_nothing()
        .execute(c))?;
    on!(conn, |c| diesel::delete(nonces_until::table.find(to_sql(room))).execute(c))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::store::sqlite::in_memory;

    fn nonce(text: &str) -> Nonce {
        Nonce::parse(text).unwrap()
    }

    #[test]
    fn every_nonce_is_found_in_memory_in_the_index_and_after_a_start() {
        let conn = &mut in_memory(
            "CREATE TABLE rooms (id INTEGER PRIMARY KEY);
             CREATE TABLE events (room_id, seq, by_user, nonce, PRIMARY KEY (room_id, seq)) WITHOUT ROWID;
             CREATE TABLE nonces (by_user, nonce, room_id, seq, PRIMARY KEY (by_user, nonce)) WITHOUT ROWID;
             CREATE TABLE nonces_until (room_id INTEGER PRIMARY KEY, seq);
             INSERT INTO rooms VALUES (1), (2), (3);",
        );
        let mut nonces = Nonces::load(conn).unwrap();
        nonces.most = 7;
        let mut loaded = Vec::new();
        for n in 0_i64..40 {
            let (room, seq, by, text) = (1 + n % 2, 1 + n.unsigned_abs() / 2, n % 3, format!("n{}", n / 3));
            on!(conn, |c| c
                .batch_execute(&format!("INSERT INTO events VALUES ({room}, {seq}, {by}, '{text}')")))
            .unwrap();
            let (by, message) = (UserId(by), MessageRef { room: RoomId(room), seq: Seq(seq) });
            assert_eq!(nonces.find(conn, by, &nonce(&text)).unwrap(), None);
            nonces.add(conn, by, &nonce(&text), message).unwrap();
            // In between, while some keys are being indexed.
            if n % 5 == 4 || n == 25 {
                nonces = Nonces::load(conn).unwrap();
                nonces.most = 7;
                loaded.push(nonces.recent.len());
            }
            for before in 0..=n {
                let message =
                    MessageRef { room: RoomId(1 + before % 2), seq: Seq(1 + before.unsigned_abs() / 2) };
                let text = nonce(&format!("n{}", before / 3));
                assert_eq!(nonces.find(conn, UserId(before % 3), &text).unwrap(), Some(message));
            }
        }
        // Seven at a time are indexed, and are read again until all of them are done.
        assert_eq!(loaded, [5, 3, 1, 6, 4, 5, 2, 7, 4]);
    }
}
