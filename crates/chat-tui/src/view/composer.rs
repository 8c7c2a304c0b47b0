//! The input. The terminal's own cursor stands where one writes, which is where input methods and screen readers
//! look for it.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::clean::Clean;
use crate::model::item::words;
use crate::model::{About, Model, Popup};
use crate::theme;

/// What stands before the input.
const PROMPT: &str = "> ";

/// The rows of the input: cells broken where the line is full, and where the cursor is among them.
struct Laid {
    rows: Vec<String>,
    cursor: (usize, usize),
}

fn lay(text: &str, cursor: usize, width: usize) -> Laid {
    let mut rows = vec![String::new()];
    let (mut used, mut at, mut place) = (0, 0, (0, 0));
    for cluster in text.graphemes(true) {
        let drawn = Clean::line(cluster);
        if cluster == "\n" || used + drawn.width() > width {
            if at == cursor && cluster == "\n" {
                place = (rows.len() - 1, used);
            }
            rows.push(String::new());
            used = 0;
        }
        if at == cursor && cluster != "\n" {
            place = (rows.len() - 1, used);
        }
        at += cluster.len();
        if cluster != "\n" {
            used += drawn.width();
            if let Some(row) = rows.last_mut() {
                row.push_str(drawn.as_str());
            }
        }
    }
    if at == cursor {
        if used >= width {
            rows.push(String::new());
            used = 0;
        }
        place = (rows.len() - 1, used);
    }
    Laid { rows, cursor: place }
}

fn inner_width(width: u16) -> usize {
    usize::from(width).saturating_sub(PROMPT.width()).max(1)
}

/// How many rows the input takes, at most `most`.
pub(super) fn height(model: &Model, width: u16, most: u16) -> u16 {
    let draft = model.draft();
    let rows = lay(draft.text(), draft.cursor(), inner_width(width)).rows.len();
    u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, most.clamp(1, 10))
}

/// What stands in an empty input.
fn hint(model: &Model, name: &str) -> Span<'static> {
    let Some(room) = model.room() else { return Span::raw("") };
    let about = |seq, what: &str| {
        let whose = room
            .timeline
            .message(seq)
            .map_or("an earlier message".to_owned(), |item| format!("{}", item.name));
        Span::styled(format!("{what} {whose}; Esc: not now"), theme::notice())
    };
    match model.about {
        Some(About::Reply(seq)) => return about(seq, "answer to"),
        Some(About::Edit(seq)) => return about(seq, "what it says instead, by"),
        None => {}
    }
    match &room.mine.muted {
        Some(mute) => {
            let term = mute.until.map_or(String::new(), |until| format!(" for {}", words(until - model.now)));
            let why = mute.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
            Span::styled(
                Clean::line(&format!("you can only read here{term}{why}")).to_string(),
                theme::wrong(),
            )
        }
        None => Span::styled(format!("message to {}", Clean::line(&room.label(name))), theme::quiet()),
    }
}

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let draft = model.draft();
    let laid = lay(draft.text(), draft.cursor(), inner_width(area.width));
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
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
    if !matches!(model.popup, Some(Popup::Form(_))) {
        let x = area.x + u16::try_from(PROMPT.width() + laid.cursor.1).unwrap_or(0);
        let y = area.y + u16::try_from(laid.cursor.0 - skip).unwrap_or(0);
        frame.set_cursor_position(Position::new(x.min(area.right().saturating_sub(1)), y));
    }
}

#[cfg(test)]
mod tests {
    use super::lay;

    #[test]
    fn the_cursor_is_where_the_next_cluster_goes() {
        assert_eq!(lay("abc", 3, 10).cursor, (0, 3));
        assert_eq!(lay("abc", 1, 10).cursor, (0, 1));
        assert_eq!(lay("ab\ncd", 2, 10).cursor, (0, 2));
        assert_eq!(lay("ab\ncd", 3, 10).cursor, (1, 0));
        assert_eq!(lay("ab\n", 3, 10).cursor, (1, 0));
        assert_eq!(lay("日本語", 6, 10).cursor, (0, 4));
        assert_eq!(lay("abcd", 4, 4).cursor, (1, 0));
        assert_eq!(lay("abcdef", 4, 4).cursor, (1, 0));
        assert_eq!(lay("abcdef", 4, 4).rows, ["abcd", "ef"]);
        assert_eq!(lay("", 0, 4).cursor, (0, 0));
    }
}
