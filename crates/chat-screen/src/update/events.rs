//! Handles events: what happens in a room, and which of it concerns the person.

use chat_proto::event::{Change, Event, MemberChange, What};
use chat_proto::room::{Mute, Notify, RoomKind};
use chat_proto::user::Role;

use super::{badges, rooms};
use crate::clean::Clean;
use crate::model::Model;
use crate::model::item::{Item, a_role, words};
use crate::msg::{Effect, ToScreen};

pub(super) fn event(model: &mut Model, event: &Event) -> Vec<Effect> {
    show(model, event);
    match &event.what {
        What::Member(change) if model.me.as_ref().is_some_and(|me| me.id == change.user.id) => {
            acted(model, event, change)
        }
        _ => attract(model, event).into_iter().collect(),
    }
}

/// Applies an event to the state of its room.
fn show(model: &mut Model, event: &Event) {
    let me = model.me.as_ref().map(|me| me.id);
    badges::event(model, event);
    let Some(room) = model.rooms.get_mut(&event.room) else { return };
    room.head = room.head.max(event.seq);
    match &event.what {
        What::Message(message) => {
            room.typing.retain(|(user, _)| user.id != event.by.id);
            if let Some(nonce) = message.nonce.as_ref().filter(|_| me == Some(event.by.id)) {
                room.timeline.settle(nonce);
            }
        }
        What::Topic { topic } => room.topic = Clean::line(topic),
        What::Edited { target, text, mentions, .. } => {
            room.timeline.change(*target, |item| item.edit(text, mentions));
        }
        What::Deleted { target } => room.timeline.change(*target, Item::delete),
        What::Reacted(on) => {
            room.timeline.change(on.target, |item| item.more.react(&on.emoji, &event.by.name));
        }
        What::Unreacted(on) => {
            room.timeline.change(on.target, |item| item.more.unreact(&on.emoji, &event.by.name));
        }
        What::Pinned { target } => room.timeline.change(*target, |item| item.more.is_pinned = true),
        What::Unpinned { target } => room.timeline.change(*target, |item| item.more.is_pinned = false),
        What::Member(_) | What::Newer { .. } => {}
    }
    let is_line = matches!(
        event.what,
        What::Message(_) | What::Topic { .. } | What::Member(_) | What::Pinned { .. } | What::Newer { .. }
    );
    // A room that was never opened is loaded when it is opened, and one that was jumped into when the person leaves
    // that position.
    if room.timeline.loaded && !room.timeline.is_apart && is_line {
        room.timeline.add(Item::of(event));
    }
}

/// Alerts the person to a message that mentions them or is only for them, if they are not looking.
fn attract(model: &Model, event: &Event) -> Option<Effect> {
    let What::Message(message) = &event.what else { return None };
    let (me, room) = (model.me.as_ref()?, model.rooms.get(&event.room)?);
    let names_me = message.mentions.contains(&me.name);
    let wanted = match room.notify {
        Notify::None => false,
        Notify::Mentions => names_me,
        Notify::All | Notify::Other(_) => names_me || room.kind == RoomKind::Direct,
    };
    let looks = model.attention.is_certain() && model.current.as_ref() == Some(&event.room);
    let text = format!("{}: {}", event.by.name, message.text);
    (wanted && !looks && event.by.id != me.id && !message.deleted)
        .then(|| ToScreen::Attract(Clean::line(&text)).into())
}

/// Handles an action against the person: says what, why and until when, and does what follows.
fn acted(model: &mut Model, event: &Event, change: &MemberChange) -> Vec<Effect> {
    let Some(room) = model.rooms.get_mut(&event.room) else { return Vec::new() };
    let label = room.label(&event.room);
    let place = if change.everywhere { "on the whole server".to_owned() } else { format!("in {label}") };
    let by = &event.by.name;
    let why = change.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let term = change.until.map_or(String::new(), |until| format!(" for {}", words(until - event.at)));
    match change.change {
        Change::Muted => {
            room.mine.muted = Some(Mute { until: change.until, reason: change.reason.clone() });
            model.complain(&format!("{by} muted you {place}{term}{why}"));
        }
        Change::Unmuted => {
            room.mine.muted = None;
            model.tell(&format!("{by} unmuted you {place}"));
        }
        Change::Role => {
            if !change.everywhere {
                room.mine.role = change.role;
            }
            let role = change.role.unwrap_or(Role::Member);
            model.tell(&format!("{by} made you {} {place}", a_role(role)));
        }
        Change::Kicked => {
            model.complain(&format!(
                "{by} removed you from {label}{why}. /join {} takes you back.",
                event.room
            ));
            return rooms::gone(model, &event.room);
        }
        Change::Banned if !change.everywhere => {
            model.complain(&format!("{by} banned you from {label}{term}{why}"));
            return rooms::gone(model, &event.room);
        }
        Change::Left => return rooms::gone(model, &event.room),
        _ => {}
    }
    Vec::new()
}
