//! What tests need: a server, peers, requests, accounts, and time.

mod peer;
mod process;
mod time;
mod web;

use serde_json::{Value, json};
pub use testbed::{PATIENCE, Server};

pub use self::peer::{Host, Peer};
pub use self::process::{Process, operate, operate_with, run};
pub use self::time::Time;
pub use self::web::{Answer, bearer, file_headers, form, get, http, post, post_as};

/// A password that is accepted.
pub const PASSWORD: &str = "four words of nonsense";

/// Creates accounts as people do.
pub trait Accounts {
    async fn register(&self, name: &str) -> String;
    /// Creates an account, live and in `general`.
    async fn account(&self, name: &str) -> Peer;
    /// Creates an admin, live and in `general`.
    async fn admin(&self, name: &str) -> Peer;
}

impl Accounts for Server {
    async fn register(&self, name: &str) -> String {
        post(self.address, "/api/register", "", json!({"name": name, "password": PASSWORD})).await.token()
    }

    async fn account(&self, name: &str) -> Peer {
        let token = self.register(name).await;
        let mut peer = self.peer().await;
        peer.come(&token).await;
        peer.join("general").await;
        peer
    }

    async fn admin(&self, name: &str) -> Peer {
        let peer = self.account(name).await;
        let done = operate(self, &["user", "role", name, "admin"]).await;
        assert!(done.status.success(), "{done:?}");
        peer
    }
}

/// Returns the seqs of messages, in order.
pub fn seqs(messages: &[Value]) -> Vec<u64> {
    messages.iter().map(|message| message["seq"].as_u64().unwrap()).collect()
}
