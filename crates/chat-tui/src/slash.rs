//! The slash commands: one table, for running, completing and the help.

use crate::rights::Needs;

/// A command as the table has it.
pub struct Entry {
    /// Its name, with the slash.
    pub name: &'static str,
    /// What one must be to use it.
    pub needs: Needs,
    /// What it takes and what it does, for the help; without them the one before tells it as well.
    pub help: Option<(&'static str, &'static str)>,
}

const fn entry(name: &'static str, needs: Needs, takes: &'static str, help: &'static str) -> Entry {
    Entry { name, needs, help: Some((takes, help)) }
}

const fn also(name: &'static str, needs: Needs) -> Entry {
    Entry { name, needs, help: None }
}

/// The table.
pub const COMMANDS: &[Entry] = &[
    entry("/join", Needs::Nothing, "/join [ROOM]", "go to a room, or list them"),
    entry("/create", Needs::Nothing, "/create ROOM [TOPIC]", "make a room for everyone"),
    entry("/private", Needs::Nothing, "/private ROOM [TOPIC]", "make a room by invitation"),
    entry("/leave", Needs::Nothing, "/leave [ROOM]", "leave this room or another"),
    entry("/topic", Needs::Nothing, "/topic TEXT", "say what the room is about"),
    entry("/dm", Needs::Nothing, "/dm NAME [TEXT]", "write to someone alone"),
    entry("/who", Needs::Nothing, "/who", "who is here; Enter offers more (F4)"),
    entry("/search", Needs::Nothing, "/search WORDS", "find messages; from:NAME in:ROOM"),
    entry("/react", Needs::Nothing, "/react EMOJI", "to the chosen or the newest message"),
    entry("/upload", Needs::Nothing, "/upload PATH [TEXT]", "send a file; Esc gives it up"),
    entry("/save", Needs::Nothing, "/save [PATH]", "keep the newest or the chosen files"),
    entry("/open", Needs::Nothing, "/open", "show a file with what you have for it"),
    entry("/notify", Needs::Nothing, "/notify all|mentions|none", "what of this room to be told of"),
    entry("/invite", Needs::Nothing, "/invite NAME", "let someone in, or tell them"),
    entry("/kick", Needs::Moderator, "/kick NAME [WHY]", "put someone out; they may come back"),
    entry("/mute", Needs::Moderator, "/mute NAME [10m] [WHY]", "let someone only read; /unmute"),
    also("/unmute", Needs::Moderator),
    entry("/ban", Needs::Moderator, "/ban NAME [2h] [WHY]", "put someone out for good; /unban"),
    also("/unban", Needs::Moderator),
    entry("/role", Needs::Moderator, "/role NAME ROLE", "owner, moderator or member"),
    entry("/kick!", Needs::Admin, "/kick! /mute! /ban! …", "the same on the whole server"),
    also("/mute!", Needs::Admin),
    also("/unmute!", Needs::Admin),
    also("/ban!", Needs::Admin),
    also("/unban!", Needs::Admin),
    also("/role!", Needs::Admin),
    entry("/banaddr", Needs::Admin, "/banaddr NAME|ADDRESS", "ban where they come from as well"),
    also("/unbanaddr", Needs::Admin),
    entry("/audit", Needs::Admin, "/audit", "what moderators and admins did"),
    entry("/register", Needs::Guest, "/register", "keep your name, with a password"),
    entry("/login", Needs::Nothing, "/login [NAME]", "come as someone else"),
    entry("/password", Needs::Account, "/password", "change your password"),
    entry("/sessions", Needs::Nothing, "/sessions", "where you are logged in; /revoke ID"),
    also("/revoke", Needs::Nothing),
    entry("/logout", Needs::Nothing, "/logout", "end this login"),
    entry("/help", Needs::Nothing, "/help", "this list"),
    entry("/quit", Needs::Nothing, "/quit", "leave the program"),
];

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A message.
    Text(String),
    /// A command of the table, and the rest of its line.
    Command(&'static str, String),
    /// A command that there is none of: what to tell.
    Unknown(String),
}

