//! What a client does until its server dies.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::ledger::{Attempt, Ledger, State};
use crate::chance::Chance;
use crate::client::{Client, http};

/// A running client. It returns everything that it received.
pub(super) type Running = JoinHandle<Vec<Value>>;

/// The rooms, and whether each is private.
pub(super) const ROOMS: [(&str, bool); 3] = [("general", false), ("dev", false), ("secret", true)];

const EMOJI: [&str; 3] = ["👍", "🎉", "❤️"];

/// Lets client `n` run, for a time or until the connection breaks.
pub(super) fn begin(
    address: SocketAddr,
    n: usize,
    ledger: Arc<Ledger>,
    chance: Chance,
    time: Option<Duration>,
) -> Running {
    tokio::spawn(async move {
        let Some(client) = arrive(address, n, &ledger).await else { return Vec::new() };
        let mut load = Load { client, name: name(n), ledger, chance, address };
        let began = Instant::now();
        while time.is_none_or(|time| began.elapsed() < time) {
            if load.act().await.is_none() {
                return load.client.hear_out().await;
            }
        }
        load.client.take_heard()
    })
}

/// Waits for clients, and notes what they received.
pub(super) async fn finish(clients: Vec<Running>, ledger: &Ledger) {
    for client in clients {
        for frame in client.await.unwrap() {
            ledger.saw(&frame);
        }
    }
}

pub(super) fn name(n: usize) -> String {
    format!("user{n}")
}

/// Connects and joins the rooms. The first client creates them.
pub(super) async fn arrive(address: SocketAddr, n: usize, ledger: &Ledger) -> Option<Client> {
    let name = name(n);
    let mut client = match ledger.token(&name) {
        Some(token) => Client::connect(address, json!({"token": token})).await?,
        None => {
            let body = json!({"name": name, "password": PASSWORD}).to_string();
            let head = "POST /api/register HTTP/1.1\r\nContent-Type: application/json\r\n";
            ledger.registering(&name);
            let (status, body) = http(address, head, body.as_bytes()).await?;
            let answer: Value = serde_json::from_slice(&body).ok()?;
            // An account whose registration got no answer may exist. Then its password works.
            let token = if status == 200 {
                answer["token"].as_str()?.to_owned()
            } else {
                login(address, &name).await?
            };
            let client = Client::connect(address, json!({"token": token})).await?;
            ledger.registered(&name, token, client.id);
            client
        }
    };
    for (room, is_private) in ROOMS {
        let rooms = client.welcome["rooms"].as_array().cloned().unwrap_or_default();
        if rooms.iter().any(|view| view["name"] == room) {
            ledger.joined(&name, room);
            continue;
        }
        ledger.leaving(&name, room);
        let entered = if n == 0 && room != "general" {
            let kind = if is_private { "private" } else { "public" };
            client.ask(json!({"type": "create", "room": room, "kind": kind})).await?
        } else {
            client.ask(json!({"type": "join", "room": room})).await?
        };
        if entered["type"] == "joined" {
            ledger.joined(&name, room);
        }
    }
    if n == 0 {
        for other in 1..super::CLIENTS {
            client.ask(json!({"type": "invite", "room": "secret", "user": self::name(other)})).await?;
        }
    }
    Some(client)
}

/// The password of every account.
pub(super) const PASSWORD: &str = "four words of nonsense";

pub(super) async fn login(address: SocketAddr, name: &str) -> Option<String> {
    let body = json!({"name": name, "password": PASSWORD}).to_string();
    let head = "POST /api/login HTTP/1.1\r\nContent-Type: application/json\r\n";
    let (status, body) = http(address, head, body.as_bytes()).await?;
    let answer: Value = serde_json::from_slice(&body).ok()?;
    (status == 200).then(|| answer["token"].as_str().map(str::to_owned))?
}

struct Load {
    client: Client,
    name: String,
    ledger: Arc<Ledger>,
    chance: Chance,
    address: SocketAddr,
}

impl Load {
    /// Does one thing. Returns `None` once the server is gone.
    async fn act(&mut self) -> Option<()> {
        let (room, _) = *self.chance.of(&ROOMS);
        match self.chance.below(100) {
            0..=59 => self.send(room, Vec::new()).await,
            60..=67 => self.again().await,
            68..=73 => self.change(false).await,
            74..=77 => self.change(true).await,
            78..=84 => self.react().await,
            85..=91 => self.read(room).await,
            92..=94 => self.upload(room).await,
            95 => self.register().await,
            _ => self.leave_and_join().await,
        }
    }

