//! A conversation of two pages and a terminal.

use testbed::{Server, Terminal};
use thirtyfour::prelude::*;

use crate::support::{Person, browse, page, program};

#[tokio::test]
async fn two_tabs_and_a_terminal_are_in_one_conversation() {
    let server = Server::start().await;
    let mut carol = Terminal::start(program("chat-tui"), &server.args("carol"));
    carol.shows("live").await;
    browse(async |browser| {
        browser.enters(&page(&server, false), "alice").await;
        let first = browser.window().await.unwrap();
        let second = browser.new_tab().await.unwrap();
        browser.switch_to_window(second.clone()).await.unwrap();
        browser.enters(&page(&server, true), "bob").await;
        browser.says("bob here").await;
        browser.sees("bob here").await;
        carol.shows("bob here").await;
        carol.types("carol here ❤️\r");
        browser.sees("carol here ❤️").await;
        browser.switch_to_window(first).await.unwrap();
        browser.sees("bob here").await;
        browser.sees("carol here ❤️").await;
        browser.says("alice here").await;
        browser.sees("alice here").await;
        carol.shows("alice here").await;
        let all = ["bob here", "carol here ❤️", "alice here"];
        assert_eq!(browser.texts().await, all);
        carol.types("typ");
        browser
            .until(
                "typing is shown",
                "return document.getElementById('typing').textContent === 'carol is typing…'",
            )
            .await;
        browser
            .until("three are online", "return document.getElementById('people-count').textContent === '3'")
            .await;
        carol.shows("Online 3").await;
        browser.switch_to_window(second).await.unwrap();
        browser.sees("alice here").await;
        assert_eq!(browser.texts().await, all, "the same order for everyone");
        browser.find(By::Id("composer-text")).await.unwrap().send_keys("hm").await.unwrap();
        carol.shows("bob is typing").await;
    })
    .await;
}

#[tokio::test]
async fn a_room_that_someone_makes_appears_in_the_others_lists() {
    let server = Server::start().await;
    let mut carol = Terminal::start(program("chat-tui"), &server.args("carol"));
    carol.shows("live").await;
    browse(async |browser| {
        browser.enters(&page(&server, false), "alice").await;
        carol.types("/create dev\r");
        carol.shows("#dev").await;
        browser
            .until(
                "the room is offered",
                "return [...document.querySelectorAll('#other-list button')].some((one) => one.dataset.room === 'dev')",
            )
            .await;
    })
    .await;
}
