//! The only thread that writes. It takes all waiting jobs, of all rooms, assigns seqs, commits once and durably
//! (group commit), and only then publishes events, consequences and answers. It publishes on its own thread: handing
//! a commit to another thread would cost more than most deliveries, and jobs that arrive meanwhile make the next
//! commit larger.

mod commit;
#[cfg(test)]
mod model;
mod pace;
mod queue;
#[cfg(test)]
mod tests;
mod tx;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use chat_proto::UserId;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

pub use self::commit::{Commit, Publish, Written};
use self::pace::{ENOUGH, Pace};
use self::queue::Queue;
use self::tx::Cache;
pub use self::tx::Tx;
use super::Conn;
use super::act::{Act, Asked, Pending, ReplySlot};
use super::admission::Moment;
use super::sqlite::Database;
use super::tables::events::Draft;
use crate::clock::Clock;
use crate::error::Error;
use crate::metrics::Metrics;

/// The maximum number of jobs in one commit: enough for many rooms at once, but few enough to answer soon.
const BATCH: usize = 2048;

/// How long a job may have waited when the writer takes it. An older job is refused and not stored.
const JOB_WAIT: Duration = Duration::from_secs(10);

/// What the queue is built from. The model check has a module with this name too.
mod sync {
    pub(super) use parking_lot::{Condvar, Mutex, MutexGuard};
    pub(super) use tokio::sync::Semaphore;
}

enum Work<S> {
    Append(Draft, S),
    Act(Box<dyn Pending>),
}

struct Job<S> {
    work: Work<S>,
    queued: Instant,
}

impl<S> Job<S> {
    /// Returns the author, if it is a message.
    fn author(&self) -> Option<UserId> {
        match &self.work {
            Work::Append(draft, _) => Some(draft.by.id),
            Work::Act(_) => None,
        }
    }
}

pub(super) struct Writer<S> {
    jobs: Arc<Queue<Job<S>>>,
    published: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<S: ReplySlot> Writer<S> {
    /// Starts the thread with its open connection to the database. `failed` is cancelled if the thread panics.
    pub(super) fn start(
        (database, conn): (Arc<Database>, Conn),
        clock: Clock,
        metrics: Arc<Metrics>,
        publish: Publish<S>,
        failed: CancellationToken,
    ) -> anyhow::Result<Self> {
        let jobs = Arc::new(Queue::default());
        let published = Arc::new(AtomicU64::new(0));
        let guard = Guard { jobs: jobs.clone(), failed };
        let thread = Thread {
            database,
            conn: Some(conn),
            cache: Cache::default(),
            moment: Moment::default(),
            published: published.clone(),
            clock,
            metrics,
            publish,
        };
        let runtime = Handle::current();
        let run = move || {
            // Delivery starts timers.
            let _context = runtime.enter();
            thread.run(&guard.jobs);
        };
        let handle = std::thread::Builder::new().name("writer".to_owned()).spawn(run)?;
        Ok(Self { jobs, published, thread: Mutex::new(Some(handle)) })
    }

    /// Returns the moment of the newest act that was published.
    pub(super) fn published(&self) -> Arc<AtomicU64> {
        self.published.clone()
    }

    pub(super) async fn append(&self, draft: Draft, slot: S) -> Result<(), Error> {
        self.queue(Work::Append(draft, slot)).await
    }

    pub(super) async fn perform<A: Act>(&self, act: A) -> Result<A::Answer, Error> {
        let (asked, answer) = Asked::new(act);
        self.queue(Work::Act(Box::new(asked))).await?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    async fn queue(&self, work: Work<S>) -> Result<(), Error> {
        self.jobs.push(Job { work, queued: Instant::now() }).await.map_err(|_| gone())
    }
}

impl<S> Writer<S> {
    pub(super) async fn close(&self) {
        self.jobs.close();
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // The guard has reported a panic.
            let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        }
    }
}

impl<S> Drop for Writer<S> {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

fn gone() -> Error {
    Error::Unavailable(anyhow!("the writer has stopped"))
}

/// Makes sure that nobody waits for a writer that panicked: closes its queue, drops the jobs in it, and notifies the
/// server.
struct Guard<S> {
    jobs: Arc<Queue<Job<S>>>,
    failed: CancellationToken,
}

impl<S> Drop for Guard<S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the writer panicked");
            self.failed.cancel();
        }
        self.jobs.close();
        // Dropping a job notifies its caller.
        drop(self.jobs.drain());
    }
}

struct Thread<S> {
    database: Arc<Database>,
    /// `None` after a failure: a connection whose sync failed cannot be trusted, so another one is opened.
    conn: Option<Conn>,
    cache: Cache,
    /// The newest moment that was assigned.
    moment: Moment,
    published: Arc<AtomicU64>,
    clock: Clock,
    metrics: Arc<Metrics>,
    publish: Publish<S>,
}

impl<S: ReplySlot> Thread<S> {
    fn run(mut self, jobs: &Queue<Job<S>>) {
        let mut pace = Pace::new(Instant::now());
        while let Some(batch) = jobs.take(ENOUGH, pace.due(), BATCH) {
            let began = Instant::now();
            pace.begin(began, batch.iter().filter_map(Job::author));
            let (batch, late): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|job| began.saturating_duration_since(job.queued) < JOB_WAIT);
            (self.publish)(Commit::failed(late));
            if !batch.is_empty() {
                self.commit(batch);
            }
        }
        if let Some(conn) = &mut self.conn {
            self.database.settle(conn);
        }
    }

    fn commit(&mut self, mut batch: Vec<Job<S>>) {
        let began = Instant::now();
        match self.transact(&mut batch) {
            Ok(outcomes) => {
                self.metrics.commits.observe(began.elapsed().as_secs_f64());
                let commit = Commit::of(batch, outcomes);
                self.metrics.events.inc_by(commit.events());
                (self.publish)(commit);
                self.published.store(self.moment.number(), Ordering::Release);
            }
            // One job violated a constraint of the database, so only that job must fail.
            Err(Error::Internal(_)) if batch.len() > 1 => {
                for job in batch {
                    self.commit(vec![job]);
                }
            }
            Err(failure) => {
                self.metrics.failed_commits.inc();
                tracing::error!(jobs = batch.len(), error = failure.cause(), "a commit failed");
                (self.publish)(Commit::failed(batch));
            }
        }
    }

    fn transact(&mut self, batch: &mut [Job<S>]) -> Result<Vec<tx::Outcome>, Error> {
        // A commit to a deleted file would be acknowledged, and lost when the process ends.
        self.database.check_before_commit(self.conn.is_some()).map_err(Error::Unavailable)?;
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.database.writer().map_err(Error::Unavailable)?,
        };
        let now = self.clock.read();
        let (cache, moment) = (&mut self.cache, &mut self.moment);
        let done = conn.write_transaction(|conn| Tx::new(conn, cache, moment, now).run(batch));
        match &done {
            Ok(_) => self.conn = Some(conn),
            // The seqs of the failed transaction were never used, and its changes never made.
            Err(_) => {
                self.cache = Cache::default();
                self.database.writer_failed();
            }
        }
        done
    }
}
