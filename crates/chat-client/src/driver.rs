//! The one task that owns everything: it connects, says hello, lives, and waits to try again.

use std::collections::HashMap;
use std::time::Duration;

use chat_proto::command::{Hello, Send};
use chat_proto::error::ErrorCode;
use chat_proto::reply::{Failure, Welcome};
use chat_proto::{ClientFrame, Command, PROTOCOL, Reply, ServerFrame, Signal, Token};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use crate::backoff::Backoff;
use crate::client::{AskError, Options, Order, Update};
use crate::cursors::{Cursors, Step};
use crate::journal::Journal;
use crate::nonce::chance;
use crate::outbox::{Entry, Outbox, Verdict};
use crate::transport::{Connect, Link};

/// How long the answer to hello may take.
const HELLO: Duration = Duration::from_secs(20);

/// How long nothing may be heard: the server pings every 30 s.
const SILENCE: Duration = Duration::from_secs(75);

/// How long a frame may take to be sent.
const SEND: Duration = Duration::from_secs(30);

/// Over how long clients spread themselves that were told when to come back.
const SPREAD: Duration = Duration::from_secs(1);

/// How a connection ended.
enum Ended {
    /// Whoever held the handle wants no more.
    Stopped,
    /// It broke; try again.
    Lost(String),
    /// Try again then.
    Later(String, Duration),
    /// Trying again is no use until the person acts.
    Refused(String),
    /// The name is not taken.
    NameRefused(Failure),
}

/// What an answer is for.
enum Asked {
    /// A message under way.
    Message(Entry),
    /// A question; `left` names the room that is left by it.
    Question { asker: oneshot::Sender<Result<Reply, AskError>>, left: Option<String> },
}

