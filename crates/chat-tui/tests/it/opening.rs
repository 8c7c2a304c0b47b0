//! Opening files that strangers sent: files that can only be viewed open, and every other file needs a confirmation.

use chat_proto::What;
use chat_proto::event::{Event, File, Message};
use chat_screen::action::Action;
use chat_screen::msg::{Effect, Msg, ToFiles};

use crate::person::{Person, message, user};

fn file(name: &str, media_type: &str) -> File {
    let (name, media_type) = (name.to_owned(), media_type.to_owned());
    let (id, url) = ("1".to_owned(), "/files/1".to_owned());
    File { id, name, size: 9, media_type, url, width: None, height: None, thumb: None }
}

fn with_file(file: &File) -> Event {
    let what = What::Message(Message { files: vec![file.clone()], ..Message::default() });
    Event { what, ..message("general", 2, user(2, "bob"), "") }
}

/// A person who opens the newest message's file, by a key or by the command.
fn opens(file: &File, by_command: bool) -> Person {
    let mut person = Person::live(80, 24, &["hi"]);
    person.hears(with_file(file));
    person.effects.clear();
    if by_command {
        person.types("/open");
        person.presses(Action::Send);
    } else {
        person.presses(Action::SelectUp);
        person.types("o");
    }
    person
}

fn has_opened(person: &Person) -> bool {
    person.effects.iter().any(|effect| matches!(effect, Effect::Files(ToFiles::Open(_))))
}

#[test]
fn a_picture_opens_at_one_key_and_anything_else_is_asked_about_first() {
    for by_command in [false, true] {
        assert!(has_opened(&opens(&file("cat.png", "image/png"), by_command)));
        for (name, media_type) in [
            ("Invoice.desktop", "text/plain"),
            ("x.terminal", "application/octet-stream"),
            ("a.html", "text/plain"),
            ("run.jar", "application/octet-stream"),
            ("cat.png", "application/octet-stream"),
            ("cat.pdf.exe", "application/pdf"),
        ] {
            let mut person = opens(&file(name, media_type), by_command);
            assert!(!has_opened(&person), "{name}");
            person.sees(&format!("Open {name}?"));
            person.sees(media_type);
            // Nothing opens it by accident.
            for action in [Action::Send, Action::Up, Action::PageDown, Action::Complete, Action::Newline] {
                person.presses(action);
            }
            person.happens(Msg::Paste("y".into()));
            person.types("o x");
            assert!(!has_opened(&person), "{name}");
            person.sees(&format!("Open {name}?"));
            person.types("y");
            assert!(has_opened(&person), "{name}");
            person.sees_no("Open ");
        }
    }
}

#[test]
fn a_question_is_declined_by_n_and_escape_and_leaves_the_draft_alone() {
    for decline in ["n", "\x1b"] {
        let mut person = opens(&file("a.sh", "text/plain"), false);
        match decline {
            "n" => person.types("n"),
            _ => person.presses(Action::Escape),
        }
        person.sees_no("Open a.sh?");
        person.types("y");
        assert!(!has_opened(&person));
        assert_eq!(person.model.draft().text(), "y");
    }
}

#[test]
fn the_question_shows_the_name_that_is_opened_and_obeys_nothing_in_it() {
    let mut person = opens(&file("a\u{202e}gnp.\x1b[31msh", "text/\x1b]0;x\x07plain\u{202e}"), false);
    person.sees("Open agnp.");
    let screen = person.screen();
    assert!(!screen.contains(['\u{202e}', '\u{1b}', '\u{7}']), "{screen:?}");
}
