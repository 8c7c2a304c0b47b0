//! A room's loaded messages and the scroll position. Heights are computed only for messages near
//! that position.

use std::collections::VecDeque;

use chat_proto::{Millis, Seq};

use super::item::{Item, file_line};
use super::pending::{Fate, Pending, rows_of_pending};
use super::row::{Look, Page, Row, Said, labels, push_lines, push_text, text_column};
use crate::canvas;
use crate::clean::Clean;
use crate::wrap::cut;

/// The maximum number of messages of a room held in memory. The oldest are dropped, and loaded again when the person
/// scrolls to them.
pub const ITEMS: usize = 5000;

/// How long after the previous message the same author's name is shown again.
const NAME_AGAIN_MS: i64 = 5 * 60 * 1000;

/// The scroll position: what the last row on the screen is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Anchor {
    /// The newest row, even when more messages arrive.
    #[default]
    Newest,
    /// This event, without its last `skip` rows.
    At { seq: Seq, skip: usize },
}

/// Whether the room has messages before the first one held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Older {
    /// It may have.
    #[default]
    Unknown,
    /// They were requested.
    Loading,
    /// It has none: this is the beginning of the room.
    None,
}

/// The messages of a room.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    items: VecDeque<Item>,
    /// The person's own messages that are not stored yet, oldest first.
    pub pending: Vec<Pending>,
    /// Whether there are older messages.
    pub older: Older,
    /// Whether any page was loaded.
    pub loaded: bool,
    /// How many messages arrived below the scroll position.
    pub new_below: usize,
    anchor: Anchor,
    /// Whether the messages held do not reach up to the newest.
    pub is_apart: bool,
}

impl Timeline {
    /// Returns the seq of the newest event held, or 0 if there is none.
    #[must_use]
    pub fn last_seq(&self) -> Seq {
        self.items.back().map_or(Seq::ZERO, |item| item.seq)
    }

    /// Returns the seq of the oldest event held.
    #[must_use]
    pub fn first_seq(&self) -> Option<Seq> {
        self.items.front().map(|item| item.seq)
    }

    /// Whether the newest message is on the screen.
    #[must_use]
    pub fn at_newest(&self) -> bool {
        self.anchor == Anchor::Newest
    }

    /// Returns the authors of the messages held, the most recent first.
    pub fn authors(&self) -> impl Iterator<Item = &Clean> {
        self.items.iter().rev().filter(|item| item.is_message).map(|item| &item.name)
    }

    /// Returns the message with that seq, if it is held.
    #[must_use]
    pub fn message(&self, seq: Seq) -> Option<&Item> {
        let at = self.items.binary_search_by_key(&seq, |item| item.seq).ok()?;
        self.items.get(at).filter(|item| item.is_message)
    }

    /// Changes the message with that seq, if it is held.
    pub fn change(&mut self, seq: Seq, change: impl FnOnce(&mut Item)) {
        if let Ok(at) = self.items.binary_search_by_key(&seq, |item| item.seq)
            && let Some(item) = self.items.get_mut(at).filter(|item| item.is_message)
        {
            change(item);
        }
    }

    /// Returns the nearest message before or after `seq` that is not deleted. Without a `seq`, returns the newest.
    #[must_use]
    pub fn neighbour(&self, seq: Option<Seq>, back: bool) -> Option<Seq> {
        let fits = |item: &&Item| item.is_message && !item.more.is_deleted;
        match (seq, back) {
            (None, _) => self.items.iter().rev().find(fits),
            (Some(seq), true) => self.items.iter().rev().filter(|item| item.seq < seq).find(fits),
            (Some(seq), false) => self.items.iter().filter(|item| item.seq > seq).find(fits),
        }
        .map(|item| item.seq)
    }

    /// Returns the next message after `from` that mentions this person.
    #[must_use]
    pub fn naming(&self, name: &str, from: Seq) -> Option<Seq> {
        let names = |item: &&Item| item.seq > from && item.more.mentions.iter().any(|known| known == name);
        self.items.iter().find(names).map(|item| item.seq)
    }

