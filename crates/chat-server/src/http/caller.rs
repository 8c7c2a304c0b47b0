//! The caller of a request: its address, and its login from a cookie or `Authorization: Bearer`.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, Token};
use ipnet::IpNet;

use super::connections::{ClientSlot, ConnectionSlot};
use super::{host, refused};
use crate::address::{self, UnreadableHop};
use crate::app::App;
use crate::auth::{Peer, Presented};
use crate::config::Config;
use crate::secret::TokenHash;
use crate::store::tables::logins::LOGIN_KEPT_MS;

/// The prefix of a cookie over TLS that only this host can set, for all its paths (RFC 6265bis, 4.1.3.2).
const SECURE_PREFIX: &str = "__Host-";

/// The cookie's name up to version 0.1. A browser sends it to every port of the host, so it may belong to another
/// server.
const SHARED_NAME: &str = "chat_session";

/// How much of an unreadable hop is logged, in characters.
const HOP_SHOWN: usize = 64;

/// Headers that show that there is a proxy, although the server reads no address from them.
const SIGNS_OF_A_PROXY: [&str; 5] =
    ["forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "via"];

/// The caller of a request.
pub(super) struct Caller {
    pub(super) peer: Peer,
    pub(super) presented: Option<Presented>,
    /// The token of `presented`.
    pub(super) token: Option<Token>,
    /// The cookie that stores a login for this server only.
    pub(super) cookie: Cookie,
    /// Counts the request for its address until it is dropped.
    pub(super) slot: Option<ClientSlot>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let socket =
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or([0, 0, 0, 0].into(), |info| info.0.ip());
        let address = address(&parts.headers, socket, &app.config.trusted_proxies).map_err(refused)?;
        let connection = parts.extensions.get::<Arc<ConnectionSlot>>();
        let slot = connection
            .map(|connection| connection.count_for(address))
            .transpose()
            .map_err(refused)?
            .flatten();
        Ok(Self { slot, ..Self::new(&parts.headers, address, &app.config) })
    }
}

impl Caller {
    fn new(headers: &HeaderMap, address: IpAddr, config: &Config) -> Self {
        let cookie = Cookie::new(headers, config);
        let kept = cookie.read(headers);
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .map(|token| Token::new(token.trim().to_owned()));
        let (token, is_cookie) = match (bearer, kept.clone()) {
            (Some(token), _) => (Some(token), false),
            (None, kept) => (kept, true),
        };
        let presented = token.as_ref().map(|token| Presented { login: TokenHash::of(token), is_cookie });
        let peer = Peer { address: address::canonical(address), cookie: kept };
        Self { peer, presented, token, cookie, slot: None }
    }
}

/// Returns the address that a request came from, or a refusal if the proxy in front of the server does not send a
/// readable one. A wrong proxy configuration affects every request, so each mistake is logged only once.
fn address(headers: &HeaderMap, peer: IpAddr, trusted: &[IpNet]) -> Result<IpAddr, Refusal> {
    static NOT_NAMED: Once = Once::new();
    static NOT_READ: Once = Once::new();
    static NOT_FORWARDED: Once = Once::new();
    let lines: Vec<_> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    if !lines.is_empty() && !address::is_trusted(peer, trusted) {
        NOT_NAMED.call_once(|| {
            tracing::warn!(%peer, "X-Forwarded-For was ignored: if this is your proxy, name it with --trusted-proxy, or everyone behind it shares one set of limits");
        });
    } else if lines.is_empty()
        && address::is_trusted(peer, trusted)
        && SIGNS_OF_A_PROXY.iter().any(|name| headers.contains_key(*name))
    {
        NOT_FORWARDED.call_once(|| {
            tracing::warn!(%peer, "the trusted proxy sends no X-Forwarded-For: everyone behind it shares one set of limits");
        });
    }
    address::client(peer, lines.iter().map(AsRef::as_ref), trusted).map_err(|UnreadableHop(hop)| {
        NOT_READ.call_once(|| {
            let hop: String = hop.chars().take(HOP_SHOWN).collect();
            tracing::warn!(%peer, ?hop, "requests are refused: the trusted proxy sends an X-Forwarded-For that does not end in an address");
        });
        let why = "The proxy in front of this server sends no readable address in X-Forwarded-For. Its operator can fix that.";
        Refusal::new(ErrorCode::BadRequest, why)
    })
}

/// Whether the host of a request is one that people reach over TLS.
pub(super) fn is_tls(headers: &HeaderMap, config: &Config) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    config.public_urls.iter().any(|url| url.is_tls() && url.is_host(host))
}

/// The cookie in which a browser stores a login. A browser sends a host's cookies to all its ports, so the cookie's
/// name contains the port that the browser sees. Otherwise two servers on one host would end each other's logins.
pub(super) struct Cookie {
    port: u16,
    /// Whether the browser uses TLS. `None` if the request does not show that.
    is_tls: Option<bool>,
}

impl Cookie {
    fn new(headers: &HeaderMap, config: &Config) -> Self {
        let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        let is_tls = match (is_tls(headers, config), origin) {
            (true, _) => Some(true),
            // A host name that uses TLS, but with another port: a forwarded port, or the server's own without TLS.
            (false, Some(origin)) if host::may_be_tls(headers, &config.public_urls) => {
                Some(origin.starts_with("https://"))
            }
            (false, None) if host::may_be_tls(headers, &config.public_urls) => None,
            (false, _) => Some(false),
        };
        let usual = if is_tls == Some(true) { 443 } else { 80 };
        Self { port: host::port(headers).unwrap_or(usual), is_tls }
    }

    fn name(&self, is_tls: bool) -> String {
        format!("{}{SHARED_NAME}_{}", if is_tls { SECURE_PREFIX } else { "" }, self.port)
    }

    /// Returns the login that the browser sent: this server's own, or that of an earlier version.
    fn read(&self, headers: &HeaderMap) -> Option<Token> {
        let find = |name: &str| {
            let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
            let mut pairs =
                lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| Token::new(value.to_owned()))
        };
        let kinds = self.is_tls.map_or(vec![true, false], |is_tls| vec![is_tls]);
        let own = kinds.iter().find_map(|is_tls| find(&self.name(*is_tls)));
        own.or_else(|| kinds.iter().find_map(|is_tls| find(shared_name(*is_tls))))
    }

    /// Returns the headers that store a login in the browser, or with `None` delete it, including that of an earlier
    /// version.
    pub(super) fn set(&self, token: Option<&Token>) -> Vec<HeaderValue> {
        let is_tls = self.is_tls.unwrap_or(false);
        let mut headers = vec![set_cookie(&self.name(is_tls), token, is_tls)];
        if token.is_none() {
            headers.push(set_cookie(shared_name(is_tls), None, is_tls));
        }
        headers
    }
}

fn shared_name(is_tls: bool) -> &'static str {
    if is_tls { "__Host-chat_session" } else { SHARED_NAME }
}

fn set_cookie(name: &str, token: Option<&Token>, is_tls: bool) -> HeaderValue {
    let secure = if is_tls { "; Secure" } else { "" };
    let (value, age): (&str, i64) = token.map_or(("", 0), |token| (token.expose(), LOGIN_KEPT_MS / 1000));
    let text = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    let mut header = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}
