//! A client without a screen, shared by `send` and `tail`. It reports on standard error.

use std::collections::VecDeque;
use std::time::Duration;

use chat_client::cursors::Cursors;
use chat_client::proto::command::{Direct, History, Join};
use chat_client::{AskError, Cause, Client, Options, Update};
use chat_proto::event::Event;
use chat_proto::reply::{Failure, Joined, Server, Welcome};
use chat_proto::updates::Outgoing;
use chat_proto::{Command, Reply, Seq, Signal, is_pair, limits};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::cursor_file::Checkpoint;
use crate::exit::{Exit, complain};
use crate::identity::Identity;
use chat_screen::refusal;

/// How long the first connection may take.
const REACH: Duration = Duration::from_secs(10);

/// How long the first welcome may take in total, on a slow link.
const WELCOME: Duration = Duration::from_secs(300);

/// The maximum number of updates queued while a reply is pending.
const HEARD: usize = 100_000;

/// How long a reply may take before that is reported.
const SLOW: Duration = Duration::from_secs(8);

/// The minimum number of messages on a page, however slow the link is.
const SHORTEST_PAGE: u64 = 10;

/// How long disconnecting may take.
const LEAVE: Duration = Duration::from_secs(1);

/// What happens during a visit.
pub(crate) enum News {
    /// It is connected, for the first time or again.
    Live(Box<Welcome>),
    Event(Box<Event>),
    Reset(String, Seq),
    /// All events that were missed in another epoch have arrived.
    Settled,
    Sent(String),
    Failed(Outgoing, Failure),
    /// The visit is over.
    Ended(Exit),
    Other,
}

/// A room that was joined, and its newest messages.
pub(crate) struct Entered {
    pub(crate) room: String,
    pub(crate) head: Seq,
    pub(crate) messages: Vec<Event>,
}

/// A client without a screen. It reports on standard error.
pub(crate) struct Visit<'a> {
    pub(crate) client: Client,
    identity: &'a Identity,
    updates: mpsc::Receiver<Update>,
    /// Updates that arrived while a reply was pending.
    heard: VecDeque<Update>,
    /// The server, from the last welcome.
    server: Option<Server>,
    /// The deadline for the first connection.
    deadline: Instant,
    /// The deadline for the first welcome, once the server was reached.
    patience: Instant,
    /// Whether the server asked the client to reconnect later.
    is_asked_to_wait: bool,
    /// Why there is no connection yet.
    reason: Option<String>,
    /// The maximum number of messages on a page.
    page: u64,
}

impl<'a> Visit<'a> {
    /// Starts to connect, to continue from a stored checkpoint if there is one.
    pub(crate) fn start(identity: &'a Identity, from: Option<&Checkpoint>) -> Self {
        let cursors = from.map_or_else(Cursors::default, |checkpoint| {
            Cursors::at(checkpoint.log.clone(), checkpoint.room.clone(), checkpoint.seq)
        });
        let (client, updates) = Client::start(Options { cursors, ..identity.options() });
        let (heard, deadline) = (VecDeque::new(), Instant::now() + REACH);
        let (patience, is_asked_to_wait) = (Instant::now() + WELCOME, false);
        Self {
            patience,
            is_asked_to_wait,
            client,
            identity,
            updates,
            heard,
            server: None,
            deadline,
            reason: None,
            page: limits::PAGE as u64,
        }
    }

    /// Returns the server's epoch.
    pub(crate) fn log(&self) -> &str {
        self.server.as_ref().map_or("", |server| &server.log)
    }

    /// Returns the next news. Cancel-safe: dropping the future loses nothing.
    pub(crate) async fn news(&mut self) -> News {
        let update = match self.heard.pop_front() {
            Some(update) => Some(update),
            None => self.updates.recv().await,
        };
        update.map_or(News::Ended(Exit::Failed), |update| self.news_of(update))
    }

