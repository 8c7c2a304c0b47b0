//! Why a connection or a request failed, each cause as itself: one sentence that says what happened, and one that says
//! what to do about it, where there is something.

mod errors;
mod statuses;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use chat_proto::reply::Failure;

/// Why a certificate is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Its time is over.
    Expired,
    /// Its time has not begun, or the clock of this computer is wrong.
    NotYetValid,
    /// Nobody that this computer trusts has signed it.
    UnknownIssuer,
    /// It is for another name.
    WrongName,
    /// Anything else.
    Other,
}

/// See the module's description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name does not exist, or cannot be looked up.
    NoSuchHost,
    /// Nothing listens there.
    NothingListens,
    /// The network does not lead there.
    NoRoute,
    /// Nothing came in time.
    TimedOut,
    /// The connection ended in the middle.
    Broken,
    /// The server's certificate is not accepted.
    Certificate(Certificate),
    /// TLS was spoken to something that does not.
    NotTls,
    /// Something that speaks TLS was spoken to in clear.
    NeedsTls,
    /// What answers does not speak HTTP.
    NotHttp,
    /// It speaks HTTP, and is no chat server.
    NoChatServer,
    /// The server does not answer to this name (421).
    Misdirected,
    /// The address is another one (301, 302, 303, 307, 308).
    Moved {
        /// Where to, if it was said.
        to: Option<String>,
    },
    /// Something in front of the server cannot reach it, or does not wait long enough (502, 503, 504).
    Gateway(u16),
    /// Something in front of the server takes no request that is so large (413).
    TooLarge,
    /// There were too many requests (429).
    TooMany {
        /// When to come again, if it was said.
        retry_after: Option<Duration>,
    },
    /// Any other status of HTTP.
    Status(u16),
    /// The server itself refuses, and says why.
    Refused(Failure),
    /// Anything else, in words.
    Said(String),
}

impl Cause {
    /// What can be done about it. Empty if it is for the server to act, or nothing is known.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoSuchHost => "Check its spelling and your network.",
            Self::NothingListens => "Is chat-server running there, and is the port right?",
            Self::NoRoute => "Check your network.",
            Self::Certificate(Certificate::Expired) => {
                "Its operator must renew it. Check the clock of this computer, too."
            }
            Self::Certificate(Certificate::NotYetValid) => "Check the clock of this computer.",
            Self::Certificate(Certificate::UnknownIssuer) => {
                "If it is your own authority's, add that to the certificates of this computer (or name it in SSL_CERT_FILE)."
            }
            Self::Certificate(Certificate::WrongName) => "Use the name that the certificate is for.",
            Self::NotTls => "If a plain connection is meant, write http:// in front of the address.",
            Self::NeedsTls => "Write https:// in front of the address.",
            Self::NotHttp | Self::NoChatServer => "Check the address and the port.",
            Self::Misdirected => {
                "Use the address that the server prints at its start, or start it with --public-url and this one."
            }
            Self::Moved { .. } => "Start again with --server and that address.",
            Self::Gateway(503) => "It may be busy or about to start.",
            Self::Gateway(_) => "Is chat-server running behind it?",
            Self::TooLarge => "Its operator can raise that limit (client_max_body_size in nginx).",
            Self::TooMany { .. } => "Wait a little.",
            Self::TimedOut
            | Self::Broken
            | Self::Certificate(Certificate::Other)
            | Self::Status(_)
            | Self::Refused(_)
            | Self::Said(_) => "",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchHost => f.write_str("The server's name cannot be found")?,
            Self::NothingListens => f.write_str("connection refused")?,
            Self::NoRoute => f.write_str("The network does not lead to the server")?,
            Self::TimedOut => f.write_str("no answer")?,
            Self::Broken => f.write_str("the connection broke")?,
            Self::Certificate(why) => f.write_str(match why {
                Certificate::Expired => "The server's certificate has expired",
                Certificate::NotYetValid => "The server's certificate is not valid yet",
                Certificate::UnknownIssuer => {
                    "The server's certificate is signed by nobody whom this computer trusts"
                }
                Certificate::WrongName => "The server's certificate is for another name",
                Certificate::Other => "The server's certificate cannot be accepted",
            })?,
            Self::NotTls => f.write_str("The server does not speak TLS on this port")?,
            Self::NeedsTls => f.write_str("The server speaks TLS on this port")?,
            Self::NotHttp => f.write_str("What answers there does not speak HTTP")?,
            Self::NoChatServer => f.write_str("What answers there is no chat server")?,
            Self::Misdirected => f.write_str("The server does not answer to this name (421)")?,
            Self::Moved { to: Some(to) } => write!(f, "The server has moved to {to}")?,
            Self::Moved { to: None } => f.write_str("The server has moved, and does not say where to")?,
            Self::Gateway(status) => {
                write!(f, "Something in front of the server cannot reach it ({status})")?
            }
            Self::TooLarge => {
                f.write_str("Something in front of the server takes no request that is so large (413)")?
            }
            Self::TooMany { retry_after: Some(wait) } => {
                write!(
                    f,
                    "There were too many requests from here (429), the server asks to wait {} s",
                    wait.as_secs()
                )?;
            }
            Self::TooMany { retry_after: None } => {
                f.write_str("There were too many requests from here (429)")?
            }
            Self::Status(status) => write!(f, "The server answered with status {status}")?,
            Self::Refused(failure) => return f.write_str(&failure.message),
            Self::Said(text) => return f.write_str(text),
        }
        match self.advice() {
            "" => Ok(()),
            advice => write!(f, ". {advice}"),
        }
    }
}

impl std::error::Error for Cause {}

impl From<String> for Cause {
    fn from(said: String) -> Self {
        Self::Said(said)
    }
}

impl From<&str> for Cause {
    fn from(said: &str) -> Self {
        Self::Said(said.to_owned())
    }
}

impl From<Cause> for String {
    fn from(cause: Cause) -> Self {
        cause.to_string()
    }
}
