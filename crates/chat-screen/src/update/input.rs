//! The keyboard: passes each key and character to its subject.

use super::{complete, compose, popups, rooms, scroll, select, slash};
use crate::action::{Action, Edit};
use crate::layout;
use crate::model::{Model, Popup};
use crate::msg::{Effect, ToScreen, ToServer, one};
use crate::slash::Slash;

pub(super) fn insert(model: &mut Model, c: char) -> Vec<Effect> {
    let text = c.to_string();
    if model.popup.is_some() {
        if let Some(effects) = popups::insert(model, &text) {
            return effects;
        }
        model.popup = None;
    }
    if model.selected.is_some() {
        // A key that means nothing here is the first character of a message.
        match select::key(model, c) {
            Some(effects) => return effects,
            None => model.selected = None,
        }
    }
    compose::write(model, &text)
}

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    match &mut model.popup {
        Some(Popup::Form(form)) => {
            form.input().insert(text.lines().next().unwrap_or_default());
            Vec::new()
        }
        // A paste confirms nothing.
        Some(Popup::Question { .. }) => Vec::new(),
        _ => compose::write(model, &text),
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if !matches!(action, Action::Complete | Action::CompleteBack) {
        model.completion = None;
    }
    if !matches!(action, Action::Interrupt | Action::EndOfInput) {
        model.quit_until = None;
    }
    match action {
        Action::Redraw => return one(ToScreen::Redraw),
        Action::Suspend => return one(ToScreen::Suspend),
        Action::Reconnect => return one(ToServer::Reconnect),
        Action::ToggleMouse => return toggle_mouse(model),
        Action::Interrupt => return compose::interrupt(model),
        _ => {}
    }
    if model.popup.is_some() {
        return popups::act(model, action);
    }
    if model.selected.is_some() && select::act(model, action) {
        return Vec::new();
    }
    in_conversation(model, action)
}

fn in_conversation(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Send => return compose::send(model),
        Action::Newline => return compose::write(model, "\n"),
        Action::Complete => return complete::complete(model, false),
        Action::CompleteBack => return complete::complete(model, true),
        Action::Escape => return escape(model),
        Action::PageUp => scroll::pages(model, true),
        Action::PageDown => return scroll::page_down(model),
        Action::Oldest => scroll::to_oldest(model),
        Action::Newest => return scroll::to_newest(model),
        Action::NextRoom => return rooms::step(model, 1),
        Action::PreviousRoom => return rooms::step(model, -1),
        Action::NextUnread => return rooms::next_unread(model),
        Action::Room(number) => return rooms::show_nth(model, number),
        Action::FirstUnread => return select::first_unread(model),
        Action::NextMention => return select::next_mention(model),
        Action::SelectUp => select::step(model, true),
        Action::SelectDown => select::step(model, false),
        Action::Help => model.popup = Some(popups::help(model, false)),
        Action::ToggleSidebar => model.sidebar = Some(!layout::has_sidebar(model)),
        Action::EndOfInput if model.draft().is_empty() => return compose::interrupt(model),
        Action::EndOfInput => model.draft_mut().edit(Edit::Delete),
        Action::Up => compose::up(model),
        Action::Down => compose::down(model),
        Action::Edit(edit) => model.draft_mut().edit(edit),
        Action::Run(verb) => match Slash::without_arguments(verb) {
            Ok(command) => return slash::run(model, command),
            Err(missing) => model.complain(&missing),
        },
        // These are handled before.
        Action::Redraw | Action::Suspend | Action::Reconnect | Action::ToggleMouse | Action::Interrupt => {}
    }
    Vec::new()
}

fn toggle_mouse(model: &mut Model) -> Vec<Effect> {
    model.mouse = !model.mouse;
    model.tell(if model.mouse {
        "The wheel scrolls. F3: select text with the mouse."
    } else {
        "The mouse selects text. F3: scroll with the wheel."
    });
    one(ToScreen::Mouse(model.mouse))
}

/// Closes one thing: the note, the upload, a reply or edit in the input, or the position further up.
fn escape(model: &mut Model) -> Vec<Effect> {
    model.note = None;
    if let Some(effects) = super::files::cancel(model) {
        return effects;
    }
    if compose::drop_about(model) {
        return Vec::new();
    }
    scroll::escape(model)
}
