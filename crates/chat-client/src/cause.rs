//! Why a connection or a request failed. Each cause has a sentence that says what happened and, if anything can be
//! done, one that says what to do.

mod errors;
mod statuses;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use chat_proto::reply::Failure;

/// Why a certificate is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// It has expired.
    Expired,
    /// It is not valid yet, or this computer's clock is wrong.
    NotYetValid,
    /// No authority that this computer trusts has signed it.
    UnknownIssuer,
    /// It is for another host name.
    WrongName,
    /// Any other reason.
    Other,
}

/// The cause of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The host name does not exist or cannot be looked up.
    NoSuchHost,
    /// Nothing listens on the port.
    NothingListens,
    /// There is no route to the host.
    NoRoute,
    /// The time limit passed.
    TimedOut,
    /// The connection broke.
    Broken,
    /// The server's certificate is rejected.
    Certificate(Certificate),
    /// The client spoke TLS to a server that does not.
    NotTls,
    /// The client spoke plain text to a server that speaks TLS.
    NeedsTls,
    /// The other end does not speak HTTP.
    NotHttp,
    /// The other end speaks HTTP but is not a chat server.
    NoChatServer,
    /// The server does not answer to this host name (421).
    Misdirected,
    /// The server has another address (301, 302, 303, 307, 308).
    Moved {
        /// The new address, if the response has one.
        to: Option<String>,
    },
    /// A proxy in front of the server cannot reach it or does not wait long enough (502, 503, 504).
    Gateway(u16),
    /// A proxy in front of the server accepts no request this large (413).
    TooLarge,
    /// There were too many requests (429).
    TooMany {
        /// How long to wait, if the response says so.
        retry_after: Option<Duration>,
    },
    /// Any other HTTP status.
    Status(u16),
    /// The server refused, and says why.
    Refused(Failure),
    /// Any other cause, in words.
    Said(String),
}

impl Cause {
    /// Returns what the person can do about it. Empty if only the server's operator can act, or if nothing is known.
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
                "If you have your own authority, add its certificate to those of this computer (or name it in SSL_CERT_FILE)."
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
            Self::NoRoute => f.write_str("There is no route to the server")?,
            Self::TimedOut => f.write_str("no answer")?,
            Self::Broken => f.write_str("the connection broke")?,
            Self::Certificate(why) => f.write_str(match why {
                Certificate::Expired => "The server's certificate has expired",
                Certificate::NotYetValid => "The server's certificate is not valid yet",
                Certificate::UnknownIssuer => {
                    "The server's certificate is not signed by an authority that this computer trusts"
                }
                Certificate::WrongName => "The server's certificate is for another name",
                Certificate::Other => "The server's certificate is not valid",
            })?,
            Self::NotTls => f.write_str("The server does not speak TLS on this port")?,
            Self::NeedsTls => f.write_str("The server speaks TLS on this port")?,
            Self::NotHttp => f.write_str("The server there does not speak HTTP")?,
            Self::NoChatServer => f.write_str("The server there is no chat server")?,
            Self::Misdirected => f.write_str("The server does not answer to this name (421)")?,
            Self::Moved { to: Some(to) } => write!(f, "The server has moved to {to}")?,
            Self::Moved { to: None } => f.write_str("The server has moved, and does not say where to")?,
            Self::Gateway(status) => {
                write!(f, "The proxy in front of the server cannot reach it ({status})")?
            }
            Self::TooLarge => {
                f.write_str("The proxy in front of the server refuses requests this large (413)")?
            }
            Self::TooMany { retry_after: Some(wait) } => {
                write!(
                    f,
                    "There were too many requests from here (429). The server asks to wait {} s",
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
