//! Logins: the stored credentials with which users return. Only the hash of a token is stored. A login lasts
//! [`LOGIN_KEPT_MS`] from its last use.

use chat_proto::reply::Login;
use chat_proto::user::Me;
use chat_proto::{ErrorCode, Millis, UserId};
use diesel::prelude::*;

use crate::clock::DAY_MS;
use crate::error::Error;
use crate::secret::TokenHash;
use crate::store::rows::{UserRow, me};
use crate::store::schema::{logins, users};
use crate::store::{Conn, on, to_sql};

/// How long an unused login lasts, in milliseconds.
pub(crate) const LOGIN_KEPT_MS: i64 = 90 * DAY_MS;

/// How old the stored last use of a login may be when it is used again, in milliseconds.
const FRESH_MS: i64 = DAY_MS / 24;

/// The maximum number of logins of a user. A new one replaces the one that was unused for longest.
const LOGINS_PER_USER: i64 = 64;

/// Adds a login. Returns the logins that it replaced.
pub(crate) fn add(
    conn: &mut Conn,
    user: UserId,
    hash: &TokenHash,
    client: &str,
    now: Millis,
) -> Result<Vec<TokenHash>, Error> {
    let oldest = on!(conn, |c| logins::table
        .filter(logins::user_id.eq(to_sql(user)))
        .select(logins::token_hash)
        .order(logins::seen_at.desc())
        .limit(i64::MAX)
        .offset(LOGINS_PER_USER - 1)
        .load::<Vec<u8>>(c))?;
    on!(conn, |c| diesel::delete(logins::table.filter(logins::token_hash.eq_any(&oldest))).execute(c))?;
    on!(conn, |c| diesel::insert_into(logins::table)
        .values((
            logins::token_hash.eq(hash.as_bytes()),
            logins::user_id.eq(to_sql(user)),
            logins::client.eq(client),
            logins::created_at.eq(to_sql(now)),
            logins::seen_at.eq(to_sql(now)),
        ))
        .execute(c))?;
    Ok(oldest.iter().filter_map(|hash| TokenHash::read(hash)).collect())
}

/// A presented login, as of its last use.
pub(crate) struct Shown {
    /// The user of the login.
    pub(crate) user: Me,
    client: String,
    seen_at: Millis,
    is_nameless: bool,
}

impl Shown {
    /// Whether the user's name has gone to someone else since.
    #[must_use]
    pub(crate) fn is_nameless(&self) -> bool {
        self.is_nameless
    }

    /// Whether anything changes when the user returns with this program.
    #[must_use]
    pub(crate) fn has_changed(&self, client: &str) -> bool {
        self.is_nameless || self.client != client
    }

    /// Whether its use should be stored soon.
    #[must_use]
    pub(crate) fn is_note_due(&self, now: Millis) -> bool {
        self.seen_at < now - FRESH_MS
    }
}

/// Returns the presented login.
///
/// # Errors
/// `unauthorized` if there is no such login.
pub(crate) fn find(conn: &mut Conn, hash: &TokenHash, age: Millis) -> Result<Shown, Error> {
    let row: Option<(UserRow, Option<String>, String, Millis)> = on!(conn, |c| logins::table
        .inner_join(users::table)
        .filter(logins::token_hash.eq(hash.as_bytes()).and(logins::seen_at.gt(to_sql(age - LOGIN_KEPT_MS))))
        .select((
            (users::id, users::name, users::kind, users::role),
            users::name_key,
            logins::client,
            logins::seen_at,
        ))
        .first(c))
    .optional()?;
    let unknown = || {
        Error::refused(ErrorCode::Unauthorized, "That login is not known here, or has ended. Log in again.")
    };
    let (user, key, client, seen_at) = row.ok_or_else(unknown)?;
    Ok(Shown { user: me(user), client, seen_at, is_nameless: key.is_none() })
}

/// Returns the user of a login.
///
/// # Errors
/// `unauthorized` if there is no such login.
pub(crate) fn user(conn: &mut Conn, hash: &TokenHash, age: Millis) -> Result<Me, Error> {
    find(conn, hash, age).map(|shown| shown.user)
}

/// Stores which program uses a login.
pub(crate) fn note_client(conn: &mut Conn, hash: &TokenHash, client: &str, now: Millis) -> QueryResult<()> {
    on!(conn, |c| diesel::update(logins::table.find(hash.as_bytes()))
        .set((logins::seen_at.eq(to_sql(now)), logins::client.eq(client)))
        .execute(c))?;
    Ok(())
}

