//! The keyboard.

use chat_proto::limits::TEXT_BYTES;

use super::completing::complete;
use super::{menu, select, show, typed};
use crate::keys::Action;
use crate::model::composer::Composer;
use crate::model::form::{Filled, Form, Purpose};
use crate::model::{About, EARLY_POSTS, HISTORY, Model, Popup};
use crate::msg::{Account, Effect};
use crate::rights;
use crate::slash::{self, Typed};

/// How long a second Ctrl+C quits, in milliseconds.
const QUIT_MS: i64 = 2000;

/// How often a room is told that one is writing, in milliseconds.
const TYPING_EVERY_MS: i64 = 3000;

pub(super) fn insert(model: &mut Model, text: &str) -> Vec<Effect> {
    match &mut model.popup {
        Some(Popup::Form(form)) => {
            form.input().insert(text);
            return Vec::new();
        }
        Some(Popup::Emoji { filter, at, .. }) => {
            filter.insert(text);
            *at = 0;
            return Vec::new();
        }
        Some(Popup::Question { .. }) => return reply(model, text),
        Some(_) => model.popup = None,
        None => {}
    }
    if let Some(c) = text.chars().next().filter(|_| model.selected.is_some()) {
        // A key that means nothing here is the beginning of a message.
        match select::key(model, c) {
            Some(effects) => return effects,
            None => model.selected = None,
        }
    }
    write(model, text)
}

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(Popup::Form(form)) = &mut model.popup {
        form.input().insert(text.lines().next().unwrap_or_default());
        return Vec::new();
    }
    // A paste agrees to nothing.
    if matches!(model.popup, Some(Popup::Question { .. })) {
        return Vec::new();
    }
    write(model, &text)
}

/// A key while a question is asked: `y` agrees, `n` declines, every other one is ignored.
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

fn write(model: &mut Model, text: &str) -> Vec<Effect> {
    (model.completion, model.note, model.quit_until) = (None, None, None);
    if !model.draft_mut().insert(text) {
        model.complain("That is too long for a draft. Send it as lines: chat-tui send < FILE");
    }
    typing(model)
}

