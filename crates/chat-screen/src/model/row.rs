//! The rows that messages take on the screen.

use chat_proto::{Millis, Seq, UserId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui_core::layout::Size;

use crate::canvas::Canvas;
use crate::clean::Clean;
use crate::markup::{Highlight, Piece};
use crate::wrap::wrap;

/// The width of the column of times, including its space.
pub const TIME_CELLS: usize = 6;

/// The width of the gap between a name and the text.
pub const NAME_GAP: usize = 2;

/// Returns the width of the column of names. It is independent of the names, so that a newcomer with a long name does
/// not move every text.
#[must_use]
pub fn name_column(width: usize) -> usize {
    if width < 70 { 8 } else { 12 }
}

/// Returns the width that is left for the texts.
pub(super) fn text_column(width: usize) -> usize {
    width.saturating_sub(TIME_CELLS + name_column(width) + NAME_GAP)
}

/// What rows depend on, apart from the messages.
#[derive(Clone, Debug)]
pub struct Page {
    /// The cells of a row.
    pub width: usize,
    /// The rows of the screen.
    pub height: usize,
    /// The time zone of displayed times.
    pub zone: TimeZone,
    /// The message after which the new ones begin, if that is marked.
    pub divider: Option<Seq>,
    /// How pictures are drawn, if they are.
    pub canvas: Option<Canvas>,
    /// The syntax highlighter.
    pub highlight: Highlight,
}

/// A row of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The start of a day.
    Day(String),
    /// The start of the new messages.
    New,
    /// The beginning of the room, or a note that more is being loaded.
    Note(String),
    /// A row of a picture.
    Picture {
        /// The picture's URL.
        url: String,
        /// Its size in columns and rows.
        size: Size,
        /// The index of this row in the picture.
        row: u16,
        /// The message that has it.
        seq: Seq,
    },
    /// A line of a message.
    Line {
        /// The time, if it is shown on this row.
        time: Option<String>,
        /// The author, if the name is shown on this row.
        name: Option<(String, UserId)>,
        /// The text of this row.
        pieces: Vec<Piece>,
        /// The line's appearance.
        look: Look,
        /// The stored message that it belongs to.
        seq: Option<Seq>,
    },
}

/// The appearance of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A stored message.
    Solid,
    /// A message that waits to be sent.
    Pending,
    /// A failed message, or the reason.
    Failed,
    /// Something that happened in the room.
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

/// Returns a time as hour and minute in a time zone.
#[must_use]
pub fn minute(at: Millis, zone: &TimeZone) -> String {
    labels(at, zone).1
}

/// Returns a time as its day and its hour and minute.
pub(super) fn labels(at: Millis, zone: &TimeZone) -> (String, String) {
    let Ok(time) = Timestamp::from_millisecond(at.0) else { return (String::new(), String::new()) };
    let local = time.to_zoned(zone.clone());
    (local.strftime("%A, %-d %B %Y").to_string(), local.strftime("%H:%M").to_string())
}
