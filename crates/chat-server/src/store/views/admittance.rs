//! Who may enter: whose login is valid, and who is banned from the server.

use std::net::IpAddr;

use chat_proto::UserName;
use chat_proto::user::{Me, Role};

use crate::clock::Now;
use crate::error::Error;
use crate::secret::TokenHash;
use crate::store::Conn;
use crate::store::tables::logins::{self, Shown};
use crate::store::tables::sanctions;
use chat_proto::policy;

/// Refuses a user who is banned from the server, by user or by address. Admins are not refused because of an address.
///
/// # Errors
/// `banned`.
pub(crate) fn admit(conn: &mut Conn, me: &Me, address: IpAddr, now: Now) -> Result<(), Error> {
    let ban = match sanctions::ban_of_user(conn, me.id, now.wall)? {
        None if me.role != Role::Admin => sanctions::ban_of_address(conn, address, now.wall)?,
        ban => ban,
    };
    ban.map_or(Ok(()), |ban| Err(policy::banned(&ban, now.wall).into()))
}

/// Refuses a new user whose name or address is banned.
///
/// # Errors
/// `banned`.
pub(crate) fn admit_name(conn: &mut Conn, name: &UserName, address: IpAddr, now: Now) -> Result<(), Error> {
    let ban = match sanctions::active_ban_of_name(conn, name, now.wall)? {
        None => sanctions::ban_of_address(conn, address, now.wall)?,
        ban => ban,
    };
    ban.map_or(Ok(()), |ban| Err(policy::banned(&ban, now.wall).into()))
}

/// Returns a login whose user may enter.
///
/// # Errors
/// `unauthorized`, `banned`.
pub(crate) fn admitted(
    conn: &mut Conn,
    login: &TokenHash,
    address: IpAddr,
    now: Now,
) -> Result<Shown, Error> {
    let shown = logins::find(conn, login, now.age)?;
    admit(conn, &shown.user, address, now)?;
    Ok(shown)
}

/// Returns the user of a login, if they may enter.
///
/// # Errors
/// `unauthorized`, `banned`.
pub(crate) fn user_of(conn: &mut Conn, login: &TokenHash, address: IpAddr, now: Now) -> Result<Me, Error> {
    Ok(admitted(conn, login, address, now)?.user)
}
