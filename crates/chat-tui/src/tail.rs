//! `chat-tui tail`: a room's messages on standard output, for scripts.

use std::io::{ErrorKind, Write};

use chat_proto::Seq;
use chat_proto::event::{Event, What as Happened};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clean::Clean;
use crate::cli::{Exit, Identity};
use crate::model::item::{Item, file_line};
use crate::visit::{Entered, News, Visit};

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct What {
    /// How many of the newest messages.
    pub lines: u64,
    /// As JSON.
    pub json: bool,
    /// Whether to go on with what comes.
    pub follow: bool,
}

/// Writes a room's newest messages, and what follows.
///
/// # Errors
/// Where standard output cannot be written.
pub async fn run(identity: &Identity, room: Option<String>, what: What) -> anyhow::Result<Exit> {
    let mut visit = Visit::start(identity);
    let Entered { room, head, messages } = match visit.enter(room).await {
        Ok(entered) => entered,
        Err(exit) => return Ok(exit),
    };
    let mut out = Output { json: what.json, zone: TimeZone::system() };
    let exit = match visit.pages(&room, messages, head, what.lines).await {
        Ok(messages) => {
            let mut written = Ok(());
            for message in &messages {
                written = written.and_then(|()| out.write(message));
            }
            match written {
                Ok(()) if what.follow => follow(&mut visit, &mut out, &room, head).await,
                written => written.map(|()| Exit::Done),
            }
        }
        Err(exit) => Ok(exit),
    };
    visit.leave().await;
    match exit {
        // Whoever read it has enough.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        exit => Ok(exit?),
    }
}

async fn follow(visit: &mut Visit<'_>, out: &mut Output, room: &str, mut last: Seq) -> std::io::Result<Exit> {
    loop {
        match visit.news().await {
            News::Event(event) if event.room == room && event.seq > last => {
                last = event.seq;
                out.write(&event)?;
            }
            // Too much was missed to be replayed: it is read instead, page by page.
            News::Reset(reset, head) if reset == room => {
                while last < head {
                    let Ok((page, _)) = visit.page(room, None, Some(last)).await else { break };
                    let Some(newest) = page.last() else { break };
                    last = newest.seq;
                    for event in &page {
                        out.write(event)?;
                    }
                }
                last = last.max(head);
            }
            News::Ended(exit) => return Ok(exit),
            _ => {}
        }
    }
}

struct Output {
    json: bool,
    zone: TimeZone,
}

impl Output {
    fn write(&mut self, event: &Event) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, event)?;
            writeln!(out)?;
        } else {
            let time = Timestamp::from_millisecond(event.at).map(|at| at.to_zoned(self.zone.clone()));
            let time = time.map_or(String::new(), |time| time.strftime("%Y-%m-%d %H:%M ").to_string());
            // A newer kind of event may not say when it was.
            let time = if event.at == 0 { String::new() } else { time };
            let item = Item::of(event);
            match &event.what {
                Happened::Message(message) => {
                    if !message.text.is_empty() || message.files.is_empty() {
                        writeln!(out, "{time}{}: {}", item.name, Clean::line(&message.text))?;
                    }
                    for file in &message.files {
                        let told = Clean::line(&format!("{}  {}", file_line(file), file.url));
                        writeln!(out, "{time}{}: {told}", item.name)?;
                    }
                }
                _ => {
                    if let Some(told) = changed(event) {
                        writeln!(out, "{time}* {}", Clean::line(&told))?;
                    } else {
                        writeln!(out, "{time}* {}", item.text)?;
                    }
                }
            }
        }
        out.flush()
    }
}

/// What an event that changes a message says on a line of its own.
fn changed(event: &Event) -> Option<String> {
    let by = &event.by.name;
    Some(match &event.what {
        Happened::Edited { target, text, .. } => format!("{by} changed message {target}: {text}"),
        Happened::Deleted { target } => format!("{by} deleted message {target}"),
        Happened::Reacted(on) => format!("{by} put {} on message {}", on.emoji, on.target),
        Happened::Unreacted(on) => format!("{by} took {} from message {}", on.emoji, on.target),
        Happened::Pinned { target } => format!("{by} pinned message {target}"),
        Happened::Unpinned { target } => format!("{by} unpinned message {target}"),
        Happened::Message(_) | Happened::Topic { .. } | Happened::Member(_) | Happened::Newer { .. } => {
            return None;
        }
    })
}