/// Tells the room that one is writing, unless it is a command or it was told just now.
fn typing(model: &mut Model) -> Vec<Effect> {
    let draft = model.draft();
    let writes = !draft.is_empty() && !draft.text().starts_with('/');
    let Some(room) = model.current.clone() else { return Vec::new() };
    if !writes || model.now - model.typing_sent < TYPING_EVERY_MS {
        return Vec::new();
    }
    model.typing_sent = model.now;
    vec![Effect::Typing(room)]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if !matches!(action, Action::Complete | Action::CompleteBack) {
        model.completion = None;
    }
    if action != Action::Interrupt && action != Action::EndOfInput {
        model.quit_until = None;
    }
    match action {
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Reconnect => return vec![Effect::Reconnect],
        Action::ToggleMouse => {
            model.mouse = !model.mouse;
            model.tell(if model.mouse {
                "The wheel scrolls. F3 lets you select text."
            } else {
                "The mouse selects text. F3 lets the wheel scroll."
            });
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Interrupt => return interrupt(model),
        _ => {}
    }
    if model.popup.is_some() {
        return in_popup(model, action);
    }
    if model.selected.is_some() {
        match action {
            Action::Up => select::step(model, true),
            Action::Down => select::step(model, false),
            Action::Send => select::open(model),
            Action::Escape => model.selected = None,
            Action::SelectUp
            | Action::SelectDown
            | Action::PageUp
            | Action::PageDown
            | Action::NextMention => {}
            _ => model.selected = None,
        }
        if matches!(action, Action::Up | Action::Down | Action::Send | Action::Escape) {
            return Vec::new();
        }
    }
    let page = model.page();
    let step = page.height.saturating_sub(2).max(1);
    match action {
        Action::Send => return send(model),
        Action::Newline => return write(model, "\n"),
        Action::Complete | Action::CompleteBack => {
            return complete(model, action == Action::CompleteBack);
        }
        Action::Help => model.popup = Some(Popup::Help { commands: false }),
        Action::SelectUp => select::step(model, true),
        Action::SelectDown => select::step(model, false),
        Action::People => return typed::command(model, "/who", ""),
        Action::ToggleSidebar => model.sidebar = Some(!crate::view::has_sidebar(model)),
        Action::Escape => return escape(model),
        Action::NextRoom => return step_room(model, 1),
        Action::PreviousRoom => return step_room(model, -1),
        Action::NextUnread => return next_unread(model),
        Action::FirstUnread => return select::first_unread(model),
        Action::NextMention => return select::next_mention(model),
        Action::Room(n) => {
            let name = model.rooms.keys().nth(usize::from(n) - 1).cloned();
            return name.map_or(Vec::new(), |name| show(model, &name));
        }
        Action::EndOfInput if model.draft().is_empty() => return interrupt(model),
        Action::Up if !model.draft_mut().up() => recall(model, true),
        Action::Down if !model.draft_mut().down() => recall(model, false),
        Action::Up | Action::Down => {}
        Action::PageUp | Action::PageDown | Action::Oldest | Action::Newest => {
            if action == Action::Newest || action == Action::PageDown {
                let ended =
                    model.room().is_some_and(|room| room.timeline.is_apart && room.timeline.at_newest());
                if ended
                    || (action == Action::Newest && model.room().is_some_and(|room| room.timeline.is_apart))
                {
                    return back_to_newest(model);
                }
            }
            if let Some(room) = model.room_mut() {
                match action {
                    Action::PageUp => room.timeline.scroll_up(step, &page),
                    Action::PageDown => room.timeline.scroll_down(step, &page),
                    Action::Oldest => room.timeline.to_oldest(&page),
                    _ => room.timeline.to_newest(),
                }
            }
        }
        _ => edit(model.draft_mut(), action),
    }
    Vec::new()
}

/// How many rows one notch of the wheel moves.
const NOTCH: usize = 3;

pub(super) fn wheel(model: &mut Model, up: bool) -> Vec<Effect> {
    if model.popup.is_some() {
        return in_popup(model, if up { Action::Up } else { Action::Down });
    }
    let page = model.page();
    if let Some(room) = model.room_mut() {
        if up { room.timeline.scroll_up(NOTCH, &page) } else { room.timeline.scroll_down(NOTCH, &page) }
    }
    Vec::new()
}

fn edit(draft: &mut Composer, action: Action) {
    match action {
        Action::Left => draft.left(),
        Action::Right => draft.right(),
        Action::WordLeft => draft.word_left(),
        Action::WordRight => draft.word_right(),
        Action::LineStart => draft.line_start(),
        Action::LineEnd => draft.line_end(),
        Action::Backspace => draft.backspace(),
        Action::Delete | Action::EndOfInput => draft.delete(),
        Action::DeleteWord => draft.cut_word(),
        Action::DeleteToStart => draft.cut_to_start(),
        Action::DeleteToEnd => draft.cut_to_end(),
        Action::Yank => draft.yank(),
        _ => {}
    }
}

fn in_popup(model: &mut Model, action: Action) -> Vec<Effect> {
    match (&mut model.popup, action) {
        (Some(Popup::Form(_)), action) => return in_form(model, action),
        (Some(Popup::Question { .. }), Action::Escape) => model.popup = None,
        (Some(Popup::Question { .. }), _) => {}
        (Some(Popup::People { .. } | Popup::Menu { .. }), Action::Send) => return menu::choose(model),
        (
            Some(Popup::People { members, at, .. }),
            Action::Up | Action::Down | Action::PageUp | Action::PageDown,
        ) => {
            menu::step(at, members.len(), action);
        }
        (
            Some(Popup::Menu { choices, at, .. }),
            Action::Up | Action::Down | Action::PageUp | Action::PageDown,
        ) => {
            menu::step(at, choices.len(), action);
        }
        (Some(Popup::Emoji { .. }), action) => return select::pick(model, action),
        (Some(Popup::Found { .. }), Action::Send) => return menu::choose(model),
        (
            Some(Popup::Found { found, at, .. }),
            Action::Up | Action::Down | Action::PageUp | Action::PageDown,
        ) => {
            menu::step(at, found.len(), action);
        }
        (Some(Popup::Help { commands }), Action::Help) => *commands = !*commands,
        (Some(Popup::List { lines, top, .. }), Action::Down | Action::PageDown) => {
            *top = (*top + if action == Action::Down { 1 } else { 10 }).min(lines.len().saturating_sub(1));
        }
        (Some(Popup::List { top, .. }), Action::Up | Action::PageUp) => {
            *top = top.saturating_sub(if action == Action::Up { 1 } else { 10 });
        }
        _ => model.popup = None,
    }
    Vec::new()
}

fn in_form(model: &mut Model, action: Action) -> Vec<Effect> {
    let is_known = model.me.is_some();
    let Some(Popup::Form(form)) = &mut model.popup else { return Vec::new() };
    if form.is_busy {
        return Vec::new();
    }
    match (action, form.purpose) {
        (Action::Escape, Purpose::Guest) if !is_known => {}
        (Action::Escape, _) if is_known => model.popup = None,
        (Action::Escape, _) => {
            let form = Form::new(Purpose::Guest, "", "Come as a guest: a name is all it takes.");
            model.popup = Some(Popup::Form(form));
        }
        (Action::Complete, Purpose::Guest) => {
            let name = form.name().to_owned();
            let form = Form::new(Purpose::LogIn, &name, "Log in with a name that has a password.");
            model.popup = Some(Popup::Form(form));
        }
        (Action::Complete | Action::Down, _) => form.turn(false),
        (Action::CompleteBack | Action::Up, _) => form.turn(true),
        (Action::Send, _) => return submit(model),
        (action, _) => edit(form.input(), action),
    }
    Vec::new()
}

/// Hands a form in, once every line of it is filled in.
fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Form(form)) = &mut model.popup else { return Vec::new() };
    let Some(filled) = form.filled() else { return Vec::new() };
    form.is_busy = true;
    vec![match filled {
        Filled::Guest(name) => {
            model.popup = None;
            Effect::Rename(name)
        }
        Filled::LogIn(who) => Effect::Account(Account::LogIn(who)),
        Filled::Register(who) => Effect::Account(Account::Register(who)),
        Filled::Password(change) => Effect::Account(Account::Password(change)),
    }]
}

