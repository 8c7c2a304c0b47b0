//! Editing a draft, against a model that holds the clusters before and behind the cursor.

use chat_screen::action::Edit;
use chat_screen::model::composer::{Composer, PROMPT_CELLS};
use proptest::collection::vec;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::{config, fits, piece};

#[derive(Clone, Debug)]
enum Step {
    Insert(String),
    Edit(Edit),
    Up,
    Down,
}

fn step() -> BoxedStrategy<Step> {
    use Edit::{
        Backspace, Delete, DeleteToEnd, DeleteToStart, DeleteWord, Left, LineEnd, LineStart, Right, WordLeft,
        WordRight, Yank,
    };
    let moves = vec![Left, Right, WordLeft, WordRight, LineStart, LineEnd];
    let cuts = vec![Backspace, Delete, DeleteWord, DeleteToStart, DeleteToEnd, Yank];
    prop_oneof![
        4 => piece().prop_map(Step::Insert),
        4 => proptest::sample::select(moves).prop_map(Step::Edit),
        2 => proptest::sample::select(cuts).prop_map(Step::Edit),
        1 => Just(Step::Up),
        1 => Just(Step::Down),
    ]
    .boxed()
}

/// The draft as clusters.
#[derive(Debug, Default)]
struct Draft {
    clusters: Vec<String>,
    at: usize,
    cut: String,
}

impl Draft {
    fn is_space(&self, at: usize) -> bool {
        self.clusters[at].starts_with(char::is_whitespace)
    }

    /// Puts `text` in the place of the clusters of `range`, and the cursor behind it. What touches may become one cluster, and
    /// the cursor goes behind that.
    fn put(&mut self, range: std::ops::Range<usize>, text: &str) {
        let before = self.clusters[..range.start].concat() + text;
        let whole = before.clone() + &self.clusters[range.end..].concat();
        self.clusters = whole.graphemes(true).map(str::to_owned).collect();
        let mut bytes = 0;
        self.at = self
            .clusters
            .iter()
            .take_while(|cluster| {
                let starts_before = bytes < before.len();
                bytes += cluster.len();
                starts_before
            })
            .count();
    }

    fn cut(&mut self, from: usize, to: usize) {
        if from < to {
            self.cut = self.clusters[from..to].concat();
            self.put(from..to, "");
        }
    }

    fn word_start(&self) -> usize {
        let word = (0..self.at).rev().find(|at| !self.is_space(*at)).map_or(0, |last| last + 1);
        (0..word).rev().find(|at| self.is_space(*at)).map_or(0, |space| space + 1)
    }

    fn word_end(&self) -> usize {
        let len = self.clusters.len();
        let word = (self.at..len).find(|at| !self.is_space(*at)).unwrap_or(len);
        (word..len).find(|at| self.is_space(*at)).unwrap_or(len)
    }

    fn line_start(&self, at: usize) -> usize {
        (0..at).rev().find(|at| self.clusters[*at] == "\n").map_or(0, |line| line + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        (at..self.clusters.len()).find(|at| self.clusters[*at] == "\n").unwrap_or(self.clusters.len())
    }

    fn up(&mut self) {
        let start = self.line_start(self.at);
        if start > 0 {
            let before = self.line_start(start - 1);
            self.at = (before + self.at - start).min(start - 1);
        }
    }

    fn down(&mut self) {
        let (start, end) = (self.line_start(self.at), self.line_end(self.at));
        if end < self.clusters.len() {
            self.at = (end + 1 + self.at - start).min(self.line_end(end + 1));
        }
    }

    fn take(&mut self, step: &Step) {
        let (at, len) = (self.at, self.clusters.len());
        match step {
            Step::Insert(text) => self.put(at..at, &text.replace('\r', "\n")),
            Step::Up => self.up(),
            Step::Down => self.down(),
            Step::Edit(edit) => match edit {
                Edit::Left => self.at = at.saturating_sub(1),
                Edit::Right => self.at = (at + 1).min(len),
                Edit::WordLeft => self.at = self.word_start(),
                Edit::WordRight => self.at = self.word_end(),
                Edit::LineStart => self.at = self.line_start(at),
                Edit::LineEnd => self.at = self.line_end(at),
                Edit::Backspace => self.put(at.saturating_sub(1)..at, ""),
                Edit::Delete => self.put(at..(at + 1).min(len), ""),
                Edit::DeleteWord => self.cut(self.word_start(), at),
                Edit::DeleteToStart => self.cut(self.line_start(at), at),
                Edit::DeleteToEnd => self.cut(at, self.line_end(at)),
                Edit::Yank => self.put(at..at, &self.cut.clone()),
            },
        }
    }
}

fn take(composer: &mut Composer, step: &Step) {
    match step {
        Step::Insert(text) => assert!(composer.insert(text), "there is room"),
        Step::Edit(edit) => composer.edit(*edit),
        Step::Up => drop(composer.up()),
        Step::Down => drop(composer.down()),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_draft_is_edited_by_clusters(steps in vec(step(), 0..60)) {
        let (mut composer, mut model) = (Composer::default(), Draft::default());
        for step in steps {
            take(&mut composer, &step);
            model.take(&step);
            let cursor = model.clusters[..model.at].concat().len();
            prop_assert_eq!(composer.text(), model.clusters.concat(), "after {:?}", &step);
            prop_assert_eq!(composer.cursor(), cursor, "after {:?} in {:?}", step, composer.text());
        }
    }

    #[test]
    fn a_draft_and_its_cursor_are_inside_the_screen(steps in vec(step(), 0..40), columns in 0..120_u16) {
        let width = usize::from(columns).saturating_sub(PROMPT_CELLS).max(1);
        let mut composer = Composer::default();
        for step in steps {
            take(&mut composer, &step);
            let laid = composer.lay(columns);
            // A tab is four cells that stay together.
            prop_assert!(width < 4 || laid.rows.iter().all(|row| fits(row, width)), "{:?}", laid.rows);
            let (row, column) = laid.cursor;
            prop_assert!(row < laid.rows.len() && column < width, "{:?} in {width}", laid);
        }
    }

    #[test]
    fn the_cursor_stands_behind_what_is_before_it(steps in vec(step(), 0..40)) {
        let mut composer = Composer::default();
        for step in steps {
            take(&mut composer, &step);
        }
        let before = composer.text()[..composer.cursor()].rsplit('\n').next().unwrap();
        let drawn: usize = before.graphemes(true).map(|cluster| chat_screen::clean::Clean::line(cluster).width()).sum();
        prop_assert_eq!(composer.lay(u16::MAX).cursor.1, drawn);
    }
}
