//! Files: uploaded, read by those who may, and deleted with their messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chat_server::clock::{Clock, DAY_MS};
use serde_json::{Value, json};
use testbed::noise;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Accounts, Host, PATIENCE, Process, Server, bearer};
use crate::transfers::{FORM, ask, form, get, kept, post, upload};

async fn until_kept(server: &Server, count: usize) {
    let all = async {
        while kept(server.dir.path()).len() != count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, all).await;
    assert!(waited.is_ok(), "there are {:?}", kept(server.dir.path()));
}

fn png() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(900, 600, |x, y| image::Rgb([x as u8, y as u8, 7]))
        .write_to(&mut out, image::ImageFormat::Png)
        .unwrap();
    out.into_inner()
}

#[tokio::test]
async fn a_file_goes_with_a_message_and_comes_back_byte_for_byte_and_in_ranges() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.member("alice").await, server.member("bob").await);
    let content = noise(3_000_000);
    let file = upload(&server, &alice.token, "fünf & <b>.bin", &content).await;
    assert_eq!((&file["name"], &file["size"]), (&json!("fünf & <b>.bin"), &json!(3_000_000)));
    assert_eq!(file["media_type"], "application/octet-stream");
    let url = file["url"].as_str().unwrap().to_owned();
    let frame = json!({"type": "send", "room": "general", "nonce": "a1", "text": "", "files": [file["id"]]});
    alice.must(frame.clone()).await;
    let event = bob.hear_type("message").await;
    assert_eq!((&event["files"], &event["text"]), (&json!([file]), &Value::Null));
    assert_eq!(alice.must(frame).await["seq"], 1, "sent again it is the same message");
    let other = json!({"type": "send", "room": "general", "nonce": "a1", "text": ""});
    assert_eq!(alice.refused(other).await, "empty");
    let history = bob.must(json!({"type": "history", "room": "general", "before": 9})).await;
    assert_eq!(history["messages"][0]["files"], json!([file]));
    let got = get(server.address, &url, &bob.token, "").await;
    assert!(got.status == 200 && got.body == content, "{}", got.head);
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    assert!(got.header("content-security-policy").contains("sandbox"), "{}", got.head);
    assert_eq!(
        got.header("content-disposition"),
        "attachment; filename=\"f_nf _ _b_.bin\"; filename*=utf-8''f%c3%bcnf%20%26%20%3cb%3e%2ebin"
    );
    let got = get(server.address, &url, &bob.token, "Range: bytes=1000000-1000009\r\n").await;
    assert!(got.status == 206 && got.body == content[1_000_000..1_000_010], "{}", got.head);
    assert_eq!(got.header("content-range"), "bytes 1000000-1000009/3000000");
    let got = get(server.address, &url, &bob.token, "Range: bytes=-5\r\n").await;
    assert!(got.status == 206 && got.body == content[2_999_995..]);
    let server = Server::after(server).await;
    let got = get(server.address, &url, &bob.token, "").await;
    assert!(got.status == 200 && got.body == content, "it is there after a restart");
}

