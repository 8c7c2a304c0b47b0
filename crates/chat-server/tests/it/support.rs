//! A server as a process of its own, and a scripted peer that speaks to it and to those in this process.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
pub use testbed::{PATIENCE, Server};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// How a test meets a server.
pub trait Host {
    async fn peer(&self) -> Peer;
    /// A peer who said hello and joined `general`.
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

/// A server as a process of its own; killed when dropped.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

impl Process {
    pub fn start(dir: &Path) -> Self {
        Self::spawn(Self::command(dir))
    }

    /// What starts it, to be given more options.
    pub fn command(dir: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
        command.args(["--listen", "127.0.0.1:0", "--rate-limit", "off", "--data-dir"]).arg(dir);
        command
    }

    pub fn spawn(mut command: Command) -> Self {
        command.stderr(Stdio::null());
        Self::spawn_loud(command)
    }

    /// The same with its log where `command` says.
    pub fn spawn_loud(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("the server starts");
        Self { address: address.parse().unwrap(), child }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; answers the exit code.
    pub async fn terminate(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        tokio::task::spawn_blocking(move || self.child.wait().unwrap().code()).await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A scripted client. What it hears while it waits for something else is kept for later.
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

    /// Connects to `proxy` and asks for `address`.
    pub async fn through(proxy: SocketAddr, address: SocketAddr) -> Self {
        let stream = TcpStream::connect(proxy).await.unwrap();
        let (socket, _) =
            tokio_tungstenite::client_async(format!("ws://{address}/ws"), stream).await.unwrap();
        Self { socket, heard: VecDeque::new(), last_id: 0, token: String::new(), log: String::new() }
    }

    pub async fn hello(&mut self, name: &str) -> Value {
        self.greet(json!({"type": "hello", "protocol": 1, "name": name})).await
    }

    /// Comes back with a token.
    pub async fn come(&mut self, token: &str) -> Value {
        self.greet(json!({"type": "hello", "protocol": 1, "token": token})).await
    }

    /// Comes back with a token and the last seqs seen.
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

    /// Asks under a new id and answers the reply.
    pub async fn ask(&mut self, mut frame: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        frame["id"] = id.into();
        self.send(frame).await;
        self.hear(|heard| heard["id"] == id).await
    }

    /// Asks and answers the code of the error that must come.
    pub async fn refused(&mut self, frame: Value) -> String {
        let reply = self.ask(frame).await;
        assert_eq!(reply["type"], "error", "{reply}");
        assert!(reply["message"].as_str().unwrap().ends_with('.'), "a sentence: {reply}");
        reply["code"].as_str().unwrap().to_owned()
    }

    /// Asks for something that must be done.
    pub async fn must(&mut self, frame: Value) -> Value {
        let reply = self.ask(frame.clone()).await;
        assert_ne!(reply["type"], "error", "{frame}: {reply}");
        reply
    }

    /// Asks and answers the whole error that must come.
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

    /// Writes a message and answers its seq.
    pub async fn say(&mut self, room: &str, nonce: &str, text: &str) -> u64 {
        let reply = self.ask(json!({"type": "send", "room": room, "nonce": nonce, "text": text})).await;
        assert_eq!(reply["type"], "ok", "{reply}");
        reply["seq"].as_u64().unwrap()
    }

    /// The first frame that fits, now or later.
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

    /// Takes one that fits out of what was heard already; tells whether there was one.
    pub fn heard_now(&mut self, fits: impl Fn(&Value) -> bool) -> bool {
        self.heard.iter().position(fits).and_then(|at| self.heard.remove(at)).is_some()
    }

    /// Writes a message with its text as nonce; none where the connection breaks before the answer.
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

    /// The next frame of that type.
    pub async fn hear_type(&mut self, kind: &str) -> Value {
        self.hear(|frame| frame["type"] == kind).await
    }

    /// The texts of the next messages in `room`, up to and with `last`, whose seqs must follow each other.
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

    /// Waits for the end: the goodbye's code and the close code that was really received.
    pub async fn end(&mut self) -> (Option<String>, Option<u16>) {
        let mut goodbye = None;
        loop {
            match self.receive().await {
                Ok(frame) if frame["type"] == "goodbye" => {
                    goodbye = frame["code"].as_str().map(str::to_owned);
                }
                Ok(_) => {}
                Err(close) => return (goodbye, close.map(|close| close.code.into())),
            }
        }
    }

    /// Makes sure that nothing of this type is under way: everything up to a pong is heard.
    pub async fn hears_no(&mut self, kind: &str) {
        self.ask(json!({"type": "ping"})).await;
        assert!(self.heard.iter().all(|frame| frame["type"] != kind), "{:?}", self.heard);
    }

    /// The whole room, oldest first, page by page.
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

    /// Its two directions, to write while it is read.
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
    /// Waits for the end: what the goodbye says, and the close code.
    pub async fn end(&mut self) -> (Option<String>, Option<u16>) {
        let mut goodbye = None;
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("something is heard") {
                Some(Ok(Message::Text(text))) if text.contains("goodbye") => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    goodbye = frame["text"].as_str().map(str::to_owned);
                }
                Some(Ok(Message::Close(frame))) => return (goodbye, frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return (goodbye, None),
            }
        }
    }
}

/// The direction from a peer.
pub struct Saying(SplitSink<WebSocketStream<TcpStream>, Message>);

impl Saying {
    pub async fn send(&mut self, text: &str) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        self.0.send(Message::text(text)).await
    }
}

/// An answer over HTTP.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    pub fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_lowercase(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    /// The token that was given.
    pub fn token(&self) -> String {
        assert_eq!(self.status, 200, "{} {}", self.head, self.body);
        self.body["token"].as_str().unwrap().to_owned()
    }

