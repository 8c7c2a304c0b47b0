//! Pages of history.

use serde_json::json;

use crate::support::{Host, Server, seqs};

#[tokio::test]
async fn pages_in_every_direction_agree_and_tell_whether_there_is_more() {
    let server = Server::start().await;
    let mut alice = server.member("alice").await;
    for n in 1..=30_u64 {
        if n == 10 {
            alice.ask(json!({"type": "topic", "room": "general", "topic": "ten"})).await;
        } else {
            alice.say("general", &format!("n{n}"), &n.to_string()).await;
        }
    }
    let page = async |alice: &mut crate::support::Peer, mut frame: serde_json::Value| {
        (frame["type"], frame["room"]) = (json!("history"), json!("general"));
        let reply = alice.ask(frame).await;
        (seqs(reply["messages"].as_array().unwrap()), reply["more"].as_bool().unwrap())
    };
    assert_eq!(page(&mut alice, json!({"before": 31, "limit": 3})).await, (vec![28, 29, 30], true));
    assert_eq!(
        page(&mut alice, json!({"before": 12, "limit": 3})).await,
        (vec![8, 9, 11], true),
        "a topic is no message"
    );
    assert_eq!(page(&mut alice, json!({"before": 3, "limit": 2})).await, (vec![1, 2], false));
    assert_eq!(page(&mut alice, json!({"before": 1})).await, (vec![], false));
    assert_eq!(page(&mut alice, json!({"after": 27, "limit": 3})).await, (vec![28, 29, 30], false));
    assert_eq!(page(&mut alice, json!({"after": 0, "limit": 2})).await, (vec![1, 2], true));
    assert_eq!(page(&mut alice, json!({"after": 30})).await, (vec![], false));
    assert_eq!(page(&mut alice, json!({"around": 20, "limit": 4})).await, (vec![18, 19, 20, 21], true));
    assert_eq!(page(&mut alice, json!({"around": 1, "limit": 4})).await, (vec![1, 2, 3, 4], false));
    assert_eq!(page(&mut alice, json!({"before": 9_007_199_254_740_991_u64, "limit": 0})).await.0.len(), 1);
    assert_eq!(page(&mut alice, json!({"before": 31, "limit": 1_000_000_000})).await.0.len(), 29);
    for (frame, code) in [
        (json!({}), "bad_request"),
        (json!({"before": 2, "after": 1}), "bad_request"),
        (json!({"before": -1}), "bad_request"),
        (json!({"before": "x"}), "bad_request"),
        (json!({"around": 31}), "no_such_message"),
        (json!({"around": 0}), "no_such_message"),
    ] {
        let mut frame = frame;
        (frame["type"], frame["room"]) = (json!("history"), json!("general"));
        assert_eq!(alice.refused(frame).await, code);
    }
}
