//! Who is in a room.

use chat_proto::command::Members;
use chat_proto::reply::{Member, Reply};

use super::{Viewer, heard_room, page_size};
use crate::app::App;
use crate::error::Error;
use crate::store::members;

pub(super) async fn list(app: &App, viewer: &Viewer, asked: Members) -> Result<Reply, Error> {
    let room = heard_room(app, viewer, &asked.room)?;
    let (id, prefix, limit) =
        (room.id, asked.prefix.unwrap_or_default().to_lowercase(), page_size(asked.limit));
    let rows = app.store.read(move |conn| members::list(conn, id, &prefix, limit)).await?;
    let members = rows
        .into_iter()
        .map(|(user, role)| Member { online: room.is_online(user.id), user, role, muted_until: None })
        .collect();
    Ok(Reply::Members { room: asked.room, members })
}
