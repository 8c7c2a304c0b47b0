//! A message as a tree. How it is shown is for the browser or the terminal to decide; what it may contain is decided
//! here.

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use url::Url;

/// The maximum depth. Deeper content is flattened.
pub const DEPTH: usize = 12;

/// The maximum length of a link's URL, in bytes. A link with a longer one becomes text.
const ADDRESS_BYTES: usize = 2048;

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Plain text.
    Text(String),
    /// A line break.
    Break,
    /// Inline code.
    Code(String),
    /// `*emphasis*`.
    Emphasis(Vec<Node>),
    /// `**strong**`.
    Strong(Vec<Node>),
    /// `~~struck~~`.
    Struck(Vec<Node>),
    /// A link to an http, https or mailto URL.
    Link {
        /// The URL.
        address: String,
        /// The text of the link.
        content: Vec<Node>,
    },
    /// A paragraph.
    Paragraph(Vec<Node>),
    /// A heading. In a chat, all have the same size.
    Heading(Vec<Node>),
    /// A quotation.
    Quote(Vec<Node>),
    /// A list.
    List {
        /// The first number. `None` if the list is not numbered.
        start: Option<u64>,
        /// The items.
        items: Vec<Vec<Node>>,
    },
    /// A block of code.
    CodeBlock {
        /// The language, as it was typed, reduced to letters, digits, `+`, `-` and `#`.
        language: String,
        /// The code.
        text: String,
    },
    /// A horizontal rule.
    Rule,
}

/// An element whose end has not been parsed yet.
enum Open {
    Emphasis,
    Strong,
    Struck,
    Link(String),
    Paragraph,
    Heading,
    Quote,
    List(Option<u64>),
    Item,
    CodeBlock(String),
    /// A link whose target is not allowed. It is shown as text.
    Refused(String),
    /// An element that is skipped, but whose content is kept.
    Flat,
}

/// Parses a message.
#[must_use]
pub fn parse(text: &str) -> Vec<Node> {
    let mut stack: Vec<(Open, Vec<Node>)> = Vec::new();
    let mut done: Vec<Node> = Vec::new();
    let mut in_link = 0_usize;
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        let depth = stack.len();
        let current = stack.last_mut().map_or(&mut done, |(_, nodes)| nodes);
        match event {
            Event::Start(tag) => {
                let open = match tag {
                    _ if depth >= DEPTH => flat(&tag),
                    // A link's content links where the link does. So does an image in it, which is shown as a link
                    // otherwise.
                    Tag::Link { .. } | Tag::Image { .. } if in_link > 0 => Open::Flat,
                    tag => opened(tag),
                };
                in_link += usize::from(matches!(open, Open::Link(_)));
                stack.push((open, Vec::new()));
            }
            Event::End(_) => {
                let Some((open, nodes)) = stack.pop() else { continue };
                in_link -= usize::from(matches!(open, Open::Link(_)));
                let parent = stack.last_mut().map_or(&mut done, |(_, nodes)| nodes);
                close(open, nodes, parent);
            }
            Event::Text(text) => add_text(current, &text),
            // Text that someone typed as HTML is shown as it was typed.
            Event::Html(text) | Event::InlineHtml(text) => add_text(current, &text),
            Event::Code(code) => current.push(Node::Code(code.into_string())),
            Event::SoftBreak | Event::HardBreak => current.push(Node::Break),
            Event::Rule => current.push(Node::Rule),
            // These extensions are not enabled.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                add_text(current, &text);
            }
            Event::TaskListMarker(_) => {}
        }
    }
    // The parser closes everything that it opens. If it ever did not, nothing would be lost.
    while let Some((open, nodes)) = stack.pop() {
        let parent = stack.last_mut().map_or(&mut done, |(_, nodes)| nodes);
        close(open, nodes, parent);
    }
    // A text with nothing but definitions would be empty. It is shown as it was typed.
    if done.is_empty() && !text.trim().is_empty() {
        done.push(Node::Paragraph(vec![Node::Text(text.to_owned())]));
    }
    linked(done, false)
}

fn opened(tag: Tag<'_>) -> Open {
    match tag {
        Tag::Emphasis => Open::Emphasis,
        Tag::Strong => Open::Strong,
        Tag::Strikethrough => Open::Struck,
        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
            address(&dest_url).map_or_else(|| Open::Refused(dest_url.into_string()), Open::Link)
        }
        Tag::Paragraph => Open::Paragraph,
        Tag::Heading { .. } => Open::Heading,
        Tag::BlockQuote(_) => Open::Quote,
        Tag::List(start) => Open::List(start),
        Tag::Item => Open::Item,
        Tag::CodeBlock(CodeBlockKind::Fenced(info)) => Open::CodeBlock(language(&info)),
        Tag::CodeBlock(CodeBlockKind::Indented) => Open::CodeBlock(String::new()),
        _ => Open::Flat,
    }
}

