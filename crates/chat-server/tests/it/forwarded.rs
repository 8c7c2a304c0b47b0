//! Addresses that a proxy in front of the server forwards.

use serde_json::json;

use crate::support::{Accounts, PASSWORD, Process, Server, bearer, post};

/// A server behind a proxy on this machine, with limits.
async fn proxied() -> Server {
    Server::with(|config| {
        config.rate_limit = true;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    })
    .await
}

/// Returns the status of a wrong guess at bob's password that a proxy forwards.
async fn guess(server: &Server, forwarded: &str) -> u16 {
    let headers: String = forwarded.split('|').map(|line| format!("X-Forwarded-For: {line}\r\n")).collect();
    post(server.address, "/api/login", &headers, json!({"name": "bob", "password": "a wrong guess"}))
        .await
        .status
}

#[tokio::test]
async fn field_16_one_persons_wrong_passwords_lock_out_nobody_else_however_their_address_is_written() {
    for (mallory, same, other) in [
        ("203.0.113.7:51234", "203.0.113.7", "203.0.113.8:51234"),
        ("\"203.0.113.7:51234\"", "203.0.113.7:1", "203.0.113.8"),
        ("[2001:db8::1]:443", "2001:db8::2", "[2001:db8:0:1::1]:443"),
        ("\"[2001:db8::1]\"", "[2001:db8::1]", "\"[2001:db8:0:1::1]\""),
        ("2001:db8::1", "\"[2001:db8::1]:9\"", "2001:db8:0:1::1"),
        ("2001:db8:0:0:0:0:0:1:443", "2001:db8::1", "2001:db8:0:1::1"),
        ("::ffff:203.0.113.7", "203.0.113.7", "::ffff:203.0.113.8"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7:80", "203.0.113.8"),
        ("fe80::1%eth0", "[fe80::2%25eth0]:443", "fe80:0:0:1::1%eth0"),
        ("6.6.6.6,\t203.0.113.7:1 , ,10.0.0.2:8080", "203.0.113.7", "203.0.113.7, 203.0.113.8:9, 10.0.0.2"),
        ("unknown|203.0.113.7:1|10.0.0.2", "203.0.113.7", "203.0.113.7|203.0.113.8"),
    ] {
        let server = proxied().await;
        let mut guesses = 0;
        while guess(&server, mallory).await == 401 {
            guesses += 1;
            assert!(guesses < 50, "{mallory} may guess for ever");
        }
        assert_eq!(guess(&server, mallory).await, 429, "{mallory}");
        assert_eq!(guess(&server, same).await, 429, "{same} is {mallory}");
        assert_eq!(guess(&server, other).await, 401, "{other} is not {mallory}");
    }
}

#[tokio::test]
async fn field_16_an_address_that_cannot_be_read_is_refused_and_becomes_nobody_elses() {
    let server = proxied().await;
    let token = server.register("alice").await;
    for unread in [
        "unknown",
        "_hidden",
        "\"_hidden:51234\"",
        "nonsense",
        "203.0.113.7:port",
        "203.0.113.7:999999",
        "203.0.113.300",
        "203.0.113.7/24",
        "[2001:db8::1",
        "[203.0.113.7",
        "203.0.113.7, unknown",
        "203.0.113.7|unknown, 10.0.0.2",
        "for=203.0.113.7",
        "\"203.0.113.7",
        "\u{fc}",
    ] {
        for path in ["/api/login", "/api/guest", "/api/register", "/api/logout"] {
            let headers: String =
                unread.split('|').map(|line| format!("X-Forwarded-For: {line}\r\n")).collect();
            let answer = post(
                server.address,
                path,
                &format!("{headers}{}", bearer(&token)),
                json!({"name": "bob", "password": PASSWORD}),
            )
            .await;
            assert_eq!(
                (answer.status, &answer.body["code"]),
                (400, &json!("bad_request")),
                "{unread} at {path}: {}",
                answer.body
            );
            let told = answer.body["message"].as_str().unwrap();
            assert!(told.contains("X-Forwarded-For"), "{told}");
        }
    }
    // Clients with readable addresses, and those without a proxy, were not counted.
    for _ in 0..40 {
        guess(&server, "unknown").await;
    }
    assert_eq!(guess(&server, "203.0.113.9").await, 401);
    assert_eq!(guess(&server, "").await, 401, "an empty list names nobody");
    // What a client itself wrote comes before what the proxy adds, and need not be readable.
    assert_eq!(guess(&server, "unknown, 203.0.113.10").await, 401);
}

#[tokio::test]
async fn field_16_a_proxy_that_is_not_named_and_an_address_that_cannot_be_read_are_logged_once() {
    let dir = tempfile::tempdir().unwrap();
    let start = |name: &str, more: &[&str]| {
        let log = dir.path().join(name);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chat-server"));
        command
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir.path().join(format!("{name}-data")))
            .args(more);
        command.stderr(std::fs::File::create(&log).unwrap());
        (Process::spawn_loud(command), log)
    };
    let count = |log: &std::path::Path, words: &str| {
        let text = std::fs::read_to_string(log).unwrap();
        text.lines().filter(|line| line.contains(words) && line.contains("WARN")).count()
    };
    let (server, log) = start("stranger", &[]);
    for _ in 0..3 {
        let headers = "X-Forwarded-For: 203.0.113.7\r\n";
        assert_eq!(post(server.address, "/api/logout", headers, json!({})).await.status, 401);
    }
    assert_eq!(server.terminate().await, Some(0));
    assert_eq!(count(&log, "--trusted-proxy"), 1);
    let (server, log) = start("unread", &["--trusted-proxy", "127.0.0.1"]);
    for _ in 0..3 {
        let headers = "X-Forwarded-For: unknown\r\n";
        assert_eq!(post(server.address, "/api/logout", headers, json!({})).await.status, 400);
    }
    assert_eq!(server.terminate().await, Some(0));
    assert_eq!((count(&log, "X-Forwarded-For"), count(&log, "--trusted-proxy")), (1, 0));
    let (server, log) = start("silent", &["--trusted-proxy", "127.0.0.1"]);
    for _ in 0..3 {
        let headers = "Forwarded: for=203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\n";
        assert_eq!(post(server.address, "/api/logout", headers, json!({})).await.status, 401);
    }
    post(server.address, "/api/logout", "", json!({})).await;
    assert_eq!(server.terminate().await, Some(0));
    assert_eq!(count(&log, "X-Forwarded-For"), 1, "a proxy that forwards no address is told of");
}
