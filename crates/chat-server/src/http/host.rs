//! Which host names the server answers to. `Host` and `Origin` are each compared with the configured names and not
//! with each other: under DNS rebinding both are the attacker's.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::refusal;
use crate::config::Origin;

/// The host names of this server.
pub(super) struct Hosts {
    public: Vec<Origin>,
}

impl Hosts {
    pub(super) fn new(public: &[Origin]) -> Self {
        Self { public: public.to_vec() }
    }

    /// Whether a host is this server: a configured name, localhost, or an IP address, which DNS cannot redirect. The
    /// port is ignored, because a forwarded port is not known here.
    fn knows(&self, host: &Host<'_>) -> bool {
        host.is_local() || self.public.iter().any(|origin| is_at(origin, host))
    }

    /// Whether a page of this origin may use the server: a configured origin, or the origin of the requested host.
    /// Without TLS, anyone on the network path can pose as a host, so an `http` origin is rejected if people reach
    /// that host over TLS.
    fn trusts(&self, origin: &str, host: &Host<'_>) -> bool {
        let Ok(origin) = Origin::parse(origin) else { return false };
        if self.public.contains(&origin) {
            return true;
        }
        if !origin.is_host(host.text) || !self.knows(host) {
            return false;
        }
        if origin.is_tls() {
            self.public.iter().any(|public| public.is_tls() && is_at(public, host))
        } else {
            !self.public.iter().any(|public| public.is_tls() && public.is_host(host.text))
        }
    }
}

/// Whether the origin has the host's name, with any port.
fn is_at(origin: &Origin, host: &Host<'_>) -> bool {
    Host::parse(origin.authority()).is_some_and(|own| own.name.eq_ignore_ascii_case(host.name))
}

/// The value of a `Host` header.
pub(super) struct Host<'a> {
    text: &'a str,
    name: &'a str,
    port: Option<u16>,
}

impl<'a> Host<'a> {
    /// Parses a name or an address (IPv6 in brackets), with or without a port (RFC 3986, 3.2.2 and 3.2.3).
    fn parse(text: &'a str) -> Option<Self> {
        let end =
            if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
        let (name, rest) = text.split_at(end);
        let port = match rest.strip_prefix(':') {
            Some("") => None,
            Some(digits) if digits.bytes().all(|c| c.is_ascii_digit()) => Some(digits.parse().ok()?),
            None if rest.is_empty() => None,
            _ => return None,
        };
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
        let is_name = match name.strip_prefix('[') {
            Some(inner) => inner.strip_suffix(']')?.parse::<Ipv6Addr>().is_ok(),
            None => !name.is_empty() && name.bytes().all(is_plain),
        };
        is_name.then_some(Self { text, name, port })
    }

    /// Whether it is `localhost` or an IP address.
    fn is_local(&self) -> bool {
        self.name.eq_ignore_ascii_case("localhost")
            || self.name.starts_with('[')
            || self.name.parse::<Ipv4Addr>().is_ok()
    }
}

/// Returns the port that the browser sees, if `Host` contains it.
pub(super) fn port(headers: &HeaderMap) -> Option<u16> {
    Host::parse(headers.get(header::HOST)?.to_str().ok()?)?.port
}

/// Whether `Host` has the name of an origin that people reach over TLS, with any port.
pub(super) fn may_be_tls(headers: &HeaderMap, public: &[Origin]) -> bool {
    let host = headers.get(header::HOST).and_then(|host| Host::parse(host.to_str().ok()?));
    host.is_some_and(|host| public.iter().any(|origin| origin.is_tls() && is_at(origin, &host)))
}

fn one<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<Option<&'a str>> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (None, _) => Some(None),
        (Some(value), None) => value.to_str().ok().map(Some),
        _ => None,
    }
}

