//! A connection after `hello`: commands and replies, events and the outbox, until it ends.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chat_proto::command::{Join, Send};
use chat_proto::reply::{Failure, Joined};
use chat_proto::{ClientFrame, Command, ErrorCode, Reply, Seq, ServerFrame, Signal, What};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};

use super::pulse::{Beat, Pulse};
use super::{Driver, Ended, at, decode, goodbye};
use crate::cursors::Step;
use crate::orders::Order;
use crate::outbox::Verdict;
use crate::transport::Link;
use chat_proto::updates::Outgoing;
use chat_proto::updates::{AskError, Update};

/// How long sending a frame may take.
const SEND: Duration = Duration::from_secs(30);

/// What a reply is for.
enum Asked {
    /// A message in flight.
    Message(Outgoing),
    /// A ping that marks the end of what the welcome promised: the reply arrives after all of it.
    Settled,
    /// A ping.
    Ping,
    /// A join for a message that was refused because the user is not in its room.
    Rejoin(Outgoing),
    /// A command of the client's user.
    Question { asker: oneshot::Sender<Result<Reply, AskError>>, about: About },
}

/// What handling a reply needs to know about its command.
enum About {
    /// The room that the command leaves.
    Left(String),
    /// The seq after which the command joins a room.
    After(Seq),
    /// Nothing.
    Nothing,
}

impl About {
    fn of(command: &Command) -> Self {
        match command {
            Command::Leave(leave) => Self::Left(leave.room.clone()),
            Command::Join(Join { after: Some(after), .. }) => Self::After(*after),
            _ => Self::Nothing,
        }
    }

    /// Returns the seq after which the subscription to a joined room starts. Events that do not fit into the reply
    /// follow on their own.
    fn cursor(&self, joined: &Joined) -> Seq {
        match (&joined.events, self) {
            (Some(events), Self::After(after)) => events.last().map_or(*after, |event| event.seq),
            _ => joined.room.head,
        }
    }
}

/// A connection after `hello`.
pub(super) struct Live<'a, L> {
    driver: &'a mut Driver,
    link: L,
    asked: HashMap<u64, Asked>,
    /// How the connection will end, from the server's goodbye.
    goodbye: Option<Ended>,
    pulse: Pulse,
    /// The number of the last command that was sent.
    last_asked: u64,
    /// The number of the last command that was answered. Replies arrive in the order of the commands.
    answered: u64,
    /// Rooms that were joined for messages waiting for them: once each, so that a refusal is final.
    rejoined: HashSet<String>,
}

impl<'a, L: Link> Live<'a, L> {
    pub(super) fn new(driver: &'a mut Driver, link: L) -> Self {
        let pulse = Pulse::new(link.arrived(), Instant::now());
        Self {
            driver,
            link,
            asked: HashMap::new(),
            goodbye: None,
            pulse,
            last_asked: 0,
            answered: 0,
            rejoined: HashSet::new(),
        }
    }

    /// Runs from the welcome to the end of the connection.
    pub(super) async fn run(mut self) -> Ended {
        let ended = self.live().await;
        for (_, asked) in self.asked.drain() {
            if let Asked::Question { asker, .. } = asked {
                // The caller may have gone.
                let _ = asker.send(Err(AskError::Offline));
            }
        }
        if matches!(ended, Ended::Stopped) {
            self.link.close().await;
        }
        ended
    }

    async fn live(&mut self) -> Ended {
        if self.driver.cursors.is_unsettled()
            && let Err(ended) = self.send(Command::Ping {}, Asked::Settled).await
        {
            return ended;
        }
        loop {
            while let Some(entry) = self.driver.outbox.take_due(Instant::now()) {
                let command = Command::Send(Send {
                    room: entry.room.clone(),
                    nonce: entry.nonce.clone(),
                    text: entry.text.clone(),
                    reply_to: entry.reply_to,
                    files: entry.files.clone(),
                });
                if let Err(ended) = self.send(command, Asked::Message(entry)).await {
                    return ended;
                }
            }
            self.pulse.waits(self.answered < self.last_asked, Instant::now());
            let went_on = tokio::select! {
                heard = self.link.next() => {
                    let beat = self.pulse.frame_arrived(self.link.arrived(), Instant::now());
                    self.beats(beat).await;
                    match heard {
                        Ok(Some(text)) => self.take(&text).await,
                        Ok(None) => Ok(()),
                        Err(reason) => Err(self.goodbye.take().unwrap_or(Ended::Lost(reason))),
                    }
                }
                order = self.driver.orders.recv() => self.carry_out(order).await,
                () = at(self.driver.outbox.next_due()) => Ok(()),
                () = sleep_until(self.pulse.due()) => self.check_pulse().await,
            };
            if let Err(ended) = went_on {
                return ended;
            }
        }
    }

    /// Checks the pulse after a silence.
    async fn check_pulse(&mut self) -> Result<(), Ended> {
        match self.pulse.check(self.link.arrived(), Instant::now()) {
            Beat::Dead => Err(Ended::Lost("the server fell silent".into())),
            Beat::NoAnswer(since) => {
                self.driver.tell(Update::NoAnswer(since)).await;
                // A link that loses bytes now may recover later: the reply to this ping would show that.
                self.send(Command::Ping {}, Asked::Ping).await
            }
            beat => {
                self.beats(beat).await;
                Ok(())
            }
        }
    }

    async fn beats(&mut self, beat: Beat) {
        if beat == Beat::Again {
            self.driver.tell(Update::AnswersAgain).await;
        }
    }

    async fn send(&mut self, command: Command, asked: Asked) -> Result<(), Ended> {
        self.driver.last_id += 1;
        let id = self.driver.last_id;
        self.asked.insert(id, asked);
        self.last_asked = id;
        let text = ClientFrame { id: Some(id), command }.encode();
        match timeout(SEND, self.link.send(text)).await {
            Ok(sent) => sent.map_err(Ended::Lost),
            Err(_) => Err(Ended::Lost("the server accepts no data".into())),
        }
    }

