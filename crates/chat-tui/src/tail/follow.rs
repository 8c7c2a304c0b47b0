//! Follows a room: across breaks, resets, another history and another user.

use std::io;

use chat_proto::event::{Event, What as Happened};
use chat_proto::reply::{Joined, Welcome};
use chat_proto::{Millis, Seq, UserId};
use tokio::time::{Instant, sleep_until};

use super::memory::Memory;
use super::output::Output;
use super::signals::Signals;
use crate::cursor_file::{Checkpoint, CursorFile};
use crate::exit::{Exit, complain};
use crate::visit::{News, Visit};

/// How far a room's events were printed, and where to continue.
pub(super) struct Follower {
    room: String,
    log: String,
    last: Seq,
    /// The epoch of the last welcome, until it is known whether the last printed event exists in it.
    next_log: Option<String>,
    memory: Memory,
    out: Output,
    me: Option<UserId>,
}

impl Follower {
    /// Creates a follower that continues after `head` and knows the newest messages before it.
    pub(super) fn new(room: &str, log: &str, head: Seq, newest: &[Event], out: Output) -> Self {
        let mut memory = Memory::default();
        for event in newest {
            memory.add(event.seq, event.at);
        }
        let (room, log) = (room.to_owned(), log.to_owned());
        Self { room, log, last: head, next_log: None, memory, out, me: None }
    }

    /// Creates a follower that continues from a stored checkpoint.
    pub(super) fn from(checkpoint: Checkpoint, out: Output) -> Self {
        let mut memory = Memory::default();
        if checkpoint.at != Millis::default() {
            memory.add(checkpoint.seq, checkpoint.at);
        }
        Self {
            room: checkpoint.room,
            log: checkpoint.log,
            last: checkpoint.seq,
            next_log: None,
            memory,
            out,
            me: None,
        }
    }

    /// Prints events in order, and skips those that were printed before.
    pub(super) fn write(&mut self, events: &[Event]) -> io::Result<()> {
        for event in events {
            self.out.write(event)?;
            self.memory.add(event.seq, event.at);
            self.last = self.last.max(event.seq);
        }
        Ok(())
    }

    fn write_fresh(&mut self, events: &[Event]) -> io::Result<()> {
        let first = events.partition_point(|event| event.seq <= self.last);
        self.write(&events[first..])
    }

    fn checkpoint(&self) -> Checkpoint {
        let at = self.memory.newest_at().unwrap_or_default();
        Checkpoint {
            server: String::new(),
            log: self.log.clone(),
            room: self.room.clone(),
            seq: self.last,
            at,
        }
    }

    /// Runs until the program is told to stop, or its reader closes the pipe.
    ///
    /// # Errors
    /// If standard output cannot be written, or the cursor file cannot be written at the start.
    pub(super) async fn run(
        mut self,
        visit: &mut Visit<'_>,
        welcome: Option<Box<Welcome>>,
        mut keeper: Option<&mut CursorFile>,
        signals: &mut Signals,
    ) -> io::Result<Exit> {
        if let Some(keeper) = &mut keeper {
            keeper.try_keep(&self.checkpoint())?;
        }
        let mut first = welcome.map(News::Live);
        let exit = loop {
            let due = keeper.as_ref().and_then(|keeper| keeper.due(&self.checkpoint()));
            let news = tokio::select! {
                news = next(&mut first, visit) => news,
                () = at(due) => {
                    if let Some(keeper) = &mut keeper {
                        keeper.keep(&self.checkpoint());
                    }
                    continue;
                }
                () = signals.stop() => break Ok(Exit::Done),
            };
            // It awaits only between whole events, so cancelling it loses none.
            let heard = tokio::select! {
                heard = self.hear(visit, news) => heard,
                () = signals.stop() => break Ok(Exit::Done),
            };
            match heard {
                Ok(None) => {}
                Ok(Some(exit)) => break Ok(exit),
                Err(e) => break Err(e),
            }
        };
        // Events printed before the end count, whatever ended it.
        if let Some(keeper) = keeper {
            keeper.keep(&self.checkpoint());
        }
        exit
    }

