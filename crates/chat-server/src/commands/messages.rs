//! Writing, reading, and telling that one writes.

use chat_proto::command::{History, Read, Send};
use chat_proto::reply::{Done, Reply};
use chat_proto::{ErrorCode, MessageText, Nonce, Signal};
use tokio::sync::oneshot;

use super::{Viewer, enter, page_size};
use crate::app::App;
use crate::error::Error;
use crate::policy::Act;
use crate::store::events::{DraftWhat, From};
use crate::store::{Appended, Draft, events, members};

pub(super) async fn send(
    app: &App,
    viewer: &Viewer,
    send: Send,
) -> Result<oneshot::Receiver<Appended>, Error> {
    let nonce = Nonce::parse(&send.nonce)?;
    let text = MessageText::parse(&send.text)?;
    let room = enter(app, viewer, &send.room, Act::Hear)?;
    app.store
        .append(Draft { room: room.id, by: viewer.user.clone(), what: DraftWhat::Message(text, nonce) })
        .await
}

pub(super) async fn history(app: &App, viewer: &Viewer, history: History) -> Result<Reply, Error> {
    let from = match (history.before, history.after, history.around) {
        (Some(seq), None, None) => From::Before(seq),
        (None, Some(seq), None) => From::After(seq),
        (None, None, Some(seq)) => From::Around(seq),
        _ => {
            return Err(Error::refused(
                ErrorCode::BadRequest,
                "Give exactly one of before, after and around.",
            ));
        }
    };
    let limit = page_size(history.limit);
    let room = enter(app, viewer, &history.room, Act::Hear)?;
    let id = room.id;
    let name = room.name.clone();
    let (messages, more) = app.store.read(move |conn| events::page(conn, (id, &name), from, limit)).await?;
    Ok(Reply::Messages { room: history.room, messages, more })
}

pub(super) async fn read(app: &App, viewer: &Viewer, read: Read) -> Result<Reply, Error> {
    let room = enter(app, viewer, &read.room, Act::Hear)?;
    let (user, id, seq) = (viewer.me.id, room.id, read.seq.min(room.head()));
    app.store.write(move |conn| members::mark_read(conn, user, id, seq)).await?;
    app.hub.signal_user(user, Some(viewer.session), Signal::Read { room: read.room, seq });
    Ok(Reply::Ok(Done::default()))
}

pub(super) fn typing(app: &App, viewer: &Viewer, room: &str) -> Result<Reply, Error> {
    let room = enter(app, viewer, room, Act::Write)?;
    if app.rates.may_type(viewer.me.id, room.id) {
        let signal = Signal::Typing { room: room.name.clone(), user: viewer.user.clone() };
        room.signal(signal, Some(viewer.me.id));
    }
    Ok(Reply::Ok(Done::default()))
}
