//! Everything that sessions and routes share, in one value.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::{Notify, mpsc};
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

/// How many commits wait for delivery before the writer does.
const COMMITS_WAITING: usize = 64;

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
    delivery: std::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
    _lock: FolderLock,
}

impl App {
    /// Locks the data folder, opens the database and starts delivery.
    ///
    /// # Errors
    /// Where the folder is in use or the database cannot be used.
    pub async fn start(config: Config) -> anyhow::Result<Arc<Self>> {
        let lock = folder::lock(&config.data_dir)?;
        let metrics = Arc::new(Metrics::default());
        let passwords = Passwords::default();
        let (commits, delivered) = mpsc::channel(COMMITS_WAITING);
        let files = Arc::new(Files::open(&config.data_dir).context("the folder of files cannot be made")?);
        let (dir, clock, counters) = (config.data_dir.clone(), config.clock.clone(), metrics.clone());
        let store =
            tokio::task::spawn_blocking(move || Store::open(&dir, clock, counters, commits)).await??;
        let known = store.read(rooms::all).await.map_err(|e| anyhow::anyhow!(e.into_refusal()));
        let hub = Arc::new(Hub::new(known.context("the rooms cannot be read")?));
        let delivery = {
            let (hub, metrics) = (hub.clone(), metrics.clone());
            tokio::spawn(async move { hub.deliver(delivered, &metrics).await })
        };
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
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            delivery: std::sync::Mutex::new(Some(delivery)),
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
        let delivery = self.delivery.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(delivery) = delivery
            && delivery.await.is_err()
        {
            tracing::error!("delivery had panicked");
        }
    }
}
