//! A server in this process.

use std::net::SocketAddr;
use std::sync::Arc;

use chat_proto::Password;
use chat_proto::user::Role;
use chat_server::control;
use chat_server::operator::{Answer, Order};
use chat_server::{Config, Server as Running};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::PATIENCE;

/// A server on a loopback address, without rate limits unless told otherwise.
pub struct Server {
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The data folder.
    pub dir: Arc<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Server {
    /// Starts a server on a free port with an empty folder.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Like [`Server::start`], with another configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        Self::on(SocketAddr::from(([127, 0, 0, 1], 0)), dir, change).await
    }

    /// Starts a server on the address and folder of a stopped one.
    pub async fn on(address: SocketAddr, dir: Arc<TempDir>, change: impl FnOnce(&mut Config)) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(1024).unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::new(dir.path().to_owned());
        config.rate_limit = false;
        change(&mut config);
        let server = Running::start(config, listener).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { address, dir, stop: Some(stop), running }
    }

    /// Stops it cleanly, and returns the address and folder for the next one.
    pub async fn stop(mut self) -> (SocketAddr, Arc<TempDir>) {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap().unwrap();
        (self.address, self.dir)
    }

    /// Stops a server, and starts another on its address and folder.
    pub async fn after(before: Self) -> Self {
        let (address, dir) = before.stop().await;
        Self::on(address, dir, |_| {}).await
    }

    /// Creates an admin, as the operator does while the server runs.
    pub async fn add_admin(&self, name: &str, password: &str) {
        let order = Order::Add {
            name: name.to_owned(),
            role: Role::Admin,
            password: Password::new(password.to_owned()),
        };
        let dir = self.dir.clone();
        let answer = tokio::task::spawn_blocking(move || control::ask(dir.path(), &order)).await.unwrap();
        assert!(matches!(answer, Ok(Some(Answer::Done(_)))), "{answer:?}");
    }

    /// Returns the URL as people type it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the arguments with which `chat-tui` reaches it as `name`, with its own state folder.
    pub fn args(&self, name: &str) -> Vec<String> {
        let state = self.dir.path().join("state").join(name).display().to_string();
        ["--name", name, "--server", &self.url(), "--state-dir", &state].map(str::to_owned).into()
    }
}
