//! The command line: runs the server, or carries out an operator's command. Each setting comes from its flag,
//! otherwise from its `CHAT_…` variable, otherwise from the configuration file, otherwise it is the default that
//! `--help` shows.

#![allow(rustdoc::bare_urls, reason = "clap shows these docs in --help, as they are")]

mod orders;

use std::ffi::OsString;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use chat_proto::account::Registration;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, ValueEnum};
use ipnet::IpNet;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::Server;
use crate::address;
use crate::config::{
    Config, FILE_BYTES, FILE_QUOTA_BYTES, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS, Origin,
};
use crate::secret::Secret;

/// The capacity of the queue of connections to accept: all clients of a large room that reconnect at once.
const BACKLOG: u32 = 4096;

/// The maximum number of log lines that wait to be written. More are dropped.
const LINES_WAITING: usize = 8192;

/// Libraries that would log message texts at debug level.
const TALKATIVE: [&str; 4] = ["tungstenite", "tokio_tungstenite", "hyper", "hyper_util"];

/// The flags and the command.
#[derive(Debug, Parser)]
#[command(name = "chat-server", version, about)]
pub struct Flags {
    /// The address to listen on. Port 0 takes any free port.
    #[arg(long, env = "CHAT_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8000", global = true)]
    listen: SocketAddr,
    /// The folder for all data. It is created if it does not exist.
    #[arg(long, env = "CHAT_DATA_DIR", value_name = "DIR", default_value = "chat-data", global = true)]
    data_dir: PathBuf,
    /// A TOML file with any of these settings, such as `listen = "0.0.0.0:8000"`.
    #[arg(long, env = "CHAT_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// An address that people use to reach the server, such as https://chat.example.org. May be repeated. Without it,
    /// the server accepts its IP addresses and localhost.
    #[arg(long, env = "CHAT_PUBLIC_URL", value_name = "URL", value_delimiter = ',', value_parser = Origin::parse, action = ArgAction::Append, global = true)]
    public_url: Vec<Origin>,
    /// The name that clients show for the server.
    #[arg(long, env = "CHAT_SERVER_NAME", value_name = "NAME", default_value = "chat", global = true)]
    server_name: String,
    /// Whether to limit how often users send commands, and connections per address. `off` is for load tests on
    /// loopback.
    #[arg(long, env = "CHAT_RATE_LIMIT", value_name = "on|off", default_value = "on", global = true)]
    rate_limit: Switch,
    /// Maximum number of simultaneous connections.
    #[arg(long, env = "CHAT_MAX_CONNECTIONS", value_name = "N", default_value_t = MAX_CONNECTIONS, global = true)]
    max_connections: usize,
    /// Maximum number of simultaneous connections from one address.
    #[arg(long, env = "CHAT_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N", default_value_t = MAX_CONNECTIONS_PER_ADDRESS, global = true)]
    max_connections_per_address: usize,
    /// Whether guests can join with only a name.
    #[arg(long, env = "CHAT_GUESTS", value_name = "on|off", default_value = "on", global = true)]
    guests: Switch,
    /// Who can register: everyone, people with a code from `chat-server user invite`, or nobody.
    #[arg(
        long,
        env = "CHAT_REGISTRATION",
        value_name = "open|invite|closed",
        default_value = "open",
        global = true
    )]
    registration: Registering,
    /// Maximum size of an uploaded file, in bytes.
    #[arg(long, env = "CHAT_FILE_BYTES", value_name = "N", default_value_t = FILE_BYTES, global = true)]
    file_bytes: u64,
    /// Maximum size of all files of one user, in bytes.
    #[arg(long, env = "CHAT_FILE_QUOTA_BYTES", value_name = "N", default_value_t = FILE_QUOTA_BYTES, global = true)]
    file_quota_bytes: u64,
    /// Maximum size of all files together, in bytes. Without it, half of the disk.
    #[arg(long, env = "CHAT_FILES_TOTAL_BYTES", value_name = "N", global = true)]
    files_total_bytes: Option<u64>,
    /// The address or network of a reverse proxy whose X-Forwarded-For header is trusted. May be repeated.
    #[arg(long, env = "CHAT_TRUSTED_PROXY", value_name = "ADDR", value_delimiter = ',', value_parser = network, action = ArgAction::Append, global = true)]
    trusted_proxy: Vec<IpNet>,
    /// A token that /metrics requires. Without it, /metrics answers only this machine.
    #[arg(long, env = "CHAT_METRICS_TOKEN", value_name = "TOKEN", hide_env_values = true, global = true)]
    metrics_token: Option<String>,
    /// The format of the log, which goes to standard error.
    #[arg(long, env = "CHAT_LOG_FORMAT", value_name = "human|json", default_value = "human", global = true)]
    log_format: LogFormat,
    /// What to log: error, warn, info, debug, trace, or a filter such as `chat_server=debug`.
    #[arg(long, env = "CHAT_LOG_LEVEL", value_name = "LEVEL", default_value = "info", global = true)]
    log_level: String,
    #[command(subcommand)]
    order: Option<orders::Command>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Registering {
    Open,
    Invite,
    Closed,
}

