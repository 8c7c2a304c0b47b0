//! What a person can do, in one table. The keys, the slash commands, their completion and the help all come from it.

mod table;

pub use self::table::ACTIONS;
use crate::key::Key;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each does")]
pub enum Action {
    Send,
    Newline,
    Complete,
    CompleteBack,
    Escape,
    PageUp,
    PageDown,
    Oldest,
    Newest,
    NextRoom,
    PreviousRoom,
    NextUnread,
    FirstUnread,
    NextMention,
    Room(u8),
    Help,
    ToggleSidebar,
    ToggleMouse,
    SelectUp,
    SelectDown,
    Reconnect,
    Redraw,
    Suspend,
    Interrupt,
    EndOfInput,
    Up,
    Down,
    Edit(Edit),
    /// Runs a slash command without arguments.
    Run(Verb),
}

/// A key that moves the cursor or changes the text of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what each does")]
pub enum Edit {
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    Backspace,
    Delete,
    DeleteWord,
    DeleteToStart,
    DeleteToEnd,
    Yank,
}

/// A slash command. [`crate::slash::Slash`] has its arguments too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each does")]
pub enum Verb {
    Join,
    Create,
    Private,
    Leave,
    Topic,
    Direct,
    Who,
    Search,
    React,
    Upload,
    Save,
    Open,
    Notify,
    Invite,
    Kick(Reach),
    Mute(Reach),
    Unmute(Reach),
    Ban(Reach),
    Unban(Reach),
    Role(Reach),
    BanAddress,
    UnbanAddress,
    Audit,
    Register,
    LogIn,
    Password,
    Sessions,
    Revoke,
    LogOut,
    Help,
    Quit,
}

/// Where a moderation action applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In the current room.
    Room,
    /// On the whole server.
    Server,
}

/// Who may use a slash command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Everyone.
    Nothing,
    /// Guests, and people who are not logged in yet.
    Guest,
    /// People with an account.
    Account,
    /// Owners and moderators of the current room, and admins.
    Moderator,
    /// Admins.
    Admin,
}

/// What Tab completes after a slash command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing special: names of people and rooms, as in any text.
    Text,
    /// The name of a room.
    Room,
    /// The name of a user. Names are suggested before a letter is typed.
    Name,
    /// The path of a file.
    Path,
}

/// A slash command's row in the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// The command's name, with the slash.
    pub name: &'static str,
    /// The command.
    pub verb: Verb,
    /// What Tab completes after it.
    pub takes: Takes,
    /// Who may use it.
    pub needs: Needs,
    /// Its syntax and what it does, for the help. `None` if the previous row covers it.
    pub help: Option<(&'static str, &'static str)>,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The keys, each with its action.
    pub keys: &'static [(Key, Action)],
    /// The keys as printed, and what they do, for the help.
    pub help: Option<(&'static str, &'static str)>,
    /// The slash command for the same thing.
    pub command: Option<Command>,
}

/// Returns all slash commands, in the order of the help.
pub fn commands() -> impl Iterator<Item = &'static Command> + Clone {
    ACTIONS.iter().filter_map(|entry| entry.command.as_ref())
}

/// What a key press means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// An action of the table.
    Action(Action),
    /// A character for the input.
    Char(char),
}

/// Returns what a key means, if anything.
#[must_use]
pub fn pressed(key: Key) -> Option<Pressed> {
    let mut bound = ACTIONS.iter().flat_map(|entry| entry.keys);
    match bound.find(|(known, _)| *known == key) {
        Some((_, action)) => Some(Pressed::Action(*action)),
        None => key.types().map(Pressed::Char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Code;

    fn keys() -> impl Iterator<Item = (Key, Action)> {
        ACTIONS.iter().flat_map(|entry| entry.keys).copied()
    }

    #[test]
    fn no_key_means_two_things() {
        for (key, _) in keys() {
            assert_eq!(keys().filter(|(other, _)| *other == key).count(), 1, "{key:?}");
        }
    }

    #[test]
    fn every_slash_command_is_in_the_table_once_by_name_and_by_verb() {
        for command in commands() {
            assert!(command.name.starts_with('/'), "{}", command.name);
            assert_eq!(commands().filter(|c| c.name == command.name).count(), 1, "{}", command.name);
            assert_eq!(commands().filter(|c| c.verb == command.verb).count(), 1, "{}", command.name);
        }
    }

    #[test]
    fn everything_on_alt_has_a_second_way() {
        for (key, action) in keys().filter(|(key, _)| key.alt) {
            let second = keys().any(|(other, same)| !other.alt && same == action);
            assert!(second || matches!(action, Action::Room(_)), "{key:?}");
        }
    }

    #[test]
    fn characters_are_typed_with_or_without_shift() {
        assert_eq!(pressed(Key::shift(Code::Char('A'))), Some(Pressed::Char('A')));
        assert_eq!(pressed(Key::plain(Code::Char('é'))), Some(Pressed::Char('é')));
        assert_eq!(pressed(Key::ctrl('x')), None);
        assert_eq!(pressed(Key::plain(Code::Enter)), Some(Pressed::Action(Action::Send)));
    }
}
