//! Draws the lines around the messages: the room, who is typing, the note to the person, and the state of the
//! connection.

use chat_proto::room::RoomKind;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::line::draw;
use super::timeline::rule;
use chat_screen::clean::{Clean, cells};
use chat_screen::layout::has_sidebar;
use chat_screen::model::item::size;
use chat_screen::model::{Model, Status};
use chat_screen::theme;
use chat_screen::wrap::cut;

pub(super) fn header(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (Some(name), Some(room)) = (&model.current, model.room()) else { return };
    let width = usize::from(area.width);
    let sort = match room.kind {
        RoomKind::Public | RoomKind::Direct => String::new(),
        kind => format!(" ({kind})"),
    };
    let name = Clean::line(&format!(" {}{sort}  ", room.label(name)));
    // Without the sidebar, the header shows its summary.
    let more = if has_sidebar(model) {
        String::new()
    } else {
        let new: u64 = model
            .rooms
            .iter()
            .filter(|(n, _)| Some(*n) != model.current.as_ref())
            .map(|(_, r)| r.unread)
            .sum();
        let elsewhere = if new > 0 { format!("{new} new elsewhere, ") } else { String::new() };
        format!(" {elsewhere}{} online ", room.online_count)
    };
    let topic = cut(room.topic.as_str(), width.saturating_sub(name.width() + more.width()));
    let gap = " ".repeat(width.saturating_sub(name.width() + cells(&topic) + more.width()));
    let line = Line::from(vec![
        Span::styled(name.to_string(), theme::unread()),
        Span::styled(topic, theme::quiet()),
        Span::raw(gap),
        Span::styled(more, theme::notice()),
    ]);
    draw(frame, line, area);
}

pub(super) fn seam(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    let Some(room) = model.room() else {
        frame.render_widget(Line::styled("─".repeat(width), theme::quiet()), area);
        return;
    };
    let names: Vec<String> =
        room.typing.iter().map(|(user, _)| Clean::line(&user.name).to_string()).collect();
    let typing = match names.as_slice() {
        [] => String::new(),
        [one] => format!("{one} is typing…"),
        [one, two] => format!("{one} and {two} are typing…"),
        many => format!("{} people are typing…", many.len()),
    };
    let below = match room.timeline.new_below {
        _ if room.timeline.at_newest() => String::new(),
        0 => " ↓ Esc: newest ".to_owned(),
        n => format!(" ↓ {n} new (Esc) "),
    };
    let typing = match &model.upload {
        Some(upload) => {
            let percent = (upload.sent * 100).checked_div(upload.size).unwrap_or(0);
            let name = cut(upload.name.as_str(), width / 2);
            format!("↑ {name}  {percent} % of {}  (Esc cancels)", size(upload.size))
        }
        None => typing,
    };
    let left = if typing.is_empty() {
        Line::styled("─".repeat(width), theme::quiet())
    } else {
        rule(&typing, width, theme::quiet())
    };
    draw(frame, left, area);
    let cells = cells(&below).min(width);
    let right = Rect {
        x: area.right().saturating_sub(cells.try_into().unwrap_or(0)),
        width: cells.try_into().unwrap_or(0),
        ..area
    };
    frame.render_widget(Line::styled(below, theme::notice()), right);
}

pub(super) fn note(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if let Some(note) = &model.note {
        let style = if note.is_wrong { theme::wrong() } else { theme::notice() };
        for (row, y) in note.rows(area.width).into_iter().zip(area.y..area.bottom()) {
            draw(frame, Line::styled(format!(" {row}"), style), Rect { y, height: 1, ..area });
        }
    }
}

pub(super) fn line(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    let (sign, words, style) = connection(model);
    let waiting = waiting(model);
    let keys = if model.quit_until.is_some() { "Ctrl+C again quits " } else { "Tab complete  F1 help " };
    let left = format!(" {sign} {words}{waiting}");
    let left = cut(&left, width);
    let mut spans = vec![Span::styled(left.clone(), style)];
    if cells(&left) + keys.width() + 2 <= width {
        let who = who(model);
        let who = if cells(&left) + cells(&who) + keys.width() + 2 <= width { who } else { String::new() };
        let gap = " ".repeat(width - cells(&left) - cells(&who) - keys.width());
        spans.extend([Span::styled(who, theme::quiet()), Span::raw(gap), Span::styled(keys, theme::quiet())]);
    }
    draw(frame, Line::from(spans), area);
}

/// Returns how many messages wait to be sent, in words.
fn waiting(model: &Model) -> String {
    if model.status == Status::Live {
        // A message in flight is only mentioned while the server does not answer.
        return match model.pending().count() {
            0 => String::new(),
            1 if model.no_answer_since.is_none() => String::new(),
            1 => ", 1 message on its way".to_owned(),
            n => format!(", {n} messages on their way"),
        };
    }
    let (all, lost) = (model.waiting(), model.unkept());
    let messages = if all == 1 { "1 message".to_owned() } else { format!("{all} messages") };
    match (all, lost) {
        (0, _) => String::new(),
        (_, 0) => format!(", {messages} waiting"),
        _ if lost == all => format!(", {messages} not on disk"),
        _ => format!(", {messages} waiting, {lost} not on disk"),
    }
}

fn who(model: &Model) -> String {
    match &model.me {
        Some(me) => format!("  {} at {}", Clean::line(&me.name), model.server),
        None => format!("  {}", model.server),
    }
}

/// Returns the state of the connection, in words and with a sign that does not depend on colour.
fn connection(model: &Model) -> (&'static str, String, ratatui::style::Style) {
    match &model.status {
        Status::Connecting => ("◐", "connecting".to_owned(), theme::notice()),
        Status::Live => match model.no_answer_since {
            Some(since) => {
                ("◐", format!("No answer for {} s", (model.now - since).max(0) / 1000), theme::notice())
            }
            None => ("●", "live".to_owned(), theme::well()),
        },
        Status::Offline { reason, retry_at: Some(at) } => {
            let reason = reason.as_str().trim_end_matches('.');
            let seconds = (*at - model.now).max(0).div_euclid(1000) + 1;
            ("○", format!("offline: {reason}, retrying in {seconds} s"), theme::wrong())
        }
        Status::Offline { reason, retry_at: None } => ("○", format!("offline: {reason}"), theme::wrong()),
    }
}
