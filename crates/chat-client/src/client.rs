//! The handle and what comes out of it.

use std::path::PathBuf;

use chat_proto::updates::{AskError, Outgoing, Update};
use chat_proto::{Command, Reply, Token};
use tokio::sync::{mpsc, oneshot};

use crate::driver::Driver;
use crate::nonce;
use crate::orders::{Options, Order};
use crate::transport::{Connect, WebSocket};

/// How many updates wait for whoever reads them. Beyond it nothing more is taken from the server, which
/// closes the connection in the end; resuming brings the rest.
const UPDATES: usize = 1024;

/// How many orders wait for the driver.
const ORDERS: usize = 1024;

/// The handle. Cloning it is cheap; when the last one is dropped the connection ends.
#[derive(Clone, Debug)]
pub struct Client {
    orders: mpsc::Sender<Order>,
}

impl Client {
    /// Starts to connect. The receiver MUST be read: while it is full, nothing goes on.
    #[must_use]
    pub fn start(options: Options) -> (Self, mpsc::Receiver<Update>) {
        let connect = WebSocket(options.endpoint.clone());
        Self::start_over(connect, options)
    }

    /// The same over any transport.
    #[must_use]
    pub fn start_over(connect: impl Connect, options: Options) -> (Self, mpsc::Receiver<Update>) {
        let (orders, incoming) = mpsc::channel(ORDERS);
        let (updates, receiver) = mpsc::channel(UPDATES);
        tokio::spawn(Driver::new(options, incoming, updates).run(connect));
        (Self { orders }, receiver)
    }

    /// Writes a message, sooner or later: it is sent again until the server has it or refuses it for good.
    /// Answers its nonce, by which the updates about it can be recognised.
    pub async fn post(&self, room: &str, text: &str) -> String {
        let (nonce, room, text) = (nonce::new(), room.to_owned(), text.to_owned());
        self.post_as(Outgoing { nonce: nonce.clone(), room, text, ..Outgoing::default() }).await;
        nonce
    }

    /// The same with a nonce of the caller's, perhaps with files or as an answer to another message. One without a room
    /// waits for [`Client::place`].
    pub async fn post_as(&self, entry: Outgoing) {
        // Only a client that was stopped takes no orders.
        let _ = self.orders.send(Order::Post(entry)).await;
    }

    /// Sends the messages without a room to this one.
    pub async fn place(&self, room: &str) {
        let _ = self.orders.send(Order::Place(room.to_owned())).await;
    }

    /// Gives up messages without a room, by their nonces.
    pub async fn withdraw(&self, nonces: Vec<String>) {
        let _ = self.orders.send(Order::Withdraw(nonces)).await;
    }

    /// Asks for something else than sending a message.
    ///
    /// # Errors
    /// Where there is no connection or the server refuses.
    pub async fn ask(&self, command: Command) -> Result<Reply, AskError> {
        let (asker, answer) = oneshot::channel();
        let order = Order::Ask(command, asker);
        self.orders.send(order).await.map_err(|_| AskError::Offline)?;
        answer.await.unwrap_or(Err(AskError::Offline))
    }

    /// Tells the server something that needs no answer, or drops it where there is no connection.
    pub async fn tell(&self, command: Command) {
        let (asker, _) = oneshot::channel();
        let _ = self.orders.send(Order::Ask(command, asker)).await;
    }

    /// Keeps what waits in a file beside `base` from now on, where it is kept at all: it is another name's.
    pub async fn keep_at(&self, base: PathBuf) {
        let _ = self.orders.send(Order::KeepAt(base)).await;
    }

    /// Tries another name, after [`Update::NameRefused`].
    pub async fn rename(&self, name: &str) {
        let _ = self.orders.send(Order::Rename(name.to_owned())).await;
    }

    /// Comes back with another token of the same user from the next connection on.
    pub async fn use_token(&self, token: Token) {
        let _ = self.orders.send(Order::UseToken(token)).await;
    }

    /// Tries to connect at once.
    pub async fn reconnect(&self) {
        let _ = self.orders.send(Order::Reconnect).await;
    }

    /// Closes the connection. What waits in a journal waits there.
    pub async fn stop(&self) {
        let _ = self.orders.send(Order::Stop).await;
        self.orders.closed().await;
    }
}