    /// Returns the first message at `seq` or after it, if all messages from there on are held.
    #[must_use]
    pub fn at_or_behind(&self, seq: Seq) -> Option<Seq> {
        let is_held = self.first_seq().is_some_and(|first| first <= seq) || self.older == Older::None;
        let found = self.items.iter().find(|item| item.is_message && item.seq >= seq);
        found.filter(|_| is_held).map(|item| item.seq)
    }

    /// Returns the newest message held that has a file.
    #[must_use]
    pub fn newest_with_files(&self) -> Option<&Item> {
        self.items.iter().rev().find(|item| !item.more.files.is_empty())
    }

    /// Scrolls so that the message with that seq is on the screen.
    pub fn show(&mut self, seq: Seq, page: &Page) {
        let is_shown = |row: &Row| matches!(row, Row::Line { seq: Some(shown), .. } | Row::Picture { seq: shown, .. } if *shown == seq);
        if self.visible(page).iter().any(is_shown) {
            return;
        }
        if let Ok(index) = self.items.binary_search_by_key(&seq, |item| item.seq) {
            self.place_at(index, 0);
            // Together with some of the messages after it.
            self.scroll_down(page.height / 3, page);
        }
    }

    /// Replaces the messages by a stretch of the log around one of them, which does not reach the newest.
    pub fn jump(&mut self, stretch: Vec<Item>, seq: Seq, page: &Page) {
        self.forget();
        (self.loaded, self.is_apart) = (true, true);
        self.items = stretch.into();
        self.anchor = Anchor::At { seq, skip: 0 };
        self.show(seq, page);
    }

    /// Drops all stored messages, because what follows is another part of the log.
    pub fn forget(&mut self) {
        *self = Self { pending: std::mem::take(&mut self.pending), ..Self::default() };
    }

    /// Adds a live event. An event before the first one held is ignored: a page overtook it, and scrolling up loads it.
    pub fn add(&mut self, item: Item) {
        if self.first_seq().is_none_or(|first| first <= item.seq) {
            self.insert(item);
        }
    }

    /// Inserts an event at its position. If it is already held, nothing changes.
    fn insert(&mut self, item: Item) {
        let at = self.items.partition_point(|held| held.seq < item.seq);
        if self.items.get(at).is_some_and(|held| held.seq == item.seq) {
            return;
        }
        self.pending.retain(|pending| pending.fate != Fate::Stored(item.seq));
        if !self.at_newest() && at == self.items.len() && item.is_message {
            self.new_below += 1;
        }
        self.items.insert(at, item);
        if self.items.len() > ITEMS && self.at_newest() {
            self.items.pop_front();
            self.older = Older::Unknown;
        }
    }

    /// Adds the newest page of the room. It replaces the messages held if there is a gap between.
    pub fn add_newest(&mut self, page: Vec<Item>) {
        let meets = page.first().is_none_or(|first| first.seq <= self.last_seq().next());
        if self.loaded && !meets {
            self.forget();
        }
        if !self.loaded {
            let begins = page.first().is_none_or(|first| first.seq == Seq(1));
            self.older = if begins { Older::None } else { Older::Unknown };
        }
        self.loaded = true;
        for item in page {
            self.insert(item);
        }
        // Stored messages that are not on the page are further up.
        self.pending.retain(|pending| !matches!(pending.fate, Fate::Stored(_)));
    }

    /// Adds a page of messages before the message `before`. If that is no longer the first message held, the reader has moved
    /// to another part of the log meanwhile, and the page is dropped: adding it would leave a gap.
    pub fn add_older(&mut self, before: Seq, page: Vec<Item>, more: bool) {
        if self.first_seq() != Some(before) {
            return;
        }
        self.older = if more { Older::Unknown } else { Older::None };
        for item in page.into_iter().rev().filter(|item| item.seq < before) {
            self.items.push_front(item);
        }
    }

