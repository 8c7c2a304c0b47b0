//! The page beside other servers, and behind a proxy.

use serde_json::json;
use testbed::Server;

use crate::support::{Person, browse, page as page_of};

#[tokio::test]
async fn field_07_two_servers_on_one_host_do_not_end_each_others_logins() {
    let (one, two) = (Server::start().await, Server::start().await);
    browse(async |page| {
        page.enters(&page_of(&one, false), "alice").await;
        page.enters(&page_of(&two, false), "bob").await;
        for (server, me) in [(&one, "alice, guest"), (&two, "bob, guest"), (&one, "alice, guest")] {
            page.goto(&page_of(server, false)).await.unwrap();
            page.until(me, &format!("return document.getElementById('me').textContent === {}", json!(me)))
                .await;
            page.says("still here").await;
            page.sees("still here").await;
        }
    })
    .await;
}
