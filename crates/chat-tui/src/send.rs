//! `chat-tui send`: messages from the command line or standard input, for scripts. It ends once every message is
//! acknowledged, and rides through restarts and limits in between.

use std::collections::HashSet;
use std::path::PathBuf;

use chat_client::outbox::Entry;
use chat_client::{Client, nonce};
use chat_proto::limits::{FILES, TEXT_BYTES};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::cli::{Exit, Identity, complain};
use crate::visit::{Entered, News, Visit};

/// How many messages may be on their way; more is not read before.
const ON_THEIR_WAY: usize = 200;

/// Sends `files` with `text`, or else `text`, or each line of standard input.
///
/// # Errors
/// Where standard input cannot be read.
pub async fn run(
    identity: &Identity,
    room: Option<String>,
    text: Option<String>,
    files: &[PathBuf],
) -> anyhow::Result<Exit> {
    let mut visit = Visit::start(identity, None);
    let room = match visit.enter(room).await {
        Ok(Entered { room, .. }) => room,
        Err(exit) => return Ok(exit),
    };
    let mut sender =
        Sender { client: visit.client.clone(), room, on_their_way: HashSet::new(), exit: Exit::Done };
    match text {
        text if !files.is_empty() => {
            if let Err(exit) = sender.post_files(identity, text.as_deref().unwrap_or_default(), files).await {
                visit.leave().await;
                return Ok(exit);
            }
        }
        Some(text) => sender.post(&text).await,
        None => {
            let mut lines = BufReader::new(tokio::io::stdin()).lines();
            loop {
                tokio::select! {
                    news = visit.news() => sender.hear(news),
                    line = lines.next_line(), if sender.on_their_way.len() < ON_THEIR_WAY => match line? {
                        Some(line) => sender.post(&line).await,
                        None => break,
                    },
                }
            }
        }
    }
    while !sender.on_their_way.is_empty() {
        sender.hear(visit.news().await);
    }
    visit.leave().await;
    Ok(sender.exit)
}

struct Sender {
    client: Client,
    room: String,
    on_their_way: HashSet<String>,
    exit: Exit,
}

impl Sender {
    async fn post(&mut self, text: &str) {
        for part in parts(text) {
            self.on_their_way.insert(self.client.post(&self.room, part).await);
        }
    }

    /// Uploads files and sends the message that bears them.
    async fn post_files(&mut self, identity: &Identity, text: &str, paths: &[PathBuf]) -> Result<(), Exit> {
        if paths.len() > FILES || text.len() > TEXT_BYTES {
            complain(&format!("A message has at most {FILES} files and {TEXT_BYTES} bytes of text."));
            return Err(Exit::Invalid);
        }
        let Some(files) = identity.files() else {
            complain("There is no login to upload with.");
            return Err(Exit::Denied);
        };
        let mut ids = Vec::new();
        for path in paths {
            match files.upload(path, |_, _| {}).await {
                Ok(file) => ids.push(file.id),
                Err(why) => {
                    complain(&format!("not sent: {why}"));
                    return Err(Exit::Invalid);
                }
            }
        }
        let (nonce, text) = (nonce::new(), text.trim().to_owned());
        self.on_their_way.insert(nonce.clone());
        let entry = Entry { nonce, room: self.room.clone(), text, files: ids, ..Entry::default() };
        self.client.post_as(entry).await;
        Ok(())
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Sent(nonce) => {
                self.on_their_way.remove(&nonce);
            }
            News::Failed(entry, failure) => {
                if self.on_their_way.remove(&entry.nonce) {
                    complain(&format!("not sent: {}", failure.message));
                    self.exit = failure.code.into();
                }
            }
            News::Ended(exit) => {
                self.exit = exit;
                self.on_their_way.clear();
            }
            News::Live(_) | News::Event(_) | News::Reset(..) | News::Settled | News::Other => {}
        }
    }
}

/// A text in messages that are short enough, broken at spaces where there are some. Blank text is none.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text.trim_end());
    while rest.len() > TEXT_BYTES {
        let mut end = TEXT_BYTES;
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let at = rest[..end].rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
        parts.push(&rest[..at]);
        rest = rest[at..].trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_go_in_parts_and_blank_ones_not_at_all() {
        assert_eq!(parts("  hi "), ["  hi"]);
        assert!(parts(" \t").is_empty());
        let long = "word ".repeat(2000);
        let split = parts(&long);
        assert!(split.len() == 3 && split.iter().all(|part| part.len() <= TEXT_BYTES));
        assert_eq!(split.join(" "), long.trim_end());
        let solid = "é".repeat(5000);
        assert_eq!(parts(&solid).concat(), solid);
    }
}