    async fn hear(&mut self, visit: &mut Visit<'_>, news: News) -> io::Result<Option<Exit>> {
        match news {
            News::Event(event) if event.room == self.room && event.seq > self.last => {
                self.write(std::slice::from_ref(&*event))?;
                Ok(self.ends_my_membership(&event).then(|| {
                    complain(&format!("this user is no longer in #{}", self.room));
                    Exit::Denied
                }))
            }
            News::Reset(room, head) if room == self.room => {
                self.reset(visit, visit.log().to_owned(), head).await
            }
            News::Live(welcome) => self.live(visit, &welcome).await,
            News::Settled => {
                if let Some(log) = self.next_log.take() {
                    let room = &self.room;
                    complain(&format!(
                        "the server's database was restored or replaced; nothing that was printed of #{room} has changed"
                    ));
                    self.log = log;
                }
                Ok(None)
            }
            News::Ended(exit) => Ok(Some(exit)),
            _ => Ok(None),
        }
    }

    fn ends_my_membership(&self, event: &Event) -> bool {
        matches!(&event.what, Happened::Member(change) if change.change.ends_membership() && Some(change.user.id) == self.me)
    }

    /// Handles a new connection. If the user is no longer in the room, or is a new one, joins it again.
    async fn live(&mut self, visit: &mut Visit<'_>, welcome: &Welcome) -> io::Result<Option<Exit>> {
        self.me = Some(welcome.user.id);
        self.next_log = (welcome.server.log != self.log).then(|| welcome.server.log.clone());
        if welcome.rooms.iter().any(|room| room.name == self.room) {
            return Ok(None);
        }
        let Joined { room, events, .. } = match visit.join(&self.room, self.last).await {
            Ok(Some(joined)) => joined,
            // The connection broke again.
            Ok(None) => return Ok(None),
            Err(failure) => {
                let (room, name) = (&self.room, &welcome.user.name);
                complain(&format!("{name} is no longer in #{room} and cannot join it: {}", failure.message));
                return Ok(Some(Exit::Denied));
            }
        };
        let log = welcome.server.log.clone();
        match events {
            Some(events) if log == self.log && room.head >= self.last => {
                self.write_fresh(&events)?;
                Ok(None)
            }
            _ => self.reset(visit, log, room.head).await,
        }
    }

    /// Handles a reset: the missed events are not sent, so they are read page by page. In another history, those
    /// since the fork are read.
    async fn reset(&mut self, visit: &mut Visit<'_>, log: String, head: Seq) -> io::Result<Option<Exit>> {
        self.next_log = None;
        if log == self.log && head >= self.last {
            return self.fill(visit, head).await;
        }
        let mut pages: Vec<Vec<Event>> = Vec::new();
        let mut before = head.next();
        let mut fork = Seq::ZERO;
        while before > Seq(1) {
            let (page, more) = match visit.page(&self.room, Some(before), None).await {
                Ok(page) => page,
                Err(exit) => return Ok(self.refused(visit, exit)),
            };
            before = page.first().map_or(Seq(1), |event| event.seq);
            let known = page.iter().rposition(|event| self.memory.is_from_before(event));
            fork = known.map_or(Seq::ZERO, |at| page[at].seq);
            pages.push(page.into_iter().skip(known.map_or(0, |at| at + 1)).collect());
            if known.is_some() || !more {
                break;
            }
        }
        let fresh: Vec<Event> = pages.into_iter().rev().flatten().collect();
        let (room, known) = (
            &self.room,
            if fork == Seq::ZERO { "its beginning".to_owned() } else { format!("message {fork}") },
        );
        complain(&format!(
            "#{room} has another history since {known} (was the server restored from a copy?): the messages since \
             then follow"
        ));
        (self.log, self.last) = (log, fork);
        self.memory.cut(fork);
        self.write(&fresh)?;
        self.last = self.last.max(head);
        Ok(None)
    }

    /// Handles a refused page: returns the exit code, unless there is a new connection, whose user may not be in the
    /// room.
    fn refused(&self, visit: &Visit<'_>, exit: Exit) -> Option<Exit> {
        if visit.has_reconnected() { None } else { Some(exit) }
    }

    /// Reads the missed events in the same history.
    async fn fill(&mut self, visit: &mut Visit<'_>, head: Seq) -> io::Result<Option<Exit>> {
        while self.last < head {
            let page = match visit.page(&self.room, None, Some(self.last)).await {
                Ok((page, _)) => page,
                Err(exit) => return Ok(self.refused(visit, exit)),
            };
            if page.is_empty() {
                break;
            }
            self.write_fresh(&page)?;
        }
        // Events that are not messages are not in history's pages.
        self.last = self.last.max(head);
        Ok(None)
    }
}

/// Returns the first news if there is any, or waits for the next.
async fn next(first: &mut Option<News>, visit: &mut Visit<'_>) -> News {
    match first.take() {
        Some(news) => news,
        None => visit.news().await,
    }
}

/// Waits until this time, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
