//! What goes to the client, and the commands that questions are.

use chat_client::Client;
use chat_client::outbox::Entry;
use chat_client::proto::command::{
    Audit, Create, Direct, History, InRoom, Join, Members, Read, Search, SetTopic,
};
use chat_client::proto::{Command, limits};
use tokio::sync::mpsc;

use crate::msg::{Ask, Effect, Msg};

/// Does what is for the client to do.
pub(super) async fn to_client(client: Client, effect: Effect, answers: mpsc::Sender<Msg>) {
    match effect {
        Effect::Post { nonce, room, text, reply_to, files } => {
            client.post_as(Entry { nonce, room, text, reply_to, files }).await;
        }
        Effect::Place(room) => client.place(&room).await,
        Effect::Withdraw(nonces) => client.withdraw(nonces).await,
        Effect::Typing(room) => client.tell(Command::Typing(InRoom { room })).await,
        Effect::Reconnect => client.reconnect().await,
        Effect::Ask(ask) => {
            tokio::spawn(async move {
                let answer = client.ask(command(&ask)).await;
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

fn command(ask: &Ask) -> Command {
    match ask.clone() {
        Ask::Join { room, .. } => Command::Join(Join { room, after: None, limit: None }),
        Ask::Create { room, topic } => Command::Create(Create { room, kind: None, topic: Some(topic) }),
        Ask::Leave(room) => Command::Leave(InRoom { room }),
        Ask::Topic(room, topic) => Command::Topic(SetTopic { room, topic }),
        Ask::Older(room, before) => Command::History(History {
            room,
            before: Some(before),
            limit: Some(limits::PAGE as u64),
            ..History::default()
        }),
        Ask::Who(room) => Command::Members(Members { room, prefix: None, limit: Some(limits::PAGE as u64) }),
        Ask::Presence(room) => Command::Members(Members { room, prefix: None, limit: None }),
        Ask::Rooms { .. } => Command::Rooms(chat_proto::command::ListRooms::default()),
        Ask::Read(room, seq) => Command::Read(Read { room, seq }),
        Ask::Private { room, topic } => {
            Command::Create(Create { room, kind: Some("private".to_owned()), topic: Some(topic) })
        }
        Ask::Direct { user, .. } => Command::Direct(Direct { user }),
        Ask::Search(query) => Command::Search(Search { query, limit: Some(100), ..Search::default() }),
        Ask::Around(room, seq) => {
            Command::History(History { room, around: Some(seq), limit: Some(100), ..History::default() })
        }
        Ask::Audit => Command::Audit(Audit::default()),
        Ask::Sessions => Command::Sessions {},
        Ask::Do(command) => command,
    }
}
