//! Carries out effects over the connection.

use chat_proto::Command;
use chat_proto::command::InRoom;
use chat_screen::msg::{Ask, Msg, ToServer};

use super::App;

impl App {
    pub(super) async fn perform_server(&mut self, what: ToServer) -> anyhow::Result<Option<Msg>> {
        if let ToServer::Rename(name) = what {
            return Ok(self.rename(name).await);
        }
        let Some(client) = self.client.clone() else { return Ok(None) };
        match what {
            ToServer::Ask(ask) => self.ask(ask),
            ToServer::Post(message) => client.post_as(message).await,
            ToServer::Place(room) => client.place(&room).await,
            ToServer::Withdraw(nonces) => client.withdraw(nonces).await,
            ToServer::Typing(room) => client.tell(Command::Typing(InRoom { room })).await,
            ToServer::Reconnect => client.reconnect().await,
            ToServer::Rename(_) => {}
        }
        Ok(None)
    }

    fn ask(&self, ask: Ask) {
        let Some(client) = self.client.clone() else { return };
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let answer = client.ask(ask.command()).await;
            // If the receiver is gone, the program is ending.
            let _ = answers.send(Msg::Answer(ask, answer)).await;
        });
    }

    /// Says hello with another name. The first name starts the client.
    async fn rename(&mut self, name: String) -> Option<Msg> {
        self.identity.name = Some(name.clone());
        let Some(client) = &self.client else { return Some(Msg::Started(self.start_client())) };
        // Messages that were typed meanwhile are kept under the new name.
        if let Ok(base) = self.identity.outbox() {
            client.keep_at(base).await;
        }
        client.rename(&name).await;
        None
    }
}
