//! What was typed and sent: messages and commands.

use crate::clean::Clean;
use crate::model::timeline::{Fate, Pending};
use crate::model::{Model, Popup};
use crate::msg::{Ask, Effect};

pub(super) fn text(model: &mut Model, text: String) -> Vec<Effect> {
    let Some(room) = model.current.clone() else {
        model.early_posts.push(text);
        return Vec::new();
    };
    let nonce = model.new_nonce();
    model.typing_sent = 0;
    if let Some(shown) = model.room_mut() {
        let pending = Pending { nonce: nonce.clone(), text: Clean::text(&text), fate: Fate::Waiting };
        shown.timeline.pending.push(pending);
        shown.timeline.to_newest();
    }
    vec![Effect::Post { nonce, room, text }]
}

pub(super) fn command(model: &mut Model, name: &str, rest: &str) -> Vec<Effect> {
    let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let room = first.trim_start_matches('#').to_owned();
    let ask = match name {
        "/help" => {
            model.popup = Some(Popup::Help);
            return Vec::new();
        }
        "/quit" => return vec![Effect::Quit],
        "/join" if room.is_empty() => Ask::Rooms { show: true },
        "/join" if model.rooms.contains_key(&room) => return super::show(model, &room),
        "/join" => Ask::Join { room, show: true },
        "/create" if room.is_empty() => {
            model.complain("/create needs a name: /create dev What we build");
            return Vec::new();
        }
        "/create" => Ask::Create { room, topic: more.trim().to_owned() },
        _ => {
            let named = (name == "/leave" && !room.is_empty()).then_some(room);
            let Some(room) = named.or_else(|| model.current.clone()) else {
                model.complain("You are in no room. /join ROOM goes to one.");
                return Vec::new();
            };
            match name {
                "/leave" => Ask::Leave(room),
                "/who" => Ask::Who(room),
                _ => Ask::Topic(room, rest.to_owned()),
            }
        }
    };
    vec![Effect::Ask(ask)]
}