/// Reads what was typed. `//` sends a slash; what has several lines is never a command. Of commands that begin
/// alike, those count that `allowed` lets through.
#[must_use]
pub fn read(input: &str, allowed: impl Fn(Needs) -> bool) -> Typed {
    let text = input.trim();
    if let Some(rest) = text.strip_prefix("//") {
        return Typed::Text(format!("/{rest}"));
    }
    if !text.starts_with('/') || text.contains('\n') {
        return Typed::Text(text.to_owned());
    }
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let name = name.to_lowercase();
    let command = |entry: &Entry| Typed::Command(entry.name, rest.trim().to_owned());
    // Whoever types a whole name hears from the server why not.
    if let Some(exact) = COMMANDS.iter().find(|entry| entry.name == name) {
        return command(exact);
    }
    let meant: Vec<&Entry> =
        COMMANDS.iter().filter(|entry| entry.name.starts_with(&name) && allowed(entry.needs)).collect();
    match meant.as_slice() {
        [only] if name.len() > 1 => command(only),
        _ => {
            let near = COMMANDS.iter().find(|entry| allowed(entry.needs) && is_near(entry.name, &name));
            let hint = near
                .map_or("/help lists them all".to_owned(), |entry| format!("Did you mean {}?", entry.name));
            Typed::Unknown(format!("There is no command {name}. {hint} (// sends it as text)"))
        }
    }
}

/// Whether two names have the same letters but for a swap or one too many or too few.
fn is_near(name: &str, typed: &str) -> bool {
    let sorted = |s: &str| {
        let mut chars: Vec<char> = s.chars().collect();
        chars.sort_unstable();
        chars
    };
    let (a, b) = (sorted(name), sorted(typed));
    let common = a.iter().filter(|c| b.contains(c)).count();
    a.len().abs_diff(b.len()) <= 1 && common + 1 >= a.len()
}

/// A time such as `10m`, `2h` or `3d`, in milliseconds.
#[must_use]
pub fn duration(word: &str) -> Option<u64> {
    let unit = word.char_indices().next_back()?.0;
    let (number, unit) = word.split_at(unit);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok().filter(|n| *n > 0)?.checked_mul(seconds * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &str) -> Typed {
        super::read(input, |needs| needs == Needs::Nothing)
    }

    #[test]
    fn commands_texts_and_mistakes() {
        assert_eq!(read("/join dev"), Typed::Command("/join", "dev".into()));
        assert_eq!(read("/J dev"), Typed::Command("/join", "dev".into()));
        assert_eq!(read("/topic  a b "), Typed::Command("/topic", "a b".into()));
        assert_eq!(read("//etc/passwd"), Typed::Text("/etc/passwd".into()));
        assert_eq!(read("/quit\nnow"), Typed::Text("/quit\nnow".into()));
        assert_eq!(read(" hi "), Typed::Text("hi".into()));
        let Typed::Unknown(told) = read("/jion dev") else { panic!("no command") };
        assert_eq!(told, "There is no command /jion. Did you mean /join? (// sends it as text)");
        assert!(matches!(read("/"), Typed::Unknown(_)));
        assert!(matches!(read("/dance"), Typed::Unknown(told) if told.contains("/help")));
    }

    #[test]
    fn a_whole_name_is_itself_and_a_short_one_what_one_may() {
        assert_eq!(read("/ban bob"), Typed::Command("/ban", "bob".into()));
        assert_eq!(read("/ban! bob"), Typed::Command("/ban!", "bob".into()));
        assert!(matches!(read("/ba bob"), Typed::Unknown(_)));
        assert_eq!(super::read("/kic bob", |n| n != Needs::Admin), Typed::Command("/kick", "bob".into()));
    }

    #[test]
    fn times() {
        assert_eq!(duration("10m"), Some(600_000));
        assert_eq!(duration("1w"), Some(7 * 24 * 3_600_000));
        for none in ["", "m", "10", "0m", "tenm", "10x", "99999999999999999999w", "é"] {
            assert_eq!(duration(none), None, "{none}");
        }
    }
}
