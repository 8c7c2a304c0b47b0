//! Users and their names.

use chat_proto::user::{Me, Role, UserKind};
use chat_proto::{ErrorCode, Millis, UserId, UserName};
use diesel::prelude::*;

use crate::clock::{DAY_MS, Now};
use crate::error::Error;
use crate::store::rows::{self, UserRow, me};
use crate::store::schema::users;
use crate::store::{Conn, on, to_sql};

/// How long a guest's name is reserved after the guest was last seen, in milliseconds.
const NAME_KEPT_MS: i64 = DAY_MS;

/// Creates a guest with the name `name`.
///
/// # Errors
/// `name_taken` if a user with a confusable name is `online` or was within a day.
pub fn create_guest(
    conn: &mut Conn,
    name: &UserName,
    now: Now,
    online: impl Fn(UserId) -> bool,
) -> Result<Me, Error> {
    release(conn, name, None, now.age, online)?;
    let id = insert(conn, name, ("guest", "guest"), None, now.mark)?;
    Ok(Me { id, name: name.as_str().to_owned(), kind: UserKind::Guest, role: Role::Guest })
}

/// Creates an account.
///
/// # Errors
/// As [`create_guest`].
pub fn create_account(
    conn: &mut Conn,
    name: &UserName,
    role: Role,
    password: &str,
    now: Now,
    online: impl Fn(UserId) -> bool,
) -> Result<Me, Error> {
    release(conn, name, None, now.age, online)?;
    let id = insert(conn, name, ("account", role.as_str()), Some(password), now.mark)?;
    Ok(Me { id, name: name.as_str().to_owned(), kind: UserKind::Account, role })
}

/// Turns a guest into an account. The user stays the same, and their name becomes `name`.
///
/// # Errors
/// As [`create_guest`].
pub fn promote_guest(
    conn: &mut Conn,
    guest: UserId,
    name: &UserName,
    password: &str,
    now: Now,
    online: impl Fn(UserId) -> bool,
) -> Result<Me, Error> {
    release(conn, name, Some(guest), now.age, online)?;
    on!(conn, |c| diesel::update(users::table.find(to_sql(guest)))
        .set((
            users::name.eq(name.as_str()),
            users::name_key.eq(name.key()),
            users::kind.eq("account"),
            users::role.eq("member"),
            users::password.eq(password),
        ))
        .execute(c))?;
    Ok(Me { id: guest, name: name.as_str().to_owned(), kind: UserKind::Account, role: Role::Member })
}

fn insert(
    conn: &mut Conn,
    name: &UserName,
    (kind, role): (&str, &str),
    password: Option<&str>,
    now: Millis,
) -> QueryResult<UserId> {
    on!(conn, |c| diesel::insert_into(users::table)
        .values((
            users::name.eq(name.as_str()),
            users::name_key.eq(name.key()),
            users::kind.eq(kind),
            users::role.eq(role),
            users::created_at.eq(to_sql(now)),
            users::seen_at.eq(to_sql(now)),
            users::password.eq(password),
        ))
        .returning(users::id)
        .get_result(c))
}

/// Frees `name` if its holder is a guest who was away for long, or is `own`.
fn release(
    conn: &mut Conn,
    name: &UserName,
    own: Option<UserId>,
    now: Millis,
    online: impl Fn(UserId) -> bool,
) -> Result<(), Error> {
    let holder: Option<(UserId, String, Millis)> = on!(conn, |c| users::table
        .filter(users::name_key.eq(name.key()))
        .select((users::id, users::kind, users::seen_at))
        .first(c))
    .optional()?;
    let Some((id, kind, seen_at)) = holder.filter(|holder| Some(holder.0) != own) else { return Ok(()) };
    if kind != "guest" || online(id) || seen_at > now - NAME_KEPT_MS {
        return Err(taken(name, kind != "guest"));
    }
    on!(conn, |c| diesel::update(users::table.find(to_sql(id)))
        .set(users::name_key.eq(None::<String>))
        .execute(c))?;
    Ok(())
}

/// Returns the error if `name` belongs to someone else.
pub(crate) fn taken(name: &UserName, registered: bool) -> Error {
    let why = if registered {
        format!("The name {name}, or one that looks like it, is registered. Log in, or choose another.")
    } else {
        format!("The name {name}, or one that looks like it, is in use here. Choose another.")
    };
    let mut refusal = chat_proto::error::Refusal::new(ErrorCode::NameTaken, why);
    refusal.registered = registered;
    Error::Refused(refusal)
}

/// Returns the user with exactly that name.
///
/// # Errors
/// `no_such_user`.
pub fn find(conn: &mut Conn, name: &str) -> Result<Me, Error> {
    let unknown = || Error::refused(ErrorCode::NoSuchUser, "There is no user with that name here.");
    let parsed = UserName::parse(name).map_err(|_| unknown())?;
    let row: Option<UserRow> = on!(conn, |c| users::table
        .filter(users::name_key.eq(parsed.key()).and(users::name.eq(parsed.as_str())))
        .select((users::id, users::name, users::kind, users::role))
        .first(c))
    .optional()?;
    row.map(me).ok_or_else(unknown)
}

