//! A sentence for the person, above the input.

use crate::clean::Clean;
use crate::wrap::{cut, wrap};

/// The maximum number of rows of a note.
const ROWS: usize = 3;

/// A sentence for the person, above the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub text: Clean,
    /// Whether it is about something that went wrong.
    pub is_wrong: bool,
}

impl Note {
    /// Returns the rows on a screen with this many columns. Text that does not fit is cut.
    #[must_use]
    pub fn rows(&self, width: u16) -> Vec<String> {
        let width = usize::from(width).saturating_sub(2).max(1);
        let mut rows = wrap(&self.text, width);
        if rows.len() > ROWS {
            let rest = rows.split_off(ROWS - 1).join(" ");
            rows.push(cut(&rest, width));
        }
        rows
    }
}
