//! Creates guests.

use std::net::IpAddr;
use std::sync::Arc;

use chat_proto::UserName;
use chat_proto::user::Me;

use super::log_in;
use crate::error::Error;
use crate::hub::Hub;
use crate::secret::TokenHash;
use crate::store::tables::users;
use crate::store::views::admittance;
use crate::store::{Act, Tx};

/// Creates a guest and a login.
pub(crate) struct EnterAsGuest {
    /// The name, which is not reserved.
    pub(crate) name: UserName,
    /// The login's token.
    pub(crate) login: TokenHash,
    /// The client program.
    pub(crate) client: String,
    /// The client's address.
    pub(crate) address: IpAddr,
    /// Knows who is online: their names are taken.
    pub(crate) hub: Arc<Hub>,
}

impl Act for EnterAsGuest {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let now = tx.time();
        let conn = tx.conn();
        admittance::admit_name(conn, &self.name, self.address, now)?;
        let me = users::create_guest(conn, &self.name, now, |id| self.hub.is_online(id))?;
        log_in::add(tx, &me, &self.login, &self.client)?;
        Ok(me)
    }
}
