//! Stores what changed when a user returns with a login.

use std::net::IpAddr;

use chat_proto::UserName;
use chat_proto::user::Me;

use crate::error::Error;
use crate::secret::TokenHash;
use crate::store::tables::{logins, sanctions, users};
use crate::store::views::admittance;
use crate::store::{Act, Conn, Tx};

/// How many variants of a name are tried for a guest whose name went to someone else.
const NAME_VARIANTS: u32 = 1000;

/// Stores which program uses a login. If a returning guest's name went to someone else, gives the guest a free
/// variant of it.
pub(crate) struct ResumeLogin {
    /// The login.
    pub(crate) login: TokenHash,
    /// The client program.
    pub(crate) client: String,
    /// The client's address.
    pub(crate) address: IpAddr,
}

impl Act for ResumeLogin {
    type Answer = Me;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Me, Error> {
        let now = tx.time();
        let conn = tx.conn();
        let shown = admittance::admitted(conn, &self.login, self.address, now)?;
        let is_nameless = shown.is_nameless();
        let mut me = shown.user;
        if is_nameless {
            let name = free_variant(conn, &me.name)?;
            users::rename(conn, me.id, &name)?;
            name.as_str().clone_into(&mut me.name);
        }
        logins::note_client(conn, &self.login, &self.client, now.mark)?;
        users::seen(conn, &[me.id], now.mark)?;
        Ok(me)
    }
}

/// Returns a free variant of a name, such as `alice-2`.
fn free_variant(conn: &mut Conn, lost: &str) -> Result<UserName, Error> {
    let original = UserName::parse(lost)?;
    let stem: String = lost.chars().take(24).collect();
    let variants = (2..NAME_VARIANTS).filter_map(|n| UserName::parse(&format!("{stem}-{n}")).ok());
    for name in std::iter::once(original.clone()).chain(variants) {
        if !users::is_held(conn, &name)? && sanctions::ban_of_name(conn, &name)?.is_none() {
            return Ok(name);
        }
    }
    Err(users::taken(&original, false))
}
