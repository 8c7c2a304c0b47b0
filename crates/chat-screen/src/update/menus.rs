//! Choosing a line of a list.

use super::{people, search, select};
use crate::model::{Choose, Model, Popup};
use crate::msg::Effect;

pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    match model.popup.take() {
        Some(Popup::People { room, members }) => {
            if let Some(member) = members.chosen() {
                people::menu(model, &room, member);
            }
            Vec::new()
        }
        Some(Popup::Menu { choices, .. }) => match choices.into_chosen().map(|choice| choice.does) {
            Some(Choose::Write(text)) => {
                model.draft_mut().set(&text);
                Vec::new()
            }
            Some(Choose::Effect(effect)) => vec![effect],
            Some(Choose::Message(what)) => select::on_chosen(model, what),
            Some(Choose::Nothing) | None => Vec::new(),
        },
        Some(Popup::Found { found, .. }) => found.into_chosen().map_or(Vec::new(), search::go_to),
        other => {
            model.popup = other;
            Vec::new()
        }
    }
}
