//! The rows of the screen that messages become.

use chat_proto::{Millis, Seq, UserId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui_core::layout::Size;

use crate::canvas::Canvas;
use crate::clean::Clean;
use crate::markup::{Highlight, Piece};
use crate::wrap::wrap;

/// How wide the column of times is, with its space.
pub const TIME_CELLS: usize = 6;

/// How much room is between a name and its text.
pub const NAME_GAP: usize = 2;

/// How wide the column of names is. It does not follow the names: a newcomer's long one would move every text.
#[must_use]
pub fn name_column(width: usize) -> usize {
    if width < 70 { 8 } else { 12 }
}

/// How many cells are left for the texts.
pub(super) fn text_column(width: usize) -> usize {
    width.saturating_sub(TIME_CELLS + name_column(width) + NAME_GAP)
}

/// What rows depend on beside the messages.
#[derive(Clone, Debug)]
pub struct Page {
    /// Cells of a row.
    pub width: usize,
    /// Rows of the screen.
    pub height: usize,
    /// The zone of the times shown.
    pub zone: TimeZone,
    /// After which message the new ones begin, where that is marked.
    pub divider: Option<Seq>,
    /// How pictures are drawn, where they are.
    pub canvas: Option<Canvas>,
    /// What colours code.
    pub highlight: Highlight,
}

/// A row of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A day begins.
    Day(String),
    /// The new messages begin.
    New,
    /// The room begins, or more is being loaded.
    Note(String),
    /// A row of a picture.
    Picture {
        /// Where the picture is.
        url: String,
        /// Its columns and rows.
        size: Size,
        /// Which of its rows this is.
        row: u16,
        /// The message that bears it.
        seq: Seq,
    },
    /// A line of a message.
    Line {
        /// The time, where it is said.
        time: Option<String>,
        /// The author, where the name is said.
        name: Option<(String, UserId)>,
        /// The text of this row.
        pieces: Vec<Piece>,
        /// How it is shown.
        look: Look,
        /// The stored message it belongs to.
        seq: Option<Seq>,
    },
}

/// How a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A stored message.
    Solid,
    /// A message that waits.
    Pending,
    /// A message that failed, or the reason.
    Failed,
    /// Something that happened.
    Told,
}

pub(super) type Said = (Option<String>, Option<(String, UserId)>, Look);

pub(super) fn push_text(rows: &mut Vec<Row>, text: &Clean, said: Said, width: usize) {
    let piece = |text| vec![Piece { text, ..Piece::default() }];
    push_lines(rows, wrap(text, width).into_iter().map(piece), said);
}

pub(super) fn push_lines(
    rows: &mut Vec<Row>,
    lines: impl Iterator<Item = Vec<Piece>>,
    (mut time, mut name, look): Said,
) {
    for pieces in lines {
        rows.push(Row::Line { time: time.take(), name: name.take(), pieces, look, seq: None });
    }
}

/// The minute of a time, as the person's clock shows it.
#[must_use]
pub fn minute(at: Millis, zone: &TimeZone) -> String {
    labels(at, zone).1
}

/// The day and the minute of a time.
pub(super) fn labels(at: Millis, zone: &TimeZone) -> (String, String) {
    let Ok(time) = Timestamp::from_millisecond(at.0) else { return (String::new(), String::new()) };
    let local = time.to_zoned(zone.clone());
    (local.strftime("%A, %-d %B %Y").to_string(), local.strftime("%H:%M").to_string())
}
