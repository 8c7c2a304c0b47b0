//! Parses moderation commands.

use chat_proto::command::Moderate as Asked;
use chat_proto::error::Refusal;
use chat_proto::limits::MAX_SAFE_INTEGER;
use chat_proto::reply::{Done, Reply};
use chat_proto::{ErrorCode, Millis, Reason};
use ipnet::IpNet;

use super::{Viewer, done_at};
use crate::acts::moderate::{Action, Moderate};
use crate::address;
use crate::app::App;
use crate::error::Error;
use crate::store::signed;
use crate::store::tables::sanctions::Term;
use crate::store::tables::users;

/// The widest network that can be banned, as a prefix length in IPv4 and in IPv6.
const WIDEST: (u8, u8) = (8, 24);

pub(super) async fn handle(app: &App, viewer: &Viewer, action: Action, asked: Asked) -> Result<Reply, Error> {
    let term = term(app, &asked)?;
    let networks = networks(app, action, &asked).await?;
    if asked.user.is_none() && networks.is_empty() {
        return Err(bad("Name a user."));
    }
    if action == Action::Ban {
        refuse_dangerous(&networks, viewer)?;
    }
    let room = match &asked.room {
        Some(name) => Some(app.hub.visible_room(viewer, name)?.room),
        None => None,
    };
    let (by, room_ref) = (viewer.user.clone(), room.as_deref().map(|room| room.reference()));
    let act = Moderate { action, by, user: asked.user, room: room_ref, term, networks };
    let position = app.store.perform(act).await?;
    tracing::info!(by = viewer.me.id.0, ?action, room = room.as_ref().map(|room| room.id.0), "moderation");
    Ok(match (position, room) {
        (Some(position), Some(room)) => done_at(&room, position),
        _ => Reply::Ok(Done::default()),
    })
}

fn bad(why: &str) -> Error {
    Error::refused(ErrorCode::BadRequest, why)
}

fn term(app: &App, asked: &Asked) -> Result<Term, Error> {
    let reason = Reason::parse(asked.reason.as_deref())?.map(|reason| reason.as_str().to_owned());
    let until = match asked.for_ms {
        Some(0) => return Err(bad("A mute or a ban needs a time. Leave for_ms out, or give more than 0.")),
        Some(ms) => {
            let most = signed(MAX_SAFE_INTEGER);
            let ms = i64::try_from(ms).unwrap_or(most);
            Some((app.config.clock.now() + ms).min(Millis(most)))
        }
        None => None,
    };
    Ok(Term { until, reason })
}

/// Returns the networks of a command. `current` stands for the addresses that the user is connected from.
async fn networks(app: &App, action: Action, asked: &Asked) -> Result<Vec<IpNet>, Error> {
    Ok(match asked.address.as_deref() {
        None => Vec::new(),
        Some(_) if asked.room.is_some() || !matches!(action, Action::Ban | Action::Unban) => {
            return Err(bad("An address can only be banned from the whole server: leave the room out."));
        }
        Some("current") => {
            let name = asked.user.clone().unwrap_or_default();
            let user = app.store.read(move |conn| users::find(conn, &name)).await?;
            let mut from: Vec<IpNet> =
                app.hub.sessions_of(user.id).iter().map(|v| address::network_of(v.address)).collect();
            from.sort();
            from.dedup();
            from
        }
        Some(text) => vec![address::parse_network(text).ok_or_else(|| {
            bad("That is not an address. Give one such as 203.0.113.7 or 2001:db8::/64, or `current`.")
        })?],
    })
}

/// Refuses networks whose ban would affect the moderator, or everyone.
fn refuse_dangerous(networks: &[IpNet], viewer: &Viewer) -> Result<(), Refusal> {
    for net in networks {
        let widest = if net.addr().is_ipv4() { WIDEST.0 } else { WIDEST.1 };
        let why = if net.addr().is_loopback() {
            "That address is this machine's own: a proxy's, or everyone's. Name proxies with --trusted-proxy."
        } else if net.contains(&viewer.address.to_canonical()) {
            "You are connected from there yourself, and would be banned as well."
        } else if net.prefix_len() < widest {
            "That network is too wide: it would ban half the world."
        } else {
            continue;
        };
        return Err(Refusal::new(ErrorCode::BadRequest, why));
    }
    Ok(())
}
