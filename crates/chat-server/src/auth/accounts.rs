//! Accounts: registering, logging in and out, and changing the pass-phrase.

use std::net::IpAddr;

use chat_proto::account::{Credentials, LoggedIn, NewPassword, Registration};
use chat_proto::error::Refusal;
use chat_proto::reply::{Me, Role, UserKind};
use chat_proto::{ErrorCode, Signal, Token, UserName};

use super::{admit, admit_name, free_name};
use crate::app::App;
use crate::error::Error;
use crate::passwords;
use crate::secret::{TokenHash, new_token};
use crate::send_queue::End;
use crate::store::{Conn, codes, logins, sanctions, users};

/// Who asks, where the request bore a login.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The login.
    pub login: TokenHash,
    /// Whether a browser sent it along as a cookie. Such a login is exchanged for a new one: someone else may
    /// have put it there (session fixation).
    pub is_cookie: bool,
}

/// Makes an account. A guest who asks keeps being the same user.
///
/// # Errors
/// `name_invalid`, `name_taken`, `forbidden`, `banned`, `bad_request`, `too_long`, `rate_limited`.
pub async fn register(
    app: &App,
    asker: Option<Asker>,
    asked: Credentials,
    client: String,
    address: IpAddr,
) -> Result<LoggedIn, Error> {
    let name = free_name(&asked.name)?;
    passwords::check(&asked.password, &name)?;
    let code = invitation(app, asked.invitation.as_deref())?;
    app.rates.take_guest(address)?;
    let password = app.passwords.hash(asked.password).await?;
    let token = new_token().map_err(Error::Internal)?;
    let (hash, now, hub) = (TokenHash::of(&token), app.config.clock.now(), app.hub.clone());
    let by = asker.clone();
    let make = move |conn: &mut Conn| {
        if let Some(code) = &code {
            codes::check(conn, code, now)?;
        }
        let guest = match &by {
            Some(asker) => guest_of(conn, asker, address, now)?,
            None => None,
        };
        let me = match &guest {
            Some(guest) => {
                if sanctions::ban_of_look(conn, &name, now)?.is_some() {
                    admit_name(conn, &name, address, now)?;
                }
                users::promote_guest(conn, guest.id, &name, &password, now, |id| hub.is_online(id))?
            }
            None => {
                admit_name(conn, &name, address, now)?;
                users::create_account(conn, &name, Role::Member, &password, now, |id| hub.is_online(id))?
            }
        };
        if let Some(code) = &code {
            codes::spend(conn, code)?;
        }
        exchange(conn, by.as_ref(), &me, &hash, &client, now)?;
        Ok((me, guest))
    };
    let (me, guest) = app.store.act(move |tx| make(tx.conn())).await?;
    if let Some(guest) = guest {
        if let Some(asker) = asker.filter(|asker| asker.is_cookie) {
            for viewer in app.hub.sessions_of(me.id).iter().filter(|viewer| viewer.login() == asker.login) {
                viewer.set_login(TokenHash::of(&token));
            }
        }
        if guest.name == me.name {
            app.hub.signal_user(me.id, None, Signal::You { user: me.clone() });
        } else {
            app.hub.end_user(me.id, None, End::Again);
        }
    }
    tracing::info!(user = me.id, "registered");
    Ok(LoggedIn { token, user: me })
}

/// The code that has to be used up, where the server asks for one.
fn invitation(app: &App, code: Option<&str>) -> Result<Option<TokenHash>, Refusal> {
    match (app.config.registration, code) {
        (Registration::Open, _) => Ok(None),
        (Registration::Invite, Some(code)) => Ok(Some(TokenHash::of(&Token::new(code.trim().to_owned())))),
        (Registration::Invite, None) => Err(Refusal::new(
            ErrorCode::Forbidden,
            "One registers here with an invitation code. Ask someone who runs this server for one.",
        )),
        (Registration::Closed, _) => Err(Refusal::new(
            ErrorCode::Forbidden,
            "Nobody can register here. Ask someone who runs this server for an account.",
        )),
    }
}

