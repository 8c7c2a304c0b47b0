//! The example of a bot, as the protocol's documentation offers it.

#[allow(dead_code, reason = "the example's own main")]
#[path = "../../../chat-client/examples/bot.rs"]
mod example;

use chat_client::{Client, Endpoint, Options, Update};
use chat_proto::command::Join;
use chat_proto::{Command, What};
use testbed::{PATIENCE, Server};
use tokio::time::timeout;

fn join() -> Join {
    Join { room: "general".to_owned(), after: None, limit: None }
}

#[tokio::test]
async fn the_example_answers_in_its_room() {
    let server = Server::start().await;
    let (url, endpoint) = (server.url(), Endpoint::parse(&server.url()).unwrap());
    let bot =
        tokio::spawn(
            async move { example::run(&url, "shouter", "general").await.map_err(|e| e.to_string()) },
        );
    let (alice, mut updates) = Client::start(Options::guest(endpoint, "alice"));
    let heard = async {
        while let Some(update) = updates.recv().await {
            match update {
                Update::Live(_) => alice.tell(Command::Join(join())).await,
                // Who is online has changed, so the bot may be there now.
                Update::Signal(_) => {
                    alice.post("general", "!shout good morning").await;
                }
                Update::Event(event) if event.by.name == "shouter" => return event.what,
                _ => {}
            }
        }
        panic!("the client ended");
    };
    let What::Message(message) = timeout(PATIENCE, heard).await.unwrap() else { panic!("no message") };
    assert_eq!(message.text, "GOOD MORNING");
    bot.abort();
}
