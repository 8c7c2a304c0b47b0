//! What is done to a message after it was written: edit, delete, react, pin. Each looks, asks the policy, changes
//! and appends in one transaction; what changes nothing is answered with the event that did.

use std::sync::Arc;

use chat_proto::command::{Edit, OfMessage, React};
use chat_proto::event::User;
use chat_proto::reply::{AuditEntry, Done, Reply};
use chat_proto::{Emoji, ErrorCode, MessageText, Seq};

use super::{Viewer, enter, messages};
use crate::app::App;
use crate::error::Error;
use crate::policy::{self, Act, Place};
use crate::room::Room;
use crate::store::events::DraftWhat;
use crate::store::messages::{self as table, Standing};
use crate::store::{Draft, Position, Transaction, audit, members, users};

/// One change under way.
struct Change<'a, 'b> {
    tx: &'a mut Transaction<'b>,
    by: &'a User,
    room: &'a Room,
    seq: Seq,
}

impl Change<'_, '_> {
    /// The message, which must be there and not gone.
    fn message(&mut self) -> Result<Standing, Error> {
        let message = table::find(self.tx.quietly(), self.room.id, self.seq)?;
        if message.is_deleted {
            return Err(Error::refused(ErrorCode::NoSuchMessage, "That message was deleted."));
        }
        Ok(message)
    }

    fn ask(&mut self, act: Act) -> Result<(), Error> {
        let now = self.tx.now();
        let standing = members::standing(self.tx.quietly(), self.by.id, Some(self.room.id))?;
        Ok(policy::may(&standing, act, Place::Room(&self.room.name, self.room.kind), now)?)
    }

    fn append(&mut self, what: DraftWhat) -> Result<Position, Error> {
        self.tx.append(Draft { room: self.room.id, by: self.by.clone(), what })
    }

    /// The event that brought about what was asked for again; where none is known, the message itself.
    fn before(&mut self, kind: &str, message: &Standing) -> Result<Position, Error> {
        let last = table::last_about(self.tx.quietly(), self.room.id, self.seq, kind)?;
        Ok(last.unwrap_or(message.position))
    }
}

/// Carries a change out in the writer's transaction and answers where its event is.
async fn change(
    app: &App,
    viewer: &Viewer,
    (name, seq): (&str, Seq),
    mut work: impl FnMut(&mut Change<'_, '_>) -> Result<Position, Error> + Send + 'static,
) -> Result<Reply, Error> {
    let room: Arc<Room> = enter(app, viewer, name, Act::Hear)?;
    let (by, here) = (viewer.user.clone(), room.clone());
    let done = move |tx: &mut Transaction<'_>| work(&mut Change { tx, by: &by, room: &here, seq });
    let Position { seq, at, .. } = app.store.act(done).await?;
    Ok(Reply::Ok(Done { room: Some(room.name.clone()), seq: Some(seq), at: Some(at) }))
}

pub(super) async fn edit(app: &App, viewer: &Viewer, asked: Edit) -> Result<Reply, Error> {
    let text = MessageText::parse(&asked.text)?;
    let room = enter(app, viewer, &asked.room, Act::Hear)?;
    let mentions = messages::named(app, room.id, &text).await?;
    change(app, viewer, (&asked.room, asked.seq), move |change| {
        let message = change.message()?;
        change.ask(Act::Edit { own: message.by == change.by.id })?;
        if message.text == text.as_str() {
            return change.before("edited", &message);
        }
        let now = change.tx.now();
        table::edit(change.tx.quietly(), &message, &text, &mentions, now)?;
        change.append(DraftWhat::Edited {
            target: change.seq,
            text: text.clone(),
            mentions: mentions.clone(),
        })
    })
    .await
}

pub(super) async fn delete(app: &App, viewer: &Viewer, asked: OfMessage) -> Result<Reply, Error> {
    let done = change(app, viewer, (&asked.room, asked.seq), move |change| {
        let message = table::find(change.tx.quietly(), change.room.id, change.seq)?;
        let own = message.by == change.by.id;
        change.ask(Act::Delete { own })?;
        if message.is_deleted {
            return change.before("deleted", &message);
        }
        let now = change.tx.now();
        table::delete(change.tx.quietly(), &message, now)?;
        if !own {
            let target = users::by_id(change.tx.quietly(), message.by)?.name;
            let entry = AuditEntry {
                at: now,
                by: change.by.name.clone(),
                action: "delete".to_owned(),
                target,
                room: Some(change.room.name.clone()),
                reason: Some(format!("message {}", change.seq)),
            };
            audit::add(change.tx.quietly(), &entry)?;
        }
        change.append(DraftWhat::Deleted(change.seq))
    })
    .await?;
    app.discarded.notify_one();
    Ok(done)
}

pub(super) async fn react(app: &App, viewer: &Viewer, asked: React) -> Result<Reply, Error> {
    let emoji = Emoji::parse(&asked.emoji)?;
    change(app, viewer, (&asked.room, asked.seq), move |change| {
        let message = change.message()?;
        change.ask(Act::Write)?;
        let (room, seq, user) = (change.room.id, change.seq, change.by.id);
        if let Some(event) = table::reaction(change.tx.quietly(), room, seq, &emoji, user)? {
            return Ok(Position { seq: event, ..message.position });
        }
        table::refuse_too_many(change.tx.quietly(), room, seq, &emoji)?;
        let position = change.append(DraftWhat::Reacted(seq, emoji.clone()))?;
        table::react(change.tx.quietly(), room, seq, &emoji, user, position.seq)?;
        Ok(position)
    })
    .await
}

pub(super) async fn unreact(app: &App, viewer: &Viewer, asked: React) -> Result<Reply, Error> {
    let emoji = Emoji::parse(&asked.emoji)?;
    change(app, viewer, (&asked.room, asked.seq), move |change| {
        let message = change.message()?;
        change.ask(Act::Write)?;
        let (room, seq, user) = (change.room.id, change.seq, change.by.id);
        if table::reaction(change.tx.quietly(), room, seq, &emoji, user)?.is_none() {
            return change.before("unreacted", &message);
        }
        table::unreact(change.tx.quietly(), room, seq, &emoji, user)?;
        change.append(DraftWhat::Unreacted(seq, emoji.clone()))
    })
    .await
}

pub(super) async fn pin(app: &App, viewer: &Viewer, asked: OfMessage, pin: bool) -> Result<Reply, Error> {
    change(app, viewer, (&asked.room, asked.seq), move |change| {
        let message = change.message()?;
        change.ask(Act::Pin)?;
        if message.is_pinned == pin {
            return change.before(if pin { "pinned" } else { "unpinned" }, &message);
        }
        let now = change.tx.now();
        table::pin(change.tx.quietly(), change.room.id, change.seq, pin.then_some(now))?;
        change.append(if pin { DraftWhat::Pinned(change.seq) } else { DraftWhat::Unpinned(change.seq) })
    })
    .await
}
