//! Accounts: registering, logging in and out, and changing the password.

use std::net::IpAddr;

use chat_proto::account::{Credentials, LoggedIn, NewPassword, Registration};
use chat_proto::error::Refusal;
use chat_proto::user::Me;
use chat_proto::{ErrorCode, Token, UserName};

use super::free_name;
use crate::acts::change_password::ChangePassword;
use crate::acts::log_in::{LogIn, wrong};
use crate::acts::log_out::LogOut;
use crate::acts::register::{Presented, Register};
use crate::app::App;
use crate::error::Error;
use crate::passwords;
use crate::rate::Source;
use crate::secret::{TokenHash, new_token};
use crate::store::Conn;
use crate::store::tables::{logins, users};
use crate::store::views::admittance;

/// Creates an account. A guest who registers stays the same user.
///
/// # Errors
/// `name_invalid`, `name_taken`, `forbidden`, `banned`, `bad_request`, `too_long`, `rate_limited`.
pub(crate) async fn register(
    app: &App,
    presented: Option<Presented>,
    asked: Credentials,
    client: String,
    address: IpAddr,
) -> Result<LoggedIn, Error> {
    // The cheapest checks come first.
    let code = invitation(app, asked.invitation.as_deref())?;
    app.rates.take_from(address, Source::Guest)?;
    let name = free_name(&asked.name)?;
    passwords::check(&asked.password, &name)?;
    let password = app.passwords.hash_new(asked.password, name.clone()).await?;
    let token = new_token().map_err(Error::Internal)?;
    let (login, hub) = (TokenHash::of(&token), app.hub.clone());
    let act = Register { presented, code, name, password, login, client, address, hub };
    let me = app.store.perform(act).await?;
    tracing::info!(user = me.id.0, "registered");
    Ok(LoggedIn { token, user: me })
}

/// Returns the invitation code to use up, if the server requires one.
fn invitation(app: &App, code: Option<&str>) -> Result<Option<TokenHash>, Refusal> {
    match (app.config.registration, code) {
        (Registration::Open, _) => Ok(None),
        (Registration::Invite, Some(code)) => Ok(Some(TokenHash::of(&Token::new(code.trim().to_owned())))),
        (Registration::Invite, None) => Err(Refusal::new(
            ErrorCode::Forbidden,
            "You need an invitation code to register here. Ask someone who runs this server for one.",
        )),
        (Registration::Closed, _) => Err(Refusal::new(
            ErrorCode::Forbidden,
            "Nobody can register here. Ask someone who runs this server for an account.",
        )),
    }
}

/// Logs in with a password.
///
/// # Errors
/// `unauthorized`, which is the same for a wrong name and a wrong password; `banned`, `rate_limited`.
pub(crate) async fn login(
    app: &App,
    presented: Option<Presented>,
    asked: Credentials,
    client: String,
    address: IpAddr,
) -> Result<LoggedIn, Error> {
    asked.password.check_length().map_err(|_| wrong())?;
    let name = UserName::parse(&asked.name).ok();
    let found = match name.clone() {
        Some(name) => app.store.read(move |conn| users::account(conn, &name)).await?,
        None => None,
    };
    let known = found
        .as_ref()
        .is_some_and(|(me, _)| app.hub.sessions_of(me.id).iter().any(|viewer| viewer.address == address));
    let key = name.as_ref().map_or("", UserName::key);
    let attempt = app.throttle.begin(key, address, known)?;
    let stored = found.as_ref().map(|(_, stored)| stored.clone());
    let right = app.passwords.verify(stored.clone(), asked.password.clone()).await?;
    let (Some((me, stored)), true) = (found, right) else {
        tracing::info!(%address, "a login failed");
        return Err(wrong().into());
    };
    app.throttle.succeeded(attempt);
    let better =
        if passwords::is_current(&stored) { None } else { Some(app.passwords.hash(asked.password).await?) };
    let token = new_token().map_err(Error::Internal)?;
    let login = TokenHash::of(&token);
    let act = LogIn { presented, user: me.id, compared: stored, better, login, client, address };
    let me = app.store.perform(act).await?;
    tracing::info!(user = me.id.0, "logged in");
    Ok(LoggedIn { token, user: me })
}

/// Ends the login of the request.
///
/// # Errors
/// `unavailable`.
pub(crate) async fn logout(app: &App, presented: Presented) -> Result<(), Error> {
    app.store.perform(LogOut { login: presented.login }).await
}

/// Changes a password, and ends all of the user's other logins.
///
/// # Errors
/// `unauthorized` if the old password is wrong; `bad_request`, `too_long`, `rate_limited`.
pub(crate) async fn change_password(
    app: &App,
    presented: &Presented,
    asked: NewPassword,
    address: IpAddr,
) -> Result<Me, Error> {
    let (login, now) = (presented.login.clone(), app.config.clock.read());
    let read = move |conn: &mut Conn| {
        let me = logins::user(conn, &login, now.age)?;
        admittance::admit(conn, &me, address, now)?;
        let name = UserName::parse(&me.name)?;
        let stored = users::account(conn, &name)?.map(|(_, stored)| stored);
        Ok((name, stored))
    };
    let (name, stored) = app.store.read(read).await?;
    if stored.is_none() {
        let why = "A guest has no password. Register to have one.";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    passwords::check(&asked.new, &name)?;
    let attempt = app.throttle.begin(name.key(), address, true)?;
    if asked.old.check_length().is_err() || !app.passwords.verify(stored, asked.old).await? {
        return Err(Error::refused(ErrorCode::Unauthorized, "The old password is wrong."));
    }
    app.throttle.succeeded(attempt);
    let password = app.passwords.hash_new(asked.new, name).await?;
    let me = app.store.perform(ChangePassword { login: presented.login.clone(), password }).await?;
    tracing::info!(user = me.id.0, "changed the password");
    Ok(me)
}
