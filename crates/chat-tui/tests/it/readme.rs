//! The picture of the terminal client in the README is what the client draws.

use chat_proto::Seq;
use chat_proto::event::{Event, Message, Reaction, What};
use chat_screen::action::Action;

use crate::person::{Person, message, user};

const BEGIN: &str = "<!-- terminal: begin -->\n```\n";
const END: &str = "```\n<!-- terminal: end -->";

/// The minutes of a working day in `general`.
fn conversation() -> Vec<Event> {
    let said = |seq, (id, name): (i64, &str), text: &str| message("general", seq, user(id, name), text);
    let with = |event: Event, change: fn(&mut Message)| {
        let What::Message(mut message) = event.what else { unreachable!() };
        change(&mut message);
        Event { what: What::Message(message), ..event }
    };
    let (alice, bob, carol) = ((1, "alice"), (2, "bob"), (3, "carol"));
    vec![
        with(said(1, bob, "The backup of last night is **verified**: 48 GiB, no errors."), |message| {
            let users = vec!["alice".into(), "carol".into()];
            message.reactions = vec![Reaction { emoji: "🎉".into(), count: 2, users }];
        }),
        said(20, carol, "Great! How long does it take to come back from one?"),
        with(
            said(40, bob, "Nine minutes. This is all:\n```sh\ncp -r backup chat-data && chat-server\n```"),
            |message| message.reply_to = Some(Seq(20)),
        ),
        said(95, carol, "@alice shall we practise it on Friday?"),
        said(130, alice, "Yes, at ten. The steps are in #dev."),
    ]
}

#[test]
fn the_readme_shows_what_the_client_draws() {
    let mut person = Person::live(80, 20, &[]);
    person.joined("general", 130, conversation());
    person.types("I'll bring **cof");
    person.presses(Action::Escape);
    let screen = person.screen();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{screen}{END}{after}")).unwrap();
    } else {
        assert_eq!(shown, screen, "UPDATE_README=1 cargo test -p chat-tui --test it readme draws it anew");
    }
}
