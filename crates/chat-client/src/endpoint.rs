//! Parses the address of a server, as a person writes it.

mod host;

use std::fmt;

use url::{Host, Url};

/// A server's WebSocket address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    authority: String,
    is_loopback: bool,
}

impl Endpoint {
    /// Parses an address such as `http://127.0.0.1:8000`, `https://chat.example.org/chat/`, `wss://…` or
    /// `chat.example.org:8443`. Without a scheme, the connection is plain to this computer and its own network
    /// (loopback, private and link-local addresses, `localhost`, `.local` names and names of one label), and TLS to
    /// everything else: a password only goes through the internet in clear if `http://` was typed.
    ///
    /// # Errors
    /// A sentence, if the text is not an address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let no_address = || format!("{text:?} is not an address. Write it like http://127.0.0.1:8000.");
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "http" | "ws" => (Some("ws"), rest),
                "https" | "wss" => (Some("wss"), rest),
                other => {
                    return Err(format!(
                        "A chat server's address does not start with {other}://. Use http:// or https://."
                    ));
                }
            },
            None => (None, text),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        // `Url` drops tabs and line breaks, and ends an authority at a backslash, but the address is used as it was typed.
        if authority.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(no_address());
        }
        // A scheme that the URL standard does not know, so that every port stays as it was typed.
        let url = Url::parse(&format!("chat://{authority}/")).map_err(|_| no_address())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(no_address)?;
        let has_user = authority.contains('@');
        if has_user || authority.ends_with(':') || url.port() == Some(0) {
            return Err(no_address());
        }
        let host = Host::parse(host).map_err(|_| no_address())?;
        let scheme = scheme.unwrap_or(if host::is_near(&host) { "ws" } else { "wss" });
        Ok(Self {
            url: format!("{scheme}://{authority}/ws"),
            is_loopback: host::is_loopback(&host),
            authority,
        })
    }

    /// Returns the URL to connect to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.url.starts_with("wss:")
    }

    /// Whether the server is on this computer, so that nothing is sent over a network.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Returns the URL for an HTTP request to `path`, which starts with a slash.
    #[must_use]
    pub fn http(&self, path: &str) -> String {
        let scheme = if self.is_tls() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.authority)
    }

    /// Returns host and port, as people name the server.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn what_people_give() {
        for (given, url) in [
            ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
            ("http://127.0.0.1:8000/chat/", "ws://127.0.0.1:8000/ws"),
            ("HTTPS://Chat.example.org", "wss://chat.example.org/ws"),
            ("http://chat.example.org:8443", "ws://chat.example.org:8443/ws"),
            ("ws://[::1]:9/ws", "ws://[::1]:9/ws"),
        ] {
            let endpoint = Endpoint::parse(given).unwrap();
            assert_eq!(endpoint.url(), url);
            assert_eq!(endpoint.http("/ws"), url.replacen("ws", "http", 1));
        }
        for bad in [
            "",
            "http://",
            "ftp://x",
            "http://a b",
            "http://a\nb",
            "a\t.example",
            "http://a\\.b",
            "a:8443\\\u{2}",
            "https://user@evil",
            "box:",
            "box:0",
            "box:99999",
            "box:x",
            "a:1@b:2",
            "[::1",
            "http:x",
            "//box",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn without_a_scheme_only_the_own_network_is_spoken_to_in_clear() {
        for near in [
            "127.0.0.1:8000",
            "127.9.9.9",
            "localhost:8000",
            "LOCALHOST",
            "[::1]:8000",
            "10.0.0.1:80",
            "172.16.0.1:1",
            "172.31.255.255:1",
            "192.168.1.1:8000",
            "169.254.1.1:1",
            "100.64.0.1:1",
            "100.127.255.255:1",
            "[fe80::1]:1",
            "[fd00::1]:1",
            "[::ffff:192.168.1.1]:1",
            "0.0.0.0:8000",
            "box:8000",
            "box",
            "box.local:8000",
            "box.local.:8000",
        ] {
            assert!(!Endpoint::parse(near).unwrap().is_tls(), "{near}");
        }
        for far in [
            "chat.example.org:8443",
            "chat.example.org",
            "203.0.113.7:8000",
            "172.15.0.1:1",
            "172.32.0.1:1",
            "100.63.0.1:1",
            "100.128.0.1:1",
            "192.169.0.1:1",
            "[2001:db8::1]:8000",
            "[::ffff:203.0.113.7]:1",
            "localhost.example.org:1",
            "box.localdomain.example:1",
            "127.0.0.1.example.org:1",
            // Numbers that a resolver takes for addresses.
            "134744072:8000",
            "0x08080808:8000",
            "8.8:1",
        ] {
            assert!(Endpoint::parse(far).unwrap().is_tls(), "{far}");
        }
    }
}
