//! Lines whose spans are as wide as they are drawn.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use chat_screen::clean::cells;

/// Draws a line.
pub(super) fn draw(frame: &mut Frame<'_>, line: Line<'static>, area: Rect) {
    frame.render_widget(by_cluster(line), area);
}

/// Splits each span that ratatui measures as narrower than it draws it. It draws cluster by cluster, but places what follows by
/// the width of the whole span: two Arabic letters that a ligature would join are drawn in two cells and count as one.
pub(super) fn by_cluster(mut line: Line<'static>) -> Line<'static> {
    if line.spans.iter().all(|span| span.width() == cells(&span.content)) {
        return line;
    }
    let apart = |span: Span<'static>| {
        let clusters = span.content.graphemes(true).map(str::to_owned);
        clusters.map(|cluster| Span::styled(cluster, span.style)).collect::<Vec<_>>()
    };
    line.spans = std::mem::take(&mut line.spans).into_iter().flat_map(apart).collect();
    line
}
