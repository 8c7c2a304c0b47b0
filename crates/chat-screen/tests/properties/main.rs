//! What holds for every text, draft and conversation, tried on random ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod clean;
mod composer;
mod server;
mod timeline;
mod wrapping;

use chat_screen::clean::cells;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use unicode_segmentation::UnicodeSegmentation;

/// Inputs that failed are kept beside the source and tried first.
fn config() -> ProptestConfig {
    let kept = FileFailurePersistence::WithSource("regressions");
    ProptestConfig { failure_persistence: Some(Box::new(kept)), ..ProptestConfig::with_cases(256) }
}

/// Pieces of text that are hard to measure, to break or to step over.
const PIECES: [&str; 42] = [
    "a",
    "word",
    "Straße",
    " ",
    "  ",
    "\t",
    "\n",
    "日",
    "日本語",
    "é",
    "e\u{301}",
    "\u{301}",
    "👨‍👩‍👧",
    "👍🏽",
    "👍",
    "🏽",
    "❤️",
    "🇫",
    "🇷",
    "🇫🇷",
    "1️⃣",
    "क्",
    "ष",
    "नि",
    "ᄀ",
    "ᅡ",
    "ᆨ",
    "\u{200d}",
    "\u{200b}",
    "\u{ad}",
    "\u{fe0f}",
    "\u{202e}",
    "\u{600}",
    "ا",
    "ل",
    "لا",
    "﷽",
    "\u{1b}[2J",
    "\u{9b}",
    "\u{e0041}",
    "\u{115f}",
    "\u{2028}",
];

fn piece() -> BoxedStrategy<String> {
    let known = proptest::sample::select(PIECES.to_vec()).prop_map(str::to_owned);
    let repeated = (known.clone(), 1..12_usize).prop_map(|(piece, times)| piece.repeat(times));
    prop_oneof![8 => known, 1 => repeated, 1 => any::<char>().prop_map(String::from), 1 => "[a-z]{1,9} "]
        .boxed()
}

/// A text made of hard pieces.
fn text() -> BoxedStrategy<String> {
    vec(piece(), 0..24).prop_map(|pieces| pieces.concat()).boxed()
}

/// Whether a row fits, or is one cluster that does not fit anywhere.
fn fits(row: &str, width: usize) -> bool {
    cells(row) <= width || row.graphemes(true).count() == 1
}
