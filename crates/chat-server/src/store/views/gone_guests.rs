//! Guests who have not been seen for so long that their logins have ended, so that they cannot come back.

use std::collections::HashSet;

use chat_proto::{Millis, UserId};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::error::Error;
use crate::store::schema::{events, files, logins, users};
use crate::store::tables::logins::LOGIN_KEPT_MS;
use crate::store::{Conn, on, to_sql};

/// Guests who cannot come back.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    /// Guests who do not occur in the log.
    pub(crate) silent: Vec<UserId>,
    /// Guests who do, so that their ids must stay.
    pub(crate) named: Vec<UserId>,
}

impl Gone {
    /// Returns at most `limit` guests who are gone as of an age time. If there are any, this reads the whole log.
    pub(crate) fn read(conn: &mut Conn, age: Millis, limit: i64) -> Result<Self, Error> {
        let ids = due(conn, age, limit)?;
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let among = || ids.iter().copied().map(to_sql);
        let authors =
            events::table.filter(events::by_user.eq_any(among())).select(events::by_user).distinct();
        let owners = files::table.filter(files::owner_id.eq_any(among())).select(files::owner_id).distinct();
        let mut named: HashSet<UserId> = on!(conn, |c| authors.load(c))?.into_iter().collect();
        named.extend(on!(conn, |c| owners.load::<UserId>(c))?);
        let (named, silent) = ids.into_iter().partition(|id| named.contains(id));
        Ok(Self { silent, named })
    }

    /// Whether there are none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.silent.is_empty() && self.named.is_empty()
    }
}

fn due(conn: &mut Conn, age: Millis, limit: i64) -> QueryResult<Vec<UserId>> {
    let of_user = logins::table.filter(logins::user_id.eq(users::id));
    on!(conn, |c| users::table
        .filter(users::kind.eq("guest").and(not(users::erased)))
        .filter(users::seen_at.le(to_sql(age - LOGIN_KEPT_MS)).and(not(exists(of_user))))
        .select(users::id)
        .limit(limit)
        .load(c))
}
