//! Browsers that deny the page something that it wants to use.

use serde_json::json;
use testbed::Server;
use thirtyfour::prelude::*;

use crate::support::{Person, before_each, browse, browse_with, page as page_of, writes};

const WATCH: &str = "window.wrong = []; addEventListener('error', (e) => wrong.push(e.message)); addEventListener('unhandledrejection', (e) => wrong.push(String(e.reason)));";

async fn tells(page: &WebDriver, words: &str) {
    let script = format!(
        "return !document.getElementById('offer').hidden && document.getElementById('offer-text').textContent.includes({})",
        json!(words)
    );
    page.until(&format!("it tells {words:?}"), &script).await;
}

/// Checks that the page works: it sends and receives, loses its connection, and sends what waited.
async fn works(page: &WebDriver, server: Server) {
    page.says("said").await;
    page.sees("said").await;
    writes(&server, "bob", ["heard".to_owned()]).await;
    page.sees("heard").await;
    let (address, dir) = server.stop().await;
    page.until("it is away", "return document.getElementById('banner').textContent.includes('Offline')")
        .await;
    page.says("waited").await;
    let _server = Server::on(address, dir, |_| {}).await;
    page.sees("waited").await;
    page.value("document.querySelector('[data-open=logout]').click()").await;
    page.until(
        "it is left",
        "return document.getElementById('chat').hidden && !document.getElementById('login').hidden",
    )
    .await;
    assert_eq!(page.value("return window.wrong ?? []").await, json!([]), "nothing throws");
}

#[tokio::test]
async fn field_17_with_all_storage_and_cookies_blocked_the_page_works_for_this_visit_and_says_so() {
    let server = Server::start().await;
    let prefs = json!({"profile": {"default_content_setting_values": {"cookies": 2}}});
    browse_with(prefs, async |page| {
        before_each(&page, WATCH).await;
        page.enters(&page_of(&server, false), "alice").await;
        assert_eq!(
            page.value("try { localStorage; return 'open' } catch { return 'blocked' }").await,
            "blocked"
        );
        tells(&page, "cookies").await;
        works(&page, server).await;
    })
    .await;
}

#[tokio::test]
async fn field_17_storage_that_throws_wherever_it_is_touched_is_told_once() {
    for script in [
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })",
        "Object.defineProperty(window, 'localStorage', { value: null })",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
        "for (const name of ['getItem', 'setItem', 'removeItem']) Storage.prototype[name] = () => { throw new Error(name); }",
        "delete window.indexedDB; for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) Object.defineProperty(window, name, { get() { throw new Error(name); } })",
    ] {
        let server = Server::start().await;
        browse(async |page| {
            before_each(&page, &format!("{WATCH} {script}")).await;
            page.enters(&page_of(&server, false), "alice").await;
            tells(&page, "does not let the page store anything").await;
            page.value("document.getElementById('offer-off').click()").await;
            works(&page, server).await;
            assert_eq!(
                page.value("return document.getElementById('offer').hidden").await,
                true,
                "once is enough"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn a_browser_without_newer_parts_shows_the_page_all_the_same() {
    let server = Server::start().await;
    browse(async |page| {
        let without = "for (const name of ['Notification', 'ResizeObserver', 'BroadcastChannel']) { delete window[name]; delete globalThis[name]; } \
            delete Intl.Segmenter; delete Crypto.prototype.randomUUID; \
            for (const name of ['locks', 'clipboard', 'serviceWorker', 'storage']) delete Navigator.prototype[name];";
        before_each(&page, &format!("{WATCH} {without}")).await;
        page.enters(&page_of(&server, false), "alice").await;
        page.says("🎉").await;
        page.sees("🎉").await;
        page.value("document.querySelector('[data-open=notifications]').click()").await;
        page.until("it is told", "return document.getElementById('composer-note').textContent.includes('no notifications')").await;
        works(&page, server).await;
    })
    .await;
}

#[tokio::test]
async fn field_22_a_notification_that_fails_stops_nothing_else() {
    for broken in [
        "window.Notification = class { static permission = 'granted'; static requestPermission = async () => 'granted'; constructor() { tried.push(1); throw new TypeError('Illegal constructor'); } }",
        "window.Notification = class { static get permission() { tried.push(1); throw new Error('permission'); } static requestPermission() { throw new Error('ask'); } }",
        "window.Notification = class { static get permission() { tried.push(1); return 'denied'; } static requestPermission = async () => 'denied' }",
    ] {
        let server = Server::start().await;
        browse(async |page| {
            before_each(&page, &format!("{WATCH} window.tried = []; {broken}; Object.defineProperty(document, 'hidden', {{ get: () => true }})")).await;
            page.enters(&page_of(&server, false), "alice").await;
            writes(&server, "bob", ["hello @alice".to_owned(), "and @alice again".to_owned()]).await;
            page.sees("and @alice again").await;
            assert_eq!(page.value("return window.tried.length").await, 2, "each was tried");
            page.until("it is spoken", "return document.getElementById('log').textContent.includes('and @alice again')").await;
            page.value("document.querySelector('[data-open=notifications]').click()").await;
            page.until("it is told", "return document.getElementById('composer-note').classList.contains('wrong')").await;
            assert_eq!(page.value("return window.wrong").await, json!([]), "nothing throws");
        })
        .await;
    }
}

#[tokio::test]
async fn what_nobody_can_tell_was_seen_is_not_read() {
    for unknown in [
        "Object.defineProperty(Document.prototype, 'hasFocus', { value: undefined })",
        "Object.defineProperty(Document.prototype, 'visibilityState', { get: () => undefined })",
        "Object.defineProperty(Document.prototype, 'visibilityState', { get: () => 'prerender' })",
        "Document.prototype.hasFocus = () => false",
    ] {
        let server = Server::start().await;
        browse(async |page| {
            before_each(&page, &format!("{WATCH} {unknown}")).await;
            page.enters(&page_of(&server, false), "alice").await;
            writes(&server, "bob", ["unseen @alice".to_owned()]).await;
            page.sees("unseen @alice").await;
            // Longer than it takes until a visible message counts as read.
            tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
            assert_eq!(
                page.value("return document.querySelector('[data-room=general] .count').textContent").await,
                "@1",
                "{unknown}"
            );
            assert_eq!(page.value("return window.wrong").await, json!([]));
        })
        .await;
    }
}
