//! Two kinds of failure. The caller's own has a code and a sentence. The server's is hidden from the caller and
//! logged once, with its cause: by `Error::respond`, which turns it into a response, or by the periodic work that
//! continues after it. Nothing below these edges both logs and returns an error.

use chat_proto::ErrorCode;
use chat_proto::error::Refusal;

/// Why a request failed.
#[derive(Debug)]
pub enum Error {
    /// The caller can do something about it.
    Refused(Refusal),
    /// The store cannot read or commit now. The change may or may not be stored.
    Unavailable(anyhow::Error),
    /// A bug or a broken machine.
    Internal(anyhow::Error),
}

impl Error {
    /// Creates a refusal with a sentence that says what to do.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(Refusal::new(code, message))
    }

    /// Returns the cause, for the log.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Unavailable(e) | Self::Internal(e) => format!("{e:#}"),
        }
    }

    /// Returns the error response for the caller.
    #[must_use]
    pub fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Unavailable(_) => Refusal::new(
                ErrorCode::Unavailable,
                "The server cannot use its database now. Try again in a moment.",
            ),
            Self::Internal(_) => {
                Refusal::new(ErrorCode::Internal, "Something went wrong in the server. Its log says more.")
            }
        }
    }

    /// Returns the error response, and logs a failure that is the server's own. Only the code that sends the response
    /// calls this.
    #[must_use]
    pub(crate) fn respond(self, request: &'static str) -> Refusal {
        match &self {
            Self::Refused(_) => {}
            Self::Unavailable(_) => tracing::warn!(request, error = self.cause(), "the store is unavailable"),
            Self::Internal(_) => tracing::error!(request, error = self.cause(), "a request failed"),
        }
        self.into_refusal()
    }

    /// Returns why the server cannot start.
    pub(crate) fn into_cause(self) -> anyhow::Error {
        match self {
            Self::Refused(refusal) => anyhow::anyhow!(refusal),
            Self::Unavailable(e) | Self::Internal(e) => e,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<diesel::result::Error> for Error {
    /// A full or broken disk has no specific error kind in Diesel.
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Returns what is logged meanwhile.
    fn logged(work: impl FnOnce()) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(log.0.lock().clone()).unwrap()
    }

    #[test]
    fn only_a_response_logs_and_only_what_is_the_servers_own() {
        let own = || Error::Unavailable(anyhow::anyhow!("disk I/O error").context("a read failed"));
        let refused = || Error::refused(ErrorCode::Forbidden, "Ask an owner.");
        let log = logged(|| {
            assert_eq!(own().into_refusal().code, ErrorCode::Unavailable);
            assert_eq!(refused().respond("command").code, ErrorCode::Forbidden);
        });
        assert_eq!(log, "");
        let log = logged(|| assert!(!own().respond("command").message.contains("disk")));
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(log.contains("a read failed: disk I/O error") && log.contains("command"), "{log}");
    }
}