#[tokio::test]
async fn az_05_up_09_up_12_files_are_read_by_who_may_read_the_room_and_by_nobody_else() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.account("alice").await, server.account("bob").await);
    let mut carol = server.account("carol").await;
    alice.must(json!({"type": "create", "room": "den", "kind": "private"})).await;
    alice.must(json!({"type": "invite", "room": "den", "user": "bob"})).await;
    bob.join("den").await;
    let file = upload(&server, &alice.token, "plan.png", &png()).await;
    let url = file["url"].as_str().unwrap().to_owned();
    let thumb = file["thumb"].as_str().unwrap().to_owned();
    let at = server.address;
    assert_eq!(get(at, &url, &alice.token, "").await.status, 200, "one's own");
    for path in [&url, &thumb] {
        assert_eq!(get(at, path, &bob.token, "").await.status, 404, "not posted yet");
        assert_eq!(get(at, path, "", "").await.status, 401);
    }
    let steal = json!({"type": "send", "room": "general", "nonce": "b1", "text": "", "files": [file["id"]]});
    assert_eq!(bob.refused(steal).await, "no_such_file", "another's file cannot be posted");
    let send = json!({"type": "send", "room": "den", "nonce": "a1", "text": "see", "files": [file["id"]]});
    alice.must(send).await;
    for path in [&url, &thumb] {
        assert_eq!(get(at, path, &bob.token, "").await.status, 200);
        for more in ["", "Range: bytes=0-1\r\n"] {
            assert_eq!(get(at, path, &carol.token, more).await.status, 404);
        }
    }
    assert_eq!(get(at, &format!("{url}?download"), &carol.token, "").await.status, 404);
    let missing =
        get(at, &url.replace(file["id"].as_str().unwrap(), &"0".repeat(32)), &carol.token, "").await;
    let hidden = get(at, &url, &carol.token, "").await;
    assert_eq!(missing.body, hidden.body, "what is not for one looks like what is not there");
    assert_eq!(
        carol
            .refused(
                json!({"type": "send", "room": "general", "nonce": "c1", "text": "x", "files": ["../x"]})
            )
            .await,
        "no_such_file"
    );
    let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    assert_eq!(
        carol
            .refused(json!({"type": "send", "room": "general", "nonce": "c1", "text": "x", "files": many}))
            .await,
        "bad_request"
    );
    alice.must(json!({"type": "kick", "room": "den", "user": "bob"})).await;
    assert_eq!(get(at, &url, &bob.token, "").await.status, 404, "put out");
    // In a public room, everyone who could join may read it.
    let send = json!({"type": "send", "room": "general", "nonce": "a2", "text": "", "files": [file["id"]]});
    alice.must(send).await;
    assert_eq!(get(at, &url, &carol.token, "").await.status, 200);
    alice.must(json!({"type": "delete", "room": "general", "seq": 1})).await;
    assert_eq!(get(at, &url, &carol.token, "").await.status, 404, "the message is gone");
    assert_eq!(get(at, &url, &alice.token, "").await.status, 200, "but not that of the other room");
    until_kept(&server, 2).await;
    alice.must(json!({"type": "delete", "room": "den", "seq": 3})).await;
    assert_eq!(get(at, &url, &alice.token, "").await.status, 404);
    until_kept(&server, 0).await;
    alice
        .must(json!({"type": "send", "room": "den", "nonce": "a1", "text": "see", "files": [file["id"]]}))
        .await;
}

#[tokio::test]
async fn up_13_who_uploads_what_another_has_cannot_tell() {
    let server = Server::start().await;
    let (mut alice, bob) = (server.member("alice").await, server.member("bob").await);
    let content = noise(5000);
    let first = upload(&server, &alice.token, "a.bin", &content).await;
    let second = upload(&server, &bob.token, "b.bin", &content).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(kept(server.dir.path()).len(), 1, "kept once");
    alice
        .must(json!({"type": "send", "room": "general", "nonce": "a1", "text": "", "files": [first["id"]]}))
        .await;
    alice.must(json!({"type": "delete", "room": "general", "seq": 1})).await;
    // Once a later deletion has been cleared, so has everything before.
    let third = upload(&server, &alice.token, "c.bin", b"other").await;
    alice
        .must(json!({"type": "send", "room": "general", "nonce": "a2", "text": "", "files": [third["id"]]}))
        .await;
    alice.must(json!({"type": "delete", "room": "general", "seq": 3})).await;
    until_kept(&server, 1).await;
    let got = get(server.address, second["url"].as_str().unwrap(), &bob.token, "").await;
    assert!(got.status == 200 && got.body == content);
    // Neither when the content was first uploaded, nor that it existed before.
    assert_eq!(got.header("last-modified"), "");
    assert_eq!(got.header("etag"), format!("\"{}\"", second["id"].as_str().unwrap()));
    let since = "If-Modified-Since: Fri, 31 Dec 2099 23:59:59 GMT\r\n";
    assert_eq!(get(server.address, second["url"].as_str().unwrap(), &bob.token, since).await.status, 200);
}

