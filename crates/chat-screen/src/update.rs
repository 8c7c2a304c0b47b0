//! Updates the model when something happens, and returns the effects. One file for each subject, with its keys,
//! commands and replies.

mod account;
mod badges;
mod complete;
mod compose;
mod connection;
mod events;
mod files;
mod input;
mod menus;
mod messages;
mod moderation;
mod people;
mod popups;
mod rooms;
mod scroll;
mod search;
mod select;
mod signals;
mod slash;

use chat_proto::Millis;
use chat_proto::updates::Update;

use crate::model::Model;
use crate::msg::{Ask, Effect, Msg, ToServer};

/// Handles one message that happened at `now`.
pub fn update(model: &mut Model, now: Millis, msg: Msg) -> Vec<Effect> {
    model.now = now;
    // The server may send a flood of these, so each must cost little, however many rooms there are.
    let is_news = matches!(msg, Msg::Update(Update::Event(_) | Update::Signal(_)));
    // The scroll position only changes by the person's actions and by pages that arrive.
    let may_move = !is_news && !matches!(msg, Msg::Insert(_) | Msg::Tick);
    if matches!(msg, Msg::Action(_) | Msg::Insert(_) | Msg::Paste(_) | Msg::Wheel { .. }) {
        model.attention.press(now);
    }
    let mut effects = take(model, msg);
    if !is_news {
        pass_time(model);
    }
    compose::warn_of_loss(model, &mut effects);
    if may_move {
        effects.extend(scroll::load_older(model));
    }
    badges::looked_away(model);
    effects.extend(badges::mark_read(model));
    effects.extend(badges::ask(model));
    for effect in &effects {
        if let Effect::Server(ToServer::Ask(Ask::Rooms { show })) = effect {
            badges::asked(model, *show);
        }
    }
    effects
}

fn take(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Action(action) => return input::act(model, action),
        Msg::Insert(c) => return input::insert(model, c),
        Msg::Paste(text) => return input::paste(model, &text),
        Msg::Wheel { up } => scroll::wheel(model, up),
        Msg::Resize(width, height) => model.size = (width, height),
        Msg::Focus(focused) => model.attention.tell(focused),
        Msg::NameWanted { suggestion } => account::ask_name(model, &suggestion),
        Msg::Started(started) => return connection::started(model, started),
        Msg::Update(update) => return connection::update(model, update),
        Msg::Answer(ask, answer) => return connection::answer(model, ask, answer),
        Msg::Account(asked, answer) => return account::answered(model, &asked, answer),
        Msg::Registration(registration) => account::may_register(model, registration),
        Msg::Uploading(progress) => files::uploading(model, progress),
        Msg::Uploaded(upload, done) => return files::uploaded(model, upload, done),
        Msg::Paths(typed, paths) => complete::paths(model, &typed, paths),
        Msg::Done(Ok(text)) => model.tell(&text),
        Msg::Done(Err(text)) => model.complain(&text),
        Msg::Tick => {}
    }
    Vec::new()
}

/// Drops what has expired by now.
fn pass_time(model: &mut Model) {
    let now = model.now;
    for room in model.rooms.values_mut() {
        room.typing.retain(|(_, until)| *until > now);
        room.mine.muted = room.mine.muted.take().filter(|mute| mute.holds(now));
    }
    model.quit_until = model.quit_until.filter(|until| *until > now);
}

/// Notes that something went wrong, and returns no effects.
fn complain(model: &mut Model, text: &str) -> Vec<Effect> {
    model.complain(text);
    Vec::new()
}
