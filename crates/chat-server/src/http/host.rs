//! Which names the server answers to. `Host` and `Origin` are each compared with the configured names,
//! not with each other: under DNS rebinding both are the attacker's.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::refusal;
use crate::config::Origin;

/// The names of this server.
pub(super) struct Hosts {
    port: u16,
    public: Vec<Origin>,
}

impl Hosts {
    pub(super) fn new(local: SocketAddr, public: &[Origin]) -> Self {
        Self { port: local.port(), public: public.to_vec() }
    }

    /// Whether a `Host` names this server: a configured name, localhost, or an address, which no name
    /// server can point elsewhere.
    fn knows(&self, host: &str) -> bool {
        if self.public.iter().any(|origin| origin.is_host(host)) {
            return true;
        }
        let (name, port) = split_port(host);
        let local = name.eq_ignore_ascii_case("localhost")
            || name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        local && port.is_none_or(|port| port == self.port)
    }

    /// Whether a page of that origin may talk to this server: a configured one, or as this server itself
    /// speaks HTTP, the one that was asked for.
    fn trusts(&self, origin: &str, host: &str) -> bool {
        Origin::parse(origin).is_ok_and(|origin| {
            self.public.contains(&origin)
                || (!origin.is_tls() && origin.is_host(host) && self.knows(origin.authority()))
        })
    }
}

fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port.parse().ok()),
        _ => (host, None),
    }
}

fn one<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<Option<&'a str>> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (None, _) => Some(None),
        (Some(value), None) => value.to_str().ok().map(Some),
        _ => None,
    }
}

/// Turns away requests for another name, and those that another site's page makes.
pub(super) async fn check(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = match one(headers, &header::HOST) {
        Some(Some(host)) if hosts.knows(host) => host,
        _ => {
            let why = "This server does not answer to that name. Start it with --public-url and the address people use.";
            return refusal(StatusCode::MISDIRECTED_REQUEST, "misdirected", why);
        }
    };
    // A browser names the origin of whatever changes something. A cookie without it was not sent by our page.
    let must_tell = (!request.method().is_safe() || request.uri().path() == "/ws")
        && headers.contains_key(header::COOKIE)
        && !headers.contains_key(header::AUTHORIZATION);
    match one(headers, &header::ORIGIN) {
        Some(None) if !must_tell => {}
        Some(Some(origin)) if hosts.trusts(origin, host) => {}
        _ => {
            let why =
                "Pages of another site may not use this server. Name the site with --public-url to allow it.";
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
        let hosts = Hosts::new("127.0.0.1:8000".parse().unwrap(), &public);
        for host in [
            "127.0.0.1:8000",
            "localhost:8000",
            "[::1]:8000",
            "192.168.1.5:8000",
            "localhost",
            "chat.example.org",
            "CHAT.example.org:443",
        ] {
            assert!(hosts.knows(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8000",
            "127.0.0.1:9000",
            "chat.example.org.evil.example",
            "",
            "chat.example.org:8000",
            "localhost.evil.example:8000",
        ] {
            assert!(!hosts.knows(host), "{host}");
        }
        for (origin, host) in [
            ("http://127.0.0.1:8000", "127.0.0.1:8000"),
            ("http://localhost:8000", "localhost:8000"),
            ("https://chat.example.org", "chat.example.org"),
            ("https://chat.example.org", "127.0.0.1:8000"),
        ] {
            assert!(hosts.trusts(origin, host), "{origin} at {host}");
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
            assert!(!hosts.trusts(origin, "127.0.0.1:8000"), "{origin}");
        }
        assert!(!hosts.trusts("http://evil.example:8000", "evil.example:8000"), "rebound");
    }
}
