//! Accounts and sessions: the AUTH group of the catalogue, over the socket and over HTTP.

use chat_proto::account::Registration;
use chat_server::config::Origin;
use serde_json::{Value, json};

use crate::support::{
    Accounts, Host, PASSWORD, Peer, Server, bearer, get, http, operate, operate_with, post, post_as,
};

fn credentials(name: &str, password: &str) -> Value {
    json!({"name": name, "password": password})
}

#[tokio::test]
async fn a_guest_who_registers_stays_the_same_user_live_sessions_and_all() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.say("general", "n1", "as a guest").await;
    let id =
        alice.must(json!({"type": "members", "room": "general"})).await["members"][0]["user"]["id"].clone();
    let done =
        post(server.address, "/api/register", &bearer(&alice.token), credentials("alice", PASSWORD)).await;
    assert_eq!((&done.body["user"]["id"], &done.body["user"]["kind"]), (&id, &json!("account")));
    assert_eq!(alice.hear_type("you").await["user"]["role"], "member");
    assert_eq!(alice.say("general", "n2", "on the same socket").await, 2);
    let login = post(server.address, "/api/login", "", credentials("Alice", PASSWORD)).await;
    let mut second = server.peer().await;
    let welcome = second.come(&login.token()).await;
    assert_eq!((&welcome["user"]["id"], &welcome["rooms"][0]["name"]), (&id, &json!("general")));
    // The user stays the same under another name, and open sessions reconnect.
    let mut bob = server.member("bob").await;
    let done =
        post(server.address, "/api/register", &bearer(&bob.token), credentials("robert", PASSWORD)).await;
    assert_eq!(done.status, 200);
    assert_eq!(bob.end().await, (Some("restart".into()), Some(1001)));
    let mut robert = server.peer().await;
    assert_eq!(robert.come(&bob.token).await["user"]["name"], "robert");
}

#[tokio::test]
async fn auth_01_a_cookie_counts_only_with_the_origin_of_this_server() {
    let server = Server::start().await;
    let own = format!("http://{}", server.address);
    let login = post(server.address, "/api/register", "", credentials("alice", PASSWORD)).await;
    let cookie = login.cookie();
    let mut page =
        Peer::connect_with(server.address, &[("cookie", cookie.clone()), ("origin", own.clone())]).await;
    let welcome = page.must(json!({"type": "hello", "protocol": 1})).await;
    assert_eq!((&welcome["user"]["name"], &welcome["token"]), (&json!("alice"), &Value::Null));
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let port = server.address.port();
    for origin in [
        "Origin: https://evil.example\r\n".to_owned(),
        "Origin: null\r\n".to_owned(),
        format!("Origin: http://127.0.0.1.evil.example:{port}\r\n"),
        format!("Origin: http://evil-127.0.0.1:{port}\r\n"),
        "Origin: http://127.0.0.1:1\r\n".to_owned(),
        format!("Origin: https://{}\r\n", server.address),
        String::new(),
    ] {
        let answer = get(server.address, "/ws", &format!("{upgrade}Cookie: {cookie}\r\n{origin}")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{origin}: {answer}");
    }
}

#[tokio::test]
async fn auth_01b_under_dns_rebinding_both_names_are_the_attackers() {
    let server = Server::start().await;
    let request = "POST /api/login HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    assert!(http(server.address, request).await.starts_with("HTTP/1.1 421"));
}

#[tokio::test]
async fn auth_02_another_sites_form_changes_nothing() {
    let server = Server::start().await;
    let login = post(server.address, "/api/register", "", credentials("alice", PASSWORD)).await;
    let cookie = format!("Cookie: {}\r\n", login.cookie());
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"] {
        for origin in ["Origin: https://evil.example\r\n", "Origin: null\r\n", ""] {
            for path in ["/api/logout", "/api/login", "/api/register", "/api/password", "/api/guest"] {
                let headers =
                    format!("{cookie}{origin}Content-Type: {kind}\r\nSec-Fetch-Site: cross-site\r\n");
                let answer = post_as(server.address, path, &headers, "{}").await;
                assert_eq!(answer.status, 403, "{path} {kind} {origin}");
            }
        }
        let own = format!("Origin: http://{}\r\nContent-Type: {kind}\r\n", server.address);
        assert_eq!(post_as(server.address, "/api/login", &own, "{}").await.status, 415);
    }
    server.peer().await.come(&login.token()).await;
}