    fn news_of(&mut self, update: Update) -> News {
        match update {
            Update::Live(welcome) => {
                if self.server.is_some() {
                    complain("connected again");
                }
                self.server = Some(welcome.server.clone());
                if let Some(token) = &welcome.token
                    && let Err(e) = self.identity.keep(&welcome.user.name, token)
                {
                    complain(&format!(
                        "the login could not be saved, so the next run will be a new guest: {e}"
                    ));
                }
                return News::Live(welcome);
            }
            Update::NewUser => complain("the login has ended; this is a new guest with the same name"),
            Update::Settled => return News::Settled,
            Update::Offline { reason, retry_in: Some(wait) } => {
                // If the server was reached before, an outage is reported at once. Before that, the server may be
                // about to start.
                let is_later = std::mem::take(&mut self.is_asked_to_wait);
                if self.server.is_none() && !is_later {
                    self.deadline = self.deadline.min(Instant::now() + REACH);
                } else {
                    let reason = reason.trim_end_matches('.');
                    complain(&format!("offline: {reason}; trying again in {:.1} s", wait.as_secs_f64()));
                }
                self.reason = Some(reason);
            }
            // The client gives up if no bytes arrive. On a slow link, a long welcome may take its time.
            Update::Reached => self.deadline = self.deadline.max(self.patience),
            Update::NoAnswer(since) => complain(&no_answer(since)),
            Update::AnswersAgain => complain("the server answers again"),
            Update::AskedToWait(wait) => {
                (self.is_asked_to_wait, self.deadline) = (true, Instant::now() + wait + REACH);
                self.patience = self.patience.max(self.deadline);
            }
            Update::Offline { reason, retry_in: None } => {
                complain(&reason);
                return News::Ended(Exit::Denied);
            }
            Update::NameRefused(failure) => {
                complain(&failure.message);
                if failure.registered {
                    complain(
                        "Log in once with: chat-tui --name NAME, and scripts can use the name from then on.",
                    );
                }
                return News::Ended(failure.code.into());
            }
            Update::Event(event) => return News::Event(event),
            Update::Signal(Signal::Reset { room, head }) => return News::Reset(room, head),
            Update::Sent { nonce, .. } => return News::Sent(nonce),
            Update::Failed { entry, failure } => return News::Failed(entry, failure),
            Update::Connecting
            | Update::Opened(_)
            | Update::Rejoined(_)
            | Update::Signal(_)
            | Update::Kept { .. }
            | Update::JournalLost(_)
            | Update::JournalBack => {}
        }
        News::Other
    }

    /// Waits until it is connected.
    pub(crate) async fn live(&mut self) -> Result<Box<Welcome>, Exit> {
        loop {
            match timeout_at(self.deadline, self.news()).await {
                Ok(News::Live(welcome)) => return Ok(welcome),
                Ok(News::Ended(exit)) => return Err(exit),
                Ok(_) => {}
                Err(_) => {
                    let endpoint = &self.identity.endpoint;
                    let reason = self.reason.take().unwrap_or_else(|| Cause::TimedOut.to_string());
                    complain(&format!("{endpoint} cannot be reached: {reason}"));
                    return Err(Exit::Unreachable);
                }
            }
        }
    }

    /// Joins a room after a seq. Returns `None` if the connection broke.
    pub(crate) async fn join(&mut self, room: &str, after: Seq) -> Result<Option<Joined>, Failure> {
        let join = Command::Join(Join { room: room.to_owned(), after: Some(after), limit: None });
        loop {
            match self.ask_once(join.clone()).await {
                Ok(Reply::Joined(joined)) => return Ok(Some(*joined)),
                Ok(_) | Err(AskError::Offline) => return Ok(None),
                Err(AskError::Refused(failure)) if failure.code.is_temporary() => pause(&failure).await,
                Err(AskError::Refused(failure)) => return Err(failure),
            }
        }
    }

    /// Whether there is a new connection that was not reported as news yet.
    pub(crate) fn has_reconnected(&self) -> bool {
        self.heard.iter().any(|update| matches!(update, Update::Live(_)))
    }

    /// Connects and joins a room, or the server's default room. Returns at most `newest` of its newest messages.
    pub(crate) async fn enter(&mut self, room: Option<String>, newest: u64) -> Result<Entered, Exit> {
        let welcome = self.live().await?;
        let mut room = room.unwrap_or(welcome.server.default_room);
        // `@bob` is the direct room with bob.
        if let Some(user) = room.strip_prefix('@').filter(|name| !is_pair(name)) {
            room = match self.ask(Command::Direct(Direct { user: user.to_owned() })).await? {
                Reply::Joined(joined) => joined.room.name,
                _ => return Err(Exit::Failed),
            };
        }
        let limit = Some(newest.clamp(1, limits::PAGE as u64));
        let join = Command::Join(Join { room: room.clone(), after: None, limit });
        match self.ask(join).await? {
            Reply::Joined(joined) => {
                let messages = joined.messages.unwrap_or_default();
                Ok(Entered { room, head: joined.room.head, messages })
            }
            _ => Err(Exit::Failed),
        }
    }