fn network(text: &str) -> Result<IpNet, String> {
    address::parse_network(text)
        .ok_or_else(|| "it is neither an address nor a network such as 10.0.0.0/8".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Human,
    Json,
}

impl Flags {
    /// Parses the command line, the environment and the configuration file.
    ///
    /// # Errors
    /// Help, the version, or what is wrong with one of them.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> anyhow::Result<Self> {
        let args: Vec<OsString> = args.into_iter().collect();
        // The first pass only finds the file. The second pass reports every other error.
        let peek = Self::command().ignore_errors(true).disable_help_flag(true).disable_version_flag(true);
        let file = peek.try_get_matches_from(args.clone()).ok();
        let file = file.and_then(|found| found.get_one::<PathBuf>("config").cloned());
        let command = match file {
            Some(path) => with_file(Self::command(), &path)?,
            None => Self::command(),
        };
        Ok(Self::from_arg_matches(&command.try_get_matches_from(args)?)?)
    }

    fn into_config(self) -> Config {
        Config {
            public_urls: self.public_url,
            server_name: self.server_name,
            rate_limit: self.rate_limit == Switch::On,
            max_connections: self.max_connections,
            max_connections_per_address: self.max_connections_per_address,
            metrics_token: self.metrics_token.map(Secret::from),
            guests: self.guests == Switch::On,
            file_bytes: self.file_bytes,
            file_quota_bytes: self.file_quota_bytes,
            files_total_bytes: self.files_total_bytes,
            registration: match self.registration {
                Registering::Open => Registration::Open,
                Registering::Invite => Registration::Invite,
                Registering::Closed => Registration::Closed,
            },
            trusted_proxies: self.trusted_proxy,
            ..Config::new(self.data_dir)
        }
    }
}

/// Makes the file's settings the defaults, so that flags and the environment override them.
fn with_file(mut command: clap::Command, path: &Path) -> anyhow::Result<clap::Command> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {shown} cannot be read"))?;
    let table: toml::Table =
        text.parse().with_context(|| format!("the configuration file {shown} is not TOML"))?;
    for (key, value) in table {
        let id = key.replace('-', "_");
        if id == "config" || !command.get_arguments().any(|arg| arg.get_id() == id.as_str()) {
            bail!("the configuration file {shown} has an unknown setting {key:?}; --help lists them all");
        }
        let values: Vec<String> = match value {
            toml::Value::Array(items) => items.into_iter().map(plain).collect(),
            one => vec![plain(one)],
        };
        command = command.mut_arg(id, |arg| arg.default_values(values));
    }
    Ok(command)
}

fn plain(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Boolean(on) => if on { "on" } else { "off" }.to_owned(),
        other => other.to_string(),
    }
}

