//! Counts the messages of a room that a user has not read.

use chat_proto::limits::UNREAD;
use chat_proto::{Seq, UserId};
use diesel::prelude::*;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::events;
use crate::store::tables::events::MessageDetail;
use crate::store::{Conn, on, to_sql};
use crate::tally::{Count, Tallies, block_of, end_of, start_of};

/// Counts what one user has not read, using the blocks that others have already counted.
pub(super) struct Unread<'a> {
    tallies: &'a Tallies,
    generation: u64,
    user: UserId,
}

impl<'a> Unread<'a> {
    /// MUST be made before the database is read.
    pub(super) fn new(tallies: &'a Tallies, user: UserId) -> Self {
        Self { tallies, generation: tallies.generation(), user }
    }

    /// Returns how many messages by others there are after `read` up to `head`, counting the newest [`UNREAD`] of
    /// them, and how many of those mention the user.
    pub(super) fn count(
        &self,
        conn: &mut Conn,
        room: RoomId,
        read: Seq,
        head: Seq,
    ) -> Result<(u64, u64), Error> {
        let (mut unread, mut mentions) = (0, 0);
        let mut until = head;
        while until > read && unread < UNREAD {
            let block = block_of(until);
            let (start, end) = (start_of(block), end_of(block));
            let is_whole = read <= start && until == end;
            let known = if is_whole { self.tallies.for_user(room, block, self.user) } else { None };
            let (more, naming) = match known {
                Some(known) => known,
                None => {
                    let count = stretch(conn, room, read.max(start), until)?;
                    let mine = count.for_user(self.user);
                    if is_whole {
                        self.tallies.remember(room, block, self.generation, count);
                    }
                    mine
                }
            };
            (unread, mentions) = (unread + more, mentions + naming);
            until = start;
        }
        Ok((unread.min(UNREAD), mentions.min(UNREAD)))
    }
}

/// Counts a range of at most a block.
fn stretch(conn: &mut Conn, room: RoomId, after: Seq, until: Seq) -> Result<Count, Error> {
    let rows: Vec<(UserId, Option<String>)> = on!(conn, |c| events::table
        .filter(
            events::room_id
                .eq(to_sql(room))
                .and(events::seq.gt(to_sql(after)))
                .and(events::seq.le(to_sql(until)))
        )
        .filter(events::kind.eq("message").and(events::deleted_at.is_null()))
        .select((events::by_user, events::detail))
        .load(c))?;
    let mut count = Count::default();
    for (by, detail) in rows {
        // A newer server may have written details that cannot be read here. Such a message mentions nobody.
        let mentions = MessageDetail::decode_or_empty(detail.as_deref()).mentions;
        count.add(by, &mentions);
    }
    Ok(count)
}
