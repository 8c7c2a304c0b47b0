//! Rooms: switching, joining and leaving, and the list of them.

use chat_proto::Command;
use chat_proto::command::SetNotify;
use chat_proto::event::Event;
use chat_proto::reply::Joined;
use chat_proto::room::{Notify, RoomKind, RoomSummary};
use chat_proto::updates::AskError;
use chat_proto::{ErrorCode, Seq};

use super::compose::{self, NO_ROOM};
use super::{badges, complain, connection, scroll};
use crate::clean::Clean;
use crate::model::item::Item;
use crate::model::{Model, Popup, Room};
use crate::msg::{Ask, Effect, one};
use crate::refusal;

/// Shows another room: marks the new messages, and loads it if it was not loaded yet.
pub(super) fn show(model: &mut Model, name: &str) -> Vec<Effect> {
    if model.current.as_deref() == Some(name) {
        return Vec::new();
    }
    if let Some(before) = model.room_mut() {
        (before.divider, before.seen) = (None, Seq::ZERO);
        before.recount();
    }
    model.current = Some(name.to_owned());
    (model.completion, model.recalled, model.read_due) = (None, None, None);
    (model.selected, model.about) = (None, None);
    let Some(room) = model.room_mut() else { return Vec::new() };
    room.left_unread = Seq::ZERO;
    room.divider = (room.unread > 0).then_some(room.read);
    let mut effects = Vec::new();
    if !room.timeline.loaded || room.online.is_empty() {
        effects.push(Ask::Join { room: name.to_owned(), show: false }.into());
    }
    if !std::mem::replace(&mut model.was_in_room, true) {
        compose::begin(model, &mut effects);
    }
    effects
}

pub(super) fn show_nth(model: &mut Model, number: u8) -> Vec<Effect> {
    let name = usize::from(number).checked_sub(1).and_then(|n| model.rooms.keys().nth(n)).cloned();
    name.map_or(Vec::new(), |name| show(model, &name))
}

/// Goes to the next room, or with -1 to the previous one.
pub(super) fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let names: Vec<String> = model.rooms.keys().cloned().collect();
    let at = names.iter().position(|name| Some(name) == model.current.as_ref()).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(names.len().max(1) as isize) as usize;
    names.get(next).cloned().map_or(Vec::new(), |name| show(model, &name))
}

pub(super) fn next_unread(model: &mut Model) -> Vec<Effect> {
    let current = model.current.clone().unwrap_or_default();
    let unread = |(name, room): &(&String, &Room)| room.unread > 0 && **name != current;
    let after = model.rooms.iter().filter(unread).find(|(name, _)| **name > current);
    let next = after.or_else(|| model.rooms.iter().find(unread)).map(|(name, _)| name.clone());
    match next {
        Some(name) => show(model, &name),
        None => {
            model.tell("No unread messages in other rooms.");
            Vec::new()
        }
    }
}

pub(super) fn join(model: &mut Model, room: String) -> Vec<Effect> {
    if model.rooms.contains_key(&room) { show(model, &room) } else { one(Ask::Join { room, show: true }) }
}

/// Asks something about a named room, or about the current one.
pub(super) fn here(model: &mut Model, named: Option<String>, ask: impl FnOnce(String) -> Ask) -> Vec<Effect> {
    match named.or_else(|| model.current.clone()) {
        Some(room) => one(ask(room)),
        None => complain(model, NO_ROOM),
    }
}

pub(super) fn notify(model: &mut Model, level: Notify) -> Vec<Effect> {
    let Some(room) = model.current.clone() else { return Vec::new() };
    if let Some(shown) = model.room_mut() {
        shown.notify = level;
    }
    one(Ask::Do(Command::Notify(SetNotify { room, level })))
}