    /// The cookie that was set, as a browser sends it back.
    pub fn cookie(&self) -> String {
        let set = self.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

/// `POST path` with JSON and more headers.
pub async fn post(address: SocketAddr, path: &str, headers: &str, body: Value) -> Answer {
    let body = body.to_string();
    post_as(address, path, &format!("Content-Type: application/json\r\n{headers}"), &body).await
}

/// `POST path` with any body and headers.
pub async fn post_as(address: SocketAddr, path: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    Answer::read(&http(address, &request).await)
}

/// The headers of an upload of [`form`].
pub fn file_headers(token: &str) -> String {
    format!("Content-Type: multipart/form-data; boundary=XX\r\n{}", bearer(token))
}

/// A file as a form's only field.
pub fn form(name: &str, content: &str) -> String {
    format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n--XX--\r\n"
    )
}

/// `Authorization` of a token.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// A password that is good enough.
pub const PASSWORD: &str = "four words of nonsense";

/// Accounts made the way people make them.
pub trait Accounts {
    async fn register(&self, name: &str) -> String;
    /// An account, live and in `general`.
    async fn account(&self, name: &str) -> Peer;
    /// An admin, live and in `general`.
    async fn admin(&self, name: &str) -> Peer;
}

impl Accounts for Server {
    async fn register(&self, name: &str) -> String {
        post(self.address, "/api/register", "", json!({"name": name, "password": PASSWORD})).await.token()
    }

    async fn account(&self, name: &str) -> Peer {
        let token = self.register(name).await;
        let mut peer = self.peer().await;
        peer.come(&token).await;
        peer.join("general").await;
        peer
    }

    async fn admin(&self, name: &str) -> Peer {
        let peer = self.account(name).await;
        let done = operate(self, &["user", "role", name, "admin"]).await;
        assert!(done.status.success(), "{done:?}");
        peer
    }
}

/// `chat-server …` beside the running server.
pub async fn operate(server: &Server, args: &[&str]) -> std::process::Output {
    operate_with(server, args, "").await
}

/// The same with standard input.
pub async fn operate_with(server: &Server, args: &[&str], input: &str) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command.args(args).arg("--data-dir").arg(server.dir.path());
    run(command, input.to_owned()).await
}

/// Runs a program to its end.
pub async fn run(mut command: Command, input: String) -> std::process::Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ran = tokio::task::spawn_blocking(move || {
        use std::io::Write;
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    });
    ran.await.unwrap()
}

/// Seqs of messages, as they stand.
pub fn seqs(messages: &[Value]) -> Vec<u64> {
    messages.iter().map(|message| message["seq"].as_u64().unwrap()).collect()
}

/// An HTTP request as bytes, and the whole answer.
pub async fn http(address: SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// `GET path` with more headers, on a connection of its own.
pub async fn get(address: SocketAddr, path: &str, headers: &str) -> String {
    http(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"))
        .await
}
