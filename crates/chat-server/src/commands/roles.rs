//! Sets roles, and reads the audit log.

use chat_proto::command::{Audit, SetRole};
use chat_proto::reply::{Done, Reply};

use super::{Viewer, done_at, page_size};
use crate::acts::grant::{GrantInRoom, GrantOnServer};
use crate::app::App;
use crate::error::Error;
use crate::store::tables::audit;
use crate::store::views::permissions;
use chat_proto::policy::{self, Right, Scope};

pub(super) async fn set(app: &App, viewer: &Viewer, asked: SetRole) -> Result<Reply, Error> {
    let (by, user, role) = (viewer.user.clone(), asked.user, asked.role);
    let Some(name) = asked.room else {
        app.store.perform(GrantOnServer { by, user, role }).await?;
        return Ok(Reply::Ok(Done::default()));
    };
    let room = app.hub.visible_room(viewer, &name)?.room;
    let position = app.store.perform(GrantInRoom { by, user, role, room: room.reference() }).await?;
    Ok(position.map_or_else(|| Reply::Ok(Done::default()), |position| done_at(&room, position)))
}

pub(super) async fn audit(app: &App, viewer: &Viewer, asked: Audit) -> Result<Reply, Error> {
    let (user, now, limit) = (viewer.me.id, app.config.clock.now(), page_size(asked.limit));
    let read = move |conn: &mut _| {
        policy::may(&permissions::of(conn, user, None)?, Right::Audit, Scope::Server, now)?;
        audit::list(conn, asked.before, limit)
    };
    Ok(Reply::Audit { entries: app.store.read(read).await? })
}
