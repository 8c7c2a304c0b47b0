//! The keys: one table, from which the help is drawn as well. Everything on Alt has a second way, because not
//! every terminal sends Alt.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says what each does")]
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
    People,
    SelectUp,
    SelectDown,
    Reconnect,
    Redraw,
    Suspend,
    Interrupt,
    EndOfInput,
    Up,
    Down,
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

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

/// A row: the key, what it does, and the words for the help; without words it is a second way.
pub struct Binding {
    /// The modifiers.
    pub modifiers: KeyModifiers,
    /// The key.
    pub code: KeyCode,
    /// What it does.
    pub action: Action,
    /// Key and meaning, for the help.
    pub help: Option<(&'static str, &'static str)>,
}

const fn key(
    modifiers: KeyModifiers,
    code: KeyCode,
    action: Action,
    help: Option<(&'static str, &'static str)>,
) -> Binding {
    Binding { modifiers, code, action, help }
}

/// The table.
pub const BINDINGS: &[Binding] = &[
    key(NONE, KeyCode::Enter, Action::Send, Some(("Enter", "send"))),
    key(ALT, KeyCode::Enter, Action::Newline, Some(("Alt+Enter, Ctrl+J", "new line"))),
    key(SHIFT, KeyCode::Enter, Action::Newline, None),
    key(CTRL, KeyCode::Char('j'), Action::Newline, None),
    key(NONE, KeyCode::Tab, Action::Complete, Some(("Tab, Shift+Tab", "complete names, rooms, commands"))),
    key(SHIFT, KeyCode::BackTab, Action::CompleteBack, None),
    key(NONE, KeyCode::BackTab, Action::CompleteBack, None),
    key(
        NONE,
        KeyCode::PageUp,
        Action::PageUp,
        Some(("PgUp, PgDn", "scroll; older messages load by themselves")),
    ),
    key(NONE, KeyCode::PageDown, Action::PageDown, None),
    key(CTRL, KeyCode::Home, Action::Oldest, None),
    key(CTRL, KeyCode::End, Action::Newest, None),
    key(NONE, KeyCode::Esc, Action::Escape, Some(("Esc", "close, then go to the newest message"))),
    key(
        CTRL,
        KeyCode::Char('n'),
        Action::NextRoom,
        Some(("Ctrl+N, Ctrl+P", "next, previous room (or Alt+↓ ↑)")),
    ),
    key(ALT, KeyCode::Down, Action::NextRoom, None),
    key(CTRL, KeyCode::Char('p'), Action::PreviousRoom, None),
    key(ALT, KeyCode::Up, Action::PreviousRoom, None),
    key(ALT, KeyCode::Char('1'), Action::Room(1), Some(("Alt+1 … 9", "room by its place"))),
    key(ALT, KeyCode::Char('2'), Action::Room(2), None),
    key(ALT, KeyCode::Char('3'), Action::Room(3), None),
    key(ALT, KeyCode::Char('4'), Action::Room(4), None),
    key(ALT, KeyCode::Char('5'), Action::Room(5), None),
    key(ALT, KeyCode::Char('6'), Action::Room(6), None),
    key(ALT, KeyCode::Char('7'), Action::Room(7), None),
    key(ALT, KeyCode::Char('8'), Action::Room(8), None),
    key(ALT, KeyCode::Char('9'), Action::Room(9), None),
    key(NONE, KeyCode::F(6), Action::NextUnread, Some(("F6, Alt+A", "next room with something new"))),
    key(ALT, KeyCode::Char('a'), Action::NextUnread, None),
    key(NONE, KeyCode::F(7), Action::FirstUnread, Some(("F7, Alt+U", "first message that is new here"))),
    key(ALT, KeyCode::Char('u'), Action::FirstUnread, None),
    key(NONE, KeyCode::F(8), Action::NextMention, Some(("F8, Alt+M", "next message that names you"))),
    key(ALT, KeyCode::Char('m'), Action::NextMention, None),
    key(NONE, KeyCode::F(1), Action::Help, Some(("F1", "this help"))),
    key(NONE, KeyCode::F(4), Action::People, Some(("F4", "who is here, and what one can do"))),
    key(
        SHIFT,
        KeyCode::Up,
        Action::SelectUp,
        Some(("Shift+↑, Ctrl+G", "choose a message: r e d + p s o, Enter")),
    ),
    key(CTRL, KeyCode::Char('g'), Action::SelectUp, None),
    key(SHIFT, KeyCode::Down, Action::SelectDown, None),
    key(NONE, KeyCode::F(2), Action::ToggleSidebar, Some(("F2", "rooms and people on or off"))),
    key(
        NONE,
        KeyCode::F(3),
        Action::ToggleMouse,
        Some(("F3, wheel", "wheel scrolls, or mouse selects text")),
    ),
    key(CTRL, KeyCode::Char('r'), Action::Reconnect, Some(("Ctrl+R", "reconnect now"))),
    key(CTRL, KeyCode::Char('l'), Action::Redraw, None),
    key(CTRL, KeyCode::Char('z'), Action::Suspend, None),
    key(CTRL, KeyCode::Char('c'), Action::Interrupt, Some(("Ctrl+C", "clear the input; twice: quit"))),
    key(CTRL, KeyCode::Char('d'), Action::EndOfInput, None),
    key(NONE, KeyCode::Up, Action::Up, Some(("↑ ↓", "lines, then what you sent before"))),
    key(NONE, KeyCode::Down, Action::Down, None),
    key(NONE, KeyCode::Left, Action::Left, None),
    key(CTRL, KeyCode::Char('b'), Action::Left, None),
    key(NONE, KeyCode::Right, Action::Right, None),
    key(CTRL, KeyCode::Char('f'), Action::Right, None),
    key(CTRL, KeyCode::Left, Action::WordLeft, None),
    key(ALT, KeyCode::Char('b'), Action::WordLeft, None),
    key(CTRL, KeyCode::Right, Action::WordRight, None),
    key(ALT, KeyCode::Char('f'), Action::WordRight, None),
    key(NONE, KeyCode::Home, Action::LineStart, None),
    key(
        CTRL,
        KeyCode::Char('a'),
        Action::LineStart,
        Some(("Ctrl+A E W U K Y", "edit the line as in a shell")),
    ),
    key(NONE, KeyCode::End, Action::LineEnd, None),
    key(CTRL, KeyCode::Char('e'), Action::LineEnd, None),
    key(NONE, KeyCode::Backspace, Action::Backspace, None),
    key(CTRL, KeyCode::Char('h'), Action::Backspace, None),
    key(NONE, KeyCode::Delete, Action::Delete, None),
    key(CTRL, KeyCode::Char('w'), Action::DeleteWord, None),
    key(ALT, KeyCode::Backspace, Action::DeleteWord, None),
    key(CTRL, KeyCode::Char('u'), Action::DeleteToStart, None),
    key(CTRL, KeyCode::Char('k'), Action::DeleteToEnd, None),
    key(CTRL, KeyCode::Char('y'), Action::Yank, None),
];

