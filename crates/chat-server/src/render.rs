//! Messages for sessions that want them as HTML too. The markup is made when it is asked for and never stored, so
//! that it is always what today's rules make of the text.

use chat_markup::to_html;
use chat_proto::event::{Event, What};
use tokio::sync::Semaphore;

/// How many pieces of work run at once; more would only take the processor from those who serve.
static WORKERS: Semaphore = Semaphore::const_new(2);

/// Adds the HTML of what an event says.
pub(crate) fn event(event: &mut Event) {
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

/// Does work off the threads that serve sessions, a few pieces at a time.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // The semaphore is never closed.
    let _permit = WORKERS.acquire().await;
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Rendering does not fail; should it ever panic, this session ends as it would have here.
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        // The whole server stops.
        Err(_) => std::future::pending().await,
    }
}
