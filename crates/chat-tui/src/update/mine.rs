//! What happens to the person: acts on them, and messages that name them.

use chat_proto::event::{Change, Event, MemberChange, What};
use chat_proto::reply::{Mute, Notify, Role, RoomKind};

use super::{net, show};
use crate::clean::Clean;
use crate::model::Model;
use crate::model::item::words;
use crate::msg::Effect;

/// A message that names the person, or is for them alone, is worth a sound where they look elsewhere.
pub(super) fn attract(model: &Model, event: &Event) -> Option<Effect> {
    let What::Message(message) = &event.what else { return None };
    let (me, room) = (model.me.as_ref()?, model.rooms.get(&event.room)?);
    let names_me = message.mentions.contains(&me.name);
    let wanted = match room.notify {
        Notify::None => false,
        Notify::All | Notify::Mentions | Notify::Other(_) => names_me || room.kind == RoomKind::Direct,
    };
    let looks = model.attention.is_certain() && model.current.as_ref() == Some(&event.room);
    let text = format!("{}: {}", event.by.name, message.text);
    (wanted && !looks && event.by.id != me.id && !message.deleted)
        .then(|| Effect::Attract(Clean::line(&text)))
}

/// Something was done to the person: they are told what, why and until when, and what follows of it.
pub(super) fn acted(model: &mut Model, event: &Event, change: &MemberChange) -> Vec<Effect> {
    net::told(model, event);
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
            model.tell(&format!("{by} lets you write {place} again"));
        }
        Change::Role => {
            if !change.everywhere {
                room.mine.role = change.role;
            }
            let role = change.role.unwrap_or(Role::Member);
            model.tell(&format!("{by} made you {role} {place}"));
        }
        Change::Kicked => {
            model.complain(&format!("{by} put you out of {label}{why}. /join {} goes back.", event.room));
            return gone(model, &event.room);
        }
        Change::Banned if !change.everywhere => {
            model.complain(&format!("{by} banned you from {label}{term}{why}"));
            return gone(model, &event.room);
        }
        Change::Left => return gone(model, &event.room),
        _ => {}
    }
    Vec::new()
}

/// A room is one's no more.
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
