//! The database: one writing thread, a few readers, and the folder that holds it. Diesel is used
//! here and nowhere else; rows become the contract's types in the modules below, one table family each.

pub mod audit;
pub mod codes;
pub mod events;
pub mod files;
pub mod folder;
pub mod logins;
pub mod members;
pub mod messages;
mod nonces;
mod readers;
pub mod rooms;
pub mod sanctions;
mod schema;
pub mod search;
pub mod users;
mod writer;

use std::path::Path;
use std::sync::Arc;

pub use self::events::Draft;
use self::readers::Readers;
use self::writer::Writer;
pub use self::writer::{Commit, Deliver, Transaction, Written};
use crate::clock::Clock;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::receipt::Receipt;
use chat_proto::{Millis, Seq, UserId};

/// The one connection type of the queries below.
pub type Conn = diesel::SqliteConnection;

/// A room's number in the database.
pub type RoomId = i64;

/// Where an append ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The event's room.
    pub room: RoomId,
    /// Its number there.
    pub seq: Seq,
    /// When it was committed.
    pub at: Millis,
}

/// Seqs and user ids are kept as SQL integers, which have a sign.
pub(crate) fn to_sql(seq: Seq) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

pub(crate) fn from_sql(seq: i64) -> Seq {
    Seq::try_from(seq).unwrap_or(0)
}

/// The open database. Dropping it ends the writer thread once its queue is empty.
pub struct Store {
    log: String,
    readers: Readers,
    writer: Writer,
}

impl Store {
    /// Opens the database in `folder`, making and migrating it as needed. Every commit is given to
    /// `deliver`, in order, by the writer's thread. Needs a runtime around it.
    ///
    /// # Errors
    /// Where the database is not ours, is newer, is damaged or cannot be opened. It is left untouched then.
    pub fn open(
        folder: &Path,
        clock: Clock,
        metrics: Arc<Metrics>,
        deliver: Deliver,
    ) -> anyhow::Result<Self> {
        let path = folder::prepare(folder, &clock)?;
        let log = log_id(&mut readers::open(&path)?)?;
        let readers = Readers::start(&path)?;
        let writer = Writer::start(path, clock, metrics, deliver)?;
        Ok(Self { log, readers, writer })
    }

    /// The id that cursors belong to.
    #[must_use]
    pub fn log(&self) -> &str {
        &self.log
    }

    /// Runs a query on one of the readers.
    ///
    /// # Errors
    /// `Unavailable` where no reader is free in time or the database cannot be read.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.readers.run(query).await
    }

    /// Runs `act` in the writer's next transaction, where it may look at what someone may do, change it, and
    /// append events; returns once that is committed and the events are delivered. `act` MUST look before it
    /// writes: when it refuses, nothing of it may have been written. It MAY run twice.
    ///
    /// # Errors
    /// What `act` refused with, or `Unavailable` where it could not be committed.
    pub async fn act<T: Send + 'static>(
        &self,
        act: impl FnMut(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.change(act).await
    }

    /// The same for what changes nobody's rights and appends nothing.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub async fn write<T: Send + 'static>(
        &self,
        mut change: impl FnMut(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.change(move |tx| change(tx.quietly())).await
    }

    /// Queues an event. Its receipt is answered once it is committed and shown, or could not be.
    ///
    /// # Errors
    /// `Unavailable` where the writer is gone.
    pub async fn append(&self, draft: Draft, receipt: Receipt) -> Result<(), Error> {
        self.writer.append(draft, receipt).await
    }

    /// Ends the writer and the readers once their queues are empty, and waits for them.
    pub async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}

fn log_id(conn: &mut Conn) -> anyhow::Result<String> {
    use diesel::prelude::*;
    use schema::meta::dsl::{key, meta, value};
    Ok(meta.filter(key.eq("log")).select(value).first(conn)?)
}

/// Writes a row of no meaning, to see whether it can be committed.
///
/// # Errors
/// Where the database cannot be written.
pub fn note_ready(conn: &mut Conn, now: Millis) -> Result<(), Error> {
    use diesel::prelude::*;
    use schema::meta::dsl::{key, meta, value};
    diesel::replace_into(meta).values((key.eq("ready"), value.eq(now.to_string()))).execute(conn)?;
    Ok(())
}

/// Who is asking for rows: whose read mark and membership they show.
pub type Asker = UserId;