#[tokio::test]
async fn up_01_up_04_xss_11_names_and_types_are_not_believed() {
    let server = Server::start().await;
    let alice = server.member("alice").await;
    for (name, content, media_type) in [
        ("../../etc/passwd", b"<html><script>alert(1)</script>".as_slice(), "application/octet-stream"),
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "application/octet-stream"),
        ("x%22;y.txt", b"plain", "text/plain"),
        ("..\\..\\x", b"MZ\x90\0", "application/octet-stream"),
        ("CON", b"PK\x03\x04", "application/zip"),
        ("x; filename*=utf-8''evil.html", b"# Words", "text/plain"),
    ] {
        let file = upload(&server, &alice.token, name, content).await;
        assert_eq!(file["media_type"], media_type, "{name}");
        let kept = file["name"].as_str().unwrap();
        assert!(!kept.contains('%') && kept != "evil.html", "{kept}");
        assert!(!kept.contains(['/', '\\']) && kept != "CON", "{kept}");
        assert!(file["width"].is_null() && file["thumb"].is_null());
        let got = get(server.address, file["url"].as_str().unwrap(), &alice.token, "").await;
        assert!(got.status == 200 && got.body == content, "{}", got.head);
        assert!(got.header("content-disposition").starts_with("attachment;"), "{}", got.head);
        assert!(got.header("content-type").starts_with(media_type), "{}", got.head);
        assert_eq!(
            got.header("content-security-policy"),
            "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        );
    }
    let inside = server.dir.path().canonicalize().unwrap();
    assert!(kept(&inside).iter().all(|path| path.starts_with(inside.join("files"))));
}

#[tokio::test]
async fn an_image_is_measured_and_made_smaller() {
    let server = Server::start().await;
    let alice = server.member("alice").await;
    let content = png();
    let file = upload(&server, &alice.token, "a.txt", &content).await;
    assert_eq!(
        (&file["media_type"], &file["width"], &file["height"]),
        (&json!("image/png"), &json!(900), &json!(600))
    );
    let got = get(server.address, file["url"].as_str().unwrap(), &alice.token, "").await;
    assert!(got.body == content && got.header("content-disposition").starts_with("inline;"), "{}", got.head);
    let got =
        get(server.address, &format!("{}?download", file["url"].as_str().unwrap()), &alice.token, "").await;
    assert!(got.header("content-disposition").starts_with("attachment;"));
    let got = get(server.address, file["thumb"].as_str().unwrap(), &alice.token, "").await;
    let small = image::load_from_memory(&got.body).unwrap();
    assert_eq!((small.width(), small.height(), got.header("content-type")), (640, 427, "image/jpeg"));
}

