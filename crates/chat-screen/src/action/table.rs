//! The table itself. Everything on Alt has a second key or a command, because not every terminal sends Alt.

use super::{Action, Command, Edit, Entry, Needs, Reach, Takes, Verb};
use crate::key::{Code, Key};

const fn on(keys: &'static [(Key, Action)]) -> Entry {
    Entry { keys, help: None, command: None }
}

const fn typed(name: &'static str, verb: Verb) -> Entry {
    let command = Command { name, verb, takes: Takes::Text, needs: Needs::Nothing, help: None };
    Entry { keys: &[], help: None, command: Some(command) }
}

/// Returns the entry with another command.
const fn with(entry: Entry, command: Command) -> Entry {
    Entry { command: Some(command), ..entry }
}

impl Entry {
    const fn says(self, keys: &'static str, what: &'static str) -> Self {
        Self { help: Some((keys, what)), ..self }
    }

    const fn keys(self, keys: &'static [(Key, Action)]) -> Self {
        Self { keys, ..self }
    }

    const fn takes(self, takes: Takes) -> Self {
        match self.command {
            Some(command) => with(self, Command { takes, ..command }),
            None => self,
        }
    }

    const fn needs(self, needs: Needs) -> Self {
        match self.command {
            Some(command) => with(self, Command { needs, ..command }),
            None => self,
        }
    }

    const fn help(self, form: &'static str, what: &'static str) -> Self {
        match self.command {
            Some(command) => with(self, Command { help: Some((form, what)), ..command }),
            None => self,
        }
    }
}

const fn plain(code: Code) -> Key {
    Key::plain(code)
}

const fn alt(letter: char) -> Key {
    Key::alt(Code::Char(letter))
}

