//! Lists the members of a room.

use chat_proto::command::Members;
use chat_proto::reply::Reply;

use super::{Viewer, enter, page_size, read_in};
use crate::app::App;
use crate::error::Error;
use crate::store::views::members;
use crate::store::{Conn, RoomRef};
use chat_proto::policy::Right;

pub(super) async fn list(app: &App, viewer: &Viewer, asked: Members) -> Result<Reply, Error> {
    let room = enter(app, viewer, &asked.room, Right::Read)?;
    let (prefix, limit) = (asked.prefix.unwrap_or_default().to_lowercase(), page_size(asked.limit));
    let now = app.config.clock.now();
    let list = move |conn: &mut Conn, room: &RoomRef| members::list(conn, room.id, &prefix, limit, now);
    let mut members = read_in(app, viewer, &room, list).await?;
    for member in &mut members {
        member.online = room.is_online(member.user.id);
    }
    Ok(Reply::Members { room: asked.room, members })
}
