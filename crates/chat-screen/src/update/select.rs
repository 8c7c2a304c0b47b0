//! Choosing a message, and the keys and the menu for the chosen one. Only actions that the server would allow are
//! offered.

use chat_proto::Seq;
use chat_proto::policy::Right;

use super::messages;
use crate::action::Action;
use crate::clean::Clean;
use crate::layout::page;
use crate::model::row::minute;
use crate::model::{Choice, Choose, Model, OnMessage, Popup};
use crate::msg::{Ask, Effect, one};
use crate::rights;

/// Chooses the next message up or down. Below the newest, no message is chosen.
pub(super) fn step(model: &mut Model, back: bool) {
    let page = page(model);
    let from = model.selected;
    let Some(room) = model.room_mut() else { return };
    match (room.timeline.neighbour(from, back), back) {
        (Some(seq), _) => {
            room.timeline.show(seq, &page);
            model.selected = Some(seq);
        }
        (None, true) => {}
        (None, false) => model.selected = None,
    }
}

/// Handles a key while a message is chosen. Returns whether the key is done with.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Up => step(model, true),
        Action::Down => step(model, false),
        Action::Send => menu(model),
        Action::Escape => model.selected = None,
        Action::SelectUp | Action::SelectDown | Action::PageUp | Action::PageDown | Action::NextMention => {
            return false;
        }
        _ => {
            model.selected = None;
            return false;
        }
    }
    true
}

/// Goes to the first unread message in the current room.
pub(super) fn first_unread(model: &mut Model) -> Vec<Effect> {
    let read = model.room().map(|room| room.divider.unwrap_or(room.read)).unwrap_or_default();
    let head = model.room().map_or(Seq::ZERO, |room| room.head.max(room.timeline.last_seq()));
    if head <= read {
        model.tell("No unread messages here.");
        return Vec::new();
    }
    to(model, read.next())
}

/// Goes to the next message that mentions the person, after the chosen one or otherwise after the read mark. If it is
/// not held, searches for it.
pub(super) fn next_mention(model: &mut Model) -> Vec<Effect> {
    let Some(me) = model.me.as_ref().map(|me| me.name.clone()) else { return Vec::new() };
    let selected = model.selected;
    let Some(room) = model.room() else { return Vec::new() };
    let from = selected.unwrap_or(room.divider.unwrap_or(room.read));
    match room.timeline.naming(&me, from) {
        Some(seq) => to(model, seq),
        None => one(Ask::Search(format!("\"{me}\""))),
    }
}

/// Chooses a message and shows it. If it is not held, requests the messages around it.
fn to(model: &mut Model, seq: Seq) -> Vec<Effect> {
    let page = page(model);
    let Some(name) = model.current.clone() else { return Vec::new() };
    let Some(room) = model.room_mut() else { return Vec::new() };
    match room.timeline.at_or_behind(seq) {
        Some(seq) => {
            room.timeline.show(seq, &page);
            model.selected = Some(seq);
            Vec::new()
        }
        None => one(Ask::Around(name, seq)),
    }
}

/// Returns the possible actions on the chosen message: the key, the menu's text, and the action.
fn offered(model: &Model, seq: Seq) -> Vec<(char, &'static str, OnMessage)> {
    let Some(room) = model.room() else { return Vec::new() };
    let message = room.timeline.message(seq);
    let own = model.me.as_ref().is_some_and(|me| message.is_some_and(|item| item.by == me.id));
    let may = |right| rights::may_in(model, room, right);
    let has_files = message.is_some_and(|item| !item.more.files.is_empty());
    let has_link = message.is_some_and(|item| chat_markup::tree::first_link(item.text.as_str()).is_some());
    let open = if has_files { "Open its file (o)" } else { "Open its link (o)" };
    let all = [
        (may(Right::Write), 'r', "Reply (r)", OnMessage::Reply),
        (may(Right::Write), '+', "React (+)", OnMessage::React),
        (has_files, 's', "Save its files (s)", OnMessage::Save),
        (has_files || has_link, 'o', open, OnMessage::Open),
        (may(Right::Edit { own }), 'e', "Edit (e)", OnMessage::Edit),
        (may(Right::Delete { own }), 'd', "Delete (d)", OnMessage::Delete),
        (may(Right::Pin), 'p', "Pin or unpin (p)", OnMessage::Pin),
    ];
    all.into_iter().filter(|(offered, ..)| *offered).map(|(_, key, words, what)| (key, words, what)).collect()
}

/// Handles a letter while a message is chosen. Returns `None` if it means nothing here.
pub(super) fn key(model: &mut Model, letter: char) -> Option<Vec<Effect>> {
    let seq = model.selected?;
    match letter {
        'k' => step(model, true),
        'j' => step(model, false),
        letter => {
            let letter = if letter == ':' { '+' } else { letter };
            let (.., what) = offered(model, seq).into_iter().find(|(key, ..)| *key == letter)?;
            return Some(on_chosen(model, what));
        }
    }
    Some(Vec::new())
}

/// Does something with the chosen message.
pub(super) fn on_chosen(model: &mut Model, what: OnMessage) -> Vec<Effect> {
    let Some(seq) = model.selected else { return Vec::new() };
    if what != OnMessage::React {
        model.selected = None;
    }
    match what {
        OnMessage::Reply => messages::reply(model, seq),
        OnMessage::React => messages::pick(model, seq),
        OnMessage::Edit => messages::edit(model, seq),
        OnMessage::Delete => messages::ask_delete(model, seq),
        OnMessage::Save => return super::files::save_of(model, seq),
        OnMessage::Open => return super::files::open_of(model, seq),
        OnMessage::Pin => return messages::pin(model, seq),
    }
    Vec::new()
}

/// Shows the menu for the chosen message.
fn menu(model: &mut Model) {
    let Some(seq) = model.selected else { return };
    let choice = |(_, words, what)| Choice { label: Clean::line(words), does: Choose::Message(what) };
    let choices: Vec<Choice> = offered(model, seq).into_iter().map(choice).collect();
    if !choices.is_empty() {
        let message = model.room().and_then(|room| room.timeline.message(seq));
        let title = message.map(|item| format!("{}, {}", item.name, minute(item.at, &model.zone)));
        model.popup = Some(Popup::menu(&title.unwrap_or_default(), choices));
    }
}
