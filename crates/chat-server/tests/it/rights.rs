//! Who may do what, and where: the AZ group of the catalogue, over the socket.

use serde_json::{Value, json};

use crate::support::{Accounts, Host, PASSWORD, Peer, Server, bearer, get, operate, post};

/// Creates a private room `secret` of alice's, with a message in it.
async fn with_secret(server: &Server) -> Peer {
    let mut alice = server.account("alice").await;
    let made =
        alice.must(json!({"type": "create", "room": "secret", "kind": "private", "topic": "hush"})).await;
    assert_eq!((&made["room"]["kind"], &made["room"]["role"]), (&json!("private"), &json!("owner")));
    alice.say("secret", "s1", "between us").await;
    alice
}

/// Returns every command that names a room, for that room.
fn commands(room: &str) -> Vec<Value> {
    let with = |mut frame: Value| {
        frame["room"] = room.into();
        frame
    };
    [
        json!({"type": "join"}),
        json!({"type": "join", "after": 0}),
        json!({"type": "leave"}),
        json!({"type": "send", "nonce": "n", "text": "x"}),
        json!({"type": "history", "before": 100}),
        json!({"type": "history", "around": 1}),
        json!({"type": "topic", "topic": "x"}),
        json!({"type": "typing"}),
        json!({"type": "read", "seq": 1}),
        json!({"type": "members"}),
        json!({"type": "members", "prefix": "a"}),
        json!({"type": "invite", "user": "bob"}),
        json!({"type": "kick", "user": "alice"}),
        json!({"type": "mute", "user": "alice"}),
        json!({"type": "unmute", "user": "alice"}),
        json!({"type": "ban", "user": "alice"}),
        json!({"type": "unban", "user": "alice"}),
        json!({"type": "role", "user": "alice", "role": "member"}),
    ]
    .map(with)
    .into()
}

#[tokio::test]
async fn az_01_a_hidden_room_cannot_be_told_from_none() {
    let server = Server::start().await;
    let mut alice = with_secret(&server).await;
    let mut carol = server.account("carol").await;
    let direct = alice.must(json!({"type": "direct", "user": "carol"})).await;
    let direct = direct["room"]["name"].as_str().unwrap().to_owned();
    let mut guest = server.member("bob").await;
    let mut admin = server.admin("boss").await;
    for asker in [&mut guest, &mut admin] {
        for (hidden, absent) in commands("secret").into_iter().zip(commands("absent")) {
            let mut there = asker.error(hidden.clone()).await;
            let mut nowhere = asker.error(absent).await;
            (there["id"], nowhere["id"]) = (Value::Null, Value::Null);
            assert_eq!(there, nowhere, "{hidden}");
            assert_eq!(there["code"], "no_such_room", "{hidden}");
        }
        for command in commands(&direct) {
            assert_eq!(asker.refused(command.clone()).await, "no_such_room", "{command}");
        }
        let rooms = asker.must(json!({"type": "rooms"})).await.to_string();
        assert!(!rooms.contains("secret") && !rooms.contains(&direct) && !rooms.contains("hush"), "{rooms}");
    }
    // Nor when the user reconnects.
    let mut again = server.peer().await;
    let welcome =
        again.resume(&guest.token, &guest.log, json!({"secret": 0, direct.as_str(): 0, "general": 0})).await;
    assert!(!welcome.to_string().contains("secret"));
    again.hears_no("reset").await;
    again.hears_no("message").await;
    // A room with that name can be created like any other, and is a different one.
    let own = guest.must(json!({"type": "create", "room": "secret"})).await;
    assert_eq!((&own["room"]["kind"], &own["room"]["head"]), (&json!("public"), &json!(0)));
    guest.say("secret", "mine", "in the room that everyone sees").await;
    assert!(alice.whole_room("secret").await.iter().all(|message| message["nonce"] != "mine"));
    carol.must(json!({"type": "history", "room": direct, "after": 0})).await;
}

