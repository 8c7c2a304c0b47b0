//! Files: sending, saving and opening them.

use chat_proto::emoji::replace_shortcodes;
use chat_proto::event::File;
use chat_proto::updates::Outgoing;
use chat_proto::{Seq, file_name};

use super::complain;
use super::compose::{self, NO_ROOM};
use crate::clean::Clean;
use crate::kind;
use crate::model::item::file_line;
use crate::model::{About, Model, Popup};
use crate::msg::{Effect, ToFiles, Upload, Uploaded, Uploading, one};

/// The complaint when there is nothing to save or to open.
const NO_FILE: &str = "No message here has a file.";

pub(super) fn upload(model: &mut Model, typed: String) -> Vec<Effect> {
    let Some(room) = model.current.clone() else { return complain(model, NO_ROOM) };
    if model.upload.is_some() {
        return complain(model, "Another upload is running. Wait for it, or cancel it with Esc.");
    }
    let reply_to = match model.about.take() {
        Some(About::Reply(seq)) => Some(seq),
        _ => None,
    };
    model.upload = Some(Uploading { name: Clean::line(&typed), sent: 0, size: 0 });
    one(ToFiles::Upload(Upload { typed, room, reply_to }))
}

/// Takes the progress of an upload. It may still arrive after the upload was cancelled.
pub(super) fn uploading(model: &mut Model, progress: Uploading) {
    if let Some(upload) = &mut model.upload {
        *upload = progress;
    }
}

/// Handles a finished upload: sends the message with the file.
pub(super) fn uploaded(model: &mut Model, upload: Upload, done: Result<Uploaded, String>) -> Vec<Effect> {
    model.upload = None;
    let Uploaded { file, caption } = match done {
        Ok(done) => done,
        Err(why) => return complain(model, &why),
    };
    let text = replace_shortcodes(&caption);
    let shown = format!("{text} {}", file_line(&file));
    let (room, reply_to) = (upload.room, upload.reply_to);
    let message = Outgoing { room, text, reply_to, files: vec![file.id], ..Outgoing::default() };
    compose::post(model, message, shown.trim_start())
}

/// Cancels the upload, if there is one.
pub(super) fn cancel(model: &mut Model) -> Option<Vec<Effect>> {
    model.upload.take()?;
    model.tell("Upload cancelled.");
    Some(one(ToFiles::CancelUpload))
}

/// Returns the files of the chosen message, or of the newest one that has any.
fn chosen(model: &mut Model) -> Vec<File> {
    let chosen = model.selected.take();
    let Some(room) = model.room() else { return Vec::new() };
    let item = match chosen {
        Some(seq) => room.timeline.message(seq),
        None => room.timeline.newest_with_files(),
    };
    item.map_or(Vec::new(), |item| item.more.files.clone())
}

fn files_of(model: &Model, seq: Seq) -> Vec<File> {
    let message = model.room().and_then(|room| room.timeline.message(seq));
    message.map_or(Vec::new(), |item| item.more.files.clone())
}

pub(super) fn save(model: &mut Model, to: Option<String>) -> Vec<Effect> {
    let files = chosen(model);
    if files.is_empty() {
        return complain(model, NO_FILE);
    }
    one(ToFiles::Save(files, to))
}

pub(super) fn save_of(model: &Model, seq: Seq) -> Vec<Effect> {
    one(ToFiles::Save(files_of(model, seq), None))
}

pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    match chosen(model).into_iter().next() {
        Some(file) => open_file(model, file),
        None => complain(model, NO_FILE),
    }
}

/// Opens a message's first file, or its first link if there is no file.
pub(super) fn open_of(model: &mut Model, seq: Seq) -> Vec<Effect> {
    if let Some(file) = files_of(model, seq).into_iter().next() {
        return open_file(model, file);
    }
    let message = model.room().and_then(|room| room.timeline.message(seq));
    let link = message.and_then(|item| chat_markup::tree::first_link(item.text.as_str()));
    link.map_or(Vec::new(), |link| one(ToFiles::OpenLink(link)))
}

/// Opens a file that can only be viewed, and asks before any other.
fn open_file(model: &mut Model, file: File) -> Vec<Effect> {
    let Err(why) = kind::check(&file) else { return one(ToFiles::Open(file)) };
    let lines = [
        format!("Open {}?", Clean::line(&file_name(&file.name))),
        format!("Its type is {}. {why}", Clean::line(&file.media_type)),
        "Open it only if you know what it is. /save keeps it without opening it.".to_owned(),
    ];
    let lines = lines.iter().map(|line| Clean::line(line)).collect();
    model.popup = Some(Popup::Question { lines, effect: ToFiles::Open(file).into() });
    Vec::new()
}
