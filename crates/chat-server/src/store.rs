//! The database: one thread that writes, a few that read, and the folder that holds it. Diesel is used here and
//! nowhere else.
//!
//! Layers, each importing only those before it: `schema`, `consequence`, `admission` and `rows` are leaves; `sqlite`
//! has everything that another database would do differently; `tables` has one file for each family of tables;
//! `views` query several tables; `writer`, `readers` and `lineage` use them.
//!
//! Functions fail with `Unavailable` if the database cannot be read or written. Their docs only name other errors.

mod act;
pub mod admission;
mod conn;
pub mod consequence;
pub(crate) mod direct;
pub(crate) mod lineage;
mod readers;
pub mod rows;
mod schema;
mod sqlite;
pub mod tables;
pub(crate) mod views;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use self::act::{Act, ReplySlot};
pub use self::admission::{Admission, Moment};
pub use self::conn::Conn;
use self::conn::on;
pub use self::consequence::Consequence;
use self::lineage::Lineage;
use self::readers::{READERS, Readers};
pub use self::rows::{MessageRef, RoomRef, RoomRow};
pub(crate) use self::schema::columns::{signed, to_sql, unsigned};
use self::sqlite::Database;
pub use self::sqlite::{FolderLock, lock};
pub use self::tables::events::Draft;
use self::tables::{members, meta, rooms};
use self::writer::Writer;
pub use self::writer::{Commit, Publish, Tx, Written};
use crate::clock::Clock;
use crate::error::Error;
use crate::id::RoomId;
use crate::metrics::Metrics;
use crate::secret::random_hex;
use chat_proto::room::RoomKind;
use chat_proto::{Millis, Seq};
use diesel::QueryResult;
use tokio_util::sync::CancellationToken;

/// The position of an appended event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The event's room.
    pub room: RoomId,
    /// The event's seq in it.
    pub seq: Seq,
    /// When it was committed.
    pub at: Millis,
}

impl Position {
    /// Returns a reference to the message at this position.
    #[must_use]
    pub fn message(&self) -> MessageRef {
        MessageRef { room: self.room, seq: self.seq }
    }
}

/// The open database. Appends are answered through slots of type `S`. When it is dropped, the writer thread ends once
/// its queue is empty.
pub struct Store<S> {
    lineage: Lineage,
    database: Arc<Database>,
    readers: Readers,
    /// Searches have their own reader, so that nobody who logs in waits for them.
    searcher: Readers,
    writer: Writer<S>,
}

impl<S: ReplySlot> Store<S> {
    /// Opens the database in `folder`, and creates or migrates it if needed. The writer's thread passes every commit
    /// to `publish`, in order. `failed` is cancelled if that thread panics. Must be called in a runtime.
    ///
    /// # Errors
    /// If the database is foreign, newer or damaged, or cannot be opened. It is not changed then.
    pub fn open(
        folder: &Path,
        clock: Clock,
        metrics: Arc<Metrics>,
        publish: Publish<S>,
        failed: CancellationToken,
    ) -> anyhow::Result<Self> {
        let database = Arc::new(Database::prepare(folder, |conn| seed(conn, &clock))?);
        let mut conn = database.writer()?;
        resume_age(&mut conn, &clock)?;
        let lineage = lineage::begin(&mut conn, &database.identity()?)?;
        let writer = Writer::start((database.clone(), conn), clock, metrics, publish, failed)?;
        let (readers, searcher) = (Readers::start(&database, READERS)?, Readers::start(&database, 1)?);
        Ok(Self { lineage, database, readers, searcher, writer })
    }

    /// Returns the epoch, to which cursors belong.
    #[must_use]
    pub fn log(&self) -> &str {
        self.lineage.log()
    }

    /// Whether a cursor of the epoch `log` means the same event in this epoch. `None` stands for this epoch.
    #[must_use]
    pub fn may_resume(&self, log: Option<&str>, room: RoomId, cursor: Seq) -> bool {
        log.is_none_or(|log| self.lineage.may_resume(log, room, cursor))
    }

