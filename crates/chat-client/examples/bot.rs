//! A bot that answers `!shout TEXT` with the text in capitals.
//!
//! `cargo run -p chat-client --example bot -- http://127.0.0.1:8000 shouter general`

#![allow(clippy::print_stderr, reason = "it is a program")]

use std::error::Error;

use chat_client::proto::command::Join;
use chat_client::proto::{Command, What};
use chat_client::{Client, Endpoint, Options, Update};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [server, name, room] = &args[..] else { return Err("usage: bot SERVER NAME ROOM".into()) };
    run(server, name, room).await
}

pub(crate) async fn run(server: &str, name: &str, room: &str) -> Result<(), Box<dyn Error>> {
    let (client, mut updates) = Client::start(Options::guest(Endpoint::parse(server)?, name));
    while let Some(update) = updates.recv().await {
        match update {
            // Also after each reconnection: the bot may have been removed from the room meanwhile.
            Update::Live(_) => {
                client.tell(Command::Join(Join { room: room.to_owned(), after: None, limit: None })).await;
            }
            Update::Event(event) => {
                if let What::Message(message) = &event.what
                    && let Some(text) = message.text.strip_prefix("!shout ")
                {
                    client.post(&event.room, &text.to_uppercase()).await;
                }
            }
            Update::Offline { reason, .. } => eprintln!("offline: {reason}"),
            Update::NameRefused(failure) => return Err(failure.message.into()),
            _ => {}
        }
    }
    Ok(())
}
