//! The SQL types of ids, seqs and times. All are integers in the database, but Diesel only compares columns of the
//! same type, so that swapped arguments do not compile.

use chat_proto::UserId;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::query_builder::QueryId;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, SqlOrd, SqlType};

use crate::id::RoomId;

/// A type with its own column type.
pub(crate) trait Stored {
    /// The form in which a query takes a value. Diesel cannot take the types of `chat-proto` directly: both its
    /// traits and those types belong to other crates.
    type Parameter;

    /// Returns the value for a query.
    fn parameter(self) -> Self::Parameter;
}

impl<T: Stored> Stored for Option<T> {
    type Parameter = Option<T::Parameter>;

    fn parameter(self) -> Self::Parameter {
        self.map(T::parameter)
    }
}

/// Returns the value for a query.
pub(crate) fn to_sql<T: Stored>(value: T) -> T::Parameter {
    value.parameter()
}

/// Declares the SQL type `$column` and the parameters `$parameter` of the Rust type `$value`.
macro_rules! column {
    ($column:ident, $parameter:ident, $value:ty, $to:expr, $from:expr) => {
        #[doc = concat!("The columns that hold a `", stringify!($value), "`.")]
        #[derive(Clone, Copy, Debug, SqlType, QueryId)]
        #[diesel(sqlite_type(name = "Long"))]
        pub struct $column;

        impl SqlOrd for $column {}

        #[doc = concat!("A `", stringify!($value), "` in the form that a query takes.")]
        #[derive(Clone, Copy, Debug, AsExpression)]
        #[diesel(sql_type = $column)]
        pub struct $parameter(i64);

        impl Stored for $value {
            type Parameter = $parameter;

            fn parameter(self) -> $parameter {
                $parameter($to(self))
            }
        }

        impl From<$value> for $parameter {
            fn from(value: $value) -> Self {
                value.parameter()
            }
        }

        impl<DB: Backend> ToSql<$column, DB> for $parameter
        where
            i64: ToSql<BigInt, DB>,
        {
            fn to_sql<'a>(&'a self, out: &mut Output<'a, '_, DB>) -> serialize::Result {
                <i64 as ToSql<BigInt, DB>>::to_sql(&self.0, out)
            }
        }

        impl<DB: Backend> FromSql<$column, DB> for $value
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                <i64 as FromSql<BigInt, DB>>::from_sql(bytes).map($from)
            }
        }

        impl<DB: Backend> Queryable<$column, DB> for $value
        where
            Self: FromSql<$column, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

column!(User, UserParameter, UserId, |id: UserId| id.0, UserId);
column!(Room, RoomParameter, RoomId, |id: RoomId| id.0, RoomId);
column!(Seq, SeqParameter, chat_proto::Seq, |seq: chat_proto::Seq| signed(seq.0), |number| chat_proto::Seq(
    unsigned(number)
));
column!(Millis, MillisParameter, chat_proto::Millis, |time: chat_proto::Millis| time.0, chat_proto::Millis);

/// Converts a count to its form in the database.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Converts a count from the database.
pub(crate) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
