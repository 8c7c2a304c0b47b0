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

/// The same for many, off the threads that serve sessions: two hundred messages made to be slow take 80 ms.
pub async fn events(mut page: Vec<Event>) -> Vec<Event> {
    aside(move || {
        page.iter_mut().for_each(event);
        page
    })
    .await
}

/// A reply with the HTML of every message that it bears.
pub async fn replied(mut answer: Reply) -> Reply {
    if !matches!(answer, Reply::Joined(_) | Reply::Messages { .. } | Reply::Results { .. }) {
        return answer;
    }
    aside(move || {
        reply(&mut answer);
        answer
    })
    .await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Rendering does not fail; should it ever panic, this session ends as it would have here.
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        // The whole server stops.
        Err(_) => std::future::pending().await,
    }
}

fn reply(reply: &mut Reply) {
    match reply {
        Reply::Joined(joined) => {
            joined.events.iter_mut().chain(&mut joined.messages).flatten().for_each(event);
        }
        Reply::Messages { messages, .. } => messages.iter_mut().for_each(event),
        Reply::Results { messages, .. } => messages.iter_mut().map(|found| &mut found.event).for_each(event),
        _ => {}
    }
}
