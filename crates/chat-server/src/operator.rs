//! The operator's commands, while the server runs or without it: create and change accounts, invite, list and delete
//! rooms, and read the audit log.

use chat_proto::reply::AuditEntry;
use chat_proto::user::{Me, Role, UserKind};
use chat_proto::{ErrorCode, Millis, Password, Token, UserName};
use serde::{Deserialize, Serialize};

use crate::acts::add_user::{AddUser, InviteToRegister, operator};
use crate::acts::change_password::ResetPassword;
use crate::acts::delete_room::{DeleteRoom, Named};
use crate::acts::delete_user::DeleteUser;
use crate::acts::grant::GrantOnServer;
use crate::app::App;
use crate::error::Error;
use crate::passwords;
use crate::secret::{TokenHash, random_hex};
use crate::store::tables::{audit, users};
use crate::store::views::inventory;

/// An operator's order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Create an account.
    Add {
        /// The account's name.
        name: String,
        /// The account's role on the server.
        role: Role,
        /// The account's password.
        password: Password,
    },
    /// List the users that have a name.
    List {},
    /// Change an account's role on the server.
    Role {
        /// The account's name.
        name: String,
        /// The new role.
        role: Role,
    },
    /// Reset an account's password and end its logins.
    ResetPassword {
        /// The account's name.
        name: String,
        /// The new password.
        password: Password,
    },
    /// Delete a user. Their messages stay, without their name.
    Delete {
        /// The user's name.
        name: String,
    },
    /// Create a code with which one person can register.
    Invite {
        /// How many days the code is valid.
        days: u32,
    },
    /// List the rooms.
    Rooms {},
    /// Delete a room and everything in it.
    DeleteRoom {
        /// The room.
        room: Named,
    },
    /// Show what moderators, admins and the operator did.
    Audit {
        /// The maximum number of entries.
        limit: usize,
    },
}

/// The answer to an order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The order was carried out: a sentence.
    Done(String),
    /// The users: who, when created, when last seen, and whether online.
    Users(Vec<(Me, Millis, Millis, bool)>),
    /// The rooms.
    Rooms(Vec<inventory::Listed>),
    /// An invitation code.
    Code(String),
    /// Audit entries, newest first.
    Entries(Vec<AuditEntry>),
    /// The order was refused: a sentence.
    Refused(String),
}

/// Carries out an order.
pub(crate) async fn obey(app: &App, order: Order) -> Answer {
    let done = match order {
        Order::Add { name, role, password } => add(app, name, role, password).await,
        Order::List {} => list(app).await,
        Order::Role { name, role } => set_role(app, name, role).await,
        Order::ResetPassword { name, password } => reset_password(app, name, password).await,
        Order::Delete { name } => delete(app, name).await,
        Order::Invite { days } => invite(app, days).await,
        Order::Rooms {} => app.store.read(inventory::list).await.map(Answer::Rooms),
        Order::DeleteRoom { room } => delete_room(app, room).await,
        Order::Audit { limit } => {
            app.store.read(move |conn| audit::list(conn, None, limit)).await.map(Answer::Entries)
        }
    };
    done.unwrap_or_else(|e| Answer::Refused(e.respond("order").message))
}

fn server_role(role: Role) -> Result<Role, Error> {
    match role {
        Role::Admin | Role::Member => Ok(role),
        Role::Owner | Role::Moderator | Role::Guest | Role::Other(_) => {
            Err(Error::refused(ErrorCode::BadRequest, "A role on the server is admin or member."))
        }
    }
}

async fn add(app: &App, name: String, role: Role, password: Password) -> Result<Answer, Error> {
    // The operator may use any reserved name.
    let name = UserName::parse(&name)?;
    let role = server_role(role)?;
    passwords::check(&password, &name)?;
    let hash = app.passwords.hash_new(password, name.clone()).await?;
    let me = app.store.perform(AddUser { name, role, password: hash, hub: app.hub.clone() }).await?;
    Ok(Answer::Done(format!("Created {} as {}.", me.name, me.role.as_str())))
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
    let me = app.store.perform(GrantOnServer { by: operator(), user: name, role }).await?;
    Ok(Answer::Done(format!("{} is {} now.", me.name, role.as_str())))
}

async fn reset_password(app: &App, name: String, password: Password) -> Result<Answer, Error> {
    let find = name.clone();
    let me = app.store.read(move |conn| users::find(conn, &find)).await?;
    if me.kind == UserKind::Guest {
        let why = format!("{} is a guest and has no password.", me.name);
        return Err(Error::refused(ErrorCode::BadRequest, why));
    }
    let folded = UserName::parse(&me.name)?;
    passwords::check(&password, &folded)?;
    let hash = app.passwords.hash_new(password, folded).await?;
    let me = app.store.perform(ResetPassword { name, password: hash }).await?;
    Ok(Answer::Done(format!("{} has a new password and is logged out everywhere.", me.name)))
}

async fn delete(app: &App, name: String) -> Result<Answer, Error> {
    let me = app.store.perform(DeleteUser { name }).await?;
    Ok(Answer::Done(format!("Deleted {}. Their messages stay, under the name deleted-{}.", me.name, me.id)))
}

async fn delete_room(app: &App, room: Named) -> Result<Answer, Error> {
    let name = app.store.perform(DeleteRoom { room }).await?;
    Ok(Answer::Done(format!("Deleted the room {name} with everything in it.")))
}

async fn invite(app: &App, days: u32) -> Result<Answer, Error> {
    let code = random_hex::<12>().map_err(Error::Internal)?;
    let act = InviteToRegister { code: TokenHash::of(&Token::new(code.clone())), days };
    app.store.perform(act).await?;
    Ok(Answer::Code(code))
}

/// Checks that an account can have a name, before its password is asked for.
///
/// # Errors
/// `name_invalid`.
pub fn check_name(name: &str) -> Result<(), Error> {
    UserName::parse(name)?;
    Ok(())
}

/// Logs a hint at the start if there is no admin.
pub(crate) async fn mention_missing_admin(app: &App) {
    let dir = app.config.data_dir.display();
    match app.store.read(users::admins).await {
        Ok(admins) if admins.is_empty() => tracing::info!(
            "there is no admin yet; make one with: chat-server user add NAME --role admin --data-dir {dir}"
        ),
        Ok(_) => {}
        Err(e) => tracing::warn!(error = e.cause(), "the admins cannot be read"),
    }
}
