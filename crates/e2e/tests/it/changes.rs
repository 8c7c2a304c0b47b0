//! Replies, edits, reactions, searches and pins, on the page and in a terminal.

use testbed::{Server, Terminal};
use thirtyfour::prelude::*;

use crate::support::{Person, browse, chooses, page as page_of, program, writes};

#[tokio::test]
async fn a_message_is_answered_changed_reacted_to_and_deleted_on_both_screens() {
    let server = Server::start().await;
    let mut bob = Terminal::start(program("chat-tui"), &server.args("bob"));
    bob.shows("● live").await;
    bob.types("who is in, @alice?\r");
    bob.shows("who is in").await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.sees("who is in, @alice?").await;
        chooses(&page, "who is in, @alice?", "Reply").await;
        page.until(
            "it is said",
            "return document.getElementById('about-text').textContent.startsWith('Reply to bob')",
        )
        .await;
        page.says("I am :+1: @bob").await;
        page.sees("I am 👍 @bob").await;
        page.until(
            "it quotes",
            "return document.querySelector('.quote').textContent === '↳ bob: who is in, @alice?'",
        )
        .await;
        bob.shows("↳ bob: who is in, @alice?").await;
        bob.shows("I am 👍").await;
        chooses(&page, "I am 👍 @bob", "Edit").await;
        page.until("it is there", "return document.getElementById('composer-text').value === 'I am 👍 @bob'")
            .await;
        page.value("document.getElementById('composer-text').value = ''").await;
        page.says("we both are").await;
        page.sees("we both are").await;
        bob.shows("we both are").await;
        bob.shows("edited").await;
        // In the terminal: choose the newest message, and react by name.
        bob.types("\x07+rocket\r");
        page.until("it is counted", "return document.querySelector('.reaction')?.textContent === '🚀 1'")
            .await;
        page.find(By::Css(".reaction")).await.unwrap().click().await.unwrap();
        page.until("both did", "return document.querySelector('.reaction')?.textContent === '🚀 2'").await;
        bob.shows("bob, alice").await;
        chooses(&page, "we both are", "Delete for everyone").await;
        page.sees("This message was deleted.").await;
        bob.shows("(deleted)").await;
        bob.hides("we both are").await;
        page.refresh().await.unwrap();
        page.sees("This message was deleted.").await;
    })
    .await;
}

#[tokio::test]
async fn a_search_leads_to_a_message_among_its_own_and_back() {
    let server = Server::start().await;
    let mut texts: Vec<String> = (1..=400).map(|n| format!("message {n}")).collect();
    texts[49] = "the heron in 東京 has landed".to_owned();
    writes(&server, "bob", texts).await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.sees("message 400").await;
        page.says("/search heron").await;
        page.until("it is found", "return document.querySelectorAll('#search-found mark').length === 1").await;
        page.find(By::Css("#search-found button")).await.unwrap().click().await.unwrap();
        page.sees("the heron in 東京 has landed").await;
        page.sees("message 49").await;
        page.until("it is in sight", "return (() => { const r = document.querySelector('.sought').getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight; })()").await;
        writes(&server, "carol", ["live meanwhile".to_owned()]).await;
        page.find(By::Id("newest")).await.unwrap().click().await.unwrap();
        page.sees("live meanwhile").await;
        page.sees("message 400").await;
        page.until("nothing of the other stretch", "return ![...document.querySelectorAll('.text')].some((n) => n.textContent === 'message 49')").await;
    })
    .await;
}

#[tokio::test]
async fn a_message_is_pinned_and_the_room_is_told() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("/create dev").await;
        page.until("dev is shown", "return document.getElementById('room-name').textContent === '#dev'")
            .await;
        page.says("to **remember**").await;
        page.sees("to remember").await;
        chooses(&page, "to remember", "Pin").await;
        page.until(
            "it is told",
            "return document.querySelector('.told')?.textContent === 'alice pinned a message'",
        )
        .await;
        assert_eq!(page.value("return document.querySelector('.below').textContent").await, "pinned");
        chooses(&page, "to remember", "Unpin").await;
        page.until("it is no more", "return document.querySelector('.below').textContent === ''").await;
        page.says("and on").await;
        page.sees("and on").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_back_is_gone_from_the_quotations_as_well() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("regretted").await;
        page.sees("regretted").await;
        chooses(&page, "regretted", "Reply").await;
        page.says("as I said").await;
        page.sees("as I said").await;
        let quote = "return document.querySelector('.quote').textContent";
        assert_eq!(page.value(quote).await, "↳ alice: regretted");
        chooses(&page, "regretted", "Delete for everyone").await;
        page.until("it is gone", &format!("{quote} === '↳ alice: deleted'")).await;
        assert_eq!(
            page.value("return document.getElementById('messages').textContent.includes('regretted')").await,
            false
        );
    })
    .await;
}