/// Below the maximum depth only code keeps its element, because its text must not be mistaken for something else.
fn flat(tag: &Tag<'_>) -> Open {
    match tag {
        Tag::CodeBlock(_) => Open::CodeBlock(String::new()),
        _ => Open::Flat,
    }
}

fn language(info: &str) -> String {
    let word = info.split([' ', ',', '\t']).next().unwrap_or_default();
    word.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '#')).take(20).collect()
}

/// Returns a URL that is safe to open, with its host in ASCII. `None` for any other scheme, for a text that only
/// looks like a URL, and if a user name could be mistaken for the host.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    if text.len() > ADDRESS_BYTES || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let rest = text.split_once(':')?.1;
    let known = match url.scheme() {
        "http" | "https" => {
            // A URL that browsers would repair, such as `https:evil`, was not meant as one.
            let is_whole =
                rest.strip_prefix("//").is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
            is_whole && url.username().is_empty() && url.password().is_none()
        }
        "mailto" => rest.contains('@'),
        _ => false,
    };
    known.then(|| if text.is_ascii() { text.to_owned() } else { url.into() })
}

fn close(open: Open, mut nodes: Vec<Node>, parent: &mut Vec<Node>) {
    let node = match open {
        Open::Emphasis => Node::Emphasis(nodes),
        Open::Strong => Node::Strong(nodes),
        Open::Struck => Node::Struck(nodes),
        Open::Link(address) => Node::Link { address, content: nodes },
        Open::Paragraph => Node::Paragraph(nodes),
        Open::Heading => Node::Heading(nodes),
        Open::Quote => Node::Quote(nodes),
        // Within an open list, an item is stored as a quotation until the list is closed.
        Open::Item => Node::Quote(nodes),
        Open::List(start) => {
            let item = |node| match node {
                Node::Quote(content) => content,
                other => vec![other],
            };
            Node::List { start, items: nodes.into_iter().map(item).collect() }
        }
        Open::CodeBlock(language) => {
            let plain = |node: &Node| match node {
                Node::Text(text) | Node::Code(text) => text.clone(),
                _ => "\n".to_owned(),
            };
            let text: String = nodes.iter().map(plain).collect();
            Node::CodeBlock { language, text: text.trim_end_matches('\n').to_owned() }
        }
        Open::Refused(dest) => {
            let is_told = matches!(nodes.as_slice(), [Node::Text(text)] if *text == dest);
            parent.append(&mut nodes);
            if !is_told {
                add_text(parent, &format!(" ({dest})"));
            }
            return;
        }
        Open::Flat => {
            parent.append(&mut nodes);
            return;
        }
    };
    parent.push(node);
}

/// Appends to the text before, because the parser returns text in pieces.
fn add_text(nodes: &mut Vec<Node>, text: &str) {
    match nodes.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ => nodes.push(Node::Text(text.to_owned())),
    }
}

/// Turns bare URLs in texts into links, except within links.
fn linked(nodes: Vec<Node>, in_link: bool) -> Vec<Node> {
    let within = |nodes| linked(nodes, in_link);
    let mut out = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Text(text) if !in_link => bare(&text, &mut out),
            Node::Emphasis(nodes) => out.push(Node::Emphasis(within(nodes))),
            Node::Strong(nodes) => out.push(Node::Strong(within(nodes))),
            Node::Struck(nodes) => out.push(Node::Struck(within(nodes))),
            Node::Paragraph(nodes) => out.push(Node::Paragraph(within(nodes))),
            Node::Heading(nodes) => out.push(Node::Heading(within(nodes))),
            Node::Quote(nodes) => out.push(Node::Quote(within(nodes))),
            Node::List { start, items } => {
                out.push(Node::List { start, items: items.into_iter().map(within).collect() });
            }
            Node::Link { address, content } => {
                out.push(Node::Link { address, content: linked(content, true) })
            }
            other => out.push(other),
        }
    }
    out
}

fn bare(text: &str, out: &mut Vec<Node>) {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    for span in finder.spans(text) {
        let typed = span.as_str();
        match span.kind().and_then(|_| address(typed)) {
            Some(address) => {
                // A host with confusable letters is shown in its ASCII form (UTS #39).
                let shown = if is_ascii_host(typed) { typed } else { &address };
                let content = vec![Node::Text(shown.to_owned())];
                out.push(Node::Link { address, content });
            }
            None => add_text(out, typed),
        }
    }
}

