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

/// A chat client for the terminal: messages above, input below. Without a subcommand it shows the screen.
#[derive(Debug, Parser)]
#[command(name = "chat-tui", version, about)]
struct Flags {
    /// Your name. Without it: the one you used last at this server; else the screen asks, and `send` and `tail`
    /// take the system's for you, or a guest's.
    #[arg(long, env = "CHAT_NAME", global = true)]
    name: Option<String>,
    /// The server, such as chat.example.org. Without http:// or https:// it is TLS, unless the server is on this computer
    /// or its own network.
    #[arg(long, env = "CHAT_SERVER", value_name = "URL", default_value = "http://127.0.0.1:8000", value_parser = Endpoint::parse, global = true)]
    server: Endpoint,
    /// The room to go to, or `@NAME` for the one that you share with someone alone. Without it: the server's own.
    #[arg(long, env = "CHAT_ROOM", value_parser = room_name, global = true)]
    room: Option<String>,
    /// The folder for logins and messages not sent yet. Without it: the system's place for such things.
    #[arg(long, env = "CHAT_TUI_STATE_DIR", value_name = "DIR", global = true)]
    state_dir: Option<PathBuf>,
    /// How to tell you of a message that names you while you look elsewhere.
    #[arg(long, env = "CHAT_ATTENTION", default_value = "bell", global = true)]
    attention: Attention,
    /// How images are drawn.
    #[arg(long, env = "CHAT_IMAGES", default_value = "auto", global = true)]
    images: Means,
    /// Whether the terminal is told where links lead (OSC 8), so that a click follows them.
    #[arg(long, env = "CHAT_LINKS", default_value = "auto", global = true)]
    links: Links,
    #[command(subcommand)]
    command: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Send one message, or one for each line of standard input. Ends with 0 once all are acknowledged.
    // Without -h: `send -hello` is a message.
    #[command(disable_help_flag = true)]
    Send {
        /// The message. It may begin with a dash, as in `send "-5 degrees"`; behind `--` it may be anything.
        #[arg(allow_hyphen_values = true)]
        text: Option<String>,
        /// A file to send with it, or a pipe, as in `--file <(date)`. May be given more than once.
        #[arg(long, value_name = "PATH")]
        file: Vec<PathBuf>,
        /// What the file is called for the others; of several files, in their order.
        #[arg(long, value_name = "NAME", requires = "file")]
        file_name: Vec<String>,
        /// Print this help.
        #[arg(long, action = clap::ArgAction::Help)]
        help: Option<bool>,
    },
    /// Write a room's messages to standard output.
    Tail {
        /// How many of the newest messages.
        #[arg(short = 'n', value_name = "N", default_value_t = 50)]
        lines: u64,
        /// Each event as JSON, as on the wire.
        #[arg(long)]
        json: bool,
        /// Go on with what comes.
        #[arg(long, short)]
        follow: bool,
        /// Keep in FILE how far it came, and go on from there the next time: then -n counts only where there is no FILE
        /// yet. Each event is written once, also across restarts of this program, where it ends by SIGTERM or SIGINT.
        /// Where it is killed, up to a second of events comes again, and none is missing.
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

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(e) if e.use_stderr() => {
            // What was typed is in it, and in a script that may be anyone's.
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
        // A script that says no name gets one, and keeps it for the next time.
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
    // A read of standard input that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    exit
}