#[tokio::test]
async fn az_02_nobody_acts_in_a_room_they_have_not_joined() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    for (frame, code) in [
        (json!({"type": "send", "room": "dev", "nonce": "n", "text": "x"}), "not_joined"),
        (json!({"type": "topic", "room": "dev", "topic": "x"}), "not_joined"),
        (json!({"type": "typing", "room": "dev", "id": 1}), "not_joined"),
        (json!({"type": "history", "room": "dev", "before": 9}), "not_joined"),
        (json!({"type": "read", "room": "dev", "seq": 1}), "not_joined"),
        (json!({"type": "members", "room": "dev"}), "not_joined"),
        (json!({"type": "invite", "room": "dev", "user": "alice"}), "not_joined"),
        (json!({"type": "kick", "room": "dev", "user": "alice"}), "forbidden"),
    ] {
        assert_eq!(bob.refused(frame.clone()).await, code, "{frame}");
    }
    assert_eq!(alice.whole_room("dev").await, Vec::<Value>::new());
}

#[tokio::test]
async fn az_03_a_moderator_of_one_room_is_nobody_in_another() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.account("alice").await, server.account("bob").await);
    alice.must(json!({"type": "create", "room": "hers"})).await;
    bob.must(json!({"type": "create", "room": "his"})).await;
    for peer in [&mut alice, &mut bob] {
        peer.join("hers").await;
        peer.join("his").await;
    }
    for act in ["kick", "mute", "unmute", "ban", "unban"] {
        assert_eq!(alice.refused(json!({"type": act, "room": "his", "user": "bob"})).await, "forbidden");
        assert_eq!(alice.refused(json!({"type": act, "user": "bob"})).await, "forbidden", "nor everywhere");
    }
    let grant = json!({"type": "role", "room": "his", "user": "alice", "role": "moderator"});
    assert_eq!(alice.refused(grant).await, "forbidden");
}

#[tokio::test]
async fn az_07_who_shares_no_room_learns_of_nobody() {
    let server = Server::start().await;
    let mut alice = with_secret(&server).await;
    let mut bob = server.peer().await;
    bob.hello("bob").await;
    bob.must(json!({"type": "create", "room": "alone"})).await;
    let members = bob.must(json!({"type": "members", "room": "alone", "prefix": ""})).await;
    assert_eq!(members["members"].as_array().unwrap().len(), 1);
    alice.send(json!({"type": "typing", "room": "secret"})).await;
    alice.must(json!({"type": "leave", "room": "general"})).await;
    bob.hears_no("presence").await;
    bob.hears_no("typing").await;
}

#[tokio::test]
async fn az_08_nobody_is_told_of_a_room_they_are_not_in() {
    let server = Server::start().await;
    let mut bob = server.member("bob").await;
    let mut alice = with_secret(&server).await;
    alice.must(json!({"type": "topic", "room": "secret", "topic": "for alice"})).await;
    for kind in ["message", "topic", "member", "notice"] {
        bob.hears_no(kind).await;
    }
    // But an invited user sees it and may join, and the room is told.
    alice.must(json!({"type": "invite", "room": "secret", "user": "bob"})).await;
    let notice = bob.hear_type("notice").await;
    assert_eq!((&notice["code"], &notice["room"]), (&json!("invited"), &json!("secret")));
    assert!(bob.must(json!({"type": "rooms"})).await.to_string().contains("secret"));
    let joined = bob.join("secret").await;
    assert_eq!(joined["messages"][0]["text"], "between us");
    assert_eq!(alice.hear(|f| f["change"] == "invited").await["user"]["name"], "bob");
    assert_eq!(alice.hear(|f| f["change"] == "joined").await["by"]["name"], "bob");
    bob.must(json!({"type": "leave", "room": "secret"})).await;
    assert_eq!(alice.hear(|f| f["change"] == "left").await["by"]["name"], "bob");
    assert_eq!(bob.refused(json!({"type": "join", "room": "secret"})).await, "no_such_room", "used up");
}

