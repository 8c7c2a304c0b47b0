//! Actions on a message: reply, react, edit, delete, pin.

use chat_proto::command::{OfMessage, React};
use chat_proto::emoji::beginning_with;
use chat_proto::{Command, Emoji, Seq};

use super::complain;
use crate::clean::Clean;
use crate::model::composer::Composer;
use crate::model::picker::Picker;
use crate::model::{About, Choice, Choose, Model, Popup};
use crate::msg::{Ask, Effect, one};

/// The emoji suggested before a letter is typed, by their shortcodes.
const USUAL: [&str; 12] = [
    "+1",
    "-1",
    "heart",
    "joy",
    "tada",
    "rocket",
    "eyes",
    "thinking",
    "cry",
    "fire",
    "100",
    "white_check_mark",
];

pub(super) fn reply(model: &mut Model, seq: Seq) {
    model.about = Some(About::Reply(seq));
}

pub(super) fn edit(model: &mut Model, seq: Seq) {
    let message = model.room().and_then(|room| room.timeline.message(seq));
    let Some(text) = message.map(|item| item.text.to_string()) else { return };
    model.draft_mut().set(&text);
    model.about = Some(About::Edit(seq));
}

fn of_message(model: &Model, seq: Seq) -> Option<OfMessage> {
    Some(OfMessage { room: model.current.clone()?, seq })
}

pub(super) fn ask_delete(model: &mut Model, seq: Seq) {
    let Some(asked) = of_message(model, seq) else { return };
    let choice = |label: &str, does| Choice { label: Clean::line(label), does };
    let choices = vec![
        choice("Keep it", Choose::Nothing),
        choice("Delete it, for everyone", Choose::Effect(Ask::Do(Command::Delete(asked)).into())),
    ];
    model.popup = Some(Popup::menu("Delete this message?", choices));
}

pub(super) fn pin(model: &mut Model, seq: Seq) -> Vec<Effect> {
    let Some(asked) = of_message(model, seq) else { return Vec::new() };
    let message = model.room().and_then(|room| room.timeline.message(seq));
    let is_pinned = message.is_some_and(|item| item.more.is_pinned);
    one(Ask::Do(if is_pinned { Command::Unpin(asked) } else { Command::Pin(asked) }))
}

/// Shows emoji to react with.
pub(super) fn pick(model: &mut Model, target: Seq) {
    model.popup = Some(Popup::Emoji { target, filter: Composer::default(), offered: offered("") });
}

/// Returns the emoji whose shortcodes begin with `filter`.
pub(super) fn offered(filter: &str) -> Picker<(&'static str, &'static str)> {
    if filter.is_empty() {
        let usual =
            USUAL.iter().filter_map(|code| beginning_with(code).into_iter().find(|(known, _)| known == code));
        return Picker::new(usual.collect());
    }
    let mut fits = beginning_with(filter.trim_start_matches(':'));
    // Terminals do not agree on how wide flags are.
    fits.retain(|(_, emoji)| !emoji.chars().any(|c| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)));
    Picker::new(fits)
}

/// Reacts to the chosen or the newest message, with this emoji or one to be picked.
pub(super) fn react_or_pick(model: &mut Model, emoji: Option<Emoji>) -> Vec<Effect> {
    let newest = model.room().and_then(|room| room.timeline.neighbour(None, true));
    let Some(seq) = model.selected.take().or(newest) else {
        return complain(model, "There is no message to react to.");
    };
    match emoji {
        Some(emoji) => react(model, seq, emoji.as_str().to_owned()),
        None => {
            pick(model, seq);
            Vec::new()
        }
    }
}

/// Reacts to a message, or removes the reaction if the person already made it.
pub(super) fn react(model: &Model, seq: Seq, emoji: String) -> Vec<Effect> {
    let Some(room) = model.current.clone() else { return Vec::new() };
    let me = model.me.as_ref().map(|me| me.name.as_str()).unwrap_or_default();
    let shown = Clean::line(&emoji);
    let message = model.room().and_then(|room| room.timeline.message(seq));
    let is_there = message.is_some_and(|item| {
        let mut reactions = item.more.reactions.iter();
        reactions.any(|(known, users)| *known == shown && users.iter().any(|user| user == me))
    });
    let asked = React { room, seq, emoji };
    one(Ask::Do(if is_there { Command::Unreact(asked) } else { Command::React(asked) }))
}
