//! A form over the messages: a name, a password. Text in a secret field is neither shown on the screen nor printed by
//! `Debug`.

use std::fmt;

use chat_proto::account::{Credentials, NewPassword, Password};
use chat_proto::limits::PASSWORD_MIN_BYTES;

use super::composer::Composer;
use crate::clean::Clean;

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Enter as a guest.
    Guest,
    /// Log in.
    LogIn,
    /// Create an account.
    Register,
    /// Change the password.
    Password,
}

/// A line of a form.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// The label.
    pub label: &'static str,
    /// The text that was typed.
    pub input: Composer,
    /// Whether the text is secret.
    pub is_secret: bool,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.is_secret { "…" } else { self.input.text() };
        write!(f, "{}: {shown}", self.label)
    }
}

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its purpose.
    pub purpose: Purpose,
    /// Why it is shown, or what was wrong.
    pub why: Clean,
    /// The fields.
    pub fields: Vec<Field>,
    /// The index of the current field.
    pub at: usize,
    /// Whether it was submitted and is not answered yet.
    pub is_busy: bool,
}

/// A completed form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// Enter as a guest with this name.
    Guest(String),
    /// Log in.
    LogIn(Credentials),
    /// Create an account.
    Register(Credentials),
    /// Change the password.
    Password(NewPassword),
}

impl Form {
    /// Creates a form with `name` filled in. The first empty field is the current one.
    #[must_use]
    pub fn new(purpose: Purpose, name: &str, why: &str) -> Self {
        let field = |label, is_secret| Field { label, input: Composer::default(), is_secret };
        let mut fields = match purpose {
            Purpose::Guest => vec![field("Name", false)],
            Purpose::LogIn => vec![field("Name", false), field("Password", true)],
            Purpose::Register => vec![field("Name", false), field("Password", true), field("Again", true)],
            Purpose::Password => {
                vec![field("Old password", true), field("New password", true), field("Again", true)]
            }
        };
        if !fields[0].is_secret {
            fields[0].input.set(name);
        }
        let at = if purpose != Purpose::Guest && !name.is_empty() && !fields[0].is_secret { 1 } else { 0 };
        Self { purpose, why: Clean::line(why), fields, at, is_busy: false }
    }

    /// Adds a field for an invitation code.
    pub fn ask_invitation(&mut self) {
        if self.purpose == Purpose::Register && self.fields.len() == 3 {
            self.fields.push(Field { label: "Invitation", input: Composer::default(), is_secret: false });
        }
    }

    /// Returns the text of the current field.
    pub fn input(&mut self) -> &mut Composer {
        let at = self.at.min(self.fields.len() - 1);
        &mut self.fields[at].input
    }

    /// Moves to the next or the previous field.
    pub fn turn(&mut self, back: bool) {
        let len = self.fields.len();
        self.at = (self.at + if back { len - 1 } else { 1 }) % len;
    }

    /// Returns the name that was typed.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.fields[0].is_secret { "" } else { self.fields[0].input.text().trim() }
    }

    /// Returns the completed form. If a field is missing or wrong, says so, moves there and returns `None`.
    pub fn filled(&mut self) -> Option<Filled> {
        let text = |form: &Self, at: usize| form.fields[at].input.text().to_owned();
        if let Some(empty) = self.fields.iter().position(|field| field.input.is_empty()) {
            self.at = empty;
            return None;
        }
        let password = |form: &Self, at: usize| Password::new(text(form, at));
        let new_at = match self.purpose {
            Purpose::Guest => return Some(Filled::Guest(self.name().to_owned())),
            Purpose::LogIn => {
                let (name, password) = (self.name().to_owned(), password(self, 1));
                return Some(Filled::LogIn(Credentials { name, password, invitation: None }));
            }
            Purpose::Register | Purpose::Password => 1,
        };
        if text(self, new_at).len() < PASSWORD_MIN_BYTES {
            return self.wrong(new_at, "A password has at least 8 characters. A few words are best.");
        }
        if text(self, new_at) != text(self, new_at + 1) {
            return self.wrong(new_at + 1, "The two passwords differ. Type it again.");
        }
        Some(if self.purpose == Purpose::Register {
            let invitation = self.fields.get(3).map(|field| field.input.text().trim().to_owned());
            Filled::Register(Credentials {
                name: self.name().to_owned(),
                password: password(self, 1),
                invitation,
            })
        } else {
            Filled::Password(NewPassword { old: password(self, 0), new: password(self, 1) })
        })
    }

    fn wrong(&mut self, at: usize, why: &str) -> Option<Filled> {
        self.fields[at].input.set("");
        (self.at, self.why) = (at, Clean::line(why));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_is_missing_and_prints_no_secret() {
        let mut form = Form::new(Purpose::Register, "alice", "");
        assert_eq!(form.filled(), None);
        assert_eq!(form.at, 1);
        form.input().insert("four words of nonsense");
        form.turn(false);
        form.input().insert("four words of nonsence");
        assert!(!format!("{form:?}").contains("nonsen"), "{form:?}");
        assert_eq!(form.filled(), None);
        assert_eq!((form.at, form.fields[2].input.text()), (2, ""));
        form.input().insert("four words of nonsense");
        let Some(Filled::Register(who)) = form.filled() else { panic!("it is filled") };
        assert_eq!((who.name.as_str(), who.password.expose()), ("alice", "four words of nonsense"));
        let mut short = Form::new(Purpose::Register, "alice", "");
        short.input().insert("short");
        short.turn(false);
        short.input().insert("short");
        assert_eq!(short.filled(), None);
        assert!(short.why.as_str().contains("at least 8"));
    }
}
