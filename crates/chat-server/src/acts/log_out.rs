//! Ends one of a user's logins.

use chat_proto::UserId;

use crate::error::Error;
use crate::id::SessionId;
use crate::secret::TokenHash;
use crate::store::consequence::Logins;
use crate::store::tables::logins;
use crate::store::{Act, Consequence, Tx};

/// Ends the login of the request.
pub(crate) struct LogOut {
    /// The login.
    pub(crate) login: TokenHash,
}

impl Act for LogOut {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        // An invented token must not cost other users' sessions anything.
        if logins::end(tx.conn(), &self.login)? {
            let which = Logins::Only(vec![self.login.clone()]);
            tx.then(Consequence::LoginsEnded { user: None, which, caller: None });
        }
        Ok(())
    }
}

/// Ends one of a user's logins, by the id that `sessions` shows.
pub(crate) struct Revoke {
    /// The user.
    pub(crate) user: UserId,
    /// The session that sent the command.
    pub(crate) session: SessionId,
    /// The login's id.
    pub(crate) id: String,
}

impl Act for Revoke {
    type Answer = ();

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let ended = logins::end_by_id(tx.conn(), self.user, &self.id)?;
        let which = Logins::Only(vec![ended]);
        tx.then(Consequence::LoginsEnded { user: Some(self.user), which, caller: Some(self.session) });
        Ok(())
    }
}
