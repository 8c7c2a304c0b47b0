//! Handles signals, which only matter while they are live, and resets.

use chat_proto::Signal;
use chat_proto::limits::TYPING_MS;
use chat_proto::user::Role;

use super::badges;
use crate::model::{Model, Popup};
use crate::msg::{Ask, Effect, one};

pub(super) fn signal(model: &mut Model, signal: Signal) -> Vec<Effect> {
    match signal {
        Signal::Typing { room, user } => {
            let until = model.now + i64::try_from(TYPING_MS).unwrap_or(i64::MAX);
            let mine = model.me.as_ref().is_some_and(|me| me.id == user.id);
            if let Some(room) = model.rooms.get_mut(&room).filter(|_| !mine) {
                room.typing.retain(|(other, _)| other.id != user.id);
                room.typing.push((user, until));
            }
        }
        Signal::Presence { room, online, offline, online_count } => {
            if let Some(room) = model.rooms.get_mut(&room) {
                for user in offline {
                    room.online.remove(&user.name);
                }
                for user in online {
                    room.online.insert(user.name.clone(), user);
                }
                room.online_count = online_count;
                if room.online.len() > online_count {
                    room.online.clear();
                }
            }
        }
        Signal::Read { room, seq } => badges::moved(model, &room, seq),
        Signal::Reset { room: name, head } => {
            let shown = model.current.as_ref() == Some(&name);
            badges::reset(model, &name, head);
            if let Some(room) = model.rooms.get_mut(&name) {
                room.timeline.forget();
                if shown {
                    return one(Ask::Join { room: name, show: false });
                }
            }
        }
        Signal::Notice { text, room, .. } => {
            let hint = room.map_or(String::new(), |room| format!(" /join {room}"));
            model.tell(&format!("{text}{hint}"));
        }
        Signal::Room { room, .. } => model.add_other_room(room),
        Signal::You { user } => {
            let before = model.me.replace(user);
            // The response to the form is on its way, but what the form asked for is done.
            model.popup =
                model.popup.take().filter(|popup| !matches!(popup, Popup::Form(form) if form.is_busy));
            if let (Some(before), Some(me)) = (before, &model.me) {
                let what = match (before.kind != me.kind, me.role) {
                    (true, _) => format!("You are now registered as {}.", me.name),
                    (false, Role::Admin) => "You are an admin now.".to_owned(),
                    (false, _) if before.role == Role::Admin => "You are no longer an admin.".to_owned(),
                    _ => return Vec::new(),
                };
                model.tell(&what);
            }
        }
        // The end of the connection, which follows, says the same.
        Signal::Goodbye { .. } => {}
    }
    Vec::new()
}