/// Handles a join, or a room's newest messages.
pub(super) fn joined(model: &mut Model, joined: Joined) -> Vec<Effect> {
    let name = joined.room.name.clone();
    model.other_rooms.remove(&name);
    model.rooms.entry(name.clone()).or_default();
    badges::joined(model, &joined);
    let room = model.rooms.entry(name.clone()).or_default();
    room.topic = Clean::line(&joined.room.topic);
    // Replies and events are not ordered with each other: an event may have overtaken the page that it belongs after.
    let is_behind = !room.timeline.loaded && room.head > joined.room.head;
    room.head = room.head.max(joined.room.head);
    (room.kind, room.mine) = (joined.room.kind, joined.room.mine);
    room.online_count = joined.online_count;
    room.online =
        joined.online.unwrap_or_default().into_iter().map(|user| (user.name.clone(), user)).collect();
    let page: Vec<Item> =
        joined.messages.or(joined.events).unwrap_or_default().iter().map(Item::of).collect();
    room.timeline.add_newest(page);
    if is_behind { one(Ask::Join { room: name, show: false }) } else { Vec::new() }
}

/// Handles a join that the person asked for: shows the room, and writes `text` there.
pub(super) fn entered(model: &mut Model, joined: Joined, text: String) -> Vec<Effect> {
    let name = joined.room.name.clone();
    let mut effects = self::joined(model, joined);
    effects.extend(show(model, &name));
    if !text.is_empty() {
        effects.extend(compose::text(model, text));
    }
    effects
}

/// Shows the messages around one, when they arrive.
pub(super) fn around(model: &mut Model, room: &str, seq: Seq, messages: &[Event]) -> Vec<Effect> {
    let mut effects = show(model, room);
    scroll::jump(model, room, seq, messages);
    // Joining would load the newest messages.
    effects.retain(|effect| !matches!(effect, Effect::Server(crate::msg::ToServer::Ask(Ask::Join { .. }))));
    effects
}

pub(super) fn left(model: &mut Model, room: &str) -> Vec<Effect> {
    let effects = gone(model, room);
    if model.current.is_none() {
        model.tell("You are not in a room now. /join lists the rooms.");
    }
    effects
}

/// Handles that the person is no longer in a room.
pub(super) fn gone(model: &mut Model, name: &str) -> Vec<Effect> {
    if let Some(room) = model.rooms.remove(name)
        && room.kind == RoomKind::Public
    {
        model.add_other_room(name.to_owned());
    }
    if model.current.as_deref() != Some(name) {
        return Vec::new();
    }
    model.current = None;
    let note = model.note.take();
    let effects = model.rooms.keys().next().cloned().map_or(Vec::new(), |next| show(model, &next));
    model.note = note;
    effects
}

/// Handles a failed join.
pub(super) fn not_joined(model: &mut Model, room: &str, show: bool, error: &AskError) -> Vec<Effect> {
    if show && !model.was_in_room {
        model.complain(&connection::words(error));
        return compose::give_back_early(model);
    }
    match error {
        // A room that the user may no longer join is no longer theirs.
        AskError::Refused(failure) if is_closed(failure.code) && model.rooms.contains_key(room) => {
            let effects = gone(model, room);
            let why = refusal::words(failure, "/join lists the rooms.");
            model.complain(&format!("#{room}: {why}"));
            effects
        }
        // It is joined again as soon as there is a connection.
        AskError::Offline if !show => Vec::new(),
        error => complain(model, &connection::words(error)),
    }
}

/// Whether the room cannot be joined, now or for a while.
fn is_closed(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NoSuchRoom | ErrorCode::Banned | ErrorCode::Forbidden)
}

/// Shows the list of all rooms.
pub(super) fn list(model: &mut Model, rooms: &[RoomSummary]) {
    let line = |room: &RoomSummary| {
        let joined = if room.joined { "●" } else { "○" };
        let members = if room.members == 1 { "member" } else { "members" };
        let kind = if room.kind == RoomKind::Public { String::new() } else { format!("  {}", room.kind) };
        match &room.mine.user {
            Some(user) if user.is_deleted() => Clean::line(&format!("{joined} deleted user  {}", room.name)),
            Some(user) => Clean::line(&format!("{joined} @{}", user.name)),
            None => Clean::line(&format!(
                "{joined} #{}{kind}  {} {members}  {}",
                room.name, room.members, room.topic
            )),
        }
    };
    let lines = rooms.iter().map(line).collect();
    model.popup = Some(Popup::list("Rooms: /join NAME opens one", lines));
}
