//! Everything that sessions and routes share, in one value.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::error::Error;
use crate::files::Files;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::passwords::Passwords;
use crate::rate::Rates;
use crate::store::folder::{self, FolderLock};
use crate::store::{Store, rooms};
use crate::throttle::Throttle;

/// How many of those who connect are looked up at once: enough for the readers never to wait, few enough for who asks
/// something else.
const ARRIVALS: usize = 16;

/// One running server.
pub struct App {
    /// What it was told.
    pub config: Config,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// What it keeps.
    pub store: Store,
    /// The folder of files.
    pub files: Arc<Files>,
    /// Told when contents were discarded.
    pub discarded: Notify,
    /// Rooms and sessions.
    pub hub: Arc<Hub>,
    /// The turns in which those who connect are looked up.
    pub arrivals: Semaphore,
    /// How often one may ask.
    pub rates: Rates,
    /// How many wrong pass-phrases may be tried.
    pub throttle: Throttle,
    /// Where pass-phrases are hashed.
    pub passwords: Passwords,
    /// Cancelled when the server stops.
    pub shutdown: CancellationToken,
    /// Every connection and session, to be waited for at the end.
    pub tasks: TaskTracker,
    _lock: FolderLock,
}

impl App {
    /// Locks the data folder and opens the database.
    ///
    /// # Errors
    /// Where the folder is in use or the database cannot be used.
    pub async fn start(config: Config) -> anyhow::Result<Arc<Self>> {
        let lock = folder::lock(&config.data_dir)?;
        let metrics = Arc::new(Metrics::default());
        let passwords = Passwords::default();
        let files = Arc::new(Files::open(&config.data_dir).context("the folder of files cannot be made")?);
        let hub = Arc::new(Hub::default());
        let (dir, clock, counters) = (config.data_dir.clone(), config.clock.clone(), metrics.clone());
        let deliver = {
            let (hub, metrics) = (hub.clone(), metrics.clone());
            Box::new(move |commit| hub.deliver(commit, &metrics))
        };
        let store =
            tokio::task::spawn_blocking(move || Store::open(&dir, clock, counters, deliver)).await??;
        // Nobody is served yet, so nothing is committed before the rooms are known.
        let known = store.read(rooms::all).await.map_err(|e| anyhow::anyhow!(e.into_refusal()));
        for row in known.context("the rooms cannot be read")? {
            hub.add_room(row);
        }
        Ok(Arc::new(Self {
            rates: Rates::new(config.rate_limit),
            throttle: Throttle::new(config.rate_limit),
            passwords,
            config,
            metrics,
            store,
            files,
            discarded: Notify::new(),
            hub,
            arrivals: Semaphore::new(ARRIVALS),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            _lock: lock,
        }))
    }

    /// Whether the store can commit: writes a row and waits until it is on disk.
    ///
    /// # Errors
    /// Why not.
    pub async fn ready(&self) -> Result<(), Error> {
        let now = self.config.clock.now();
        self.store.write(move |conn| crate::store::note_ready(conn, now)).await
    }

    /// Commits what waits, delivers it, and closes the database.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
