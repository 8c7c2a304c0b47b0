//! Accounts, and private and direct rooms, on the page.

use serde_json::json;
use testbed::Server;
use thirtyfour::prelude::*;

use crate::support::{Person, browse, page as page_of};

const PASSWORD: &str = "four words of nonsense";

async fn fills(page: &WebDriver, id: &str, text: &str) {
    page.find(By::Id(id)).await.unwrap().send_keys(text).await.unwrap();
}

async fn opens(page: &WebDriver, what: &str) {
    page.find(By::Id("me")).await.unwrap().click().await.unwrap();
    page.find(By::Css(format!("[data-open={what}]"))).await.unwrap().click().await.unwrap();
}

async fn is(page: &WebDriver, who: &str) {
    page.until(
        &format!("it is {who}"),
        &format!("return document.getElementById('me').textContent === {}", json!(who)),
    )
    .await;
}

#[tokio::test]
async fn a_guest_keeps_the_name_logs_out_and_comes_back() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("said as a guest").await;
        page.sees("said as a guest").await;
        assert_eq!(page.value("return document.cookie").await, "", "no script reads the session");
        assert_eq!(page.value("return JSON.stringify(localStorage).includes('chat_')").await, false);
        opens(&page, "register").await;
        page.until("it asks", "return document.getElementById('keep-dialog').open").await;
        fills(&page, "keep-new", PASSWORD).await;
        fills(&page, "keep-again", "something else").await;
        page.find(By::Css("#keep-form [type=submit]")).await.unwrap().click().await.unwrap();
        page.until(
            "it tells",
            "return document.querySelector('#keep-form .error').textContent.includes('do not match')",
        )
        .await;
        page.find(By::Id("keep-again")).await.unwrap().clear().await.unwrap();
        fills(&page, "keep-again", PASSWORD).await;
        page.find(By::Css("#keep-form [type=submit]")).await.unwrap().click().await.unwrap();
        is(&page, "alice, account").await;
        page.says("on the same connection").await;
        page.sees("on the same connection").await;
        page.refresh().await.unwrap();
        is(&page, "alice, account").await;
        opens(&page, "logout").await;
        page.until(
            "it is left",
            "return document.getElementById('chat').hidden && !document.getElementById('login').hidden",
        )
        .await;
        // A guest cannot have this name, so the form for its owner appears.
        fills(&page, "login-name", "Alice").await;
        page.find(By::Css("#guest-form [type=submit]")).await.unwrap().click().await.unwrap();
        page.until("it asks for the password", "return !document.getElementById('signin-form').hidden").await;
        fills(&page, "signin-password", "a wrong guess").await;
        page.find(By::Css("#signin-form [type=submit]")).await.unwrap().click().await.unwrap();
        page.until(
            "it is wrong",
            "return document.getElementById('login-error').textContent.includes('wrong')",
        )
        .await;
        page.find(By::Id("signin-password")).await.unwrap().clear().await.unwrap();
        fills(&page, "signin-password", PASSWORD).await;
        page.find(By::Css("#signin-form [type=submit]")).await.unwrap().click().await.unwrap();
        is(&page, "alice, account").await;
        page.sees("said as a guest").await;
        opens(&page, "sessions").await;
        page.until("they are listed", "return document.querySelectorAll('#list-lines li').length === 1")
            .await;
        page.find(By::Css("#list-dialog [data-close]")).await.unwrap().click().await.unwrap();
        page.says("typed after the mouse closed it").await;
        page.sees("typed after the mouse closed it").await;
        let kinds =
            "return [...document.querySelectorAll('input[type=password]')].map((i) => i.autocomplete)";
        let kinds = page.value(kinds).await;
        assert!(
            kinds
                .as_array()
                .unwrap()
                .iter()
                .all(|kind| ["current-password", "new-password"].contains(&kind.as_str().unwrap())),
            "{kinds}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_private_room_and_a_direct_one() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        let first = page.window().await.unwrap();
        let second = page.new_tab().await.unwrap();
        page.switch_to_window(second.clone()).await.unwrap();
        page.enters(&page_of(&server, true), "bob").await;
        page.switch_to_window(first.clone()).await.unwrap();
        fills(&page, "create-name", "den").await;
        page.find(By::Id("create-private")).await.unwrap().click().await.unwrap();
        page.find(By::Css("#create [type=submit]")).await.unwrap().click().await.unwrap();
        page.until("it is shown", "return document.getElementById('room-name').textContent === '#den'").await;
        page.until("and private", "return !document.getElementById('room-kind').hidden").await;
        page.says("in the den").await;
        page.sees("in the den").await;
        fills(&page, "invite-name", "bob").await;
        page.find(By::Css("#invite [type=submit]")).await.unwrap().click().await.unwrap();
        page.until("it is told", "return [...document.querySelectorAll('.told')].some((n) => n.textContent === 'alice invited bob')").await;
        page.switch_to_window(second.clone()).await.unwrap();
        page.until("bob hears of it", "return document.getElementById('composer-note').textContent.includes('alice invites you to #den')").await;
        page.says("/join den").await;
        page.sees("in the den").await;
        page.says("/dm alice just us").await;
        page.sees("just us").await;
        page.until("it has her name", "return document.getElementById('room-name').textContent === '@alice'").await;
        page.switch_to_window(first.clone()).await.unwrap();
        page.until("she sees who", "return [...document.querySelectorAll('#direct-list .label')].some((n) => n.textContent === 'bob')").await;
        page.value("[...document.querySelectorAll('#direct-list button')].find((b) => b.textContent.includes('bob')).click()").await;
        page.sees("just us").await;
        // Whether he is online is shown at once, also after a reload and when he leaves.
        page.until("he is online", "return document.querySelector('#direct-list .dot').classList.contains('online')").await;
        page.refresh().await.unwrap();
        page.until("he still is", "return document.querySelector('#direct-list .dot')?.classList.contains('online') === true").await;
        page.switch_to_window(second).await.unwrap();
        page.close_window().await.unwrap();
        page.switch_to_window(first).await.unwrap();
        page.until("he has gone", "return document.querySelector('#direct-list .dot')?.classList.contains('online') === false").await;
    })
    .await;
}
