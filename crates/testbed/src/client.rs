//! A scripted client that expects the server to die at any time.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::PATIENCE;

/// A connection that said hello. Every method returns `None` once it is broken.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    heard: VecDeque<Value>,
    last_id: u64,
    /// The login's token.
    pub token: String,
    /// The user's id.
    pub id: i64,
    /// The server's welcome.
    pub welcome: Value,
}

impl Client {
    /// Connects with a name, or with the token of an existing user. Panics if the server refuses.
    pub async fn connect(address: SocketAddr, hello: Value) -> Option<Self> {
        let client = Self::try_connect(address, hello).await?;
        assert_eq!(client.welcome["type"], "welcome", "{}", client.welcome);
        Some(client)
    }

    /// Connects with a token that may no longer be valid.
    pub async fn connect_if_welcome(address: SocketAddr, token: &str) -> Option<Self> {
        let client = Self::try_connect(address, json!({"token": token})).await?;
        (client.welcome["type"] == "welcome").then_some(client)
    }

    async fn try_connect(address: SocketAddr, hello: Value) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        let (socket, _) = tokio_tungstenite::client_async(format!("ws://{address}/ws"), stream).await.ok()?;
        let (token, welcome) = (hello["token"].as_str().unwrap_or_default().to_owned(), Value::Null);
        let mut client = Self { socket, heard: VecDeque::new(), last_id: 0, token, id: 0, welcome };
        let mut frame = json!({"type": "hello", "protocol": 1});
        frame.as_object_mut().unwrap().extend(hello.as_object().unwrap().clone());
        let welcome = client.ask(frame).await?;
        if let Some(token) = welcome["token"].as_str() {
            token.clone_into(&mut client.token);
        }
        client.id = welcome["user"]["id"].as_i64().unwrap_or_default();
        client.welcome = welcome;
        Some(client)
    }

    /// Sends a command and returns the reply, which may be an error.
    pub async fn ask(&mut self, mut frame: Value) -> Option<Value> {
        self.last_id += 1;
        let id = self.last_id;
        frame["id"] = id.into();
        self.socket.send(Message::text(frame.to_string())).await.ok()?;
        loop {
            let frame = self.receive().await?;
            if frame["id"] == id {
                return Some(frame);
            }
            self.heard.push_back(frame);
        }
    }

    /// Returns every event that arrived and was not taken yet.
    pub fn take_heard(&mut self) -> Vec<Value> {
        self.heard.drain(..).collect()
    }

    /// Reads to the end of the connection.
    pub async fn hear_out(mut self) -> Vec<Value> {
        while let Some(frame) = self.receive().await {
            self.heard.push_back(frame);
        }
        self.take_heard()
    }

    async fn receive(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("something is heard")? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Returns all messages of a room, oldest first.
    pub async fn whole_room(&mut self, room: &str) -> Option<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().map_or(0, |last| last["seq"].as_u64().unwrap());
            let page =
                self.ask(json!({"type": "history", "room": room, "after": after, "limit": 200})).await?;
            let Some(messages) = page["messages"].as_array() else { return Some(all) };
            all.extend(messages.iter().cloned());
            if page["more"] == false {
                return Some(all);
            }
        }
    }
}

/// The maximum number of missed events that are requested when resuming.
const REPLAY: u64 = 900;

impl Client {
    /// Returns every message of a room, and the newest of its other events: those that a resume replays.
    pub async fn log(&mut self, room: &str, head: u64) -> Option<Vec<Value>> {
        let after = head.saturating_sub(REPLAY);
        let joined = self.ask(json!({"type": "join", "room": room, "after": after})).await?;
        // A replayed message is as it was, but in the history it is as it is now.
        let messages = self.whole_room(room).await?;
        // Events that did not fit into the reply followed it.
        let followed = self.heard.iter().filter(|frame| frame["room"] == room);
        let events = joined["events"].as_array().into_iter().flatten().chain(followed).cloned();
        let all = events.chain(messages).filter_map(|event| Some((event["seq"].as_u64()?, event)));
        Some(all.collect::<BTreeMap<_, _>>().into_values().collect())
    }
}

/// Sends an HTTP request as bytes, and returns the status and the body of the response.
pub async fn http(address: SocketAddr, head: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let head =
            format!("{head}Host: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(body).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
        let status = std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()?;
        let length = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        let length =
            length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let body = answer.get(end + 4..)?.to_vec();
        // A body that was cut off when the server died is not a response.
        (length.is_none_or(|length| length == body.len())).then_some((status, body))
    };
    tokio::time::timeout(PATIENCE, exchange).await.expect("it is answered")
}