/// On each of their sockets, and not a frame later than the event itself, under full load.
#[tokio::test]
async fn az_09_who_is_put_out_hears_nothing_after_the_event_that_put_them_out() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    bob.join("dev").await;
    let mut second = server.peer().await;
    second.come(&bob.token).await;
    let address = server.address;
    let talk = tokio::spawn(async move {
        let mut carol = Peer::connect(address).await;
        carol.hello("carol").await;
        carol.join("dev").await;
        for n in 0..400 {
            carol
                .send(json!({"type": "send", "id": n, "room": "dev", "nonce": format!("c{n}"), "text": "x"}))
                .await;
        }
        carol.hear(|frame| frame["id"] == 399).await;
    });
    bob.hear(|frame| frame["room"] == "dev" && frame["type"] == "message").await;
    let kicked = alice.must(json!({"type": "kick", "room": "dev", "user": "bob", "reason": "enough"})).await;
    let seq = kicked["seq"].as_u64().unwrap();
    talk.await.unwrap();
    for peer in [&mut bob, &mut second] {
        let event = peer.hear(|frame| frame["change"] == "kicked").await;
        assert_eq!((&event["seq"], &event["reason"]), (&json!(seq), &json!("enough")));
        peer.must(json!({"type": "ping"})).await;
        assert!(!peer.heard_now(|frame| frame["room"] == "dev" && frame["seq"].as_u64() > Some(seq)));
        assert_eq!(peer.refused(json!({"type": "history", "room": "dev", "before": 9})).await, "not_joined");
    }
    // The user may come back, but a resume from before brings nothing by itself.
    let mut late = server.peer().await;
    let welcome = late.resume(&bob.token, &bob.log, json!({"dev": 1})).await;
    assert!(!welcome.to_string().contains("\"dev\""));
    late.hears_no("message").await;
    late.join("dev").await;
}

/// What a muted or kicked user sends at the same moment is stored before the act, or refused. It is never stored
/// after it.
#[tokio::test]
async fn az_09_no_message_of_theirs_comes_after_it_either() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    for act in ["mute", "kick", "ban"] {
        let room = format!("room-{act}");
        alice.must(json!({"type": "create", "room": room})).await;
        let mut bob = server.member(&format!("bob-{act}")).await;
        bob.join(&room).await;
        let there = room.clone();
        let talk = tokio::spawn(async move {
            // Ten in flight at a time, until one is refused.
            for n in 1000_u64.. {
                bob.send(
                    json!({"type": "send", "id": n, "room": there, "nonce": format!("{n}"), "text": "x"}),
                )
                .await;
                if n >= 1010 {
                    let reply = bob.hear(|frame| frame["id"] == n - 10).await;
                    if reply["type"] == "error" {
                        return reply;
                    }
                }
            }
            Value::Null
        });
        alice.hear(|frame| frame["room"] == room && frame["type"] == "message").await;
        let done = alice.must(json!({"type": act, "room": room, "user": format!("bob-{act}")})).await;
        let last = talk.await.unwrap();
        let code = last["code"].as_str().unwrap_or_default().to_owned();
        assert!(["muted", "not_joined"].contains(&code.as_str()), "{last}");
        let all = alice.whole_room(&room).await;
        assert!(!all.is_empty() && all.iter().all(|message| message["seq"].as_u64() < done["seq"].as_u64()));
    }
}

