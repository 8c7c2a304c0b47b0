//! Who says hello: a guest by name, or someone who comes back with a token.

use std::net::IpAddr;

use chat_proto::command::Hello;
use chat_proto::limits::CLIENT_BYTES;
use chat_proto::reply::Me;
use chat_proto::{ErrorCode, PROTOCOL, Token, UserName};

use crate::app::App;
use crate::error::Error;
use crate::secret::{TokenHash, new_token};
use crate::store::users;

/// The user who says `hello`, and the token to come back with.
///
/// # Errors
/// `unsupported_protocol`, `bad_request`, `unauthorized`, `name_invalid`, `name_taken`, `rate_limited`.
pub async fn hello(app: &App, hello: &Hello, address: IpAddr) -> Result<(Me, Token), Error> {
    if hello.protocol != PROTOCOL {
        let why = format!(
            "This server speaks protocol {PROTOCOL}, the client {}. Update the older one.",
            hello.protocol
        );
        return Err(Error::refused(ErrorCode::UnsupportedProtocol, why));
    }
    let client = client_name(hello);
    match (&hello.token, &hello.name) {
        (Some(token), _) => come_back(app, token.clone(), client).await,
        (None, Some(name)) => guest(app, name, client, address).await,
        (None, None) => Err(Error::refused(ErrorCode::BadRequest, "Say hello with a name or a token.")),
    }
}

fn client_name(hello: &Hello) -> String {
    let name = hello.client.as_deref().unwrap_or_default();
    let mut short: String = name.chars().filter(|c| !c.is_control()).take(CLIENT_BYTES).collect();
    short.truncate(short.floor_char_boundary(CLIENT_BYTES));
    short
}

async fn come_back(app: &App, token: Token, client: String) -> Result<(Me, Token), Error> {
    let (hash, now) = (TokenHash::of(&token), app.config.clock.now());
    let me = app.store.write(move |conn| users::come_back(conn, &hash, &client, now)).await?;
    Ok((me, token))
}

async fn guest(app: &App, name: &str, client: String, address: IpAddr) -> Result<(Me, Token), Error> {
    let name = UserName::parse(name)?;
    if name.is_reserved() {
        let why = format!("The name {name} is kept for the system. Choose another.");
        return Err(Error::refused(ErrorCode::NameInvalid, why));
    }
    app.rates.take_guest(address)?;
    let token = new_token().map_err(Error::Internal)?;
    let (hash, now, hub) = (TokenHash::of(&token), app.config.clock.now(), app.hub.clone());
    let make =
        move |conn: &mut _| users::create_guest(conn, &name, &hash, &client, now, |id| hub.is_online(id));
    Ok((app.store.write(make).await?, token))
}
