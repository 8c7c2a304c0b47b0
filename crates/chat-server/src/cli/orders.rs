//! `chat-server user …`, `room …` and `audit`. The running server executes them. If none runs, this process does.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, bail, ensure};
use chat_proto::reply::AuditEntry;
use chat_proto::user::Role;
use chat_proto::{Millis, Password};
use clap::{Subcommand, ValueEnum};

use crate::acts::delete_room::Named;
use crate::app::App;
use crate::config::Config;
use crate::control;
use crate::id::RoomId;
use crate::operator::{self, Answer, Order};
use crate::secret::random_hex;
use crate::store::views::inventory::Listed;

/// The operator's commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add, list and change users. Works while the server runs.
    #[command(subcommand)]
    User(User),
    /// List and delete rooms. Works while the server runs.
    #[command(subcommand)]
    Room(Room),
    /// Show what moderators, admins and the operator did, newest first.
    Audit {
        /// Maximum number of entries.
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Create an account. Asks for the password. Without a terminal, generates one and prints it.
    Add {
        /// The account's name.
        name: String,
        /// The account's role on the server.
        #[arg(long, value_name = "admin|member", default_value = "member")]
        role: ServerRole,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all users that have a name.
    List,
    /// Set an account's role on the server.
    Role {
        /// The account's name.
        name: String,
        /// The new role.
        role: ServerRole,
    },
    /// Set a new password and log the user out everywhere. Asks for the password. Without a terminal, generates one and
    /// prints it.
    ResetPassword {
        /// The account's name.
        name: String,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Delete a user. Their messages stay, without their name.
    Delete {
        /// The user's name.
        name: String,
    },
    /// Create a code with which one person can register.
    Invite {
        /// How many days the code is valid.
        #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
        days: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Room {
    /// List all rooms.
    List,
    /// Delete a room and everything in it. This cannot be undone, and no confirmation is asked for.
    Delete {
        /// The room's name.
        #[arg(required_unless_present = "id")]
        name: Option<String>,
        /// The room's ID from the list, if several rooms have the same name.
        #[arg(long, value_name = "N", conflicts_with = "name")]
        id: Option<i64>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ServerRole {
    Admin,
    Member,
}

impl From<ServerRole> for Role {
    fn from(role: ServerRole) -> Self {
        match role {
            ServerRole::Admin => Self::Admin,
            ServerRole::Member => Self::Member,
        }
    }
}

/// Executes a command and prints the result.
pub(super) async fn run(command: Command, config: Config) -> anyhow::Result<()> {
    let mut made_up = None;
    let order = match command {
        Command::Audit { limit } => Order::Audit { limit },
        Command::Room(Room::List) => Order::Rooms {},
        Command::Room(Room::Delete { name, id }) => {
            let room = id.map(|id| Named::Id(RoomId(id))).or_else(|| name.map(Named::Name));
            Order::DeleteRoom { room: room.context("name the room to delete")? }
        }
        Command::User(User::List) => Order::List {},
        Command::User(User::Add { name, role, password_stdin }) => {
            operator::check_name(&name).map_err(|e| anyhow::anyhow!(e.into_refusal().message))?;
            Order::Add { password: password(password_stdin, &mut made_up)?, name, role: role.into() }
        }
        Command::User(User::Role { name, role }) => Order::Role { name, role: role.into() },
        Command::User(User::ResetPassword { name, password_stdin }) => {
            Order::ResetPassword { password: password(password_stdin, &mut made_up)?, name }
        }
        Command::User(User::Delete { name }) => Order::Delete { name },
        Command::User(User::Invite { days }) => Order::Invite { days },
    };
    match give(order, config).await? {
        Answer::Refused(why) => bail!("{why}"),
        answer => print(&answer, made_up.as_ref()),
    }
}

async fn give(order: Order, config: Config) -> anyhow::Result<Answer> {
    let (order, answer) = {
        let dir = config.data_dir.clone();
        tokio::task::spawn_blocking(move || control::ask(&dir, &order).map(|answer| (order, answer)))
            .await??
    };
    if let Some(answer) = answer {
        return Ok(answer);
    }
    ensure!(
        config.data_dir.join("chat.db").exists() || matches!(order, Order::Add { .. } | Order::Invite { .. }),
        "there is no database in {}. Name the server's folder with --data-dir.",
        config.data_dir.display()
    );
    let app = App::start(config).await?;
    let answer = operator::obey(&app, order).await;
    app.close().await;
    Ok(answer)
}

fn password(from_stdin: bool, made_up: &mut Option<Password>) -> anyhow::Result<Password> {
    if from_stdin {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .context("the password cannot be read from standard input")?;
        let text = line.strip_suffix('\n').unwrap_or(&line);
        return Ok(Password::new(text.strip_suffix('\r').unwrap_or(text).to_owned()));
    }
    if std::io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ")?;
        ensure!(rpassword::prompt_password("Again: ")? == first, "the two passwords differ");
        return Ok(Password::new(first));
    }
    let password = Password::new(random_hex::<10>()?);
    *made_up = Some(password.clone());
    Ok(password)
}

fn print(answer: &Answer, made_up: Option<&Password>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match answer {
        Answer::Done(text) => writeln!(out, "{text}")?,
        Answer::Code(code) => writeln!(out, "{code}")?,
        Answer::Refused(why) => bail!("{why}"),
        Answer::Users(users) => {
            let widest = users.iter().map(|(me, ..)| me.name.chars().count()).max().unwrap_or(4).max(4);
            writeln!(
                out,
                "{:widest$}  {:7}  {:6}  {:16}  {:16}",
                "NAME", "KIND", "ROLE", "MADE (UTC)", "SEEN (UTC)"
            )?;
            for (me, made, seen, online) in users {
                let seen = if *online { "online".to_owned() } else { time(*seen) };
                writeln!(
                    out,
                    "{:widest$}  {:7}  {:6}  {:16}  {seen:16}",
                    me.name,
                    me.kind.as_str(),
                    me.role.as_str(),
                    time(*made)
                )?;
            }
        }
        Answer::Rooms(rooms) => print_rooms(&mut out, rooms)?,
        Answer::Entries(entries) => {
            for entry in entries {
                writeln!(out, "{}", line(entry))?;
            }
        }
    }
    if let Some(password) = made_up {
        writeln!(out, "The password is {}", password.expose())?;
    }
    Ok(())
}

fn print_rooms(out: &mut impl Write, rooms: &[Listed]) -> std::io::Result<()> {
    let widest = rooms.iter().map(|room| room.name.chars().count()).max().unwrap_or(4).max(4);
    writeln!(
        out,
        "{:>6}  {:widest$}  {:7}  {:>7}  {:>8}  {:16}",
        "ID", "NAME", "KIND", "MEMBERS", "MESSAGES", "ACTIVE (UTC)"
    )?;
    for Listed { id, name, kind, members, messages, active_at } in rooms {
        let (kind, active) = (kind.as_str(), time(*active_at));
        writeln!(out, "{id:6}  {name:widest$}  {kind:7}  {members:7}  {messages:8}  {active:16}")?;
    }
    Ok(())
}

fn line(entry: &AuditEntry) -> String {
    let place = entry.room.as_ref().map_or_else(String::new, |room| format!(" in #{room}"));
    let reason = entry.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", shown(reason)));
    format!("{}  {}  {} {}{place}{reason}", time(entry.at), entry.by, entry.action, shown(&entry.target))
}

/// Removes from a stranger's text everything that a terminal interprets.
fn shown(text: &str) -> String {
    let harmless = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmless(c) { c } else { '\u{fffd}' }).collect()
}

fn time(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}
