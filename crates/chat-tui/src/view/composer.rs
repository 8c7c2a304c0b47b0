//! Draws the input. The terminal's own cursor is where text is inserted, because input methods and screen readers
//! look for it there.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use chat_screen::clean::Clean;
use chat_screen::model::composer::PROMPT_CELLS;
use chat_screen::model::item::words;
use chat_screen::model::row::minute;
use chat_screen::model::{About, Model, Popup};
use chat_screen::theme;

/// The prompt before the input.
const PROMPT: &str = "> ";

/// Returns the hint in an empty input.
fn hint(model: &Model, name: &str) -> Span<'static> {
    let Some(room) = model.room() else { return Span::raw("") };
    let message = |seq| room.timeline.message(seq);
    match model.about {
        Some(About::Reply(seq)) => {
            let whose = message(seq).map_or("an earlier message".to_owned(), |item| item.name.to_string());
            return Span::styled(format!("Reply to {whose}. Esc: cancel"), theme::notice());
        }
        Some(About::Edit(seq)) => {
            let when =
                message(seq).map_or(String::new(), |item| format!(" of {}", minute(item.at, &model.zone)));
            return Span::styled(format!("Edit your message{when}. Esc: cancel"), theme::notice());
        }
        None => {}
    }
    match &room.mine.muted {
        Some(mute) => {
            let term = mute.until.map_or(String::new(), |until| format!(" for {}", words(until - model.now)));
            let why = mute.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
            Span::styled(Clean::line(&format!("You are muted here{term}{why}")).to_string(), theme::wrong())
        }
        None => Span::styled(format!("message to {}", Clean::line(&room.label(name))), theme::quiet()),
    }
}

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let draft = model.draft();
    let laid = draft.lay(area.width);
    let skip = laid.cursor.0.saturating_sub(usize::from(area.height).saturating_sub(1));
    for (n, row) in laid.rows.iter().enumerate().skip(skip).take(area.height.into()) {
        let prompt = match (n, model.about) {
            (0, Some(About::Reply(_))) => "↳ ",
            (0, Some(About::Edit(_))) => "✎ ",
            (0, None) => PROMPT,
            _ => "  ",
        };
        let text = match (&model.current, n == 0 && draft.is_empty()) {
            (Some(room), true) => hint(model, room),
            _ => Span::raw(row.clone()),
        };
        let y = area.y + u16::try_from(n - skip).unwrap_or(0);
        let line = Line::from(vec![Span::styled(prompt, theme::unread()), text]);
        super::line::draw(frame, line, Rect { y, height: 1, ..area });
    }
    if !matches!(model.popup, Some(Popup::Form(_))) {
        let x = area.x + u16::try_from(PROMPT_CELLS + laid.cursor.1).unwrap_or(0);
        let y = area.y + u16::try_from(laid.cursor.0 - skip).unwrap_or(0);
        frame.set_cursor_position(Position::new(x.min(area.right().saturating_sub(1)), y));
    }
}
