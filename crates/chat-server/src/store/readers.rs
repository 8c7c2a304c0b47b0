//! The readers' pool: a few connections that cannot write, used on blocking threads.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use tokio::sync::Semaphore;

use super::folder;
use crate::error::Error;

/// How many queries run at once. More than the machine has cores gains little; a few hide slow disks.
const READERS: u32 = 4;

/// How much of the database each keeps in memory, in KiB. The system's own cache holds the rest.
const CACHE_KIB: u32 = 1024;

/// How long a query waits for its turn.
const READ_WAIT: Duration = Duration::from_secs(10);

pub(super) type Reader = PooledConnection<ConnectionManager<SqliteConnection>>;

pub(super) struct Readers {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    /// Keeps waiting queries off the blocking threads.
    turns: Semaphore,
}

#[derive(Debug)]
struct ReadOnly;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for ReadOnly {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(&format!(
            "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -{CACHE_KIB};"
        ))
        .map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Readers {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let pool = Pool::builder()
            .max_size(READERS)
            .min_idle(Some(1))
            .connection_timeout(READ_WAIT)
            // Looking at a local file before each use would cost more than the query.
            .test_on_check_out(false)
            .connection_customizer(Box::new(ReadOnly))
            .build(ConnectionManager::new(folder::uri(path, "rw")))
            .context("the database cannot be opened for reading")?;
        Ok(Self { pool, turns: Semaphore::new(READERS as usize) })
    }

    pub(super) fn first(&self) -> anyhow::Result<Reader> {
        Ok(self.pool.get()?)
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut SqliteConnection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Error::Unavailable(anyhow!("no reader was free for {READ_WAIT:?}"));
        let turn = tokio::time::timeout(READ_WAIT, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let pool = self.pool.clone();
        let task = tokio::task::spawn_blocking(move || {
            let mut conn = pool.get().map_err(|e| Error::Unavailable(e.into()))?;
            query(&mut conn)
        });
        task.await.map_err(|e| Error::Internal(anyhow!(e).context("a query panicked")))?
    }
}