    /// Removes the pending message with that key. Returns whether there was one.
    pub fn settle(&mut self, nonce: &str) -> bool {
        let before = self.pending.len();
        self.pending.retain(|pending| pending.nonce != nonce);
        self.pending.len() < before
    }

    /// Returns when an item happened. An item without a time happened with the one before it.
    fn time_of(&self, index: usize) -> Millis {
        self.items
            .range(..=index)
            .rev()
            .map(|item| item.at)
            .find(|at| *at != Millis::default())
            .unwrap_or_default()
    }

    fn rows(&self, index: usize, page: &Page) -> Vec<Row> {
        let Some(item) = self.items.get(index) else { return Vec::new() };
        let before = index.checked_sub(1).and_then(|before| self.items.get(before));
        let mut rows = Vec::new();
        if before.is_none() {
            rows.push(Row::Note(match self.older {
                Older::None => "Beginning of the room.".to_owned(),
                Older::Loading => "Loading older messages…".to_owned(),
                Older::Unknown => "… older messages".to_owned(),
            }));
        }
        let (day, minute) = labels(self.time_of(index), &page.zone);
        let (day_before, minute_before) =
            index.checked_sub(1).map(|before| labels(self.time_of(before), &page.zone)).unzip();
        let new_day = day_before.as_ref() != Some(&day);
        if new_day {
            rows.push(Row::Day(day));
        }
        let is_new = |seq: Seq| page.divider.is_some_and(|divider| seq > divider);
        if is_new(item.seq) && before.is_some_and(|before| !is_new(before.seq)) {
            rows.push(Row::New);
        }
        let same_author = before.is_some_and(|before| {
            before.is_message && before.by == item.by && item.at - before.at < NAME_AGAIN_MS
        });
        let name = (item.is_message && (new_day || !same_author)).then(|| (item.name.to_string(), item.by));
        let time = (new_day || minute_before.as_ref() != Some(&minute)).then_some(minute);
        let look = if item.is_message { Look::Solid } else { Look::Told };
        let width = text_column(page.width);
        let start = rows.len();
        let (mut time, mut name) = (time, name);
        if let Some(target) = item.more.reply_to {
            let quoted = match self.message(target) {
                Some(message) => format!("↳ {}: {}", message.name, message.summary()),
                None => "↳ an earlier message".to_owned(),
            };
            let quoted = Clean::line(&cut(&quoted, width));
            push_text(&mut rows, &quoted, (time.take(), name.take(), Look::Told), width);
        }
        let look = if item.more.is_deleted { Look::Told } else { look };
        let mut said = (time, name, look);
        if look != Look::Solid {
            push_text(&mut rows, &item.text, take(&mut said), width);
        } else if !item.text.as_str().is_empty() {
            let body = item.body.rows(&item.text, &item.more.mentions, width, page.highlight);
            push_lines(&mut rows, body.into_iter(), take(&mut said));
        }
        for file in &item.more.files {
            push_text(&mut rows, &file_line(file), take(&mut said), width);
            if let (Some(canvas), Some(url)) = (page.canvas, canvas::url(file)) {
                let size = canvas.fit(file.width.unwrap_or(1), file.height.unwrap_or(1), width);
                let picture = |row| Row::Picture { url: url.to_owned(), size, row, seq: item.seq };
                rows.extend((0..size.height).map(picture));
            }
        }
        if let Some(below) = below(item) {
            push_text(&mut rows, &below, (None, None, Look::Told), width);
        }
        for row in &mut rows[start..] {
            if let Row::Line { seq, .. } = row {
                *seq = item.is_message.then_some(item.seq);
            }
        }
        rows
    }

    /// Returns the position as an index and the number of rows to leave out, or `None` at the newest.
    fn position(&self) -> Option<(usize, usize)> {
        let Anchor::At { seq, skip } = self.anchor else { return None };
        let index = self.items.partition_point(|item| item.seq < seq).min(self.items.len().checked_sub(1)?);
        Some((index, skip))
    }

