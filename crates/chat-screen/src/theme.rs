//! Colours by meaning, from the terminal's own sixteen, so that light and dark terminals both work. Colour is never
//! the only sign.

use chat_proto::UserId;
use ratatui_core::style::{Color, Modifier, Style};

/// The colours of names, by user id.
const NAMES: [Color; 6] = [Color::Cyan, Color::Green, Color::Magenta, Color::Yellow, Color::Blue, Color::Red];

/// A user's name.
#[must_use]
pub fn name(user: UserId) -> Style {
    let place = usize::try_from(user.0.unsigned_abs() % NAMES.len() as u64).unwrap_or(0);
    Style::new().fg(NAMES[place]).add_modifier(Modifier::BOLD)
}

/// Something of less interest: times, dividers, hints.
#[must_use]
pub fn quiet() -> Style {
    Style::new().fg(Color::DarkGray)
}

/// A message that is not acknowledged yet.
#[must_use]
pub fn pending() -> Style {
    Style::new().fg(Color::DarkGray).add_modifier(Modifier::ITALIC)
}

/// Something went wrong.
#[must_use]
pub fn wrong() -> Style {
    Style::new().fg(Color::Red)
}

/// Something to know.
#[must_use]
pub fn notice() -> Style {
    Style::new().fg(Color::Yellow)
}

/// Something that is in order.
#[must_use]
pub fn well() -> Style {
    Style::new().fg(Color::Green)
}

/// Something new.
#[must_use]
pub fn unread() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// Code.
#[must_use]
pub fn code() -> Style {
    Style::new().fg(Color::Cyan)
}

/// A link.
#[must_use]
pub fn link() -> Style {
    Style::new().fg(Color::Blue).add_modifier(Modifier::UNDERLINED)
}

/// The name of a person or a room in a text.
#[must_use]
pub fn mention() -> Style {
    Style::new().fg(Color::Cyan)
}

/// The person's own name in a text.
#[must_use]
pub fn own_mention() -> Style {
    Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD | Modifier::REVERSED)
}

/// A part of code, by its meaning in the language.
#[must_use]
pub fn syntax(part: Part) -> Style {
    match part {
        Part::Comment => quiet(),
        Part::Text => Style::new().fg(Color::Green),
        Part::Constant => Style::new().fg(Color::Magenta),
        Part::Keyword => Style::new().fg(Color::Blue),
        Part::Function => Style::new().fg(Color::Yellow),
        Part::Type => Style::new().fg(Color::Cyan),
        Part::Other => Style::new(),
    }
}

/// The meaning of a part of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A comment.
    Comment,
    /// A string.
    Text,
    /// A number or another constant.
    Constant,
    /// A keyword.
    Keyword,
    /// A function's name.
    Function,
    /// The name of a type or of an element.
    Type,
    /// Anything else.
    Other,
}

/// A word that was searched for.
#[must_use]
pub fn hit() -> Style {
    Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
}

/// The chosen message.
#[must_use]
pub fn selected() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

/// The current place, such as the room on the screen.
#[must_use]
pub fn current() -> Style {
    Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
}
