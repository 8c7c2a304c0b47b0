//! The operator's access to a running server: a Unix socket in the data folder, which only the owner of the folder
//! can reach. Each connection carries one order, as a line of JSON, and one answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::app::App;
use crate::config::ORDER_PATIENCE;
use crate::operator::{self, Answer, Order};

/// The maximum length of an order, in bytes: a password in which JSON escapes every byte, and a name.
const ORDER_BYTES: u64 = 16 * 1024;

fn path(folder: &Path) -> PathBuf {
    folder.join("chat.sock")
}

/// Creates the socket for orders. If that fails, the server runs without it.
#[must_use]
pub(crate) fn open(app: &App) -> Option<UnixListener> {
    let path = path(&app.config.data_dir);
    // A server that was killed left it. The lock on the folder shows that no other server runs.
    let _ = std::fs::remove_file(&path);
    let listener = match UnixListener::bind(&path) {
        Ok(listener) => listener,
        Err(e) => {
            tracing::warn!(path = %path.display(), error = %e, "the control socket cannot be created, so operator commands only work while the server is stopped");
            return None;
        }
    };
    if let Err(e) = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)) {
        tracing::warn!(error = %e, "the control socket could not be made private, but its folder is");
    }
    Some(listener)
}

/// Accepts orders until the server stops.
pub(crate) async fn serve(app: &Arc<App>, listener: UnixListener) {
    loop {
        let accepted = tokio::select! {
            () = app.shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (order, patience) = (app.clone(), app.config.order_patience);
        app.tasks.spawn(async move {
            if tokio::time::timeout(patience, take(&order, stream)).await.is_err() {
                tracing::warn!("an operator command took too long");
            }
        });
    }
    let _ = std::fs::remove_file(path(&app.config.data_dir));
}

async fn take(app: &App, stream: UnixStream) {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut limited = tokio::io::BufReader::new(read.take(ORDER_BYTES));
    if limited.read_line(&mut line).await.is_err() {
        return;
    }
    let answer = match serde_json::from_str::<Order>(&line) {
        Ok(order) => operator::obey(app, order).await,
        Err(_) => Answer::Refused(
            "This server does not know that command. It may be of another version.".to_owned(),
        ),
    };
    let mut json = serde_json::to_string(&answer).unwrap_or_default();
    json.push('\n');
    // The client may have gone, but the order is carried out.
    let _ = write.write_all(json.as_bytes()).await;
}

/// Sends an order to the server that uses `folder`. Returns `None` if no server runs there.
///
/// # Errors
/// If the server does not answer.
pub fn ask(folder: &Path, order: &Order) -> anyhow::Result<Option<Answer>> {
    let path = path(folder);
    let mut stream = match Blocking::connect(&path) {
        Ok(stream) => stream,
        Err(e)
            if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused) =>
        {
            return Ok(None);
        }
        Err(e) => return Err(e).with_context(|| format!("{} cannot be reached", path.display())),
    };
    stream.set_read_timeout(Some(ORDER_PATIENCE))?;
    stream.write_all((serde_json::to_string(order)? + "\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream.take(u64::MAX)).read_line(&mut line).context("the server does not answer")?;
    if line.is_empty() {
        bail!("the server stopped before it answered");
    }
    Ok(Some(
        serde_json::from_str(&line)
            .context("the server's answer cannot be read; it may be of another version")?,
    ))
}
