//! Breaking texts into rows.

use chat_proto::limits::TEXT_BYTES;
use chat_screen::clean::{Clean, cells};
use chat_screen::markup::{Body, Piece};
use chat_screen::wrap::{breaks, cut, wrap};
use proptest::collection::vec;
use proptest::prelude::*;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};
use unicode_width::UnicodeWidthStr;

use super::{config, fits, text};

/// What bars and bullets leave to the text at least, in cells.
const LEAST: usize = 10;

/// A width at which nothing is broken.
const WIDE: usize = 8 * TEXT_BYTES;

/// Markup that stands in a line.
fn inline() -> BoxedStrategy<String> {
    let words = "(日本|naïve|[a-z]{1,12}|👨‍👩‍👧)( (日本|[a-z]{1,12}|e\u{301}))?";
    let one = prop_oneof![
        words,
        words.prop_map(|words| format!("**{words}**")),
        words.prop_map(|words| format!("~~{words}~~")),
        words.prop_map(|words| format!("`{words}`")),
        words.prop_map(|words| format!("[{words}](https://a.example/x)")),
        Just("https://b.example/y".to_owned()),
        Just("@bob".to_owned()),
    ];
    vec(one, 1..12).prop_map(|parts| format!("x {}", parts.join(" "))).boxed()
}

/// Any markup, with blocks.
fn markup() -> BoxedStrategy<String> {
    let sign = proptest::sample::select(vec![
        "> ",
        "- ",
        "12. ",
        "```\n",
        "# ",
        "**",
        "`",
        "~~",
        "\n",
        "\n\n",
        "    ",
        "[",
        "](https://a.example)",
    ]);
    vec(prop_oneof![sign.prop_map(str::to_owned), inline(), text()], 0..12)
        .prop_map(|parts| parts.concat())
        .boxed()
}

fn rows(text: &str, width: usize) -> Vec<Vec<Piece>> {
    Body::default().rows(&Clean::text(text), &["bob".to_owned()], width, |_, _| None)
}

/// What is visible of rows: each character with the rest of its piece.
fn visible(rows: Vec<Vec<Piece>>) -> Vec<(char, Piece)> {
    let chars = |piece: Piece| {
        let style = Piece { text: String::new(), ..piece };
        piece.text.chars().map(|c| (c, style.clone())).collect::<Vec<_>>()
    };
    rows.into_iter().flatten().flat_map(chars).filter(|(c, _)| *c != ' ').collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rows_fit_and_only_spaces_are_lost(raw in text(), width in 1..200_usize) {
        let text = Clean::line(&raw);
        let line = text.as_str();
        let stretches = breaks(line, width);
        let mut behind = 0;
        for stretch in &stretches {
            prop_assert!(line[behind..stretch.start].chars().all(|c| c == ' '), "{line:?} {stretches:?}");
            for end in [stretch.start, stretch.end] {
                let is_whole = GraphemeCursor::new(end, line.len(), true).is_boundary(line, 0);
                prop_assert_eq!(is_whole, Ok(true), "{:?} {:?}", line, &stretches);
            }
            prop_assert!(fits(&line[stretch.clone()], width), "{:?} in {width}", &line[stretch.clone()]);
            behind = stretch.end;
        }
        prop_assert!(line[behind..].is_empty());
    }

    #[test]
    fn lines_are_broken_one_by_one(raw in text(), width in 1..200_usize) {
        let text = Clean::text(&raw);
        let lines = text.as_str().split('\n').map(Clean::line);
        let one_by_one: Vec<String> = lines.flat_map(|line| wrap(&line, width)).collect();
        prop_assert_eq!(wrap(&text, width), one_by_one);
    }

    #[test]
    fn a_cut_text_fits_and_begins_like_the_whole(raw in text(), width in 0..80_usize) {
        let text = Clean::line(&raw);
        let short = cut(text.as_str(), width);
        prop_assert!(cells(&short) <= width, "{short:?}");
        prop_assert!(short == text.as_str() || text.as_str().starts_with(short.trim_end_matches('…')));
    }

    #[test]
    fn styles_and_links_stay_on_their_words(text in inline(), width in 1..120_usize) {
        prop_assert_eq!(visible(rows(&text, width)), visible(rows(&text, WIDE)));
    }

    #[test]
    fn rows_of_markup_fit(text in markup(), width in 1..200_usize) {
        for row in rows(&text, width) {
            let drawn: usize = row.iter().map(|piece| cells(&piece.text)).sum();
            let whole: String = row.into_iter().map(|piece| piece.text).collect();
            // A cluster that fits nowhere stands alone, behind its bars.
            prop_assert!(drawn <= width || whole.graphemes(true).any(|cluster| cluster.width() > width.min(LEAST)), "{whole:?} takes {drawn} in {width}");
        }
    }
}
