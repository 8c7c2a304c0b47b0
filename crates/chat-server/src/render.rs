//! Renders messages as HTML for sessions that ask for it. The HTML is made when it is needed and never stored, so
//! that it always follows the current rules.

use chat_markup::to_html;
use chat_proto::event::{Event, What};
use tokio::sync::Semaphore;

/// How many jobs run at once. More would only take the processor from the threads that serve sessions.
static WORKERS: Semaphore = Semaphore::const_new(2);

/// Adds the HTML of an event's text.
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

/// Runs a job outside the threads that serve sessions, a few at a time.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // The semaphore is never closed.
    let _permit = WORKERS.acquire().await;
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Rendering does not fail. If it ever panics, this session ends as if it had panicked here.
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        // The whole server is stopping.
        Err(_) => std::future::pending().await,
    }
}
