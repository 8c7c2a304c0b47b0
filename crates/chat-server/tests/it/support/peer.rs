//! A scripted peer, which talks to a server frame by frame.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use testbed::{PATIENCE, Server};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// Lets peers connect to a server.
pub trait Host {
    async fn peer(&self) -> Peer;
    /// Connects a peer that said hello and joined `general`.
    async fn member(&self, name: &str) -> Peer;
}

impl Host for Server {
    async fn peer(&self) -> Peer {
        Peer::connect(self.address).await
    }

    async fn member(&self, name: &str) -> Peer {
        let mut peer = self.peer().await;
        peer.hello(name).await;
        peer.join("general").await;
        peer
    }
}

/// A scripted client. Frames that arrive while it waits for another are kept for later.
pub struct Peer {
    socket: WebSocketStream<TcpStream>,
    heard: VecDeque<Value>,
    last_id: u64,
    pub token: String,
    pub log: String,
}

impl Peer {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::through(address, address).await
    }

    /// Connects to `proxy`, requesting `address`.
    pub async fn through(proxy: SocketAddr, address: SocketAddr) -> Self {
        let stream = TcpStream::connect(proxy).await.unwrap();
        let (socket, _) =
            tokio_tungstenite::client_async(format!("ws://{address}/ws"), stream).await.unwrap();
        Self { socket, heard: VecDeque::new(), last_id: 0, token: String::new(), log: String::new() }
    }

    pub async fn hello(&mut self, name: &str) -> Value {
        self.greet(json!({"type": "hello", "protocol": 1, "name": name})).await
    }

    /// Resumes with a token.
    pub async fn come(&mut self, token: &str) -> Value {
        self.greet(json!({"type": "hello", "protocol": 1, "token": token})).await
    }

    /// Resumes with a token and the last seqs seen.
    pub async fn resume(&mut self, token: &str, log: &str, cursors: Value) -> Value {
        self.greet(json!({"type": "hello", "protocol": 1, "token": token, "resume": cursors, "log": log}))
            .await
    }

    async fn greet(&mut self, hello: Value) -> Value {
        let welcome = self.ask(hello).await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        welcome["token"].as_str().unwrap_or_default().clone_into(&mut self.token);
        welcome["server"]["log"].as_str().unwrap().clone_into(&mut self.log);
        welcome
    }

    pub async fn join(&mut self, room: &str) -> Value {
        let joined = self.ask(json!({"type": "join", "room": room})).await;
        assert_eq!(joined["type"], "joined", "{joined}");
        joined
    }

    pub async fn send(&mut self, frame: Value) {
        self.raw(Message::text(frame.to_string())).await;
    }

    pub async fn raw(&mut self, message: Message) {
        tokio::time::timeout(PATIENCE, self.socket.send(message))
            .await
            .expect("it takes what is sent")
            .unwrap();
    }

    /// Sends a command with a new id and returns the reply.
    pub async fn ask(&mut self, mut frame: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        frame["id"] = id.into();
        self.send(frame).await;
        self.hear(|heard| heard["id"] == id).await
    }

    /// Sends a command and returns the code of the error that must come.
    pub async fn refused(&mut self, frame: Value) -> String {
        let reply = self.ask(frame).await;
        assert_eq!(reply["type"], "error", "{reply}");
        assert!(reply["message"].as_str().unwrap().ends_with('.'), "a sentence: {reply}");
        reply["code"].as_str().unwrap().to_owned()
    }

    /// Sends a command that must succeed.
    pub async fn must(&mut self, frame: Value) -> Value {
        let reply = self.ask(frame.clone()).await;
        assert_ne!(reply["type"], "error", "{frame}: {reply}");
        reply
    }

    /// Sends a command and returns the whole error that must come.
    pub async fn error(&mut self, frame: Value) -> Value {
        let reply = self.ask(frame).await;
        assert_eq!(reply["type"], "error", "{reply}");
        reply
    }

    /// Connects with more headers.
    pub async fn connect_with(address: SocketAddr, headers: &[(&'static str, String)]) -> Self {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest;
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        Self { socket, heard: VecDeque::new(), last_id: 0, token: String::new(), log: String::new() }
    }

    /// Sends a message and returns its seq.
    pub async fn say(&mut self, room: &str, nonce: &str, text: &str) -> u64 {
        let reply = self.ask(json!({"type": "send", "room": room, "nonce": nonce, "text": text})).await;
        assert_eq!(reply["type"], "ok", "{reply}");
        reply["seq"].as_u64().unwrap()
    }

    /// Returns the first frame that fits, already received or not.
    pub async fn hear(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.heard.iter().position(&fits) {
            return self.heard.remove(at).unwrap();
        }
        loop {
            let frame = self.receive().await.expect("the connection is open");
            if fits(&frame) {
                return frame;
            }
            self.heard.push_back(frame);
        }
    }

    /// Removes a frame that fits from those already received. Returns whether there was one.
    pub fn heard_now(&mut self, fits: impl Fn(&Value) -> bool) -> bool {
        self.heard.iter().position(fits).and_then(|at| self.heard.remove(at)).is_some()
    }

    /// Sends a message with its text as the key. Returns `None` if the connection breaks before the reply.
    pub async fn try_say(&mut self, room: &str, text: &str) -> Option<u64> {
        self.last_id += 1;
        let id = self.last_id;
        let frame = json!({"type": "send", "id": id, "room": room, "nonce": text, "text": text});
        self.socket.send(Message::text(frame.to_string())).await.ok()?;
        loop {
            let frame = self.receive().await.ok()?;
            if frame["id"] == id {
                return frame["seq"].as_u64();
            }
        }
    }

    /// Returns the next frame of that type.
    pub async fn hear_type(&mut self, kind: &str) -> Value {
        self.hear(|frame| frame["type"] == kind).await
    }

    /// Returns the texts of the next messages in `room`, up to and including `last`. Their seqs must be consecutive.
    pub async fn texts_until(&mut self, room: &str, last: &str) -> Vec<String> {
        let (mut texts, mut before) = (Vec::new(), None);
        loop {
            let frame = self.hear(|frame| frame["type"] == "message" && frame["room"] == room).await;
            let seq = frame["seq"].as_u64().unwrap();
            assert!(before.is_none_or(|before| seq == before + 1), "{seq} after {before:?}");
            before = Some(seq);
            texts.push(frame["text"].as_str().unwrap().to_owned());
            if frame["text"] == last {
                return texts;
            }
        }
    }

    async fn receive(&mut self) -> Result<Value, Option<CloseFrame>> {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("something is heard");
            match message {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Waits for the end. Returns the goodbye's code and the close code that arrived.
    pub async fn end(&mut self) -> (Option<String>, Option<u16>) {
        let (goodbye, close) = end_of(&mut self.socket).await;
        (goodbye["code"].as_str().map(str::to_owned), close)
    }

    /// Asserts that no frame of this type is in flight, by reading everything up to a pong.
    pub async fn hears_no(&mut self, kind: &str) {
        self.ask(json!({"type": "ping"})).await;
        assert!(self.heard.iter().all(|frame| frame["type"] != kind), "{:?}", self.heard);
    }

    /// Returns the whole room, oldest first, read page by page.
    pub async fn whole_room(&mut self, room: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let after = all.last().map_or(0, |last: &Value| last["seq"].as_u64().unwrap());
            let page = self.ask(json!({"type": "history", "room": room, "after": after, "limit": 200})).await;
            all.extend(page["messages"].as_array().unwrap().iter().cloned());
            if page["more"] == false {
                return all;
            }
        }
    }

    /// Splits it, to write while it is read.
    pub fn split(self) -> (Hearing, Saying) {
        let (saying, hearing) = self.socket.split();
        (Hearing(hearing), Saying(saying))
    }

    pub fn into_stream(self) -> TcpStream {
        self.socket.into_inner()
    }
}

/// The direction towards a peer.
pub struct Hearing(SplitStream<WebSocketStream<TcpStream>>);

impl Hearing {
    /// Waits for the end. Returns the goodbye's text and the close code.
    pub async fn end(&mut self) -> (Option<String>, Option<u16>) {
        let (goodbye, close) = end_of(&mut self.0).await;
        (goodbye["text"].as_str().map(str::to_owned), close)
    }
}

/// Reads a connection to its end. Returns the goodbye, if there was one, and the close code that arrived.
async fn end_of(socket: &mut (impl Stream<Item = Result<Message, WsError>> + Unpin)) -> (Value, Option<u16>) {
    let mut goodbye = Value::Null;
    loop {
        match tokio::time::timeout(PATIENCE, socket.next()).await.expect("something is heard") {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                if frame["type"] == "goodbye" {
                    goodbye = frame;
                }
            }
            Some(Ok(Message::Close(frame))) => return (goodbye, frame.map(|frame| frame.code.into())),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return (goodbye, None),
        }
    }
}

/// The direction from a peer.
pub struct Saying(SplitSink<WebSocketStream<TcpStream>, Message>);

impl Saying {
    pub async fn send(&mut self, text: &str) -> Result<(), WsError> {
        self.0.send(Message::text(text)).await
    }
}
