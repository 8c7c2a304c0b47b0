use super::*;

fn read(input: &str) -> Typed {
    super::read(input, |needs| needs == Needs::Nothing)
}

fn against(user: &str, reach: Reach) -> Against {
    Against { user: user.into(), reach, for_ms: None, reason: None }
}

#[test]
fn commands_texts_and_mistakes() {
    assert_eq!(read("/join dev"), Typed::Command(Slash::Join(Some("dev".into()))));
    assert_eq!(read("/J #dev"), Typed::Command(Slash::Join(Some("dev".into()))));
    assert_eq!(read("/join"), Typed::Command(Slash::Join(None)));
    assert_eq!(read("/topic  a b "), Typed::Command(Slash::Topic("a b".into())));
    assert_eq!(read("//etc/passwd"), Typed::Text("/etc/passwd".into()));
    assert_eq!(read("/quit\nnow"), Typed::Text("/quit\nnow".into()));
    assert_eq!(read(" hi "), Typed::Text("hi".into()));
    let Typed::Wrong(said) = read("/jion dev") else { panic!("no command") };
    assert_eq!(said, "There is no command /jion. Did you mean /join?");
    assert!(matches!(read("/"), Typed::Wrong(_)));
    assert!(matches!(read("/dance"), Typed::Wrong(said) if said.contains("/help")));
    for wrong in ["/names", "/xyz", "/pm", "/a"] {
        assert!(matches!(read(wrong), Typed::Wrong(said) if !said.contains("Did you")), "{wrong}");
    }
}

#[test]
fn a_whole_name_is_itself_and_a_short_one_what_one_may() {
    assert_eq!(read("/ban bob"), Typed::Command(Slash::Ban(against("bob", Reach::Room))));
    assert_eq!(read("/ban! bob"), Typed::Command(Slash::Ban(against("bob", Reach::Server))));
    assert!(matches!(read("/ba bob"), Typed::Wrong(_)));
    let kick = Typed::Command(Slash::Kick(against("bob", Reach::Room)));
    assert_eq!(super::read("/kic bob", |n| n != Needs::Admin), kick);
}

#[test]
fn what_is_missing_is_said_and_nothing_is_done_instead() {
    for command in commands() {
        let typed = read(command.name);
        let needs_more = matches!(typed, Typed::Wrong(_));
        let works_without_arguments = matches!(
            command.verb,
            Verb::Join
                | Verb::Leave
                | Verb::Topic
                | Verb::Who
                | Verb::React
                | Verb::Save
                | Verb::Open
                | Verb::Audit
                | Verb::Register
                | Verb::LogIn
                | Verb::Password
                | Verb::Sessions
                | Verb::LogOut
                | Verb::Help
                | Verb::Quit
        );
        assert_eq!(needs_more, !works_without_arguments, "{}: {typed:?}", command.name);
    }
}

#[test]
fn a_term_stands_before_the_reason_and_only_where_one_fits() {
    let parsed = |input: &str| match read(input) {
        Typed::Command(Slash::Mute(against) | Slash::Ban(against) | Slash::Kick(against)) => {
            (against.for_ms, against.reason.unwrap_or_default())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(parsed("/mute bob 10m calm down"), (Some(600_000), "calm down".into()));
    assert_eq!(parsed("/mute bob 10 minutes calm down"), (Some(600_000), "calm down".into()));
    assert_eq!(parsed("/ban @bob, 2h"), (Some(7_200_000), String::new()));
    assert_eq!(parsed("/ban bob calm down"), (None, "calm down".into()));
    assert_eq!(parsed("/kick bob 10m later"), (None, "10m later".into()));
}

#[test]
fn an_address_is_told_from_a_name() {
    let whence = |input: &str| match read(input) {
        Typed::Command(Slash::BanAddress { whence, .. } | Slash::UnbanAddress(whence)) => whence,
        other => panic!("{other:?}"),
    };
    assert_eq!(whence("/banaddr @bob 2h spam"), Whence::User("bob".into()));
    assert_eq!(whence("/banaddr 203.0.113.7"), Whence::Address("203.0.113.7".into()));
    assert_eq!(whence("/unbanaddr 2001:db8::/32"), Whence::Address("2001:db8::/32".into()));
}
