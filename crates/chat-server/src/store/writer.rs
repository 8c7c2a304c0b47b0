//! The one writing thread. It takes everything that waits, from all rooms, gives each room its range
//! of seqs, commits once with `synchronous=FULL`, and only then lets anyone know (group commit).

mod transaction;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use chat_proto::ErrorCode;
use chat_proto::error::Refusal;
use chat_proto::event::{MemberChange, User, What};
use diesel::connection::SimpleConnection;
use tokio::sync::{mpsc, oneshot};

use self::transaction::Cache;
pub use self::transaction::Transaction;
use super::events::Draft;
use super::{Conn, Position, folder};
use crate::clock::Clock;
use crate::error::Error;
use crate::metrics::Metrics;

/// How many jobs wait for the writer before their askers wait to queue them.
const QUEUE: usize = 4096;

/// Most jobs of one commit: enough for its fsync to cost nothing per job, few enough to answer soon.
const BATCH: usize = 512;

/// How long a job may have waited when the writer comes to it; an older one is refused, unstored.
const JOB_WAIT: Duration = Duration::from_secs(10);

/// What an append comes to.
pub type Appended = Result<Position, Error>;

/// An event that is on disk and that nobody has seen yet, or a repeat of an older one.
pub struct Written {
    /// Where it is.
    pub position: Position,
    /// What it tells; none where the author sent it before.
    pub event: Option<(User, What)>,
    /// Who waits for it alone; none where it came of a larger change.
    asker: Option<oneshot::Sender<Appended>>,
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

    /// Tells the author. MUST come after the event was delivered.
    pub fn answer(self) {
        if let Some(asker) = self.asker {
            // The asker may have gone; the event stays.
            let _ = asker.send(Ok(self.position));
        }
    }
}

/// What one transaction appended.
pub struct Commit {
    /// The events, in order.
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
    Append(Draft, oneshot::Sender<Appended>),
    Change(Box<dyn Change>),
}

struct Job {
    what: Work,
    queued: Instant,
}

/// What became of a job inside the transaction.
enum Outcome {
    New(Position),
    Known(Position),
    Refused(Refusal),
    Changed(Vec<(Position, Draft)>),
}

pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        path: PathBuf,
        clock: Clock,
        metrics: Arc<Metrics>,
        commits: mpsc::Sender<Commit>,
    ) -> anyhow::Result<Self> {
        let conn = Some(folder::open(&path)?);
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = Thread { path, conn, cache: Cache::default(), clock, metrics, commits };
        let handle = std::thread::Builder::new().name("writer".to_owned()).spawn(|| thread.run(receiver))?;
        Ok(Self { jobs: Mutex::new(Some(sender)), thread: Mutex::new(Some(handle)) })
    }

    pub(super) async fn append(&self, draft: Draft) -> Result<oneshot::Receiver<Appended>, Error> {
        let (asker, answer) = oneshot::channel();
        self.queue(Work::Append(draft, asker)).await?;
        Ok(answer)
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
        let sender = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let job = Job { what, queued: Instant::now() };
        sender.ok_or_else(gone)?.send(job).await.map_err(|_| gone())
    }

    pub(super) async fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && tokio::task::spawn_blocking(|| thread.join()).await.is_ok_and(|joined| joined.is_err())
        {
            tracing::error!("the writer thread had panicked");
        }
    }
}

fn gone() -> Error {
    Error::Unavailable(anyhow!("the writer has stopped"))
}

/// What everyone in a failed transaction is told; the failure itself is logged once, by the writer.
fn not_stored() -> Error {
    Error::refused(
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
    commits: mpsc::Sender<Commit>,
}

impl Thread {
    fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH {
                let Ok(job) = jobs.try_recv() else { break };
                batch.push(job);
            }
            let (batch, late): (Vec<Job>, Vec<Job>) =
                batch.into_iter().partition(|job| job.queued.elapsed() < JOB_WAIT);
            refuse(late);
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
                refuse(batch);
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

    fn publish(&self, batch: Vec<Job>, outcomes: Vec<Outcome>) {
        let (mut written, mut changes) = (Vec::new(), Vec::new());
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            match (job.what, outcome) {
                (Work::Append(draft, asker), Outcome::New(position)) => {
                    self.metrics.events.inc();
                    written.push(Written { position, event: Some(draft.into_what()), asker: Some(asker) });
                }
                (Work::Append(_, asker), Outcome::Known(position)) => {
                    written.push(Written { position, event: None, asker: Some(asker) });
                }
                (Work::Append(_, asker), Outcome::Refused(refusal)) => {
                    let _ = asker.send(Err(refusal.into()));
                }
                (Work::Change(change), Outcome::Changed(appended)) if !appended.is_empty() => {
                    self.metrics.events.inc_by(appended.len() as u64);
                    let event = |(position, draft): (Position, Draft)| Written {
                        position,
                        event: Some(draft.into_what()),
                        asker: None,
                    };
                    written.extend(appended.into_iter().map(event));
                    changes.push(change);
                }
                (Work::Change(change), _) => change.finish(None),
                (Work::Append(_, asker), Outcome::Changed(_)) => {
                    let _ = asker.send(Err(Error::Internal(anyhow!("an append came to nothing"))));
                }
            }
        }
        if !written.is_empty() && self.commits.blocking_send(Commit { written, changes }).is_err() {
            tracing::error!("nobody delivers what is committed");
        }
    }
}

fn refuse(jobs: Vec<Job>) {
    for job in jobs {
        match job.what {
            Work::Append(_, asker) => {
                let _ = asker.send(Err(not_stored()));
            }
            Work::Change(change) => change.finish(Some(not_stored())),
        }
    }
}
