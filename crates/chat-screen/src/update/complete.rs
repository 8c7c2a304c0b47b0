//! Tab: completes the word or the path that is being typed.

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
            // Only the world outside can list files.
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

/// Returns the path that is being typed after a command that takes one.
fn typed_path(draft: &str) -> Option<&str> {
    let (command, path) = draft.split_once(' ')?;
    commands().any(|known| known.takes == Takes::Path && known.name == command).then_some(path)
}

/// Takes the completions of a path, if it is still in the input.
pub(super) fn paths(model: &mut Model, typed: &str, mut words: Vec<String>) {
    let draft = model.draft().text();
    if typed_path(draft) == Some(typed) && !words.is_empty() {
        let start = draft.len() - typed.len();
        words.push(typed.to_owned());
        stand(model, Some(Completion { start, words, chosen: 0 }));
        // If the only completion is a folder, the next Tab goes into it.
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

/// Returns the names to complete: recent authors of the room first, then people who are online.
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
