//! The chat daemon: rooms as durable logs, over WebSocket, with a page at `/chat/`.
//!
//! Modules by layer; each imports only lower ones.
//! 0: [`address`], [`clock`], [`config`], [`error`], [`metrics`], [`passwords`], [`policy`], [`presence`], [`rate`],
//! [`receipt`], [`secret`], [`send_queue`], [`throttle`], [`wire`]; 1: [`store`]; 2: [`room`], [`viewer`], [`hub`]; 3: [`app`];
//! 4: [`auth`], [`commands`], [`operator`], [`janitor`]; 5: [`session`]; 6: [`http`], [`control`];
//! 7: [`serve`] and [`cli`].

pub mod address;
pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod control;
pub mod error;
pub mod files;
pub mod http;
pub mod hub;
pub mod janitor;
pub mod media;
pub mod metrics;
pub mod operator;
pub mod passwords;
pub mod policy;
pub mod presence;
pub mod rate;
pub mod receipt;
pub mod render;
pub mod room;
pub mod secret;
pub mod send_queue;
pub mod session;
pub mod store;
pub mod throttle;
pub mod uploads;
pub mod viewer;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::config::Config;

use self::app::App;

/// How long sessions may take to end. With the closing of the database it stays below 10 s.
const FAREWELLS: Duration = Duration::from_secs(8);

/// Serves on `listener` until `shutdown` is ready; see [`Server`].
///
/// # Errors
/// Where the data folder is in use or its database cannot be used.
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
    janitor: JoinHandle<()>,
    control: JoinHandle<()>,
    accepting: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Opens the data folder and starts to accept connections on `listener`.
    ///
    /// # Errors
    /// Where the data folder is in use or its database cannot be used.
    pub async fn start(config: Config, listener: TcpListener) -> anyhow::Result<Self> {
        let app = App::start(config).await?;
        let janitor = {
            let app = app.clone();
            tokio::spawn(async move { janitor::run(&app).await })
        };
        operator::mention_missing_admin(&app).await;
        let orders = control::open(&app);
        let control = {
            let app = app.clone();
            tokio::spawn(async move {
                if let Some(orders) = orders {
                    control::serve(&app, orders).await;
                }
            })
        };
        let accepting = {
            let app = app.clone();
            tokio::spawn(async move { http::serve(&app, listener).await })
        };
        Ok(Self { app, janitor, control, accepting })
    }

    /// Serves until `shutdown` is ready; then says goodbye to everyone, commits what waits and closes the
    /// database.
    ///
    /// # Errors
    /// Where a part of the server failed.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self { app, janitor, control, accepting } = self;
        shutdown.await;
        tracing::info!("stopping");
        app.shutdown.cancel();
        accepting.await??;
        app.tasks.close();
        if tokio::time::timeout(FAREWELLS, app.tasks.wait()).await.is_err() {
            tracing::warn!(left = app.tasks.len(), "some connections did not end in time");
        }
        janitor.await?;
        janitor::note_left(&app).await;
        control.await?;
        app.close().await;
        Ok(())
    }
}
