use crate::support::{Host, Server, get, http};

#[tokio::test]
async fn the_page_comes_with_its_types_a_tag_and_a_strict_policy() {
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
async fn nothing_else_is_served() {
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
