//! `chat-tui tail`: prints a room's messages, for scripts.

mod follow;
mod memory;
mod output;
mod signals;

use std::io::ErrorKind;
use std::path::PathBuf;

use chat_proto::Seq;
use chat_proto::event::Event;
use chat_proto::reply::Welcome;
use jiff::tz::TimeZone;

use self::follow::Follower;
use self::output::Output;
use self::signals::Signals;
use crate::cursor_file::CursorFile;
use crate::exit::{Exit, complain};
use crate::identity::Identity;
use crate::visit::{Entered, Visit};

/// What to print.
#[derive(Clone, Debug)]
pub struct What {
    /// The number of newest messages.
    pub lines: u64,
    /// Whether to print JSON.
    pub json: bool,
    /// Whether to keep printing new events.
    pub follow: bool,
    /// The file that stores how far it got.
    pub cursor: Option<PathBuf>,
}

/// Prints a room's newest messages, and optionally what follows.
///
/// # Errors
/// If standard output or the cursor file cannot be written.
pub async fn run(identity: &Identity, room: Option<String>, what: What) -> anyhow::Result<Exit> {
    let server = identity.endpoint.http("");
    let out = Output { server, json: what.json, zone: TimeZone::system() };
    let mut keeper = what.cursor.map(|file| CursorFile::new(file, identity.endpoint.http("")));
    let kept = match keeper.as_ref().map(|keeper| keeper.read(room.as_deref())).transpose() {
        Ok(kept) => kept.flatten(),
        Err(why) => {
            complain(&why);
            return Ok(Exit::Usage);
        }
    };
    let mut signals = Signals::new(keeper.is_some())?;
    let mut visit = Visit::start(identity, kept.as_ref());
    let exit = async {
        let begin = async {
            match kept {
                Some(checkpoint) => {
                    let welcome = visit.live().await?;
                    Ok((Follower::from(checkpoint, out), Some(welcome), Vec::new()))
                }
                None => newest(&mut visit, room, what.lines, out).await,
            }
        };
        let begun = tokio::select! {
            begun = begin => begun,
            () = signals.stop() => return Ok(Exit::Done),
        };
        let (mut follower, welcome, messages) = match begun {
            Ok(begun) => begun,
            Err(exit) => return Ok(exit),
        };
        follower.write(&messages)?;
        if !what.follow {
            return Ok(Exit::Done);
        }
        follower.run(&mut visit, welcome, keeper.as_mut(), &mut signals).await
    }
    .await;
    visit.leave().await;
    match exit {
        // The reader closed the pipe: it has enough.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        exit => Ok(exit?),
    }
}

type Begun = (Follower, Option<Box<Welcome>>, Vec<Event>);

/// Joins the room and reads its newest messages.
async fn newest(visit: &mut Visit<'_>, room: Option<String>, lines: u64, out: Output) -> Result<Begun, Exit> {
    let Entered { room, head, messages } = visit.enter(room, lines).await?;
    let mut follower = Follower::new(&room, visit.log(), head, &messages, out);
    let first = messages.first().map_or(head.next(), |event| event.seq);
    if lines < head.0 {
        return Ok((follower, None, visit.pages(&room, messages, head, lines).await?));
    }
    // All messages are requested: each page is printed as it arrives.
    let mut last = Seq::ZERO;
    while last.next() < first {
        let (page, more) = visit.page(&room, None, Some(last)).await?;
        last = page.last().map_or(first, |event| event.seq);
        let older = page.partition_point(|event| event.seq < first);
        follower.write(&page[..older]).map_err(|e| match e.kind() {
            ErrorKind::BrokenPipe => Exit::Done,
            _ => {
                complain(&format!("standard output cannot be written: {e}"));
                Exit::Failed
            }
        })?;
        if !more {
            break;
        }
    }
    Ok((follower, None, messages))
}
