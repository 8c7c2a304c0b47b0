//! The one writing thread. It takes everything that waits, from all rooms, gives each room its range
//! of seqs, commits once with `synchronous=FULL`, and only then shows it (group commit). It shows it itself: handing it to
//! another thread would cost more than most deliveries, and what comes meanwhile makes the next commit larger.

mod pace;
mod queue;
mod transaction;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use chat_proto::error::Refusal;
use chat_proto::event::{MemberChange, User, What};
use chat_proto::{ErrorCode, UserId};
use diesel::connection::SimpleConnection;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use self::pace::{ENOUGH, Pace};
use self::queue::Queue;
use self::transaction::Cache;
pub use self::transaction::Transaction;
use super::events::Draft;
use super::{Conn, Position, RoomId, folder};
use crate::clock::Clock;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::receipt::Receipt;

/// Most jobs of one commit: enough for everyone in many rooms to get theirs in one write, few enough to answer soon.
const BATCH: usize = 2048;

/// How long a job may have waited when the writer comes to it; an older one is refused, unstored.
const JOB_WAIT: Duration = Duration::from_secs(10);

/// What became of an append, or an event of a larger change: on disk, and seen by nobody yet.
pub struct Written {
    /// The room.
    pub room: RoomId,
    /// Where it is, or why it is nowhere.
    pub outcome: Result<Position, Refusal>,
    /// What it tells; none where nothing happened, or the author sent it before.
    pub event: Option<(User, What)>,
    /// Who is to hear of it; none where it came of a larger change.
    pub receipt: Option<Receipt>,
}

impl Written {
    /// The membership act that this is, if it is one.
    #[must_use]
    pub fn member_change(&self) -> Option<MemberChange> {
        match &self.event {
            Some((_, What::Member(change))) => Some(change.clone()),
            _ => None,
        }
    }
}

/// What one transaction came to.
pub struct Commit {
    /// In order.
    pub written: Vec<Written>,
    changes: Vec<Box<dyn Change>>,
}

impl Commit {
    /// Tells those whose changes appended events. MUST come after all of them were delivered.
    pub fn answer(self) {
        for change in self.changes {
            change.finish(None);
        }
    }
}

/// Who shows what was committed. It MUST NOT wait for anyone: nothing is committed meanwhile.
pub type Deliver = Box<dyn FnMut(Commit) + Send>;

/// A change other than an append, whose result waits inside it for the commit.
trait Change: Send {
    /// Carries it out. An error is the store's, never the asker's.
    fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Error>;
    /// Tells the asker: its result, or why the transaction failed.
    fn finish(self: Box<Self>, failure: Option<Error>);
}

struct Closure<T, F> {
    change: F,
    result: Option<Result<T, Error>>,
    asker: oneshot::Sender<Result<T, Error>>,
}

impl<T: Send, F: FnMut(&mut Transaction<'_>) -> Result<T, Error> + Send> Change for Closure<T, F> {
    fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        match (self.change)(tx) {
            Ok(done) => self.result = Some(Ok(done)),
            Err(Error::Refused(refusal)) => self.result = Some(Err(refusal.into())),
            Err(ours) => return Err(ours),
        }
        Ok(())
    }

    fn finish(self: Box<Self>, failure: Option<Error>) {
        let result = match (failure, self.result) {
            (Some(failure), _) => Err(failure),
            (None, Some(result)) => result,
            (None, None) => Err(Error::Internal(anyhow!("a change was committed without having run"))),
        };
        let _ = self.asker.send(result);
    }
}

enum Work {
    Append(Draft, Receipt),
    Change(Box<dyn Change>),
}

struct Job {
    what: Work,
    queued: Instant,
}

impl Job {
    /// Who wrote, where that is what it is.
    fn author(&self) -> Option<UserId> {
        match &self.what {
            Work::Append(draft, _) => Some(draft.by.id),
            Work::Change(_) => None,
        }
    }
}

/// What a job came to inside the transaction.
enum Outcome {
    New(Position),
    Known(Position),
    Refused(Refusal),
    Changed(Vec<(Position, Draft)>),
}

