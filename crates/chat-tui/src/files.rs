//! Files between the disk and the server: what a typed path means, where a file is saved, and what opens it. Names
//! come from strangers, so a name neither chooses the folder nor overwrites an existing file.

mod typed;

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chat_client::files::Files;
use chat_proto::event::File;
use chat_proto::file_name;

pub use self::typed::{path, path_and_text, paths};

/// How many other names are tried if one is taken.
const NAMES: u32 = 1000;

/// Returns the default folder for saved files: the downloads folder if there is one, otherwise the current folder.
fn downloads() -> PathBuf {
    let named = std::env::var_os("XDG_DOWNLOAD_DIR").map(PathBuf::from);
    let usual = etcetera::home_dir().ok().map(|home| home.join("Downloads"));
    [named, usual].into_iter().flatten().find(|folder| folder.is_dir()).unwrap_or_else(|| PathBuf::from("."))
}

/// Creates a new file with that name in `folder`, or with a similar name if it exists.
fn make(folder: &Path, name: &str) -> std::io::Result<(std::fs::File, PathBuf)> {
    let name = file_name(name);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem.to_owned(), format!(".{ending}")),
        _ => (name, String::new()),
    };
    for n in 0..NAMES {
        let number = if n == 0 { String::new() } else { format!(" ({n})") };
        let path = folder.join(format!("{stem}{number}{ending}"));
        match std::fs::File::create_new(&path) {
            Ok(file) => return Ok((file, path)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

async fn download(files: &Files, file: &File, folder: &Path, name: &str) -> Result<PathBuf, String> {
    let cannot = |e: std::io::Error| format!("{} cannot be written to: {e}.", folder.display());
    let (made, path) = make(folder, name).map_err(cannot)?;
    let mut made = tokio::fs::File::from_std(made);
    match files.download(&file.url, file.size, &mut made).await {
        Ok(got) if got == file.size => Ok(path),
        other => {
            // Remove the incomplete file.
            let _ = std::fs::remove_file(&path);
            Err(other
                .err()
                .map(|e| e.to_string())
                .unwrap_or_else(|| "The connection ended before the file did. Try again.".to_owned()))
        }
    }
}

/// Saves files in the folder or under the name that was typed, and returns a sentence that says where.
///
/// # Errors
/// A sentence.
pub async fn save(files: &Files, wanted: &[File], to: Option<&str>) -> Result<String, String> {
    let typed = to.map(path);
    let mut saved = Vec::new();
    for file in wanted {
        let (folder, name) = match &typed {
            None => (downloads(), file.name.clone()),
            Some(path) if path.is_dir() => (path.clone(), file.name.clone()),
            Some(path) => {
                let folder =
                    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
                let name = path.file_name().unwrap_or(OsStr::new(&file.name)).to_string_lossy().into_owned();
                (folder.to_owned(), name)
            }
        };
        saved.push(download(files, file, &folder, &name).await?.display().to_string());
    }
    Ok(format!("Saved as {}", saved.join(", ")))
}

/// Opens a file with the system's program for it. It is stored in `cache`, which [`forget_opened`] empties.
///
/// # Errors
/// A sentence.
pub async fn open(files: &Files, file: &File, cache: &Path) -> Result<String, String> {
    let cannot = |e: std::io::Error| format!("{} cannot be created: {e}.", cache.display());
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(cache).map_err(cannot)?;
    let path = download(files, file, cache, &file.name).await?;
    start(path.as_os_str())?;
    Ok(format!("Opened {}", file.name))
}

/// Opens a link with the system's program for it.
///
/// # Errors
/// A sentence.
pub fn open_link(address: &str) -> Result<String, String> {
    let address = chat_markup::tree::address(address).ok_or("That is not a web address.")?;
    start(OsStr::new(&address))?;
    Ok(format!("Opened {address}"))
}

/// Starts the system's program for a path or a URL, without a shell.
fn start(what: &OsStr) -> Result<(), String> {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opener = std::env::var("CHAT_OPENER").unwrap_or_else(|_| opener.to_owned());
    let mut command = Command::new(&opener);
    command.arg(what).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        Ok(mut child) => {
            // Reap the child, so that it does not stay a zombie.
            std::thread::spawn(move || child.wait());
            Ok(())
        }
        Err(_) => Err(format!("{opener} cannot be started. Save it instead: /save")),
    }
}

/// Removes the files that an earlier run opened.
pub fn forget_opened(cache: &Path) {
    // It fails if there is no such folder, which is fine.
    let _ = std::fs::remove_dir_all(cache);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn term_14_what_strangers_call_a_file_stays_in_its_folder_and_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["-rf", "../../.bashrc", "a;reboot", "$(id)", "x", "x", "/etc/passwd", "\u{1b}[2J", "con"]
        {
            let (_, path) = make(dir.path(), name).unwrap();
            assert_eq!(path.parent(), Some(dir.path()), "{name}");
            let kept = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(!kept.starts_with(['-', '.']) && !kept.contains(char::is_control), "{kept}");
        }
        assert!(dir.path().join("x (1)").exists());
        for address in ["file:///etc/passwd", "ssh://-oProxyCommand=x", "javascript:x", "--help", "-x"] {
            assert!(open_link(address).is_err(), "{address}");
        }
    }
}
