//! The slash commands: one table, for running, completing and the help.

/// A command as the table has it.
pub struct Entry {
    /// Its name, with the slash.
    pub name: &'static str,
    /// What it takes, for the help.
    pub takes: &'static str,
    /// What it does, for the help.
    pub help: &'static str,
}

/// The table.
pub const COMMANDS: &[Entry] = &[
    Entry { name: "/join", takes: "[ROOM]", help: "go to a room, or list them" },
    Entry { name: "/create", takes: "ROOM [TOPIC]", help: "make a room" },
    Entry { name: "/leave", takes: "[ROOM]", help: "leave this room or another" },
    Entry { name: "/topic", takes: "TEXT", help: "say what the room is about" },
    Entry { name: "/who", takes: "", help: "who is in this room" },
    Entry { name: "/help", takes: "", help: "keys and commands" },
    Entry { name: "/quit", takes: "", help: "leave the program" },
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

/// Reads what was typed. `//` sends a slash; what has several lines is never a command.
#[must_use]
pub fn read(input: &str) -> Typed {
    let text = input.trim();
    if let Some(rest) = text.strip_prefix("//") {
        return Typed::Text(format!("/{rest}"));
    }
    if !text.starts_with('/') || text.contains('\n') {
        return Typed::Text(text.to_owned());
    }
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let name = name.to_lowercase();
    let meant: Vec<&Entry> = COMMANDS.iter().filter(|entry| entry.name.starts_with(&name)).collect();
    match meant.as_slice() {
        [only] if name.len() > 1 => Typed::Command(only.name, rest.trim().to_owned()),
        _ => {
            let near = COMMANDS.iter().find(|entry| is_near(entry.name, &name));
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