/// Stores that these logins were used now.
pub(crate) fn seen(conn: &mut Conn, hashes: &[TokenHash], now: Millis) -> Result<(), Error> {
    for some in hashes.chunks(1000) {
        let some: Vec<&[u8]> = some.iter().map(TokenHash::as_bytes).collect();
        // A clock that is behind must not set a use time back.
        on!(conn, |c| diesel::update(
            logins::table.filter(logins::token_hash.eq_any(some).and(logins::seen_at.lt(to_sql(now))))
        )
        .set(logins::seen_at.eq(to_sql(now)))
        .execute(c))?;
    }
    Ok(())
}

/// Returns a user's logins, the most recently used first. `current` is the caller's own.
pub(crate) fn list(conn: &mut Conn, user: UserId, current: &TokenHash) -> Result<Vec<Login>, Error> {
    let rows: Vec<(Vec<u8>, String, Millis, Millis)> = on!(conn, |c| logins::table
        .filter(logins::user_id.eq(to_sql(user)))
        .select((logins::token_hash, logins::client, logins::created_at, logins::seen_at))
        .order(logins::seen_at.desc())
        .load(c))?;
    let shown = |(hash, client, created_at, seen_at): (Vec<u8>, String, Millis, Millis)| Login {
        id: TokenHash::short(&hash),
        client,
        created_at,
        seen_at,
        current: hash == current.as_bytes(),
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Ends one of a user's logins, by the id that [`list`] shows, and returns it.
///
/// # Errors
/// `bad_request` if the user has no login with that id.
pub(crate) fn end_by_id(conn: &mut Conn, user: UserId, id: &str) -> Result<TokenHash, Error> {
    let hashes: Vec<Vec<u8>> = on!(conn, |c| logins::table
        .filter(logins::user_id.eq(to_sql(user)))
        .select(logins::token_hash)
        .load(c))?;
    let found =
        hashes.iter().find(|hash| TokenHash::short(hash) == id).and_then(|hash| TokenHash::read(hash));
    let Some(hash) = found else {
        return Err(Error::refused(
            ErrorCode::BadRequest,
            "You have no such session. `sessions` lists them.",
        ));
    };
    end(conn, &hash)?;
    Ok(hash)
}

/// Ends a login. Returns whether it existed.
pub(crate) fn end(conn: &mut Conn, hash: &TokenHash) -> Result<bool, Error> {
    Ok(on!(conn, |c| diesel::delete(logins::table.find(hash.as_bytes())).execute(c))? > 0)
}

/// Ends all of a user's logins except `kept`.
pub(crate) fn end_all(conn: &mut Conn, user: UserId, kept: Option<&TokenHash>) -> Result<(), Error> {
    let kept = kept.map(|kept| kept.as_bytes().to_vec()).unwrap_or_default();
    on!(conn, |c| diesel::delete(
        logins::table.filter(logins::user_id.eq(to_sql(user)).and(logins::token_hash.ne(kept)))
    )
    .execute(c))?;
    Ok(())
}

/// Whether [`expire`] has anything to do.
pub(crate) fn has_expired(conn: &mut Conn, age: Millis) -> QueryResult<bool> {
    let old: i64 = on!(conn, |c| logins::table
        .filter(logins::seen_at.le(to_sql(age - LOGIN_KEPT_MS)))
        .count()
        .get_result(c))?;
    Ok(old > 0)
}

/// Ends logins that were not used for too long, and returns them.
pub(crate) fn expire(conn: &mut Conn, age: Millis) -> Result<Vec<TokenHash>, Error> {
    let old = logins::table.filter(logins::seen_at.le(to_sql(age - LOGIN_KEPT_MS)));
    let ended: Vec<Vec<u8>> =
        on!(conn, |c| diesel::delete(old).returning(logins::token_hash).get_results(c))?;
    Ok(ended.iter().filter_map(|hash| TokenHash::read(hash)).collect())
}

/// Sets use times later than `now`, which a clock that was ahead has stored, back to `now`.
pub(crate) fn forget_future(conn: &mut Conn, now: Millis) -> QueryResult<()> {
    on!(conn, |c| diesel::update(logins::table.filter(logins::seen_at.gt(to_sql(now))))
        .set(logins::seen_at.eq(to_sql(now)))
        .execute(c))?;
    Ok(())
}

/// Whether a clock that was ahead has stored a use time later than `now`.
pub(crate) fn is_in_future(conn: &mut Conn, now: Millis) -> QueryResult<bool> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(logins::table.filter(logins::seen_at.gt(to_sql(now)))))
        .get_result(c))
}
