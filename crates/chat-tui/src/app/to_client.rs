//! What goes to the client.

use chat_client::Client;
use chat_client::proto::Command;
use chat_client::proto::command::InRoom;
use chat_proto::updates::Outgoing;
use tokio::sync::mpsc;

use crate::msg::{Effect, Msg};

/// Does what is for the client to do.
pub(super) async fn to_client(client: Client, effect: Effect, answers: mpsc::Sender<Msg>) {
    match effect {
        Effect::Post { nonce, room, text, reply_to, files } => {
            client.post_as(Outgoing { nonce, room, text, reply_to, files }).await;
        }
        Effect::Place(room) => client.place(&room).await,
        Effect::Withdraw(nonces) => client.withdraw(nonces).await,
        Effect::Typing(room) => client.tell(Command::Typing(InRoom { room })).await,
        Effect::Reconnect => client.reconnect().await,
        Effect::Ask(ask) => {
            tokio::spawn(async move {
                let answer = client.ask(ask.command()).await;
                // Where nobody takes it any more the program is at its end.
                let _ = answers.send(Msg::Answer(ask, answer)).await;
            });
        }
        Effect::Account(_)
        | Effect::Attract(_)
        | Effect::Upload(_)
        | Effect::CancelUpload
        | Effect::Save(..)
        | Effect::Open(_)
        | Effect::Picture(..)
        | Effect::OpenLink(_)
        | Effect::ListPaths(_)
        | Effect::Rename(_)
        | Effect::Mouse(_)
        | Effect::Redraw
        | Effect::Suspend
        | Effect::Quit => {}
    }
}
