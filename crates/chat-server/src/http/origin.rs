//! Where a request comes from and which login it bears: a cookie, or `Authorization: Bearer`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use chat_proto::{Millis, Token};

use crate::address;
use crate::app::App;
use crate::auth::{self, Presented};
use crate::config::Config;
use crate::secret::TokenHash;
use crate::store::tables::logins::LOGIN_KEPT_MS;

/// The cookie's name over TLS, which only this host can set for the whole of itself (RFC 6265bis, 4.1.3.2).
const SECURE_NAME: &str = "__Host-chat_session";

/// Its name without TLS.
const PLAIN_NAME: &str = "chat_session";

/// See the module's description.
pub(super) struct Origin {
    pub(super) from: auth::Origin,
    pub(super) presented: Option<Presented>,
    /// The token of `presented`.
    pub(super) token: Option<Token>,
    /// Whether people reach the server over TLS, under the name that was asked for.
    pub(super) is_tls: bool,
}

impl FromRequestParts<Arc<App>> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let peer =
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or([0, 0, 0, 0].into(), |info| info.0.ip());
        Ok(Self::new(&parts.headers, peer, &app.config))
    }
}

impl Origin {
    fn new(headers: &HeaderMap, peer: std::net::IpAddr, config: &Config) -> Self {
        let forwarded = headers.get_all("x-forwarded-for").iter();
        let forwarded: Vec<&str> = forwarded.filter_map(|value| value.to_str().ok()).collect();
        let address = address::client(peer, forwarded.into_iter(), &config.trusted_proxies);
        let is_tls = is_tls(headers, config);
        let cookie = cookie(headers, is_tls);
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .map(|token| Token::new(token.trim().to_owned()));
        let (token, is_cookie) = match (bearer, cookie.clone()) {
            (Some(token), _) => (Some(token), false),
            (None, cookie) => (cookie, true),
        };
        let presented = token.as_ref().map(|token| Presented { login: TokenHash::of(token), is_cookie });
        Self { from: auth::Origin { address: address::canonical(address), cookie }, presented, token, is_tls }
    }
}

/// Whether the name that was asked for is one that people reach over TLS.
pub(super) fn is_tls(headers: &HeaderMap, config: &Config) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    config.public_urls.iter().any(|url| url.is_tls() && url.is_host(host))
}

fn cookie(headers: &HeaderMap, is_tls: bool) -> Option<Token> {
    let name = if is_tls { SECURE_NAME } else { PLAIN_NAME };
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| Token::new(value.to_owned()))
}

/// The header that gives the browser a login, or with `None` takes it away.
pub(super) fn set_cookie(token: Option<&Token>, is_tls: bool) -> HeaderValue {
    let (name, secure) = if is_tls { (SECURE_NAME, "; Secure") } else { (PLAIN_NAME, "") };
    let (value, age): (&str, Millis) = token.map_or(("", 0), |token| (token.expose(), LOGIN_KEPT_MS / 1000));
    let text = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    let mut header = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}