#[tokio::test]
async fn auth_03_get_changes_nothing() {
    let server = Server::start().await;
    let token = server.register("alice").await;
    for path in ["/api/register", "/api/login", "/api/logout", "/api/guest", "/api/password"] {
        let answer = get(server.address, path, &bearer(&token)).await;
        assert!(answer.starts_with("HTTP/1.1 405"), "{path}: {answer}");
    }
    server.peer().await.come(&token).await;
}

#[tokio::test]
async fn auth_04_a_login_that_someone_planted_is_exchanged() {
    let server = Server::start().await;
    server.register("alice").await;
    let own = format!("Origin: http://{}\r\n", server.address);
    let mut planted = server.member("mallory").await;
    let headers = format!("{own}Cookie: chat_session={}\r\n", planted.token);
    let done = post(server.address, "/api/login", &headers, credentials("alice", PASSWORD)).await;
    assert_ne!(done.token(), planted.token);
    assert_eq!(planted.end().await, (Some("revoked".into()), Some(1008)));
    // The same for a user who registers with a guest's cookie; the guest's live session continues.
    let mut guest = server.member("bob").await;
    let headers = format!("{own}Cookie: chat_session={}\r\n", guest.token);
    let done = post(server.address, "/api/register", &headers, credentials("bob", PASSWORD)).await;
    let fresh = done.token();
    guest.say("general", "n", "still here").await;
    let mut peer = server.peer().await;
    for old in [&planted.token, &guest.token] {
        let hello = json!({"type": "hello", "protocol": 1, "token": old});
        assert_eq!(peer.refused(hello).await, "unauthorized");
    }
    post(server.address, "/api/logout", &bearer(&fresh), json!({})).await;
    assert_eq!(guest.end().await, (Some("revoked".into()), Some(1008)), "it lives by the new one");
}

#[tokio::test]
async fn auth_05_what_is_no_password_and_no_token_is_neither() {
    let server = Server::start().await;
    server.register("alice").await;
    for password in [json!(null), json!([]), json!({"$ne": null}), json!(0), json!(true)] {
        let answer =
            post(server.address, "/api/login", "", json!({"name": "alice", "password": password})).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
    }
    for body in [json!({"name": "alice"}), json!({}), json!({"name": ["alice"], "password": PASSWORD})] {
        assert_eq!(post(server.address, "/api/login", "", body).await.status, 422);
    }
    assert_eq!(post(server.address, "/api/login", "", credentials("alice", "")).await.status, 401);
    assert_eq!(
        post_as(server.address, "/api/login", "Content-Type: application/json\r\n", "{").await.status,
        400
    );
    let mut peer = server.peer().await;
    for token in [json!(0), json!([]), json!({})] {
        assert_eq!(
            peer.refused(json!({"type": "hello", "protocol": 1, "token": token})).await,
            "bad_request"
        );
    }
    for token in ["", "1", "1-", "-"] {
        assert_eq!(
            peer.refused(json!({"type": "hello", "protocol": 1, "token": token})).await,
            "unauthorized"
        );
        assert_eq!(
            post(server.address, "/api/password", &bearer(token), json!({"old": PASSWORD, "new": PASSWORD}))
                .await
                .status,
            401
        );
    }
}

