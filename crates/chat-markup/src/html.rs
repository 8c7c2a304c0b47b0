//! Renders the tree as HTML: a few elements without attributes, links with a checked URL, and escaped text.

use std::fmt::Write;

use crate::names::names;
use crate::tree::{Node, parse};

/// How many times as long as the text the HTML may be. If it is longer, the text is shown as it was typed.
const GROWTH: usize = 16;

/// The length that HTML may have in any case, however short the text, in bytes.
const ALLOWANCE: usize = 512;

/// The `rel` of every link: its target is a stranger's.
const REL: &str = "noopener noreferrer nofollow ugc";

/// Returns a message's text as HTML. `mentions` are the names that it mentions.
#[must_use]
pub fn to_html(text: &str, mentions: &[String]) -> String {
    let most = text.len() * GROWTH + ALLOWANCE;
    let mut writer = Writer { out: String::with_capacity(text.len() * 2), most, mentions };
    writer.nodes(&parse(text));
    if writer.out.len() <= most {
        return writer.out;
    }
    let mut plain = Writer { out: String::new(), most: usize::MAX, mentions };
    plain.out.push_str("<p>");
    plain.text(text);
    plain.out.push_str("</p>");
    plain.out
}

struct Writer<'a> {
    out: String,
    most: usize,
    mentions: &'a [String],
}

impl Writer<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            if self.out.len() > self.most {
                return;
            }
            self.node(node);
        }
    }

    fn within(&mut self, element: &str, nodes: &[Node]) {
        // Writing to a String cannot fail, here and below.
        let _ = write!(self.out, "<{element}>");
        self.nodes(nodes);
        let _ = write!(self.out, "</{element}>");
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(text) => self.text(text),
            Node::Break => self.out.push_str("<br>"),
            Node::Code(code) => {
                self.out.push_str("<code>");
                self.escaped(code);
                self.out.push_str("</code>");
            }
            Node::Emphasis(nodes) => self.within("em", nodes),
            Node::Strong(nodes) => self.within("strong", nodes),
            Node::Struck(nodes) => self.within("del", nodes),
            Node::Link { address, content } => {
                self.out.push_str("<a href=\"");
                self.escaped(address);
                let _ = write!(self.out, "\" rel=\"{REL}\" target=\"_blank\">");
                // A link mentions nobody.
                let mentions = std::mem::take(&mut self.mentions);
                self.nodes(content);
                self.mentions = mentions;
                self.out.push_str("</a>");
            }
            Node::Paragraph(nodes) => self.within("p", nodes),
            Node::Heading(nodes) => self.within("h4", nodes),
            Node::Quote(nodes) => self.within("blockquote", nodes),
            Node::List { start, items } => {
                match start {
                    Some(1) => self.out.push_str("<ol>"),
                    Some(start) => {
                        let _ = write!(self.out, "<ol start=\"{start}\">");
                    }
                    None => self.out.push_str("<ul>"),
                }
                for item in items {
                    self.within("li", item);
                }
                self.out.push_str(if start.is_some() { "</ol>" } else { "</ul>" });
            }
            Node::CodeBlock { language, text } => {
                self.out.push_str("<pre><code");
                if !language.is_empty() {
                    let _ = write!(self.out, " class=\"language-{language}\"");
                }
                self.out.push('>');
                self.escaped(text);
                self.out.push_str("</code></pre>");
            }
            Node::Rule => self.out.push_str("<hr>"),
        }
    }

    /// Adds text in which mentions and possible room names are marked.
    fn text(&mut self, text: &str) {
        let mut from = 0;
        for (at, end) in names(text, self.mentions) {
            self.escaped(&text[from..at]);
            let class = if text[at..].starts_with('@') { "mention" } else { "room" };
            let _ = write!(self.out, "<span class=\"{class}\">");
            self.escaped(&text[at..end]);
            self.out.push_str("</span>");
            from = end;
        }
        self.escaped(&text[from..]);
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                '\n' | '\t' => self.out.push(c),
                c if c.is_control() => self.out.push('\u{fffd}'),
                c => self.out.push(c),
            }
        }
    }
}
