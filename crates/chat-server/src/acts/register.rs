//! Creates accounts.

use std::net::IpAddr;
use std::sync::Arc;

use chat_proto::user::{Me, Role, UserKind};
use chat_proto::{ErrorCode, Signal, UserName};

use super::log_in::{ended, exchange};
use crate::clock::Now;
use crate::error::Error;
use crate::hub::Hub;
use crate::secret::TokenHash;
use crate::store::tables::{codes, logins, sanctions, users};
use crate::store::views::admittance;
use crate::store::{Act, Conn, Consequence, Tx};

/// The login that a request came with.
#[derive(Clone, Debug)]
pub(crate) struct Presented {
    /// The login.
    pub(crate) login: TokenHash,
    /// Whether it came as a cookie. Such a login is exchanged for a new one, because someone else may have set the
    /// cookie (session fixation).
    pub(crate) is_cookie: bool,
}

/// Creates an account. If a guest asks for it, that guest becomes the account.
pub(crate) struct Register {
    /// The login that the request already had.
    pub(crate) presented: Option<Presented>,
    /// The invitation code to use up, if the server requires one.
    pub(crate) code: Option<TokenHash>,
    /// The name, which is not reserved.
    pub(crate) name: UserName,
    /// The password's hash.
    pub(crate) password: String,
    /// The new login's token.
    pub(crate) login: TokenHash,
    /// The client program.
    pub(crate) client: String,
    /// The client's address.
    pub(crate) address: IpAddr,
    /// Knows who is online: their names are taken.
    pub(crate) hub: Arc<Hub>,
}

impl Act for Register {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let now = tx.time();
        let conn = tx.conn();
        if let Some(code) = &self.code {
            codes::check(conn, code, now.wall)?;
        }
        let guest = match &self.presented {
            Some(presented) => guest_of(conn, presented, self.address, now)?,
            None => None,
        };
        let (name, is_online) = (&self.name, |id| self.hub.is_online(id));
        let conn = tx.conn_changing_rights();
        let me = match &guest {
            Some(guest) => {
                if sanctions::active_ban_of_name(conn, name, now.wall)?.is_some() {
                    admittance::admit_name(conn, name, self.address, now)?;
                }
                users::promote_guest(conn, guest.id, name, &self.password, now, is_online)?
            }
            None => {
                admittance::admit_name(conn, name, self.address, now)?;
                users::create_account(conn, name, Role::Member, &self.password, now, is_online)?
            }
        };
        if let Some(code) = &self.code {
            codes::spend(conn, code)?;
        }
        let is_exchanged = exchange(tx, self.presented.as_ref(), &me, &self.login, &self.client)?;
        match guest {
            Some(guest) => self.promoted(tx, &guest, &me),
            // The cookie was the login of another account, whose sessions end with it.
            None if is_exchanged => ended(tx, self.presented.as_ref()),
            None => {}
        }
        Ok(me)
    }
}

impl Register {
    /// Records the consequences for the sessions of a guest who now has an account.
    fn promoted(&self, tx: &mut Tx<'_>, guest: &Me, me: &Me) {
        if let Some(presented) = self.presented.as_ref().filter(|presented| presented.is_cookie) {
            let (from, to) = (presented.login.clone(), self.login.clone());
            tx.then(Consequence::LoginReplaced { user: me.id, from, to });
        }
        tx.then(if guest.name == me.name {
            Consequence::Signalled { user: me.id, except: None, signal: Signal::You { user: me.clone() } }
        } else {
            Consequence::Renamed { user: me.id }
        });
    }
}

/// Returns the guest who asks to become an account.
fn guest_of(conn: &mut Conn, presented: &Presented, address: IpAddr, now: Now) -> Result<Option<Me>, Error> {
    let me = match logins::user(conn, &presented.login, now.age) {
        Ok(me) => me,
        // An expired cookie counts as no cookie.
        Err(Error::Refused(_)) if presented.is_cookie => return Ok(None),
        Err(e) => return Err(e),
    };
    admittance::admit(conn, &me, address, now)?;
    match me.kind {
        UserKind::Guest => Ok(Some(me)),
        // A browser that is logged in to an account may create another one.
        _ if presented.is_cookie => Ok(None),
        _ => {
            let why =
                format!("You are registered as {} already. Log out first to register another name.", me.name);
            Err(Error::refused(ErrorCode::BadRequest, why))
        }
    }
}
