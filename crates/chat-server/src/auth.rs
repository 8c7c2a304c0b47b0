//! Who someone is: guests by name, those who come back with a token or a cookie, and accounts with a
//! pass-phrase. Both roads, the socket and HTTP, end here.

mod accounts;

use std::net::IpAddr;

use chat_proto::command::Hello;
use chat_proto::error::Refusal;
use chat_proto::limits::CLIENT_BYTES;
use chat_proto::reply::{Me, Role};
use chat_proto::{ErrorCode, Millis, PROTOCOL, Token, UserName};

pub use self::accounts::{Asker, change_password, login, logout, register};
use crate::app::App;
use crate::error::Error;
use crate::policy::{because, term};
use crate::secret::{TokenHash, new_token};
use crate::store::{Conn, logins, sanctions, users};

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The address as limits and bans see it.
    pub address: IpAddr,
    /// What the browser sent along.
    pub cookie: Option<Token>,
}

/// Who said hello.
pub struct Greeted {
    /// The user.
    pub me: Me,
    /// The login that the session lives by.
    pub login: TokenHash,
    /// The token to come back with; none where the browser keeps it.
    pub token: Option<Token>,
    /// Whether it is to be noted that the login is in use.
    pub is_note_due: bool,
}

/// The user who says `hello`.
///
/// # Errors
/// `unsupported_protocol`, `bad_request`, `unauthorized`, `name_invalid`, `name_taken`, `forbidden`, `banned`,
/// `rate_limited`.
pub async fn hello(app: &App, hello: &Hello, origin: &Origin) -> Result<Greeted, Error> {
    if hello.protocol != PROTOCOL {
        let why = format!(
            "This server speaks protocol {PROTOCOL}, the client {}. Update the older one.",
            hello.protocol
        );
        return Err(Error::refused(ErrorCode::UnsupportedProtocol, why));
    }
    let client = client_name(hello.client.as_deref());
    match (&hello.token, &hello.name, &origin.cookie) {
        (Some(token), _, _) => {
            let greeted = come_back(app, token, client, origin.address).await?;
            Ok(Greeted { token: Some(token.clone()), ..greeted })
        }
        (None, Some(name), _) => {
            let (me, token) = guest(app, name, client, origin.address).await?;
            Ok(Greeted { me, login: TokenHash::of(&token), token: Some(token), is_note_due: false })
        }
        (None, None, Some(token)) => come_back(app, token, client, origin.address).await,
        (None, None, None) => Err(Error::refused(ErrorCode::BadRequest, "Say hello with a name or a token.")),
    }
}

/// What a program calls itself, fit to be kept and shown.
#[must_use]
pub fn client_name(name: Option<&str>) -> String {
    let mut short: String =
        name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(CLIENT_BYTES).collect();
    short.truncate(short.floor_char_boundary(CLIENT_BYTES));
    short
}

async fn come_back(app: &App, token: &Token, client: String, address: IpAddr) -> Result<Greeted, Error> {
    let (login, now) = (TokenHash::of(token), app.config.clock.now());
    let hash = login.clone();
    let shown = app.store.read(move |conn| admitted(conn, &hash, address, now)).await?;
    // Most come back as they were, and thousands at once after the network was away: that writes nothing. That the login
    // is in use is noted later, for many together.
    if !shown.has_changed(&client) {
        let is_note_due = shown.is_note_due(now);
        return Ok(Greeted { me: shown.user, login, token: None, is_note_due });
    }
    let hash = login.clone();
    let change = move |conn: &mut Conn| {
        let shown = admitted(conn, &hash, address, now)?;
        logins::come_back(conn, &hash, shown, &client, now)
    };
    Ok(Greeted { me: app.store.write(change).await?, login, token: None, is_note_due: false })
}

/// The user of a token that a request bears.
///
/// # Errors
/// `unauthorized`, `banned`.
pub async fn user_of(app: &App, token: &Token, address: IpAddr) -> Result<(Me, TokenHash), Error> {
    let (login, now) = (TokenHash::of(token), app.config.clock.now());
    let hash = login.clone();
    let me = app.store.read(move |conn| still_admitted(conn, &hash, address, now)).await?;
    Ok((me, login))
}

/// Makes a guest, who comes back with the token.
///
/// # Errors
/// `name_invalid`, `name_taken`, `forbidden`, `banned`, `rate_limited`.
pub async fn guest(app: &App, name: &str, client: String, address: IpAddr) -> Result<(Me, Token), Error> {
    let name = free_name(name)?;
    if !app.config.guests {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "This server takes no guests. Log in with an account.",
        ));
    }
    app.rates.take_guest(address)?;
    let token = new_token().map_err(Error::Internal)?;
    let (hash, now, hub) = (TokenHash::of(&token), app.config.clock.now(), app.hub.clone());
    let make = move |conn: &mut Conn| {
        admit_name(conn, &name, address, now)?;
        let me = users::create_guest(conn, &name, now, |id| hub.is_online(id))?;
        logins::add(conn, me.id, &hash, &client, now)?;
        Ok(me)
    };
    Ok((app.store.write(make).await?, token))
}

/// A name that a new user may have.
pub(crate) fn free_name(name: &str) -> Result<UserName, Refusal> {
    let name = UserName::parse(name)?;
    if name.is_reserved() {
        let why = format!("The name {name} is kept for the system. Choose another.");
        return Err(Refusal::new(ErrorCode::NameInvalid, why));
    }
    Ok(name)
}

/// Refuses who is banned from the server, by user or by address. No address keeps an admin out.
fn admit(conn: &mut Conn, me: &Me, address: IpAddr, now: Millis) -> Result<(), Error> {
    let ban = match sanctions::ban_of_user(conn, me.id, now)? {
        None if me.role != Role::Admin => sanctions::ban_of_address(conn, address, now)?,
        ban => ban,
    };
    ban.map_or(Ok(()), |ban| Err(banned(&ban, now).into()))
}

/// Refuses a new user whose name or address is banned.
fn admit_name(conn: &mut Conn, name: &UserName, address: IpAddr, now: Millis) -> Result<(), Error> {
    let ban = match sanctions::ban_of_look(conn, name, now)? {
        None => sanctions::ban_of_address(conn, address, now)?,
        ban => ban,
    };
    ban.map_or(Ok(()), |ban| Err(banned(&ban, now).into()))
}

/// A login with which its user may come in.
fn admitted(
    conn: &mut Conn,
    login: &TokenHash,
    address: IpAddr,
    now: Millis,
) -> Result<logins::Shown, Error> {
    let shown = logins::find(conn, login, now)?;
    admit(conn, &shown.user, address, now)?;
    Ok(shown)
}

/// The user of a login; refused where that or its user was shut out since the session said hello.
///
/// # Errors
/// `unauthorized`, `banned`.
pub fn still_admitted(conn: &mut Conn, login: &TokenHash, address: IpAddr, now: Millis) -> Result<Me, Error> {
    Ok(admitted(conn, login, address, now)?.user)
}

/// What someone is told who is banned from the server.
#[must_use]
pub fn banned(ban: &sanctions::Term, now: Millis) -> Refusal {
    let why = format!(
        "You are banned from this server {}{}.",
        term(ban.until, now),
        because(ban.reason.as_deref())
    );
    Refusal::new(ErrorCode::Banned, why)
}
