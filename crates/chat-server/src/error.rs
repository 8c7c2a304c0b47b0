//! Two kinds of failure: the caller's, which has a code and a sentence, and ours, which is logged once when a response
//! is made of it, and shown to nobody.

use chat_proto::ErrorCode;
use chat_proto::error::Refusal;

/// Why something was not done.
#[derive(Debug)]
pub enum Error {
    /// The caller can do something about it.
    Refused(Refusal),
    /// The store cannot commit or read now; what was asked for may or may not be stored.
    Unavailable(anyhow::Error),
    /// A bug or a broken machine.
    Internal(anyhow::Error),
}

impl Error {
    /// The caller's mistake, with a sentence that says what to do.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(Refusal::new(code, message))
    }

    /// What happened, for the log.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Unavailable(e) | Self::Internal(e) => format!("{e:#}"),
        }
    }

    /// The error response to the caller. What is ours goes into the log here, and only here.
    #[must_use]
    pub fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Unavailable(e) => {
                tracing::warn!(error = format!("{e:#}"), "the store is unavailable");
                Refusal::new(
                    ErrorCode::Unavailable,
                    "The server cannot use its database now. Try again in a moment.",
                )
            }
            Self::Internal(e) => {
                tracing::error!(error = format!("{e:#}"), "a command failed");
                Refusal::new(ErrorCode::Internal, "Something went wrong in the server. Its log says more.")
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<diesel::result::Error> for Error {
    /// SQLite reports a full or broken disk in a query as an error of no particular kind.
    fn from(e: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Db};
        match e {
            Db::DatabaseError(
                Kind::UniqueViolation
                | Kind::ForeignKeyViolation
                | Kind::NotNullViolation
                | Kind::CheckViolation,
                _,
            )
            | Db::NotFound
            | Db::QueryBuilderError(_)
            | Db::DeserializationError(_)
            | Db::SerializationError(_) => Self::Internal(e.into()),
            _ => Self::Unavailable(e.into()),
        }
    }
}