    async fn send(&mut self, room: &str, files: Vec<String>) -> Option<()> {
        let nonce = format!("{:016x}", self.chance.any());
        let mut text = format!("{nonce} {}", "words ".repeat(self.chance.below(60) as usize));
        if self.chance.below(4) == 0 {
            // Never the client itself.
            let other = (0..super::CLIENTS).map(name).find(|other| *other != self.name).unwrap();
            text = format!("@{other} {text}");
        }
        let text = text.trim().to_owned();
        let attempt = Attempt { room: room.to_owned(), user: self.name.clone(), nonce, text, files };
        self.ledger.sending(&attempt);
        self.deliver(attempt).await
    }

    async fn deliver(&mut self, attempt: Attempt) -> Option<()> {
        let Attempt { room, nonce, text, files, .. } = &attempt;
        let frame = json!({"type": "send", "room": room, "nonce": nonce, "text": text, "files": files});
        let reply = self.client.ask(frame).await?;
        if reply["type"] == "ok" {
            self.ledger.sent(&attempt, reply["seq"].as_u64()?, reply["at"].clone());
        }
        Some(())
    }

    /// Sends an earlier message again, acknowledged or not.
    async fn again(&mut self) -> Option<()> {
        match self.ledger.some_attempt(&self.name, &mut self.chance) {
            Some(attempt) => self.deliver(attempt).await,
            None => Some(()),
        }
    }

    async fn change(&mut self, is_deletion: bool) -> Option<()> {
        let Some((room, seq)) = self.ledger.some_message(&self.name, true, &mut self.chance) else {
            return Some(());
        };
        let text = format!("edited {:016x}", self.chance.any());
        let (state, frame) = if is_deletion {
            (State::Deleted, json!({"type": "delete", "room": room, "seq": seq}))
        } else {
            (State::Says(text.clone()), json!({"type": "edit", "room": room, "seq": seq, "text": text}))
        };
        self.ledger.changing(&room, seq, state);
        let reply = self.client.ask(frame).await?;
        self.ledger.changed(&room, seq, reply["type"] != "error");
        if reply["type"] != "error" {
            self.ledger.change_at(
                &room,
                reply["seq"].as_u64(),
                if is_deletion { "deleted" } else { "edited" },
            );
        }
        Some(())
    }

    async fn react(&mut self) -> Option<()> {
        let Some((room, seq)) = self.ledger.some_message(&self.name, false, &mut self.chance) else {
            return Some(());
        };
        let emoji = *self.chance.of(&EMOJI);
        let puts = self.chance.below(3) > 0;
        let kind = if puts { "react" } else { "unreact" };
        self.ledger.reacting(&room, seq, emoji, &self.name, puts);
        let reply = self.client.ask(json!({"type": kind, "room": room, "seq": seq, "emoji": emoji})).await?;
        self.ledger.reacted(&room, seq, emoji, &self.name, reply["type"] != "error");
        Some(())
    }

    async fn read(&mut self, room: &str) -> Option<()> {
        let Some(seq) = self.ledger.some_seq(room, &mut self.chance) else { return Some(()) };
        self.ledger.reading(&self.name, room, seq);
        let reply = self.client.ask(json!({"type": "read", "room": room, "seq": seq})).await?;
        if reply["type"] == "ok" {
            self.ledger.read(&self.name, room, seq);
        }
        Some(())
    }

    async fn upload(&mut self, room: &str) -> Option<()> {
        let size = 1 + self.chance.below(40_000) as usize;
        let content: Vec<u8> = (0..size).map(|_| (self.chance.any() >> 32) as u8).collect();
        let head = format!(
            "POST /api/files HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX\r\nAuthorization: Bearer {}\r\n",
            self.client.token
        );
        let form =
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n".to_owned();
        let body = [form.as_bytes(), &content, b"\r\n--XX--\r\n"].concat();
        let (status, answer) = http(self.address, &head, &body).await?;
        if status != 200 {
            return Some(());
        }
        let file: Value = serde_json::from_slice(&answer).ok()?;
        let id = file["id"].as_str()?.to_owned();
        self.ledger.uploaded(&self.name, &id, file["url"].as_str()?, content);
        self.send(room, vec![id]).await
    }

    async fn register(&mut self) -> Option<()> {
        let name = format!("new{:012x}", self.chance.any() >> 16);
        let body = json!({"name": name, "password": PASSWORD}).to_string();
        let head = "POST /api/register HTTP/1.1\r\nContent-Type: application/json\r\n";
        let (status, _) = http(self.address, head, body.as_bytes()).await?;
        if status == 200 {
            self.ledger.has_password(&name);
        }
        Some(())
    }

    async fn leave_and_join(&mut self) -> Option<()> {
        if self.name == name(0) {
            return Some(());
        }
        self.ledger.leaving(&self.name, "dev");
        let kind = if self.chance.below(2) == 0 { "leave" } else { "join" };
        let reply = self.client.ask(json!({"type": kind, "room": "dev"})).await?;
        if reply["type"] == "joined" {
            self.ledger.joined(&self.name, "dev");
        } else if reply["type"] == "ok" {
            self.ledger.left(&self.name, "dev");
        }
        Some(())
    }
}
