//! A server's configuration, already validated.

use std::path::PathBuf;
use std::time::Duration;

use chat_proto::account::Registration;
pub use chat_proto::limits::FILE_BYTES;
use ipnet::IpNet;
use url::Url;

use crate::clock::Clock;
use crate::secret::Secret;

/// The default maximum number of TCP connections.
pub const MAX_CONNECTIONS: usize = 16_384;

/// The default maximum number of TCP connections from one address: many, because an office or a reverse proxy may
/// share one address.
pub const MAX_CONNECTIONS_PER_ADDRESS: usize = 1024;

/// The default maximum size of one user's files, in bytes.
pub const FILE_QUOTA_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// How long an upload may stall.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(30);

/// How often expired data is deleted. Mutes and bans expire by themselves; this only deletes them.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// How long an operator's command may take to arrive and to be carried out.
pub const ORDER_PATIENCE: Duration = Duration::from_secs(15);

/// How often a session is pinged: often enough that routers do not forget the connection.
const PING_EVERY: Duration = Duration::from_secs(30);

/// How long a session may send no frame before it is closed: a little more than two pings.
const SILENCE: Duration = Duration::from_secs(75);

/// A server's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that holds all data.
    pub data_dir: PathBuf,
    /// The origins at which people reach the server, such as `https://chat.example.org`, in addition to its own
    /// address and localhost.
    pub public_urls: Vec<Origin>,
    /// The server's display name.
    pub server_name: String,
    /// Whether limits per user and per address are in force.
    pub rate_limit: bool,
    /// The maximum number of TCP connections.
    pub max_connections: usize,
    /// The maximum number of TCP connections from one address.
    pub max_connections_per_address: usize,
    /// The token that `/metrics` requires. Without one, only this machine may read it.
    pub metrics_token: Option<Secret>,
    /// Whether guests may enter.
    pub guests: bool,
    /// Who may register.
    pub registration: Registration,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The maximum length of a file, in bytes.
    pub file_bytes: u64,
    /// The maximum size of one user's files, in bytes.
    pub file_quota_bytes: u64,
    /// The maximum size of all files together, in bytes. `None` means half of the disk.
    pub files_total_bytes: Option<u64>,
    /// How long an upload may stall, or be slower than `uploads::SLOWEST`.
    pub upload_patience: Duration,
    /// How often expired data is deleted.
    pub tidy_every: Duration,
    /// How long an operator's command may take to arrive and to be carried out.
    pub order_patience: Duration,
    /// How often a session is pinged.
    pub ping_every: Duration,
    /// How long a session may send no frame before it is closed.
    pub silence: Duration,
    /// The clock.
    pub clock: Clock,
}

impl Config {
    /// Returns the default configuration, with all data in `data_dir`.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            public_urls: Vec::new(),
            server_name: "chat".to_owned(),
            rate_limit: true,
            max_connections: MAX_CONNECTIONS,
            max_connections_per_address: MAX_CONNECTIONS_PER_ADDRESS,
            metrics_token: None,
            guests: true,
            registration: Registration::Open,
            trusted_proxies: Vec::new(),
            file_bytes: FILE_BYTES,
            file_quota_bytes: FILE_QUOTA_BYTES,
            files_total_bytes: None,
            upload_patience: UPLOAD_PATIENCE,
            tidy_every: TIDY_EVERY,
            order_patience: ORDER_PATIENCE,
            ping_every: PING_EVERY,
            silence: SILENCE,
            clock: Clock::default(),
        }
    }
}

/// A scheme, a host and a port, as browsers send them in `Origin` (RFC 6454): in lower case, and without the scheme's
/// default port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    is_tls: bool,
    /// The host, with the port unless it is the scheme's default: the value of `Host`.
    authority: String,
}

impl Origin {
    /// Parses `http://…` or `https://…`. Slashes at the end are ignored.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim().trim_end_matches('/');
        let (scheme, rest) = trimmed.split_once("://").unwrap_or_default();
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(format!("{text:?} does not start with http:// or https://"));
        }
        // A URL with more than an authority is a mistake. `Url` would accept or repair it.
        let is_authority =
            !rest.contains(|c: char| "/?#@\\".contains(c) || c.is_whitespace() || c.is_control());
        let url = Url::parse(trimmed).ok().filter(|_| is_authority);
        let url = url.ok_or_else(|| format!("{text:?} is not of the form https://chat.example.org"))?;
        Ok(Self { is_tls: url.scheme() == "https", authority: url.authority().to_owned() })
    }

    /// Returns the host, with the port unless it is the scheme's default.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether it uses TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// Whether a `Host` header names this origin.
    #[must_use]
    pub fn is_host(&self, host: &str) -> bool {
        let port = if self.is_tls { ":443" } else { ":80" };
        host.strip_suffix(port).unwrap_or(host).eq_ignore_ascii_case(&self.authority)
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.is_tls { "https" } else { "http" }, self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_people_type_them_and_written_as_browsers_send_them() {
        for (typed, written) in [
            ("https://chat.example.org", "https://chat.example.org"),
            ("HTTPS://Chat.Example.org/", "https://chat.example.org"),
            (" http://chat.example.org// ", "http://chat.example.org"),
            ("https://chat.example.org:443", "https://chat.example.org"),
            ("http://chat.example.org:80", "http://chat.example.org"),
            ("https://chat.example.org:80", "https://chat.example.org:80"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("http://[2001:DB8::1]", "http://[2001:db8::1]"),
            ("http://localhost", "http://localhost"),
            ("http://chat_1.local:65535", "http://chat_1.local:65535"),
        ] {
            assert_eq!(
                Origin::parse(typed).map(|origin| origin.to_string()).as_deref(),
                Ok(written),
                "{typed}"
            );
        }
        for refused in [
            "",
            "null",
            "chat.example.org",
            "chat.example.org:8000",
            "//chat.example.org",
            "ftp://chat.example.org",
            "file://",
            "http:",
            "http://",
            "http:///",
            "https:chat.example.org",
            "https:/chat.example.org",
            "https:\\\\chat.example.org",
            "https://chat.example.org/chat",
            "https://chat.example.org?x",
            "https://chat.example.org#x",
            "https://alice@chat.example.org",
            "https://chat.example.org\\@evil.example",
            "https://chat example.org",
            "https://chat\t.example.org",
            "https://",
        ] {
            assert!(Origin::parse(refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_host_is_of_an_origin_if_name_and_port_are() {
        for scheme in ["http", "https"] {
            let usual = if scheme == "http" { 80 } else { 443 };
            for name in ["chat.example.org", "localhost", "127.0.0.1", "[::1]"] {
                for port in [None, Some(80), Some(443), Some(8000)] {
                    let authority = port.map_or(name.to_owned(), |port| format!("{name}:{port}"));
                    let origin = Origin::parse(&format!("{scheme}://{authority}")).unwrap();
                    assert_eq!(Origin::parse(&origin.to_string()), Ok(origin.clone()));
                    assert_eq!(origin.is_tls(), scheme == "https");
                    assert!(origin.is_host(&authority) && origin.is_host(&authority.to_ascii_uppercase()));
                    for other in [None, Some(80), Some(443), Some(8000)] {
                        let host = other.map_or(name.to_owned(), |other| format!("{name}:{other}"));
                        let is_same = port.unwrap_or(usual) == other.unwrap_or(usual);
                        assert_eq!(origin.is_host(&host), is_same, "{origin} at {host}");
                    }
                    assert!(!origin.is_host("evil.example") && !origin.is_host(""));
                }
            }
        }
    }
}
