//! A key as the core knows it, independent of the terminal library.

/// A key and its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key itself.
    pub code: Code,
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
    /// Whether Shift was held. Capital letters may arrive with or without it.
    pub shift: bool,
}

/// A key without modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those on the keys")]
pub enum Code {
    Char(char),
    F(u8),
    Enter,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Esc,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

impl Key {
    /// Returns a key without modifiers.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// Returns a letter with Ctrl.
    #[must_use]
    pub const fn ctrl(letter: char) -> Self {
        Self { ctrl: true, ..Self::plain(Code::Char(letter)) }
    }

    /// Returns a key with Alt.
    #[must_use]
    pub const fn alt(code: Code) -> Self {
        Self { alt: true, ..Self::plain(code) }
    }

    /// Returns a key with Shift.
    #[must_use]
    pub const fn shift(code: Code) -> Self {
        Self { shift: true, ..Self::plain(code) }
    }

    /// Returns the character that the key types, if it types one.
    #[must_use]
    pub fn types(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}
