//! A list over the messages, with one line chosen or shown first.

use crate::action::Action;

/// The number of lines of a page.
const PAGE: usize = 10;

/// A movement through a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
}

impl Step {
    /// Returns the step that a key means, if it means one.
    #[must_use]
    pub fn of(action: Action) -> Option<Self> {
        match action {
            Action::Up => Some(Self::Up),
            Action::Down => Some(Self::Down),
            Action::PageUp => Some(Self::PageUp),
            Action::PageDown => Some(Self::PageDown),
            _ => None,
        }
    }
}

/// A list and a position in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picker<T> {
    /// The lines.
    pub items: Vec<T>,
    /// The index of the chosen line, or of the first one shown.
    pub at: usize,
}

impl<T> Picker<T> {
    /// Creates a picker at the first line.
    #[must_use]
    pub fn new(items: Vec<T>) -> Self {
        Self { items, at: 0 }
    }

    /// Moves by a line or a page, and stops at the ends.
    pub fn step(&mut self, step: Step) {
        self.step_within(self.items.len().saturating_sub(1), step);
    }

    /// Scrolls by a line or a page. Stops when the last of so many `visible` lines is the list's last one.
    pub fn scroll(&mut self, step: Step, visible: usize) {
        self.step_within(self.items.len().saturating_sub(visible), step);
    }

    fn step_within(&mut self, last: usize, step: Step) {
        self.at = match step {
            Step::Up => self.at.saturating_sub(1),
            Step::Down => (self.at + 1).min(last),
            Step::PageUp => self.at.saturating_sub(PAGE),
            Step::PageDown => (self.at + PAGE).min(last),
        };
    }

    /// Returns the chosen line.
    #[must_use]
    pub fn chosen(&self) -> Option<&T> {
        self.items.get(self.at)
    }

    /// Returns the chosen line and drops the others.
    #[must_use]
    pub fn into_chosen(self) -> Option<T> {
        self.items.into_iter().nth(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_in_the_list() {
        let mut picker = Picker::new((0..15).collect());
        for (step, at) in [
            (Step::Up, 0),
            (Step::Down, 1),
            (Step::PageDown, 11),
            (Step::PageDown, 14),
            (Step::Down, 14),
            (Step::PageUp, 4),
        ] {
            picker.step(step);
            assert_eq!((picker.at, picker.chosen()), (at, Some(&at)), "{step:?}");
        }
        let mut empty = Picker::<u8>::default();
        empty.step(Step::Down);
        assert_eq!((empty.at, empty.into_chosen()), (0, None));
    }
}
