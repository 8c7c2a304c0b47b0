//! Writing: typing, sending, recalling, and warnings about messages that would be lost.

use chat_proto::command::Edit;
use chat_proto::emoji::replace_shortcodes;
use chat_proto::limits::TEXT_BYTES;
use chat_proto::updates::Outgoing;
use chat_proto::{Command, Millis};

use super::{complain, slash};
use crate::model::pending::Pending;
use crate::model::{About, EARLY_POSTS, Early, HISTORY, Model, Popup};
use crate::msg::{Ask, Effect, ToScreen, ToServer, one};
use crate::rights;
use crate::slash::{Slash, Typed, read};

/// How long a second Ctrl+C quits, in milliseconds.
const QUIT_MS: i64 = 2000;

/// The minimum time between two typing signals, in milliseconds.
const TYPING_EVERY_MS: i64 = 3000;

/// The complaint when an action needs a room and there is none.
pub(super) const NO_ROOM: &str = "You are not in a room. /join ROOM opens one.";

pub(super) fn write(model: &mut Model, text: &str) -> Vec<Effect> {
    (model.completion, model.note, model.quit_until) = (None, None, None);
    if !model.draft_mut().insert(text) {
        model.complain("That is too long to send from here. Send it as lines: chat-tui send < FILE");
    }
    typing(model)
}

/// Tells the room that the person is typing, unless the input is a command or the room was told recently.
fn typing(model: &mut Model) -> Vec<Effect> {
    let draft = model.draft();
    let writes = !draft.is_empty() && !draft.text().starts_with('/');
    let Some(room) = model.current.clone() else { return Vec::new() };
    if !writes || model.now - model.typing_sent < TYPING_EVERY_MS {
        return Vec::new();
    }
    model.typing_sent = model.now;
    one(ToServer::Typing(room))
}

pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let input = model.draft().text().to_owned();
    if input.trim().is_empty() {
        return Vec::new();
    }
    let typed = read(&input, |needs| rights::has(model, needs));
    // A text stays in the input until it can be sent.
    if let Typed::Text(text) | Typed::Command(Slash::Direct { text, .. }) = &typed
        && text.len() > TEXT_BYTES
    {
        let bytes = text.len();
        return complain(
            model,
            &format!("Too long: {bytes} bytes, and at most {TEXT_BYTES} are allowed. Send it in parts."),
        );
    }
    if matches!(typed, Typed::Text(_))
        && model.current.is_none()
        && (model.was_in_room || model.early_posts.len() >= EARLY_POSTS)
    {
        return complain(model, NO_ROOM);
    }
    // The text stays in the input, to be corrected there.
    if let Typed::Wrong(said) = &typed {
        return complain(model, said);
    }
    model.draft_mut().take();
    (model.note, model.recalled) = (None, None);
    remember(model, input);
    match typed {
        Typed::Text(text) => self::text(model, text),
        Typed::Command(command) => slash::run(model, command),
        Typed::Wrong(_) => Vec::new(),
    }
}

fn remember(model: &mut Model, input: String) {
    if model.history.last() != Some(&input) {
        model.history.push(input);
        if model.history.len() > HISTORY {
            model.history.remove(0);
        }
    }
}

/// Sends a text as what the input is: a message, a reply, or the new text of a message.
pub(super) fn text(model: &mut Model, text: String) -> Vec<Effect> {
    let Some(room) = model.current.clone() else { return early(model, &text) };
    let reply_to = match model.about.take() {
        Some(About::Edit(seq)) => {
            let edit = Edit { room, seq, text: replace_shortcodes(&text) };
            return one(Ask::Do(Command::Edit(edit)));
        }
        Some(About::Reply(seq)) => Some(seq),
        None => None,
    };
    let text = replace_shortcodes(&text);
    model.typing_sent = Millis::default();
    let shown = text.clone();
    post(model, Outgoing { room, text, reply_to, ..Outgoing::default() }, &shown)
}

/// Sends a message, and shows it as pending until its event arrives.
pub(super) fn post(model: &mut Model, message: Outgoing, shown: &str) -> Vec<Effect> {
    let message = Outgoing { nonce: model.new_nonce(), ..message };
    if let Some(room) = model.rooms.get_mut(&message.room) {
        room.timeline.pending.push(Pending::new(&message.nonce, shown));
        room.timeline.to_newest();
    }
    one(ToServer::Post(message))
}

/// Keeps a message that was written before there is a room. It goes to the first one.
fn early(model: &mut Model, text: &str) -> Vec<Effect> {
    let text = replace_shortcodes(text);
    let nonce = model.new_nonce();
    model.early_posts.push(Early { shown: Pending::new(&nonce, &text), text: text.clone() });
    one(ToServer::Post(Outgoing { nonce, text, ..Outgoing::default() }))
}

/// Handles the first room: messages and a draft that were written before go there.
pub(super) fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let early = std::mem::take(&mut model.early_posts);
    if let (Some(room), false) = (model.current.clone(), early.is_empty()) {
        if let Some(shown) = model.room_mut() {
            shown.timeline.pending.extend(early.into_iter().map(|early| early.shown));
        }
        effects.push(ToServer::Place(room).into());
    }
    let draft = std::mem::take(&mut model.early);
    *model.draft_mut() = draft;
}

/// Handles a first room that could not be joined: puts what was written for it back into the input.
pub(super) fn give_back_early(model: &mut Model) -> Vec<Effect> {
    let early = std::mem::take(&mut model.early_posts);
    let texts: Vec<&str> = early.iter().map(|early| early.text.as_str()).collect();
    model.early.insert(&texts.join("\n"));
    one(ToServer::Withdraw(early.into_iter().map(|early| early.shown.nonce).collect()))
}

/// Moves up a line, or recalls the text that was sent before.
pub(super) fn up(model: &mut Model) {
    if !model.draft_mut().up() {
        recall(model, true);
    }
}

/// Moves down a line, or recalls the text that was sent after.
pub(super) fn down(model: &mut Model) {
    if !model.draft_mut().down() {
        recall(model, false);
    }
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

/// Ctrl+C: clears the input. Pressed twice on an empty input, it quits.
pub(super) fn interrupt(model: &mut Model) -> Vec<Effect> {
    if model.quit_until.is_some() {
        return one(ToScreen::Quit);
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

/// Makes the input a plain message again. Returns whether it was something else.
pub(super) fn drop_about(model: &mut Model) -> bool {
    let about = model.about.take();
    if matches!(about, Some(About::Edit(_))) {
        model.draft_mut().take();
    }
    about.is_some()
}

/// Warns that messages would be lost: when each is written, and once before the person quits.
pub(super) fn warn_of_loss(model: &mut Model, effects: &mut Vec<Effect>) {
    if effects.iter().any(|effect| matches!(effect, Effect::Server(ToServer::Post(_)))) {
        model.knows_loss = false;
        model.warn_of_loss();
    }
    let (lost, quit) = (model.unkept(), Effect::Screen(ToScreen::Quit));
    if lost > 0 && !model.knows_loss && effects.contains(&quit) {
        effects.retain(|effect| *effect != quit);
        model.knows_loss = true;
        let why = model.unkept.clone().unwrap_or_default();
        let why = why.as_str().trim_end_matches('.');
        let what = if lost == 1 { "1 message is".to_owned() } else { format!("{lost} messages are") };
        model.complain(&format!("{what} not on disk and will be lost: {why}. Quit again to leave anyway."));
    }
}
