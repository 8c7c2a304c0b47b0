//! Draws the forms. Text in a secret field is shown as dots.

use ratatui::Frame;
use ratatui::layout::Position;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::popup::panel;
use chat_screen::clean::{Clean, cells};
use chat_screen::model::form::{Field, Form, Purpose};
use chat_screen::theme;
use chat_screen::wrap::wrap;

/// The maximum width of the sentence above the fields, in cells.
const WHY_CELLS: usize = 60;

fn words(form: &Form) -> (&'static str, &'static str) {
    match form.purpose {
        _ if form.is_busy => (title(form.purpose), "Please wait…"),
        Purpose::Guest => (title(form.purpose), "Enter: join as a guest   Tab: log in   Ctrl+C twice: quit"),
        Purpose::LogIn => (title(form.purpose), "Enter: log in   Esc: back   Ctrl+C twice: quit"),
        Purpose::Register => (title(form.purpose), "Tab: next line   Enter: register   Esc: cancel"),
        Purpose::Password => (title(form.purpose), "Tab: next line   Enter: change   Esc: cancel"),
    }
}

fn title(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Guest => "Your name",
        Purpose::LogIn => "Log in",
        Purpose::Register => "Register",
        Purpose::Password => "Change password",
    }
}

/// Returns a text as its field shows it.
fn shown(field: &Field, text: &str) -> String {
    if field.is_secret { "•".repeat(text.graphemes(true).count()) } else { Clean::line(text).to_string() }
}

pub(super) fn draw(form: &Form, frame: &mut Frame<'_>) {
    let why_width = usize::from(frame.area().width).saturating_sub(8).min(WHY_CELLS);
    let mut rows: Vec<Line<'static>> = wrap(&form.why, why_width).into_iter().map(Line::raw).collect();
    rows.push(Line::default());
    let first = rows.len();
    // A single field follows its label directly.
    let widest = form.fields.iter().map(|field| field.label.width()).max().unwrap_or(0);
    for (n, field) in form.fields.iter().enumerate() {
        let label = format!("{}: {}", field.label, " ".repeat(widest - field.label.width()));
        let style = if n == form.at { theme::unread() } else { theme::quiet() };
        rows.push(Line::from(vec![Span::styled(label, style), Span::raw(shown(field, field.input.text()))]));
    }
    let (title, footer) = words(form);
    let area = panel(frame, title, footer, rows, 0);
    let Some(field) = form.fields.get(form.at) else { return };
    let before = cells(&shown(field, &field.input.text()[..field.input.cursor()])) + widest + 2;
    let x = area.x + 2 + u16::try_from(before).unwrap_or(0);
    let y = area.y + 1 + u16::try_from(first + form.at).unwrap_or(0);
    frame.set_cursor_position(Position::new(
        x.min(area.right().saturating_sub(2)),
        y.min(area.bottom().saturating_sub(2)),
    ));
}