#[tokio::test]
async fn auth_06_passwords_are_measured_taken_whole_and_not_common() {
    let server = Server::start().await;
    let register = async |name: &str, password: &str| {
        post(server.address, "/api/register", "", credentials(name, password)).await.status
    };
    assert_eq!(register("a", "7 chars").await, 400);
    assert_eq!(register("a", &"long ".repeat(205)).await, 422);
    for common in ["password", "12345678", "iloveyou", "qwertyuiop", "margarethe"] {
        assert_eq!(register("margarethe", common).await, 400, "{common}");
    }
    let huge = post(server.address, "/api/register", "", credentials("a", &"x".repeat(1_000_000))).await;
    assert!(matches!(huge.status, 413 | 0), "{}", huge.status);
    let long = format!("{}z and more that counts", "a long phrase ".repeat(5));
    for (name, password) in [
        ("one", long.as_str()),
        ("two", " spaces at the ends "),
        ("three", "nul \0 inside it"),
        ("four", "pa\u{308}ssword of mine"),
    ] {
        assert_eq!(register(name, password).await, 200, "{name}");
        let login = async |password: &str| {
            post(server.address, "/api/login", "", credentials(name, password)).await.status
        };
        assert_eq!(login(password).await, 200);
        assert_eq!(login(&format!("{password}x")).await, 401);
        assert_eq!(login(&password[..password.len() - 1]).await, 401, "not cut");
    }
    assert_eq!(
        post(server.address, "/api/login", "", credentials("two", "spaces at the ends")).await.status,
        401
    );
    // A keyboard that composes letters differently types the same password (RFC 8265).
    assert_eq!(
        post(server.address, "/api/login", "", credentials("four", "p\u{e4}ssword of mine")).await.status,
        200
    );
}

