//! Answers that are lists to read, and what came of an account's form.

use chat_proto::Millis;
use chat_proto::account::LoggedIn;
use chat_proto::reply::{AuditEntry, Login, RoomKind, RoomSummary};

use crate::clean::Clean;
use crate::model::form::{Form, Purpose};
use crate::model::{Model, Popup};
use crate::msg::{Account, Effect};

/// What came of an account's form.
pub(super) fn account(
    model: &mut Model,
    asked: &Account,
    answer: Result<Option<LoggedIn>, String>,
) -> Vec<Effect> {
    match (asked, answer) {
        (Account::LogOut, Ok(_)) => {
            model.forget_person("You are logged out.");
            model.popup = Some(Popup::Form(Form::new(Purpose::Guest, "", "You are logged out.")));
        }
        (Account::LogOut, Err(why)) => model.complain(&why),
        (_, Ok(_)) => {
            model.popup = None;
            if let Account::Password(_) = asked {
                model.tell("Your password is changed, and your other logins have ended.");
            }
        }
        (_, Err(why)) => match &mut model.popup {
            Some(Popup::Form(form)) => {
                form.is_busy = false;
                form.why = Clean::line(&why);
                if why.contains("invitation") {
                    form.ask_invitation();
                    form.at = form.fields.len() - 1;
                }
            }
            _ => model.complain(&why),
        },
    }
    Vec::new()
}

pub(super) fn audit(model: &mut Model, entries: &[AuditEntry]) {
    let line = |entry: &AuditEntry| {
        let place = entry.room.as_ref().map_or(String::new(), |room| format!(" in #{room}"));
        let why = entry.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
        let (at, who) = (moment(model, entry.at), &entry.by);
        Clean::line(&format!("{at}  {who}: {} {}{place}{why}", entry.action, entry.target))
    };
    let lines = entries.iter().map(line).collect();
    model.popup = Some(Popup::List { title: Clean::line("What moderators and admins did"), lines, top: 0 });
}

pub(super) fn logins(model: &mut Model, sessions: &[Login]) {
    let line = |login: &Login| {
        let sign = if login.current { "●" } else { "○" };
        let client = if login.client.is_empty() { "unknown program" } else { &login.client };
        Clean::line(&format!("{sign} {}  {client}  last used {}", login.id, moment(model, login.seen_at)))
    };
    let lines = sessions.iter().map(line).collect();
    model.popup = Some(Popup::List { title: Clean::line("Your logins: /revoke ID ends one"), lines, top: 0 });
}

/// A day and a minute, as the person's clock has them.
pub(super) fn moment(model: &Model, at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(
        |_| String::new(),
        |at| at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

pub(super) fn rooms(model: &mut Model, rooms: &[RoomSummary]) {
    let line = |room: &RoomSummary| {
        let joined = if room.joined { "●" } else { "○" };
        let members = if room.members == 1 { "member" } else { "members" };
        let sort = if room.kind == RoomKind::Public { String::new() } else { format!("  {}", room.kind) };
        match &room.mine.user {
            Some(user) if user.is_deleted() => Clean::line(&format!("{joined} deleted user  {}", room.name)),
            Some(user) => Clean::line(&format!("{joined} @{}", user.name)),
            None => Clean::line(&format!(
                "{joined} #{}{sort}  {} {members}  {}",
                room.name, room.members, room.topic
            )),
        }
    };
    let title = Clean::line("Rooms: /join NAME goes to one");
    model.popup = Some(Popup::List { title, lines: rooms.iter().map(line).collect(), top: 0 });
}
