//! Where the parts of the screen are, and how much of the conversation fits.

use ratatui_core::layout::{Constraint, Layout, Rect, Size};

use crate::model::Model;
use crate::model::row::{Page, Row};

/// The minimum width, in columns, at which rooms and people are shown beside the messages, unless the person chose
/// otherwise.
const SIDEBAR_FROM: u16 = 72;

/// The maximum number of rows of the input.
const INPUT_ROWS: u16 = 10;

/// The areas of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// The room's name and topic.
    pub header: Rect,
    /// Rooms and people.
    pub sidebar: Rect,
    /// The messages.
    pub timeline: Rect,
    /// The line between messages and input, which shows who is typing and how many messages are new below.
    pub seam: Rect,
    /// The note to the person.
    pub note: Rect,
    /// The input.
    pub input: Rect,
    /// The state of the connection.
    pub status: Rect,
}

/// Whether the sidebar with rooms and people is shown.
#[must_use]
pub fn has_sidebar(model: &Model) -> bool {
    model.sidebar.unwrap_or(model.size.0 >= SIDEBAR_FROM) && model.size.0 >= 40
}

/// Returns the areas of the screen as it is now.
#[must_use]
pub fn areas(model: &Model) -> Areas {
    let (width, height) = model.size;
    let sidebar_width = match width {
        _ if !has_sidebar(model) => 0,
        0..100 => 18,
        100..130 => 22,
        _ => 26,
    };
    let [sidebar, main] = Layout::horizontal([Constraint::Length(sidebar_width), Constraint::Min(1)])
        .areas(Rect::new(0, 0, width, height.saturating_sub(1)));
    let status = Rect::new(0, height.saturating_sub(1), width, height.min(1));
    let note = model.note.as_ref().filter(|_| height >= 8).map_or(0, |note| note.rows(main.width).len());
    let note = u16::try_from(note).unwrap_or(1).min(height / 8);
    let input = model.draft().lay(main.width).rows.len();
    let most = (main.height / 3).clamp(1, INPUT_ROWS);
    let [header, timeline, seam, note_area, input] = Layout::vertical([
        Constraint::Length(u16::from(height >= 8)),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(note),
        Constraint::Length(u16::try_from(input).unwrap_or(u16::MAX).clamp(1, most)),
    ])
    .areas(main);
    Areas { header, sidebar, timeline, seam, note: note_area, input, status }
}

/// Returns what the rows of the current room depend on.
#[must_use]
pub fn page(model: &Model) -> Page {
    let timeline = areas(model).timeline;
    Page {
        width: timeline.width.into(),
        height: timeline.height.into(),
        zone: model.zone.clone(),
        divider: model.room().and_then(|room| room.divider),
        canvas: model.canvas,
        highlight: model.highlight,
    }
}

/// Returns the URLs of the pictures on the screen, each with its size in cells.
#[must_use]
pub fn pictures(model: &Model) -> Vec<(String, Size)> {
    let (Some(room), true) = (model.room(), model.canvas.is_some()) else { return Vec::new() };
    let picture = |row| match row {
        Row::Picture { url, size, .. } => Some((url, size)),
        _ => None,
    };
    let mut shown: Vec<_> = room.timeline.visible(&page(model)).into_iter().filter_map(picture).collect();
    shown.dedup();
    shown
}
