//! Changes to existing messages: edit, delete, react, pin.

use chat_proto::command::{Edit, OfMessage, React};
use chat_proto::reply::Reply;
use chat_proto::{Emoji, MessageText, Seq};

use super::{Viewer, done_at, enter, messages};
use crate::acts::message_change::MessageChange;
use crate::acts::{delete, edit, pin, react};
use crate::app::App;
use crate::error::Error;
use crate::room::Room;
use crate::store::{Act, Position};
use chat_proto::policy;

fn change(viewer: &Viewer, room: &Room, seq: Seq) -> MessageChange {
    MessageChange { by: viewer.user.clone(), room: room.reference(), seq }
}

/// Changes a message of a room that the user is in.
async fn perform<A: Act<Answer = Position>>(
    app: &App,
    viewer: &Viewer,
    (name, seq): (&str, Seq),
    act: impl FnOnce(MessageChange) -> A,
) -> Result<Reply, Error> {
    let room = enter(app, viewer, name, policy::Right::Read)?;
    let position = app.store.perform(act(change(viewer, &room, seq))).await?;
    Ok(done_at(&room, position))
}

pub(super) async fn edit(app: &App, viewer: &Viewer, asked: Edit) -> Result<Reply, Error> {
    let text = MessageText::parse(&asked.text)?;
    let room = enter(app, viewer, &asked.room, policy::Right::Read)?;
    let mentions = messages::named(app, room.id, &text).await?;
    let act = edit::Edit { change: change(viewer, &room, asked.seq), text, mentions };
    Ok(done_at(&room, app.store.perform(act).await?))
}

pub(super) async fn delete(app: &App, viewer: &Viewer, asked: OfMessage) -> Result<Reply, Error> {
    perform(app, viewer, (&asked.room, asked.seq), |change| delete::Delete { change }).await
}

pub(super) async fn react(app: &App, viewer: &Viewer, asked: React) -> Result<Reply, Error> {
    let emoji = Emoji::parse(&asked.emoji)?;
    perform(app, viewer, (&asked.room, asked.seq), |change| react::React { change, emoji }).await
}

pub(super) async fn unreact(app: &App, viewer: &Viewer, asked: React) -> Result<Reply, Error> {
    let emoji = Emoji::parse(&asked.emoji)?;
    perform(app, viewer, (&asked.room, asked.seq), |change| react::Unreact { change, emoji }).await
}

pub(super) async fn pin(app: &App, viewer: &Viewer, asked: OfMessage, pin: bool) -> Result<Reply, Error> {
    perform(app, viewer, (&asked.room, asked.seq), |change| pin::Pin { change, pin }).await
}