#[tokio::test]
async fn up_02_up_03_what_is_too_long_malformed_or_too_slow_leaves_nothing_behind() {
    let server = Server::with(|config| {
        config.file_bytes = 100_000;
        config.upload_patience = Duration::from_millis(300);
    })
    .await;
    let (at, alice) = (server.address, server.member("alice").await);
    let token = &alice.token;
    assert_eq!(post(at, token, FORM, &form("x", &noise(100_000))).await.status, 200, "the limit itself");
    let over = post(at, token, FORM, &form("x", &noise(100_001))).await;
    assert_eq!((over.status, &over.json()["code"]), (413, &json!("too_long")));
    assert_eq!(post(at, token, FORM, &form("x", &noise(9_000_000))).await.status, 413);
    // Without a length, in chunks.
    let body = form("x", &noise(500_000));
    let mut chunked = Vec::new();
    for chunk in body.chunks(10_000) {
        chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
        chunked.extend(chunk);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    let head = format!(
        "POST /api/files HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n{}\r\n",
        bearer(token)
    );
    assert_eq!(ask(at, &head, &chunked).await.status, 413);
    let parts = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n".repeat(10_000);
    let long_head =
        format!("--XX\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", "a".repeat(300_000));
    let cut = &form("x", &noise(5000))[..3000];
    for (kind, body) in [
        (FORM, parts.as_bytes()),
        (FORM, long_head.as_bytes()),
        (FORM, b"no form at all"),
        (FORM, b""),
        (FORM, cut),
        ("multipart/form-data", b"--XX\r\n"),
        ("application/json", b"{}"),
        ("text/plain", b"x"),
    ] {
        let got = post(at, token, kind, body).await;
        // If it is longer than any file may be, its length alone is enough to refuse it.
        let expected = if body.len() > 400_000 { (413, "too_long") } else { (400, "bad_request") };
        assert_eq!((got.status, got.json()["code"].as_str().unwrap()), expected, "{kind} {}", body.len());
    }
    // Half of it and then nothing, and a byte now and then.
    let slow = form("x", &noise(50_000));
    let head = |length: usize| {
        format!(
            "POST /api/files HTTP/1.1\r\nHost: {at}\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\n{}\r\n",
            bearer(token)
        )
    };
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(head(slow.len()).as_bytes()).await.unwrap();
    stream.write_all(&slow[..25_000]).await.unwrap();
    let mut answer = [0; 12];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(head(slow.len()).as_bytes()).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let drip = tokio::spawn(async move {
        for byte in slow {
            if to.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    tokio::time::timeout(PATIENCE, from.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    drip.abort();
    until_kept(&server, 1).await;
}

#[tokio::test]
async fn up_05_a_bomb_of_an_image_is_refused() {
    let server = Server::start().await;
    let alice = server.member("alice").await;
    // 16,000 x 16,000 pixels of one colour, as an encoder writes it.
    let mut bomb = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(16_000, 16_000).write_to(&mut bomb, image::ImageFormat::Png).unwrap();
    let got = post(server.address, &alice.token, FORM, &form("bomb.png", bomb.get_ref())).await;
    assert_eq!((got.status, &got.json()["code"]), (413, &json!("too_long")));
    assert!(got.json()["message"].as_str().unwrap().contains("100 million pixels"));
    until_kept(&server, 0).await;
}

#[tokio::test]
async fn up_08_a_user_keeps_so_much_and_no_more() {
    let server = Server::with(|config| config.file_quota_bytes = 10_000).await;
    let alice = server.member("alice").await;
    upload(&server, &alice.token, "a", &noise(6000)).await;
    let got = post(server.address, &alice.token, FORM, &form("b", &noise(6000))).await;
    assert_eq!((got.status, &got.json()["code"]), (403, &json!("forbidden")));
    upload(&server, &alice.token, "c", &noise(3000)).await;
    until_kept(&server, 2).await;
}

#[tokio::test]
async fn who_is_muted_everywhere_or_nobody_uploads_nothing() {
    let server = Server::start().await;
    let mut admin = server.admin("boss").await;
    let bob = server.account("bob").await;
    admin.must(json!({"type": "mute", "user": "bob", "reason": "loud"})).await;
    let got = post(server.address, &bob.token, FORM, &form("b", b"x")).await;
    assert_eq!((got.status, &got.json()["code"]), (403, &json!("muted")));
    assert_eq!(post(server.address, "chat_0", FORM, &form("b", b"x")).await.status, 401);
    let head = format!(
        "POST /api/files HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        server.address
    );
    assert_eq!(ask(server.address, &head, b"").await.status, 401);
}

#[tokio::test]
async fn what_no_message_bears_is_gone_after_a_day() {
    let time = Arc::new(AtomicI64::new(1_800_000_000_000));
    let clock = time.clone();
    let server = Server::with(|config| {
        config.clock = Clock::new(move || clock.load(Ordering::SeqCst));
        config.tidy_every = Duration::from_millis(50);
    })
    .await;
    let mut alice = server.member("alice").await;
    let borne = upload(&server, &alice.token, "a", &noise(1000)).await;
    alice
        .must(json!({"type": "send", "room": "general", "nonce": "a1", "text": "", "files": [borne["id"]]}))
        .await;
    upload(&server, &alice.token, "b", &noise(2000)).await;
    time.fetch_add(DAY_MS + 1, Ordering::SeqCst);
    until_kept(&server, 1).await;
    assert_eq!(get(server.address, borne["url"].as_str().unwrap(), &alice.token, "").await.status, 200);
}

#[tokio::test]
async fn d7_a_file_whose_message_was_acknowledged_outlives_the_servers_death_and_half_ones_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut alice = crate::support::Peer::connect(server.address).await;
    alice.hello("alice").await;
    alice.join("general").await;
    let content = noise(2_000_000);
    let file = post(server.address, &alice.token, FORM, &form("a.bin", &content)).await.json();
    alice
        .must(json!({"type": "send", "room": "general", "nonce": "a1", "text": "", "files": [file["id"]]}))
        .await;
    // Another upload is in progress.
    let half = form("b.bin", &content);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/files HTTP/1.1\r\nHost: {}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n{}\r\n",
        server.address,
        half.len(),
        bearer(&alice.token)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&half[..1_000_000]).await.unwrap();
    while kept(dir.path()).len() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.kill();
    let server = Process::start(dir.path());
    assert_eq!(kept(dir.path()).len(), 1, "the half one is gone");
    let got = get(server.address, file["url"].as_str().unwrap(), &alice.token, "").await;
    assert!(got.status == 200 && got.body == content);
}
