//! Runs fuzz targets, which are tests named `fuzz_…`, for longer than the gate does (`chat_fuzz`).

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{cargo, number, say};

/// The arguments with which cargo runs the targets for public parsers.
const PUBLIC: &[&str] = &["-p", "chat-fuzz", "--test", "targets"];

/// The arguments with which cargo runs the targets for the server's private parsers.
const SERVER: &[&str] = &["-p", "chat-server", "--lib"];

/// Every target, and the arguments for its test program.
const TARGETS: [(&str, &[&str]); 9] = [
    ("client_frames", PUBLIC),
    ("server_frames", PUBLIC),
    ("markup", PUBLIC),
    ("keys", PUBLIC),
    ("endpoints", PUBLIC),
    ("addresses", SERVER),
    ("hosts", SERVER),
    ("snippets", SERVER),
    ("media", SERVER),
];

/// The options of `fuzz`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fuzz {
    /// One target, or `None` for all.
    target: Option<String>,
    /// How long each target runs.
    seconds: u64,
    /// The seed. If `None`, each run has a new one.
    seed: Option<u64>,
}

impl Fuzz {
    pub(crate) fn read(args: &[&str]) -> Result<Self, String> {
        let mut fuzz = Self { target: None, seconds: 5, seed: None };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match *arg {
                "--seconds" => fuzz.seconds = number(arg, rest.next())?,
                "--seed" => fuzz.seed = Some(number(arg, rest.next())?),
                target if TARGETS.iter().any(|(known, _)| *known == target) => {
                    fuzz.target = Some(target.to_owned());
                }
                other => {
                    let known = TARGETS.map(|(known, _)| known).join(", ");
                    return Err(format!("fuzz has no target or option {other}; the targets are {known}"));
                }
            }
        }
        Ok(fuzz)
    }

    /// Runs the targets one after the other. Returns whether none found anything.
    pub(crate) fn run(&self) -> Result<bool, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        let seed = self.seed.unwrap_or(now);
        let mut is_clean = true;
        for (target, program) in TARGETS {
            if self.target.as_deref().is_some_and(|only| only != target) {
                continue;
            }
            say(&format!("{target}: {} seconds, seed {seed}", self.seconds));
            let status = Command::new(cargo())
                .arg("test")
                .args(program)
                .args(["--", "--nocapture", &format!("fuzz_{target}")])
                .env("CHAT_FUZZ_SECONDS", self.seconds.to_string())
                .env("CHAT_FUZZ_SEED", seed.to_string())
                .status()
                .map_err(|e| format!("cargo cannot be run: {e}"))?;
            is_clean &= status.success();
        }
        Ok(is_clean)
    }
}

#[cfg(test)]
mod tests {
    use super::Fuzz;

    #[test]
    fn fuzz_takes_a_target_and_its_options_in_any_order() {
        let expected = Fuzz { target: Some("markup".to_owned()), seconds: 60, seed: Some(3) };
        assert_eq!(Fuzz::read(&["--seconds", "60", "markup", "--seed", "3"]), Ok(expected));
        assert_eq!(Fuzz::read(&[]).map(|fuzz| fuzz.target), Ok(None));
        assert!(Fuzz::read(&["--seconds"]).is_err());
        assert!(Fuzz::read(&["nothing"]).is_err());
    }
}
