//! Rewords the server's refusals. They hint at commands of the protocol, which a person cannot type here.

use chat_proto::ErrorCode;
use chat_proto::reply::Failure;

/// Returns the server's sentence. If it hints at a command of the protocol, `hint` replaces that.
#[must_use]
pub fn words(failure: &Failure, hint: &str) -> String {
    match (&failure.code, failure.message.split_once('`')) {
        (ErrorCode::NoSuchRoom, Some((said, _))) => format!("{} {hint}", said.trim()).trim().to_owned(),
        _ => failure.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_at_a_command_that_cannot_be_typed_is_another_one_here() {
        let said = "There is no such room here. `rooms` lists those there are.";
        let failure = Failure::new(ErrorCode::NoSuchRoom, said);
        assert_eq!(words(&failure, ""), "There is no such room here.");
        assert_eq!(words(&failure, "/join lists them."), "There is no such room here. /join lists them.");
        let other = Failure::new(ErrorCode::Forbidden, "Only `alice` may.");
        assert_eq!(words(&other, "x"), other.message);
    }
}
