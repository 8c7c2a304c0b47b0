//! Parses what was typed into the input: a message, or a slash command with its arguments.

use std::net::IpAddr;

use chat_proto::room::Notify;
use chat_proto::user::Role;
use chat_proto::{Emoji, duration};
use strsim::damerau_levenshtein;

use crate::action::{Command, Needs, Reach, Verb, commands};

/// The maximum number of wrong letters in a command's name for which a suggestion is made.
const TYPOS: usize = 2;

/// A parsed input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A message.
    Text(String),
    /// A command.
    Command(Slash),
    /// An input that means nothing, and the sentence to show.
    Wrong(String),
}

/// A moderation action against a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Against {
    /// The user's name.
    pub user: String,
    /// Where it applies.
    pub reach: Reach,
    /// How long it lasts, in milliseconds. `None` means until it is lifted.
    pub for_ms: Option<u64>,
    /// The reason, as the moderator typed it.
    pub reason: Option<String>,
}

/// Whose address is banned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The user, and the address that they are connected from.
    User(String),
    /// This address or network.
    Address(String),
}

/// A slash command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`action::Verb` and its table say what each does")]
pub enum Slash {
    Join(Option<String>),
    Create { room: String, topic: String },
    Private { room: String, topic: String },
    Leave(Option<String>),
    Topic(String),
    Direct { user: String, text: String },
    Who,
    Search(String),
    React(Option<Emoji>),
    Upload(String),
    Save(Option<String>),
    Open,
    Notify(Notify),
    Invite(Against),
    Kick(Against),
    Mute(Against),
    Unmute(Against),
    Ban(Against),
    Unban(Against),
    Role { user: String, reach: Reach, role: Role },
    BanAddress { whence: Whence, for_ms: Option<u64>, reason: Option<String> },
    UnbanAddress(Whence),
    Audit,
    Register,
    LogIn(Option<String>),
    Password,
    Sessions,
    Revoke(String),
    LogOut,
    Help,
    Quit,
}

/// Parses an input. `//` sends a slash, and a text of several lines is never a command. The beginning of a name is
/// enough if it fits exactly one command that `allowed` permits.
#[must_use]
pub fn read(input: &str, allowed: impl Fn(Needs) -> bool) -> Typed {
    let text = input.trim();
    if let Some(rest) = text.strip_prefix("//") {
        return Typed::Text(format!("/{rest}"));
    }
    if !text.starts_with('/') || text.contains('\n') {
        return Typed::Text(text.to_owned());
    }
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let name = name.to_lowercase();
    // A person who types a whole name learns from the server why they may not use the command.
    let command = commands().find(|command| command.name == name).or_else(|| {
        let mut fits = commands().filter(|command| command.name.starts_with(&name) && allowed(command.needs));
        fits.next().filter(|_| name.len() > 1 && fits.next().is_none())
    });
    match command {
        Some(command) => match Slash::parse(command, rest.trim()) {
            Ok(slash) => Typed::Command(slash),
            Err(wrong) => Typed::Wrong(wrong),
        },
        None => Typed::Wrong(unknown(&name, allowed)),
    }
}

fn unknown(name: &str, allowed: impl Fn(Needs) -> bool) -> String {
    let near = commands()
        .filter(|command| allowed(command.needs))
        .map(|command| (damerau_levenshtein(command.name, name), command.name))
        .filter(|(typos, known)| *typos <= TYPOS && *typos + 2 < known.len())
        .min();
    let hint = near.map_or("Type /help for a list, or // to send a slash.".to_owned(), |(_, known)| {
        format!("Did you mean {known}?")
    });
    format!("There is no command {name}. {hint}")
}

impl Slash {
    /// Returns the command without arguments.
    ///
    /// # Errors
    /// What is missing, as a sentence.
    pub fn without_arguments(verb: Verb) -> Result<Self, String> {
        let command = commands().find(|command| command.verb == verb);
        command
            .map_or_else(|| Err("There is no such command.".to_owned()), |command| Self::parse(command, ""))
    }

