//! What lies over the timeline, and what the input is about.

use chat_proto::Seq;
use chat_proto::reply::{Found, Member};

use super::composer::Composer;
use super::form::Form;
use crate::clean::Clean;
use crate::msg::Effect;

/// A line to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it says.
    pub label: Clean,
    /// What it does.
    pub act: Act,
}

/// What choosing a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Puts this into the input, to be finished there.
    Write(String),
    /// Does this.
    Do(Effect),
    /// What this key does with the chosen message.
    Key(char),
}

/// What lies over the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Popup {
    /// The keys, or the commands.
    Help {
        /// Whether the commands.
        commands: bool,
    },
    /// Lines to fill in.
    Form(Form),
    /// Who is in a room, to choose from.
    People {
        /// Which room.
        room: String,
        /// Who.
        members: Vec<Member>,
        /// The one chosen.
        at: usize,
    },
    /// Messages that were found, to choose from.
    Found {
        /// What was searched for.
        query: Clean,
        /// The messages.
        found: Vec<Found>,
        /// The one chosen.
        at: usize,
    },
    /// Emoji to choose from.
    Emoji {
        /// The message to put it on.
        target: Seq,
        /// The beginning of a name.
        filter: Composer,
        /// The one chosen.
        at: usize,
    },
    /// What can be done with what was chosen.
    Menu {
        /// With what.
        title: Clean,
        /// What can be done.
        choices: Vec<Choice>,
        /// The line chosen.
        at: usize,
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
        /// Its lines.
        lines: Vec<Clean>,
        /// How many of them are above the popup's first line.
        top: usize,
    },
}

/// What the input is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// It answers this message.
    Reply(Seq),
    /// It is what this message will say.
    Edit(Seq),
}

/// A word to the person, above the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The words.
    pub text: Clean,
    /// Whether something went wrong.
    pub is_wrong: bool,
}
