//! The task that owns the connection: it connects, says hello, exchanges frames, and waits before it retries.

mod keeping;
mod live;
mod pulse;

use std::time::Duration;

use chat_proto::command::Hello;
use chat_proto::error::ErrorCode;
use chat_proto::reply::{Failure, Welcome};
use chat_proto::{ClientFrame, Command, PROTOCOL, Reply, ServerFrame, Signal, Token, UserId};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use self::keeping::Keeping;
use self::live::Live;
use crate::backoff::Backoff;
use crate::bounds::bounded;
use crate::cause::Cause;
use crate::cursors::Cursors;
use crate::nonce::chance;
use crate::orders::{Options, Order};
use crate::outbox::Outbox;
use crate::transport::{Connect, Link};
use chat_proto::updates::Outgoing;
use chat_proto::updates::{AskError, Update};

/// How long to wait for the reply to `hello` while no byte arrives.
const HELLO: Duration = Duration::from_secs(20);

/// How often to check whether bytes of the reply to `hello` arrive.
const CHECK_EVERY: Duration = Duration::from_secs(4);

/// The period over which clients spread their reconnections when the server told them all when to reconnect.
const SPREAD: Duration = Duration::from_secs(1);

/// How a connection ended.
enum Ended {
    /// All handles were dropped.
    Stopped,
    /// The connection broke. Retry.
    Lost(Cause),
    /// Retry after this time.
    Later(String, Duration),
    /// Retrying is of no use until the person acts.
    Refused(String),
    /// The server refused the name.
    NameRefused(Failure),
}

pub(crate) struct Driver {
    name: Option<String>,
    token: Option<Token>,
    /// The user of the last welcome.
    me: Option<UserId>,
    /// Whether the server refused the token, so that only the name is left.
    lost_login: bool,
    program: String,
    orders: mpsc::Receiver<Order>,
    updates: mpsc::Sender<Update>,
    cursors: Cursors,
    outbox: Outbox,
    keeping: Keeping,
    backoff: Backoff,
    last_id: u64,
}

impl Driver {
    pub(crate) fn new(
        options: Options,
        orders: mpsc::Receiver<Order>,
        updates: mpsc::Sender<Update>,
    ) -> Self {
        let mut outbox = Outbox::default();
        for entry in options.waiting {
            // Messages beyond the outbox's capacity stay in the journal.
            let _ = outbox.push(entry);
        }
        Self {
            name: options.name,
            token: options.token,
            me: None,
            lost_login: false,
            program: options.program,
            orders,
            updates,
            cursors: options.cursors,
            outbox,
            keeping: Keeping::new(options.journal, options.journal_at),
            backoff: Backoff::default(),
            last_id: 0,
        }
    }

    pub(crate) async fn run(mut self, mut connect: impl Connect) {
        loop {
            self.tell(Update::Connecting).await;
            let ended = self.connection(&mut connect).await;
            self.outbox.connection_lost();
            let wait = match ended {
                Ended::Stopped => break,
                Ended::Lost(Cause::TooMany { retry_after: Some(wait) }) => {
                    let reason = Cause::TooMany { retry_after: Some(wait) }.to_string();
                    Some(self.later(reason, wait).await)
                }
                Ended::Lost(cause) => {
                    let wait = self.backoff.after_failure(chance());
                    let reason = cause.to_string();
                    self.tell(Update::Offline { reason, retry_in: Some(wait) }).await;
                    Some(wait)
                }
                Ended::Later(reason, wait) => Some(self.later(reason, wait).await),
                Ended::Refused(reason) => {
                    self.tell(Update::Offline { reason, retry_in: None }).await;
                    None
                }
                Ended::NameRefused(failure) => {
                    self.tell(Update::NameRefused(failure)).await;
                    None
                }
            };
            if !self.wait(wait).await {
                break;
            }
        }
        let updates = self.keeping.flush().await;
        self.tell_all(updates).await;
        // Release the journal before the channel closes: its closing tells the caller that the journal can be opened.
        drop(self.keeping);
        drop(self.orders);
    }