fn is_ascii_host(address: &str) -> bool {
    let host = address.split_once("//").map_or(address, |(_, rest)| rest);
    host.split(['/', '?', '#']).next().is_some_and(str::is_ascii)
}

/// Returns the URL of a message's first link.
#[must_use]
pub fn first_link(text: &str) -> Option<String> {
    fn first(nodes: &[Node]) -> Option<String> {
        nodes.iter().find_map(|node| match node {
            Node::Link { address, .. } => Some(address.clone()),
            Node::Emphasis(nodes)
            | Node::Strong(nodes)
            | Node::Struck(nodes)
            | Node::Paragraph(nodes)
            | Node::Heading(nodes)
            | Node::Quote(nodes) => first(nodes),
            Node::List { items, .. } => items.iter().find_map(|item| first(item)),
            _ => None,
        })
    }
    first(&parse(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    #[test]
    fn what_people_type() {
        assert_eq!(parse("hi"), [Node::Paragraph(vec![text("hi")])]);
        assert_eq!(parse("a\nb"), [Node::Paragraph(vec![text("a"), Node::Break, text("b")])]);
        assert_eq!(
            parse("**b** ~~c~~ `d*`"),
            [Node::Paragraph(vec![
                Node::Strong(vec![text("b")]),
                text(" "),
                Node::Struck(vec![text("c")]),
                text(" "),
                Node::Code("d*".into())
            ])]
        );
        assert_eq!(
            parse("```rust x\nlet a = 1;\n```"),
            [Node::CodeBlock { language: "rust".into(), text: "let a = 1;".into() }]
        );
        let Node::List { start: Some(3), items } = &parse("3. a\n4. b")[0] else { panic!("a list") };
        assert_eq!(items.len(), 2);
    }

    #[test]
    fn links_go_to_places_of_the_web_and_nowhere_else() {
        let link = |address: &str| Node::Link { address: address.into(), content: vec![text(address)] };
        assert_eq!(
            parse("see https://a.example/b?c=(d)."),
            [Node::Paragraph(vec![text("see "), link("https://a.example/b?c=(d)"), text(".")])]
        );
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "blob:x",
            "file:///etc",
            "//evil.example",
            "https:evil",
            "http:///x",
            "mailto:",
            "ssh://-oProxyCommand=x",
            "https://bank.example@evil.example/",
        ] {
            assert_eq!(address(bad), None, "{bad}");
            assert!(!format!("{:?}", parse(&format!("[x]({bad}) <{bad}> {bad}"))).contains("Link"), "{bad}");
        }
        assert!(address("mailto:a@b.example").is_some() && address("HTTPS://x.example").is_some());
        let shown = |text: &str| format!("{:?}", parse(text));
        assert!(
            shown("https://аpple.example/x").contains("Text(\"https://xn--pple-43d.example/x\")"),
            "not a Latin a"
        );
        assert!(shown("https://a.example/日本").contains("Text(\"https://a.example/日本\")"));
    }

    #[test]
    fn a_link_that_is_refused_loses_no_words() {
        assert_eq!(
            parse("[x](javascript:alert(1))"),
            [Node::Paragraph(vec![text("x (javascript:alert(1))")])]
        );
        assert_eq!(parse("<javascript:x>"), [Node::Paragraph(vec![text("javascript:x")])]);
    }

    #[test]
    fn what_says_nothing_is_shown_as_it_was_typed() {
        let typed = "[a]: https://x.example";
        assert!(format!("{:?}", parse(typed)).contains("[a]: "));
        assert_eq!(parse("  \n "), []);
    }

    #[test]
    fn markup_of_others_is_text() {
        assert_eq!(parse("<b>x</b>"), [Node::Paragraph(vec![text("<b>x</b>")])]);
        assert_eq!(
            parse("![alt](https://a.example/i.png)"),
            parse("[alt](https://a.example/i.png)"),
            "never fetched"
        );
    }

    #[test]
    fn it_never_nests_deeper_than_it_may() {
        fn depth(nodes: &[Node]) -> usize {
            let below = |node: &Node| match node {
                Node::Emphasis(n)
                | Node::Strong(n)
                | Node::Struck(n)
                | Node::Quote(n)
                | Node::Paragraph(n) => depth(n),
                Node::List { items, .. } => items.iter().map(|item| depth(item)).max().unwrap_or(0),
                _ => 0,
            };
            1 + nodes.iter().map(below).max().unwrap_or(0)
        }
        for deep in
            [">".repeat(4096), "- ".repeat(2000), "*a ".repeat(1300), "[".repeat(4096), "> - ".repeat(1000)]
        {
            assert!(depth(&parse(&deep)) <= DEPTH + 2, "{}", &deep[..4]);
        }
    }
}