    async fn carry_out(&mut self, order: Option<Order>) -> Result<(), Ended> {
        match order {
            Some(Order::Post(entry)) => self.driver.keep(entry).await,
            Some(Order::Place(room)) => self.driver.place(&room).await,
            Some(Order::Withdraw(nonces)) => self.driver.withdraw(nonces).await,
            Some(Order::KeepAt(base)) => self.driver.keeping.move_to(base).await,
            Some(Order::Ask(command, asker)) => {
                let about = About::of(&command);
                self.send(command, Asked::Question { asker, about }).await?;
            }
            Some(Order::UseToken(token)) => self.driver.token = Some(token),
            Some(Order::Rename(_) | Order::Reconnect) => {}
            Some(Order::Stop) | None => return Err(Ended::Stopped),
        }
        Ok(())
    }

    async fn take(&mut self, text: &str) -> Result<(), Ended> {
        let Some(frame) = decode(text)? else { return Ok(()) };
        match frame {
            ServerFrame::Event(event) => match self.driver.cursors.accept(&event.room, event.seq) {
                Step::Fresh => {
                    if let What::Member(change) = &event.what
                        && change.change.ends_membership()
                        && Some(change.user.id) == self.driver.me
                    {
                        self.driver.cursors.left(&event.room);
                    }
                    self.driver.tell(Update::Event(Box::new(event))).await;
                }
                Step::Repeat => {}
                // Resuming asks for the missing events.
                Step::Gap => return Err(Ended::Lost("an event was missing".into())),
            },
            ServerFrame::Signal(signal) => {
                match &signal {
                    Signal::Reset { room, head } => self.driver.cursors.reset(room, *head),
                    Signal::Goodbye { text, reconnect_after_ms, .. } if self.goodbye.is_none() => {
                        self.goodbye = Some(goodbye(text.clone(), *reconnect_after_ms));
                    }
                    _ => {}
                }
                self.driver.tell(Update::Signal(signal)).await;
            }
            ServerFrame::Reply { id, reply } => {
                self.answered = self.answered.max(id.unwrap_or(0));
                match (id.and_then(|id| self.asked.remove(&id)), reply) {
                    (Some(asked), reply) => self.answered(asked, reply).await?,
                    // Someone opened a direct room with this user.
                    (None, Reply::Joined(joined)) if self.driver.cursors.has_place(&joined.room.name) => {
                        self.driver.cursors.joined(&joined.room.name, joined.room.head);
                        self.driver.tell(Update::Opened(joined)).await;
                    }
                    // This error says more than the goodbye that follows it.
                    (None, Reply::Error(failure)) if failure.code == ErrorCode::Banned => {
                        self.goodbye = Some(Ended::Refused(failure.message));
                    }
                    (None, _) => {}
                }
            }
        }
        Ok(())
    }

    async fn answered(&mut self, asked: Asked, reply: Reply) -> Result<(), Ended> {
        match asked {
            Asked::Question { asker, about } => {
                match (&reply, about) {
                    (Reply::Joined(joined), about) => {
                        self.driver.cursors.joined(&joined.room.name, about.cursor(joined));
                    }
                    (Reply::Ok(_), About::Left(room)) => self.driver.cursors.left(&room),
                    _ => {}
                }
                let answer = match reply {
                    Reply::Error(failure) => Err(AskError::Refused(failure)),
                    reply => Ok(reply),
                };
                // The caller may have gone.
                let _ = asker.send(answer);
            }
            Asked::Ping => {}
            Asked::Settled => {
                self.driver.cursors.settled();
                self.driver.tell(Update::Settled).await;
            }
            // A user who reconnected as a new one, or was removed meanwhile, joins again.
            Asked::Message(entry) if is_not_joined(&reply) && self.rejoined.insert(entry.room.clone()) => {
                let join = Command::Join(Join { room: entry.room.clone(), after: None, limit: None });
                self.send(join, Asked::Rejoin(entry)).await?;
            }
            Asked::Rejoin(entry) => match reply {
                Reply::Joined(joined) => {
                    self.driver.cursors.joined(&joined.room.name, joined.room.head);
                    self.driver.outbox.again(&entry.room);
                    self.driver.tell(Update::Rejoined(joined)).await;
                }
                Reply::Error(failure) => self.message_refused(entry, failure).await,
                _ => self.driver.outbox.again(&entry.room),
            },
            Asked::Message(entry) => match reply {
                Reply::Error(failure) => self.message_refused(entry, failure).await,
                reply => {
                    self.driver.outbox.acknowledged(&entry.room, &entry.nonce);
                    self.driver.forget(&entry.nonce).await;
                    let (seq, at) = match reply {
                        Reply::Ok(done) => (done.seq.unwrap_or_default(), done.at.unwrap_or_default()),
                        _ => Default::default(),
                    };
                    let Outgoing { nonce, room, .. } = entry;
                    self.driver.tell(Update::Sent { nonce, room, seq, at }).await;
                }
            },
        }
        Ok(())
    }

    async fn message_refused(&mut self, entry: Outgoing, failure: Failure) {
        let verdict = self.driver.outbox.refused(&entry.room, &entry.nonce, &failure, Instant::now());
        if let Some(Verdict::Failed(entry)) = verdict {
            self.driver.forget(&entry.nonce).await;
            self.driver.tell(Update::Failed { entry, failure }).await;
        }
    }
}

fn is_not_joined(reply: &Reply) -> bool {
    matches!(reply, Reply::Error(failure) if failure.code == ErrorCode::NotJoined)
}
