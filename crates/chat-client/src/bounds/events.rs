//! Limits the size of an event.

use chat_proto::event::{Event, File, Message, Reaction, What};
use chat_proto::limits;

use super::{LINE_BYTES, NAME_BYTES, TEXT_BYTES, cut, cut_if_any};

/// The maximum number of different reactions to one message.
const REACTIONS: usize = 64;

/// The maximum number of people listed with a reaction.
const REACTED: usize = 256;

/// The maximum number of mentions, and of files, in one message.
const ATTACHED: usize = 10 * limits::FILES;

/// The maximum length of a file's URL, in bytes.
const URL_BYTES: usize = 1024;

/// Limits an event.
pub(super) fn event(event: &mut Event) {
    cut(&mut event.by.name, NAME_BYTES);
    match &mut event.what {
        What::Message(said) => message(said),
        What::Edited { text, html, mentions, .. } => {
            cut(text, TEXT_BYTES);
            // Half of the HTML would be different markup.
            *html = html.take().filter(|html| html.len() <= 16 * TEXT_BYTES);
            names(mentions);
        }
        What::Topic { topic } => cut(topic, LINE_BYTES),
        What::Member(change) => {
            cut(&mut change.user.name, NAME_BYTES);
            cut_if_any(&mut change.reason, LINE_BYTES);
        }
        What::Reacted(on) | What::Unreacted(on) => cut(&mut on.emoji, NAME_BYTES),
        What::Newer { kind } => cut(kind, NAME_BYTES),
        What::Deleted { .. } | What::Pinned { .. } | What::Unpinned { .. } => {}
    }
}

fn message(message: &mut Message) {
    cut(&mut message.text, TEXT_BYTES);
    message.html = message.html.take().filter(|html| html.len() <= 16 * TEXT_BYTES);
    names(&mut message.mentions);
    cut_if_any(&mut message.nonce, NAME_BYTES);
    message.files.retain(is_file);
    message.files.truncate(ATTACHED);
    for file in &mut message.files {
        cut(&mut file.name, NAME_BYTES);
    }
    message.reactions.truncate(REACTIONS);
    message.reactions.iter_mut().for_each(reaction);
}

fn reaction(reaction: &mut Reaction) {
    cut(&mut reaction.emoji, NAME_BYTES);
    reaction.users.truncate(REACTED);
    reaction.users.iter_mut().for_each(|name| cut(name, NAME_BYTES));
}

fn names(mentions: &mut Vec<String>) {
    // Part of a name may be another user's name.
    mentions.retain(|name| name.len() <= NAME_BYTES);
    mentions.truncate(ATTACHED);
}

/// Whether a file is complete within the limits: part of a URL leads elsewhere, and part of a media type is another
/// type.
fn is_file(file: &File) -> bool {
    let texts = [Some(&file.id), Some(&file.media_type), Some(&file.url), file.thumb.as_ref()];
    texts.into_iter().flatten().all(|text| text.len() <= URL_BYTES)
}