/// Rejects requests for another host name, and requests from other sites.
pub(super) async fn check(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let Some(host) = one(headers, &header::HOST).flatten().and_then(Host::parse) else {
        let why =
            "A request needs one Host header, with a name or an address and perhaps a port (RFC 9112, 3.2).";
        return refusal(StatusCode::BAD_REQUEST, "bad_request", why);
    };
    if !hosts.knows(&host) {
        let why = format!(
            "This server does not answer to the name {}. To let people use it, start the server with --public-url and \
             the address that they type, such as --public-url http://{}.",
            host.name, host.text
        );
        return refusal(StatusCode::MISDIRECTED_REQUEST, "misdirected", &why);
    }
    // A browser sends an origin with every request that changes something. Without one, a request with a cookie is
    // not from our web client.
    let must_tell = (!request.method().is_safe() || request.uri().path() == "/ws")
        && headers.contains_key(header::COOKIE)
        && !headers.contains_key(header::AUTHORIZATION);
    match one(headers, &header::ORIGIN) {
        Some(None) if !must_tell => {}
        Some(Some(origin)) if hosts.trusts(origin, &host) => {}
        _ => {
            let why = "Pages of another site may not use this server. If it is the address that people type, start the \
                       server with --public-url and that address.";
            return refusal(StatusCode::FORBIDDEN, "forbidden", why);
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_origins() {
        let public = vec![Origin::parse("https://Chat.example.org/").unwrap()];
        let hosts = Hosts::new(&public);
        let knows = |host| Host::parse(host).is_some_and(|host| hosts.knows(&host));
        for host in [
            "127.0.0.1:8000",
            "localhost:9000",
            "[::1]:8000",
            "192.168.1.5:8000",
            "localhost",
            "chat.example.org",
            "CHAT.example.org:443",
            "chat.example.org:8443",
        ] {
            assert!(knows(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8000",
            "chat.example.org.evil.example",
            "",
            ":8000",
            "[[::1]]",
            "localhost.evil.example:8000",
        ] {
            assert!(!knows(host), "{host}");
        }
        let trusts = |origin, host| Host::parse(host).is_some_and(|host| hosts.trusts(origin, &host));
        for (origin, host) in [
            ("http://127.0.0.1:8000", "127.0.0.1:8000"),
            ("http://localhost:8000", "localhost:8000"),
            ("http://localhost", "localhost:80"),
            ("https://chat.example.org", "chat.example.org"),
            ("https://chat.example.org", "127.0.0.1:8000"),
            ("https://chat.example.org:8443", "chat.example.org:8443"),
            ("http://chat.example.org:8000", "chat.example.org:8000"),
        ] {
            assert!(trusts(origin, host), "{origin} at {host}");
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://evil.example:8000",
            "http://chat.example.org",
            "http://127.0.0.1:9000",
            "https://chat.example.org.evil.example",
            "https://evil-chat.example.org",
            "http://192.168.1.5:8000",
            "https://127.0.0.1:8000",
            "file://",
        ] {
            assert!(!trusts(origin, "127.0.0.1:8000"), "{origin}");
        }
        assert!(!trusts("http://evil.example:8000", "evil.example:8000"), "rebound");
        assert!(!trusts("http://chat.example.org", "chat.example.org"), "without TLS");
    }

    #[test]
    fn fuzz_hosts() {
        let hosts = Hosts::new(&[Origin::parse("https://chat.example.org").unwrap()]);
        let own = Host::parse("127.0.0.1:8000").unwrap();
        chat_fuzz::run("hosts", [], |input| {
            let text = String::from_utf8_lossy(input);
            if let Some(host) = Host::parse(&text) {
                let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-._~:[]".contains(&c);
                assert!(host.text.bytes().all(is_plain) && !host.name.is_empty());
                let is_own = host.name.eq_ignore_ascii_case("chat.example.org");
                assert_eq!(hosts.knows(&host), is_own || host.is_local());
            }
            if let Ok(origin) = Origin::parse(&text) {
                assert_eq!(Origin::parse(&origin.to_string()), Ok(origin.clone()));
                assert!(origin.is_host(origin.authority()));
                let written = origin.to_string();
                let is_own =
                    ["https://chat.example.org", "http://127.0.0.1:8000"].contains(&written.as_str());
                assert_eq!(hosts.trusts(&text, &own), is_own, "{written}");
            }
        });
    }
}
