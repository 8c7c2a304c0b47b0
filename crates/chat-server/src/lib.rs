//! The chat server: rooms as durable logs, over WebSocket, with a page at `/chat/`.
//!
//! The modules in reading order. Each imports only those before it, and a test checks that.
//!
//! Leaves: `model` (only in tests), `id`, `folder`, `address`, `clock`, `metrics`, `secret`, `wire`, `presence`, `error`,
//! `passwords`, `words`, `tally`, `config`, `limiter`, `rate`, `throttle`, `render`, `pages`, `output`, `lowest_rate`,
//! `media`, `send_queue`, `blobs`, `staging`. The database: `store`. State in memory: `receipt`, `room`, `viewer`, `hub`.
//! The acts: `acts`. Everything in one value: `app`. Code that parses requests and performs acts: `auth`, `uploads`,
//! `commands`, `operator`, `janitor`. How requests arrive: `session`, `http`, `control`. At the top: `serve` and `cli`.
//!
//! Only what `testbed`, the tests and the benchmarks use is public.

pub mod acts;
mod address;
mod app;
mod auth;
mod blobs;
pub mod cli;
pub mod clock;
mod commands;
pub mod config;
pub mod control;
pub mod error;
mod folder;
mod http;
pub mod hub;
pub mod id;
mod janitor;
mod limiter;
mod lowest_rate;
mod media;
pub mod metrics;
#[cfg(test)]
mod model;
pub mod operator;
pub mod output;
mod pages;
mod passwords;
mod presence;
pub mod rate;
pub mod receipt;
mod render;
pub mod room;
pub mod secret;
pub mod send_queue;
mod session;
mod staging;
pub mod store;
mod tally;
mod throttle;
mod uploads;
pub mod viewer;
pub mod wire;
mod words;

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};

pub use self::config::Config;

use self::app::App;

/// How long sessions may take to end. Together with closing the database, this is below 10 s.
const FAREWELLS: Duration = Duration::from_secs(8);

/// How long sessions may take to end after a part of the server failed: a supervisor restarts the server, and clients
/// reconnect by themselves.
const LAST_FAREWELLS: Duration = Duration::from_millis(300);

/// Serves on `listener` until `shutdown` is ready; see [`Server`].
///
/// # Errors
/// If the data folder is in use or its database cannot be used.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    Server::start(config, listener).await?.run(shutdown).await
}

/// A server that accepts connections.
pub struct Server {
    app: Arc<App>,
    parts: JoinSet<anyhow::Result<()>>,
}

impl Server {
    /// Opens the data folder and starts to accept connections on `listener`.
    ///
    /// # Errors
    /// If the data folder is in use or its database cannot be used.
    pub async fn start(config: Config, listener: TcpListener) -> anyhow::Result<Self> {
        let app = App::start(config).await?;
        operator::mention_missing_admin(&app).await;
        let mut parts = JoinSet::new();
        {
            let app = app.clone();
            parts.spawn(async move {
                janitor::run(&app).await;
                Ok(())
            });
        }
        {
            let app = app.clone();
            parts.spawn(async move {
                janitor::relieve(&app).await;
                Ok(())
            });
        }
        if let Some(orders) = control::open(&app) {
            let app = app.clone();
            parts.spawn(async move {
                control::serve(&app, orders).await;
                Ok(())
            });
        }
        {
            let app = app.clone();
            parts.spawn(async move { Ok(http::serve(&app, listener).await?) });
        }
        Ok(Self { app, parts })
    }

    /// Serves until `shutdown` is ready. Then says goodbye to everyone, commits what is queued and closes the
    /// database.
    ///
    /// # Errors
    /// If a part of the server failed: the writer, the accept loop, the janitor or the operator's socket. The server
    /// then ends within a second, because without one of them it is of no use.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self { app, mut parts } = self;
        let failure = tokio::select! {
            () = shutdown => None,
            () = app.failed.cancelled() => Some(anyhow!("the writer panicked")),
            ended = parts.join_next() => Some(unexpected(ended)),
        };
        tracing::info!("stopping");
        app.shutdown.cancel();
        app.tasks.close();
        if let Some(failure) = failure {
            let _ = tokio::time::timeout(LAST_FAREWELLS, app.tasks.wait()).await;
            return Err(failure);
        }
        if tokio::time::timeout(FAREWELLS, app.tasks.wait()).await.is_err() {
            tracing::warn!(left = app.tasks.len(), "some connections did not end in time");
        }
        while let Some(ended) = parts.join_next().await {
            ended??;
        }
        janitor::note_left(&app).await;
        app.close().await;
        Ok(())
    }
}

/// Returns why a part ended that should never end.
fn unexpected(ended: Option<Result<anyhow::Result<()>, JoinError>>) -> anyhow::Error {
    match ended {
        Some(Err(panic)) => anyhow::Error::from(panic).context("a part of the server failed"),
        Some(Ok(Err(e))) => e.context("a part of the server failed"),
        Some(Ok(Ok(()))) | None => anyhow!("a part of the server ended"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The accept loop, the janitor and the operator's socket.
    #[tokio::test]
    async fn a_part_that_ends_ends_the_server() {
        for panics in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut server = Server::start(Config::new(dir.path().to_owned()), listener).await.unwrap();
            server.parts.spawn(async move {
                assert!(!panics, "a test makes this part fail");
                Ok(())
            });
            let ended = tokio::time::timeout(Duration::from_secs(1), server.run(std::future::pending()));
            let why = ended.await.expect("it ends").unwrap_err().to_string();
            assert!(why.contains("part of the server"), "{why}");
        }
    }
}
