//! Draws the screen from the model alone.

mod composer;
mod form;
mod line;
mod people;
mod popup;
mod sidebar;
mod status;
mod timeline;

use ratatui::Frame;

use crate::links::Link;
use crate::pictures::Gallery;
use chat_screen::layout::areas;
use chat_screen::model::Model;

/// Draws everything, and returns the links on the screen.
pub fn view(model: &Model, gallery: &Gallery, frame: &mut Frame<'_>) -> Vec<Link> {
    let areas = areas(model);
    sidebar::draw(model, frame, areas.sidebar);
    status::header(model, frame, areas.header);
    let links = timeline::draw(model, gallery, frame, areas.timeline);
    status::seam(model, frame, areas.seam);
    status::note(model, frame, areas.note);
    composer::draw(model, frame, areas.input);
    status::line(model, frame, areas.status);
    popup::draw(model, frame);
    // A popup may cover links.
    if model.popup.is_none() { links } else { Vec::new() }
}