    /// Sends a command and waits for the reply. Updates that arrive meanwhile are queued.
    async fn ask_once(&mut self, command: Command) -> Result<Reply, AskError> {
        let client = self.client.clone();
        let asking = client.ask(command);
        tokio::pin!(asking);
        let slow = sleep(SLOW);
        tokio::pin!(slow);
        let (mut is_slow, mut is_silent) = (false, false);
        loop {
            tokio::select! {
                answer = &mut asking => return answer,
                update = self.updates.recv(), if self.heard.len() < HEARD => match update {
                    // These are reported at once, because the reply may take long.
                    Some(Update::NoAnswer(since)) => {
                        is_silent = true;
                        complain(&no_answer(since));
                    }
                    Some(Update::AnswersAgain) => complain("the server answers again"),
                    Some(update) => self.heard.push_back(update),
                    None => return Err(AskError::Offline),
                },
                () = &mut slow, if !is_slow => {
                    is_slow = true;
                    if !is_silent {
                        complain("the line is slow: the answer is still arriving");
                    }
                }
            }
        }
    }

    /// Sends a command, and again after each break.
    async fn ask(&mut self, mut command: Command) -> Result<Reply, Exit> {
        loop {
            match self.ask_once(command.clone()).await {
                Ok(reply) => return Ok(reply),
                Err(AskError::Refused(failure)) if failure.code.is_temporary() => pause(&failure).await,
                Err(AskError::Refused(failure)) => {
                    complain(&refusal::words(&failure, ""));
                    return Err(failure.code.into());
                }
                Err(AskError::Offline) => match self.updates.recv().await.ok_or(Exit::Failed)? {
                    Update::Offline { reason, retry_in: None } => {
                        complain(&reason);
                        return Err(Exit::Denied);
                    }
                    update => {
                        if let (Update::Live(_), Command::History(history)) = (&update, &mut command) {
                            // A page that was cut off may be too long for the link. A shorter one may get through.
                            self.page = (self.page / 2).max(SHORTEST_PAGE);
                            history.limit = Some(self.page);
                        }
                        self.heard.push_back(update);
                    }
                },
            }
        }
    }

    /// Reads a page of a room's history.
    pub(crate) async fn page(
        &mut self,
        room: &str,
        before: Option<Seq>,
        after: Option<Seq>,
    ) -> Result<(Vec<Event>, bool), Exit> {
        let limit = Some(self.page);
        let history = History { room: room.to_owned(), before, after, limit, ..History::default() };
        match self.ask(Command::History(history)).await? {
            Reply::Messages { messages, more, .. } => Ok((messages, more)),
            _ => Err(Exit::Failed),
        }
    }

    /// Reads the newest `lines` messages up to `head`, of which `newest` are known.
    pub(crate) async fn pages(
        &mut self,
        room: &str,
        newest: Vec<Event>,
        head: Seq,
        lines: u64,
    ) -> Result<Vec<Event>, Exit> {
        let lines = usize::try_from(lines).unwrap_or(usize::MAX);
        let mut pages = vec![newest];
        let mut count = pages[0].len();
        let mut first = pages[0].first().map_or(head.next(), |event| event.seq);
        while count < lines && first > Seq(1) {
            let (page, more) = self.page(room, Some(first), None).await?;
            first = page.first().map_or(Seq::ZERO, |event| event.seq);
            count += page.len();
            pages.push(page);
            if !more {
                break;
            }
        }
        let skip = count.saturating_sub(lines);
        Ok(pages.into_iter().rev().flatten().skip(skip).collect())
    }

    pub(crate) async fn leave(self) {
        let _ = timeout(LEAVE, self.client.stop()).await;
    }
}

fn no_answer(since: Duration) -> String {
    format!("no answer for {} s: messages may not have arrived yet", since.as_secs())
}

/// Waits as long as the server asks for.
async fn pause(failure: &Failure) {
    tokio::time::sleep(Duration::from_millis(failure.retry_after_ms.unwrap_or(1000))).await;
}
