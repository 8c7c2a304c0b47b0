//! Tab: what the word or the path that is being typed may become.

use chat_proto::room::RoomKind;

use crate::action::{Takes, commands};
use crate::complete::Completion;
use crate::model::Model;
use crate::msg::{Effect, ToFiles, one};
use crate::rights;

pub(super) fn complete(model: &mut Model, back: bool) -> Vec<Effect> {
    let completion = match model.completion.take() {
        Some(mut completion) => {
            completion.turn(back);
            Some(completion)
        }
        None => {
            let draft = model.draft();
            // What there is on the disk, the world knows.
            if let Some(path) = typed_path(draft.text()) {
                return one(ToFiles::ListPaths(path.to_owned()));
            }
            let may = |needs| rights::has(model, needs);
            Completion::of(draft.text(), draft.cursor(), &room_names(model), &people(model), may)
        }
    };
    stand(model, completion);
    Vec::new()
}

fn stand(model: &mut Model, completion: Option<Completion>) {
    if let Some(completion) = completion {
        model.draft_mut().replace_from(completion.start, completion.word());
        model.completion = Some(completion);
    }
}

/// The path that is being typed, behind a command that takes one.
fn typed_path(draft: &str) -> Option<&str> {
    let (command, path) = draft.split_once(' ')?;
    commands().any(|known| known.takes == Takes::Path && known.name == command).then_some(path)
}

/// What the path may become, if it still stands there.
pub(super) fn paths(model: &mut Model, typed: &str, mut words: Vec<String>) {
    let draft = model.draft().text();
    if typed_path(draft) == Some(typed) && !words.is_empty() {
        let start = draft.len() - typed.len();
        words.push(typed.to_owned());
        stand(model, Some(Completion { start, words, chosen: 0 }));
        // A folder alone is gone into by the next Tab.
        model.completion = model.completion.take().filter(|completion| completion.words.len() > 2);
    }
}

fn room_names(model: &Model) -> Vec<String> {
    let mine = model.rooms.iter().filter(|(_, room)| room.kind != RoomKind::Direct).map(|(name, _)| name);
    let mut names: Vec<String> = mine.chain(&model.other_rooms).cloned().collect();
    names.sort();
    names.dedup();
    names
}

/// Who may be meant in this room: who wrote last comes first, then who is online.
fn people(model: &Model) -> Vec<String> {
    let Some(room) = model.room() else { return Vec::new() };
    let mut names: Vec<String> = Vec::new();
    let wrote = room.timeline.authors().take(500).map(ToString::to_string);
    for name in wrote.chain(room.online.keys().cloned()) {
        if !names.contains(&name) && model.me.as_ref().is_none_or(|me| me.name != name) {
            names.push(name);
        }
    }
    names
}
