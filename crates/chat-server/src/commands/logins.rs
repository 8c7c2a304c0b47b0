//! Lists and ends the user's own logins.

use chat_proto::reply::{Done, Reply};

use super::Viewer;
use crate::acts::log_out::Revoke;
use crate::app::App;
use crate::error::Error;
use crate::store::tables::logins;

pub(super) async fn list(app: &App, viewer: &Viewer) -> Result<Reply, Error> {
    let (user, current) = (viewer.me.id, viewer.login());
    Ok(Reply::Sessions { sessions: app.store.read(move |conn| logins::list(conn, user, &current)).await? })
}

pub(super) async fn revoke(app: &App, viewer: &Viewer, id: String) -> Result<Reply, Error> {
    app.store.perform(Revoke { user: viewer.me.id, session: viewer.session, id }).await?;
    Ok(Reply::Ok(Done::default()))
}
