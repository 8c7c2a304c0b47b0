//! Moderation on four screens.

use serde_json::json;
use testbed::{Server, Terminal};
use thirtyfour::prelude::*;

use crate::support::{Person, browse, page as page_of, program};

const PASSWORD: &str = "four words of nonsense";

/// Waits until the page shows a line that is not a message, such as a moderator's action.
async fn told(page: &WebDriver, text: &str) {
    let script = format!(
        "return [...document.querySelectorAll('#messages .told')].some((node) => node.textContent === {})",
        json!(text)
    );
    page.until(&format!("{text:?} is told"), &script).await;
}

async fn noted(page: &WebDriver, text: &str) {
    let script =
        format!("return document.getElementById('composer-note').textContent.includes({})", json!(text));
    page.until(&format!("{text:?} is noted"), &script).await;
}

/// An admin and a witness on two pages, the guest and another witness in two terminals.
#[tokio::test]
async fn an_admin_mutes_kicks_bans_and_forgives_a_guest_as_seen_from_four_screens() {
    let server = Server::start().await;
    server.add_admin("boss", PASSWORD).await;
    let mut carol = Terminal::start(program("chat-tui"), &server.args("carol"));
    let dave = Terminal::start(program("chat-tui"), &server.args("dave"));
    carol.shows("● live").await;
    dave.shows("● live").await;
    browse(async |browser| {
        let admin = browser.window().await.unwrap();
        browser.goto(&page_of(&server, false)).await.unwrap();
        browser.find(By::Css("[data-mode=signin]")).await.unwrap().click().await.unwrap();
        browser.find(By::Id("signin-name")).await.unwrap().send_keys("boss").await.unwrap();
        browser.find(By::Id("signin-password")).await.unwrap().send_keys(PASSWORD.to_owned() + Key::Enter).await.unwrap();
        browser.until("boss is in", "return document.getElementById('me').textContent === 'boss, admin'").await;
        browser.until("the room is there", "return document.getElementById('room-name').textContent === '#general'").await;
        let witness = browser.new_tab().await.unwrap();
        browser.switch_to_window(witness.clone()).await.unwrap();
        browser.enters(&page_of(&server, true), "alice").await;
        let seen_by_all = async |text: &str| {
            for window in [&admin, &witness] {
                browser.switch_to_window(window.clone()).await.unwrap();
                told(&browser, text).await;
            }
            // A terminal may break the line.
            dave.shows(&text[..text.len().min(40)]).await;
        };

        // From the menu on the name.
        browser.switch_to_window(admin.clone()).await.unwrap();
        browser.until("carol is online", "return Boolean(document.querySelector('[data-user=carol]'))").await;
        browser.find(By::Css("[data-user=carol]")).await.unwrap().click().await.unwrap();
        browser.until("the menu is open", "return !document.getElementById('menu').hidden").await;
        browser.value("[...document.querySelectorAll('#menu button')].find((b) => b.textContent.startsWith('Mute in ')).click()").await;
        browser.until("it asks why", "return document.getElementById('act-dialog').open && document.getElementById('act-submit').textContent === 'Mute carol'").await;
        browser.find(By::Id("act-reason")).await.unwrap().send_keys("let others talk".to_owned() + Key::Enter).await.unwrap();
        seen_by_all("boss muted carol for 10 minutes (let others talk)").await;
        carol.shows("boss muted you in #general for 10 minutes: let others talk").await;
        carol.types("but I\r");
        carol.shows("You are muted for another 10 min").await;
        carol.types("\x1b");

        // And with commands.
        browser.switch_to_window(admin.clone()).await.unwrap();
        browser.says("/unmute carol").await;
        seen_by_all("boss unmuted carol").await;
        carol.types("sorry\r");
        dave.shows("sorry").await;
        browser.switch_to_window(admin.clone()).await.unwrap();
        browser.says("/kick carol cool down").await;
        seen_by_all("boss removed carol (cool down)").await;
        carol.shows("boss removed you from #general: cool down").await;
        carol.types("/join general\r");
        carol.shows("message to #general").await;

        browser.switch_to_window(admin.clone()).await.unwrap();
        browser.says("/ban! carol 1h spam").await;
        seen_by_all("boss banned carol on the whole server for 60 minutes (spam)").await;
        carol.shows("You are banned from this server for another 60 min (reason: spam)").await;
        browser.switch_to_window(admin.clone()).await.unwrap();
        browser.says("/unban! carol").await;
        seen_by_all("boss unbanned carol on the whole server").await;
        carol.types("\x12");
        carol.shows("● live").await;
        carol.types("back again\r");
        for window in [&admin, &witness] {
            browser.switch_to_window(window.clone()).await.unwrap();
            browser.sees("back again").await;
        }
        dave.shows("back again").await;

        // Only actions that the server would allow are offered: the witness has no such menu.
        browser.find(By::Css("[data-user=boss]")).await.unwrap().click().await.unwrap();
        browser.until("the menu is open", "return !document.getElementById('menu').hidden").await;
        let offered = "return [...document.querySelectorAll('#menu button')].map((b) => b.textContent)";
        assert_eq!(browser.value(offered).await, json!(["Message boss"]));
        browser.switch_to_window(admin).await.unwrap();
        browser.says("/kick nobody-here").await;
        noted(&browser, "no user with that name").await;
    })
    .await;
}
