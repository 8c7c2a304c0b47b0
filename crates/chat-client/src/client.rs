//! The handle and what comes out of it.

use std::path::PathBuf;
use std::time::Duration;

use chat_proto::reply::{Failure, Joined, Welcome};
use chat_proto::{Command, Event, Millis, Reply, Seq, Signal, Token};
use tokio::sync::{mpsc, oneshot};

use crate::cursors::Cursors;
use crate::driver::Driver;
use crate::endpoint::Endpoint;
use crate::journal::Journal;
use crate::nonce;
use crate::outbox::Entry;
use crate::transport::{Connect, WebSocket};

/// How many updates wait for whoever reads them. Beyond it nothing more is taken from the server, which
/// closes the connection in the end; resuming brings the rest.
const UPDATES: usize = 1024;

/// How many orders wait for the driver.
const ORDERS: usize = 1024;

/// What a client is started with.
#[derive(Debug)]
pub struct Options {
    /// The server.
    pub endpoint: Endpoint,
    /// The name to say hello with where there is no token, or none that is known.
    pub name: Option<String>,
    /// The token of an earlier welcome.
    pub token: Option<Token>,
    /// The program, such as `chat-tui/0.1.0`.
    pub program: String,
    /// Where the outbox is kept beyond the program's end.
    pub journal: Option<Journal>,
    /// The path beside which a journal is made as soon as that is possible, if there is no journal yet.
    pub journal_at: Option<PathBuf>,
    /// What an earlier run could not send.
    pub waiting: Vec<Entry>,
    /// From where to go on.
    pub cursors: Cursors,
}

/// What happened, in order.
#[derive(Debug)]
pub enum Update {
    /// It tries to connect.
    Connecting,
    /// There is a server, of whose welcome parts arrive. On a slow line it takes long until it is [`Update::Live`].
    Reached,
    /// The login is lost, and the next [`Update::Live`] is that of another user, who takes the same name and is in no
    /// room of the former one.
    NewUser,
    /// It is connected. Rooms with a cursor follow with what was missed, the others from their head.
    Live(Box<Welcome>),
    /// The server was reached, and asks to come back in that time, as it is busy or about to restart.
    /// [`Update::Offline`] follows.
    AskedToWait(Duration),
    /// It is not connected, and tries again in that time; `None`: not before it is told to.
    Offline {
        /// Why, in words.
        reason: String,
        /// When it tries again.
        retry_in: Option<Duration>,
    },
    /// The server has not answered for that long, and no byte of it arrived.
    NoAnswer(Duration),
    /// After [`Update::NoAnswer`], bytes arrive again.
    AnswersAgain,
    /// The server does not take the name; it waits for [`Client::rename`].
    NameRefused(Failure),
    /// The next event of a room. None is ever missing before it.
    Event(Box<Event>),
    /// Someone opened a direct room with this user, which is heard from now on.
    Opened(Box<Joined>),
    /// The server's log is another one, and what the last welcome promised was heard: the events missed, or a `reset`
    /// for each room whose cursor means nothing there.
    Settled,
    /// A room was joined again, because messages wait for it and the user was not in it.
    Rejoined(Box<Joined>),
    /// Live-only news, or a `reset`.
    Signal(Signal),
    /// A message is stored.
    Sent {
        /// Its own name.
        nonce: String,
        /// Where.
        room: String,
        /// Its number there.
        seq: Seq,
        /// When.
        at: Millis,
    },
    /// A message never will be stored, and why.
    Failed {
        /// What was to be sent.
        entry: Entry,
        /// Why it is not.
        failure: Failure,
    },
    /// A message is in the outbox and on disk: it survives the end of the program.
    Kept {
        /// Its own name.
        nonce: String,
    },
    /// Messages that were not [`Update::Kept`] yet are not on disk, and why. They are lost if the program ends now.
    JournalLost(String),
    /// All that waits is on disk again.
    JournalBack,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskError {
    /// There is no connection, or it broke before the answer.
    Offline,
    /// The server refused.
    Refused(Failure),
}

impl std::fmt::Display for AskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Offline => f.write_str("There is no connection to the server now."),
            Self::Refused(failure) => f.write_str(&failure.message),
        }
    }
}

impl std::error::Error for AskError {}

pub(crate) enum Order {
    Post(Entry),
    Place(String),
    Withdraw(Vec<String>),
    Ask(Command, oneshot::Sender<Result<Reply, AskError>>),
    KeepAt(PathBuf),
    Rename(String),
    UseToken(Token),
    Reconnect,
    Stop,
}

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
        self.post_as(Entry { nonce: nonce.clone(), room, text, ..Entry::default() }).await;
        nonce
    }

    /// The same with a nonce of the caller's, perhaps with files or as an answer to another message. One without a room
    /// waits for [`Client::place`].
    pub async fn post_as(&self, entry: Entry) {
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