    /// Reports that the server asks to reconnect after this time, and returns the time until then, with jitter.
    async fn later(&self, reason: String, wait: Duration) -> Duration {
        let wait = wait + SPREAD.mul_f64(chance());
        self.tell(Update::AskedToWait(wait)).await;
        self.tell(Update::Offline { reason, retry_in: Some(wait) }).await;
        wait
    }

    async fn tell(&self, update: Update) {
        // If the receiver was dropped, so is the handle, and the orders end.
        let _ = self.updates.send(update).await;
    }

    async fn tell_all(&self, updates: Vec<Update>) {
        for update in updates {
            self.tell(update).await;
        }
    }

    /// Waits before the next attempt, for `time`, or until there is a reason to retry. Returns `false` if the client
    /// should stop.
    async fn wait(&mut self, time: Option<Duration>) -> bool {
        let until = time.map(|time| Instant::now() + time);
        loop {
            let order = tokio::select! {
                order = self.orders.recv() => order,
                () = at(until) => return true,
            };
            match order {
                Some(Order::Post(entry)) => self.keep(entry).await,
                Some(Order::Place(room)) => self.place(&room).await,
                Some(Order::Withdraw(nonces)) => self.withdraw(nonces).await,
                Some(Order::KeepAt(base)) => self.keeping.move_to(base).await,
                Some(Order::Ask(_, asker)) => {
                    let _ = asker.send(Err(AskError::Offline));
                }
                Some(Order::Rename(name)) => {
                    (self.name, self.token) = (Some(name), None);
                    return true;
                }
                Some(Order::UseToken(token)) => self.token = Some(token),
                Some(Order::Reconnect) => return true,
                Some(Order::Stop) | None => return false,
            }
        }
    }

    /// Adds a message to the outbox and to the journal, if there is one.
    async fn keep(&mut self, entry: Outgoing) {
        if self.outbox.is_full() {
            let message =
                "Too many messages are waiting to be sent. Wait until some of them are sent.".to_owned();
            let failure = Failure::new(ErrorCode::Unavailable, message);
            return self.tell(Update::Failed { entry, failure }).await;
        }
        let updates = self.keeping.add(entry.clone()).await;
        let _ = self.outbox.push(entry);
        self.tell_all(updates).await;
    }

    /// Removes a finished message from the journal.
    async fn forget(&mut self, nonce: &str) {
        let updates = self.keeping.done(nonce).await;
        self.tell_all(updates).await;
    }

    /// Assigns this room to the messages without one.
    async fn place(&mut self, room: &str) {
        for entry in self.outbox.place(room) {
            let updates = self.keeping.add(entry).await;
            self.tell_all(updates).await;
        }
    }

    /// Withdraws messages without a room.
    async fn withdraw(&mut self, nonces: Vec<String>) {
        for nonce in nonces {
            if self.outbox.withdraw(&nonce) {
                self.forget(&nonce).await;
            }
        }
    }

    /// Runs one connection from its start to its end.
    async fn connection(&mut self, connect: &mut impl Connect) -> Ended {
        let mut link = match self.connected(connect).await {
            Ok(link) => link,
            Err(ended) => return ended,
        };
        let welcome = match self.hello(&mut link).await {
            Ok(welcome) => welcome,
            Err(ended) => {
                link.close().await;
                return ended;
            }
        };
        self.backoff.reset();
        self.cursors.welcome(&welcome);
        let before = self.me.replace(welcome.user.id);
        if std::mem::take(&mut self.lost_login) || before.is_some_and(|me| me != welcome.user.id) {
            self.tell(Update::NewUser).await;
        }
        if welcome.token.is_some() {
            self.token.clone_from(&welcome.token);
        }
        self.tell(Update::Live(Box::new(welcome))).await;
        Live::new(self, link).run().await
    }

