//! Identifies users: guests by name, returning users by a token or a cookie, and accounts by a password. Used by
//! sessions and HTTP.

mod accounts;

use std::net::IpAddr;

use chat_proto::command::Hello;
use chat_proto::error::Refusal;
use chat_proto::limits::CLIENT_BYTES;
use chat_proto::user::Me;
use chat_proto::{ErrorCode, PROTOCOL, Token, UserName};

pub(crate) use self::accounts::{change_password, login, logout, register};
use crate::acts::enter_as_guest::EnterAsGuest;
pub(crate) use crate::acts::register::Presented;
use crate::acts::resume_login::ResumeLogin;
use crate::app::App;
use crate::error::Error;
use crate::rate::Source;
use crate::secret::{TokenHash, new_token};
use crate::store::views::admittance;

/// The other end of a request or a socket.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// The address as limits and bans see it.
    pub(crate) address: IpAddr,
    /// The login in the browser's cookie, if it sent one.
    pub(crate) cookie: Option<Token>,
}

/// A user who said hello.
pub(crate) struct Greeted {
    /// The user.
    pub(crate) me: Me,
    /// The session's login.
    pub(crate) login: TokenHash,
    /// The token to resume with. `None` if the browser keeps it.
    pub(crate) token: Option<Token>,
    /// Whether the login's use should be stored soon.
    pub(crate) is_note_due: bool,
}

/// Identifies the user of a `hello`.
///
/// # Errors
/// `unsupported_protocol`, `bad_request`, `unauthorized`, `name_invalid`, `name_taken`, `forbidden`, `banned`,
/// `rate_limited`.
pub(crate) async fn hello(app: &App, hello: &Hello, peer: &Peer) -> Result<Greeted, Error> {
    if hello.protocol != PROTOCOL {
        let why = format!(
            "This server speaks protocol {PROTOCOL}, the client {}. Update the older one.",
            hello.protocol
        );
        return Err(Error::refused(ErrorCode::UnsupportedProtocol, why));
    }
    let client = client_name(hello.client.as_deref());
    match (&hello.token, &hello.name, &peer.cookie) {
        (Some(token), _, _) => {
            let greeted = resume(app, token, client, peer.address).await?;
            Ok(Greeted { token: Some(token.clone()), ..greeted })
        }
        (None, Some(name), _) => {
            let (me, token) = guest(app, name, client, peer.address).await?;
            Ok(Greeted { me, login: TokenHash::of(&token), token: Some(token), is_note_due: false })
        }
        (None, None, Some(token)) => resume(app, token, client, peer.address).await,
        (None, None, None) => Err(Error::refused(ErrorCode::BadRequest, "Say hello with a name or a token.")),
    }
}

/// Returns a client program's name in a form that can be stored and shown.
#[must_use]
pub(crate) fn client_name(name: Option<&str>) -> String {
    let mut short: String =
        name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(CLIENT_BYTES).collect();
    short.truncate(short.floor_char_boundary(CLIENT_BYTES));
    short
}

async fn resume(app: &App, token: &Token, client: String, address: IpAddr) -> Result<Greeted, Error> {
    let (login, now) = (TokenHash::of(token), app.config.clock.read());
    let hash = login.clone();
    let shown = app.store.read(move |conn| admittance::admitted(conn, &hash, address, now)).await?;
    // Most users return unchanged, and thousands at once after a network failure, so this writes nothing. The use of
    // the login is stored later, together with many others.
    if !shown.has_changed(&client) {
        let is_note_due = shown.is_note_due(now.mark);
        return Ok(Greeted { me: shown.user, login, token: None, is_note_due });
    }
    let me = app.store.perform(ResumeLogin { login: login.clone(), client, address }).await?;
    Ok(Greeted { me, login, token: None, is_note_due: false })
}

/// Creates a guest, who resumes with the token.
///
/// # Errors
/// `name_invalid`, `name_taken`, `forbidden`, `banned`, `rate_limited`.
pub(crate) async fn guest(
    app: &App,
    name: &str,
    client: String,
    address: IpAddr,
) -> Result<(Me, Token), Error> {
    let name = free_name(name)?;
    if !app.config.guests {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "This server takes no guests. Log in with an account.",
        ));
    }
    app.rates.take_from(address, Source::Guest)?;
    let token = new_token().map_err(Error::Internal)?;
    let act = EnterAsGuest { name, login: TokenHash::of(&token), client, address, hub: app.hub.clone() };
    Ok((app.store.perform(act).await?, token))
}

/// Returns a name that a new user may have.
pub(crate) fn free_name(name: &str) -> Result<UserName, Refusal> {
    let name = UserName::parse(name)?;
    if name.is_reserved() {
        let why = format!("The name {name} is reserved for the system. Choose another.");
        return Err(Refusal::new(ErrorCode::NameInvalid, why));
    }
    Ok(name)
}
