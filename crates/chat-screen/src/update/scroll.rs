//! Scrolls through the conversation, and loads older messages.

use chat_proto::Seq;
use chat_proto::event::Event;

use super::popups;
use crate::action::Action;
use crate::layout::page;
use crate::model::Model;
use crate::model::item::Item;
use crate::model::pending::Fate;
use crate::model::timeline::Older;
use crate::msg::{Ask, Effect, one};

/// How many rows one notch of the wheel scrolls.
const NOTCH: usize = 3;

pub(super) fn wheel(model: &mut Model, up: bool) {
    if model.popup.is_some() {
        // No list does more than step here.
        let _ = popups::act(model, if up { Action::Up } else { Action::Down });
        return;
    }
    by(model, NOTCH, up);
}

/// Scrolls almost a page up or down.
pub(super) fn pages(model: &mut Model, up: bool) {
    let rows = page(model).height.saturating_sub(2).max(1);
    by(model, rows, up);
}

fn by(model: &mut Model, rows: usize, up: bool) {
    let page = page(model);
    if let Some(room) = model.room_mut() {
        if up { room.timeline.scroll_up(rows, &page) } else { room.timeline.scroll_down(rows, &page) }
    }
}

/// Scrolls a page down. At the end of a stretch that was jumped to, goes to the newest messages.
pub(super) fn page_down(model: &mut Model) -> Vec<Effect> {
    if model.room().is_some_and(|room| room.timeline.is_apart && room.timeline.at_newest()) {
        return back_to_newest(model);
    }
    pages(model, false);
    Vec::new()
}

pub(super) fn to_oldest(model: &mut Model) {
    let page = page(model);
    if let Some(room) = model.room_mut() {
        room.timeline.to_oldest(&page);
    }
}

pub(super) fn to_newest(model: &mut Model) -> Vec<Effect> {
    if model.room().is_some_and(|room| room.timeline.is_apart) {
        return back_to_newest(model);
    }
    if let Some(room) = model.room_mut() {
        room.timeline.to_newest();
    }
    Vec::new()
}

/// Goes from a stretch of the log that was jumped to back to the newest messages.
fn back_to_newest(model: &mut Model) -> Vec<Effect> {
    let Some(name) = model.current.clone() else { return Vec::new() };
    if let Some(room) = model.room_mut() {
        room.timeline.forget();
    }
    one(Ask::Join { room: name, show: false })
}

/// Goes to the newest message. If it is already on the screen, removes the divider and failed messages.
pub(super) fn escape(model: &mut Model) -> Vec<Effect> {
    if model.room().is_some_and(|room| room.timeline.is_apart) {
        return back_to_newest(model);
    }
    if let Some(room) = model.room_mut() {
        if !room.timeline.at_newest() {
            room.timeline.to_newest();
            return Vec::new();
        }
        room.divider = None;
        room.timeline.pending.retain(|pending| !matches!(pending.fate, Fate::Failed(_)));
    }
    Vec::new()
}

/// Requests older messages when the reader is near the first one held.
pub(super) fn load_older(model: &mut Model) -> Option<Effect> {
    let page = page(model);
    let name = model.current.clone()?;
    let timeline = &mut model.room_mut()?.timeline;
    let first = timeline.wants_older(&page)?;
    timeline.older = Older::Loading;
    Some(Ask::Older(name, first).into())
}

/// Adds the older messages.
pub(super) fn add_older(model: &mut Model, room: &str, before: Seq, messages: &[Event], more: bool) {
    if let Some(room) = model.rooms.get_mut(room) {
        room.timeline.add_older(before, messages.iter().map(Item::of).collect(), more);
    }
}

/// Notes that the older messages will not arrive.
pub(super) fn no_older(model: &mut Model, room: &str) {
    if let Some(room) = model.rooms.get_mut(room) {
        room.timeline.older = Older::Unknown;
    }
}

/// Shows the messages around one, and chooses it.
pub(super) fn jump(model: &mut Model, room: &str, seq: Seq, messages: &[Event]) {
    let page = page(model);
    if let Some(room) = model.rooms.get_mut(room) {
        room.timeline.jump(messages.iter().map(Item::of).collect(), seq, &page);
        model.selected = Some(seq);
    }
}