    /// Connects, and carries out orders meanwhile.
    async fn connected<C: Connect>(&mut self, connect: &mut C) -> Result<C::Link, Ended> {
        let connecting = connect.connect();
        tokio::pin!(connecting);
        loop {
            let order = tokio::select! {
                connected = &mut connecting => return connected.map_err(Ended::Lost),
                order = self.orders.recv() => order,
            };
            match order {
                Some(Order::Post(entry)) => self.keep(entry).await,
                Some(Order::Place(room)) => self.place(&room).await,
                Some(Order::Withdraw(nonces)) => self.withdraw(nonces).await,
                Some(Order::KeepAt(base)) => self.keeping.move_to(base).await,
                Some(Order::Ask(_, asker)) => {
                    let _ = asker.send(Err(AskError::Offline));
                }
                Some(Order::Rename(name)) => (self.name, self.token) = (Some(name), None),
                Some(Order::UseToken(token)) => self.token = Some(token),
                Some(Order::Reconnect) => {}
                Some(Order::Stop) | None => return Err(Ended::Stopped),
            }
        }
    }

    /// Returns the next frame. A long one may take its time as long as its bytes arrive.
    async fn in_time(&self, link: &mut impl Link) -> Result<Option<String>, Ended> {
        let (mut before, mut silence) = (link.arrived(), Duration::ZERO);
        while silence < HELLO {
            if let Ok(heard) = timeout(CHECK_EVERY, link.next()).await {
                return heard.map_err(Ended::Lost);
            }
            silence += CHECK_EVERY;
            let arrived = link.arrived();
            if arrived != before {
                (before, silence) = (arrived, Duration::ZERO);
                self.tell(Update::Reached).await;
            }
        }
        Err(Ended::Lost("the server did not answer hello".into()))
    }

    async fn hello(&mut self, link: &mut impl Link) -> Result<Welcome, Ended> {
        loop {
            self.last_id += 1;
            let hello = Hello {
                protocol: PROTOCOL,
                name: if self.token.is_some() { None } else { self.name.clone() },
                token: self.token.clone(),
                client: Some(self.program.clone()),
                format: None,
                resume: self.cursors.rooms().clone(),
                log: self.cursors.log().map(str::to_owned),
            };
            let frame = ClientFrame { id: Some(self.last_id), command: Command::Hello(hello) };
            link.send(frame.encode()).await.map_err(Ended::Lost)?;
            let failure = loop {
                let Some(text) = self.in_time(link).await? else { continue };
                match decode(&text)? {
                    Some(ServerFrame::Reply { reply: Reply::Welcome(welcome), .. }) => return Ok(*welcome),
                    Some(ServerFrame::Reply { reply: Reply::Error(failure), .. }) => break failure,
                    Some(ServerFrame::Signal(Signal::Goodbye { text, reconnect_after_ms, .. })) => {
                        return Err(goodbye(text, reconnect_after_ms));
                    }
                    _ => {}
                }
            };
            match failure.code {
                ErrorCode::Unauthorized if self.token.is_some() && self.name.is_some() => {
                    (self.token, self.lost_login) = (None, true);
                    // A new user cannot use another user's cursors.
                    self.cursors = Cursors::default();
                }
                ErrorCode::NameTaken | ErrorCode::NameInvalid => return Err(Ended::NameRefused(failure)),
                ErrorCode::RateLimited | ErrorCode::Unavailable => {
                    let wait = Duration::from_millis(failure.retry_after_ms.unwrap_or(1000));
                    return Err(Ended::Later(failure.message, wait));
                }
                _ => return Err(Ended::Refused(failure.message)),
            }
        }
    }
}

/// Decodes a frame within the limits.
fn decode(text: &str) -> Result<Option<ServerFrame>, Ended> {
    Ok(ServerFrame::decode(text).map_err(|why| Ended::Lost(why.into()))?.and_then(bounded))
}

fn goodbye(text: String, reconnect_after_ms: Option<u64>) -> Ended {
    match reconnect_after_ms {
        Some(ms) => Ended::Later(text, Duration::from_millis(ms)),
        None => Ended::Refused(text),
    }
}

/// Waits until this time, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
