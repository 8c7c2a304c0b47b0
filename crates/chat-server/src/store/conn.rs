//! A connection to the database, of whatever kind.

use diesel::QueryResult;
use diesel::connection::{Connection, TransactionManager};
use diesel::result::Error;

use super::sqlite;

/// A connection to the database. Functions pass `&mut Conn` on, and only the macro `on!` looks inside.
pub enum Conn {
    /// To an SQLite file.
    Sqlite(sqlite::Conn),
}

/// Runs the last call of a query on the connection inside: `on!(conn, |c| users::table.find(to_sql(id)).first(c))`.
///
/// Diesel compiles a query for one kind of database, so the macro repeats the call for each. Wrap only the call that
/// takes the connection. It looks like a closure so that rustfmt formats it, but it is not one: `?` and `return`
/// leave the surrounding function.
macro_rules! on {
    ($conn:expr, |$c:ident| $call:expr) => {
        match &mut *$conn {
            $crate::store::Conn::Sqlite($c) => $call,
        }
    };
}
pub(in crate::store) use on;

impl Conn {
    /// Runs `work` in a transaction, in which all reads see one snapshot. Rolls back if `work` fails.
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        on!(self, |c| begin(c))?;
        self.end(work)
    }

    /// Like [`Self::transaction`], with the right to write from the start, so that a later write cannot fail because
    /// another connection wrote first.
    pub(super) fn write_transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite(c) => sqlite::begin_to_write(c)?,
        }
        self.end(work)
    }

    fn end<T, E: From<Error>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        match work(self) {
            Ok(done) => {
                on!(self, |c| commit(c))?;
                Ok(done)
            }
            Err(failure) => match on!(self, |c| roll_back(c)) {
                // The failure broke the connection and says more than this error.
                Ok(()) | Err(Error::BrokenTransactionManager) => Err(failure),
                Err(e) => Err(e.into()),
            },
        }
    }
}

fn begin<C: Connection>(conn: &mut C) -> QueryResult<()> {
    C::TransactionManager::begin_transaction(conn)
}

fn commit<C: Connection>(conn: &mut C) -> QueryResult<()> {
    C::TransactionManager::commit_transaction(conn)
}

fn roll_back<C: Connection>(conn: &mut C) -> QueryResult<()> {
    C::TransactionManager::rollback_transaction(conn)
}