#[tokio::test]
async fn az_10_az_11_who_comes_back_sees_what_members_see_and_who_is_out_sees_nothing() {
    let server = Server::start().await;
    let mut alice = with_secret(&server).await;
    let mut bob = server.member("bob").await;
    alice.must(json!({"type": "invite", "room": "secret", "user": "bob"})).await;
    bob.join("secret").await;
    bob.must(json!({"type": "leave", "room": "secret"})).await;
    alice.say("secret", "s2", "while bob was away").await;
    for command in commands("secret") {
        assert_eq!(bob.refused(command.clone()).await, "no_such_room", "{command}");
    }
    let rooms = bob.must(json!({"type": "rooms"})).await;
    assert_eq!(rooms["rooms"].as_array().unwrap().len(), 1, "no count of it either: {rooms}");
    alice.must(json!({"type": "invite", "room": "secret", "user": "bob"})).await;
    let joined = bob.join("secret").await;
    assert_eq!(joined["messages"].as_array().unwrap().len(), 2, "the room's whole history is its members'");
    // After a kick from a private room the user may come back. After a ban they may not.
    alice.must(json!({"type": "kick", "room": "secret", "user": "bob"})).await;
    bob.join("secret").await;
    alice.must(json!({"type": "ban", "room": "secret", "user": "bob", "reason": "spy"})).await;
    assert_eq!(bob.refused(json!({"type": "join", "room": "secret"})).await, "no_such_room");
    assert_eq!(alice.refused(json!({"type": "invite", "room": "secret", "user": "bob"})).await, "forbidden");
    alice.must(json!({"type": "unban", "room": "secret", "user": "bob"})).await;
    assert_eq!(bob.refused(json!({"type": "join", "room": "secret"})).await, "no_such_room", "not invited");
}

#[tokio::test]
async fn az_13_nobody_acts_on_who_stands_above_them() {
    let server = Server::start().await;
    let mut owner = server.account("owner").await;
    owner.must(json!({"type": "create", "room": "dev"})).await;
    let (mut helper, mut member) = (server.account("helper").await, server.member("member").await);
    let mut admin = server.admin("boss").await;
    for peer in [&mut helper, &mut member, &mut admin] {
        peer.join("dev").await;
    }
    let role = |user: &str, role: &str| json!({"type": "role", "room": "dev", "user": user, "role": role});
    owner.must(role("helper", "moderator")).await;
    let event = member.hear(|frame| frame["change"] == "role").await;
    assert_eq!((&event["user"]["name"], &event["role"]), (&json!("helper"), &json!("moderator")));
    for act in ["kick", "mute", "ban"] {
        for (asker, refused) in [
            (&mut helper, vec![("owner", "forbidden"), ("boss", "forbidden"), ("helper", "bad_request")]),
            (&mut owner, vec![("boss", "forbidden")]),
            (&mut member, vec![("helper", "forbidden"), ("owner", "forbidden")]),
            (&mut admin, vec![("boss", "bad_request")]),
        ] {
            for (target, code) in refused {
                let asked = json!({"type": act, "room": "dev", "user": target});
                assert_eq!(asker.refused(asked).await, code, "{act} {target}");
            }
        }
    }
    assert_eq!(helper.refused(role("helper", "owner")).await, "forbidden");
    assert_eq!(helper.refused(role("owner", "member")).await, "forbidden");
    assert_eq!(member.refused(role("member", "moderator")).await, "forbidden");
    assert_eq!(owner.refused(role("owner", "member")).await, "forbidden", "the only owner");
    assert_eq!(owner.refused(role("nobody-here", "member")).await, "no_such_user");
    assert_eq!(owner.refused(role("helper", "admin")).await, "bad_request");
    assert_eq!(
        admin.refused(json!({"type": "role", "user": "boss", "role": "member"})).await,
        "forbidden",
        "the only admin"
    );
    helper.must(json!({"type": "mute", "room": "dev", "user": "member", "for_ms": 60000})).await;
    // An admin may act where nobody else in the room may, without having joined; and the last owner of a private room
    // cannot leave others locked in.
    admin.must(json!({"type": "leave", "room": "dev"})).await;
    admin.must(json!({"type": "kick", "room": "dev", "user": "owner"})).await;
    helper.must(json!({"type": "create", "room": "den", "kind": "private"})).await;
    helper.must(json!({"type": "invite", "room": "den", "user": "member"})).await;
    member.join("den").await;
    assert_eq!(helper.refused(json!({"type": "leave", "room": "den"})).await, "forbidden");
    helper.must(json!({"type": "role", "room": "den", "user": "member", "role": "owner"})).await;
    helper.must(json!({"type": "leave", "room": "den"})).await;
}

