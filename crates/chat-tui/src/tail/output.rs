//! Prints events, as text or as JSON.

use std::io::Write;

use chat_proto::event::{Event, What as Happened};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use chat_screen::clean::{self, Clean};
use chat_screen::model::item::{Item, file_line};

/// Replaces line breaks in a message: the lines after the first are indented, so that each message begins at the
/// margin.
const LINE_BREAK: &str = "\n    ";

/// Standard output.
pub(super) struct Output {
    /// The server's address, printed before the paths of files.
    pub(super) server: String,
    pub(super) json: bool,
    pub(super) zone: TimeZone,
}

impl Output {
    /// Prints an event and flushes it.
    pub(super) fn write(&self, event: &Event) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            writeln!(out, "{}", clean::json(&serde_json::to_string(event)?))?;
        } else {
            let time = Timestamp::from_millisecond(event.at.0).map(|at| at.to_zoned(self.zone.clone()));
            let time = time.map_or(String::new(), |time| time.strftime("%Y-%m-%d %H:%M ").to_string());
            // A newer kind of event may not have a time.
            let time = if event.at.0 == 0 { String::new() } else { time };
            let item = Item::of(event);
            match &event.what {
                Happened::Message(message) => {
                    if !message.text.is_empty() || message.files.is_empty() {
                        let text = Clean::text(&message.text);
                        writeln!(out, "{time}{}: {}", item.name, text.as_str().replace('\n', LINE_BREAK))?;
                    }
                    for file in &message.files {
                        let address = format!("{}{}", self.server, file.url);
                        let told = Clean::line(&format!("{}  {address}", file_line(file)));
                        writeln!(out, "{time}{}: {told}", item.name)?;
                    }
                }
                _ => {
                    if let Some(told) = changed(event) {
                        writeln!(out, "{time}* {}", Clean::line(&told))?;
                    } else {
                        writeln!(out, "{time}* {}", item.text)?;
                    }
                }
            }
        }
        out.flush()
    }
}

/// Returns the line for an event that changes a message.
fn changed(event: &Event) -> Option<String> {
    let by = &event.by.name;
    Some(match &event.what {
        Happened::Edited { target, text, .. } => format!("{by} changed message {target}: {text}"),
        Happened::Deleted { target } => format!("{by} deleted message {target}"),
        Happened::Reacted(on) => format!("{by} put {} on message {}", on.emoji, on.target),
        Happened::Unreacted(on) => format!("{by} took {} from message {}", on.emoji, on.target),
        Happened::Pinned { target } => format!("{by} pinned message {target}"),
        Happened::Unpinned { target } => format!("{by} unpinned message {target}"),
        Happened::Message(_) | Happened::Topic { .. } | Happened::Member(_) | Happened::Newer { .. } => {
            return None;
        }
    })
}
