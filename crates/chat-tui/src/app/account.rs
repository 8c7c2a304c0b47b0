//! Carries out effects on the account: over HTTP, and on the stored login.

use chat_proto::Token;
use chat_proto::reply::Welcome;
use chat_screen::msg::{Msg, ToAccount};

use super::App;

impl App {
    pub(super) async fn perform_account(&mut self, what: ToAccount) -> Option<Msg> {
        match what {
            ToAccount::Become { name, token, is_same } => self.go_on_as(name, token, is_same).await,
            ToAccount::Forget => self.forget().await,
            ToAccount::AskRegistration => {
                self.ask_registration();
                None
            }
            ToAccount::Register(_) | ToAccount::LogIn(_) | ToAccount::Password(_) | ToAccount::LogOut => {
                self.ask_account(what);
                None
            }
        }
    }

    /// Saves the login of a welcome. Returns the reason if that fails.
    pub(super) fn keep_login(&self, welcome: &Welcome) -> Option<String> {
        self.keep(&welcome.user.name, welcome.token.as_ref()?)
    }

    fn keep(&self, name: &str, token: &Token) -> Option<String> {
        let e = self.identity.keep(name, token).err()?;
        Some(format!("Your login could not be saved, so you will be a new guest next time: {e}"))
    }

    async fn go_on_as(&mut self, name: String, token: Token, is_same: bool) -> Option<Msg> {
        self.identity.name = Some(name.clone());
        let unsaved = self.keep(&name, &token);
        match &self.client {
            Some(client) if is_same => {
                client.use_token(token).await;
                client.reconnect().await;
            }
            _ => {
                self.disconnect().await;
                let started = self.start_client();
                let answers = self.answers.clone();
                if let Some(why) = unsaved {
                    tokio::spawn(async move { answers.send(Msg::Done(Err(why))).await });
                }
                return Some(Msg::Started(started));
            }
        }
        unsaved.map(|why| Msg::Done(Err(why)))
    }

    async fn forget(&mut self) -> Option<Msg> {
        let problem = self.identity.forget().err();
        self.disconnect().await;
        self.identity.name = None;
        problem.map(|e| Msg::Done(Err(format!("The login could not be deleted: {e}"))))
    }

    fn ask_registration(&self) {
        let (accounts, answers) = (self.identity.accounts(), self.answers.clone());
        tokio::spawn(async move {
            // If this fails, the form stays, and the server gives its reason when the form is submitted.
            if let Ok(info) = accounts.info().await {
                let _ = answers.send(Msg::Registration(info.registration)).await;
            }
        });
    }

    fn ask_account(&self, asked: ToAccount) {
        let (accounts, token) = (self.identity.accounts(), self.identity.token());
        let answers = self.answers.clone();
        let answer = async move |done, asked| {
            // If the receiver is gone, the program is ending.
            let _ = answers.send(Msg::Account(asked, done)).await;
        };
        tokio::spawn(async move {
            let done = match (&asked, &token) {
                (ToAccount::LogIn(who), _) => accounts.login(who).await.map(Some),
                (ToAccount::Register(who), token) => accounts.register(who, token.as_ref()).await.map(Some),
                (ToAccount::Password(change), Some(token)) => {
                    accounts.change_password(change, token).await.map(Some)
                }
                (ToAccount::LogOut, Some(token)) => accounts.logout(token).await.map(|()| None),
                _ => return answer(Err("You are not logged in.".to_owned()), asked).await,
            };
            answer(done.map_err(|e| e.to_string()), asked).await;
        });
    }
}
