//! The popup over the messages, and what the input is about.

use chat_proto::Seq;
use chat_proto::reply::Found;
use chat_proto::room::Member;

use super::composer::Composer;
use super::form::Form;
use super::picker::{Picker, Step};
use crate::clean::Clean;
use crate::msg::Effect;

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The text.
    pub label: Clean,
    /// What it does.
    pub does: Choose,
}

/// What choosing a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choose {
    /// Does nothing.
    Nothing,
    /// Puts this text into the input, to be completed there.
    Write(String),
    /// Has this effect.
    Effect(Effect),
    /// Does this with the chosen message.
    Message(OnMessage),
}

/// An action on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum OnMessage {
    Reply,
    React,
    Save,
    Open,
    Edit,
    Delete,
    Pin,
}

/// A popup over the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Popup {
    /// The help.
    Help {
        /// Whether it shows the commands. If not, it shows the keys.
        commands: bool,
        /// The keys or commands, each with what it does.
        rows: Picker<(&'static str, &'static str)>,
    },
    /// A form.
    Form(Form),
    /// The members of a room, to choose from.
    People {
        /// The room.
        room: String,
        /// Its members.
        members: Picker<Member>,
    },
    /// Search results, to choose from.
    Found {
        /// The query.
        query: Clean,
        /// The messages.
        found: Picker<Found>,
    },
    /// Emoji to choose from.
    Emoji {
        /// The message to react to.
        target: Seq,
        /// The beginning of an emoji's name.
        filter: Composer,
        /// The shortcodes and emoji that match.
        offered: Picker<(&'static str, &'static str)>,
    },
    /// A menu of actions.
    Menu {
        /// What the actions apply to.
        title: Clean,
        /// The actions.
        choices: Picker<Choice>,
    },
    /// A question that only `y` confirms. Enter, a paste and every other key do nothing.
    Question {
        /// The lines of the question.
        lines: Vec<Clean>,
        /// The effect if the person confirms.
        effect: Effect,
    },
    /// A list to read.
    List {
        /// The title.
        title: Clean,
        /// The lines, and which is shown first.
        lines: Picker<Clean>,
    },
}

impl Popup {
    /// Creates a list to read.
    #[must_use]
    pub fn list(title: &str, lines: Vec<Clean>) -> Self {
        Self::List { title: Clean::line(title), lines: Picker::new(lines) }
    }

    /// Creates a menu.
    #[must_use]
    pub fn menu(title: &str, choices: Vec<Choice>) -> Self {
        Self::Menu { title: Clean::line(title), choices: Picker::new(choices) }
    }

    /// Moves through the popup's list, of which so many lines are `visible`. Returns whether it has one.
    pub fn step(&mut self, step: Step, visible: usize) -> bool {
        match self {
            Self::People { members, .. } => members.step(step),
            Self::Found { found, .. } => found.step(step),
            Self::Emoji { offered, .. } => offered.step(step),
            Self::Menu { choices, .. } => choices.step(step),
            Self::List { lines, .. } => lines.scroll(step, visible),
            Self::Help { rows, .. } => rows.scroll(step, visible),
            Self::Form(_) | Self::Question { .. } => return false,
        }
        true
    }
}

/// What the input is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A reply to this message.
    Reply(Seq),
    /// The new text of this message.
    Edit(Seq),
}