/// Returns a user by id.
///
/// # Errors
/// `no_such_user`.
pub fn by_id(conn: &mut Conn, id: UserId) -> Result<Me, Error> {
    let row: Option<UserRow> = on!(conn, |c| users::table
        .find(to_sql(id))
        .select((users::id, users::name, users::kind, users::role))
        .first(c))
    .optional()?;
    row.map(me).ok_or_else(|| Error::refused(ErrorCode::NoSuchUser, "That user is gone."))
}

/// Returns an account and the hash of its password, by name.
pub fn account(conn: &mut Conn, name: &UserName) -> Result<Option<(Me, String)>, Error> {
    let row: Option<(UserRow, Option<String>)> = on!(conn, |c| users::table
        .filter(users::name_key.eq(name.key()).and(users::name.eq(name.as_str())))
        .select(((users::id, users::name, users::kind, users::role), users::password))
        .first(c))
    .optional()?;
    Ok(row.and_then(|(row, password)| Some((me(row), password?))))
}

/// Sets the hash of an account's password.
pub fn set_password(conn: &mut Conn, id: UserId, hash: &str) -> Result<(), Error> {
    on!(conn, |c| diesel::update(users::table.find(to_sql(id))).set(users::password.eq(hash)).execute(c))?;
    Ok(())
}

/// Sets a user's role on the whole server.
pub fn set_role(conn: &mut Conn, id: UserId, role: Role) -> Result<(), Error> {
    on!(conn, |c| diesel::update(users::table.find(to_sql(id)))
        .set(users::role.eq(role.as_str()))
        .execute(c))?;
    Ok(())
}

/// Returns the admins.
pub fn admins(conn: &mut Conn) -> Result<Vec<UserId>, Error> {
    Ok(on!(conn, |c| users::table.filter(users::role.eq("admin")).select(users::id).load(c))?)
}

/// Returns every account, and every guest with a name: the user, when created, when last seen.
pub fn list(conn: &mut Conn) -> Result<Vec<(Me, Millis, Millis)>, Error> {
    let rows: Vec<(UserRow, Millis, Millis)> = on!(conn, |c| users::table
        .filter(users::name_key.is_not_null())
        .select(((users::id, users::name, users::kind, users::role), users::created_at, users::seen_at))
        .order(users::name)
        .load(c))?;
    Ok(rows.into_iter().map(|(row, created, seen)| (me(row), created, seen)).collect())
}

/// Deletes a user's name, password and roles. Their messages stay, under the name `deleted-N`.
pub fn erase(conn: &mut Conn, id: UserId) -> QueryResult<()> {
    on!(conn, |c| diesel::update(users::table.find(to_sql(id)))
        .set((
            users::name.eq(rows::erased_name(id)),
            users::erased.eq(true),
            users::name_key.eq(None::<String>),
            users::password.eq(None::<String>),
            users::kind.eq("guest"),
            users::role.eq("guest"),
        ))
        .execute(c))?;
    Ok(())
}

/// Removes a user that nothing refers to any more.
pub fn remove(conn: &mut Conn, id: UserId) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(users::table.find(to_sql(id))).execute(c))?;
    Ok(())
}

/// Whether a user was deleted or removed.
pub fn is_erased(conn: &mut Conn, id: UserId) -> QueryResult<bool> {
    let erased: Option<bool> =
        on!(conn, |c| users::table.find(to_sql(id)).select(users::erased).first(c)).optional()?;
    Ok(erased.unwrap_or(true))
}

/// Gives a user this name.
pub fn rename(conn: &mut Conn, id: UserId, name: &UserName) -> QueryResult<()> {
    on!(conn, |c| diesel::update(users::table.find(to_sql(id)))
        .set((users::name.eq(name.as_str()), users::name_key.eq(name.key())))
        .execute(c))?;
    Ok(())
}

/// Whether anyone has this name, or one that looks like it.
pub fn is_held(conn: &mut Conn, name: &UserName) -> QueryResult<bool> {
    let held: i64 = on!(conn, |c| users::table.filter(users::name_key.eq(name.key())).count().get_result(c))?;
    Ok(held > 0)
}

/// Stores that these users are or were online now, so that they keep their names.
pub fn seen(conn: &mut Conn, ids: &[UserId], now: Millis) -> Result<(), Error> {
    // SQLite accepts a limited number of values in one statement.
    for some in ids.chunks(1000) {
        // A clock that is behind must not set a time back.
        on!(conn, |c| diesel::update(users::table.filter(
            users::id.eq_any(some.iter().copied().map(to_sql)).and(users::seen_at.lt(to_sql(now)))
        ))
        .set(users::seen_at.eq(to_sql(now)))
        .execute(c))?;
    }
    Ok(())
}

/// Sets times later than `now`, which a clock that was ahead has stored, back to `now`.
pub fn forget_future(conn: &mut Conn, now: Millis) -> QueryResult<()> {
    on!(conn, |c| diesel::update(users::table.filter(users::seen_at.gt(to_sql(now))))
        .set(users::seen_at.eq(to_sql(now)))
        .execute(c))?;
    Ok(())
}

/// Whether a clock that was ahead has stored a time later than `now`.
pub fn is_in_future(conn: &mut Conn, now: Millis) -> QueryResult<bool> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(users::table.filter(users::seen_at.gt(to_sql(now)))))
        .get_result(c))
}
