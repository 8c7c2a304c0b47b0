//! What lies over the messages, and what the input is about.

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
    /// What it says.
    pub label: Clean,
    /// What it does.
    pub does: Choose,
}

/// What choosing a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choose {
    /// Nothing.
    Nothing,
    /// Puts this into the input, to be finished there.
    Write(String),
    /// Has this effect.
    Effect(Effect),
    /// Does this with the message chosen.
    Message(OnMessage),
}

/// What can be done with a message.
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

/// What lies over the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Popup {
    /// The keys, or the commands.
    Help {
        /// Whether the commands.
        commands: bool,
    },
    /// Fields to fill in.
    Form(Form),
    /// Who is in a room, to choose from.
    People {
        /// The room.
        room: String,
        /// Its members.
        members: Picker<Member>,
    },
    /// Messages that were found, to choose from.
    Found {
        /// What was searched for.
        query: Clean,
        /// The messages.
        found: Picker<Found>,
    },
    /// Emoji to choose from.
    Emoji {
        /// The message to put one on.
        target: Seq,
        /// The beginning of a name.
        filter: Composer,
        /// The shortcodes and emoji that begin so.
        offered: Picker<(&'static str, &'static str)>,
    },
    /// What can be done with what was chosen.
    Menu {
        /// With what.
        title: Clean,
        /// What can be done.
        choices: Picker<Choice>,
    },
    /// A question that only `y` agrees to: Enter, a paste and every other key do nothing.
    Question {
        /// What is asked, one line each.
        lines: Vec<Clean>,
        /// What is done if the person agrees.
        effect: Effect,
    },
    /// A list to read.
    List {
        /// What it lists.
        title: Clean,
        /// Its lines, from the first one shown.
        lines: Picker<Clean>,
    },
}

impl Popup {
    /// A list to read.
    #[must_use]
    pub fn list(title: &str, lines: Vec<Clean>) -> Self {
        Self::List { title: Clean::line(title), lines: Picker::new(lines) }
    }

    /// A menu.
    #[must_use]
    pub fn menu(title: &str, choices: Vec<Choice>) -> Self {
        Self::Menu { title: Clean::line(title), choices: Picker::new(choices) }
    }

    /// Takes a step through its list. Answers whether it has one.
    pub fn step(&mut self, step: Step) -> bool {
        match self {
            Self::People { members, .. } => members.step(step),
            Self::Found { found, .. } => found.step(step),
            Self::Emoji { offered, .. } => offered.step(step),
            Self::Menu { choices, .. } => choices.step(step),
            Self::List { lines, .. } => lines.step(step),
            Self::Help { .. } | Self::Form(_) | Self::Question { .. } => return false,
        }
        true
    }
}

/// What the input is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// It answers this message.
    Reply(Seq),
    /// It is the new text of this message.
    Edit(Seq),
}
