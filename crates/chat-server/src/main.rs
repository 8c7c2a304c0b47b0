//! Parses the command line and runs the server.

use std::io::Write;
use std::process::ExitCode;

use chat_server::cli::{self, Flags};

fn main() -> ExitCode {
    // Everything that this process creates is for its owner only, including what libraries create.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let flags = match Flags::read(std::env::args_os()) {
        Ok(flags) => flags,
        Err(e) => match e.downcast::<clap::Error>() {
            Ok(usage) => usage.exit(),
            Err(e) => return failed(&e),
        },
    };
    let log = match cli::start_log(&flags) {
        Ok(log) => log,
        Err(e) => return failed(&e),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return failed(&e.into()),
    };
    let ran = runtime.block_on(cli::run(flags));
    // Tasks that are still running were given enough time.
    runtime.shutdown_background();
    drop(log);
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => failed(&e),
    }
}

fn failed(e: &anyhow::Error) -> ExitCode {
    // If the error cannot be printed, the exit code stays the same.
    let _ = writeln!(std::io::stderr(), "chat-server: {e:#}");
    ExitCode::FAILURE
}