/// What came from the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// A key of the table.
    Action(Action),
    /// A character for the input.
    Char(char),
}

/// What a key event means, if anything.
#[must_use]
pub fn pressed(event: &KeyEvent) -> Option<Pressed> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let bound = BINDINGS.iter().find(|b| b.code == event.code && b.modifiers == event.modifiers);
    if let Some(binding) = bound {
        return Some(Pressed::Action(binding.action));
    }
    match event.code {
        KeyCode::Char(c) if (event.modifiers - SHIFT).is_empty() => Some(Pressed::Char(c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for (n, binding) in BINDINGS.iter().enumerate() {
            let same = |b: &&Binding| b.code == binding.code && b.modifiers == binding.modifiers;
            assert_eq!(BINDINGS.iter().filter(same).count(), 1, "{n}: {:?}", binding.action);
        }
    }

    #[test]
    fn everything_on_alt_has_a_second_way() {
        for binding in BINDINGS.iter().filter(|b| b.modifiers == ALT) {
            let second = |b: &&Binding| b.modifiers != ALT && b.action == binding.action;
            assert!(
                BINDINGS.iter().any(|b| second(&b)) || matches!(binding.action, Action::Room(_)),
                "{:?}",
                binding.action
            );
        }
    }

    #[test]
    fn characters_are_typed_with_or_without_shift() {
        let event = |code, modifiers| KeyEvent::new(code, modifiers);
        assert_eq!(pressed(&event(KeyCode::Char('A'), SHIFT)), Some(Pressed::Char('A')));
        assert_eq!(pressed(&event(KeyCode::Char('é'), NONE)), Some(Pressed::Char('é')));
        assert_eq!(pressed(&event(KeyCode::Char('x'), CTRL)), None);
        assert_eq!(pressed(&event(KeyCode::Enter, NONE)), Some(Pressed::Action(Action::Send)));
    }
}
