//! Files: picked, dropped and pasted, uploading, in the conversation, and downloaded.

use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;
use testbed::Server;
use thirtyfour::prelude::*;

use crate::support::{Person, browse, chooses, page as page_of};

/// Creates a file on disk.
fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// Returns a picture of 1,600 by 900, drawn by the browser.
async fn picture(page: &WebDriver) -> Vec<u8> {
    let draws = "const canvas = document.createElement('canvas'); canvas.width = 1600; canvas.height = 900; \
        const pen = canvas.getContext('2d'); const light = pen.createLinearGradient(0, 0, 1600, 900); \
        light.addColorStop(0, 'navy'); light.addColorStop(0.6, 'teal'); light.addColorStop(1, 'gold'); \
        pen.fillStyle = light; pen.fillRect(0, 0, 1600, 900); \
        return [...atob(canvas.toDataURL('image/png').split(',')[1])].map((c) => c.charCodeAt(0))";
    serde_json::from_value(page.value(draws).await).unwrap()
}

/// Picks files in the browser's dialog.
async fn picks(page: &WebDriver, paths: &[PathBuf]) {
    let paths: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    page.find(By::Id("file-input")).await.unwrap().send_keys(paths.join("\n")).await.unwrap();
}

/// Waits until this many files are ready to be sent.
async fn has_ready(page: &WebDriver, count: usize) {
    let script = format!(
        "const all = [...document.querySelectorAll('#attachments li')]; return all.length === {count} && all.every((li) => li.querySelector('progress').hidden && !li.classList.contains('failed'))"
    );
    page.until("the files are on the server", &script).await;
}

async fn sends(page: &WebDriver) {
    page.find(By::Css("#composer [type=submit]")).await.unwrap().click().await.unwrap();
}

#[tokio::test]
async fn a_picture_is_seen_and_a_file_arrives_as_it_was() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        let first = page.window().await.unwrap();
        let photo = file(&folder, "sunset & sea.png", picture(&page).await);
        let text = "Grüße\n".repeat(1000);
        let notes = file(&folder, "notes.txt", &text);
        picks(&page, &[photo, notes]).await;
        has_ready(&page, 2).await;
        page.says("look at these").await;
        page.sees("look at these").await;
        page.until("the chips are gone", "return document.getElementById('attachments').hidden").await;
        let second = page.new_tab().await.unwrap();
        page.switch_to_window(second).await.unwrap();
        page.enters(&page_of(&server, true), "bob").await;
        page.sees("look at these").await;
        page.until("the picture is loaded", "return document.querySelector('.picture img')?.naturalWidth > 0").await;
        let look = "const image = document.querySelector('.picture img'); const link = image.parentElement; \
            return [image.alt, image.width, image.height, image.loading, image.currentSrc.endsWith('?thumb'), link.target, link.rel]";
        assert_eq!(page.value(look).await, json!(["sunset & sea.png", 384, 216, "lazy", true, "_blank", "noopener"]));
        let row = "const row = document.querySelector('.file'); return [row.download, row.querySelector('.file-name').textContent, row.querySelector('.file-about').textContent]";
        assert_eq!(page.value(row).await, json!(["notes.txt", "notes.txt", "text/plain, 7.8 KiB"]));
        page.value("window.got = null; fetch(document.querySelector('.file').href).then((answer) => answer.text()).then((text) => (window.got = text)); return null").await;
        page.until("it comes", "return window.got !== null").await;
        assert_eq!(page.value("return window.got").await, json!(text));
        page.switch_to_window(first).await.unwrap();
        chooses(&page, "look at these", "Delete for everyone").await;
        page.until("its files are gone", "return !document.querySelector('.files')").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_sent_too_early_says_so_and_goes_when_its_file_is_there() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        // The upload only continues after an attempt to send too early.
        let watch = "window.bars = []; window.notes = []; \
            new MutationObserver(() => { const bar = document.querySelector('#attachments progress'); if (bar) window.bars.push(bar.value); }).observe(document.getElementById('attachments'), { subtree: true, childList: true, attributes: true }); \
            new MutationObserver(() => window.notes.push(document.getElementById('composer-note').textContent)).observe(document.getElementById('composer-note'), { childList: true }); \
            const send = XMLHttpRequest.prototype.send; window.go = null; \
            XMLHttpRequest.prototype.send = function (body) { window.go = () => send.call(this, body); };";
        page.value(watch).await;
        picks(&page, &[file(&folder, "large.bin", vec![7; 48 * 1024 * 1024])]).await;
        page.until("it is about to go", "return window.go !== null").await;
        page.says("with a large one").await;
        page.until("it says that it waits", "return window.notes.includes('Your message is sent when the file is uploaded.')").await;
        assert_eq!(page.texts().await, Vec::<String>::new());
        page.value("window.go()").await;
        page.sees("with a large one").await;
        assert_eq!(page.value("return document.querySelector('.file-about').textContent").await, "application/octet-stream, 48 MiB");
        assert_eq!(page.value("return window.bars.some((value) => value > 0 && value < 1)").await, true, "{}", page.value("return window.bars").await);
        assert_eq!(page.value("return document.getElementById('composer-text').value").await, "");
    })
    .await;
}

