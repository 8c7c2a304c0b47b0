//! The messages.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::model::Model;
use crate::model::row::{Look, NAME_GAP, Row, TIME_CELLS, name_column};
use crate::theme;
use crate::wrap::cut;

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let Some(room) = model.room() else { return };
    let page = model.page();
    let rows = room.timeline.visible(&page);
    let names = name_column(page.width);
    let me = model.me.as_ref().map_or("", |me| &me.name);
    // What there is stands at the bottom, next to where one writes.
    let top = area.height.saturating_sub(rows.len().try_into().unwrap_or(area.height));
    for (n, row) in (0..).zip(rows) {
        let place = Rect { y: area.y + top + n, height: 1, ..area };
        let is_selected = matches!(&row, Row::Line { seq: Some(seq), .. } if model.selected == Some(*seq));
        let line = line(row, names, page.width, me);
        frame.render_widget(if is_selected { line.patch_style(theme::selected()) } else { line }, place);
    }
}

fn line(row: Row, names: usize, width: usize, me: &str) -> Line<'static> {
    match row {
        Row::Day(day) => rule(&day, width, theme::quiet()),
        Row::New => rule("new", width, theme::notice()),
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
                    format!("{}{name}{}", " ".repeat(names - name.width().min(names)), " ".repeat(NAME_GAP)),
                    name_style,
                ),
            ];
            spans.extend(pieces.into_iter().map(|piece| {
                let is_me = piece.is_mention && piece.text[1..].to_lowercase() == me;
                let own = if is_me { theme::own_mention() } else { piece.style };
                Span::styled(piece.text, style.patch(own))
            }));
            Line::from(spans)
        }
    }
}

/// A line across with words in it.
pub(super) fn rule(words: &str, width: usize, style: Style) -> Line<'static> {
    let words = cut(words, width.saturating_sub(6));
    let rest = width.saturating_sub(words.width() + 5);
    Line::styled(format!("── {words} {}─", "─".repeat(rest)), style)
}
