//! Causes of errors from the system, from TLS and from the libraries above them.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::CertificateError;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use super::{Cause, Certificate};

impl From<rustls::Error> for Cause {
    fn from(e: rustls::Error) -> Self {
        match e {
            rustls::Error::InvalidCertificate(why) => Self::Certificate(match why {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => Certificate::Expired,
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    Certificate::NotYetValid
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    Certificate::WrongName
                }
                CertificateError::UnknownIssuer => Certificate::UnknownIssuer,
                // A self-signed certificate is an authority of its own, which nobody trusts.
                CertificateError::Other(e) if e.to_string().contains("CaUsedAsEndEntity") => {
                    Certificate::UnknownIssuer
                }
                _ => Certificate::Other,
            }),
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            e => Self::Said(format!("TLS failed: {e}")),
        }
    }
}

impl From<io::Error> for Cause {
    fn from(e: io::Error) -> Self {
        match e.kind() {
            ErrorKind::ConnectionRefused => return Self::NothingListens,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                return Self::Broken;
            }
            ErrorKind::UnexpectedEof => return Self::Broken,
            ErrorKind::TimedOut => return Self::TimedOut,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => return Self::NoRoute,
            _ => {}
        }
        match e.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => Self::from(tls.clone()),
            None => Self::Said(e.to_string()),
        }
    }
}

impl From<tungstenite::Error> for Cause {
    fn from(e: tungstenite::Error) -> Self {
        use tungstenite::Error as Failed;
        match e {
            Failed::ConnectionClosed | Failed::AlreadyClosed => Self::Broken,
            Failed::Io(e) => Self::from(e),
            Failed::Http(answer) => Self::of_upgrade(
                answer.status(),
                answer.headers(),
                answer.body().as_deref().unwrap_or_default(),
            ),
            Failed::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
            ) => Self::Broken,
            Failed::AttackAttempt
            | Failed::Protocol(ProtocolError::HttparseError(_) | ProtocolError::WrongHttpVersion) => {
                Self::NotHttp
            }
            Failed::Protocol(
                ProtocolError::MissingConnectionUpgradeHeader
                | ProtocolError::MissingUpgradeWebSocketHeader
                | ProtocolError::SecWebSocketAcceptKeyMismatch
                | ProtocolError::SecWebSocketSubProtocolError(_),
            ) => Self::NoChatServer,
            Failed::Capacity(_) => Self::Said("The server sent more than this program accepts".to_owned()),
            e => Self::Said(format!("The server violates the protocol: {e}")),
        }
    }
}

impl From<reqwest::Error> for Cause {
    fn from(e: reqwest::Error) -> Self {
        if e.is_timeout() {
            return Self::TimedOut;
        }
        let mut inner: Option<&(dyn Error + 'static)> = Some(&e);
        while let Some(at) = inner {
            let words = at.to_string();
            if let Some(tls) = at.downcast_ref::<rustls::Error>() {
                return Self::from(tls.clone());
            }
            if words.starts_with("dns error") || words.contains("failed to lookup address") {
                return Self::NoSuchHost;
            }
            if words.contains("invalid HTTP version") || words.contains("invalid HTTP status") {
                return Self::NotHttp;
            }
            if let Some(io) = at.downcast_ref::<io::Error>() {
                match io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                    Some(tls) => return Self::from(tls.clone()),
                    None if io.get_ref().is_none() => return Self::from(io::Error::from(io.kind())),
                    None => {}
                }
            }
            inner = at.source();
        }
        Self::Broken
    }
}
