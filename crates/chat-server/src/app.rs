//! The application: everything that sessions and routes share, in one value.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chat_proto::{ErrorCode, Seq};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::blobs::{Blobs, Folder};
use crate::config::Config;
use crate::error::Error;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::passwords::Passwords;
use crate::rate::Rates;
use crate::receipt::Receipt;
use crate::room::Room;
use crate::staging::Staging;
use crate::store::{self, Admission, FolderLock, Store, Tx};
use crate::throttle::Throttle;
use crate::viewer::Viewer;

/// How many connecting users are looked up at the same time: enough to keep the readers busy, but not all of them,
/// which other commands need as well.
const ARRIVALS: usize = 16;

/// How many pages are read and encoded at the same time: enough to keep the readers busy.
const PAGES: usize = 16;

/// How long one commit proves that the store can commit.
const READY_FOR: Duration = Duration::from_secs(1);

/// How often a membership is read again if it changed before the session could subscribe.
const ADMISSIONS: usize = 4;

/// A running server.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) metrics: Arc<Metrics>,
    /// The database.
    pub(crate) store: Store<Receipt>,
    /// The contents of files.
    pub(crate) blobs: Arc<dyn Blobs>,
    /// Uploads in progress.
    pub(crate) staging: Arc<Staging>,
    /// Rooms and sessions.
    pub(crate) hub: Arc<Hub>,
    /// Permits to look up connecting users.
    pub(crate) arrivals: Semaphore,
    /// Permits to read and encode pages, so that only few pages are in memory at once.
    pub(crate) pages: Semaphore,
    /// Rate limits.
    pub(crate) rates: Arc<Rates>,
    /// Limits on wrong passwords.
    pub(crate) throttle: Throttle,
    /// The thread that hashes passwords.
    pub(crate) passwords: Passwords,
    /// When `/readyz` last committed.
    last_ready: Mutex<Option<Instant>>,
    /// Lets only one request commit at a time.
    readying: Semaphore,
    /// Cancelled if the writer panicked.
    pub(crate) failed: CancellationToken,
    /// Cancelled when the server stops.
    pub(crate) shutdown: CancellationToken,
    /// Every connection and session. Shutdown waits for them.
    pub(crate) tasks: TaskTracker,
    _lock: FolderLock,
}

impl App {
    /// Locks the data folder and opens the database.
    ///
    /// # Errors
    /// If the folder is in use or the database cannot be used.
    pub(crate) async fn start(config: Config) -> anyhow::Result<Arc<Self>> {
        let lock = store::lock(&config.data_dir)?;
        let metrics = Arc::new(Metrics::default());
        let passwords = Passwords::default();
        let no_folder = "the folder for files cannot be created";
        let blobs = Folder::open(&config.data_dir).context(no_folder)?;
        let staging = Arc::new(Staging::open(blobs.path()).context(no_folder)?);
        let hub = Arc::new(Hub::default());
        let (dir, clock, counters) = (config.data_dir.clone(), config.clock.clone(), metrics.clone());
        let publish = {
            let (hub, metrics) = (hub.clone(), metrics.clone());
            Box::new(move |commit| hub.publish(commit, &metrics))
        };
        let failed = CancellationToken::new();
        let writer_failed = failed.clone();
        let open = move || Store::open(&dir, clock, counters, publish, writer_failed);
        let store = tokio::task::spawn_blocking(open).await??;
        // Nobody is served yet, so nothing is committed before the rooms are in memory.
        let known = store.read(store::all_rooms).await.map_err(Error::into_cause);
        for row in known.context("the rooms cannot be read")? {
            hub.add_room(row);
        }
        Ok(Arc::new(Self {
            rates: Arc::new(Rates::new(config.rate_limit, config.clock.clone())),
            throttle: Throttle::new(config.rate_limit, config.clock.clone()),
            passwords,
            config,
            metrics,
            store,
            blobs: Arc::new(blobs),
            staging,
            hub,
            arrivals: Semaphore::new(ARRIVALS),
            pages: Semaphore::new(PAGES),
            last_ready: Mutex::default(),
            readying: Semaphore::new(1),
            failed,
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            _lock: lock,
        }))
    }

    /// Checks that the store can commit, and that the open files are still the ones on the disk. Anyone may request
    /// this, so it commits at most once a second while all is well, and otherwise once at a time.
    ///
    /// # Errors
    /// The failure.
    pub(crate) async fn ready(&self) -> Result<(), Error> {
        // The semaphore is never closed.
        let _permit = self.readying.acquire().await;
        self.check_in_place()?;
        let last = self.last_ready.lock().filter(|at| at.elapsed() < READY_FOR);
        if last.is_some() && !self.failed.is_cancelled() {
            return Ok(());
        }
        let note = |tx: &mut Tx<'_>| {
            let now = tx.now();
            store::note_ready(tx.conn(), now)
        };
        self.store.perform(note).await?;
        self.check_in_place()?;
        *self.last_ready.lock() = Some(Instant::now());
        Ok(())
    }

    fn check_in_place(&self) -> Result<(), Error> {
        self.store.check_in_place().map_err(|e| {
            tracing::error!(error = format!("{e:#}"), "the data folder was changed while the server runs");
            let why = "The database was removed or replaced while the server ran. Put it back, or restart the server.";
            Error::refused(ErrorCode::Unavailable, why)
        })
    }

    /// Subscribes a session to a room. If the user's permissions changed after the admission was made, uses a newer
    /// one. Returns `None` if the user is no longer a member or the session has ended.
    ///
    /// # Errors
    /// `unavailable`.
    pub(crate) async fn subscribe(
        &self,
        viewer: &Viewer,
        room: &Arc<Room>,
        admission: Admission,
    ) -> Result<Option<Seq>, Error> {
        let (user, id, mut admission) = (viewer.me.id, room.id, admission);
        for _ in 0..ADMISSIONS {
            if let Some(head) = viewer.subscribe(room, &admission) {
                return Ok(Some(head));
            }
            match self.store.perform(move |tx: &mut Tx<'_>| tx.admission(user, id)).await? {
                Some(newer) => admission = newer,
                None => break,
            }
        }
        Ok(None)
    }

    /// Commits and publishes what is queued, and closes the database.
    pub(crate) async fn close(&self) {
        let clock = self.config.clock.clone();
        let note = move |tx: &mut Tx<'_>| Ok(store::note_age(tx.conn(), &clock)?);
        if let Err(e) = self.store.perform(note).await {
            tracing::warn!(error = e.cause(), "the time could not be stored");
        }
        self.store.close().await;
    }
}
