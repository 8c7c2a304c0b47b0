//! The client's handle, and how to start one.

use std::path::PathBuf;

use chat_proto::updates::{AskError, Outgoing, Update};
use chat_proto::{Command, Reply, Token};
use tokio::sync::{mpsc, oneshot};

use crate::driver::Driver;
use crate::nonce;
use crate::orders::{Options, Order};
use crate::transport::{Connect, WebSocket};

/// The capacity of the channel of updates. When it is full, the client reads nothing more from the server, which then
/// closes the connection as slow. Resuming brings the rest.
const UPDATES: usize = 1024;

/// The capacity of the channel of orders to the driver.
const ORDERS: usize = 1024;

/// A handle to a client. Cloning it is cheap. When the last clone is dropped, the connection ends.
#[derive(Clone, Debug)]
pub struct Client {
    orders: mpsc::Sender<Order>,
}

impl Client {
    /// Starts to connect. The receiver MUST be read: while it is full, the client makes no progress.
    #[must_use]
    pub fn start(options: Options) -> (Self, mpsc::Receiver<Update>) {
        let connect = WebSocket(options.endpoint.clone());
        Self::start_over(connect, options)
    }

    /// Like [`Client::start`], over any transport.
    #[must_use]
    pub fn start_over(connect: impl Connect, options: Options) -> (Self, mpsc::Receiver<Update>) {
        let (orders, incoming) = mpsc::channel(ORDERS);
        let (updates, receiver) = mpsc::channel(UPDATES);
        tokio::spawn(Driver::new(options, incoming, updates).run(connect));
        (Self { orders }, receiver)
    }

    /// Sends a message: it is retried until the server stores it or refuses it for good. Returns its idempotency key,
    /// which identifies it in updates.
    pub async fn post(&self, room: &str, text: &str) -> String {
        let (nonce, room, text) = (nonce::new(), room.to_owned(), text.to_owned());
        self.post_as(Outgoing { nonce: nonce.clone(), room, text, ..Outgoing::default() }).await;
        nonce
    }

    /// Like [`Client::post`], with the caller's idempotency key, and optionally with files or as a reply. A message
    /// without a room waits for [`Client::place`].
    pub async fn post_as(&self, entry: Outgoing) {
        // Fails only if the client was stopped.
        let _ = self.orders.send(Order::Post(entry)).await;
    }

    /// Sends the messages that have no room to this room.
    pub async fn place(&self, room: &str) {
        let _ = self.orders.send(Order::Place(room.to_owned())).await;
    }

    /// Withdraws messages that have no room, by their idempotency keys.
    pub async fn withdraw(&self, nonces: Vec<String>) {
        let _ = self.orders.send(Order::Withdraw(nonces)).await;
    }

    /// Sends a command other than a message and waits for the reply.
    ///
    /// # Errors
    /// [`AskError`], if there is no connection or the server refuses the command.
    pub async fn ask(&self, command: Command) -> Result<Reply, AskError> {
        let (asker, answer) = oneshot::channel();
        let order = Order::Ask(command, asker);
        self.orders.send(order).await.map_err(|_| AskError::Offline)?;
        answer.await.unwrap_or(Err(AskError::Offline))
    }

    /// Sends a command whose reply does not matter. Drops it if there is no connection.
    pub async fn tell(&self, command: Command) {
        let (asker, _) = oneshot::channel();
        let _ = self.orders.send(Order::Ask(command, asker)).await;
    }

    /// From now on keeps waiting messages in a journal beside `base`, if they are kept at all, because they belong to
    /// another name.
    pub async fn keep_at(&self, base: PathBuf) {
        let _ = self.orders.send(Order::KeepAt(base)).await;
    }

    /// Tries another name, after [`Update::NameRefused`].
    pub async fn rename(&self, name: &str) {
        let _ = self.orders.send(Order::Rename(name.to_owned())).await;
    }

    /// Uses another token of the same user, from the next connection on.
    pub async fn use_token(&self, token: Token) {
        let _ = self.orders.send(Order::UseToken(token)).await;
    }

    /// Tries to connect at once.
    pub async fn reconnect(&self) {
        let _ = self.orders.send(Order::Reconnect).await;
    }

    /// Closes the connection. Unsent messages stay in the journal, if there is one.
    pub async fn stop(&self) {
        let _ = self.orders.send(Order::Stop).await;
        self.orders.closed().await;
    }
}
