//! Moderation actions, and the log of them.

use chat_proto::Command;
use chat_proto::command::{Moderate, SetRole};
use chat_proto::reply::AuditEntry;
use chat_proto::user::Role;

use super::account::moment;
use super::complain;
use super::compose::NO_ROOM;
use crate::action::Reach;
use crate::clean::Clean;
use crate::model::{Model, Popup};
use crate::msg::{Ask, Effect, one};
use crate::slash::{Against, Whence};

pub(super) fn invite(model: &mut Model, against: Against) -> Vec<Effect> {
    act(model, against, Command::Invite)
}

pub(super) fn kick(model: &mut Model, against: Against) -> Vec<Effect> {
    act(model, against, Command::Kick)
}

pub(super) fn mute(model: &mut Model, against: Against) -> Vec<Effect> {
    act(model, against, Command::Mute)
}

pub(super) fn unmute(model: &mut Model, against: Against) -> Vec<Effect> {
    act(model, against, Command::Unmute)
}

pub(super) fn ban(model: &mut Model, against: Against) -> Vec<Effect> {
    act(model, against, Command::Ban)
}

pub(super) fn unban(model: &mut Model, against: Against) -> Vec<Effect> {
    act(model, against, Command::Unban)
}

fn act(model: &mut Model, against: Against, command: fn(Moderate) -> Command) -> Vec<Effect> {
    let Some(room) = room(model, against.reach) else { return complain(model, NO_ROOM) };
    let Against { user, for_ms, reason, .. } = against;
    one(Ask::Do(command(Moderate { user: Some(user), room, reason, for_ms, address: None })))
}

/// Returns the room that an action applies to, or `Some(None)` for the whole server.
fn room(model: &Model, reach: Reach) -> Option<Option<String>> {
    match reach {
        Reach::Server => Some(None),
        Reach::Room => model.current.clone().map(Some),
    }
}

pub(super) fn role(model: &mut Model, user: String, reach: Reach, role: Role) -> Vec<Effect> {
    let Some(room) = room(model, reach) else { return complain(model, NO_ROOM) };
    one(Ask::Do(Command::Role(SetRole { user, room, role })))
}

pub(super) fn ban_address(whence: Whence, for_ms: Option<u64>, reason: Option<String>) -> Vec<Effect> {
    one(Ask::Do(Command::Ban(Moderate { for_ms, reason, ..of(whence) })))
}

pub(super) fn unban_address(whence: Whence) -> Vec<Effect> {
    one(Ask::Do(Command::Unban(of(whence))))
}

fn of(whence: Whence) -> Moderate {
    let (user, address) = match whence {
        Whence::User(user) => (Some(user), "current".to_owned()),
        Whence::Address(address) => (None, address),
    };
    Moderate { user, address: Some(address), ..Moderate::default() }
}

pub(super) fn audit(model: &mut Model, entries: &[AuditEntry]) {
    let line = |entry: &AuditEntry| {
        let place = entry.room.as_ref().map_or(String::new(), |room| format!(" in #{room}"));
        let why = entry.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
        let (at, who) = (moment(model, entry.at), &entry.by);
        Clean::line(&format!("{at}  {who}: {} {}{place}{why}", entry.action, entry.target))
    };
    let lines = entries.iter().map(line).collect();
    model.popup = Some(Popup::list("Moderation log", lines));
}
