//! One's own logins: listing and ending them.

use chat_proto::reply::{Done, Reply};

use super::Viewer;
use crate::app::App;
use crate::error::Error;
use crate::send_queue::End;
use crate::store::logins;

pub(super) async fn list(app: &App, viewer: &Viewer) -> Result<Reply, Error> {
    let (user, current) = (viewer.me.id, viewer.login());
    Ok(Reply::Sessions { sessions: app.store.read(move |conn| logins::list(conn, user, &current)).await? })
}

pub(super) async fn revoke(app: &App, viewer: &Viewer, id: String) -> Result<Reply, Error> {
    let user = viewer.me.id;
    let ended = app.store.write(move |conn| logins::end_by_id(conn, user, &id)).await?;
    for session in app.hub.sessions_of(user) {
        if session.login() != ended {
            continue;
        }
        if session.session == viewer.session {
            viewer.leave_after_reply();
        } else {
            session.queue.end(End::Revoked);
        }
    }
    Ok(Reply::Ok(Done::default()))
}
