//! The command line.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chat_client::{Endpoint, nonce};
use chat_proto::{RoomName, UserName, is_pair};
use clap::{Parser, Subcommand};

use crate::app::ScreenOptions;
use crate::exit::{Exit, complain};
use crate::identity::Identity;
use crate::links::Links;
use crate::pictures::Means;
use crate::screen::Attention;

use crate::{app, send, tail};

/// The flags and the subcommand. Without a subcommand, the screen is shown.
#[derive(Debug, Parser)]
#[command(name = "chat-tui", version, about)]
struct Flags {
    /// Your name. Without it, the name that you last used on this server. If there is none, the screen asks, and `send`
    /// and `tail` use your user name on this computer, or a guest name.
    #[arg(long, env = "CHAT_NAME", global = true)]
    name: Option<String>,
    /// The server's address, such as chat.example.org. Without http:// or https:// it means TLS, unless the server is on
    /// this computer or its own network.
    #[arg(long, env = "CHAT_SERVER", value_name = "URL", default_value = "http://127.0.0.1:8000", value_parser = Endpoint::parse, global = true)]
    server: Endpoint,
    /// The room to open, or `@NAME` for the direct room with NAME. Without it, the server's default room.
    #[arg(long, env = "CHAT_ROOM", value_parser = room_name, global = true)]
    room: Option<String>,
    /// The folder for logins and unsent messages. Without it, the system's folder for application state.
    #[arg(long, env = "CHAT_TUI_STATE_DIR", value_name = "DIR", global = true)]
    state_dir: Option<PathBuf>,
    /// How to notify you of a message that mentions you while you are looking elsewhere.
    #[arg(long, env = "CHAT_ATTENTION", default_value = "bell", global = true)]
    attention: Attention,
    /// How to draw images.
    #[arg(long, env = "CHAT_IMAGES", default_value = "auto", global = true)]
    images: Means,
    /// Whether links can be clicked (OSC 8).
    #[arg(long, env = "CHAT_LINKS", default_value = "auto", global = true)]
    links: Links,
    #[command(subcommand)]
    command: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Send a message, or each line of standard input as a message. Exits with 0 when all are acknowledged.
    // Without -h: `send -hello` is a message.
    #[command(disable_help_flag = true)]
    Send {
        /// The message. It may begin with a dash, as in `send "-5 degrees"`. After `--` it may be any text.
        #[arg(allow_hyphen_values = true)]
        text: Option<String>,
        /// A file or pipe to send with the message, as in `--file <(date)`. May be repeated.
        #[arg(long, value_name = "PATH")]
        file: Vec<PathBuf>,
        /// The name to send the file under. With several files, repeat it in the same order.
        #[arg(long, value_name = "NAME", requires = "file")]
        file_name: Vec<String>,
        /// Print this help.
        #[arg(long, action = clap::ArgAction::Help)]
        help: Option<bool>,
    },
    /// Print a room's messages.
    Tail {
        /// How many of the newest messages to print.
        #[arg(short = 'n', value_name = "N", default_value_t = 50)]
        lines: u64,
        /// Print each event as a line of JSON, as in the protocol.
        #[arg(long)]
        json: bool,
        /// Keep printing new messages.
        #[arg(long, short)]
        follow: bool,
        /// Store the position in FILE and continue from there the next time. -n is used only if FILE does not exist yet.
        /// If SIGTERM or SIGINT ends the program, each event is printed once across restarts. If it is killed, up
        /// to a second of events may repeat, but none is missing.
        #[arg(long, value_name = "FILE", requires = "follow")]
        cursor: Option<PathBuf>,
    },
}

fn room_name(text: &str) -> Result<String, String> {
    if let Some(user) = text.strip_prefix('@') {
        return match is_pair(user) {
            true => Ok(text.to_owned()),
            false => UserName::parse(user).map(|name| format!("@{name}")).map_err(|e| e.message),
        };
    }
    RoomName::parse(text.trim_start_matches('#')).map(|name| name.to_string()).map_err(|e| e.message)
}

/// Parses the command line and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(e) if e.use_stderr() => {
            // The error quotes the arguments, which in a script may come from anyone.
            for line in e.render().to_string().lines() {
                let _ = writeln!(std::io::stderr(), "{}", chat_screen::clean::Clean::line(line));
            }
            return ExitCode::from(Exit::Usage as u8);
        }
        // Help and version.
        Err(e) => e.exit(),
    };
    let exit = match start(flags) {
        Ok(exit) => exit,
        Err(e) => {
            complain(&format!("{e:#}"));
            Exit::Failed
        }
    };
    ExitCode::from(exit as u8)
}

fn start(flags: Flags) -> anyhow::Result<Exit> {
    let mut identity = Identity::new(flags.server.clone(), flags.name.clone(), flags.state_dir.clone());
    let shows = flags.command.is_none();
    if shows && !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        complain("The screen needs a terminal. In a pipe, use `chat-tui send` and `chat-tui tail`.");
        return Ok(Exit::NoTerminal);
    }
    if !shows && identity.name.is_none() {
        // A script that gives no name gets one, which is stored for the next time.
        let name = Some(identity.suggestion()).filter(|name| !name.is_empty());
        identity.name = Some(name.unwrap_or_else(|| format!("guest-{}", &nonce::new()[12..18])));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        match flags.command {
            None => {
                let options =
                    ScreenOptions { attention: flags.attention, images: flags.images, links: flags.links };
                app::run(identity, flags.room, options).await.map(|()| Exit::Done)
            }
            Some(Verb::Send { text, file, file_name, .. }) => {
                send::run(&identity, flags.room, send::What { text, files: file, names: file_name }).await
            }
            Some(Verb::Tail { lines, json, follow, cursor }) => {
                tail::run(&identity, flags.room, tail::What { lines, json, follow, cursor }).await
            }
        }
    });
    // A pending read of standard input must not hold up the end.
    runtime.shutdown_background();
    exit
}
