//! Draws the messages.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;
use ratatui_image::sliced::{SignedPosition, SlicedImage};

use super::line::draw as draw_line;
use crate::links::Link;
use crate::pictures::Gallery;
use chat_screen::clean::cells;
use chat_screen::layout::page;
use chat_screen::model::pending::{Pending, rows_of_pending};
use chat_screen::model::row::{Look, NAME_GAP, Row, TIME_CELLS, name_column};
use chat_screen::model::{Model, Room};
use chat_screen::theme;
use chat_screen::wrap::cut;

pub(super) fn draw(model: &Model, gallery: &Gallery, frame: &mut Frame<'_>, area: Rect) -> Vec<Link> {
    let mut links = Vec::new();
    let page = page(model);
    let rows = match model.room() {
        Some(room) => room.timeline.visible(&page),
        // Without a room: all waiting messages, whatever room they are for.
        None => {
            let in_room = |(name, room): (&String, &Room)| {
                let label = room.label(name);
                let told = |pending: &Pending| Pending::new("", &format!("{label}: {}", pending.text));
                room.timeline.pending.iter().map(told).collect::<Vec<_>>()
            };
            let mut waiting: Vec<_> = model.rooms.iter().flat_map(in_room).collect();
            waiting.extend(model.early_posts.iter().map(|early| early.shown.clone()));
            let mut rows = rows_of_pending(&waiting, &page);
            rows.split_off(rows.len().saturating_sub(page.height))
        }
    };
    let names = name_column(page.width);
    let me = model.me.as_ref().map_or("", |me| &me.name);
    // If the rows do not fill the area, they are at the bottom, next to the input.
    let top = area.height.saturating_sub(rows.len().try_into().unwrap_or(area.height));
    for (n, row) in (0..).zip(rows) {
        let place = Rect { y: area.y + top + n, height: 1, ..area };
        if let Row::Picture { url, size, row, .. } = &row {
            picture(gallery, frame, (url, *size, *row), area, place.y);
            continue;
        }
        links.extend(linked(&row, names, place));
        let is_selected = matches!(&row, Row::Line { seq: Some(seq), .. } if model.selected == Some(*seq));
        let line = line(row, names, page.width, me);
        draw_line(frame, if is_selected { line.patch_style(theme::selected()) } else { line }, place);
    }
    links
}

/// Returns the links of a row.
fn linked(row: &Row, names: usize, place: Rect) -> Vec<Link> {
    let Row::Line { pieces, .. } = row else { return Vec::new() };
    let column =
        |cells: usize| place.x.saturating_add(cells.try_into().unwrap_or(u16::MAX)).min(place.right());
    let mut at = TIME_CELLS + names + NAME_GAP;
    let mut links = Vec::new();
    for piece in pieces {
        let end = at + cells(&piece.text);
        if let Some(address) = &piece.link {
            links.push(Link { y: place.y, x: column(at)..column(end), address: address.clone() });
        }
        at = end;
    }
    links
}

/// Draws a picture from its first row on the screen. The other rows are drawn with it.
fn picture(
    gallery: &Gallery,
    frame: &mut Frame<'_>,
    (url, size, row): (&str, Size, u16),
    area: Rect,
    y: u16,
) {
    if row > 0 && y > area.y {
        return;
    }
    let left = u16::try_from(TIME_CELLS + name_column(area.width.into()) + NAME_GAP).unwrap_or(area.width);
    let height = (size.height - row).min(area.bottom().saturating_sub(y));
    let place = Rect { x: area.x + left.min(area.width), y, width: area.width.saturating_sub(left), height };
    match gallery.get(url, size) {
        Some(picture) => {
            let above = i16::try_from(row).unwrap_or(0);
            let position = SignedPosition { x: 0, y: -above };
            frame.render_widget(SlicedImage::new(picture.protocol(), position), place);
        }
        None => {
            let outline = Block::bordered().border_style(theme::quiet());
            frame.render_widget(outline, Rect { width: size.width.min(place.width), ..place });
        }
    }
}

fn line(row: Row, names: usize, width: usize, me: &str) -> Line<'static> {
    match row {
        Row::Day(day) => rule(&day, width, theme::quiet()),
        Row::New => rule("new", width, theme::notice()),
        Row::Picture { .. } => Line::default(),
        Row::Note(text) => Line::styled(format!("{text:^width$}"), theme::quiet()),
        Row::Line { time, name, pieces, look, .. } => {
            let style = match look {
                Look::Solid => Style::new(),
                Look::Pending => theme::pending(),
                Look::Failed => theme::wrong(),
                Look::Told => theme::quiet(),
            };
            let time_style = if look == Look::Failed { theme::wrong() } else { theme::quiet() };
            let (name, name_style) = match name {
                Some((name, user)) => (cut(&name, names), theme::name(user)),
                None => (String::new(), Style::new()),
            };
            let mut spans = vec![
                Span::styled(format!("{:<TIME_CELLS$}", time.unwrap_or_default()), time_style),
                Span::styled(
                    format!("{}{name}{}", " ".repeat(names - cells(&name).min(names)), " ".repeat(NAME_GAP)),
                    name_style,
                ),
            ];
            spans.extend(pieces.into_iter().map(|piece| {
                let is_me = piece.mention.as_deref() == Some(me);
                let own = if is_me { theme::own_mention() } else { piece.style };
                Span::styled(piece.text, style.patch(own))
            }));
            Line::from(spans)
        }
    }
}

/// Returns a horizontal rule with words in it.
pub(super) fn rule(words: &str, width: usize, style: Style) -> Line<'static> {
    let words = cut(words, width.saturating_sub(6));
    let rest = width.saturating_sub(cells(&words) + 5);
    Line::styled(format!("── {words} {}─", "─".repeat(rest)), style)
}