#[tokio::test]
async fn files_are_dropped_and_pasted_taken_back_and_refused_before_they_go() {
    let server = Server::with(|config| config.file_bytes = 1000).await;
    let folder = tempfile::tempdir().unwrap();
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.value("window.held = new DataTransfer(); window.held.items.add(new File(['dropped'], 'drop.txt', { type: 'text/plain' }))").await;
        let drag = |kind: &str| format!("document.getElementById('timeline').dispatchEvent(new DragEvent('{kind}', {{ dataTransfer: window.held, bubbles: true, cancelable: true }}))");
        page.value(&drag("dragenter")).await;
        assert_eq!(page.value("return document.getElementById('drop').hidden").await, false);
        page.value(&drag("drop")).await;
        assert_eq!(page.value("return document.getElementById('drop').hidden").await, true);
        has_ready(&page, 1).await;
        let paste = "const data = new DataTransfer(); data.items.add(new File(['pasted'], 'image.txt')); document.getElementById('composer-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))";
        page.value(paste).await;
        has_ready(&page, 2).await;
        picks(&page, &[file(&folder, "large.txt", "x".repeat(1001))]).await;
        page.until("it is refused", "return document.getElementById('composer-note').textContent === 'large.txt is too large: it has 1001 bytes, and at most 1000 bytes are allowed.'").await;
        has_ready(&page, 2).await;
        let uploads = "return performance.getEntriesByType('resource').filter((r) => r.name.endsWith('/api/files')).length";
        assert_eq!(page.value(uploads).await, 2, "it was not even tried");
        page.find(By::Css("#attachments [data-remove]")).await.unwrap().click().await.unwrap();
        has_ready(&page, 1).await;
        sends(&page).await;
        page.until("the other one is there", "return [...document.querySelectorAll('.message:not(.pending) .file-name')].map((n) => n.textContent).join() === 'image.txt'").await;
    })
    .await;
}

#[tokio::test]
async fn what_the_server_refuses_is_told_in_its_words_and_holds_the_message_back() {
    let server = Server::with(|config| config.file_quota_bytes = 1024 * 1024).await;
    let folder = tempfile::tempdir().unwrap();
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        picks(&page, &[file(&folder, "small.txt", "small"), file(&folder, "all.bin", vec![1; 1024 * 1024])]).await;
        page.until("it is refused", "return document.querySelector('#attachments .failed .told-of')?.textContent.startsWith('You have reached your limit') ?? false").await;
        page.says("both").await;
        page.until("it is held back", "return document.getElementById('composer-note').textContent.startsWith('A file could not be uploaded')").await;
        assert_eq!(page.value("return document.getElementById('composer-text').value").await, "both");
        page.find(By::Css("#attachments .failed [data-remove]")).await.unwrap().click().await.unwrap();
        has_ready(&page, 1).await;
        sends(&page).await;
        page.sees("both").await;
        assert_eq!(page.value("return [...document.querySelectorAll('.file-name')].map((n) => n.textContent).join()").await, "small.txt");
    })
    .await;
}

