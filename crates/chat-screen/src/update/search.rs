//! Searches, and shows the results.

use chat_proto::reply::Found;

use crate::clean::Clean;
use crate::model::picker::Picker;
use crate::model::{Model, Popup};
use crate::msg::{Ask, Effect, one};

pub(super) fn search(query: String) -> Vec<Effect> {
    one(Ask::Search(query))
}

pub(super) fn results(model: &mut Model, query: &str, messages: Vec<Found>) {
    if messages.is_empty() {
        model.tell(&format!("Nothing found for {query}."));
    } else {
        model.popup = Some(Popup::Found { query: Clean::line(query), found: Picker::new(messages) });
    }
}

/// Goes to a message that was found.
pub(super) fn go_to(found: Found) -> Vec<Effect> {
    one(Ask::Around(found.event.room, found.event.seq))
}
