//! The server's edges: host names and ports, cookies that a browser shares between the ports of a host, and proxies
//! that forward a client's address.

use chat_server::config::Origin;
use serde_json::{Value, json};

use crate::support::{Answer, Peer, Server, http, post};

/// Sends `POST /api/guest` as a browser at `host` would.
async fn guest_at(server: &Server, host: &str, scheme: &str, name: &str) -> Answer {
    let body = json!({ "name": name }).to_string();
    let request = format!(
        "POST /api/guest HTTP/1.1\r\nHost: {host}\r\nOrigin: {scheme}://{host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    Answer::read(&http(server.address, &request).await)
}

/// Returns the user of a page that connects with these cookies, or null.
async fn comes_as(server: &Server, cookies: &str) -> Value {
    let own = format!("http://{}", server.address);
    let mut page =
        Peer::connect_with(server.address, &[("cookie", cookies.to_owned()), ("origin", own)]).await;
    page.ask(json!({"type": "hello", "protocol": 1})).await["user"]["name"].clone()
}

#[tokio::test]
async fn field_07_two_servers_on_one_host_have_a_cookie_each() {
    let (one, two) = (Server::start().await, Server::start().await);
    let mut jar = std::collections::BTreeMap::new();
    for (server, name) in [(&one, "alice"), (&two, "bob")] {
        let cookie = post(server.address, "/api/guest", "", json!({ "name": name })).await.cookie();
        let (key, value) = cookie.split_once('=').unwrap();
        jar.insert(key.to_owned(), value.to_owned());
    }
    // A browser stores one cookie of each name for all ports, and sends all of them to each.
    let jar: Vec<String> = jar.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(comes_as(&one, &jar.join("; ")).await, "alice");
    assert_eq!(comes_as(&two, &jar.join("; ")).await, "bob");
    // Logging out here does not log out there.
    let headers = format!("Origin: http://{}\r\nCookie: {}\r\n", one.address, jar.join("; "));
    let left = post(one.address, "/api/logout", &headers, json!({})).await;
    assert_eq!(left.status, 200);
    let cleared: Vec<&str> = left.head.lines().filter(|line| line.starts_with("set-cookie: ")).collect();
    assert!(
        cleared
            .iter()
            .all(|line| line.contains("max-age=0") && !line.contains(&two.address.port().to_string())),
        "{cleared:?}"
    );
    assert_eq!(comes_as(&one, &jar.join("; ")).await, Value::Null);
    assert_eq!(comes_as(&two, &jar.join("; ")).await, "bob");
}

#[tokio::test]
async fn field_07_the_cookie_bears_the_port_that_the_browser_sees() {
    let server = Server::with(|config| {
        config.public_urls = vec![Origin::parse("https://chat.example.org").unwrap()];
    })
    .await;
    for (n, (host, scheme, expected)) in [
        ("127.0.0.1:9000", "http", "chat_session_9000="),
        ("localhost", "http", "chat_session_80="),
        ("[::1]:8123", "http", "chat_session_8123="),
        ("chat.example.org", "https", "__host-chat_session_443="),
        ("chat.example.org:8443", "https", "__host-chat_session_8443="),
        ("chat.example.org:8080", "http", "chat_session_8080="),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = guest_at(&server, host, scheme, &format!("guest{n}")).await;
        assert_eq!(answer.status, 200, "{host}: {}", answer.body);
        assert!(answer.cookie().starts_with(expected), "{host}: {}", answer.cookie());
        let is_secure = answer.head.contains("; secure");
        assert_eq!(is_secure, scheme == "https", "{host}: {}", answer.head);
    }
}

#[tokio::test]
async fn field_07_a_cookie_of_an_earlier_version_still_counts_until_one_leaves() {
    let server = Server::start().await;
    let token = post(server.address, "/api/guest", "", json!({"name": "alice"})).await.token();
    let old = format!("chat_session={token}");
    assert_eq!(comes_as(&server, &old).await, "alice");
    // The server's own cookie takes precedence, whatever another server on this host left.
    let own = post(server.address, "/api/guest", "", json!({"name": "bob"})).await.cookie();
    assert_eq!(comes_as(&server, &format!("chat_session=chat_of_another_server; {own}")).await, "bob");
    let headers = format!("Origin: http://{}\r\nCookie: {old}\r\n", server.address);
    let left = post(server.address, "/api/logout", &headers, json!({})).await;
    assert!(left.head.contains("set-cookie: chat_session=; path=/; max-age=0"), "{}", left.head);
    assert_eq!(comes_as(&server, &old).await, Value::Null);
}

#[tokio::test]
async fn field_09_any_port_is_fine_on_an_accepted_host() {
    let server = Server::with(|config| {
        let urls = ["https://chat.example.org", "http://box.local:8000"];
        config.public_urls = urls.map(|url| Origin::parse(url).unwrap()).into();
    })
    .await;
    let ask = async |lines: &str| {
        let request = format!("GET /healthz HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
        Answer::read(&http(server.address, &request).await)
    };
    for host in [
        "127.0.0.1:9000",
        "localhost:9000",
        "LOCALHOST",
        "[::1]:9000",
        "[::1]",
        "192.168.1.5:1",
        "127.9.9.9:65535",
        "chat.example.org:8443",
        "chat.example.org:443",
        "chat.example.org",
        "Box.Local",
        "box.local:9000",
        "localhost:",
    ] {
        assert_eq!(ask(&format!("Host: {host}\r\n")).await.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8000",
        "chat.example.org.",
        "xlocalhost",
        "2130706433",
        "0x7f000001",
        "::1",
    ] {
        let answer = ask(&format!("Host: {host}\r\n")).await;
        let told = answer.body["message"].as_str().unwrap_or_default().to_owned();
        match host {
            "::1" => assert_eq!(answer.status, 400, "no address without brackets (RFC 3986, 3.2.2)"),
            _ => {
                assert_eq!(answer.status, 421, "{host}");
                assert!(told.contains("--public-url") && told.contains(host), "{told}");
                assert_eq!(answer.body["code"], "misdirected");
            }
        }
    }
    // RFC 9112, 3.2: no header, several, or one that is not a host.
    for lines in [
        "",
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "Host: \r\n",
        "Host: user@localhost\r\n",
        "Host: localhost/path\r\n",
        "Host: localhost:80x\r\n",
        "Host: localhost:99999\r\n",
        "Host: a b\r\n",
        "Host: [::1\r\n",
        "Host: [localhost]\r\n",
        "Host: localhost:1:2\r\n",
    ] {
        assert_eq!(ask(lines).await.status, 400, "{lines:?}");
    }
}

#[tokio::test]
async fn field_09_a_page_behind_a_forwarded_port_logs_in_and_connects() {
    let server = Server::with(|config| {
        config.public_urls = vec![Origin::parse("https://chat.example.org").unwrap()];
    })
    .await;
    for (host, origin, expected) in [
        ("127.0.0.1:9000", "http://127.0.0.1:9000", 200),
        ("localhost:9000", "http://localhost:9000", 200),
        ("chat.example.org:8443", "https://chat.example.org:8443", 200),
        ("chat.example.org", "https://chat.example.org", 200),
        // A page of another program on this host, or of another host.
        ("127.0.0.1:9000", "http://127.0.0.1:8000", 403),
        ("localhost:9000", "http://127.0.0.1:9000", 403),
        ("127.0.0.1:9000", "https://127.0.0.1:9000", 403),
        ("127.0.0.1:9000", "null", 403),
        ("chat.example.org:8443", "https://chat.example.org:9443", 403),
        ("chat.example.org:8443", "https://evil.example:8443", 403),
        // Without TLS, anyone on the network path can pose as a host.
        ("chat.example.org", "http://chat.example.org", 403),
        ("chat.example.org:443", "http://chat.example.org:443", 403),
    ] {
        let body = json!({"name": format!("guest{}", expected)}).to_string();
        let request = format!(
            "POST /api/logout HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let status = Answer::read(&http(server.address, &request).await).status;
        // A request that passes this check is refused because it has no login.
        let expected = if expected == 200 { 401 } else { expected };
        assert_eq!(status, expected, "{origin} at {host}");
    }
}
