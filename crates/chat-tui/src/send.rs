//! `chat-tui send`: sends messages from the command line or standard input, for scripts. It ends when every message
//! is acknowledged, and retries across restarts and rate limits.

mod input;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chat_client::files::Source;
use chat_client::{Client, nonce};
use chat_proto::limits::{FILES, TEXT_BYTES};
use chat_proto::updates::Outgoing;

use self::input::{Input, parts};
use crate::exit::{Exit, complain};
use crate::identity::Identity;
use crate::visit::{Entered, News, Visit};

/// The maximum number of messages in flight. While there are as many, no more input is read.
const ON_THEIR_WAY: usize = 200;

/// What to send.
#[derive(Clone, Debug)]
pub struct What {
    /// The message. Without one, and without files, each line of standard input is a message.
    pub text: Option<String>,
    /// Files to send with it.
    pub files: Vec<PathBuf>,
    /// The names of the files, in their order. Files without one keep their own names.
    pub names: Vec<String>,
}

/// Sends files with a text, or otherwise a text, or each line of standard input.
///
/// # Errors
/// If standard input cannot be read.
pub async fn run(identity: &Identity, room: Option<String>, what: What) -> anyhow::Result<Exit> {
    if let Err(why) = check(&what) {
        complain(&why);
        return Ok(Exit::Invalid);
    }
    let mut visit = Visit::start(identity, None);
    let room = match visit.enter(room, 1).await {
        Ok(Entered { room, .. }) => room,
        Err(exit) => return Ok(exit),
    };
    let (client, on_their_way) = (visit.client.clone(), HashMap::new());
    let mut sender = Sender { client, room, on_their_way, sent: 0, exit: Exit::Done };
    match what.text.as_deref() {
        text if !what.files.is_empty() => {
            if let Err(exit) = sender.post_files(identity, text.unwrap_or_default(), &what).await {
                visit.leave().await;
                return Ok(exit);
            }
        }
        Some(text) => sender.post(text, None).await,
        None => {
            let mut input = Input::new(tokio::io::stdin());
            loop {
                tokio::select! {
                    news = visit.news() => sender.hear(news),
                    line = input.line(), if sender.on_their_way.len() < ON_THEIR_WAY => match line? {
                        Some((number, line)) => sender.post(&line, Some(number)).await,
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
    if sender.sent == 0 && sender.exit == Exit::Done {
        complain("nothing was sent: standard input has no text");
        return Ok(Exit::Invalid);
    }
    Ok(sender.exit)
}

/// Checks the arguments before anything is sent.
fn check(what: &What) -> Result<(), String> {
    let text = what.text.as_deref().unwrap_or_default();
    if what.files.is_empty() {
        return match &what.text {
            Some(text) if text.trim().is_empty() => Err("nothing was sent: the message is empty".to_owned()),
            // A mistyped flag must not become a message.
            Some(text) if is_flag(text) && !std::env::args().any(|arg| arg == "--") => Err(format!(
                "nothing was sent: there is no flag {text}. To send it as a message, write it after --"
            )),
            _ => Ok(()),
        };
    }
    if what.files.len() > FILES || text.len() > TEXT_BYTES {
        return Err(format!("A message has at most {FILES} files and {TEXT_BYTES} bytes of text."));
    }
    if what.names.len() > what.files.len() {
        return Err("There are more names than files.".to_owned());
    }
    Ok(())
}

/// Whether a text looks like a long flag.
fn is_flag(text: &str) -> bool {
    let name = text.strip_prefix("--").map(|rest| rest.split('=').next().unwrap_or_default());
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    })
}

struct Sender {
    client: Client,
    room: String,
    /// The messages in flight by their idempotency keys, each with its line in the input.
    on_their_way: HashMap<String, Option<u64>>,
    /// How many messages were passed to the client.
    sent: usize,
    exit: Exit,
}

impl Sender {
    async fn post(&mut self, text: &str, line: Option<u64>) {
        for part in parts(text) {
            let nonce = self.client.post(&self.room, part).await;
            self.on_their_way.insert(nonce, line);
            self.sent += 1;
        }
    }

    /// Uploads files and sends the message that they belong to.
    async fn post_files(&mut self, identity: &Identity, text: &str, what: &What) -> Result<(), Exit> {
        let Some(files) = identity.files() else {
            complain("not sent: there is no login to upload the files with");
            return Err(Exit::Denied);
        };
        let mut ids = Vec::new();
        for (n, path) in what.files.iter().enumerate() {
            // A dash is standard input, as in other programs.
            let path = if path == Path::new("-") { Path::new("/dev/stdin") } else { path };
            let source = Source { path, name: what.names.get(n).map(String::as_str), may_be_pipe: true };
            match files.upload_from(source, |_, _| {}).await {
                Ok(file) => ids.push(file.id),
                Err(e) => {
                    complain(&format!("not sent: {e}"));
                    return Err(Exit::from(&e));
                }
            }
        }
        let (nonce, text) = (nonce::new(), text.trim().to_owned());
        self.on_their_way.insert(nonce.clone(), None);
        self.sent += 1;
        let entry = Outgoing { nonce, room: self.room.clone(), text, files: ids, ..Outgoing::default() };
        self.client.post_as(entry).await;
        Ok(())
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Sent(nonce) => {
                self.on_their_way.remove(&nonce);
            }
            News::Failed(entry, failure) => {
                if let Some(line) = self.on_their_way.remove(&entry.nonce) {
                    let which = line.map_or(String::new(), |line| format!("line {line}: "));
                    complain(&format!("{which}not sent: {}", failure.message));
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
