//! Turns a message's text into styled lines, which are wrapped when they are drawn. Every piece of text becomes a
//! [`Clean`] here: characters that the markup spells out (`&#27;`) are no safer than typed ones.

use std::sync::{Arc, OnceLock};

use chat_markup::{Node, parse};
use ratatui_core::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use crate::clean::{Clean, cells};
use crate::theme::{self, Part};
use crate::wrap::{breaks_between, cut};

/// How much of a link's URL is shown after its text, in cells.
const ADDRESS_CELLS: usize = 60;

/// The minimum width left for text beside bars and bullets, in cells.
const TEXT_CELLS: usize = 10;

/// Returns the lines of code in a language, each in parts. `None` if the language is unknown.
pub type Highlight = fn(code: &str, language: &str) -> Option<Vec<Vec<(String, Part)>>>;

/// A stretch of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The text, cleaned.
    pub text: String,
    /// Its style.
    pub style: Style,
    /// The URL that it links to.
    pub link: Option<Arc<str>>,
    /// The name that it mentions, in lower case, if it is a mention of the message or a part of one. A name may be
    /// broken over several rows.
    pub mention: Option<Arc<str>>,
}

impl Piece {
    /// Creates a piece of text in a style.
    #[must_use]
    pub fn new(text: &Clean, style: Style) -> Self {
        Self { text: text.as_str().to_owned(), style, ..Self::default() }
    }
}

/// A line of a message before it is wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Line {
    /// The prefix of its first row.
    first: Vec<Piece>,
    /// The prefix of its other rows.
    rest: Vec<Piece>,
    pieces: Vec<Piece>,
}

/// A message's formatted text, parsed when it is first drawn.
#[derive(Clone, Debug, Default)]
pub struct Body(OnceLock<Vec<Line>>);

/// A body follows from the text beside it, so all bodies are equal.
impl PartialEq for Body {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Body {}

impl Body {
    /// Returns the rows of the text that this body belongs to, none wider than `width` cells. `mentions` are the
    /// names that the message mentions.
    #[must_use]
    pub fn rows(
        &self,
        text: &Clean,
        mentions: &[String],
        width: usize,
        highlight: Highlight,
    ) -> Vec<Vec<Piece>> {
        let lines = self.0.get_or_init(|| read(text, mentions, highlight));
        lines.iter().flat_map(|line| wrapped(line, width)).collect()
    }
}

fn read(text: &Clean, mentions: &[String], highlight: Highlight) -> Vec<Line> {
    let mut reader = Reader { lines: Vec::new(), mentions, highlight };
    reader.blocks(&parse(text.as_str()), &Prefix::default(), true);
    if reader.lines.is_empty() {
        let plain = |line: &str| Line {
            pieces: vec![Piece::new(&Clean::line(line), Style::new())],
            ..Line::default()
        };
        return text.as_str().split('\n').map(plain).collect();
    }
    reader.lines
}

/// The prefix of lines: bars of quotations, bullets, and the indentation under a bullet.
#[derive(Clone, Default)]
struct Prefix {
    first: Vec<Piece>,
    rest: Vec<Piece>,
}

impl Prefix {
    fn with(&self, first: &str, rest: &str) -> Self {
        let add = |before: &[Piece], more: &str| {
            let mut pieces = before.to_vec();
            pieces.push(Piece::new(&Clean::line(more), theme::quiet()));
            pieces
        };
        Self { first: add(&self.first, first), rest: add(&self.rest, rest) }
    }

    /// Returns the prefix for every line but the first.
    fn next(&self) -> Self {
        Self { first: self.rest.clone(), rest: self.rest.clone() }
    }
}

struct Reader<'a> {
    lines: Vec<Line>,
    mentions: &'a [String],
    highlight: Highlight,
}

