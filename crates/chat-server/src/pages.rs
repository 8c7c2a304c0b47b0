//! Pages of events. A page is limited by encoded bytes as well as by count, and includes HTML if the session asked
//! for it.

use std::io;
use std::ops::Range;

use chat_proto::Seq;
use chat_proto::command::Format;
use chat_proto::event::Event;
use chat_proto::limits::PAGE_BYTES;
use chat_proto::reply::Found;
use serde::Serialize;

use crate::render;

/// Which part of a page is kept if not everything fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// The beginning.
    First,
    /// The end.
    Last,
    /// The part around the event with this seq.
    Around(Seq),
}

/// A page within the limits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The items on the page.
    pub(crate) items: Vec<T>,
    /// Whether items before the first were cut off.
    pub(crate) cut_before: bool,
    /// Whether items after the last were cut off.
    pub(crate) cut_after: bool,
}

/// An item on a page.
pub(crate) trait Item: Serialize + Send + 'static {
    /// Returns the item's event.
    fn event(&mut self) -> &mut Event;
}

impl Item for Event {
    fn event(&mut self) -> &mut Event {
        self
    }
}

impl Item for Found {
    fn event(&mut self) -> &mut Event {
        &mut self.event
    }
}

/// Returns a page of `items`, with at least one of them if there are any. HTML is made outside the threads that serve
/// sessions, and only for items on the page: two hundred messages that were designed to be slow would take 180 ms.
pub(crate) async fn fit<T: Item>(format: Format, items: Vec<T>, keep: Keep) -> Page<T> {
    if format != Format::Html {
        return fitted(items, keep, |_| {});
    }
    render::aside(move || fitted(items, keep, |item| render::event(item.event()))).await
}

fn fitted<T: Item>(mut items: Vec<T>, keep: Keep, add_html: impl Fn(&mut T)) -> Page<T> {
    let mut bytes = 0;
    let mut kept = first(&mut items, keep);
    while let Some(at) = next(&kept, items.len(), keep) {
        add_html(&mut items[at]);
        bytes += encoded_bytes(&items[at]);
        if bytes > PAGE_BYTES && !kept.is_empty() {
            break;
        }
        kept = kept.start.min(at)..kept.end.max(at + 1);
    }
    let (cut_before, cut_after) = (kept.start > 0, kept.end < items.len());
    items.truncate(kept.end);
    items.drain(..kept.start);
    Page { items, cut_before, cut_after }
}

/// Returns the start of a page: an empty range, which is then extended.
fn first<T: Item>(items: &mut [T], keep: Keep) -> Range<usize> {
    match keep {
        Keep::First => 0..0,
        Keep::Last => items.len()..items.len(),
        Keep::Around(seq) => {
            let at = items.iter_mut().position(|item| item.event().seq >= seq).unwrap_or(items.len());
            at..at
        }
    }
}

/// Returns the next index to add to a page: after it or before it, or around an event on the shorter side.
fn next(kept: &Range<usize>, items: usize, keep: Keep) -> Option<usize> {
    let before = kept.start.checked_sub(1);
    let after = (kept.end < items).then_some(kept.end);
    match keep {
        Keep::First => after,
        Keep::Last => before,
        Keep::Around(_) if kept.len().is_multiple_of(2) => after.or(before),
        Keep::Around(_) => before.or(after),
    }
}

/// Returns how many bytes an item takes in a frame, including the comma after it.
pub(crate) fn encoded_bytes(item: &impl Serialize) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(1);
    // It does not fail. If it did, what was counted by then would be close enough.
    let _ = serde_json::to_writer(&mut count, item);
    count.0
}

#[cfg(test)]
mod tests {
    use chat_proto::event::{Message, What};
    use chat_proto::user::User;
    use chat_proto::{Millis, UserId};

    use super::*;

    fn events(count: u64, text_bytes: usize) -> Vec<Event> {
        let event = |seq| Event {
            room: "general".to_owned(),
            seq,
            at: Millis(0),
            by: User { id: UserId(1), name: "alice".to_owned() },
            what: What::Message(Message { text: "\u{1}".repeat(text_bytes), ..Message::default() }),
        };
        (1..=count).map(Seq).map(event).collect()
    }

    fn seqs(page: &Page<Event>) -> Vec<u64> {
        page.items.iter().map(|event| event.seq.0).collect()
    }

    #[test]
    fn a_page_ends_by_encoded_bytes_on_the_side_that_was_not_asked_for() {
        let full = |keep| fitted(events(200, 4096), keep, |_| {});
        let (first, last) = (full(Keep::First), full(Keep::Last));
        let size = first.items.len() as u64;
        assert!((9..=10).contains(&size), "each control character takes six bytes: {size}");
        assert_eq!(seqs(&first), (1..=size).collect::<Vec<_>>());
        assert!(!first.cut_before && first.cut_after);
        assert_eq!(seqs(&last), (201 - size..=200).collect::<Vec<_>>());
        assert!(last.cut_before && !last.cut_after);
        let around = full(Keep::Around(Seq(100)));
        assert_eq!(around.items.len() as u64, size);
        assert!(seqs(&around).contains(&100) && around.cut_before && around.cut_after);
        for page in [first, last, around] {
            assert!(serde_json::to_vec(&page.items).unwrap().len() <= PAGE_BYTES + 2);
        }
    }

    #[test]
    fn what_fits_stays_whole_and_one_item_is_always_there() {
        for keep in [Keep::First, Keep::Last, Keep::Around(Seq(3)), Keep::Around(Seq(9))] {
            let page = fitted(events(5, 10), keep, |_| {});
            assert_eq!((seqs(&page), page.cut_before, page.cut_after), (vec![1, 2, 3, 4, 5], false, false));
            assert_eq!(fitted(events(0, 0), keep, |_| {}).items, []);
            assert_eq!(fitted(events(3, PAGE_BYTES), keep, |_| {}).items.len(), 1);
        }
    }
}
