//! Messages for sessions that want them as HTML too. The markup is made when it is asked for and never stored, so
//! that it is always what today's rules make of the text.

use chat_markup::to_html;
use chat_proto::event::{Event, What};
use chat_proto::reply::Reply;

/// Adds the HTML of what an event says.
pub fn event(event: &mut Event) {
    match &mut event.what {
        What::Message(message) if !message.text.is_empty() => {
            message.html = Some(to_html(&message.text, &message.mentions));
        }
        What::Edited { text, html, mentions, .. } if !text.is_empty() => {
            *html = Some(to_html(text, mentions));
        }
        _ => {}
    }
}

/// Adds the HTML of every message that a reply bears.
pub fn reply(reply: &mut Reply) {
    match reply {
        Reply::Joined(joined) => {
            joined.events.iter_mut().chain(&mut joined.messages).flatten().for_each(event);
        }
        Reply::Messages { messages, .. } => messages.iter_mut().for_each(event),
        Reply::Results { messages, .. } => messages.iter_mut().map(|found| &mut found.event).for_each(event),
        _ => {}
    }
}
