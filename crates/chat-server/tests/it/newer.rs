//! Rows that a newer server wrote are passed on, and grant nothing.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::{Value, json};

use crate::support::{Host, Server};

/// Restarts a server after its database was changed.
async fn changed(server: Server, sql: &str) -> Server {
    let (address, dir) = server.stop().await;
    let path = dir.path().join("chat.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute(&format!("PRAGMA ignore_check_constraints = ON; {sql}")).unwrap();
    drop(conn);
    Server::on(address, dir, |_| {}).await
}

const ROWS: &str = "
    INSERT INTO events (room_id, seq, at, by_user, kind, text, detail, target)
        SELECT room_id, 2, at, by_user, 'poll', 'tea?', '{\"choices\":[1]}', 1 FROM events WHERE seq = 1;
    INSERT INTO events (room_id, seq, at, by_user, kind, detail)
        SELECT room_id, 3, at, by_user, 'member', '{\"user\":' || by_user || ',\"change\":\"knighted\"}'
        FROM events WHERE seq = 1;
    INSERT INTO events (room_id, seq, at, by_user, kind, detail)
        SELECT room_id, 4, at, by_user, 'member', 'no JSON' FROM events WHERE seq = 1;
    INSERT INTO events (room_id, seq, at, by_user, kind, text, detail)
        SELECT room_id, 5, at, by_user, 'message', 'newer words', '{\"mentions\":{\"all\":true}}'
        FROM events WHERE seq = 1;";

#[tokio::test]
async fn rows_of_an_unknown_kind_are_passed_on() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.say("general", "n", "hello").await;
    let server = changed(server, ROWS).await;
    let mut again = server.peer().await;
    let welcome = again.resume(&alice.token, &alice.log, json!({"general": 1})).await;
    assert!(welcome["server"]["features"].as_array().unwrap().iter().all(|name| name.is_string()));
    let by = welcome["user"].as_object().unwrap();
    let by = json!({"id": by["id"], "name": by["name"]});
    let poll = again.hear_type("poll").await;
    assert_eq!(poll, json!({"type": "poll", "room": "general", "seq": 2, "at": poll["at"], "by": by}));
    let change = again.hear(|frame| frame["seq"] == 3).await;
    assert_eq!((&change["type"], &change["change"]), (&json!("member"), &json!("knighted")));
    let odd = again.hear(|frame| frame["seq"] == 4).await;
    assert_eq!(odd, json!({"type": "member", "room": "general", "seq": 4, "at": odd["at"], "by": by}));
    assert_eq!(again.hear(|frame| frame["seq"] == 5).await["text"], "newer words");

    let joined = again.must(json!({"type": "join", "room": "general", "after": 1})).await;
    let seqs = |list: &Value| -> Vec<u64> {
        list.as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect()
    };
    assert_eq!(seqs(&joined["events"]), [2, 3, 4, 5]);
    for page in [json!({"before": 9}), json!({"after": 0}), json!({"around": 2})] {
        let mut ask = json!({"type": "history", "room": "general"});
        ask.as_object_mut().unwrap().extend(page.as_object().unwrap().clone());
        assert_eq!(seqs(&again.must(ask).await["messages"]), [1, 5]);
    }
    let found = again.must(json!({"type": "search", "query": "hello"})).await;
    assert_eq!(seqs(&found["messages"]), [1]);
}

#[tokio::test]
async fn unknown_roles_and_kinds_grant_nothing_and_are_passed_on() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    let mut bob = server.member("bob").await;
    bob.must(json!({"type": "join", "room": "dev"})).await;
    alice.say("dev", "n", "hello").await;
    let sql = "UPDATE rooms SET kind = 'broadcast' WHERE name = 'dev';
        UPDATE members SET role = 'speaker', notify = 'weekly';
        UPDATE users SET role = 'auditor', kind = 'agent' WHERE name = 'bob';";
    let server = changed(server, sql).await;
    let mut again = server.peer().await;
    let welcome = again.come(&bob.token).await;
    assert_eq!((&welcome["user"]["role"], &welcome["user"]["kind"]), (&json!("auditor"), &json!("agent")));
    let rooms = welcome["rooms"].as_array().unwrap();
    let dev = rooms.iter().find(|room| room["name"] == "dev").unwrap();
    assert_eq!(
        (&dev["kind"], &dev["role"], &dev["notify"]),
        (&json!("broadcast"), &json!("speaker"), &json!("weekly"))
    );
    for frame in [
        json!({"type": "kick", "room": "dev", "user": "alice"}),
        json!({"type": "role", "room": "dev", "user": "alice", "role": "member"}),
        json!({"type": "delete", "room": "dev", "seq": 1}),
        json!({"type": "invite", "room": "dev", "user": "alice"}),
        json!({"type": "audit"}),
        json!({"type": "ban", "user": "alice"}),
    ] {
        assert_eq!(again.refused(frame).await, "forbidden");
    }
    let members = again.must(json!({"type": "members", "room": "dev"})).await;
    assert_eq!(members["members"][0]["role"], "speaker");
    // A user who is not in the room cannot tell it from one that does not exist.
    let mut carol = server.member("carol").await;
    for frame in
        [json!({"type": "join", "room": "dev"}), json!({"type": "history", "room": "dev", "before": 9})]
    {
        assert_eq!(carol.refused(frame).await, "no_such_room");
    }
    let listed = carol.must(json!({"type": "rooms"})).await;
    assert!(!listed["rooms"].as_array().unwrap().iter().any(|room| room["name"] == "dev"));
}

#[tokio::test]
async fn a_command_with_an_unknown_value_is_a_bad_request() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    alice.must(json!({"type": "create", "room": "dev"})).await;
    for frame in [
        json!({"type": "role", "room": "dev", "user": "alice", "role": "emperor"}),
        json!({"type": "role", "user": "alice", "role": "emperor"}),
        json!({"type": "notify", "room": "dev", "level": "weekly"}),
        json!({"type": "create", "room": "ops", "kind": "broadcast"}),
    ] {
        assert_eq!(alice.refused(frame).await, "bad_request");
    }
}