/// Carries out an operator's command, or runs the server until SIGTERM or SIGINT.
///
/// # Errors
/// If the server cannot start, or the command was refused.
pub async fn run(mut flags: Flags) -> anyhow::Result<()> {
    if let Some(order) = flags.order.take() {
        return orders::run(order, flags.into_config()).await;
    }
    allow_files();
    let listener = listen(flags.listen).with_context(|| format!("cannot listen on {}", flags.listen))?;
    let config = flags.into_config();
    let address = open_address(&config, listener.local_addr()?);
    let data = config.data_dir.display().to_string();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(config, listener).await?;
    writeln!(
        std::io::stdout(),
        "chat-server {}: open {address} (data in {data})",
        env!("CARGO_PKG_VERSION")
    )?;
    server
        .run(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await
}

/// Raises the limit of open files: each connection is a file descriptor, and many systems limit a program to 1,024
/// unless it asks for more.
fn allow_files() {
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    if let Err(e) = setrlimit(Resource::Nofile, files) {
        tracing::warn!(error = %e, "the limit of open files could not be raised");
    }
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Lets a restarted server listen although connections of the previous one still close.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket.listen(BACKLOG)?)
}

/// Returns a URL that a person on this machine can open.
fn open_address(config: &Config, local: SocketAddr) -> String {
    if let Some(url) = config.public_urls.first() {
        return format!("{url}/chat/");
    }
    match local.ip() {
        ip if ip.is_unspecified() => format!("http://localhost:{}/chat/", local.port()),
        _ => format!("http://{local}/chat/"),
    }
}

/// Starts the log. It never blocks: if nobody reads it, lines are dropped.
///
/// # Errors
/// If the filter is not valid.
pub fn start_log(flags: &Flags) -> anyhow::Result<WorkerGuard> {
    let mut filter = EnvFilter::try_new(&flags.log_level).context("--log-level is not a valid filter")?;
    for library in TALKATIVE {
        filter = filter.add_directive(format!("{library}=info").parse()?);
    }
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING).finish(std::io::stderr());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.make_writer());
    let started = match flags.log_format {
        LogFormat::Human => log.with_target(false).with_ansi(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|e| anyhow!("the log cannot be started: {e}"))?;
    Ok(guard)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> anyhow::Result<Flags> {
        Flags::read(["chat-server"].iter().chain(args).map(OsString::from))
    }

    #[test]
    fn a_flag_is_stronger_than_the_file_and_the_file_than_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("chat.toml");
        std::fs::write(
            &path,
            "listen = \"127.0.0.1:9\"\nserver-name = \"file\"\nrate-limit = false\nmax_connections = 7\n\
             public-url = [\"https://a.example\", \"https://b.example\"]\n",
        )
        .unwrap();
        let file = path.to_str().unwrap();
        let flags = read(&["--server-name", "flag", "--config", file]).unwrap();
        assert_eq!((flags.listen.port(), flags.server_name.as_str()), (9, "flag"));
        let config = flags.into_config();
        assert_eq!((config.rate_limit, config.max_connections, config.public_urls.len()), (false, 7, 2));
        assert_eq!(config.max_connections_per_address, MAX_CONNECTIONS_PER_ADDRESS);

        std::fs::write(&path, "lisden = 1\n").unwrap();
        assert!(read(&["--config", file]).unwrap_err().to_string().contains("unknown setting \"lisden\""));
        std::fs::write(&path, "listen = \"nowhere\"\n").unwrap();
        assert!(read(&["--config", file]).is_err());
        assert!(read(&["--config", "/nonexistent"]).is_err());
        assert!(read(&["--public-url", "chat.example.org"]).is_err());
    }

    #[test]
    fn help_shows_every_default() {
        let help = Flags::command().render_long_help().to_string();
        for text in
            ["127.0.0.1:8000", "chat-data", "CHAT_LISTEN", "[default: on]", "16384", "1024", "human", "info"]
        {
            assert!(help.contains(text), "{text} in {help}");
        }
    }
}