    /// Returns the rows on the screen, the last at the bottom. There may be fewer than the page has.
    #[must_use]
    pub fn visible(&self, page: &Page) -> Vec<Row> {
        let (mut rows, mut index) = match self.position() {
            Some((index, skip)) => {
                let mut rows = self.rows(index, page);
                rows.truncate(rows.len().saturating_sub(skip));
                (rows, index)
            }
            None => (rows_of_pending(&self.pending, page), self.items.len()),
        };
        while rows.len() < page.height && index > 0 {
            index -= 1;
            let mut more = self.rows(index, page);
            more.append(&mut rows);
            rows = more;
        }
        rows.split_off(rows.len().saturating_sub(page.height))
    }

    /// Scrolls up by rows, but never beyond the first message held.
    pub fn scroll_up(&mut self, by: usize, page: &Page) {
        let (mut index, mut skip) = match self.position() {
            Some(position) => position,
            None => match self.items.len().checked_sub(1) {
                Some(last) => (last, 0),
                None => return,
            },
        };
        skip += by;
        loop {
            let height = self.rows(index, page).len();
            if skip < height || index == 0 {
                skip = skip.min(height.saturating_sub(1));
                break;
            }
            skip -= height;
            index -= 1;
        }
        self.place_at(index, skip);
        let shown = self.visible(page).len();
        if shown < page.height {
            self.scroll_down(page.height - shown, page);
        }
    }

    /// Scrolls down by rows. After the last one, the position is the newest again.
    pub fn scroll_down(&mut self, by: usize, page: &Page) {
        let Some((mut index, mut skip)) = self.position() else { return };
        let mut left = by;
        while left > skip {
            left -= skip + 1;
            index += 1;
            if index >= self.items.len() {
                return self.to_newest();
            }
            skip = self.rows(index, page).len().saturating_sub(1);
        }
        if index + 1 == self.items.len() && skip == left {
            return self.to_newest();
        }
        self.place_at(index, skip - left);
    }

    fn place_at(&mut self, index: usize, skip: usize) {
        if let Some(item) = self.items.get(index) {
            self.anchor = Anchor::At { seq: item.seq, skip };
        }
    }

    /// Scrolls to the newest message held, and stays with the newest from then on.
    pub fn to_newest(&mut self) {
        self.anchor = Anchor::Newest;
        self.new_below = 0;
    }

    /// Scrolls to the oldest message held.
    pub fn to_oldest(&mut self, page: &Page) {
        self.place_at(0, 0);
        self.scroll_up(usize::MAX / 2, page);
    }

    /// Returns the message before which older ones should be loaded, if the reader is near it.
    #[must_use]
    pub fn wants_older(&self, page: &Page) -> Option<Seq> {
        if !self.loaded || self.older != Older::Unknown {
            return None;
        }
        let ahead = Page { height: page.height * 2, ..page.clone() };
        let shown = self.visible(&ahead);
        let near = shown.len() < ahead.height || shown.first() == self.rows(0, page).first();
        if near { self.first_seq() } else { None }
    }
}

/// Returns the time and the name, and removes them so that they are shown once.
fn take((time, name, look): &mut Said) -> Said {
    (time.take(), name.take(), *look)
}

/// Returns the line below a message: whether it was edited or pinned, and the reactions.
fn below(item: &Item) -> Option<Clean> {
    let mut words: Vec<String> = Vec::new();
    if item.more.is_pinned {
        words.push("pinned".to_owned());
    }
    if item.more.is_edited {
        words.push("edited".to_owned());
    }
    for (emoji, users) in &item.more.reactions {
        let named: Vec<&str> =
            users.iter().map(String::as_str).filter(|name| !name.is_empty()).take(3).collect();
        let more = users.len() - named.len();
        let rest = if more > 0 { format!(" +{more}") } else { String::new() };
        words.push(format!("{emoji} {}{rest}", named.join(", ")));
    }
    (!words.is_empty()).then(|| Clean::line(&words.join("   ")))
}

#[cfg(test)]
mod tests;
