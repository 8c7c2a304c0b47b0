//! Sends and reads messages, read marks and typing signals.

use std::collections::HashSet;

use chat_markup::addressed;
use chat_proto::command::{History, Read, Send, SetNotify};
use chat_proto::event::File;
use chat_proto::limits::FILES;
use chat_proto::reply::{Done, Reply};
use chat_proto::user::User;
use chat_proto::{ErrorCode, MessageText, Nonce, Signal, UserName};

use super::{Viewer, enter, page_permit, page_size, read_in};
use crate::acts::mark::{MarkRead, SetNotifyLevel};
use crate::app::App;
use crate::error::Error;
use crate::id::RoomId;
use crate::pages::{self, Keep};
use crate::receipt::Receipt;
use crate::store::tables::events::{self, DraftWhat, PageFrom};
use crate::store::tables::{files, messages};
use crate::store::{Conn, Draft, RoomRef};
use crate::uploads;
use chat_proto::policy::Right;

/// The maximum number of mentioned names that are looked up in a text, including repetitions.
const ADDRESSED: usize = 200;

pub(super) async fn send(app: &App, viewer: &Viewer, id: Option<u64>, send: Send) -> Result<(), Error> {
    let nonce = Nonce::parse(&send.nonce)?;
    let text = if send.files.is_empty() {
        MessageText::parse(&send.text)?
    } else {
        MessageText::parse_beside_files(&send.text)?
    };
    if send.files.len() > FILES {
        let why = format!("A message has at most {FILES} files. Send the others with another one.");
        return Err(Error::refused(ErrorCode::BadRequest, why));
    }
    let room = enter(app, viewer, &send.room, Right::Read)?;
    let mentions = named(app, room.id, &text).await?;
    let files =
        if send.files.is_empty() { Vec::new() } else { Box::pin(uploaded(app, viewer, send.files)).await? };
    let what = DraftWhat::Message { text, nonce, reply_to: send.reply_to, mentions, files };
    let receipt = Receipt::new(&viewer.queue, id, send.room);
    app.store.append(Draft { room: room.id, by: viewer.user.clone(), what }, receipt).await
}

/// Returns the author's own files with these ids. An unknown id becomes a file without a name, which the writer
/// refuses unless the message was stored before.
async fn uploaded(app: &App, viewer: &Viewer, mut ids: Vec<String>) -> Result<Vec<File>, Error> {
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    let owner = viewer.me.id;
    let of_ids = ids.clone();
    let found = app.store.read(move |conn| files::owned(conn, owner, &of_ids)).await?;
    let told = |(stored, id): (Option<_>, String)| {
        stored.as_ref().map_or_else(|| uploads::unknown(id), uploads::describe)
    };
    Ok(found.into_iter().zip(ids).map(told).collect())
}

/// Returns the members of a room whom a text mentions.
pub(super) async fn named(app: &App, room: RoomId, text: &MessageText) -> Result<Vec<User>, Error> {
    let names = mentioned_names(text.as_str());
    if names.is_empty() {
        return Ok(Vec::new());
    }
    app.store.read(move |conn| messages::members_named(conn, room, &names)).await
}

/// Returns the names that a text may mention, each once.
fn mentioned_names(text: &str) -> Vec<UserName> {
    let mut names: Vec<UserName> = Vec::new();
    for name in addressed(text, ADDRESSED) {
        if let Ok(name) = UserName::parse(&name)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names.truncate(messages::MENTIONS);
    names
}

pub(super) async fn history(app: &App, viewer: &Viewer, history: History) -> Result<Reply, Error> {
    let from = match (history.before, history.after, history.around) {
        (Some(seq), None, None) => PageFrom::Before(seq),
        (None, Some(seq), None) => PageFrom::After(seq),
        (None, None, Some(seq)) => PageFrom::Around(seq),
        _ => {
            return Err(Error::refused(
                ErrorCode::BadRequest,
                "Give exactly one of before, after and around.",
            ));
        }
    };
    let limit = page_size(history.limit);
    let room = enter(app, viewer, &history.room, Right::Read)?;
    let page = move |conn: &mut Conn, room: &RoomRef| events::page(conn, room, from, limit);
    let _permit = page_permit(app).await;
    let (messages, more) = read_in(app, viewer, &room, page).await?;
    let keep = match from {
        PageFrom::Before(_) => Keep::Last,
        PageFrom::After(_) => Keep::First,
        PageFrom::Around(seq) => Keep::Around(seq),
    };
    let page = pages::fit(viewer.format, messages, keep).await;
    let is_cut = if keep == Keep::First { page.cut_after } else { page.cut_before };
    Ok(Reply::Messages { room: history.room, messages: page.items, more: more || is_cut })
}

pub(super) async fn read(app: &App, viewer: &Viewer, read: Read) -> Result<Reply, Error> {
    let room = enter(app, viewer, &read.room, Right::Read)?;
    let (user, session, seq) = (viewer.me.id, viewer.session, read.seq.min(room.head()).max(room.start));
    app.store.perform(MarkRead { user, session, room: room.reference(), seq }).await?;
    Ok(Reply::Ok(Done::default()))
}

pub(super) fn typing(app: &App, viewer: &Viewer, room: &str) -> Result<Reply, Error> {
    let room = enter(app, viewer, room, Right::Write)?;
    if app.rates.may_type(viewer.me.id, room.id) {
        let signal = Signal::Typing { room: room.name.clone(), user: viewer.user.clone() };
        room.signal(signal, Some(viewer.me.id));
    }
    Ok(Reply::Ok(Done::default()))
}

pub(super) async fn notify(app: &App, viewer: &Viewer, asked: SetNotify) -> Result<Reply, Error> {
    let room = enter(app, viewer, &asked.room, Right::Read)?;
    let (user, level) = (viewer.me.id, asked.level);
    app.store.perform(SetNotifyLevel { user, room: room.reference(), level }).await?;
    Ok(Reply::Ok(Done::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_text_may_name() {
        let names = |text: &str| mentioned_names(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names("@Alice, see @bob. and @bob again"), ["alice", "bob"]);
        assert_eq!(names("`@alice` https://example.org/@bob"), [""; 0]);
        assert_eq!(names(&"@a ".repeat(5)), ["a"]);
        let many: String = (0..50).map(|n| format!("@user{n} ")).collect();
        assert_eq!(names(&many).len(), messages::MENTIONS);
    }
}
