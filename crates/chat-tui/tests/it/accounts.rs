//! Accounts in the terminal: registering, logging in and out, and what is stored.

use testbed::{Server, Terminal};

const PASSWORD: &str = "four words of nonsense";

fn start(args: &[String]) -> Terminal {
    Terminal::start(env!("CARGO_BIN_EXE_chat-tui"), args)
}

/// The arguments with another state folder, as on another computer.
fn elsewhere(server: &Server, name: &str) -> Vec<String> {
    let mut args = server.args(&format!("{name}-elsewhere"));
    args[1] = name.to_owned();
    args
}

fn kept(server: &Server, whose: &str) -> Vec<(std::path::PathBuf, Vec<u8>, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mut folders = vec![server.dir.path().join("state").join(whose)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
                files.push((path.clone(), std::fs::read(path).unwrap(), mode));
            }
        }
    }
    files
}

#[tokio::test]
async fn a_guest_registers_logs_out_and_comes_back_with_the_password() {
    let server = Server::start().await;
    let mut alice = start(&server.args("alice"));
    alice.shows("● live").await;
    alice.types("said as a guest\r");
    alice.shows("said as a guest").await;
    alice.types("/register\r");
    alice.shows("Again:").await;
    alice.types(&format!("{PASSWORD}\t{PASSWORD}"));
    alice.shows("Again:    ••••••••••").await;
    alice.types("\r");
    alice.shows("You are now registered as alice.").await;
    alice.types("on the same connection\r");
    alice.shows("on the same connection").await;
    // Text that was typed into the form cannot be recalled.
    alice.types("\x1b[A");
    alice.shows("> on the same connection").await;
    alice.types("\x1b[A");
    alice.shows("> /register").await;
    alice.types("\x03");
    alice.types("/logout\r");
    alice.shows("You are logged out.").await;
    alice.types("\x03\x03");
    assert_eq!(alice.ends().await, 0);
    assert!(!String::from_utf8_lossy(&alice.raw()).contains("nonsense"), "never drawn");
    for (path, bytes, mode) in kept(&server, "alice") {
        assert!(!String::from_utf8_lossy(&bytes).contains("nonsense"), "{path:?}");
        assert!(!path.to_string_lossy().ends_with(".token"), "deleted: {path:?}");
        assert_eq!(mode & 0o077, 0, "{path:?}");
    }
    // On another computer, the name asks for its password.
    let mut there = start(&elsewhere(&server, "alice"));
    there.shows("The name alice is registered.").await;
    there.types("not the password\r");
    there.shows("The name or the password is wrong.").await;
    there.types(&format!("\x15{PASSWORD}\r"));
    there.shows("● live  alice").await;
    there.shows("said as a guest").await;
    there.types("\x03\x03");
    assert_eq!(there.ends().await, 0);
    // And not again once the login is stored there.
    let again = start(&elsewhere(&server, "alice"));
    again.shows("● live  alice").await;
    for (path, _, mode) in kept(&server, "alice-elsewhere") {
        assert_eq!(mode & 0o077, 0, "nobody else reads {path:?}");
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_terminal_which_says_so() {
    let server = Server::start().await;
    server.add_admin("boss", PASSWORD).await;
    let log_in = async |args: &[String]| {
        let mut terminal = start(args);
        terminal.shows("Password:").await;
        terminal.types(&format!("{PASSWORD}\r"));
        terminal.shows("● live  boss").await;
        terminal
    };
    let mut here = log_in(&server.args("boss")).await;
    here.shows("You are boss, an admin.").await;
    let mut there = log_in(&elsewhere(&server, "boss")).await;
    here.types("/sessions\r");
    here.shows("Your logins").await;
    here.types("\x1b");
    here.hides("Your logins").await;
    here.types("/password\r");
    here.shows("Old password:").await;
    here.types(&format!("{PASSWORD}\tanother phrase entirely\tanother phrase entirely\r"));
    here.shows("Your password is changed").await;
    there.shows("○ offline: This login was ended").await;
    there.types("/login boss\r");
    there.shows("Password:").await;
    there.types("another phrase entirely\r");
    there.shows("● live  boss").await;
}

#[tokio::test]
async fn a_menu_on_a_name_offers_what_one_may_and_no_more() {
    let server = Server::start().await;
    server.add_admin("boss", PASSWORD).await;
    let mut carol = start(&server.args("carol"));
    carol.shows("● live").await;
    let mut boss = start(&server.args("boss"));
    boss.shows("Password:").await;
    boss.types(&format!("{PASSWORD}\r"));
    boss.shows("● live  boss").await;
    boss.shows("Online 2").await;
    // F4, then the person below.
    boss.types("\x1bOS");
    boss.shows("In #general").await;
    boss.shows("● carol").await;
    boss.types("\x1b[B\r");
    boss.shows("Kick carol from #general").await;
    boss.shows("Ban carol from the server").await;
    boss.types("\x1b[B\x1b[B\r");
    boss.shows("> /mute carol 10m").await;
    boss.types("let others talk\r");
    carol.shows("boss muted you in #general for 10 minutes: let others talk").await;
    carol.shows("You are muted here for 10 minutes").await;
    carol.types("may I?\r");
    carol.shows("You are muted for another 10 min").await;
    carol.types("\x1bOS");
    carol.shows("In #general").await;
    carol.types("\r");
    carol.shows("Message boss").await;
    assert!(!carol.contents().contains("Kick boss"), "{}", carol.contents());
    carol.types("\x1b");
    carol.hides("Message boss").await;
    carol.types("/ki\t");
    carol.shows("> /ki").await;
    assert!(!carol.contents().contains("/kick"), "{}", carol.contents());
    boss.types("/unmute carol\r");
    carol.shows("boss unmuted you in #general").await;
    carol.types("\x03thank you\r");
    boss.shows("thank you").await;
    boss.types("/dm carol between us\r");
    boss.shows("@carol").await;
    carol.shows("boss started a conversation with you").await;
    carol.types("\x1b[1;3A");
    carol.shows("between us").await;
}
