//! What is served over HTTP, and with which headers.

use serde_json::json;

use crate::support::{Host, Server, get, http, post};

#[tokio::test]
async fn hdr_01_hdr_02_the_page_comes_with_its_types_a_tag_and_a_strict_policy() {
    let server = Server::start().await;
    let root = get(server.address, "/", "").await;
    assert!(root.starts_with("HTTP/1.1 308") && root.contains("location: /chat/"), "{root}");
    let page = get(server.address, "/chat/", "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for header in [
        "content-type: text/html; charset=utf-8",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "default-src 'none'; script-src 'self'; style-src 'self'",
        "frame-ancestors 'none'",
        "cache-control: no-cache",
    ] {
        assert!(page.contains(header), "{header}");
    }
    let tag = page.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().trim().to_owned();
    let again = get(server.address, "/chat/", &format!("If-None-Match: {tag}\r\n")).await;
    assert!(again.starts_with("HTTP/1.1 304") && !again.contains("<html"), "{again}");
    let script = get(server.address, "/chat/app.js", "").await;
    assert!(
        script.starts_with("HTTP/1.1 200") && script.contains("content-type: text/javascript; charset=utf-8")
    );
}

#[tokio::test]
async fn hdr_05_hdr_06_hdr_07_nothing_else_is_served() {
    let server = Server::start().await;
    for path in [
        "/chat/../Cargo.toml",
        "/chat/%2e%2e/Cargo.toml",
        "/chat/..%2f..%2fCargo.toml",
        "/chat//etc/passwd",
        "/chat/.hidden",
        "/chat/nothing.js",
        "/etc/passwd",
        "/<script>",
    ] {
        let answer = get(server.address, path, "").await;
        assert!(answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
        assert!(!answer.contains("<script>"), "not reflected");
    }
    let foreign =
        http(server.address, "GET /chat/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").await;
    assert!(foreign.starts_with("HTTP/1.1 421"), "{foreign}");
    let many = "X: y\r\n".repeat(100);
    assert!(get(server.address, "/chat/", &many).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn health_and_metrics() {
    let server = Server::with(|config| config.metrics_token = Some("secret-token".to_owned().into())).await;
    let mut alice = server.member("alice").await;
    alice.say("general", "n", "x").await;
    assert!(get(server.address, "/healthz", "").await.starts_with("HTTP/1.1 200"));
    assert!(get(server.address, "/readyz", "").await.starts_with("HTTP/1.1 200"));
    for header in ["", "Authorization: Bearer wrong\r\n", "Authorization: secret-token\r\n"] {
        assert!(get(server.address, "/metrics", header).await.starts_with("HTTP/1.1 401"));
    }
    let metrics = get(server.address, "/metrics", "Authorization: Bearer secret-token\r\n").await;
    for line in
        ["chat_events_total 1", "chat_sessions 1", "chat_commit_seconds_count", "chat_deliveries_total 1"]
    {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    let open = Server::start().await;
    assert!(get(open.address, "/metrics", "").await.starts_with("HTTP/1.1 200"));
    assert!(
        get(open.address, "/metrics", "X-Forwarded-For: 127.0.0.1\r\n").await.starts_with("HTTP/1.1 401")
    );
}

#[tokio::test]
async fn hdr_02_every_answer_is_hardened() {
    let server = Server::start().await;
    for path in [
        "/",
        "/chat/",
        "/chat/app.js",
        "/nothing",
        "/api/server",
        "/api/login",
        "/ws",
        "/healthz",
        "/readyz",
        "/metrics",
    ] {
        let answer = get(server.address, path, "").await.to_lowercase();
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cross-origin-opener-policy: same-origin",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(answer.contains(header), "{path}: {header}");
        }
        assert!(!answer.contains("\nserver:"), "{path} tells no version");
    }
}

#[tokio::test]
async fn hdr_03_over_tls_browsers_are_told_to_stay_there() {
    let server = Server::with(|config| {
        config.public_urls = vec![chat_server::config::Origin::parse("https://chat.example.org").unwrap()];
    })
    .await;
    let request = "GET /chat/ HTTP/1.1\r\nHost: chat.example.org\r\nConnection: close\r\n\r\n";
    assert!(http(server.address, request).await.contains("strict-transport-security: max-age=31536000"));
    assert!(!get(server.address, "/chat/", "").await.contains("strict-transport-security"));
}

#[tokio::test]
async fn hdr_04_no_other_site_may_read_anything() {
    let server = Server::start().await;
    let preflight = format!(
        "OPTIONS /api/login HTTP/1.1\r\nHost: {}\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n",
        server.address
    );
    let answer = http(server.address, &preflight).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 403") && !answer.contains("access-control-allow"), "{answer}");
    let answer = get(server.address, "/api/server", &format!("Origin: http://{}\r\n", server.address)).await;
    assert!(!answer.to_lowercase().contains("access-control-allow"));
}

#[tokio::test]
async fn hdr_05_no_name_from_a_header_is_ever_believed() {
    let server = Server::start().await;
    let root =
        get(server.address, "/", "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n").await;
    assert!(root.contains("location: /chat/") && !root.contains("evil"), "{root}");
    let absolute =
        "GET http://evil.example/chat/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(http(server.address, absolute).await.starts_with("HTTP/1.1 421"));
    let twice = format!(
        "GET /chat/ HTTP/1.1\r\nHost: {}\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        server.address
    );
    assert!(!http(server.address, &twice).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn hdr_08_what_is_about_someone_is_kept_nowhere() {
    let server = Server::start().await;
    let guest = post(server.address, "/api/guest", "", json!({"name": "alice"})).await;
    assert!(guest.head.contains("cache-control: no-store"), "{}", guest.head);
    for path in ["/api/server", "/metrics", "/nothing"] {
        assert!(get(server.address, path, "").await.contains("cache-control: no-store"), "{path}");
    }
    assert!(
        get(server.address, "/chat/", "").await.contains("cache-control: no-cache"),
        "asked for again each time"
    );
}

#[tokio::test]
async fn hdr_09_the_page_asks_nothing_of_other_hosts() {
    let server = Server::start().await;
    let page = get(server.address, "/chat/", "").await;
    let (_, body) = page.split_once("\r\n\r\n").unwrap();
    for foreign in ["http://", "https://", "src=\"//", "href=\"//"] {
        assert!(!body.contains(foreign), "{foreign} in {body}");
    }
}
