//! The person's account: the forms, their results, and the list of logins.

use chat_proto::account::{LoggedIn, Registration};
use chat_proto::command::Revoke;
use chat_proto::reply::Login;
use chat_proto::{Command, Millis};

use super::complain;
use crate::action::Action;
use crate::clean::Clean;
use crate::model::form::{Filled, Form, Purpose};
use crate::model::{Model, Popup, Status};
use crate::msg::{Ask, Effect, ToAccount, ToFiles, ToServer, one};

/// The heading of the login form.
const LOG_IN: &str = "Log in with a registered name.";

/// Asks for a name. The client does not connect before it has one.
pub(super) fn ask_name(model: &mut Model, suggestion: &str) {
    model.status = Status::Offline { reason: Clean::line("not connected"), retry_at: None };
    show(model, Form::new(Purpose::Guest, suggestion, "You only need a name: no account, no password."));
}

fn show(model: &mut Model, form: Form) {
    model.popup = Some(Popup::Form(form));
}

pub(super) fn register(model: &mut Model) -> Vec<Effect> {
    let mine = model.me.as_ref().map_or(String::new(), |me| me.name.clone());
    let why = "The name will be yours. You keep your messages and rooms.";
    show(model, Form::new(Purpose::Register, &mine, why));
    one(ToAccount::AskRegistration)
}

/// Handles who may register: asks for an invitation code, or closes the form.
pub(super) fn may_register(model: &mut Model, registration: Registration) {
    let Some(Popup::Form(form)) = &mut model.popup else { return };
    match registration {
        _ if form.purpose != Purpose::Register => {}
        Registration::Open => {}
        Registration::Invite => form.ask_invitation(),
        Registration::Closed => {
            model.popup = None;
            model.complain("Nobody can register here. Ask someone who runs this server for an account.");
        }
    }
}

pub(super) fn log_in(model: &mut Model, name: Option<String>) -> Vec<Effect> {
    show(model, Form::new(Purpose::LogIn, &name.unwrap_or_default(), LOG_IN));
    Vec::new()
}

pub(super) fn change_password(model: &mut Model) -> Vec<Effect> {
    show(model, Form::new(Purpose::Password, "", "Your other logins will end."));
    Vec::new()
}

pub(super) fn log_out() -> Vec<Effect> {
    one(ToAccount::LogOut)
}

pub(super) fn revoke(session: String) -> Vec<Effect> {
    one(Ask::Do(Command::Revoke(Revoke { session })))
}

/// Handles a key in a form.
pub(super) fn key(model: &mut Model, action: Action) -> Vec<Effect> {
    let is_known = model.me.is_some();
    let Some(Popup::Form(form)) = &mut model.popup else { return Vec::new() };
    if form.is_busy {
        return Vec::new();
    }
    match (action, form.purpose) {
        (Action::Escape, Purpose::Guest) if !is_known => {}
        (Action::Escape, _) if is_known => model.popup = None,
        (Action::Escape, _) => {
            show(model, Form::new(Purpose::Guest, "", "Join as a guest: you only need a name."));
        }
        (Action::Complete, Purpose::Guest) => {
            let form = Form::new(Purpose::LogIn, form.name(), LOG_IN);
            show(model, form);
        }
        (Action::Complete | Action::Down, _) => form.turn(false),
        (Action::CompleteBack | Action::Up, _) => form.turn(true),
        (Action::Send, _) => return submit(model),
        (Action::Edit(edit), _) => form.input().edit(edit),
        (Action::EndOfInput, _) => form.input().edit(crate::action::Edit::Delete),
        _ => {}
    }
    Vec::new()
}

/// Submits a form, if every field is filled in.
fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Form(form)) = &mut model.popup else { return Vec::new() };
    let Some(filled) = form.filled() else { return Vec::new() };
    form.is_busy = true;
    match filled {
        Filled::Guest(name) => {
            model.popup = None;
            model.asked_name = Some(name.clone());
            one(ToServer::Rename(name))
        }
        Filled::LogIn(who) => one(ToAccount::LogIn(who)),
        Filled::Register(who) => one(ToAccount::Register(who)),
        Filled::Password(change) => one(ToAccount::Password(change)),
    }
}

/// Handles the result of a form, or of logging out.
pub(super) fn answered(
    model: &mut Model,
    asked: &ToAccount,
    answer: Result<Option<LoggedIn>, String>,
) -> Vec<Effect> {
    match (asked, answer) {
        (ToAccount::LogOut, Ok(_)) => {
            model.forget_person("You are logged out.");
            show(model, Form::new(Purpose::Guest, "", "You are logged out."));
            vec![ToFiles::ForgetPictures.into(), ToAccount::Forget.into()]
        }
        (ToAccount::LogOut, Err(why)) => complain(model, &why),
        (ToAccount::Password(_), Ok(_)) => {
            model.popup = None;
            model.tell("Your password is changed, and your other logins have ended.");
            Vec::new()
        }
        (_, Ok(Some(done))) => become_user(model, done),
        (_, Ok(None)) => Vec::new(),
        (_, Err(why)) => refused(model, &why),
    }
}

fn become_user(model: &mut Model, done: LoggedIn) -> Vec<Effect> {
    model.popup = None;
    let is_same = model.me.as_ref().is_some_and(|me| me.id == done.user.id);
    let mut effects = Vec::new();
    if !is_same {
        model.forget_person("logging in");
        effects.push(ToFiles::ForgetPictures.into());
    }
    effects.push(ToAccount::Become { name: done.user.name, token: done.token, is_same }.into());
    effects
}

/// Keeps the form open and shows the reason there.
fn refused(model: &mut Model, why: &str) -> Vec<Effect> {
    let Some(Popup::Form(form)) = &mut model.popup else { return complain(model, why) };
    form.is_busy = false;
    form.why = Clean::line(why);
    Vec::new()
}

/// Shows the person's logins.
pub(super) fn logins(model: &mut Model, logins: &[Login]) {
    let line = |login: &Login| {
        let sign = if login.current { "●" } else { "○" };
        let client = if login.client.is_empty() { "unknown program" } else { &login.client };
        Clean::line(&format!("{sign} {}  {client}  last used {}", login.id, moment(model, login.seen_at)))
    };
    let lines = logins.iter().map(line).collect();
    model.popup = Some(Popup::list("Your logins: /revoke ID ends one", lines));
}

/// Formats a time as day and minute, in the person's time zone.
pub(super) fn moment(model: &Model, at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |at| at.to_zoned(model.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}