impl Reader<'_> {
    fn push(&mut self, prefix: &Prefix, pieces: Vec<Piece>) {
        self.lines.push(Line { first: prefix.first.clone(), rest: prefix.rest.clone(), pieces });
    }

    /// Adds blocks below each other. If `apart`, there is an empty line between paragraphs.
    fn blocks(&mut self, nodes: &[Node], prefix: &Prefix, apart: bool) {
        let mut prefix = prefix.clone();
        let mut was_paragraph = false;
        let mut rest = nodes;
        while let Some(node) = rest.first() {
            // Inline nodes without a paragraph around them, as in tight lists.
            let inline = rest.iter().take_while(|node| !is_block(node)).count();
            let is_paragraph = inline > 0 || matches!(node, Node::Paragraph(_));
            if apart && was_paragraph && is_paragraph {
                self.push(&prefix, Vec::new());
            }
            match node {
                _ if inline > 0 => self.lines_of(&rest[..inline], &prefix, Style::new()),
                Node::Paragraph(nodes) => self.lines_of(nodes, &prefix, Style::new()),
                Node::Heading(nodes) => {
                    self.lines_of(nodes, &prefix, Style::new().add_modifier(Modifier::BOLD));
                }
                Node::Quote(nodes) => self.blocks(nodes, &prefix.with("▏ ", "▏ "), apart),
                Node::List { start, items } => self.list(*start, items, &prefix),
                Node::CodeBlock { language, text } => self.code(language, text, &prefix.with("│ ", "│ ")),
                _ => self.push(&prefix, vec![Piece::new(&Clean::line("────────"), theme::quiet())]),
            }
            was_paragraph = is_paragraph;
            prefix = prefix.next();
            rest = &rest[inline.max(1)..];
        }
    }

    fn list(&mut self, start: Option<u64>, items: &[Vec<Node>], prefix: &Prefix) {
        let mut prefix = prefix.clone();
        for (n, item) in items.iter().enumerate() {
            let bullet = start
                .map_or_else(|| "• ".to_owned(), |start| format!("{}. ", start.saturating_add(n as u64)));
            let inner = prefix.with(&bullet, &" ".repeat(cells(&bullet)));
            if item.is_empty() {
                self.push(&inner, Vec::new());
            }
            self.blocks(item, &inner, false);
            prefix = prefix.next();
        }
    }

    fn code(&mut self, language: &str, text: &str, prefix: &Prefix) {
        let text = Clean::text(text);
        let plain = || text.as_str().split('\n').map(|line| vec![(line.to_owned(), Part::Other)]).collect();
        let lines: Vec<Vec<(String, Part)>> = (self.highlight)(text.as_str(), language).unwrap_or_else(plain);
        for line in lines {
            let piece = |(text, part)| Piece { text, style: theme::syntax(part), ..Piece::default() };
            self.push(prefix, line.into_iter().map(piece).collect());
        }
    }

    /// Returns text with its line breaks.
    fn lines_of(&mut self, nodes: &[Node], prefix: &Prefix, style: Style) {
        let mut lines = vec![Vec::new()];
        self.inline(nodes, style, None, &mut lines);
        let mut prefix = prefix.clone();
        for pieces in lines {
            self.push(&prefix, pieces);
            prefix = prefix.next();
        }
    }

    fn inline(&self, nodes: &[Node], style: Style, link: Option<&Arc<str>>, lines: &mut Vec<Vec<Piece>>) {
        for node in nodes {
            match node {
                Node::Text(text) => self.text(text, style, link, lines),
                Node::Break => lines.push(Vec::new()),
                Node::Code(code) => add(lines, code, theme::code().patch(style), link),
                Node::Emphasis(nodes) => {
                    self.inline(nodes, style.add_modifier(Modifier::ITALIC), link, lines);
                }
                Node::Strong(nodes) => self.inline(nodes, style.add_modifier(Modifier::BOLD), link, lines),
                Node::Struck(nodes) => {
                    self.inline(nodes, style.add_modifier(Modifier::CROSSED_OUT), link, lines);
                }
                Node::Link { address, content } => {
                    let to: Arc<str> = address.as_str().into();
                    self.inline(content, style.patch(theme::link()), Some(&to), lines);
                    // A link's text can lie about its target.
                    if plain(content) != *address {
                        let shown = cut(Clean::line(address).as_str(), ADDRESS_CELLS);
                        add(lines, &format!(" ({shown})"), theme::quiet(), Some(&to));
                    }
                }
                // Blocks do not occur within a line.
                _ => {}
            }
        }
    }

    /// Adds text, with the names of people and rooms in it.
    fn text(&self, text: &str, style: Style, link: Option<&Arc<str>>, lines: &mut Vec<Vec<Piece>>) {
        for (n, line) in Clean::text(text).as_str().split('\n').enumerate() {
            if n > 0 {
                lines.push(Vec::new());
            }
            let mut from = 0;
            for (at, end) in chat_markup::names(line, self.mentions) {
                add(lines, &line[from..at], style, link);
                add(lines, &line[at..end], style.patch(theme::mention()), link);
                if let Some(last) = lines.last_mut().and_then(|line| line.last_mut()) {
                    last.mention = line[at..end].strip_prefix('@').map(|name| name.to_lowercase().into());
                }
                from = end;
            }
            add(lines, &line[from..], style, link);
        }
    }
}

fn add(lines: &mut [Vec<Piece>], text: &str, style: Style, link: Option<&Arc<str>>) {
    let text = Clean::line(text);
    if let (false, Some(line)) = (text.as_str().is_empty(), lines.last_mut()) {
        line.push(Piece { link: link.cloned(), ..Piece::new(&text, style) });
    }
}

fn is_block(node: &Node) -> bool {
    matches!(
        node,
        Node::Paragraph(_)
            | Node::Heading(_)
            | Node::Quote(_)
            | Node::List { .. }
            | Node::CodeBlock { .. }
            | Node::Rule
    )
}

/// Returns the text of inline nodes.
fn plain(nodes: &[Node]) -> String {
    let text = |node: &Node| match node {
        Node::Text(text) | Node::Code(text) => text.clone(),
        Node::Emphasis(nodes) | Node::Strong(nodes) | Node::Struck(nodes) => plain(nodes),
        _ => String::new(),
    };
    nodes.iter().map(text).collect()
}

fn width_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| cells(&piece.text)).sum()
}

/// Returns the rows of a line, without bars and bullets if they would leave too little room for the text.
fn wrapped(line: &Line, width: usize) -> Vec<Vec<Piece>> {
    let none = (Vec::new(), Vec::new());
    let before = width_of(&line.first).max(width_of(&line.rest));
    let (first, rest) =
        if before + TEXT_CELLS <= width { (line.first.clone(), line.rest.clone()) } else { none };
    let room = width - width_of(&first).max(width_of(&rest));
    let text: String = line.pieces.iter().map(|piece| piece.text.as_str()).collect();
    let mut end = 0;
    let clusters = line.pieces.iter().flat_map(|piece| {
        let start = end;
        end += piece.text.len();
        piece.text.grapheme_indices(true).map(move |(at, cluster)| (start + at, cluster))
    });
    let mut rows = Vec::new();
    for stretch in breaks_between(&text, clusters, room) {
        let mut row = if rows.is_empty() { first.clone() } else { rest.clone() };
        let mut at = 0;
        for piece in &line.pieces {
            let end = at + piece.text.len();
            let (from, to) = (stretch.start.max(at), stretch.end.min(end));
            if from < to {
                row.push(Piece { text: piece.text[from - at..to - at].to_owned(), ..piece.clone() });
            }
            at = end;
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests;