/// The guest who asks to become an account.
fn guest_of(conn: &mut Conn, asker: &Asker, address: IpAddr, now: i64) -> Result<Option<Me>, Error> {
    let me = match logins::user(conn, &asker.login, now) {
        Ok(me) => me,
        // An old cookie is none.
        Err(Error::Refused(_)) if asker.is_cookie => return Ok(None),
        Err(e) => return Err(e),
    };
    admit(conn, &me, address, now)?;
    match me.kind {
        UserKind::Guest => Ok(Some(me)),
        // A browser that knows an account may make another one.
        UserKind::Account | UserKind::Bot if asker.is_cookie => Ok(None),
        UserKind::Account | UserKind::Bot => {
            let why =
                format!("You are registered as {} already. Log out first to register another name.", me.name);
            Err(Error::refused(ErrorCode::BadRequest, why))
        }
    }
}

/// Adds a login, in place of the one that came as a cookie.
fn exchange(
    conn: &mut Conn,
    asker: Option<&Asker>,
    me: &Me,
    hash: &TokenHash,
    client: &str,
    now: i64,
) -> Result<(), Error> {
    if let Some(asker) = asker.filter(|asker| asker.is_cookie) {
        logins::end(conn, &asker.login)?;
    }
    logins::add(conn, me.id, hash, client, now)
}

/// Takes someone at their pass-phrase.
///
/// # Errors
/// `unauthorized`, alike for a wrong name and a wrong pass-phrase; `banned`, `rate_limited`.
pub async fn login(
    app: &App,
    asker: Option<Asker>,
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
    let (hash, now, by) = (TokenHash::of(&token), app.config.clock.now(), asker.clone());
    let make = move |conn: &mut Conn| {
        let me = users::by_id(conn, me.id)?;
        // It may have been changed while it was compared.
        match UserName::parse(&me.name).map(|name| users::account(conn, &name)) {
            Ok(Ok(Some((_, now_stored)))) if now_stored == stored => {}
            _ => return Err(wrong().into()),
        }
        admit(conn, &me, address, now)?;
        if let Some(better) = &better {
            users::set_password(conn, me.id, better)?;
        }
        exchange(conn, by.as_ref(), &me, &hash, &client, now)?;
        Ok(me)
    };
    let me = app.store.write(make).await?;
    if let Some(asker) = asker.filter(|asker| asker.is_cookie) {
        for viewer in app.hub.sessions_where(|viewer| viewer.login() == asker.login) {
            viewer.queue.end(End::Revoked);
        }
    }
    tracing::info!(user = me.id, "logged in");
    Ok(LoggedIn { token, user: me })
}

fn wrong() -> Refusal {
    Refusal::new(ErrorCode::Unauthorized, "The name or the password is wrong.")
}

/// Ends the asker's own login.
///
/// # Errors
/// Where the database cannot be written.
pub async fn logout(app: &App, asker: Asker) -> Result<(), Error> {
    let hash = asker.login.clone();
    app.store.write(move |conn| logins::end(conn, &hash)).await?;
    for viewer in app.hub.sessions_where(|viewer| viewer.login() == asker.login) {
        viewer.queue.end(End::Revoked);
    }
    Ok(())
}

/// Changes the asker's pass-phrase and ends all their other logins.
///
/// # Errors
/// `unauthorized` where the old one is wrong; `bad_request`, `too_long`, `rate_limited`.
pub async fn change_password(
    app: &App,
    asker: &Asker,
    asked: NewPassword,
    address: IpAddr,
) -> Result<Me, Error> {
    let (hash, now) = (asker.login.clone(), app.config.clock.now());
    let read = move |conn: &mut Conn| {
        let me = logins::user(conn, &hash, now)?;
        admit(conn, &me, address, now)?;
        let name = UserName::parse(&me.name)?;
        let stored = users::account(conn, &name)?.map(|(_, stored)| stored);
        Ok((me, name, stored))
    };
    let (me, name, stored) = app.store.read(read).await?;
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
    let password = app.passwords.hash(asked.new).await?;
    let (user, login) = (me.id, asker.login.clone());
    let change = move |conn: &mut Conn| {
        logins::user(conn, &login, now)?;
        users::set_password(conn, user, &password)?;
        logins::end_all(conn, user, Some(&login))
    };
    app.store.write(change).await?;
    app.hub.end_user(me.id, Some(&asker.login), End::Revoked);
    tracing::info!(user = me.id, "changed the password");
    Ok(me)
}