#[tokio::test]
async fn auth_07_guessing_is_throttled_and_the_owner_is_not_locked_out() {
    let server = Server::with(|config| {
        config.rate_limit = true;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    server.register("alice").await;
    let from = |address: &str| format!("X-Forwarded-For: {address}\r\n");
    let mut throttled = None;
    for n in 0..20 {
        let answer = post(
            server.address,
            "/api/login",
            &from("192.0.2.1"),
            credentials("alice", &format!("wrong wrong {n}")),
        )
        .await;
        if answer.status == 429 {
            throttled = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let throttled = throttled.expect("guessing is throttled");
    assert!(throttled.head.contains("retry-after: "), "{}", throttled.head);
    assert_eq!(throttled.body["code"], "rate_limited");
    // From that address even the right password is not distinguished from a wrong one, but the owner can log in from
    // elsewhere.
    assert_eq!(
        post(server.address, "/api/login", &from("192.0.2.1"), credentials("alice", PASSWORD)).await.status,
        429
    );
    assert_eq!(
        post(server.address, "/api/login", &from("192.0.2.2"), credentials("alice", PASSWORD)).await.status,
        200
    );
    // Many names from one address.
    let mut last = 0;
    for n in 0..40 {
        last = post(
            server.address,
            "/api/login",
            &from("192.0.2.3"),
            credentials(&format!("user{n}"), PASSWORD),
        )
        .await
        .status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn auth_07_whoever_is_no_proxy_is_not_believed() {
    let server = Server::with(|config| config.rate_limit = true).await;
    server.register("alice").await;
    let mut last = 0;
    for n in 0..12 {
        let claimed = format!("X-Forwarded-For: 192.0.2.{n}\r\n");
        last =
            post(server.address, "/api/login", &claimed, credentials("alice", "a wrong guess")).await.status;
    }
    assert_eq!(last, 429, "one address, whatever it claims");
}

#[tokio::test]
async fn auth_12_a_role_counts_from_the_next_command_on() {
    let server = Server::start().await;
    let mut alice = server.admin("alice").await;
    assert_eq!(
        alice.hear(|f| f["type"] == "you" && f["user"]["role"] == "admin").await["user"]["name"],
        "alice"
    );
    alice.must(json!({"type": "audit"})).await;
    assert!(operate(&server, &["user", "role", "alice", "member"]).await.status.success());
    assert_eq!(alice.hear_type("you").await["user"]["role"], "member");
    assert_eq!(alice.refused(json!({"type": "audit"})).await, "forbidden");
}

#[tokio::test]
async fn auth_13_an_invitation_is_used_once_whoever_comes_together() {
    let server = Server::with(|config| config.registration = Registration::Invite).await;
    let none = post(server.address, "/api/register", "", credentials("alice", PASSWORD)).await;
    assert_eq!((none.status, &none.body["code"]), (403, &json!("forbidden")));
    let made = operate(&server, &["user", "invite"]).await;
    let code = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let mut tries = Vec::new();
    for n in 0..8 {
        let body = json!({"name": format!("user{n}"), "password": PASSWORD, "invitation": code});
        tries.push(post(server.address, "/api/register", "", body));
    }
    let done = futures_util::future::join_all(tries).await;
    assert_eq!(done.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(done.iter().filter(|answer| answer.status == 403).count(), 7);
    let wrong = json!({"name": "bob", "password": PASSWORD, "invitation": "0123"});
    assert_eq!(post(server.address, "/api/register", "", wrong).await.status, 403);
    let closed = Server::with(|config| {
        config.registration = Registration::Closed;
        config.guests = false;
    })
    .await;
    assert_eq!(post(closed.address, "/api/register", "", credentials("alice", PASSWORD)).await.status, 403);
    assert_eq!(post(closed.address, "/api/guest", "", json!({"name": "alice"})).await.status, 403);
    let mut peer = closed.peer().await;
    assert_eq!(peer.refused(json!({"type": "hello", "protocol": 1, "name": "alice"})).await, "forbidden");
    let info = get(closed.address, "/api/server", "").await;
    assert!(info.contains(r#""guests":false,"registration":"closed""#), "{info}");
}

#[tokio::test]
async fn auth_14_one_name_is_one_account_whoever_comes_together() {
    let server = Server::start().await;
    let names = ["alice", "ALICE", "a1ice", "alice", "ａｌｉｃｅ"];
    let tries = names.map(|name| post(server.address, "/api/register", "", credentials(name, PASSWORD)));
    let done = futures_util::future::join_all(tries).await;
    assert_eq!(done.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(done.iter().filter(|answer| answer.status == 409).count(), 4);
}

#[tokio::test]
async fn auth_15_nobody_gives_themselves_a_role() {
    let server = Server::start().await;
    let body = json!({"name": "alice", "password": PASSWORD, "role": "admin", "is_admin": true, "id": 1, "kind": "bot"});
    let done = post(server.address, "/api/register", "", body).await;
    assert_eq!(done.body["user"]["role"], "member");
    assert_eq!(done.body["user"]["kind"], "account");
    let guest = post(server.address, "/api/guest", "", json!({"name": "bob", "role": "admin"})).await;
    assert_eq!(guest.body["user"]["role"], "guest");
    let mut bob = server.peer().await;
    bob.come(&guest.token()).await;
    bob.must(json!({"type": "create", "room": "dev", "role": "admin"})).await;
    for (user, role) in [("bob", "admin"), ("bob", "member"), ("alice", "admin")] {
        assert_eq!(bob.refused(json!({"type": "role", "user": user, "role": role})).await, "forbidden");
    }
}

#[tokio::test]
async fn auth_16_the_cookie_is_kept_from_scripts_and_other_sites() {
    let server = Server::with(|config| {
        config.public_urls = vec![Origin::parse("https://chat.example.org").unwrap()];
    })
    .await;
    let plain = post(server.address, "/api/guest", "", json!({"name": "alice"})).await;
    let set = plain.head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    let port = server.address.port();
    assert!(set.starts_with(&format!("set-cookie: chat_session_{port}=chat_")), "{set}");
    for part in ["path=/", "httponly", "samesite=lax", "max-age="] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("secure") && !set.contains("domain"), "{set}");
    let body = json!({"name": "bob"}).to_string();
    let over_tls = http(
        server.address,
        &format!(
            "POST /api/guest HTTP/1.1\r\nHost: chat.example.org\r\nOrigin: https://chat.example.org\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
    )
    .await
    .to_lowercase();
    assert!(
        over_tls.contains("set-cookie: __host-chat_session_443=chat_") && over_tls.contains("; secure"),
        "{over_tls}"
    );
    let token = plain.token();
    assert!(token.len() >= "chat_".len() + 64, "256 random bits");
}

#[tokio::test]
async fn auth_17_a_name_is_its_owners_whoever_comes_after() {
    let server = Server::start().await;
    server.register("alice").await;
    let mut guest = server.peer().await;
    let refused = guest.error(json!({"type": "hello", "protocol": 1, "name": "Alice"})).await;
    assert_eq!((&refused["code"], &refused["registered"]), (&json!("name_taken"), &json!(true)));
    let mut bob = server.member("bob").await;
    bob.say("general", "n", "mine").await;
    let taken = post(server.address, "/api/register", "", credentials("bob", PASSWORD)).await;
    assert_eq!((taken.status, &taken.body["code"]), (409, &json!("name_taken")));
    let other = server.register("carol").await;
    let stays = post(server.address, "/api/register", &bearer(&other), credentials("carol2", PASSWORD)).await;
    assert_eq!(stays.status, 400, "an account does not become another");
}

#[tokio::test]
async fn auth_18_a_token_in_the_address_is_none() {
    let server = Server::start().await;
    let token = server.register("alice").await;
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let mut peer = Peer::connect(server.address).await;
    assert_eq!(peer.refused(json!({"type": "hello", "protocol": 1})).await, "bad_request");
    let answer = post(
        server.address,
        &format!("/api/password?token={token}"),
        "",
        json!({"old": PASSWORD, "new": "something else"}),
    )
    .await;
    assert_eq!(answer.status, 401);
    assert!(
        !get(server.address, &format!("/nothing?token={token}"), upgrade).await.contains(&token),
        "not reflected"
    );
}

#[tokio::test]
async fn auth_19_there_is_no_admin_until_the_operator_makes_one() {
    let server = Server::start().await;
    for name in ["admin", "root", "administrator"] {
        let answer = post(server.address, "/api/register", "", credentials(name, PASSWORD)).await;
        assert_eq!((answer.status, &answer.body["code"]), (422, &json!("name_invalid")));
        for password in ["admin", "password", "", "changeme"] {
            assert_eq!(post(server.address, "/api/login", "", credentials(name, password)).await.status, 401);
        }
    }
    assert_eq!(server.account("first").await.refused(json!({"type": "audit"})).await, "forbidden");
    let made = operate_with(
        &server,
        &["user", "add", "boss", "--role", "admin", "--password-stdin"],
        &format!("{PASSWORD}\n"),
    )
    .await;
    assert!(made.status.success(), "{made:?}");
    let token = post(server.address, "/api/login", "", credentials("boss", PASSWORD)).await.token();
    let mut boss = server.peer().await;
    assert_eq!(boss.come(&token).await["user"]["role"], "admin");
}

#[tokio::test]
async fn auth_20_what_is_stored_is_a_strong_hash_of_its_own() {
    let server = Server::start().await;
    let tokens = [server.register("alice").await, server.register("bob").await];
    let (_, dir) = server.stop().await;
    let mut hashes = 0;
    let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| path.is_file()) {
        let bytes = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        hashes += text.matches("$argon2id$v=19$m=19456,t=2,p=1$").count();
        assert!(!text.contains(PASSWORD));
        for token in &tokens {
            assert!(!text.contains(token.as_str()) && !text.contains(&token[5..25]));
        }
    }
    assert!(hashes >= 2);
}