pub(super) struct Writer {
    jobs: Arc<Queue<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        path: PathBuf,
        clock: Clock,
        metrics: Arc<Metrics>,
        deliver: Deliver,
    ) -> anyhow::Result<Self> {
        let conn = Some(folder::open(&path)?);
        let jobs = Arc::new(Queue::default());
        let queue = jobs.clone();
        let thread = Thread { path, conn, cache: Cache::default(), clock, metrics, deliver };
        let runtime = Handle::current();
        let run = move || {
            // Delivery starts timers.
            let _context = runtime.enter();
            thread.run(&queue);
        };
        let handle = std::thread::Builder::new().name("writer".to_owned()).spawn(run)?;
        Ok(Self { jobs, thread: Mutex::new(Some(handle)) })
    }

    pub(super) async fn append(&self, draft: Draft, receipt: Receipt) -> Result<(), Error> {
        self.queue(Work::Append(draft, receipt)).await
    }

    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (asker, answer) = oneshot::channel();
        self.queue(Work::Change(Box::new(Closure { change, result: None, asker }))).await?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    async fn queue(&self, what: Work) -> Result<(), Error> {
        self.jobs.push(Job { what, queued: Instant::now() }).await.map_err(|_| gone())
    }

    pub(super) async fn close(&self) {
        self.jobs.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && tokio::task::spawn_blocking(|| thread.join()).await.is_ok_and(|joined| joined.is_err())
        {
            tracing::error!("the writer thread had panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

fn gone() -> Error {
    Error::Unavailable(anyhow!("the writer has stopped"))
}

/// What everyone in a failed transaction is told; the failure itself is logged once, by the writer.
fn not_stored() -> Refusal {
    Refusal::new(
        ErrorCode::Unavailable,
        "The server cannot store anything now, and stored nothing of this. Try again in a moment.",
    )
}

struct Thread {
    path: PathBuf,
    /// None after a failure: a connection whose sync failed cannot be trusted, so it is opened anew.
    conn: Option<Conn>,
    cache: Cache,
    clock: Clock,
    metrics: Arc<Metrics>,
    deliver: Deliver,
}

impl Thread {
    fn run(mut self, jobs: &Queue<Job>) {
        let mut pace = Pace::new(Instant::now());
        while let Some(batch) = jobs.take(ENOUGH, pace.due(), BATCH) {
            let began = Instant::now();
            pace.begin(began, batch.iter().filter_map(Job::author));
            let (batch, late): (Vec<Job>, Vec<Job>) =
                batch.into_iter().partition(|job| began.saturating_duration_since(job.queued) < JOB_WAIT);
            self.refuse(late);
            if !batch.is_empty() {
                self.commit(batch);
            }
        }
        if let Some(conn) = &mut self.conn {
            // So that the next start has nothing to recover; a failure costs only that.
            let _ = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    fn commit(&mut self, mut batch: Vec<Job>) {
        let began = Instant::now();
        match self.transact(&mut batch) {
            Ok(outcomes) => {
                self.metrics.commits.observe(began.elapsed().as_secs_f64());
                self.publish(batch, outcomes);
            }
            // One job broke a rule of the database: let it fail alone.
            Err(Error::Internal(_)) if batch.len() > 1 => {
                for job in batch {
                    self.commit(vec![job]);
                }
            }
            Err(failure) => {
                self.metrics.failed_commits.inc();
                let error = match failure {
                    Error::Refused(refusal) => refusal.to_string(),
                    Error::Unavailable(e) | Error::Internal(e) => format!("{e:#}"),
                };
                tracing::error!(jobs = batch.len(), error, "a commit failed and nothing of it was stored");
                self.refuse(batch);
            }
        }
    }

    fn transact(&mut self, batch: &mut [Job]) -> Result<Vec<Outcome>, Error> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => folder::open(&self.path).map_err(Error::Unavailable)?,
        };
        let now = self.clock.now();
        let cache = &mut self.cache;
        let done = conn.immediate_transaction(|conn| Transaction::new(conn, cache, now).run(batch));
        match &done {
            Ok(_) => self.conn = Some(conn),
            // The seqs given out in the failed transaction were never used, and its changes never made.
            Err(_) => self.cache = Cache::default(),
        }
        done
    }

    fn publish(&mut self, batch: Vec<Job>, outcomes: Vec<Outcome>) {
        let (mut written, mut changes) = (Vec::with_capacity(batch.len()), Vec::new());
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            match (job.what, outcome) {
                (Work::Append(draft, receipt), outcome) => {
                    let (room, receipt) = (draft.room, Some(receipt));
                    written.push(match outcome {
                        Outcome::New(position) => {
                            self.metrics.events.inc();
                            Written { room, outcome: Ok(position), event: Some(draft.into_what()), receipt }
                        }
                        Outcome::Known(position) => {
                            Written { room, outcome: Ok(position), event: None, receipt }
                        }
                        Outcome::Refused(refusal) => {
                            Written { room, outcome: Err(refusal), event: None, receipt }
                        }
                        // An append is never a change.
                        Outcome::Changed(_) => continue,
                    });
                }
                (Work::Change(change), Outcome::Changed(appended)) if !appended.is_empty() => {
                    self.metrics.events.inc_by(appended.len() as u64);
                    let event = |(position, draft): (Position, Draft)| Written {
                        room: draft.room,
                        outcome: Ok(position),
                        event: Some(draft.into_what()),
                        receipt: None,
                    };
                    written.extend(appended.into_iter().map(event));
                    changes.push(change);
                }
                (Work::Change(change), _) => change.finish(None),
            }
        }
        if !written.is_empty() {
            (self.deliver)(Commit { written, changes });
        }
    }

    fn refuse(&mut self, jobs: Vec<Job>) {
        let mut written = Vec::new();
        for job in jobs {
            match job.what {
                Work::Append(draft, receipt) => written.push(Written {
                    room: draft.room,
                    outcome: Err(not_stored()),
                    event: None,
                    receipt: Some(receipt),
                }),
                Work::Change(change) => change.finish(Some(not_stored().into())),
            }
        }
        if !written.is_empty() {
            (self.deliver)(Commit { written, changes: Vec::new() });
        }
    }
}
