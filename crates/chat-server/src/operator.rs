//! What the server's own command line can do, while the server runs or without it: make and change accounts,
//! invite, and read the audit log.

use chat_proto::event::{Change, User};
use chat_proto::reply::{AuditEntry, Me, Role, RoomKind, UserKind};
use chat_proto::{ErrorCode, Millis, Password, Signal, Token, UserName};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::DAY_MS;
use crate::commands::{give_role, membership};
use crate::error::Error;
use crate::passwords;
use crate::secret::{TokenHash, random_hex};
use crate::send_queue::End;
use crate::store::{Transaction, audit, codes, rooms, users};

/// An order of the operator.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Make an account.
    Add {
        /// Its name.
        name: String,
        /// Its role on the server.
        role: Role,
        /// Its pass-phrase.
        password: Password,
    },
    /// List the users who hold a name.
    List {},
    /// Change an account's role on the server.
    Role {
        /// Whose.
        name: String,
        /// To what.
        role: Role,
    },
    /// Set an account's pass-phrase anew and end its logins.
    ResetPassword {
        /// Whose.
        name: String,
        /// The new one.
        password: Password,
    },
    /// Delete a user; what they wrote stays, without their name.
    Delete {
        /// Whom.
        name: String,
    },
    /// Make a code with which one may register once.
    Invite {
        /// For how many days it is good.
        days: u32,
    },
    /// Show what moderators, admins and the operator did.
    Audit {
        /// How many entries.
        limit: usize,
    },
}

/// What an order answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A sentence.
    Done(String),
    /// Who there is: the user, when made, when last seen, whether online.
    Users(Vec<(Me, Millis, Millis, bool)>),
    /// A code.
    Code(String),
    /// Entries, newest first.
    Entries(Vec<AuditEntry>),
    /// It was refused; a sentence.
    Refused(String),
}

/// Carries out an order.
pub async fn obey(app: &App, order: Order) -> Answer {
    let done = match order {
        Order::Add { name, role, password } => add(app, name, role, password).await,
        Order::List {} => list(app).await,
        Order::Role { name, role } => set_role(app, name, role).await,
        Order::ResetPassword { name, password } => reset_password(app, name, password).await,
        Order::Delete { name } => delete(app, name).await,
        Order::Invite { days } => invite(app, days).await,
        Order::Audit { limit } => {
            app.store.read(move |conn| audit::list(conn, None, limit)).await.map(Answer::Entries)
        }
    };
    done.unwrap_or_else(|e| Answer::Refused(e.into_refusal().message))
}

/// The operator as acts name them; no user has this number.
fn operator() -> User {
    User { id: 0, name: audit::OPERATOR.to_owned() }
}

fn note(tx: &mut Transaction<'_>, action: &str, target: &str, reason: Option<&str>) -> Result<(), Error> {
    let entry = AuditEntry {
        at: tx.now(),
        by: audit::OPERATOR.to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        room: None,
        reason: reason.map(str::to_owned),
    };
    audit::add(tx.conn(), &entry)
}

fn server_role(role: Role) -> Result<Role, Error> {
    match role {
        Role::Admin | Role::Member => Ok(role),
        Role::Owner | Role::Moderator | Role::Guest => {
            Err(Error::refused(ErrorCode::BadRequest, "On the server one is admin or member."))
        }
    }
}

async fn add(app: &App, name: String, role: Role, password: Password) -> Result<Answer, Error> {
    // Of the reserved names, the operator may take any.
    let name = UserName::parse(&name)?;
    let role = server_role(role)?;
    passwords::check(&password, &name)?;
    let hash = app.passwords.hash(password).await?;
    let (now, hub) = (app.config.clock.now(), app.hub.clone());
    let make = move |tx: &mut Transaction<'_>| {
        let me = users::create_account(tx.conn(), &name, role, &hash, now, |id| hub.is_online(id))?;
        note(tx, "user add", &me.name, Some(users::role_name(role)))?;
        Ok(me)
    };
    let me = app.store.act(make).await?;
    Ok(Answer::Done(format!("{} is there now, as {}.", me.name, users::role_name(me.role))))
}