    /// Parses the arguments of a command. Fails with what is missing or wrong.
    fn parse(command: &Command, rest: &str) -> Result<Self, String> {
        let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
        let more = more.trim();
        let room = || some(first.trim_start_matches('#'));
        let usage = |example: &str| Err(format!("{} needs {example}", command.name));
        let new_room =
            || room().ok_or_else(|| format!("{0} needs a name: {0} dev What we build", command.name));
        let against = |reach| {
            let user = user(first).ok_or_else(|| format!("{0} needs a name: {0} bob", command.name))?;
            Ok::<_, String>(Against { user, reach, for_ms: None, reason: some(more) })
        };
        let with_term = |reach| {
            let (for_ms, reason) = term(more);
            Ok::<_, String>(Against { for_ms, reason, ..against(reach)? })
        };
        Ok(match command.verb {
            Verb::Join => Self::Join(room()),
            Verb::Create => Self::Create { room: new_room()?, topic: more.to_owned() },
            Verb::Private => Self::Private { room: new_room()?, topic: more.to_owned() },
            Verb::Leave => Self::Leave(room()),
            Verb::Topic => Self::Topic(rest.to_owned()),
            Verb::Direct => match user(first) {
                Some(user) => Self::Direct { user, text: more.to_owned() },
                None => return usage("a name: /dm bob Are you there?"),
            },
            Verb::Who => Self::Who,
            Verb::Search if rest.is_empty() => return usage("a word: /search migration from:bob"),
            Verb::Search => Self::Search(rest.to_owned()),
            Verb::React if first.is_empty() => Self::React(None),
            Verb::React => Self::React(Some(Emoji::parse(first).map_err(|refusal| refusal.message)?)),
            Verb::Upload if rest.is_empty() => return usage("a path: /upload ~/cat.jpg My cat"),
            Verb::Upload => Self::Upload(rest.to_owned()),
            Verb::Save => Self::Save(some(rest)),
            Verb::Open => Self::Open,
            Verb::Notify => Self::Notify(match first {
                "all" => Notify::All,
                "mentions" => Notify::Mentions,
                "none" => Notify::None,
                _ => return Err("/notify all, /notify mentions or /notify none".to_owned()),
            }),
            Verb::Invite => Self::Invite(against(Reach::Room)?),
            Verb::Kick(reach) => Self::Kick(against(reach)?),
            Verb::Mute(reach) => Self::Mute(with_term(reach)?),
            Verb::Unmute(reach) => Self::Unmute(against(reach)?),
            Verb::Ban(reach) => Self::Ban(with_term(reach)?),
            Verb::Unban(reach) => Self::Unban(against(reach)?),
            Verb::Role(reach) => {
                let role = role(more)?;
                match user(first) {
                    Some(user) => Self::Role { user, reach, role },
                    None => return Err("/role needs a name: /role bob moderator".to_owned()),
                }
            }
            Verb::BanAddress => {
                let (for_ms, reason) = term(more);
                Self::BanAddress { whence: whence(first)?, for_ms, reason }
            }
            Verb::UnbanAddress => Self::UnbanAddress(whence(first)?),
            Verb::Audit => Self::Audit,
            Verb::Register => Self::Register,
            Verb::LogIn => Self::LogIn(user(first)),
            Verb::Password => Self::Password,
            Verb::Sessions => Self::Sessions,
            Verb::Revoke if first.is_empty() => return usage("an id, which /sessions lists."),
            Verb::Revoke => Self::Revoke(first.to_owned()),
            Verb::LogOut => Self::LogOut,
            Verb::Help => Self::Help,
            Verb::Quit => Self::Quit,
        })
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns a name, without the sign that people write before it.
fn user(word: &str) -> Option<String> {
    some(word.trim_start_matches('@').trim_end_matches([',', ':']))
}

fn role(word: &str) -> Result<Role, String> {
    match word {
        "admin" => Ok(Role::Admin),
        "owner" => Ok(Role::Owner),
        "moderator" | "mod" => Ok(Role::Moderator),
        "member" => Ok(Role::Member),
        _ => Err("A role is owner, moderator or member; with /role! admin or member.".to_owned()),
    }
}

/// Splits an optional duration from the reason.
fn term(rest: &str) -> (Option<u64>, Option<String>) {
    match duration::parse_prefix(rest) {
        Some((term, reason)) => (u64::try_from(term.as_millis()).ok(), some(reason.trim())),
        None => (None, some(rest)),
    }
}

fn whence(first: &str) -> Result<Whence, String> {
    let Some(whom) = user(first) else {
        return Err("Give a name or an address: /banaddr bob, /banaddr 203.0.113.7".to_owned());
    };
    let is_address = whom.split('/').next().is_some_and(|ip| ip.parse::<IpAddr>().is_ok());
    Ok(if is_address { Whence::Address(whom) } else { Whence::User(whom) })
}

#[cfg(test)]
mod tests;
