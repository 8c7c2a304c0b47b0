//! The screen, drawn from the model alone.

mod composer;
mod form;
mod people;
mod popup;
mod sidebar;
mod status;
mod timeline;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::links::Link;
use crate::model::Model;

/// From this many columns on rooms and people are shown beside the messages, unless the person says otherwise.
const SIDEBAR_FROM: u16 = 72;

/// The areas of the screen.
struct Areas {
    header: Rect,
    sidebar: Rect,
    timeline: Rect,
    /// The line between messages and input, which says who is typing and what is new below.
    seam: Rect,
    note: Rect,
    input: Rect,
    status: Rect,
}

/// Whether rooms and people are shown.
#[must_use]
pub fn has_sidebar(model: &Model) -> bool {
    model.sidebar.unwrap_or(model.size.0 >= SIDEBAR_FROM) && model.size.0 >= 40
}

/// Columns and rows of the timeline.
#[must_use]
pub fn timeline_size(model: &Model) -> (u16, u16) {
    let areas = areas(model);
    (areas.timeline.width, areas.timeline.height)
}

fn areas(model: &Model) -> Areas {
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
    let note = if height >= 8 { status::note_rows(model, main.width).len() } else { 0 };
    let note = u16::try_from(note).unwrap_or(1).min(height / 8);
    let lines = composer::height(model, main.width, main.height / 3);
    let [header, timeline, seam, note_area, input] = Layout::vertical([
        Constraint::Length(u16::from(height >= 8)),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(note),
        Constraint::Length(lines),
    ])
    .areas(main);
    Areas { header, sidebar, timeline, seam, note: note_area, input, status }
}

/// Draws everything, and tells what of it is linked.
pub fn view(model: &Model, frame: &mut Frame<'_>) -> Vec<Link> {
    let areas = areas(model);
    sidebar::draw(model, frame, areas.sidebar);
    status::header(model, frame, areas.header);
    let links = timeline::draw(model, frame, areas.timeline);
    status::seam(model, frame, areas.seam);
    status::note(model, frame, areas.note);
    composer::draw(model, frame, areas.input);
    status::line(model, frame, areas.status);
    popup::draw(model, frame);
    // What lies over them may lie over links.
    if model.popup.is_none() { links } else { Vec::new() }
}
