//! A real server in this process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chat_server::{Config, Server as Running};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Server {
    pub address: SocketAddr,
    pub dir: Arc<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Server {
    pub async fn start() -> Self {
        Self::on("127.0.0.1:0".parse().unwrap(), Arc::new(tempfile::tempdir().unwrap()), false).await
    }

    pub async fn on(address: SocketAddr, dir: Arc<TempDir>, rate_limit: bool) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::new(dir.path().to_owned());
        config.rate_limit = rate_limit;
        let server = Running::start(config, listener).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { address, dir, stop: Some(stop), running }
    }

    /// Stops it; what comes back is where and on what the next one starts.
    pub async fn stop(mut self) -> (SocketAddr, Arc<TempDir>) {
        drop(self.stop.take());
        self.running.await.unwrap().unwrap();
        (self.address, self.dir)
    }

    /// What every command line needs to reach it as `name`.
    pub fn args(&self, name: &str) -> Vec<String> {
        let state: PathBuf = self.dir.path().join("state").join(name);
        let server = format!("http://{}", self.address);
        ["--name", name, "--server", &server, "--state-dir", state.to_str().unwrap()]
            .map(str::to_owned)
            .into()
    }
}
