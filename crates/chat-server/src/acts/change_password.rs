//! Changes a password, for its owner or the operator.

use chat_proto::UserId;
use chat_proto::user::Me;

use super::add_user::note;
use crate::error::Error;
use crate::secret::TokenHash;
use crate::store::consequence::Logins;
use crate::store::tables::{logins, users};
use crate::store::{Act, Consequence, Tx};

/// Changes the password of the login's user, and ends all their other logins.
pub(crate) struct ChangePassword {
    /// The login of the request, which stays.
    pub(crate) login: TokenHash,
    /// The new password's hash.
    pub(crate) password: String,
}

impl Act for ChangePassword {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let age = tx.time().age;
        let conn = tx.conn();
        let me = logins::user(conn, &self.login, age)?;
        users::set_password(conn, me.id, &self.password)?;
        logins::end_all(conn, me.id, Some(&self.login))?;
        ended(tx, me.id, Logins::AllBut(self.login.clone()));
        Ok(me)
    }
}

/// Sets an account's password, and ends all its logins.
pub(crate) struct ResetPassword {
    /// The account's name.
    pub(crate) name: String,
    /// The new password's hash.
    pub(crate) password: String,
}

impl Act for ResetPassword {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let conn = tx.conn();
        let me = users::find(conn, &self.name)?;
        users::set_password(conn, me.id, &self.password)?;
        logins::end_all(conn, me.id, None)?;
        ended(tx, me.id, Logins::All);
        note(tx, "user reset-password", &me.name, None)?;
        Ok(me)
    }
}

fn ended(tx: &mut Tx<'_>, user: UserId, which: Logins) {
    tx.then(Consequence::LoginsEnded { user: Some(user), which, caller: None });
}
