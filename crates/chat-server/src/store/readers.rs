//! The readers: a few threads, each with a connection that cannot write. Each runs one query after another, so that
//! no thread has to wake up between many queries.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use super::Conn;
use super::sqlite::Database;
use crate::error::Error;

/// How many queries run at once. More than the number of cores gains little, but a few more hide slow disks.
pub(super) const READERS: usize = 4;

/// The maximum number of queued queries. Further callers wait.
const WAITING: usize = 256;

/// How long a query waits for a reader.
const READ_WAIT: Duration = Duration::from_secs(10);

/// A query with its caller. It gets the connection, or the reason why there is none.
type Job = Box<dyn FnOnce(Result<&mut Conn, Error>) + Send>;

pub(super) struct Readers {
    /// A reader that receives `None` ends.
    jobs: mpsc::Sender<Option<Job>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    /// Starts `count` threads. They end with [`Self::close`], or when this is dropped.
    pub(super) fn start(database: &Arc<Database>, count: usize) -> anyhow::Result<Self> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let start = |n| {
            let (waiting, database) = (waiting.clone(), database.clone());
            let work = move || work_off(&waiting, &database);
            std::thread::Builder::new().name(format!("reader-{n}")).spawn(work)
        };
        let threads = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { jobs, threads: Mutex::new(threads) })
    }

    /// Ends the threads after the queued queries, and waits until their connections are closed: the last connection
    /// to close locks the database, and the next open would have to wait.
    pub(super) async fn close(&self) {
        let threads = std::mem::take(&mut *self.threads.lock());
        for _ in &threads {
            let _ = self.jobs.send(None).await;
        }
        let join = || threads.into_iter().filter_map(|thread| thread.join().err()).count();
        if tokio::task::spawn_blocking(join).await.is_ok_and(|panicked| panicked > 0) {
            tracing::error!("a reader thread had panicked");
        }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Error::Unavailable(anyhow!("no reader was free for {READ_WAIT:?}"));
        let (caller, answer) = oneshot::channel();
        let queued = Instant::now();
        let job: Job = Box::new(move |conn: Result<&mut Conn, Error>| {
            let result = match conn {
                _ if queued.elapsed() >= READ_WAIT => Err(busy()),
                Ok(conn) => query(conn),
                Err(e) => Err(e),
            };
            // The caller may have gone.
            let _ = caller.send(result);
        });
        let sent = tokio::time::timeout(READ_WAIT, self.jobs.send(Some(job))).await;
        sent.map_err(|_| busy())?.map_err(|_| Error::Unavailable(anyhow!("the readers have stopped")))?;
        answer.await.unwrap_or_else(|_| Err(Error::Internal(anyhow!("a query panicked"))))
    }
}

/// Runs one reader. It opens the connection when it is first needed, and again after a query that panicked.
fn work_off(waiting: &Mutex<mpsc::Receiver<Option<Job>>>, database: &Database) {
    let mut conn: Option<Conn> = None;
    loop {
        // The thread that waits for a job holds the lock.
        let job = waiting.lock().blocking_recv();
        let Some(Some(job)) = job else { return };
        let opened = match &mut conn {
            Some(conn) => Ok(conn),
            none => database.reader().map(|opened| none.insert(opened)).map_err(Error::Unavailable),
        };
        if catch_unwind(AssertUnwindSafe(|| job(opened))).is_err() {
            conn = None;
        }
    }
}
