//! What is printed on the shell after the screen has closed.

use crate::identity::Identity;
use chat_screen::clean::Clean;
use chat_screen::model::pending::Pending;

/// Returns what the person should know when they quit: how many messages wait, and which are lost.
#[must_use]
pub fn words(identity: &Identity, why: Option<&Clean>, kept: &[&Pending], lost: &[&Pending]) -> Vec<String> {
    let count = |n: usize, one: &str, many: &str| {
        if n == 1 { format!("1 message {one}") } else { format!("{n} messages {many}") }
    };
    let mut lines = Vec::new();
    if !kept.is_empty() {
        let waits = count(kept.len(), "waits", "wait");
        let name = identity.name.as_deref().unwrap_or("you");
        lines.push(format!(
            "{waits} for {} and will be sent the next time {name} connects.",
            identity.endpoint.http("")
        ));
    }
    if !lost.is_empty() {
        let why = why.map_or(String::new(), |why| format!(" ({})", why.as_str().trim_end_matches('.')));
        lines.push(format!("{} neither sent nor saved{why}:", count(lost.len(), "was", "were")));
        lines.extend(lost.iter().map(|pending| pending.text.to_string()));
    }
    lines
}
