//! What lies over the messages: help, lists, and the question for a name.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use crate::clean::Clean;
use crate::keys::BINDINGS;
use crate::model::{Model, Popup};
use crate::slash::COMMANDS;
use crate::theme;
use crate::wrap::{cut, wrap};

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>) {
    match &model.popup {
        None => {}
        Some(Popup::Help) => help(frame),
        Some(Popup::List { title, lines, top }) => {
            let rows = lines.iter().map(|line| Line::raw(line.to_string())).collect();
            panel(frame, title.as_str(), "↑ ↓ scroll   Esc close", rows, *top);
        }
        Some(Popup::Name { input, why }) => {
            let typed = Clean::line(input.text());
            let mut rows: Vec<Line<'static>> =
                wrap(why, usize::from(frame.area().width).saturating_sub(8).min(60))
                    .into_iter()
                    .map(Line::raw)
                    .collect();
            rows.push(Line::default());
            rows.push(Line::from(vec![
                Span::styled("Name: ", theme::unread()),
                Span::raw(typed.to_string()),
            ]));
            let row = rows.len() - 1;
            let area = panel(frame, "Who are you?", "Enter: join as a guest   Ctrl+C twice: quit", rows, 0);
            let before = Clean::line(&input.text()[..input.cursor()]).width() + "Name: ".width();
            let x = area.x + 1 + u16::try_from(before).unwrap_or(0);
            let y = area.y + 1 + u16::try_from(row).unwrap_or(0);
            frame.set_cursor_position(Position::new(
                x.min(area.right().saturating_sub(2)),
                y.min(area.bottom().saturating_sub(2)),
            ));
        }
    }
}

fn help(frame: &mut Frame<'_>) {
    let row = |left: String, right: &str| {
        Line::from(vec![Span::styled(format!("{left:<22}"), theme::unread()), Span::raw(right.to_owned())])
    };
    let mut rows: Vec<Line<'static>> = BINDINGS
        .iter()
        .filter_map(|binding| binding.help)
        .map(|(key, help)| row(key.to_owned(), help))
        .collect();
    rows.extend(COMMANDS.iter().map(|entry| row(format!("{} {}", entry.name, entry.takes), entry.help)));
    panel(frame, "Help", "any key closes   // sends a slash", rows, 0);
}

/// A frame in the middle, as large as its content and the screen allow. Answers its area.
fn panel(frame: &mut Frame<'_>, title: &str, footer: &str, rows: Vec<Line<'static>>, top: usize) -> Rect {
    let screen = frame.area();
    let content = rows.iter().map(Line::width).chain([title.width(), footer.width() + 2]).max().unwrap_or(0);
    let width = u16::try_from(content + 4).unwrap_or(u16::MAX).min(screen.width);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(screen.height);
    let area = Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height);
    let cells = usize::from(width).saturating_sub(4);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme::quiet())
        .title(format!(" {} ", cut(title, cells)))
        .title_bottom(Line::styled(format!(" {} ", cut(footer, cells)), theme::quiet()));
    frame.render_widget(Clear, area);
    let scroll = u16::try_from(top).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(rows).scroll((scroll, 0)).block(block), area);
    area
}
