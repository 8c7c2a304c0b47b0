//! The search index over the messages of all rooms. It lags behind the log, so that indexing does not slow down
//! sending, and catches up before a search. Each kind of database has its own index.

use std::ops::ControlFlow;

use chat_proto::{Millis, UserId};
use diesel::QueryResult;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::sqlite::search as sqlite;
use crate::store::{Conn, MessageRef};

/// Which messages to look for in the index.
pub(in crate::store) struct Wanted<'a> {
    /// The rooms to search.
    pub(in crate::store) rooms: &'a [RoomId],
    /// Only messages by this user.
    pub(in crate::store) author: Option<UserId>,
    /// Words that must all be in a message, and whether each may be only the beginning of a word.
    pub(in crate::store) words: &'a [(&'a str, bool)],
    /// Only messages from before this time.
    pub(in crate::store) before: Millis,
}

/// Updates the index when a message changes from `old` to `new`, or is deleted.
pub(crate) fn replace(
    conn: &mut Conn,
    message: MessageRef,
    by: UserId,
    old: &str,
    new: Option<&str>,
) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(c) => Ok(sqlite::replace(c, message, by, old, new)?),
    }
}

/// Removes a room from the index. The log MUST still have the room's texts, which the index does not store.
pub(crate) fn forget_room(conn: &mut Conn, room: RoomId) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(c) => Ok(sqlite::forget_room(c, room)?),
    }
}

/// Indexes some of the messages that the index does not have yet. Returns whether there may be more.
pub(crate) fn catch_up(conn: &mut Conn) -> Result<bool, Error> {
    match conn {
        Conn::Sqlite(c) => Ok(sqlite::catch_up(c)?),
    }
}

/// Whether the log has messages that the index does not have.
pub(crate) fn is_behind(conn: &mut Conn) -> Result<bool, Error> {
    match conn {
        Conn::Sqlite(c) => Ok(sqlite::behind(c)?.is_some()),
    }
}

/// Passes every message with these words to `look`, newest first, until `look` breaks.
pub(in crate::store) fn candidates(
    conn: &mut Conn,
    wanted: &Wanted<'_>,
    look: impl FnMut(MessageRef, &str) -> ControlFlow<()>,
) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => sqlite::candidates(c, wanted, look),
    }
}
