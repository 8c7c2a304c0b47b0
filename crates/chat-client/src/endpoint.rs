//! Where a server is, from what a person gives.

use std::fmt;

use ::http::Uri;

/// A server's WebSocket address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    authority: String,
}

impl Endpoint {
    /// Parses an address such as `http://127.0.0.1:8000`, `https://chat.example.org/chat/`, `wss://…` or
    /// `chat.example.org`. Without a scheme it is a plain connection where a port is named, else TLS.
    ///
    /// # Errors
    /// A sentence, where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some(("http" | "ws", rest)) => ("ws", rest),
            Some(("https" | "wss", rest)) => ("wss", rest),
            Some((other, _)) => {
                return Err(format!("{other}:// is no address of a chat server; use http:// or https://."));
            }
            None if text.contains(':') => ("ws", text),
            None => ("wss", text),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let url = format!("{scheme}://{authority}/ws");
        let fits = url.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
        if !fits || authority.contains('@') {
            return Err(format!("{text:?} is no address; it looks like http://127.0.0.1:8000."));
        }
        Ok(Self { url, authority })
    }

    /// The address to connect to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where a request over HTTP to `path` goes, which starts with a slash.
    #[must_use]
    pub fn http(&self, path: &str) -> String {
        let scheme = if self.url.starts_with("wss") { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.authority)
    }

    /// Host and port, as people name the server and files are called.
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
            ("https://Chat.example.org", "wss://chat.example.org/ws"),
            ("ws://[::1]:9/ws", "ws://[::1]:9/ws"),
            ("box:8000", "ws://box:8000/ws"),
            ("chat.example.org", "wss://chat.example.org/ws"),
        ] {
            let endpoint = Endpoint::parse(given).unwrap();
            assert_eq!(endpoint.url(), url);
            assert_eq!(endpoint.http("/ws"), url.replacen("ws", "http", 1));
        }
        for bad in ["", "http://", "ftp://x", "http://a b", "https://user@evil"] {
            assert!(Endpoint::parse(bad).is_err(), "{bad:?}");
        }
    }
}
