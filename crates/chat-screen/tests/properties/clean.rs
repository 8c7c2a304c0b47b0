//! What a terminal may draw.

use chat_screen::clean::{CLUSTER_CHARS, Clean};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::{config, text};

/// What a terminal obeys, or what reorders the text around it.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_clean_text_has_nothing_that_a_terminal_obeys(raw in prop_oneof![text(), any::<String>()]) {
        let (line, text) = (Clean::line(&raw), Clean::text(&raw));
        prop_assert!(!line.as_str().contains(is_obeyed), "{line:?}");
        prop_assert!(!text.as_str().contains(|c| c != '\n' && is_obeyed(c)), "{text:?}");
    }

    #[test]
    fn every_cluster_of_a_clean_text_is_short_and_visible(raw in prop_oneof![text(), any::<String>()]) {
        for cluster in Clean::line(&raw).as_str().graphemes(true) {
            prop_assert!(cluster.chars().count() <= CLUSTER_CHARS && cluster.width() > 0, "{cluster:?}");
        }
    }

    #[test]
    fn a_clean_text_stays_as_it_is(raw in prop_oneof![text(), any::<String>()]) {
        let (line, text) = (Clean::line(&raw), Clean::text(&raw));
        prop_assert_eq!(Clean::line(line.as_str()), line);
        prop_assert_eq!(Clean::text(text.as_str()), text);
    }
}
