//! Slash commands: passes each to its subject.

use super::{account, files, messages, moderation, popups, rooms, search};
use crate::model::Model;
use crate::msg::{Ask, Effect, ToScreen, one};
use crate::slash::Slash;

pub(super) fn run(model: &mut Model, command: Slash) -> Vec<Effect> {
    match command {
        Slash::Join(None) => one(Ask::Rooms { show: true }),
        Slash::Join(Some(room)) => rooms::join(model, room),
        Slash::Create { room, topic } => one(Ask::Create { room, topic }),
        Slash::Private { room, topic } => one(Ask::Private { room, topic }),
        Slash::Leave(room) => rooms::here(model, room, Ask::Leave),
        Slash::Topic(topic) => rooms::here(model, None, |room| Ask::Topic(room, topic)),
        Slash::Notify(level) => rooms::notify(model, level),
        Slash::Direct { user, text } => one(Ask::Direct { user, text }),
        Slash::Who => rooms::here(model, None, Ask::Who),
        Slash::Invite(against) => moderation::invite(model, against),
        Slash::Search(query) => search::search(query),
        Slash::React(emoji) => messages::react_or_pick(model, emoji),
        Slash::Upload(typed) => files::upload(model, typed),
        Slash::Save(to) => files::save(model, to),
        Slash::Open => files::open(model),
        Slash::Kick(against) => moderation::kick(model, against),
        Slash::Mute(against) => moderation::mute(model, against),
        Slash::Unmute(against) => moderation::unmute(model, against),
        Slash::Ban(against) => moderation::ban(model, against),
        Slash::Unban(against) => moderation::unban(model, against),
        Slash::Role { user, reach, role } => moderation::role(model, user, reach, role),
        Slash::BanAddress { whence, for_ms, reason } => moderation::ban_address(whence, for_ms, reason),
        Slash::UnbanAddress(whence) => moderation::unban_address(whence),
        Slash::Audit => one(Ask::Audit),
        Slash::Register => account::register(model),
        Slash::LogIn(name) => account::log_in(model, name),
        Slash::Password => account::change_password(model),
        Slash::LogOut => account::log_out(),
        Slash::Sessions => one(Ask::Sessions),
        Slash::Revoke(session) => account::revoke(session),
        Slash::Help => {
            model.popup = Some(popups::help(model, true));
            Vec::new()
        }
        Slash::Quit => one(ToScreen::Quit),
    }
}
