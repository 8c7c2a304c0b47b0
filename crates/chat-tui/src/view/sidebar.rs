//! Draws the sidebar: rooms with their badges, and who is online in the current one.

use chat_proto::room::RoomKind;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders};
use unicode_width::UnicodeWidthStr;

use chat_screen::clean::{Clean, cells};
use chat_screen::model::{Model, Room};
use chat_screen::theme;
use chat_screen::wrap::cut;

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.width == 0 {
        return;
    }
    let block = Block::new().borders(Borders::RIGHT).border_style(theme::quiet());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let rooms = u16::try_from(model.rooms.len()).unwrap_or(u16::MAX).saturating_add(1);
    // At least half of it is for people.
    let [top, bottom] =
        Layout::vertical([Constraint::Length(rooms.min(inner.height / 2)), Constraint::Min(0)]).areas(inner);
    lines(frame, top, room_lines(model, top));
    lines(frame, bottom, people_lines(model, bottom));
}

fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>) {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        super::line::draw(frame, line, Rect { y, height: 1, ..area });
    }
}

fn room_lines(model: &Model, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    let current = model.rooms.keys().position(|name| Some(name) == model.current.as_ref()).unwrap_or(0);
    // The current room is always visible, however many rooms there are.
    let skip = current.saturating_sub(usize::from(area.height).saturating_sub(2));
    let mut lines = vec![Line::styled("Rooms", theme::quiet())];
    lines.extend(model.rooms.iter().skip(skip).map(|(name, room)| room_line(model, name, room, width)));
    lines
}

fn room_line(model: &Model, name: &str, room: &Room, width: usize) -> Line<'static> {
    let is_current = model.current.as_deref() == Some(name);
    let count = match room.unread {
        _ if room.mentions > 0 => format!(" @{}", room.mentions),
        0 => String::new(),
        n @ 1..1000 => format!(" {n}"),
        _ => " 999+".to_owned(),
    };
    // Whether the other user of a direct room is online: a sign that does not depend on colour.
    let partner = room.mine.user.as_ref().filter(|_| room.kind == RoomKind::Direct);
    let (dot, dot_style) = match partner.map(|user| room.online.contains_key(&user.name)) {
        Some(true) => ("● ", theme::well()),
        Some(false) => ("○ ", theme::quiet()),
        None => ("", ratatui::style::Style::new()),
    };
    let width = width.saturating_sub(dot.width());
    let name = cut(Clean::line(&room.label(name)).as_str(), width.saturating_sub(count.width() + 1));
    let gap = " ".repeat(width.saturating_sub(cells(&name) + count.width() + 1));
    let style = match (is_current, room.unread) {
        (true, _) => theme::current(),
        (false, 0) => ratatui::style::Style::new(),
        (false, _) => theme::unread(),
    };
    Line::from(vec![
        Span::styled(dot, dot_style),
        Span::styled(name, style),
        Span::raw(gap),
        Span::styled(count, theme::notice()),
    ])
}

fn people_lines(model: &Model, area: Rect) -> Vec<Line<'static>> {
    let Some(room) = model.room() else { return Vec::new() };
    let width = usize::from(area.width);
    let mut lines =
        vec![Line::default(), Line::styled(format!("Online {}", room.online_count), theme::quiet())];
    let fits = usize::from(area.height).saturating_sub(lines.len());
    let named = room.online.len();
    let shown = if named > fits { fits.saturating_sub(1) } else { named };
    for (name, user) in room.online.iter().take(shown) {
        let you = if model.me.as_ref().is_some_and(|me| me.id == user.id) { " (you)" } else { "" };
        let name = cut(Clean::line(name).as_str(), width.saturating_sub(3 + you.width()));
        lines.push(Line::from(vec![
            Span::styled("● ", theme::well()),
            Span::styled(name, theme::name(user.id)),
            Span::styled(you, theme::quiet()),
        ]));
    }
    if named > shown {
        lines.push(Line::styled(format!("… {} more", named - shown), theme::quiet()));
    }
    lines
}
