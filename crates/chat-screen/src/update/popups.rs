//! Handles keys while a popup is open.

use super::{account, menus, messages};
use crate::action::{ACTIONS, Action, commands};
use crate::model::picker::{Picker, Step};
use crate::model::{Model, Popup};
use crate::msg::{Effect, ToScreen, one};
use crate::rights;

/// Creates the help: the commands that the person may use, or the keys.
pub(super) fn help(model: &Model, of_commands: bool) -> Popup {
    let rows = if of_commands {
        commands()
            .filter(|command| rights::has(model, command.needs))
            .filter_map(|command| command.help)
            .collect()
    } else {
        ACTIONS.iter().filter_map(|entry| entry.help).collect()
    };
    Popup::Help { commands: of_commands, rows: Picker::new(rows) }
}

/// Handles a character. Returns `None` if it closes the popup and belongs to the input.
pub(super) fn insert(model: &mut Model, text: &str) -> Option<Vec<Effect>> {
    match &mut model.popup {
        Some(Popup::Form(form)) => {
            form.input().insert(text);
        }
        Some(Popup::Emoji { filter, offered, .. }) => {
            filter.insert(text);
            *offered = messages::offered(filter.text());
        }
        Some(Popup::Question { .. }) => return Some(reply(model, text)),
        _ => return None,
    }
    Some(Vec::new())
}

/// Handles a key while a question is shown: `y` confirms, `n` declines, every other key is ignored.
fn reply(model: &mut Model, key: &str) -> Vec<Effect> {
    match (key, model.popup.take()) {
        ("y" | "Y", Some(Popup::Question { effect, .. })) => vec![effect],
        ("n" | "N", _) => Vec::new(),
        (_, question) => {
            model.popup = question;
            Vec::new()
        }
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    // A popup has a border above and below its lines.
    let visible = usize::from(model.size.1).saturating_sub(2);
    let Some(popup) = &mut model.popup else { return Vec::new() };
    if let Some(step) = Step::of(action)
        && popup.step(step, visible)
    {
        return Vec::new();
    }
    match (popup, action) {
        (Popup::Form(_), action) => return account::key(model, action),
        (Popup::Emoji { .. }, action) => return in_emoji(model, action),
        (Popup::People { .. } | Popup::Menu { .. } | Popup::Found { .. }, Action::Send) => {
            return menus::choose(model);
        }
        (Popup::Help { commands, .. }, Action::Help) => {
            let commands = !*commands;
            model.popup = Some(help(model, commands));
        }
        (Popup::Question { .. }, action) if action != Action::Escape => {}
        _ => model.popup = None,
    }
    Vec::new()
}

fn in_emoji(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Popup::Emoji { target, filter, offered }) = &mut model.popup else { return Vec::new() };
    match action {
        Action::Complete => offered.step(Step::Down),
        Action::CompleteBack => offered.step(Step::Up),
        Action::Edit(crate::action::Edit::Backspace) => {
            filter.backspace();
            *offered = messages::offered(filter.text());
        }
        action => {
            let chosen = offered.chosen().filter(|_| action == Action::Send);
            let (target, chosen) = (*target, chosen.map(|(_, emoji)| (*emoji).to_owned()));
            model.popup = None;
            // After some emoji a terminal leaves remnants, because it takes them for wider.
            let mut effects = one(ToScreen::Redraw);
            if action == Action::Send {
                model.selected = None;
            }
            effects.extend(chosen.into_iter().flat_map(|emoji| messages::react(model, target, emoji)));
            return effects;
        }
    }
    Vec::new()
}
