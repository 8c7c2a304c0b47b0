//! The formatting of messages on the page.

use serde_json::json;
use testbed::Server;
use thirtyfour::prelude::*;

use crate::support::{Person, browse, chooses, page as page_of, writes};

const WRITTEN: &str = "**bold** *slanted* ~~gone~~ `a  b` [a site](https://example.org/a?b=c#d)

> a quotation

- one
- two

3. three

```rust
fn main() { /* a line that is wider than any window: LONG */ }
```
see #general, #nowhere and @alice";

#[tokio::test]
async fn formatted_text_is_shown_as_elements_with_their_looks() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        writes(&server, "bob", [WRITTEN.replace("LONG", &"x".repeat(600)), "🚀 ❤️".to_owned()]).await;
        page.sees("🚀 ❤️").await;
        let look = async |selector: &str, property: &str| {
            page.value(&format!("return getComputedStyle(document.querySelector('#messages .text {selector}')).{property}")).await
        };
        assert_eq!(look("strong", "fontWeight").await, "700");
        assert_eq!(look("em", "fontStyle").await, "italic");
        assert_eq!(look("del", "textDecorationLine").await, "line-through");
        assert!(look("code", "fontFamily").await.as_str().unwrap().contains("monospace"));
        assert_eq!(look("ul", "listStyleType").await, "disc");
        assert_eq!(look("ol", "listStyleType").await, "decimal");
        assert_eq!(look("blockquote", "borderLeftWidth").await, "3px");
        assert_eq!(page.value("return document.querySelector('.text ol').start").await, 3);
        assert_eq!(page.value("return document.querySelector('.text :not(pre) > code').textContent").await, "a  b");
        let link = "const a = document.querySelector('.text a[target]'); return [a.textContent, a.href, a.rel]";
        assert_eq!(page.value(link).await, json!(["a site", "https://example.org/a?b=c#d", "noopener noreferrer nofollow ugc"]));
        let wide = "const pre = document.querySelector('.text pre'); const t = document.getElementById('timeline'); \
            return [pre.scrollWidth > pre.clientWidth, t.scrollWidth <= t.clientWidth, document.documentElement.scrollWidth <= innerWidth]";
        assert_eq!(page.value(wide).await, json!([true, true, true]), "the block scrolls, the page does not");
        assert_eq!(page.value("return document.querySelector('.mention.me').textContent").await, "@alice");
        let rooms = "return [...document.querySelectorAll('.text a.room')].map((a) => [a.textContent, a.getAttribute('href')])";
        assert_eq!(page.value(rooms).await, json!([["#general", "#general"], ["#nowhere", null]]));
        let sizes = "return [...document.querySelectorAll('#messages .text')].map((node) => parseFloat(getComputedStyle(node).fontSize))";
        let sizes: Vec<f64> = serde_json::from_value(page.value(sizes).await).unwrap();
        assert!(sizes[1] > sizes[0] * 1.5, "emoji alone are large: {sizes:?}");
    })
    .await;
}

#[tokio::test]
async fn a_name_of_a_room_leads_there_and_a_change_begins_with_what_was_typed() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("in *#dev* soon").await;
        page.sees("in #dev soon").await;
        assert_eq!(page.value("return document.querySelector('a.room').hasAttribute('href')").await, false);
        page.says("/create dev").await;
        page.until("dev is shown", "return document.getElementById('room-name').textContent === '#dev'")
            .await;
        page.find(By::Css("[data-room=general]")).await.unwrap().click().await.unwrap();
        page.sees("in #dev soon").await;
        chooses(&page, "in #dev soon", "Edit").await;
        page.until(
            "it is as typed",
            "return document.getElementById('composer-text').value === 'in *#dev* soon'",
        )
        .await;
        page.value("document.getElementById('composer-text').value = ''").await;
        page.says("in **#dev** now").await;
        page.sees("in #dev now").await;
        page.find(By::Css("strong a.room")).await.unwrap().click().await.unwrap();
        page.until(
            "dev is shown again",
            "return document.getElementById('room-name').textContent === '#dev'",
        )
        .await;
    })
    .await;
}