/// The table, in the order of the help.
pub const ACTIONS: &[Entry] = &[
    on(&[(plain(Code::Enter), Action::Send)]).says("Enter", "send"),
    on(&[
        (Key::alt(Code::Enter), Action::Newline),
        (Key::shift(Code::Enter), Action::Newline),
        (Key::ctrl('j'), Action::Newline),
    ])
    .says("Alt+Enter, Ctrl+J", "new line"),
    on(&[
        (plain(Code::Tab), Action::Complete),
        (Key::shift(Code::BackTab), Action::CompleteBack),
        (plain(Code::BackTab), Action::CompleteBack),
    ])
    .says("Tab, Shift+Tab", "complete a name, room, command or path"),
    on(&[
        (plain(Code::PageUp), Action::PageUp),
        (plain(Code::PageDown), Action::PageDown),
        (Key { ctrl: true, ..plain(Code::Home) }, Action::Oldest),
        (Key { ctrl: true, ..plain(Code::End) }, Action::Newest),
    ])
    .says("PgUp, PgDn", "scroll; older messages load automatically"),
    on(&[(plain(Code::Esc), Action::Escape)]).says("Esc", "close this, or go to the newest message"),
    on(&[
        (Key::ctrl('n'), Action::NextRoom),
        (Key::alt(Code::Down), Action::NextRoom),
        (Key::ctrl('p'), Action::PreviousRoom),
        (Key::alt(Code::Up), Action::PreviousRoom),
    ])
    .says("Ctrl+N, Ctrl+P", "next, previous room (or Alt+↓ ↑)"),
    on(&[
        (alt('1'), Action::Room(1)),
        (alt('2'), Action::Room(2)),
        (alt('3'), Action::Room(3)),
        (alt('4'), Action::Room(4)),
        (alt('5'), Action::Room(5)),
        (alt('6'), Action::Room(6)),
        (alt('7'), Action::Room(7)),
        (alt('8'), Action::Room(8)),
        (alt('9'), Action::Room(9)),
    ])
    .says("Alt+1 … 9", "go to a room by its position"),
    on(&[(plain(Code::F(6)), Action::NextUnread), (alt('a'), Action::NextUnread)])
        .says("F6, Alt+A", "next room with unread messages"),
    on(&[(plain(Code::F(7)), Action::FirstUnread), (alt('u'), Action::FirstUnread)])
        .says("F7, Alt+U", "first unread message here"),
    on(&[(plain(Code::F(8)), Action::NextMention), (alt('m'), Action::NextMention)])
        .says("F8, Alt+M", "next mention of you"),
    typed("/join", Verb::Join).takes(Takes::Room).help("/join [ROOM]", "go to a room, or list all rooms"),
    typed("/create", Verb::Create).help("/create ROOM [TOPIC]", "create a public room"),
    typed("/private", Verb::Private).help("/private ROOM [TOPIC]", "create a private room"),
    typed("/leave", Verb::Leave).takes(Takes::Room).help("/leave [ROOM]", "leave this room or another one"),
    typed("/topic", Verb::Topic).help("/topic TEXT", "set the topic of this room"),
    typed("/dm", Verb::Direct).takes(Takes::Name).help("/dm NAME [TEXT]", "send a direct message"),
    on(&[(plain(Code::F(1)), Action::Help)]).says("F1", "this help"),
    typed("/who", Verb::Who)
        .keys(&[(plain(Code::F(4)), Action::Run(Verb::Who))])
        .says("F4", "people here, and actions on them")
        .help("/who", "people here, and actions on them (F4)"),
    on(&[
        (Key::shift(Code::Up), Action::SelectUp),
        (Key::ctrl('g'), Action::SelectUp),
        (Key::shift(Code::Down), Action::SelectDown),
    ])
    .says("Shift+↑, Ctrl+G", "choose a message: Enter shows the actions"),
    typed("/search", Verb::Search).help("/search WORDS", "find messages; from:NAME in:ROOM"),
    typed("/react", Verb::React).help("/react EMOJI", "react to the chosen or newest message"),
    typed("/upload", Verb::Upload).takes(Takes::Path).help("/upload PATH [TEXT]", "send a file; Esc cancels"),
    typed("/save", Verb::Save).takes(Takes::Path).help("/save [PATH]", "save the chosen or newest files"),
    typed("/open", Verb::Open).help("/open", "open the chosen or newest file"),
    typed("/notify", Verb::Notify).help("/notify all|mentions|none", "choose what this room notifies you of"),
    typed("/invite", Verb::Invite).takes(Takes::Name).help("/invite NAME", "invite someone to this room"),
    typed("/kick", Verb::Kick(Reach::Room))
        .takes(Takes::Name)
        .needs(Needs::Moderator)
        .help("/kick NAME [WHY]", "remove someone, who may come back"),
    typed("/mute", Verb::Mute(Reach::Room))
        .takes(Takes::Name)
        .needs(Needs::Moderator)
        .help("/mute NAME [10m] [WHY]", "stop someone from writing; /unmute"),
    typed("/unmute", Verb::Unmute(Reach::Room)).takes(Takes::Name).needs(Needs::Moderator),
    typed("/ban", Verb::Ban(Reach::Room))
        .takes(Takes::Name)
        .needs(Needs::Moderator)
        .help("/ban NAME [2h] [WHY]", "remove someone and keep them out; /unban"),
    typed("/unban", Verb::Unban(Reach::Room)).takes(Takes::Name).needs(Needs::Moderator),
    typed("/role", Verb::Role(Reach::Room))
        .takes(Takes::Name)
        .needs(Needs::Moderator)
        .help("/role NAME ROLE", "make someone owner, moderator, member"),
    typed("/kick!", Verb::Kick(Reach::Server))
        .takes(Takes::Name)
        .needs(Needs::Admin)
        .help("/kick! /mute! /ban! …", "the same on the whole server"),
    typed("/mute!", Verb::Mute(Reach::Server)).takes(Takes::Name).needs(Needs::Admin),
    typed("/unmute!", Verb::Unmute(Reach::Server)).takes(Takes::Name).needs(Needs::Admin),
    typed("/ban!", Verb::Ban(Reach::Server)).takes(Takes::Name).needs(Needs::Admin),
    typed("/unban!", Verb::Unban(Reach::Server)).takes(Takes::Name).needs(Needs::Admin),
    typed("/role!", Verb::Role(Reach::Server)).takes(Takes::Name).needs(Needs::Admin),
    typed("/banaddr", Verb::BanAddress)
        .takes(Takes::Name)
        .needs(Needs::Admin)
        .help("/banaddr NAME|ADDRESS", "ban an address as well"),
    typed("/unbanaddr", Verb::UnbanAddress).takes(Takes::Name).needs(Needs::Admin),
    typed("/audit", Verb::Audit).needs(Needs::Admin).help("/audit", "show the moderation log"),
    typed("/register", Verb::Register)
        .needs(Needs::Guest)
        .help("/register", "register your name with a password"),
    typed("/login", Verb::LogIn).help("/login [NAME]", "log in with a registered name"),
    typed("/password", Verb::Password).needs(Needs::Account).help("/password", "change your password"),
    typed("/sessions", Verb::Sessions).help("/sessions", "your logins; /revoke ID ends one"),
    typed("/revoke", Verb::Revoke),
    typed("/logout", Verb::LogOut).help("/logout", "log out"),
    typed("/help", Verb::Help).help("/help", "show this list"),
    typed("/quit", Verb::Quit).help("/quit", "quit"),
    on(&[(plain(Code::F(2)), Action::ToggleSidebar)]).says("F2", "show or hide the sidebar"),
    on(&[(plain(Code::F(3)), Action::ToggleMouse)])
        .says("F3, wheel", "scroll with the wheel, or select text"),
    on(&[(Key::ctrl('r'), Action::Reconnect)]).says("Ctrl+R", "reconnect now"),
    on(&[(Key::ctrl('l'), Action::Redraw), (Key::ctrl('z'), Action::Suspend)]),
    on(&[(Key::ctrl('c'), Action::Interrupt)]).says("Ctrl+C", "clear the input; twice quits"),
    on(&[(Key::ctrl('d'), Action::EndOfInput)]),
    on(&[(plain(Code::Up), Action::Up), (plain(Code::Down), Action::Down)])
        .says("↑ ↓", "move by lines; at the edge, earlier input"),
    on(&[
        (Key::ctrl('a'), Action::Edit(Edit::LineStart)),
        (plain(Code::Home), Action::Edit(Edit::LineStart)),
        (Key::ctrl('e'), Action::Edit(Edit::LineEnd)),
        (plain(Code::End), Action::Edit(Edit::LineEnd)),
        (plain(Code::Left), Action::Edit(Edit::Left)),
        (Key::ctrl('b'), Action::Edit(Edit::Left)),
        (plain(Code::Right), Action::Edit(Edit::Right)),
        (Key::ctrl('f'), Action::Edit(Edit::Right)),
        (Key { ctrl: true, ..plain(Code::Left) }, Action::Edit(Edit::WordLeft)),
        (alt('b'), Action::Edit(Edit::WordLeft)),
        (Key { ctrl: true, ..plain(Code::Right) }, Action::Edit(Edit::WordRight)),
        (alt('f'), Action::Edit(Edit::WordRight)),
        (plain(Code::Backspace), Action::Edit(Edit::Backspace)),
        (Key::ctrl('h'), Action::Edit(Edit::Backspace)),
        (plain(Code::Delete), Action::Edit(Edit::Delete)),
        (Key::ctrl('w'), Action::Edit(Edit::DeleteWord)),
        (Key::alt(Code::Backspace), Action::Edit(Edit::DeleteWord)),
        (Key::ctrl('u'), Action::Edit(Edit::DeleteToStart)),
        (Key::ctrl('k'), Action::Edit(Edit::DeleteToEnd)),
        (Key::ctrl('y'), Action::Edit(Edit::Yank)),
    ])
    .says("Ctrl+A E W U K Y", "edit the line as in a shell"),
];