async fn list(app: &App) -> Result<Answer, Error> {
    let all = app.store.read(users::list).await?;
    let with_presence = |(me, made, seen): (Me, Millis, Millis)| {
        let online = app.hub.is_online(me.id);
        (me, made, seen, online)
    };
    Ok(Answer::Users(all.into_iter().map(with_presence).collect()))
}

async fn set_role(app: &App, name: String, role: Role) -> Result<Answer, Error> {
    let role = server_role(role)?;
    let change = move |tx: &mut Transaction<'_>| {
        let mut me = users::find(tx.conn(), &name)?;
        give_role(tx, &operator(), &mut me, role)?;
        Ok(me)
    };
    let me = app.store.act(change).await?;
    app.hub.signal_user(me.id, None, Signal::You { user: me.clone() });
    Ok(Answer::Done(format!("{} is {} now.", me.name, users::role_name(role))))
}

async fn reset_password(app: &App, name: String, password: Password) -> Result<Answer, Error> {
    let find = name.clone();
    let me = app.store.read(move |conn| users::find(conn, &find)).await?;
    if me.kind == UserKind::Guest {
        let why = format!("{} is a guest and has no password.", me.name);
        return Err(Error::refused(ErrorCode::BadRequest, why));
    }
    passwords::check(&password, &UserName::parse(&me.name)?)?;
    let hash = app.passwords.hash(password).await?;
    let change = move |tx: &mut Transaction<'_>| {
        let me = users::find(tx.conn(), &name)?;
        users::set_password(tx.conn(), me.id, &hash)?;
        crate::store::logins::end_all(tx.conn(), me.id, None)?;
        note(tx, "user reset-password", &me.name, None)?;
        Ok(me)
    };
    let me = app.store.act(change).await?;
    app.hub.end_user(me.id, None, End::Revoked);
    Ok(Answer::Done(format!("{} has a new password and is logged out everywhere.", me.name)))
}

async fn delete(app: &App, name: String) -> Result<Answer, Error> {
    let change = move |tx: &mut Transaction<'_>| {
        let me = users::find(tx.conn(), &name)?;
        let user = users::named(&me);
        for (room, _, kind) in rooms::of_user(tx.conn(), me.id)? {
            if kind == RoomKind::Private {
                tx.append(membership(room, &user, &user, Change::Left))?;
            }
        }
        users::delete(tx.conn(), me.id)?;
        note(tx, "user delete", &me.name, None)?;
        Ok(me)
    };
    let me = app.store.act(change).await?;
    app.hub.end_user(me.id, None, End::Revoked);
    Ok(Answer::Done(format!("{} is gone. What they wrote stays, as by deleted-{}.", me.name, me.id)))
}

async fn invite(app: &App, days: u32) -> Result<Answer, Error> {
    let code = random_hex::<12>().map_err(Error::Internal)?;
    let hash = TokenHash::of(&Token::new(code.clone()));
    let add = move |tx: &mut Transaction<'_>| {
        let now = tx.now();
        codes::add(tx.conn(), &hash, now, now + Millis::from(days) * DAY_MS)?;
        note(tx, "user invite", "one person", Some(&format!("good for {days} days")))
    };
    app.store.act(add).await?;
    Ok(Answer::Code(code))
}

/// Whether a name can be given to an account at all, before its pass-phrase is asked for.
///
/// # Errors
/// `name_invalid`.
pub fn check_name(name: &str) -> Result<(), Error> {
    UserName::parse(name)?;
    Ok(())
}

/// What the log says at a start without any admin.
pub async fn mention_missing_admin(app: &App) {
    let dir = app.config.data_dir.display();
    match app.store.read(users::admins).await {
        Ok(admins) if admins.is_empty() => tracing::info!(
            "there is no admin yet; make one with: chat-server user add NAME --role admin --data-dir {dir}"
        ),
        Ok(_) => {}
        Err(e) => tracing::warn!(error = %e.into_refusal(), "the admins cannot be read"),
    }
}
