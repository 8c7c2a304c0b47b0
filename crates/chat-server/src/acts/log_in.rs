//! Adds the login after a correct password.

use std::net::IpAddr;

use chat_proto::error::Refusal;
use chat_proto::user::Me;
use chat_proto::{ErrorCode, UserId, UserName};

use super::register::Presented;
use crate::error::Error;
use crate::secret::TokenHash;
use crate::store::consequence::Logins;
use crate::store::tables::{logins, users};
use crate::store::views::admittance;
use crate::store::{Act, Consequence, Tx};

/// Adds a login to an account.
pub(crate) struct LogIn {
    /// The login that the request already had.
    pub(crate) presented: Option<Presented>,
    /// The account.
    pub(crate) user: UserId,
    /// The hash that the password was compared with.
    pub(crate) compared: String,
    /// A new hash to store instead, if the old one was made with older parameters.
    pub(crate) better: Option<String>,
    /// The new login's token.
    pub(crate) login: TokenHash,
    /// The client program.
    pub(crate) client: String,
    /// The client's address.
    pub(crate) address: IpAddr,
}

impl Act for LogIn {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let now = tx.time();
        let conn = tx.conn();
        let me = users::by_id(conn, self.user)?;
        // The password may have been changed since it was compared.
        match UserName::parse(&me.name).map(|name| users::account(conn, &name)) {
            Ok(Ok(Some((_, stored)))) if stored == self.compared => {}
            _ => return Err(wrong().into()),
        }
        admittance::admit(conn, &me, self.address, now)?;
        if let Some(better) = &self.better {
            users::set_password(conn, me.id, better)?;
        }
        if exchange(tx, self.presented.as_ref(), &me, &self.login, &self.client)? {
            ended(tx, self.presented.as_ref());
        }
        Ok(me)
    }
}

/// Returns the same refusal for a wrong name and a wrong password.
#[must_use]
pub(crate) fn wrong() -> Refusal {
    Refusal::new(ErrorCode::Unauthorized, "The name or the password is wrong.")
}

/// Adds a login in place of the one in the request's cookie. Returns whether that was a login.
pub(super) fn exchange(
    tx: &mut Tx<'_>,
    presented: Option<&Presented>,
    me: &Me,
    login: &TokenHash,
    client: &str,
) -> Result<bool, Error> {
    let is_exchanged = match presented.filter(|presented| presented.is_cookie) {
        Some(presented) => logins::end(tx.conn(), &presented.login)?,
        None => false,
    };
    add(tx, me, login, client)?;
    Ok(is_exchanged)
}

/// Adds a login. If the user has too many, the oldest ones end, and their sessions with them.
pub(super) fn add(tx: &mut Tx<'_>, me: &Me, login: &TokenHash, client: &str) -> Result<(), Error> {
    let now = tx.time().mark;
    let ended = logins::add(tx.conn(), me.id, login, client, now)?;
    if !ended.is_empty() {
        tx.then(Consequence::LoginsEnded { user: Some(me.id), which: Logins::Only(ended), caller: None });
    }
    Ok(())
}

/// Records that the login in the request's cookie has ended.
pub(super) fn ended(tx: &mut Tx<'_>, presented: Option<&Presented>) {
    if let Some(presented) = presented {
        let which = Logins::Only(vec![presented.login.clone()]);
        tx.then(Consequence::LoginsEnded { user: None, which, caller: None });
    }
}