#[tokio::test]
async fn az_14_a_direct_room_is_two_users_and_nobody_elses() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.account("alice").await, server.member("bob").await);
    let mut carol = server.account("carol").await;
    let made = alice.must(json!({"type": "direct", "user": "bob"})).await;
    let room = made["room"]["name"].as_str().unwrap().to_owned();
    assert_eq!((&made["room"]["kind"], &made["room"]["user"]["name"]), (&json!("direct"), &json!("bob")));
    let opened = bob.hear(|frame| frame["type"] == "joined" && frame["id"] == Value::Null).await;
    assert_eq!((&opened["room"]["name"], &opened["room"]["user"]["name"]), (&json!(room), &json!("alice")));
    alice.say(&room, "d1", "psst").await;
    assert_eq!(bob.hear_type("message").await["text"], "psst");
    bob.say(&room, "d2", "yes?").await;
    assert_eq!(
        bob.must(json!({"type": "direct", "user": "alice"})).await["room"]["name"],
        room.as_str(),
        "the same"
    );
    for asked in [
        json!({"type": "join", "room": room}),
        json!({"type": "invite", "room": room, "user": "carol"}),
        json!({"type": "create", "room": room}),
    ] {
        carol.error(asked).await;
    }
    for act in ["invite", "kick", "mute", "ban"] {
        let asked = json!({"type": act, "room": room, "user": if act == "invite" { "carol" } else { "bob" }});
        assert_eq!(alice.refused(asked).await, "forbidden", "{act}");
    }
    assert_eq!(alice.refused(json!({"type": "direct", "user": "alice"})).await, "bad_request");
    assert_eq!(alice.refused(json!({"type": "direct", "user": "nobody-here"})).await, "no_such_user");
    let mut again = server.peer().await;
    let welcome = again.come(&bob.token).await;
    let direct = welcome["rooms"].as_array().unwrap().iter().find(|r| r["kind"] == "direct").unwrap();
    assert_eq!((&direct["user"]["name"], &direct["unread"]), (&json!("alice"), &json!(1)));
}

