//! Invitation codes. Each lets one person register, once. Only their hashes are stored.

use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, Millis};
use diesel::prelude::*;

use crate::error::Error;
use crate::secret::TokenHash;
use crate::store::schema::invitation_codes as codes;
use crate::store::{Conn, on, to_sql};

/// Adds a code.
pub(crate) fn add(conn: &mut Conn, hash: &TokenHash, now: Millis, expires_at: Millis) -> Result<(), Error> {
    on!(conn, |c| diesel::insert_into(codes::table)
        .values((
            codes::code_hash.eq(hash.as_bytes()),
            codes::created_at.eq(to_sql(now)),
            codes::expires_at.eq(to_sql(expires_at)),
        ))
        .execute(c))?;
    Ok(())
}

/// Checks that a code is valid now.
///
/// # Errors
/// `forbidden` if it is not.
pub(crate) fn check(conn: &mut Conn, hash: &TokenHash, now: Millis) -> Result<(), Error> {
    let good: i64 = on!(conn, |c| codes::table
        .filter(codes::code_hash.eq(hash.as_bytes()).and(codes::expires_at.gt(to_sql(now))))
        .count()
        .get_result(c))?;
    if good == 0 {
        let why = "That invitation code is wrong, was already used or has expired. Ask for a new one.";
        return Err(Refusal::new(ErrorCode::Forbidden, why).into());
    }
    Ok(())
}

/// Uses a code up.
pub(crate) fn spend(conn: &mut Conn, hash: &TokenHash) -> Result<(), Error> {
    on!(conn, |c| diesel::delete(codes::table.find(hash.as_bytes())).execute(c))?;
    Ok(())
}

/// Deletes expired codes.
pub(crate) fn expire(conn: &mut Conn, age: Millis) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(codes::table.filter(codes::expires_at.le(to_sql(age)))).execute(c))?;
    Ok(())
}
