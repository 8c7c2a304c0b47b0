//! Why a request over HTTP has no result.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use chat_proto::ErrorCode;
use chat_proto::reply::Failure;

use crate::cause::Cause;

/// Why a request over HTTP has no result. Its text is a sentence for the person.
#[derive(Debug)]
pub enum Error {
    /// The server refused.
    Refused(Failure),
    /// The server was not reached, or what answered is no chat server.
    Unreachable(Cause),
    /// A file on this computer could not be read.
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file on this computer could not be written.
    Write(io::Error),
    /// A folder, or something else that is no file, was to be uploaded.
    NoFile {
        /// Where it is.
        path: PathBuf,
        /// Whether it is a folder.
        is_folder: bool,
    },
    /// The server sent more than it may.
    TooLong,
    /// An address is not one of this server's own files, to which alone the token is sent.
    ForeignAddress,
    /// The system cannot make requests at all.
    NoRequests(String),
}

impl Error {
    /// The server's code, if it refused.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(failure) => Some(failure.code),
            _ => None,
        }
    }

    pub(crate) fn read(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(failure) => f.write_str(&failure.message),
            Self::Unreachable(cause) => cause.fmt(f),
            Self::Read { path, source } => {
                let path = path.display();
                match source.kind() {
                    ErrorKind::NotFound => write!(f, "{path} cannot be read: there is no such file."),
                    ErrorKind::PermissionDenied => {
                        write!(f, "{path} cannot be read: you are not allowed to.")
                    }
                    _ => write!(f, "{path} cannot be read: {source}."),
                }
            }
            Self::Write(e) => write!(f, "The file cannot be written: {e}."),
            Self::NoFile { path, is_folder: true } => {
                write!(f, "{} is a folder. Send its files, or an archive of it.", path.display())
            }
            Self::NoFile { path, is_folder: false } => write!(f, "{} is not a file.", path.display()),
            Self::TooLong => f.write_str("The file is longer than the server said."),
            Self::ForeignAddress => f.write_str("That is not where this server keeps files."),
            Self::NoRequests(why) => write!(f, "Requests cannot be made: {why}."),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(cause) => Some(cause),
            Self::Read { source, .. } | Self::Write(source) => Some(source),
            _ => None,
        }
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Refused(failure) => Self::Refused(failure),
            cause => Self::Unreachable(cause),
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(e: reqwest::Error) -> Self {
        Cause::from(e).into()
    }
}
