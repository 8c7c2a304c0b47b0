//! Why an HTTP request has no result.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use chat_proto::ErrorCode;
use chat_proto::reply::Failure;

use crate::cause::Cause;

/// The error of an HTTP request. Its text is a sentence for the person.
#[derive(Debug)]
pub enum Error {
    /// The server refused the request.
    Refused(Failure),
    /// The server could not be reached, or the other end is not a chat server.
    Unreachable(Cause),
    /// A file on this computer could not be read.
    Read {
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file on this computer could not be written.
    Write(io::Error),
    /// The path to upload is a folder, or something else that is not a file.
    NoFile {
        /// The path.
        path: PathBuf,
        /// Whether it is a folder.
        is_folder: bool,
    },
    /// The server sent more than the allowed length.
    TooLong,
    /// The URL is not one of this server's files. The token is sent to no other URL.
    ForeignAddress,
    /// The system cannot make HTTP requests.
    NoRequests(String),
}

impl Error {
    /// Returns the server's error code, if it refused the request.
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
            Self::NoRequests(why) => write!(f, "HTTP requests cannot be made: {why}."),
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