#[tokio::test]
async fn a_file_is_sent_later_where_the_server_is_away() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        picks(&page, &[file(&folder, "kept.txt", "kept")]).await;
        has_ready(&page, 1).await;
        let (address, dir) = server.stop().await;
        page.until(
            "the banner tells",
            "return document.getElementById('banner').textContent.includes('Offline')",
        )
        .await;
        sends(&page).await;
        page.until(
            "it waits",
            "return document.querySelector('.pending .text')?.textContent === '📎 kept.txt'",
        )
        .await;
        page.refresh().await.unwrap();
        let server = Server::on(address, dir, |_| {}).await;
        page.goto(&page_of(&server, false)).await.unwrap();
        page.until(
            "it went",
            "return document.querySelector('.message:not(.pending) .file-name')?.textContent === 'kept.txt'",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn xss_11_a_file_that_could_act_is_handed_over_and_never_opened() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    browse(async |page| {
        page.enters(&page_of(&server, false), "mallory").await;
        let acts = "localStorage.setItem('owned', '1')";
        let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><script>{acts}</script></svg>");
        let html = format!("<!doctype html><title>owned</title><script>{acts}</script>");
        let paths = [
            file(&folder, "evil.svg", svg),
            file(&folder, "evil.html", &html),
            file(&folder, "evil.png", &html),
            file(&folder, "<img src=x onerror=alert(1)>.txt", "x"),
        ];
        picks(&page, &paths).await;
        has_ready(&page, 4).await;
        page.says("open me").await;
        page.sees("open me").await;
        assert_eq!(page.value("return document.querySelectorAll('.messages img, .files img').length").await, 0);
        assert_eq!(page.value("return [...document.querySelectorAll('.file-name')].at(-1).textContent").await, "<img src=x onerror=alert(1)>.txt");
        let asks = "window.got = null; Promise.all([...document.querySelectorAll('.file')].map((a) => fetch(a.href))).then((all) => (window.got = all.map(({ headers }) => \
            [headers.get('content-disposition').split(';')[0], headers.get('x-content-type-options'), headers.get('content-security-policy').includes('sandbox')]))); return null";
        page.value(asks).await;
        page.until("they answer", "return window.got !== null").await;
        assert_eq!(page.value("return window.got").await, json!(vec![json!(["attachment", "nosniff", true]); 4]));
        // They can be opened by their URLs all the same.
        let urls: Vec<String> = serde_json::from_value(page.value("return [...document.querySelectorAll('.file')].map((a) => a.href)").await).unwrap();
        for url in urls {
            let _ = page.goto(&url).await;
        }
        page.goto(&page_of(&server, false)).await.unwrap();
        page.sees("open me").await;
        assert_eq!(page.value("return localStorage.getItem('owned')").await, json!(null));
    })
    .await;
}

/// Returns a checksum that the page can compute as well.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(7, |sum, byte| (sum * 31 + u64::from(*byte)) % 1_000_003)
}

#[tokio::test]
async fn fifty_megabytes_go_up_and_come_down_byte_for_byte() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let content = testbed::noise(50_000_000);
    let backup = file(&folder, "backup.bin", &content);
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        picks(&page, &[backup]).await;
        has_ready(&page, 1).await;
        sends(&page).await;
        page.until("it is there", "return !!document.querySelector('.file')").await;
        let fetches = "window.got = null; fetch(document.querySelector('.file').href).then((answer) => answer.arrayBuffer()).then((all) => { \
            const bytes = new Uint8Array(all); let sum = 7; for (const byte of bytes) sum = (sum * 31 + byte) % 1000003; \
            window.got = [bytes.length, sum]; }); return null";
        page.value(fetches).await;
        page.until("it comes", "return window.got !== null").await;
        assert_eq!(page.value("return window.got").await, json!([content.len(), sum(&content)]));
    })
    .await;
}
