//! Draws popups: help, lists to read, and lists to choose from.

use chat_proto::reply::Found;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::line::by_cluster;
use chat_screen::clean::{Clean, cells};
use chat_screen::model::picker::Picker;
use chat_screen::model::{Model, Popup};
use chat_screen::theme;
use chat_screen::wrap::{cut, wrap};

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>) {
    match &model.popup {
        None => {}
        Some(Popup::Help { commands, rows }) => help(frame, *commands, rows),
        Some(Popup::List { title, lines }) => {
            let rows = lines.items.iter().map(|line| Line::raw(line.to_string())).collect();
            panel(frame, title.as_str(), "↑ ↓ scroll   Esc close", rows, lines.at);
        }
        Some(Popup::Question { lines, .. }) => {
            let width = usize::from(frame.area().width).saturating_sub(4).max(1);
            let rows = lines.iter().flat_map(|line| wrap(line, width)).map(Line::raw).collect();
            panel(frame, "Are you sure?", "y yes   n no", rows, 0);
        }
        Some(Popup::People { room, members }) => {
            let lines: Vec<Clean> = members.items.iter().map(super::people::line).collect();
            let title = model.rooms.get(room).map_or_else(|| room.clone(), |shown| shown.label(room));
            choice(
                frame,
                &format!("In {}", Clean::line(&title)),
                "↑ ↓ choose   Enter: actions   Esc close",
                &lines,
                members.at,
            );
        }
        Some(Popup::Found { query, found }) => {
            let width = usize::from(frame.area().width).saturating_sub(6);
            let line = |found: &Found| {
                let room = model.rooms.get(&found.event.room);
                let label = room
                    .map_or_else(|| format!("#{}", found.event.room), |room| room.label(&found.event.room));
                let head = Clean::line(&format!("{label}  {}: ", found.event.by.name));
                hits(&head, &found.snippet, width)
            };
            let lines = found.items.iter().map(line).collect();
            choose(
                frame,
                &format!("Found: {query}"),
                "↑ ↓ choose   Enter: go to   Esc close",
                lines,
                found.at,
            );
        }
        Some(Popup::Emoji { filter, offered, .. }) => {
            let fits = usize::from(frame.area().height).saturating_sub(4);
            let first = (offered.at + 1).saturating_sub(fits);
            let lines = offered
                .items
                .iter()
                .skip(first)
                .take(fits)
                .map(|(code, emoji)| Clean::line(&format!("{emoji} :{code}:")));
            let lines: Vec<Clean> = lines.collect();
            let title = format!("React :{}", Clean::line(filter.text()));
            choice(frame, &title, "type a name   ↑ ↓ choose   Enter", &lines, offered.at - first);
        }
        Some(Popup::Menu { title, choices }) => {
            let lines: Vec<Clean> = choices.items.iter().map(|choice| choice.label.clone()).collect();
            choice(frame, title.as_str(), "↑ ↓ choose   Enter: select   Esc close", &lines, choices.at);
        }
        Some(Popup::Form(form)) => super::form::draw(form, frame),
    }
}

/// Draws a list with one chosen line.
fn choice(frame: &mut Frame<'_>, title: &str, footer: &str, lines: &[Clean], at: usize) {
    let lines = lines.iter().map(|line| Line::raw(line.to_string())).collect();
    choose(frame, title, footer, lines, at);
}

/// Draws a search result with the matching words highlighted.
fn hits(head: &Clean, snippet: &str, width: usize) -> Line<'static> {
    let (mut line, mut used) = (Line::raw(head.to_string()), head.width());
    for (n, part) in snippet.split(['\u{e000}', '\u{e001}']).enumerate() {
        let part = Clean::line(part);
        let text = cut(part.as_str(), width.saturating_sub(used));
        used += cells(&text);
        // Every second part is between two marks.
        line.push_span(if n % 2 == 1 { Span::styled(text, theme::hit()) } else { Span::raw(text) });
    }
    line
}

fn choose(frame: &mut Frame<'_>, title: &str, footer: &str, lines: Vec<Line<'static>>, at: usize) {
    let rows = lines.into_iter().enumerate().map(|(n, mut line)| {
        line.spans.insert(0, Span::raw(" "));
        line.push_span(Span::raw(" "));
        if n == at { line.patch_style(theme::current()) } else { line }
    });
    let fits = usize::from(frame.area().height).saturating_sub(2).max(1);
    panel(frame, title, footer, rows.collect(), (at + 1).saturating_sub(fits));
}

fn help(frame: &mut Frame<'_>, of_commands: bool, rows: &Picker<(&str, &str)>) {
    let row = |(left, right): &(&str, &str)| {
        let left = Span::styled(format!("{left:<26}"), theme::unread());
        Line::from(vec![left, Span::raw((*right).to_owned())])
    };
    let (title, footer) = if of_commands {
        ("Help: commands", "↑ ↓ scroll   F1 keys   other keys close   // sends a slash")
    } else {
        ("Help: keys", "↑ ↓ scroll   F1 commands   other keys close")
    };
    panel(frame, title, footer, rows.items.iter().map(row).collect(), rows.at);
}

/// Draws a panel in the middle, as large as its content needs and the screen allows. Returns its area.
pub(super) fn panel(
    frame: &mut Frame<'_>,
    title: &str,
    footer: &str,
    rows: Vec<Line<'static>>,
    top: usize,
) -> Rect {
    let screen = frame.area();
    let rows: Vec<Line<'static>> = rows.into_iter().map(by_cluster).collect();
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
    frame.render_widget(
        Paragraph::new(rows).scroll((scroll, 0)).block(block.padding(Padding::horizontal(1))),
        area,
    );
    area
}