pub(crate) struct Driver {
    name: Option<String>,
    token: Option<Token>,
    program: String,
    orders: mpsc::Receiver<Order>,
    updates: mpsc::Sender<Update>,
    cursors: Cursors,
    outbox: Outbox,
    journal: Option<Journal>,
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
        let (journal, waiting) = options.journal.map_or((None, Vec::new()), |(j, w)| (Some(j), w));
        for entry in waiting {
            // A journal holds no more than an outbox did.
            let _ = outbox.push(entry);
        }
        Self {
            name: options.name,
            token: options.token,
            program: options.program,
            orders,
            updates,
            cursors: Cursors::default(),
            outbox,
            journal,
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
                Ended::Stopped => return,
                Ended::Lost(reason) => {
                    let wait = self.backoff.after_failure(chance());
                    self.tell(Update::Offline { reason, retry_in: Some(wait) }).await;
                    Some(wait)
                }
                Ended::Later(reason, wait) => {
                    let wait = wait + SPREAD.mul_f64(chance());
                    self.tell(Update::Offline { reason, retry_in: Some(wait) }).await;
                    Some(wait)
                }
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
                return;
            }
        }
    }

    async fn tell(&self, update: Update) {
        // Where nobody reads any more, the handle is gone as well and the orders end.
        let _ = self.updates.send(update).await;
    }

    /// Waits to try again; without a time, until there is a reason to. False at the end.
    async fn wait(&mut self, time: Option<Duration>) -> bool {
        let until = time.map(|time| Instant::now() + time);
        loop {
            let order = tokio::select! {
                order = self.orders.recv() => order,
                () = at(until) => return true,
            };
            match order {
                Some(Order::Post(entry)) => self.keep(entry).await,
                Some(Order::Ask(_, asker)) => {
                    let _ = asker.send(Err(AskError::Offline));
                }
                Some(Order::Rename(name)) => {
                    (self.name, self.token) = (Some(name), None);
                    return true;
                }
                Some(Order::Reconnect) => return true,
                Some(Order::Stop) | None => return false,
            }
        }
    }

    /// Puts a message into the outbox.
    async fn keep(&mut self, entry: Entry) {
        if let Some(journal) = &mut self.journal
            && let Err(e) = journal.added(&entry)
        {
            self.journal = None;
            self.tell(Update::JournalLost(e.to_string())).await;
        }
        if let Err(entry) = self.outbox.push(entry) {
            let message = "Too many messages are waiting to be sent. Wait until some of them are.".to_owned();
            let failure = Failure { code: ErrorCode::Unavailable, message, retry_after_ms: None };
            self.forget(&entry.nonce).await;
            self.tell(Update::Failed { entry, failure }).await;
        }
    }

    /// Takes a message that is done out of the journal.
    async fn forget(&mut self, nonce: &str) {
        if let Some(journal) = &mut self.journal
            && let Err(e) = journal.done(nonce)
        {
            self.journal = None;
            self.tell(Update::JournalLost(e.to_string())).await;
        }
    }

    /// One connection, from its beginning to its end.
    async fn connection(&mut self, connect: &mut impl Connect) -> Ended {
        let mut link = match self.connected(connect).await {
            Ok(link) => link,
            Err(ended) => return ended,
        };
        let welcome = match timeout(HELLO, self.hello(&mut link)).await {
            Ok(Ok(welcome)) => welcome,
            Ok(Err(ended)) => {
                link.close().await;
                return ended;
            }
            Err(_) => return Ended::Lost("the server did not answer hello".to_owned()),
        };
        self.backoff.reset();
        self.cursors.welcome(&welcome);
        self.token = Some(welcome.token.clone());
        self.tell(Update::Live(Box::new(welcome))).await;
        let mut live =
            Live { driver: self, link, asked: HashMap::new(), goodbye: None, heard: Instant::now() };
        let ended = live.live().await;
        for (_, asked) in live.asked.drain() {
            if let Asked::Question { asker, .. } = asked {
                let _ = asker.send(Err(AskError::Offline));
            }
        }
        if matches!(ended, Ended::Stopped) {
            live.link.close().await;
        }
        ended
    }

    /// Connects, and takes orders meanwhile.
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
                Some(Order::Ask(_, asker)) => {
                    let _ = asker.send(Err(AskError::Offline));
                }
                Some(Order::Rename(name)) => (self.name, self.token) = (Some(name), None),
                Some(Order::Reconnect) => {}
                Some(Order::Stop) | None => return Err(Ended::Stopped),
            }
        }
    }

    async fn hello(&mut self, link: &mut impl Link) -> Result<Welcome, Ended> {
        loop {
            self.last_id += 1;
            let hello = Hello {
                protocol: PROTOCOL,
                name: if self.token.is_some() { None } else { self.name.clone() },
                token: self.token.clone(),
                client: Some(self.program.clone()),
                resume: self.cursors.rooms().clone(),
                log: self.cursors.log().map(str::to_owned),
            };
            let frame = ClientFrame { id: Some(self.last_id), command: Command::Hello(hello) };
            link.send(frame.encode()).await.map_err(Ended::Lost)?;
            let failure = loop {
                let Some(text) = link.next().await.map_err(Ended::Lost)? else { continue };
                match ServerFrame::decode(&text).map_err(Ended::Lost)? {
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
                    self.token = None;
                    // Another user's cursors mean nothing to a new one.
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

fn goodbye(text: String, reconnect_after_ms: Option<u64>) -> Ended {
    match reconnect_after_ms {
        Some(ms) => Ended::Later(text, Duration::from_millis(ms)),
        None => Ended::Refused(text),
    }
}

/// Ready at that time, or never.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// A connection that said hello.
struct Live<'a, L> {
    driver: &'a mut Driver,
    link: L,
    asked: HashMap<u64, Asked>,
    /// The server's goodbye, which says what its close means.
    goodbye: Option<Ended>,
    heard: Instant,
}

impl<L: Link> Live<'_, L> {
    async fn live(&mut self) -> Ended {
        loop {
            while let Some(entry) = self.driver.outbox.take_due(Instant::now()) {
                let command = Command::Send(Send {
                    room: entry.room.clone(),
                    nonce: entry.nonce.clone(),
                    text: entry.text.clone(),
                });
                if let Err(ended) = self.send(command, Asked::Message(entry)).await {
                    return ended;
                }
            }
            let went_on = tokio::select! {
                heard = self.link.next() => {
                    self.heard = Instant::now();
                    match heard {
                        Ok(Some(text)) => self.take(&text).await,
                        Ok(None) => Ok(()),
                        Err(reason) => Err(self.goodbye.take().unwrap_or(Ended::Lost(reason))),
                    }
                }
                order = self.driver.orders.recv() => self.carry_out(order).await,
                () = at(self.driver.outbox.next_due()) => Ok(()),
                () = sleep_until(self.heard + SILENCE) => Err(Ended::Lost("the server fell silent".to_owned())),
            };
            if let Err(ended) = went_on {
                return ended;
            }
        }
    }

    async fn send(&mut self, command: Command, asked: Asked) -> Result<(), Ended> {
        self.driver.last_id += 1;
        let id = self.driver.last_id;
        self.asked.insert(id, asked);
        let text = ClientFrame { id: Some(id), command }.encode();
        match timeout(SEND, self.link.send(text)).await {
            Ok(sent) => sent.map_err(Ended::Lost),
            Err(_) => Err(Ended::Lost("the server takes nothing".to_owned())),
        }
    }

    async fn carry_out(&mut self, order: Option<Order>) -> Result<(), Ended> {
        match order {
            Some(Order::Post(entry)) => self.driver.keep(entry).await,
            Some(Order::Ask(command, asker)) => {
                let left = match &command {
                    Command::Leave(leave) => Some(leave.room.clone()),
                    _ => None,
                };
                self.send(command, Asked::Question { asker, left }).await?;
            }
            Some(Order::Rename(_) | Order::Reconnect) => {}
            Some(Order::Stop) | None => return Err(Ended::Stopped),
        }
        Ok(())
    }

    async fn take(&mut self, text: &str) -> Result<(), Ended> {
        let Some(frame) = ServerFrame::decode(text).map_err(Ended::Lost)? else { return Ok(()) };
        match frame {
            ServerFrame::Event(event) => match self.driver.cursors.accept(&event.room, event.seq) {
                Step::Fresh => self.driver.tell(Update::Event(Box::new(event))).await,
                Step::Repeat => {}
                // Resuming asks for what lies between.
                Step::Hole => return Err(Ended::Lost("something was missing".to_owned())),
            },
            ServerFrame::Signal(signal) => {
                match &signal {
                    Signal::Reset { room, head } => self.driver.cursors.reset(room, *head),
                    Signal::Goodbye { text, reconnect_after_ms, .. } => {
                        self.goodbye = Some(goodbye(text.clone(), *reconnect_after_ms));
                    }
                    _ => {}
                }
                self.driver.tell(Update::Signal(signal)).await;
            }
            ServerFrame::Reply { id, reply } => {
                if let Some(asked) = id.and_then(|id| self.asked.remove(&id)) {
                    self.answered(asked, reply).await;
                }
            }
        }
        Ok(())
    }

    async fn answered(&mut self, asked: Asked, reply: Reply) {
        match asked {
            Asked::Question { asker, left } => {
                match (&reply, left) {
                    (Reply::Joined(joined), _) => {
                        self.driver.cursors.joined(&joined.room.name, joined.room.head);
                    }
                    (Reply::Ok(_), Some(room)) => self.driver.cursors.left(&room),
                    _ => {}
                }
                let answer = match reply {
                    Reply::Error(failure) => Err(AskError::Refused(failure)),
                    reply => Ok(reply),
                };
                // The asker may not care any more.
                let _ = asker.send(answer);
            }
            Asked::Message(entry) => match reply {
                Reply::Error(failure) => {
                    let verdict =
                        self.driver.outbox.refused(&entry.room, &entry.nonce, &failure, Instant::now());
                    if let Some(Verdict::Failed(entry)) = verdict {
                        self.driver.forget(&entry.nonce).await;
                        self.driver.tell(Update::Failed { entry, failure }).await;
                    }
                }
                reply => {
                    self.driver.outbox.acknowledged(&entry.room, &entry.nonce);
                    self.driver.forget(&entry.nonce).await;
                    let (seq, at) = match reply {
                        Reply::Ok(done) => (done.seq.unwrap_or(0), done.at.unwrap_or(0)),
                        _ => (0, 0),
                    };
                    let Entry { nonce, room, .. } = entry;
                    self.driver.tell(Update::Sent { nonce, room, seq, at }).await;
                }
            },
        }
    }
}
