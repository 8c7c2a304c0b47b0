//! `docs/PROTOCOL.md` is the fixture: every example decodes and encodes to itself, and no frame lacks an example.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use chat_proto::{ClientFrame, ServerFrame};
use serde_json::Value;

/// Frames that clients send, and frames that servers send. `topic`, `rooms`, `members` and `read` are in both.
const COMMANDS: [&str; 31] = [
    "audit", "ban", "create", "delete", "direct", "edit", "hello", "history", "invite", "join", "kick",
    "leave", "members", "mute", "notify", "pin", "ping", "react", "read", "revoke", "role", "rooms",
    "search", "send", "sessions", "topic", "typing", "unban", "unmute", "unpin", "unreact",
];
const FROM_SERVER: [&str; 28] = [
    "audit",
    "deleted",
    "edited",
    "error",
    "goodbye",
    "joined",
    "member",
    "members",
    "message",
    "messages",
    "notice",
    "ok",
    "pinned",
    "pong",
    "presence",
    "reacted",
    "read",
    "reset",
    "results",
    "room",
    "rooms",
    "sessions",
    "topic",
    "typing",
    "unpinned",
    "unreacted",
    "welcome",
    "you",
];

/// Returns the examples before and after the heading that separates clients from servers.
fn examples() -> (Vec<String>, Vec<String>) {
    let page = include_str!("../../../docs/PROTOCOL.md");
    let (client, server) = page.split_once("## What the server answers").expect("the page has its headings");
    let blocks = |text: &str| -> Vec<String> {
        text.split("```json\n")
            .skip(1)
            .map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned())
            .collect()
    };
    (blocks(client), blocks(server))
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"))
}

fn types(examples: &[String]) -> BTreeSet<String> {
    examples.iter().map(|json| value(json)["type"].as_str().expect("a type").to_owned()).collect()
}

#[test]
fn every_example_of_a_client_s_frame_survives_a_round_trip() {
    let (client, _) = examples();
    for json in &client {
        let frame = ClientFrame::decode(json).unwrap_or_else(|e| panic!("{}: {json}", e.refusal));
        assert_eq!(value(&frame.encode()), value(json));
    }
    assert_eq!(types(&client), COMMANDS.map(str::to_owned).into());
}

#[test]
fn every_example_of_a_server_s_frame_survives_a_round_trip() {
    let (_, server) = examples();
    for json in &server {
        let frame =
            ServerFrame::decode(json).unwrap_or_else(|e| panic!("{e}: {json}")).expect("a known type");
        assert_eq!(value(&frame.encode()), value(json), "{json}");
    }
    assert_eq!(types(&server), FROM_SERVER.map(str::to_owned).into());
}

/// A variant without an example fails here: this match would not compile, or the sets above would not be equal.
#[test]
fn every_variant_has_an_example() {
    use chat_proto::{Command, Reply, Signal, What};
    let (client, server) = examples();
    let name = |command: &Command| match command {
        Command::Hello(_) => "hello",
        Command::Join(_) => "join",
        Command::Leave(_) => "leave",
        Command::Send(_) => "send",
        Command::History(_) => "history",
        Command::Rooms(_) => "rooms",
        Command::Create(_) => "create",
        Command::Topic(_) => "topic",
        Command::Typing(_) => "typing",
        Command::Read(_) => "read",
        Command::Members(_) => "members",
        Command::Ping {} => "ping",
        Command::Edit(_) => "edit",
        Command::Delete(_) => "delete",
        Command::React(_) => "react",
        Command::Unreact(_) => "unreact",
        Command::Pin(_) => "pin",
        Command::Unpin(_) => "unpin",
        Command::Search(_) => "search",
        Command::Notify(_) => "notify",
        Command::Direct(_) => "direct",
        Command::Invite(_) => "invite",
        Command::Kick(_) => "kick",
        Command::Mute(_) => "mute",
        Command::Unmute(_) => "unmute",
        Command::Ban(_) => "ban",
        Command::Unban(_) => "unban",
        Command::Role(_) => "role",
        Command::Audit(_) => "audit",
        Command::Sessions {} => "sessions",
        Command::Revoke(_) => "revoke",
    };
    let commands: BTreeSet<&str> =
        client.iter().map(|json| name(&ClientFrame::decode(json).expect("a frame").command)).collect();
    assert_eq!(commands.len(), COMMANDS.len());
    let name = |frame: &ServerFrame| match frame {
        ServerFrame::Reply { reply, .. } => match reply {
            Reply::Welcome(_) => "welcome",
            Reply::Joined(_) => "joined",
            Reply::Ok(_) => "ok",
            Reply::Messages { .. } => "messages",
            Reply::Rooms { .. } => "rooms",
            Reply::Members { .. } => "members",
            Reply::Audit { .. } => "audit",
            Reply::Results { .. } => "results",
            Reply::Sessions { .. } => "sessions",
            Reply::Pong { .. } => "pong",
            Reply::Error(_) => "error",
        },
        ServerFrame::Event(event) => match event.what {
            What::Message(_) => "message",
            What::Topic { .. } => "topic",
            What::Member(_) => "member",
            What::Edited { .. } => "edited",
            What::Deleted { .. } => "deleted",
            What::Reacted(_) => "reacted",
            What::Unreacted(_) => "unreacted",
            What::Pinned { .. } => "pinned",
            What::Unpinned { .. } => "unpinned",
            What::Newer { .. } => "newer",
        },
        ServerFrame::Signal(signal) => match signal {
            Signal::Typing { .. } => "typing",
            Signal::Presence { .. } => "presence",
            Signal::Read { .. } => "read",
            Signal::Notice { .. } => "notice",
            Signal::Room { .. } => "room",
            Signal::You { .. } => "you",
            Signal::Reset { .. } => "reset",
            Signal::Goodbye { .. } => "goodbye",
        },
    };
    let frames: BTreeSet<&str> = server
        .iter()
        .map(|json| name(&ServerFrame::decode(json).expect("a frame").expect("known")))
        .collect();
    assert_eq!(frames.len(), FROM_SERVER.len());
}
