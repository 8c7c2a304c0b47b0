//! The same room as text and as HTML: sessions that asked for HTML get it everywhere, and nobody else pays for it.

use serde_json::{Value, json};

use crate::support::{Host, Server};

const TEXT: &str = "**look**, @alice: https://a.example/?b=1&c=2 <script>alert(1)</script>";
const HTML: &str = "<p><strong>look</strong>, <span class=\"mention\">@alice</span>: <a href=\"https://a.example/?b=1&amp;c=2\" \
                    rel=\"noopener noreferrer nofollow ugc\" target=\"_blank\">https://a.example/?b=1&amp;c=2</a> \
                    &lt;script&gt;alert(1)&lt;/script&gt;</p>";

#[tokio::test]
async fn who_asks_for_html_gets_it_live_in_history_in_results_and_on_resume() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let mut page = server.peer().await;
    let hello = json!({"type": "hello", "id": 1, "protocol": 1, "token": alice.token, "format": "html"});
    page.must(hello).await;
    bob.say("general", "b1", TEXT).await;
    let event = page.hear_type("message").await;
    assert_eq!((&event["html"], &event["text"]), (&json!(HTML), &json!(TEXT)));
    let plain = alice.hear_type("message").await;
    let mut without = event.clone();
    without.as_object_mut().unwrap().remove("html");
    assert_eq!(plain, without, "beside it they are alike");
    let history = page.must(json!({"type": "history", "room": "general", "before": 9})).await;
    assert_eq!(history["messages"][0]["html"], HTML);
    let found = page.must(json!({"type": "search", "query": "look"})).await;
    assert_eq!(found["messages"][0]["html"], HTML);
    bob.must(json!({"type": "edit", "room": "general", "seq": 1, "text": "~~no~~"})).await;
    let edited = page.hear_type("edited").await;
    assert_eq!(edited["html"], "<p><del>no</del></p>");
    assert_eq!(alice.hear_type("edited").await["html"], Value::Null);
    let joined = page.must(json!({"type": "join", "room": "general"})).await;
    assert_eq!(joined["messages"][0]["html"], "<p><del>no</del></p>");
    let mut again = server.peer().await;
    let hello = json!({"type": "hello", "id": 1, "protocol": 1, "token": alice.token, "format": "html",
        "log": alice.log, "resume": {"general": 0}});
    again.must(hello).await;
    assert_eq!(again.hear_type("message").await["html"], "<p><del>no</del></p>");
    assert_eq!(again.hear_type("edited").await["html"], "<p><del>no</del></p>");
    bob.must(json!({"type": "delete", "room": "general", "seq": 1})).await;
    let history = page.must(json!({"type": "history", "room": "general", "before": 9})).await;
    assert_eq!(history["messages"][0]["html"], Value::Null, "of what is gone there is nothing");
}

#[tokio::test]
async fn ssrf_01_ssrf_06_xss_08_nothing_is_fetched_because_someone_wrote_of_it() {
    let bait = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    bait.set_nonblocking(true).unwrap();
    let at = bait.local_addr().unwrap();
    let server = Server::start().await;
    let mut bob = server.member("bob").await;
    let mut page = server.peer().await;
    let hello = json!({"type": "hello", "id": 1, "protocol": 1, "token": bob.token, "format": "html"});
    page.must(hello).await;
    let text = format!(
        "http://{at}/a ![x](http://{at}/b.png) [l](http://{at}/c) http://[::ffff:127.0.0.1]:{port}/ http://2130706433:{port}/ {many}",
        port = at.port(),
        many = format!("http://{at}/ ").repeat(50),
    );
    bob.say("general", "b1", &text).await;
    page.hear_type("message").await;
    page.must(json!({"type": "history", "room": "general", "before": 9})).await;
    bob.must(json!({"type": "topic", "room": "general", "topic": format!("http://{at}/topic")})).await;
    page.hear_type("topic").await;
    // Every program that could have fetched it has answered. A connection would now be in the backlog.
    let connection = bait.accept();
    assert!(connection.is_err(), "someone came: {connection:?}");
}