    /// Runs a query on one of the readers.
    ///
    /// # Errors
    /// `Unavailable` if no reader is free in time or the database cannot be read.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.readers.run(query).await
    }

    /// Like [`Self::read`], with all statements on one snapshot of the database.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_snapshot<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.readers.run(move |conn| conn.transaction(query)).await
    }

    /// Like [`Self::read`], on the reader for searches.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn search<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.searcher.run(move |conn| conn.transaction(query)).await
    }

    /// Like [`Self::read`]. The query also gets a moment: what it reads includes every act up to that.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_as_of<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Conn, Moment) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let published = self.writer.published();
        let query = move |conn: &mut Conn| {
            let as_of = Moment::from_number(published.load(Ordering::Acquire));
            query(conn, as_of)
        };
        self.readers.run(query).await
    }

    /// Performs `act` in the writer's next transaction, and returns once it is committed, its events are delivered
    /// and its consequences have taken effect. All of that happens even if the returned future is dropped.
    ///
    /// # Errors
    /// The refusal of `act`, or `Unavailable` if it could not be committed.
    pub async fn perform<A: Act>(&self, act: A) -> Result<A::Answer, Error> {
        self.writer.perform(act).await
    }

    /// Queues an event. Its slot is answered once the event is committed and delivered, or could not be. For one
    /// event, this is [`Self::perform`] without an allocation for the act and a wake-up for the answer.
    ///
    /// # Errors
    /// `Unavailable` if the writer is gone.
    pub async fn append(&self, draft: Draft, slot: S) -> Result<(), Error> {
        self.writer.append(draft, slot).await
    }

    /// Checks that the open database is still the one in the folder.
    ///
    /// # Errors
    /// If it was removed or replaced.
    pub fn check_in_place(&self) -> anyhow::Result<()> {
        self.database.check()
    }

    /// Erases the last copies of deleted and edited content, which the database keeps outside its tables.
    ///
    /// # Errors
    /// If that is not possible now.
    pub async fn scrub(&self) -> anyhow::Result<()> {
        let database = self.database.clone();
        tokio::task::spawn_blocking(move || database.scrub()).await?
    }

    /// Ends the readers and then the writer once their queues are empty, and waits for them. The writer must be the
    /// last to close its connection.
    pub async fn close(&self) {
        self.readers.close().await;
        self.searcher.close().await;
        self.writer.close().await;
    }
}

/// Returns every room, as the server holds it in memory.
pub fn all_rooms(conn: &mut Conn) -> Result<Vec<RoomRow>, Error> {
    let sights = members::sights(conn)?;
    rooms::all(conn, sights)
}

/// Fills a new database.
fn seed(conn: &mut Conn, clock: &Clock) -> anyhow::Result<()> {
    let log = random_hex::<16>()?;
    conn.transaction(|conn| {
        meta::set(conn, meta::LOG, &log)?;
        rooms::insert(conn, rooms::DEFAULT_ROOM, RoomKind::Public, "", None, clock.now())
    })?;
    Ok(())
}

fn resume_age(conn: &mut Conn, clock: &Clock) -> QueryResult<()> {
    if let Some(age) = meta::get(conn, meta::AGE)?.and_then(|age| age.parse().ok()) {
        clock.resume_age(age);
    }
    // If the disk is full, nothing needs to be stored either.
    if let Err(e) = note_age(conn, clock) {
        tracing::warn!(error = %e, "the time could not be stored");
    }
    Ok(())
}

/// Stores the time by which ages are measured, for the next start.
pub fn note_age(conn: &mut Conn, clock: &Clock) -> QueryResult<()> {
    meta::set(conn, meta::AGE, &clock.age_bound().to_string())
}

/// Writes a meaningless row, to find out whether a commit succeeds.
pub fn note_ready(conn: &mut Conn, now: Millis) -> Result<(), Error> {
    Ok(meta::set(conn, meta::READY, &now.to_string())?)
}
