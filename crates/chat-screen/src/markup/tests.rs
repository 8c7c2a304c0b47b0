use super::*;

fn rows(text: &str, width: usize) -> Vec<Vec<Piece>> {
    Body::default().rows(&Clean::text(text), &["bob".to_owned()], width, keywords)
}

/// Knows one language and highlights its first word as a keyword.
fn keywords(code: &str, language: &str) -> Option<Vec<Vec<(String, Part)>>> {
    let line = |line: &str| match line.split_once(' ') {
        Some((word, rest)) => vec![(word.to_owned(), Part::Keyword), (format!(" {rest}"), Part::Other)],
        None => vec![(line.to_owned(), Part::Other)],
    };
    (language == "rust").then(|| code.split('\n').map(line).collect())
}

fn texts(text: &str, width: usize) -> Vec<String> {
    rows(text, width).iter().map(|row| row.iter().map(|piece| piece.text.as_str()).collect()).collect()
}

fn style_of(text: &str, word: &str) -> Style {
    rows(text, 80)
        .into_iter()
        .flatten()
        .find(|piece| piece.text == word)
        .unwrap_or_else(|| panic!("{word}"))
        .style
}

#[test]
fn what_people_type_has_its_style() {
    assert_eq!(texts("just **words** and `code`", 80), ["just words and code"]);
    assert!(style_of("just **words**", "words").add_modifier.contains(Modifier::BOLD));
    assert!(style_of("*so*", "so").add_modifier.contains(Modifier::ITALIC));
    assert!(style_of("~~no~~", "no").add_modifier.contains(Modifier::CROSSED_OUT));
    assert_eq!(style_of("`x*y*`", "x*y*"), theme::code());
    assert_eq!(style_of("for @bob", "@bob"), theme::mention());
    assert_eq!(style_of("in #dev now", "#dev"), theme::mention());
    assert_eq!(style_of("```rust\nlet a;\n```", "let"), theme::syntax(Part::Keyword));
}

#[test]
fn blocks_are_below_each_other_and_keep_their_bars() {
    assert_eq!(texts("a\nb", 80), ["a", "b"]);
    assert_eq!(texts("a\n\nb", 80), ["a", "", "b"]);
    assert_eq!(texts("see:\n- one\n- two\n  - three", 80), ["see:", "• one", "• two", "  • three"]);
    assert_eq!(texts("9. a\n10. b", 80), ["9. a", "10. b"]);
    assert_eq!(texts("> quoted words that wrap\n\nme", 16), ["▏ quoted words", "▏ that wrap", "me"]);
    assert_eq!(texts("- words that wrap here", 14), ["• words that", "  wrap here"]);
    assert_eq!(texts("# Title\n---", 80), ["Title", "────────"]);
    assert_eq!(texts("```\n  a\n\tb\n```", 80), ["│   a", "│     b"]);
    assert_eq!(texts("***", 80), ["────────"]);
    assert_eq!(texts("[a]: https://x.example", 80), ["[a]: https://x.example"]);
}

#[test]
fn a_link_says_where_it_leads() {
    assert_eq!(texts("https://a.example/x", 80), ["https://a.example/x"]);
    assert_eq!(texts("[bank](https://evil.example/)", 80), ["bank (https://evil.example/)"]);
    assert_eq!(
        texts("[https://bank.example](https://evil.example/)", 80),
        ["https://bank.example (https://evil.example/)"]
    );
    let long = format!("[x](https://a.example/{})", "y".repeat(500));
    assert!(cells(&texts(&long, 200)[0]) < 80);
    let row = rows("see https://a.example/x", 12);
    assert!(
        row.iter().skip(1).flatten().all(|piece| piece.link.as_deref() == Some("https://a.example/x")),
        "on every row of it"
    );
}

#[test]
fn nothing_that_a_terminal_obeys_comes_out_of_markup() {
    for text in [
        "&#27;[2J",
        "`\u{1b}[2J`",
        "[\u{1b}x](https://a.example)",
        "```\n\u{9b}31m\n```",
        "&#8238;txet",
        "&#x9b;",
        "&#0;",
    ] {
        for piece in rows(text, 80).into_iter().flatten() {
            let bad = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!piece.text.contains(bad), "{text:?}: {:?}", piece.text);
        }
    }
}

#[test]
fn whatever_is_typed_stays_within_its_width() {
    for text in [
        ">".repeat(4096),
        "- ".repeat(2000),
        "1. ".repeat(1300),
        "> - ".repeat(1000),
        "#".repeat(4096),
        "`".repeat(4096),
        "日本".repeat(600),
    ] {
        for width in [1, 5, 12, 40] {
            let rows = rows(&text, width);
            assert!(rows.len() <= 4100);
            for row in rows {
                assert!(width_of(&row) <= width.max(2), "{} in {width}", &text[..6]);
            }
        }
    }
}

#[test]
fn pieces_are_measured_as_they_are_drawn() {
    for row in rows("👨‍👩‍👧**🏽**🏽", 2) {
        assert!(width_of(&row) <= 2, "a skin tone in bold is a cluster by itself");
    }
}