fn send(model: &mut Model) -> Vec<Effect> {
    let input = model.draft().text().to_owned();
    if input.trim().is_empty() {
        return Vec::new();
    }
    let read = slash::read(&input, |needs| rights::has(needs, model.me.as_ref(), model.room()));
    if let Typed::Unknown(told) = &read {
        model.complain(told);
        return Vec::new();
    }
    if let Typed::Text(text) = &read {
        if text.len() > TEXT_BYTES {
            let told = format!(
                "{} bytes are too many for one message, {TEXT_BYTES} may be. Send it in parts.",
                text.len()
            );
            model.complain(&told);
            return Vec::new();
        }
        if model.current.is_none() && (model.was_in_room || model.early_posts.len() >= EARLY_POSTS) {
            model.complain("You are in no room. /join ROOM goes to one.");
            return Vec::new();
        }
    }
    model.draft_mut().take();
    (model.note, model.recalled) = (None, None);
    if model.history.last() != Some(&input) {
        model.history.push(input);
        if model.history.len() > HISTORY {
            model.history.remove(0);
        }
    }
    match read {
        Typed::Text(text) => typed::text(model, text),
        Typed::Command(name, rest) => typed::command(model, name, &rest),
        Typed::Unknown(_) => Vec::new(),
    }
}

fn interrupt(model: &mut Model) -> Vec<Effect> {
    if model.quit_until.is_some() {
        return vec![Effect::Quit];
    }
    model.popup = model.popup.take().filter(|popup| matches!(popup, Popup::Form(_)) && model.me.is_none());
    if model.draft().is_empty() {
        model.quit_until = Some(model.now + QUIT_MS);
    } else {
        model.draft_mut().clear();
        model.recalled = None;
    }
    Vec::new()
}

/// From a stretch of the log that was jumped to, back to the newest messages.
fn back_to_newest(model: &mut Model) -> Vec<Effect> {
    let Some(name) = model.current.clone() else { return Vec::new() };
    if let Some(room) = model.room_mut() {
        room.timeline.forget();
    }
    vec![Effect::Ask(crate::msg::Ask::Join { room: name, show: false })]
}

fn escape(model: &mut Model) -> Vec<Effect> {
    model.note = None;
    if model.upload.take().is_some() {
        model.tell("The upload was given up.");
        return vec![Effect::CancelUpload];
    }
    if let Some(about) = model.about.take() {
        if matches!(about, About::Edit(_)) {
            model.draft_mut().take();
        }
        return Vec::new();
    }
    if model.room().is_some_and(|room| room.timeline.is_apart) {
        return back_to_newest(model);
    }
    if let Some(room) = model.room_mut() {
        if !room.timeline.at_newest() {
            room.timeline.to_newest();
            return Vec::new();
        }
        room.divider = None;
        let failed =
            |p: &crate::model::timeline::Pending| matches!(p.fate, crate::model::timeline::Fate::Failed(_));
        room.timeline.pending.retain(|pending| !failed(pending));
    }
    Vec::new()
}

fn recall(model: &mut Model, back: bool) {
    let (at, draft) = match (model.recalled.take(), back) {
        (None, false) => return,
        (None, true) => (model.history.len(), model.draft().text().to_owned()),
        (Some(recalled), _) => recalled,
    };
    let next = if back { at.saturating_sub(1) } else { at + 1 };
    match model.history.get(next).cloned() {
        Some(text) => {
            model.draft_mut().set(&text);
            model.recalled = Some((next, draft));
        }
        None => model.draft_mut().set(&draft),
    }
}

fn step_room(model: &mut Model, by: isize) -> Vec<Effect> {
    let names: Vec<String> = model.rooms.keys().cloned().collect();
    let at = names.iter().position(|name| Some(name) == model.current.as_ref()).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(names.len().max(1) as isize) as usize;
    names.get(next).cloned().map_or(Vec::new(), |name| show(model, &name))
}

fn next_unread(model: &mut Model) -> Vec<Effect> {
    let current = model.current.clone().unwrap_or_default();
    let unread = |(name, room): &(&String, &crate::model::Room)| room.unread > 0 && **name != current;
    let after = model.rooms.iter().filter(unread).find(|(name, _)| **name > current);
    let next = after.or_else(|| model.rooms.iter().find(unread)).map(|(name, _)| name.clone());
    match next {
        Some(name) => show(model, &name),
        None => {
            model.tell("There is nothing new in the other rooms.");
            Vec::new()
        }
    }
}
