//! Users, the names they hold, and the logins they come back with.

use chat_proto::event::User;
use chat_proto::reply::{Me, Role, UserKind};
use chat_proto::{ErrorCode, Millis, UserId, UserName};
use diesel::prelude::*;

use super::Conn;
use super::schema::{logins, users};
use crate::clock::DAY_MS;
use crate::error::Error;
use crate::secret::TokenHash;

/// How long a guest's name is kept for them after they were last seen.
const NAME_KEPT_MS: Millis = DAY_MS;

/// How many variants of a name are tried for a guest whose name went to someone else.
const NAME_VARIANTS: u32 = 1000;

type Row = (UserId, String, String, String);

fn me((id, name, kind, role): Row) -> Me {
    let kind = match kind.as_str() {
        "account" => UserKind::Account,
        "bot" => UserKind::Bot,
        _ => UserKind::Guest,
    };
    let role = match role.as_str() {
        "admin" => Role::Admin,
        "member" => Role::Member,
        _ => Role::Guest,
    };
    Me { id, name, kind, role }
}

/// The user as events name them.
#[must_use]
pub fn named(me: &Me) -> User {
    User { id: me.id, name: me.name.clone() }
}

/// Makes a guest who holds `name` from now on, with a login of `hash`.
///
/// # Errors
/// `name_taken` where a user of that look is online (as `online` tells) or was within a day.
pub fn create_guest(
    conn: &mut Conn,
    name: &UserName,
    hash: &TokenHash,
    client: &str,
    now: Millis,
    online: impl Fn(UserId) -> bool,
) -> Result<Me, Error> {
    if !release(conn, name, now, online)? {
        return Err(taken(name));
    }
    let id: UserId = diesel::insert_into(users::table)
        .values((
            users::name.eq(name.as_str()),
            users::name_key.eq(name.key()),
            users::kind.eq("guest"),
            users::role.eq("guest"),
            users::created_at.eq(now),
            users::seen_at.eq(now),
        ))
        .returning(users::id)
        .get_result(conn)?;
    diesel::insert_into(logins::table)
        .values((
            logins::token_hash.eq(hash.as_bytes()),
            logins::user_id.eq(id),
            logins::client.eq(client),
            logins::created_at.eq(now),
            logins::seen_at.eq(now),
        ))
        .execute(conn)?;
    Ok(Me { id, name: name.as_str().to_owned(), kind: UserKind::Guest, role: Role::Guest })
}

fn taken(name: &UserName) -> Error {
    let why = format!("The name {name}, or one that looks like it, is in use here. Choose another.");
    Error::refused(ErrorCode::NameTaken, why)
}

/// Frees `name` if nobody holds it or its holder has been away for long; tells whether it is free now.
fn release(
    conn: &mut Conn,
    name: &UserName,
    now: Millis,
    online: impl Fn(UserId) -> bool,
) -> Result<bool, Error> {
    let holder: Option<(UserId, String, Millis)> = users::table
        .filter(users::name_key.eq(name.key()))
        .select((users::id, users::kind, users::seen_at))
        .first(conn)
        .optional()?;
    let Some((id, kind, seen_at)) = holder else { return Ok(true) };
    if kind != "guest" || online(id) || seen_at > now - NAME_KEPT_MS {
        return Ok(false);
    }
    diesel::update(users::table.find(id)).set(users::name_key.eq(None::<String>)).execute(conn)?;
    Ok(true)
}

/// The user whose login has `hash`, without changing anything. Whether the name must be renewed comes with it.
///
/// # Errors
/// `unauthorized` where there is no such login.
pub fn by_token(conn: &mut Conn, hash: &TokenHash) -> Result<(Me, bool), Error> {
    let row: Option<(Row, Option<String>)> = logins::table
        .inner_join(users::table)
        .filter(logins::token_hash.eq(hash.as_bytes()))
        .select(((users::id, users::name, users::kind, users::role), users::name_key))
        .first(conn)
        .optional()?;
    let unknown =
        || Error::refused(ErrorCode::Unauthorized, "That login is not known here. Say hello with a name.");
    let (user, key) = row.ok_or_else(unknown)?;
    Ok((me(user), key.is_none()))
}

/// Notes that the login with `hash` is in use, and gives a returning guest whose name went to someone
/// else a free variant of it (`alice-2`). Answers the user as they are now.
///
/// # Errors
/// `unauthorized` where there is no such login, `name_taken` where no variant is free.
pub fn come_back(conn: &mut Conn, hash: &TokenHash, client: &str, now: Millis) -> Result<Me, Error> {
    let (mut user, nameless) = by_token(conn, hash)?;
    if nameless {
        let name = free_variant(conn, &user.name)?;
        diesel::update(users::table.find(user.id))
            .set((users::name.eq(name.as_str()), users::name_key.eq(name.key())))
            .execute(conn)?;
        name.as_str().clone_into(&mut user.name);
    }
    diesel::update(logins::table.find(hash.as_bytes()))
        .set((logins::seen_at.eq(now), logins::client.eq(client)))
        .execute(conn)?;
    seen(conn, &[user.id], now)?;
    Ok(user)
}

fn free_variant(conn: &mut Conn, lost: &str) -> Result<UserName, Error> {
    let original = UserName::parse(lost)?;
    let stem: String = lost.chars().take(24).collect();
    let variants = (2..NAME_VARIANTS).filter_map(|n| UserName::parse(&format!("{stem}-{n}")).ok());
    for name in std::iter::once(original.clone()).chain(variants) {
        let held: i64 = users::table.filter(users::name_key.eq(name.key())).count().get_result(conn)?;
        if held == 0 {
            return Ok(name);
        }
    }
    Err(taken(&original))
}

/// Notes that these users are or were online now, so that their names stay theirs.
///
/// # Errors
/// Where the database cannot be written.
pub fn seen(conn: &mut Conn, ids: &[UserId], now: Millis) -> Result<(), Error> {
    // SQLite takes a bounded number of values in one statement.
    for some in ids.chunks(1000) {
        diesel::update(users::table.filter(users::id.eq_any(some)))
            .set(users::seen_at.eq(now))
            .execute(conn)?;
    }
    Ok(())
}
