//! Targets for the public parsers of untrusted input.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use chat_client::Endpoint;
use chat_fuzz::run;
use chat_markup::{Node, addressed, parse, to_html};
use chat_proto::{ClientFrame, ServerFrame};
use chat_screen::clean::{Clean, json};
use chat_screen::markup::Body;
use chat_screen::model::item::Item;
use chat_screen::slash::{Typed, read};

/// Returns the examples of the protocol's document, which has one for every kind of frame.
fn examples() -> Vec<Vec<u8>> {
    let document = include_str!("../../../docs/PROTOCOL.md");
    let blocks = document.split("```json\n").skip(1);
    blocks.map(|rest| rest.split("\n```").next().unwrap().as_bytes().to_vec()).collect()
}

#[test]
fn fuzz_client_frames() {
    run("client_frames", examples(), |input| {
        if let Ok(frame) = ClientFrame::decode(&String::from_utf8_lossy(input)) {
            assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
        }
    });
}

#[test]
fn fuzz_server_frames() {
    run("server_frames", examples(), |input| {
        let Ok(Some(frame)) = ServerFrame::decode(&String::from_utf8_lossy(input)) else { return };
        if let ServerFrame::Event(event) = &frame {
            let item = Item::of(event);
            assert!(!item.name.as_str().contains(char::is_control));
            let _ = item.summary();
        }
        let again = ServerFrame::decode(&frame.encode()).unwrap().unwrap();
        // If the fields of an event of a known kind cannot be read, they are dropped. Without them it may be readable.
        assert!(again == frame || format!("{frame:?}").contains("Newer"));
        assert_eq!(ServerFrame::decode(&again.encode()), Ok(Some(again)));
    });
}

/// The tags that a message's HTML may have. A link and code have attributes after their names.
const TAGS: [&str; 33] = [
    "<p>",
    "</p>",
    "<br>",
    "<code>",
    "</code>",
    "<em>",
    "</em>",
    "<strong>",
    "</strong>",
    "<del>",
    "</del>",
    "<h4>",
    "</h4>",
    "<blockquote>",
    "</blockquote>",
    "<ol>",
    "<ol start=\"",
    "</ol>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<pre>",
    "</pre>",
    "<hr>",
    "<span class=\"mention\">",
    "<span class=\"room\">",
    "</span>",
    "<code class=\"language-",
    "<a href=\"http://",
    "<a href=\"https://",
    "<a href=\"mailto:",
    "</a>",
];

/// How the tag of a link ends, after its address.
const LINK_ENDS: &str = "\" rel=\"noopener noreferrer nofollow ugc\" target=\"_blank\">";

#[track_caller]
fn is_allowed(html: &str) {
    for (at, _) in html.match_indices('<') {
        let lower = html[at..].chars().take(20).collect::<String>().to_lowercase();
        assert!(
            TAGS.iter().any(|tag| html[at..].starts_with(tag) || lower.starts_with(tag)),
            "{}",
            &html[at..]
        );
        let tag = &html[at..at + html[at..].find('>').unwrap() + 1];
        if tag.starts_with("<a ") {
            let address =
                tag.strip_prefix("<a href=\"").and_then(|rest| rest.strip_suffix(LINK_ENDS)).unwrap();
            assert!(!address.contains(['"', '\'', ' ', '<']) && !address.contains(char::is_control), "{tag}");
        }
        assert_eq!(
            tag.matches('"').count(),
            if tag.starts_with("<a ") { 6 } else { 2 * tag.matches('=').count() },
            "{tag}"
        );
    }
}

fn depth(nodes: &[Node]) -> usize {
    let below = |node: &Node| match node {
        Node::Emphasis(nodes)
        | Node::Strong(nodes)
        | Node::Struck(nodes)
        | Node::Paragraph(nodes)
        | Node::Heading(nodes)
        | Node::Quote(nodes)
        | Node::Link { content: nodes, .. } => depth(nodes),
        Node::List { items, .. } => items.iter().map(|item| depth(item)).max().unwrap_or(0),
        _ => 0,
    };
    1 + nodes.iter().map(below).max().unwrap_or(0)
}

#[test]
fn fuzz_markup() {
    let mentions = ["bob".to_owned()];
    run("markup", [], |input| {
        let text = String::from_utf8_lossy(input);
        let html = to_html(&text, &mentions);
        is_allowed(&html);
        assert!(html.len() <= text.len() * 48 + 1024, "{} bytes of {}", html.len(), text.len());
        assert!(depth(&parse(&text)) <= 20);
        assert!(addressed(&text, 20).len() <= 20);
    });
}

#[test]
fn fuzz_keys() {
    run("keys", [], |input| {
        let text = String::from_utf8_lossy(input);
        let (line, clean) = (Clean::line(&text), Clean::text(&text));
        assert!(!line.as_str().contains(char::is_control));
        assert_eq!(Clean::text(clean.as_str()), clean);
        assert!(!json(&text).contains(char::is_control));
        for row in Body::default().rows(&clean, &[], 40, |_, _| None) {
            for piece in row {
                assert!(!piece.text.contains(char::is_control), "{:?}", piece.text);
                let link = piece.link.as_deref().unwrap_or("x");
                assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "{link:?}");
            }
        }
        if let Typed::Text(said) = read(&text, |_| true) {
            assert!(said.starts_with('/') == text.trim().starts_with('/') || said == text.trim());
        }
    });
}

#[test]
fn fuzz_endpoints() {
    run("endpoints", [], |input| {
        let Ok(endpoint) = Endpoint::parse(&String::from_utf8_lossy(input)) else { return };
        assert!(
            !endpoint.url().contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\'),
            "{:?}",
            endpoint.url()
        );
        assert_eq!(Endpoint::parse(endpoint.url()), Ok(endpoint.clone()));
        assert_eq!(
            Endpoint::parse(&endpoint.http("/chat/")).map(|again| again.url().to_owned()),
            Ok(endpoint.url().to_owned())
        );
    });
}