#[tokio::test]
async fn az_16_what_is_the_operators_is_nobody_elses() {
    let server = Server::start().await;
    let token = server.register("alice").await;
    for headers in
        ["X-Forwarded-For: 127.0.0.1\r\n".to_owned(), format!("{}X-Real-IP: ::1\r\n", bearer(&token))]
    {
        assert!(get(server.address, "/metrics", &headers).await.starts_with("HTTP/1.1 401"));
    }
    let mut guest = server.member("bob").await;
    assert_eq!(guest.refused(json!({"type": "audit"})).await, "forbidden");
    for path in ["/admin", "/api", "/api/users", "/debug", "/chat.db", "/chat.sock"] {
        assert!(get(server.address, path, &bearer(&token)).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    use std::os::unix::fs::PermissionsExt;
    let mode =
        |name: &str| std::fs::metadata(server.dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("chat.sock"), 0o600);
}

#[tokio::test]
async fn az_17_no_trick_with_methods_or_paths_is_a_way_around() {
    let server = Server::start().await;
    let token = server.register("alice").await;
    let body = json!({"old": PASSWORD, "new": "another phrase entirely"});
    for path in [
        "/api//password",
        "/api/./password",
        "/api/password/",
        "/API/password",
        "/api/%70assword;x",
        "/api/password%2f",
    ] {
        let answer = post(server.address, path, "", body.clone()).await;
        assert!(matches!(answer.status, 400 | 401 | 404), "{path}: {}", answer.status);
    }
    for method in ["DELETE", "PUT", "PATCH", "TRACE", "OPTIONS", "HEAD"] {
        let request = format!(
            "{method} /api/logout HTTP/1.1\r\nHost: {}\r\n{}X-HTTP-Method-Override: POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            server.address,
            bearer(&token)
        );
        let answer = crate::support::http(server.address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 405"), "{method}: {answer}");
    }
    server.peer().await.come(&token).await;
}

#[tokio::test]
async fn az_18_ids_that_are_none_are_refused() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    for id in [
        json!(-1),
        json!(1.5),
        json!("1"),
        json!(" 1"),
        json!([1]),
        json!(9_007_199_254_740_992_u64),
        json!(1e300),
    ] {
        alice.send(json!({"type": "ping", "id": id})).await;
        assert_eq!(alice.hear_type("error").await["code"], "bad_request", "{id}");
    }
    for seq in [json!(-1), json!(1.5), json!("1"), json!([]), json!(null)] {
        assert_eq!(
            alice.refused(json!({"type": "read", "room": "general", "seq": seq})).await,
            "bad_request",
            "{seq}"
        );
    }
    for room in [json!(7), json!(null), json!(["general"])] {
        assert_eq!(alice.refused(json!({"type": "join", "room": room})).await, "bad_request");
    }
    for room in ["General", " general", "general ", "generаl", "../general", "general\u{0}"] {
        assert_eq!(alice.refused(json!({"type": "join", "room": room})).await, "no_such_room", "{room}");
    }
    assert_eq!(
        alice
            .refused(json!({"type": "history", "room": "general", "around": 9_007_199_254_740_991_u64}))
            .await,
        "no_such_message"
    );
}

#[tokio::test]
async fn whoever_runs_the_server_can_do_all_of_it_beside_it() {
    let server = Server::start().await;
    let mut alice = server.account("alice").await;
    alice.must(json!({"type": "create", "room": "den", "kind": "private"})).await;
    let listed = String::from_utf8(operate(&server, &["user", "list"]).await.stdout).unwrap();
    assert!(listed.contains("alice") && listed.contains("account") && listed.contains("online"), "{listed}");
    let reset = operate(&server, &["user", "reset-password", "alice"]).await;
    let told = String::from_utf8(reset.stdout).unwrap();
    assert_eq!(alice.end().await, (Some("revoked".into()), Some(1008)));
    let password = told.lines().find_map(|line| line.strip_prefix("The password is ")).unwrap();
    let login = post(server.address, "/api/login", "", json!({"name": "alice", "password": password})).await;
    alice = server.peer().await;
    alice.come(&login.token()).await;
    alice.say("general", "n", "before I go").await;
    assert!(operate(&server, &["user", "delete", "alice"]).await.status.success());
    assert_eq!(alice.end().await, (Some("revoked".into()), Some(1008)));
    let mut bob = server.member("bob").await;
    let message = &bob.whole_room("general").await[0];
    assert_eq!(message["text"], "before I go");
    assert!(message["by"]["name"].as_str().unwrap().starts_with("deleted-"), "{message}");
    for wrong in [
        vec!["user", "delete", "alice"],
        vec!["user", "role", "bob", "admin"],
        vec!["user", "add", "a b"],
        vec!["user", "role", "bob", "owner"],
    ] {
        let done = operate(&server, &wrong).await;
        assert!(!done.status.success() && !done.stderr.is_empty(), "{wrong:?}");
    }
    let audit = String::from_utf8(operate(&server, &["audit"]).await.stdout).unwrap();
    for action in ["user reset-password alice", "user delete alice"] {
        assert!(audit.contains(action), "{action} in {audit}");
    }
    // And without a running server.
    let (_, dir) = server.stop().await;
    let made = crate::support::run(
        {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chat-server"));
            command.args(["--data-dir"]).arg(dir.path()).args(["user", "add", "dora", "--role", "admin"]);
            command
        },
        String::new(),
    )
    .await;
    assert!(String::from_utf8_lossy(&made.stdout).contains("Created dora as admin."), "{made:?}");
}
